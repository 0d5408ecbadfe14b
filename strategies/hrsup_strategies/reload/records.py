"""What a class's text says of its instances, if nothing else decides what they are. Pure; user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import DISPLAYS, params_of
from hrsup_strategies.reload.known import CONSTRUCTORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Who defines one of these decides what an attribute is, what is stored, or what a call makes.
_OWN_WAYS = frozenset(
    (
        "__new__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__init_subclass__", "__get__",
        "__set__", "__set_name__", "__dict__", "__class__",
    )
)  # fmt: skip


def is_plain(cls: ast.ClassDef, decorated: bool = False) -> bool:
    """Does nothing but its body decide what the class and its instances are, whatever has `decorated` it?"""
    bases = all(isinstance(item, ast.Name) and item.id == "object" for item in cls.bases)
    bound = {name for item in cls.body for name in bound_in(item)}
    return bases and not cls.keywords and (decorated or not cls.decorator_list) and bound.isdisjoint(_OWN_WAYS)


def is_record(cls: ast.ClassDef, is_data_class: Callable[[ast.expr], bool]) -> bool:
    """Does an instance keep what it is made of, as it is, and does making it nothing else?"""
    if not is_plain(cls, decorated=all(map(is_data_class, cls.decorator_list))):
        return False
    names = {name for item in cls.body if not isinstance(item, ast.AnnAssign) for name in bound_in(item)}
    if cls.decorator_list:
        return names.isdisjoint(CONSTRUCTORS) and all(map(_is_field, cls.body))
    makers = [item for item in cls.body if not CONSTRUCTORS.isdisjoint(bound_in(item))]
    if len(makers) != 1 or not isinstance(makers[0], ast.FunctionDef) or makers[0].decorator_list:
        return False
    return makers[0].name == "__init__" and _only_keeps(makers[0], names)


def _is_field(node: ast.stmt) -> bool:
    """Of a data class's body: is this a field with a plain default, or no field?"""
    if not isinstance(node, ast.AnnAssign) or node.value is None or isinstance(node.value, ast.Constant):
        return True
    call = node.value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != "field" or call.args:
        return False
    factories = [item.value for item in call.keywords if item.arg == "default_factory"]
    others = [item.value for item in call.keywords if item.arg != "default_factory"]
    known = all(isinstance(item, ast.Name) and item.id in ("list", "dict", "set") for item in factories)
    return known and all(isinstance(item, ast.Constant) for item in others)


def _only_keeps(node: ast.FunctionDef, taken: set[str]) -> bool:
    """Does a constructor only bind attributes, which are none of the class's (`taken`), to what it is given?"""
    arguments = node.args
    defaults = [*arguments.defaults, *(item for item in arguments.kw_defaults if item is not None)]
    given = set(params_of(arguments))
    places = [*arguments.posonlyargs, *arguments.args]
    if not places or not all(isinstance(item, ast.Constant) for item in defaults):
        return False
    for item in node.body:
        if isinstance(item, ast.Pass) or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)):
            continue
        targets = item.targets if isinstance(item, ast.Assign) else [getattr(item, "target", None)]
        target, value = targets[0], getattr(item, "value", None)
        if not isinstance(item, (ast.Assign, ast.AnnAssign)) or len(targets) != 1:
            return False
        if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name) or target.attr in taken:
            return False
        plain = isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id in given)
        if target.value.id != places[0].arg or not (plain or _is_empty(value)):
            return False
    return True


def _is_empty(value: ast.expr | None) -> bool:
    return isinstance(value, DISPLAYS) and not any(
        True for item in ast.iter_child_nodes(value) if isinstance(item, ast.expr)
    )


def bound_in(node: ast.stmt) -> set[str]:
    """The names that a statement of a class's body binds."""
    if isinstance(node, (*FunctionNode, ast.ClassDef)):
        return {node.name}
    names = {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
    aliases = {(item.asname or item.name).partition(".")[0] for item in ast.walk(node) if isinstance(item, ast.alias)}
    inner = {item.name for item in ast.walk(node) if isinstance(item, (*FunctionNode, ast.ClassDef))}
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return set()
    return names | aliases | inner
