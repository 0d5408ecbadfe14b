"""What ran before the loop, and which names an object goes by: what reload may bring in, and what it must refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_reload_cases import loop, run

MAIN = """
import time
from work import *

def main():
    {before}
    while True:
        print({shown})
        time.sleep(0.1)

if __name__ == "__main__":
    main()
"""
BOX = "def f():\n    return 2\nclass Box:\n    def __init__(self):\n        self.n = 0\n    def show(self):\n        return f()\n"
INIT = "def f():\n    return 2\nclass Box:\n    def __init__(self):\n        self.n = f()\n"
TABLE = "def f():\n    return 2\nT = {'a': f}\ndef g():\n    return T['a']()\n"
WIRED = "import threading\nR = []\ndef f():\n    return 2\nclass T(threading.Thread):\n    def run(self):\n        R.append(f())\ndef g():\n    t = T()\n    t.start()\n    t.join()\n    return R[0]\n"
STORE = "import sqlite3\ndef f():\n    return 2\nclass Store:\n    def __init__(self, name):\n        self.lines = {'name': name}\n    def show(self):\n        return ', '.join(str(x) for x in [f(), self.lines['name']])\n"


@pytest.mark.parametrize(
    ("work", "before", "shown", "done"),
    [
        (BOX, "box = Box()", "box.show(), box.n", True),
        (STORE, "store = Store('a')", "store.show()", True),
        (INIT, "box = Box()", "box.n, f()", False),
        (TABLE, "kept = g()", "kept, f()", False),
        (WIRED, "kept = g()", "kept, f()", False),
    ],
    ids=["object whose method changed", "object given a name", "constructor", "through a table", "through a thread"],
)
def test_what_ran_before_the_loop(work: str, before: str, shown: str, done: bool, tmp_path: Path) -> None:
    """Applied only if what ran before the loop cannot have run what changed; then it is as after a cold start."""
    files = {
        "main.py": MAIN.format(before=before, shown=shown).replace("import *", "import " + _names(work)),
        "work.py": work,
    }
    after = work.replace("return 2", "return 3")
    (tmp_path / "hot").mkdir()
    (tmp_path / "cold").mkdir()
    outcome, printed = run(tmp_path / "hot", files, [{"work.py": after}])[1]
    assert (outcome["state"] == "done") == done, outcome
    if done:
        assert printed[0] == run(tmp_path / "cold", {**files, "work.py": after}, [])[0][1][0]
    else:
        assert outcome["code"] == "HR121", outcome


def _names(work: str) -> str:
    heads = [line.split("(")[0].split(":")[0] for line in work.splitlines() if line.startswith(("def ", "class "))]
    return ", ".join(head.split()[1] for head in heads)


HEAD = "CACHE = {}\nITEMS = []\ndef price(x):\n    return x * 2\n"


@pytest.mark.parametrize(
    ("body", "done"),
    [
        ("def tick():\n    d = {'a': CACHE}\n    if 3 not in CACHE:\n        d['a'][3] = price(3)\n    return CACHE[3]\n", False),
        ("def tick():\n    d = {'a': ITEMS}\n    if not ITEMS:\n        d['a'].append(price(3))\n    return ITEMS\n", False),
        ("def tick():\n    c = ITEMS\n    if not ITEMS:\n        c.append(price(3))\n    return ITEMS\n", False),
        ("def fill(c):\n    c.append(price(3))\ndef tick():\n    if not ITEMS:\n        fill(ITEMS)\n    return ITEMS\n", False),
        ("class Box:\n    def __init__(self, t):\n        self.t = t\n    def __setitem__(self, k, v):\n        self.t[k] = v\ndef tick():\n    c = Box(CACHE)\n    if 3 not in CACHE:\n        c[3] = price(3)\n    return CACHE[3]\n", False),
        ("def tick():\n    rows = {}\n    rows['a'] = price(3)\n    out = []\n    out.append(price(2))\n    return rows, out\n", True),
    ],
    ids=["item", "append to an item", "append to an alias", "append to a parameter", "set item", "made on the spot"],
)  # fmt: skip
def test_a_memo_that_goes_by_another_name(body: str, done: bool, tmp_path: Path) -> None:
    """A container that is filled once under the name of something else keeps its results."""
    (tmp_path / "hot").mkdir()
    files = {"main.py": loop("import work", "print(work.tick())"), "work.py": HEAD + body}
    outcome, _ = run(tmp_path / "hot", files, [{"work.py": files["work.py"].replace("x * 2", "x * 5")}])[1]
    assert (outcome["state"], outcome["code"]) == (("done", None) if done else ("refused", "HR122")), outcome
