"""Is a value still what it was, and where do lines go: `hrsup_strategies.data.fingerprint` and `moved`."""

from __future__ import annotations

import io
import sys
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hrsup_strategies.data.fingerprint import fingerprint
from hrsup_strategies.data.moved import moved_lines


class Plain:
    def __init__(self) -> None:
        self.limits = {"a": [1, 2]}
        self.itself = self


class Slotted:
    __slots__ = ("value",)


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ({"a": [1, {"b": 2}]}, lambda value: value["a"][1].update(b=3)),
        ([1, 2], lambda value: value.append(3)),
        ({"a"}, lambda value: value.add("b")),
        (Plain(), lambda value: value.limits["a"].append(3)),
        (OrderedDict(a=1), lambda value: value.update(a=2)),
        (defaultdict(list), lambda value: value["a"].append(1)),
        (SimpleNamespace(a=[Path("x")]), lambda value: value.a.append(1)),
        ({"a": 1, "b": 2}, lambda value: value.update(a=value.pop("a"))),
    ],
)
def test_a_change_shows_at_any_depth(value: Any, change: Callable[[Any], object]) -> None:
    """The same as long as nothing is changed; another one as soon as something is."""
    before = fingerprint(value)
    assert before is not None
    assert fingerprint(value) == before
    change(value)
    assert fingerprint(value) != before


@pytest.mark.parametrize("value", [io.StringIO(), iter([1]), Slotted(), (item for item in ()), object.__new__(Slotted)])
def test_what_keeps_something_out_of_sight_has_none(value: object) -> None:
    """Of a position, a generator or a slot nothing is said."""
    assert fingerprint({"a": [value]}) is None


def test_a_value_that_another_thread_changes_meanwhile_is_no_error() -> None:
    """The program goes on; at most nothing is known of the value."""
    shared: dict[object, object] = {Path(str(number)): number for number in range(200)}
    ended, interval = threading.Event(), sys.getswitchinterval()

    def change() -> None:
        while not ended.is_set():
            shared[Path("another")] = 1
            del shared[Path("another")]

    thread = threading.Thread(target=change)
    sys.setswitchinterval(1e-6)
    try:
        thread.start()
        for _ in range(200):
            fingerprint([shared])
    finally:
        ended.set()
        sys.setswitchinterval(interval)
        thread.join()


def test_arrays_and_frames_have_one() -> None:
    """numpy and pandas say all that they hold."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    before = fingerprint({"frame": frame})
    assert before is not None
    assert fingerprint({"frame": frame}) == before
    frame.loc[0, "a"] = 7
    assert fingerprint({"frame": frame}) != before


def test_lines_move_with_their_statements() -> None:
    """What was noted of a line is noted of the same statement after an edit; of a changed statement nothing is."""
    before = ["A = 1", "B = open('f')", "", "class C:", "    def f(self):", "        return open('f')"]
    before += ["", "    def g(self):", "        return 1"]
    after = ["import os", "A = 2", *before[1:-1], "        return 2"]
    old, new = ("\n".join(lines).encode() for lines in (before, after))
    assert moved_lines(old, new, {2, 6, 9}) == {2: 3, 6: 7}
    assert moved_lines(old, old + b"\nD = 1\n", {2, 6}) == {2: 2, 6: 6}
