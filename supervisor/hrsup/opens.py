"""Which files of the project anybody has opened, by what the kernel says of their folders.

Runs in the supervisor. Native code and child processes open files that the agent does not see. The kernel tells of each
opening of a file in a watched folder, whoever does it, in order with everything else that happens there. So a layer
that leaves a mark there before it is forked precedes the first use of every file that was not opened before the mark.
Others open files too (an editor, a search, this process itself), so that a file may count as used that is not.
"""
# ruff: noqa: PTH116 (paths are strings here)

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable


class Opens:
    """The files that have been opened since the run began. `catch_up` takes in what the kernel has told so far;
    `covers`: is every opening of the file that has this path seen?"""

    def __init__(self) -> None:
        self.catch_up: Callable[[], None] = lambda: None
        self.covers: Callable[[str], bool] = lambda path: False
        self._paths: set[str] = set()
        self._marks: dict[str, Opened] = {}
        self._lost = False  # the kernel could not tell all of it
        self._blind = False  # native code was there before we looked, in this session

    def note(self, path: str) -> None:
        """This file has been opened."""
        self._paths.add(path)

    def mark(self, name: str) -> None:
        """A layer is about to be forked, and will name this mark."""
        if not self._lost:
            self._marks[name] = Opened(self, frozenset(self._paths))

    def lose(self) -> None:
        """What has been opened is not known, until the next run begins."""
        self._lost = True
        self._marks.clear()

    def give_up(self) -> None:
        """What has been opened is not known, and will not be."""
        self._blind = True

    def before(self, mark: str) -> Opened:
        """What had been opened when this mark was made."""
        self.catch_up()
        unknown = Opened(self, None)
        return unknown if self._blind else self._marks.pop(mark, unknown)

    def begin(self, opened: Opened | None = None) -> None:
        """A run is about to begin. Call it before it does. `opened`: what the layer that it continues had opened; None:
        nothing that had to be watched."""
        self.catch_up()
        paths = frozenset[str]() if opened is None else opened.paths
        self._lost = paths is None
        self._paths = set(paths or ())


class Opened:
    """The files that had been opened at some moment; `paths` is None if that is not known."""

    __slots__ = ("_opens", "paths")

    def __init__(self, opens: Opens, paths: frozenset[str] | None) -> None:
        self._opens, self.paths = opens, paths

    def __contains__(self, name: object) -> bool:
        """May this file have been opened? One with several names may, by another of them."""
        if self.paths is None:
            return True
        path = str(name)
        try:
            real = os.path.realpath(path)
            status = os.stat(real)
        except OSError:
            return True
        one = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
        return not one or path in self.paths or real in self.paths or not self._opens.covers(real)


def refuse(marks: str) -> None:
    """Let whoever waits for the folder of marks know that openings are not watched."""
    with contextlib.suppress(OSError):
        os.close(os.open(marks, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
