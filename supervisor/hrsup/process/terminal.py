"""The terminal: lent to the program's process group while it runs, taken back with its modes as they were.

Runs in the supervisor, and owns the foreground process group of the terminal on standard input. Everything is a no-op
where standard input is no terminal, or hrsup does not run in its foreground.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress

from hrsup.lean import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FD = 0


class Terminal:
    """`lent_to` is the process group that has the terminal now; None: it is ours, or there is none."""

    def __init__(self) -> None:
        self.lent_to: int | None = None
        self._modes = _modes()

    @property
    def exists(self) -> bool:
        """Is standard input a terminal?"""
        return self._modes is not None

    def is_ours(self) -> bool:
        """Is our own process group in the foreground?"""
        return self.exists and _foreground() == os.getpgrp()

    def lend_at_start(self) -> bool:
        """Should a program have the terminal from its first moment on?

        Not as part of a pipeline: a pager behind us reads the keyboard too, and would be stopped. The program still
        gets the terminal when it first reads from it (see `Tree.check_stop`).
        """
        return self.is_ours() and not _is_pipe(1)

    def lend(self, group: int, modes: Any = None) -> bool:
        """Put a process group in the foreground if we are there; `modes` as it had set them, if it had."""
        if not self.is_ours() or not _set_foreground(group):
            return False
        self.lent_to = group
        if modes is not None:
            _set_modes(modes)
        return True

    def reclaim(self) -> None:
        """Make the terminal ours again after a command had taken it and then could not be run."""
        _set_foreground(os.getpgrp())

    def take_back(self) -> Any:
        """Make the terminal ours again, with the modes it had at the start. Returns those that the program had set."""
        group, self.lent_to = self.lent_to, None
        if group is None or _foreground() != group:  # the shell may have taken it meanwhile
            return None
        modes = _modes()
        _set_foreground(os.getpgrp())
        if modes != self._modes:
            _set_modes(self._modes)
        return modes


def stop_ourselves() -> None:
    """Stop as a job does at Ctrl-Z, the rest of a pipeline included; returns when the shell continues us.

    Our own stop is a second signal, raised in this thread: one from outside may reach us only after we have gone on. In
    an orphaned process group, where nobody could continue us, the kernel discards it and this returns at once.
    """
    before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    try:
        os.kill(0, signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, before if before is not None else signal.SIG_DFL)


def _foreground() -> int | None:
    try:
        return os.tcgetpgrp(_FD)
    except OSError:
        return None


def _set_foreground(group: int) -> bool:
    with _may_write():
        try:
            os.tcsetpgrp(_FD, group)
        except OSError:  # the group is gone, or the terminal is
            return False
    return True


def _modes() -> Any:
    try:
        import termios
    except ImportError:
        return None
    try:
        return termios.tcgetattr(_FD)
    except termios.error:
        return None


def _set_modes(modes: Any) -> None:
    import termios

    with _may_write(), suppress(termios.error):
        termios.tcsetattr(_FD, termios.TCSANOW, modes)


@contextmanager
def _may_write() -> Iterator[None]:
    """A background process that touches the terminal would be stopped by SIGTTOU."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_pipe(fd: int) -> bool:
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
