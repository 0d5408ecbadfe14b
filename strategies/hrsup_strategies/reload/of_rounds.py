"""Objects that a round has made, and that live on: in an attribute, a global, a variable. Runs in the user's process.

What has grown in the only object of its kind, which was there before the loop, goes on growing. What has grown in one
that a round has made (the first job, the best so far, the one before) is a result of that round. So nobody may find it
in a later one: each way that leads to it is followed to where nobody asks, or everybody writes before he reads.
"""

from __future__ import annotations

import ast
import gc
import sys
from types import FrameType, ModuleType

from hrsup_strategies.reload.anew import is_written_anew
from hrsup_strategies.reload.beforehand import Beforehand
from hrsup_strategies.reload.leftovers import unread
from hrsup_strategies.reload.of_many import CONTAINERS, has_attributes, is_of_library
from hrsup_strategies.reload.setup_phase import made_anew
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.definitions import Definitions
    from hrsup_strategies.reload.script import Script

_FIXED = (tuple, frozenset)
_MOST, _DEPTH = 2_000, 8


class OfRounds:
    """Answers for the frames around the loops, `actives`, of which `living` has the units."""

    def __init__(
        self,
        definitions: Definitions,
        actives: Collection[Active],
        living: dict[str, set[str]],
        script: Script | None,
    ) -> None:
        self._definitions, self._living, self._script = definitions, living, script
        self._actives = actives
        self._beforehand = Beforehand(definitions, actives)
        self._known: dict[tuple[str, str], bool] = {}

    def may_have_made(self, kind: type) -> bool:
        """Is this a class of which a round may have made an instance?"""
        key = ("made", kind.__name__)
        if key not in self._known:
            self._known[key] = not self._beforehand.makes(kind.__name__)
        return self._known[key]

    def is_part(self, name: str) -> bool:
        """Is what the attribute of this name holds made for its object?"""
        key = ("part", name)
        if key not in self._known:
            definitions = self._definitions
            definitions.mention(name)
            bound = [store for flow in definitions.flows for store in flow.stores if store.binds and store.key == name]
            made = all(store.token is None or definitions.class_of(store.token) is not None for store in bound)
            self._known[key] = bool(bound) and made and not definitions.looks_up_anything()
        return self._known[key]

    def is_emptied(self, name: str) -> bool:
        """Is what goes by this name bound anew, or taken out of, by other functions than constructors?"""
        return self._definitions.is_emptied(name)

    def is_written_anew(self, name: str) -> bool:
        """Is what goes by the name never read before it is written?"""
        key = ("anew", name)
        if key not in self._known:
            self._known[key] = is_written_anew(self._definitions, name, self._living, self._script)
        return self._known[key]

    def are_found(self, members: list[Any], asked: Collection[str]) -> bool:
        """Does a later round find one of these? Containers are asked for that go by the names in `asked`."""
        return _Ways(self, self._actives, asked).lead_to(members)

    def left_over(self, active: Active) -> set[str]:
        """The variables that each round of this frame's loop binds anew, and nobody reads before."""
        if active.loop is None:
            return set()
        if active.unit is not None:
            return unread(active)
        read = set[str]().union(*(unit.mentions for unit in self._definitions.units))
        return made_anew(active) - read


