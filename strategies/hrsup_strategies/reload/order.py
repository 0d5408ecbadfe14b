"""A cold start executes statements and imports in the order of the new sources. Runs in the user's process; pure."""

from __future__ import annotations

import _thread
import sys

from hrsup_strategies.reload import cold
from hrsup_strategies.reload.binders import spelled_above
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.imports import Imports, imports_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import ModuleDiff
    from hrsup_strategies.reload.work import Work

# They pickle functions by value; loky's and Dask's is cloudpickle.
_BY_VALUE = frozenset(("cloudpickle", "joblib.externals.cloudpickle", "dill", "pyspark.cloudpickle", "ray.cloudpickle"))
# What a program spells that has such pools, though perhaps none right now.
_POOLS = (b"loky", b"joblib", b"Parallel", b"n_jobs", b"dask", b"distributed", b"pickle", b"dill", b"pyspark", b"ray")


def check_running(work: Work, path: str, diff: ModuleDiff) -> None:
    """In the script, what comes after the running statement has not been executed yet."""
    if work.running is None or not any(s.node is work.running for s in diff.old):
        return
    at = next(i for i, s in enumerate(diff.old) if s.node is work.running)
    after_new = work.pairs.get(id(diff.old[at]))
    later_old = {id(s) for s in diff.old[at + 1 :]}
    position = next((i for i, s in enumerate(diff.new) if s is after_new), -1)
    later_new = {id(s) for s in diff.new[position + 1 :]}
    touched = [*diff.removed, *diff.added, *(s for pair in diff.changed for s in pair)]
    for statement in touched:
        if id(statement) in later_old | later_new and statement.kind != "inert":
            raise Refusal("HR131", "a statement behind the running one changed", path, statement.node.lineno)
    for before, after in diff.kept:
        if (id(before) in later_old) != (id(after) in later_new):
            raise Refusal("HR131", "a statement moved past the running one", path, after.node.lineno)


def check_load(work: Work) -> None:
    """A cold start executes what moved, and imports what is named, in the order of the new sources."""
    before, after = Imports(work, True), Imports(work, False)
    loaded = cold.Loaded(work)
    for path, diff in work.diffs.items():
        for imports, statements in ((after, diff.moved), (before, diff.removed)):
            for statement in statements:
                moves = imports is after and imports.finds_what_changes(path, statement)
                plain = imports.only_defines(path, statement) and not moves
                if not plain and not work.entries.touch(path, statement, imports is before):
                    text = "a statement moved or went that does more than bind a name"
                    raise Refusal("HR110", text, path, statement.node.lineno)
        moved = set(map(id, diff.moved))
        for statement in [*diff.removed, *(old for old, _ in diff.changed)]:
            before.check(path, statement, True, loaded)
        for statement in [old for old, new in diff.kept if id(new) in moved]:
            before.check(path, statement, False, loaded)
        for statement in [*diff.added, *(new for _, new in diff.changed), *diff.moved]:
            after.check(path, statement, False, loaded)
    work.circles = before.circles | after.circles
    if work.arrivals or work.departures or any(map(_has_imports, work.diffs.values())):
        work.completion = loaded.order()
        _check_pickled(work)


def _check_pickled(work: Work) -> None:
    """A function that is pickled by value names modules in the order of `sys.modules`, in which whoever gets it imports
    them: where that may be, the order must be a cold start's, or become it (`Loading.arrange`)."""
    names = work.completion
    if _BY_VALUE.isdisjoint(sys.modules) or (names and not _thread._count()):
        return
    if not work.closure.has_any(_POOLS):
        return
    places = set(names)
    there = [name for name in sys.modules if name in places]
    if not names or there + [name for name in names if name not in sys.modules] != names:
        path, line = next(iter(work.imports), (next(iter(work.diffs)), None))
        text = "workers may import modules in another order than after a cold start"
        raise Refusal("HR119", text, path, line.lineno if line is not None else None)


def _has_imports(diff: ModuleDiff) -> bool:
    """Is one of the import statements of a module another, or elsewhere?"""
    changed = [statement for pair in diff.changed for statement in pair]
    return any(imports_in(statement) for statement in [*diff.removed, *diff.added, *diff.moved, *changed])


def check_reads(work: Work, path: str, reads: set[tuple[str, str]], line: int) -> None:
    """Refuse (HR110) if a global that is read when `line` of the new version is executed is bound below it."""
    work.read_at.append((path, line, reads))
    body = (work.new.get(path) or work.old[path]).body
    bound = {name for statement in body if statement.node.lineno < line for name in statement.names}
    below = {name for statement in body if statement.node.lineno >= line for name in statement.names} - bound
    for name in sorted(name for module, name in reads if module == path and name in below):
        raise Refusal("HR110", f"`{name}` is bound below its use", path, line)


def check_precedence(work: Work, path: str) -> None:
    """A cold start runs a body from top to bottom: what is executed again must find its names bound above it."""
    body = (work.new.get(path) or work.old[path]).body
    first: dict[str, int] = {}
    for index, statement in enumerate(body):
        for name in statement.names:
            first.setdefault(name, index)
    again = {id(step.new) for step in work.steps[path]}
    moved = work.diffs[path].moved if path in work.diffs else []
    again |= {id(statement) for statement in moved}
    places = {name for step in work.steps[path] if step.executes for name in step.names}
    places |= {name for statement in moved for name in statement.names}
    for statement in moved:
        if (late := spelled_above(statement, body)) is not None:
            raise Refusal("HR110", f"`{late}` is imported below its use", path, statement.node.lineno)
    for index, statement in enumerate(body):
        if statement.kind != "import" and (id(statement) in again or places):
            top = ImportTime(statement, True)
            names = top.uses | top.holds
            for name in names if id(statement) in again else names & places:
                if first.get(name, -1) >= index and name not in statement.names:
                    raise Refusal("HR110", f"`{name}` is bound below its use", path, statement.node.lineno)
