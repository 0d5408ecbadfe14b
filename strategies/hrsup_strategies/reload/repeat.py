"""Import-time statements that used what changed, and are executed again for it. Runs in the user's process; pure."""

from __future__ import annotations

import ast
import os
from functools import partial

from hrsup_strategies.reload import bindings, blocks, classes, functions, stars
from hrsup_strategies.reload.binders import bound_once
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, Statement, is_block, statements
from hrsup_strategies.reload.identifiers import bare_names
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.known import IMPLICIT
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.work import Work


def close(work: Work) -> None:
    """Follow what changed to whatever used it at import time, and make the steps that repeat that."""
    done: set[tuple[int, frozenset[str]]] = set()
    while True:
        work.closure.grow()
        found = [item for item in work.closure.affected() if _has_run(work, item)]
        fresh = [item for item in found if (id(item[1]), frozenset(item[2])) not in done]
        if not fresh and not stars.spread(work):
            break
        for module, top, why in fresh:
            done.add((id(top), frozenset(why)))
            _again(work, module, top, why)
    for unit in work.closure.units:
        if unit.name in IMPLICIT and f"U:{unit.id}" in work.closure.tainted:
            raise Refusal("HR117", f"`{unit.name}` may depend on what changed", unit.path, unit.node.lineno)


def _has_run(work: Work, item: tuple[ModuleNames, ImportTime, set[str]]) -> bool:
    module, top, _ = item
    if module.path in work.diffs and id(top.statement) not in work.pairs:
        return _changed_class(work, module.path, top)
    if work.running is None or top.statement.node is work.running:
        return top.statement.node is not work.running
    body = [statement.node for statement in work.old[module.path].body]
    return work.running not in body or body.index(top.statement.node) < body.index(work.running)


def _changed_class(work: Work, path: str, top: ImportTime) -> bool:
    """A changed class or function statement is not executed as a whole: its unchanged parts may be affected too."""
    return (
        path in work.diffs
        and top.statement.kind in ("class", "def")
        and any(b is top.statement for b, _ in work.diffs[path].changed)
    )


def _again(work: Work, module: ModuleNames, top: ImportTime, why: set[str]) -> None:
    path, before = module.path, top.statement
    if id(before) in work.rebuilt or work.again(module, top, why) or work.entries.takes(path, before, why):
        return
    after = work.pairs.get(id(before), before)
    place = f"{os.path.basename(path)}:{after.node.lineno}"
    text = f"{work.closure.in_words(why)} was used when {place} was imported"
    refusal = Refusal("HR120", text, path, after.node.lineno)
    work.steps.setdefault(path, [])
    if before.kind == "class" and not _changed_class(work, path, top):
        attempt = partial(_again_class, work, path, before, after, why, refusal)
        classes.or_rebuild(work, path, before, after, attempt)
        return
    if id(before) not in work.repeated:
        work.repeated.add(id(before))
        _again_statement(work, path, before, after, why, refusal)
    if before.kind == "import":
        work.changes(_imported(before, why), path)


def _imported(statement: Statement, why: set[str]) -> set[str]:
    """The names that an import statement binds to what goes by one of the names `why` where it comes from; what else it
    binds stays what it was (see ``live``)."""
    node = statement.node
    if not isinstance(node, ast.ImportFrom) or statement.names == ("*",):
        return set(statement.names)
    return {alias.asname or alias.name for alias in node.names if alias.name in why}


def _again_statement(
    work: Work, path: str, before: Statement, after: Statement, why: set[str], refusal: Refusal
) -> None:
    if before.names == ("*",):
        return  # see `stars`
    if id(before) not in work.pairs and path in work.diffs:
        raise refusal  # it changed, and its unchanged parts may be affected too
    bound_once(path, [before], work.old[path].body)
    if before.kind == "def":
        _again_function(work, path, before, after, None, refusal)
        return
    _check_globals(work, path, before)
    if before.kind == "effect" and is_block(before):
        blocks.change(work, path, before, after, refusal)
        return
    if before.kind not in ("import", "assign"):
        raise refusal
    step = Step("run", path, before, after)
    step.names = after.names
    if before.kind == "assign":
        _check_value(work, step, before, after, why, refusal)
        work.changes(set(before.names), path)
    work.steps[path].append(step)


def _check_value(work: Work, step: Step, before: Statement, after: Statement, why: set[str], refusal: Refusal) -> None:
    try:
        bindings.check_built(work, step, before)
        bindings.check_value(work, step.path, after, files=True)
    except Refusal as found:
        raise (found if found.code != "HR112" or why <= work.closure.values else refusal) from None


def _again_class(work: Work, path: str, before: Statement, after: Statement, why: set[str], refusal: Refusal) -> None:
    """An unchanged class whose defaults or attributes used a changed value: only those statements are repeated."""
    bound_once(path, [before], work.old[path].body)
    old, new = before.node, after.node
    assert isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef)
    names = why & work.closure.values
    if _head_names(old) & why:
        raise refusal
    body = statements(old.body)
    for one, two in zip(body, statements(new.body), strict=True):
        inner = ImportTime(one, work.old[path].postponed)
        if not (inner.uses | inner.holds) & names:
            continue
        names |= set(one.names) if one.kind == "assign" else set()
        if id(one.node) in work.repeated:
            continue
        work.repeated.add(id(one.node))
        if one.kind == "def":
            _again_function(work, path, one, two, new.name, refusal)
        elif one.kind == "assign":
            bound_once(path, [one], body)
            classes.attribute(work, path, new, one, two)
        else:
            raise refusal
    if not why <= names:
        raise refusal


def _again_function(
    work: Work, path: str, before: Statement, after: Statement, cls: str | None, refusal: Refusal
) -> None:
    old, new = before.node, after.node
    assert isinstance(old, FunctionNode) and isinstance(new, FunctionNode)
    if not all(ast.unparse(item) in ("staticmethod", "classmethod") for item in new.decorator_list):
        functions.make_anew(work, path, before, after, cls, refusal.reason)
        return
    functions.check_defaults(work, path, old, old=True)
    functions.check_defaults(work, path, new)
    step = Step("function", path, before, after)
    step.cls, step.names, step.signature = cls, after.names, True
    work.steps[path].append(step)
    work.closure.functions.add(new.name)
    work.closure.values |= functions.looks_at(signature=True, documented=False, body=False)
    names = work.old[path].names  # who was called with the old default may have kept it
    work.closure.compare(names, names, f"{path}:{cls}.{new.name}", True)


def _check_globals(work: Work, path: str, statement: Statement) -> None:
    for node in work.old[path].globals:
        if set(node.names) & set(statement.names):
            raise Refusal("HR113", f"`{statement.names[0]}` is bound again by the program", path, node.lineno)


def _head_names(node: ast.ClassDef) -> set[str]:
    """The names in a class statement's bases, keywords and decorators."""
    parts = [*node.bases, *(keyword.value for keyword in node.keywords), *node.decorator_list]
    return {name for part in parts for name in bare_names(part)}
