"""What only ever runs within a round of a loop that goes on: who is called there, and by those who are.

Runs in the user's process. An object of a class that is only made there belongs to a round, if it is not kept: what it
remembers says nothing of the rounds before.
"""

from __future__ import annotations

import ast
from functools import cached_property

from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.units import Unit

_LOOPS = (ast.While, ast.For, ast.AsyncFor)


class EachRound:
    """Answers for the frames around the loops, `actives`."""

    def __init__(self, closure: Closure, actives: Iterable[Active]) -> None:
        self._closure, self._actives = closure, list(actives)
        self._known: dict[str, bool] = {}

    def makes(self, name: str) -> bool:
        """Are instances of this class, and of those below it, made there alone?"""
        closure = self._closure
        return all(not closure.may_be_made_unnamed(one) and self._calls(one) for one in closure.derived_from(name))

    def _calls(self, name: str) -> bool:
        """Is every call by this name made there?"""
        if name not in self._known:
            self._known[name] = True  # what calls itself has been called before
            owners = self._owners(name)
            calls = [call for _, call in self._closure.calls_of(name)]
            self._known[name] = all(id(call) in self._in_loops or self.runs(owners.get(id(call))) for call in calls)
        return self._known[name]

    def _owners(self, name: str) -> dict[int, Unit]:
        """The functions that call what goes by the name, by the ids of their nodes."""
        units = [unit for unit in self._closure.units if name in unit.mentions]
        return {id(item): unit for unit in units for item in walk(unit.node)}

    def runs(self, unit: Unit | None) -> bool:
        """Is a function only called there?"""
        if unit is None or unit.id in self._around or is_dunder(unit.name) or unit.decorators:
            return False
        closure = self._closure
        if closure.may_be_called_unnamed(unit) or closure.is_called_unseen(unit) or closure.is_rebound(unit.name):
            return False
        return self._calls(unit.name)

    @cached_property
    def _around(self) -> set[str | None]:
        return {active.unit for active in self._actives}

    @cached_property
    def _in_loops(self) -> set[int]:
        """The ids of the nodes in the loops, as the loaded version has them."""
        found: set[int] = set()
        for active in self._actives:
            units = [unit for unit in self._closure.units if unit.id == active.unit and active.loop is not None]
            wanted = ast.dump(active.loop) if active.loop is not None else ""
            loops = [item for unit in units for item in walk(unit.node) if type(item) is type(active.loop)]
            same = [item for item in loops if ast.dump(item) == wanted]
            for part in same[0].body if len(same) == 1 and isinstance(same[0], _LOOPS) else ():
                found |= set(map(id, walk(part)))
        return found
