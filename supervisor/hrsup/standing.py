"""What stands between the running code and the files on disk.

Runs in the supervisor. Owns why they differ, and two sets of files: those that the program has not been brought up to
date with, and those that it needed no run for while its layers still hold them as they were before.
"""
# ruff: noqa: PTH120 (paths are strings here)

from __future__ import annotations

import os
from collections.abc import Iterable

from hrsup.changes import Changes
from hrsup.facts import FactBook
from hrsup.history import History
from hrsup.used import FileState
from hrsup_strategies.base import NOOP, Change, FileChange


class Standing:
    """`text` says why the running code is not what is on disk; None if it is. `held` has the versions of files that
    were held or failed already."""

    def __init__(self, changes: Changes, book: FactBook, history: History) -> None:
        self._changes, self._book, self._history = changes, book, history
        self.text: str | None = None
        self.held: dict[str, str | None] = {}
        self._behind: dict[str, FileChange] = {}

    def settle(self, text: str | None, old: Change | None = None) -> None:
        """From now on, `text` says why the running code is not what is on disk, and `old` is what it does not have."""
        self.text = text
        files = old.files if old is not None else []
        self.held = {file.path: file.hash for file in files}
        self._changes.unresolved = set(self.held)
        self._history.note_state(text)

    def try_again(self) -> None:
        """What was held is to be looked at as if it had just been saved."""
        self.held = {}
        self._changes.hint(set(self._changes.unresolved))

    def updated_in_place(self, states: list[FileState], change: Change) -> None:
        """The running process has this change now; `states` are what was seen of its files and of others."""
        paths = {file.path for file in change.files}
        self._changes.snapshot.accept([state for state in states if state.path in paths])
        for file in change.files:
            fact = self._book.facts.modules.get(file.path)
            if fact is not None and file.hash is not None:
                fact.hash = file.hash
        self.fall_behind(change.files)

    def fall_behind(self, files: Iterable[FileChange]) -> None:
        """These need no run, but whoever goes back to a layer that has used them goes back to an older version: line
        numbers, or what the program itself has written since."""
        facts = self._book.facts
        for file in files:
            listed = os.path.dirname(file.path) in facts.listings
            used = (facts.modules, facts.reads, facts.missing, facts.left, facts.looked)
            if listed or any(file.path in known for known in used):
                self._behind[file.path] = FileChange(file.path, NOOP, file.hash, file.old_hash)

    def behind(self, handled: Iterable[str] = ()) -> Change:
        """The files that layers may hold in an older version, but for those that are `handled` anyway."""
        known = set(handled)
        return Change([file for path, file in self._behind.items() if path not in known])

    def run_began(self) -> None:
        """A new run uses what is on disk, but for what its layer had used: only that is still behind."""
        behind, self._behind = self._behind, {}
        self.fall_behind(behind.values())
