"""In which order modules are executed again. Runs in the user's process; pure."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.import_statements import absolute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.work import Work


def execution_order(work: Work) -> list[str]:
    """The modules with steps, imported ones first. Raises Refusal (HR119) where a circle of imports decides."""
    names = {getattr(work.modules[path], "__name__", ""): path for path in work.steps}
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
                raise Refusal("HR119", "modules that must be executed again import each other", path, 1)
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
    package = getattr(work.modules[path], "__package__", None) or ""
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
