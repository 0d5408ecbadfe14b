"""The strategy `reload`: a running service is updated in place, at an iteration boundary, or not at all.

`assess` runs in the supervisor, `perform` in the user's process, in a signal handler on the main thread. The order is

    prepare (sources only) -> find the loop -> wait for its boundary -> look at the live objects -> patch -> audit

and until the patch nothing is touched. Refusing is cheap, since the next strategy restarts the service from a warm
fork; so whatever cannot be shown to be right is refused, with a code of ``codes.CODES``.
"""

from __future__ import annotations

from hrsup_strategies.base import CODE, DATA, MAIN, NOOP, PROGRAM, SERVICE, Plan, Refused
from hrsup_strategies.data import expectation
from hrsup_strategies.targets import plan_for_layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.base import Change, Facts, FileChange, Outcome, Program
    from hrsup_strategies.reload.commit import Commit


class Reload:
    """Import reload with proof, for services; see the module's docstring."""

    name = "reload"

    def __init__(self) -> None:
        self._pending: Commit | None = None
        self.fault: Callable[[str], None] | None = None

    def assess(self, change: Change, facts: Facts) -> Plan | Refused:
        """Coarse: is there a running service whose loaded modules are what changed?"""
        if facts.mode != SERVICE:  # a batch goes back to before the changed files were first used
            return plan_for_layer(self.name, change, facts)
        if not facts.agent or not facts.running:
            return Refused("HR101", "the program is not running under the agent")
        if any(facts.pools.values()):
            return Refused("HR102", "worker processes may hold the old code")
        data = [expectation(file, facts) for file in change.files if file.kind == DATA]
        for item in data:
            if item["code"] is not None:
                return Refused(item["code"], item["reason"], item["path"])
        files = [file for file in change.files if file.kind != DATA]
        if not files:
            return Refused("HR102", "data alone changed", change.files[0].path)
        for file in files:
            if (refused := _refused(file, files, facts)) is not None:
                return refused
        hashes = {file.path: file.hash for file in files}
        detail = {
            "hashes": hashes,
            "came_or_went": [file.path for file in files if None in (file.hash, file.old_hash)],
            "must_arrive": [file.path for file in files if _must_arrive(file, facts)],
            "data": data,
        }
        return Plan(self.name, PROGRAM, detail=detail)

    def perform(self, plan: Plan, program: Program) -> Outcome | None:
        """Prepare and wait for the boundary; the answer comes by `program.reply`, or at once if it is a refusal."""
        from hrsup_strategies.reload.codes import Refusal

        self.cancel(program)
        commit = self.commit(plan, program)
        commit.behind = plan.detail.get("behind", {})
        try:
            outcome = commit.begin()
        except Refusal as refusal:
            outcome = refusal.outcome()
        if outcome is None:
            self._pending = commit
        else:
            commit.release()
        return outcome

    def commit(self, plan: Plan, program: Program) -> Commit:
        """What is to be done at the boundary."""
        hashes, must_arrive = plan.detail["hashes"], plan.detail.get("must_arrive", ())
        if plan.detail.get("data"):
            from hrsup_strategies.data.together import CommitWithData

            return CommitWithData(hashes, program, self.fault, must_arrive, plan.detail["data"])
        from hrsup_strategies.reload.commit import Commit

        return Commit(hashes, program, self.fault, must_arrive)

    def cancel(self, program: Program) -> None:
        """Forget what was prepared; no trace is left on the program's frame."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None


def _refused(file: FileChange, files: list[FileChange], facts: Facts) -> Refused | None:
    """Why this one of the files that are not data cannot be brought in."""
    if file.kind not in (CODE, MAIN, NOOP):
        return Refused("HR102", f"a file of kind {file.kind} changed", file.path)
    if _must_arrive(file, facts) and not any(other.path in facts.modules for other in files):
        return Refused("HR103", "the file is not a module that the program has loaded", file.path)
    if (file.hash is None or file.path not in facts.modules) and _is_looked_at(file, facts):
        return Refused("HR103", "the program looks at the file by other ways than its import", file.path)
    if file.path not in facts.modules:
        return None  # one of the others may import it
    if facts.modules[file.path].seconds is None and file.path != facts.main:
        return Refused("HR101", "the module is still being imported", file.path)
    used = _also_used(file.path, facts)
    return Refused("HR103", used, file.path) if used is not None else None


def _also_used(path: str, facts: Facts) -> str | None:
    """How the source of a loaded module may have been used besides: what came of that is no matter of its code."""
    if path in facts.reads:
        return "the program reads the source of the module as data"
    if path in facts.measured:
        return "the program asked for the size or times of the module's source"
    if facts.children:
        return f"the source of the module may have been used unseen ({facts.children[0]})"
    return None


def _must_arrive(file: FileChange, facts: Facts) -> bool:
    """Is the file neither loaded, nor one that nobody but an import can have noticed? Then this change has to import
    it, or it is used in another way."""
    return file.path not in facts.modules and (bool(facts.opaque) or None not in (file.hash, file.old_hash))


def _is_looked_at(file: FileChange, facts: Facts) -> bool:
    """May the program notice by itself that the file came or went: does it list folders, or ask for names?"""
    path = file.path
    known = (facts.reads, facts.missing, facts.looked, facts.measured)
    if path == facts.main or any(path in paths for paths in known):
        return True
    return any(path.startswith(f"{folder}/") for folder in facts.listings)
