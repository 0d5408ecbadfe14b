"""Statements that bind names to values: assignments and imports. Runs in the user's process; pure."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.import_statements import imported
from hrsup_strategies.reload.values import rebuildable
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.sources import Sources
    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import Work


def binding(work: Work, path: str, before: Statement | None, after: Statement) -> None:
    """The step for a statement that binds names, new or changed."""
    step = Step("run", path, before, after)
    step.names = after.names
    if after.kind == "import":
        _check_import(work, path, after)
    elif after.kind == "assign":
        check_value(work, path, after, work.new)
        if before is not None:
            check_value(work, path, before, work.old)
            step.check.append(before)
    work.steps[path].append(step)
    work.changes(set(after.names), path)


def check_value(work: Work, path: str, statement: Statement, versions: Sources | dict[str, Version]) -> None:
    """Refuse (HR112) if the value that this statement builds cannot be built again."""
    node = statement.node
    assert isinstance(node, (ast.Assign, ast.AnnAssign))
    version = versions[path] if path in versions else work.old[path]
    if not rebuildable(node.value, work.closure.defined, version.names.origins):
        names = ", ".join(statement.names)
        raise Refusal("HR112", f"`{names}` cannot be built again without side effects", path, node.lineno)


def _check_import(work: Work, path: str, statement: Statement) -> None:
    node = statement.node
    package = getattr(work.modules[path], "__package__", None) or ""
    for name in imported(node, package):
        if name not in sys.modules and name.partition(".")[0] not in sys.stdlib_module_names:
            raise Refusal("HR114", f"`{name}` is not loaded yet", path, node.lineno)
