"""What a decorator does with the function that it is given. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload import asgi
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.holding import Holding
from hrsup_strategies.reload.identifiers import (
    ANYTHING,
    arguments_of,
    bare_names,
    called,
    last_name,
    locals_of,
    shell_of,
)
from hrsup_strategies.reload.known import ACCESSORS, ACCUMULATING, OVERWRITING, REMOVING, SAFE_DECORATORS, SAFE_ORIGINS
from hrsup_strategies.reload.trees import walk

_CHANGING = ACCUMULATING | OVERWRITING | REMOVING | frozenset(("__setattr__", "setattr", "sort", "reverse"))

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.import_time import ImportTime
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.units import Unit


def only_referenced(closure: Closure, module: ModuleNames, top: ImportTime, why: set[str]) -> set[str]:
    """Of the names in `why`, those of decorated functions whose decorators keep a reference and no more."""
    if not why:
        return set()
    if states_registration(closure, module, top.statement.node) or _builds_of_references(closure, top):
        return why - closure.values - {ANYTHING}
    given = asgi.only_depended(closure, module, top.statement.node)
    given |= asgi.only_composed(closure, module, top.statement.node)
    harmless: set[str] = set(given)
    used: set[str] = set()  # by decorators, beside those that are known to make the same as before
    # What is in a shell that only registers runs at import time, too.
    shells = {unit.name for unit in closure.units if _has_its_shell(closure, unit) and not closure.runs_at_import(unit)}
    for node in _decorated(top.statement.node):
        kept = [item for item in node.decorator_list if keeps_reference(closure, module, item)]
        if len(kept) == len(node.decorator_list):
            harmless.add(node.name)
        made = {name for item in kept for name in [last_name(item)] if name in shells}
        # To register with a generic function is not to call it.
        generic = {name for item in kept if (name := _registering(closure, called(item))) is not None}
        made |= generic - bare_names(node.args)
        for item in kept:
            if registers_with_object(closure, module, item):
                made |= bare_names(called(item)) - bare_names(node.args)
            if closure.keepers is not None and closure.keepers.is_framework(module.path, item):
                made |= {name for part in _arguments(item) for name in _spelled_in_text(part)}  # of a URL
        harmless |= made
        used |= {name for item in node.decorator_list for name in bare_names(item)} - made - given
    return (harmless & why) - used - closure.values


def _builds_of_references(closure: Closure, top: ImportTime) -> bool:
    """Does it bind a name to objects that only hold what they are made of?"""
    node = top.statement.node
    annotation = [node.annotation] if isinstance(node, ast.AnnAssign) else []
    if top.statement.kind != "assign" or any(isinstance(item, ast.Call) for one in annotation for item in walk(one)):
        return False
    holding = Holding(closure)
    return holding.statement(node) and holding.read.isdisjoint(closure.values)


def _arguments(decorator: ast.expr) -> list[ast.expr]:
    return arguments_of(decorator) if isinstance(decorator, ast.Call) else []


def _spelled_in_text(part: ast.expr) -> set[str]:
    return bare_names(part) if isinstance(part, ast.Constant) else set()


def keeps_reference(closure: Closure, module: ModuleNames, decorator: ast.expr) -> bool:
    """Is this decorator known to do no more with a function than keep it, wrap it or give it back?"""
    is_call, target = isinstance(decorator, ast.Call), called(decorator)
    if bare_names(decorator) & closure.values:
        return False
    if is_standard(closure, module, decorator):
        return True
    if _registering(closure, target) is not None or registers_with_object(closure, module, decorator):
        return True
    if not is_call and isinstance(target, (ast.Name, ast.Attribute)) and _holds_only(closure, last_name(target)):
        return True
    units = closure.units_of(last_name(target) or "") if isinstance(target, (ast.Name, ast.Attribute)) else []
    if len(units) != 1 or not _keeps(units[0], is_call):
        return False
    return f"U:{units[0].id}" not in closure.tainted or _makes_the_same(closure, units[0])


def is_standard(closure: Closure, module: ModuleNames, decorator: ast.expr) -> bool:
    """Is this a decorator of the standard library that does no more than that?"""
    target = called(decorator)
    if isinstance(target, ast.Name):
        origin = module.origins.get(target.id, "builtins")
        return target.id in SAFE_DECORATORS and target.id not in closure.defined and origin in SAFE_ORIGINS
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        known = target.attr in SAFE_DECORATORS and module.origins.get(target.value.id) in SAFE_ORIGINS
        return known or target.attr in ACCESSORS
    return False


def registers_with_object(closure: Closure, module: ModuleNames, decorator: ast.expr) -> bool:
    """Is this a method that only has its object keep the function (see ``keepers``)?"""
    return closure.keepers is not None and closure.keepers.decorates(module.path, decorator)


def states_registration(closure: Closure, module: ModuleNames, node: ast.stmt) -> bool:
    """The same of a statement that calls such a method, or sets an item by one."""
    if closure.keepers is None or not bare_names(node).isdisjoint(closure.values):
        return False
    return closure.keepers.states(module.path, node)


def _makes_the_same(closure: Closure, unit: Unit) -> bool:
    """Did this function change, or use what changed, only inside of the functions that it makes? Those that it has made
    get their new code like any other, so what was made by calling it is what a new call would make. What the functions
    that it makes may keep is looked at where they store it."""
    shell = shell_of(unit.node)
    attributes = [item for item in ast.walk(shell) if isinstance(item, ast.Attribute)]
    read = {item.attr for item in attributes if isinstance(item.ctx, ast.Load)}
    only_stored = {item.attr for item in attributes} - read
    names = bare_names(shell) - locals_of(unit.node) - only_stored
    return _has_its_shell(closure, unit) and names & closure.tainted <= {unit.name}


def _has_its_shell(closure: Closure, unit: Unit) -> bool:
    """Is a function, which may be tainted, what it was but for the functions that it makes?"""
    if unit.id in closure.shells:
        return True
    return unit.id not in closure.changed_units and f"U:{unit.id}" in closure.tainted


def _holds_only(closure: Closure, name: str | None) -> bool:
    """Is this a class of the user's whose instances keep what they are given, and nothing else ever after?"""
    info = closure.class_of(name)
    if info is None or info.makers or info.node.decorator_list or name in closure.values:
        return False
    methods = [item for item in info.node.body if isinstance(item, FunctionNode)]
    if len(methods) != len([item for item in info.node.body if not _is_docstring(item)]):
        return False
    changed = {unit.node.name for unit in closure.units_of("__init__") if unit.id in closure.changed_units}
    return not changed and all(map(_stores_nothing, methods))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _stores_nothing(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """No method but ``__init__`` binds anything but locals, or changes what an object contains."""
    begins = node.name == "__init__"
    for item in ast.walk(node):
        if isinstance(item, (ast.Global, ast.Nonlocal, ast.Delete, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
        if isinstance(item, ast.Subscript) and not isinstance(item.ctx, ast.Load):
            return False
        if isinstance(item, ast.Attribute) and not isinstance(item.ctx, ast.Load) and not begins:
            return False
        changes = isinstance(item, ast.Call) and (begins or last_name(item) in _CHANGING)
        if isinstance(item, ast.Call) and changes and last_name(item) != "update_wrapper":
            return False
        if begins and isinstance(item, ast.Assign) and not isinstance(item.value, (ast.Name, ast.Constant)):
            return False
    return True


def _registering(closure: Closure, target: ast.expr) -> str | None:
    """The name of the generic function with which this registers; None if it is something else."""
    if not isinstance(target, ast.Attribute) or target.attr != "register" or not isinstance(target.value, ast.Name):
        return None
    name = target.value.id
    return name if len(closure.units_of(name)) == 1 and closure.dispatches(name) else None


def _decorated(node: ast.stmt) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    if isinstance(node, FunctionNode):
        return [node] if node.decorator_list else []
    if isinstance(node, ast.ClassDef):
        return [found for item in node.body for found in _decorated(item)]
    return []


def _only_stores(item: ast.AST) -> bool:
    return isinstance(item, ast.Assign) and not any(isinstance(target, ast.Name) for target in item.targets)


def _only_calls(node: ast.expr | None, name: str) -> bool:
    """Is this a lambda that calls what goes by this name later, and nothing else?"""
    if not isinstance(node, ast.Lambda):
        return False
    parts = list(ast.walk(node.body))
    if any(isinstance(item, (ast.NamedExpr, ast.Lambda, ast.Yield, ast.YieldFrom, ast.Await)) for item in parts):
        return False
    calls = [item.func for item in parts if isinstance(item, ast.Call)]
    return all(isinstance(item, ast.Name) and item.id == name for item in calls)


def _keeps(unit: Unit, is_call: bool) -> bool:  # noqa: C901 - one case for each harmless use
    """Does the user's decorator only store, wrap or return the function that it is given?"""
    node: ast.FunctionDef | ast.AsyncFunctionDef = unit.node
    if is_call:
        inner = [item for item in node.body if isinstance(item, FunctionNode)]
        if len(inner) != 1:
            return False
        node = inner[0]
    arguments = [*node.args.posonlyargs, *node.args.args]
    if unit.owner is not None and not is_call and len(arguments) == 2:
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
        elif isinstance(item, ast.Return) and _only_calls(item.value, parameter):
            allowed |= {id(inner) for inner in ast.walk(item.value.body)}  # type: ignore[union-attr]
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
