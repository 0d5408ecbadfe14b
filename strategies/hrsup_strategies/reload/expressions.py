"""Where the values of an expression flow, and what assignments store. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.call_flows import CallFlows, takes_out
from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.identifiers import (
    bare_names,
    binds_state,
    inner_names_of,
    is_reference,
    last_name,
    params_of,
)
from hrsup_strategies.reload.known import (
    CONSTRUCTORS,
)
from hrsup_strategies.reload.trees import Words, children, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Parts = Callable[[ast.AST], Iterator[tuple[ast.AST, bool]]]

_ARRIVING = frozenset(("next", "recv", "recv_bytes", "read", "readline", "accept", "result", "anext"))
_OPERATORS = (ast.BinOp, ast.Compare, ast.Subscript)


class Expressions(CallFlows):
    """Walks expressions and assignment targets."""

    def expression(self, node: ast.expr | None, control: frozenset[str]) -> set[str]:
        """The keys of an expression, after its inner flows (calls, walrus, comprehensions, lambdas) were noted."""
        if node is None:
            return set()
        self.inner |= inner_names_of(node)
        keys = self.keys(node)
        later = {id(item) for found in walk(node) if isinstance(found, ast.Lambda) for item in walk(found.body)}
        ordering = self.ordering(node)
        nothing, guards, reached = frozenset[str](), self.guards, control
        conditions = dict[ast.AST, frozenset[str]]()
        self._decide(node, nothing, conditions, self._parts)
        deciding = conditions
        if self.raising is not None:
            deciding = {}
            self._decide(node, nothing, deciding, self._parts_that_raise)
        for item in walk(node):
            self.deferred = id(item) in later
            control = reached | deciding.get(item, nothing)
            self.guards = guards | conditions.get(item, nothing)
            self.looks_in(item, node, control)
            self.uses_in(item, control)
            if isinstance(item, ast.Call):
                self.call(item, control)
            elif isinstance(item, _OPERATORS):
                self._operator(item)
            elif isinstance(item, (ast.Yield, ast.YieldFrom)) and self.unit is not None:
                self.unit.returned |= (given := self.keys(item.value))
                self.unit.told |= given if isinstance(item, ast.YieldFrom) else set()
            elif isinstance(item, ast.NamedExpr):
                self.assign(item.target, self.keys(item.value) | control, "plain")
                self.same_as(item.target, item.value)
            elif isinstance(item, ast.comprehension):
                self._inner_names(item.target, self.keys(item.iter))
            elif isinstance(item, ast.Lambda):
                stores = [Store(self.local(name), "plain") for name in params_of(item.args)]
                self.flow(keys, stores, item.lineno, {ordering[id(item)]} if id(item) in ordering else {"P:*", "P:+"})
        self.deferred, self.guards = False, guards
        return keys

    def _decide(self, node: ast.AST, keys: frozenset[str], found: dict[ast.AST, frozenset[str]], parts: Parts) -> None:
        """Note of each part of an expression the keys of what decides, beside `keys`, whether it is evaluated."""
        if keys:
            found[node] = keys
        for part, decides in parts(node):
            self._decide(part, keys, found, parts)
            if decides:
                keys |= self.keys(part)

    def _parts(self, node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
        """The parts in the order in which they are evaluated; does each decide about those after it?"""
        if isinstance(node, ast.IfExp):
            yield from ((node.test, True), (node.body, False), (node.orelse, False))
        elif isinstance(node, ast.BoolOp):
            yield from ((item, True) for item in node.values)
        elif isinstance(node, ast.Compare):
            yield from ((item, len(node.ops) > 1) for item in (node.left, *node.comparators))
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            for each in node.generators:
                yield from ((item, True) for item in (each.iter, *each.ifs))
                yield each.target, False
            made = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
            yield from ((item, False) for item in made)
        else:
            yield from ((item, False) for item in children(node))

    def _parts_that_raise(self, node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
        """The same, where each may raise."""
        yield from ((item, True) for item, _ in self._parts(node))

    def _inner_names(self, target: ast.expr, sources: set[str]) -> None:
        names = [item.id for item in walk(target) if isinstance(item, ast.Name)]
        self.flow(sources, [Store(self.local(name), "plain") for name in names], target.lineno)

    def _operator(self, node: ast.BinOp | ast.Compare | ast.Subscript) -> None:
        """An operator is a call of a method of one of its operands, which is given the others."""
        operands = [item for item in children(node) if isinstance(item, ast.expr)]
        if sum(not isinstance(item, (ast.Constant, ast.JoinedStr)) for item in operands) > 1:
            keys = self.keys(node)
            self.flow(keys, [Store("", "plain")], node.lineno, callee=frozenset(keys))

    def assign(
        self, target: ast.expr, sources: set[str] | frozenset[str], kind: str, holds: set[str] | None = None
    ) -> None:
        """A flow into an assignment target; `kind` is ``plain`` or ``aug``."""
        if isinstance(target, (ast.Tuple, ast.List, ast.Starred)):
            for item in [target.value] if isinstance(target, ast.Starred) else target.elts:
                self.assign(item, sources, kind)
            return
        lasting = "aug" if kind == "aug" else "last"
        self._begins_anew(target, kind)
        stores: list[Store] = []
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            sources = set(sources) | self.picks(target.value)
        if isinstance(target, ast.Name):
            is_declared = target.id in self.declared
            key = target.id if is_declared or self.unit is None else self.local(target.id)
            stores.append(Store(key, lasting if is_declared else "plain", binds=True))
            self.resizes(target, set(sources) | (holds or set()))
            if is_declared:
                stores.append(Store(self.local(target.id), "plain"))
        elif isinstance(target, ast.Attribute):
            base = self.place(target.value, lasting)
            exempt = base.key == "" and self.unit is not None and self.unit.name in CONSTRUCTORS
            exempt = exempt and self.unit is not None and not binds_state(self.unit.node)
            kept = "plain" if exempt else base.kind
            bound = Store(target.attr, kept, base.needs_class, base.made, base.lasting, binds=True)
            bound.of = base.of
            bound.base = base.key if base.changes and isinstance(target.value, ast.Name) else ""
            holder = Store(base.key, "plain")
            holder.changes = base.changes
            stores += [bound, holder]
            self.expression(target.value, frozenset())
            self.looks(target.attr, target.value, sources)
            if self.unit is not None:
                self.unit.binds.add(target.attr)
        elif isinstance(target, ast.Subscript):
            stores.append(self.place(target.value, lasting))
            stores[-1].computed = self.computed(target)
            self._look_into(target, kind)
            if is_reference(target.slice):
                holds = (holds or set()) | self.keys(target.slice)
            else:
                sources = set(sources) | self.keys(target.slice)
            self.container(target.value, sources)
            self.resizes(target.value, set(sources) | (holds or set()))
        self.flow(sources, [store for store in stores if store.key or store.kind != "plain"], target.lineno, holds)

    def _look_into(self, target: ast.Subscript, kind: str) -> None:
        """Note what the item that is assigned calls, and what its key keeps."""
        for part in (target.value, target.slice):
            if any(isinstance(item, ast.Call) for item in walk(part)):
                self.expression(part, frozenset())
        if kind == "aug":  # what is counted accumulates, but by what it is counted stays
            self.flow(self.keys(target.slice), [self.place(target.value, "last")], target.lineno)

    def _begins_anew(self, target: ast.expr, kind: str) -> None:
        """What is accumulated in a target that is also set is a window, which a commit may divide."""
        if kind == "aug" or self.unit is None:
            return
        if isinstance(target, ast.Attribute) and self.unit.name not in CONSTRUCTORS:
            self.module.emptied.add(target.attr)
        elif isinstance(target, ast.Name) and target.id in self.declared:
            self.module.emptied.add(target.id)

    def container(self, node: ast.expr, control: set[str] | frozenset[str]) -> None:
        """What is only stored into is not used: its name is no mention, though what leads to it is."""
        for item in walk(node):
            self.looks_in(item, node, control)
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
            self.current = Words(None, True, f"default {argument.arg} {ast.dump(default)}")
            self.mentioned = names = bare_names(default)
            self.flow(names, [Store(self.local(argument.arg), "plain")], default.lineno)


def is_element(node: ast.expr | None) -> bool:
    """Is the value one of many that come one after the other, out of a queue, say?"""
    calls = [item for item in walk(node) if isinstance(item, ast.Call)] if node is not None else []
    return any(takes_out(call, name := last_name(call.func)) or name in _ARRIVING for call in calls)
