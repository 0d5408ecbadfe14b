"""Objects that a function is given, and that were made for that very call. Pure; runs in the user's process.

``def enrich(row): row["score"] = score(row)`` keeps nothing if every row was made anew: by the call that hands it over,
or by the function that does, for a variable of its own. What was done to such an object is gone with it; whoever else
has come to have it, in the function that made it or where that passes it on, has it by a name, and names are followed
(``Closure`` gives back to callers what is done to their arguments). A variable counts only if all that it is ever bound
to is new, and stands for one object under one name: another name for it would not be followed.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.fresh import LOOKING, MAKING, made_here
from hrsup_strategies.reload.identifiers import (
    arguments_of,
    binds_otherwise,
    last_name,
    locals_of,
    own_nodes,
    params_of,
    positional,
)
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.units import Unit

_FRAMES = frozenset(("DataFrame", "Series"))
_INNER = (*FunctionNode, ast.Lambda, ast.ClassDef)


class Handed:
    """Answers for one closure. `living` has the units around the loops, each with the locals that every round makes
    anew; `makes` says of a token of ``fresh`` whether it always makes a new object."""

    def __init__(self, closure: Closure, living: dict[str, set[str]], makes: Callable[[str], bool]) -> None:
        self._closure, self._living, self._makes = closure, living, makes
        self._known: dict[tuple[str, str], bool] = {}  # by unit and variable; while one is asked for, it counts as new
        self._kept: dict[tuple[str, str], bool] = {}

    def is_of_the_call(self, flow: Flow, store: Store) -> bool:
        """Does the flow store into an object that was made for the call that is under way?"""
        key = store.key if "|" in store.key else store.base
        if flow.unit is None or not key or store.deep or store.kind not in ("last", "append"):
            return False
        if store.binds is ("|" in store.key):
            return False
        unit, _, name = key.partition("|")
        if unit != flow.unit.id or self._known.get((unit, name)) is False:
            return False
        before = dict(self._known)
        found = self._is_new(flow.unit, name)
        if not found:  # what was found on the way may rest on it
            self._known = {**before, (unit, name): False}
        return found

    def _is_new(self, unit: Unit, name: str) -> bool:
        key = (unit.id, name)
        if key not in self._known:
            self._known[key] = True
            self._known[key] = self._is_variable(unit, name) and all(
                self._is_bound_anew(unit, name, value) for value in _values(unit.node, name)
            )
            if self._known[key] and name in params_of(unit.node.args):
                self._known[key] = self._is_given_new(unit, name)
        return self._known[key]

    def _is_variable(self, unit: Unit, name: str) -> bool:
        """Is it one that nobody but a single call of the function knows, and that is over before the next round?"""
        if unit.generates or isinstance(unit.node, ast.AsyncFunctionDef) or name not in locals_of(unit.node):
            return False
        if unit.id in self._living and name not in self._living[unit.id]:
            return False
        inner = [item for item in walk(unit.node) if isinstance(item, _INNER) and item is not unit.node]
        names = [item for part in inner for item in walk(part) if isinstance(item, ast.Name)]
        declared = [item for item in walk(unit.node) if isinstance(item, (ast.Global, ast.Nonlocal))]
        hidden = any(item.id == name for item in names) or any(name in item.names for item in declared)
        stars = [item.arg for item in (unit.node.args.vararg, unit.node.args.kwarg) if item is not None]
        return not hidden and name not in stars

    def _is_bound_anew(self, unit: Unit, name: str, value: ast.expr | None) -> bool:
        """Is this what gives the variable a new object, or the one that it has?"""
        if value is None:
            return False
        function = self._function(unit, value)
        if isinstance(value, ast.Call) and function is not None:
            names = [item.id for item in arguments_of(value) if isinstance(item, ast.Name)]
            if names == [name]:  # what it gives back may be that, under the same name
                return self._gives_new(function, passing=True)
        return self._makes_new(unit, value)

    def _makes_new(self, unit: Unit | None, value: ast.expr) -> bool:
        """Does the expression make an object that nobody else has?"""
        if isinstance(value, ast.IfExp):
            return self._makes_new(unit, value.body) and self._makes_new(unit, value.orelse)
        made = made_here(value)
        known = made is not None and (unit is None or made[0] not in locals_of(unit.node))
        if made is not None and known and (made[0] is None or self._makes(made[0])):
            return True
        function = self._function(unit, value)
        return self._is_frame(unit, value) or (function is not None and self._gives_new(function, passing=False))

    def _is_frame(self, unit: Unit | None, value: ast.expr) -> bool:
        """Is it a frame of pandas of something new? That of an array has the array's memory."""
        name = last_name(value.func) if isinstance(value, ast.Call) else None
        if not isinstance(value, ast.Call) or name not in _FRAMES or len(value.args) != 1:
            return False
        return (
            isinstance(value.func, ast.Attribute) and self._makes(f".{name}") and self._makes_new(unit, value.args[0])
        )

    def _function(self, caller: Unit | None, value: ast.expr) -> Unit | None:
        """The one function of the program's that the expression calls."""
        name = last_name(value.func) if isinstance(value, ast.Call) else None
        units = self._closure.units_of(name) if name else []
        if caller is None or not isinstance(value, ast.Call) or len(units) != 1 or units[0].owner is not None:
            return None
        return units[0] if self._is_plain(units[0]) and self._is_meant(caller, value.func, units[0]) else None

    def _is_meant(self, caller: Unit, function: ast.expr, unit: Unit) -> bool:
        """Does the name stand for this function where the caller spells it, by a plain import or none?"""
        folder, _, file = unit.path.removesuffix("/__init__.py").rpartition("/")
        parts = [part for module in self._closure.modules if module.path == caller.path for part in module.parts]
        source, imports = file.removesuffix(".py"), [node for part in parts for node in part.imports]
        base = function.value if isinstance(function, ast.Attribute) else function
        if not isinstance(base, ast.Name) or base.id in locals_of(caller.node):
            return False
        declared = [name for part in parts for node in part.globals for name in node.names]
        if base.id in declared or sum(base.id in part.statement.names for part in parts) != 1:
            return False
        if base is function and unit.path == caller.path:
            return not any(base.id in _bound_by(node) for node in imports)
        wanted = source if base is not function else unit.name
        found = [node for node in imports if wanted in _bound_by(node)]
        if base.id != wanted or len(found) != 1:
            return False
        if base is not function:
            return isinstance(found[0], ast.Import) or _imported_from(found[0]) in ("", folder.rpartition("/")[2])
        return _imported_from(found[0]) == source

    def _is_plain(self, unit: Unit) -> bool:
        closure = self._closure
        if unit.decorators or unit.generates or is_dunder(unit.name) or isinstance(unit.node, ast.AsyncFunctionDef):
            return False
        unseen = closure.may_be_called_unnamed(unit) or closure.is_called_unseen(unit)
        return not unseen and not closure.is_rebound(unit.name) and closure.class_of(unit.name) is None

    def _gives_new(self, unit: Unit, passing: bool) -> bool:
        """Does every call give a new object, or with `passing` one that it was given?"""
        for item in own_nodes(unit.node):
            if not isinstance(item, ast.Return) or item.value is None or isinstance(item.value, ast.Constant):
                continue
            if not isinstance(item.value, ast.Name):
                if not self._makes_new(unit, item.value):
                    return False
                continue
            name = item.value.id
            is_given = name in params_of(unit.node.args)
            if (is_given and not passing) or self._is_kept(unit, name) or not self._is_new(unit, name):
                return False
        return True

    def _is_kept(self, unit: Unit, name: str) -> bool:
        """May another than the caller come to have what this variable holds?"""
        key = (unit.id, name)
        if key not in self._kept:
            self._kept[key] = False
            allowed = {id(item) for node in own_nodes(unit.node) for item in self._passed_safely(unit, node)}
            loads = [item for item in walk(unit.node) if isinstance(item, ast.Name) and item.id == name]
            self._kept[key] = any(isinstance(item.ctx, ast.Load) and id(item) not in allowed for item in loads)
        return self._kept[key]

    def _passed_safely(self, unit: Unit, node: ast.AST) -> list[ast.expr]:
        """The parts of a node that are looked at by it, and not kept."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in LOOKING:
                return node.args
            return self._passed_by_call(unit, node)
        if isinstance(node, (ast.Subscript, ast.Attribute)):
            return [] if isinstance(node.ctx, ast.Load) else [node.value]
        if isinstance(node, ast.Return):
            return [node.value] if node.value is not None else []
        parts: list[ast.expr] = []
        if isinstance(node, ast.Assign) and all(isinstance(item, ast.Subscript) for item in node.targets):
            # ``df["a"] = df["a"].str.upper()``: what is looked up goes back.
            parts = [item for item in walk(node.value) if isinstance(item, ast.Subscript)]
            held = [item.value for item in node.targets if isinstance(item, ast.Subscript)]
            parts = [item for item in parts if isinstance(item, ast.Subscript) and _is_one_of(item.value, held)]
        elif isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        return [*parts, *(item.value for item in parts if isinstance(item, ast.Subscript))]

    def _passed_by_call(self, unit: Unit, node: ast.Call) -> list[ast.expr]:
        if isinstance(node.func, ast.Attribute) and not self._closure.units_of(node.func.attr):
            base = node.func.value
            if isinstance(base, ast.Subscript):
                return [base.value] if node.func.attr in MAKING else []
            return [base]
        function = self._function(unit, node)
        if function is None:
            return []
        names = positional(function.node.args)
        return [item for item, name in zip(node.args, names, strict=False) if not self._is_kept(function, name)]

    # -- who calls -----------------------------------------------------------------------------------------------------

    def _is_given_new(self, unit: Unit, name: str) -> bool:
        """Is every call of this function given a new object for its parameter?"""
        closure = self._closure
        closure.mention(unit.name)
        if not self._is_plain(unit) or len(closure.units_of(unit.name)) != 1:
            return False
        return all(
            argument is not None and self._is_new_argument(caller, argument)
            for caller, call in self._calls(unit.name)
            for argument in [_argument(unit, name, call)]
        )

    def _is_new_argument(self, caller: Unit | None, argument: ast.expr) -> bool:
        if isinstance(argument, ast.Name) and caller is not None:
            return self._is_new(caller, argument.id)
        return self._makes_new(caller, argument)

    def _calls(self, name: str) -> Iterator[tuple[Unit | None, ast.Call]]:
        """The calls that spell the name, each with the function in whose own scope it stands."""
        owners: dict[str, dict[int, Unit]] = {}
        for module, call in self._closure.calls_of(name):
            if module.path not in owners:
                units = [unit for unit in module.units if name in unit.mentions]
                owners[module.path] = {id(item): unit for unit in units for item in own_nodes(unit.node)}
            yield owners[module.path].get(id(call)), call


def _values(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> list[ast.expr | None]:
    """What a function binds to the name; None where that is not an assignment of one value to it alone."""
    values: list[ast.expr | None] = []
    good: set[int] = set()
    for item in own_nodes(node):
        target: ast.expr | None = None
        if isinstance(item, ast.Assign):
            target = item.targets[0] if len(item.targets) == 1 else None
        elif isinstance(item, ast.AnnAssign):
            target = item.target
        if isinstance(item, (ast.Assign, ast.AnnAssign)) and target is not None and _is(target, name):
            values.append(item.value)
            good.add(id(target))
        values += [None] if binds_otherwise(item, name) else []
    stored = [item for item in own_nodes(node) if isinstance(item, ast.Name) and item.id == name]
    return values + [None for item in stored if not isinstance(item.ctx, ast.Load) and id(item) not in good]


def _is_one_of(node: ast.expr, names: list[ast.expr]) -> bool:
    return isinstance(node, ast.Name) and any(_is(item, node.id) for item in names)


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _argument(unit: Unit, name: str, call: ast.Call) -> ast.expr | None:
    """What a call gives for the parameter; None if that is not spelled."""
    if any(isinstance(item, ast.Starred) for item in call.args) or any(item.arg is None for item in call.keywords):
        return None
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    names = positional(unit.node.args)
    at = names.index(name) if name in names else len(call.args)
    if unit.owner is not None:
        at -= 1
        if not isinstance(call.func, ast.Attribute) or at < 0:
            return None
    return call.args[at] if at < len(call.args) else None


def _bound_by(node: ast.stmt) -> list[str]:
    """The names that an import binds."""
    if isinstance(node, ast.Import):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    return [alias.asname or alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []


def _imported_from(node: ast.stmt) -> str:
    """The last name of the module that an import takes names from."""
    return (node.module or "").rpartition(".")[2] if isinstance(node, ast.ImportFrom) else ""
