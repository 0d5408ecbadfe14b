"""Where values flow inside one module: the statements of its functions, walked once. Pure; runs in the user's process.

For the keys that name the ends of a flow see ``names``.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import (
    ANYTHING,
    DISPLAYS,
    DYNAMIC,
    bare_names,
    fresh_locals,
    inner_names_of,
    is_reference,
    last_name,
    locals_of,
    named_by_string,
    named_in_text,
    params_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.names import ModuleNames, Unit

ACCUMULATING = frozenset(
    (
        "append",
        "appendleft",
        "add",
        "extend",
        "extendleft",
        "insert",
        "put",
        "put_nowait",
        "push",
        "heappush",
    )
)
OVERWRITING = frozenset(
    (
        "setdefault",
        "update",
        "set",
        "register",
        "subscribe",
        "connect",
        "on",
        "store",
        "save",
        "cache",
        "memoize",
        "remember",
        "get_or_set",
        "put_if_absent",
        "add_handler",
        "add_done_callback",
        "add_listener",
        "schedule",
        "call_later",
        "call_soon",
        "enter",
        "enterabs",
        "__setitem__",
        "__setattr__",
        "setattr",
        "__set__",
        "move_to_end",
        "fill",
    )
)
REMOVING = frozenset(
    (
        "pop",
        "popitem",
        "popleft",
        "remove",
        "discard",
        "clear",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
    )
)
CONSTRUCTORS = frozenset(("__init__", "__post_init__", "__new__"))
_COMPOUND = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class Store:
    """A place that a flow reaches. `kind`: ``plain`` (local or nothing that lasts), ``aug`` (accumulated), ``last``
    (an attribute, item or global that outlives the call), ``append`` (a container that grows), ``effect`` (given to a
    call that is made for its effect). `needs_class` is the
    class whose fresh instance is stored into, if that is why the kind is plain; `made` is the local that holds what was
    made on the spot, and `lasting` the kind for when that local lives on."""

    __slots__ = ("key", "kind", "lasting", "made", "needs_class")

    def __init__(
        self, key: str, kind: str, needs_class: str | None = None, made: str | None = None, lasting: str = "plain"
    ) -> None:
        self.key, self.kind, self.needs_class = key, kind, needs_class
        self.made, self.lasting = made, lasting


class Flow:
    """Values that mention `sources` (or are stored under a condition that does) reach `stores`, and so do the objects
    called `holds`, as they are.

    `mark` is the text of the statement and of all that decides whether it is reached; `top` the top-level statement.
    `guards` and `returns` are what the conditions mention under which it happens, and after which it does not.
    """

    __slots__ = ("deferred", "guards", "holds", "line", "mark", "returns", "sources", "stores", "top", "unit")

    def __init__(
        self, sources: set[str], holds: set[str], stores: list[Store], line: int, unit: Unit | None, mark: str
    ) -> None:
        self.sources, self.holds, self.stores, self.line = sources, holds, stores, line
        self.unit, self.mark = unit, mark
        self.top: ast.stmt | None = None
        self.deferred = False  # in a lambda, so it happens when that is called
        self.guards: frozenset[str] = frozenset()
        self.returns: frozenset[str] = frozenset()


class Scope:
    """Walks the statements of one function (or of the module's body) and writes down the flows."""

    def __init__(self, module: ModuleNames, unit: Unit | None, names: set[str], outer: Scope | None = None) -> None:
        self.module, self.unit, self.names, self.outer = module, unit, names, outer
        self.declared: set[str] = set()
        self.inner: set[str] = set()  # parameters of lambdas and targets of comprehensions
        self.deferred = False
        self.fresh: dict[str, str | None] = {}
        self.exits: frozenset[str] = frozenset()
        self.guards: frozenset[str] = outer.guards if outer is not None else frozenset()
        self.returns: frozenset[str] = outer.returns if outer is not None else frozenset()
        self.context: list[str] = outer.context if outer is not None else []
        self.current = ""

    def local(self, name: str) -> str:
        """The key of a local."""
        return f"{self.unit.id if self.unit else self.module.path}|{name}"

    def block(self, body: list[ast.stmt], control: frozenset[str]) -> None:
        """Walk statements that are reached if `control` says so."""
        if not self.fresh and self.unit is not None:
            self.fresh = fresh_locals(body)
        for node in body:
            self.statement(node, control | self.exits)

    # -- names -----------------------------------------------------------------------------------------------------

    def name_keys(self, name: str) -> set[str]:
        """The keys of a name as it is spelled in this scope."""
        if self.unit is None:
            return {name, self.local(name)} if name in self.inner else {name}
        if name in self.declared or name in self.inner:
            return {name, self.local(name)}
        scope: Scope | None = self
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
        """Write down one flow."""
        if stores:
            mark = "\n".join([*self.context, self.current])
            self.module.flows.append(Flow(set(sources), holds or set(), stores, line, self.unit, mark))
            self.module.flows[-1].deferred = self.deferred
            self.module.flows[-1].guards, self.module.flows[-1].returns = self.guards, self.returns

    def expression(self, node: ast.expr | None, control: frozenset[str]) -> set[str]:
        """The keys of an expression, after its inner flows (calls, walrus, comprehensions, lambdas) were noted."""
        if node is None:
            return set()
        self.inner |= inner_names_of(node)
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
                stores = [Store(self.local(name), "plain") for name in params_of(item.args)]
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
            if is_reference(argument):
                holds |= self.keys(argument)
            else:
                given |= self.keys(argument)
        callee = last_name(call.func)
        is_local = isinstance(call.func, ast.Name) and self.name_keys(call.func.id) == {self.local(call.func.id)}
        group = "*" if callee is None or (is_local and self.unit is not None) else callee
        self.flow(control, [Store(f"C:{group}", "plain")], call.lineno)
        if not given and not holds:
            return
        stores = [Store(f"P:{group}", "plain")]
        if callee == "setattr" and call.args:
            stores.append(self.place(call.args[0], "last"))
        if isinstance(call.func, ast.Attribute):
            lasts = callee in OVERWRITING or callee in REMOVING
            kind = "append" if callee in ACCUMULATING else "last" if lasts else "plain"
            if callee in REMOVING or callee == "get_nowait" or (callee == "get" and not call.args):
                self.module.emptied.add(last_name(call.func.value) or "")
            stores.append(self.place(call.func.value, kind))
            stores = [store for store in stores if store.key or store.kind != "plain"]
        elif callee in ("heappop", "heapreplace", "heappushpop") and call.args:
            self.module.emptied.add(last_name(call.args[0]) or "")
            stores.append(self.place(call.args[0], "last"))
        elif callee in ("heappush", "insort") and call.args:
            stores.append(self.place(call.args[0], "append"))
        self.flow(given, stores, call.lineno, holds)

    def place(self, base: ast.expr, kind: str) -> Store:
        """The container or object `base`, stored into."""
        inside_it = isinstance(base, ast.Subscript)
        while isinstance(base, ast.Subscript):
            base = base.value
        if isinstance(base, ast.Attribute):
            return Store(base.attr, kind)
        if isinstance(base, ast.Name):
            keys = self.name_keys(base.id)
            inside = self.unit is not None and keys == {self.local(base.id)}
            local = inside and base.id in self.names
            key = self.local(base.id) if inside else base.id
            if inside:
                # What an item or an alias is, nothing here says: it may be an old container, which is found again.
                kind = "last" if kind == "append" and (inside_it or base.id not in self.fresh) else kind
            if local and base.id in self.fresh and not inside_it:
                return Store(key, "plain", self.fresh[base.id], base.id, kind)
            if local and self._is_self(base.id):
                return Store("", kind)
            if not inside and kind == "plain" and base.id in self.module.origins:
                return Store("", kind)  # a call of a module's function stores nothing in the module
            return Store(key, kind)
        if isinstance(base, (ast.Constant, ast.JoinedStr)):
            return Store("", "plain")  # a method of a text keeps nothing
        return Store(last_name(base) or "P:*", kind)

    def _item(self, target: ast.Subscript, kind: str) -> Store:
        store = self.place(target.value, kind)
        if store.needs_class is not None:
            store.kind = kind  # its `__setitem__` may hand the value on
        return store

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
        self._begins_anew(target, kind)
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
            kept = "plain" if exempt else base.kind
            stores.append(Store(target.attr, kept, base.needs_class, base.made, base.lasting))
            stores.append(Store(base.key, "plain"))
            self.keys(target.value)
            if self.unit is not None:
                self.unit.binds.add(target.attr)
        elif isinstance(target, ast.Subscript):
            stores.append(self._item(target, lasting))
            if is_reference(target.slice):
                holds = (holds or set()) | self.keys(target.slice)
            else:
                sources = set(sources) | self.keys(target.slice)
            self._container(target.value)
        self.flow(sources, [store for store in stores if store.key or store.kind != "plain"], target.lineno, holds)

    def _begins_anew(self, target: ast.expr, kind: str) -> None:
        """What is accumulated in a target that is also set is a window, which a commit may divide."""
        if kind == "aug" or self.unit is None:
            return
        if isinstance(target, ast.Attribute) and self.unit.name not in CONSTRUCTORS:
            self.module.emptied.add(target.attr)
        elif isinstance(target, ast.Name) and target.id in self.declared:
            self.module.emptied.add(target.id)

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
        """Walk one statement."""
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
            self.keys(call)  # as a whole: what is called is not handed over
            given: set[str] = set()
            for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
                given |= self.keys(argument)
            self.flow(given, [self._effect(call)], node.lineno)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ACCUMULATING:
            for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
                self.expression(argument, control)
            self._container(call.func.value)
            if self.unit is not None:
                self.unit.mentions.add(call.func.attr)
            self._call(call, set(), control)
            return
        before = self.guards
        self.inner |= inner_names_of(call)
        decides = frozenset(self._decides(call))
        self.guards |= decides
        self.expression(call, control | decides)
        self.guards = before

    def _decides(self, node: ast.expr) -> set[str]:
        """The keys of what decides, in an expression that is a statement, whether and how often its calls are made."""
        if isinstance(node, ast.IfExp):
            return self.keys(node.test) | self._decides(node.body) | self._decides(node.orelse)
        if isinstance(node, ast.BoolOp):
            return {key for value in node.values[:-1] for key in self.keys(value)} | self._decides(node.values[-1])
        if isinstance(node, (ast.ListComp, ast.SetComp)):
            parts = [part for item in node.generators for part in (item.iter, *item.ifs)]
            return {key for part in parts for key in self.keys(part)} | self._decides(node.elt)
        return set()

    def _effect(self, call: ast.Call) -> Store:
        name = last_name(call.func)
        if any(keyword.arg == "file" for keyword in call.keywords):
            name = "write"
        base = call.func.value if isinstance(call.func, ast.Attribute) else None
        made = base.id if isinstance(base, ast.Name) and base.id in self.fresh else None
        return Store(f"E:{name}", "effect", made=made, lasting="effect")

    def _assign(self, node: ast.Assign, control: frozenset[str]) -> None:
        keys = self.expression(node.value, control)
        for target in node.targets:
            if is_reference(node.value) and not isinstance(target, (ast.Tuple, ast.List)):
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
        grows = isinstance(node.op, ast.BitOr) or isinstance(node.value, (*DISPLAYS, ast.Tuple))
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
        before = self.guards
        if isinstance(node, ast.If):  # what a loop does, it does again
            self.guards |= keys
        self.block(node.body, control | keys)
        self.block(node.orelse, control | keys)
        self.guards = before
        if isinstance(node, ast.If):
            self._skips(node, keys)
        if any(isinstance(item, (ast.Return, ast.Continue, ast.Break, ast.Raise)) for item in ast.walk(node)):
            self.exits |= keys

    _while = _if

    def _skips(self, node: ast.stmt, keys: frozenset[str]) -> None:
        """What follows is done only if this has not left the round, or the function."""
        inside = list(ast.walk(node))
        if any(isinstance(item, ast.Continue) for item in inside):
            self.guards |= keys
        if any(isinstance(item, ast.Return) for item in inside):
            self.returns |= keys

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
            before, self.guards = self.guards, self.guards | frozenset(inside)
            self.block(handler.body, control | frozenset(inside))
            self.guards = before
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
            before, self.guards = self.guards, self.guards | keys
            self.block(case.body, control | keys)
            self.guards = before
        self._skips(node, keys)
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
            if bound in self.declared:
                self.flow({name}, [Store(bound, "last"), Store(self.local(bound), "plain")], node.lineno)
            elif bound != name or self.unit is not None:
                self.flow({name}, [Store(self.local(bound), "plain")], node.lineno)

    _importfrom = _import

    def _delete(self, node: ast.Delete, control: frozenset[str]) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                keys = self.expression(target.slice, control)
                self.keys(target.value)
                self.flow(keys | control, [self.place(target.value, "last")], node.lineno)
            elif isinstance(target, ast.Attribute):
                self.keys(target.value)
                self.flow(control, [Store(target.attr, "last")], node.lineno)
            elif isinstance(target, ast.Name) and target.id in self.declared:
                self.flow(control, [Store(target.id, "last")], node.lineno)

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, control: frozenset[str]) -> None:
        decorators = set()
        for item in node.decorator_list:
            decorators |= self.expression(item, control)
            self.module.escapes.add(node.name)
            # A decorator receives the function, and what it makes of it goes by the function's name.
            callee = last_name(item)
            group = f"P:{callee}" if callee else "P:*"
            self.flow(decorators, [Store(group, "plain")], node.lineno, {node.name})
        made = self._made(node.name)
        if decorators:
            self.flow(decorators, made, node.lineno)
        for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
            keys = self.expression(default, control)
            self.flow(keys, made, node.lineno)
        self.defaults(node.args)
        if self.unit is None:
            return  # collected as a unit of its own
        inner = Scope(self.module, self.unit, locals_of(node), self)
        inner.declared = {name for item in ast.walk(node) if isinstance(item, ast.Global) for name in item.names}
        params = [Store(self.local(name), "plain") for name in params_of(node.args)]
        given = {"P:*", f"P:{node.name}", f"P:{self.unit.name}"}
        self.flow({f"U:{self.unit.id}"}, params, node.lineno, given)
        inner.block(node.body, control)
        # What it captures lives as long as it does.
        captured = {self.local(name) for name in bare_names(node) & self.names}
        self.flow(control, made, node.lineno, captured)

    def _made(self, name: str) -> list[Store]:
        """The places that a definition of this name binds."""
        if self.unit is None:
            return [Store(name, "plain")]
        return [Store(self.local(name), "plain"), *([Store(name, "last")] if name in self.declared else [])]

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef, control: frozenset[str]) -> None:
        for item in [*node.bases, *(keyword.value for keyword in node.keywords), *node.decorator_list]:
            keys = self.expression(item, control)
            self.flow(keys, [Store(node.name, "plain"), Store(self.local(node.name), "plain")], node.lineno)
            # A decorator, a metaclass or a hook of a base receives the class, and may keep it.
            callee = last_name(item)
            self.flow(set(), [Store(f"P:{callee}" if callee else "P:*", "plain")], node.lineno, {node.name})
        for child in node.body:
            self.statement(child, control)
            if self.unit is not None and not isinstance(child, FunctionNode):
                self.flow(self.keys(child) | control, self._made(node.name), node.lineno)


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
