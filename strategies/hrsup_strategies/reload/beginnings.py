"""What an attribute of a name begins with in the objects of the program's classes. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import binds_otherwise, last_name
from hrsup_strategies.reload.trees import walk
from hrsup_strategies.reload.updates import settles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.units import ClassInfo

_EMPTY = frozenset(("list", "dict", "set", "deque", "Counter", "OrderedDict", "defaultdict", "bytearray"))


class Beginnings:
    """`classes` are those of the program's that have the attribute; none, if it may mean something else. `is_empty`
    says that whatever binds it makes a new, empty container, `is_plain` that it is bound to constants, and counted.
    `fields` are those of the classes of which others have written methods that look at it."""

    __slots__ = ("classes", "fields", "is_empty", "is_plain")

    def __init__(self) -> None:
        self.classes: set[str] = set()
        self.is_empty = self.is_plain = False
        self.fields: set[str] = set()


def of(closure: Closure, name: str) -> Beginnings:
    """What all of the program's modules say."""
    found = Beginnings()
    if not name.isidentifier() or name.startswith("__") or closure.units_of(name) or closure.class_of(name):
        return found
    closure.take_all()
    classes = [info for info in closure.classes if name in _declared(info)]
    if any(closure.has_foreign_base(info) or closure.may_be_made_unnamed(info.name) for info in classes):
        return found
    found.classes = {info.name for info in classes}
    found.fields = {info.name for info in classes if any(item.id == name for item in _annotated(info))}
    parts = [part for module in closure.modules for part in module.parts if part.spells(name)]
    nodes = [item for part in parts for item in walk(part.statement.node)]
    bound = [item for item in nodes if _binds(item, name)]
    begun = {id(target): value for info in classes for target, value in _fields(closure, info)}
    pythons = not any(closure.units_of(one) or closure.class_of(one) for one in _EMPTY)
    given = {id(item) for info in classes for item in _annotated(info)}
    emptied = {id(target) for item in nodes for target in _bound_to(item, makes_empty)} - given
    emptied |= {key for key, value in begun.items() if _has_factory(value)}
    found.is_empty = pythons and all(id(item) in emptied for item in bound)
    plain = {id(target) for item in nodes for target in _bound_to(item, _is_constant)} - given
    plain |= {key for key, value in begun.items() if _is_constant(value)}
    found.is_plain = all(id(item) in plain for item in bound)
    return found


def _declared(info: ClassInfo) -> set[str]:
    """The attributes that a class's methods bind in their object, or that it annotates."""
    found = {item.id for item in _annotated(info)}
    for method in info.node.body:
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and method.args.args:
            first = method.args.args[0].arg
            found |= {
                item.attr
                for item in walk(method)
                if isinstance(item, ast.Attribute) and not isinstance(item.ctx, ast.Load)
                if isinstance(item.value, ast.Name) and item.value.id == first
            }
    return found


def _annotated(info: ClassInfo) -> list[ast.Name]:
    targets = [item.target for item in info.node.body if isinstance(item, ast.AnnAssign)]
    return [target for target in targets if isinstance(target, ast.Name)]


def _fields(closure: Closure, info: ClassInfo) -> list[tuple[ast.Name, ast.expr | None]]:
    """The fields of a data class that nobody gives to the constructor, each with what it begins with."""
    calls = [call for _, call in closure.calls_of(info.name)]
    starred = any(isinstance(item, ast.Starred) for call in calls for item in call.args)
    if info.bases or starred or any(keyword.arg is None for call in calls for keyword in call.keywords):
        return []
    most = max([0, *(len(call.args) for call in calls)])
    fields = [item for item in info.node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)]
    return [(item.target, item.value) for item in fields[most:] if isinstance(item.target, ast.Name)]


def _has_factory(value: ast.expr | None) -> bool:
    """``field(default_factory=list)``"""
    if not isinstance(value, ast.Call) or last_name(value.func) != "field" or value.args:
        return False
    factories = [item.value for item in value.keywords if item.arg == "default_factory"]
    return len(factories) == 1 and isinstance(factories[0], ast.Name) and factories[0].id in _EMPTY


def _binds(item: ast.AST, name: str) -> bool:
    """May this node bind something to what goes by the name?"""
    if isinstance(item, (ast.Attribute, ast.Name)):
        known = item.attr if isinstance(item, ast.Attribute) else item.id
        return known == name and not isinstance(item.ctx, ast.Load)
    if isinstance(item, (ast.arg, ast.keyword)):
        return item.arg == name
    if isinstance(item, ast.Constant):
        return item.value == name
    return binds_otherwise(item, name)


def _bound_to(node: ast.AST, is_such: Callable[[ast.expr | None], bool]) -> list[ast.expr]:
    """The targets to which a statement binds such a value, or adds a constant."""
    if isinstance(node, ast.Assign):
        return node.targets if len(node.targets) == 1 and is_such(node.value) else []
    if isinstance(node, ast.AugAssign):
        return [node.target] if is_such(node.value) and not settles(node) else []
    return [node.target] if isinstance(node, ast.AnnAssign) and is_such(node.value) else []


def _is_constant(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant)


def makes_empty(value: ast.expr | None) -> bool:
    """Does the expression make an empty container of a builtin type?"""
    if isinstance(value, ast.List):
        return not value.elts
    if isinstance(value, ast.Dict):
        return not value.keys
    function = value.func if isinstance(value, ast.Call) else None
    if not isinstance(value, ast.Call) or not isinstance(function, ast.Name) or function.id not in _EMPTY:
        return False
    plain = all(keyword.arg == "maxlen" for keyword in value.keywords)
    return plain and (not value.args or function.id == "defaultdict")
