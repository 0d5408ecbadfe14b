"""From results to figures, and from figures to the decision of the research note. Pure. Runs in the bench.

The note: use hot reload only if its reliability is at least 95 %, it saves more than 100 ms against a restart, its
failures are detected, and the user hardly notices it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hrsup.bench.model import CRASHED, FAILED, HELD, MIXED, PARTIAL, RIGHT, SERVICE, STALE, TIMEOUT, Step

RELIABILITY_WANTED = 0.95
SAVING_WANTED_MS = 100.0
BASELINE = "restart"
EFFECTS = "side-effects"  # the group of cases in which an import that ran twice shows
Z_95 = 1.959964


@dataclass
class Figures:
    """What one strategy did with one group of cases (or with all). Latencies are ms from the last write.

    `code_edits` are those of services that were right in the end, `in_place` those of them for which the process was
    not left. `effects` are the edits of services whose imports have an effect that can be counted in what they show,
    and `effects_wrong` those after which it did not show what one import leaves behind. `imported`: for each code edit
    that came in, how many bodies of the program's own modules were executed again.
    """

    strategy: str
    group: str
    edits: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    escalated: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    code_edits: int = 0
    in_place: int = 0
    effects: int = 0
    effects_wrong: int = 0
    needless_runs: int = 0
    imported: list[int] = field(default_factory=list)

    @property
    def good(self) -> int:
        """Edits after which all was as it should be."""
        return self.verdicts[RIGHT] + self.verdicts[HELD]

    @property
    def silent(self) -> int:
        """Edits after which something wrong was shown and nobody said so."""
        return self.verdicts[STALE] + self.verdicts[MIXED] + self.verdicts[PARTIAL]

    @property
    def reliability(self) -> tuple[float, float, float]:
        """Share of good edits, and the ends of its 95 % interval."""
        return (self.good / self.edits if self.edits else 0.0, *wilson(self.good, self.edits))

    def percentile(self, share: float) -> float | None:
        """The latency that `share` of the right results stay below, or None without any."""
        return percentile(self.latencies, share)


@dataclass(frozen=True)
class Decision:
    """The four questions of the research note, answered for one strategy."""

    strategy: str
    reliable: bool
    saves: bool | None
    saving_ms: float | None
    detected: bool
    harmless: bool

    @property
    def use(self) -> bool | None:
        """Should it be used? None if that depends on a saving that was not measured."""
        if self.saves is None and self.reliable and self.detected and self.harmless:
            return None
        return self.reliable and bool(self.saves) and self.detected and self.harmless


def wilson(hits: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """The Wilson score interval of a share (E. B. Wilson 1927); (0, 1) where nothing was tried."""
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    centre = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def figures(steps: Iterable[Step]) -> dict[tuple[str, str], Figures]:
    """By strategy and group; the group ``all`` sums up."""
    table: dict[tuple[str, str], Figures] = {}
    for step in steps:
        for group in (step.group, "all"):
            row = table.setdefault((step.strategy, group), Figures(step.strategy, group))
            _count(row, step)
    return table


def decide(table: dict[tuple[str, str], Figures], steps: Sequence[Step]) -> list[Decision]:
    """The decision for every strategy but the baseline."""
    return [_decide(row, _saving(row.strategy, steps)) for (_, group), row in table.items() if group == "all"]


def _count(row: Figures, step: Step) -> None:
    row.edits += 1
    row.verdicts[step.verdict] += 1
    for escalation in step.escalations:
        row.escalated[f"{escalation[0]} -> {escalation[1]}"] += 1
        row.reasons[f"{escalation[2]} {escalation[3]}"[:100]] += 1
    if step.latency_ms is not None and step.verdict == RIGHT:
        row.latencies.append(step.latency_ms)
    if step.kind == SERVICE and step.code and step.verdict == RIGHT:
        row.code_edits += 1
        row.in_place += not step.left_process
    if step.kind == SERVICE and step.group == EFFECTS and step.verdict not in (HELD, FAILED):
        row.effects += 1
        row.effects_wrong += step.verdict != RIGHT
    row.needless_runs += step.needless_runs
    if step.code and step.verdict == RIGHT and step.imported is not None:
        row.imported.append(step.imported)


def _saving(strategy: str, steps: Sequence[Step]) -> float | None:
    """The median, over edits that both got right, of what the baseline took longer."""
    baseline = _latencies(BASELINE, steps)
    own = _latencies(strategy, steps)
    return percentile([baseline[key] - own[key] for key in own if key in baseline], 0.5)


def _latencies(strategy: str, steps: Sequence[Step]) -> dict[tuple[str, int], float]:
    return {
        (step.case, step.edit): step.latency_ms
        for step in steps
        if step.strategy == strategy and step.verdict == RIGHT and step.latency_ms is not None
    }


def _decide(row: Figures, saving: float | None) -> Decision:
    return Decision(
        row.strategy,
        row.reliability[0] >= RELIABILITY_WANTED,
        None if saving is None else saving > SAVING_WANTED_MS,
        saving,
        row.silent == 0 and row.verdicts[TIMEOUT] == 0,
        row.silent + row.verdicts[CRASHED] + row.verdicts[TIMEOUT] == 0
        and row.verdicts[FAILED] <= row.edits * (1 - RELIABILITY_WANTED),
    )
