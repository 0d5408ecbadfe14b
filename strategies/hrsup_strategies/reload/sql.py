"""What a statement for a database does to it that a later round does not do again. Pure; runs in the user's process.

Rows that are put in are the program's own state, and go on. Tables that were made, dropped or renamed under an old
name, or because an old condition said so, stay as they are; so does a table that was emptied, and what was taken back.
"""

from __future__ import annotations

import ast
import re

# The keys of what is altered (``flows.Store``).
ALTERED, EMPTIED, ENDED, NOT_SPELLED = "Q:altered", "Q:emptied", "Q:ended", "Q:"
ENDING = frozenset(("commit", "rollback"))
_EMPTIES = re.compile(r"\s*delete\s+from\b", re.IGNORECASE)
_ALTERS = (
    r"\b(?:create\s+(?:temp\w*\s+|unique\s+|virtual\s+)?(?:table|index|view|trigger)|(?:drop|alter)\s+\w+"
    r"|pragma\s+\w+\s*=)"
)
_ALTERS_HERE = re.compile(_ALTERS, re.IGNORECASE)
# Of a text: may a statement in it do more than put rows in?
ALTERS_ANYWHERE = re.compile((_ALTERS + r"|\bdelete\s+from\b").encode(), re.IGNORECASE)

# Of a text: may a statement in it be written so that what is there stays?
KEEPS_FIRST = re.compile(
    rb"\bor\s+(?:ignore|abort|fail|rollback)\b|\bdo\s+nothing\b|\b(?:coalesce|ifnull|nullif|IntegrityError)\b"
    rb"|\bexists\s*\(|\bselect\s+distinct\b|\(\s*distinct\b|\bselect\s+(?:min|max)\s*\("
    rb"|\bfrom\b(?:(?!\bdesc\b)[^;\"']){0,300}\blimit\s+[\d?:]|\bis\s+null\b|\b(?:max|min)\s*\(\s*\w+\s*,\s*(?:\?|:\w|excluded)"
    # What is deleted by a rule does not come back, and what is put by its key, or changed, stays so. All that is
    # deleted is put there anew.
    rb"|\bdelete\s+from\b[^;\"']{0,300}\bwhere\b|\breplace\s+into\b|\bor\s+replace\b|\bdo\s+update\b|\bupdate\s+[\w{}]+\s+set\b",
    re.IGNORECASE,
)


def altered_by(statement: ast.expr) -> str | None:
    """The key of what this statement alters, by its text as far as that is spelled; None: nothing but rows."""
    if isinstance(statement, ast.Constant):
        text = str(statement.value)
    elif isinstance(statement, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in statement.values)
    else:
        return NOT_SPELLED
    if _ALTERS_HERE.search(text):
        return ALTERED
    return EMPTIED if _EMPTIES.match(text) else None
