"""Objects that each round makes and drops: what their methods have stored in them is gone. Runs in the user's process.

What a method has bound to an attribute of its own object is found again through that object. So if there is none of its
class when everybody is at his boundary, nothing is kept there. An object does not count if it is garbage but for the
variables that the next round binds before it reads them (``leftovers``): if all references to it are found
(``census``), in these variables and in objects of which the same holds. Whoever holds it unseen, a frame or native
code, makes one reference too many.
"""

from __future__ import annotations

import ast
import gc
import re
from collections import Counter, deque
from types import AsyncGeneratorType, CoroutineType, GeneratorType, MemberDescriptorType
from weakref import getweakrefcount

from hrsup_strategies.reload import census
from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.descent import derived
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import arguments_of, bare_names, positional
from hrsup_strategies.reload.leftovers import Leftovers
from hrsup_strategies.reload.namespaces import loaded_as
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Container
    from typing import Any

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.units import Unit

_CONTAINERS = (list, tuple, dict, set, frozenset, deque)
_SUSPENDING = (CoroutineType, GeneratorType, AsyncGeneratorType)
_WITHOUT_CODE = {("abc", "ABC"), ("typing", "Generic"), ("typing", "Protocol")}
# Who has one of these may have what is in an object without the object, or the object without a reference.
_UNSEEN = re.compile(
    rb"\b(?:__dict__|__class__|__getstate__|__setstate__|__reduce(?:_ex)?__|vars|pickle|dill|shelve|copyreg|inspect"
    rb"|ctypes|cffi|weakref|gc)\b"
)
_HOOKS = ("__setattr__", "__getattr__", "__getattribute__", "__delattr__", "__set__", "__del__", "__new__")
_MOST, _DEPTH = 5000, 20


class Gone:
    """Answers for the frames around the loops of one closure's strands. Before these are at their boundaries (`there`
    is False), what is not plainly kept counts as gone."""

    def __init__(self, closure: Closure, actives: Collection[Active], there: bool) -> None:
        self._closure, self._actives, self._there = closure, list(actives), there
        self._sees_all: bool | None = None
        self._kinds: dict[str, set[type]] = {}  # by method, those that its object may be of; none if others may be
        self._dropped: dict[str, bool] = {}

    def has(self, flow: Flow, store: Store) -> bool:
        """Does the flow store in an attribute of a method's own object, and are all of these gone?"""
        unit, name = flow.unit, store.key
        if not self._actives or unit is None or unit.owner is None or not store.binds or store.of not in unit.first:
            return False
        if unit.id not in self._kinds:
            self._kinds[unit.id] = self._kinds_of(unit) if self.sees_all else set()
        kinds = self._kinds[unit.id]
        if not kinds or name.startswith("__") or not all(_stores(kind, name) for kind in kinds):
            return False
        if unit.id not in self._dropped:
            self._dropped[unit.id] = (
                are_dropped(instances(kinds), self._actives) if self._there else not self._are_at_hand(kinds)
            )
        return self._dropped[unit.id]

    @property
    def sees_all(self) -> bool:
        """Does nobody come to what is in an object but by the object, and by names that the flows follow?"""
        if self._sees_all is None:
            closure = self._closure
            hooked = closure.looks_up_anything() or any(map(closure.units_of, _HOOKS))
            self._sees_all = not (closure.keeps_unknown or hooked or closure.has_match(_UNSEEN))
        return self._sees_all

    # -- whose object it may be --------------------------------------------------------------------------------------

    def _kinds_of(self, unit: Unit) -> set[type]:
        """The classes of the objects of this method. What others have written for a class (a data class's `repr`)
        reads attributes where no name is spelled."""
        closure = self._closure
        closure.take_all()
        if unit.decorators or is_dunder(unit.name) or closure.is_rebound(unit.name) or not self._is_bound(unit):
            return set()
        paths = {module.path for module in closure.modules}
        own = loaded_as(closure)
        kinds = {
            kind
            for kind in derived([object])
            if any(base.__name__ == unit.owner and base.__module__ in own for base in kind.__mro__)
        }
        return kinds if all(_is_written(base, own, paths) for kind in kinds for base in kind.__mro__) else set()

    def _is_bound(self, unit: Unit) -> bool:
        """Is the method only ever called, of an object, with as many arguments as leave the first to that?"""
        closure, arguments = self._closure, unit.node.args
        if closure.may_be_called_unnamed(unit) or _rebinds_first(unit):
            return False
        least = len(positional(arguments)) - len(arguments.defaults) - 1
        if arguments.vararg is not None or arguments.kwarg is not None or arguments.kwonlyargs or least < 0:
            return False
        parts = [part for module in closure.modules for part in module.parts if part.spells(unit.name)]
        nodes = [item for part in parts for item in walk(part.statement.node)]
        calls = [item.func for item in nodes if isinstance(item, ast.Call) and _gives(item, least)]
        mentions = [item for item in nodes if isinstance(item, ast.Attribute) and item.attr == unit.name]
        if {id(item) for item in mentions} - {id(item) for item in calls}:
            return False
        return not any(isinstance(item, ast.ClassDef) and unit.name in _used_by_body(item) for item in nodes)

    def _are_at_hand(self, kinds: set[type]) -> bool:
        """Is there one among what the functions around the loop go on with, or in one of these objects?"""
        for active in self._actives:
            for value in list(active.frame.f_locals.values()) if active.loop is None else _given(active):
                if type(value) in kinds or (_is_plain(type(value)) and kinds & {*map(type, gc.get_referents(value))}):
                    return True
        return False


