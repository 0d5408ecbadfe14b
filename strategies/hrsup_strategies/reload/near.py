"""Which statements have to do with what a change reaches. Pure; runs in the user's process.

A statement whose flows mention nothing of what is reached so far adds nothing to it, and nothing of it can be refused.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hrsup_strategies.reload.flows import Flow
    from hrsup_strategies.reload.parts import Part
    from hrsup_strategies.reload.taint import Taint
    from hrsup_strategies.reload.units import Unit


class Near:
    """Answers for one change, whose taint grows meanwhile, as it is at each question."""

    def __init__(self, taint: Taint) -> None:
        self._taint = taint

    def has(self, part: Part) -> bool:
        """May a flow or a function of the statement be reached?"""
        taint = self._taint
        keys = part.digest.keys
        if not keys.isdisjoint(taint.tainted) or not part.flow_ids.isdisjoint(taint.stale_flows):
            return True
        for reached in (taint.data, taint.values, taint.chosen.keys, taint.eager):
            if not keys.isdisjoint(reached):
                return True
        if part.digest.defers and taint.may_run(None, True):
            return True
        return any(map(taint.may_run, part.units))

    def flows(self) -> Iterator[Flow]:
        """The flows of these statements, in order; all others are not reached."""
        for module in self._taint.modules:
            for part in module.flowing:
                if self.has(part):
                    yield from part.flows

    def units(self) -> Iterator[Unit]:
        """The functions of these statements, in order; all others mention nothing tainted."""
        for module in self._taint.modules:
            for part in module.flowing:
                if part.units and self.has(part):
                    yield from part.units
