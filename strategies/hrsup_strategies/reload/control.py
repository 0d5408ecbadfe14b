"""Walks what decides in one scope whether the rest of it is done, and how often: conditions, loops, what raises and who
catches it. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.caught import calls_in, catches, outside_kinds
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.expressions import Expressions, is_element
from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.fresh import fresh_locals, sized_locals
from hrsup_strategies.reload.identifiers import LEAVING, RAISED, bare_names, last_name
from hrsup_strategies.reload.items import own_items
from hrsup_strategies.reload.known import ACCUMULATING, REMOVING
from hrsup_strategies.reload.questions import shows_each
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


class Control(Expressions):
    """Walks blocks and compound statements; what is neither is walked by the method that goes by its name."""

    def block(self, body: list[ast.stmt], control: frozenset[str]) -> None:
        """Walk statements that are reached if `control` says so."""
        if not self.looked_at and self.unit is not None:
            self.looked_at = True
            self.fresh = fresh_locals(body, self.parameters, self.names)
            self.own_items = own_items(body, self.fresh, self.names)
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
        reached, self.reached = self.reached, control
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
        del self.context[depth:]
        if _leaves_early(node):
            self.context.append(Words(node, self.raising is not None or not only_tests(node)))
        self.current, self.reached = outer, reached
        self.mentioned |= mentioned

    def _for(self, node: ast.For, control: frozenset[str]) -> None:
        keys = self.expression(node.iter, control)
        if isinstance(node.iter, ast.Call) and last_name(node.iter) not in _ONE_BY_ONE:
            self.test(node.iter)  # ``range(len(found), wanted)``: what is there decides how often
        if not shows_each(node.body):
            self.goes_through(node.iter)
        before = len(self.module.flows)
        self.assign(node.target, keys | control, "plain")
        self._one_by_one(before)
        early = self.ends_early(node.body)  # and with it whether there is a next round
        self.uses(node.iter, control | early, "passes")
        self._repeats(node.body)
        guards, self.guards = (
            self.guards,
            self.guards | self._ends_by(node.iter, node.body, keys) | self.omits([node.iter]),
        )
        counters, self.counters = self.counters, self.counters | self._counters_of(node)
        self.block(node.body, control | early | frozenset(keys))
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
        early = self.ends_early(node.body) if isinstance(node, ast.While) else frozenset[str]()
        self.block(node.body, control | early | keys)
        if isinstance(node, ast.If) and ends_function(node.body):
            self.passed, self.raising = passed
        self.block(node.orelse, control | keys)
        self.guards, self.counters = before
        if isinstance(node, ast.If):
            self._skips(node, asked)
        if _leaves_early(node):
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
            inside |= self.expression(handler.type, control)  # what is caught says so, too
            if handler.name:
                caught = [Store(self.local(handler.name), "plain", binds=True)]
                self.flow(inside | {RAISED}, caught, handler.lineno)
            decides = self._decides(handler, inside)
            before, self.guards = self.guards, self.guards | decides
            self.block(handler.body, control | decides)
            self.guards = before
        self.block(node.orelse, control | frozenset(inside))
        self.block(node.finalbody, control)
        if leaves([*node.body, *node.handlers, *node.orelse]):  # what follows is done if that has raised, or has not
            self.exits |= inside
            asking = [item for item in node.body if not is_element(getattr(item, "value", None))]
            self._skips(node, frozenset[str]().union(*map(self.keys_again, asking)))

    _trystar = _try

    def _decides(self, handler: ast.ExceptHandler, inside: set[str]) -> frozenset[str]:
        """What says whether the handler is entered: what may have raised, if it is nobody outside of the program."""
        kinds = outside_kinds(handler)
        if not kinds:
            return frozenset(inside)
        self.steps += 1
        key = f"I:{kinds}|{self.unit.id if self.unit is not None else ''}|{self.steps}"
        self.flow(inside, [Store(key, "plain")], handler.lineno)
        return frozenset((key,))

    def _match(self, node: ast.Match, control: frozenset[str]) -> None:
        keys = frozenset(self.expression(node.subject, control))
        self.test(node.subject)
        for case in node.cases:
            names = [getattr(item, "name", None) or getattr(item, "rest", None) for item in walk(case.pattern)]
            stores = [Store(self.local(name), "plain", binds=True) for name in names if isinstance(name, str)]
            attributes = {name for item in walk(case.pattern) for name in getattr(item, "kwd_attrs", ())}
            keys |= self.keys(case.pattern) | attributes  # a value, a class
            self.flow(keys, stores, node.lineno)
            if case.guard is not None:
                keys |= frozenset(self.expression(case.guard, control))
                self.test(case.guard)
            for name in attributes:
                self.looks(name, node.subject, control | keys)
            before, self.guards = self.guards, self.guards | keys
            self.block(case.body, control | keys)
            self.guards = before
        self._skips(node, keys)
        if _leaves_early(node):
            self.exits |= keys


def _leaves_early(node: ast.stmt) -> bool:
    """May the statement keep what follows it from being reached, be it by raising?"""
    return any(isinstance(item, LEAVING) for item in walk(node))


def _objects_of(nodes: list[ast.AST], names: frozenset[str]) -> set[str]:
    """The names of the objects of which a method of one of these names is called."""
    calls = [item.func for item in nodes if isinstance(item, ast.Call)]
    return {last_name(item.value) or "" for item in calls if isinstance(item, ast.Attribute) and item.attr in names}
