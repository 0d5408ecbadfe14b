"""What runs where no call is spelled: properties, operators, conversions, context managers. Pure.

Runs in the user's process. What changed may decide whether such a thing runs, or for which object. Of attributes, and
of the blocks of context managers, it is known where they are used (``looks``). What a class does for an operator, a
conversion or a loop may run at any of these, and they are everywhere: once something is reached, all of it is.
"""

from __future__ import annotations

from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.known import CONSTRUCTORS
from hrsup_strategies.reload.looks import Looked, add_looked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.units import Unit

# Decorators that leave a method one that is called.
_CALLED = frozenset(("staticmethod", "classmethod", "abstractmethod", "override", "final", "overload"))
# Of the methods with names of the language's own, those that run only where that is spelled.
_SPELLED = CONSTRUCTORS | {"__call__", "__enter__", "__exit__", "__aenter__", "__aexit__", "__del__"}


def runs_anywhere(unit: Unit) -> bool:
    """May it run at any operator, conversion or loop?"""
    return unit.owner is not None and is_dunder(unit.name) and unit.name not in _SPELLED


class Unspelled:
    """Answers for the `modules` that have been taken in."""

    def __init__(self, closure: Closure, modules: list[ModuleNames]) -> None:
        self._closure = closure
        self._looked: Looked = {}
        for module in modules:
            add_looked(self._looked, module.looked)

    def reached(self) -> set[str]:
        """The attributes that run something by being used, where what changed decides about that."""
        closure, found = self._closure, set[str]()
        running = {unit.id for unit in closure.units if closure.may_run(unit)}
        for name, (sources, objects, inside) in list(self._looked.items()):
            decides = not sources.isdisjoint(closure.tainted) or not objects.isdisjoint(closure.chosen.keys)
            if (decides or not inside.isdisjoint(running)) and any(map(_runs_by_itself, closure.units_of(name))):
                found.add(name)
                del self._looked[name]
        return found


def _runs_by_itself(unit: Unit) -> bool:
    return unit.owner is not None and (is_dunder(unit.name) or not _CALLED.issuperset(unit.decorators))
