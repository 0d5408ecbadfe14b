"""What has changed: from the watcher's hints to files with their kinds.

Runs in the supervisor. Level-triggered: every look compares the files on disk with the versions that the running
generation used, so an edit is never lost, whenever it comes; an event only says where to look.
"""

# Paths are strings here: they are compared with those of the agent.
# ruff: noqa: PTH100, PTH115, PTH116, PTH120

from __future__ import annotations

import contextlib
import os
import selectors
import stat
import time
from collections.abc import Callable
from typing import NamedTuple

from hrsup.announcements import Announcements
from hrsup.classify import classify, measured_in_folders
from hrsup.config import Config
from hrsup.facts import FactBook
from hrsup.link import Message
from hrsup.opens import refuse
from hrsup.report import Report
from hrsup.snapshot import Snapshot
from hrsup.used import FileState
from hrsup.watching import RESCAN
from hrsup.watching.ignore import Ignore
from hrsup.watching.probe import WRITER, Probe
from hrsup.watching.settle import Settler
from hrsup.watching.watcher import Watcher
from hrsup.writers import Writers
from hrsup_strategies.base import IRRELEVANT, NOOP, OUTPUT, Change, FileChange

IGNORABLE = frozenset({NOOP, OUTPUT, IRRELEVANT})
_INDEXED_FIRST_S = 0.2  # so long, at most, a program is kept waiting that is about to load native code
_BACKGROUND_S = 0.004  # a slice of indexing between two looks at the events
_MAX_DETECT_S = 10.0  # an mtime further back was set by whoever wrote the file
_LISTENING = 4  # times, at most, to a program that writes all the time
_OWN_S = 1.0  # so long after the program has announced a write, what happens to the file without effect is its doing
_SIZE = 2  # of the levels of `look`; above it, times were asked for, and those of a folder tell of what is in it
_TEMPORARY = frozenset(os.path.abspath(os.environ[name]) for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name))
_OBSERVED = frozenset({"module", "read", "missing", "listing", "native", "look", "link"})


class Look(NamedTuple):
    """What a look at some paths has found: all that is dirty, why each has its kind, and the versions compared.
    `touched` are the paths that somebody else than the program did something to, with or without effect."""

    touched: set[str]
    change: Change
    reasons: dict[str, str]
    states: list[FileState]

    @property
    def relevant(self) -> Change:
        """The files that influence the program."""
        return Change([file for file in self.change.files if file.kind not in IGNORABLE])

    @property
    def ignorable(self) -> list[FileChange]:
        """The files that need no run."""
        return [file for file in self.change.files if file.kind in IGNORABLE]