def instances(kinds: Container[type]) -> list[Any]:
    """All objects of these classes."""
    return [item for item in gc.get_objects() if type(item) in kinds]


def are_dropped(members: list[Any], actives: list[Active]) -> bool:
    """Do only variables that are bound anew lead to these objects? Whoever calls has them nowhere else, and the list
    grows by what holds them."""
    left = [Leftovers(active) for active in actives if active.loop is not None]
    frames = {id(active.frame) for active in actives}
    try:
        known = {id(members), *map(id, members)}
        known |= {id(holder) for item in left for holder in item.holders()}
        begun, depth = 0, 0
        while begun < len(members):
            at, begun, depth = begun, len(members), depth + 1
            if depth > _DEPTH or not _grow(members, at, known, frames):
                return False
        return _are_counted(members, left)
    finally:
        for leftovers in left:
            leftovers.clear()


def _grow(members: list[Any], at: int, known: set[int], frames: set[int]) -> bool:
    """Take in who refers to those from `at` on; False if one is not of a kind that may be dropped."""
    single = tuple(members[at:])  # (from 3.13 on the arguments themselves are among the referrers)
    known.add(id(single))
    for item in gc.get_referrers(*single):
        if id(item) in known or (type(item) in _SUSPENDING and id(_frame_of(item)) in frames):
            continue
        if not (type(item) in _CONTAINERS or _is_plain(type(item))) or len(members) > _MOST:
            return False
        known.add(id(item))
        members.append(item)
    return True


def _are_counted(members: list[Any], left: list[Leftovers]) -> bool:
    """Are these all that hold one another, but for the variables that are `left`?"""
    if any(hasattr(type(item), "__del__") or getweakrefcount(item) for item in members):
        return False
    values = [value for leftovers in left for value in leftovers.values()]
    bound = Counter(map(id, values))
    holders = [holder for leftovers in left for holder in leftovers.holders()]
    counts = census.unknown(members, [*members, *holders, values])
    return all(count == bound[key] for key, count in zip(map(id, members), counts, strict=True))


def _is_plain(kind: type) -> bool:
    """Is it a class by a class statement, which is no metaclass?"""
    return bool(kind.__flags__ & 1 << 9) and not issubclass(kind, type)


def _is_written(kind: type, own: set[str], paths: set[str]) -> bool:
    """Is all that the class does written in the program's sources?"""
    if kind is object or (kind.__module__, kind.__name__) in _WITHOUT_CODE:
        return True
    codes = [getattr(_unwrapped(value), "__code__", None) for value in vars(kind).values()]
    return kind.__module__ in own and all(code is None or code.co_filename in paths for code in codes)


def _stores(kind: type, name: str) -> bool:
    """Is what is bound to an attribute of such an object in the object?"""
    found = [vars(base)[name] for base in kind.__mro__ if name in vars(base)]
    return all(type(value) is MemberDescriptorType or not hasattr(type(value), "__set__") for value in found)


def _unwrapped(value: Any) -> Any:
    return value.fget if type(value) is property else getattr(value, "__func__", value)


def _rebinds_first(unit: Unit) -> bool:
    first = positional(unit.node.args)[:1]
    names = [item for item in walk(unit.node) if isinstance(item, ast.Name) and item.id in first]
    return any(not isinstance(item.ctx, ast.Load) for item in names)


def _gives(call: ast.Call, most: int) -> bool:
    stars = any(isinstance(item, ast.Starred) for item in call.args) or any(item.arg is None for item in call.keywords)
    return not stars and len(arguments_of(call)) <= most


def _used_by_body(cls: ast.ClassDef) -> set[str]:
    """The names that a class's body uses itself, beside the functions in it."""
    used: set[str] = set()
    for item in cls.body:
        if isinstance(item, FunctionNode):
            defaults = [*item.args.defaults, *(node for node in item.args.kw_defaults if node is not None)]
            used |= {name for node in [*item.decorator_list, *defaults] for name in bare_names(node)}
        else:
            used |= bare_names(item)
    return used


def _given(active: Active) -> list[Any]:
    code, held = active.frame.f_code, active.frame.f_locals
    return [held[name] for name in code.co_varnames[: code.co_argcount] if name in held]


def _frame_of(item: Any) -> object:
    return getattr(item, "cr_frame", None) or getattr(item, "gi_frame", None) or getattr(item, "ag_frame", None)
