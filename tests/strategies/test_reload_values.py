"""Two values are the same if nobody can tell them apart: what hides its state is only the same as itself."""

from __future__ import annotations

import functools
import itertools
import queue
import sys
import threading
import typing
from pathlib import Path

import pytest

from hrsup_strategies.reload.values import same


def _cached(size: int) -> object:
    return functools.lru_cache(maxsize=size)(_cached)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (itertools.count(1), itertools.count(1)),
        (itertools.chain([1]), itertools.chain([1])),
        (iter([1]), iter([1])),
        (_cached(1), _cached(2)),
    ],
)
def test_an_object_that_hides_its_state_is_only_the_same_as_itself(one: object, other: object) -> None:
    assert not same(one, other)
    assert same(one, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (threading.Lock(), threading.Lock()),
        (threading.Event(), threading.Event()),
        (queue.SimpleQueue[int](), queue.SimpleQueue[int]()),
        (Path("a"), Path("a")),
        (_cached(2), _cached(2)),
        (typing.TypeVar("T"), typing.TypeVar("T")),  # type: ignore[misc]
    ],
)
def test_two_that_were_made_alike_are_the_same(one: object, other: object) -> None:
    assert same(one, other), sys.version


def test_a_queue_that_holds_something_is_not_a_new_one() -> None:
    filled: queue.SimpleQueue[int] = queue.SimpleQueue()
    filled.put(1)
    assert not same(filled, queue.SimpleQueue())
