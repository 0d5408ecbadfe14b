"""Whether the statements and expressions of one function only build a value. Pure; runs in the user's process.

What "only build" means, and why it suffices, is written in ``purity``.
"""

from __future__ import annotations

import ast
import builtins

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import DISPLAYS, called, locals_of, own_nodes, params_of
from hrsup_strategies.reload.values import NODES, PURE_CALLS, PURE_IMPORTED, PURE_METHODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.reload.purity import Purity

# Methods that change their object and nothing else, as long as it is one of the standard containers.
_CHANGING = frozenset(
    (
        "append", "add", "extend", "insert", "setdefault", "update", "pop", "sort", "reverse", "clear", "remove",
        "discard", "appendleft", "popleft",
    )
)  # fmt: skip
_CALLING = frozenset(("map", "filter", "reduce", "defaultdict"))  # call their first argument
PLAIN_DECORATORS = frozenset(("staticmethod", "classmethod", "property"))
_WRAPPING = frozenset(("functools.wraps", "functools.update_wrapper"))
_ARITHMETIC = ("__add__", "__radd__", "__or__", "__ror__", "__mul__", "__rmul__", "__sub__", "__rsub__")
_BUILDERS = frozenset(
    (
        "dict", "list", "set", "bytearray", "sorted", "len", "sum", "round", "abs", "int", "float", "str",
        "defaultdict", "Counter", "deque", "OrderedDict",
    )
)  # fmt: skip
_BUILTIN_TYPES = frozenset(("dict", "list", "set", "tuple", "str", "int", "float", "frozenset", "bytes", "bytearray"))


