"""What changed decides about what happens where no call is spelled, or about what is changed by being looked at.

As in ``deciding``, with the old version each tick sets a mark that stays; with the new one it would not.
"""

from hrsup.bench.cases.deciding import steps
from hrsup.bench.vocabulary import Group

HEAD = """import collections
import contextlib
import copy
import dataclasses
import enum
import functools
import io
import operator
import types

import work

SEEN = []


def low():
    return work.limit() < 11


def mark(kind='marked'):
    if kind not in SEEN:
        SEEN.append(kind)


def nothing():
    pass


"""


def shows(group: Group, name: str, made: str, body: str, shown: str = "SEEN") -> None:
    """`made` is what the module defines, `body` what a tick does, `shown` what it shows."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    steps(group, name, f"{HEAD}{made}\n\n\ndef step():\n{lines}    return str({shown})\n")


# -- methods that run by an operator, a conversion, a loop, a block or a look ------------------------------------------------
unspelled = Group("no-call-is-spelled")
METHODS = {
    "an-operator": ("__add__(self, other)", "1", "one + 1"),
    "an-operator-of-the-other": ("__radd__(self, other)", "1", "1 + one"),
    "a-sign": ("__neg__(self)", "1", "-one"),
    "a-comparison": ("__lt__(self, other)", "True", "one < 1"),
    "an-index": ("__getitem__(self, key)", "1", "one[1]"),
    "an-item-set": ("__setitem__(self, key, value)", "None", "one[1] = 2"),
    "a-membership": ("__contains__(self, key)", "True", "1 in one"),
    "a-loop": ("__iter__(self)", "iter(())", "for _ in one:\n    pass"),
    "unpacked": ("__iter__(self)", "iter(())", "[*one]"),
    "a-condition": ("__bool__(self)", "True", "if one:\n    pass"),
    "a-length": ("__len__(self)", "1", "len(one)"),
    "a-text": ("__str__(self)", "''", "f'{one}'"),
    "a-format": ("__format__(self, text)", "''", "f'{one:>3}'"),
    "a-key": ("__hash__(self)", "1", "{one: 1}"),
    "a-number": ("__float__(self)", "1.0", "float(one)"),
    "a-copy": ("__copy__(self)", "self", "copy.copy(one)"),
    "a-block-entered": ("__enter__(self)", "1\n\n    def __exit__(self, *error):\n        return None", "with one:\n    pass"),
    "a-block-left": ("__exit__(self, *error)", "None\n\n    def __enter__(self):\n        return 1", "with one:\n    pass"),
}
for title, (method, gives, use) in METHODS.items():
    marking = f"class Marking:\n    def {method}:\n        mark()\n        return {gives}\n\n\n"
    plain = f"class Plain:\n    def {method}:\n        return {gives}\n\n\nboth = Plain(), Marking()"
    shows(unspelled, f"{title}-or-not", f"{marking}one = Marking()", "if low():\n    " + use.replace("\n", "\n    "))
    shows(unspelled, f"{title}-of-one-of-two", f"{marking}{plain}", f"one = both[low()]\n{use}")

PROPERTY = "class Marking:\n    @property\n    def now(self):\n        mark()\n        return 1\n\n    def ask(self):\n        return self.now\n\n\nclass Plain:\n    now = 1\n\n\none, both = Marking(), (Plain(), Marking())"
SETTER = "class Marking:\n    @property\n    def now(self):\n        return 1\n\n    @now.setter\n    def now(self, value):\n        mark()\n\n\nclass Plain:\n    now = 1\n\n\none, both = Marking(), (Plain(), Marking())"
for title, made, body in (
    ("a-property-or-not", PROPERTY, "if low():\n    one.now"),
    ("a-property-in-an-and", PROPERTY, "low() and one.now"),
    ("a-property-that-a-method-asks", PROPERTY, "if low():\n    one.ask()"),
    ("a-property-in-a-format", PROPERTY, "low() and '{0.now}'.format(one)"),
    ("a-property-in-a-pattern", PROPERTY, "if low():\n    match one:\n        case Marking(now=1):\n            pass"),
    ("a-property-of-one-of-two", PROPERTY, "one = both[low()]\none.now"),
    ("a-property-of-one-of-two-classes", PROPERTY, "one = Marking() if low() else Plain()\none.now"),
    ("a-cached-property-of-one-of-two", PROPERTY.replace("@property", "@functools.cached_property"), "one = both[low()]\none.now"),
    ("a-setter-of-one-of-two", SETTER, "one = both[low()]\none.now = 2"),
    ("a-setter-by-an-operator", SETTER, "if low():\n    one.now += 1"),
    ("a-descriptor", "class Marks:\n    def __get__(self, one, kind):\n        mark()\n        return 1\n\n\nclass Marking:\n    now = Marks()\n\n\none = Marking()", "if low():\n    one.now"),
    ("the-default-of-a-field", "@dataclasses.dataclass\nclass Marking:\n    now: object = dataclasses.field(default_factory=mark)", "low() and Marking()"),
    ("a-member-that-is-missing", "class Kind(enum.Enum):\n    ONE = 1\n\n    @classmethod\n    def _missing_(cls, value):\n        mark()\n        return cls.ONE", "Kind(2 if low() else 1)"),
    ("what-a-block-closes", "class Marking:\n    def close(self):\n        mark()\n\n\nclass Plain:\n    def close(self):\n        pass\n\n\nboth = Plain(), Marking()", "with contextlib.closing(both[low()]):\n    pass"),
    ("a-method-by-its-name", "class Marking:\n    def close(self):\n        mark()\n\n\nclass Plain:\n    def close(self):\n        pass\n\n\nboth = Plain(), Marking()", "list(map(operator.methodcaller('close'), [both[low()]]))"),
    ("how-it-is-copied", "class Marking:\n    def __reduce__(self):\n        return (mark, ())\n\n\none = Marking()", "low() and copy.copy(one)"),
):
    shows(unspelled, title, made, body)

# -- for which object, and what an attribute holds ---------------------------------------------------------------------------
holding = Group("held-by-what-changed-chose")
KINDS = "class Plain:\n    kind = 'plain'\n\n    def run(self):\n        mark(self.kind)\n\n\nclass Other(Plain):\n    kind = 'other'\n\n\nboth = Plain(), Other()"
RUNS = "class Plain:\n    def go(self):\n        pass\n\n    def run(self):\n        self.go()\n\n\nclass Marking(Plain):\n    def go(self):\n        mark()"
BOX = "class Box:\n    def __init__(self, go=None):\n        self.go = go or (mark if low() else nothing)\n\n    def run(self):\n        self.go()"
for title, made, body in (
    ("what-its-class-says", KINDS, "both[low()].run()"),
    ("what-its-class-says-once-made", KINDS, "one = Other() if low() else Plain()\none.run()"),
    ("a-method-that-another-calls", RUNS, "one = Marking() if low() else Plain()\none.run()"),
    ("by-its-constructor", BOX, "Box().run()"),
    ("by-an-attribute", BOX, "box = Box(nothing)\nif low():\n    box.go = mark\nbox.go()"),
    ("by-a-field", BOX, "types.SimpleNamespace(go=mark if low() else nothing).go()"),
    ("a-function-in-a-function", "", "def inner():\n    mark()\n    return 1\n\nfound = inner() if low() else 0"),
    ("a-function-in-a-function-for-its-effect", "", "def inner():\n    mark()\n\nif low():\n    inner()"),
    ("by-its-class", "class One:\n    go = staticmethod(mark)\n\n\nclass Two:\n    go = staticmethod(nothing)", "(One if low() else Two).go()"),
):
    shows(holding, title, made, body)

# -- what is changed by being looked at --------------------------------------------------------------------------------------
looking = Group("changed-by-a-look")
ROWS = "ROWS = iter([1, 2])"
LEFT = "ROWS.__length_hint__()"
COUNTS = "COUNTS = collections.defaultdict(list)"
BOXED = "class Box:\n    def __init__(self, found):\n        self.found = found\n\n\nbox = Box({})\n\n\ndef look(found, key):\n    return len(found[key])"
CACHED = "@functools.lru_cache\ndef cached(value):\n    return value"
for title, made, body, shown in (
    ("a-loop", ROWS, "if low():\n    for _ in ROWS:\n        pass", LEFT),
    ("a-comprehension", ROWS, "low() and [one for one in ROWS]", LEFT),
    ("a-sum", ROWS, "found = sum(ROWS) if low() else 0", LEFT),
    ("a-membership", ROWS, "found = low() and 2 in ROWS", LEFT),
    ("added-to-a-list", ROWS, "found = []\nif low():\n    found.extend(ROWS)", LEFT),
    ("beside-another", ROWS, "if low():\n    for one, two in zip([1, 2], ROWS):\n        pass", LEFT),
    ("of-an-object", BOXED.format("iter([1, 2])"), "if low():\n    list(box.found)", "box.found.__length_hint__()"),
    ("that-was-given", ROWS, "def take(rows):\n    return list(rows)\n\nif low():\n    take(ROWS)", LEFT),
    ("of-a-generator", "def made():\n    yield 1\n\n\nROWS = made()", "if low():\n    list(ROWS)", "ROWS.gi_frame is None"),
    ("of-a-file", "FILE = io.StringIO('text')", "found = FILE.read() if low() else ''", "FILE.tell()"),
    ("a-key-that-is-made", COUNTS, "if low():\n    COUNTS['a']", "sorted(COUNTS)"),
    ("a-key-that-what-changed-gives", COUNTS, "found = COUNTS[work.limit()]", "sorted(COUNTS)"),
    ("a-key-under-which-it-grows", COUNTS, "COUNTS[work.limit()].append(1)", "sorted(COUNTS)"),
    ("a-default-under-which-it-grows", "COUNTS = {}", "COUNTS.setdefault(work.limit(), []).append(1)", "sorted(COUNTS)"),
    ("a-key-of-an-object", BOXED.format("collections.defaultdict(int)"), "found = box.found[work.limit()]", "sorted(box.found)"),
    ("a-key-of-what-was-given", f"{COUNTS}\n\n\n{BOXED.format('{}')}", "look(COUNTS, work.limit())", "sorted(COUNTS)"),
    ("a-key-by-another-name", COUNTS, "counts = COUNTS\nfound = counts[work.limit()]", "sorted(COUNTS)"),
    ("a-cache-that-tells", CACHED, "if low():\n    cached(1)", "cached.cache_info().currsize"),
    ("a-cache-that-tells-how-many", CACHED, "found = cached(work.limit())", "cached.cache_info().currsize"),
    ("a-property-that-can-be-seen", "class Box:\n    @functools.cached_property\n    def found(self):\n        return 1\n\n\nbox = Box()", "if low():\n    box.found", "list(vars(box))"),
):
    shows(looking, title, made, body, shown)

# -- what settles although it is written as what accumulates ----------------------------------------------------------------
settled = Group("settled-by-an-operator")
STATE = "class State:\n    found = {value}"
for title, value, body in (
    ("a-bit", "5", "State.found &= 0 if low() else 7"),
    ("a-remainder", "11", "State.found %= 10 if low() else 12"),
    ("a-whole-part", "11", "State.found //= 20 if low() else 1"),
    ("a-set-that-loses", "{10, 11, 12}", "State.found -= set([work.limit()])"),
    ("a-set-that-loses-what-a-variable-has", "{10, 11, 12}", "gone = {work.limit()}\nState.found -= gone"),
    ("a-set-that-meets-another", "{10, 11, 12}", "State.found &= {10, 12} if low() else {10, 11, 12}"),
    ("a-list-while-it-is-empty", "[]", "State.found += [1] if low() and not State.found else []"),
):
    shows(settled, title, STATE.format(value=value), body, "State.found")

# -- and what is still done in place ---------------------------------------------------------------------------------------
free = Group("unspelled-and-free")
for title, made, body, shown in (
    ("operators-that-keep-nothing", "class Sum:\n    def __init__(self, value):\n        self.value = value\n\n    def __add__(self, other):\n        return Sum(self.value + other)", "found = Sum(work.limit()) + 1", "found.value"),
    ("a-property-that-keeps-nothing", "class Sum:\n    def __init__(self, value):\n        self.value = value\n\n    @property\n    def twice(self):\n        return self.value * 2", "found = Sum(work.limit()).twice", "found"),
    ("a-list-that-is-gone-through", "ROWS = [1, 2]", "found = [one for one in ROWS if low()]", "found"),
    ("an-iterator-of-this-round", "ROWS = [1, 2]", "rows = iter(ROWS)\nfound = list(rows) if low() else []", "found"),
    ("a-stock-that-is-taken-from", "class Stock:\n    left = 0", "Stock.left -= work.limit()", "work.limit()"),
    ("results-in-a-queue-of-ours", "class Worker:\n    def __init__(self):\n        self.rows = collections.deque()\n\n    def put(self, row):\n        self.rows.append(row)\n\n    def drain(self):\n        found = []\n        while self.rows:\n            found.append(self.rows.popleft())\n        return found\n\n\nworker = Worker()", "worker.put(1)\nfound = [work.limit() for _ in worker.drain()]", "found"),
    ("a-plain-table", "ROWS = {10: 1, 11: 2}", "found = ROWS[work.limit()]", "found"),
    ("counts-of-this-round", "", "counts = collections.defaultdict(int)\ncounts[work.limit()] += 1", "sorted(counts)"),
    ("a-block-anyway", "class Block:\n    def __enter__(self):\n        self.began = 1\n        return self\n\n    def __exit__(self, *error):\n        return None\n\n\nblock = Block()", "with block as one:\n    found = one.began", "found + work.limit()"),
):
    shows(free, title, made, body, shown)

CASES = [*unspelled.cases, *holding.cases, *looking.cases, *settled.cases, *free.cases]
