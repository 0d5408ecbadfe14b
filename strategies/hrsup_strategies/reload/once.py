"""What the program does only while its own state says so: set up on the first round, behind a flag. Pure.

Runs in the user's process.

A container that grows, a counter, a stream of writes: such things are the program's own state and go on after a change.
Behind ``if not self.ready:`` they do not go on: what was appended there stays, and the new code never adds to it.
"""

from __future__ import annotations

from hrsup_strategies.reload.asking import answering
from hrsup_strategies.reload.digest import LASTING
from hrsup_strategies.reload.known import CONSTRUCTORS, KEEPING
from hrsup_strategies.reload.omitting import Omitting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.parts import Part

# By these names the threads, tasks and children are found that were started before.
_STARTED = frozenset(("threading", "active_count", "all_tasks", "active_children", "is_alive"))
_COUNTERS = frozenset(("()count", "()cycle"))
_FETCHED = frozenset(("fetchone", "fetchall", "fetchmany"))  # what a database is asked


class Once:
    """`living` has the units around the loop, each with the locals that every iteration makes anew. What `is_empty` is
    as it was at the beginning, and says the same as then. `counting` are the keys of what says which round it is."""

    def __init__(
        self,
        modules: list[ModuleNames],
        living: dict[str, set[str]],
        is_empty: Callable[[str], bool],
        counting: Collection[str] = (),
    ) -> None:
        self._living = living
        parts = [part for module in modules for part in module.flowing]
        everything = _state(parts, living).union(counting, _counted(modules, parts))
        passing = {key for key in everything if is_empty(key.removesuffix("#"))}
        self._of_states = _of_states(parts)
        self._fetched = answering(modules, set(_FETCHED) | {"execute"})
        while True:
            self._state = answering(modules, (everything - passing) | _FETCHED | _STARTED) | _used_up(parts)
            self._state |= _omitted(modules, parts, everything - passing)
            self._called = self._called_by(parts)
            told = {key for key in passing if "|" not in key and self._tells(parts, key)}
            if not told:
                break
            passing -= told

    def _called_by(self, parts: list[Part]) -> set[str]:
        """What is called only while the program's state says so."""
        self._called = set(self._of_states)
        size = -1
        while size != len(self._called):
            size = len(self._called)
            for part in parts:
                for flow in part.flows if self.may_cover(part) else ():
                    if self.covers(flow):
                        self._called |= {store.key[2:] for store in flow.stores if store.key.startswith("C:")}
                        self._called |= flow.holds
        return self._called

    def _tells(self, parts: list[Part], key: str) -> bool:
        """Is an attribute of what only belongs to a round bound, or counted, because of what has been before?"""
        return any(
            self.covers(flow) for part in parts for flow in part.flows if any(store.key == key for store in flow.stores)
        )

    def may_cover(self, part: Part) -> bool:
        """Is one of the part's flows perhaps reached only while the program's state says so?"""
        digest = part.digest
        return not (digest.decided.isdisjoint(self._state) and digest.names.isdisjoint(self._called))

    def covers(self, flow: Flow) -> bool:
        """Is it reached only while the program's state says so?"""
        unit = flow.unit
        if not flow.guards.isdisjoint(self._state):
            return True
        if unit is None:
            return False
        if unit.id not in self._living and not flow.returns.isdisjoint(self._state):
            return True
        if unit.name in self._called:
            return True
        return unit.name.startswith("__") and unit.owner in self._called

    def depends(self, flow: Flow) -> bool:
        """Does what is in a database say whether something is written into it, or what?"""
        return not self._fetched.isdisjoint(flow.guards | flow.returns | flow.values)

    def keeps(self, flow: Flow, store: Store) -> bool:
        """Does a thing that goes on elsewhere keep an old result here?"""
        if store.kind == "effect":
            anew = self._living.get(flow.unit.id) if flow.unit is not None else None
            is_fresh = store.made is not None and (anew is None or store.made in anew)
            return store.key[2:] in KEEPING and not is_fresh and self.covers(flow)
        return store.kind in ("append", "aug") and self.covers(flow)


def may_keep(store: Store) -> bool:
    """Could `Once.keeps` be true of it, from what it is alone?"""
    return store.kind in ("append", "aug") or (store.kind == "effect" and store.key[2:] in KEEPING)


def _state(parts: list[Part], living: dict[str, set[str]]) -> set[str]:
    """The names of what the program sets and finds again later: attributes, globals, containers, and the locals around
    the loop that are set more than once."""
    state: set[str] = set()
    times: dict[str, int] = {}
    for part in parts:
        state |= part.digest.lasting
        for unit_id in {unit.id for unit in part.units} & living.keys():
            for flow in part.flows:
                if flow.unit is not None and flow.unit.id == unit_id:
                    _note_living(flow, living[unit_id], state, times)
    return (state | {key for key, number in times.items() if number > 1}) - {""}


def _of_states(parts: list[Part]) -> set[str]:
    """The names of methods that are called of what an attribute holds, where functions other than constructors bind
    that to new objects (``job.state = Done()``): of which class it is says what has been before."""
    flows = [flow for part in parts for flow in part.flows]
    bound = {
        store.key
        for flow in flows
        if flow.unit is not None and flow.unit.name not in CONSTRUCTORS
        for store in flow.stores
        if store.binds and store.token and "|" not in store.key
    }
    if not bound:
        return set()
    called = [(store.key[2:], flow) for flow in flows for store in flow.stores if store.key.startswith("V:")]
    found = {name for name, flow in called if not bound.isdisjoint(flow.holds | flow.sources)}
    owners = {(unit.name, unit.owner) for part in parts for unit in part.units if unit.name in found}
    return {name for name in found if sum(one == name for one, _ in owners) > 1}


def _omitted(modules: list[ModuleNames], parts: list[Part], state: set[str]) -> set[str]:
    """Of what gives more than one thing (``S:name``), what leaves out some because of the state."""
    asked = {key for part in parts for key in part.digest.decided if key.startswith("S:")}
    if not asked:
        return asked
    omitting = Omitting(modules, state)
    return {key for key in asked if omitting.leaves_out(key[2:])}


def _counted(modules: list[ModuleNames], parts: list[Part]) -> set[str]:
    """The names of counters (``ids = itertools.count()``), and of what is bound to the next number of one."""
    bound = [(key, tokens) for module in modules for key, tokens in module.same]
    found = {key for key, tokens in bound if not _COUNTERS.isdisjoint(tokens)}
    size = -1
    while found and size != len(found):
        size = len(found)
        found |= {key for key, tokens in bound if not tokens.isdisjoint(found)}
    for part in parts if found else ():
        found |= {key for key, values in part.digest.elements.items() if not values.isdisjoint(found)}
    return found


def _note_living(flow: Flow, anew: set[str], state: set[str], times: dict[str, int]) -> None:
    for store in flow.stores:
        if store.lasting in LASTING:
            state.add(store.key)
        if "|" in store.key and store.key.rpartition("|")[2] not in anew:
            times[store.key] = times.get(store.key, 0) + 1


def _used_up(parts: list[Part]) -> set[str]:
    """Of what loops use up (``D:name``), that which nothing fills again but what makes its object."""
    used = set[str]().union(*(part.digest.used for part in parts))
    for flow in [flow for part in parts for flow in part.flows] if used else ():
        if flow.unit is None or flow.unit.name not in CONSTRUCTORS:
            stores = [
                store for store in flow.stores if store.kind == "append" or (store.kind == "last" and store.binds)
            ]
            used -= {f"D:{store.key.rpartition('|')[2]}" for store in stores}
    return used
