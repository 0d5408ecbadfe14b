"""Files that the program only asks about: are they there, how large, how old? Runs in the user's process.

``os.stat`` and its kin raise no audit event, and what most programs do with them decides what they do next:
``os.path.exists("override.yaml")``. So `os.stat`, `os.lstat`, `os.access` and `os.readlink` are replaced by functions
that report and then call the real one; all of `os.path`, `pathlib`, `glob` and `shutil` goes through them. Their frames
are hidden, so tracebacks are what they were. The import system has references of its own and is not concerned. What
``os.scandir`` says of its entries is not seen here; the listing is.
"""

from __future__ import annotations

import os
import sys

from hrsup_agent.hidden import hide
from hrsup_agent.observe import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FrameType
    from typing import Any

# What of the file is asked for; each includes the one before.
NOTHING, EXISTENCE, SIZE, TIMES = 0, 1, 2, 3

_LEVELS = {"getsize": SIZE, "getmtime": TIMES, "getatime": TIMES, "getctime": TIMES}
_PATHS = ("genericpath", "posixpath")
# They walk along a path, or look for the source or the metadata of modules: the import system's business, or ours.
_RESOLVE = frozenset({"realpath", "_joinrealpath", "resolve", "samefile", "sameopenfile", "ismount", "is_mount"})
_MACHINERY = (
    *("importlib", "linecache", "zipimport", "pkgutil", "runpy", "inspect", "traceback", "warnings", "site"),
    *("hrsup_agent", "hrsup_strategies"),
)
_stat, _lstat, _fspath, _fsdecode, _abspath = os.stat, os.lstat, os.fspath, os.fsdecode, os.path.abspath


def install(
    asked: Callable[[str, int, FrameType | None], object],
    looked: Callable[[str, int, os.stat_result | None], object],
    followed: Callable[[str, str], object],
    opaque: Callable[[str], object],
) -> Looks:
    """Report every path that is asked about, every time to `asked`, once for each level to `looked` (None: it is not
    there), and every symbolic link whose target is asked for to `followed`."""
    looks = Looks(asked, looked, followed, opaque)
    seen, link = looks.seen, looks.link
    real_stat, real_lstat, real_access, real_readlink = os.stat, os.lstat, os.access, os.readlink

    @hide
    def stat(path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        seen(path, dir_fd)
        return real_stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    @hide
    def lstat(path: Any, *, dir_fd: int | None = None) -> os.stat_result:
        seen(path, dir_fd)
        return real_lstat(path, dir_fd=dir_fd)

    @hide
    def access(
        path: Any, mode: int, *, dir_fd: int | None = None, effective_ids: bool = False, follow_symlinks: bool = True
    ) -> bool:
        seen(path, dir_fd)
        return real_access(path, mode, dir_fd=dir_fd, effective_ids=effective_ids, follow_symlinks=follow_symlinks)

    @hide
    def readlink(path: Any, *, dir_fd: int | None = None) -> Any:
        seen(path, dir_fd)
        target = real_readlink(path, dir_fd=dir_fd)
        if dir_fd is None:
            link(path, target)
        return target

    for new, old in ((stat, real_stat), (lstat, real_lstat), (access, real_access), (readlink, real_readlink)):
        _stand_in(new, old)
    return looks


def _stand_in(new: Any, old: Any) -> None:
    new.__module__, new.__qualname__, new.__doc__ = "os", old.__name__, old.__doc__
    for supported in (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks):
        if old in supported:
            supported.add(new)
    setattr(os, old.__name__, new)


class Looks:
    """What was asked for so far, by path. `enabled` is False in layers."""

    def __init__(
        self,
        asked: Callable[[str, int, FrameType | None], object],
        looked: Callable[[str, int, os.stat_result | None], object],
        followed: Callable[[str, str], object],
        opaque: Callable[[str], object],
    ) -> None:
        self._asked, self._looked, self._followed, self._opaque = asked, looked, followed, opaque
        self._told: dict[Any, int] = {}
        self._data: dict[str, bool] = {}
        self._levels: dict[CodeType, int] = {}

    def forget(self, paths: Iterable[str] | None) -> None:
        """What was told of these paths (None: of all) is not true any more."""
        for path in list(self._told) if paths is None else paths:
            self._told.pop(path, None)

    @hide
    def seen(self, path: Any, folder: int | None) -> None:
        """Never raises: what is wrong with the path is said by the real function."""
        try:
            frame = sys._getframe(1)  # whoever asks: the frames of ours are hidden
            level = self._level(frame)
            if level == NOTHING or isinstance(path, int):
                return
            name = _fsdecode(path)
            if folder is not None and not name.startswith("/"):
                self._opaque("a file was looked at relative to the descriptor of a folder")
                return
            path = places.absolute(name)
            known = self._data.get(path)
            if known is None:
                known = self._data[path] = places.is_data(path)
            if known:
                self._asked(path, level, frame)
            if self._told.get(path, NOTHING) >= level:
                return
            self._told[path] = level
            if known:
                self._looked(path, level, _found(path))
        except Exception as error:
            if not isinstance(error, (TypeError, ValueError)):
                self._opaque(f"hrsup: a look at a file: {type(error).__name__}: {error}")

    @hide
    def link(self, path: Any, target: Any) -> None:
        """Somebody was told where a link leads: the program, unless the import system or a traceback asked. Never
        raises."""
        try:
            frame: FrameType | None = sys._getframe(1)
            while frame is not None and _is_of_paths(str(frame.f_globals.get("__name__", ""))):
                frame = frame.f_back
            if frame is None or str(frame.f_globals.get("__name__", "")).startswith(_MACHINERY):
                return
            place = places.absolute(_fsdecode(path))
            if places.is_data(place):
                self._asked(place, TIMES, frame)
                self._followed(place, _fsdecode(target))
        except Exception as error:
            self._opaque(f"hrsup: a look at a link: {type(error).__name__}: {error}")

    @hide
    def _level(self, frame: FrameType) -> int:
        """What the code that asks wants to know. Whoever calls ``stat`` itself may use all of the answer."""
        code = frame.f_code
        level = self._levels.get(code)
        if level is not None:
            return level
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == "pathlib":
            if code.co_name in ("stat", "lstat") and frame.f_back is not None:
                return self._level(frame.f_back)  # not remembered: it depends on the caller
            level = NOTHING if code.co_name in _RESOLVE else EXISTENCE
        elif module in _PATHS:
            level = NOTHING if code.co_name in _RESOLVE else _LEVELS.get(code.co_name, EXISTENCE)
        elif module.startswith(_MACHINERY):
            level = NOTHING
        elif places.kind_of(_abspath(code.co_filename)) == places.LIBRARY or code.co_filename.startswith("<frozen"):
            level = EXISTENCE
        else:
            level = TIMES
        self._levels[code] = level
        return level


def _is_of_paths(module: str) -> bool:
    return module in _PATHS or module.partition(".")[0] == "pathlib"


def _found(path: str) -> os.stat_result | None:
    try:
        return _stat(path)
    except (OSError, ValueError):
        return None
