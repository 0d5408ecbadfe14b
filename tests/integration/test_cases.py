"""A first set of the corpus under a real ``hrsup run``: whatever happens, nothing old is presented as current.

The whole corpus, for every strategy, is ``hrsup bench``.
"""

from __future__ import annotations

from itertools import groupby

import pytest

from hrsup.bench.cases import corpus
from hrsup.bench.cli import select
from hrsup.bench.model import FAILED, GOOD, Case
from hrsup.bench.oracle import Oracle
from hrsup.bench.trial import run

ORACLE = Oracle()
CASES = [case for case in select(corpus(), (), ()) if case.group not in ("pandas", "dask")]  # these take long


def every(step: int) -> list[Case]:
    """One case of `step` from each group, and at least one of each: a spread that does not depend on chance."""
    return [case for _, group in groupby(CASES, key=lambda case: case.group) for case in list(group)[::step]]


def assert_not_stale(case: Case, strategy: str) -> None:
    """Every edit ended well, or its failure was announced."""
    for result in run(case, strategy, ORACLE):
        assert result.verdict in (*GOOD, FAILED), f"edit {result.edit}: {result.verdict}: {result.detail}"


@pytest.mark.parametrize("case", every(13), ids=lambda case: case.id)
def test_auto_brings_in_every_edit_or_says_that_it_did_not(case: Case) -> None:
    """The oracle is a cold start of the edited tree."""
    assert_not_stale(case, "auto")


@pytest.mark.parametrize("case", every(61)[::3], ids=lambda case: case.id)
@pytest.mark.parametrize("strategy", ["data", "reload", "workers", "execv", "respawn"])
def test_each_strategy_escalates_rather_than_be_wrong(case: Case, strategy: str) -> None:
    """The same for a strategy that is tried first for every change, whether it fits or not."""
    assert_not_stale(case, strategy)
