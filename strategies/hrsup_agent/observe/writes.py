"""What the program makes, writes, renames and removes in the file system. Called by the audit hook of `files`.

Runs in the user's process; owns what has been made and emptied here.
"""

from __future__ import annotations

import os
import sys
import time
from _functools import partial  # type: ignore[import-not-found]

from hrsup_agent.observe import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from hrsup_agent.agent import Agent
    from hrsup_agent.versions import Versions

_stat, _fsdecode = os.stat, os.fsdecode
# The clock by which Linux stamps files (CLOCK_REALTIME_COARSE), so that a stamp tells what came before and after.
_file_clock_ns = partial(time.clock_gettime_ns, 5) if sys.platform == "linux" else time.time_ns


class Writes:
    """`effect` and `missing` are `FileWatch`'s."""

    def __init__(self, agent: Agent, effect: Callable[[str], None], missing: Callable[[str], None]) -> None:
        self._agent, self._effect, self._missing = agent, effect, missing
        self._versions: Versions = agent.shared["versions"]
        self._made: set[str] = set()  # what this process has made or written, and not removed
        self._emptied: set[str] = set()  # of these, what was empty or not there when it wrote to it, or was put there
        self.read_back = False  # has it looked at something of that since?
        self.table: dict[str, Callable[[tuple[Any, ...]], object]] = {
            "os.remove": self._on_removal,
            "os.rmdir": self._on_removal,
            "os.mkdir": self._on_mkdir,
            "os.truncate": self._on_truncation,
            "os.rename": self._on_rename,
            "os.link": self._on_link,
            "os.symlink": self._on_link,
            "socket.bind": self._on_bind,
        }

    def is_made(self, path: str) -> bool:
        """Has this process made the file, or a folder that it is in?"""
        while path not in self._made:
            path, below = os.path.dirname(path), path
            if path == below:
                return False
        return True

    def looked_at(self, path: str) -> None:
        """The program reads this file, or lists this folder (with a slash at its end)."""
        self.read_back |= path in self._emptied

    def opened(self, path: str, report: bool, empties: bool = False) -> None:
        """A file is opened for writing. `empties`: whatever was in it is gone by that."""
        if path.endswith(".py"):
            self._versions.withdraw(path)
        if places.kind_of(path) == places.OWN:  # what is laid out for workers
            return
        try:
            inode = self._inode(path)
        except (OSError, ValueError):  # nor will it be opened
            self._missing(os.path.dirname(path))
            return
        self._written(path, report, inode, empties or inode is None)

    def _on_removal(self, arguments: tuple[Any, ...]) -> None:
        self._changed(arguments[0], arguments[1], True)

    def _on_mkdir(self, arguments: tuple[Any, ...]) -> None:
        self._changed(arguments[0], arguments[2])

    def _on_truncation(self, arguments: tuple[Any, ...]) -> None:
        if isinstance(arguments[0], int):
            _announce_block(sys._getframe(1))  # the hook's own frame is hidden
        self._changed(arguments[0])

    def _on_rename(self, arguments: tuple[Any, ...]) -> None:
        self._changed(arguments[0], arguments[2])
        self._changed(arguments[1], arguments[3])

    def _on_link(self, arguments: tuple[Any, ...]) -> None:
        self._changed(arguments[1], arguments[-1])

    def _on_bind(self, arguments: tuple[Any, ...]) -> None:
        """A Unix socket is an entry of its folder; others, and those with abstract names, are none."""
        address = arguments[1]
        if isinstance(address, (str, bytes)) and address[:1] not in ("", b"", "\0", b"\0"):
            self._changed(address)
        else:
            self._effect("a socket was bound")

    def _changed(self, name: Any, folder: int = -1, removed: bool = False) -> None:
        """`folder`: the descriptor of the folder that a relative name starts from; -1 for the working folder."""
        if isinstance(name, int):
            name = of_descriptor(name)
        if name is not None:
            path = _fsdecode(name)
            if folder >= 0 and not path.startswith("/"):
                path = f"{of_descriptor(folder)}/{path}"
            path = places.absolute(path)
            self._versions.withdraw(path)
            if places.kind_of(path) != places.OWN:
                self._written(path, places.is_data(path), None, True)
            if removed:
                self._made.discard(path)

    def _written(self, path: str, report: bool, inode: int | None, empties: bool) -> None:
        self._effect(f"{path} was written")
        self._made.add(path)
        if empties:
            self._emptied.update((path, f"{os.path.dirname(path)}/"))
        if report:  # every time, since each time it was handled it may be somebody else who writes next
            self._agent.link.send({"type": "write", "path": path, "inode": inode, "at_ns": _file_clock_ns()})

    def _inode(self, path: str) -> int | None:
        """Of the file that is opened for writing; None: it is made. Raises OSError or ValueError if it cannot be."""
        try:
            return _stat(path).st_ino
        except (OSError, ValueError):
            _stat(os.path.dirname(path) or "/")
            return None


def _announce_block(frame: FrameType) -> None:
    """Tell the resource tracker of a block of shared memory as soon as it is there. The library does so a moment later,
    when the process may have been ended; being told twice is nothing to the tracker."""
    library = sys.modules.get("multiprocessing.shared_memory")
    if library is not None and frame.f_code is library.SharedMemory.__init__.__code__:
        block = frame.f_locals["self"]
        if getattr(block, "_track", True):  # new in 3.13
            library.resource_tracker.register(block._name, "shared_memory")


def of_descriptor(descriptor: int) -> str | None:
    """The path of what is open under this number; None if that is not known."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return None
