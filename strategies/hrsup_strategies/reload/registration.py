"""Functions that run only while modules are imported: decorators, and calls at top level, that write something down in
a registry. Pure; runs in the user's process.

What such a function does with the keys and the functions that it is given is done once, before the loop; the values
that the loop computes never come to it.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import (
    ANYTHING,
    arguments_of,
    bare_names,
    called,
    last_name,
    own_nodes,
    params_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.import_time import ImportTime
    from hrsup_strategies.reload.units import Unit


class AtImport:
    """Answers for one closure which units run only while modules are imported."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._known: dict[str, bool] = {}

    def units(self) -> set[str]:
        """The ids of those that are decorators, used or not, or methods that statements call, of the modules parsed
        so far and of others that spell their names."""
        tops = [top for module in self._closure.modules for top in module.tops]
        names = {name for top in tops for name in top.decorators}
        names |= {unit.name for unit in self._closure.units if unit.owner is None and _may_decorate(unit.node)}
        stated = {name for top in tops for name in _states_by(top.statement.node)}
        found = [unit for name in sorted(names | stated) for unit in self._closure.units_of(name)]
        return {unit.id for unit in found if (unit.owner or unit.name in names) and self.only(unit)}

    def only(self, unit: Unit) -> bool:
        """Is this function called by nothing but decorations and calls at top level, and does it make none that
        is called later?"""
        if unit.id not in self._known:
            self._known[unit.id] = False  # one that calls itself may be called by whoever it is handed to
            kept = unit.owner is not None or gives_back(unit.node)  # of a method, who registers by it says so
            self._known[unit.id] = kept and self.called_at_top(unit)
        return self._known[unit.id]

    def called_at_top(self, unit: Unit) -> bool:
        """Is this function called by nothing but decorations and calls at top level?"""
        closure, name = self._closure, unit.name
        if len(closure.units_of(name)) != 1 or (unit.owner is not None and closure.is_called_unseen(unit)):
            return False
        closure.mention(name)
        if any(one.dynamic for one in closure.units) or any(f.deferred and name in f.sources for f in closure.flows):
            return False
        callers = [one for one in closure.units if name in one.mentions and one is not unit]
        return not callers and all(
            self._registers(module.path, top, unit) for module in closure.modules for top in module.tops
        )

    def _registers(self, path: str, top: ImportTime, unit: Unit) -> bool:
        """Does the statement not name it, import it under its name, decorate with it, or call it and no more?"""
        node, name = top.statement.node, unit.name
        if name not in top.uses | top.holds | {one for names in top.handed.values() for one in names}:
            return ANYTHING not in top.uses
        if node is self._closure.running:
            return False
        if isinstance(node, ast.ImportFrom):
            return all(alias.asname in (None, name) for alias in node.names if alias.name == name)
        if unit.owner is not None:
            return self._registers_by_method(path, node, name)
        return decorates(node, name) or calls_at_top(node) == name

    def _registers_by_method(self, path: str, node: ast.stmt, name: str) -> bool:
        """Is the method only called to register something with its object (see ``keepers``)?"""
        keepers = self._closure.keepers
        if keepers is None or keepers.states(path, node):
            return keepers is not None
        if not isinstance(node, (*FunctionNode, ast.ClassDef)) or not decorates(node, name):
            return False
        registrars = [item for item in node.decorator_list if last_name(called(item)) == name]
        return all(keepers.decorates(path, item) for item in registrars)


def _states_by(node: ast.stmt) -> list[str]:
    """The name of the method by which a statement may register something."""
    call = node.value if isinstance(node, ast.Expr) else None
    return [call.func.attr] if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else []


def _may_decorate(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Cheaper to ask than what `gives_back` looks at, of every function there is."""
    last = node.body[-1]
    return isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and gives_back(node)


def gives_back(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Is this a decorator that gives back what it is given, or one call of which gives such a decorator?"""
    inner = [item for item in ast.walk(node) if isinstance(item, (*FunctionNode, ast.Lambda)) and item is not node]
    results = [item.value for item in own_nodes(node) if isinstance(item, ast.Return)]
    if any(isinstance(item, (ast.Yield, ast.YieldFrom, ast.Await)) for item in ast.walk(node)):
        return False
    if not inner:
        names = set(params_of(node.args))
        bound = {item.id for item in own_nodes(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
        return bool(results) and all(isinstance(one, ast.Name) and one.id in names - bound for one in results)
    made = inner[0]
    returned = all(isinstance(one, ast.Name) and one.id == getattr(made, "name", "") for one in results)
    return len(inner) == 1 and isinstance(made, FunctionNode) and bool(results) and returned and gives_back(made)


def only_fills(node: ast.AST, names: set[str]) -> bool:
    """Does the code put something into what goes by these names, or ask whether a key is in it, and nothing else?"""
    allowed: set[int] = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Subscript) and isinstance(item.ctx, ast.Store):
            allowed.add(id(item.value))
        elif isinstance(item, ast.Compare) and all(isinstance(one, (ast.In, ast.NotIn)) for one in item.ops):
            allowed |= {id(one) for one in item.comparators}
        elif isinstance(item, ast.Expr) and isinstance(item.value, ast.Call):
            function = item.value.func
            if isinstance(function, ast.Attribute) and function.attr in ("append", "add", "insert"):
                allowed |= {id(item) for item in (function.value, _holder(function.value))}
    return all(
        id(item) in allowed
        for item in ast.walk(node)
        if (isinstance(item, ast.Name) and item.id in names) or (isinstance(item, ast.Attribute) and item.attr in names)
    )


def _holder(node: ast.expr) -> ast.expr | None:
    """Of what a mapping has for a key, or is given for it, the mapping."""
    if isinstance(node, ast.Subscript):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setdefault":
        return node.func.value
    return None


def decorates(node: ast.stmt, name: str) -> bool:
    """Is the name all that the decorators of a definition call, and nowhere else in what runs with it?"""
    if not isinstance(node, (*FunctionNode, ast.ClassDef)):
        return False
    decorators = node.decorator_list
    rest = [item for one in decorators for item in ([*one.args, *one.keywords] if isinstance(one, ast.Call) else [])]
    if any(name in bare_names(item) for item in rest) or not any(
        last_name(called(item)) == name for item in decorators
    ):
        return False
    if isinstance(node, ast.ClassDef):
        return all(name not in bare_names(item) for item in [*node.bases, *node.keywords, *node.body])
    values = [*node.args.defaults, *(item for item in node.args.kw_defaults if item is not None)]
    return all(name not in bare_names(item) for item in values)


def calls_at_top(node: ast.stmt) -> str | None:
    """The name of what a statement calls that is one call of a name, with arguments that are none."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return None
    call, name = node.value, last_name(node.value.func)
    arguments = arguments_of(call)
    return name if all(name not in bare_names(item) for item in arguments) else None
