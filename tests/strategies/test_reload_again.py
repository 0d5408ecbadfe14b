"""Statements that a reload executes again because all they do is build a value; and those that it may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_reload_cases import Case, check, loop

BASE = "def scale(x):\n    return x * 2\n"
ITEM = (
    "class Item:\n    def __init__(self, a, b=2):\n        self.a = a\n        self.b = b\n"
    "    def total(self):\n        return self.a + self.b\n"
)
MADE = "from base import Item\nITEM = Item(1)\n"
TABLE = "from base import scale\nT = {k: scale(k) for k in range(3)}\n"
LOUD = (
    "import functools\ndef loud(fn):\n    mark = '!'\n    @functools.wraps(fn)\n    def w(*a):\n        return fn(*a) + mark\n"
    "    return w\n"
)
TIMES = "def times(n):\n    def deco(fn):\n        def w(*a):\n            return ' '.join([fn(*a)] * n)\n        return w\n    return deco\n"
COUNTED = (
    "import functools\nclass Counted:\n    def __init__(self, fn):\n        self.fn = fn\n        functools.update_wrapper(self, fn)\n"
    "    def __call__(self, *a):\n        return '[' + self.fn(*a) + ']'\n"
)
ADDER = "def adder(n):\n    def add(x):\n        return x + n\n    return add\n"
HELD = "import time\nfrom t import {0}\nHOLD = []\nHOLD.append({0})\nwhile True:\n    print(HOLD[0]{1})\n    time.sleep(0.1)\n"


def case(name: str, base: str, user: str, edit: tuple[str, str, str], expect: str = "done", main: str = "") -> Case:
    """`edit` is (file, old, new); the service prints `SHOWN` of t.py, or `main` is the script."""
    script = main or loop("import t", "print(t.shown())")
    file, old, new = edit
    return Case(name, {"main.py": script, "base.py": base, "t.py": user}, {file: [(old, new)]}, expect)


def shown(text: str) -> str:
    """The function that the service prints."""
    return f"def shown():\n    return {text}\n"


CASES = [
    case("table of a function", BASE, TABLE + shown("T"), ("base.py", "x * 2", "x * 5")),
    case(
        "table of functions that call others",
        "K = 2\ndef one(x):\n    return x * K\ndef scale(x):\n    out = []\n    for i in range(2):\n        out.append(one(x) + i)\n    return out\n",
        TABLE + shown("T"),
        ("base.py", "K = 2", "K = 5"),
    ),
    case(
        "key function",
        "def weight(x):\n    return -x\n",
        "from base import weight\nT = sorted([1, 3, 2], key=weight)\n" + shown("T"),
        ("base.py", "-x", "x"),
    ),
    case("instance of other arguments", ITEM, MADE + shown("ITEM.total()"), ("t.py", "Item(1)", "Item(10)")),
    case("instance of a changed class", ITEM, MADE + shown("ITEM.total()"), ("base.py", "self.a = a", "self.a = -a")),
    case(
        "named tuple",
        "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\n",
        "from base import Point\nP = Point(1, 2)\n" + shown("P.x + P.y"),
        ("t.py", "(1, 2)", "(4, 5)"),
    ),
    case("closure of other arguments", ADDER, "from base import adder\nadd = adder(3)\n" + shown("add(1)"), ("t.py", "(3)", "(4)")),
    case("body of a closure", ADDER, "from base import adder\nadd = adder(3)\n" + shown("add(1)"), ("base.py", "x + n", "x - n")),
    case("decorator's wrapper", LOUD, "from base import loud\n@loud\ndef name():\n    return 'tea'\n" + shown("name()"), ("base.py", "(*a) + mark", "(*a) + mark * 2")),
    case("decorator's own body", LOUD, "from base import loud\n@loud\ndef name():\n    return 'tea'\n" + shown("name()"), ("base.py", "'!'", "'?'")),
    case("decorator's argument", TIMES, "from base import times\n@times(2)\ndef name():\n    return 'tea'\n" + shown("name()"), ("t.py", "(2)", "(3)")),
    case("decorator added", LOUD, "from base import loud\ndef name():\n    return 'tea'\n" + shown("name()"), ("t.py", "def name", "@loud\ndef name")),
    case("decorator taken away, in a table", LOUD, "from base import loud\n@loud\ndef name():\n    return 'tea'\nT = {1: name}\n" + shown("T[1]()"), ("t.py", "@loud\n", "")),
    case("class as decorator", COUNTED, "from base import Counted\n@Counted\ndef name():\n    return 'tea'\n" + shown("name()"), ("base.py", "'['", "'('")),
    case("signature under a class", COUNTED, "from base import Counted\n@Counted\ndef name():\n    return 'tea'\n" + shown("name()"), ("t.py", "name():\n    return 'tea'", "name(x='y'):\n    return x")),
    case("decorated method's wrapper", LOUD, "from base import loud\nclass A:\n    @loud\n    def name(self):\n        return 'tea'\na = A()\n" + shown("a.name()"), ("base.py", "(*a) + mark", "(*a) + mark * 2")),
    case("new function that is decorated", LOUD, "from base import loud\n" + shown("1"), ("t.py", shown("1"), "@loud\ndef name():\n    return 'tea'\n" + shown("name()"))),
    case("new function with a memo", "", "import functools\n" + shown("1"), ("t.py", shown("1"), "@functools.lru_cache(maxsize=9)\ndef name():\n    return 'tea'\n" + shown("name()"))),
    case("a function becomes a lambda", "", "def name():\n    return 1\n" + shown("name()"), ("t.py", "def name():\n    return 1\n", "name = lambda: 2\n")),
    case("a class becomes a function", "", "class name:\n    def __init__(self):\n        self.a = 1\n    def __str__(self):\n        return 'x'\n" + shown("str(name())"), ("t.py", "class name:\n    def __init__(self):\n        self.a = 1\n    def __str__(self):\n        return 'x'\n", "def name():\n    return 2\n")),
    # What may not be executed again, and what nobody else may hold.
    case("counts its calls", "N = [0]\ndef scale(x):\n    N.append(x)\n    return len(N)\n", TABLE + shown("T"), ("base.py", "len(N)", "-len(N)"), "HR120"),
    case("changes its argument", "def scale(x):\n    x.append(1)\n    return len(x)\n", "from base import scale\nA = []\nT = scale(A)\n" + shown("T, A"), ("base.py", "len(x)", "-len(x)"), "HR120"),
    case("changes another name's object", "G = []\ndef scale(x):\n    y = G\n    y += [1]\n    return len(y)\n", TABLE + shown("T"), ("base.py", "len(y)", "-len(y)"), "HR120"),
    case("prints", "def scale(x):\n    print('scaled')\n    return x\n", TABLE + shown("T"), ("base.py", "return x", "return -x"), "HR120"),
    case("reads a clock", "import time\ndef scale(x):\n    return time.monotonic() > 0\n", TABLE + shown("T"), ("base.py", "> 0", "< 0"), "HR120"),
    case("calls its argument", "def scale(x):\n    return x()\n", "from base import scale\nT = scale(lambda: 1)\n" + shown("T"), ("base.py", "x()", "-x()"), "HR120"),
    case("writes itself down", "ALL = []\nclass Item:\n    def __init__(self, a):\n        self.a = a\n        ALL.append(self)\n", "import base\n" + MADE + shown("[i.a for i in base.ALL]"), ("base.py", "self.a = a", "self.a = -a"), "HR120"),
    case("has changed since", ITEM, MADE + "def shown():\n    ITEM.a += 1\n    return ITEM.b\n", ("base.py", "self.b = b", "self.b = b * 3"), "HR113"),
    case("is made of what has changed since", "", "L = [1, 2]\nX = min(L)\ndef shown():\n    L.append(9)\n    return X\n", ("t.py", "min(L)", "max(L)"), "HR113"),
    case("is made of what comes later", "", "A = 1\ndef f():\n    return A\nX = f()\nB = 2\n" + shown("X"), ("t.py", "return A", "return B"), "HR110"),
    case("instance held by another", ITEM, MADE, ("base.py", "self.a = a", "self.a = -a"), "done", HELD.format("ITEM", ".a")),
    case("decorated function held by another", LOUD, "from base import loud\n@loud\ndef name():\n    return 'tea'\n", ("t.py", "@loud\n", ""), "done", HELD.format("name", "()")),
    case("function held that becomes another thing", "", "def name():\n    return 1\n", ("t.py", "def name():\n    return 1\n", "name = lambda: 2\n"), "done", HELD.format("name", "()").replace("HOLD = []\nHOLD.append(name)", "HOLD = [name]")),
    case("decorator that keeps a registry", "R = {}\ndef reg(key):\n    def d(fn):\n        R[key] = fn\n        return fn\n    return d\n", "import base\nfrom base import reg\n@reg('x')\ndef a():\n    return 'a'\n" + shown("sorted((k, f()) for k, f in base.R.items())"), ("t.py", "'x'", "'y'"), "done"),
    case("decorator that sorts its registry", "R = []\ndef reg(key):\n    def d(fn):\n        R.append((key, fn))\n        R.sort(key=lambda pair: pair[0])\n        return fn\n    return d\n", "import base\nfrom base import reg\n@reg(2)\ndef a():\n    return 'a'\n@reg(1)\ndef b():\n    return 'b'\n" + shown("[(k, f()) for k, f in base.R]"), ("t.py", "reg(2)", "reg(0)"), "HR118"),
    case("class as decorator that counts", COUNTED.replace("self.fn = fn", "self.fn = fn\n        self.n = 0").replace("return '['", "self.n += 1\n        return '['"), "from base import Counted\n@Counted\ndef name():\n    return 'tea'\n" + shown("name()"), ("t.py", "name():\n    return 'tea'", "name(x='y'):\n    return x"), "HR1"),
    case("function kept by an instance, and called by it", "class Item:\n    def __init__(self, f):\n        self.a = sorted([2, 1], key=f)\n", "from base import Item\nC = []\nITEM = Item(lambda x: C.append(x) or x)\n" + shown("ITEM.a, C"), ("base.py", "[2, 1]", "[4, 3]"), "HR1"),
    case("base that is constructed too", ITEM + "class More(Item):\n    def __init__(self, a):\n        super().__init__(a * 2)\n", "from base import More\nITEM = More(1)\n" + shown("ITEM.total()"), ("base.py", "a * 2", "a * 3")),
    case("base that writes itself down", "ALL = []\nclass Item:\n    def __init__(self, a):\n        self.a = a\n        ALL.append(a)\nclass More(Item):\n    def __init__(self, a):\n        super().__init__(a * 2)\n", "import base\nfrom base import More\nITEM = More(1)\n" + shown("base.ALL"), ("base.py", "a * 2", "a * 3"), "HR120"),
    case("iterates over what counts", "class Count:\n    n = 0\n    def __iter__(self):\n        Count.n += 1\n        return iter([Count.n])\nC = Count()\n", "from base import C\nX = list(C)\n" + shown("X"), ("t.py", "list(C)", "tuple(C)"), "HR112"),
    case("class attribute that the program counts", "class Item:\n    n: int = 0\n    def __init__(self, a):\n        self.a = a + self.n\n", "from base import Item\nITEM = Item(1)\ndef shown():\n    Item.n += 1\n    return ITEM.a\n", ("t.py", "Item(1)", "Item(2)"), "HR113"),
    case("tests an instance that counts", "class Loud:\n    n = []\n    def __init__(self, a):\n        self.a = a\n    def __bool__(self):\n        Loud.n.append(1)\n        return True\nA = Loud(1)\n", "from base import A\ndef f():\n    return 1 if A else 2\nX = f()\n" + shown("X"), ("t.py", "1 if A", "3 if A"), "HR1"),
    case("operators of others are no matter", "class Loud:\n    n = []\n    def __init__(self, a):\n        self.a = a\n    def __bool__(self):\n        Loud.n.append(1)\n        return True\nRATE = 2\n", "from base import RATE\nX = RATE * 10 if RATE else 0\n" + shown("X"), ("base.py", "RATE = 2", "RATE = 3")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_executed_again_is_what_a_cold_start_builds(case: Case, tmp_path: Path) -> None:
    """A value that is built again, and all who have it, are as after a cold start; or nothing is touched."""
    check(case, tmp_path)
