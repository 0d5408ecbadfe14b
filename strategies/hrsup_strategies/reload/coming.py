"""Functions and classes that come with a change: what their code may do from now on. Pure; runs in the user's process.

None of it has run, so it has left nothing behind. But at a cold start it would have: it may be the first to give
something to a function that keeps the first (as the new parts of a changed function may, see ``Closure.compare``). So
what flows in a new function counts as changed, every store of it, if anybody mentions the function; and whoever calls
it by its name calls nobody else than what is followed from there.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.known import SAFE_BASES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.units import ClassInfo, Unit
    from hrsup_strategies.reload.work import Work

_PLAIN = frozenset(("staticmethod", "classmethod"))
_MAKING = frozenset(("dataclass",))


def announce(work: Work) -> None:
    """Tell the closure the names by which calls find something new, and nobody else but what has been there under that
    name."""
    names: set[str] = set()
    rebound: set[str] = set()
    for path, version in work.new.items():
        names |= {unit.name for unit in _new_units(work, path) if _PLAIN.issuperset(unit.decorators)}
        known = {info.name for info in work.old[path].names.classes} if path in work.old else set[str]()
        names |= {info.name for info in version.names.classes if info.name not in known and _is_plain(info)}
        rebound |= version.names.rebound
    work.closure.coming = frozenset(names - rebound)


def spread(work: Work) -> None:
    """Count what flows in new functions as changed."""
    mentioned = set().union(*(_mentioned(version.names) for version in work.new.values()))
    for path, version in work.new.items():
        found = {unit.id for unit in _new_units(work, path) if unit.name in mentioned or is_dunder(unit.name)}
        for flow in version.names.flows if found else ():
            if flow.unit is not None and flow.unit.id in found:
                work.closure.reach(flow)


def _new_units(work: Work, path: str) -> list[Unit]:
    known = {unit.id for unit in work.old[path].names.units} if path in work.old else set[str]()
    return [unit for unit in work.new[path].names.units if unit.id not in known]


def _mentioned(module: ModuleNames) -> set[str]:
    return set().union(*(top.spelled for top in module.tops), *(unit.mentions for unit in module.units))


def _is_plain(info: ClassInfo) -> bool:
    """Does making an instance call no function of the program's but the methods of this class?"""
    decorators = {getattr(item, "id", None) for item in info.node.decorator_list}
    fields = [item for item in info.node.body if not isinstance(item, FunctionNode)]
    if any(isinstance(part, ast.Call) for item in fields for part in ast.walk(item)):
        return False  # a factory of a field, say
    return SAFE_BASES.issuperset(info.makers) and _MAKING.issuperset(decorators)
