"""The content store (supervisor process): which version of each file the running generation used, or could have used.

Watching is edge-triggered and may be late, doubled or lost; this is the level: a file is *dirty* while its content on
disk differs from its used version, whatever events there were. A touch is nothing, A -> B -> A is nothing, an older
mtime or a rewrite within one clock tick is noticed.

A version is a content hash, None for a file that is not there, ``stat:...`` for a file too large to be read at every
change. A path may have several used versions (read twice, edited in between): it is clean only if all of them equal the
disk. A project file that the program was not seen to use counts with its *base*, the version it had when the generation
began.
"""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH100, PTH112, PTH120

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from hrsup_strategies.base import is_entry

from .clock import file_clock_ns
from .listings import Listings
from .packages import Packages
from .reading import Reading, Signature, Sources, is_racy, read_file, signature
from .watching import RESCAN
from .watching.ignore import Ignore

# Unobserved files are hashed in the background only up to this sum: a project may hold a data lake.
BACKGROUND_BYTES = 512 * 1024 * 1024


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


class _Entry:
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


class Snapshot:
    """What the current generation used. Single-threaded; `work` is called whenever there is time.

    `open_for_writing(path)` says whether any process has the file open for writing. `since_ns` is when the program was
    started (`clock.file_clock_ns`), if that was before now: a file changed later is not the version it began with.
    """

    def __init__(
        self,
        root: str,
        ignore: Ignore,
        open_for_writing: Callable[[str], bool] = lambda path: False,
        since_ns: int | None = None,
    ) -> None:
        self.root = os.path.abspath(root)
        self._ignore, self._open_for_writing = ignore, open_for_writing
        self._entries: dict[str, _Entry] = {}
        self._sources = Sources()
        self._began_ns = since_ns
        self._indexing: Iterator[list[os.DirEntry[str]]] | None = ignore.walk(self.root)
        self._to_hash: list[tuple[int, str]] = []
        self._budget = BACKGROUND_BYTES
        self._suspects: set[str] = set()
        self._listings = Listings()
        self.packages = Packages()

    # -- in the background -------------------------------------------------------------------------------------------

    def work(self, budget_s: float) -> bool:
        """Index and hash project files for about `budget_s` seconds; is there more to do?

        Best called once before the program starts with a budget that is enough for most projects.
        """
        end = time.perf_counter() + budget_s
        while time.perf_counter() < end:
            if self._indexing is not None:
                self._index_step(self._indexing)
            elif self._to_hash:
                self._hash_step(self._to_hash.pop()[1])
            else:
                return False
        return self._indexing is not None or bool(self._to_hash)

    def _index_step(self, indexing: Iterator[list[os.DirEntry[str]]]) -> None:
        files = next(indexing, None)
        if files is None:
            self._indexing = None
            self._to_hash.sort(reverse=True)  # taken from the end: small files first
            return
        for file in files:
            if file.path not in self._entries:
                self._index(file.path, self._entries.setdefault(file.path, _Entry()))

    def _index(self, path: str, entry: _Entry) -> None:
        found = signature(path)
        if found is None:
            return
        entry.size = found.size
        if self._began_ns is not None and found.ctime_ns >= self._began_ns:
            self._suspects.add(path)  # changed since the generation began: its base is not known any more
            return
        if is_racy(found):
            self._hash_step(path)
            return
        entry.signature = found
        if found.size <= self._budget:
            self._budget -= found.size
            self._to_hash.append((found.size, path))

    def _hash_step(self, path: str) -> None:
        entry = self._entries[path]
        if entry.hashed:
            return
        reading = self._look(path, entry)
        if reading is not None and entry.signature in (None, reading.signature):
            entry.base, entry.signature, entry.hashed = reading.version, reading.signature, True

    # -- what the program says ---------------------------------------------------------------------------------------

    def begin(self, keep: Iterable[str] = ()) -> None:
        """A generation begins: forget what the last one used, but for the paths in `keep` (which a layer used)."""
        self._began_ns = self._began_ns or file_clock_ns()
        kept = set(keep)
        self._listings.keep(kept)
        for path, entry in self._entries.items():
            if path not in kept:
                entry.used.clear()
                entry.stamp = None
                if entry.own:  # what the last generation was ended at is what this one finds
                    self._rebase(path, entry)
            entry.own = False

    def used(self, path: str, hash: str) -> None:
        """The program compiled exactly this version of a module."""
        self._note(path, hash)

    def missed(self, path: str) -> None:
        """The program looked for this file, and it was not there."""
        self._note(path, None)

    def listed(self, folder: str, at_ns: int, shown: Mapping[str, str] | None = None) -> None:
        """The program listed this folder at this time (real time in ns), and was shown these (`entries_of`), if that is
        known."""
        if self._listings.listed(folder, at_ns, shown, self.written):
            self._suspects.add(folder)

    def followed(self, path: str, target: str) -> None:
        """The program asked where this symbolic link leads, and this was the answer."""
        if self._listings.followed(path, target):
            self._suspects.add(path)

    def read(self, path: str, mtime_ns: int, size: int, ctime_ns: int) -> None:
        """The program opened this file for reading when it had these times of modification and of change (ns), and this
        size (bytes)."""
        entry = self._entry(path)
        seen, given = entry.signature, (mtime_ns, size, ctime_ns)
        if entry.hashed and seen is not None and (seen.mtime_ns, seen.size, seen.ctime_ns) == given:
            entry.used.add(entry.base)
            return
        reading = self._look(path, entry)
        now = reading and (reading.mtime_ns, reading.size, reading.ctime_ns)
        if reading is not None and reading.version is not None and now == given:
            self._note(path, reading.version)
        else:  # replaced since: what was read cannot be known, so it is dirty whatever is there now
            self._note(path, f"stat:{mtime_ns}:{size}")

    def looked(self, path: str, level: int, stamp: Stamp, size: int, ctime_ns: int) -> None:
        """The program asked whether this file is there (level 1), for its size (2), for its times and mode (3)."""
        entry = self._entry(path)
        if stat.S_ISDIR(stamp[1]):
            self._note(path, "directory")
            entry.base, entry.hashed = "directory", True
            return
        if level > 1:
            self.read(path, stamp[0], size, ctime_ns)
        elif not entry.used and not (entry.hashed and entry.base is not None):
            reading = self._look(path, entry)
            if reading is not None and reading.version is None:  # gone since, and the program has seen it
                self._note(path, f"stat:{stamp[0]}:{size}")
            elif reading is not None and entry.signature in (None, reading.signature):
                entry.base, entry.signature, entry.hashed = reading.version, reading.signature, True
        if level > 2 and entry.stamp is None:  # the first one stays: two that differ are a change in between
            entry.stamp = stamp
            if entry.stamp_on_disk not in (None, stamp):
                self._suspects.add(path)

    def wrote(self, path: str, at_ns: int = 0, inode: int | None = None) -> None:
        """The program opens this file for writing, makes, renames or removes it. To be told every time. It was about to
        at `at_ns` (`file_clock_ns`), and may not have come to it yet; 0: it has. `inode`: it opens this one, and
        another file of that name is not its doing."""
        entry = self._entry(path)
        entry.own, entry.own_inode, entry.announced_ns = True, inode, at_ns

    def settle(self, path: str) -> bool:
        """Long after an announcement, the file is as it was used or handled last. Unless the program has it open, what
        comes next is somebody else's doing: the program may have failed to open or remove it, or has changed nothing.
        Is it open, so that this is to be asked again?"""
        entry = self._entries.get(path)
        if entry is None or not entry.own or self._compare(path, unseen=True, trusting=True) is not None:
            return False
        if self._listings.differs(path):  # a folder has no content: it was made or removed, and is yet to be looked at
            return False
        entry.announced_ns = 0
        self._handled(path, entry)
        return entry.own

    def own(self) -> set[str]:
        """What the program has written, and nobody has looked at since."""
        return {path for path, entry in self._entries.items() if entry.own}

    def disown(self, paths: Iterable[str]) -> None:
        """The program has ended: what is in these files now is its own, whoever changes them later."""
        for path in paths:
            entry = self._entries.get(path)
            if entry is not None and entry.own and not self._open_for_writing(path):
                entry.own = False

    def suspects(self) -> set[str]:
        """Paths to look at as if they were hinted: used in a version that is not the one we know."""
        suspects, self._suspects = self._suspects, set()
        return suspects

    def existed(self, path: str) -> bool:
        """Was there something in this file when it was last looked at?"""
        entry = self._entries.get(path)
        return entry is not None and entry.size > 0

    def written(self, path: str) -> bool:
        """Has the program written this file since it was last handled?"""
        entry = self._entries.get(path)
        return entry is not None and entry.own

    # -- comparison --------------------------------------------------------------------------------------------------

    def dirty(self, paths: Iterable[str], unseen: bool = False) -> list[FileState]:
        """Those of the files that differ from what was used, by content. A directory stands for all below it.

        With `unseen` (readers that nobody observes are possible) a file must also equal its base. A file that changes
        while it is read becomes a suspect again, and is not reported now.
        """
        paths = set(paths)
        expanded = ((path, trusting) for path, trusting in self._expanded(paths) if not self.packages.has(path))
        compared = (self._compare(path, unseen, trusting) for path, trusting in expanded)
        found = {state.path: state for state in compared if state is not None}
        for path, now, old in self._listings.differences(self._listings.all() if RESCAN in paths else paths):
            found.setdefault(path, FileState(path, now, old, own=self.written(path)))
        for path, now, old in self.packages.differences(None if RESCAN in paths else paths):
            found[path] = FileState(path, now, old, True, self.written(path))
        return sorted(found.values(), key=lambda state: state.path)

    def accept(self, states: Iterable[FileState]) -> None:
        """These changes were handled: the versions that they name are the used ones now, not what is there since."""
        for state in states:
            self._listings.accept(state.path, state.hash)
            if self.packages.has(state.path):
                self.packages.accept(state.path, state.hash)
                continue
            if is_entry(state.hash) or is_entry(state.old_hash):
                known = self._entries.get(state.path)
                # What the program knows of the folder or link itself is another question, and may come up later.
                if known is not None and self._compare(state.path, False, False) is None:
                    self._handled(state.path, known)
                continue
            entry = self._entry(state.path)
            entry.used = {state.hash} if entry.used else set()
            entry.base, entry.hashed, entry.signature = state.hash, True, None
            entry.stamp = entry.stamp and entry.stamp_on_disk
            if entry.disk is not None and entry.disk[0] == state.hash:
                entry.signature = entry.disk[1]
            self._handled(state.path, entry)

    def source(self, path: str, hash: str | None) -> bytes | None:
        """The bytes of this version of a small source file, if they were kept."""
        return self._sources.get(hash)

    def _handled(self, path: str, entry: _Entry) -> None:
        """Whose is what happens to this file from now on?"""
        if not entry.own or _is_to_come(path, entry.announced_ns):
            return
        found = signature(path)
        if found is not None and self._open_for_writing(path):
            entry.own_inode = found.inode  # more of the program's own is to come
        else:
            entry.own = False

    def _rebase(self, path: str, entry: _Entry) -> None:
        reading = self._look(path, entry)
        if reading is not None:
            entry.base, entry.signature, entry.hashed = reading.version, reading.signature, True

    def _compare(self, path: str, unseen: bool, trusting: bool) -> FileState | None:
        entry = self._entries.get(path)
        if entry is not None and trusting and self._is_unchanged(path, entry):
            return None
        entry = entry or self._entry(path)
        reading = self._look(path, entry)
        if reading is None:
            self._suspects.add(path)
            return None
        if not entry.hashed and entry.signature is not None and entry.signature == reading.signature:
            entry.base, entry.hashed = reading.version, True
        own = entry.own and entry.own_inode in (None, reading.inode)
        # The base is not known, and the program was not seen to use the file, or not everything is seen.
        if not entry.hashed and (not entry.used or (unseen and entry.signature is not None)):
            return FileState(path, reading.version, None, True, own)
        versions = entry.used | {entry.base} if entry.hashed and (unseen or not entry.used) else entry.used
        others = versions - {reading.version}
        if not others and entry.stamp not in (None, entry.stamp_on_disk) and reading.version is not None:
            return FileState(path, reading.version, reading.version, True, own)
        if not others:
            if entry.hashed and entry.base == reading.version:
                entry.signature = reading.signature
            return None
        old = min(others, key=lambda version: (version is None, version or ""))
        unknown = len(versions) > 1 or (old is not None and old.startswith("stat:"))
        return FileState(path, reading.version, old, unknown, own)

    def _is_unchanged(self, path: str, entry: _Entry) -> bool:
        """Does a look at the times suffice? For those of a large set of paths of which nothing is known."""
        if not entry.used <= {entry.base}:
            return False
        found = signature(path)
        if found is None:
            return entry.hashed and entry.base is None
        return entry.signature == found

    def _expanded(self, paths: Iterable[str]) -> Iterator[tuple[str, bool]]:
        """Single paths, each with: does an unchanged stat suffice?"""
        single: set[str] = set()
        below: set[str] = set()
        for path in paths:
            if path == RESCAN:
                below |= self._entries.keys() | self._project_files(self.root)
            elif os.path.isdir(path) or self._is_lost_directory(path):
                below |= self._below(path)
                single |= {path} & self._entries.keys()
            else:
                single.add(path)
        yield from ((path, False) for path in single)
        yield from ((path, True) for path in below - single)

    def _is_lost_directory(self, path: str) -> bool:
        return path not in self._entries and not os.path.lexists(path)

    def _below(self, path: str) -> set[str]:
        prefix = path.rstrip("/") + "/"
        known = {known for known in self._entries if known.startswith(prefix)}
        return known | self._project_files(path) if f"{path}/".startswith(f"{self.root}/") else known

    def _project_files(self, top: str) -> set[str]:
        return {file.path for files in self._ignore.walk(top) for file in files}

    def _note(self, path: str, version: str | None) -> None:
        entry = self._entry(path)
        entry.used.add(version)
        if not entry.hashed and entry.signature is None and not entry.used - {version}:
            entry.base, entry.hashed = version, True  # no better evidence of what was there
        if entry.base != version or entry.disk is None or entry.disk[0] != version:
            self._suspects.add(path)

    def _entry(self, path: str) -> _Entry:
        entry = self._entries.get(path)
        if entry is None:
            entry = self._entries[path] = _Entry()
            # Not in a complete index: it was not there.
            entry.hashed = self._indexing is None and path.startswith(f"{self.root}/") and not self._ignore.file(path)
        return entry

    def _look(self, path: str, entry: _Entry) -> Reading | None:
        reading = read_file(path)
        if reading is not None:
            entry.disk, entry.size = (reading.version, reading.signature), reading.size
            entry.stamp_on_disk = (reading.mtime_ns, reading.mode)
            self._sources.keep(path, reading)
        return reading


def _is_to_come(path: str, announced_ns: int) -> bool:
    """Has nothing happened to the name since the program said that it is about to write it? A folder's time of change
    tells when a name in it has gone. Stamps are not exact: right after the announcement, one about as old may be
    that of an earlier deed."""
    recent = file_clock_ns() - announced_ns < _ANNOUNCED_NS
    for place in (path, os.path.dirname(path)):
        try:
            return os.lstat(place).st_ctime_ns < announced_ns + (_STAMP_NS if recent else 0)
        except OSError:
            continue
    return False
