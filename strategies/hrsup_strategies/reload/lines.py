"""Line numbers of the program's own code, where a change moves them and the program takes them for values.

Runs in the user's process; pure. A code object, a frame, a traceback, a record of the log says in which line something
is, and to a cold start that is another one for whatever stands below what was added. So the names by which a program
comes to such numbers count as changed then. What is only printed or logged is of its time, and none of this.
"""

from __future__ import annotations

import ast
import re

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.identifiers import RAISED
from hrsup_strategies.reload.known import HEARS_WARNINGS, words
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.definitions import Definitions
    from hrsup_strategies.reload.diff import ModuleDiff
    from hrsup_strategies.reload.work import Work

# What is a number of a line, or gives one, or a text with some.
_NAMES = words(
    "lineno f_lineno tb_lineno co_firstlineno co_lines co_positions co_linetable co_lnotab format_exc format_exception "
    "format_tb format_stack format_list extract_tb extract_stack walk_tb walk_stack TracebackException StackSummary "
    "getframeinfo getouterframes getinnerframes getsourcelines findsource findCaller"
)
_SPELLED = tuple(sorted(name.encode() for name in _NAMES))
_INSPECTS = re.compile(rb"\binspect\b(?s:.*)\b(?:stack|trace)\b")
# Who looks at the lines of an exception that was caught earlier.
_LOOKS_LATER = re.compile(rb"\btb_|\b(?:format_exception|format_tb|extract_tb|walk_tb|TracebackException)\b")
# What is logged or printed with its line, and where else than to the outside that may go.
_SHOWS = re.compile(rb"lineno|\.exception\(|exc_info|stack_info|print_(?:exc|exception|stack|tb)\b|\bwarn\(")
_ELSEWHERE = re.compile(
    rb"StreamHandler\((?!\s*(?:sys\.std(?:out|err)\s*)?\))|\bstream\s*=(?!=|\s*sys\.std)|\bfile\s*=(?!=|\s*sys\.std)"
    rb"|MemoryHandler|BufferingHandler|QueueHandler|redirect_std|\bstd(?:out|err)\s*=(?!=)"
)


def seed(work: Work) -> None:
    """Count as changed what gives line numbers, if some have moved. Refuse (HR122) if they may be in what the program
    reads back."""
    closure = work.closure
    shown = closure.has_match(_SHOWS)
    if not (shown or closure.has_any(_SPELLED) or closure.has_match(_INSPECTS)) or not _have_moved(work):
        return
    noted = closure.has_any((b"__warningregistry__",))  # by the interpreter, for each line that has warned
    if noted or (shown and closure.has_match(_ELSEWHERE) and closure.reads_back()):
        raise Refusal("HR122", "line numbers have moved, and what is written with them may be read again")
    names = _names(closure)
    closure.tainted |= names
    closure.data |= names


def _names(definitions: Definitions) -> set[str]:
    found = {name for name in _NAMES if definitions.has_any((name.encode(),))}
    if definitions.has_match(_INSPECTS):
        found |= {"stack", "trace"}
    if definitions.has_match(_LOOKS_LATER):
        found |= {RAISED, "P:__exit__", "P:__aexit__", "P:excepthook"}
    if definitions.has_any(HEARS_WARNINGS):
        found |= {"warn", "warn_explicit"}
    if definitions.has_match(_SHOWS):
        found.add("P:+")  # the program's own handlers, formatters and streams are given it
    return found


def _have_moved(work: Work) -> bool:
    return any(map(_has_moved, work.diffs.values()))


def _has_moved(diff: ModuleDiff) -> bool:
    if any(_lines(before.node) != _lines(after.node) for before, after in diff.kept):
        return True
    return any(set(_lines(before.node)) != set(_lines(after.node)) for before, after in diff.changed)


def _lines(node: ast.stmt) -> list[int]:
    return [item.lineno for item in walk(node) if isinstance(item, (ast.stmt, ast.expr))]
