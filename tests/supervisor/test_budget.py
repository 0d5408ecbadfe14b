"""The memory of layers has a budget."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from running import Running, project

from hrsup import budget
from hrsup.budget import Kept, least_useful

LAYERS = [Kept(1, 9.0, 100), Kept(2, 0.5, 100), Kept(3, 9.0, 2000)]


@pytest.mark.parametrize(("limit", "first"), [(2200, None), (2199, 3), (0, 3)])
def test_who_saves_the_least_for_its_memory_goes_first(limit: int, first: int | None) -> None:
    """Nobody goes while all are within the budget; then seconds saved for each byte decide."""
    assert least_useful(LAYERS, limit) == first


def test_what_this_process_holds() -> None:
    """The part of the memory is not more than what is resident, and both are less than what there is."""
    pid = os.getpid()
    assert 0 < budget.part_of_memory(pid) <= budget.resident(pid) * 1.05
    assert budget.resident(pid) < budget.memory()
    assert budget.part_of_memory(1 << 30) == budget.resident(1 << 30) == 0


LIMIT = "import sys\n\nif 'hrsup' in sys.orig_argv:\n    from hrsup import budget\n    budget.SHARE = 0\n"
MAIN = "import first\nimport second\nimport third\nprint(third.K)\n"
SLOW = "K = sum(range(36_000_000))\n"  # a layer is worth it after this, even where forks take long


def layers(run: Running, what: str) -> set[str]:
    """The layers above the image of which this was said."""
    return set(re.findall(rf"layer ([1-9]\d* .+): {what}", run.said()))


def test_without_a_budget_only_the_image_stays(tmp_path: Path) -> None:
    """Where layers may hold nothing, an edit goes back to the image, and the result is right."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(LIMIT)
    folder = project(tmp_path / "p", main=MAIN, first=SLOW, second=SLOW, third="K = 1\n")
    with Running(folder, "--verbose", environ={"PYTHONPATH": str(tmp_path / "site")}) as run:
        run.line("1")
        # A layer may be ready a moment before its memory is looked at, and stays if the next run comes from it.
        run.wait(lambda: "waiting for a change" in run.said(), "the end of the run")
        run.wait(lambda: layers(run, "ready") == layers(run, "ended, the layers held too much memory") != set(), "ends")
        run.save("third.py", "K = 2\n")
        run.line("2")
        assert run.event("applied")["evidence"]["layer"] == "before __main__"
