"""What ran before the loop cannot be undone, so nothing that it used may change; nor may what the loop carries on.

Runs in the user's process.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.active import top_statement
from hrsup_strategies.reload.assignment import Assignment
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import Statement
from hrsup_strategies.reload.identifiers import ANYTHING, bare_names
from hrsup_strategies.reload.import_time import ImportTime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.closure import Closure


def check(callers: list[Active], looping: Active, closure: Closure) -> None:
    """Refuse (HR121) if what ran before the loop may have used what changed, or (HR122) if the loop carries it on."""
    frames = [*callers, looping]
    assert looping.loop is not None
    place = f"the loop in {looping.path}:{looping.loop.lineno}"
    running = {id(top_statement(active)) for active in frames if isinstance(active.node, ast.Module)}
    for index, active in enumerate(frames):
        if isinstance(active.node, ast.Module):
            # Its earlier statements are import-time statements, which the closure has dealt with.
            top = active.node.body.index(top_statement(active))
            earlier = {id(node) for node in active.node.body[:top]}
            before: list[ast.AST] = [node for node in active.before if id(node) not in earlier]
        else:
            before = list(active.before)
            before += active.node.args.defaults
        exempt = ""
        if active is not looping and active.statement is not None:
            before.append(active.statement)
            exempt = frames[index + 1].frame.f_code.co_name
        for node in before:
            _check_node(node, active, closure, exempt, place, running)
    _check_carried(looping, closure)


def _check_node(node: ast.AST, active: Active, closure: Closure, exempt: str, place: str, running: set[int]) -> None:
    if isinstance(node, ast.Pass):
        return
    uses, holds = _uses(node)
    uses.discard(exempt)
    if not may_have_used(uses | holds, closure, running):
        return
    prefix = f"{active.unit}|" if active.unit else None
    for name in sorted(uses):
        if name == ANYTHING or name in closure.tainted or (prefix is not None and prefix + name in closure.tainted):
            raise Refusal("HR121", f"`{name}` ran before {place}", active.path, getattr(node, "lineno", None))
    for name in sorted(holds & closure.values):
        raise Refusal("HR121", f"`{name}` was read before {place}", active.path, getattr(node, "lineno", None))


def may_have_used(names: set[str], closure: Closure, running: set[int]) -> bool:
    """May code that mentions `names` have run what changed, or have looked at it?

    The closure also has what results may have been stored into since; that is no matter for what ran before. Here only
    calls are followed, from mention to definition: a function that is called has been mentioned by whoever calls it, by
    whoever handed it over, or by an import-time statement; methods that are called without a mention count as called.
    `running` are the ids of the top-level statements on the stack: what of them has run is among the `names`.
    """
    changed = closure.functions | closure.values | {ANYTHING}
    seen: set[str] = set()
    handed, aliases = _at_import(closure, running)
    todo = names | handed
    units = [unit for unit in closure.units if f"U:{unit.id}" in closure.tainted]
    reached = {unit.id for unit in units if closure.is_called_unseen(unit)}
    while True:
        for unit in units:
            if unit.id in reached or unit.name in todo:
                if unit.dynamic or unit.id in closure.changed_units:
                    return True
                reached.add(unit.id)
                todo |= unit.globals | unit.binds | {name for name in unit.decorators if name}
        todo |= {name for alias in todo & aliases.keys() for name in aliases[alias]}
        if not todo.isdisjoint(changed):
            return True
        if todo == seen:
            return False
        seen = set(todo)


def _at_import(closure: Closure, running: set[int]) -> tuple[set[str], dict[str, set[str]]]:
    """What import-time statements mention, and the names that imports give to others."""
    mentioned: set[str] = set()
    aliases: dict[str, set[str]] = {}
    for module in closure.modules:
        for top in module.tops:
            node = top.statement.node
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    aliases.setdefault(alias.asname or "", set()).add(alias.name.rpartition(".")[2])
            elif id(node) not in running:
                mentioned |= top.uses | top.holds
    return mentioned, aliases


def _uses(node: ast.AST) -> tuple[set[str], set[str]]:
    if not isinstance(node, ast.stmt):
        return bare_names(node), set()
    out = ImportTime(Statement(node, False, True), True)
    return out.uses, out.holds


def _check_carried(looping: Active, closure: Closure) -> None:
    """A name that an iteration reads before it writes it carries a result over from the one before."""
    loop = looping.loop
    assert loop is not None
    at_module = looping.unit is None
    read_elsewhere = {name for unit in closure.units for name in unit.mentions} if at_module else set()
    start = (
        {item.id for item in ast.walk(loop.target) if isinstance(item, ast.Name)}
        if isinstance(loop, ast.For)
        else set()
    )
    walker = Assignment(set(start))
    if isinstance(loop, ast.While):
        walker.reads(loop.test)
    walker.block(loop.body)
    for name, line in sorted(walker.assigned.items()):
        key = f"{looping.unit}|{name}" if looping.unit else name
        if key in closure.tainted and (name in walker.carried or name in read_elsewhere):
            raise Refusal(
                "HR122", f"`{name}` carries results of what changed to the next iteration", looping.path, line
            )


def living(callers: list[Active], looping: Active) -> dict[str, set[str]]:
    """The functions around the loop, which have not ended, each with the locals that every iteration makes anew."""
    found: dict[str, set[str]] = {active.unit: set() for active in callers if active.unit is not None}
    if looping.unit is not None and looping.loop is not None:
        walker = Assignment(set())
        if isinstance(looping.loop, ast.While):
            walker.reads(looping.loop.test)
        walker.block(looping.loop.body)
        found[looping.unit] = set(walker.assigned) - walker.carried
    return found
