"""What a frame has left behind: statements that it will not come to again. Runs in the user's process.

A function that waits outside of all its loops goes on to its end, and one that is in its outermost loop does not come
to what stands above that. What it has put into a variable of its own before, a list of the tasks that it has begun,
say, it puts there no more; another call of it has other variables. Whether what
it has put there was a result of what changed is asked by itself (``setup_phase``).
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import DISPLAYS, binds_otherwise, params_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.units import Unit

_LATER = (*FunctionNode, ast.ClassDef, ast.Lambda, ast.GeneratorExp)


class Passed:
    """Answers for the frames around the loops, `actives`."""

    def __init__(self, actives: Iterable[Active]) -> None:
        self._of: dict[str, list[Active]] = {}
        for active in actives:
            if active.unit is not None:
                self._of.setdefault(active.unit, []).append(active)

    def covers(self, flow: Flow, store: Store) -> bool:
        """Has every call of the flow's function that has not ended left it behind, and is the container its own?"""
        unit = flow.unit
        if unit is None or flow.deferred or unit.id not in self._of or not _is_own(unit, store):
            return False
        return all(_has(active, unit, flow.line) for active in self._of[unit.id])


def _is_own(unit: Unit, store: Store) -> bool:
    """Is it a container that each call of the function makes, and that has a name there?"""
    if store.made is not None and store.needs_class is None and store.kind == "plain":
        return True
    of, _, name = store.key.partition("|")
    if of != unit.id or store.kind not in ("last", "append") or store.deep or name in params_of(unit.node.args):
        return False
    made = [item for item in ast.walk(unit.node) if _makes(item)]
    good = {id(target) for item in made for target in _targets(item)}
    names = [item for item in ast.walk(unit.node) if isinstance(item, ast.Name) and item.id == name]
    bound = [item for item in names if not isinstance(item.ctx, ast.Load)]
    others = any(binds_otherwise(item, name) for item in ast.walk(unit.node))
    return bool(bound) and not others and all(id(item) in good for item in bound)


def _makes(node: ast.AST) -> bool:
    """Is this an assignment of a new container, or does it add to one in place?"""
    return isinstance(node, ast.AugAssign) or (isinstance(node, ast.Assign) and isinstance(node.value, DISPLAYS))


def _targets(node: ast.AST) -> list[ast.expr]:
    targets: list[ast.expr] = getattr(node, "targets", None) or [node.target]  # type: ignore[attr-defined]
    return targets


def _has(active: Active, unit: Unit, line: int) -> bool:
    node, now = active.node, active.statement
    if now is None or isinstance(node, ast.Module) or node.name != unit.name:
        return False
    if _covers(now, line) or ast.dump(node, include_attributes=True) != ast.dump(unit.node, include_attributes=True):
        return False
    found = [item for item in active.before if _covers(item, line)]
    return bool(found) and not any(isinstance(part, _LATER) for item in found for part in ast.walk(item))


def _covers(node: ast.AST, line: int) -> bool:
    first: int | None = getattr(node, "lineno", None)
    return first is not None and first <= line <= getattr(node, "end_lineno", first)
