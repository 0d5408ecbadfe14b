"""Who holds what changed when the loop begins, and has anybody used it by then? Runs in the user's process; pure.

``handler = price`` before the loop runs nothing, and `handler` is up to date whatever becomes of `price`. Only
``handler(1)`` would leave a result. So the variables that hold something are followed from statement to statement,
whatever their order, and what uses one of them counts as using what changed. Where it is held by more than variables
and what was made for them, nobody knows by which way it is come by: then no code of the program's may have run at all,
but for what only holds.
"""

from __future__ import annotations

import ast
from types import BuiltinFunctionType, FunctionType, ModuleType

from hrsup_strategies.reload.calls import may_have_used, uses_of
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.holding import Holding
from hrsup_strategies.reload.identifiers import arguments_of, bare_names, last_name, locals_of, own_nodes, params_of
from hrsup_strategies.reload.known import OPERATORS
from hrsup_strategies.reload.quiet import CALLBACKS, QUIET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.closure import Closure

# Builtins that call no function that they are given, or that is in what they are given; but these methods.
_LOOKING = frozenset(("len", "print", "isinstance", "callable", "id", "type"))
_SHOWING = ("__repr__", "__str__", "__format__", "__len__")
_IMPLICIT = ("__iter__", "__next__", "__enter__", "__exit__", "__bool__", *_SHOWING)


