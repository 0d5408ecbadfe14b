"""Which edits leave it as it is what a module does while it is imported."""

from __future__ import annotations

import pytest

from hrsup_agent.warm.skeleton import alike

BEFORE = """
\"\"\"A stage.\"\"\"
import numpy as np
from functools import cache

LIMIT = 3
TABLE = make()


@cache
def load(name, limit=LIMIT):
    return name


class Stage:
    size: int = 4

    def run(self):
        return load("x")


np.seterr(all="ignore")


def make():
    return 1
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A stage", "Another stage"),
        ("LIMIT = 3", "LIMIT = 4  # more"),
        ("return name", "return name.upper()"),
        ("limit=LIMIT", "limit=LIMIT, more=()"),
        ("size: int = 4", "size: int = 5"),
        ('load("x")', 'load("y")'),
        ("def run", "def work(self):\n        return 1\n\n    def run"),
    ],
)
def test_definitions_may_change(old: str, new: str) -> None:
    """What functions do, and what plain names are bound to."""
    assert old in BEFORE
    assert alike(BEFORE.encode(), BEFORE.replace(old, new).encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import numpy as np", "import os, numpy as np"),
        ("import numpy as np", ""),
        ("LIMIT = 3", "LIMIT = len('abc')"),
        ("TABLE = make()", "TABLE = make(2)"),
        ("LIMIT = 3", "LIMIT = 3\nnp.seterr(all='warn')"),
        ("@cache", "@other"),
        ("limit=LIMIT", "limit=int(LIMIT)"),
        ("class Stage", "class Stage(Base)"),
        ("size: int = 4", "size: int = field()"),
        ("LIMIT = 3", "np.limit = 3"),
        ("LIMIT = 3", "if LIMIT: pass"),
        ("return 1", "return 2"),  # it is called while the module is imported
        ("LIMIT = 3", "LIMIT = "),
    ],
)
def test_what_is_done_may_not(old: str, new: str) -> None:
    """Imports, calls, decorators, bases, whatever is neither: nor what a function does that is called then."""
    assert old in BEFORE
    assert not alike(BEFORE.encode(), BEFORE.replace(old, new).encode())
