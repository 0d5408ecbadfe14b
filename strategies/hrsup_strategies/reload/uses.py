"""Where something is changed by being looked at: an iterator gives an item once, a `defaultdict` makes what is missing.

Pure; runs in the user's process.

Whether what stands there is such a thing, ``passing`` finds out from what names are bound to (`Found.same`).
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.flows import Flow, Store
from hrsup_strategies.reload.identifiers import COMPREHENSIONS, arguments_of, is_reference, last_name
from hrsup_strategies.reload.known import STEPPING, TAKING
from hrsup_strategies.reload.looks import Looks
from hrsup_strategies.reload.tokens import tokens
from hrsup_strategies.reload.trees import walk


class Uses(Looks):
    """Writes these places down in `Found.uses`, with what decides about them. `reached` is what decides whether the
    current statement is reached."""

    reached: frozenset[str] = frozenset()

    def uses(self, node: ast.AST, sources: set[str] | frozenset[str], kind: str) -> None:
        """What is called `node` may be changed here, if it is such a thing: it ``passes``; it ``makes`` what is
        missing, of which ``fills`` and ``counts`` say only that its key is there then; being a set, it ``loses``
        something."""
        while isinstance(node, ast.Subscript):
            node = node.value
        keys = self.name_keys(node.id) if isinstance(node, ast.Name) else set[str]()
        keys = {node.attr} if isinstance(node, ast.Attribute) else keys
        for key in keys:
            known = (self.unit and self.unit.id, key, kind, frozenset(sources), self.deferred)
            if known not in self.module.used:
                self.module.used.add(known)
                use = Flow(set(sources), set(), [Store(key, kind)], getattr(node, "lineno", 0), self.unit, self.mark)
                use.deferred = self.deferred
                self.module.uses.append(use)

    def uses_in(self, item: ast.AST, control: frozenset[str]) -> None:
        """The same of one node of an expression."""
        if isinstance(item, ast.Call):
            self._used_by_call(item, control)
        elif isinstance(item, ast.Subscript) and isinstance(item.ctx, ast.Load):
            self.uses(item, control | self.spelled(item.slice), "makes")
            self.uses(item, control | self.reached, "fills")
        elif isinstance(item, COMPREHENSIONS):
            for each in item.generators:
                self.uses(each.iter, control, "passes")
        elif isinstance(item, (ast.Starred, ast.YieldFrom)):
            self.uses(item.value, control, "passes")
        elif isinstance(item, ast.Compare) and any(isinstance(op, (ast.In, ast.NotIn)) for op in item.ops):
            for part in item.comparators:
                self.uses(part, control | self.spelled(item.left), "passes")

    def _used_by_call(self, call: ast.Call, control: frozenset[str]) -> None:
        name, arguments = last_name(call.func), arguments_of(call)
        if name in TAKING:
            given = control.union(*(self.spelled(item) for item in arguments if not is_reference(item)))
            for item in arguments:
                self.uses(item, given, "passes")
        elif name in STEPPING and isinstance(call.func, ast.Attribute):
            self.uses(call.func.value, control.union(*map(self.spelled, arguments)), "passes")
        group = self.callee(call)[1]
        for item in arguments:
            self._same(f"P:{group}", item.value if isinstance(item, ast.Starred) else item)
        for keyword in call.keywords:
            if keyword.arg is not None and isinstance(keyword.value, ast.Call):
                self._same(keyword.arg, keyword.value)

    def same_as(self, target: ast.expr, value: ast.expr | None) -> None:
        """The target is bound to the value."""
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, part in zip(target.elts, value.elts, strict=True):
                self.same_as(one, part)
        elif isinstance(target, (ast.Tuple, ast.List)) and value is not None:
            self.uses(value, self.guards, "passes")
        while isinstance(target, ast.Subscript):
            target = target.value
        for key in tokens(target, self.name_keys) if isinstance(target, (ast.Name, ast.Attribute)) else ():
            self._same(key, value)

    def gives(self, value: ast.expr | None) -> None:
        """The function gives this back."""
        if self.unit is not None:
            self._same(f"(){self.unit.name}", value)

    def _same(self, key: str, value: ast.expr | None) -> None:
        found = tokens(value, self.name_keys)
        if found:
            self.module.same.setdefault(key, set()).update(found)

    def ends_early(self, body: list[ast.stmt]) -> set[str]:
        """The keys of the conditions under which a loop may take fewer items than there are."""
        found: set[str] = set()
        for item in (item for statement in body for item in walk(statement)):
            if isinstance(item, (ast.If, ast.Match)) and any(
                isinstance(inner, (ast.Break, ast.Return, ast.Raise)) for inner in walk(item)
            ):
                found |= self.spelled(item.test if isinstance(item, ast.If) else item.subject)
        return found
