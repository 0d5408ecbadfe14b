"""What changed decides, within an expression or by what it raises, whether something is done once and for all.

Each tick may set a mark that stays. With the old version it does, with the new one it would not.
"""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

LIMIT = "def limit():\n    return 10\n"
MARKS = """import contextlib
import functools
import itertools

import work

MARKS = []


def low():
    return work.limit() < 11


def check():
    if not low():
        raise ValueError("too high")


def mark():
    if not MARKS:
        MARKS.append('marked')
    return True


class Swallow:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return True


@contextlib.contextmanager
def forgiving():
    try:
        yield
    except ValueError:
        pass


swallow = Swallow()
"""


def decides(group: Group, name: str, body: str, more: str = "") -> None:
    """`body` is what a tick does; the state is whether there is a mark."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    base = f"{MARKS}\n\n{more}def step():\n{lines}    return str(MARKS)\n"
    steps(group, name, base)


def steps(group: Group, name: str, base: str, state: str = "base.step()", imports: str = "import base") -> None:
    """`base` is the module that the tick uses, and that asks the limit which is edited."""
    group.service(name, {WORK: LIMIT, BASE: base, MAIN: loop(imports, state)}, sub(WORK, "10", "11"))


# -- within an expression -----------------------------------------------------------------------------------------------
within = Group("decided-within")
decides(within, "conditional", "mark() if low() else 0")
decides(within, "conditional-given-back", "found()", "def found():\n    return mark() if low() else None\n\n\n")
decides(within, "conditional-of-a-parameter", "go(low())", "def go(wanted):\n    return mark() if wanted else 0\n\n\n")
decides(within, "and-of-a-parameter", "go(low())", "def go(wanted):\n    return wanted and mark()\n\n\n")
decides(within, "and-in-a-lambda", "(lambda: low() and mark())()")
decides(within, "not-and", "not (low() and mark())")
decides(within, "and-in-an-argument", "dict(a=low() and mark())")
decides(within, "conditional-in-a-text", "f\"{mark() if low() else ''}\"")
decides(within, "conditional-in-a-tuple", "(0, mark() if low() else 0)")
decides(within, "conditional-that-is-added", "count = 0\ncount += mark() if low() else 0")
decides(within, "conditional-in-an-index", "found = {}\nfound[mark() if low() else 1] = 1")
decides(within, "conditional-in-a-with", "with swallow if not low() else (mark() and swallow):\n    pass")
decides(within, "comparisons-in-a-row", "work.limit() < 11 < 12 * mark()")
decides(within, "a-dict-comprehension", "{one: mark() for one in [1] if low()}")
decides(within, "a-generator", "list(mark() for _ in [1] if low())")
decides(within, "which-function", "(mark if low() else str)()")
decides(within, "which-of-a-list", "[str, mark][low()]()")
decides(within, "which-of-a-dict", "{True: mark, False: str}[low()]()")
decides(within, "how-often-by-a-filter", "list(map(lambda _: mark(), filter(lambda _: low(), [1])))")

# -- by what it raises --------------------------------------------------------------------------------------------------
raising = Group("decided-by-raising")
TRY = "try:\n    {body}\nexcept ValueError:\n    pass"
STEPS = "def steps():\n    check()\n    mark()\n\n\n"
decides(raising, "the-line-before", TRY.format(body="check()\n    mark()"))
decides(raising, "an-assertion", "try:\n    assert low()\n    mark()\nexcept AssertionError:\n    pass")
decides(raising, "an-operator", "try:\n    str(1 / (work.limit() - 11))\n    mark()\nexcept ZeroDivisionError:\n    pass")
decides(raising, "within-an-if", TRY.format(body="if True:\n        check()\n        mark()"))
decides(raising, "within-a-loop", TRY.format(body="for _ in [1]:\n        check()\n        mark()"))
decides(raising, "in-the-same-line", TRY.format(body="check(), mark()"))
decides(raising, "in-a-function", TRY.format(body="steps()"), STEPS)
decides(raising, "in-a-function-in-the-same-line", TRY.format(body="steps()"), "def steps():\n    return [check(), mark()]\n\n\n")
decides(raising, "two-functions-down", TRY.format(body="between()"), f"{STEPS}def between():\n    return steps()\n\n\n")
decides(raising, "in-a-function-inside", f"def inner():\n    check()\n    mark()\n\n{TRY.format(body='inner()')}")
decides(raising, "in-a-method", TRY.format(body="Steps().run()"), "class Steps:\n    def run(self):\n        check()\n        mark()\n\n\n")
decides(raising, "in-a-constructor", TRY.format(body="Steps()"), "class Steps:\n    def __init__(self):\n        check()\n        mark()\n\n\n")
decides(raising, "in-a-property", TRY.format(body="Steps().now"), "class Steps:\n    @property\n    def now(self):\n        check()\n        return mark()\n\n\n")
decides(raising, "in-a-generator", TRY.format(body="list(steps())"), "def steps():\n    check()\n    yield mark()\n\n\n")
decides(raising, "caught-by-who-is-given-it", "retry(steps)", f"{STEPS}def retry(function):\n    try:\n        function()\n    except ValueError:\n        pass\n\n\n")
decides(raising, "caught-by-a-decorator", "steps()", "def retry(function):\n    @functools.wraps(function)\n    def inner():\n        try:\n            function()\n        except ValueError:\n            pass\n\n    return inner\n\n\n@retry\n" + STEPS)
decides(raising, "suppressed", "with contextlib.suppress(ValueError):\n    check()\n    mark()")
decides(raising, "swallowed-by-a-class", "with swallow:\n    check()\n    mark()")
decides(raising, "swallowed-by-a-generator", "with forgiving():\n    steps()", STEPS)
decides(raising, "left-by-the-handler", "for _ in [1]:\n    try:\n        check()\n    except ValueError:\n        continue\n    mark()")
EARLY = "def steps():\n    try:\n        {0}\n    except ValueError:\n        {1}\n    mark()\n\n\n"
decides(raising, "left-by-a-return", "steps()", EARLY.format("check()", "return"))
decides(raising, "left-by-a-return-of-a-method", "Steps().run()", "class Steps:\n    def run(self):\n        try:\n            check()\n        except ValueError:\n            return\n        mark()\n\n\n")
decides(raising, "left-if-nothing-is-raised", "steps()", EARLY.format("if low():\n            raise ValueError\n        return", "pass"))
decides(raising, "left-by-the-else", "steps()", "def steps():\n    try:\n        if low():\n            raise ValueError\n    except ValueError:\n        pass\n    else:\n        return\n    mark()\n\n\n")
decides(raising, "left-unless-swallowed", "steps()", "def steps():\n    with swallow:\n        if low():\n            raise ValueError\n        return\n    mark()\n\n\n")
decides(raising, "left-by-a-loop-that-begins", "steps()", "def found():\n    return [] if low() else [1]\n\n\ndef steps():\n    for _ in found():\n        return\n    mark()\n\n\n")
decides(raising, "raised-under-a-condition", TRY.format(body="steps()"), "def steps():\n    if not low():\n        raise ValueError('too high')\n    mark()\n\n\n")
decides(raising, "raised-by-what-is-asked", TRY.format(body="steps()"), "def steps():\n    if check():\n        raise ValueError('too high')\n    mark()\n\n\n")
decides(raising, "another-kind-is-raised", "steps()", "def fail():\n    if low():\n        raise ValueError\n    raise KeyError\n\n\ndef steps():\n    try:\n        fail()\n    except ValueError:\n        mark()\n    except KeyError:\n        pass\n\n\n")
KINDS = "import base\n\n\ndef steps():\n    try:\n        if True:\n            raise ValueError\n    except ValueError:\n        base.mark()\n    except KeyError:\n        pass\n"
raising.service("another-kind-in-the-same-function", {WORK: KINDS, BASE: "MARKS = []\n\n\ndef mark():\n    MARKS.append(1) if not MARKS else None\n", MAIN: loop("import base\nimport work", "(work.steps(), base.MARKS)")}, sub(WORK, "raise ValueError", "raise KeyError"))

# -- and what is still done in place ---------------------------------------------------------------------------------------
free = Group("decided-and-free")
decides(free, "nothing-is-marked", "low() and str()")
decides(free, "marked-anyway", "low()\nmark()")
decides(free, "caught-after-it-was-marked", TRY.format(body="mark()\n    check()"))
SAYS = "import base\n\n\ndef steps(value):\n    if value > 2:\n        raise ValueError(f'too high: {value}')\n    base.mark()\n\n\ndef tell(value):\n    try:\n        steps(value)\n    except ValueError as error:\n        return str(error)\n    return 'fine'\n"
free.service("what-an-exception-says", {WORK: SAYS, BASE: "MARKS = set()\n\n\ndef mark():\n    MARKS.add('low')\n", MAIN: loop("import base\nimport work", "[work.tell(value) for value in (1, 5)], base.MARKS")}, sub(WORK, "too high", "over"), sub(WORK, "'over: {value}'", "'over two'"))
free.service("what-is-given-back-early", {WORK: SAYS.replace("raise ValueError(f'too high: {value}')", "return f'too high: {value}'"), BASE: "MARKS = set()\n\n\ndef mark():\n    MARKS.add('low')\n", MAIN: loop("import base\nimport work", "[work.steps(value) for value in (1, 5)], base.MARKS")}, sub(WORK, "too high", "over"), sub(WORK, "'over: {value}'", "'over two'"))
decides(free, "the-end-of-the-program-is-caught", "try:\n    check() if low() else 0\n    mark()\nexcept KeyboardInterrupt:\n    raise")

# -- functions that are registered with a generic one ------------------------------------------------------------------------
generic = Group("registered-with-a-generic-function")
GENERIC = "import functools\n\nimport work\n\nKNOWN = []\n\n\n@functools.singledispatch\ndef show(value):\n    return None\n\n\n@show.register\ndef _(value: int):\n    return value * work.limit()\n\n\nalso = show\nTABLE = {'a': show}\n\n\ndef keep(value):\n    if value not in KNOWN:\n        KNOWN.append(value)\n    return str(KNOWN)\n"
for title, state in (
    ("called", "base.keep(base.show(1))"),
    ("by-another-name", "base.keep(base.also(1))"),
    ("in-a-table", "base.keep(base.TABLE['a'](1))"),
    ("by-its-registry", "base.keep(base.show.registry[int](1))"),
    ("handed-on", "base.keep(list(map(base.show, [1])))"),
):
    steps(generic, title, GENERIC, state)
KEEPS = GENERIC.replace("    return value * work.limit()\n", "    return keep(value)\n")
steps(generic, "keeps-what-it-is-given", KEEPS, "base.show(work.limit())", "import base\nimport work")

# -- what has grown, and is looked at in a way that settles ----------------------------------------------------------------
grown = Group("grown-and-settled")
GROWN = "import collections\n\nimport work\n\nKEPT = []\nCOUNTS = collections.Counter()\n\n\ndef step():\n    {body}\n    return str({shown})\n"
for title, body, shown in (
    ("the-first-few", "KEPT.append(work.limit())", "KEPT[:1]"),
    ("the-kinds", "KEPT.append(work.limit())", "sorted(set(KEPT))"),
    ("the-next", "KEPT.append(work.limit())", "next(iter(KEPT))"),
    ("each-once", "KEPT.append(work.limit())", "list(dict.fromkeys(KEPT))"),
    ("whether-any", "KEPT.append(1) if work.limit() < 11 else None", "bool(KEPT)"),
    ("the-last-if-any", "KEPT.append(1) if work.limit() < 11 else None", "KEPT[-1:]"),
    ("the-largest-if-any", "KEPT.append(1) if work.limit() < 11 else None", "max(KEPT, default=0)"),
    ("one-at-most", "KEPT.append(1) if work.limit() < 11 else None", "min(len(KEPT), 1)"),
    ("by-what-is-counted", "COUNTS[work.limit()] += 1", "sorted(COUNTS)"),
):
    steps(grown, title, GROWN.format(body=body, shown=shown))

# -- what is only done, and returns nothing that anybody uses ----------------------------------------------------------------
done = Group("done-for-its-effect")
DONE = "import io\nimport logging\nimport os\nimport sys\nimport threading\n\nimport work\n\n{made}\n\n\ndef step():\n    if work.limit() < 11:\n        {body}\n    return str({shown})\n"
HELD = "def make():\n    value = 0\n\n    def put():\n        nonlocal value\n        value = 1\n\n    return put, lambda: value\n\n\nput, get = make()"
for title, made, body, shown in (
    ("added-to-a-set", "KNOWN = set()", "KNOWN.add(1)", "KNOWN"),
    ("moved-in-a-file", "FILE = io.StringIO('text')", "FILE.seek(2)", "FILE.tell()"),
    ("written-over", "FILE = io.StringIO()", "FILE.seek(0)\n        FILE.write('x')", "FILE.getvalue()"),
    ("a-setting-of-the-interpreter", "", "sys.setrecursionlimit(2000)", "sys.getrecursionlimit()"),
    ("the-level-of-a-log", "LOG = logging.getLogger('a')", "LOG.setLevel(10)", "LOG.level"),
    ("a-lock", "LOCK = threading.Lock()", "LOCK.acquire(False)", "LOCK.locked()"),
    ("the-order-of-a-list", "ROWS = [2, 1]", "ROWS.sort()", "ROWS"),
    ("the-folder", "", "os.chdir('/')", "os.getcwd() == '/'"),
    ("read-into", "BUFFER = bytearray(b'0')", "io.BytesIO(b'1').readinto(BUFFER)", "BUFFER"),
    ("in-a-closure", HELD, "put()", "get()"),
):
    steps(done, title, DONE.format(made=made, body=body, shown=shown))

# -- whose method it is ------------------------------------------------------------------------------------------------------
whose = Group("whose-method")
WHOSE = "import work\n\nMARKS = []\n\n\nclass Plain:\n    def go(self):\n        return 0\n\n\nclass Marking:\n    def go(self):\n        if not MARKS:\n            MARKS.append('marked')\n\n\nKINDS = {{'plain': Plain(), 'marking': Marking()}}\n\n\ndef pick():\n    if work.limit() < 11:\n        return Marking()\n    return Plain()\n\n\ndef step():\n{body}    return str(MARKS)\n"
for title, body in (
    ("by-a-condition", "    one = Marking() if work.limit() < 11 else Plain()\n    one.go()\n"),
    ("by-a-function", "    one = pick()\n    one.go()\n"),
    ("by-a-table", "    one = KINDS['marking' if work.limit() < 11 else 'plain']\n    one.go()\n"),
    ("by-its-class", "    one = Plain()\n    if work.limit() < 11:\n        one.__class__ = Marking\n    one.go()\n"),
):
    steps(whose, title, WHOSE.format(body=body))

CASES = [*done.cases, *whose.cases, *grown.cases, *within.cases, *raising.cases, *free.cases, *generic.cases]
