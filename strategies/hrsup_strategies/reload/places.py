"""What is stored into, and what says which object that is. Pure; runs in the user's process."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.fresh import WINDOWS
from hrsup_strategies.reload.identifiers import is_reference, last_name, positional
from hrsup_strategies.reload.items import item_of
from hrsup_strategies.reload.omitting import givers_in, tests_in
from hrsup_strategies.reload.questions import picks_of
from hrsup_strategies.reload.trees import walk
from hrsup_strategies.reload.uses import Uses


class Places(Uses):
    """The containers and objects of a scope, as stores."""

    def place(self, base: ast.expr, kind: str) -> Store:
        """The container or object `base`, stored into."""
        if isinstance(base, ast.Attribute) and base.attr in WINDOWS and isinstance(base.value, ast.Name):
            base = base.value if base.value.id in self.fresh else base
        store = self._own_item(base, kind) or self._place(base, kind)
        store.inside = not is_reference(base)
        store.computed = self.computed(base)
        return store

    def computed(self, target: ast.expr) -> int:
        """See `Store.computed`."""
        picks = [self.is_fixed(item) for item in picks_of(target)]
        return 0 if all(picks) else 2 if picks[0] else 1

    def _own_item(self, base: ast.expr, kind: str) -> Store | None:
        holder = item_of(base)
        if holder is None or holder not in self.own_items or self.name_keys(holder) != {self.local(holder)}:
            return None
        lasting = "last" if kind == "append" else kind
        return Store(self.local(holder), "plain", self.own_items[holder], holder, lasting)

    def _place(self, base: ast.expr, kind: str) -> Store:
        inside_it = isinstance(base, ast.Subscript)
        while isinstance(base, ast.Subscript):
            base = base.value
        kind = "last" if kind == "append" and self._is_of_library(base) else kind
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
            if not inside and kind == "plain" and base.id in self.module.origins:
                return Store("", kind)  # a call of a module's function stores nothing in the module
            is_self = local and self._is_self(base.id)
            store = Store("" if is_self else key, kind)
            store.of = key
            if not is_self:
                store.changes, store.deep = inside and kind in ("last", "append"), inside_it
            return store
        if isinstance(base, (ast.Constant, ast.JoinedStr)):
            return Store("", "plain")  # a method of a text keeps nothing
        # Of what a call gives back nothing is known: it may be an old container, which is found again.
        return Store(last_name(base) or "P:*", "last" if kind == "append" else kind)

    def omits(self, nodes: list[ast.expr]) -> frozenset[str]:
        """The keys of what says how much there is in these expressions; of who gives it, ``S:name``."""
        found = set[str]().union(*map(self.spelled, tests_in(nodes)))
        for item in givers_in(nodes):
            keys = self.name_keys(item.id) if isinstance(item, ast.Name) else {last_name(item) or ""}
            found |= {f"S:{key}" for key in keys}
        return frozenset(found)

    def picks(self, base: ast.expr) -> set[str]:
        """What says which object is changed, where that is looked up: the index, or what is called and with what."""
        found: set[str] = set()
        for item in walk(base):
            if isinstance(item, ast.Subscript):
                found |= self.spelled(item.slice)
            elif isinstance(item, ast.Call):
                found |= self.spelled(item)
        return found

    def _is_of_library(self, base: ast.expr) -> bool:
        """Is this a container of a module of the standard library, which looks into it by itself?"""
        while isinstance(base, ast.Attribute):
            base = base.value
        if not isinstance(base, ast.Name) or self.name_keys(base.id) != {base.id}:
            return False
        return self.module.origins.get(base.id, "").partition(".")[0] in sys.stdlib_module_names

    def _is_self(self, name: str) -> bool:
        if self.unit is None or self.unit.owner is None:
            return False
        return positional(self.unit.node.args)[:1] == [name]

    def resizes(self, container: ast.expr | None, sources: set[str] | frozenset[str]) -> None:
        """A flow into the length of a local."""
        if isinstance(container, ast.Name) and container.id in self.sized:
            self.flow(sources, [Store(self.length(container.id), "plain")], container.lineno)
