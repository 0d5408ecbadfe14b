"""What the program's state is asked by: functions that answer from it, and variables that hold the answer. Pure.

Runs in the user's process. ``if not self.ready`` and ``if not self.is_ready()`` decide the same, and so does a
condition over ``first = self.count == 0``. One thing of many, that was taken out of a queue or comes from a loop, is no
answer about where it came from.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow
    from hrsup_strategies.reload.names import ModuleNames

# Methods that a condition asks without spelling them.
_UNSPELLED = frozenset(
    f"__{name}__" for name in ("bool", "len", "contains", "eq", "ne", "lt", "le", "gt", "ge", "iter", "getitem", "hash")
)


def answering(modules: Iterable[ModuleNames], state: set[str]) -> set[str]:
    """The `state`, with the functions and variables that tell of it."""
    modules = list(modules)
    units = [unit for module in modules for unit in module.units]
    pairs = list(_bindings(modules))
    found, size = set(state), -1
    while size != len(found):
        size = len(found)
        found |= {unit.name for unit in units if not unit.told.isdisjoint(found)}
        found |= {key for key, flow in pairs if not found.isdisjoint(flow.values | flow.holds)}
    return found


class Asked:
    """The names that conditions mention, and those that the functions and variables mention which they ask, as a
    container."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._size = -1
        self._names: set[str] = set()

    def __contains__(self, name: str) -> bool:
        self._closure.mention(name.rpartition("|")[2])
        if self._size != len(self._closure.modules):
            self._size = len(self._closure.modules)
            self._names = _asked(self._closure.modules)
        return name in self._names


def _asked(modules: list[ModuleNames]) -> set[str]:
    units = [unit for module in modules for unit in module.units]
    pairs = list(_bindings(modules))
    aliases = [pair for pair in _bindings(modules, local=False) if pair[1].holds]
    found: set[str] = set().union(*(module.tests for module in modules), _UNSPELLED)
    size = -1
    while size != len(found):
        size = len(found)
        for unit in units:
            if unit.name in found:
                found |= unit.told
        for key, flow in pairs:
            if key in found:
                found |= flow.values | flow.holds
        # ``self.rows = ROWS``: who asks one asks the other.
        found |= {key for key, flow in aliases if not found.isdisjoint(flow.holds)}
    return found


def _bindings(modules: list[ModuleNames], local: bool = True) -> Iterable[tuple[str, Flow]]:
    for module in modules:
        for flow in module.flows:
            for store in flow.stores:
                if store.binds and not store.element and ("|" in store.key) is local:
                    yield store.key, flow
