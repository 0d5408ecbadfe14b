"""One reload together with its workers. Runs in the user's process, on the main thread.

The order at the boundary: the pools' tasks finish, the coordinator gets its new code, the old workers end. So a
refusal because of the pools comes before anything is touched, and no worker runs code newer than the coordinator's.
"""

from __future__ import annotations

from hrsup_strategies import signals
from hrsup_strategies.base import FAILED, Outcome
from hrsup_strategies.reload import setup_phase
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.commit import Commit
from hrsup_strategies.workers.discarded import discarded
from hrsup_strategies.workers.finding import inspected_packages, live_pools
from hrsup_strategies.workers.recycle import Recycling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.base import Program


class CommitWithWorkers(Commit):
    """`hashes` may name modules that only workers have loaded; for these there is nothing to do in the coordinator, but
    for those that `came_or_went`."""

    def __init__(
        self, hashes: dict[str, str | None], came_or_went: list[str], program: Program, drain_s: float
    ) -> None:
        loaded = program.modules()
        mine = {path: hash for path, hash in hashes.items() if path in loaded or path in came_or_went}
        super().__init__(mine, program, None)
        self._drain_s = drain_s
        self._unseen = any(path not in loaded for path in hashes)

    def _check_stack(self) -> None:
        super()._check_stack()
        self.work.closure.drained = self._pool_variables()
        self.work.closure.inspected = inspected_packages()

    def _pool_variables(self) -> set[str]:
        """The variables of running functions, and the global ones, that hold a pool, as `reload` spells them. Whether
        results are kept in a pool is no question: it has none when its tasks are done."""
        pools = {id(pool) for pool in live_pools()}
        found = {
            f"{active.unit}|{name}"
            for active in self._stack
            if active.unit
            for name, value in active.frame.f_locals.items()
            if id(value) in pools
        }
        spaces = [vars(module) for module in self.work.modules.values()]
        for name in {name for space in spaces for name, value in space.items() if id(value) in pools}:
            if all(id(space[name]) in pools for space in spaces if name in space):
                found.add(name)
        return found

    def _loaded(self) -> dict[str, str]:
        from hrsup_strategies.content import content_hash

        modules = self.program.modules()
        return {
            module.__name__: content_hash(self.program.source(path))
            for path, module in modules.items()
            if module.__name__ != "__main__"
        }

    def _discarded(self) -> set[int]:
        """What nothing but variables that the next iteration makes anew leads to."""
        looping = self.main.looping
        if looping is None:
            return set()
        anew = setup_phase.living([self.main]).get(looping.unit or "", set())
        return discarded([(looping.frame, anew)])

    def _check_children(self) -> None:
        """They are looked at when the boundary has been reached, by `Recycling`."""

    def _commit(self) -> Outcome:
        recycling = Recycling(self._drain_s, self._loaded, self._discarded)
        try:
            with signals.Released():  # tasks may take their time, and nothing is half done
                refused = recycling.prepare()
            if refused:
                raise Refusal(refused.code, refused.reason)
            if self._answered:  # cancelled while tasks were waited for
                raise Refusal("HR202", "the deadline passed while tasks were waited for")
            outcome = super()._commit()
            if self._unseen:  # modules that only workers have loaded: what has changed in them is not known here
                self.program.drop_image()
            with signals.Released():
                failed = recycling.commit()
            if failed:
                return Outcome(FAILED, failed.code, failed.reason)
        finally:
            recycling.release()
        outcome.evidence.update(recycling.evidence)
        return outcome
