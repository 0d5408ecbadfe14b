"""What one top-level statement gives to whom, as objects: what is in them, whoever has them can come to. Pure.

Runs in the user's process. The flows say where results go; here is where the objects go that have the program's code.
The keys are those of the flows, but for `Made`.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import arguments_of, called, last_name, locals_of, params_of, positional
from hrsup_strategies.reload.trees import children, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Made = tuple[str, frozenset["Key"], frozenset["Key"]]
    Key = str | Made

_DATA = (ast.Constant, ast.JoinedStr, ast.Compare, ast.Slice)
_NOTHING: frozenset[Key] = frozenset()


class Giving:
    """`passes` has, by a key, the keys of what is in that or what it stands for. `calls` are of each call the keys that
    are spelled where the callee stands, its last name, and the keys of what it is given. A `Made` is what something of
    that name gives, of what it is called with, and of what it is a method of; or (``.name``) what an attribute is."""

    def __init__(self, path: str, node: ast.stmt) -> None:
        self.passes: dict[Key, set[Key]] = {}
        self.calls: list[tuple[frozenset[str], str | None, frozenset[Key]]] = []
        self._path = path
        self._unit: str | None = None
        self._locals: set[str] = set()
        self._inner: set[str] = set()
        self._names: list[str] = []  # of the functions around
        self._owner: str | None = None
        self._walk(node)

    def _walk(self, node: ast.AST) -> None:
        if isinstance(node, FunctionNode):
            self._function(node)
            return
        if isinstance(node, ast.ClassDef):
            self._class(node)
            return
        self._look(node)
        for child in children(node):
            self._walk(child)

    def _look(self, node: ast.AST) -> None:  # noqa: C901 - one case for each kind of node
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value)
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.NamedExpr)):
            self._bind(node.target, node.value)
            if isinstance(node, ast.AugAssign):
                self.calls.append((self._spelled(node.target), None, self._ends(node.value)))
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._bind(node.target, node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._bind(node.optional_vars, node.context_expr)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                self._pass(self._keys(alias.asname or alias.name), {alias.name.rpartition(".")[2]})
        elif isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)):
            for name in self._names:
                self._pass({name}, self._ends(node.value))
        elif isinstance(node, ast.Match):
            names = [getattr(item, "name", None) for case in node.cases for item in walk(case.pattern)]
            self._pass([key for name in names if name for key in self._keys(name)], self._ends(node.subject))
        elif isinstance(node, ast.Lambda):
            self._pass([key for name in params_of(node.args) for key in self._keys(name)], {"P:*"})
        elif isinstance(node, ast.Call):
            self._call(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._decorated(node)
        before = self._unit, self._locals, self._inner, self._owner
        if self._unit is None:
            self._unit, self._locals = f"{self._path}:{self._owner}.{node.name}", locals_of(node)
        else:
            self._pass(self._keys(node.name), {self._names[0], node.name})
            self._inner = self._inner | locals_of(node)
        self._names.append(node.name)
        for number, name in enumerate(params_of(node.args)):
            keys = self._keys(name)
            self._pass(keys, {f"P:{node.name}"})
            if self._owner is not None and number == 0 and name in positional(node.args):
                self._pass(keys, {self._owner})
            elif self._owner is not None:
                self._pass(keys, {f"P:{self._owner}"})
            for default in (*node.args.defaults, *node.args.kw_defaults):
                self._pass(keys, self._ends(default))
        if self._owner is not None and len(self._names) == 1:
            self._pass({self._owner}, {node.name})
        self._owner = None if len(self._names) > 1 else self._owner
        for child in (node.args, *node.body):
            self._walk(child)
        self._names.pop()
        self._unit, self._locals, self._inner, self._owner = before

    def _class(self, node: ast.ClassDef) -> None:
        self._decorated(node)
        outer, self._owner = self._owner, node.name
        for base in node.bases:
            self._pass({node.name}, self._ends(base))
        for item in node.body:
            if isinstance(item, (ast.Assign, ast.AnnAssign)):
                self._pass({node.name}, self._ends(item.value))
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):  # what a constructor sets
                self._pass({item.target.id}, {f"P:{node.name}"})
            self._walk(item)
        self._owner = outer

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            target = called(decorator)
            self.calls.append((self._spelled(target), last_name(target), frozenset((node.name,))))
            self._pass({node.name}, self._ends(decorator))
            self._walk(decorator)

    def _call(self, call: ast.Call) -> None:
        given = _NOTHING.union(*map(self._ends, arguments_of(call)))
        name = last_name(call.func)
        self.calls.append((self._spelled(call.func), name, given))
        for keyword in call.keywords:
            self._pass({keyword.arg} if keyword.arg else (), self._ends(keyword.value))
        if isinstance(call.func, ast.Attribute):
            self._pass(self._ends(call.func.value), given)
        if name in ("setattr", "__setattr__") and call.args:
            self._stored(call.args[0], given)

    def _bind(self, target: ast.expr, value: ast.expr | None) -> None:
        ends = self._ends(value)
        for item in walk(target):
            if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
                self._pass(self._keys(item.id), ends)
            elif isinstance(item, (ast.Attribute, ast.Subscript)) and not isinstance(item.ctx, ast.Load):
                if isinstance(item, ast.Attribute):
                    self._pass({item.attr}, ends)
                else:
                    ends |= self._ends(item.slice)
                self._stored(item.value, ends)

    def _stored(self, place: ast.expr, ends: frozenset[Key]) -> None:
        self._pass(self._ends(place), ends)
        self.calls.append((self._spelled(place), None, ends))

    def _pass(self, keys: Iterable[Key], ends: Iterable[Key]) -> None:
        for key in keys:
            self.passes.setdefault(key, set()).update(ends)

    def _keys(self, name: str) -> set[str]:
        if self._unit is None or not (name in self._locals or name in self._inner):
            return {name}
        local = f"{self._unit}|{name}"
        return {local} if name in self._locals else {name, local}

    def _spelled(self, node: ast.AST) -> frozenset[str]:
        found = set[str]()
        for item in walk(node):
            if isinstance(item, ast.Name):
                found |= {item.id, f"{self._unit or self._path}|{item.id}"}
            elif isinstance(item, ast.Attribute):
                found.add(item.attr)
        return frozenset(found)

    def _ends(self, node: ast.AST | None) -> frozenset[Key]:
        """The keys of the objects that the expression gives, or that are in what it gives."""
        if node is None or isinstance(node, _DATA):
            return frozenset()
        if isinstance(node, ast.Name):
            return frozenset(self._keys(node.id))
        if isinstance(node, ast.Attribute):
            return frozenset((node.attr, (f".{node.attr}", _NOTHING, self._ends(node.value))))
        if isinstance(node, ast.Lambda):
            return frozenset(self._spelled(node.body))
        if isinstance(node, ast.Subscript):
            return self._ends(node.value)
        if isinstance(node, ast.comprehension):
            return frozenset()
        if isinstance(node, ast.Call):
            return self._made(node)
        return _NOTHING.union(*map(self._ends, children(node)))

    def _made(self, call: ast.Call) -> frozenset[Key]:
        given = _NOTHING.union(*map(self._ends, arguments_of(call)))
        of = self._ends(call.func.value) if isinstance(call.func, ast.Attribute) else _NOTHING
        return self._ends(call.func) | {(last_name(call.func) or "", given, of)}
