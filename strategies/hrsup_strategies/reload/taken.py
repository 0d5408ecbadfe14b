"""What a strand took, before its loop, out of what others had filled by then. Pure; runs in the user's process.

``first = inbox.get()`` before the loop calls nothing that changed. But where another thread or task has been begun
before, that may have put a result there, and the strand goes on with it.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.active import top_statement
from hrsup_strategies.reload.carriers import carriers
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.identifiers import arguments_of, last_name
from hrsup_strategies.reload.known import TAKING, words
from hrsup_strategies.reload.trees import children, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.strands import Strand

# Methods that give nothing of what is in their object.
_PUTTING = words("put put_nowait append add extend update task_done join empty qsize")
_GOING_THROUGH = TAKING | words("copy deepcopy reversed str repr format")


def check_taken(strands: list[Strand], closure: Closure) -> None:
    """Refuse (HR121) if one of these strands has looked, before its loop, into what another may have filled with
    results of what changed. Raise Moving if it is on its way to its end."""
    if len(strands) < 2:
        return
    taken = Taken(closure)
    for strand in strands:
        for active in strand.actives:
            for node in _ran(active, active is strand.actives[-1]):
                name = taken.by(node, active)
                if name is not None and strand.code != "HR130" and strand.looping is None and not strand.waits:
                    raise strand.moving()
                if name is not None:
                    text = f"`{name}` may have held results of what changed, and was looked into before the loop"
                    raise Refusal("HR121", text, active.path, getattr(node, "lineno", None))


def _ran(active: Active, is_last: bool) -> list[ast.AST]:
    """The statements of a frame that have run, or are under way in the next one. Of a module's, those before the one
    that runs are import-time statements (see ``closure``)."""
    of_module = isinstance(active.node, ast.Module)
    before = active.before[active.node.body.index(top_statement(active)) :] if of_module else active.before
    under_way = active.loop is None and not is_last and active.statement is not None
    return [*before, *([active.statement] if under_way and active.statement is not None else [])]


class Taken:
    """Answers for one closure."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._results: set[str] | None = None

    def by(self, node: ast.AST, active: Active) -> str | None:
        """The name of what this statement, which has run, may have taken a result of what changed from."""
        for place in _looked_into(node, active.node):
            name = place.id if isinstance(place, ast.Name) else place.attr
            is_local = isinstance(place, ast.Name) and name in active.frame.f_code.co_varnames
            if not {f"{active.unit}|{name}", *(() if is_local else (name,))}.isdisjoint(self._closure.data):
                return name
        for item in walk(node):
            callee = last_name(item.func) if isinstance(item, ast.Call) else None
            units = self._closure.units_of(callee) if callee is not None else []
            if not all(unit.returned.isdisjoint(self._closure.data) for unit in units):
                return callee
            if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Load) and item.attr in self._carried():
                return item.attr
        return None

    def _carried(self) -> set[str]:
        if self._results is None:
            self._results = carriers(self._closure)
        return self._results


def _looked_into(node: ast.AST, function: ast.AST) -> Iterator[ast.Name | ast.Attribute]:
    """The variables and attributes of which the statement of a function uses what is in them."""
    unused = _unused(node)
    for item in walk(node):
        inside: list[ast.expr] = []
        if isinstance(item, ast.Subscript) and isinstance(item.ctx, ast.Load):
            inside = [item.value]
        elif isinstance(item, (ast.For, ast.AsyncFor, ast.comprehension)):
            inside = [] if _is_only_told(item.target, function) else [item.iter]
        elif isinstance(item, (ast.Starred, ast.YieldFrom, ast.FormattedValue)):
            inside = [item.value] if item.value is not None else []
        elif isinstance(item, ast.Call):
            method = item.func if isinstance(item.func, ast.Attribute) else None
            if id(item) not in unused and (method is None or method.attr not in _PUTTING):
                inside = [method.value if method is not None else item.func]
            inside += arguments_of(item) if last_name(item.func) in _GOING_THROUGH else []
        elif isinstance(item, (ast.Compare, ast.BinOp)):
            parts = [item.left, *item.comparators] if isinstance(item, ast.Compare) else [item.left, item.right]
            inside = parts
        for part in inside:
            yield from _objects(part)


def _unused(node: ast.AST) -> set[int]:
    """The ids of the calls of which nobody uses what they give."""
    effects = [item.value for item in walk(node) if isinstance(item, ast.Expr)]
    return {id(item.value if isinstance(item, ast.Await) else item) for item in effects}


def _is_only_told(target: ast.expr, function: ast.AST) -> bool:
    """Is all that a function does with what it goes through to call methods of it (``for one in all: one.start()``)?"""
    if not isinstance(target, ast.Name):
        return False
    unused = _unused(function)
    calls = [item.func for item in walk(function) if isinstance(item, ast.Call) and id(item) in unused]
    told = {id(item.value) for item in calls if isinstance(item, ast.Attribute)}
    used = [item for item in walk(function) if isinstance(item, ast.Name) and item.id == target.id]
    return all(id(item) in told or not isinstance(item.ctx, ast.Load) for item in used)


def _objects(node: ast.AST) -> Iterator[ast.Name | ast.Attribute]:
    """The variables and attributes whose objects an expression is about; not what calls in it are given."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        yield node
    for child in [node.func] if isinstance(node, ast.Call) else children(node):
        yield from _objects(child)
