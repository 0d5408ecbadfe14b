"""Where a program sets a flag, and not always: ``if limit > 3: self.over = True``. Pure; runs in the user's process.

What is read anew decides about such a flag, but what the old data decided stays. A flag that is set in each branch, or
at the beginning of each round, is no memory.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.assignment import Assignment
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import LEAVING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SCOPES = (*FunctionNode, ast.ClassDef)
_LOOPS = (ast.While, ast.For, ast.AsyncFor)


def marked(scope: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> set[int]:
    """The lines of these assignments in a function, and in those that it makes; or in the loops of a script."""
    if isinstance(scope, ast.Module):
        scopes: list[ast.Module | ast.FunctionDef | ast.AsyncFunctionDef] = [scope]
    else:
        scopes = [item for item in ast.walk(scope) if isinstance(item, FunctionNode)]
    return {item.lineno for one in scopes for item in _in_block(one.body, False, set(), _carried(one.body))}


def _in_block(body: list[ast.stmt], sometimes: bool, settled: set[str], carried: set[str]) -> Iterator[ast.stmt]:
    """`settled` is what is set whichever branch is taken."""
    for statement in body:
        if isinstance(statement, _SCOPES):
            continue
        if sometimes and isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            targets = {ast.unparse(target) for target in statement.targets if _lasts(target, carried)}
            yield from [statement] if targets - settled else []
        for part, branches in _parts(statement):
            inner = _always_set(statement) if branches else settled
            yield from _in_block(part, sometimes or branches, inner, carried)
        if any(isinstance(item, LEAVING) for item in ast.walk(statement)):
            sometimes, settled = True, set()


def _parts(statement: ast.stmt) -> Iterator[tuple[list[ast.stmt], bool]]:
    """The blocks in a statement; is each come by only sometimes?"""
    plain = isinstance(statement, (ast.With, ast.AsyncWith, ast.While, ast.Try, ast.TryStar))
    yield getattr(statement, "body", []), not plain
    yield getattr(statement, "orelse", []), True
    yield getattr(statement, "finalbody", []), False
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body, True


def _always_set(statement: ast.stmt) -> set[str]:
    """What both branches of an ``if`` set."""
    if not isinstance(statement, ast.If):
        return set()
    return _set_by(statement.body) & _set_by(statement.orelse)


def _set_by(body: list[ast.stmt]) -> set[str]:
    targets = (target for item in body if isinstance(item, ast.Assign) for target in item.targets)
    nested = (_always_set(item) for item in body)
    return {ast.unparse(target) for target in targets}.union(*nested)


def _lasts(target: ast.expr, carried: set[str]) -> bool:
    return isinstance(target, (ast.Attribute, ast.Subscript)) or (isinstance(target, ast.Name) and target.id in carried)


def _carried(body: list[ast.stmt]) -> set[str]:
    """The variables that go over from one round of a loop to the next, and the globals that are set."""
    found: set[str] = set()
    for statement in body:
        for item in [] if isinstance(statement, _SCOPES) else ast.walk(statement):
            if isinstance(item, _LOOPS):
                walker = Assignment(set())
                walker.block(item.body)
                found |= walker.carried
            elif isinstance(item, ast.Global):
                found |= set(item.names)
    return found
