"""Of which variables, attributes and arguments what changed says which object they are. Pure; user's process.

Results of what changed are in many an object: the queue that they are put into, the worker that has the queue. Which
object that is, it does not say. Where it does, the methods that are called are those of another, as is all that they
find in their object; and a function that an attribute holds may be another.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.flows import Flow
    from hrsup_strategies.reload.taint import Taint
    from hrsup_strategies.reload.units import Unit


class Chosen:
    """The `keys` of these, for one change; and ``W:name`` for methods of this name."""

    def __init__(self, taint: Taint) -> None:
        self._taint = taint
        self.keys: set[str] = set()

    def follow(self, flow: Flow) -> None:
        """Note what a flow binds or gives, which what changed reaches."""
        taint = self._taint
        given = not flow.holds.isdisjoint(self.keys) or id(flow) in taint.stale_flows
        found = given or not all(map(self._makes, flow.values & taint.tainted))
        under = not (flow.sources - flow.values).isdisjoint(taint.tainted)
        for store in flow.stores:
            kind, name = store.key[:2], store.key[2:]
            if kind == "V:" or (kind == "H:" and found):
                self.call(name, found)
            elif kind == "P:" and found:
                self.keys |= taint.keys_of(store.key)
            elif store.binds:
                is_other = given if store.token != "" and self._makes(store.token) else found
                if is_other or under or ("|" not in store.key and taint.is_decided(flow)):
                    self.keys.add(store.key)

    def call(self, name: str, is_other: bool) -> None:
        """A method of this name is called of something that has results in it, and may be another object; or what an
        attribute of this name holds."""
        if is_other:
            self.keys.add(f"W:{name}")
        if self._taint.is_rebound(name):
            self._decide(self._taint.keys_of(f"C:{name}"))

    def look(self, name: str) -> None:
        """The attribute of this name runs something, of such an object or because of what changed."""
        self.keys.add(f"W:{name}")
        self._decide({f"C:{name}"})

    def _decide(self, keys: set[str]) -> None:
        self._taint.tainted |= keys
        self._taint.data |= keys

    def give(self, unit: Unit) -> None:
        """A method that is called of such an object has it as its first parameter."""
        if f"W:{unit.name}" in self.keys and unit.owner is not None and "staticmethod" not in unit.decorators:
            for keys in (self._taint.tainted, self._taint.data, self.keys):
                keys |= unit.first

    def _makes(self, token: str | None) -> bool:
        """Does a call of this name (`fresh`) give a new object, always of one kind? It is another only in what it has,
        and that goes by the names of its attributes."""
        taint = self._taint
        if token is None or token.startswith("."):
            return True
        if taint.is_rebound(token) or token in taint.values:
            return False
        if taint.class_of(token) is not None:
            return True
        gives = {unit.gives for unit in taint.units_of(token)}
        return len(gives) == 1 and all(one is not None and len(one) == 1 for one in gives)