class Held:
    """For one strand: `enter` each of its frames in turn, outermost first, then `check` its statements."""

    def __init__(self, closure: Closure, running: set[int], roots: set[str], place: str) -> None:
        self._closure, self._running, self._roots, self._place = closure, running, roots, place
        self._holding = Holding(closure)
        self._names: set[str] = set()  # variables of the frame that hold something
        self._elsewhere = ""  # the name of what else holds something
        self._calls: list[tuple[ast.AST, str]] = []  # where code of the program's may have run, in which file
        self._only: dict[int, bool] = {}  # by the id of a statement: does it only hold?
        self._handed_on = False
        self._path = ""

    def enter(self, active: Active, before: list[ast.AST]) -> None:
        """Follow what the statements `before` the active one hold."""
        node, self._path = active.node, active.path
        self._inside = self._own_variables(active) if isinstance(node, ast.Module) else locals_of(node)
        self._variables, self._node = active.frame.f_globals, node
        self._names = set()
        if self._handed_on:
            self._names = set(params_of(node.args)) if not isinstance(node, ast.Module) else set()
        self._handed_on = False
        self._module = next((module for module in self._closure.modules if module.path == active.path), None)
        pending = [(one, self._mentions(one)) for one in before]
        size = -1
        while size != len(self._names):
            size = len(self._names)
            for one, mentions in pending:
                if self._holds(mentions):
                    self._keep(one)

    def _own_variables(self, active: Active) -> set[str]:
        """What is to a script as locals are to a function."""
        script = self._closure.script
        is_script = script is not None and active.frame.f_globals.get("__name__") == "__main__"
        return script.variables(self._closure) if is_script and script is not None else set()

    def check(self, node: ast.AST) -> bool:
        """Does this statement only hold what it mentions? Refuse (HR121) if it uses what something holds."""
        if self._only.get(id(node)):
            read = (bare_names(node) | self._holding.read) & self._closure.values
            if read:
                raise self._refusal(sorted(read)[0], "was read", node)
            return True
        loaded = {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load)}
        uses = loaded - uses_of(node, self._module, self._closure)[2] - self._looked_at(node)
        if uses & self._names:
            raise self._refusal(sorted(uses & self._names)[0], "ran", node)
        if not self._is_quiet(node, set()):
            self._calls.append((node, self._path))
        return False

    def leave(self, node: ast.stmt, under_way: set[str]) -> None:
        """The same of the statement that the next frame is under way in: that has what it was given."""
        calls = [item for item in ast.walk(node) if isinstance(item, ast.Call)]
        parts = [part for call in calls for part in [*arguments_of(call), call.func]]
        given = {item.id for part in parts for item in ast.walk(part) if isinstance(item, ast.Name)}
        self._handed_on = bool(bare_names(node) & self._names)
        uses = uses_of(node, self._module, self._closure)[0] - under_way - (given if len(calls) == 1 else set())
        if uses & self._names:
            raise self._refusal(sorted(uses & self._names)[0], "ran", node)
        if not self._is_quiet(node, under_way if len(calls) == 1 else set()):
            self._calls.append((node, self._path))

    def check_elsewhere(self, alone: bool) -> None:
        """Refuse (HR121) if something is held by more than variables, and code of the program's ran, here or in another
        strand if there are such."""
        if self._elsewhere and (self._calls or not alone):
            node, self._path = self._calls[0] if self._calls else (self._node, self._path)
            raise self._refusal(self._elsewhere, "holds what changed, and may have been used", node)

    def _mentions(self, node: ast.AST) -> set[str]:
        if isinstance(node, ast.stmt) and self._holding.statement(node):
            self._only[id(node)] = True
            return bare_names(node)
        _, holds, held = uses_of(node, self._module, self._closure)
        return holds | (held if "partial" in bare_names(node) else set())

    def _holds(self, mentions: set[str]) -> bool:
        if not mentions.isdisjoint(self._names):
            return True
        return bool(mentions) and may_have_used(mentions, self._closure, self._running, self._roots)

    def _keep(self, node: ast.AST) -> None:
        """What is in a statement, may hold what else is in it from now on."""
        if isinstance(node, FunctionNode):
            self._names.add(node.name)
            return
        for item in ast.walk(node):
            if isinstance(item, ast.Name) and item.id in self._inside:
                self._names.add(item.id)
            elif isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
                self._elsewhere = item.id
            elif isinstance(item, (ast.Attribute, ast.Subscript)) and not isinstance(item.ctx, ast.Load):
                self._put(item)
            elif isinstance(item, ast.Call):
                self._put_by_call(item)

    def _put_by_call(self, call: ast.Call) -> None:
        name = last_name(call.func) or ""
        if name in self._holding.storing:
            self._elsewhere = name
        elif isinstance(call.func, ast.Attribute) and name not in self._closure.defined and name != "partial":
            self._put(call.func)

    def _put(self, place: ast.Attribute | ast.Subscript) -> None:
        """Something is put into what `place` is an attribute, an item or a method of. What is in a thing that was made
        here may be shared with others (a default, an attribute of its class)."""
        base = place.value
        if not isinstance(base, ast.Name) or not self._is_fresh(base.id):
            self._elsewhere = ast.unparse(base)

    def _is_fresh(self, name: str, depth: int = 0) -> bool:
        """Is what this variable holds made in the frame, of nothing that others have?"""
        params = [] if isinstance(self._node, ast.Module) else params_of(self._node.args)
        if name not in self._inside or name in params:
            return False
        values: list[ast.expr] = []
        good: set[int] = set()
        for item in own_nodes(self._node):
            target = item.targets[0] if isinstance(item, ast.Assign) and len(item.targets) == 1 else None
            if isinstance(item, ast.Assign) and isinstance(target, ast.Name) and target.id == name:
                values.append(item.value)
                good.add(id(target))
        stored = [item for item in own_nodes(self._node) if isinstance(item, ast.Name) and item.id == name]
        if any(not isinstance(item.ctx, ast.Load) and id(item) not in good for item in stored):
            return False
        return bool(values) and depth < 10 and all(self._is_made(value, depth) for value in values)

    def _is_made(self, value: ast.expr, depth: int) -> bool:
        if isinstance(value, ast.Call):
            name = last_name(value.func) or ""
            if self._holding.makes(value):
                return True
            made = isinstance(value.func, ast.Name) and self._closure.class_of(name) is not None
            if not made or name in self._holding.storing or not self._holding.value(value):
                return False
            parts = arguments_of(value)
        elif isinstance(value, (ast.List, ast.Tuple)):
            parts = value.elts
        elif isinstance(value, ast.Dict):
            parts = value.values
        else:
            return False
        return all(self._is_own(part, depth + 1) for part in parts)

    def _is_own(self, part: ast.expr, depth: int) -> bool:
        """Is this a constant, a definition, or something made in the frame?"""
        if isinstance(part, ast.Constant):
            return True
        if isinstance(part, ast.Name):
            known = part.id not in self._inside and _is_definition(self._variables.get(part.id))
            return known or self._is_fresh(part.id, depth)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id not in self._inside:
            module = self._variables.get(part.value.id)
            return isinstance(module, ModuleType) and _is_definition(vars(module).get(part.attr))
        return self._is_made(part, depth)

    def _is_quiet(self, node: ast.AST, under_way: set[str]) -> bool:
        """Does this run no code of the program's, but for what is under way?"""
        closure = self._closure
        operates = any(map(closure.units_of, (*OPERATORS, *_IMPLICIT)))
        for item in ast.walk(node):
            if isinstance(item, (ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda, ast.ClassDef, *FunctionNode)):
                return False
            if isinstance(item, ast.Attribute) and any(unit.decorators for unit in closure.units_of(item.attr)):
                return False
            if operates and not isinstance(item, _PLAIN):
                return False
            if (
                isinstance(item, ast.Call)
                and (last_name(item.func) or "") not in under_way
                and not self._calls_none(item)
            ):
                return False
        return True

    def _calls_none(self, call: ast.Call) -> bool:
        name = last_name(call.func) or ""
        known = name in QUIET and not isinstance(call.func, ast.Call) and name not in ("next", "map", "filter")
        if not known or name in self._closure.defined or self._closure.is_rebound(name):
            return False
        return not any(keyword.arg in CALLBACKS or keyword.arg is None for keyword in call.keywords)

    def _refusal(self, name: str, what: str, node: ast.AST) -> Refusal:
        text = f"`{name}` {what} before {self._place}"
        return Refusal("HR121", text, self._path, getattr(node, "lineno", None))

    def _looked_at(self, node: ast.AST) -> set[str]:
        """The names that are only given to builtins that call nothing."""
        shown = [unit for name in _SHOWING for unit in self._closure.units_of(name)]
        if any(f"U:{unit.id}" in self._closure.tainted for unit in shown):
            return set()
        looks: list[Any] = [
            part
            for item in ast.walk(node)
            if isinstance(item, ast.Call)
            and isinstance(item.func, ast.Name)
            and item.func.id in _LOOKING
            and item.func.id not in self._closure.defined
            for part in item.args
            if isinstance(part, ast.Name)
        ]
        inside = set(map(id, looks))
        others = {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and id(item) not in inside}
        return {item.id for item in looks} - others


_PLAIN = (
    ast.stmt, ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.keyword, ast.List, ast.Tuple, ast.Dict,
    ast.expr_context,
)  # fmt: skip


def _is_definition(value: object) -> bool:
    """Is this none of the things that the program keeps others in?"""
    return isinstance(value, (FunctionType, BuiltinFunctionType, ModuleType)) or type(value) is type
