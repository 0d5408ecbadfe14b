"""The order in which a module or a class has its names. Runs in the user's process; touches nothing.

A name that is added comes last in a namespace that exists, wherever its statement stands. Who goes through ``vars()``
sees that, so where the program may do so and the order would be another than after a start, the change is refused.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import Statement, statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hrsup_strategies.reload.work import Work

_LOOKS = (b"vars", b"__dict__", b"globals", b"locals")


def check(work: Work) -> None:
    """Refuse (HR110, or HR117 of a class) if names would be out of order, and the program may go through them."""
    looked_before = work.old.has_any(_LOOKS)
    if not looked_before and not any(word in version.data for version in work.new.values() for word in _LOOKS):
        return
    # Until now nobody looked, so an earlier change may have put modules out of order that this one leaves alone.
    for path in work.new if looked_before else work.modules:
        module = work.modules.get(path)
        if module is not None:
            _check_module(work, path, vars(module))


def _check_module(work: Work, path: str, space: Mapping[str, object]) -> None:
    body, before = work.version(path, False).body, work.version(path, True).body
    name = _misplaced(body, before, space)
    if name is not None:
        raise Refusal("HR110", f"`{name}` would not stand in its place in `vars()` of the module", path)
    olds = {statement.names[0]: statement.node for statement in before if statement.kind == "class"}
    anew = {id(step.new) for step in work.steps.get(path, ()) if step.executes}
    for statement in body:
        old, cls = (olds.get(statement.names[0]), space.get(statement.names[0])) if statement.names else (None, None)
        if not isinstance(statement.node, ast.ClassDef) or not isinstance(old, ast.ClassDef):
            continue
        if not isinstance(cls, type) or id(statement) in anew:
            continue
        name = _misplaced(statements(statement.node.body), statements(old.body), vars(cls))
        if name is not None:
            text = f"`{name}` would not stand in its place in `vars({statement.names[0]})`"
            raise Refusal("HR117", text, path, statement.node.lineno)


def _misplaced(body: list[Statement], before: list[Statement], space: Mapping[str, object]) -> str | None:
    """The first name of a body that would not be where a start puts it. Those bound more than once do not count, nor do
    those that the namespace has not, though a statement bound them."""
    gone = {name for statement in before for name in statement.names if name not in space}
    every = [name for statement in body for name in statement.names]
    twice = set(every) if len(set(every)) != len(every) else set[str]()
    twice = {name for name in twice if every.count(name) > 1}
    names = [name for name in _in_order(body) if name not in twice and name not in gone]
    wanted = set(names)
    there = [name for name in space if name in wanted]
    after = there + [name for name in names if name not in space]
    return next((name for name, other in zip(names, after, strict=True) if name != other), None)


def _in_order(body: list[Statement]) -> Iterator[str]:
    """What is bound where its statement stands; a module that is imported may have been bound to its package before."""
    for statement in body:
        has_value = not isinstance(statement.node, ast.AnnAssign) or statement.node.value is not None
        if statement.kind in ("def", "class", "assign") and len(statement.names) == 1 and has_value:
            yield statement.names[0]
