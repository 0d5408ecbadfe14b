"""What ran before the loop cannot be undone, so nothing that it used may change; nor may what the loop carries on.

Runs in the user's process.
"""

from __future__ import annotations

import ast
import os

from hrsup_strategies.reload.active import top_statement
from hrsup_strategies.reload.asking import Asked
from hrsup_strategies.reload.assignment import Assignment
from hrsup_strategies.reload.calls import may_have_used, runs, uses_of
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.held import Held
from hrsup_strategies.reload.identifiers import ANYTHING, last_name
from hrsup_strategies.reload.script import is_apart
from hrsup_strategies.reload.strands import Moving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.strands import Strand
    from hrsup_strategies.reload.vacant import Vacant


def check(strand: Strand, closure: Closure, roots: set[str], vacant: Vacant, alone: bool = True) -> None:
    """Refuse (HR121) if what a strand ran before its loop may have used what changed, or (HR122) if the loop carries it
    on in more than what is `vacant`. `roots` are the units that other strands have begun with: those are looked at by
    themselves. It may hold what changed where others find it only if it is `alone`."""
    looping = strand.looping
    frames = strand.actives
    if not frames:
        return
    line = looping.loop.lineno if looping is not None and looping.loop is not None else frames[-1].frame.f_lineno
    place = f"the {'loop' if looping is not None else 'wait'} in {os.path.basename(frames[-1].path)}:{line}"
    running = _running(strand, closure)
    held = Held(closure, running, roots, place)
    for index, active in enumerate(frames):
        if isinstance(active.node, ast.Module):
            # Its earlier statements, which come first, are import-time statements: the closure has dealt with these.
            before = active.before[active.node.body.index(top_statement(active)) :]
        else:
            before = list(active.before)
            before += active.node.args.defaults
        held.enter(active, before)
        for node in before:
            if not held.check(node):
                _check_node(node, active, closure, set(), place, running, roots)
        if active is not looping and active.statement is not None:
            inner = frames[index + 1 :]
            under_way = {item.frame.f_code.co_name for item in inner} | _only_call(active.statement)
            running_units = roots | {item.unit for item in inner if item.unit is not None}
            held.leave(active.statement, under_way)
            under_way |= _only_looked_up(active.statement, under_way, closure)
            _check_node(active.statement, active, closure, under_way, place, running, running_units)
    held.check_elsewhere(alone)
    if looping is not None:
        _check_carried(looping, closure, vacant)


def check_begun(names: set[str], strand: Strand, closure: Closure, roots: set[str]) -> None:
    """Refuse (HR121) if what goes by these names, and was called where nothing is spelled, may have used what
    changed."""
    if names and may_have_used(names, closure, _running(strand, closure), roots):
        text = "what the server that runs may have begun with depends on what changed"
        if not strand.actives:
            raise Refusal("HR121", text)
        raise Refusal("HR121", text, strand.actives[-1].path, strand.actives[-1].frame.f_lineno)


def _running(strand: Strand, closure: Closure) -> set[int]:
    """The ids of the statements of modules that the strand is in."""
    running = {id(top_statement(active)) for active in strand.actives if isinstance(active.node, ast.Module)}
    if running:
        running.add(id(closure.running))  # the same, of the loaded version, where the frame has an older one
    return running


def check_other(strand: Strand, closure: Closure, roots: set[str], vacant: Vacant) -> None:
    """The same for a strand that is not the main thread's: one that has no loop may be on its way to its end."""
    try:
        check(strand, closure, roots, vacant, alone=False)
    except Moving:
        raise
    except Refusal:
        if strand.looping is None and not strand.waits:
            raise strand.moving() from None
        raise


def _only_call(node: ast.stmt) -> set[str]:
    """What the statement calls, if that is one thing: the call that it is in."""
    calls = [item for item in ast.walk(node) if isinstance(item, ast.Call)]
    return {name for item in calls if len(calls) == 1 and (name := last_name(item.func)) is not None}


def _only_looked_up(node: ast.AST, under_way: set[str], closure: Closure) -> set[str]:
    """The object whose method the statement is in, if all that it does with it is to find the method: that is one of
    its class, whatever the object has been given to keep."""
    found = [item for item in ast.walk(node) if isinstance(item, ast.Call)]
    function = found[0].func if len(found) == 1 else None
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return set()
    name = function.value.id
    others = [item for item in ast.walk(node) if isinstance(item, ast.Name) and item.id == name]
    is_method = function.attr in under_way and not closure.is_rebound(function.attr)
    is_same = name not in closure.values | closure.chosen.keys
    return {name} if is_method and is_same and len(others) == 1 else set()


