"""What reference counts prove is what the heap says, and more: holders that the collector does not know count too."""

from __future__ import annotations

import ctypes
import functools
import gc
import itertools
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
from loaded import Loaded

from hrsup_agent.wire import content_hash
from hrsup_strategies.base import Outcome, Plan
from hrsup_strategies.reload import Reload, census, loaded

DEFINITIONS = """
import functools, operator
def plain(): return 1
class Thing:
    size = 1
    def method(self): return 2
    @property
    def prop(self): return 3
    @staticmethod
    def static(): return 4
    @classmethod
    def made(cls): return 5
    @functools.cached_property
    def once(self): return 6
    class Inner:
        def deep(self): return 7
@functools.lru_cache
def cached(): return 8
def wrap(function):
    @functools.wraps(function)
    def inner(): return function()
    return inner
@wrap
def wrapped(): return 9
TABLE = {"a": lambda: 10, "b": [functools.partial(lambda x: x, 1)]}
thing = Thing()
thing.callback = lambda: 11
"""


def module(text: str, name: str = "defined") -> types.ModuleType:
    made = types.ModuleType(name)
    exec(compile(text, f"/nowhere/{name}.py", "exec", dont_inherit=True), vars(made))
    return made


def of_the_heap(made: types.ModuleType) -> set[int]:
    space = vars(made)
    return {id(one) for one in gc.get_objects() if type(one) is types.FunctionType and one.__globals__ is space}


def test_all_functions_of_a_module_are_found_through_what_holds_them() -> None:
    """Behind decorators, descriptors, tables and instances: those that a pass over the heap finds, without one."""
    made = module(DEFINITIONS)
    found = census.functions_of(made, [])
    assert found is not None
    assert {id(one) for one in found} == of_the_heap(made) and len(found) == 14


def hold_invisibly(item: object) -> Callable[[], None]:
    """As a C structure does; the call lets go."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(item))
    address = id(item)
    return lambda: ctypes.pythonapi.Py_DecRef(ctypes.cast(address, ctypes.py_object))


ELSEWHERE: dict[str, Callable[[types.FunctionType], object]] = {
    "itself": lambda function: function,
    "partial": functools.partial,
    "deque": lambda function: deque([function]),
    "key": lambda function: functools.cmp_to_key(function),
    "iterator": lambda function: itertools.starmap(function, []),
    "method": lambda function: types.MethodType(function, 1),
    "cache": functools.lru_cache,
    "callback": lambda function: ctypes.CFUNCTYPE(None)(function),
    "invisible": hold_invisibly,
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_function_that_is_held_elsewhere_is_missed_and_that_is_noticed(where: str) -> None:
    """Nothing in the module leads to it, so the count says that the functions found are not all."""
    made = module("def make():\n    return lambda: 1\n")
    assert census.functions_of(made, []) is not None
    held = ELSEWHERE[where](made.make())
    assert census.functions_of(made, []) is None
    if where == "invisible":
        held()  # type: ignore[operator]
    del held
    assert census.functions_of(made, []) is not None


@pytest.mark.parametrize("call", ["generator()", "(x for x in [1])", "coroutine()"])
def test_what_is_suspended_holds_its_function(call: str) -> None:
    """A generator whose function is gone is missed as the function is."""
    made = module(
        "def make():\n    def generator():\n        yield 1\n    async def coroutine(): pass\n    return " + call
    )
    held = made.make()
    assert census.functions_of(made, []) is None
    held.close()


def test_a_module_whose_body_is_running_holds_its_namespace_by_that_alone() -> None:
    """The frame and the function that it was made of count; a copy of the namespace's reference does not go unseen."""
    made = types.ModuleType("body")
    found: list[object] = []

    def look() -> None:
        found.append(census.functions_of(made, [sys._getframe(1)]))

    vars(made)["look"] = look
    text = "def own(): pass\nlook()\nmore = [globals()]\nlook()\n"
    types.FunctionType(compile(text, "/nowhere/body.py", "exec", dont_inherit=True), vars(made))()
    assert found == [[made.own], None]


@pytest.mark.parametrize("hold", [lambda item: [item], lambda item: (item,), lambda item: {1: item}, hold_invisibly])
def test_every_holder_that_is_not_named_counts(hold: Callable[[object], object]) -> None:
    """Named holders with all their references; anything else is left over."""
    items = [object(), object()]
    known = [items[0], items[0], {"x": items[1]}]
    assert census.unknown(items, [known[2], known]) == [0, 0]
    held = hold(items[1])
    assert census.unknown(items, [known[2], known]) == [0, 1]
    if callable(held):
        held()


