"""Reads and compiles the source of `__main__`. Runs in the program's processes; owns nothing.

With `Agent.wants_statements`, a call of `Agent.before_statement` is put between top-level statements where work begins.
The whole script stays one code object that runs in one frame: running it in pieces would show in a debugger
("--Return--" in the middle of a script), in `f_lineno` of a frame that was kept, and in tracebacks. The call is a
comparison with a constant, which the compiler leaves alone, on the line of the statement that follows.
"""

from __future__ import annotations

import builtins
import sys

from hrsup_agent.hidden import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from hrsup_agent.agent import Agent

_PLACEHOLDER = "hrsup: a statement follows 5b1f0c6e"
_PARSE_ONLY = 0x400


def read(agent: Agent, path: str) -> bytes:
    """The bytes of the file at `path`, unseen by the observers: it is `Agent.loaded` that tells of them."""
    watch = agent.shared.get("files")
    if watch is not None:
        watch.enabled = False
    try:
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    finally:
        if watch is not None:
            watch.enabled = True


def compile_script(agent: Agent, path: str, source: bytes) -> CodeType:
    """The code of a script, with the errors and warnings that ``python path`` gives."""
    _check_encoding(source, path)
    if not agent.wants_statements:
        return _compile(source, path)
    tree: Any = _compile(source, path, _PARSE_ONLY)
    _insert(_nodes(), tree.body, _first_after_header(tree.body))
    code = _compile(tree, path)
    if _PLACEHOLDER not in code.co_consts:
        return code
    gate = _Gate(agent, path)
    return code.replace(co_consts=tuple(gate if value == _PLACEHOLDER else value for value in code.co_consts))


def compile_command(code: str) -> CodeType:
    """The code of ``python -c code``. Since 3.13 its tracebacks show its lines."""
    compiled = compile(code, "<string>", "exec", dont_inherit=True)
    if sys.version_info >= (3, 13):
        linecache: Any = builtins.__import__("linecache")  # the program's own
        linecache._register_code("<string>", code, "<string>")
    return compiled


def _check_encoding(source: bytes, path: str) -> None:
    """Raise what the interpreter raises for a *file* with such bytes; ``compile`` is laxer, or says it differently."""
    head = source.split(b"\n", 2)[:2]
    declared = any(b"#" in line and b"coding" in line for line in head)
    if not declared and not source.isascii():
        _check_utf8(source, path)
    if b"\0" in source:
        number = source.count(b"\n", 0, source.index(b"\0")) + 1
        line = source.splitlines()[number - 1].partition(b"\0")[0].decode("utf-8", "replace")
        _check_start(source, number, path)
        raise SyntaxError("source code cannot contain null bytes", (path, number, 0, line))


def _check_utf8(source: bytes, path: str) -> None:
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        number = source.count(b"\n", 0, error.start) + 1
        byte = source[error.start]
    else:
        return
    _check_start(source, number, path)
    raise SyntaxError(
        f"Non-UTF-8 code starting with '\\x{byte:02x}' in file {path} on line {number}, but no encoding declared; "
        "see https://peps.python.org/pep-0263/ for details"
    )


def _check_start(source: bytes, number: int, path: str) -> None:
    """An error in a line before the bad one comes first; one that is only due to the cut is none."""
    try:
        compile(b"".join(source.splitlines(True)[: number - 1]), path, "exec", _PARSE_ONLY, dont_inherit=True)
    except SyntaxError as error:
        if error.lineno and error.lineno < number - 1 and "never closed" not in error.msg:
            raise error.with_traceback(None) from None


