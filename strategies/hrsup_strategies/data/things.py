"""What names and expressions of one piece of code stand for, and how much of it was made there. Runs in the user's
process; looks at sources and, for what a name stands for, at the live modules.

Only what was made here may be changed here: ``SHARED`` (perhaps nothing of it was), ``OUTER`` (the object itself),
``ALL`` (every part of it).
"""

from __future__ import annotations

import ast
import builtins
from types import FunctionType, MethodType, ModuleType

from hrsup_strategies.data import readers
from hrsup_strategies.data.bound import UNKNOWN, assigned, imported
from hrsup_strategies.reload.identifiers import arguments_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hrsup_strategies.data.repeatable import Repeatable

SHARED, OUTER, ALL = 0, 1, 2
_NEW_TEXT = frozenset(("read", "read_text", "read_bytes", "split", "splitlines", "open", "readlines", "decode"))
_CONTAINERS = frozenset(
    ("dict", "list", "set", "tuple", "sorted", "OrderedDict", "defaultdict", "deque", "replace")
)  # they hold what they are given


class Effect(Exception):
    """The code does more than read and bind. `changes` is the global that it changes, if that is all."""

    def __init__(self, reason: str, path: str, line: int, changes: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.path, self.line, self.changes = reason, path, line, changes


class Things:
    """Of the body of a module's statement or of a function. `made` says how much of a local was made here; `known` what
    a parameter is certain to be; the globals `anew` are made again before."""

    def __init__(
        self,
        owner: Repeatable,
        path: str,
        space: Mapping[str, Any],
        body: Iterable[ast.stmt],
        parameters: set[str],
        anew: set[str],
    ) -> None:
        self.owner, self.path, self._space = owner, path, space
        self.assigned = assigned(body)
        self.made = dict.fromkeys(self.assigned, ALL)
        self.made.update(dict.fromkeys(parameters, SHARED))
        self.made.update(dict.fromkeys(anew, ALL))
        self.inner: set[str] = set()  # parameters of lambdas and targets of comprehensions
        self.known: dict[str, object] = {}
        self._imported = imported(body)
        self._settle()

    def value(self, node: ast.expr) -> object:
        """The live object that a name, or an attribute of a module or a class, stands for; `UNKNOWN` if it is not
        certain that it will stand for the same again."""
        if isinstance(node, ast.Name):
            return self._named(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            if isinstance(owner, ModuleType):
                return vars(owner).get(node.attr, UNKNOWN)
            if isinstance(owner, type):
                return _of_class(owner, node.attr)
        return UNKNOWN

    def how_new(self, node: ast.expr) -> int:
        """How much of an expression's value was made here."""
        if isinstance(node, (ast.Constant, ast.JoinedStr, ast.Compare)):
            return ALL
        if isinstance(node, ast.Name):
            return self.made.get(node.id, SHARED)
        if isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict)):
            parts = [item for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr)]
            return ALL if all(self.how_new(part) == ALL for part in parts) else OUTER
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.BinOp)):
            return OUTER
        if isinstance(node, ast.Call):
            return self._made_by(node)
        return self._of_parts(node)

    def read(self, name: str) -> None:
        """The code reads this name; if it is a global, that must be what it is at a cold start."""
        if name in self._space and name not in self.made and name not in self.inner and name not in self._imported:
            self.owner.reads.add((self.path, name))

    def is_global(self, name: str) -> bool:
        """Is it the module's, and not made anew?"""
        return name in self._space and name not in self.made

    def _of_parts(self, node: ast.expr) -> int:
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            return ALL if self.how_new(node.value) == ALL else SHARED
        if isinstance(node, ast.IfExp):
            return min(self.how_new(node.body), self.how_new(node.orelse))
        if isinstance(node, ast.BoolOp):
            return min(self.how_new(item) for item in node.values)
        return SHARED

    def _settle(self) -> None:
        """To the greatest solution: a local is made here only if everything that is bound to it is."""
        before: dict[str, int] = {}
        while before != self.made:
            before = dict(self.made)
            for name, values in self.assigned.items():
                for value, is_part in values:
                    level = self.how_new(value) if value is not None else SHARED
                    self.made[name] = min(self.made[name], level if not is_part or level == ALL else SHARED)

    def _named(self, name: str) -> object:
        if name in self.known:
            return self.known[name]
        if name in self.made or name in self.inner:
            return UNKNOWN
        if name in self._imported:
            return self._imported[name]
        return self._space.get(name, getattr(builtins, name, UNKNOWN))

    def _made_by(self, node: ast.Call) -> int:
        function = self.value(node.func)
        if function is UNKNOWN:
            return self._made_by_method(node.func)
        name = self.owner.readers.name(function)
        if name is not None:
            given = arguments_of(node)
            if not readers.makes(name):
                return SHARED
            return OUTER if name in _CONTAINERS and not all(self.how_new(item) == ALL for item in given) else ALL
        cls = None
        if isinstance(function, MethodType) and isinstance(function.__self__, type):
            cls, function = function.__self__, method_of(function)
        if isinstance(function, FunctionType) and self.owner.is_users(function):
            try:
                return self.owner.function(function, (self.path, node.lineno), cls)
            except Effect:
                return SHARED
        return OUTER if isinstance(function, type) else SHARED

    def _made_by_method(self, function: ast.expr) -> int:
        if not isinstance(function, ast.Attribute):
            return SHARED
        if function.attr in _NEW_TEXT or self.how_new(function.value) == ALL:
            return ALL
        return OUTER if function.attr == "copy" else SHARED


def method_of(bound: MethodType) -> object:
    """The function that a bound method calls."""
    return bound.__func__


def _of_class(owner: type, name: str) -> object:
    found = next((vars(base)[name] for base in owner.__mro__ if name in vars(base)), UNKNOWN)
    if isinstance(found, staticmethod):
        return found.__func__
    if isinstance(found, classmethod):
        return MethodType(found.__func__, owner) if callable(found.__func__) else UNKNOWN
    return found if isinstance(found, FunctionType) else getattr(owner, name, UNKNOWN)
