"""Which files are taken for what the program writes unseen: histories of changes, and what is made of them."""

from __future__ import annotations

import pytest

from hrsup.outputs import EDIT, LATER, OUTPUT, Outputs

NEVER, ALWAYS = (lambda path: False), (lambda path: True)


@pytest.mark.parametrize(
    ("moments", "ends", "verdicts"),
    [
        ([1.0, 1.1, 0.9, 1.2], True, [EDIT, LATER, OUTPUT, OUTPUT]),
        ([1.0, 1.1, 0.9, 1.2], False, [EDIT, EDIT, EDIT, OUTPUT]),
        ([60.0, 70.0, 65.0], True, [EDIT, LATER, OUTPUT]),
        ([1.0, 9.0, 20.0, 40.0], True, [EDIT, EDIT, EDIT, EDIT]),
        ([1.0, 1.0, 9.0, 9.1, 9.2], True, [EDIT, LATER, EDIT, LATER, OUTPUT]),
    ],
)
def test_what_changes_equally_late_in_every_run_is_output(
    moments: list[float], ends: bool, verdicts: list[str]
) -> None:
    """A batch is believed at the third run in a row, a service at the fourth; other moments begin anew."""
    outputs = Outputs()
    assert [outputs.changed("a.db", run, at_s, ends) for run, at_s in enumerate(moments, 1)] == verdicts


def test_a_user_who_saves_as_regularly_is_never_taken_for_the_program() -> None:
    """In runs in which the program has written no file at all, each change is an edit; one in which it has will do."""
    outputs = Outputs()
    assert [outputs.changed("a.csv", run, 1.0, False, written=0) for run in range(1, 9)] == [EDIT] * 8
    assert outputs.changed("a.csv", 9, 1.0, False, written=4096) == OUTPUT


def test_a_service_that_goes_on_writing_its_output() -> None:
    """What was found to be output stays it for the rest of the run, while the program goes on writing."""
    outputs = Outputs()
    assert [outputs.changed("a.csv", run, 1.0, False, written=4096) for run in range(1, 5)][-1] == OUTPUT
    assert outputs.changed("a.csv", 4, 5.0, False, written=8192) == OUTPUT
    assert outputs.changed("a.csv", 4, 9.0, False, written=8192) == EDIT


def test_many_changes_in_one_run_are_one() -> None:
    """What is written all the time is no more than written once in this run."""
    outputs = Outputs()
    assert [outputs.changed("a.db", 1, at_s, True) for at_s in (1.0, 5.0, 9.0)] == [EDIT] * 3
    assert outputs.changed("a.db", 2, 1.0, True) == LATER


def test_a_service_is_edited_long_after_it_has_written() -> None:
    """The same file saved by the user, later in a run that has written it at its start, is an edit."""
    outputs = Outputs({"a.db": 0.1})
    assert outputs.changed("a.db", 1, 0.2, False) == OUTPUT
    assert outputs.changed("a.db", 1, 100.0, False) == EDIT


def test_the_same_content_again_counts() -> None:
    """A run that writes what was there before has written it as well."""
    outputs = Outputs()
    assert outputs.changed("a.db", 1, 1.0, True) == EDIT
    outputs.succeeded(2, ALWAYS)
    assert outputs.changed("a.db", 3, 1.0, True) == OUTPUT


def test_a_run_that_does_not_write_it_ends_the_trust() -> None:
    """Output is forgotten, here and for later sessions, once a run that ended well has not written it."""
    kept: dict[str, float | None] = {}
    outputs = Outputs(keep=kept.__setitem__)
    for run in (1, 2, 3):
        outputs.changed("a.db", run, 1.0, True)
    assert kept == {"a.db": 1.0}
    outputs.succeeded(3, NEVER)
    assert kept == {"a.db": 1.0}
    outputs.succeeded(4, NEVER)
    assert kept == {"a.db": None}
    assert outputs.changed("a.db", 5, 1.0, True) == EDIT
