"""`workers`: the coordinator is reloaded, and every worker that may hold old code is replaced.

`assess` runs in the supervisor, `perform` in the user's process. Stale results of a pool do not come from a cache of
pickled functions: a function that can be imported is pickled as its name, and each worker looks that name up in its own
``sys.modules``. So a reload of the coordinator alone changes nothing for workers that live already.

A batch goes back to a layer, which ends its pools with everything else.
"""

from __future__ import annotations

from hrsup_strategies.base import BATCH, DATA, MAIN, Facts, Plan, Refused
from hrsup_strategies.reload import Reload
from hrsup_strategies.targets import plan_for_layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.base import Change, Program
    from hrsup_strategies.reload.commit import Commit

CODES = {
    "HR201": "The program has no worker pool, so there is nothing that `reload` would not do.",
    "HR202": "Tasks in a worker pool were not finished before the deadline.",
    "HR203": "The change is not one of code.",
    "HR204": "A process that belongs to no known pool may hold old code.",
    "HR205": "The fork server has preloaded modules and would give old code to new workers.",
    "HR206": "Workers of this kind, or on this system, cannot be replaced and proved gone.",
    "HR207": "A task was handed to a pool while the code was changing.",
    "HR208": "An old worker did not end before the deadline.",
    "HR209": "A worker has loaded another version of a module than the coordinator.",
    "HR210": "The program is started again, and workers of a Dask scheduler elsewhere keep what they have loaded.",
    "HR211": "New workers would lack what tasks have left in the old ones.",
}

_DEADLINE_S = 10.0  # for the boundary and the end of the workers; the tasks have theirs
_CLUSTER_S = 90.0  # where new workers are waited for too


class Workers(Reload):
    """See the module."""

    name = "workers"

    def assess(self, change: Change, facts: Facts) -> Plan | Refused:
        """A layer for a batch; for a service, what `reload` would say if there were no pools."""
        if not facts.pools and not facts.has_cluster:
            return Refused("HR201", "the program has no worker pool")
        if facts.mode == BATCH:
            return plan_for_layer(self.name, change, facts)
        for file in change.files:
            if file.kind == DATA:
                return Refused("HR203", "workers are not replaced for data", file.path)
        answer = super().assess(change, _without_pools(facts))
        if isinstance(answer, Refused):
            return answer
        rest_s = _DEADLINE_S + (_CLUSTER_S if facts.has_cluster else 0.0)
        detail = {**answer.detail, "drain_s": facts.drain_s, "deadline_s": facts.drain_s + rest_s}
        workers = [pid for pids in facts.pools.values() for pid in pids]
        clean = _clean(change, facts)
        detail |= {"clean": clean, "loaded": None if facts.forked else _loaded(facts)}
        notes = [f"{len(workers) - len(clean)} of {len(workers)} workers may hold the old code"]
        return Plan(self.name, answer.where, detail=detail, notes=notes)

    def commit(self, plan: Plan, program: Program) -> Commit:
        """Reload's commit, and the pools with it."""
        from hrsup_strategies.workers.commit import CommitWithWorkers

        return CommitWithWorkers(plan.detail, program)


def _clean(change: Change, facts: Facts) -> list[int]:
    """The workers that have neither loaded nor read any of what changed, and were not forked with it."""
    if any(file.kind == MAIN or None in (file.hash, file.old_hash) for file in change.files):
        return []  # what is defined in the script is sent by value; what came may have been looked for
    paths = {file.path for file in change.files}
    readers = {pid for path in paths for pids in facts.by_workers.get(path, {}).values() for pid in pids}
    return sorted(
        pid
        for pids in facts.pools.values()
        for pid in pids
        if pid not in facts.forked and pid not in readers and paths.isdisjoint(facts.worker_modules.get(pid, ()))
    )


def _loaded(facts: Facts) -> list[str]:
    """The paths of the modules that workers have loaded."""
    return sorted({path for versions in facts.worker_modules.values() for path in versions})


def _without_pools(facts: Facts) -> Facts:
    alone = Facts()
    for name in Facts.__slots__:
        setattr(alone, name, getattr(facts, name))
    alone.pools = {}
    return alone
