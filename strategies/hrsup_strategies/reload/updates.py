"""Statements that read a place only to update it: counters, tallies, logs that are cut. Pure; user's process.

What they read goes back to the place that it was read from, and nowhere else. So they are no reads of it, for the
question whether old results that are kept there are ever found. What raises where something is missing is none of
them: by that one would notice what is there. Nor is what changes an object that was put there: others may have it.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import DISPLAYS, bare_names, last_name
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    IsPlace = Callable[[ast.AST], bool]

_CONTAINERS = frozenset(("dict", "list", "set", "deque", "OrderedDict", "Counter"))
_FACTORIES = frozenset(("int", "float"))
_ADDING = frozenset(("append", "appendleft", "add", "extend", "extendleft", "update", "clear", "discard"))
_CUTTING = frozenset(("pop", "popleft", "clear"))
_MIXING = frozenset(("min", "max", "round", "abs"))
_BY_KEYS = frozenset(("Counter", "set", "frozenset", "dict"))  # which have a thing once, however often it is added


def settles(node: ast.AugAssign) -> bool:
    """May the assignment put an end to what was there, or add nothing to it from some time on? What is added, or
    multiplied by a number, goes on from what was there before. But a factor that is computed may be nothing, a bit is
    only set once, a union or a display may be a memo by hand, and what asks the target knows what is there already."""
    value = node.value
    parts = [*walk(value)] if isinstance(value, ast.IfExp) else [value]
    if any(isinstance(part, (*DISPLAYS, ast.Tuple)) for part in parts) or last_name(node.target) in bare_names(value):
        return True
    if isinstance(value, ast.Call) and last_name(value) in _BY_KEYS:
        return True
    if isinstance(node.op, (ast.Mult, ast.Div)):
        return not (isinstance(value, ast.Constant) and value.value)
    return not isinstance(node.op, (ast.Add, ast.Sub))


def is_new(value: ast.expr | None) -> bool:
    """Does the expression make a container that nobody else has, or is it a number, a text, or nothing?"""
    if isinstance(value, (*DISPLAYS, ast.Constant)):
        return True
    return is_total(value) or (_calls(value) in _CONTAINERS and isinstance(value, ast.Call) and not value.args)


def is_total(value: ast.expr | None) -> bool:
    """Does it make a dictionary of numbers that has something for every key?"""
    if not isinstance(value, ast.Call) or value.keywords:
        return False
    factories = [item.id for item in value.args if isinstance(item, ast.Name)]
    if _calls(value) == "defaultdict":
        return len(factories) == len(value.args) == 1 and factories[0] in _FACTORIES
    return _calls(value) == "Counter" and not value.args


def is_cut(value: ast.expr | None, is_place: IsPlace) -> bool:
    """Is it a new list of some of what is there?"""
    return isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice) and is_place(value.value)


def of_itself(node: ast.stmt, is_place: IsPlace) -> tuple[list[ast.AST], bool]:
    """The mentions of a place by which the statement updates that place, and does nothing else with it; and whether
    that holds only if there is something for every key."""
    found: list[ast.AST] = []
    if isinstance(node, ast.AugAssign):
        if is_place(node.target):
            return [node.target], False
        if isinstance(node.target, ast.Subscript) and is_place(node.target.value):
            return [node.target.value], True
    elif isinstance(node, ast.Delete) and len(node.targets) == 1:
        found = _of_cut(node.targets[0], is_place)
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        found = _of_assigned(node.targets[0], node.value, is_place)
    elif isinstance(node, ast.Expr):
        found = _of_call(node.value, is_place, _ADDING)
    elif isinstance(node, ast.If) and not node.orelse and all(_cuts(item, is_place) for item in node.body):
        found = _of_length(node.test, is_place) + [part for item in node.body for part in _cuts(item, is_place)]
    return found, False


def _of_assigned(target: ast.expr, value: ast.expr, is_place: IsPlace) -> list[ast.AST]:
    if isinstance(target, ast.Subscript) and is_place(target.value):
        return [target.value, *(_mixed(value, is_place) if isinstance(value, (ast.BinOp, ast.Call)) else [])]
    return _of_cut(value, is_place) if is_place(target) else []


def _of_cut(value: ast.expr, is_place: IsPlace) -> list[ast.AST]:
    return [value.value] if isinstance(value, ast.Subscript) and is_cut(value, is_place) else []


def _mixed(value: ast.expr, is_place: IsPlace) -> list[ast.AST]:
    """Where the place is looked into for a number that it is given."""
    if isinstance(value, ast.BinOp):
        return [*_mixed(value.left, is_place), *_mixed(value.right, is_place)]
    if not isinstance(value, ast.Call) or value.keywords:
        return []
    if isinstance(value.func, ast.Name) and value.func.id in _MIXING:
        return [item for part in value.args for item in _mixed(part, is_place)]
    function = value.func
    looks = isinstance(function, ast.Attribute) and function.attr == "get" and is_place(function.value)
    numbers = len(value.args) == 2 and isinstance(value.args[1], (ast.Constant, ast.Name))
    return [function.value] if looks and numbers and isinstance(function, ast.Attribute) else []


def _of_call(value: ast.expr, is_place: IsPlace, methods: frozenset[str]) -> list[ast.AST]:
    function = value.func if isinstance(value, ast.Call) else None
    if not isinstance(function, ast.Attribute) or function.attr not in methods:
        return []
    return [function.value] if is_place(function.value) else []


def _cuts(node: ast.stmt, is_place: IsPlace) -> list[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        plain = all(isinstance(item, ast.Constant) for item in node.value.args)
        return _of_call(node.value, is_place, _CUTTING) if plain else []
    return of_itself(node, is_place)[0] if isinstance(node, (ast.Assign, ast.Delete)) else []


def _of_length(test: ast.expr, is_place: IsPlace) -> list[ast.AST]:
    """Where a condition asks how long the place is."""
    call = test.left if isinstance(test, ast.Compare) else None
    return (
        [item for item in call.args if is_place(item)] if isinstance(call, ast.Call) and _calls(call) == "len" else []
    )


def _calls(value: ast.expr | None) -> str | None:
    return value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else None
