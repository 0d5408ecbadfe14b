"""What the running generation used of one file, and how that compares with the file on disk (supervisor process).

A version is a content hash, None for a file that is not there, ``stat:...`` for a file too large to be read at every
change.
"""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH120

from __future__ import annotations

import os
from typing import NamedTuple

from .clock import file_clock_ns
from .reading import Reading, Signature, signature

_ANNOUNCED_NS = 50_000_000  # by then, what was announced has been done
_STAMP_NS = 20_000_000  # the coarse clock lags by a tick, and newer kernels stamp some files by a finer one


class FileState(NamedTuple):
    """A file that is dirty: its version on disk, and what was used.

    `hash` is None if the file is gone; `old_hash` None if it was not there. With `unknown` the old version was never
    hashed, or there are several, so `old_hash` says little. `own`: the program itself wrote what is on
    disk.
    """

    path: str
    hash: str | None
    old_hash: str | None
    unknown: bool = False
    own: bool = False


Stamp = tuple[int, int]
"""mtime in ns, and st_mode."""


class UsedFile:
    """What is known of one path."""

    __slots__ = (
        "announced_ns",
        "base",
        "disk",
        "hashed",
        "own",
        "own_inode",
        "signature",
        "size",
        "stamp",
        "stamp_on_disk",
        "used",
    )

    def __init__(self) -> None:
        self.used: set[str | None] = set()  # versions the program was seen to use
        self.base: str | None = None  # the version it could have used, once `hashed`
        self.hashed = False
        self.signature: Signature | None = None  # of the file when it had its base; None if not to be trusted
        self.disk: tuple[str | None, Signature | None] | None = None  # version and signature at the last look
        self.size = 0  # at the last look
        self.own = False  # written by the program since it was last handled
        self.own_inode: int | None = None
        self.announced_ns = 0  # when the program said last that it is about to write the file
        self.stamp: Stamp | None = None  # time of change and mode, if the program asked for them
        self.stamp_on_disk: Stamp | None = None  # at the last look

    def take_as_base(self, reading: Reading) -> None:
        """What was read is what the generation began with."""
        self.base, self.signature, self.hashed = reading.version, reading.signature, True

    def take_as_base_if_same(self, reading: Reading) -> None:
        """The same, unless the file is not the one that was there when the generation began."""
        if self.signature in (None, reading.signature):
            self.take_as_base(reading)

    def see(self, reading: Reading) -> None:
        """What was read is on disk now."""
        self.disk, self.size = (reading.version, reading.signature), reading.size
        self.stamp_on_disk = (reading.mtime_ns, reading.mode)

    def note_use(self, version: str | None) -> bool:
        """The program used this version; is that another one than we know to be there?"""
        self.used.add(version)
        if not self.hashed and self.signature is None and not self.used - {version}:
            self.base, self.hashed = version, True  # no better evidence of what was there
        return self.base != version or self.disk is None or self.disk[0] != version

    def accept(self, version: str | None) -> None:
        """A change to this version was handled: it is the one that is used now."""
        self.used = {version} if self.used else set()
        self.base, self.hashed, self.signature = version, True, None
        self.stamp = self.stamp and self.stamp_on_disk
        if self.disk is not None and self.disk[0] == version:
            self.signature = self.disk[1]

    def is_unchanged(self, path: str) -> bool:
        """Does a look at the times suffice? For those of a large set of paths of which nothing is known."""
        if not self.used <= {self.base}:
            return False
        found = signature(path)
        if found is None:
            return self.hashed and self.base is None
        return self.signature == found

    def compared(self, path: str, reading: Reading, unseen: bool) -> FileState | None:
        """How what was read differs from what was used; None if it does not. With `unseen`, from the base, too."""
        if not self.hashed and self.signature is not None and self.signature == reading.signature:
            self.base, self.hashed = reading.version, True
        own = self.own and self.own_inode in (None, reading.inode)
        # The base is not known, and the program was not seen to use the file, or not everything is seen.
        if not self.hashed and (not self.used or (unseen and self.signature is not None)):
            return FileState(path, reading.version, None, True, own)
        versions = self.used | {self.base} if self.hashed and (unseen or not self.used) else self.used
        others = versions - {reading.version}
        if not others and self.stamp not in (None, self.stamp_on_disk) and reading.version is not None:
            return FileState(path, reading.version, reading.version, True, own)
        if not others:
            if self.hashed and self.base == reading.version:
                self.signature = reading.signature
            return None
        old = min(others, key=lambda version: (version is None, version or ""))
        unknown = len(versions) > 1 or (old is not None and old.startswith("stat:"))
        return FileState(path, reading.version, old, unknown, own)

    def is_to_come(self, path: str) -> bool:
        """Has nothing happened to the name since the program said that it is about to write it? A folder's time of
        change tells when a name in it has gone. Stamps are not exact: right after the announcement, one about as old
        may be that of an earlier deed."""
        recent = file_clock_ns() - self.announced_ns < _ANNOUNCED_NS
        for place in (path, os.path.dirname(path)):
            try:
                return os.lstat(place).st_ctime_ns < self.announced_ns + (_STAMP_NS if recent else 0)
            except OSError:
                continue
        return False
