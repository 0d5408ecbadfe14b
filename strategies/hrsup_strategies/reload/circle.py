"""Modules that import each other: does each find what it reads, in the order in which a cold start executes them? Pure;
runs in the user's process.

What they build is the same in whatever order they run, if every name that they read is bound once, and before that:
then there is only one thing that it can stand for. So that is what is looked for, in the new sources.
"""

from __future__ import annotations

import ast
import builtins

from hrsup_strategies.reload import cold
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, is_star
from hrsup_strategies.reload.imports import executed_now
from hrsup_strategies.reload.ingredients import OF_MODULES
from hrsup_strategies.reload.making import bound_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work


def check(work: Work, paths: set[str]) -> None:
    """Refuse (HR119) if one of these modules reads at import time what may not be bound by then, or not for good; or
    did so when it was loaded: what came of that is no longer what would come of it."""
    for old, start in ((False, cold.follow(work)), (True, cold.ColdStart(work, True))):
        for path in sorted(paths - set(work.arrivals if old else work.departures)):
            for statement in work.version(path, old).body:
                if statement.kind not in ("doc", "inert", "import") and _evaluates(statement):
                    _check(work, start, path, statement, old)


def _check(work: Work, start: cold.ColdStart, path: str, statement: Statement, old: bool) -> None:
    at, purity = start.places.get(id(statement)), work.before if old else work.after
    reads = purity.reads if purity.leaves_no_trace(path, statement) else _spelled(path, statement)
    for module, name in sorted(reads):
        if at is None or not _is_there(work, start, module, name, at, old):
            text = f"`{name}` may be read before it is bound, in a circle of imports"
            raise Refusal("HR119", text, path, statement.node.lineno)


def _evaluates(statement: Statement) -> bool:
    node = statement.node
    return not isinstance(node, FunctionNode) or bool(
        node.decorator_list or node.args.defaults or any(node.args.kw_defaults)
    )


def _spelled(path: str, statement: Statement) -> set[tuple[str, str]]:
    """What a statement may read by name that does nothing but define."""
    items = [item for item in executed_now(statement.node) if isinstance(item, ast.Name)]
    bound = {item.id for item in items if not isinstance(item.ctx, ast.Load)}
    if isinstance(statement.node, ast.ClassDef):
        bound |= bound_in(statement.node)
    return {(path, item.id) for item in items} - {(path, name) for name in bound}


def _is_there(work: Work, start: cold.ColdStart, module: str, name: str, at: int, old: bool) -> bool:
    """Is the name bound in this module when `at` statements have been executed, by one that nobody overrides?"""
    names = (work.before if old else work.after).names
    if not names.is_bound(module, name):
        return hasattr(builtins, name) or name in OF_MODULES
    found = names.binding(module, name) if names.module(module, name) is None else None
    origin = start.places.get(id(found[1])) if found is not None else None
    if origin is None or origin >= at:
        return False  # or it is a module, of which anything may be asked
    body = work.version(module, old).body
    named = [start.places.get(id(one)) for one in body if name in one.names]
    starred = [start.places.get(id(one)) for one in body if is_star(one)]
    return any(one is not None and one < at for one in named) or any(
        one is not None and origin < one < at for one in starred
    )
