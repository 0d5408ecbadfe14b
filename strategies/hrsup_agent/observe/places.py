"""Whose file is it? Runs in the user's process; owns a memory of folders, since these questions are asked all the time.

By path alone, never by package metadata: whatever lies below a ``site-packages`` or ``dist-packages`` folder is third
party, whatever lies in the interpreter's library is the library's, hrsup's own files are hrsup's, and all the rest is
the user's: an editable install is, and a virtual environment inside the project is not.
"""

from __future__ import annotations

import os
import sys

USERS, FOREIGN, LIBRARY, OWN = "users", "foreign", "library", "own"

_FOREIGN_FOLDERS = ("site-packages", "dist-packages")
# What lies here is the system's: libraries, locales, time zones, devices. /dev/shm holds data; /usr/src and
# /usr/local are where containers keep projects, so they count as the user's.
_SYSTEM = ("/proc/", "/sys/", "/etc/", "/usr/lib/", "/usr/lib64/", "/usr/share/", "/lib/", "/lib64/", "/dev/")
_DATA = ("/dev/shm/",)
# What joblib and multiprocessing make for themselves, anew each time: arrays for workers, sockets.
_PASSING = ("/joblib_memmapping_folder_", "/pymp-")

_kinds: dict[str, str] = {}
_abspath, _readlink = os.path.abspath, os.readlink


def kind_of(path: str) -> str:
    """Whose the code file at this absolute path is: ``USERS``, ``FOREIGN``, ``LIBRARY`` or ``OWN``."""
    folder = path.rpartition("/")[0]
    kind = _kinds.get(folder)
    if kind is None:
        kind = _kinds[folder] = _kind_of_folder(folder)
    return kind


def is_users(path: str) -> bool:
    """Is this a code file of the user's? `path` is as in ``co_filename``, absolute or from the working folder."""
    if path.startswith("<"):
        return False
    return kind_of(path if path.startswith("/") else _abspath(path)) == USERS


def own(*folders: str) -> None:
    """What lies in these folders is hrsup's."""
    _kinds.update(dict.fromkeys(folders, OWN))


def absolute(path: str) -> str:
    """The absolute path, not resolved, but for the ways through ``/proc`` to this process's own folders."""
    if path.startswith("/proc/"):
        parts = path.split("/", 4)  # "", proc, self, cwd, the rest
        mine = parts[2] in ("self", "thread-self", str(os.getpid()))
        if mine and len(parts) > 3 and parts[3] in ("cwd", "root"):
            rest = parts[4] if len(parts) > 4 else ""
            path = f"{_readlink('/'.join(parts[:4])).rstrip('/')}/{rest}"
    return _abspath(path)


def is_data(path: str) -> bool:
    """May a file at this absolute path, if it is opened, be input of the program?"""
    if path.startswith(_SYSTEM) and not path.startswith(_DATA):
        return False
    return kind_of(path) == USERS and not any(part in path for part in _PASSING)


def _kind_of_folder(folder: str) -> str:
    inside = folder + "/"
    if inside.startswith(_OWN):
        return OWN
    if any(f"/{name}/" in inside for name in _FOREIGN_FOLDERS):
        return FOREIGN
    return LIBRARY if inside.startswith(_LIBRARY) or (".zip/" in inside and inside.startswith(_ZIPPED)) else USERS


def _forms(*folders: str) -> tuple[str, ...]:
    """The folders as they are written and as they are without symbolic links."""
    return tuple({form.rstrip("/") + "/" for folder in folders for form in (folder, os.path.realpath(folder))})


_VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"
_LIBRARY = _forms(
    os.path.dirname(_abspath(os.__file__)),
    *(
        f"{prefix}/{lib}/{_VERSION}"
        for prefix in {sys.base_prefix, sys.base_exec_prefix}
        for lib in {"lib", sys.platlibdir}
    ),
    # What sysconfig looks at, to see whether the interpreter was installed.
    *(f"{prefix}/{name}" for prefix in {sys.base_prefix, sys.base_exec_prefix} for name in ("bin", "include")),
)
_ZIPPED = _forms(f"{sys.base_prefix}/lib/{_VERSION.replace('.', '')}.zip")
_HERE = os.path.dirname(os.path.dirname(_abspath(__file__)))
_OWN = _forms(_HERE, os.path.join(os.path.dirname(_HERE), "hrsup_strategies"))
