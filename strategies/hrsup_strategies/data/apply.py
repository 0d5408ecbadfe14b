"""Bringing changed data into the running program: in place if that can be proved, else by watching it read again.

Runs in the user's process, on the main thread.
"""

from __future__ import annotations

import os
import sys

from hrsup_strategies.base import DONE, Outcome
from hrsup_strategies.data.pools import Pools
from hrsup_strategies.data.proof import DataCommit
from hrsup_strategies.data.reread import Reread, observe, refused
from hrsup_strategies.reload.codes import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_strategies.base import Program

    Handlers = list[tuple[str, Callable[[], object]]]
    Use = tuple[int, bool, bool]


def begin(detail: dict[str, Any], program: Program) -> tuple[Outcome | None, InPlace | Reread | None]:
    """Bring in what the plan names (see `hrsup_strategies.data`); the answer goes to ``program.reply``. A refusal if
    one of the files has no handler, its old content may be kept, and it cannot be seen read again either."""
    files: list[dict[str, Any]] = detail["files"]
    handlers: Handlers = []
    plain = []
    program.tell_again(file["path"] for file in files)
    for file in files:
        if own := handlers_of(file["path"]):
            handlers += [(file["path"], handler) for handler in own]
        elif file["code"] is not None:
            return refused(file["code"], file["reason"], file["path"]), None
        else:
            plain.append(file)
    try:
        used = lines_of(plain, program)
    except Refusal as refusal:
        return refusal.outcome(), None
    lines = [use for uses in used.values() for use in uses.values()]
    if all(importing or direct for _, importing, direct in lines):
        commit = InPlace(used, handlers, program, Pools.of(detail), detail.get("behind", {}))
        try:
            return None, commit if commit.begin() else None
        except Refusal as refusal:
            if any(importing for _, importing, _ in lines) or detail.get("workers"):
                return refusal.outcome(), None
    if detail.get("workers"):
        return refused("HR505", "a worker process may have been given something of it", plain[0]["path"]), None
    return observe(plain, handlers, program)


def lines_of(files: list[dict[str, Any]], program: Program) -> dict[str, dict[str, Use]]:
    """The lines that used what changed, by the file; see `Program.uses`. Raises Refusal (HR508, HR510)."""
    used: dict[str, dict[str, Use]] = {}
    for file in files:
        path = file["path"]
        found = program.uses(path, "opened", "measured")
        if file["presence"]:
            found = program.uses(path, "opened", "measured", "looked", "listed")
            found = _both(found, program.uses(os.path.dirname(path), "listed"))
        for site in file["by_workers"]:
            found = _both(found, {site: (1, False, True)})
        used[path] = found
    for file in files:
        if file["written"] and any(importing for _, importing, _ in used[file["path"]].values()):
            raise Refusal("HR510", "the program writes it itself, and read it at import time", file["path"])
    for path, lines in used.items():
        if not lines and not any(used[above] for above in used if path.startswith(f"{above}/")):
            raise Refusal("HR508", "it is not known which line used it", path)
        if "" in lines:
            raise Refusal("HR508", "it is not known which line used it", path)
    return used


def _both(one: dict[str, Use], other: dict[str, Use]) -> dict[str, Use]:
    found = dict(one)
    for site, (times, importing, direct) in other.items():
        known = found.get(site, (0, False, True))
        found[site] = known[0] + times, known[1] or importing, known[2] and direct
    return found


class InPlace:
    """One change that is brought in at the boundary of the running loop, handlers included."""

    def __init__(
        self,
        used: dict[str, dict[str, Use]],
        handlers: Handlers,
        program: Program,
        pools: Pools | None,
        behind: dict[str, str | None],
    ) -> None:
        self._handlers, self._program = handlers, program
        sites = [(path, site) for path, lines in used.items() for site in lines]
        self._commit = DataCommit(sites, program, self._done, pools) if sites else None
        if self._commit is not None:
            self._commit.behind = behind
        self._calls: Reread | None = None

    def begin(self) -> bool:
        """Is the answer still to come? Raises Refusal."""
        if self._commit is None:
            return self._handle({})
        try:
            outcome = self._commit.begin()
        except Refusal:
            self._commit.release()
            raise
        if outcome is None:
            return True
        self._commit.release()
        return self._done(outcome)

    def stop(self) -> None:
        """Forget it all; no answer will be given any more."""
        for waiting in (self._commit, self._calls):
            if waiting is not None:
                (waiting.cancel if isinstance(waiting, DataCommit) else waiting.stop)()

    def _done(self, outcome: Outcome) -> bool:
        if outcome.state == DONE and self._handlers:
            return self._handle(outcome.evidence)
        self._program.reply(outcome)
        return False

    def _handle(self, evidence: dict[str, Any]) -> bool:
        self._calls = Reread({}, {}, self._handlers, self._program, evidence)
        self._calls.start()
        return self._calls.is_waiting


def handlers_of(path: str) -> list[Callable[[], object]]:
    """The program's own handlers for a change of this file."""
    api = sys.modules.get("hrsup_agent.api")
    handlers: list[Callable[[], object]] = api.handlers_of(path) if api is not None else []
    return handlers
