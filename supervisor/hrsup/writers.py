"""Who has written a file that changed: the program, or somebody else? Runs in the supervisor.

The agent says what the program writes through Python. Of the rest, SQLite's databases are known by name, and others are
learned (`hrsup.outputs`). Asked only where files may be read and written unseen.
"""
# ruff: noqa: PTH110, PTH116 (paths are strings here)

from __future__ import annotations

import os
from collections.abc import Callable

from hrsup.clock import file_clock_ns
from hrsup.facts import FactBook
from hrsup.outputs import LATER, OUTPUT, Outputs
from hrsup.report import Report
from hrsup.snapshot import Snapshot
from hrsup.used import FileState
from hrsup.watching.polling import filesystem, mount_types
from hrsup_strategies.base import BATCH, is_entry

_UNCOUNTED = frozenset({"", "tmpfs", "ramfs", "devtmpfs", "hugetlbfs"})  # what is written there counts for no process
_TICK_NS = 20_000_000  # a run's last writes are stamped by then


class Writers:
    """Knows when the run began and ended. `bytes_written` says how much the program has written into files so far,
    `unseen_bytes_written` how much of that the agent may not have seen (None: not known)."""

    def __init__(self, project: str, snapshot: Snapshot, book: FactBook, report: Report, since_ns: int) -> None:
        self.outputs = Outputs()
        self.bytes_written: Callable[[], int | None] = lambda: None
        self.unseen_bytes_written: Callable[[], int | None] = lambda: None
        self._project, self._snapshot, self._book, self._report = project, snapshot, book, report
        self._run, self._began_ns, self._ended_ns = 1, since_ns, 0  # not ended: 0
        self._written: int | None = None  # bytes, when that was asked last
        self._later: set[str] = set()

    def run_began(self, number: int, seconds: float) -> None:
        """A run has begun, `seconds` ago."""
        self._run, self._began_ns, self._ended_ns = number, file_clock_ns() - int(seconds * 1e9), 0
        self._written = None

    def run_ended(self, well: bool) -> set[str]:
        """The run has ended; the paths that were put off until then."""
        self._ended_ns = file_clock_ns() + _TICK_NS
        if well:
            self.outputs.succeeded(self._run, self._may_be_written)
        later, self._later = self._later, set()
        return later

    def attributed(self, state: FileState) -> FileState | None:
        """Whose is this change, if not known to be the program's? None: to be looked at when the run has ended."""
        if is_entry(state.hash) or is_entry(state.old_hash):
            return state
        running = not self._ended_ns
        ends = not running or self._book.facts.mode == BATCH
        database = state.path.removesuffix("-journal").removesuffix("-wal").removesuffix("-shm")
        if database in self._book.databases:
            if state.path.endswith(("-journal", "-shm")):
                return self._as_output(state)  # nobody reads results there
            if not ends:  # it is open all the time, so that it was the program's once says nothing
                return self._as_output(state) if self._has_written() else state._replace(own=False)
        at_s = self._moment(state.path)
        if state.own or at_s is None:
            return state
        verdict = self.outputs.changed(state.path, self._run, at_s, ends, self._written_unseen(state.path))
        name = os.path.relpath(state.path, self._project)
        if verdict == OUTPUT:
            if state.path not in self._book.facts.writes:
                self._report.warning(f"{name} changes in every run, so the program seems to write it: no run for it")
            return self._as_output(state)
        if verdict == LATER and running:
            if state.path not in self._later:
                self._report.line(f"{name} has changed in this run too, maybe by the program: looked at when it ends")
            self._later.add(state.path)
            return None
        return state

    def _as_output(self, state: FileState) -> FileState:
        self._book.facts.writes.add(state.path)
        self._snapshot.wrote(state.path)
        return state._replace(own=True)

    def _written_unseen(self, path: str) -> int | None:
        """How many bytes the program has written unseen in this run; None where writing to this path is not counted."""
        return None if filesystem(path, mount_types()) in _UNCOUNTED else self.unseen_bytes_written()

    def _has_written(self) -> bool:
        """Has the service written any file since it was asked last? Then the change of its database is put down to it:
        it cannot be told from one that others make in the same moment, and it comes with nearly every request."""
        before, self._written = self._written, self.bytes_written()
        return self._written is not None and self._written > (before or 0)

    def _moment(self, path: str) -> float | None:
        """When in the run the file was changed last, in seconds from its start; None if it was not."""
        try:
            changed_ns = os.stat(path).st_ctime_ns
        except OSError:
            changed_ns = file_clock_ns() if not self._ended_ns else 0
        inside = changed_ns >= self._began_ns and (not self._ended_ns or changed_ns <= self._ended_ns)
        return (changed_ns - self._began_ns) / 1e9 if inside else None

    def _may_be_written(self, path: str) -> bool:
        """May the run that has just ended have written the file? It has, or the file is gone."""
        return not os.path.exists(path) or self._moment(path) is not None
