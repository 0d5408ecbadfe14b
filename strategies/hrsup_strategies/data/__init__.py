"""`data`: changed data reaches the program while its modules stay loaded.

`assess` runs in the supervisor, `perform` in the user's process. A batch goes back to a layer that was taken before the
file was first read. In a service, a change of data is handled when

* a handler registered with ``hrsup.on_change`` has returned, or
* it is *proved* that at the boundary of the running loop nothing of the old data is left: what used the file at import
  time is executed again, and what the loop does with it is not kept (``seeds``, ``proof``), or
* every line that is known to have read the file was *seen* to read it again after the change (``reread``).

Whatever else is refused: a file read once before the loop has left its content in places that nobody can name.
"""

from __future__ import annotations

from hrsup_strategies.base import (
    BATCH,
    DATA,
    NOOP,
    PROGRAM,
    Change,
    Facts,
    FileChange,
    Outcome,
    Plan,
    Refused,
    is_entry,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.base import Program

CODES = {
    "HR501": "The change is not one of data alone.",
    "HR502": "The file was used while a statement was executed that cannot be executed again.",
    "HR503": "The file was not read again by every line that had read it.",
    "HR504": "Something may have read the file unseen.",
    "HR505": "A worker process may keep something of the file.",
    "HR506": "The program's own handler for the file failed.",
    "HR507": "The file is gone, and what was made of it may still be in use.",
    "HR508": "It is not known which line made use of the file.",
    "HR509": "The file is read again, but the program may keep what it made of it earlier.",
    "HR510": "The program writes the file itself, and read it at import time.",
}

REREAD_S = 2.0  # how long a service may take to come to a boundary of its loop, or by its file again


class Data:
    """See the module."""

    name = "data"

    def __init__(self) -> None:
        self._waiting: Any = None  # what `cancel` must undo

    def assess(self, change: Change, facts: Facts) -> Plan | Refused:
        """A layer for a batch, which must also precede files that count as nothing; for a service, the lines whose
        reading is to be watched."""
        for file in change.files:
            if file.kind != DATA and not (file.kind == NOOP and facts.mode == BATCH):
                return Refused("HR501", "data alone can be applied while the program runs", file.path)
        if facts.mode == BATCH:
            from hrsup_strategies.targets import plan_for_layer

            return plan_for_layer(self.name, change, facts)
        files = [expectation(file, facts) for file in change.files]
        workers = sorted(pid for pids in facts.pools.values() for pid in pids)
        notes = [f"{item['path']} may need a handler: {item['reason']}" for item in files if item["reason"]]
        detail: dict[str, Any] = {"files": files, "deadline_s": REREAD_S}
        if workers:  # their tasks have to end first
            detail |= {"workers": workers, "forked": facts.forked, "drain_s": facts.drain_s}
            detail["deadline_s"] += facts.drain_s
        return Plan(self.name, PROGRAM, detail=detail, notes=notes)

    def perform(self, plan: Plan, program: Program) -> Outcome | None:
        """Refuse, or wait for the program to read its files again and for its handlers to run."""
        from hrsup_strategies.data.apply import begin

        outcome, self._waiting = begin(plan.detail, program)
        return outcome

    def cancel(self, program: Program) -> None:
        """Stop waiting."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.stop()


def expectation(file: FileChange, facts: Facts) -> dict[str, Any]:
    """What the program is told of a file. `presence`: what is there has come, gone or become another thing. A `code`
    and `reason` say why only a handler can help; `last` says the same of watching the program read it again. `written`:
    the program has written (or removed) it, so a start may find something else than what is there now."""
    came = file.hash is None or file.old_hash is None or is_entry(file.hash) or is_entry(file.old_hash)
    wanted: dict[str, Any] = {"path": file.path, "presence": came, "code": None, "reason": None, "last": None}
    wanted["written"] = file.path in facts.writes
    wanted["by_workers"] = facts.by_workers.get(file.path, {})
    if facts.opaque:
        wanted["code"], wanted["reason"] = "HR504", f"it may have been read unseen ({facts.opaque[0]})"
    elif (found := _kept_by_workers(file.path, came, facts)) is not None:
        wanted["code"], wanted["reason"] = "HR505", found
    elif file.hash is None:
        wanted["last"] = "HR507", "it is gone"
    elif file.path in facts.listings or is_entry(file.old_hash) or is_entry(file.hash):
        wanted["last"] = "HR508", "it is a folder or a link that came or leads elsewhere now"
    elif file.path not in facts.reads and not _looked_for(file.path, facts):
        wanted["last"] = "HR508", "it is not known what use is made of it"
    return wanted


def _kept_by_workers(path: str, came: bool, facts: Facts) -> str | None:
    """Why a worker process may keep what it made of the file, whatever its tasks do; None: there is no reason."""
    if facts.has_cluster:
        return "a worker of a cluster may have read it"
    if not any(facts.pools.values()):
        return None
    if "" in facts.by_workers.get(path, {}):
        return "a worker process has read it while it imported a module, or not by a line of the program"
    if came and path.rpartition("/")[0] in facts.by_workers:
        return "a worker process has listed its folder"
    return None


def _looked_for(path: str, facts: Facts) -> bool:
    """Was the file missed, or its folder listed, so that a new file is no surprise?"""
    return path in facts.missing or path.rpartition("/")[0] in facts.listings
