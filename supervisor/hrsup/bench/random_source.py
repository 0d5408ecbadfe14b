"""The words of random programs: how each kind of definition is written, used and shown. Pure. Runs in the bench.

In a definition ``{n}`` is its own name and ``{a}``, ``{b}``, ``{c}`` are numbers; in an expression ``{r}`` is whatever
the module that shows it calls it by. The variants of a kind are what people turn one into another: other bodies,
signatures, decorators, bases, fields, members. ``{hub}`` is the module in which registries and decorators live.
"""

# A definition is best read on one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import NamedTuple


class Variant(NamedTuple):
    """One way to write a definition: the imports it needs, its text, and an expression that shows it."""

    imports: str
    text: str
    shown: str


class Form(NamedTuple):
    """One way to use a definition of another module: imports, text, and the name it then goes by; `shown`, where it is
    not empty, replaces the expression that shows it. In these ``{m}`` is the other module, ``{s}`` its last part,
    ``{t}`` the definition's name there, ``{u}`` a name of this use, ``{e}`` the expression with that name in it."""

    imports: str
    text: str
    name: str
    shown: str = ""


def _v(text: str, shown: str, imports: str = "") -> Variant:
    return Variant(imports, text, shown)


HUB = """
HANDLERS = {}


def handles(name):
    def add(function):
        HANDLERS[name] = function
        return function

    return add


def marked(text):
    def wrap(function):
        return lambda *args, **named: f"{text}{function(*args, **named)}"

    return wrap


def twice(function):
    return lambda *args, **named: [function(*args, **named)] * 2


class Base:
    unit = "kg"

    def describe(self):
        return f"{self.value()} {self.unit}"


class Other(Base):
    unit = "lb"
"""

