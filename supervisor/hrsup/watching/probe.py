"""What the settler asks about files and the repository (supervisor process)."""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH100, PTH112, PTH113, PTH116, PTH118, PTH120, PTH123

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import stat
import time

# ABSENT and EMPTY files may be in the middle of a save; a WRITER has it open; UNKNOWN: the kernel does not say.
ABSENT, EMPTY, WRITER, UNKNOWN, QUIET = "absent", "empty", "writer", "unknown", "quiet"

_STALE_LOCK_S = 60.0
_REBASE_QUIET_S = 0.1


class Probe:
    """Looks at the real files. `root` is the project's folder; git is looked for there and above."""

    def __init__(self, root: str) -> None:
        self._git = _git_directory(root)
        self._lock: tuple[int, int] | None = None
        self._lock_since = 0.0

    def state(self, path: str) -> str:
        """What a look at the file says, without waiting."""
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return QUIET  # to open a named pipe would wake its writer
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        except OSError:
            return UNKNOWN
        try:
            info = os.fstat(fd)
            writer = is_open_for_writing(fd)
            if writer:
                return WRITER
            if info.st_size == 0:
                return EMPTY
            return UNKNOWN if writer is None else QUIET
        finally:
            os.close(fd)

    def repository_busy(self, now: float) -> bool:
        """Does git hold its index lock? A lock a minute old was left behind by a crash, and does not count."""
        if self._git is None:
            return False
        try:
            info = os.stat(f"{self._git}/index.lock")
        except OSError:
            return False
        if (info.st_ino, info.st_mtime_ns) != self._lock:
            self._lock, self._lock_since = (info.st_ino, info.st_mtime_ns), now
        return now - self._lock_since < _STALE_LOCK_S and abs(time.time() - info.st_mtime) < _STALE_LOCK_S

    def repository_quiet_s(self) -> float:
        """More quiet while a rebase or a merge is under way: git drops its lock between two steps.

        The state alone must not hold edits up, since a rebase that stopped at a conflict waits for the user's edits.
        """
        if self._git is None:
            return 0.0
        for name in ("rebase-merge", "rebase-apply"):
            if os.path.lexists(f"{self._git}/{name}"):
                return _REBASE_QUIET_S
        return 0.0


def is_open_for_writing(fd: int) -> bool | None:
    """Does any process have the file behind this read-only descriptor open for writing? None: the kernel cannot say.

    A read lease is granted only while there is no writer. It is given back at once; a writer that opens the file in
    that microsecond is delayed by it, and we are sent a signal: SIGURG is chosen because it is ignored by default.
    """
    try:
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    except AttributeError:  # not Linux
        return None
    with contextlib.suppress(OSError):  # closing the descriptor gives it back as well
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _git_directory(root: str) -> str | None:
    base = os.path.abspath(root)
    while True:
        git = f"{base}/.git"
        if os.path.isdir(git):
            return git
        if os.path.isfile(git):
            try:
                with open(git, encoding="utf-8", errors="surrogateescape") as file:
                    return os.path.join(base, file.read().partition("gitdir:")[2].strip())
            except OSError:
                return None
        base, previous = os.path.dirname(base), base
        if base == previous:
            return None
