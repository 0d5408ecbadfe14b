"""The content store (supervisor process): which version of each file the running generation used, or could have used.

Watching is edge-triggered and may be late, doubled or lost; this is the level: a file is *dirty* while its content on
disk differs from its used version, whatever events there were. A touch is nothing, A -> B -> A is nothing, an older
mtime or a rewrite within one clock tick is noticed.

A path may have several used versions (read twice, edited in between): it is clean only if all of them equal the
disk. A project file that the program was not seen to use counts with its *base*, the version it had when the generation
began.
"""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH100, PTH112

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from hrsup_strategies.base import is_entry

from .clock import file_clock_ns
from .listings import Listings
from .packages import Packages
from .reading import Reading, Sources, is_racy, read_file, signature
from .used import FileState, Stamp, UsedFile
from .watching import RESCAN
from .watching.ignore import Ignore

# Unobserved files are hashed in the background only up to this sum: a project may hold a data lake.
BACKGROUND_BYTES = 512 * 1024 * 1024


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
        self._entries: dict[str, UsedFile] = {}
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
                self._index(file.path, self._entries.setdefault(file.path, UsedFile()))

    def _index(self, path: str, entry: UsedFile) -> None:
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
        if reading is not None:
            entry.take_as_base_if_same(reading)

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
            elif reading is not None:
                entry.take_as_base_if_same(reading)
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
        if entry is None or not entry.own:
            return False
        if not entry.is_unchanged(path) and self._compare(path, unseen=True) is not None:
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
        while it is read, or that somebody is writing just now while only its directory is asked about, becomes a
        suspect again, and is not reported now.
        """
        paths = set(paths)
        expanded = ((path, below) for path, below in self._expanded(paths) if not self.packages.has(path))
        compared = (
            self._compare(path, unseen) for path, below in expanded if not below or self._is_to_compare_below(path)
        )
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
                if known is not None and self._compare(state.path, unseen=False) is None:
                    self._handled(state.path, known)
                continue
            entry = self._entry(state.path)
            entry.accept(state.hash)
            self._handled(state.path, entry)

    def source(self, path: str, hash: str | None) -> bytes | None:
        """The bytes of this version of a small source file, if they were kept."""
        return self._sources.get(hash)

    def _handled(self, path: str, entry: UsedFile) -> None:
        """Whose is what happens to this file from now on?"""
        if not entry.own or entry.is_to_come(path):
            return
        found = signature(path)
        if found is not None and self._open_for_writing(path):
            entry.own_inode = found.inode  # more of the program's own is to come
        else:
            entry.own = False

    def _rebase(self, path: str, entry: UsedFile) -> None:
        reading = self._look(path, entry)
        if reading is not None:
            entry.take_as_base(reading)

    def _is_to_compare_below(self, path: str) -> bool:
        """Of a directory that was asked about: may this file have changed, and is nobody in the middle of saving it?"""
        entry = self._entries.get(path)
        if entry is not None and entry.is_unchanged(path):
            return False
        if (entry is not None and entry.own) or not self._open_for_writing(path):
            return True
        self._suspects.add(path)
        return False

    def _compare(self, path: str, unseen: bool) -> FileState | None:
        entry = self._entry(path)
        reading = self._look(path, entry)
        if reading is None:
            self._suspects.add(path)
            return None
        return entry.compared(path, reading, unseen)

    def _expanded(self, paths: Iterable[str]) -> Iterator[tuple[str, bool]]:
        """Single paths, each with: is it here for a directory above it (an unchanged stat suffices then)?"""
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
        if self._entry(path).note_use(version):
            self._suspects.add(path)

    def _entry(self, path: str) -> UsedFile:
        entry = self._entries.get(path)
        if entry is None:
            entry = self._entries[path] = UsedFile()
            # Not in a complete index: it was not there.
            entry.hashed = self._indexing is None and path.startswith(f"{self.root}/") and not self._ignore.file(path)
        return entry

    def _look(self, path: str, entry: UsedFile) -> Reading | None:
        reading = read_file(path)
        if reading is not None:
            entry.see(reading)
            self._sources.keep(path, reading)
        return reading
