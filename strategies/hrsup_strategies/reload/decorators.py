"""What a decorator does with the function that it is given. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import bare_names, last_name
from hrsup_strategies.reload.known import ACCESSORS, SAFE_DECORATORS, SAFE_ORIGINS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.import_time import ImportTime
    from hrsup_strategies.reload.names import ModuleNames, Unit


def only_referenced(closure: Closure, module: ModuleNames, top: ImportTime, why: set[str]) -> set[str]:
    """Of the names in `why`, those of decorated functions whose decorators keep a reference and no more."""
    if not why:
        return set()
    harmless: set[str] = set()
    for node in _decorated(top.statement.node):
        if node.name in why and all(keeps_reference(closure, module, item) for item in node.decorator_list):
            harmless.add(node.name)
    return harmless - top.decorators - closure.values


def keeps_reference(closure: Closure, module: ModuleNames, decorator: ast.expr) -> bool:
    """Is this decorator known to do no more with a function than keep it, wrap it or give it back?"""
    called = isinstance(decorator, ast.Call)
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    if bare_names(decorator) & closure.values:
        return False
    if isinstance(target, ast.Name):
        origin = module.origins.get(target.id, "builtins")
        if target.id in SAFE_DECORATORS and target.id not in closure.defined and origin in SAFE_ORIGINS:
            return True
        name = target.id
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        if target.attr in SAFE_DECORATORS and module.origins.get(target.value.id) in SAFE_ORIGINS:
            return True
        if target.attr in ACCESSORS or _is_dispatch(closure, target):
            return True
        name = target.attr
    else:
        return False
    units = closure.units_of(name)
    return len(units) == 1 and f"U:{units[0].id}" not in closure.tainted and _keeps(units[0], called)


def _is_dispatch(closure: Closure, target: ast.Attribute) -> bool:
    if target.attr != "register" or not isinstance(target.value, ast.Name):
        return False
    units = closure.units_of(target.value.id)
    return len(units) == 1 and "singledispatch" in units[0].decorators


def _decorated(node: ast.stmt) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    if isinstance(node, FunctionNode):
        return [node] if node.decorator_list else []
    if isinstance(node, ast.ClassDef):
        return [found for item in node.body for found in _decorated(item)]
    return []


def _only_stores(item: ast.AST) -> bool:
    return isinstance(item, ast.Assign) and not any(isinstance(target, ast.Name) for target in item.targets)


def _keeps(unit: Unit, called: bool) -> bool:  # noqa: C901 - one case for each harmless use
    """Does the user's decorator only store, wrap or return the function that it is given?"""
    node: ast.FunctionDef | ast.AsyncFunctionDef = unit.node
    if called:
        inner = [item for item in node.body if isinstance(item, FunctionNode)]
        if len(inner) != 1:
            return False
        node = inner[0]
    arguments = [*node.args.posonlyargs, *node.args.args]
    if unit.owner is not None and not called and len(arguments) == 2:
        arguments = arguments[1:]
    if len(arguments) != 1 or isinstance(node, ast.AsyncFunctionDef):
        return False
    parameter = arguments[0].arg
    allowed: set[int] = set()
    inner_functions: list[ast.AST] = []
    for item in ast.walk(node):
        if isinstance(item, FunctionNode) and item is not node:
            inner_functions.append(item)
            for decorator in item.decorator_list:
                if isinstance(decorator, ast.Call) and last_name(decorator) == "wraps":
                    allowed |= {id(argument) for argument in decorator.args}
        elif isinstance(item, ast.Return) or _only_stores(item):
            allowed.add(id(getattr(item, "value", None)))
        elif isinstance(item, ast.Call) and last_name(item) in ("append", "add", "setdefault", "update_wrapper"):
            allowed |= {id(argument) for argument in item.args}
        elif isinstance(item, ast.Attribute) and item.attr in ("__name__", "__qualname__", "__module__"):
            allowed.add(id(item.value))
    for function in inner_functions:
        assert isinstance(function, FunctionNode)
        allowed |= {id(item) for statement in function.body for item in ast.walk(statement)}
        # A wrapper that runs at once would run what it wraps.
        if any(isinstance(item, ast.Call) and last_name(item) == function.name for item in ast.walk(node)):
            return False
    uses = [item for item in ast.walk(node) if isinstance(item, ast.Name) and item.id == parameter]
    return all(id(item) in allowed for item in uses)