class _Gate:
    """Stands in the script's constants; being compared with a line number means that this line is about to run."""

    __slots__ = ("_agent", "_path")

    def __init__(self, agent: Agent, path: str) -> None:
        self._agent, self._path = agent, path

    @hide
    def __eq__(self, line: object) -> Any:
        # Somebody who traces sees each function that is called from here, and a debugger would stop in it.
        if type(line) is int and sys.gettrace() is None and sys.getprofile() is None:
            made = self._agent.shared.get("made")
            if made is not None:
                made.statement(self._path)
            self._agent.before_statement(self._path, line)
        return False

    # A code object is as hashable as its constants; `reload` and debuggers keep tables of them.
    __hash__ = object.__hash__


def _compile(source: Any, path: str, flags: int = 0) -> CodeType:
    try:
        return compile(source, path, "exec", flags, dont_inherit=True)  # type: ignore[no-any-return]
    except SyntaxError as error:
        # A bad declaration: compile gives the place as line 0 (and other words), the file reader gives none.
        if error.lineno != 0:
            raise
        message = str(error.msg)
        if message.startswith("unknown encoding: "):
            message = "encoding problem: " + message.removeprefix("unknown encoding: ")
        elif message.startswith("'") and "' codec can't decode" in message:
            message = "encoding problem: " + message[1:].partition("'")[0]
    raise SyntaxError(message)


def _first_after_header(body: list[Any]) -> int:
    """The docstring and ``from __future__`` have to stay first."""
    for index, node in enumerate(body):
        kind = type(node).__name__
        if not (kind == "ImportFrom" and node.module == "__future__") and not (index == 0 and kind == "Expr"):
            return index
    return len(body)


def _nodes() -> Any:
    """The syntax node classes; the program does not see that they were imported."""
    seen = "_ast" in sys.modules
    import _ast

    if not seen:
        del sys.modules["_ast"]
    return _ast


def _insert(nodes: Any, body: list[Any], first: int) -> None:
    for index in range(len(body) - 1, first - 1, -1):
        node = body[index]
        if type(node).__name__ == "If":
            _insert(nodes, node.body, 0)
            _insert(nodes, node.orelse, 0)
        start = _first_evaluated(node)
        # Where a statement begins to run on a later line, one more line would be seen by a debugger.
        if start is not None and start.lineno == node.lineno:
            body.insert(index, _call(nodes, node.lineno, start))


def _call(nodes: Any, number: int, start: Any) -> Any:
    """The call of `before_statement`. It has the place of `start`, where an error that a debugger raises points to."""
    end = start if type(start).__name__ in ("Name", "Constant") else None
    place = {
        "lineno": start.lineno,
        "end_lineno": start.end_lineno if end else start.lineno,
        "col_offset": start.col_offset,
        "end_col_offset": start.end_col_offset if end else start.col_offset,
    }
    gate = nodes.Constant(value=_PLACEHOLDER, **place)
    line = nodes.Constant(value=number, **place)
    return nodes.Expr(value=nodes.Compare(left=gate, ops=[nodes.Eq()], comparators=[line], **place), **place)


def _first_evaluated(node: Any) -> Any:
    """The expression with which a statement begins that may take long; None for a statement that cannot."""
    kind = type(node).__name__
    # Not Try: its line has an instruction of its own, which the compiler leaves out where another precedes it there.
    start = {
        "Expr": "value",
        "Assign": "value",
        "AnnAssign": "value",
        "For": "iter",
        "While": "test",
        "If": "test",
        "With": "items",
        "Match": "subject",
    }.get(kind)
    found = node.items[0].context_expr if kind == "With" else getattr(node, start, None) if start else None
    if kind in ("Expr", "Assign", "AnnAssign") and type(found).__name__ in ("Constant", "Name", "Lambda"):
        return None
    while hasattr(found, "lineno") or hasattr(found, "context_expr"):  # the value of a constant is no expression
        node = found
        found = next((getattr(node, name) for name in _LEFTMOST if hasattr(node, name)), None)
        if isinstance(found, list):
            found = found[0] if found else None
    return node if start else None


# In which field of an expression its evaluation begins. A comprehension's own frame does not matter here.
_LEFTMOST = ("func", "left", "keys", "values", "elts", "operand", "test", "value")
