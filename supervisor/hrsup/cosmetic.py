"""Is an edit of Python source only comments and layout, and could the program notice (supervisor process; pure)?

Two versions have the same meaning if their syntax trees are equal but for positions; docstrings are part of the tree.
The program may still see the edit: through line numbers if any moved, through the source text itself. Whether it looks
is decided by the words in its sources: a false alarm costs one run, so the lists are generous.
"""

from __future__ import annotations

import gc
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

# How far an edit reaches: the text of lines only, also line numbers, the meaning.
TEXT, LINES, MEANING = "text", "lines", "meaning"

_SEES_TEXT = re.compile(
    rb"\b(inspect|getsource\w*|get_source|get_data|linecache|tokenize|traceback|print_exc\w*|format_exc\w*|exc_info|exception"
    rb"|print_stack|warn|warn_explicit|doctest|findsource|getcomments|__loader__|Memory|ic|jit|snoop|pysnooper|devtools)\b"
)
_SEES_LINES = re.compile(
    rb"(\w*lineno\w*|\bco_(lines|positions|linetable)|\b(_getframe|currentframe|getframeinfo|settrace|setprofile|monitoring"
    rb"|stack_info|stacklevel|findCaller|faulthandler|cProfile|profile|pstats|tracemalloc|pdb|breakpoint|coverage|dis|ast"
    rb"|marshal|cloudpickle|dill|__code__|RichHandler|CallsiteParameter\w*|Console)\b)"
)
# Third-party modules that show the line, or the text, of whoever calls them.
_SHOWS_TEXT = frozenset({"icecream", "loguru", "pysnooper", "snoop", "devtools", "stackprinter", "better_exceptions"})
_SHOWS_LINES = frozenset({"line_profiler", "memory_profiler", "varname", "coverage", "pytest", "sentry_sdk", "fastapi"})


def extent(old: bytes | None, new: bytes | None) -> str:
    """How far the edit from `old` to `new` reaches; `MEANING` too if one is not known or does not parse."""
    if old is None or new is None:
        return MEANING
    import ast  # 5 ms at start-up, for something that an edit may need later

    try:
        with warnings.catch_warnings(), _no_collection():
            warnings.simplefilter("ignore")  # of the user's invalid escapes; the program's own compiler tells of them
            before, after = ast.parse(old), ast.parse(new)
            if not _mean_the_same(before, after, old, new):
                return MEANING
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return MEANING
    return TEXT if _lines(before) == _lines(after) else LINES


@contextmanager
def _no_collection() -> Iterator[None]:
    """Trees have no cycles, and those of a large module would be looked through again and again while they grow."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _mean_the_same(before: ast.Module, after: ast.Module, old: bytes, new: bytes) -> bool:
    """Are the trees equal but for positions? Statements of the same text are; with other encodings, the same bytes may
    be other text."""
    from hrsup_strategies.reload.diff import first_line
    from hrsup_strategies.reload.trees import alike

    if len(before.body) != len(after.body) or b"coding" in old[:500] or b"coding" in new[:500]:
        return alike(before, after)

    def text(node: ast.stmt, lines: list[bytes]) -> tuple[int, int | None, list[bytes]]:
        return node.col_offset, node.end_col_offset, lines[first_line(node) - 1 : node.end_lineno]

    lines_old, lines_new = old.splitlines(), new.splitlines()
    return all(
        text(one, lines_old) == text(two, lines_new) or alike(one, two)
        for one, two in zip(before.body, after.body, strict=True)
    )


def observer(extent: str, loaded: Iterable[bytes | None], foreign: Iterable[str]) -> str | None:
    """What in the program might notice an edit that reaches as far as `extent`; None if nothing does.

    `loaded` holds the sources of all user modules (None where one is not known: it might do anything).
    """
    modules = set(foreign)
    shown = modules & (_SHOWS_TEXT | _SHOWS_LINES if extent == LINES else _SHOWS_TEXT)
    if shown:
        return min(shown)
    for source in loaded:
        if source is None:
            return "a source that is not known"
        match = _SEES_TEXT.search(source) or (_SEES_LINES.search(source) if extent == LINES else None)
        if match:
            return match.group().decode(errors="replace")
    return None


def _lines(tree: ast.AST) -> list[tuple[int, int]]:
    import ast

    nodes = (node for node in ast.walk(tree) if hasattr(node, "lineno"))
    return [(getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)) for node in nodes]
