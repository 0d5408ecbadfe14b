"""A change on its way up the ladder, and what became of it: what the updater keeps of it. Runs in the supervisor."""

from __future__ import annotations

import time

from hrsup.lean import NamedTuple
from hrsup_strategies.base import Change, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hrsup_strategies.base import LayerFact


class Result(NamedTuple):
    """What became of a change: `state`, by which strategy, and what was refused on the way (strategy, outcome)."""

    state: str
    strategy: str
    outcome: Outcome
    refusals: list[tuple[str, Outcome]]
    total_ms: float
    where: str | None  # where it was performed; None: nowhere, nothing was touched


class Climb:
    """A change on its way up the ladder: the rungs that are left, the first of them being tried, and what came of those
    before. `began` and `decided` are monotonic times."""

    def __init__(self, change: Change, stale_layers: Change, detect_ms: float, names: Sequence[str]) -> None:
        self.change, self.stale_layers, self.detect_ms = change, stale_layers, detect_ms
        self.names = list(names)
        self.refusals: list[tuple[str, Outcome]] = []
        self.began = self.decided = time.monotonic()
        self.layer: LayerFact | None = None  # which the run that has begun goes on from


def phases(climb: Climb, outcome: Outcome) -> dict[str, float]:
    """The phases of a change in ms, which add up to its `total` until now. What earlier strategies took belongs to the
    decision."""
    detect_ms, verify_ms = climb.detect_ms, outcome.timings.get("verify", 0.0)
    decide_ms, all_ms = (climb.decided - climb.began) * 1e3, (time.monotonic() - climb.began) * 1e3
    phases = {"detect": detect_ms, "decide": decide_ms, "perform": all_ms - decide_ms - verify_ms, "verify": verify_ms}
    return {**phases, "total": detect_ms + all_ms}
