"""What a method does that registers a function with its object. Pure; runs in the user's process.

A value is *kept* if it is the function or has it in it: that may only be stored, or given back. Everything else is
*plain*: data that the method is given, and what can be told of a function without its code.
"""

from __future__ import annotations

import ast
import builtins
from collections import OrderedDict, defaultdict, deque

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import locals_of, params_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TELLING = frozenset(("__name__", "__qualname__", "__module__"))
_TEXTUAL = frozenset(
    ("strip", "lstrip", "rstrip", "lower", "upper", "title", "removeprefix", "removesuffix", "replace")
)
_PUTTING = frozenset(("append", "appendleft", "add", "insert"))
_EMPTY_CALLS = frozenset(("list", "dict", "set", "deque", "OrderedDict"))
CONTAINERS = (list, dict, set, deque, defaultdict, OrderedDict)
_INNER = frozenset(("list", "dict", "set"))


class Registering:
    """One call of a method: `places` and `keywords` say of each argument whether it is plain. Of a decorator, the last
    one is the function, be it that the call `is_call` gives back what takes it. `is_record` says of a name of the
    method's module whether it is a class whose instances only keep what they are made of. Once ``registers`` said so,
    `attributes` are those of the object that it fills or binds, `filled` the containers among them, and `told` what it
    has asked the function for."""

    def __init__(
        self,
        node: ast.FunctionDef,
        places: list[bool],
        keywords: dict[str, bool],
        decorated: bool,
        is_call: bool,
        is_record: Callable[[ast.Name], bool],
    ) -> None:
        self._node, self._decorated, self._is_call = node, decorated, is_call
        self._is_record = is_record
        self._places, self._keywords = places, keywords
        self._self = ""
        self._names = {name for item in ast.walk(node) if isinstance(item, FunctionNode) for name in locals_of(item)}
        self._plain: set[str] = set()
        self._kept: set[str] = set()
        self.attributes: set[str] = set()
        self.filled: set[str] = set()
        self.told: set[str] = set()

    def registers(self) -> bool:
        """Does the call only keep the function, and give it back if it is a decorator's?"""
        node = self._node
        if node.decorator_list or not self._bind() or any(map(_is_beyond, ast.walk(node))):
            return False
        if not self._decorated:
            last = node.body[-1]
            returned = isinstance(last, ast.Return) and (last.value is None or self._stored(last.value))
            return self._block(node.body[:-1] if returned else node.body)
        if not self._is_call:
            return self._gives_back(node.body, next(iter(self._kept), ""))
        inner = [item for item in node.body if isinstance(item, FunctionNode)]
        if len(inner) != 1 or not isinstance(inner[0], ast.FunctionDef) or inner[0].decorator_list:
            return False
        made = inner[0]
        outer = [item for item in node.body if item is not made]
        if not self._gives_back(outer, made.name, made.name):
            return False
        parameters = [*made.args.posonlyargs, *made.args.args]
        if len(parameters) != 1 or len(params_of(made.args)) != 1 or made.args.defaults:
            return False
        self._plain.discard(parameters[0].arg)
        self._kept.add(parameters[0].arg)
        return parameters[0].arg != self._self and self._gives_back(made.body, parameters[0].arg)

    def _bind(self) -> bool:
        """What each parameter is given."""
        arguments = self._node.args
        names = [item.arg for item in [*arguments.posonlyargs, *arguments.args]]
        defaults = [*arguments.defaults, *(item for item in arguments.kw_defaults if item is not None)]
        if not names or not all(isinstance(item, ast.Constant) for item in defaults):
            return False
        self._self, *rest = names
        places = [False] if self._decorated and not self._is_call else self._places
        if len(places) > len(rest) and arguments.vararg is None:
            return False
        given = dict(zip(rest, places, strict=False))
        known = {*rest, *(item.arg for item in arguments.kwonlyargs)}
        if not self._keywords.keys() <= known and arguments.kwarg is None:
            return False
        given.update((name, plain) for name, plain in self._keywords.items() if name in known)
        self._plain = {name for name in known if given.get(name, True)}
        self._kept = known - self._plain
        for several in (arguments.vararg, arguments.kwarg):
            self._kept |= {several.arg} if several is not None else set()
        return not self._decorated or self._is_call or len(params_of(arguments)) - len(self._plain) == 2

    # -- statements ------------------------------------------------------------------------------------------------

    def _gives_back(self, body: list[ast.stmt], name: str, made: str = "") -> bool:
        """Are these harmless, and is at the end, and nowhere else, what goes by this name given back?"""
        last = body[-1] if body else None
        if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Name) or last.value.id != name:
            return False
        return self._block(body[:-1]) and made not in self._plain | self._kept

    def _block(self, body: list[ast.stmt]) -> bool:
        return all(map(self._statement, body))

    def _statement(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Pass):
            return True
        if isinstance(node, ast.Expr):
            return isinstance(node.value, ast.Constant) or self._puts(node.value)
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return len(targets) == 1 and node.value is not None and self._assigns(targets[0], node.value)
        if isinstance(node, ast.If):
            return self._decides(node.test) and self._block(node.body) and self._block(node.orelse)
        return isinstance(node, ast.Raise) and self._raises(node)

    def _assigns(self, target: ast.expr, value: ast.expr) -> bool:
        if isinstance(target, ast.Subscript):
            return self._is_place(target.value) and self._is_key(target.slice) and self._stored(value)
        if isinstance(target, ast.Attribute):
            if not self._is_self(target.value):
                return False
            self.attributes.add(target.attr)
            return self._stored(value)
        if not isinstance(target, ast.Name) or target.id in {self._self, *self._kept} or not self._is_plain(value):
            return False
        self._plain.add(target.id)
        return True

    def _puts(self, node: ast.expr) -> bool:
        """``self.jobs.append(job)``, or ``self.handlers.setdefault(event, []).append(handler)``."""
        if not isinstance(node, ast.Call) or node.keywords or not isinstance(node.func, ast.Attribute):
            return False
        place, name = node.func.value, node.func.attr
        if name == "setdefault" and len(node.args) == 2:
            return self._is_container(place) and self._is_key(node.args[0]) and self._stored(node.args[1])
        return name in _PUTTING and self._is_place(place) and all(map(self._stored, node.args))

    def _raises(self, node: ast.Raise) -> bool:
        made = node.exc
        if node.cause is not None or not isinstance(made, ast.Call) or made.keywords:
            return False
        kind = getattr(builtins, made.func.id, None) if isinstance(made.func, ast.Name) else None
        return isinstance(kind, type) and issubclass(kind, Exception) and all(map(self._is_plain, made.args))

    # -- the object --------------------------------------------------------------------------------------------------

    def _is_self(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == self._self

    def _is_container(self, node: ast.expr) -> bool:
        """An attribute of the object."""
        if not isinstance(node, ast.Attribute) or not self._is_self(node.value):
            return False
        self.attributes.add(node.attr)
        self.filled.add(node.attr)
        return True

    def _is_place(self, node: ast.expr) -> bool:
        """The same, or a container in it."""
        if isinstance(node, ast.Subscript):
            return self._is_container(node.value) and self._is_key(node.slice)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setdefault":
            empty = len(node.args) == 2 and not node.keywords and _is_empty(node.args[1])
            return empty and self._is_container(node.func.value) and self._is_key(node.args[0])
        return self._is_container(node)

    # -- values ------------------------------------------------------------------------------------------------------

    def _stored(self, node: ast.expr) -> bool:
        """Is this the function, plain, or both of these side by side?"""
        if isinstance(node, ast.Name):
            return node.id in self._plain or node.id in self._kept
        if isinstance(node, (ast.Tuple, ast.List)):
            return all(map(self._stored, node.elts))
        if isinstance(node, ast.Dict):
            return all(key is not None and self._is_key(key) for key in node.keys) and all(
                map(self._stored, node.values)
            )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in self._names:
            given = [*node.args, *(item.value for item in node.keywords if item.arg is not None)]
            spelled = len(given) == len(node.args) + len(node.keywords)
            return spelled and all(map(self._stored, given)) and self._is_record(node.func)
        return self._is_plain(node)

    def _is_key(self, node: ast.expr) -> bool:
        return self._is_plain(node)

    def _is_plain(self, node: ast.expr) -> bool:
        """Is this data that cannot depend on the function's code?"""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return node.id in self._plain
        if isinstance(node, ast.Attribute):
            self.told.add(node.attr)
            return node.attr in _TELLING and isinstance(node.value, ast.Name) and node.value.id in self._kept
        if isinstance(node, (ast.Tuple, ast.BoolOp)):
            return all(map(self._is_plain, node.elts if isinstance(node, ast.Tuple) else node.values))
        if isinstance(node, ast.JoinedStr):
            return all(map(self._is_plain, _formatted(node)))
        if isinstance(node, ast.IfExp):
            return self._decides(node.test) and self._is_plain(node.body) and self._is_plain(node.orelse)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords:
            return node.func.attr in _TEXTUAL and all(map(self._is_plain, [node.func.value, *node.args]))
        return False

    def _decides(self, node: ast.expr) -> bool:
        """Is this a condition on plain data, or on whether something is there already?"""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self._decides(node.operand)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            right = node.comparators[0]
            if isinstance(node.ops[0], (ast.In, ast.NotIn)):
                return self._is_plain(node.left) and self._is_container(right)
            equal = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)
            return isinstance(node.ops[0], equal) and self._is_plain(node.left) and self._is_plain(right)
        return self._is_plain(node)