class Changes:
    """The watch over the project and over what the program uses. `unresolved` are files that are dirty and stay so,
    since the program could not be brought up to date with them: every look includes them. Files that were changed
    after `since_ns` (`file_clock_ns`) are not taken for what the program began with. `marks` is a folder yet to be
    made, in which layers leave their marks (`hrsup.opens`)."""

    def __init__(
        self,
        project: str,
        config: Config,
        book: FactBook,
        report: Report,
        selector: selectors.BaseSelector,
        since_ns: int,
        marks: str,
    ) -> None:
        ignore, probe = Ignore(project, config.ignore), Probe(project)
        self.snapshot = Snapshot(project, ignore, lambda path: probe.state(path) == WRITER, since_ns)
        self.unresolved: set[str] = set()
        self.hear: Callable[[], None] = lambda: None  # take in what the program has said so far
        self._project, self._book, self._report = project, book, report
        self.writers = Writers(project, self.snapshot, book, report, since_ns)
        self._failed = False  # the last run
        self._marks, self._sees_opens = marks, False
        self._ours = _written_for_us(config)
        self._watcher = Watcher(project, ignore, config.watch, config.polling, report.warning, opens=book.opens)
        book.opens.catch_up, book.opens.covers = self._on_hints, self._watcher.sees_opens
        self._settler = Settler(probe, self.snapshot.existed, self.snapshot.written)
        self._touched: set[str] = set()
        self._ignore = ignore
        self._announcements = Announcements()
        self._announced: dict[str, float] = {}  # by path, when the program last said that it writes it
        self._look_at: float | None = None
        self._hinted_at: float | None = None
        self._selector = selector
        selector.register(self._watcher.fileno(), selectors.EVENT_READ, self._on_hints)

    def close(self) -> None:
        """Watch nothing any more."""
        self._selector.unregister(self._watcher.fileno())
        self._watcher.close()

    # -- what the program says --------------------------------------------------------------------------------------

    def note(self, message: Message) -> None:
        """The program used a file: watch it, and remember which version it was."""
        kind, path = message.get("type"), str(message.get("path"))
        if kind in _OBSERVED:  # first the watch, then the comparison: nothing can slip in between
            self._watcher.add([path], entries=not _is_asked_only(message))
            self._note_use(kind, path, message)
        elif kind == "write":
            self.snapshot.wrote(path, message["at_ns"], message["inode"])
            self._announced[path] = time.monotonic()
            self._announcements.note(path, self._announced[path])
        elif kind == "foreign" and (site := self.snapshot.packages.imported(path)):
            self._watcher.add([site])
        elif kind == "opaque" and not self._sees_opens:  # the program waits until we do
            self._sees_opens = True
            self.snapshot.work(_INDEXED_FIRST_S)  # what we open afterwards looks as if the program had used it
            if not self._watcher.watch_opens(self._marks):
                refuse(self._marks)

    def _note_use(self, kind: str, path: str, message: Message) -> None:
        if kind == "module":
            self.snapshot.used(path, message["hash"])
        elif kind == "read":
            self.snapshot.read(path, message["mtime_ns"], message["size"], message["ctime_ns"])
        elif kind == "look":
            stamp = (message["mtime_ns"], message["mode"])
            self.snapshot.looked(path, message["level"], stamp, message["size"], message["ctime_ns"])
        elif kind == "missing":
            self.snapshot.missed(path)
        elif kind == "listing":
            self.snapshot.listed(path, message["at_ns"], message.get("entries"))
        elif kind == "link":
            self.snapshot.followed(path, message["target"])

    def watch(self, path: str) -> None:
        """A file that the program is not seen to use, but that has to do with a change."""
        self._watcher.add([path])

    def is_watched(self, path: str, is_folder: bool) -> bool:
        """Is it a part of the project that counts whether the program is seen to use it or not?"""
        ignored = self._ignore.directory if is_folder else self._ignore.file
        return f"{path}/".startswith(f"{self._project.rstrip('/')}/") and not ignored(path)

    def run_began(self, handled: list[FileState], number: int, seconds: float) -> None:
        """A generation has begun, `seconds` ago, that uses what is on disk, but for what its layer had used; `handled`
        is its reason."""
        self.writers.run_began(number, seconds)
        facts = self._book.facts
        used = facts.modules.keys() | facts.reads.keys() | facts.measured.keys() | facts.missing.keys()
        self.snapshot.begin(used | facts.left.keys() | facts.listings.keys() | facts.looked.keys())
        self.snapshot.accept(handled)

    def run_ended(self, well: bool) -> None:
        """What the run has written is to be looked at once more, so that later writers are told from it."""
        self._failed = not well
        self.hint(self.snapshot.own() | self.writers.run_ended(well))

    # -- looking ----------------------------------------------------------------------------------------------------

    def due(self) -> bool:
        """Is it time to look? Does a little background work when it is not."""
        suspects = self.snapshot.suspects()
        if suspects:
            self.hint(suspects)
        if self._look_at is not None and time.monotonic() >= self._look_at:
            return True
        self._announcements.settle(time.monotonic(), self.snapshot.settle)
        self._work(_BACKGROUND_S)
        return False

    def patience_s(self) -> float | None:
        """How long nothing needs to be looked at; None: until the next event."""
        now = time.monotonic()
        if self._look_at is None:
            return 0.0 if self._work(0.0) else self._announcements.patience_s(now)
        return max(self._look_at - now, 0.0)

    def _work(self, budget_s: float) -> bool:
        """Use the time in which nothing is to be looked at; is there more to do?"""
        end, packages = time.monotonic() + budget_s, self.snapshot.packages
        if self.snapshot.work(budget_s):
            return True
        while time.monotonic() < end:
            folder = packages.next_folder()
            if folder is None:
                return False
            self._watcher.add([folder])
            packages.list_folder(folder)
        return packages.has_more()

    def hint(self, paths: set[str]) -> None:
        """Look at these paths when they are stable."""
        now = time.monotonic()
        self._settler.hint(paths, now)
        self._hinted_at = self._hinted_at or now
        self._look_at = now

    def rescan(self) -> None:
        """Look at everything."""
        self._watcher.sync()
        self._on_hints()
        self.hint({RESCAN})

    def ready(self) -> set[str]:
        """The hinted paths that are stable now; they are not named again."""
        if not self.due():
            return set()
        self._on_hints()  # a path may be due for another reason: what was saved beside it is one change with it
        paths, self._look_at = self._settler.poll(time.monotonic())
        return paths

    def busy(self) -> bool:
        """Are there hints whose paths are not stable yet?"""
        return self._settler.busy()

    def look(self, paths: set[str]) -> Look:
        """Compare these paths, and the unresolved ones, with what the program used."""
        facts = self._book.facts
        unseen = bool(facts.opaque) or not facts.agent
        states = self.snapshot.dirty(paths | self.unresolved, unseen=unseen)
        if facts.running:
            states = self._heard(states, paths | self.unresolved, unseen)
        states = [state for state in states if state.path not in self._ours]
        if bool(facts.opaque) or not facts.agent:
            states = [told for state in states if (told := self.writers.attributed(state)) is not None]
        traceback_shown = self._book.last_exception is not None
        if not facts.running:
            self.snapshot.disown(paths - {state.path for state in states})
        former = self._book.former if self._failed else ()
        facts.measured = measured_in_folders(states, facts, self.snapshot.source) | facts.measured
        found = classify(states, facts, self.snapshot.source, self._project, traceback_shown, former)
        touched, self._touched = self._touched & paths, self._touched - paths
        return Look(touched - self._written(), found.change, found.reasons, states)

    def _written(self) -> set[str]:
        """What the program writes just now, be it with the same content each time."""
        since = time.monotonic() - _OWN_S
        self._announced = {path: at for path, at in self._announced.items() if at >= since}
        return set(self._announced)

    def _heard(self, states: list[FileState], paths: set[str], unseen: bool) -> list[FileState]:
        """The program says what it writes before it does, but may not have been heard yet. What was there before we
        listened, and is nobody's after it, is none of its doing."""
        for _ in range(_LISTENING):
            others = {(state.path, state.hash) for state in states if not state.own}
            if not others:
                break
            self.hear()
            states = self.snapshot.dirty(paths, unseen=unseen)
            if {(state.path, state.hash) for state in states if not state.own} <= others:
                break
        return states

    def detect_ms(self, change: Change) -> float:
        """From the last write to now, in ms, as far as the files' own times can be believed."""
        now, hinted = time.time(), self._hinted_at
        self._hinted_at = None
        ages = [now - at_s for file in change.files if (at_s := _changed_at_s(file.path)) is not None]
        believable = [age for age in ages if 0 <= age < _MAX_DETECT_S]
        since_hint = time.monotonic() - hinted if hinted is not None else 0.0
        return max(min(believable, default=since_hint), 0.0) * 1e3

    def _on_hints(self) -> None:
        hints = self._watcher.hints()
        hints = {hint for hint in hints - self._ours if not _is_bytecode(hint)}
        if hints:
            self._touched |= hints
            self.hint(hints)


