"""What is empty at the boundary: a queue between two rounds, a batch that was just sent. Runs in the user's process.

What was put there may have been a result of what changed; but nothing of it is left. So a container that is looked at
when everybody is at his boundary, and is empty then, keeps nothing. Two kinds are looked at, since it is known which
objects are meant: a container that a function around a loop has made on the spot, empty, and has not touched before
the loop; and queues, of which all that there are must be empty, whatever they go by.
"""

from __future__ import annotations

import ast
import gc
import sys
from itertools import compress

from hrsup_strategies.reload import beginnings, frameworks
from hrsup_strategies.reload.attributes import Attributes, is_empty
from hrsup_strategies.reload.beginnings import Beginnings, makes_empty
from hrsup_strategies.reload.descent import derived
from hrsup_strategies.reload.each_round import EachRound
from hrsup_strategies.reload.gone import Gone
from hrsup_strategies.reload.identifiers import bare_names, own_nodes
from hrsup_strategies.reload.known import REMOVING
from hrsup_strategies.reload.once import Once
from hrsup_strategies.reload.own_methods import OwnMethods
from hrsup_strategies.reload.passed import Passed
from hrsup_strategies.reload.rounds import counted_by
from hrsup_strategies.reload.taking import takes_what_is_there
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.asking import Asked
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.strands import Strand

    Living = dict[str, set[str]]

# Modules with queues: the names of these, and the attribute that has what is in one; if None, its `qsize` tells.
_QUEUES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "queue": (("Queue",), "queue"),
    "_queue": (("SimpleQueue",), None),
    "asyncio.queues": (("Queue",), "_queue"),
}
# Nobody sees from here what is in the queues of these.
_ELSEWHERE = ("multiprocessing.queues", "multiprocessing.managers")
_PUTTING = frozenset(("put", "put_nowait"))


class Vacant:
    """Answers for the `strands` of one closure; `living` is what ``setup_phase`` has of these. Before they are at their
    boundaries (`there` is False), what may be empty there counts as empty; without strands nothing does."""

    def __init__(
        self, closure: Closure, strands: Collection[Strand] = (), living: Living | None = None, there: bool = False
    ) -> None:
        self._closure, self._living, self._there = closure, living or {}, there
        self._actives = [active for strand in strands for active in strand.actives]
        self._passing: set[str] | None = None
        self._known: dict[str, bool] = {}
        self._gone = Gone(closure, self._actives, there)
        self._attributes = Attributes(closure, self._actives)
        self._methods = OwnMethods(closure, there)
        self._each_round = EachRound(closure, self._actives)
        self.passed = Passed(self._actives)
        self.counting = {
            f"{active.unit}|{name}" if active.unit else name
            for active in self._actives
            for name in (counted_by(active.loop) if active.loop is not None else ())
        }
        self._filled: dict[str, bool] = {}
        self._begun: dict[str, Beginnings] = {}
        self.asked = False  # has an answer come from the containers?
        self.told: set[str] = set()  # data classes whose instances count as gone, or begin empty
        self.waits = False  # might it be another one at the next boundary?

    def keeps_nothing(self, flow: Flow, store: Store) -> bool:
        """Is what the flow puts there gone?"""
        if (store.queued and not store.removes) or takes_what_is_there(self._closure, flow, store):
            return self._answer("queues", self._has_queues(), self._queues_are_empty)
        if frameworks.is_of_response(self._closure, flow, store):
            return self._answer("responses", True, lambda: not frameworks.has_responses())
        if not store.binds and store.key.isidentifier():
            return self._is_nowhere(store.key, True) and not (store.removes and self._is_filled_once(store.key))
        if store.removes:
            return False
        if store.made is None or store.needs_class is not None or flow.unit is None:
            return False
        return self.is_empty(f"{flow.unit.id}|{store.made}")

    def is_gone(self, flow: Flow, store: Store) -> bool:
        """Is what the flow binds an attribute to gone with all objects that have had it, or is it given to a method of
        the program's, whose body says what becomes of it?"""
        found = self._methods.are_called(store) or self._gone.has(flow, store)
        found = found or (store.binds and self._is_nowhere(store.key, False))
        self.asked = self.asked or found
        return found

    def are_of_many(self, name: str, asked: Asked) -> bool:
        """Is an object with such an attribute one of many, of which some are asked for, or made by a round?"""
        self.asked = True
        return self._there and self._attributes.are_of_many(name, asked, self._living, self._is_put_once)

    def _is_put_once(self, key: str) -> bool:
        """Is something put into this container only while the program's state says so?"""
        once = Once(self._closure.modules, self._living, self.is_empty, self.counting)
        return any(once.covers(flow) for flow in self._closure.flows if any(_puts(store, key) for store in flow.stores))

    def _is_nowhere(self, name: str, empty: bool) -> bool:
        """Does no object that lives on have such an attribute, or with `empty` none that is not empty, as it began?"""
        begun = self._beginning(name)
        if not (begun.classes and (begun.is_empty or not empty)):
            return False
        found = not self._there or self._attributes.hold_nothing(name, empty)
        self.asked = self.asked or found
        self.told |= begun.fields if found else set()
        return found

    def _is_filled_once(self, name: str) -> bool:
        """May something have been put there that no round puts there again? The old code may have taken it out."""
        if name not in self._filled:
            once = Once(self._closure.modules, self._living, self.is_empty, self.counting)
            flows = [flow for flow in self._closure.flows if any(_puts(store, name) for store in flow.stores)]
            rounds = self._each_round
            self._filled[name] = any(once.covers(flow) or not rounds.runs(flow.unit) for flow in flows)
        return self._filled[name]

    def _beginning(self, name: str) -> Beginnings:
        if name not in self._begun:
            seen = bool(self._actives) and self._gone.sees_all
            self._begun[name] = beginnings.of(self._closure, name) if seen else Beginnings()
        return self._begun[name]

    def is_empty(self, key: str) -> bool:
        """Is a local of a function around a loop a container that was made empty, and is so now? Is an attribute one of
        objects that only belong to a round, and are none now?"""
        if "|" not in key:
            begun = self._beginning(key)
            of_rounds = bool(begun.classes) and begun.is_plain and all(map(self._each_round.makes, begun.classes))
            return of_rounds and self._is_nowhere(key, False)
        if self._passing is None:
            self._passing = self._passed_through()
        unit, _, name = key.partition("|")
        actives = [active for active in self._actives if active.unit == unit]
        return self._answer(key, key in self._passing, lambda: all(_is_empty(active, name) for active in actives))

    def _passed_through(self) -> set[str]:
        """The keys of the locals that begin empty, and into which nothing is put only while the program's state says
        so: that would not be put there again."""
        named = [(active, name) for active in self._actives for name in active.frame.f_code.co_varnames]
        found = {f"{active.unit}|{name}" for active, name in named if _begins_empty(active, name)}
        found -= {f"{active.unit}|{name}" for active, name in named if not _begins_empty(active, name)}
        if found:
            self._closure.take_all()
        size = -1
        while size != len(found):
            size = len(found)
            once = Once(self._closure.modules, self._living, found.__contains__, self.counting)
            for flow in self._closure.flows:
                keys = {store.key for store in flow.stores if not store.removes}
                if not keys.isdisjoint(found) and once.covers(flow):
                    found -= keys
        return found

    def _answer(self, key: str, possible: bool, look: Callable[[], bool]) -> bool:
        if key not in self._known:
            self._known[key] = possible and (not self._there or look())
            self.asked = self.asked or possible
        self.waits = self.waits or (possible and not self._known[key])
        return self._known[key]

    def _has_queues(self) -> bool:
        """Is what is put somewhere put into queues of the standard library's?"""
        closure = self._closure
        if not self._actives or any(name in sys.modules for name in _ELSEWHERE):
            return False
        own = any(closure.units_of(name) or closure.is_rebound(name) for name in _PUTTING)
        return not own and not closure.looks_up_anything()

    def _queues_are_empty(self) -> bool:
        kinds: dict[type, str | None] = {}
        for module, (names, inside) in _QUEUES.items():
            own = [getattr(sys.modules[module], name) for name in names] if module in sys.modules else []
            kinds.update(dict.fromkeys(derived(own), inside))
        everything = gc.get_objects()
        found = compress(everything, map(kinds.__contains__, map(type, everything)))
        return all(_size(item, kinds[type(item)]) == 0 for item in found)


