"""Which names each piece of a module mentions, and where values flow. Pure; runs in the user's process.

Everything is keyed by *bare identifier*: a function, a method, an attribute and a global of the same name are one key.
That over-approximates (two unrelated methods called ``run`` count as one), needs no types, and cannot miss a use as long
as the use spells the name; code that looks names up at run time is marked `dynamic` and counts as using everything.

Keys: ``name`` for globals, attributes and definitions; ``unit|name`` for a function's locals; ``P:name`` for the
arguments given to whatever is called ``name``; ``P:*`` for those given to a callee that cannot be named.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode, Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

DYNAMIC = frozenset(
    "globals vars eval exec __dict__ import_module __import__ getsource getsourcelines signature getfullargspec "
    "__code__ __defaults__ __kwdefaults__ __annotations__ __closure__ __wrapped__ get_type_hints getmembers dir "
    "currentframe _getframe __subclasses__ get_objects reload modules".split()
)
ANYTHING = "<anything>"  # stands for every name: code that looks names up at run time
BY_STRING = frozenset("getattr hasattr setattr delattr attrgetter methodcaller".split())
ACCUMULATING = frozenset("append appendleft add extend extendleft insert put put_nowait push heappush".split())
OVERWRITING = frozenset(
    "setdefault update set register subscribe connect on store save cache memoize remember get_or_set put_if_absent "
    "add_handler add_done_callback add_listener schedule call_later call_soon enter enterabs __setitem__ __setattr__ "
    "setattr __set__ move_to_end fill".split()
)
BUILDERS = frozenset("dict list set bytearray deque defaultdict Counter OrderedDict SimpleNamespace StringIO".split())
CONSTRUCTORS = frozenset(("__init__", "__post_init__", "__new__"))
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_COMPOUND = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp)


class Store:
    """A place that a flow reaches. `kind`: ``plain`` (local or nothing that lasts), ``aug`` (accumulated), ``last``
    (an attribute, item or global that outlives the call), ``append`` (a container that grows), ``effect`` (given to a
    call that is made for its effect). `needs_class` is the
    class whose fresh instance is stored into, if that is why the kind is plain."""

    __slots__ = ("key", "kind", "needs_class")

    def __init__(self, key: str, kind: str, needs_class: str | None = None) -> None:
        self.key, self.kind, self.needs_class = key, kind, needs_class


class Flow:
    """Values that mention `sources` (or are stored under a condition that does) reach `stores`, and so do the objects
    called `holds`, as they are.

    `mark` is the text of the statement and of all that decides whether it is reached; `top` the top-level statement.
    """

    __slots__ = ("sources", "holds", "stores", "line", "unit", "mark", "top", "deferred")

    def __init__(
        self, sources: set[str], holds: set[str], stores: list[Store], line: int, unit: Unit | None, mark: str
    ) -> None:
        self.sources, self.holds, self.stores, self.line = sources, holds, stores, line
        self.unit, self.mark = unit, mark
        self.top: ast.stmt | None = None
        self.deferred = False  # in a lambda, so it happens when that is called


class Unit:
    """A function or method of a module, nested functions included. `owner` is the class it belongs to."""

    __slots__ = ("id", "name", "owner", "path", "node", "mentions", "params", "dynamic", "decorators")

    @property
    def globals(self) -> set[str]:
        """The mentions that are not locals."""
        return {name for name in self.mentions if "|" not in name}

    def __init__(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None) -> None:
        self.id = f"{path}:{owner}.{node.name}"
        self.name, self.owner, self.path, self.node = node.name, owner, path, node
        self.mentions: set[str] = set()
        self.params: set[str] = set()
        self.dynamic = False
        self.decorators = [_last_name(item) for item in node.decorator_list]


class ClassInfo:
    """A class statement: the last names of its bases and keywords, and the names of its methods."""

    __slots__ = ("name", "bases", "methods", "node")

    def __init__(self, node: ast.ClassDef) -> None:
        self.name, self.node = node.name, node
        self.bases = [_last_name(base) for base in node.bases]
        self.methods = {item.name for item in node.body if isinstance(item, FunctionNode)}


class ImportTime:
    """What one top-level statement does when the module is imported: `uses` are names whose code may run or whose value
    is looked into, `holds` names whose object is only passed on (an entry of a table, an alias)."""

    __slots__ = ("statement", "uses", "holds", "decorators")

    def __init__(self, statement: Statement, postponed: bool) -> None:
        self.statement = statement
        self.uses: set[str] = set()
        self.holds: set[str] = set()
        self.decorators: set[str] = set()
        _import_time(statement.node, self, postponed)


class ModuleNames:
    """Everything that the closure needs to know of one version of one module."""

    def __init__(self, path: str, tree: ast.Module, body: list[Statement]) -> None:
        self.path = path
        self.postponed = _postponed(tree)
        self.units: list[Unit] = []
        self.classes: list[ClassInfo] = []
        self.flows: list[Flow] = []
        self.tests: set[str] = set()
        self.escapes: set[str] = set()
        self.filled: set[str] = set()  # attributes that are only stored into
        self.origins = _origins(tree)
        self.tops = [ImportTime(statement, self.postponed) for statement in body]
        for statement in body:
            start = len(self.flows)
            scope = _Scope(self, None, set())
            scope.block([statement.node], frozenset())
            for flow in self.flows[start:]:
                flow.top = statement.node
            self._collect(statement.node, None)

    def _collect(self, node: ast.AST, owner: str | None) -> None:
        if isinstance(node, FunctionNode):
            self._unit(node, owner)
        elif isinstance(node, ast.ClassDef):
            self.classes.append(ClassInfo(node))
            for item in node.body:
                self._collect(item, node.name)
        elif isinstance(node, ast.stmt):
            for child in ast.iter_child_nodes(node):
                self._collect(child, owner)
        elif isinstance(node, (ast.ExceptHandler, ast.match_case)):
            for child in node.body:
                self._collect(child, owner)

    def _unit(self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None) -> None:
        unit = Unit(self.path, node, owner)
        self.units.append(unit)
        scope = _Scope(self, unit, _locals_of(node))
        unit.params = {scope.local(name) for name in _params_of(node.args)}
        scope.defaults(node.args)
        scope.block(node.body, frozenset())
        for child in ast.walk(node):
            if isinstance(child, ast.ClassDef):
                self.classes.append(ClassInfo(child))


class _Scope:
    """Walks the statements of one function (or of the module's body) and writes down the flows."""

    def __init__(
        self, module: ModuleNames, unit: Unit | None, names: set[str], outer: _Scope | None = None
    ) -> None:
        self.module, self.unit, self.names, self.outer = module, unit, names, outer
        self.declared: set[str] = set()
        self.inner: set[str] = set()  # parameters of lambdas and targets of comprehensions in a module's body
        self.deferred = False
        self.fresh: dict[str, str | None] = {}
        self.exits: frozenset[str] = frozenset()
        self.context: list[str] = outer.context if outer is not None else []
        self.current = ""

    def local(self, name: str) -> str:
        return f"{self.unit.id if self.unit else self.module.path}|{name}"

    def block(self, body: list[ast.stmt], control: frozenset[str]) -> None:
        if not self.fresh and self.unit is not None:
            self.fresh = _fresh_locals(body)
        for node in body:
            self.statement(node, control | self.exits)

    # -- names -----------------------------------------------------------------------------------------------------

    def name_keys(self, name: str) -> set[str]:
        if self.unit is None:
            return {name, self.local(name)} if name in self.inner else {name}
        if name in self.declared:
            return {name, self.local(name)}
        scope: _Scope | None = self
        mine = name in self.names
        while scope is not None and scope.outer is not None:
            scope = scope.outer
        if scope is not None and name in scope.names and name not in scope.declared:
            return {self.local(name)}
        return {name, self.local(name)} if mine else {name}

    def keys(self, node: ast.AST | None) -> set[str]:
        """Every name that the expression mentions; notes calls, escapes and tests on the way."""
        found: set[str] = set()
        if node is None:
            return found
        callees = set()
        for item in ast.walk(node):
            if isinstance(item, ast.Name):
                found |= self.name_keys(item.id)
                self._escape(item.id, id(item) in callees)
            elif isinstance(item, ast.Attribute):
                found.add(item.attr)
                self._escape(item.attr, id(item) in callees)
            elif isinstance(item, ast.Call):
                callees.add(id(item.func))
                found |= named_by_string(item)
            elif isinstance(item, ast.Constant):
                found |= named_in_text(item.value)
            elif isinstance(item, (ast.IfExp, ast.BoolOp, ast.Compare, ast.comprehension, ast.UnaryOp)):
                self._test(item)
            if isinstance(item, (ast.Name, ast.Attribute)) and self.unit is not None:
                name = item.id if isinstance(item, ast.Name) else item.attr
                self.unit.dynamic |= name in DYNAMIC
        if self.unit is not None:
            self.unit.mentions |= found
            self.unit.dynamic |= ANYTHING in found
        return found

    def _escape(self, name: str, called: bool) -> None:
        if not called:
            self.module.escapes.add(name)

    def _test(self, node: ast.AST) -> None:
        for item in ast.walk(node):
            if isinstance(item, ast.Name):
                self.module.tests.add(item.id)
            elif isinstance(item, ast.Attribute):
                self.module.tests.add(item.attr)

    # -- flows -----------------------------------------------------------------------------------------------------

    def flow(
        self, sources: set[str] | frozenset[str], stores: list[Store], line: int, holds: set[str] | None = None
    ) -> None:
        if stores:
            mark = "\n".join([*self.context, self.current])
            self.module.flows.append(Flow(set(sources), holds or set(), stores, line, self.unit, mark))
            self.module.flows[-1].deferred = self.deferred

    def expression(self, node: ast.expr | None, control: frozenset[str]) -> set[str]:
        """The keys of an expression, after its inner flows (calls, walrus, comprehensions, lambdas) were noted."""
        if node is None:
            return set()
        self.inner |= _inner_names_of(node) if self.unit is None else set()
        keys = self.keys(node)
        later = {id(item) for found in ast.walk(node) if isinstance(found, ast.Lambda) for item in ast.walk(found.body)}
        for item in ast.walk(node):
            self.deferred = id(item) in later
            if isinstance(item, ast.Call):
                self._call(item, keys, control)
            elif isinstance(item, ast.NamedExpr):
                self.assign(item.target, self.keys(item.value) | control, "plain")
            elif isinstance(item, ast.comprehension):
                self._inner_names(item.target, self.keys(item.iter))
            elif isinstance(item, ast.Lambda):
                stores = [Store(self.local(name), "plain") for name in _params_of(item.args)]
                self.flow(keys, stores, item.lineno, {"P:*"})
        self.deferred = False
        return keys

    def _inner_names(self, target: ast.expr, sources: set[str]) -> None:
        names = [item.id for item in ast.walk(target) if isinstance(item, ast.Name)]
        self.flow(sources, [Store(self.local(name), "plain") for name in names], target.lineno)

    def _call(self, call: ast.Call, statement_keys: set[str], control: frozenset[str]) -> None:
        given: set[str] = set(control)
        holds: set[str] = set()
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
            if _is_reference(argument):
                holds |= self.keys(argument)
            else:
                given |= self.keys(argument)
        callee = _last_name(call.func)
        is_local = isinstance(call.func, ast.Name) and self.name_keys(call.func.id) == {self.local(call.func.id)}
        group = "*" if callee is None or (is_local and self.unit is not None) else callee
        self.flow(control, [Store(f"C:{group}", "plain")], call.lineno)
        if not given and not holds:
            return
        stores = [Store(f"P:{group}", "plain")]
        if callee == "setattr" and call.args:
            stores.append(self.place(call.args[0], "last"))
        if isinstance(call.func, ast.Attribute):
            kind = "append" if callee in ACCUMULATING else "last" if callee in OVERWRITING else "plain"
            stores.append(self.place(call.func.value, kind))
            stores = [store for store in stores if store.key or store.kind != "plain"]
        elif callee in ("heappush", "insort") and call.args:
            stores.append(self.place(call.args[0], "append"))
        self.flow(given, stores, call.lineno, holds)

    def place(self, base: ast.expr, kind: str) -> Store:
        """The container or object `base`, stored into."""
        while isinstance(base, ast.Subscript):
            base = base.value
        if isinstance(base, ast.Attribute):
            return Store(base.attr, kind)
        if isinstance(base, ast.Name):
            keys = self.name_keys(base.id)
            inside = self.unit is not None and keys == {self.local(base.id)}
            local = inside and base.id in self.names
            key = self.local(base.id) if inside else base.id
            if local and base.id in self.fresh:
                return Store(key, "plain", self.fresh[base.id])
            if local and self._is_self(base.id):
                return Store("", kind)
            if not inside and kind == "plain" and base.id in self.module.origins:
                return Store("", kind)  # a call of a module's function stores nothing in the module
            return Store(key, kind)
        return Store(_last_name(base) or "P:*", kind)

    def _is_self(self, name: str) -> bool:
        if self.unit is None or self.unit.owner is None:
            return False
        args = self.unit.node.args
        first = [*args.posonlyargs, *args.args][:1]
        return bool(first) and first[0].arg == name

    def assign(
        self, target: ast.expr, sources: set[str] | frozenset[str], kind: str, holds: set[str] | None = None
    ) -> None:
        """A flow into an assignment target; `kind` is ``plain`` or ``aug``."""
        if isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self.assign(item, sources, kind)
            return
        if isinstance(target, ast.Starred):
            self.assign(target.value, sources, kind)
            return
        lasting = "aug" if kind == "aug" else "last"
        stores: list[Store] = []
        if isinstance(target, ast.Name):
            is_declared = target.id in self.declared
            key = target.id if is_declared or self.unit is None else self.local(target.id)
            stores.append(Store(key, lasting if is_declared else "plain"))
            if is_declared:
                stores.append(Store(self.local(target.id), "plain"))
        elif isinstance(target, ast.Attribute):
            base = self.place(target.value, lasting)
            exempt = base.key == "" and self.unit is not None and self.unit.name in CONSTRUCTORS
            stores.append(Store(target.attr, "plain" if exempt else base.kind, base.needs_class))
            stores.append(Store(base.key, "plain"))
            self.keys(target.value)
        elif isinstance(target, ast.Subscript):
            stores.append(self.place(target.value, lasting))
            if _is_reference(target.slice):
                holds = (holds or set()) | self.keys(target.slice)
            else:
                sources = set(sources) | self.keys(target.slice)
            self._container(target.value)
        self.flow(sources, [store for store in stores if store.key or store.kind != "plain"], target.lineno, holds)

    def _container(self, node: ast.expr) -> None:
        """What is only stored into is not used: its name is no mention, though what leads to it is."""
        if isinstance(node, ast.Attribute):
            self.module.filled.add(node.attr)
            node = node.value
            self.keys(node)
        elif not isinstance(node, ast.Name):
            self.keys(node)

    def defaults(self, arguments: ast.arguments) -> None:
        """A default reaches its parameter."""
        if self.unit is None:
            return
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = list(zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True))
        pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
        for argument, default in pairs:
            self.current = f"default {argument.arg} {ast.dump(default)}"
            self.flow(bare_names(default), [Store(self.local(argument.arg), "plain")], default.lineno)

    # -- statements ------------------------------------------------------------------------------------------------

    def statement(self, node: ast.stmt, control: frozenset[str]) -> None:
        outer, depth = self.current, len(self.context)
        self.current = _head(node)
        if isinstance(node, (*_COMPOUND, *FunctionNode)):
            self.context.append(self.current)
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is not None:
            method(node, control)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.expression(child, control)
        # Whatever may leave the function early decides about everything that follows it.
        leaves = any(isinstance(item, _LEAVING) for item in ast.walk(node))
        del self.context[depth:]
        if leaves:
            self.context.append(ast.dump(node))
        self.current = outer

    def _expr(self, node: ast.Expr, control: frozenset[str]) -> None:
        call = node.value
        if isinstance(call, ast.Call):
            # A call for its effect alone may set something up once, in a place that is not seen.
            self.keys(call.func)
            given: set[str] = set()
            for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
                given |= self.keys(argument)
            self.flow(given, [Store(f"E:{_last_name(call.func)}", "effect")], node.lineno)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ACCUMULATING:
            for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
                self.expression(argument, control)
            self._container(call.func.value)
            if self.unit is not None:
                self.unit.mentions.add(call.func.attr)
            self._call(call, set(), control)
            return
        self.expression(node.value, control)

    def _assign(self, node: ast.Assign, control: frozenset[str]) -> None:
        keys = self.expression(node.value, control)
        for target in node.targets:
            if _is_reference(node.value) and not isinstance(target, (ast.Tuple, ast.List)):
                self.assign(target, control, "plain", keys)
            else:
                self.assign(target, keys | control, "plain")

    def _annassign(self, node: ast.AnnAssign, control: frozenset[str]) -> None:
        if node.value is not None:
            self.assign(node.target, self.expression(node.value, control) | control, "plain")

    def _augassign(self, node: ast.AugAssign, control: frozenset[str]) -> None:
        keys = self.expression(node.value, control)
        self.keys(node.target)
        # Numbers and strings accumulate; a union or a list display may be a hand-made memo.
        grows = isinstance(node.op, ast.BitOr) or isinstance(node.value, (*_DISPLAYS, ast.Tuple))
        self.assign(node.target, keys | control, "plain" if grows else "aug")

    def _for(self, node: ast.For, control: frozenset[str]) -> None:
        keys = self.expression(node.iter, control)
        self.assign(node.target, keys | control, "plain")
        self.block(node.body, control | frozenset(keys))
        self.block(node.orelse, control | frozenset(keys))

    _asyncfor = _for

    def _if(self, node: ast.If | ast.While, control: frozenset[str]) -> None:
        keys = frozenset(self.expression(node.test, control))
        self._test(node.test)
        self.block(node.body, control | keys)
        self.block(node.orelse, control | keys)
        if any(isinstance(item, (ast.Return, ast.Continue, ast.Break, ast.Raise)) for item in ast.walk(node)):
            self.exits |= keys

    _while = _if

    def _with(self, node: ast.With, control: frozenset[str]) -> None:
        for item in node.items:
            keys = self.expression(item.context_expr, control)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, keys | control, "plain")
        self.block(node.body, control)

    _asyncwith = _with

    def _try(self, node: ast.Try, control: frozenset[str]) -> None:
        self.block(node.body, control)
        inside: set[str] = set()
        for item in node.body:
            inside |= self.keys(item)
        for handler in node.handlers:
            self.expression(handler.type, control)
            if handler.name:
                self.flow(inside, [Store(self.local(handler.name), "plain")], handler.lineno)
            self.block(handler.body, control | frozenset(inside))
        self.block(node.orelse, control | frozenset(inside))
        self.block(node.finalbody, control)

    _trystar = _try

    def _match(self, node: ast.Match, control: frozenset[str]) -> None:
        keys = frozenset(self.expression(node.subject, control))
        self._test(node.subject)
        for case in node.cases:
            names = [getattr(item, "name", None) or getattr(item, "rest", None) for item in ast.walk(case.pattern)]
            stores = [Store(self.local(name), "plain") for name in names if isinstance(name, str)]
            self.flow(keys, stores, node.lineno)
            if case.guard is not None:
                keys |= frozenset(self.expression(case.guard, control))
                self._test(case.guard)
            self.keys(case.pattern)
            self.block(case.body, control | keys)
        if any(isinstance(item, (ast.Return, ast.Continue, ast.Break, ast.Raise)) for item in ast.walk(node)):
            self.exits |= keys

    def _global(self, node: ast.Global | ast.Nonlocal, control: frozenset[str]) -> None:
        self.declared |= set(node.names)

    _nonlocal = _global

    def _import(self, node: ast.Import | ast.ImportFrom, control: frozenset[str]) -> None:
        for alias in node.names:
            name = alias.name.rpartition(".")[2]
            bound = alias.asname or alias.name.partition(".")[0]
            if self.unit is not None:
                self.unit.mentions.add(name)
                self.unit.dynamic |= name == "*"
            if bound != name or self.unit is not None:
                self.flow({name}, [Store(self.local(bound), "plain")], node.lineno)

    _importfrom = _import

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, control: frozenset[str]) -> None:
        decorators = set()
        for item in node.decorator_list:
            decorators |= self.expression(item, control)
            self.module.escapes.add(node.name)
            # A decorator receives the function, and what it makes of it goes by the function's name.
            callee = _last_name(item)
            group = f"P:{callee}" if callee else "P:*"
            self.flow(decorators, [Store(group, "plain")], node.lineno, {node.name})
        name = node.name if self.unit is None else self.local(node.name)
        if decorators:
            self.flow(decorators, [Store(name, "plain")], node.lineno)
        for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
            keys = self.expression(default, control)
            self.flow(keys, [Store(name, "plain")], node.lineno)
        self.defaults(node.args)
        if self.unit is None:
            return  # collected as a unit of its own
        inner = _Scope(self.module, self.unit, _locals_of(node), self)
        inner.declared = {name for item in ast.walk(node) if isinstance(item, ast.Global) for name in item.names}
        params = [Store(self.local(name), "plain") for name in _params_of(node.args)]
        given = {"P:*", f"P:{node.name}", f"P:{self.unit.name}"}
        self.flow({f"U:{self.unit.id}"}, params, node.lineno, given)
        inner.block(node.body, control)

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef, control: frozenset[str]) -> None:
        for item in [*node.bases, *(keyword.value for keyword in node.keywords), *node.decorator_list]:
            keys = self.expression(item, control)
            self.flow(keys, [Store(node.name, "plain"), Store(self.local(node.name), "plain")], node.lineno)
        for child in node.body:
            self.statement(child, control)