class _Ways:
    """One search, from objects to who holds them."""

    def __init__(self, rounds: OfRounds, actives: Collection[Active], asked: Collection[str]) -> None:
        self._rounds, self._asked = rounds, asked
        self._locals = [(active.frame.f_locals, rounds.left_over(active), _bound_in(active)) for active in actives]
        modules = list(sys.modules.values())
        self._spaces = {id(vars(module)) for module in modules if isinstance(module, ModuleType)}
        self._frames = {id(active.frame) for active in actives}
        self._own = {id(self._locals), *(id(item) for item in self._locals), *(id(space) for space, *_ in self._locals)}
        self._next: list[Any] = []
        self._seen: set[int] = set()  # what somebody holds who is looked at

    def lead_to(self, members: list[Any]) -> bool:
        known, items = set(map(id, members)), members
        for _ in range(_DEPTH):
            self._own |= {id(items), id(self._next)}
            if self._are_found(items):
                return True
            items, self._next = [item for item in self._next if id(item) not in known], []
            known |= set(map(id, items))
            if not items or len(known) > _MOST:
                return bool(items)
        return True

    def _are_found(self, items: list[Any]) -> bool:
        """Does somebody ask for one of these? Who is to be followed in his turn comes `next`."""
        places = {id(item): item for item in items}
        single = tuple(items)  # (from 3.13 on the arguments themselves are among the referrers)
        self._own |= {id(single), id(places)}
        for space, left, bound in self._locals:
            if self._is_asked(space, places, left, bound):
                return True
        for holder in gc.get_referrers(*single):
            if id(holder) not in self._own and self._finds(holder, places):
                return True
        return not self._seen.issuperset(places)

    def _is_asked(
        self, space: dict[str, Any], places: dict[int, Any], left: Collection[str], bound: Collection[str] = ()
    ) -> bool:
        """Is one of these a variable that is read in a later round, or a container that is asked?"""
        for name, value in list(space.items()):
            if id(value) in places:
                self._seen.add(id(value))
                if name in self._asked and _is_container(value):
                    return True
                if name not in left and (not _is_container(value) or self._is_of_round(name, value, bound)):
                    return True
        return False

    def _finds(self, holder: Any, places: dict[int, Any]) -> bool:
        if id(holder) in self._spaces:
            names = {name for name, value in holder.items() if id(value) in places}
            return self._is_asked(holder, places, {name for name in names if self._is_left(name)})
        if type(holder) is FrameType:
            return id(holder) not in self._frames and not holder.f_globals.get("__name__", "").startswith("hrsup_")
        if type(holder) is dict:
            owners = self._owners(holder)
            if owners:
                return any(self._finds_in(owner, holder, places) for owner in owners)
        if _is_container(holder):
            self._seen.update(map(id, filter(lambda item: id(item) in places, gc.get_referents(holder))))
            self._next.append(holder)
            return False
        return not has_attributes(type(holder)) or self._finds_in(holder, _attributes_of(holder), places)

    def _owners(self, space: dict[str, Any]) -> list[Any]:
        """The objects whose attributes these are."""
        place = id(space)
        return [one for one in gc.get_referrers(space) if id(getattr(one, "__dict__", None)) == place]

    def _finds_in(self, owner: Any, space: dict[str, Any], places: dict[int, Any]) -> bool:
        """Does somebody ask for what is in an attribute of this object?"""
        names = [name for name, value in space.items() if id(value) in places]
        of_round = self._rounds.may_have_made(type(owner))
        for name in names:
            self._seen.add(id(space[name]))
            if _is_container(space[name]) and name in self._asked:
                return True
            if self._is_left(name):
                continue
            if _is_container(space[name]):
                if self._is_of_round(name, space[name]):
                    return True
            elif not (of_round and self._rounds.is_part(name)):
                return True
            if of_round:
                self._next.append(owner)
        return not names

    def _is_left(self, name: str) -> bool:
        """Is what goes by the name found by nobody in a later round?"""
        return any(name in left for _, left, _ in self._locals) or self._rounds.is_written_anew(name)

    def _is_of_round(self, name: str, container: object, bound: Collection[str] = ()) -> bool:
        """May a round have bound this container to the name? Then it is another by what is in it."""
        return isinstance(container, _FIXED) or name in bound or self._rounds.is_emptied(name)


def _bound_in(active: Active) -> set[str]:
    nodes = walk(active.loop) if active.loop is not None else []
    return {item.id for item in nodes if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load)}


def _is_container(item: object) -> bool:
    return isinstance(item, CONTAINERS) or is_of_library(type(item))


def _attributes_of(item: Any) -> dict[str, Any]:
    found = dict(getattr(item, "__dict__", {}))
    names = [name for kind in type(item).__mro__ for name in _slots(kind)]
    return found | {name: getattr(item, name) for name in names if hasattr(item, name)}


def _slots(kind: type) -> Iterator[str]:
    return (name for name, value in vars(kind).items() if type(value).__name__ == "member_descriptor")
