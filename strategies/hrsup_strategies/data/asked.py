"""What a program asks of what it has collected, before it goes on in one way or another. Pure; user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import params_of, positional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ADDS = frozenset(
    ("append", "appendleft", "add", "extend", "insert", "setdefault", "update", "put", "put_nowait", "send", "submit")
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Asked:
    """The names that conditions anywhere in these modules mention in another way than by ``in``, directly or by the
    variables and functions that they go through; and those of what is collected, in a container or a sum."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self._names: set[str] = set()
        self._collected: set[str] = set()
        self._calls: dict[str, list[ast.Call]] = {}  # by the name of what is called
        self._from: dict[str, set[str]] = {}  # by a name, those that its value comes from
        for node in (node for tree in trees for node in ast.walk(tree)):
            self._look(node)
        self._names = self._all_behind(self._names)

    def more_of(self, name: str, scope: ast.AST) -> bool:
        """Is more asked of what goes by this name in a function, or of what the function is given?"""
        return not self._meant(name, scope).isdisjoint(self._names)

    def of_collected(self, values: Iterable[ast.expr], scope: ast.AST) -> bool:
        """Do these expressions in a function look at something that is collected?"""
        names = self._all_behind(set().union(*map(_spelled, values)))
        return any(not self._meant(name, scope).isdisjoint(self._collected) for name in names)

    def _all_behind(self, names: set[str]) -> set[str]:
        """These, and all that their values come from."""
        found, pending = set(names), list(names)
        while pending:
            fresh = self._from.get(pending.pop(), set()) - found
            found |= fresh
            pending += fresh
        return found

    def _meant(self, name: str, scope: ast.AST) -> set[str]:
        names = {name}
        if isinstance(scope, _FUNCTIONS) and name in params_of(scope.args):
            for call in self._calls.get(scope.name, ()):
                names |= _given(call, name, scope.args)
        return names

    def _look(self, node: ast.AST) -> None:
        place = collecting(node)
        self._collected |= {name_of(place)} - {""} if place is not None else set()
        if isinstance(node, (ast.If, ast.While, ast.IfExp, ast.Assert)):
            self._names |= _more(node.test)
        elif isinstance(node, ast.comprehension):
            self._names |= set().union(*map(_more, node.ifs))
        elif isinstance(node, (ast.Compare, ast.BoolOp)):
            self._names |= _more(node)
        elif isinstance(node, ast.Match):
            self._names |= _spelled(node.subject)
        elif isinstance(node, ast.Call):
            self._calls.setdefault(name_of(node.func), []).append(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for one in _spelled(target):
                    self._from.setdefault(one, set()).update(_spelled(node.value))
        elif isinstance(node, _FUNCTIONS):
            values = (item.value for item in ast.walk(node) if isinstance(item, ast.Return))
            self._from.setdefault(node.name, set()).update(*(_spelled(value) for value in values if value is not None))


def collecting(node: ast.AST) -> ast.expr | None:
    """What a statement or a call puts one more thing into: a container, or a sum."""
    if isinstance(node, ast.Expr):
        node = node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ADDS:
        return node.func.value
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return node.targets[0].value
    if isinstance(node, ast.AugAssign):
        return node.target.value if isinstance(node.target, ast.Subscript) else node.target
    return None


def name_of(node: ast.expr) -> str:
    """The name or attribute that it is spelled by, or nothing."""
    found: str = getattr(node, "id", getattr(node, "attr", ""))
    return found


def _more(test: ast.expr) -> set[str]:
    if isinstance(test, ast.Compare) and all(isinstance(item, (ast.In, ast.NotIn)) for item in test.ops):
        return _more(test.left)
    if isinstance(test, (ast.BoolOp, ast.UnaryOp)):
        return set().union(*(_more(item) for item in ast.iter_child_nodes(test) if isinstance(item, ast.expr)))
    return _spelled(test)


def _given(call: ast.Call, name: str, parameters: ast.arguments) -> set[str]:
    """The names in what a call gives for the parameter `name`; a method may be given its object beside."""
    named = [keyword.value for keyword in call.keywords if keyword.arg in (name, None)]
    places = positional(parameters)
    if name in places and not any(isinstance(item, ast.Starred) for item in call.args):
        at = places.index(name)
        first = at if isinstance(call.func, ast.Name) else max(at - 1, 0)
        return set().union(*map(_spelled, [*named, *call.args[first : at + 1]]))
    return set().union(*map(_spelled, [*named, *call.args]))


def _spelled(node: ast.AST) -> set[str]:
    """The names and attributes that are spelled in it."""
    found = (getattr(item, "id", getattr(item, "attr", None)) for item in ast.walk(node))
    return {name for name in found if name is not None}
