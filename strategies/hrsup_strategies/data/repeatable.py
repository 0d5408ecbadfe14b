"""Which import-time statements only read, compute and bind names, so that they may be executed again; which functions
keep nothing. Runs in the user's process; owns what is known of the user's functions while one change is prepared.
"""

from __future__ import annotations

import ast
import sys
from types import FunctionType, MethodType

from hrsup_strategies.data.readers import Readers
from hrsup_strategies.data.scope import Scope
from hrsup_strategies.data.things import OUTER, Effect
from hrsup_strategies.reload.identifiers import params_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from types import ModuleType

    from hrsup_strategies.reload.units import Unit

_HOOKS = ("__setattr__", "__getattribute__", "__getattr__")
_PLAIN_BASES = (object, tuple, dict, list, str, int, float)


class Repeatable:
    """Asked about the top-level statements of the modules (live objects by path); `tree_of` gives the source of one;
    `users` are the names of the program's own functions, methods and classes."""

    def __init__(
        self, modules: Mapping[str, ModuleType], tree_of: Callable[[str], ast.Module], users: Container[str]
    ) -> None:
        self._modules, self._tree_of = modules, tree_of
        self.users = users
        self.readers = Readers(modules)
        self._functions: dict[tuple[int, int], int] = {}
        self._under_way: set[int] = set()
        self.reads: set[tuple[str, str]] = set()  # by what is being looked at
        self._paths = {id(module): path for path, module in modules.items()}

    def check(self, path: str, node: ast.stmt, anew: set[str]) -> set[tuple[str, str]]:
        """The globals (path of the module, name) that are read when this statement of a module's body is executed; the
        globals `anew` are made again before it. Raises Effect if it cannot be repeated."""
        self._functions.clear()
        self.reads = set()
        Scope(self, path, vars(self._modules[path]), [node], set(), anew).statements([node])
        return self.reads

    def function(self, function: FunctionType, where: tuple[str, int], cls: type | None = None) -> int:
        """How much of what this function of the user's returns was made by it (see ``things``); `cls`: it is a method
        of that class itself. Raises Effect if it has effects."""
        key = id(function), id(cls)
        if key not in self._functions:
            if not all(
                map(_cannot_change, [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()])
            ):
                raise Effect(f"a default of `{function.__name__}` may have been changed", *where)
            scope, body = self._scope(function, Effect(f"what `{function.__name__}` does is not known", *where))
            parameters = params_of(self._definition(function).args)  # type: ignore[union-attr]
            if cls is not None and parameters and parameters[0] not in scope.assigned:
                scope.known[parameters[0]] = cls
            self._walk(function, scope, body)
            self._functions[key] = scope.returned
        return self._functions[key]

    def is_harmless(self, unit: Unit) -> bool:
        """Does this function change nothing but what it makes itself? Then it keeps nothing of what it is given."""
        if unit.path not in self._modules:
            return False
        space = vars(self._modules[unit.path])
        if unit.owner is not None:
            owner = space.get(unit.owner)
            space = dict(vars(owner)) if isinstance(owner, type) else {}
        function = space.get(unit.name)
        function = function.__func__ if isinstance(function, (staticmethod, classmethod)) else function
        if not isinstance(function, FunctionType):
            return False
        try:
            self.function(function, (unit.path, unit.node.lineno))
        except Effect:
            return False
        return True

    def made(self, cls: type, where: tuple[str, int]) -> None:
        """Raise Effect if making an instance of this class of the user's may do more than fill it."""
        unknown = Effect(f"what making a `{cls.__name__}` does is not known", *where)
        own = [base for base in cls.__mro__ if self._is_own(base)]
        if type(cls).__name__ == "EnumType":
            if any("_missing_" in vars(base) or "__new__" in vars(base) for base in own):
                raise unknown
            return
        if type(cls) is not type and type(cls).__name__ != "ABCMeta":
            raise unknown
        others = [base for base in cls.__mro__ if base not in own]
        if any(base not in _PLAIN_BASES and base.__module__ not in ("typing", "abc") for base in others):
            raise unknown
        for base in own:
            self._check_making(base, unknown)

    def is_users(self, value: object) -> bool:
        """Is it a function or class of the program's own?"""
        if isinstance(value, MethodType):
            value = value.__func__
        if isinstance(value, FunctionType):
            return value.__code__.co_filename in self._modules
        return isinstance(value, type) and self._is_own(value)

    def path_of(self, module: object) -> str | None:
        """The path of a module of the program's own."""
        return self._paths.get(id(module))

    def _check_making(self, base: type, unknown: Effect) -> None:
        for name in ("__new__", "__init__", "__post_init__", *_HOOKS):
            method = vars(base).get(name)
            if method is None or _is_generated(method, base):
                continue
            if not isinstance(method, FunctionType) or name in _HOOKS:
                raise unknown
            scope, body = self._scope(method, unknown)
            parameters = params_of(self._definition(method).args)  # type: ignore[union-attr]
            scope.made[parameters[0]] = OUTER  # nobody else holds it yet
            self._walk(method, scope, body)
        for field in getattr(base, "__dataclass_fields__", {}).values():
            if self.is_users(field.default_factory):
                raise unknown

    def _scope(self, function: FunctionType, unknown: Effect) -> tuple[Scope, list[ast.stmt]]:
        node = self._definition(function)
        if id(function) in self._under_way or node is None:
            raise unknown
        path, parameters = function.__code__.co_filename, set(params_of(node.args))
        return Scope(self, path, function.__globals__, node.body, parameters, set()), node.body

    def _walk(self, function: FunctionType, scope: Scope, body: list[ast.stmt]) -> None:
        self._under_way.add(id(function))
        try:
            scope.statements(body)
        finally:
            self._under_way.discard(id(function))

    def _is_own(self, cls: type) -> bool:
        module = sys.modules.get(cls.__module__)
        return module is not None and any(module is own for own in self._modules.values())

    def _definition(self, function: FunctionType) -> ast.FunctionDef | None:
        code = function.__code__
        if code.co_filename not in self._modules or code.co_flags & 0x2A0:  # a generator runs later
            return None
        for node in ast.walk(self._tree_of(code.co_filename)):
            if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
                first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
                if first == code.co_firstlineno:
                    return node
        return None


def _cannot_change(value: object) -> bool:
    if type(value) in (tuple, frozenset):
        return all(map(_cannot_change, value))  # type: ignore[call-overload]
    plain = (bool, int, float, complex, str, bytes, type(None), type(...), type, FunctionType)
    return isinstance(value, plain) or type(value).__module__.partition(".")[0] == "pathlib"


def _is_generated(method: object, owner: type) -> bool:
    """Was it made by ``dataclass`` or ``NamedTuple``?"""
    code = getattr(method, "__code__", None)
    made = hasattr(owner, "__dataclass_fields__") or hasattr(owner, "_fields")
    return made and (code is None or code.co_filename.startswith("<"))
