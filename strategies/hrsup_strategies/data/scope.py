"""Does a piece of code do more than read, compute and bind? Its statements are walked once. Runs in the user's process.

Whatever is not known to be harmless raises `Effect`: a call that is not in ``readers``, a change of something that was
not made in the same place, a file that is written. The user's own functions are followed.
"""

from __future__ import annotations

import ast
import os
import sys
from types import FunctionType, MethodType, ModuleType

from hrsup_strategies.data import readers
from hrsup_strategies.data.bound import UNKNOWN
from hrsup_strategies.data.things import ALL, OUTER, SHARED, Effect, Things, method_of
from hrsup_strategies.reload.identifiers import STATE, arguments_of, first_name, inner_names_of, params_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PURE = (
    ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.JoinedStr, ast.FormattedValue, ast.Subscript, ast.Slice, ast.Starred, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp, ast.comprehension, ast.keyword, ast.expr_context, ast.operator, ast.unaryop, ast.boolop,
    ast.cmpop, ast.NamedExpr,
)  # fmt: skip
_MANY = 50_000
_ENVIRONMENT = frozenset(("environ", "getenv", "expandvars", "expanduser", "home"))
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope(Things):
    """Walks statements; `returned` says how much of everything that is returned was made here."""

    returned = ALL

    def statements(self, body: list[ast.stmt]) -> None:
        """Raise Effect if one of them may do more than read and bind."""
        for node in body:
            method = getattr(self, "_" + type(node).__name__.lower(), None)
            if method is None:
                raise self._effect(node, "it does more than read and compute")
            method(node)

    def _pass(self, node: ast.stmt) -> None:
        pass

    _break = _continue = _pass

    def _expr(self, node: ast.Expr) -> None:
        self._expression(node.value)

    def _assign(self, node: ast.Assign) -> None:
        self._expression(node.value)
        for target in node.targets:
            self._target(target, node.value)

    def _annassign(self, node: ast.AnnAssign) -> None:
        self._expression(node.value)
        self._target(node.target, node.value)

    def _augassign(self, node: ast.AugAssign) -> None:
        self._expression(node.value)
        if not isinstance(node.target, ast.Name):
            self._target(node.target, node.value)
        elif node.target.id not in self.made:
            raise self._effect(node, f"`{node.target.id}` is changed", node.target.id)
        elif self.how_new(node.value) < ALL:
            self._mixed(node.target)

    def _return(self, node: ast.Return) -> None:
        self._expression(node.value)
        if node.value is not None:
            self.returned = min(self.returned, self.how_new(node.value))

    def _raise(self, node: ast.Raise | ast.Assert) -> None:
        for child in ast.iter_child_nodes(node):
            call = child.func if isinstance(child, ast.Call) else child
            value = self.value(call) if isinstance(call, ast.expr) else UNKNOWN
            if isinstance(value, type) and issubclass(value, BaseException):
                for argument in child.args if isinstance(child, ast.Call) else []:
                    self._expression(argument)
            else:
                self._expression(child)

    _assert = _raise

    def _if(self, node: ast.If | ast.While) -> None:
        self._expression(node.test)
        self.statements(node.body)
        self.statements(node.orelse)

    _while = _if

    def _for(self, node: ast.For) -> None:
        self._expression(node.iter)
        self._target(node.target, None)
        self.statements(node.body)
        self.statements(node.orelse)

    def _with(self, node: ast.With) -> None:
        for item in node.items:
            self._expression(item.context_expr)
            if not isinstance(item.context_expr, ast.Call):
                raise self._effect(node, "what is entered is not known")
            if item.optional_vars is not None:
                self._target(item.optional_vars, item.context_expr)
        self.statements(node.body)

    def _try(self, node: ast.Try) -> None:
        for block in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
            self.statements(block)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        if getattr(node, "level", 0) or not all(name in sys.modules for name in names):
            raise self._effect(node, "it imports")

    _importfrom = _import

    # -- targets -----------------------------------------------------------------------------------------------------

    def _target(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self._target(item, value)
        elif isinstance(target, ast.Starred):
            self._target(target.value, value)
        elif isinstance(target, ast.Name):
            if target.id not in self.assigned:
                raise self._effect(target, f"`{target.id}` is bound")
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            if isinstance(target, ast.Attribute) and target.attr in STATE:
                raise self._effect(target, "what an object's attributes are is changed")
            if isinstance(target, ast.Subscript):
                self._expression(target.slice)
            self._change(target.value, target)
            if value is None or self.how_new(value) < ALL:
                self._mixed(target)

    def _change(self, container: ast.expr, where: ast.AST) -> None:
        """Raise Effect if this object, which is changed, was not made here."""
        self._expression(container)
        if self.how_new(container) == SHARED:
            is_name = isinstance(container, ast.Name) and self.is_global(container.id)
            known = container.id if is_name and isinstance(container, ast.Name) else None
            raise self._effect(where, f"`{ast.unparse(container)}` is changed", known)

    def _mixed(self, node: ast.expr) -> None:
        """What the expression begins with now holds something that was not made here."""
        name = first_name(node)
        self.made[name] = min(self.made.get(name, SHARED), OUTER)

    # -- expressions -------------------------------------------------------------------------------------------------

    def _expression(self, node: ast.AST | None) -> None:
        if isinstance(node, ast.Name):
            self.read(node.id)
            self._handed_on(node)
        if node is None or isinstance(node, ast.Name):
            return
        if isinstance(node, ast.Call):
            self._call(node)
            return
        if isinstance(node, ast.Attribute):
            self._attribute(node)
            return
        if not isinstance(node, (*_PURE, ast.Lambda)):
            raise self._effect(node, "it does more than read and compute")
        if isinstance(node, (*_COMPREHENSIONS, ast.Lambda)):
            self.inner |= inner_names_of(node)
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.arguments):
                self._expression(child)

    def _attribute(self, node: ast.Attribute) -> None:
        if node.attr in self.owner.users and self.value(node) is UNKNOWN:
            raise self._effect(node, f"what looking at `{node.attr}` does is not known")
        self._environment(node, node.attr)
        base = self.value(node.value)
        if isinstance(base, FunctionType):
            raise self._effect(node, f"`{ast.unparse(node)}` may have been changed")
        if (path := self.owner.path_of(base)) is not None:
            self.owner.reads.add((path, node.attr))
        self._handed_on(node)
        if isinstance(node.value, ast.Name):
            self.read(node.value.id)
        else:
            self._expression(node.value)

    def _environment(self, node: ast.AST, name: str) -> None:
        if name in _ENVIRONMENT and _is_changed():
            raise self._effect(node, "the environment has been changed")

    def _call(self, node: ast.Call) -> None:
        function = self.value(node.func)
        for argument in arguments_of(node):
            self._argument(argument)
            if not self.owner.is_users(function) and self._has_methods(self.value(argument)):
                raise self._effect(node, f"what is done with `{ast.unparse(argument)}` is not known")
        if function is UNKNOWN:
            self._method(node)
        elif function is type and len(node.args) != 1:
            raise self._effect(node, "it makes a class, which its bases know")
        elif function is next and node.args:
            self._change(node.args[0], node)
        elif (name := self.owner.readers.name(function)) is not None:
            self.read(first_name(node.func))
            self._environment(node, name)
            if readers.opens(name):
                self._opening(node, name, 1)
        else:
            self._users_call(node, function)

    def _users_call(self, node: ast.Call, function: Any) -> None:
        self.read(first_name(node.func))
        where = self.path, node.lineno
        is_users = self.owner.is_users(function)
        method = method_of(function) if isinstance(function, MethodType) else None
        if is_users and isinstance(method, FunctionType) and isinstance(function.__self__, type):
            self.owner.function(method, where, function.__self__)
        elif is_users and isinstance(function, FunctionType):
            self.owner.function(function, where)
        elif is_users and isinstance(function, type):
            self.owner.made(function, where)
        elif not (isinstance(function, type) and issubclass(function, BaseException)):
            raise self._effect(node, f"what `{ast.unparse(node.func)}` does is not known")

    def _method(self, node: ast.Call) -> None:
        """A method of a value that is not known before the code runs."""
        function = node.func
        unknown = self._effect(node, f"what `{ast.unparse(function)}` does is not known")
        if not isinstance(function, ast.Attribute) or function.attr in self.owner.users:
            raise unknown
        self._expression(function.value)
        value = self.value(function.value)
        if value is not UNKNOWN and not _is_of_library(value):
            raise unknown
        if function.attr == "open":  # of a path
            self._opening(node, "open", 0)
        elif not readers.is_quiet_method(function.attr):
            if not readers.is_changing_method(function.attr):
                raise unknown
            self._change(function.value, node)
            if any(self.how_new(argument) < ALL for argument in node.args):
                self._mixed(function.value)

    def _argument(self, node: ast.expr) -> None:
        """What is given to a function may be called by it."""
        if isinstance(node, ast.Starred):
            node = node.value
        if isinstance(node, ast.Lambda):
            self.inner |= set(params_of(node.args))
            self._expression(node.body)
            return
        self._expression(node)

    def _handed_on(self, node: ast.expr) -> None:
        """What is spelled but not called here may be called by whoever gets it, and so may what it contains."""
        pending, seen = [self.value(node)], 0
        while pending:
            value, seen = pending.pop(), seen + 1
            if self.owner.is_users(value):
                self._users_call(ast.copy_location(ast.Call(node, [], []), node), value)
            elif isinstance(value, dict) and type(value) is dict and seen < _MANY:
                pending += [*value.keys(), *value.values()]
            elif isinstance(value, (list, tuple, set, frozenset)) and seen < _MANY:
                pending += list(value)
            elif value is not UNKNOWN and not self._is_known(value):
                raise self._effect(node, f"what `{ast.unparse(node)}` does if it is called is not known")

    def _is_known(self, value: object) -> bool:
        """Does nothing of the program's run if the value is called?"""
        if isinstance(value, (ModuleType, type)):
            return True
        if callable(value):
            return self.owner.readers.name(value) is not None
        return type(value) not in (dict, list, tuple, set, frozenset)

    def _has_methods(self, value: object) -> bool:
        """Is it an object whose methods are the program's?"""
        found = [name for base in type(value).__mro__ if self.owner.is_users(base) for name in vars(base)]
        return any(name in self.owner.users and name not in ("__init__", "__post_init__") for name in found)

    def _opening(self, node: ast.Call, name: str, place: int) -> None:
        """Raise Effect unless the file is opened to be read; its mode is the argument at `place`."""
        given = [keyword.value for keyword in node.keywords if keyword.arg in ("mode", None)]
        mode = node.args[place] if len(node.args) > place and name != "memmap" else next(iter(given), None)
        if mode is None and name != "memmap":
            return
        if not (isinstance(mode, ast.Constant) and readers.is_read_mode(mode.value)):
            raise self._effect(node, "a file may be written")

    def _effect(self, node: ast.AST, reason: str, changes: str | None = None) -> Effect:
        return Effect(reason, self.path, getattr(node, "lineno", 0), changes)


def _is_changed() -> bool:
    """Is the environment another one than that which the process began with?"""
    with open("/proc/self/environ", "rb") as file:
        pairs = (entry.partition(b"=") for entry in file.read().split(b"\0") if entry)
    return {name: value for name, _, value in pairs} != dict(os.environb)


def _is_of_library(value: object) -> bool:
    """Is it an object of the standard library's, or of one that only computes?"""
    top = type(value).__module__.partition(".")[0]
    return top in sys.stdlib_module_names or top in ("builtins", "numpy", "pandas")
