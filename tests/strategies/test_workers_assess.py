"""What `workers` makes of a change before anything is touched. Pure: no process is started."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hrsup_strategies.base import (
    BATCH,
    CODE,
    DATA,
    LAYER,
    MAIN,
    PROGRAM,
    SERVICE,
    Change,
    Facts,
    FileChange,
    LayerFact,
    ModuleFact,
    Plan,
    Refused,
)
from hrsup_strategies.workers import CODES, Workers


def _facts(mode: str) -> Facts:
    facts = Facts()
    facts.mode, facts.agent, facts.running = mode, True, True
    facts.main = "/p/main.py"
    facts.modules["/p/work.py"] = ModuleFact("work", "/p/work.py", "old", None, 0, 0.1)
    facts.pools = {1: [2, 3]}
    facts.layers = [LayerFact(9, 9, 0, "start", True, None, [])]
    return facts


def _assess(facts: Facts, kind: str = CODE) -> Plan | Refused:
    return Workers().assess(Change([FileChange("/p/work.py", kind, "new", "old")]), facts)


def test_a_service_is_changed_in_place() -> None:
    """The plan is that of `reload`, and says how long tasks may take."""
    plan = _assess(_facts(SERVICE))
    assert isinstance(plan, Plan)
    assert (plan.strategy, plan.where) == ("workers", PROGRAM)
    assert plan.detail["hashes"] == {"/p/work.py": "new"}
    assert plan.detail["drain_s"] < plan.detail["deadline_s"]
    facts = _facts(SERVICE)
    facts.drain_s = 60.0
    plan = _assess(facts)
    assert isinstance(plan, Plan)
    assert plan.detail["drain_s"] == 60.0 < plan.detail["deadline_s"]
    assert plan.notes == ["0 of 2 workers may hold the old code"]


@pytest.mark.parametrize(
    ("what", "clean"),
    [
        (lambda facts: facts.worker_modules.update({2: {"/p/work.py": "old"}, 3: {"/p/other.py": "old"}}), [3]),
        (lambda facts: facts.by_workers.update({"/p/work.py": {"/p/other.py:3": [3]}}), [2]),
        (lambda facts: facts.forked.append(2), [3]),
    ],
    ids=["loaded", "read", "forked"],
)
def test_workers_that_hold_nothing_of_what_changed(what: Callable[[Facts], None], clean: list[int]) -> None:
    """They have not loaded the file, have not read it, and were not forked from a process that had."""
    facts = _facts(SERVICE)
    what(facts)
    plan = _assess(facts)
    assert isinstance(plan, Plan)
    assert plan.detail["clean"] == clean


@pytest.mark.parametrize(("kind", "old"), [(MAIN, "old"), (CODE, None)], ids=["the script", "a file that came"])
def test_any_worker_may_hold_it(kind: str, old: str | None) -> None:
    """What the script defines is sent by value; what has come may have been looked for."""
    changed = FileChange("/p/work.py", kind, "new", old)
    plan = Workers().assess(Change([changed]), _facts(SERVICE))
    assert isinstance(plan, Plan)
    assert plan.detail["clean"] == []


@pytest.mark.parametrize("kind", [CODE, DATA])
def test_a_batch_goes_back_to_a_layer(kind: str) -> None:
    """There the pools end with the run."""
    plan = _assess(_facts(BATCH), kind)
    assert isinstance(plan, Plan)
    assert (plan.strategy, plan.where, plan.layer) == ("workers", LAYER, 9)


def test_without_a_pool_it_is_not_for_this_strategy() -> None:
    """HR201."""
    facts = _facts(SERVICE)
    facts.pools = {}
    refused = _assess(facts)
    assert isinstance(refused, Refused)
    assert refused.code == "HR201"


def test_data_leaves_the_workers_of_a_service_alone() -> None:
    """HR203."""
    refused = _assess(_facts(SERVICE), DATA)
    assert isinstance(refused, Refused)
    assert refused.code == "HR203"


def test_what_reload_refuses_is_refused() -> None:
    """A module that nobody has loaded is no more this strategy's than `reload`'s, and the facts stay as they were."""
    facts = _facts(SERVICE)
    facts.modules = {}
    refused = _assess(facts)
    assert isinstance(refused, Refused)
    assert refused.code == "HR103"
    assert facts.pools == {1: [2, 3]}


def test_every_code_has_its_sentence() -> None:
    """The page of codes is made from these."""
    assert all(code.startswith("HR2") and sentence.endswith(".") for code, sentence in CODES.items())