def _head(node: ast.stmt) -> str:
    """The text of a statement without the blocks below it."""
    if not isinstance(node, (*_COMPOUND, *FunctionNode)):
        return ast.dump(node)
    parts = []
    for name, value in ast.iter_fields(node):
        if name == "handlers":
            parts += [ast.dump(item.type) if item.type else "*" for item in value]
        elif name == "cases":
            parts += [ast.dump(case.pattern) + (ast.dump(case.guard) if case.guard else "") for case in value]
        elif name not in ("body", "orelse", "finalbody"):
            items = value if isinstance(value, list) else [value]
            parts += [ast.dump(item) if isinstance(item, ast.AST) else str(item) for item in items]
    return f"{type(node).__name__}({', '.join(parts)})"


def _origins(tree: ast.Module) -> dict[str, str]:
    """Where imported names come from: the module, by the name that is bound here."""
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            origins.update({alias.asname or alias.name: node.module or "" for alias in node.names})
        elif isinstance(node, ast.Import):
            origins.update({alias.asname or alias.name: alias.name for alias in node.names})
    return origins


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _is_reference(node: ast.expr) -> bool:
    """Does the expression only pass an object on?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _params_of(args: ast.arguments) -> list[str]:
    everything = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return [item.arg for item in everything if item is not None]


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function that belong to its own scope (nested functions and classes by their name alone)."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (*FunctionNode, ast.ClassDef, ast.Lambda, *_COMPREHENSIONS)):
            yield from _own_nodes(child)


def _locals_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    names = set(_params_of(node.args))
    hidden: set[str] = set()
    for statement in node.body:
        for item in [statement, *_own_nodes(statement)]:
            if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
                names.add(item.id)
            elif isinstance(item, (*FunctionNode, ast.ClassDef)):
                names.add(item.name)
            elif isinstance(item, ast.alias):
                names.add(item.asname or item.name.partition(".")[0])
            elif isinstance(item, ast.ExceptHandler) and item.name:
                names.add(item.name)
            elif isinstance(item, (ast.MatchAs, ast.MatchStar)) and item.name:
                names.add(item.name)
            elif isinstance(item, ast.MatchMapping) and item.rest:
                names.add(item.rest)
            elif isinstance(item, ast.NamedExpr):
                names.add(item.target.id)
            elif isinstance(item, (ast.Global, ast.Nonlocal)):
                hidden |= set(item.names)
    return names - hidden


def _fresh_locals(body: list[ast.stmt]) -> dict[str, str | None]:
    """Locals that are only ever bound to an object made on the spot; the value names the class to be trusted."""
    fresh: dict[str, str | None] = {}
    spoilt: set[str] = set()
    good_targets = set()
    for statement in body:
        for item in [statement, *_own_nodes(statement)]:
            value, target = _single_assignment(item)
            if target is not None and value is not None:
                made = _made_here(value)
                if made is None or (target.id in fresh and fresh[target.id] != made[0]):
                    spoilt.add(target.id)
                else:
                    fresh[target.id] = made[0]
                    good_targets.add(id(target))
            elif isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load) and id(item) not in good_targets:
                spoilt.add(item.id)
    return {name: made for name, made in fresh.items() if name not in spoilt}


def _inner_names_of(node: ast.AST) -> set[str]:
    found: set[str] = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Lambda):
            found |= set(_params_of(item.args))
        elif isinstance(item, ast.comprehension):
            found |= {name.id for name in ast.walk(item.target) if isinstance(name, ast.Name)}
    return found


def _single_assignment(node: ast.AST) -> tuple[ast.expr | None, ast.Name | None]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.value, node.targets[0]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return node.value, node.target
    return None, None


def _made_here(value: ast.expr) -> tuple[str | None] | None:
    if isinstance(value, _DISPLAYS):
        return (None,)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return (None,) if value.func.id in BUILDERS else (value.func.id,)
    return None


def _postponed(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


# -- what a statement does at import time ------------------------------------------------------------------------------


def _import_time(node: ast.AST, out: ImportTime, postponed: bool) -> None:
    if isinstance(node, FunctionNode):
        for decorator in node.decorator_list:
            out.decorators |= bare_names(decorator)
            out.uses |= bare_names(decorator)
        if node.decorator_list:
            out.uses.add(node.name)
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            value_names(default, out.uses, out.holds)
        if not postponed:
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            for annotation in [*(item.annotation for item in arguments), node.returns]:
                value_names(annotation, out.uses, out.holds)
    elif isinstance(node, ast.ClassDef):
        for item in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            value_names(item, out.uses, out.holds)
        for decorator in node.decorator_list:
            out.decorators |= bare_names(decorator)
            out.uses |= bare_names(decorator)
        for child in node.body:
            _import_time(child, out, postponed)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        out.holds |= {alias.name.rpartition(".")[2] for alias in node.names}
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        value_names(node.value, out.uses, out.holds)
        if isinstance(node, ast.AnnAssign) and not postponed:
            value_names(node.annotation, out.uses, out.holds)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if not isinstance(target, ast.Name):
                out.uses |= bare_names(target)
    elif isinstance(node, ast.stmt):
        for child in ast.iter_child_nodes(node):
            _import_time(child, out, postponed)
    elif isinstance(node, (ast.ExceptHandler, ast.match_case, ast.withitem)):
        for child in ast.iter_child_nodes(node):
            _import_time(child, out, postponed)
    elif isinstance(node, ast.expr):
        out.uses |= bare_names(node)


def bare_names(node: ast.AST) -> set[str]:
    """Every name below a node, lambdas included; names given as strings to ``getattr`` and the like too."""
    found: set[str] = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Name):
            found.add(item.id)
        elif isinstance(item, ast.Attribute):
            found.add(item.attr)
        elif isinstance(item, ast.alias):
            found.add(item.name.rpartition(".")[2])
        elif isinstance(item, ast.Call):
            found |= named_by_string(item)
        elif isinstance(item, ast.Constant):
            found |= named_in_text(item.value)
    if found & DYNAMIC:
        found.add(ANYTHING)
    return found


def named_by_string(call: ast.Call) -> set[str]:
    """The names that a call looks up by string; `ANYTHING` if they are not written there."""
    name = _last_name(call.func)
    if name not in BY_STRING:
        return set()
    arguments = call.args if name in ("attrgetter", "methodcaller") else call.args[1:2]
    found = {part for item in arguments if isinstance(item, ast.Constant) for part in str(item.value).split(".")}
    return found if arguments and isinstance(arguments[0], ast.Constant) else {ANYTHING}


def named_in_text(value: object) -> set[str]:
    """Names in a string that a library may look up: a dotted path, or the fields of a format."""
    if not isinstance(value, str) or len(value) > 2000:
        return set()
    if "{" in value:
        text = "".join(char if char.isalnum() or char == "_" else " " for char in value)
        return {word for word in text.split() if word.isidentifier()}
    parts = value.replace(":", ".").split(".")
    return set(parts) if len(parts) > 1 and all(part.isidentifier() for part in parts) else set()


def value_names(node: ast.expr | None, uses: set[str], holds: set[str]) -> None:
    """Sort the names of a value into those looked into or called, and those whose object is only passed on."""
    if node is None:
        return
    if isinstance(node, ast.Name):
        holds.add(node.id)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        holds.add(node.attr)
        holds.add(node.value.id)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for item in node.elts:
            value_names(item, uses, holds)
    elif isinstance(node, ast.Dict):
        for key in node.keys:
            uses |= bare_names(key) if key is not None else set()
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                uses |= bare_names(value)
            else:
                value_names(value, uses, holds)
    elif isinstance(node, ast.Lambda):
        # The body runs later; what the defaults do runs now.
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            value_names(default, uses, holds)
        holds |= bare_names(node.body)
    elif isinstance(node, ast.Call) and _last_name(node.func) == "partial":
        uses |= bare_names(node.func)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            value_names(argument, uses, holds)
    elif not isinstance(node, ast.Constant):
        uses |= bare_names(node)
