"""In which order steps are done. Runs in the user's process; pure.

Modules that are imported come before those that import them. Where modules that are executed again import each other,
that says nothing: then the order is that of a cold start, statement by statement, and what a statement reads of another
module of the circle must be bound before it there.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload import cold
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.import_statements import absolute
from hrsup_strategies.reload.imports import Imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.work import Step, Work


class Circle(Exception):
    """Modules that are executed again import each other."""


def execution_order(work: Work) -> list[tuple[str, Step]]:
    """The steps in their order, each with the path of its module. Raises Refusal (HR119) where a circle of imports
    decides, and a cold start could not be followed through it."""
    try:
        paths = _by_module(work)
    except Circle:
        return _by_cold_start(work)
    imports = Imports(work, False)
    reads = {(path, module) for path, _, found in work.read_at for module, _ in found if module != path}
    if any(imports.is_in_circle(path, module) for path, module in reads):
        _check_reads(work, cold.follow(work))
    return [(path, step) for path in paths for step in sorted(work.steps[path], key=_place_in_module)]


def _place_in_module(step: Step) -> tuple[bool, int]:
    return step.new is not None, step.line


def _by_cold_start(work: Work) -> list[tuple[str, Step]]:
    start = cold.follow(work)
    order: list[tuple[int, int, int, str, Step]] = []
    for path, steps in work.steps.items():
        for number, step in enumerate(sorted(steps, key=_place_in_module)):
            place = _place(work, start, path, step)
            if place is None:
                raise Refusal("HR119", "modules that must be executed again import each other", path, step.line)
            order.append((place, step.line, number, path, step))
    _check_reads(work, start)
    return [(path, step) for _, _, _, path, step in sorted(order, key=lambda item: item[:4])]


def _place(work: Work, start: cold.ColdStart, path: str, step: Step) -> int | None:
    if step.action == "load":
        return start.completed.get(path)
    if step.new is None:
        return 0  # what goes has gone before anything is executed
    return start.place_of(path, step.line)


def _check_reads(work: Work, start: cold.ColdStart) -> None:
    """Refuse if a cold start would read a name before it is bound."""
    for path, line, reads in work.read_at:
        at = start.place_of(path, line)
        for module, name in reads:
            body = work.version(module, False).body
            bound = [start.place_of(module, item.node.lineno) for item in body if name in item.names]
            if module != path and bound and (at is None or not any(one is not None and one < at for one in bound)):
                raise Refusal("HR119", f"`{name}` would be read before it is bound", path, line)


def _by_module(work: Work) -> list[str]:
    """The modules with steps, imported ones first."""
    names = {getattr(work.modules[path], "__name__", ""): path for path in work.steps if path not in work.departures}
    running = {
        path
        for path, steps in work.steps.items()
        if any(step.executes or step.action == "attributes" for step in steps)
    }
    needs = {path: _needs(work, path, names) for path in work.steps}
    done: list[str] = []
    state: dict[str, int] = {}

    def visit(path: str) -> None:
        if state.get(path) == 1:
            if path in running:
                raise Circle
            return
        if state.get(path) == 2:
            return
        state[path] = 1
        for other in sorted(needs[path]):
            visit(other)
        state[path] = 2
        done.append(path)

    for path in sorted(work.steps):
        visit(path)
    return done


def _needs(work: Work, path: str, names: dict[str, str]) -> set[str]:
    package = work.package_of(path)
    found: set[str] = set()
    version = work.new.get(path) or work.old[path]
    for node in version.imports:
        wanted: list[str] = []
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, package)
            wanted = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        found |= {names[name] for name in wanted if name in names and names[name] != path}
    return found | _needs_of_package(work, path, names)


def _needs_of_package(work: Work, path: str, names: dict[str, str]) -> set[str]:
    """A module of a package that is new, too, is imported while the package is."""
    parent = work.path_of(work.arrivals.get(path, "").rpartition(".")[0])
    return _needs(work, parent, names) - {path} if parent in work.arrivals else set()
