"""What the code of one function calls: is that pure, and may it call what it is given? Pure.

Runs in the user's process. What "pure" means, and why it suffices, is written in ``purity``.
"""

from __future__ import annotations

import ast
import builtins

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import (
    DISPLAYS,
    arguments_of,
    called,
    locals_of,
    own_nodes,
    params_of,
)
from hrsup_strategies.reload.registration import gives_back
from hrsup_strategies.reload.values import (
    PURE_CALLS,
    PURE_IMPORTED,
    PURE_METHODS,
    READING_FILES,
    READING_IMPORTED,
    READING_METHODS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from functools import cached_property

    from hrsup_strategies.reload.kinds import Kind
    from hrsup_strategies.reload.purity import Purity

_CALLING = frozenset(("map", "filter", "reduce", "defaultdict"))  # call their first argument
PLAIN_DECORATORS = frozenset(("staticmethod", "classmethod", "property"))
_CACHING = frozenset(("functools.lru_cache", "functools.cache"))
_WRAPPING = frozenset(("functools.wraps", "functools.update_wrapper"))
_READING = frozenset(("r", "rt", "rb"))  # modes of ``open``
_BUILTIN_TYPES = frozenset(("dict", "list", "set", "tuple", "str", "int", "float", "frozenset", "bytes", "bytearray"))


class Calling:
    """The calls of a ``bodies.Body``, which knows what is pure beside them."""

    purity: Purity
    path: str
    owner: Kind | None  # what a method is called on
    locals: frozenset[str]
    nested: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]
    constructs: bool
    self: str
    wrapped: str  # the parameter that is the function which a decorator was given

    if TYPE_CHECKING:

        def __init__(
            self,
            purity: Purity,
            path: str,
            node: ast.FunctionDef | ast.AsyncFunctionDef | None,
            outer: frozenset[str],
        ) -> None: ...

        @cached_property
        def once(self) -> dict[str, ast.expr]:
            """The locals that are bound once, and to what."""
            ...

        @cached_property
        def files(self) -> set[str]:
            """The locals that are only bound to files which ``with`` opens for reading."""
            ...

        def expression(self, node: ast.expr) -> bool:
            """Is it pure?"""
            ...

        def statement(self, node: ast.stmt) -> bool:
            """Is it pure?"""
            ...

    def is_registry(self, node: ast.expr) -> bool:
        """Is this a container of a module, or one in it, that a registration is allowed to fill?"""
        if self.purity.fills is None:
            return False
        inside = self._in_registry(node)
        place = self._registry(node if inside is None else inside)
        if place is None:
            return False
        (self.purity.fills if inside is None else self.purity.fills_in).add(place)
        return True

    def _in_registry(self, node: ast.expr) -> ast.expr | None:
        """The container that `node` is an item of, which is a container too."""
        if isinstance(node, ast.Subscript):
            return node.value if self.expression(node.slice) else None
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or len(node.args) != 2:
            return None
        plain = node.func.attr == "setdefault" and isinstance(node.args[1], DISPLAYS) and not node.keywords
        return node.func.value if plain and all(map(self.expression, node.args)) else None

    def _registry(self, node: ast.expr) -> tuple[str, str] | None:
        name = node.value if isinstance(node, ast.Attribute) else node
        if not isinstance(name, ast.Name) or name.id in self.locals:
            return None
        found = self.purity.names.of(self.path, node)
        if found is None or not self.purity.is_container(found[0], found[1]):
            return None
        return found[0], found[2]

    def _call(self, call: ast.Call) -> bool:
        """Is the call pure, given that its arguments are?"""
        function = call.func
        if isinstance(function, ast.Name):
            return self._call_of_name(function, call)
        if not isinstance(function, ast.Attribute):
            return False
        base = function.value
        if isinstance(base, ast.Name) and base.id not in self.locals:
            target = self.purity.names.module(self.path, base.id)
            if target is not None:
                return self._global(target, function.attr, call)
            origin = self._origin(function)
            if origin is not None:
                return self._is_known(*origin.rpartition(".")[::2]) and self._calls_back(call)
        if self.owner is not None and self.constructs and ast.unparse(function) == "super().__init__":
            return True  # the constructors of the bases are judged by `Purity.instance`
        receiver = self._kind(base)
        if receiver is not None:
            return self.expression(base) and self.purity.method(receiver, function.attr)
        if isinstance(base, ast.Name) and function.attr in READING_FILES and base.id in self.files:
            return True
        known = function.attr in PURE_METHODS or (self.purity.may_read and function.attr in READING_METHODS)
        plain = known and not self.purity.user_methods(function.attr)
        return plain and self.expression(base) and self._calls_back(call)

    def _call_of_name(self, function: ast.Name, call: ast.Call) -> bool:
        if function.id == self.wrapped:
            return self._hands_over(call)  # it is judged by itself
        if function.id in self.nested:
            return self._nested(function.id)
        if function.id in self.locals:
            return self._makes_own(function)
        is_super = function.id == "super" and self._kind(call) is not None
        return is_super or self._global(self.path, function.id, call)

    def _kind(self, node: ast.expr) -> Kind | None:
        return self.purity.kinds.of(self, node)

    def _makes_own(self, function: ast.Name) -> bool:
        """Is this local a class of the user's, and making an instance pure?"""
        kind = self._kind(function)
        return kind is not None and kind.is_class and kind.exact and self.purity.instance(kind.path, kind.node)

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
            if not self.purity.definition(place, statement.node):
                return False
            return self.purity.fills is not None or self._hands_over(call)
        if isinstance(statement.node, ast.ClassDef):
            return self.purity.instance(place, statement.node)
        if isinstance(statement.node, ast.Assign):
            value = statement.node.value
            if isinstance(value, ast.Call) and self.purity.names.origin(place, value.func) == "collections.namedtuple":
                return True
            return self._calls_bound(place, value) and self._hands_over(call)
        if isinstance(statement.node, ast.ImportFrom) and not statement.node.level:
            alias = next(item for item in statement.node.names if (item.asname or item.name) == name)
            return self._is_known(statement.node.module or "", alias.name) and self._calls_back(call)
        return False

    def _is_known(self, module: str, name: str) -> bool:
        """Is this a function of the standard library's that does nothing but build a value, or may read files?"""
        return (module, name) in PURE_IMPORTED or (self.purity.may_read and (module, name) in READING_IMPORTED)

    def _calls_bound(self, path: str, value: ast.expr | None) -> bool:
        """Is a call of what this value is, a function that is made where it is bound, pure?"""
        if isinstance(value, ast.Lambda):
            return self.purity.lambda_(path, value, frozenset())
        if not isinstance(value, ast.Call):
            return False
        found = self.purity.names.of(path, value.func)
        node = found[1].node if found is not None else None
        if found is None or not isinstance(node, ast.FunctionDef) or node.decorator_list or len(node.body) != 2:
            return False
        made, last = node.body
        returned = last.value if isinstance(last, ast.Return) else None
        if not isinstance(made, ast.FunctionDef) or not isinstance(returned, ast.Name) or returned.id != made.name:
            return False
        return not made.decorator_list and self.purity.function(found[0], made, None, frozenset(locals_of(node)))

    def wraps_purely(self, decorator: ast.expr) -> bool:
        """Is a call of what this decorator makes of a function pure, if one of the function is?"""
        if self.purity.may_keep and self._origin(called(decorator)) in _CACHING:
            return True
        if self.purity.gives_back(self.path, decorator):
            return True
        found = self.purity.names.of(self.path, called(decorator))
        node = found[1].node if found is not None else None
        if found is None or not isinstance(node, ast.FunctionDef) or not self.wraps(decorator):
            return False
        path, outer = found[0], frozenset(locals_of(node))
        if isinstance(decorator, ast.Call):
            node = next(item for item in node.body if isinstance(item, ast.FunctionDef))
        parameters = params_of(node.args)
        returned = [item.value for item in own_nodes(node) if isinstance(item, ast.Return)]
        inside = outer | frozenset(locals_of(node))
        return len(parameters) == 1 and all(
            value is not None and self.purity.wrapper(path, node, value, inside, parameters[0]) for value in returned
        )

    def _hands_over(self, call: ast.Call, given: list[ast.expr] | None = None) -> bool:
        """Whatever is called may call what it is given: functions among the arguments must be pure."""
        return all(map(self._is_harmless, unpacked(call) if given is None else given))

    def _calls_back(self, call: ast.Call) -> bool:
        """The same of a function of the standard library, which calls only some of its arguments. What a parameter is
        was judged where it was handed over, but not for the constructors of classes, which may keep it."""
        given = [keyword.value for keyword in call.keywords if keyword.arg in ("key", "default_factory")]
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        given += call.args[:1] if name in _CALLING else []
        is_parameter = any(isinstance(item, ast.Name) and item.id in self.locals for item in given)
        unjudged = self.constructs or self.purity.fills is not None
        return self._hands_over(call, given) and not (is_parameter and unjudged)

    def _is_harmless(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Lambda):
            body = type(self)(self.purity, self.path, None, self.locals | frozenset(params_of(node.args)))
            return body.expression(node.body)
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return True
        if isinstance(node, ast.Name) and node.id in self.locals:
            return node.id not in self.nested or self._nested(node.id)
        found = self.purity.names.of(self.path, node)
        if found is None:
            return isinstance(node, ast.Name) or not self.purity.user_methods(node.attr)
        if isinstance(found[1].node, FunctionNode):
            return self.purity.definition(found[0], found[1].node)
        return not isinstance(found[1].node, ast.ClassDef) or self.purity.instance(found[0], found[1].node)

    def field(self, node: ast.expr) -> bool:
        """The default of a data class's field: a factory is called for each instance."""
        if isinstance(node, ast.Call) and self._origin(node.func) == "dataclasses.field":
            return all(self._is_factory(item) for item in unpacked(node))
        return self.expression(node)

    def _is_factory(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Lambda):
            return self.expression(node.body)
        if isinstance(node, ast.Name) and node.id in _BUILTIN_TYPES:
            return True
        return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and self._is_harmless(node))

    def binds(self, node: ast.stmt) -> bool:
        """Does this statement of a module's body bind names to what is pure to build, and nothing else?"""
        if isinstance(node, (*FunctionNode, ast.If, ast.Try)):
            return self.statement(node)
        return isinstance(node, (ast.Assign, ast.AnnAssign)) and (node.value is None or self.expression(node.value))

    def wraps(self, decorator: ast.expr) -> bool:
        """Does this decorator only make something of the function that it is given?"""
        if self._origin(called(decorator)) in _CACHING and isinstance(decorator, ast.Call):
            return all(map(self.expression, unpacked(decorator)))
        if self._origin(decorator) in _CACHING:
            return True
        if self._origin(called(decorator)) in _WRAPPING:
            return all(map(self.expression, unpacked(decorator))) if isinstance(decorator, ast.Call) else True
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
            return all(map(self.expression, unpacked(decorator))) and self._makes_decorator(path, node)
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

    def registers(self, node: ast.stmt) -> bool:
        """Is this a definition that is handed to functions which give it back, a call or the setting of an item, and
        nothing else that is not pure?"""
        if isinstance(node, (*FunctionNode, ast.ClassDef)):
            return bool(node.decorator_list) and all(map(self.is_registrar, node.decorator_list))
        if isinstance(node, ast.Assign):
            items = all(isinstance(target, ast.Subscript) for target in node.targets)
            return items and len(node.targets) == 1 and self.statement(node)
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and self.statement(node)

    def is_registrar(self, decorator: ast.expr) -> bool:
        """Is this a decorator that gives back what it is given, and does nothing else that is not pure?"""
        target = called(decorator)
        found = self.purity.names.of(self.path, target)
        if found is None or not isinstance(found[1].node, ast.FunctionDef) or not gives_back(found[1].node):
            return False
        return self.wraps(decorator)

    def opens_to_read(self, item: ast.withitem) -> bool:
        """Is it the builtin ``open``, for reading, where files may be read?"""
        call = item.context_expr
        if not self.purity.may_read or not isinstance(call, ast.Call) or self._origin(call.func) != "open":
            return False
        modes = [*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
        reads = all(isinstance(mode, ast.Constant) and mode.value in _READING for mode in modes)
        plain = all(keyword.arg in ("mode", "encoding", "errors", "newline") for keyword in call.keywords)
        return reads and plain and len(call.args) in (1, 2) and all(map(self.expression, arguments_of(call)))

    def _origin(self, node: ast.expr) -> str | None:
        name = node.id if isinstance(node, ast.Name) else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = node.value.id
        return None if name is None or name in self.locals else self.purity.names.origin(self.path, node)


def _is_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def unpacked(call: ast.Call) -> list[ast.expr]:
    """What is given to a call; of what is unpacked into it, where that comes from."""
    return [item.value if isinstance(item, ast.Starred) else item for item in arguments_of(call)]
