"""Which objects only such variables hold as will be made anew before they are read again.

Runs in the user's process, on the main thread, at a boundary of the program's loop. The method is the trial deletion of
a collector of cycles: count the references that come from the variables in question, directly or by way of plain
containers; an object that has more references than that is held by somebody else, and so is all that it leads to.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

_CONTAINERS = (list, tuple, dict, set, frozenset)


def discarded(variables: Iterable[tuple[FrameType, set[str]]]) -> set[int]:
    """The ids of all objects that nothing but these local variables (frame, names) leads to."""
    held: Counter[int] = Counter()
    found: dict[int, object] = {}
    for frame, names in variables:
        code, values = frame.f_code, frame.f_locals
        # Up to 3.12 `f_locals` of a function is a copy, which the frame keeps; a cell may be anybody's.
        slots = 2 if isinstance(values, dict) and values is not frame.f_globals else 1
        for name in names.difference(code.co_cellvars, code.co_freevars):
            if name in values:
                key = id(values[name])
                held[key] += slots
                _add(found, values[name])
    for key in list(found):
        held.update(id(part) for part in _parts(found[key]))
    others = _references_of_ours()
    living = [key for key in found if sys.getrefcount(found[key]) - others > held[key]]
    while living:
        item = found.pop(living.pop(), None)
        living += [id(part) for part in _parts(item)]
    return set(found)


def _add(found: dict[int, object], item: object) -> None:
    todo = [item]
    while todo:
        item = todo.pop()
        if id(item) not in found:
            found[id(item)] = item
            todo += _parts(item)


def _parts(item: object) -> list[object]:
    return gc.get_referents(item) if type(item) in _CONTAINERS else []


def _references_of_ours() -> int:
    """What is counted of an object that `found` alone holds."""
    found: dict[int, object] = {0: object()}
    return sys.getrefcount(found[0])