def made_empty(cls: ast.ClassDef, name: str) -> bool:
    """Does each instance of this class begin with an empty container of a builtin type as this attribute?"""
    for item in cls.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__" and item.args.args and not item.decorator_list:
            of = item.args.args[0].arg
            values = [value for target, value in _bindings(item) if _is_attribute(target, of, name)]
            direct = [value for target, value in _direct(item.body) if _is_attribute(target, of, name)]
            return len(values) == len(direct) == 1 and _is_empty(direct[0])
    return False


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    for item in ast.walk(node):
        if isinstance(item, ast.Attribute) and not isinstance(item.ctx, ast.Load):
            yield item, None


def _direct(body: list[ast.stmt]) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    for item in body:
        if isinstance(item, ast.Assign) and len(item.targets) == 1:
            yield item.targets[0], item.value
        elif isinstance(item, ast.AnnAssign):
            yield item.target, item.value


def _is_attribute(node: ast.expr, of: str, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == of
    )


def _is_empty(node: ast.expr | None) -> bool:
    """An empty container of a builtin type."""
    if isinstance(node, (ast.List, ast.Set)):
        return not node.elts
    if isinstance(node, ast.Dict):
        return not node.keys
    if not isinstance(node, ast.Call) or node.keywords or not isinstance(node.func, ast.Name):
        return False
    if node.func.id == "defaultdict":
        return len(node.args) == 1 and isinstance(node.args[0], ast.Name) and node.args[0].id in _INNER
    return node.func.id in _EMPTY_CALLS and not node.args


def _formatted(node: ast.JoinedStr) -> list[ast.expr]:
    """Its parts; a format that is made up on the way is a part that is not plain."""
    plain = (item for item in node.values if isinstance(item, ast.FormattedValue) and item.format_spec is None)
    values = {id(item): item.value for item in plain}
    return [values.get(id(item), item) for item in node.values]


def _is_beyond(node: ast.AST) -> bool:
    """May the function end elsewhere, or bind names that are not its own?"""
    return isinstance(
        node, (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.ClassDef)
    )