def _check_node(
    node: ast.AST,
    active: Active,
    closure: Closure,
    under_way: set[str],
    place: str,
    running: set[int],
    roots: set[str],
) -> None:
    if isinstance(node, ast.Pass):
        return
    module = next((module for module in closure.modules if module.path == active.path), None)
    uses, holds, held = uses_of(node, module, closure)
    uses, holds = uses - under_way, holds - under_way
    names = {root: root.rpartition(".")[2] for root in roots}
    roots = {root for root, name in names.items() if name in under_way or not runs(node, name, closure)}
    if may_have_used(uses | holds, closure, running, roots):
        prefix = f"{active.unit}|" if active.unit else None
        for name in sorted(uses):
            if name == ANYTHING or name in closure.tainted or (prefix is not None and prefix + name in closure.tainted):
                text = f"{closure.in_words({name})} ran before {place}"
                raise Refusal("HR121", text, active.path, getattr(node, "lineno", None))
    for name in sorted((holds | held) & closure.values):
        raise Refusal("HR121", f"`{name}` was read before {place}", active.path, getattr(node, "lineno", None))


def _check_carried(looping: Active, closure: Closure, vacant: Vacant) -> None:
    """A name that an iteration reads before it writes it carries a result over from the one before."""
    loop = looping.loop
    assert loop is not None
    at_module = looping.unit is None
    read_elsewhere = _read_in_functions(looping, closure) if at_module else set[str]()
    start = (
        {item.id for item in ast.walk(loop.target) if isinstance(item, ast.Name)}
        if isinstance(loop, (ast.For, ast.AsyncFor))
        else set()
    )
    walker = Assignment(set(start))
    if isinstance(loop, ast.While):
        walker.test(loop.test)
    walker.block(loop.body)
    for name, line in sorted(walker.assigned.items()):
        key = f"{looping.unit}|{name}" if looping.unit else name
        carries = key in closure.tainted and (name in walker.carried or name in read_elsewhere)
        if carries and not vacant.is_empty(key):
            text = f"`{name}` carries results of what changed to the next iteration"
            raise (Moving if vacant.waits else Refusal)("HR122", text, looping.path, line)
    _check_summed(looping, closure, walker.summed)


def _read_in_functions(looping: Active, closure: Closure) -> set[str]:
    """The names by which functions may read globals of the module whose loop runs. Those of the script are its own
    functions' alone, unless somebody comes to a module, or a frame, by other ways than an import."""
    is_script = looping.frame.f_globals.get("__name__") == "__main__" and is_apart(closure)
    return {name for unit in closure.units if not is_script or unit.path == looping.path for name in unit.mentions}


def _check_summed(looping: Active, closure: Closure, summed: dict[str, int]) -> None:
    """A sum goes on in the next iteration, unless something is made of it that old results decide about."""
    keys = {name: f"{looping.unit}|{name}" if looping.unit else name for name in summed}
    asked = Asked(closure)
    for name, key in sorted(keys.items()):
        if key in closure.tainted and asked.covers(Store(key, "aug"), "aug"):
            text = f"results of what changed, which `{name}` sums up, decide about later iterations"
            raise Refusal("HR122", text, looping.path, summed[name])


def living(strands: list[Strand]) -> dict[str, set[str]]:
    """The functions around the loops, which have not ended, each with the locals that every iteration makes anew."""
    found: dict[str, set[str]] = {}
    for strand in strands:
        for active in strand.actives:
            if active.unit is not None:
                anew = made_anew(active) if active is strand.looping else set()
                found[active.unit] = found.get(active.unit, anew) & anew
    return found


def made_anew(looping: Active) -> set[str]:
    """The names that every round of the loop binds before it reads them."""
    assert looping.loop is not None
    walker = Assignment(set())
    if isinstance(looping.loop, ast.While):
        walker.test(looping.loop.test)
    walker.block(looping.loop.body)
    anew = set(walker.assigned) - walker.carried
    if looping.unit is not None and looping.unit.rpartition(".")[2] != looping.frame.f_code.co_name:
        anew -= set(looping.frame.f_code.co_freevars)  # a nested function's names are written down as its outer one's
    return anew
