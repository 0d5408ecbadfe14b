"""What the program's state is asked by: functions that answer from it, and variables that hold the answer. Pure.

Runs in the user's process. ``if not self.ready`` and ``if not self.is_ready()`` decide the same, and so does a
condition over ``first = self.count == 0``. One thing of many, that was taken out of a queue or comes from a loop, is no
answer about where it came from.
"""

from __future__ import annotations

from hrsup_strategies.reload.known import CONSTRUCTORS
from hrsup_strategies.reload.questions import ORDERED, WHOLE, may_be_builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Store
    from hrsup_strategies.reload.names import ModuleNames, Part
    from hrsup_strategies.reload.units import Unit

# Methods that a condition asks without spelling them.
_UNSPELLED = frozenset(
    f"__{name}__" for name in ("bool", "len", "contains", "eq", "ne", "lt", "le", "gt", "ge", "iter", "getitem", "hash")
)


def answering(modules: Iterable[ModuleNames], state: set[str]) -> set[str]:
    """The `state`, with the functions and variables that tell of it."""
    parts = [part for module in modules for part in module.flowing]
    found, size = set(state), -1
    while size != len(found):
        size = len(found)
        for part in parts:
            digest = part.digest
            if not digest.told.isdisjoint(found):
                found |= {unit.name for unit in part.units if not unit.told.isdisjoint(found)}
            if not digest.answered.isdisjoint(found):
                found |= {key for key, values in digest.answers if not values.isdisjoint(found)}
    return found


class Asked:
    """Answers whether what has grown, or was summed up, is asked for something else than all of it (``questions``), by
    itself or through the functions and variables that tell of it."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._size = -1
        self._paths: dict[bool, dict[str, set[str]]] = {}
        self._known: dict[tuple[bool, bool, bool], set[str]] = {}
        self._takers: dict[str, list[Unit]] = {}
        self._made: dict[str, list[Unit]] = {}
        self._holders: set[str] = set()  # containers that others were put into, by which they are reached, too

    def covers(self, store: Store, kind: str) -> bool:
        """Is what is added in this place, in a way of this kind, asked for?"""
        name = store.key.rpartition("|")[2]
        self._closure.take_all()  # whoever is given it may ask
        if self._size != len(self._closure.modules):
            self._size = len(self._closure.modules)
            self._paths.clear()
            self._known.clear()
            self._takers.clear()
            self._made.clear()
            self._holders = set().union(*(part.digest.holders for part in self._parts()))
        inside = store.inside and self._holders.isdisjoint((store.key, name))
        names = self._asked(kind == "aug", inside, store.ahead)
        return store.key in names or name in names

    def _asked(self, summed: bool, inside: bool, ahead: bool) -> set[str]:
        """The names that are asked for: of sums, or of containers; of what is `inside` of one, or of itself; of what
        is put `ahead`, by whoever wants the last."""
        known = self._known.get((summed, inside, ahead))
        if known is None:
            self._known[summed, inside, ahead] = known = set(_UNSPELLED)
            for asked in (part.questions for part in self._parts()):
                known |= asked.decide | (set() if summed else asked.items) | (set() if inside else asked.picked)
                known |= asked.last if ahead else set()
                known.update(*(keys for callee, keys in asked.given.items() if self._asks(callee, summed)))
                known.update(*(keys for method, keys in asked.of.items() if self._looks(method)))
            if summed not in self._paths:
                self._paths[summed] = self._paths_of(summed)
            paths, new = self._paths[summed], list(known)
            while new:
                found = paths.get(new.pop(), set()) - known
                known |= found
                new += found
        return known

    def _parts(self) -> Iterable[Part]:
        return (part for module in self._closure.modules for part in module.parts)

    def _asks(self, callee: str, summed: bool) -> bool:
        """May what is called so, which is none of the program's functions, ask for a part of what it is given?"""
        return not (callee in WHOLE or (summed and callee in ORDERED) or self._takers_of(callee))

    def _looks(self, method: str) -> bool:
        return may_be_builtin(method) or not self._closure.units_of(method)

    def _takers_of(self, callee: str) -> list[Unit]:
        """The program's functions that a call by this name gives something, of a class its constructors."""
        known = self._takers.get(callee)
        if known is None:
            self._takers[callee] = known = list(self._closure.units_of(callee))
            if self._closure.class_of(callee) is not None:
                known += self._constructors().get(callee, [])
        return known

    def _constructors(self) -> dict[str, list[Unit]]:
        """By the name of each class."""
        if not self._made:
            for unit in (unit for name in CONSTRUCTORS for unit in self._closure.units_of(name)):
                self._made.setdefault(unit.owner or "", []).append(unit)
        return self._made

    def _paths_of(self, elements: bool) -> dict[str, set[str]]:
        """By each name, those that are asked if it is. One of many that come one after the other says something of a
        sum, and nothing of where it was taken from (`elements`)."""
        paths: dict[str, set[str]] = {}
        for part in self._parts():
            for unit in part.units:
                paths.setdefault(unit.name, set()).update(unit.told)
            digest = part.digest
            for found in (digest.paths, part.questions.parts, *([digest.elements] if elements else [])):
                for key, values in found.items():
                    paths.setdefault(key, set()).update(values)
            for callee, keys in part.questions.given.items():
                self._hand_over(paths, callee, keys)
        return paths

    def _hand_over(self, paths: dict[str, set[str]], callee: str, keys: set[str]) -> None:
        for unit in self._takers_of(callee):
            bound = unit.owner is not None and "staticmethod" not in unit.decorators
            params = unit.params - unit.first if bound else unit.params
            for param in params:
                paths.setdefault(param, set()).update(keys)
            for key in keys:
                paths.setdefault(key, set()).update(params)
