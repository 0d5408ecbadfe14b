"""Compound statements of a module's body that bind names and do nothing else. Runs in the user's process; pure.

``if FAST: ... else: ...`` and ``try: import a ... except ImportError: a = None`` count as one statement that binds
several names, whichever way it goes: when it is executed again, the names that it had bound go first, as if it had
never been executed. What is in it must be pure (see ``purity``), and its imports must find what is loaded already.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload import order
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, statements
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work


def change(work: Work, path: str, before: Statement | None, after: Statement | None, refusal: Refusal) -> None:
    """The step for a block that changed, is new, is gone, or is executed again. Raises `refusal` if one does more than
    bind names."""
    for statement, old in ((before, True), (after, False)):
        if statement is not None:
            check(work, path, statement, old, refusal)
    step = Step("run" if after is not None else "remove", path, before, after)
    step.names = tuple({*(before.names if before else ()), *(after.names if after else ())})
    if before is not None:
        step.check.append(before)
    work.steps[path].append(step)
    work.changes(set(step.names), path)


def check(work: Work, path: str, statement: Statement, old: bool, refusal: Refusal) -> None:
    """Raises `refusal` if a block of the `old` or new version does more than bind names."""
    reads = (work.before if old else work.after).reads_of_block(path, statement)
    if reads is None:
        raise refusal
    work.reads |= reads
    if not old:
        order.check_reads(work, path, reads, statement.node.lineno)
        return
    for item in ast.walk(statement.node):
        if isinstance(item, FunctionNode):  # one that is running cannot be replaced
            function = statements([item])[0]
            work.functions.append((path, function, function))
