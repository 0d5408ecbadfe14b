"""What must be the same for a fork of the image to stand in for a newly started worker. Runs in the coordinator.

A fork inherits from the image what a start inherits from the coordinator. So the coordinator compares what it would
hand down with what it has handed down to the image. Descriptors, umask and signal mask are not compared: they are sent
along with each order.
"""

from __future__ import annotations

import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

SPAWN = "from multiprocessing.spawn import spawn_main"
_ARGUMENTS = (22, 23)  # of fork_exec, `allow_vfork` being the last; it is gone in 3.14
PASS_FDS, ENVIRONMENT = 3, 5
ERRPIPE_READ, ERRPIPE_WRITE = 12, 13


class Terms:
    """Two starts with equal terms differ in nothing but their last words, their descriptors, umask and signal mask."""

    __slots__ = ("_inherited", "command", "environment", "executables")

    def __init__(self, command: tuple[str, ...], executables: tuple[bytes, ...], environment: dict[bytes, bytes]):
        self.command, self.executables, self.environment = command, executables, environment
        self._inherited = _inherited()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Terms) and all(getattr(self, name) == getattr(other, name) for name in Terms.__slots__)

    __hash__ = None  # type: ignore[assignment]


def terms(arguments: Sequence[Any]) -> Terms | None:
    """Those of this call of ``fork_exec``, now; None for one that no fork of the image may stand in for."""
    command = _command(arguments[0])
    if command is None or not _is_plain(arguments):
        return None
    return Terms(command, tuple(_bytes(name) for name in arguments[1]), _environment(arguments[ENVIRONMENT]))


def mask_and_umask() -> tuple[int, int]:
    """The calling thread's blocked signals, as a set of bits, and the umask."""
    return int(_status(b"SigBlk:"), 16), int(_status(b"Umask:"), 8)


def _command(args: Sequence[Any]) -> tuple[str, ...] | None:
    """The words that all workers of this kind begin with: interpreter, flags, ``-m module`` or ``-c import``."""
    words = [word.decode("utf-8", "surrogateescape") if isinstance(word, bytes) else str(word) for word in args]
    for at in range(1, len(words) - 1):
        if words[at] == "-m":
            return tuple(words[: at + 2])
        if words[at] == "-c":
            return (*words[: at + 1], SPAWN) if words[at + 1].startswith(SPAWN) else None
    return None


def _is_plain(arguments: Sequence[Any]) -> bool:
    """Nothing is asked for but descriptors and an environment: what loky and multiprocessing pass."""
    if len(arguments) not in _ARGUMENTS:
        return False
    close_fds, cwd, streams = arguments[2], arguments[4], arguments[6:12]
    restore_signals, setsid, group, *identity, umask, preexec = arguments[14:22]
    return (
        bool(close_fds)
        and cwd is None
        and all(number == -1 for number in (*streams, group, umask))
        and not (restore_signals or setsid)
        and identity == [None, None, None]
        and preexec is None
    )


def _environment(given: Any) -> dict[bytes, bytes]:
    if given is None:
        import os

        return dict(os.environb)
    pairs = (item.partition(b"=") for item in given)
    return {name: value for name, _, value in pairs}


def _inherited() -> tuple[Any, ...]:
    """What a new process takes over from this one, and what a pool tells it of this one (argv and path)."""
    ignored = _status(b"SigIgn:")
    streams = [(status.st_dev, status.st_ino, status.st_rdev) for status in map(posix.fstat, (0, 1, 2))]
    who = posix.getresuid(), posix.getresgid(), posix.getgroups(), posix.getsid(0), posix.getpgid(0)
    limits = _read("/proc/self/limits")
    share = posix.getpriority(posix.PRIO_PROCESS, 0), posix.sched_getaffinity(0)
    return posix.getcwd(), list(sys.path), list(sys.argv), who, streams, ignored, limits, share


def _status(field: bytes) -> bytes:
    """Of the calling thread, since a signal mask is a thread's."""
    data = _read("/proc/thread-self/status")
    return data[data.index(b"\n" + field) + 1 :].split(None, 2)[1]


def _read(path: str) -> bytes:
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        return posix.read(descriptor, 1 << 16)
    finally:
        posix.close(descriptor)


def _bytes(name: Any) -> bytes:
    return name if isinstance(name, bytes) else str(name).encode("utf-8", "surrogateescape")
