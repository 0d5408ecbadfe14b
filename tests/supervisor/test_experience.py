"""What is left out after it was tried in vain, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrsup.experience import DEAR_MS, FELT_MS, LONGEST, PROGRAM, Experience, Vain
from hrsup.history import History

PATHS = ["/p/a.py"]
FELT = FELT_MS * 1.5


def tried(
    experience: Experience, changes: int, strategy: str = "reload", code: str = "HR122", cost_ms: float = FELT
) -> list[bool]:
    """Whether the strategy is tried at each of so many changes, all of which it fails at."""
    found = []
    for _ in range(changes):
        found.append(experience.leaves_out(strategy, PATHS) is None)
        if found[-1]:
            experience.failed(strategy, PATHS, code, cost_ms)
    return found


def test_what_fails_again_and_again_is_tried_ever_more_rarely() -> None:
    """Two tries in a row, then pauses of two, four, eight changes."""
    assert "".join("x" if one else "." for one in tried(Experience(), 20)) == "xx..x....x........x."


def test_no_pause_is_endless() -> None:
    """The longest pause is `LONGEST` changes."""
    history = tried(Experience([Vain("reload", PATHS[0], 40, FELT, 0)]), 2 * LONGEST + 2)
    assert [n for n, one in enumerate(history) if one] == [LONGEST, 2 * LONGEST + 1]


def test_a_cheap_refusal_is_asked_for_every_time() -> None:
    """The next edit of the file may be one that the strategy can do."""
    experience = Experience()
    for _ in range(5):
        assert experience.leaves_out("reload", PATHS) is None
        experience.failed("reload", PATHS, "HR122", FELT_MS / 2)


@pytest.mark.parametrize(("code", "expected"), [("HR122", True), ("HR901", False)])
def test_what_lies_with_the_program_counts_for_every_file(code: str, expected: bool) -> None:
    """A program that never answers does so whatever is saved; a file that cannot be reloaded says nothing of others."""
    experience = Experience()
    tried(experience, 2, code=code)
    assert (experience.leaves_out("reload", ["/p/b.py"]) is None) is expected
    assert experience.leaves_out("data", PATHS) is None


def test_what_took_very_long_is_not_tried_twice() -> None:
    """Whichever file is saved next: how long it takes lies with the size of the program. The longer, the rarer."""
    for cost_ms, expected in ((DEAR_MS, "x..x....x"), (4 * DEAR_MS, "x........x")):
        history = tried(Experience(), len(expected), cost_ms=cost_ms)
        assert "".join("x" if one else "." for one in history) == expected
    experience = Experience()
    tried(experience, 1, cost_ms=DEAR_MS)
    assert experience.leaves_out("reload", ["/p/b.py"]) is not None


def test_waiting_long_for_a_data_file_says_nothing_of_others() -> None:
    """Whether a file is read again by itself lies with that file."""
    experience = Experience()
    tried(experience, 2, "data", "HR503", DEAR_MS)
    assert experience.leaves_out("data", ["/p/b.txt"]) is None


def test_one_success_and_all_is_forgotten() -> None:
    """What stood against the strategy is gone."""
    experience = Experience()
    tried(experience, 2)
    experience.succeeded("reload", PATHS)
    assert tried(experience, 2) == [True, True]


def test_it_is_remembered_from_one_session_to_the_next(tmp_path: Path) -> None:
    """Misses, pauses and their end are in the project's history, by command."""
    history = History(str(tmp_path), ["python", "main.py"], pytest.fail)
    experience = Experience(history.vain(), history.note_vain)
    tried(experience, 3, code="HR901")
    history.close()
    again = History(str(tmp_path), ["python", "main.py"], pytest.fail)
    assert again.vain() == [Vain("reload", PROGRAM, 2, FELT, 1)]
    Experience(again.vain(), again.note_vain).succeeded("reload", PATHS)
    assert again.vain() == []
    assert History(str(tmp_path), ["python", "other.py"], pytest.fail).vain() == []