def _is_asked_only(message: Message) -> bool:
    """Did the program only ask whether a folder is there in which everybody puts his files? `tempfile` and its callers
    do. What it or its children use in such a folder has a name of their own, and is watched by that; that a stranger's
    file comes or goes says nothing. In other folders, where not everything is seen, it may: a child may list them."""
    if message.get("type") != "look" or message["level"] > _SIZE or not stat.S_ISDIR(message["mode"]):
        return False
    return bool(message["mode"] & stat.S_ISVTX) or message["path"] in _TEMPORARY


def _is_bytecode(path: str) -> bool:
    """Written by whoever imports a package first."""
    return "/__pycache__" in path and path.endswith((".pyc", "/__pycache__"))


def _changed_at_s(path: str) -> float | None:
    """When the file was written, renamed or removed (unix seconds). Its mtime may be older than a rename."""
    with contextlib.suppress(OSError):
        return os.lstat(path).st_ctime
    with contextlib.suppress(OSError):
        return os.stat(os.path.dirname(path)).st_mtime
    return None


def _written_for_us(config: Config) -> set[str]:
    """Files that change because we run, and mean nothing: the events, and where the shell has sent our streams."""
    found = {os.path.abspath(config.events)} if config.events not in (None, "-") else set()
    for descriptor in (1, 2):
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                found.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        except OSError:
            continue
    return found
