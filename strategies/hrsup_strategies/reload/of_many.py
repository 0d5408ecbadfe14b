"""Objects that are some of many: in a container that the program asks for one of them. Runs in the user's process.

What grows in the only object of its kind is the program's history. What has grown in one of many is a result of its
time, and is asked for as soon as one of them is picked, or they are gone through. So the containers are looked for that
have these objects, and by which names they go.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from types import FrameType, SimpleNamespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from hrsup_strategies.reload.active import Active

CONTAINERS = (list, tuple, dict, set, frozenset, deque)
# Each container is a pass over all objects.
_MOST, _DEPTH = 12, 4
_BY_CLASS_STATEMENT = 1 << 9  # of the flags of a type: it lives on the heap
_BAGS = frozenset(("SimpleNamespace", "Namespace"))


def are_asked(members: list[Any], names: Collection[str], actives: Collection[Active]) -> bool:
    """Is one of these in a container, however deep, that goes by one of these names, or by none that is seen? Variables
    count that are those of a function around a loop. What is in an object is where that is; one of the library's may
    be a container itself (`UserList`, `Queue`)."""
    search = _Search(names, actives)
    inside, known, looked = members, set(map(id, members)), 0
    for _ in range(_DEPTH):
        found = search.holders(inside)
        search.own.add(id(found))
        inside = [item for item in found if id(item) not in known]
        search.own.add(id(inside))
        known |= set(map(id, inside))
        containers = [item for item in inside if isinstance(item, CONTAINERS) or is_of_library(type(item))]
        search.own.add(id(containers))
        looked += len(containers)
        if looked > _MOST or any(map(search.goes_by, containers)):
            return True
        if not inside:
            return False
    return True


class _Search:
    def __init__(self, names: Collection[str], actives: Collection[Active]) -> None:
        self._names = names
        self._locals = [active.frame.f_locals for active in actives]
        self._spaces = {id(vars(module)) for module in list(sys.modules.values())} | set(map(id, self._locals))
        self.own: set[int] = {id(self._locals)}  # what the search itself holds something in

    def holders(self, held: list[Any]) -> list[Any]:
        """The containers and objects that one of these is in; the names of a module are none."""
        single = tuple(held)  # (from 3.13 on the arguments themselves are among the referrers)
        self.own |= {id(single), id(held)}
        found: list[Any] = []
        self.own.add(id(found))
        for item in gc.get_referrers(*single):
            if id(item) in self.own or id(item) in self._spaces:
                continue
            if type(item) is dict and self._is_namespace(item):
                found += self._owners(item)
            elif isinstance(item, CONTAINERS) or has_attributes(type(item)):
                found.append(item)
        return found

    def _owners(self, space: dict[str, Any]) -> list[Any]:
        """The objects whose attributes these are."""
        place = id(space)
        owners = gc.get_referrers(space)
        return [one for one in owners if id(getattr(one, "__dict__", None)) == place and has_attributes(type(one))]

    def goes_by(self, container: Any) -> bool:
        """May it be found by one of the names?"""
        place = id(container)  # (what a generator looks at is in a cell, which would be one more who has it)
        if any(id(space.get(name)) == place for space in self._locals for name in self._names):
            return True
        is_seen = any(id(value) == place for space in self._locals for value in space.values())
        for holder in gc.get_referrers(container):
            if id(holder) not in self.own:
                if self._has(holder, place):
                    return True
                is_seen = True
        return not is_seen

    def _has(self, holder: Any, place: int) -> bool:
        if self._is_namespace(holder):
            return any(id(holder.get(name)) == place for name in self._names)
        if isinstance(holder, CONTAINERS):
            return False  # it is looked at in its turn
        kind = type(holder)
        if not kind.__flags__ & _BY_CLASS_STATEMENT or hasattr(kind, "__getattr__"):
            return True
        plain = [name for name in self._names if not isinstance(getattr(kind, name, None), property)]
        return any(id(getattr(holder, name, None)) == place for name in plain)

    def _is_namespace(self, holder: object) -> bool:
        """Has this dictionary the names of a module, the attributes of an object, or the variables of a frame?"""
        if type(holder) is not dict or id(holder) in self._spaces:
            return type(holder) is dict
        place = id(holder)
        others = [item for item in gc.get_referrers(holder) if id(item) not in self.own]
        return any(type(item) is FrameType or id(getattr(item, "__dict__", None)) == place for item in others)


def is_bag(kind: type) -> bool:
    """Is it a class of the standard library's that is a mere bag of attributes?"""
    return kind.__module__.partition(".")[0] in sys.stdlib_module_names and kind.__name__ in _BAGS


def is_of_library(kind: type) -> bool:
    """Is the class the interpreter's, or the standard library's, and no mere bag of attributes?"""
    return kind.__module__.partition(".")[0] in sys.stdlib_module_names and not is_bag(kind)


def has_attributes(kind: type) -> bool:
    """Is this a class of objects, with attributes, that are no classes themselves?"""
    return kind is SimpleNamespace or (bool(kind.__flags__ & _BY_CLASS_STATEMENT) and not issubclass(kind, type))
