"""The safe point: waits for the iteration boundary of one loop on one frame, then calls back.

Runs in the user's process, on the main thread. Between two bytecodes is not safe: a loop body that calls two changed
functions would see one old and one new. At the boundary nothing of an iteration is under way. While a commit is
pending, and only then, the one frame has a line trace; no other frame is traced, and nothing is left behind.
"""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.identifiers import last_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from types import FrameType
    from typing import Any

    from hrsup_strategies.reload.active import Loop

    Commit = Callable[[], None]
    Ended = Callable[[Refusal], None]

# Calls that wait and return without having run any of the program's code.
WAITS = frozenset(
    (
        "sleep",
        "get",
        "wait",
        "select",
        "poll",
        "recv",
        "recvfrom",
        "accept",
        "read",
        "readline",
        "input",
        "acquire",
        "pause",
        "sigwait",
        "sigtimedwait",
        "get_message",
        "recv_multipart",
        "recv_bytes",
        "readuntil",
        "readexactly",
        "readlines",
        "sock_recv",
        "sock_accept",
        "wait_for",
        "drain",
    )
)


class Boundary:
    """Calls `commit` once, at the next boundary of `loop` on `frame`; `ended` if the loop is left before."""

    def __init__(self, frame: FrameType, path: str, loop: Loop, commit: Commit, ended: Ended) -> None:
        self.frame, self.path, self.loop = frame, path, loop
        self._commit, self._ended = commit, ended
        self._armed = False
        self._last = (frame.f_lasti, frame.f_lineno)
        forever = isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant)
        self._header = () if forever else _span(loop.test if isinstance(loop, ast.While) else loop)
        self._body = range(loop.body[0].lineno, (loop.body[-1].end_lineno or loop.body[-1].lineno) + 1)
        self._top = min(
            (start for start, _, line in frame.f_code.co_lines() if line is not None and line in self._body), default=0
        )

    def arm(self) -> None:
        """Trace the frame until its next boundary. Raises Refusal (HR133) if something else is tracing."""
        if sys.gettrace() is not None or self.frame.f_trace is not None:
            raise Refusal("HR133", "a debugger or a coverage tool is tracing the program")
        self._armed = True
        self.frame.f_trace = self._trace
        self.frame.f_trace_lines = True
        sys.settrace(_ignore)

    def disarm(self) -> None:
        """Leave no trace behind."""
        if self._armed:
            self._armed = False
            sys.settrace(None)
            self.frame.f_trace = None

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not self._armed:
            return None
        if event == "return":
            self.disarm()
            self._ended(Refusal("HR134", "the loop ended first", self.path, self.loop.lineno, "failed"))
            return None
        if event == "line":
            before, self._last = self._last, (frame.f_lasti, frame.f_lineno)
            if self._is_boundary(before, self._last):
                self.disarm()
                self._commit()
                return None
        return self._trace

    def _is_boundary(self, before: tuple[int, int], now: tuple[int, int]) -> bool:
        if self._header:
            return now[1] in self._header and before[1] in self._body
        return now[0] < before[0] and now[0] <= self._top

    def waits(self, user_names: Container[str]) -> bool:
        """Is the frame inside (or just behind) a wait that is the first or the last thing of its iteration?

        Then nothing of an iteration is under way either. `user_names` are names of the program's own functions, which
        do not count as waits. The caller has made sure that the frame is the innermost of the program's.
        """
        return is_waiting(self.loop, self.frame.f_lineno, user_names)


def is_waiting(loop: Loop, line: int, user_names: Container[str]) -> bool:
    """Is who runs `loop`, and is at `line` of it in its own frame, in a wait between two iterations?

    That is a wait which is the first or the last statement of the body, or the loop's test. A ``yield`` is one if it is
    the last statement: what goes on behind it is the next iteration.
    """
    last = _last_of(loop.body)
    if last is not None and _covers(last, line) and (_is_wait(last, user_names) or _is_yield(last)):
        return True
    if isinstance(loop, ast.AsyncFor):
        simple = not any(isinstance(item, (ast.Await, ast.Call)) for item in ast.walk(loop.iter))
        return simple and line == loop.lineno
    if isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant):
        # The test is part of the iteration, so only an endless loop begins with its first statement.
        test = loop.test.operand if isinstance(loop.test, ast.UnaryOp) else loop.test
        test = test.value if isinstance(test, ast.NamedExpr) else test
        return _covers(loop.test, line) and _is_wait_call(test, user_names)
    if isinstance(loop, ast.For):  # what it goes through has been asked for the next
        return False
    first = loop.body[0]
    while isinstance(first, ast.Try):
        first = first.body[0]
    return _covers(first, line) and _is_wait(first, user_names)


def _covers(node: ast.stmt | ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _is_yield(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield)


def _ignore(frame: FrameType, event: str, argument: Any) -> None:
    return None


def _span(node: ast.expr | ast.For | ast.AsyncFor) -> range:
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return range(node.lineno, node.lineno + 1)
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _last_of(body: list[ast.stmt]) -> ast.stmt | None:
    node = body[-1]
    while isinstance(node, ast.Try):
        if node.orelse or node.finalbody:
            return None
        node = node.body[-1]
    return node


def _is_wait(node: ast.stmt, user_names: Container[str]) -> bool:
    if isinstance(node, ast.Assign):
        if not all(map(_is_plain, node.targets)):
            return False
        call = node.value
    elif isinstance(node, ast.Expr):
        call = node.value
    else:
        return False
    return _is_wait_call(call, user_names)


def _is_plain(target: ast.expr) -> bool:
    """Is this a name, or several that take apart what comes, when the wait is over?"""
    if isinstance(target, ast.Tuple):
        return all(map(_is_plain, target.elts))
    return isinstance(target, ast.Name)


def _is_wait_call(node: ast.expr, user_names: Container[str]) -> bool:
    """A call of a wait; what it is given must be no call but of another wait, as in ``wait_for(queue.get(), 1)``."""
    node = node.value if isinstance(node, ast.Await) else node
    if not isinstance(node, ast.Call):
        return False
    names = [last_name(item.func) for item in ast.walk(node) if isinstance(item, ast.Call)]
    return all(name in WAITS and name not in user_names for name in names)
