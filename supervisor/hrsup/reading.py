"""Reading a file while others may write it (supervisor process): its version, its signature, its bytes if wanted."""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH116, PTH123

from __future__ import annotations

import os
import stat
import time
from typing import NamedTuple

from hrsup_agent.wire import content_hash

# Larger files are known by stat alone: hashing one would hold the loop up for a tenth of a second and more.
LARGE_BYTES = 64 * 1024 * 1024

# A change within one clock tick of another may leave no trace in the times. Ticks are at most 10 ms.
_RACY_NS = 20_000_000
_TRIES = 3

_SOURCE_BYTES = 1024 * 1024
_STORE_BYTES = 64 * 1024 * 1024


class Signature(NamedTuple):
    """What stat says; if it is the same later, and was not taken too soon after a change, so is the content."""

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int


class Reading(NamedTuple):
    """A file at one moment. `version` as in `hrsup.snapshot`; `signature` None if it is absent or not to be trusted."""

    version: str | None
    signature: Signature | None
    mtime_ns: int = 0
    ctime_ns: int = 0
    size: int = 0
    inode: int = 0
    data: bytes | None = None
    mode: int = 0


ABSENT = Reading(None, None)


def signature(path: str) -> Signature | None:
    """What stat says of the file (links followed), or None if it is not there."""
    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return None
    return Signature(info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino)


def is_racy(found: Signature) -> bool:
    """Was the file changed so recently that a further change might not alter its signature?"""
    return time.time_ns() - max(found.mtime_ns, found.ctime_ns) < _RACY_NS


def read_file(path: str) -> Reading | None:
    """The file as it is now; None if it kept changing while it was read."""
    for _ in range(_TRIES):
        try:
            info = os.stat(path)
            if not stat.S_ISREG(info.st_mode) or info.st_size > LARGE_BYTES:
                return _unread(info)
            reading = _read_regular(path)
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        except (OSError, ValueError):  # closed to us, a loop of links: the program cannot read it either
            return ABSENT if not os.path.lexists(path) else Reading("unreadable", None)
        if reading is not None:
            return reading
    return None


def _read_regular(path: str) -> Reading | None:
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(fd, "rb", buffering=0) as file:
        info = os.fstat(fd)
        before = _signature(info)
        data = file.read()
        racy = is_racy(before)  # asked after the reading: a change during it is younger than this
        if _signature(os.fstat(fd)) != before or signature(path) != before:
            return None
    trusted = None if racy else before
    return Reading(content_hash(data), trusted, *before, data, info.st_mode)


def _unread(info: os.stat_result) -> Reading:
    found = _signature(info)
    if stat.S_ISREG(info.st_mode):
        version = f"stat:{found.mtime_ns}:{found.size}:{found.inode}:{found.ctime_ns}"
    else:
        version = "directory" if stat.S_ISDIR(info.st_mode) else "special"
    return Reading(version, found, *found, mode=info.st_mode)


def _signature(info: os.stat_result) -> Signature:
    return Signature(info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino)


class Sources:
    """The bytes of small source files by hash, the oldest thrown away first."""

    def __init__(self, limit_bytes: int = _STORE_BYTES) -> None:
        self._limit, self._sum = limit_bytes, 0
        self._kept: dict[str, bytes] = {}

    def keep(self, path: str, reading: Reading) -> None:
        """Remember what was read, if it is source that may be compared later."""
        data, version = reading.data, reading.version
        if data is None or version is None or version in self._kept or len(data) > _SOURCE_BYTES:
            return
        if not path.endswith((".py", ".pyw", ".toml")):
            return
        self._kept[version] = data
        self._sum += len(data)
        while self._sum > self._limit:
            self._sum -= len(self._kept.pop(next(iter(self._kept))))

    def get(self, version: str | None) -> bytes | None:
        """What was remembered."""
        return None if version is None else self._kept.get(version)