# -- reloads in which the shortcut would be wrong if the count were not looked at -------------------------------------

MODULE = (
    "def rate(x):\n    return x + {n}\ndef make():\n    def inner():\n        return {n}\n    return inner\n"
    "def numbers():\n    while True:\n        first = rate({n})\n        yield first\n        yield first + rate({n})\n"
)
LOOP = "def main(step):\n    while True:\n        if step():\n            return\n"


class World(Loaded):
    """One module and a loop; `reload` edits the module and brings it in."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = str(folder / "held.py")
        self.module, self.main = types.ModuleType("held"), types.ModuleType("loop")
        self.load(self.path, MODULE.format(n=1), self.module)
        self.load("/nowhere/loop.py", LOOP, self.main)

    def reload(self, text: str) -> Outcome:
        Path(self.path).write_text(text)
        plan = Plan("reload", "program", detail={"hashes": {self.path: content_hash(text.encode())}})
        asked: list[object] = []

        def step() -> bool:
            if not asked:
                asked.append(1)
                self.outcome = Reload().perform(plan, self) or self.outcome
            return self.outcome is not None

        self.outcome = None
        self.main.main(step)
        assert self.outcome is not None
        return self.outcome


RATE = MODULE.replace("return x + {n}", "return x - {n}").format(n=1)
MAKE = MODULE.replace("return {n}", "return -{n}").format(n=1)


def test_old_code_that_only_a_c_structure_holds_is_found(tmp_path: Path) -> None:
    """No pass over the heap sees it; the reload is taken back."""
    world = World(tmp_path)
    release = hold_invisibly(world.module.rate.__code__)
    outcome = world.reload(RATE)
    release()
    assert (outcome.state, outcome.code) == ("failed", "HR141") and "something unknown" in (outcome.reason or "")
    assert world.module.rate(5) == 6


def test_a_body_of_the_module_that_somebody_keeps_is_no_holder(tmp_path: Path) -> None:
    """It has been executed, and its constants with it; the collector does not know of them."""
    world = World(tmp_path)
    kept = [compile(MODULE.format(n=1), world.path, "exec", dont_inherit=True)]
    exec(kept[0], vars(world.module))
    gc.collect()
    assert world.module.rate.__code__ in kept[0].co_consts and not gc.is_tracked(kept[0].co_consts)
    assert world.reload(RATE).state == "done" and world.module.rate(5) == 4


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_closure_that_is_held_elsewhere_is_found(tmp_path: Path, where: str) -> None:
    """Nothing in the module leads to it, and it gets the new code all the same."""
    world = World(tmp_path)
    made = world.module.make()
    seen, held = weakref.ref(made), ELSEWHERE[where](made)
    del made
    outcome = world.reload(MAKE)
    function = seen()
    assert outcome.state == "done" and function is not None and function() == -1, outcome
    if where == "invisible":
        held()  # type: ignore[operator]


def test_a_generator_that_is_suspended_in_a_container_is_found(tmp_path: Path) -> None:
    """Its function is in the module, where it belongs; that its code is held once more gives it away. It is in the middle
    of a round, with a result of the old code."""
    world = World(tmp_path)
    held = deque([world.module.numbers()])
    next(held[0])
    outcome = world.reload(RATE)
    assert (outcome.state, outcome.code) == ("refused", "HR123")
    held.clear()
    assert world.reload(RATE).state == "done"


def test_a_generator_that_was_suspended_before_an_earlier_reload_is_found(tmp_path: Path) -> None:
    """Its function has other code by now, so no function leads to the code that it goes on with."""
    world = World(tmp_path)
    held = [world.module.numbers()]
    next(held[0])
    assert world.reload(MAKE).state == "done"
    outcome = world.reload(RATE)
    assert (outcome.state, outcome.code) == ("refused", "HR123")
    held.clear()
    assert world.reload(RATE).state == "done"


def test_what_is_kept_of_frames_that_ended_is_dropped(tmp_path: Path) -> None:
    """A loop that is entered anew after each edit of its own module leaves no old version behind."""
    world = World(tmp_path)
    world.path, world.module = str(tmp_path / "loop.py"), world.main
    world.load(world.path, world.sources.pop("/nowhere/loop.py").decode(), world.main)
    del world.loaded["/nowhere/loop.py"]
    loaded._started_with.clear()
    for number in range(5):
        assert world.reload(f"{LOOP}def other():\n    return {number}\n").state == "done"
        assert len(loaded._started_with) <= 2, number
