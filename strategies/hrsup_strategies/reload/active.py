"""Where the program is: the frames of its own on the main thread's stack, and the outermost loop among them.

Runs in the user's process.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, first_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from hrsup_strategies.reload.diff import Statement

    Loop = ast.While | ast.For | ast.AsyncFor


_EXPRESSIONS = frozenset(("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>"))


class InExpression(Refusal):
    """The frame is not one of a function but of a comprehension or a generator expression: it is over when that is."""


class Active:
    """A frame of the user's on the stack: its function (or module) and what of it ran before the active statement."""

    __slots__ = ("before", "frame", "loop", "node", "path", "statement", "unit")

    def __init__(self, frame: FrameType, path: str, tree: ast.Module) -> None:
        self.frame, self.path = frame, path
        self.node, self.unit = _function_of(frame, tree, path)
        self.before: list[ast.AST] = []
        self.statement: ast.stmt | None = None
        self.loop: Loop | None = None
        self._descend(self.node.body, frame.f_lineno)

    def _descend(self, body: list[ast.stmt], line: int) -> None:
        # Of several statements on one line the last counts as the active one, the others as done: both are cautious.
        last = bisect_right(body, line, key=first_line) - 1
        if last >= 0 and line <= (body[last].end_lineno or body[last].lineno):
            self.before += body[:last]
            self._enter(body[last], line)
        else:
            self.before += body

    def _enter(self, node: ast.stmt, line: int) -> None:
        self.statement = node
        if isinstance(node, (ast.While, ast.For, ast.AsyncFor)):
            if _within(node.body, line) or (isinstance(node, ast.While) and _covers(node.test, line)):
                self.loop = node
                self.before.append(ast.Pass() if isinstance(node, ast.While) else node.iter)
                return
            self.before.append(node)
        elif isinstance(node, (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)):
            for block, skipped in _blocks(node):
                if _within(block, line):
                    self.before += skipped
                    self._descend(block, line)
                    return


def locate(frames: Iterable[FrameType], read: Callable[[FrameType], tuple[str, ast.Module]]) -> list[Active]:
    """Of these frames, outermost first, those up to the first that runs a loop, and that one; all, if none does. `read`
    gives the path and the tree that a frame's code is of. Raises Refusal (HR130)."""
    actives = []
    for frame in frames:
        active = Active(frame, *read(frame))
        actives.append(active)
        if active.loop is not None:
            if active.loop.lineno == active.loop.body[0].lineno:
                raise Refusal("HR130", "the loop is written on one line", active.path, active.loop.lineno)
            break
    return actives


def is_in_place(active: Active, tree: ast.Module) -> bool:
    """Is what runs at the same lines in this version of the module?"""
    node: ast.AST = top_statement(active) if isinstance(active.node, ast.Module) else active.node
    wanted = ast.dump(node, include_attributes=True)
    same = [item for item in ast.walk(tree) if type(item) is type(node) and getattr(item, "lineno", 0) == node.lineno]  # type: ignore[attr-defined]
    return any(ast.dump(item, include_attributes=True) == wanted for item in same)


def top_statement_of(statements: list[Statement], line: int) -> Statement | None:
    """The statement of a module's body that covers `line`."""
    return next((s for s in statements if s.node.lineno <= line <= (s.node.end_lineno or s.node.lineno)), None)


def top_statement(active: Active) -> ast.stmt:
    """The statement of the module's body that the frame is in."""
    line, body = active.frame.f_lineno, active.node.body
    return body[bisect_left(body, line, key=lambda node: node.end_lineno or node.lineno)]


def _function_of(
    frame: FrameType, tree: ast.Module, path: str
) -> tuple[ast.Module | ast.FunctionDef | ast.AsyncFunctionDef, str | None]:
    code = frame.f_code
    if code.co_name == "<module>":
        return tree, None
    around = _around(tree.body, code.co_firstlineno)
    for owner, body in [(None, around), *((n.name, n.body) for n in around if isinstance(n, ast.ClassDef))]:
        for outer in _flat(body):
            if not isinstance(outer, FunctionNode):
                continue
            for node in ast.walk(outer):  # the names of a nested function are those of the one that it is in
                if not isinstance(node, FunctionNode) or node.name != code.co_name:
                    continue
                if first_line(node) == code.co_firstlineno:
                    return node, f"{path}:{owner}.{outer.name}"
    kind = InExpression if code.co_name in _EXPRESSIONS else Refusal
    raise kind("HR130", f"`{code.co_name}` on the stack was not found in the source", path, code.co_firstlineno)


def _around(body: list[ast.stmt], line: int) -> list[ast.stmt]:
    """The statement that covers the line, if there is one; a decorated one begins with its decorators."""
    last = bisect_right(body, line, key=first_line)
    return body[max(0, last - 1) : last]


def _flat(body: list[ast.stmt]) -> list[ast.stmt]:
    found = []
    for node in body:
        found.append(node)
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            found += _flat([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)])
    return found


def _covers(node: ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _within(body: list[ast.stmt], line: int) -> bool:
    return bool(body) and body[0].lineno <= line <= (body[-1].end_lineno or body[-1].lineno)


def _blocks(node: ast.stmt) -> list[tuple[list[ast.stmt], list[ast.AST]]]:
    """The blocks of a compound statement, each with what ran before it."""
    if isinstance(node, ast.If):
        return [(node.body, [node.test]), (node.orelse, [node.test])]
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return [(node.body, [item.context_expr for item in node.items])]
    if isinstance(node, (ast.Try, ast.TryStar)):
        ran: list[ast.AST] = [*node.body]
        blocks: list[tuple[list[ast.stmt], list[ast.AST]]] = [(node.body, [])]
        blocks += [(handler.body, ran) for handler in node.handlers]
        everything = [*ran, *node.orelse, *(item for handler in node.handlers for item in handler.body)]
        return [*blocks, (node.orelse, ran), (node.finalbody, everything)]
    if isinstance(node, ast.Match):
        whole: list[ast.AST] = [node.subject]
        return [(case.body, [*whole, case.pattern, *([case.guard] if case.guard else [])]) for case in node.cases]
    return []
