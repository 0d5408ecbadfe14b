"""What may keep an old content, although the file is read again: `hrsup_strategies.data.keeping`."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from hrsup_strategies.data.keeping import keeper, sources

READ = "def read():\n    return open('f').read()\n"


class OneModule:
    """A program of one module, whose line that reads is the one with ``open``."""

    def __init__(self, source: str) -> None:
        ast.parse(source)
        self._source = source

    def modules(self) -> dict[str, Any]:
        return {"/main.py": None}

    def source(self, path: str) -> bytes:
        return self._source.encode()

    def keeper(self) -> str | None:
        line = next(number for number, line in enumerate(self._source.splitlines(), 1) if "open(" in line)
        return keeper([f"/main.py:{line}"], sources(self), {("/main.py", "main")})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "source",
    [
        READ
        + "M = None\ndef f():\n    global M\n    word = read()\n    if M is None:\n        M = word\n    return M\n",
        READ + "M = None\ndef f():\n    global M\n    word = read()\n    if M:\n        return M\n    M = word\n",
        READ + "M = None\ndef f():\n    global M\n    M = M or read()\n",
        READ + "M = []\ndef f():\n    M.append(read())\n",
        READ + "M = 0\ndef f():\n    global M\n    M = max(M, len(read()))\n",
        READ + "class A:\n    def f(self):\n        old = self.most\n        self.most = max(old, len(read()))\n",
        READ + "M = {}\ndef f():\n    return M.setdefault(1, read())\n",
        READ + "M = {}\ndef f(key):\n    M[key] = read()\n",
        READ + "M = None\ndef init(word):\n    global M\n    M = word\ndef f():\n    if not M:\n        init(read())\n",
        READ + "from functools import lru_cache\n@lru_cache\ndef f(word):\n    return word\n",
        READ + "total = 0\ndef f():\n    global total\n    total += len(read())\n",
        READ + "first = None\nwhile True:\n    word = read()\n    if first is None:\n        first = word\n",
        READ + "def main():\n    old = None\n    for _ in ticks():\n        word = read()\n        old = old or word\n",
        READ + "def main():\n    words = []\n    while True:\n        words.append(read())\n",
        READ + "def f():\n    words = []\n    while True:\n        words.append(read())\n        yield words\n",
        READ + "async def f():\n    words = []\n    while True:\n        words.append(read())\n        await x\n",
        READ + "M = {}\ndef dict():\n    return M\ndef f():\n    all = dict()\n    all[1] += read()\n",
        READ + "M = []\ndef f():\n    words = M\n    for word in read():\n        words.append(word)\n",
        READ + "M = []\ndef f():\n    words = []\n    words = M\n    for word in read():\n        words.append(word)\n",
        READ + "def f():\n    global total\n    for word in read():\n        total += word\n",
    ],
)
def test_what_may_keep_it(source: str) -> None:
    assert OneModule(source).keeper() is not None


@pytest.mark.parametrize(
    "source",
    [
        READ + "while True:\n    print(read())\n",
        READ + "def main():\n    context = start() if X else None\n    while True:\n        print(read(), context)\n",
        # Read again, it is kept anew.
        READ + "M = None\ndef f():\n    global M\n    if M is None:\n        M = read()\n    return M\n",
        READ + "class A:\n    def f(self):\n        if not self.word:\n            self.word = read()\n",
        READ + "def f():\n    word = read()\n    parts = []\n    parts.append(word)\n    return parts\n",
        READ + "M = None\ndef f():\n    global M\n    M = read()\n",
        # The locals of what is not running are made anew.
        "from collections import defaultdict\n"
        + READ
        + "def f():\n    all = defaultdict(int)\n    all[read()] += 2\n    return all\n",
        READ
        + "def f():\n    total, all = 0, {}\n    for word in read():\n        total += word\n        x = total or 1\n",
        READ
        + "def f():\n    all = {}\n    for word in read():\n        all[word] = all.get(word, 0) + 1\n    return all\n",
        READ + "def main():\n    shown = 0\n    while True:\n        shown += 1\n        print(read())\n",
        "seen = None\nwhile True:\n    if now():\n        with open('f') as file:\n            seen = file.read()\n",
    ],
)
def test_what_does_not(source: str) -> None:
    assert OneModule(source).keeper() is None


@pytest.mark.parametrize(
    ("condition", "is_kept"),
    [
        ("name not in SEEN", False),
        ("not SEEN", True),
        ("len(SEEN) < 3", True),
        ("name and name not in SEEN", False),
        ("is_new(SEEN, name)", True),
    ],
)
def test_what_collects_arrivals_one_by_one_keeps_nothing_old(condition: str, is_kept: bool) -> None:
    """A watcher that notes the names it has dealt with is not restarted for a new one."""
    source = (
        f"SEEN = set()\ndef f():\n    for name in listdir('f'):\n        if {condition}:\n            SEEN.add(name)\n"
    )
    program = OneModule(source)
    place = keeper(["/main.py:3"], sources(program), {("/main.py", "main")}, arrivals=True)  # type: ignore[arg-type]
    assert (place is not None) == is_kept


COUNTS = """
def handle(word, counts):
    counts[word] += 1
def main():
    counts, seen = Counter(), set()
    while True:
        for word in listdir("f"):
            if word not in seen:
                seen.add(word)
                handle(word, counts)
        {}
"""


@pytest.mark.parametrize(
    ("use", "is_kept"),
    [
        ("print(sum(counts.values()))", False),
        ("print(counts if len(counts) < 3 else 'many')", True),
        ("full = len(counts) > 3", True),
        ("size = len(counts)\n        if size: break", True),
        ("print([one for one in seen if counts[one]])", True),
        ("handle('turn', counts) if X else None", False),
        ("for one in seen: ranks[one] = len(counts)", True),
        ("for one in seen: text += str(counts)", True),
        ("for one in seen: ranks[one] = rank(one)\ndef rank(one):\n    size = len(counts)\n    return size", True),
    ],
)
def test_what_is_counted_of_arrivals_is_right_if_nothing_is_decided_by_it(use: str, is_kept: bool) -> None:
    """One by one, also in a function that is called for each, whatever it calls what it is given."""
    program = OneModule(COUNTS.format(use))
    place = keeper(["/main.py:7"], sources(program), {("/main.py", "main")}, arrivals=True)  # type: ignore[arg-type]
    assert (place is not None) == is_kept


ITEMS = """
def texts(seen):
    last = None
    for name in listdir("f"):
        if name not in seen:
            try:
                {}text = read(name)
            except ValueError:
                continue
            seen.add(name)
            yield {}
    {}
"""


@pytest.mark.parametrize(
    ("before", "given", "after", "is_kept"),
    [
        ("", "text", "", False),
        ("", "text", "print(text)", True),
        ("print(text); ", "text", "", True),
        ("last = last or name; ", "text", "", True),
        ("", "lambda: text", "", True),
    ],
)
def test_what_is_made_for_each_arrival_and_not_beyond_is_not_kept(
    before: str, given: str, after: str, is_kept: bool
) -> None:
    """A local that every item of the loop binds before it reads it."""
    program = OneModule(ITEMS.format(before, given, after))
    place = keeper(["/main.py:4"], sources(program), {("/main.py", "main")}, arrivals=True)  # type: ignore[arg-type]
    assert (place is not None) == is_kept
