"""Who still holds a value that was made anew? A last look at the live objects, behind the proof from the sources. Runs
in the user's process, on the main thread.
"""

from __future__ import annotations

import gc
import sys
from types import FrameType, FunctionType, ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_MANY, _FEW = 10_000, 50
_CONTAINERS = (list, tuple, dict, set, frozenset)


def outside_holder(old: Iterable[object], own: set[int]) -> str | None:
    """Something that holds one of these values, in words; None if there is nothing. `own` are the ids of whom it does
    not matter: the namespaces in which the values were replaced, and what is kept for a rollback."""
    values = [value for value in old if gc.is_tracked(value)]
    if not values:
        return None
    parts = _parts(values)
    ignored = own | parts | {id(values), id(parts), id(own)}
    found = gc.get_referrers(*values)
    for holder in found:
        if id(holder) not in ignored and not _is_running(holder) and not _is_passing(holder, ignored | {id(found)}):
            return f"a {type(holder).__name__}"
    return None


def _is_passing(holder: object, ignored: set[int]) -> bool:
    """Is it something that only variables of running functions hold, such as a list of what the last round has shown?
    What becomes of these is known from the source."""
    todo = [holder]
    known = {id(todo), id(holder)}
    while todo:
        item = todo.pop()
        if type(item) not in _CONTAINERS or len(known) > _FEW:
            return False
        found = gc.get_referrers(item)
        known.add(id(found))
        for other in found:
            if id(other) in known or _is_running(other) or type(other).__name__ == "list_iterator":
                continue
            if id(other) in ignored and type(other) is dict:  # a namespace
                return False
            if id(other) not in ignored:
                known.add(id(other))
                todo.append(other)
    return True


def _is_running(holder: object) -> bool:
    """A frame of this thread's stack: hrsup's own, or a function of the program's that runs the loop or calls it."""
    frame: FrameType | None = sys._getframe() if isinstance(holder, FrameType) else None
    while frame is not None and frame is not holder:
        frame = frame.f_back
    return frame is not None


def _parts(old: list[object]) -> set[int]:
    """The ids of everything that lives only as part of these values, short of modules, classes and functions; of large
    ones not all of them."""
    found: set[int] = set()
    todo = list(old)
    while todo and len(found) < _MANY:
        item = todo.pop()
        if id(item) not in found and not isinstance(item, (ModuleType, type, FunctionType, FrameType)):
            found.add(id(item))
            todo += gc.get_referents(item)
    return found
