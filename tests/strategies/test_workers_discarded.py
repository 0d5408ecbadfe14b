"""What only variables of a running function lead to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from hrsup_strategies.workers.discarded import discarded


class Result:
    """Stands for a future."""


KEPT: list[Any] = []


def in_a_list() -> bool:
    results = [Result(), Result()]
    return id(results[0]) in discarded([(sys._getframe(), {"results"})])


def in_a_dict_of_tuples() -> bool:
    results = {"one": (Result(), 1)}
    return id(results["one"][0]) in discarded([(sys._getframe(), {"results"})])


def under_two_names() -> bool:
    one = Result()
    results = [one]
    return id(results[0]) in discarded([(sys._getframe(), {"results", "one"})])


def in_a_variable_that_stays() -> bool:
    one = Result()
    results = [one]
    return id(results[0]) in discarded([(sys._getframe(), {"results"})])


def in_a_list_that_is_kept() -> bool:
    results = [Result()]
    KEPT.append(results)
    return id(results[0]) in discarded([(sys._getframe(), {"results"})])


def in_a_closure() -> bool:
    results = [Result()]

    def inner() -> Any:
        return results

    return id(inner()[0]) in discarded([(sys._getframe(), {"results", "inner"})])


def in_an_object() -> bool:
    holder = Result()
    holder.results = [Result()]  # type: ignore[attr-defined]
    return id(holder.results[0]) in discarded([(sys._getframe(), {"holder"})])  # type: ignore[attr-defined]


def looked_at_before() -> bool:
    results = [Result()]
    _ = sys._getframe().f_locals  # up to 3.12 a copy, which the frame keeps
    results = [Result()]
    return id(results[0]) in discarded([(sys._getframe(), {"results"})])


@pytest.mark.parametrize("function", [in_a_list, in_a_dict_of_tuples, under_two_names, looked_at_before])
def test_what_nothing_else_holds_is_discarded(function: Callable[[], bool]) -> None:
    """Through plain containers, and by several of the variables."""
    assert function()


@pytest.mark.parametrize("function", [in_a_variable_that_stays, in_a_list_that_is_kept, in_a_closure, in_an_object])
def test_what_anything_else_may_hold_is_not(function: Callable[[], bool]) -> None:
    """Another variable, a container that lives on, a function, an object whose own holders are not looked for."""
    assert not function()