def _puts(store: Store, name: str) -> bool:
    return store.key == name and not (store.removes or store.binds)


def _size(queue: Any, inside: str | None) -> int | None:
    """How much is in a queue; None if it keeps that in a way of its own."""
    if inside is None:
        size: int = queue.qsize()
        return size
    items: Any = getattr(queue, inside, None)
    return len(items) if type(items).__name__ in ("deque", "list") else None


def _begins_empty(active: Active, name: str) -> bool:
    """Is the name only ever bound to new, empty containers, by the function alone, and not used before its loop?"""
    node = active.node
    if isinstance(node, ast.Module) or active.loop is None or active.unit is None:
        return False
    if active.unit.rpartition(".")[2] != node.name or name in active.frame.f_code.co_cellvars:
        return False
    good: set[int] = set()
    for item in own_nodes(node):
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name) and len(item.targets) == 1:
            good |= {id(item.targets[0])} if makes_empty(item.value) else set()
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value is not None:
            good |= {id(item.target)} if makes_empty(item.value) else set()
    if not _is_emptied(active.loop, name):
        return False  # to wait for that would be in vain
    stored = [item for item in own_nodes(node) if isinstance(item, ast.Name) and item.id == name]
    if any(not isinstance(item.ctx, ast.Load) and id(item) not in good for item in stored):
        return False
    return not any(_mentions(item, name, good) for item in active.before)


def _is_emptied(loop: ast.AST, name: str) -> bool:
    """Does something in the loop bind the name anew, or take out of what it is bound to?"""
    for item in walk(loop):
        if isinstance(item, ast.Name) and item.id == name and not isinstance(item.ctx, ast.Load):
            return True
        function = item.func if isinstance(item, ast.Call) else None
        removes = isinstance(function, ast.Attribute) and function.attr in REMOVING
        if removes and isinstance(function, ast.Attribute) and name in bare_names(function.value):
            return True
        if isinstance(item, ast.Delete) and name in bare_names(item):
            return True
    return False


def _mentions(node: ast.AST, name: str, good: set[int]) -> bool:
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and all(
        not isinstance(item, ast.Name) or item.id != name or id(item) in good for item in walk(node)
    ):
        return False
    return name in bare_names(node)


def _is_empty(active: Active, name: str) -> bool:
    """Is the variable an empty container now, if it is bound at all?"""
    value = active.frame.f_locals.get(name, ())
    return type(value) is tuple or is_empty(value)
