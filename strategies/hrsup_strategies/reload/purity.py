"""Which statements can be executed again because all they do is build a value. Pure; runs in the user's process.

An expression is *pure* here if evaluating it makes new objects and does nothing else: it mutates nothing that existed
before, reads nothing that changes by itself (files, clocks, random numbers), and calls only what is pure too: functions
of the standard library that are known, and functions and classes of the user's whose whole body, followed call by call,
binds locals, mutates only what was made in that very call, and returns.

Why that suffices: a statement ``X = f(A)`` that is executed again leaves the same trace as at a cold start, if ``f`` is
pure in the new version and its *ingredients* (every global that is read on the way) are what a cold start has. For the
ingredients, ``reads`` are handed to ``patch``, which builds each again with the old code and compares; what cannot be
built again must not be stored into by anybody. That the value of X was not changed by the program since is shown in the
same way, and that nobody else holds the old one by the audit (``audit.check``).

What is called is resolved, not guessed: a name through the module's one binding of it and through imports. A receiver
is unknown unless it is made on the spot or is ``self``, so methods of the user's classes on anything else are not pure.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.bodies import Body
from hrsup_strategies.reload.calling import PLAIN_DECORATORS
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import params_of
from hrsup_strategies.reload.kinds import Kind, Kinds, bound_to
from hrsup_strategies.reload.known import CONSTRUCTORS
from hrsup_strategies.reload.resolution import Resolution
from hrsup_strategies.reload.values import PURE_CALLS, PURE_METHODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

    Function = ast.FunctionDef | ast.AsyncFunctionDef

_CONTAINERS = frozenset(("dict", "list", "set", "collections.OrderedDict"))
_FACTORIES = frozenset(("dict", "list", "set"))
OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "mod", "rmod", "pow", "and",
        "or", "xor", "ror", "rand", "lshift", "rshift", "neg", "pos", "invert", "eq", "ne", "lt", "le", "gt", "ge",
        "hash", "bool", "len", "iter", "next", "contains", "getitem", "str", "repr", "format", "int", "float", "index",
        "iadd", "ior", "matmul", "abs", "round", "reversed", "getattr", "getattribute", "missing", "setattr", "set",
        "get", "del", "instancecheck",
    )
)  # fmt: skip


class Purity:
    """Judges expressions of the new versions of the modules, or with `old` of the loaded ones."""

    def __init__(self, work: Work, old: bool) -> None:
        self._work = work
        self.names = Resolution(work, old)
        self.kinds = Kinds(self)
        self._judged: dict[int, bool] = {}  # in the question that is being answered
        self._methods: dict[tuple[int, Kind | None], bool] = {}  # the same, of methods for each kind of object
        self._instances = False
        self.reads: set[tuple[str, str]] = set()
        self.looked: set[str] = set()  # attributes that are asked for, in all that was judged so far
        # Containers that may be filled, and are: those themselves, and those in which other containers are.
        self.fills: set[tuple[str, str]] | None = None  # None: none may
        self.fills_in: set[tuple[str, str]] = set()
        self.may_read = False  # files, too?
        self.may_keep = False  # may what is called have a cache of the standard library's?

    def reads_of(
        self,
        path: str,
        values: Iterable[ast.expr | None],
        inner: Iterable[str] = (),
        decorators: Iterable[ast.expr] = (),
        files: bool = False,
    ) -> set[tuple[str, str]] | None:
        """The globals (path of the module, name) that are read when these expressions are evaluated in the module's
        scope, or in that of a class whose body binds `inner`; None if one does more than build a value, or with `files`
        than that and to read some. The same for the application of `decorators`."""
        self._begin()
        self.may_read = files
        try:
            body = Body(self, path, None, frozenset(inner))
            found = [value for value in values if value is not None]
            pure = all(map(body.expression, found)) and all(map(body.wraps, decorators))
            return self.reads if pure and self._operate_on_data() else None
        finally:
            self.may_read = False

    def reads_of_block(self, path: str, statement: Statement) -> set[tuple[str, str]] | None:
        """The same for a compound statement of the module's body, which may bind names."""
        self._begin()
        body = Body(self, path, None, frozenset(statement.names))
        return self.reads if body.statement(statement.node) and self._operate_on_data() else None

    def leaves_no_trace(self, path: str, statement: Statement) -> bool:
        """Does a statement that binds names do nothing else but to read files? Then it does not matter when it is
        executed, for others."""
        self._begin()
        self.may_read = True
        try:
            return Body(self, path, None, frozenset(statement.names)).binds(statement.node) and self._operate_on_data()
        finally:
            self.may_read = False

    def reads_of_call(self, path: str, name: str) -> set[tuple[str, str]] | None:
        """What is read when the function of this name is called, whose results are kept; None if it does more than
        build a value."""
        found = self.names.binding(path, name)
        node = found[1].node if found is not None else None
        if found is None or not isinstance(node, ast.FunctionDef):
            return None
        self._begin()
        self.may_keep = True
        try:
            pure = self.definition(found[0], node) and self._operate_on_data()
        finally:
            self.may_keep = False
        return self.reads if pure else None

    @property
    def judged(self) -> set[int]:
        """The ids of the functions that what was asked for last may call, and are pure."""
        return set(self._judged) - {key for (key, _), is_pure in self._methods.items() if not is_pure}

    def registers(self, path: str, statement: Statement) -> bool:
        """Does the statement fill containers of modules, and beside that only build and bind values? What it fills is
        in `filled` and `filled_in`, as (path of the module, name), in `reads` what else it reads, and in `called` the
        ids of the functions that it calls."""
        body = Body(self, path, None, frozenset())
        pure = self._filling(lambda: body.registers(statement.node))
        self.called = self._judged
        return pure and bool(self.filled | self.filled_in)

    def fills_only(self, path: str, node: Function, places: set[tuple[str, str]]) -> bool:
        """Does a call of this function fill these containers, and beside that only build a value? What else it reads is
        in `reads`."""
        self.may_keep = True
        try:
            pure = self._filling(lambda: self.function(path, node, None, frozenset()))
        finally:
            self.may_keep = False
        return pure and self.filled == places and not self.filled_in

    def _filling(self, judge: Callable[[], bool]) -> bool:
        """What `judge` says while containers may be filled."""
        self._begin()
        self.fills, self.fills_in = set(), set()
        self.filled, self.filled_in = self.fills, self.fills_in
        try:
            return judge() and self._operate_on_data()
        finally:
            self.fills = None

    def is_container(self, path: str, statement: Statement) -> bool:
        """Is this statement one that makes a container of a builtin type?"""
        node = statement.node
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) and len(statement.names) == 1 else None
        if isinstance(value, (ast.Dict, ast.List, ast.Set)):
            return True
        if not isinstance(value, ast.Call) or value.keywords:
            return False
        made = self.names.origin(path, value.func)
        factory = [self.names.origin(path, item) in _FACTORIES for item in value.args]
        return (made in _CONTAINERS and not factory) or (made == "collections.defaultdict" and factory == [True])

    def gives_back(self, path: str, decorator: ast.expr) -> bool:
        """Does this decorator only write down the function that it is given, and give it back as it is?"""
        before = self._judged, self._methods, self.reads, self.fills, self.fills_in, self._instances
        self._judged, self._methods, self.reads, self.fills, self.fills_in = {}, {}, set(), set(), set()
        try:
            return Body(self, path, None, frozenset()).is_registrar(decorator)
        finally:
            self._judged, self._methods, self.reads, self.fills, self.fills_in, self._instances = before

    def _begin(self) -> None:
        """Another question is asked."""
        self._judged, self._methods = {}, {}
        self.kinds.begin()
        self._instances = False
        self.reads = set()

    # -- what is called ------------------------------------------------------------------------------------------------

    def body(self, path: str, node: Function | None, owner: Kind | None) -> Body:
        """The body of a function that is not in another, or the module's scope; a method is called on its `owner`."""
        return Body(self, path, node, frozenset(), owner)

    def function(self, path: str, node: Function, owner: Kind | None, outer: frozenset[str]) -> bool:
        """Is a call of this function pure? One that calls itself is, if nothing else in it is not."""
        key = (id(node), owner)
        if key not in self._methods:
            self._methods[key] = self._judged[id(node)] = True
            self._methods[key] = self._function(path, node, owner, outer)
        return self._methods[key]

    def _function(self, path: str, node: Function, owner: Kind | None, outer: frozenset[str]) -> bool:
        if isinstance(node, ast.AsyncFunctionDef):
            return False
        if any(not isinstance(d, ast.Name) or d.id not in PLAIN_DECORATORS for d in node.decorator_list):
            return False
        return Body(self, path, node, outer, owner).block(node.body)

    def definition(self, path: str, node: Function) -> bool:
        """The same of what a definition of a module's body binds, which its decorators may have wrapped."""
        if not node.decorator_list:
            return self.function(path, node, None, frozenset())
        key = id(node.decorator_list)
        if key not in self._judged:
            self._judged[key] = True
            body, scope = Body(self, path, node, frozenset()), Body(self, path, None, frozenset())
            plain = isinstance(node, ast.FunctionDef) and all(map(scope.wraps_purely, node.decorator_list))
            self._judged[key] = plain and body.block(node.body)
        return self._judged[key]

    def lambda_(self, path: str, node: ast.Lambda, outer: frozenset[str], wrapped: str = "") -> bool:
        """The same of a lambda, in which the decorator's parameter `wrapped` may be called."""
        if id(node) not in self._judged:
            self._judged[id(node)] = True
            body = Body(self, path, None, outer | frozenset(params_of(node.args)))
            body.wrapped = wrapped
            self._judged[id(node)] = body.expression(node.body)
        return self._judged[id(node)]

    def wrapper(
        self, path: str, decorator: ast.FunctionDef, value: ast.expr, outer: frozenset[str], wrapped: str
    ) -> bool:
        """The same of what a decorator gives back for the function that it is given as `wrapped`."""
        if isinstance(value, ast.Lambda):
            return self.lambda_(path, value, outer, wrapped)
        if not isinstance(value, ast.Name):
            return False
        made = [item for item in decorator.body if isinstance(item, ast.FunctionDef) and item.name == value.id]
        if len(made) != 1:
            return value.id == wrapped and not made
        body = Body(self, path, made[0], outer)
        body.wrapped = wrapped
        return body.block(made[0].body)

    def instance(self, path: str, node: ast.ClassDef) -> bool:
        """Is making an instance of this class pure?"""
        self._instances = True
        kind = Kind(path, node)
        classes = self.kinds.hierarchy(path, node)
        methods = [self.kinds.definitions(kind, name) for name in sorted(CONSTRUCTORS)]
        if classes is None or not all(found is not None and self._all(kind, found) for found in methods):
            return False
        return all(self._fields(place, cls) for place, cls in classes)

    def method(self, kind: Kind, name: str) -> bool:
        """Is calling this method on such an object pure?"""
        if not kind.exact:
            self._work.closure.mention(name)
            is_set = any(name in unit.binds for unit in self._work.closure.units)
            return not is_set and self.user_methods(name) and self._method(name)
        found = self.kinds.definitions(kind, name)
        return bool(found) and self._all(kind, found or [])

    def _all(self, kind: Kind, found: list[tuple[str, Function]]) -> bool:
        return all(self.function(path, item, bound_to(kind, item), frozenset()) for path, item in found)

    def _fields(self, path: str, node: ast.ClassDef) -> bool:
        body = Body(self, path, None, frozenset())
        values = [item.value for item in node.body if isinstance(item, ast.AnnAssign) and item.value is not None]
        return all(map(body.field, values))

    def _operate_on_data(self) -> bool:
        """Operators, tests and loops call methods: are these the builtin types', or pure if they may be the user's?"""
        if not self._instances and all(self._is_data(path, name) for path, name in self.reads):
            return True
        return all(map(self._method, OPERATORS))

    def _is_data(self, path: str, name: str, depth: int = 0) -> bool:
        """Is what a name stands for surely no instance of a class of the user's?"""
        found = self.names.binding(path, name)
        if found is None or depth > 10:
            return found is None and not self.names.is_bound(path, name)
        place, node = found[0], found[1].node
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            return isinstance(node, (*FunctionNode, ast.ClassDef, ast.Import, ast.ImportFrom))
        parts = list(ast.walk(node.value)) if node.value is not None else []
        if not all(not isinstance(item, ast.Call) or _builds_data(item) for item in parts):
            return False
        called = {id(item.func) for item in parts if isinstance(item, ast.Call)}
        if any(isinstance(item, ast.Attribute) and id(item) not in called for item in parts):
            return False
        names = {item.id for item in parts if isinstance(item, ast.Name)}
        return all(self._is_data(place, item, depth + 1) for item in names)

    def user_methods(self, name: str) -> bool:
        """Does a class of the user's have a method of this name?"""
        return any(unit.owner for unit in self._work.closure.units_of(name))

    def attribute(self, name: str) -> bool:
        """Does looking at an attribute of this name run nothing that is not pure?"""
        units = self._work.closure.units_of(name)
        return all(not unit.decorators for unit in units) or self._method(name)

    def _method(self, name: str) -> bool:
        for unit in self._work.closure.units_of(name):
            if unit.owner is None:
                continue
            version = self.names.version(unit.path)
            found = [
                (item, cls)
                for cls in ast.walk(version.tree)
                if isinstance(cls, ast.ClassDef) and cls.name == unit.owner
                for item in cls.body
                if isinstance(item, FunctionNode) and item.name == name
            ]
            kinds = [(item, bound_to(Kind(unit.path, cls, exact=False), item)) for item, cls in found]
            if not all(self.function(unit.path, item, kind, frozenset()) for item, kind in kinds):
                return False
        return True


def _builds_data(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in PURE_CALLS
    return isinstance(call.func, ast.Attribute) and call.func.attr in PURE_METHODS