KINDS: dict[str, tuple[Variant, ...]] = {
    "constant": (
        _v("{n} = {a}", "{r}"),
        _v("{n} = '{a}'", "{r}"),
        _v("{n} = [{a}, {b}]", "{r}"),
        _v("{n} = {{'x': {a}, 'y': {b}}}", "sorted({r}.items())"),
        _v("{n} = ({a}, {b}, {c})", "{r}"),
    ),
    "function": (
        _v("def {n}(x):\n    return x + {a}", "{r}({b})"),
        _v("def {n}(x, y={a}):\n    return x * {c} - y", "{r}({b})"),
        _v("def {n}(x, *, y):\n    return x * {a} - y", "{r}({b}, y={c})"),
        _v("def {n}(*xs, **named):\n    total = {a}\n    for x in xs:\n        total += x\n    return total + len(named)", "{r}({b}, 2, k={c})"),
        _v("def {n}(x):\n    for step in range({a}):\n        yield x + step", "list({r}({b}))"),
        _v("{n} = lambda x: x * {a}", "{r}({b})"),
        _v("def {n}(x):\n    def inner(y):\n        return y + x\n\n    return inner({a})", "{r}({b})"),
        _v("def {n}(x):\n    \"\"\"With a note.\"\"\"\n    try:\n        return {a} // (x - {b})\n    except ZeroDivisionError:\n        return 'none'", "{r}({b})"),
    ),
    "decorated": (
        _v("@marked({a})\ndef {n}(x):\n    return x + {b}", "{r}({c})", "from {hub} import marked"),
        _v("@twice\ndef {n}(x):\n    return x + {b}", "{r}({c})", "from {hub} import twice"),
        _v("@twice\n@marked({a})\ndef {n}(x):\n    return x + {b}", "{r}({c})", "from {hub} import marked, twice"),
        _v("def {n}(x):\n    return x + {b}", "{r}({c})"),
    ),
    "class": (
        _v("class {n}:\n    rate = {a}\n\n    def value(self):\n        return self.rate * {b}", "{r}().value()"),
        _v("class {n}:\n    rate = {a}\n    more = {c}\n\n    def value(self):\n        return self.half() + self.more\n\n    def half(self):\n        return self.rate * {b}", "{r}().value()"),
        _v("class {n}:\n    def __init__(self, rate={a}):\n        self.rate = rate\n\n    @property\n    def doubled(self):\n        return self.rate * 2\n\n    def value(self):\n        return self.doubled + {b}", "{r}().value()"),
        _v("class {n}(Base):\n    def value(self):\n        return {a}", "{r}().describe()", "from {hub} import Base"),
        _v("class {n}(Other):\n    def value(self):\n        return super().unit * {a}", "{r}().describe()", "from {hub} import Other"),
        _v("class {n}:\n    @classmethod\n    def make(cls):\n        return cls()\n\n    @staticmethod\n    def value():\n        return {a}", "{r}.make().value()"),
        _v("class {n}:\n    __slots__ = ('x',)\n\n    def __init__(self):\n        self.x = {a}\n\n    def value(self):\n        return self.x", "{r}().value()"),
    ),
    "dataclass": (
        _v("@dataclass\nclass {n}:\n    x: int = {a}", "str({r}())", "from dataclasses import dataclass"),
        _v("@dataclass\nclass {n}:\n    x: int = {a}\n    y: int = {b}", "str({r}())", "from dataclasses import dataclass"),
        _v("@dataclass(frozen=True)\nclass {n}:\n    y: int = {b}\n    x: int = {a}", "str({r}())", "from dataclasses import dataclass"),
        _v("@dataclass\nclass {n}:\n    x: int\n    y: list = field(default_factory=list)", "str({r}({c}))", "from dataclasses import dataclass, field"),
    ),
    "enum": (
        _v("class {n}(Enum):\n    A = {a}\n    B = 1{b}", "[(one.name, one.value) for one in {r}]", "from enum import Enum"),
        _v("class {n}(Enum):\n    A = {a}\n    B = 1{b}\n    C = 2{c}", "[(one.name, one.value) for one in {r}]", "from enum import Enum"),
        _v("class {n}(IntEnum):\n    B = 1{b}\n    A = {a}", "[(one.name, one + 1) for one in {r}]", "from enum import IntEnum"),
    ),
    "closure": (
        _v("def make_{n}(k):\n    def inner(x):\n        return x * k + {a}\n\n    return inner\n\n\n{n} = make_{n}({b})", "{r}({c})"),
        _v("def make_{n}(k, j):\n    def inner(x):\n        return (x - j) * k\n\n    return inner\n\n\n{n} = make_{n}({b}, {a})", "{r}({c})"),
    ),
    "cached": (
        _v("@lru_cache\ndef {n}(x):\n    return x * {a}", "{r}({b})", "from functools import lru_cache"),
        _v("@cache\ndef {n}(x):\n    return x - {a}", "{r}({b})", "from functools import cache"),
        _v("def {n}(x):\n    return x * {a}", "{r}({b})"),
    ),
    "table": (
        _v("{n} = [x * {a} for x in range({b})]", "{r}"),
        _v("{n} = {{x: x + {a} for x in range({b})}}", "sorted({r}.items())"),
        _v("{n} = tuple(sorted([{a}, {b}, {c}]))", "list({r})"),
    ),
    "handler": (
        _v("@handles('{n}')\ndef {n}():\n    return {a}", "{r}()", "from {hub} import handles"),
        _v("@handles('{n}/{b}')\ndef {n}():\n    return {a}", "{r}()", "from {hub} import handles"),
        _v("def {n}():\n    return {a}", "{r}()"),
    ),
    "tuple": (
        _v("{n} = namedtuple('{n}', 'x y')", "str({r}({a}, {b}))", "from collections import namedtuple"),
        _v("{n} = namedtuple('{n}', 'x y z', defaults=[{c}])", "str({r}({a}, {b}))", "from collections import namedtuple"),
    ),
    "error": (
        _v("class {n}(Exception):\n    code = {a}", "{r}('x').code"),
        _v("class {n}(ValueError):\n    code = {a}\n\n    def __str__(self):\n        return f'error {{self.code}}'", "str({r}('x'))"),
    ),
}  # fmt: skip