class Body:
    """The body of one function, or the module's scope (`node` None). `outer` are the locals of functions around it."""

    def __init__(
        self,
        purity: Purity,
        path: str,
        node: ast.FunctionDef | None,
        outer: frozenset[str],
        owner: ast.ClassDef | None = None,
    ) -> None:
        self.purity, self.path, self.owner = purity, path, owner
        self.locals = outer | (frozenset(locals_of(node)) if node is not None else frozenset())
        self.own = _owned(node, self._makes) if node is not None else set()
        self.nested = {item.name: item for item in own_nodes(node) if isinstance(item, FunctionNode)} if node else {}
        self.constructs = node is not None and node.name in ("__new__", "__init__", "__post_init__")
        self.self = ""
        if node is not None and owner is not None and node.args.args:
            self.self = node.args.args[0].arg
            if node.name in ("__init__", "__post_init__"):
                self.own.add(self.self)

    def _makes(self, value: ast.expr) -> bool:
        """Is what this expression gives made here, or unable to change?"""
        if isinstance(value, (*DISPLAYS, ast.Constant, ast.JoinedStr, ast.Compare, ast.Tuple)):
            return True
        if isinstance(value, ast.BinOp):
            return not any(map(self.purity.user_methods, _ARITHMETIC))
        name = value.func if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else None
        return name is not None and name.id in _BUILDERS and self._origin(name) is not None

    # -- statements ----------------------------------------------------------------------------------------------------

    def block(self, body: list[ast.stmt]) -> bool:
        """Are all statements pure?"""
        return all(map(self.statement, body))

    def statement(self, node: ast.stmt) -> bool:  # noqa: C901 - one case for each kind of statement
        """Is it pure?"""
        if isinstance(node, (ast.Pass, ast.Break, ast.Continue)):
            return True
        if isinstance(node, ast.Return):
            return node.value is None or self.expression(node.value)
        if isinstance(node, ast.Expr):
            return self._changes_own(node.value) or self.expression(node.value)
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return all(map(self.target, targets)) and (node.value is None or self.expression(node.value))
        if isinstance(node, ast.AugAssign):
            return isinstance(node.target, ast.Name) and node.target.id in self.own and self.expression(node.value)
        if isinstance(node, (ast.If, ast.While)):
            return self.expression(node.test) and self.block(node.body) and self.block(node.orelse)
        if isinstance(node, ast.For):
            ok = self.target(node.target) and self.expression(node.iter)
            return ok and self.block(node.body) and self.block(node.orelse)
        if isinstance(node, ast.Try):
            types = [handler.type for handler in node.handlers if handler.type is not None]
            blocks = [node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)]
            return all(map(self.expression, types)) and all(map(self.block, blocks))
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return self.purity.names.is_loaded(self.path, node)
        if isinstance(node, ast.Assert):
            return self.expression(node.test) and (node.msg is None or self.expression(node.msg))
        if isinstance(node, ast.Raise):
            return node.cause is None and (node.exc is None or self.expression(node.exc))
        if isinstance(node, FunctionNode):
            defaults = [*node.args.defaults, *(item for item in node.args.kw_defaults if item is not None)]
            return all(map(self.expression, defaults)) and all(self.wraps(item) for item in node.decorator_list)
        return False

    def target(self, node: ast.expr) -> bool:
        """Does an assignment to this bind a local, or change what was made here?"""
        if isinstance(node, ast.Name):
            return True  # there is no ``global`` in a function that is judged pure
        if isinstance(node, (ast.Tuple, ast.List)):
            return all(map(self.target, node.elts))
        if isinstance(node, ast.Starred):
            return self.target(node.value)
        if isinstance(node, ast.Attribute):
            return self._is_own(node.value) and self.purity.attribute(node.attr)
        if isinstance(node, ast.Subscript):
            return self._is_own(node.value) and self.expression(node.slice)
        return False

    def _is_own(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self.own

    def _changes_own(self, node: ast.expr) -> bool:
        """A call of a container's method, or of ``update_wrapper``, that changes what was made here."""
        if not isinstance(node, ast.Call) or not all(map(self.expression, _arguments(node))):
            return False
        if isinstance(node.func, ast.Attribute) and self._is_own(node.func.value):
            name = node.func.attr
            return name in _CHANGING and not self.purity.user_methods(name)
        is_update = self._origin(node.func) == "functools.update_wrapper"
        return is_update and bool(node.args) and self._is_own(node.args[0])

    # -- expressions ---------------------------------------------------------------------------------------------------

    def expression(self, node: ast.expr) -> bool:
        """Is it pure?"""
        if isinstance(node, ast.Lambda):
            return all(self.expression(d) for d in [*node.args.defaults, *node.args.kw_defaults] if d is not None)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            return self._comprehension(node)
        if isinstance(node, ast.Call):
            return all(map(self.expression, _arguments(node))) and self._call(node)
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if not isinstance(node, (*NODES, ast.Yield, ast.YieldFrom)):
            return False
        children = [item for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr)]
        return all(map(self.expression, children))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> bool:
        inner = {name.id for item in node.generators for name in ast.walk(item.target) if isinstance(name, ast.Name)}
        before, self.locals = self.locals, self.locals | inner
        parts = [part for item in node.generators for part in (item.iter, *item.ifs)]
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        result = all(map(self.expression, [*parts, *values])) and not any(item.is_async for item in node.generators)
        self.locals = before
        return result

    def _name(self, node: ast.Name) -> bool:
        if node.id not in self.locals:
            self.purity.reads.add((self.path, node.id))
        return True

    def _attribute(self, node: ast.Attribute) -> bool:
        if isinstance(node.value, ast.Name) and node.value.id not in self.locals:
            target = self.purity.names.module(self.path, node.value.id)
            if target is not None:
                self.purity.reads.add((target, node.attr))
                return True
        return self.purity.attribute(node.attr) and self.expression(node.value)

    def _call(self, call: ast.Call) -> bool:
        """Is the call pure, given that its arguments are?"""
        function = call.func
        if isinstance(function, ast.Name):
            if function.id in self.nested:
                return self._nested(function.id)
            return function.id not in self.locals and self._global(self.path, function.id, call)
        if not isinstance(function, ast.Attribute):
            return False
        base = function.value
        if isinstance(base, ast.Name) and base.id not in self.locals:
            target = self.purity.names.module(self.path, base.id)
            if target is not None:
                return self._global(target, function.attr, call)
            origin = self._origin(function)
            if origin is not None:
                return tuple(origin.rsplit(".", 1)) in PURE_IMPORTED and self._calls_back(call)
        if self.owner is not None and self.constructs and ast.unparse(function) == "super().__init__":
            return True  # the constructors of the bases are judged by `Purity.instance`
        receiver = self._receiver(base)
        if receiver is not None:
            return self.expression(base) and self._method_of(*receiver, function.attr)
        plain = function.attr in PURE_METHODS and not self.purity.user_methods(function.attr)
        return plain and self.expression(base) and self._calls_back(call)

    def _receiver(self, node: ast.expr) -> tuple[str, ast.ClassDef] | None:
        """The class of the user's that this is, or is an instance of."""
        if isinstance(node, ast.Call):
            return self._receiver(node.func) if isinstance(node.func, ast.Name) else None
        if not isinstance(node, ast.Name):
            return None
        if self.owner is not None and node.id == self.self:
            return self.path, self.owner
        found = self.purity.names.binding(self.path, node.id) if node.id not in self.locals else None
        return (found[0], found[1].node) if found is not None and isinstance(found[1].node, ast.ClassDef) else None

    def _nested(self, name: str) -> bool:
        node = self.nested[name]
        return not node.decorator_list and self.purity.function(self.path, node, None, self.locals)

    def _global(self, path: str, name: str, call: ast.Call) -> bool:
        self.purity.reads.add((path, name))
        found = self.purity.names.binding(path, name)
        if found is None:
            builtin = name in PURE_CALLS or name in ("map", "filter") or _is_exception(name)
            return builtin and not self.purity.names.is_bound(path, name) and self._calls_back(call)
        place, statement, _ = found
        if isinstance(statement.node, FunctionNode):
            plain = not statement.node.decorator_list
            return plain and self.purity.function(place, statement.node, None, frozenset()) and self._hands_over(call)
        if isinstance(statement.node, ast.ClassDef):
            return self.purity.instance(place, statement.node)
        if isinstance(statement.node, ast.Assign) and isinstance(statement.node.value, ast.Call):
            return self.purity.names.origin(place, statement.node.value.func) == "collections.namedtuple"
        if isinstance(statement.node, ast.ImportFrom) and not statement.node.level:
            alias = next(item for item in statement.node.names if (item.asname or item.name) == name)
            return (statement.node.module or "", alias.name) in PURE_IMPORTED and self._calls_back(call)
        return False

    def _hands_over(self, call: ast.Call, given: list[ast.expr] | None = None) -> bool:
        """Whatever is called may call what it is given: functions among the arguments must be pure."""
        return all(map(self._is_harmless, _arguments(call) if given is None else given))

    def _calls_back(self, call: ast.Call) -> bool:
        """The same of a function of the standard library, which calls only some of its arguments. What a parameter is
        was judged where it was handed over, but not for the constructors of classes, which may keep it."""
        given = [keyword.value for keyword in call.keywords if keyword.arg in ("key", "default_factory")]
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        given += call.args[:1] if name in _CALLING else []
        is_parameter = any(isinstance(item, ast.Name) and item.id in self.locals for item in given)
        return self._hands_over(call, given) and not (is_parameter and self.constructs)

    def _is_harmless(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Lambda):
            body = Body(self.purity, self.path, None, self.locals | frozenset(params_of(node.args)))
            return body.expression(node.body)
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return True
        if isinstance(node, ast.Name) and node.id in self.locals:
            return node.id not in self.nested or self._nested(node.id)
        found = self.purity.names.of(self.path, node)
        if found is None:
            return isinstance(node, ast.Name) or not self.purity.user_methods(node.attr)
        if isinstance(found[1].node, FunctionNode):
            plain = not found[1].node.decorator_list
            return plain and self.purity.function(found[0], found[1].node, None, frozenset())
        return not isinstance(found[1].node, ast.ClassDef) or self.purity.instance(found[0], found[1].node)

    def _method_of(self, path: str, cls: ast.ClassDef, name: str) -> bool:
        found = [item for item in cls.body if isinstance(item, FunctionNode) and item.name == name]
        return len(found) == 1 and self.purity.function(path, found[0], cls, frozenset())

    def field(self, node: ast.expr) -> bool:
        """The default of a data class's field: a factory is called for each instance."""
        if isinstance(node, ast.Call) and self._origin(node.func) == "dataclasses.field":
            return all(self._is_factory(item) for item in _arguments(node))
        return self.expression(node)

    def _is_factory(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Lambda):
            return self.expression(node.body)
        if isinstance(node, ast.Name) and node.id in _BUILTIN_TYPES:
            return True
        return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and self._is_harmless(node))

    def wraps(self, decorator: ast.expr) -> bool:
        """Does this decorator only make something of the function that it is given?"""
        if self._origin(called(decorator)) in _WRAPPING:
            return all(map(self.expression, _arguments(decorator))) if isinstance(decorator, ast.Call) else True
        if isinstance(decorator, ast.Name) and decorator.id in PLAIN_DECORATORS:
            return self._origin(decorator) == decorator.id
        target = called(decorator)
        found = self.purity.names.binding(self.path, target.id) if isinstance(target, ast.Name) else None
        if found is None and isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            module = self.purity.names.module(self.path, target.value.id)
            found = self.purity.names.binding(module, target.attr) if module is not None else None
        if found is None:
            return False
        path, node = found[0], found[1].node
        self.purity.reads.add((path, found[2]))
        if isinstance(decorator, ast.Call):
            return all(map(self.expression, _arguments(decorator))) and self._makes_decorator(path, node)
        if isinstance(node, ast.ClassDef):
            return self.purity.instance(path, node)
        return isinstance(node, ast.FunctionDef) and self.purity.function(path, node, None, frozenset())

    def _makes_decorator(self, path: str, node: ast.stmt) -> bool:
        """Of ``@times(2)``: `times` must be pure, and the one function in it that it returns too."""
        if not isinstance(node, ast.FunctionDef) or not self.purity.function(path, node, None, frozenset()):
            return False
        last = node.body[-1]
        inner = [item for item in node.body if isinstance(item, ast.FunctionDef)]
        if len(inner) != 1 or not isinstance(last, ast.Return) or not isinstance(last.value, ast.Name):
            return False
        outer = frozenset(locals_of(node))
        return last.value.id == inner[0].name and self.purity.function(path, inner[0], None, outer)

    def _origin(self, node: ast.expr) -> str | None:
        name = node.id if isinstance(node, ast.Name) else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = node.value.id
        return None if name is None or name in self.locals else self.purity.names.origin(self.path, node)


def _owned(node: ast.FunctionDef, is_made: Callable[[ast.expr], bool]) -> set[str]:
    """Locals that are only ever bound to something made in this very call, or to something that cannot change."""
    made: set[str] = set()
    spoilt = set(params_of(node.args))
    good: set[int] = set()
    for item in own_nodes(node):
        target, value = None, None
        if isinstance(item, ast.Assign) and len(item.targets) == 1:
            target, value = item.targets[0], item.value
        elif isinstance(item, (ast.AnnAssign, ast.AugAssign)):
            target, value = item.target, item.value
        elif isinstance(item, FunctionNode):
            made.add(item.name)
        if isinstance(target, ast.Name) and value is not None and (isinstance(item, ast.AugAssign) or is_made(value)):
            made.add(target.id)
            good.add(id(target))
    for item in own_nodes(node):
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load) and id(item) not in good:
            spoilt.add(item.id)
    return made - spoilt


def _is_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _arguments(call: ast.Call) -> list[ast.expr]:
    found = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [item.value if isinstance(item, ast.Starred) else item for item in found]
