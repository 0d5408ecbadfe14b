"""Objects count as gone only if nobody but variables that are bound anew can come to them."""

from __future__ import annotations

import contextvars
import ctypes
import functools
import gc
import itertools
import threading
import types
import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hrsup_strategies.reload import gone

KEPT: list[Any] = []
VARIABLE: contextvars.ContextVar[Any] = contextvars.ContextVar("variable")
LOCAL = threading.local()


class Thing:
    """What is made in each round."""

    def __init__(self) -> None:
        self.other: Any = None

    def tell(self) -> int:
        """Bound to its object."""
        return 1


class Slotted:
    """The same without a dict."""

    __slots__ = ("other",)


def giving(item: object) -> Iterator[object]:
    """Suspended with what it was given."""
    yield 1
    yield item


def begun(item: object) -> Iterator[object]:
    """Suspended in the middle."""
    generator = giving(item)
    next(generator)
    return generator


def raised(item: object) -> Exception:
    """An exception whose traceback has the frame that has the object."""
    try:
        raise ValueError
    except ValueError as error:
        return error


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    yield
    KEPT.clear()
    VARIABLE.set(None)
    LOCAL.__dict__.clear()
    for name in ("first", "tell_first"):
        if hasattr(Thing, name):
            delattr(Thing, name)
    gc.collect()


HOLDERS: dict[str, Callable[[Any], object]] = {
    "a list": lambda item: KEPT.append(item),
    "a list in a list": lambda item: KEPT.append([[item]]),
    "a tuple": lambda item: KEPT.append((item,)),
    "a set": lambda item: KEPT.append({item}),
    "a dict": lambda item: KEPT.append({"a": item}),
    "a key": lambda item: KEPT.append({item: 1}),
    "a deque": lambda item: KEPT.append(deque([item])),
    "an ordered dict": lambda item: KEPT.append(OrderedDict(a=item)),
    "a default dict": lambda item: KEPT.append(defaultdict(list, a=item)),
    "an iterator": lambda item: KEPT.append(iter([item])),
    "a cycle": lambda item: KEPT.append(itertools.cycle([item])),
    "a repetition": lambda item: KEPT.append(itertools.repeat(item)),
    "a generator": lambda item: KEPT.append(begun(item)),
    "a generator that has not begun": lambda item: KEPT.append(giving(item)),
    "a partial": lambda item: KEPT.append(functools.partial(print, item)),
    "a bound method": lambda item: KEPT.append(item.tell),
    "a default": lambda item: KEPT.append(lambda it=item: it),
    "a closure": lambda item: KEPT.append(lambda: item),
    "a view": lambda item: KEPT.append({"a": item}.values()),
    "a proxy of a dict": lambda item: KEPT.append(types.MappingProxyType({"a": item})),
    "native code": lambda item: KEPT.append(ctypes.py_object(item)),
    "an exception": lambda item: KEPT.append(ValueError(item)),
    "a traceback": lambda item: KEPT.append(raised(item)),
    "a namespace": lambda item: KEPT.append(types.SimpleNamespace(a=item)),
    "a context variable": lambda item: VARIABLE.set(item),
    "a thread": lambda item: setattr(LOCAL, "first", item),
    "its class": lambda item: setattr(Thing, "first", item),
    "a method of its class": lambda item: setattr(Thing, "tell_first", item.tell),
    "a weak reference": lambda item: KEPT.append((weakref.ref(item), setattr(item, "other", item))[0]),
}


def make(hold: Callable[[Any], object]) -> None:
    """One object that is held, and one that is garbage."""
    hold(Thing())
    item = Thing()
    item.other = [item]


@pytest.mark.parametrize("holder", HOLDERS)
def test_what_somebody_holds_is_not_gone(holder: str) -> None:
    """Whoever holds an object keeps what is in it."""
    gc.disable()
    try:
        make(HOLDERS[holder])
        assert not gone.are_dropped(gone.instances({Thing}), [])
    finally:
        gc.enable()


def test_what_a_variable_holds_is_not_gone() -> None:
    """A running function goes on with its variables."""
    item = Thing()
    assert not gone.are_dropped(gone.instances({Thing}), [])
    assert item.tell() == 1


def test_garbage_is_gone() -> None:
    """Objects that hold nobody but one another are found by nobody."""
    gc.disable()
    try:
        item, other = Thing(), Thing()
        item.other, other.other = {"a": [other]}, (item,)
        del item, other
        assert gone.are_dropped(gone.instances({Thing}), [])
    finally:
        gc.enable()


def test_there_may_be_none() -> None:
    """Where there is no object at all, nothing is kept."""
    gc.collect()
    assert gone.are_dropped(gone.instances({Slotted}), [])


def test_an_object_with_slots_is_found() -> None:
    """It has no dict by which it could be looked for."""
    KEPT.append(Slotted())
    assert not gone.are_dropped(gone.instances({Slotted}), [])


def test_an_object_in_an_array_is_found() -> None:
    """numpy does not tell the collector what is in its arrays."""
    numpy = pytest.importorskip("numpy")
    KEPT.append(numpy.array([Thing()], dtype=object))
    assert not gone.are_dropped(gone.instances({Thing}), [])
