"""Which call a call is, and what it calls back of what it is given. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.flows import Scope, Store
from hrsup_strategies.reload.identifiers import arguments_of, is_reference, last_name
from hrsup_strategies.reload.known import ORDERING
from hrsup_strategies.reload.quiet import AWAITS, CALLBACKS
from hrsup_strategies.reload.trees import walk


class Callbacks(Scope):
    """Writes down what functions are called with that are handed to a call."""

    def callee(self, call: ast.Call) -> tuple[str | None, str]:
        """The name that the call spells, and the one by which whatever is called can be found: ``*`` if by none."""
        function = call.func
        if isinstance(function, ast.Attribute):
            return function.attr, AWAITS if self._awaits(call, function) else function.attr
        if not isinstance(function, ast.Name):
            return None, "*"
        name = function.id
        is_local = self.unit is not None and name not in self.imported and self.name_keys(name) == {self.local(name)}
        return name, "*" if is_local or name in self.inner else name

    def _awaits(self, call: ast.Call, function: ast.Attribute) -> bool:
        """Is this `asyncio.run` of a coroutine that is made on the spot, which calls nobody but that?"""
        base = function.value
        if function.attr != "run" or not isinstance(base, ast.Name) or self.name_keys(base.id) != {"asyncio"}:
            return False
        made = len(call.args) == 1 and isinstance(call.args[0], ast.Call) and not call.keywords
        return made and self.module.origins.get("asyncio") == "asyncio"

    def calls_back(self, call: ast.Call, given: set[str], control: frozenset[str]) -> None:
        """A function that is given may be called with parts of whatever else is there: the object, and the rest."""
        arguments = arguments_of(call)
        keys = self.order_keys(call)
        if keys:
            base = self.spelled(call.func.value) if isinstance(call.func, ast.Attribute) else set()
            group = self.callee(call)[1]
            stores = [Store(f"K:{group}", "plain"), *(Store(self._called_as(key, group), "plain") for key in keys)]
            self.flow(given | base | control, [store for store in stores if store.key], call.lineno)
            return
        surely = any(keyword.arg in CALLBACKS for keyword in call.keywords)
        surely = surely or any(isinstance(item, ast.Lambda) for item in arguments)
        if surely or any(map(is_reference, arguments)):
            base = self.spelled(call.func.value) if isinstance(call.func, ast.Attribute) else set()
            kind = "F" if surely else "B"
            self.flow(given | base | control, [Store(f"{kind}:{self.callee(call)[1]}", "plain")], call.lineno)

    def order_keys(self, call: ast.Call) -> list[ast.expr]:
        """What is called at once, and by nobody else, for the order of what is given beside it."""
        given = [keyword for keyword in call.keywords if keyword.arg is None or keyword.arg in CALLBACKS]
        if self.callee(call)[1] not in ORDERING or any(isinstance(item, ast.Lambda) for item in call.args):
            return []
        return [item.value for item in given] if all(item.arg == "key" for item in given) else []

    def _called_as(self, key: ast.expr, group: str) -> str:
        """The key for the arguments of what is called for an order; a lambda's parameters have one of their own."""
        if isinstance(key, ast.Lambda):
            return ""
        if isinstance(key, ast.Call) and last_name(key) in ("itemgetter", "attrgetter"):
            return f"B:{last_name(key)}"
        if isinstance(key, ast.Name) and self.name_keys(key.id) == {key.id}:
            return f"P:{key.id}"
        return f"P:{key.attr}" if isinstance(key, ast.Attribute) else f"F:{group}"

    def ordering(self, node: ast.expr) -> dict[int, str]:
        """By the ids of what is called for an order in this expression, the keys of what it is given."""
        calls = [item for item in walk(node) if isinstance(item, ast.Call) and item.keywords]
        return {id(key): f"K:{self.callee(call)[1]}" for call in calls for key in self.order_keys(call)}
