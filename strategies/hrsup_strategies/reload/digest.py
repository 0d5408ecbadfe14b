"""What the flows and functions of one top-level statement have to do with which keys. Pure; runs in the user's process.

Most statements of a large program have nothing to do with a change, and each question to the closure is one to all of
its flows. Here is what all flows of a statement mention together, so that one look at it answers for them. It holds for
the text, wherever that stands, so it is made once (see ``parts.Part.follow``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.units import Found

LASTING = frozenset(("append", "aug", "last"))  # kinds of what is found again
_PLACES = LASTING | {"plain"}


class Digest:
    """`keys` are all that a flow comes from or holds, what it changes, and what the functions mention, bind and are
    called by. `decided` is what is asked before something is done, or before it is not. `lasting` are the keys of what
    is found again, `used` what loops use up, and `names` those of the functions and their classes.

    `answers` are what variables are bound to, by their keys; `told` and `answered` are all that functions tell of and
    variables are bound to. `paths` has what says something of what is in a place, by its key, `elements` the same where
    it is bound to one of many after the other. `filled` are containers that something is put into, `holders` those that
    objects are put into as they are.
    """

    __slots__ = (
        *("answered", "answers", "decided", "defers", "elements", "filled", "holders", "keys"),
        *("lasting", "names", "paths", "told", "used"),
    )

    def __init__(self, found: Found) -> None:
        self.answers: list[tuple[str, AbstractSet[str]]] = []
        self.paths: dict[str, set[str]] = {}
        self.elements: dict[str, set[str]] = {}
        self.holders = set[str]().union(*found.questions.parts.values())
        self.filled = set(self.holders)
        keys, decided, lasting, names, told = set[str](), set[str](), set[str](), set[str](), set[str]()
        self.used = {key for flow in found.flows for key in flow.guards if key.startswith("D:")}
        self.defers = any(flow.deferred for flow in (*found.flows, *found.uses))
        keys.update(*_sets(found.uses), *_sets(found.flows))
        for flow in found.flows:
            decided |= flow.guards
            decided |= flow.returns
            for store in flow.stores:
                if store.of:
                    keys.add(store.of)
                if store.kind in LASTING:
                    lasting.add(store.key)
                if store.binds and not store.element and "|" in store.key:
                    self.answers.append((store.key, flow.values | flow.holds))
                self._place(store, flow)
        for unit in found.units:
            names |= {unit.name} if unit.owner is None else {unit.name, unit.owner}
            told |= unit.told
            keys.update(unit.mentions, unit.binds)
        keys.update(store.of for flow in found.uses for store in flow.stores)
        self.keys, self.decided, self.lasting, self.names = keys, decided, lasting, names
        self.told = told
        self.answered = set[str]().union(*(values for _, values in self.answers))

    def _place(self, store: Store, flow: Flow) -> None:
        if not store.key or store.key[1:2] == ":" or store.kind not in _PLACES:
            return  # the end of a call, which is no place
        paths = self.elements if store.element else self.paths
        paths.setdefault(store.key, set()).update(flow.values, flow.holds)
        if "|" not in store.key:  # ``self.rows = ROWS``: who asks one asks the other
            for key in flow.holds:
                paths.setdefault(key, set()).add(store.key)
        if store.kind in ("append", "last") and not store.binds:
            self.filled.add(store.key)
        if flow.holds and store.kind in ("append", "last") and not store.binds and not store.inside:
            self.holders.add(store.key)


def _sets(flows: Iterable[Flow]) -> list[set[str]]:
    return [keys for flow in flows for keys in (flow.sources, flow.holds)]
