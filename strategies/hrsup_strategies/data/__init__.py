"""`data`: changed data reaches the program while its modules stay loaded.

`assess` runs in the supervisor, `perform` in the user's process. A batch goes back to a layer that was taken before the
file was first read. In a service, a change of data is handled when

* a handler registered with ``hrsup.on_change`` has returned, or
* every line that is known to have read the file was *seen* to read it again after the change.

Whatever else is refused: a file read while a module was imported, or once at the start, has left its content in places
that nobody can name.
"""

from __future__ import annotations

from hrsup_strategies.base import (
    BATCH,
    DATA,
    NOOP,
    PROGRAM,
    REFUSED,
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
    "HR502": "The file was read while a module was imported, and the module keeps what it made of it.",
    "HR503": "The file was not read again by every line that had read it.",
    "HR504": "Something may have read the file unseen.",
    "HR505": "A worker process may have read the file.",
    "HR506": "The program's own handler for the file failed.",
    "HR507": "The file is gone, and what was made of it may still be in use.",
    "HR508": "It is not known which line made use of the file.",
    "HR509": "The file is read again, but the program may keep what it made of it earlier.",
}

REREAD_S = 1.0  # how long a service may take to come by its file again


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
        files = [_expectation(file, facts) for file in change.files]
        notes = [f"{item['path']} may need a handler: {item['reason']}" for item in files if item["reason"]]
        return Plan(self.name, PROGRAM, detail={"files": files, "deadline_s": REREAD_S}, notes=notes)

    def perform(self, plan: Plan, program: Program) -> Outcome | None:
        """Refuse, or wait for the program to read its files again and for its handlers to run."""
        from hrsup_strategies.data.apply import begin

        refused, self._waiting = begin(plan.detail["files"], program)
        if refused is None:
            return None
        return Outcome(REFUSED, refused.code, refused.reason, refused.file, refused.line)

    def cancel(self, program: Program) -> None:
        """Stop waiting."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.stop()


def _expectation(file: FileChange, facts: Facts) -> dict[str, Any]:
    """What has to be seen for this file: its lines (`sites`), or that it is opened at all (`listed`). A `code` and
    `reason` say why nothing that could be seen would be enough; then only a handler helps."""
    wanted: dict[str, Any] = {"path": file.path, "sites": [], "listed": False, "code": None, "reason": None}
    refused = _unprovable(file, facts)
    if refused is not None:
        wanted["code"], wanted["reason"] = refused.code, refused.reason
    elif (read := facts.reads.get(file.path)) is not None:
        wanted["sites"] = sorted(read.sites)
    else:
        wanted["listed"] = True
    return wanted


def _unprovable(file: FileChange, facts: Facts) -> Refused | None:
    read = facts.reads.get(file.path)
    if facts.opaque:
        return Refused("HR504", f"it may have been read unseen ({facts.opaque[0]})", file.path)
    if any(facts.pools.values()) or facts.has_cluster:
        return Refused("HR505", "a worker process may have read it", file.path)
    if file.hash is None:
        return Refused("HR507", "it is gone", file.path)
    if file.path in facts.listings or is_entry(file.old_hash):
        return Refused("HR508", "it is a folder or a link that came or leads elsewhere now", file.path)
    if read is not None and read.modules:
        return Refused("HR502", f"it was read while {read.modules[0]} was imported", file.path)
    if read is not None and not (read.in_run and read.sites):
        return Refused("HR508", "it is not known which line read it", file.path)
    if read is None and not _looked_for(file.path, facts):
        return Refused("HR508", "it is not known what use is made of it", file.path)
    return None


def _looked_for(path: str, facts: Facts) -> bool:
    """Was the file missed, or its folder listed, so that a new file is no surprise?"""
    return path in facts.missing or path.rpartition("/")[0] in facts.listings
