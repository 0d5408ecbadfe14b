"""Statements that bind names to values: assignments and imports. Runs in the user's process; pure."""

from __future__ import annotations

import ast

from hrsup_strategies.reload import order
from hrsup_strategies.reload.binders import already_bound, imported, still_bound
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.unseen import unseen
from hrsup_strategies.reload.values import AMBIENT
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work


def binding(work: Work, path: str, before: Statement | None, after: Statement) -> None:
    """The step for a statement that binds names, new or changed."""
    step = Step("run", path, before, after)
    step.names = after.names
    if after.kind == "import":
        work.imports.append((path, after.node))
    elif after.kind == "assign":
        check_value(work, path, after, files=True)
        if before is not None:
            check_built(work, step, before)
    work.steps[path].append(step)
    changed = set(after.names) - _same(work, path, before, after)
    work.changes(changed - unseen(work, path, changed) if after.kind == "import" else changed, path)


def _same(work: Work, path: str, before: Statement | None, after: Statement) -> set[str]:
    """The names that an import statement binds to what they are bound to already."""
    if before is not None:
        found = imported(after.node)
        same = {name for name, what in imported(before.node).items() if found.get(name) == what}
        return same if isinstance(before.node, ast.ImportFrom) else same & still_bound(before.node, work.new[path].body)
    return already_bound(work, path, after.node)


def check_built(work: Work, step: Step, before: Statement) -> None:
    """See to it that `step` is only done if the value still is what this loaded statement has built: it is built once
    more and compared; where files were read, it must be what it was then. Refuse (HR112) if that cannot be asked."""
    try:
        check_value(work, step.path, before, old=True)
    except Refusal:
        if not _is_known_of(work, step.path, before):
            raise
        step.as_made = before.names
    else:
        step.check.append(before)


def _is_known_of(work: Work, path: str, statement: Statement) -> bool:
    """Has it done no more than to read files and to build, and is it known what that gave?"""
    value = getattr(statement.node, "value", None)
    if work.before.reads_of(path, [value], files=True) is None:
        return False
    space = vars(work.modules[path])
    return all(name in space and work.made_of(path, name, space[name]) is not None for name in statement.names)


def check_value(
    work: Work, path: str, statement: Statement, old: bool = False, inner: Iterable[str] = (), files: bool = False
) -> None:
    """Refuse (HR112) if the value that this statement builds cannot be built again, in the new version or the `old`;
    `inner` are the names bound by the class's body that it stands in. With `files` it has not been built before, and
    may be made of what files say."""
    node = statement.node
    assert isinstance(node, (ast.Assign, ast.AnnAssign))
    names = ", ".join(statement.names)
    try:
        check_values(work, path, [node.value], names, node.lineno, old=old, inner=inner)
    except Refusal:
        if not files or not _read_anew(work, path, node):
            raise


def check_values(
    work: Work,
    path: str,
    values: Iterable[ast.expr | None],
    what: str,
    line: int,
    *,
    old: bool = False,
    inner: Iterable[str] = (),
    decorators: Iterable[ast.expr] = (),
) -> None:
    """The same for several expressions, and for decorators that are applied: `what` on this `line` is built of them."""
    reads = (work.before if old else work.after).reads_of(path, values, inner, decorators)
    if reads is None:
        raise Refusal("HR112", f"`{what}` cannot be built again without side effects", path, line)
    work.reads |= reads
    if not old:
        order.check_reads(work, path, reads, line)


def _read_anew(work: Work, path: str, node: ast.Assign | ast.AnnAssign) -> bool:
    """Is it made of what files say, and of nothing that the program may have set since its start? They are read at the
    commit, as a cold start at that moment would."""
    reads = work.after.reads_of(path, [node.value], files=True)
    texts = [version.data for version in work.new.values()]
    if reads is None or work.old.has_any(AMBIENT) or any(word in text for word in AMBIENT for text in texts):
        return False
    order.check_reads(work, path, reads, node.lineno)
    work.reads |= reads
    work.read_anew.append((path, node.lineno))
    return True
