"""One reload together with its workers. Runs in the user's process, on the main thread.

The order at the boundary: the pools' tasks finish, the coordinator gets its new code, the old workers end. So a
refusal because of the pools comes before anything is touched, and no worker runs code newer than the coordinator's.
"""

from __future__ import annotations

import ast

from hrsup_strategies import signals
from hrsup_strategies.base import FAILED, Outcome
from hrsup_strategies.reload import setup_phase
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.commit import Commit
from hrsup_strategies.reload.thinking import Thinking
from hrsup_strategies.workers.discarded import discarded
from hrsup_strategies.workers.finding import inspected_packages, live_pools
from hrsup_strategies.workers.initializers import bound_in_workers
from hrsup_strategies.workers.keeping import Keeping, may_keep
from hrsup_strategies.workers.left import Left
from hrsup_strategies.workers.recycle import Recycling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.base import Program


class CommitWithWorkers(Commit):
    """`detail` is the plan's. Its hashes may name modules that only workers have loaded; for these there is nothing to
    do in the coordinator, but for those that came or went."""

    def __init__(self, detail: dict[str, Any], program: Program) -> None:
        loaded = program.modules()
        hashes, came_or_went = detail["hashes"], detail["came_or_went"]
        mine = {path: hash for path, hash in hashes.items() if path in loaded or path in came_or_went}
        super().__init__(mine, program, None)
        self._drain_s, self._clean, self._loaded_there = detail["drain_s"], detail["clean"], detail["loaded"]
        self._unseen = any(path not in loaded for path in hashes)

    def _check_stack(self) -> None:
        super()._check_stack()
        self.work.closure.drained = self._pool_variables() | bound_in_workers(self.work.old)
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

    def _check_left(self) -> None:
        """Refuse (HR211) if new workers would lack what tasks have left in the old ones."""
        loops = [active.loop for active in self._stack if active.loop is not None]
        before = [node for active in self._stack for node in active.before]
        script = [active.path for active in self._stack if isinstance(active.node, ast.Module)]
        paths = self.work.old if self._loaded_there is None else {*script, *self._loaded_there}
        with Thinking():
            found = Left(self.work.old, paths, before, loops).found()
        if found is not None:
            raise Refusal("HR211", *found)

    def _check_children(self) -> None:
        """They are looked at when the boundary has been reached, by `Recycling`."""

    def _commit(self) -> Outcome:
        keeping = Keeping(self._clean if may_keep(self.work) else ())
        recycling = Recycling(self._drain_s, self._loaded, self._discarded, keeping)
        try:
            with signals.Released():  # tasks may take their time, and nothing is half done
                refused = recycling.prepare()
            if refused:
                raise Refusal(refused.code, refused.reason)
            if self._answered:  # cancelled while tasks were waited for
                raise Refusal("HR202", "the deadline passed while tasks were waited for")
            if recycling.replaced:
                self._check_left()
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
