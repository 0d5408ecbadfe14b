"""What can go wrong for hrsup itself, each with the exit status it ends with (supervisor process).

One boundary, in ``cli.py``, turns these into one line on standard error.
"""

from __future__ import annotations


class HrsupError(Exception):
    """Base of all errors that hrsup raises on purpose; the message is one line for a person."""

    exit_status = 1


class UsageError(HrsupError):
    """An option, a setting or an argument is wrong."""

    exit_status = 2


class CommandNotExecutable(HrsupError):
    """The command exists but cannot be run."""

    exit_status = 126


class CommandNotFound(HrsupError):
    """There is no such command."""

    exit_status = 127


class InternalError(HrsupError):
    """A fault of hrsup's own, or something it needs that this machine does not have."""

    exit_status = 1


class GuardianLost(InternalError):
    """The guardian was killed, so nobody would clean up after the supervisor; the program has been ended."""
