"""Which pools keep their workers through a change of code: those in which nothing of what changed can be.

Runs in the user's process, on the main thread, when no task is under way. A worker holds code that it has imported,
which it has said; what it was forked with; and what it was sent by value: with its pool's initializer, or with tasks.
A task's function is gone with the task, and where its results may be kept, by whichever process, `reload` refuses the
change. But of a class that it was sent by value cloudpickle keeps the first version.
"""

from __future__ import annotations

import ast
import sys
from types import BuiltinFunctionType, FunctionType

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.trees import walk
from hrsup_strategies.workers.processes import ancestors, is_tracker, runs_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from hrsup_strategies.reload.work import Work
    from hrsup_strategies.workers.pools import WorkerPool

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_BY_VALUE = (b"register_pickle_by_value",)


class Keeping:
    """`clean` are the workers that have said what they have loaded, and that have loaded nothing of what changed."""

    def __init__(self, clean: Collection[int]) -> None:
        self._clean = frozenset(clean)

    def covers(self, pool: WorkerPool, below: dict[int, int]) -> bool:
        """Can none of the pool's processes hold anything of what changed? `below` are all processes below this one, by
        pid, with their parents."""
        given = pool.begins_with()
        if given is None or not all(_is_found_by_name(item) or _is_plain(item) for item in given):
            return False
        workers = set(pool.pids())
        family = workers | {pid for pid in below if workers & ancestors(pid, below)}
        return all(pid in self._clean or not runs_python(pid) or is_tracker(pid) for pid in family)


def may_keep(work: Work) -> bool:
    """May workers be left as they are at all? Not if what is done to a cache, or a class, is to be done in them."""
    if work.cached or work.closure.memos or work.old.has_any(_BY_VALUE):
        return False
    functions = (node for path in work.new if path in work.old for node in walk(work.old[path].tree))
    return not any(
        isinstance(item, ast.ClassDef) for node in functions if isinstance(node, FunctionNode) for item in walk(node)
    )


def _is_found_by_name(value: Any) -> bool:
    """Is it sent as a name, so that whoever gets it imports its module?"""
    if type(value) not in (FunctionType, BuiltinFunctionType) or value.__module__ == "__main__":
        return False
    return getattr(sys.modules.get(value.__module__), value.__qualname__, None) is value


def _is_plain(value: Any) -> bool:
    if type(value) is dict:
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    if type(value) in (tuple, list, set, frozenset):
        return all(map(_is_plain, value))
    return type(value) in _PLAIN
