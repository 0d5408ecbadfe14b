"""Names in /dev/shm that ended processes of the program have left there.

Runs in the supervisor and in the guardian. Resource trackers unlink what they were told of. Of what a process had just
made when it was ended nobody has told them, nor of folders that joblib makes anew after it has forgotten them. So each
process is looked at just before it is ended: what it has open there is in its memory map (by its inode: the name shown
is one that it had for a moment), and loky and joblib put the pid of the maker into the name. Other names than those of
these libraries are left alone.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = "/dev/shm"
_MADE_BY = re.compile(r"(?:sem\.loky-|joblib_memmapping_folder_)(\d+)[-_]")
_SEMAPHORE = re.compile(r"sem\.[\w-]+-[a-z0-9_]{8}")  # as multiprocessing names them
_MAPPED = re.compile(rb"^\S+ \S+ \S+ \S+ (\d+) +/dev/shm/sem\.", re.MULTILINE)


class Shared:
    """What the processes of one tree have there."""

    def __init__(self) -> None:
        self._pids: set[int] = set()
        self._inodes: set[int] = set()

    def note(self, pid: int) -> None:
        """The process is about to be ended."""
        self._pids.add(pid)
        self._inodes |= _opened(pid)

    def unlink_left(self) -> None:
        """All processes have ended: remove what nobody else has, or has made."""
        if not self._pids:  # there are machines with many names there
            return
        with suppress(OSError):
            names = set(os.listdir(_FOLDER))  # noqa: PTH208 (importing pathlib costs the program's start 3 ms)
            for name in names:
                made_by = _MADE_BY.match(name)
                if made_by is not None and int(made_by[1]) in self._pids and not _lives(made_by[1]):
                    remove(f"{_FOLDER}/{name}")
            made = (name for name in names if _SEMAPHORE.fullmatch(name)) if self._inodes else ()
            left = {inode: name for name in made if (inode := _inode(name)) in self._inodes}
            for pid in _processes() if left else ():
                for inode in left.keys() & _opened(int(pid)):
                    del left[inode]
            for name in left.values():
                remove(f"{_FOLDER}/{name}")


def _opened(pid: int) -> set[int]:
    """The inodes of the semaphores that the process has open."""
    try:
        with open(f"/proc/{pid}/maps", "rb", buffering=0) as file:  # noqa: PTH123
            return set(map(int, _MAPPED.findall(file.readall())))
    except OSError:
        return set()


def _inode(name: str) -> int:
    try:
        return os.stat(f"{_FOLDER}/{name}").st_ino  # noqa: PTH116
    except OSError:
        return 0


def _processes() -> Iterator[str]:
    return (name for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208


def _lives(pid: str) -> bool:
    return os.path.exists(f"/proc/{pid}")  # noqa: PTH110


def remove(path: str) -> None:
    """A file or a whole folder, if it is there and may be removed."""
    if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):  # somebody else's, or gone
            os.unlink(path)  # noqa: PTH108
