"""Who holds an object, shown by its reference count. Runs in the user's process; touches nothing.

The question "who else holds this?" can be asked of the heap (``gc.get_referrers``), which takes a pass over every
object and does not see holders that the collector does not know: C structures, extension types without its support. It
can also be asked of the object: if as many references exist as there are holders that can be named, there is nobody
else, whoever that might be. So a count that is right is the stronger proof, and costs nothing; one that is not says
only that somebody has to be looked for.

What the proof rests on: each known holder is counted once for each of its references (``gc.get_referents`` reports
them so, or the collector itself would fail), and never for one that it does not own. Counting too few of them is
harmless. A borrowed reference is not counted, and needs none: whoever it was borrowed from is a holder.
"""

from __future__ import annotations

import gc
import sys
from functools import lru_cache, partial
from sys import getrefcount
from types import CellType, CodeType, FunctionType, MethodType, ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType
    from typing import Any

_BUDGET = 3000  # objects that are looked at, before a pass over the heap is cheaper
_PARTS = frozenset((FunctionType, CellType, MethodType, tuple, dict, type(lru_cache(lambda: None)), partial))
_LARGE = 100  # containers with more are looked into last
_DEFINING = frozenset(
    (FunctionType, type, property, staticmethod, classmethod, CellType, MethodType, tuple, dict, list, type(vars(type)))
)
# Without a global lock references are not all counted where they are.
_COUNTS = "t" not in getattr(sys, "abiflags", "")


def references(items: list[Any]) -> list[int]:
    """How many references each item has, beside that of the list itself."""
    return [count - _OWN for count in map(getrefcount, items)]


_OWN = 0
_OWN = references([object()])[0]


def unknown(items: list[Any], holders: list[Any]) -> list[int]:
    """How many references each item has that neither the two lists nor one of the `holders` own. The items are
    distinct, and the caller has none of them in a variable."""
    if not _COUNTS:
        return [1 for _ in items]
    owned = _owned(items, holders)
    return [count - known for count, known in zip(references(items), owned, strict=True)]


def _owned(items: list[Any], holders: list[Any]) -> list[int]:
    distinct = {id(holder): holder for holder in (*holders, holders)}
    known = dict.fromkeys(map(id, items), 0)
    for key in map(id, gc.get_referents(*distinct.values())):
        if key in known:
            known[key] += 1
    return list(known.values())


def alone(pending: list[Any], own: list[Any]) -> list[Any]:
    """Of these objects, and of the parts that functions are made of, those that nobody holds but `own` and one another:
    they go with what holds them. The list is used up."""
    found: list[Any] = []
    while True:
        distinct = {id(item): item for item in pending}
        pending.clear()
        pending += distinct.values()
        distinct.clear()
        free = {index for index, count in enumerate(unknown(pending, [*own, found, *found])) if not count}
        if not free:
            return found
        rest = [pending[index] for index in range(len(pending)) if index not in free]
        before = len(found)
        found += [pending[index] for index in sorted(free)]
        known = set(map(id, found))
        parts = [item for item in gc.get_referents(*found[before:]) if type(item) in _PARTS and id(item) not in known]
        pending.clear()
        pending += rest + parts
        rest.clear()
        parts.clear()


def trees(codes: Iterable[CodeType]) -> list[CodeType]:
    """These code objects and all that are among their constants, each once."""
    found: dict[int, CodeType] = {}
    pending = list(codes)
    while pending:
        code = pending.pop()
        if id(code) not in found:
            found[id(code)] = code
            pending.extend(item for item in code.co_consts if isinstance(item, CodeType))
    return list(found.values())


def functions_of(module: ModuleType, frames: Iterable[FrameType]) -> list[FunctionType] | None:
    """Every function whose globals are the module's namespace, or None if it cannot be shown that these are all.

    Each of them holds the namespace once, so the count of its references says how many there are; they are looked for
    from the namespace itself. `frames` are running; one that runs a module's body holds it too, by itself and by the
    function that it was made of, which cannot be found.
    """
    held = [vars(module)]
    running = {id(frame.f_code) for frame in frames if frame.f_globals is held[0] and _runs_body(frame)}
    owned = sum(item is held[0] for item in gc.get_referents(module)) + 2 * len(running)
    number = references(held)[0] - owned
    if not _COUNTS or number < 0:
        return None
    found = _Search(held, module.__name__, number, running).functions
    return found if len(found) == number else None


def _runs_body(frame: FrameType) -> bool:
    return frame.f_code.co_name == "<module>" and frame.f_locals is frame.f_globals


class _Search:
    """From a namespace to `number` functions whose globals it is; what defines things is looked at before data is."""

    def __init__(self, held: list[dict[str, Any]], module: str, number: int, running: set[int]) -> None:
        self._held, self._module, self._number, self._running = held, module, number, running
        self.functions: list[FunctionType] = []
        self._seen = {id(held[0]), id(held), id(held[0].get("__builtins__"))}
        self._later: list[object] = []
        pending: list[object] = list(held[0].values())
        budget = _BUDGET
        while len(self.functions) < number and budget > 0 and (pending or self._later):
            if not pending:
                pending, self._later = self._later, []
                pending = gc.get_referents(*pending)
            pending = self._look(pending)
            budget -= len(pending) + len(self._later)

    def _look(self, items: list[object]) -> list[object]:
        """Take the functions, and give back what the definitions among these refer to."""
        following: list[object] = []
        for item in items:
            if id(item) in self._seen or not gc.is_tracked(item):
                continue
            self._seen.add(id(item))
            kind = type(item)
            if kind is FunctionType:
                self._take(item)  # type: ignore[arg-type]
            elif isinstance(item, type):
                if item.__module__ != self._module:
                    continue
            elif isinstance(item, ModuleType):
                continue
            if (kind in _DEFINING or isinstance(item, type)) and _size(item) <= _LARGE:
                following += gc.get_referents(item)
            else:
                self._later.append(item)
        return following

    def _take(self, function: FunctionType) -> None:
        if function.__globals__ is self._held[0] and id(function.__code__) not in self._running:
            self.functions.append(function)


def _size(item: object) -> int:
    return len(item) if type(item) in (tuple, dict, list) else 0  # type: ignore[arg-type]
