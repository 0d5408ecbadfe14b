"""Which objects of the process have an attribute of a name: what is kept there is kept in one of these.

Runs in the user's process. Where something is bound to ``order.status``, or put into ``worker.pending``, the sources do
not say which object that is. But whichever it is, it has the attribute. So if none has it that lives on (``gone``), or
if all that have it have an empty container there, nothing is kept under that name. Beside objects, classes and modules
are looked at, since they have attributes as well, and globals are those of a module. Objects of the library's may work
with what is bound in them: no class that is none of the program's may have, or give its objects, such an attribute.
"""

from __future__ import annotations

import ast
import gc
import re
import sys
from opcode import opmap
from time import thread_time
from types import BuiltinFunctionType, CodeType, FunctionType, MemberDescriptorType, MethodDescriptorType, ModuleType

from hrsup_strategies.reload.descent import derived
from hrsup_strategies.reload.gone import are_dropped
from hrsup_strategies.reload.known import ACCUMULATING, OVERWRITING
from hrsup_strategies.reload.namespaces import loaded_as
from hrsup_strategies.reload.of_many import are_asked, is_bag, is_of_library
from hrsup_strategies.reload.of_rounds import OfRounds
from hrsup_strategies.reload.values import is_plain, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.asking import Asked
    from hrsup_strategies.reload.closure import Closure

    Living = dict[str, set[str]]
    FilledOnce = Callable[[str], bool]

_CONTAINERS = frozenset(
    f"{module}.{name}"
    for module, names in (
        ("builtins", ("list", "dict", "set", "bytearray")),
        ("collections", ("deque", "Counter", "defaultdict", "OrderedDict")),
    )
    for name in names
)
_STREAMS = frozenset(("_io", "io", "typing"))  # their attributes tell, and keep nothing
# What other threads have in their own, nobody sees; syntax trees are here beside those of the program; and an attribute
# may be set in what takes in nothing else.
_ALIKE = re.compile(rb"threading\.local|import local\b|\blocal\(|\(local\)|\bast\b|__setattr__")
_STORE, _EXTENDED = opmap["STORE_ATTR"], opmap["EXTENDED_ARG"]
_METHODS = (FunctionType, BuiltinFunctionType, MethodDescriptorType, staticmethod, classmethod)
# Something is put into a container by one of these.
_PUTTING = (ACCUMULATING | OVERWRITING | {"__ior__", "__iadd__", "__getattr__"}) - {"__setattr__"}
# Each question is a pass over all objects, while the program stands still.
_LIMIT_S, _OBJECTS = 0.5, 500_000
_MISSING, _UNKNOWN = object(), object()


def is_empty(value: object) -> bool:
    """Is it a container of a builtin type, without anything in it?"""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}" in _CONTAINERS and not value


class Attributes:
    """Answers for the frames around the loops (`actives`), when everybody is at his boundary."""

    def __init__(self, closure: Closure, actives: list[Active]) -> None:
        self._closure, self._actives = closure, actives
        self._known: dict[tuple[str, bool], bool] = {}
        self._of_many: dict[tuple[str, int], bool] = {}
        self._spent_s = 0.0  # of the thread's own time
        self._own: set[str] | None = None  # the names of the program's modules

    def hold_nothing(self, name: str, empty: bool) -> bool:
        """Does no object that lives on have an attribute of this name, or with `empty` none with something in it?"""
        key = (name, empty)
        if key not in self._known:
            if self._spent_s > _LIMIT_S or len(gc.get_objects()) > _OBJECTS:
                return False
            began = thread_time()
            plain = self._classes_keep_nothing(name, empty) and (empty or not is_set_by_others(self._names(), name))
            self._known[key] = plain and self._objects_hold_nothing(name, empty)
            self._spent_s += thread_time() - began
        return self._known[key]

    def are_of_many(self, name: str, asked: Asked, living: Living, is_filled_once: FilledOnce) -> bool:
        """Is an object that lives on, and has an attribute of this name, one of many of which some are asked for, or
        one that a round has made and a later one finds?"""
        key = (name, id(asked.definitions))
        if key not in self._of_many:
            if self._spent_s > _LIMIT_S or len(gc.get_objects()) > _OBJECTS:
                return True
            began = thread_time()
            members = [item for item, _ in _having(name) if not is_of_library(type(item))]
            found = bool(members) and not are_dropped(members[:], self._actives)
            self._of_many[key] = found and (
                self._are_asked(members, asked) or self._are_found(members, asked, living, is_filled_once)
            )
            self._spent_s += thread_time() - began
        return self._of_many[key]

    def _are_asked(self, members: list[Any], asked: Asked) -> bool:
        picked = asked.containers()
        return bool(picked) and are_asked(members, picked, self._actives)

    def _are_found(self, members: list[Any], asked: Asked, living: Living, is_filled_once: FilledOnce) -> bool:
        rounds = OfRounds(asked.definitions, self._actives, living, self._closure.script)
        made = [item for item in members if self._is_own(type(item)) and rounds.may_have_made(type(item))]
        members.clear()  # (or we would be who holds them)
        if not made or are_dropped(made[:], self._actives):
            return False
        return rounds.are_found(made, asked.containers(is_filled_once))

    def _is_own(self, kind: type) -> bool:
        return kind.__module__ in self._names() or is_bag(kind)

    def _classes_keep_nothing(self, name: str, empty: bool) -> bool:
        """Is what goes by the name in classes what their sources say, and nothing that keeps what is bound to it?"""
        if self._closure.has_match(_ALIKE):
            return False
        kinds = [kind for kind in derived([object]) if name in vars(kind) and not _is_guest(kind.__module__)]
        found = [(kind, vars(kind)[name]) for kind in kinds]
        return all(
            self._keeps_nothing(kind, name, value) or (not empty and _is_read_only(value)) for kind, value in found
        )

    def _keeps_nothing(self, kind: type, name: str, value: Any) -> bool:
        if kind.__module__ in self._names():
            return type(value) is MemberDescriptorType or self._says(kind, name, value)
        return isinstance(value, _METHODS) or kind.__module__ in _STREAMS

    def _names(self) -> set[str]:
        if self._own is None:
            self._own = loaded_as(self._closure)
        return self._own

    def _says(self, kind: type, name: str, value: object) -> bool:
        """Is this the constant that the class's statement binds?"""
        info = self._closure.class_of(kind.__name__)
        found = [
            item.value
            for item in (info.node.body if info is not None else ())
            if isinstance(item, (ast.Assign, ast.AnnAssign))
            for target in (item.targets if isinstance(item, ast.Assign) else [item.target])
            if isinstance(target, ast.Name) and target.id == name
        ]
        constant = found[0] if len(found) == 1 else None
        return isinstance(constant, ast.Constant) and is_plain(value) and same(value, constant.value)

    def _objects_hold_nothing(self, name: str, empty: bool) -> bool:
        members: list[Any] = []
        for item, value in _having(name):
            if empty and (is_empty(value) or _takes_nothing(type(value))):
                continue
            if isinstance(item, ModuleType) and _is_guest(item.__name__):
                continue
            if type(item) is type(value) is ModuleType and sys.modules.get(f"{item.__name__}.{name}") is value:
                continue  # the import has put it there
            if isinstance(item, (ModuleType, FunctionType)):
                return False
            members.append(item)
        item = value = None
        return not members or are_dropped(members, self._actives)


