"""A change of data, brought in at a boundary of the running loop: what was made of it at import time is made again, and
nothing else of it is left. Runs in the user's process, on the main thread.

It is a reload in which no code changes. The proof is `reload`'s: what used the file, what used that, what ran before
the loop, what may be kept. Where it succeeds the program holds nothing of the old data when the next round begins.
"""

from __future__ import annotations

from contextlib import nullcontext

from hrsup_strategies.data.holders import outside_holder
from hrsup_strategies.data.seeds import DataWork
from hrsup_strategies.reload import activity, kept, setup_phase
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.commit import Commit
from hrsup_strategies.reload.loaded import work_of
from hrsup_strategies.reload.vacant import Vacant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_strategies.base import Outcome, Program
    from hrsup_strategies.data.pools import Pools
    from hrsup_strategies.reload.sources import Sources
    from hrsup_strategies.reload.work import Work


class DataCommit(Commit):
    """`sites`: the file that changed, and a line that used it. `replied` gets the answer that comes at the boundary.
    `hashes` are those of code that changed with it, and is not brought in by this."""

    work: DataWork

    def __init__(
        self,
        sites: list[tuple[str, str]],
        program: Program,
        replied: Callable[[Outcome], object] | None = None,
        pools: Pools | None = None,
        hashes: dict[str, str | None] | None = None,
    ) -> None:
        super().__init__(hashes or {}, program, None)
        self._sites, self._replied, self._pools = sites, replied, pools

    def _load(self) -> Work:
        return work_of(self.program, {}, self._make, {site.rpartition(":")[0] for _, site in self._sites})

    def _make(self, modules: dict[str, Any], versions: Sources, *_: object) -> Work:
        return DataWork(modules, versions, self._sites, lambda: self._stack, self.program.made)

    def _check_strands(self, at_boundary: bool) -> None:
        """Refuse if another strand can be reached by what changed: it may have read the file itself, and reading it
        again lets go of the lock that makes other threads stand still."""
        closure, main_frames = self.work.closure, [active.frame for active in self.main.actives]
        if not at_boundary:  # what is suspended within an iteration is over at its end
            room = Vacant(closure)
            setup_phase.check(self.main, closure, set(), room)
            kept.check_stores(self.work, setup_phase.living([self.main]), room)
            return
        for strand in self.strands.others(closure, activity.may_be_suspended(self.work, main_frames)):
            moving = strand.moving()
            raise Refusal(moving.code, moving.reason, moving.file, moving.line)

    def _check_children(self) -> None:
        """What workers have read is known."""
        self.work.check_sums()
        self.work.check_calls()
        self.work.settle_reads()
        if self._pools is None:
            super()._check_children()
        else:
            self._pools.check(self.work)

    @property
    def reads_by_itself(self) -> bool:
        """Is anything of the data made again, rather than by the program's next round?"""
        return any(self.work.steps.values())

    def bring_in(self) -> Outcome:
        """All or nothing, at the boundary; `keep` or `take_back` must follow. Raises Refusal."""
        self.work.check_prints()
        return super()._commit()

    def take_back(self) -> None:
        """The program is as it was before `bring_in`."""
        self.patch.roll_back()

    def keep(self, outcome: Outcome) -> None:
        """Note what was made of the new data, and say so in the outcome's evidence."""
        for path, steps in self.work.steps.items():
            names = {name for step in steps for name in step.names}
            self.program.made.again(path, vars(self.work.modules[path]), names)
        evidence: dict[str, Any] = {
            "modules": sorted(path for path, steps in self.work.steps.items() if steps),
            "values": sorted({name for steps in self.work.steps.values() for step in steps for name in step.names}),
            "read_by": sorted({site for _, site in self._sites}),
        }
        if self._pools is not None:
            evidence["workers_kept"] = self._pools.kept()
        outcome.evidence = evidence

    def _commit(self) -> Outcome:
        with self._pools or nullcontext():
            if self._answered:  # cancelled while tasks were waited for
                raise Refusal("HR202", "the deadline passed while tasks were waited for")
            outcome = self.bring_in()
            self.keep(outcome)
            return outcome

    def _apply(self) -> int:
        checked = super()._apply()
        own = {id(item) for item in self.patch.own} | {id(vars(module)) for module in self.work.modules.values()}
        holder = outside_holder(self._replaced(), own)
        if holder is not None:
            self.patch.roll_back()
            raise Refusal("HR141", f"{holder} still holds what was made of the old data")
        return checked

    def _replaced(self) -> list[object]:
        names = {name for steps in self.work.steps.values() for step in steps for name in step.names}
        return [
            before[name]
            for namespace, before in self.patch.snapshots
            for name in names
            if name in before and namespace.get(name) is not before[name]
        ]

    def _reply(self, outcome: Outcome) -> None:
        if not self._answered:
            self._answered = True
            self.release()
            if self._replied is not None:
                self._replied(outcome)
