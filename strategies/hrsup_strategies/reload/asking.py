"""What the program's state is asked by: functions that answer from it, and variables that hold the answer. Pure.

Runs in the user's process. ``if not self.ready`` and ``if not self.is_ready()`` decide the same, and so does a
condition over ``first = self.count == 0``. One thing of many, that was taken out of a queue or comes from a loop, is no
answer about where it came from.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.names import ModuleNames

# Methods that a condition asks without spelling them.
_UNSPELLED = frozenset(
    f"__{name}__" for name in ("bool", "len", "contains", "eq", "ne", "lt", "le", "gt", "ge", "iter", "getitem", "hash")
)


def answering(modules: Iterable[ModuleNames], state: set[str]) -> set[str]:
    """The `state`, with the functions and variables that tell of it."""
    parts = [part for module in modules for part in module.parts]
    found, size = set(state), -1
    while size != len(found):
        size = len(found)
        for part in parts:
            digest = part.digest
            if not digest.told.isdisjoint(found):
                found |= {unit.name for unit in part.units if not unit.told.isdisjoint(found)}
            if not digest.answered.isdisjoint(found):
                found |= {key for key, values in digest.answers if not values.isdisjoint(found)}
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
    parts = [part for module in modules for part in module.parts]
    tells: dict[str, list[AbstractSet[str]]] = {}
    for part in parts:
        for key, values in (*((unit.name, unit.told) for unit in part.units), *part.digest.answers):
            tells.setdefault(key, []).append(values)
    aliases = [pair for part in parts for pair in part.digest.aliases]
    found: set[str] = set().union(*(module.tests for module in modules), _UNSPELLED)
    pending = list(found)
    while pending:
        while pending:
            for values in tells.pop(pending.pop(), ()):
                pending += values - found
                found |= values
        # ``self.rows = ROWS``: who asks one asks the other.
        pending += {key for key, values in aliases if key not in found and not values.isdisjoint(found)}
        found.update(pending)
    return found
