"""Figures and the decision of the research note, from made-up results."""

from __future__ import annotations

import pytest

from hrsup.bench.decision import decide, figures, percentile, wilson
from hrsup.bench.model import HELD, RIGHT, STALE, Step


def steps(strategy: str, verdicts: list[str], latency_ms: float) -> list[Step]:
    """One step for each verdict, all with the same latency."""
    return [
        Step(f"g/c{n}[batch]", "g", "batch", strategy, 0, verdict, strategy, latency_ms)
        for n, verdict in enumerate(verdicts)
    ]


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (95, 100, 0.8882, 0.9785)],
)
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    """Known values of the score interval at 95 %."""
    assert wilson(hits, total) == pytest.approx((low, high), abs=1e-3)


def test_percentiles_are_values_that_were_measured() -> None:
    """Nearest rank: no value is made up between two."""
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert percentile([1.0], 0.99) == 1.0
    assert percentile([], 0.5) is None


def test_held_counts_as_good_and_stale_as_silent() -> None:
    """Reliability is the share of edits after which all was as it should be."""
    row = figures(steps("auto", [RIGHT, HELD, STALE, RIGHT], 5.0))["auto", "all"]
    assert (row.good, row.silent, row.reliability[0]) == (3, 1, 0.75)


def test_a_fast_and_reliable_strategy_is_to_be_used() -> None:
    """All four questions answered with yes."""
    everything = steps("restart", [RIGHT] * 40, 400.0) + steps("auto", [RIGHT] * 40, 20.0)
    restart, auto = decide(figures(everything), everything)
    assert auto.use and auto.saving_ms == 380.0
    assert not restart.use


def test_one_silent_stale_result_is_enough_to_say_no() -> None:
    """However fast and however reliable in the mean."""
    everything = steps("restart", [RIGHT] * 100, 400.0) + steps("auto", [RIGHT] * 99 + [STALE], 20.0)
    auto = decide(figures(everything), everything)[1]
    assert auto.reliable and auto.saves
    assert not auto.detected and not auto.use


def test_without_a_baseline_the_saving_is_unknown() -> None:
    """Nothing is claimed that was not measured."""
    everything = steps("auto", [RIGHT] * 10, 20.0)
    auto = decide(figures(everything), everything)[0]
    assert auto.saves is None and auto.use is None


def test_the_share_in_place_is_of_code_edits_of_services() -> None:
    """Neither batches nor edits that nothing need be done about make it look better."""
    everything = [
        Step("g/a[service]", "g", "service", "auto", 0, RIGHT, "reload", 5.0, code=True),
        Step("g/b[service]", "g", "service", "auto", 0, RIGHT, "respawn", 5.0, left_process=True, code=True),
        Step("g/c[service]", "g", "service", "auto", 0, RIGHT, None),
        *steps("auto", [RIGHT] * 3, 5.0),
    ]
    row = figures(everything)["auto", "all"]
    assert (row.in_place, row.code_edits) == (1, 2)


def test_an_import_that_shows_twice_is_counted() -> None:
    """In the cases that would show it, and of services, since a batch's processes are new."""
    everything = [
        Step("side-effects/a[service]", "side-effects", "service", "naive", n, verdict)
        for n, verdict in enumerate([RIGHT, STALE, HELD])
    ]
    row = figures(everything)["naive", "all"]
    assert (row.effects_wrong, row.effects) == (1, 2)
