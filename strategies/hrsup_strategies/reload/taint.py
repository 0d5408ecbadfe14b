"""What a change has reached so far, and by that which functions and flows. Pure; runs in the user's process.

It grows in ``closure``. What is tainted is a key: a name, or what ``flows`` says of parameters, results and callers.
"""

from __future__ import annotations

from hrsup_strategies.reload.caught import Caught
from hrsup_strategies.reload.chosen import Chosen
from hrsup_strategies.reload.definitions import Definitions, is_dunder
from hrsup_strategies.reload.identifiers import ANYTHING
from hrsup_strategies.reload.near import Near
from hrsup_strategies.reload.quiet import PASSING_ON
from hrsup_strategies.reload.registration import only_fills
from hrsup_strategies.reload.unspelled import runs_anywhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.flows import Flow
    from hrsup_strategies.reload.sources import Sources
    from hrsup_strategies.reload.units import Unit

_DEFERRED = frozenset(("C:*",))


class Taint(Definitions):
    """`functions` are names whose code changed while the object stays the same, `values` names that are bound to
    another object. `tainted` grows from both.
    """

    def __init__(self, sources: Sources) -> None:
        super().__init__(sources)
        self.functions: set[str] = set()
        self.values: set[str] = set()
        self.tainted: set[str] = set()
        self.data: set[str] = set()  # of the tainted keys, those that are more than a reference to a definition
        self.chosen = Chosen(self)
        self.stale_flows: set[int] = set()  # ids of flows whose statement is not in the new version
        self.refilled: set[str] = set()  # attributes whose containers are filled anew, each by its name
        self._unnamed_at_import = False  # do import-time statements call whoever is handed around?
        self._at_import: set[str] = set()  # the ids of units that run only while modules are imported
        self._filled: dict[str, set[str]] = {}  # by such an id, names of what it only puts references into
        self.eager: set[str] = set()  # methods that run by being looked at, as far as they were reached when it grew
        self._under: dict[tuple[str, str | None], frozenset[str]] = {}  # see `_called_under`, of as many sources as
        self._under_of = -1
        self.near = Near(self)
        self._caught = Caught(self)

    @property
    def reached_names(self) -> set[str]:
        """Whatever may stand for something else, or do something else, than before."""
        return self.tainted | self.values

    def in_words(self, names: set[str]) -> str:
        """These names for a sentence, with what they have to do with the change."""
        shown = sorted("what is looked up at run time" if name == ANYTHING else f"`{name}`" for name in names)
        changed = not names.isdisjoint(self.functions | self.values)
        return ", ".join(shown[:3]) + ("" if changed else ", by which what changed may have run,")

    def reached(self, flow: Flow) -> bool:
        """Does a value that may come from what changed take this way?"""
        unit, sources, holds = flow.unit, flow.sources, flow.holds
        if unit is not None and unit.id in self._at_import:
            if self._only_keeps(unit):
                return False
            sources = sources - (self._filled.get(unit.id, set()) - self.data)
            holds = holds - {"P:*"}  # what is called at run time is something else
        if not sources.isdisjoint(self.tainted) or id(flow) in self.stale_flows:
            return True
        return self.is_decided(flow) or not (holds.isdisjoint(self.data) and holds.isdisjoint(self.eager))

    def is_decided(self, flow: Flow) -> bool:
        """Does what changed decide whether the flow's function runs at all?"""
        return self.may_run(flow.unit, flow.deferred)

    def may_run(self, unit: Unit | None, deferred: bool = False) -> bool:
        """The same of a function, or of what it does in a lambda."""
        if not self._called_under(unit, deferred).isdisjoint(self.tainted):
            return True
        return unit is not None and bool(self.tainted) and runs_anywhere(unit)

    def _called_under(self, unit: Unit | None, deferred: bool) -> frozenset[str]:
        """The keys that say that what changed decides whether the function is called at all."""
        if unit is None:
            return _DEFERRED if deferred else frozenset()
        if self._under_of != self._taken:
            self._under, self._under_of = {}, self._taken
        known = self._under.get((unit.name, unit.owner))
        if known is None:
            known = self._look_up_callers(unit)
            self._under[unit.name, unit.owner] = known
        return known | _DEFERRED if deferred else known

    def _look_up_callers(self, unit: Unit) -> frozenset[str]:
        keys = {f"C:{unit.name}"}
        if is_dunder(unit.name):
            keys |= {f"C:{unit.owner}", *(["C:*"] if self.may_run_unnamed(unit) else [])}
        elif unit.name in self._escapes or ANYTHING in self._escapes:  # of no account before ``C:*``
            keys.add("C:*")
        if self.is_called_in_passing(unit):
            keys |= {"C:*", "C:+"}
        return frozenset(keys)

    def keys_of(self, key: str) -> set[str]:
        """The end of a flow, and what else may be meant by it: whoever a callee calls in its turn."""
        kind, name = key[:2], key[2:]
        if kind == "B:" or kind == "F:":
            named = self.calls_only_named(name) and (kind == "B:" or name in self.defined)
            return set() if named else {"P:*", "C:*"}
        if kind == "R:":
            return {key} if any(map(self._caught.in_caller, name.partition("|")[0].split())) else set()
        if kind == "I:":
            return {key} if self._caught.raises_itself(name.partition("|")[0]) else set()
        if kind == "V:":  # of several methods of that name, one is called
            return self.keys_of(f"C:{name}") if len(self.units_of(name)) > 1 else set()
        if kind == "H:":
            return set()  # see `Chosen`
        if kind == "X:":
            return {key} if self.swallows(name) else set()
        if kind == "K:":
            return {key} if self._orders(name) else {key, "P:*"}
        if kind not in ("P:", "C:"):
            return {key}
        keys = {key} if self.calls_only_named(name) else {key, f"{kind}*"}
        return keys | {f"{kind}+"} if name in PASSING_ON else keys

    def _orders(self, name: str) -> bool:
        """Is what goes by this name in `ORDERING` nothing of the program's own?"""
        return name not in self.defined and not self.is_rebound(name)

    def eager_attributes(self) -> set[str]:
        """Tainted methods that run by being looked at (properties and the like)."""
        return {unit.name for unit in self.units if unit.owner and unit.decorators and f"U:{unit.id}" in self.tainted}

    def runs_at_import(self, unit: Unit | None) -> bool:
        """Does this run only while modules are imported?"""
        return unit is not None and unit.id in self._at_import

    def _only_keeps(self, unit: Unit | None) -> bool:
        """Is this a method that is only called to keep functions, as they are, while modules are imported?"""
        return unit is not None and unit.owner is not None and unit.id in self._at_import

    def _is_apart(self, unit: Unit) -> bool:
        """Does the unit mention nothing tainted, or only registries that it fills while modules are imported?"""
        if self._only_keeps(unit):
            return True
        mentioned = unit.globals & self.tainted
        if mentioned and unit.id in self._at_import and not mentioned & (self.data | self.functions):
            filled = mentioned if only_fills(unit.node, mentioned) else set[str]()
            self._filled[unit.id] = filled
            mentioned = mentioned - filled
        begun = self.refilled if unit.name == "__init__" else set[str]()  # a new container of an object's own
        return not mentioned and unit.binds.isdisjoint(self.values - begun)

    def _references(self, flow: Flow) -> set[str]:
        """The keys of what the flow passes on as it is. What runs only while modules are imported is given nothing by
        calls of unnamed callees at run time."""
        if self._only_keeps(flow.unit):
            return set()  # what it keeps is noted where it is given (`_register`)
        at_run_time = flow.unit is not None and flow.unit.id in self._at_import and not self._unnamed_at_import
        return flow.holds - {"P:*"} if at_run_time else flow.holds

    def _calls_unnamed(self, flow: Flow) -> bool:
        """May it be made while modules are imported, and call whoever is handed around?"""
        runs = flow.unit is None or flow.unit.id in self._at_import
        return runs and any("P:*" in self.keys_of(store.key) for store in flow.stores)