FORMS: dict[str, Form] = {
    "from": Form("from {m} import {t}", "", "{t}"),
    "alias": Form("from {m} import {t} as {u}", "", "{u}"),
    "module": Form("import {m}", "", "{m}.{t}"),
    "named": Form("import {m} as {u}", "", "{u}.{t}"),
    "relative": Form("from .{s} import {t}", "", "{t}"),
    "star": Form("from {m} import *", "", "{t}"),
    "lazy": Form("", "def {u}():\n    from {m} import {t}\n\n    return {e}", "{t}", "{u}()"),
    "default": Form("from {m} import {t}", "def {u}(x={e}):\n    return x", "{t}", "{u}()"),
    "decorator": Form(
        "from {hub} import marked\nfrom {m} import {t}", "@marked({e})\ndef {u}():\n    return 'd'", "{t}", "{u}()"
    ),
    "at-import": Form("from {m} import {t}", "{u} = [{e}, 'at import']", "{t}", "{u}"),
    "bound": Form("from {m} import {t}", "{u} = {t}", "{u}"),
    "in-list": Form("from {m} import {t}", "{u} = [{t}]", "{u}[0]"),
    "memo": Form(
        "from {m} import {t}",
        "{u}_memo = {{}}\n\n\ndef {u}():\n    if 1 not in {u}_memo:\n        {u}_memo[1] = {e}\n    return {u}_memo[1]",
        "{t}",
        "{u}()",
    ),
    "cached": Form("from functools import lru_cache\nfrom {m} import {t}", "@lru_cache\ndef {u}():\n    return {e}", "{t}", "{u}()"),
    "try": Form(
        "try:\n    from {m} import {t} as {u}\nexcept ImportError:\n    {u} = None", "", "{u}", "'none' if {u} is None else {e}"
    ),
    "handler": Form(
        "from {hub} import handles\nfrom {m} import {t}", "@handles('{u}')\ndef {u}():\n    return {e}", "{t}", "{u}()"
    ),
    "base": Form("from {m} import {t}", "class {u}({t}):\n    pass", "{u}"),
    "instance": Form("from {m} import {t}", "class {u}({t}):\n    extra = 1\n\n\n{u}_one = {u}()", "{u}", "[{e}, {u}_one.extra]"),
}  # fmt: skip
CLASSES = frozenset({"class", "error"})  # what may be a base class
ONLY_CLASSES = frozenset({"base", "instance"})

READERS = {
    "json": "json.loads(path.read_text())",
    "text": "path.read_text().split()",
    "csv": "list(csv.reader(path.read_text().splitlines()))",
    "folder": "sorted(one.name for one in path.iterdir() if one.suffix == '.txt')",
}
READ = """
def read_{k}():
    path = Path(__file__).parent / "{path}"
    try:
        return {read}
    except FileNotFoundError:
        return "missing"
"""

BATCH_MAIN = """
{imports}
from {hub} import HANDLERS

{reads}
def main():{pool}
    print("{title}")
{prints}
    print(sorted((name, handler()) for name, handler in HANDLERS.items()))


{start}
"""
SERVICE_MAIN = """
import time

{imports}
from {hub} import HANDLERS

{reads}
def tick():
    shown = [{shows}]
    shown.append(sorted((name, handler()) for name, handler in HANDLERS.items()))
    return "{title} " + " ".join(str(one) for one in shown)


def main():{pool}
    count = 0
    while True:
        count += 1
        print(f"{{count}}\\t{{tick(){work}}}", flush=True)
        time.sleep({pause})


{start}
"""
POOLS = {
    "spawn": "ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('spawn'))",
    "fork": "ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('fork'))",
    "Pool": "multiprocessing.get_context('spawn').Pool(2)",
    "fork-Pool": "multiprocessing.get_context('fork').Pool(2)",
    "loky": "get_reusable_executor(2)",
}
