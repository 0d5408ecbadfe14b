"""What is collected under keys in a container that a function has made, with items that were made for it, is kept by
nobody. The plain programs come first, whose edits need no restart; in the others an item or the container stays behind."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

WORD = "def word():\n    return 'v1'\n"
HEAD = "from collections import Counter, OrderedDict, defaultdict, deque\n\nimport work\n\nKEPT = []\nSHARED = {}\nTABLE = {'a': SHARED}\n\n\n"
group = Group("own-items")


def collected(name: str, more: str, state: str = "base.step()", before: str = "pass", head: str = HEAD, imports: str = "import base", first: str = "pass") -> None:
    """base.step shows what it has collected; where a container lives on, only the first word stays in it."""
    tree = {WORK: WORD, BASE: head + more, MAIN: loop(imports, state, before, first)}
    group.service(name, tree, sub(WORK, "'v1'", "'v2'"), sub(WORK, "'v2'", "'v3'"))


SHOW = "\n\ndef step():\n    return sorted(collect().items())\n"
LOOP = "    for key in 'ab':\n        {}\n    return rows\n"


def body(begin: str, inside: str, show: str = SHOW) -> str:
    return f"def collect():\n    rows = {begin}\n" + LOOP.format(inside) + show


ADD = "rows[key].append(work.word())"
collected("by-a-default", body("defaultdict(list)", ADD))
collected("by-setdefault", body("{}", "rows.setdefault(key, []).append(work.word())"))
collected("by-an-item-that-is-set", body("{}", "rows[key] = []\n        " + ADD))
collected("by-an-item-that-was-missing", body("{}", "if key not in rows:\n            rows[key] = []\n        " + ADD))
collected("made-beforehand", body("{'a': [], 'b': []}", ADD))
collected("made-by-a-comprehension", body("{key: [] for key in 'ab'}", ADD))
collected("in-buckets", "def step():\n    rows = [[] for _ in range(2)]\n    for n in range(4):\n        rows[n % 2].append(work.word())\n    return rows\n")
collected("in-sets", body("defaultdict(set)", "rows[key].add(work.word())", "\n\ndef step():\n    return sorted((key, sorted(row)) for key, row in collect().items())\n"))
collected("in-dictionaries", body("defaultdict(dict)", "rows[key]['w'] = work.word()"))
collected("counted", body("Counter()", "rows[key + work.word()] += 1"))
collected("counted-under-keys", body("defaultdict(Counter)", "rows[key][work.word()] += 1"))
collected("summed", body("{}", "rows[key] = rows.get(key, '') + work.word()"))
collected("in-a-queue", body("defaultdict(deque)", "rows[key].appendleft(work.word())", "\n\ndef step():\n    return [(key, list(row)) for key, row in collect().items()]\n"))
collected(
    "by-a-method",
    "class Book:\n    def __init__(self):\n        self.updates = 0\n\n    def collect(self):\n        rows = defaultdict(list)\n        for key in 'ab':\n            rows[key].append(work.word())\n            self.updates += 1\n        return rows\n\n    def step(self):\n        return [f'{key}{rows}' for key, rows in sorted(self.collect().items())]\n\n\nBOOK = Book()\n\n\ndef step():\n    return BOOK.step()\n",
)
collected("in-the-loop-itself", "", "sorted(rows.items())", first="rows = defaultdict(list)\nrows['a'].append(work.word())", imports="from collections import defaultdict\n\nimport work")
# -- an item was there before ------------------------------------------------------------------------------------------
FIRST = "rows[key].setdefault('w', work.word())"
collected("an-old-item-is-set", body("{}", "rows[key] = SHARED\n        " + FIRST))
collected("an-old-item-is-set-by-another-name", "def collect():\n    rows = {}\n    same = rows\n    for key in 'ab':\n        rows[key] = {}\n        same[key] = SHARED\n        " + FIRST + "\n    return rows\n" + SHOW)
collected("an-old-item-by-setdefault", body("{}", "rows.setdefault(key, SHARED)\n        " + FIRST))
collected("an-old-item-is-the-default", body("defaultdict(lambda: SHARED)", FIRST))
collected("an-old-item-by-a-function-of-that-name", body("defaultdict(dict)", FIRST), head=HEAD + "def dict():\n    return SHARED\n\n\n")
for _how, _import in (("imported", "from make import dict"), ("renamed", "from make import one as dict"), ("all-of-a-module's", "from make import *"), ("bound", "from make import one\n\ndict = one")):
    group.service(
        f"an-old-item-by-a-function-{_how}",
        {WORK: WORD, "make.py": "SHARED = {}\n\n\ndef one():\n    return SHARED\n\n\ndef dict():\n    return SHARED\n", BASE: f"from collections import defaultdict\n\nimport work\n{_import}\n\n\n" + body("defaultdict(dict)", FIRST), MAIN: loop("import base", "base.step()")},
        sub(WORK, "'v1'", "'v2'"),
    )
collected("an-old-item-by-a-parameter-of-that-name", "def old():\n    return SHARED\n\n\ndef collect(dict=old):\n    rows = defaultdict(dict)\n" + LOOP.format(FIRST) + SHOW)
collected("an-old-item-at-the-beginning", body("{'a': SHARED, 'b': {}}", FIRST))
collected("old-items-at-the-beginning", body("dict(TABLE, b={})", FIRST))
collected("old-items-unpacked", body("{'b': {}, **TABLE}", FIRST))
collected("old-items-by-a-comprehension", body("{key: SHARED for key in 'ab'}", FIRST))
collected("old-items-by-update", body("{'b': {}}", "rows.update(TABLE)\n        " + FIRST))
collected("old-items-by-a-union", body("{'b': {}}", "rows |= TABLE\n        " + FIRST))
collected("old-items-in-buckets", "def step():\n    rows = []\n    rows.append(SHARED)\n    rows[0].setdefault('w', work.word())\n    return rows\n")
collected("old-items-in-a-slice", "def step():\n    rows = [{}]\n    rows[:] = [SHARED]\n    rows[0].setdefault('w', work.word())\n    return rows\n")
collected("old-items-by-extend", "def step():\n    rows = []\n    rows.extend([SHARED])\n    rows[0].setdefault('w', work.word())\n    return rows\n")
collected("old-items-by-a-function", "def more(rows):\n    rows['a'] = SHARED\n\n\n" + body("{'a': {}, 'b': {}}", "more(rows)\n        " + FIRST))
collected("old-items-by-a-function-inside", "def collect():\n    rows = {'a': {}, 'b': {}}\n\n    def more():\n        rows['a'] = SHARED\n\n    more()\n" + LOOP.format(FIRST) + SHOW)
collected("old-items-by-a-lambda", "def collect():\n    rows = {'a': {}, 'b': {}}\n    more = lambda: rows.__setitem__('a', SHARED)\n    more()\n" + LOOP.format(FIRST) + SHOW)
collected("old-items-by-nonlocal", "def collect():\n    rows = {'a': {}, 'b': {}}\n\n    def more():\n        nonlocal rows\n        rows = {'a': SHARED, 'b': SHARED}\n\n    more()\n" + LOOP.format(FIRST) + SHOW)
collected("old-items-by-a-loop's-variable", "def collect():\n    rows = {'a': {}, 'b': {}}\n    for rows['a'] in [SHARED]:\n        pass\n" + LOOP.format(FIRST) + SHOW)
collected("old-items-by-a-with", "import contextlib\n\n\ndef collect():\n    rows = {'a': {}, 'b': {}}\n    with contextlib.nullcontext(SHARED) as rows['a']:\n        pass\n" + LOOP.format(FIRST) + SHOW)
collected("old-items-by-an-unpacking", "def collect():\n    rows = {'a': {}, 'b': {}}\n    rows['a'], rows['b'] = SHARED, SHARED\n" + LOOP.format(FIRST) + SHOW)
collected("old-items-by-an-addition", "class Old:\n    def __radd__(self, other):\n        return SHARED\n\n\n" + body("defaultdict(int)", "rows[key] += Old()\n        " + FIRST))
collected("old-items-by-a-comparison", "class Old:\n    def __eq__(self, rows):\n        rows['a'] = SHARED\n        return True\n\n\n" + body("{'a': {}, 'b': {}}", "rows == Old()\n        " + FIRST))
collected("old-items-two-deep", body("defaultdict(dict)", "rows[key]['w'] = SHARED\n        rows[key]['w'].setdefault('x', work.word())"))
collected("old-items-in-a-method-of-its-own", "class Rows(dict):\n    def __missing__(self, key):\n        return SHARED\n\n\n" + body("Rows()", FIRST))
collected("a-class-called-like-the-builtin", body("defaultdict(dict)", FIRST), head=HEAD + "class defaultdict(dict):\n    def __init__(self, make):\n        pass\n\n    def __missing__(self, key):\n        self[key] = SHARED\n        return SHARED\n\n\n")
collected("the-builtin-is-replaced", "import collections\n\n\nclass Rows(dict):\n    def __init__(self, make):\n        pass\n\n    def __missing__(self, key):\n        return SHARED\n\n\ndef collect():\n    rows = collections.defaultdict(dict)\n" + LOOP.format(FIRST) + SHOW + "\n\ncollections.defaultdict = Rows\n")
collected("an-early-return-of-an-old-one", "LAST = {}\n\n\ndef collect():\n    if LAST:\n        return LAST\n    rows = defaultdict(dict)\n    for key in 'ab':\n        " + FIRST + "\n    LAST.update(rows)\n    return rows\n" + SHOW)
# -- an item, or the container, stays behind ---------------------------------------------------------------------------
collected("an-item-has-another-name", "def collect():\n    rows = {}\n    for key in 'ab':\n        rows[key] = row = []\n        if len(KEPT) < 2:\n            KEPT.append(row)\n        " + ADD + "\n    return KEPT\n\n\ndef step():\n    return collect()\n")
collected("an-item-is-set-in-two-places", "OLD = {}\n\n\ndef collect():\n    rows = {}\n    for key in 'ab':\n        if key not in OLD:\n            OLD[key] = rows[key] = []\n            " + ADD + "\n    return OLD\n" + SHOW)
collected("an-item-by-a-walrus", "def collect():\n    rows = {}\n    for key in 'ab':\n        rows[key] = (row := [])\n        if len(KEPT) < 2:\n            KEPT.append(row)\n            " + ADD + "\n    return KEPT\n\n\ndef step():\n    return collect()\n")
collected("an-item-is-kept", body("defaultdict(list)", ADD + "\n        if len(KEPT) < 2:\n            KEPT.append(rows[key])", "\n\ndef step():\n    collect()\n    return KEPT\n"))
collected("an-item-is-kept-before", body("defaultdict(list)", "if len(KEPT) < 2:\n            KEPT.append(rows[key])\n        " + ADD, "\n\ndef step():\n    collect()\n    return KEPT\n"))
collected("an-item-is-kept-by-its-variable", body("defaultdict(list)", "row = rows[key]\n        if len(KEPT) < 2:\n            KEPT.append(row)\n        " + ADD, "\n\ndef step():\n    collect()\n    return KEPT\n"))
collected("an-item-of-setdefault-is-kept", body("{}", "row = rows.setdefault(key, [])\n        if len(KEPT) < 2:\n            KEPT.append(row)\n        " + ADD, "\n\ndef step():\n    collect()\n    return KEPT\n"))
collected("an-item-is-kept-by-a-call", "def keep(row):\n    if len(KEPT) < 2:\n        KEPT.append(row)\n\n\n" + body("defaultdict(list)", "keep(rows[key])\n        " + ADD, "\n\ndef step():\n    collect()\n    return KEPT\n"))
collected("the-items-are-kept", "def collect():\n    rows = defaultdict(list)\n    for key in 'ab':\n        " + ADD + "\n    for row in rows.values():\n        if len(KEPT) < 2:\n            KEPT.append(row)\n    return KEPT\n\n\ndef step():\n    return collect()\n")
collected("the-items-are-kept-in-a-global", "LAST = None\n\n\ndef collect():\n    global LAST\n    rows = defaultdict(list)\n    for key in 'ab':\n        " + ADD + "\n    if LAST is None:\n        LAST = list(rows.values())\n    return LAST\n\n\ndef step():\n    return collect()\n")
collected("the-container-is-kept-first", "LAST = {}\n\n\ndef collect():\n    rows = defaultdict(list)\n    LAST.setdefault('rows', rows)\n    for key in 'ab':\n        " + ADD + "\n    return LAST['rows']\n" + SHOW)
collected("the-container-is-kept-by-the-caller", body("defaultdict(list)", ADD, "\n\ndef step():\n    if not KEPT:\n        KEPT.append(collect())\n    return sorted(KEPT[0].items())\n"))
collected("the-container-is-kept-by-the-caller-in-an-attribute", body("defaultdict(list)", ADD, "\n\nclass Keep:\n    rows = None\n\n\nKEEP = Keep()\n\n\ndef step():\n    KEEP.rows = KEEP.rows or collect()\n    return sorted(KEEP.rows.items())\n"))
collected("the-container-is-kept-by-a-default", "def collect(last={}):\n    rows = defaultdict(list)\n    for key in 'ab':\n        " + ADD + "\n    last.setdefault('rows', rows)\n    return last['rows']\n" + SHOW)
collected("the-container-is-kept-by-an-attribute-of-the-function", "def collect():\n    rows = defaultdict(list)\n    if not hasattr(collect, 'rows'):\n        collect.rows = rows\n        for key in 'ab':\n            " + ADD + "\n    return collect.rows\n" + SHOW)
collected("the-container-is-kept-by-a-closure", "def collect():\n    rows = defaultdict(list)\n    for key in 'ab':\n        " + ADD + "\n    return lambda: rows\n\n\ndef step():\n    if not KEPT:\n        KEPT.append(collect())\n    return sorted(KEPT[0]().items())\n")
collected("the-container-is-filled-by-a-closure", "def collect():\n    rows = defaultdict(list)\n    return lambda: rows['a'] or rows['a'].append(work.word()) or rows['a']\n\n\ndef step():\n    if not KEPT:\n        KEPT.append(collect())\n    return KEPT[0]()\n")
collected("the-container-is-of-a-generator", "def collect():\n    rows = defaultdict(dict)\n    while True:\n        for key in 'ab':\n            " + FIRST + "\n        yield rows\n\n\nROWS = collect()\n\n\ndef step():\n    return sorted(next(ROWS).items())\n")
collected("the-container-is-of-a-generator-expression", body("defaultdict(list)", ADD, "\n\ndef step():\n    if not KEPT:\n        KEPT.append((row for _ in iter(int, 1) for row in [sorted(collect().items())]))\n        KEPT.append(next(KEPT[0]))\n    return KEPT[1]\n"))
collected("the-container-is-remembered", "import functools\n\n\n@functools.cache\n" + body("defaultdict(list)", ADD))
collected("the-container-is-remembered-by-a-decorator", "def once(function):\n    def call():\n        if not KEPT:\n            KEPT.append(function())\n        return KEPT[0]\n\n    return call\n\n\n@once\n" + body("defaultdict(list)", ADD))
collected(
    "the-container-is-a-cached-property's", "import functools\n\n\nclass Book:\n    @functools.cached_property\n    def rows(self):\n        rows = defaultdict(list)\n        for key in 'ab':\n            " + ADD + "\n        return rows\n\n\nBOOK = Book()\n\n\ndef step():\n    return sorted(BOOK.rows.items())\n"
)
collected(
    "the-container-is-a-thread's",
    "import threading\n\n\ndef fill():\n    rows = defaultdict(list)\n    for key in 'ab':\n        " + ADD + "\n    KEPT.append(rows)\n\n\ndef step():\n    if not KEPT:\n        thread = threading.Thread(target=fill)\n        thread.start()\n        thread.join()\n    return sorted(KEPT[0].items())\n",
)
collected("the-container-is-given-to-a-callback", "def keep(rows):\n    if not KEPT:\n        KEPT.append(rows)\n\n\nCALLS = [keep]\n\n\ndef collect():\n    rows = defaultdict(list)\n    for key in 'ab':\n        " + ADD + "\n    for call in CALLS:\n        call(rows)\n    return KEPT[0]\n" + SHOW)
collected("the-container-of-the-loop", "", "sorted(rows.items())", "rows = defaultdict(list)", first="rows['a'] or rows['a'].append(work.word())", imports="from collections import defaultdict\n\nimport work")
collected("the-container-of-the-loop-now-and-then", "", "sorted(rows.items())", "rows = defaultdict(list)", first="if shown == 0:\n    rows = defaultdict(list)\n    rows['a'].append(work.word())", imports="from collections import defaultdict\n\nimport work")

CASES = group.cases
