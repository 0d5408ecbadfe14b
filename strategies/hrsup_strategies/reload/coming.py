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
    from hrsup_strategies.reload.parts import Part
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
        known = {info.name for info in _classes(work.old[path].parts)} if path in work.old else set[str]()
        names |= {info.name for info in _classes(version.parts) if info.name not in known and _is_plain(info)}
    for version in work.new.values() if names else ():
        rebound |= version.names.spelling(names).rebound
    work.closure.coming = frozenset(names - rebound)


def spread(work: Work) -> None:
    """Count what flows in new functions as changed."""
    new = {path: _new_units(work, path) for path in work.new}
    names = {unit.name for units in new.values() for unit in units}
    versions = work.new.values() if names else ()
    mentioned = set().union(*(_mentioned(version.names.spelling(names)) for version in versions))
    for path, version in work.new.items():
        found = {unit.id for unit in new[path] if unit.name in mentioned or is_dunder(unit.name)}
        for unit_id in sorted(found):
            for flow in version.names.flows_in(unit_id):
                work.closure.reach(flow)


def _new_units(work: Work, path: str) -> list[Unit]:
    old = work.old[path].parts if path in work.old else []
    same = {id(part.known) for part in old}
    parts = [part for part in work.new[path].parts if id(part.known) not in same]
    known = set[str]().union(*(part.unit_ids for part in old)) if parts else set[str]()
    parts = [part for part in parts if not part.unit_ids <= known]
    for part in parts:
        part.look()
    return [unit for part in parts for unit in part.units if unit.id not in known]


def _mentioned(module: ModuleNames) -> set[str]:
    return set().union(*(top.spelled for top in module.tops), *(unit.mentions for unit in module.units))


def _classes(parts: list[Part]) -> list[ClassInfo]:
    for part in parts:
        if b"class" in part.text:
            part.look()
    return [info for part in parts for info in part.classes]


def _is_plain(info: ClassInfo) -> bool:
    """Does making an instance call no function of the program's but the methods of this class?"""
    decorators = {getattr(item, "id", None) for item in info.node.decorator_list}
    fields = [item for item in info.node.body if not isinstance(item, FunctionNode)]
    if any(isinstance(part, ast.Call) for item in fields for part in ast.walk(item)):
        return False  # a factory of a field, say
    return SAFE_BASES.issuperset(info.makers) and _MAKING.issuperset(decorators)