def is_set_by_others(own: set[str], name: str) -> bool:
    """Does a function of none of the program's `own` modules bind such an attribute?"""
    known = {id(vars(sys.modules[module])) for module in {*own, *filter(_is_guest, sys.modules)}}
    functions = [item for item in gc.get_objects() if type(item) is FunctionType]
    return any(id(item.__globals__) not in known and _binds(item.__code__, name) for item in functions)


def _having(name: str) -> Iterator[tuple[Any, object]]:
    """The objects that have an attribute of this name, each with what is there."""
    ways: dict[type, int] = {}
    for item in gc.get_objects():
        kind = type(item)
        way = ways.get(kind)
        if way is None:
            way = ways[kind] = _way(kind, name)
        if way == _NEVER:
            continue
        value = _value(item, name, way)
        if value is not _MISSING:
            yield item, value


def _is_read_only(value: Any) -> bool:
    """Is it an attribute of a class to which nothing can be bound in an object?"""
    of_tuple = (type(value).__module__, type(value).__name__) == ("_collections", "_tuplegetter")
    return of_tuple or (type(value) is property and value.fset is None)


def _takes_nothing(kind: type) -> bool:
    """Can nothing be put into an object of this class?"""
    return not any(hasattr(kind, name) for name in _PUTTING)


def _is_guest(module: object) -> bool:
    """Is it one of those that are in the process beside the program?"""
    return isinstance(module, str) and module.partition(".")[0] in ("hrsup_agent", "hrsup_strategies", "ast", "_ast")


def _binds(code: CodeType, name: str) -> bool:
    """Does the code, or that of a function in it, bind an attribute of this name?"""
    if name in code.co_names:
        wanted, argument, text = code.co_names.index(name), 0, code.co_code
        for operation, part in zip(text[::2], text[1::2], strict=True):
            argument = argument << 8 | part
            if operation == _STORE and argument == wanted:
                return True
            argument = argument if operation == _EXTENDED else 0
    return any(_binds(item, name) for item in code.co_consts if type(item) is CodeType)


_NEVER, _BY_DICT, _BY_LOOKING, _ELSEWHERE = range(4)


def _way(kind: type, name: str) -> int:
    """How to see what an object of this class has as an attribute of this name, without running anything."""
    found = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
    if type(found) is MemberDescriptorType and not _is_guest(kind.__module__):
        return _BY_LOOKING
    if issubclass(kind, type) or not kind.__dictoffset__ or _is_guest(kind.__module__):
        return _NEVER
    setting = getattr(kind, "__setattr__", None)
    if isinstance(setting, FunctionType) and setting.__code__.co_filename != "<string>" and kind.__module__ != "typing":
        return _ELSEWHERE  # (a frozen data class refuses, and an alias sets it in its class)
    looks = kind.__getattribute__ is object.__getattribute__ and not hasattr(kind, "__getattr__")
    return _BY_LOOKING if found is None and (looks or kind is FunctionType) else _BY_DICT


def _value(item: Any, name: str, way: int) -> object:
    if way == _BY_LOOKING:  # (to ask for its dict would make one)
        return getattr(item, name, _MISSING)
    if way == _ELSEWHERE:
        return _UNKNOWN
    try:
        return vars(item).get(name, _MISSING)
    except TypeError:  # it has one, and does not show it
        value = getattr(item, name, _MISSING)
        return _MISSING if type(value) is BuiltinFunctionType and value.__self__ is item else value
