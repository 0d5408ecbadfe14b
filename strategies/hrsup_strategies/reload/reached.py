"""Can what changed reach code that is under way? Pure; runs in the user's process."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from hrsup_strategies.reload.closure import Closure


def unit_of(code: CodeType, path: str) -> str:
    """The function that the code is of, as `Unit.id` has it."""
    owner, _, name = code.co_qualname.partition(".<locals>")[0].rpartition(".")
    return f"{path}:{owner.rpartition('.')[2] or None}.{name}"


class Reached:
    """Can what changed reach code: by a name in it, or by a value in its variables?"""

    def __init__(self, closure: Closure) -> None:
        self._tainted = closure.tainted
        self._holding = {key.partition("|")[0] for key in closure.tainted | closure.data if "|" in key}
        self._changed = closure.changed_units | closure.noted_units

    def code(self, code: CodeType, path: str) -> bool:
        """Is it so of this code of a module of the user's?"""
        return not _all_names(code).isdisjoint(self._tainted) or code.co_name in self._tainted or self.holds(code, path)

    def holds(self, code: CodeType, path: str) -> bool:
        """May one of its variables hold a result of what changed, or is it what changed?"""
        unit = unit_of(code, path)
        return unit in self._holding or unit in self._changed


def _all_names(code: CodeType) -> set[str]:
    found = {*code.co_names, *code.co_freevars}
    for item in code.co_consts:
        if isinstance(item, type(code)):
            found |= _all_names(item)
    return found
