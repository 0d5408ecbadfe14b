"""Names that an import binds in one module, and that nobody sees but statements that change with it. Pure; runs in the
user's process.

What changed is followed by name, so an ``import csv`` that comes or goes in one module would stand for the ``csv`` of
all others. It need not be followed where no other statement of the module spells the name, and no other module may get
at it: as an attribute of anything, in a text, by an import from this module, or by a look-up at run time. That concerns
what has run, the loaded versions; new code finds what is new.
"""

from __future__ import annotations

import re

from hrsup_strategies.reload.texts import spells_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.work import Work

_LONG_LINE = rb"(?:[^\n#\\(]|\\\r?\n)*"
_IN_PARENTHESES = rb"\((?:[^)#]|#[^\n]*)*"


def unseen(work: Work, path: str, names: Iterable[str]) -> set[str]:
    """Those of the names that an import statement of this module, which came or went, binds for nobody else."""
    stem = path.rpartition("/")[2].removesuffix(".py")
    if stem == "__init__" or work.closure.looks_up_anything() or not all(map(spells_all, work.old.opaque())):
        return set()
    texts = [*work.old.texts_with(stem), *work.old.texts_with("__main__")]
    if _has(texts, _importing(stem, rb"\*")):
        return set()
    return {name for name in names if not _is_seen(work, path, name) and not _has(texts, _taking(stem, name))}


def _is_seen(work: Work, path: str, name: str) -> bool:
    """Does a statement spell the name that was there before, or may it be asked of the module as of an object?"""
    word = re.escape(name.encode()) + rb"\b"
    if path in work.diffs:
        kept = {id(after) for _, after in work.diffs[path].kept}
        parts = [part.text for part in work.new[path].parts if id(part.statement) in kept]
        if _has(parts, re.compile(rb"\b" + word)):
            return True
    # What follows a quote is a text that may be looked up.
    return _has(work.old.texts_with(name), re.compile(rb"(?:\.[\s\\]*|['\"])" + word))


def _taking(stem: str, name: str) -> re.Pattern[bytes]:
    word = rb"\b" + re.escape(name.encode()) + rb"\b"
    return _importing(stem, rb"(?:" + _IN_PARENTHESES + word + rb"|" + _LONG_LINE + word + rb")")


def _importing(stem: str, names: bytes) -> re.Pattern[bytes]:
    own = rb"\b(?:__main__|" + re.escape(stem.encode()) + rb")"
    return re.compile(rb"\bfrom\b" + _LONG_LINE + own + rb"[\s\\]+import\b[\s\\]*" + names)


def _has(texts: Iterable[bytes], pattern: re.Pattern[bytes]) -> bool:
    return any(map(pattern.search, texts))
