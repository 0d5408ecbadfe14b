"""Walks the statements of one function, or of a module's body, once. Pure; runs in the user's process."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.caught import calls_in, catches
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.expressions import Expressions, is_element
from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.fresh import fresh_locals, made_here, sized_locals
from hrsup_strategies.reload.identifiers import (
    DISPLAYS,
    arguments_of,
    bare_names,
    called,
    calls_for_effect,
    is_reference,
    last_name,
    locals_of,
    params_of,
)
from hrsup_strategies.reload.known import ACCESSORS, ACCUMULATING, REMOVING
from hrsup_strategies.reload.rounds import comes_again, counters_of, ends_function, leaves, only_tests, passed_by
from hrsup_strategies.reload.trees import Words, children, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.rounds import Loop

_COMPOUND = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
# Calls that a loop goes through element by element, once each.
_ONE_BY_ONE = frozenset(
    ("enumerate", "zip", "reversed", "sorted", "list", "tuple", "set", "iter", "items", "keys", "values", "copy")
)
# What is added, or multiplied, goes on from what was there before.
_ACCUMULATING = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class Statements(Expressions):
    """Walks the statements of one scope and writes down the flows."""

    def block(self, body: list[ast.stmt], control: frozenset[str]) -> None:
        """Walk statements that are reached if `control` says so."""
        if not self.looked_at and self.unit is not None:
            self.looked_at = True
            self.fresh = fresh_locals(body, self.parameters, self.names)
            self.sized = sized_locals(body, self.fresh)
        for node in body:
            calls = calls_in(node) if self.raising is None and self.unit is not None else 0
            at_once = calls > 1 and not isinstance(node, (*_COMPOUND, *FunctionNode, ast.ClassDef))
            if at_once:  # one of them may keep another from being made
                self.note_passed(node)
            self.statement(node, control | self.exits | (self.raising or frozenset()) | self.passed)
            if self.raising is not None:
                self.raising = self.raising.union(*map(self.keys_again, passed_by(node)))
            elif calls and not at_once:
                self.note_passed(node)

    def note_passed(self, node: ast.stmt) -> None:
        """What follows is done only if this has not raised; in the closure, if a caller may catch that."""
        assert self.unit is not None
        self.steps += 1
        key = f"R:{' '.join([*self.around, self.unit.name])}|{self.unit.id}|{self.steps}"
        keys = set(self.passed).union(*map(self.keys_again, passed_by(node)))
        self.flow(keys, [Store(key, "plain")], node.lineno)
        self.passed = frozenset((key,))

    def statement(self, node: ast.stmt, control: frozenset[str]) -> None:
        """Walk one statement."""
        outer, depth = self.current, len(self.context)
        mentioned, self.mentioned = self.mentioned, set()
        self.current = Words(node, not isinstance(node, (*_COMPOUND, *FunctionNode)))
        if isinstance(node, (*_COMPOUND, *FunctionNode)):
            self.context.append(self.current)
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is not None:
            method(node, control)
        else:
            for child in children(node):
                if isinstance(child, ast.expr):
                    self.expression(child, control)
        # Whatever may leave the function early decides about everything that follows it.
        leaves = any(isinstance(item, _LEAVING) for item in walk(node))
        del self.context[depth:]
        if leaves:
            self.context.append(Words(node, self.raising is not None or not only_tests(node)))
        self.current = outer
        self.mentioned |= mentioned

    def _expr(self, node: ast.Expr, control: frozenset[str]) -> None:
        call = node.value
        for effect in calls_for_effect(call):
            # A call for its effect alone may set something up once, in a place that is not seen.
            self.keys(effect)  # as a whole: what is called is not handed over
            given: set[str] = set()
            passed: set[str] = set()
            for argument in effect.args:
                if is_reference(argument):
                    passed |= self.keys(argument)
                else:
                    given |= self.keys(argument)
            for keyword in effect.keywords:  # by these a function is given that is called at once
                given |= self.keys(keyword.value)
            decides = control if effect is call else control | self.spelled(call)
            self.flow(given | decides, [self.effect(effect)], node.lineno, passed)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ACCUMULATING:
            for argument in arguments_of(call):
                self.expression(argument, control)
            self.container(call.func.value, control)
            self.uses_in(call, control)
            if any(isinstance(item, (ast.Call, ast.Subscript)) for item in walk(call.func.value)):
                self.expression(call.func.value, frozenset())  # by what it is found is kept, if it was not there yet
            if self.unit is not None:
                self.unit.mentions.add(call.func.attr)
            self.call(call, control)
            return
        self.expression(call, control)

    def _assign(self, node: ast.Assign, control: frozenset[str]) -> None:
        keys = self.expression(node.value, control)
        before = len(self.module.flows)
        for target in node.targets:
            self.same_as(target, node.value)
            if is_reference(node.value) and not isinstance(target, (ast.Tuple, ast.List)):
                self.assign(target, control, "plain", keys)
            else:
                self.assign(target, keys | control, "plain")
        if is_element(node.value):
            self._one_by_one(before)
        made = made_here(node.value)
        for store in (store for flow in self.module.flows[before:] for store in flow.stores if made is not None):
            store.token = made[0] if made is not None else ""

    def _return(self, node: ast.Return, control: frozenset[str]) -> None:
        if self.unit is not None:
            keys = self.expression(node.value, control)
            self.gives(node.value)
            self.unit.returned |= keys
            self.unit.told |= control if is_element(node.value) else keys | control

    def _annassign(self, node: ast.AnnAssign, control: frozenset[str]) -> None:
        if node.value is not None:
            self.same_as(node.target, node.value)
            self.assign(node.target, self.expression(node.value, control) | control, "plain")

    def _augassign(self, node: ast.AugAssign, control: frozenset[str]) -> None:
        keys = self.expression(node.value, control)
        changed = self.keys(node.target)
        # Numbers and strings accumulate; a union or a list display may be a hand-made memo, and a bit is only set once.
        parts = [*walk(node.value)] if isinstance(node.value, ast.IfExp) else [node.value]
        settles = any(isinstance(part, (*DISPLAYS, ast.Tuple)) for part in parts)
        settles = settles or not isinstance(node.op, _ACCUMULATING)
        before = len(self.module.flows)
        self.assign(node.target, keys | control, "plain" if settles else "aug")
        if isinstance(node.op, ast.Sub):  # of numbers; from a set it is taken only once
            self.uses(node.target, keys | control, "loses")
        for flow in self.module.flows[before:]:
            flow.callee = frozenset(changed)  # an operator of the target's own may keep what it is given

    def _for(self, node: ast.For, control: frozenset[str]) -> None:
        keys = self.expression(node.iter, control)
        if isinstance(node.iter, ast.Call) and last_name(node.iter) not in _ONE_BY_ONE:
            self.test(node.iter)  # ``range(len(found), wanted)``: what is there decides how often
        before = len(self.module.flows)
        self.assign(node.target, keys | control, "plain")
        self._one_by_one(before)
        self.uses(node.iter, control | self.ends_early(node.body), "passes")
        self._repeats(node.body)
        guards, self.guards = self.guards, self.guards | self._ends_by(node.iter, node.body, keys)
        counters, self.counters = self.counters, self.counters | self._counters_of(node)
        self.block(node.body, control | frozenset(keys))
        self.counters = counters
        self.guards = guards
        self.block(node.orelse, control | frozenset(keys))
        if any(isinstance(item, (ast.Return, ast.Break)) for item in walk(node)):
            self.exits |= keys  # an empty one leaves nothing early

    _asyncfor = _for

    def _counters_of(self, loop: Loop) -> frozenset[str]:
        """What a loop of a function counts its rounds by, and nobody else moves."""
        if self.unit is None:
            return frozenset()
        shared = [item for item in walk(self.unit.node) if isinstance(item, (ast.Global, ast.Nonlocal))]
        return counters_of(loop).difference(*(item.names for item in shared))

    def _repeats(self, body: list[ast.stmt]) -> None:
        """What raises in one round of a loop keeps the next from beginning."""
        if self.raising is not None:
            self.raising = self.raising.union(*map(self.keys_again, body))

    def _ends_by(self, test: ast.expr, body: list[ast.stmt], keys: set[str] | frozenset[str]) -> frozenset[str]:
        """What a loop goes on for, if its body changes some of that: what was done is not done again. Of what it uses
        up, ``D:name``, since that counts only if nobody fills it again."""
        inside = [item for statement in body for item in walk(statement)]
        taken, added = _objects_of(inside, REMOVING), _objects_of(inside, ACCUMULATING)
        names = bare_names(test)
        if not names & (taken | added | {name for item in inside for name in self._sets(item)}):
            return frozenset()
        used = (names & taken) | {last_name(item.value) or "" for item in walk(test) if isinstance(item, ast.Subscript)}
        return frozenset(f"D:{name}" for name in used) or frozenset(keys)

    def _sets(self, node: ast.AST) -> set[str]:
        """The names of what is set, if it may be found again later; a flag that is set is looked at elsewhere."""
        targets: list[ast.expr] = []
        if isinstance(node, ast.AugAssign):
            targets = [node.target]
        elif isinstance(node, (ast.Delete, ast.Assign)):
            targets = [] if isinstance(getattr(node, "value", None), ast.Constant) else node.targets
        lasting = [item for item in targets if not isinstance(item, ast.Name) or item.id in self.declared]
        return {last_name(item) or "" for item in lasting}

    def _one_by_one(self, before: int) -> None:
        """The flows written down since then bind their targets to one thing after the other."""
        for flow in self.module.flows[before:]:
            for store in flow.stores:
                store.element = True

    def _if(self, node: ast.If | ast.While, control: frozenset[str]) -> None:
        keys = frozenset(self.expression(node.test, control))
        self.test(node.test)
        if isinstance(node, ast.While):
            self._repeats(node.body)
        before = self.guards, self.counters
        passed = self.passed, self.raising
        # What a loop does, it does again, unless it goes on for what it changes itself.
        asked = frozenset[str]() if comes_again(node.test, self.counters) else keys
        self.guards |= asked if isinstance(node, ast.If) else self._ends_by(node.test, node.body, keys)
        self.counters |= self._counters_of(node) if isinstance(node, ast.While) else frozenset()
        self.block(node.body, control | keys)
        if isinstance(node, ast.If) and ends_function(node.body):
            self.passed, self.raising = passed
        self.block(node.orelse, control | keys)
        self.guards, self.counters = before
        if isinstance(node, ast.If):
            self._skips(node, asked)
        if any(isinstance(item, (ast.Return, ast.Continue, ast.Break, ast.Raise)) for item in walk(node)):
            self.exits |= keys

    _while = _if

    def _skips(self, node: ast.stmt, keys: frozenset[str]) -> None:
        """What follows is done only if this has not left the round, or the function."""
        inside = list(walk(node))
        if any(isinstance(item, ast.Continue) for item in inside):
            self.guards |= keys
        if any(isinstance(item, ast.Return) for item in inside):
            self.returns |= keys

    def _with(self, node: ast.With, control: frozenset[str]) -> None:
        for item in node.items:
            keys = self.expression(item.context_expr, control)
            self.enters(item.context_expr, control)
            if item.optional_vars is not None:
                self.same_as(item.optional_vars, item.context_expr)
                self.assign(item.optional_vars, keys | control, "plain")
        swallowing = [Store(f"X:{last_name(item.context_expr)}", "plain") for item in node.items]
        for statement in node.body:
            self.block([statement], control)
            # It may swallow what is raised in it.
            for store in swallowing:
                self.module.swallowed.setdefault(store.key[2:], set()).update(bare_names(statement))
            control |= frozenset(store.key for store in swallowing)
            self.flow(self.keys_again(statement), swallowing, statement.lineno)
        if leaves(node.body):  # what follows is done if that was swallowed
            self.exits |= frozenset(store.key for store in swallowing)

    _asyncwith = _with

    def _try(self, node: ast.Try, control: frozenset[str]) -> None:
        inside: set[str] = set()
        for item in node.body:
            inside |= self.keys_again(item)
        before = self.raising
        if catches(node.handlers):
            self.module.tried |= {name for item in node.body for name in bare_names(item)}
            self.raising = before or frozenset()
        self.block(node.body, control)
        self.raising = before
        for handler in node.handlers:
            self.expression(handler.type, control)
            if handler.name:
                self.flow(inside, [Store(self.local(handler.name), "plain", binds=True)], handler.lineno)
            before, self.guards = self.guards, self.guards | frozenset(inside)
            self.block(handler.body, control | frozenset(inside))
            self.guards = before
        self.block(node.orelse, control | frozenset(inside))
        self.block(node.finalbody, control)
        if leaves([*node.body, *node.handlers, *node.orelse]):  # what follows is done if that has raised, or has not
            self.exits |= inside
            asking = [item for item in node.body if not is_element(getattr(item, "value", None))]
            self._skips(node, frozenset[str]().union(*map(self.keys_again, asking)))

    _trystar = _try

    def _match(self, node: ast.Match, control: frozenset[str]) -> None:
        keys = frozenset(self.expression(node.subject, control))
        self.test(node.subject)
        for case in node.cases:
            names = [getattr(item, "name", None) or getattr(item, "rest", None) for item in walk(case.pattern)]
            stores = [Store(self.local(name), "plain", binds=True) for name in names if isinstance(name, str)]
            self.flow(keys, stores, node.lineno)
            if case.guard is not None:
                keys |= frozenset(self.expression(case.guard, control))
                self.test(case.guard)
            self.keys(case.pattern)
            for name in {name for item in walk(case.pattern) for name in getattr(item, "kwd_attrs", ())}:
                self.looks(name, node.subject, control | keys)
            before, self.guards = self.guards, self.guards | keys
            self.block(case.body, control | keys)
            self.guards = before
        self._skips(node, keys)
        if any(isinstance(item, (ast.Return, ast.Continue, ast.Break, ast.Raise)) for item in walk(node)):
            self.exits |= keys

    def _global(self, node: ast.Global | ast.Nonlocal, control: frozenset[str]) -> None:
        self.declared |= set(node.names)

    _nonlocal = _global

    def _import(self, node: ast.Import | ast.ImportFrom, control: frozenset[str]) -> None:
        for alias in node.names:
            name = alias.name.rpartition(".")[2]
            if alias.asname:
                self.module.escapes.add(name)  # it is called by the other name
            elif isinstance(node, ast.ImportFrom):
                self.imported.add(name)
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
                place = self.place(target.value, "last")
                place.removes = True
                self.flow(keys | control, [place], node.lineno)
                self.resizes(target.value, keys | control)
            elif isinstance(target, ast.Attribute):
                self.keys(target.value)
                self.looks(target.attr, target.value, control)
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
            self._kept_by(called(item), node)
        made = self._made(node.name)
        if decorators:
            self.flow(decorators, made, node.lineno)
        for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
            keys = self.expression(default, control)
            self.flow(keys, made, node.lineno)
        self.defaults(node.args)
        if self.unit is None:
            return  # collected as a unit of its own
        inner = Statements(self.module, self.unit, locals_of(node), self)
        inner.parameters = params_of(node.args)
        inner.around = [node.name, *self.around]
        inner.declared = {name for item in walk(node) if isinstance(item, ast.Global) for name in item.names}
        params = [Store(self.local(name), "plain") for name in params_of(node.args)]
        given = {"P:*", f"P:{node.name}", f"P:{self.unit.name}"}
        for name in params_of(node.args):
            self.module.same.setdefault(self.local(name), set()).update(("P:*", f"P:{node.name}"))
        self.flow({f"U:{self.unit.id}"}, params, node.lineno, given)
        # Whether it is called at all is decided where its name is spelled, or by whom it is handed to.
        inner.block(node.body, control | {f"C:{node.name}"})
        # What it captures lives as long as it does.
        captured = {self.local(name) for name in bare_names(node) & self.names}
        self.flow(control, made, node.lineno, captured)

    def _kept_by(self, decorator: ast.expr, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """The object whose method decorates may keep the function, and give what that returns: `generic.register`."""
        if not isinstance(decorator, ast.Attribute) or decorator.attr in ACCESSORS:
            return
        name = last_name(decorator.value) or ""
        if self.module.origins.get(name, "").partition(".")[0] not in sys.stdlib_module_names:
            self.flow(set(), [Store(name, "plain")], node.lineno, {node.name})

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
            self._factories(node.name, child)
            if self.unit is not None and not isinstance(child, FunctionNode):
                self.flow(self.keys(child) | control, self._made(node.name), node.lineno)

    def _factories(self, owner: str, field: ast.stmt) -> None:
        """What makes the default of a data class's field is called with the class."""
        value = field.value if isinstance(field, ast.AnnAssign) else None
        if not isinstance(value, ast.Call) or last_name(value) not in ("field", "Factory", "ib", "attrib"):
            return
        for keyword in value.keywords:
            calls = [item.func for item in walk(keyword.value) if isinstance(item, ast.Call)]
            for function in calls if isinstance(keyword.value, ast.Lambda) else [keyword.value]:
                name = last_name(function)
                if keyword.arg in ("default_factory", "factory") and name:
                    self.flow({f"C:{owner}"}, [Store(f"C:{name}", "plain")], field.lineno)


def _objects_of(nodes: list[ast.AST], names: frozenset[str]) -> set[str]:
    """The names of the objects of which a method of one of these names is called."""
    calls = [item.func for item in nodes if isinstance(item, ast.Call)]
    return {last_name(item.value) or "" for item in calls if isinstance(item, ast.Attribute) and item.attr in names}
