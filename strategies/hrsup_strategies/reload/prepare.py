"""From changed bytes to a list of steps, with nothing touched. Runs in the user's process.

Every check of the sources is made here and in the modules for one kind of statement each (``bindings``,
``functions``, ``classes``), for the order of statements (``order``) and for what used what changed (``repeat``); what
needs live objects is checked by ``patch`` before its first step.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload import (
    arrivals,
    asgi,
    bindings,
    blocks,
    caches,
    circle,
    classes,
    coming,
    departures,
    functions,
    lines,
    order,
    repeat,
    unloaded,
)
from hrsup_strategies.reload.binders import bound_once, still_bound
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.decorators import keeps_reference
from hrsup_strategies.reload.diff import FunctionNode, ModuleDiff, Statement, is_block, is_star, undecorated
from hrsup_strategies.reload.script import Script
from hrsup_strategies.reload.unseen import unseen
from hrsup_strategies.reload.work import Step, Work


def prepare(work: Work, running: Statement | None) -> None:
    """Make the steps; `running` is the script's statement that is being executed. Raises Refusal."""
    work.running = work.closure.running = running.node if running else None
    work.closure.script = Script(work)
    departures.check(work)
    unloaded.check(work)
    coming.announce(work)
    for path, diff in work.diffs.items():
        work.pairs.update((id(before), after) for before, after in diff.kept)
        _module(work, path, diff)
    arrivals.check(work)
    coming.spread(work)
    departures.check_state(work)
    work.seed()
    lines.seed(work)
    order.check_load(work)
    if work.circles:
        circle.check(work, work.circles)
    repeat.close(work)
    work.entries.settle()
    work.memos.settle()
    unloaded.check_renewed(work)
    for path in work.steps:
        order.check_precedence(work, path)
    for names, node in work.deferred:
        for decorator in node.decorator_list if not work.entries.is_replayed(node) else ():
            if not keeps_reference(work.closure, names, decorator):
                text = f"what `@{ast.unparse(decorator)}` does with a function is not known"
                raise Refusal("HR118", text, names.path, node.lineno)
    caches.check(work)
    asgi.check_annotations(work)


def _module(work: Work, path: str, diff: ModuleDiff) -> None:
    work.steps.setdefault(path, [])
    if path in work.departures:
        for before in diff.removed:
            if before.kind != "inert":
                _remove(work, path, before)
        return
    touched_old = [*diff.removed, *(before for before, _ in diff.changed)]
    touched_new = [*diff.added, *(after for _, after in diff.changed)]
    for statement in [*touched_old, *touched_new]:
        _check_kind(work, path, statement, any(statement is one for one in touched_old))
    bound_once(path, touched_old, diff.old)
    bound_once(path, touched_new, diff.new)
    _check_globals(work, path, [*touched_old, *touched_new])
    order.check_running(work, path, diff)
    for before in diff.removed:
        if before.kind != "inert":
            _remove(work, path, before)
    for before, after in diff.changed:
        _changed(work, path, before, after)
    for after in diff.added:
        if after.kind != "inert":
            _added(work, path, after)


def _check_kind(work: Work, path: str, statement: Statement, old: bool) -> None:
    node = statement.node
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        raise Refusal("HR116", "a `from __future__` import changed", path, node.lineno)
    if "__getattr__" in statement.names or "__dir__" in statement.names:
        raise Refusal("HR110", "what the module does with unknown names changed", path, node.lineno)
    if statement.kind == "effect" and not is_block(statement) and not work.entries.touch(path, statement, old):
        raise _does_more(path, statement)
    if work.running is not None and node is work.running:
        raise Refusal("HR131", "the statement that is running changed", path, node.lineno)


def _does_more(path: str, statement: Statement) -> Refusal:
    return Refusal("HR110", "a changed statement does more than bind a name", path, statement.node.lineno)


def _check_globals(work: Work, path: str, touched: list[Statement]) -> None:
    names = {name for statement in touched for name in statement.names}
    for version in (work.old[path], work.new[path]):
        for node in version.globals:
            if names & set(node.names):
                first = sorted(names & set(node.names))[0]
                raise Refusal("HR113", f"`{first}` is bound again by the program", path, node.lineno)


def _remove(work: Work, path: str, before: Statement) -> None:
    if is_star(before):
        return  # see `stars`
    if work.entries.touch(path, before, True) and before.kind == "effect":
        return  # it is not among those that fill the container anew
    if before.kind == "effect":
        blocks.change(work, path, before, None, _does_more(path, before))
        return
    step = Step("doc" if before.kind == "doc" else "remove", path, before, None)
    step.names = before.names
    if before.kind == "import" and path not in work.departures:
        step.names = _unbound(work, path, before)
    work.steps[path].append(step)
    changed = set(step.names)
    work.changes(changed - unseen(work, path, changed) if before.kind == "import" else changed, path)
    if before.kind == "class":
        work.closure.values |= {
            name for item in ast.walk(before.node) for name in [getattr(item, "name", None)] if name
        }


def _unbound(work: Work, path: str, before: Statement) -> tuple[str, ...]:
    """The names that are bound no more, or by what is executed. Refuse (HR111) if what was there binds one too late."""
    still = still_bound(before.node, work.new[path].body)
    rest = tuple(name for name in before.names if name not in still)
    kept = {name for _, statement in work.diffs[path].kept for name in statement.names}
    for name in rest:
        if name in kept:
            raise Refusal("HR111", f"`{name}` is bound more than once", path, before.node.lineno)
    return rest


def _changed(work: Work, path: str, before: Statement, after: Statement) -> None:
    if before.kind == "inert" or is_star(before):
        return
    if before.kind == "def":
        registered = work.entries.touch_both(path, before, after)
        functions.function(work, path, before, after, None, registered)
    elif before.kind == "class":
        classes.change(work, path, before, after)
    elif before.kind == "doc":
        work.steps[path].append(Step("doc", path, before, after))
        work.closure.values.add("__doc__")
    elif before.kind == "effect":
        blocks.change(work, path, before, after, _does_more(path, after))
    else:
        bindings.binding(work, path, before, after)


def _added(work: Work, path: str, after: Statement) -> None:
    node = after.node
    if is_star(after):
        work.imports.append((path, node))
        return
    if after.kind == "doc":
        work.steps[path].append(Step("doc", path, None, after))
        work.closure.values.add("__doc__")
        return
    registers = work.entries.touch(path, after, False)
    if registers and after.kind == "effect":
        return
    if after.kind == "effect":
        blocks.change(work, path, None, after, _does_more(path, after))
        return
    if isinstance(node, FunctionNode):
        functions.check_new_function(work, path, node, registers)
    elif isinstance(node, ast.ClassDef):
        classes.check_new_class(work, path, undecorated(node) if registers else node)
    bindings.binding(work, path, None, after)
