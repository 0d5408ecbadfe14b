"""What would happen if a file were saved now, and why: `hrsup explain`. Runs in the supervisor; changes nothing."""
# ruff: noqa: PTH100, PTH110 (paths are strings, as in the facts)

from __future__ import annotations

import os

from hrsup import ladder
from hrsup.classify import classify
from hrsup.link import Message
from hrsup.snapshot import Snapshot
from hrsup.used import FileState
from hrsup_strategies import base
from hrsup_strategies.base import Facts, Plan, Refused

_NEW = "0" * 32  # the hash of a version that nobody has written yet


def explain(paths: list[str], facts: Facts, mode: str, snapshot: Snapshot, project: str, first: str) -> list[Message]:
    """For each path: `path`, `kind`, `reason`, and `strategies`: pairs of a name and what it says to such a change."""
    facts.mode = mode
    return [_explain(os.path.abspath(path), facts, snapshot, project, first) for path in paths]


def _explain(path: str, facts: Facts, snapshot: Snapshot, project: str, first: str) -> Message:
    loaded = facts.modules.get(path)
    old = loaded.hash if loaded is not None else "1" * 32 if os.path.exists(path) else None
    found = classify([FileState(path, _NEW, old)], facts, snapshot.source, project)
    change = found.change
    answer: Message = {"path": path, "kind": change.files[0].kind, "reason": found.reasons[path], "strategies": []}
    if change.files[0].kind in (base.NOOP, base.OUTPUT, base.IRRELEVANT):
        return answer
    for name in ladder.rungs(change.kinds, facts, first):
        verdict = ladder.load(name).assess(change, facts)
        answer["strategies"].append([name, _words(verdict)])
        if isinstance(verdict, Plan):
            break
    return answer


def _words(verdict: Plan | Refused) -> str:
    if isinstance(verdict, Refused):
        return f"no: {verdict.reason} ({verdict.code})"
    where = {base.PROGRAM: "in the running program", base.LAYER: "from a warm copy", base.SUPERVISOR: "a new start"}
    notes = f"; {'; '.join(verdict.notes)}" if verdict.notes else ""
    return f"yes, {where[verdict.where]}{notes}"
