"""What has grown, or was summed up, and is asked for something else than all of it: by a function of the program's or of
the library, through another name, item by item, or in a condition over a sum."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

SCORE = "def score():\n    return 5\n"
LESS, MORE = sub(WORK, "return 5", "return -3"), sub(WORK, "return -3", "return 7")

# -- a list that grows -----------------------------------------------------------------------------------------------------
part = Group("a-part-of-what-grows")


def grows(name: str, shown: str, more: str = "", put: str = "ROWS.append(work.score())", rows: str = "[]") -> None:
    """base.get adds a score, and shows something of what is there."""
    base = f"import work\n{more}\nROWS = {rows}\n\n\ndef get():\n    {put}\n    return {shown}\n"
    part.service(name, {WORK: SCORE, BASE: base, MAIN: loop("import base", "base.get()")}, LESS, MORE)


grows("the-last", "ROWS[-1]")
grows("the-first-by-a-variable", "ROWS[at]", "at = 0\n")
grows("the-second", "(ROWS * 2)[1]")
grows("the-last-but-some", "ROWS[-len(ROWS)]")
grows("folded", "functools.reduce(max, ROWS)", "import functools\n")
grows("the-most-frequent", "statistics.mode(ROWS)", "import statistics\n")
grows("the-greatest-few", "heapq.nlargest(1, ROWS)", "import heapq\n")
grows("where-it-would-be-put", "bisect.bisect(sorted(ROWS), 0) > 0", "import bisect\n")
grows("a-letter-of-its-text", "str(ROWS)[1]")
grows("by-a-getter", "first(ROWS)", "import operator\n\nfirst = operator.itemgetter(0)\n")
grows("by-a-method", "ROWS.__getitem__(0)")
grows("of-a-frame", "pandas.Series(ROWS).head(1).tolist()", "import pandas\n")
grows("the-first-in-a-function", "first(ROWS)", "\n\ndef first(rows):\n    return rows[0]\n\n\n")
grows("the-first-of-a-loop", "first(ROWS)", "\n\ndef first(rows):\n    for row in rows:\n        return row\n\n\n")
grows("the-best-of-a-loop", "best(ROWS)", "\n\ndef best(rows):\n    top = 0\n    for row in rows:\n        if row > top:\n            top = row\n    return top\n\n\n")
grows("each-once-in-a-loop", "kinds(ROWS)", "\n\ndef kinds(rows):\n    found = []\n    for row in rows:\n        if row not in found:\n            found.append(row)\n    return found\n\n\n")
grows("by-a-pattern", "first(ROWS)", "\n\ndef first(rows):\n    match rows:\n        case [row, *_]:\n            return row\n\n\n")
grows("by-a-generator", "next(rows())", "\n\ndef rows():\n    yield from ROWS\n\n\n")
grows("of-a-copy-in-a-function", "first(ROWS.copy())", "\n\ndef first(rows):\n    return rows[0]\n\n\n")
grows("in-a-table", "TABLE['rows'][0]", rows="[]\nTABLE = {'rows': ROWS}")
grows("put-through-a-table", "ROWS[0]", put="TABLE['rows'].append(work.score())", rows="[]\nTABLE = {'rows': ROWS}")
grows("by-a-view", "VIEW.top()", "\n\nclass View:\n    def __init__(self, rows):\n        self.seen = rows\n\n    def top(self):\n        return self.seen[0]\n\n\n", rows="[]\nVIEW = View(ROWS)")
grows("by-a-view-that-is-given-it", "VIEW.top()", "\n\nclass View:\n    def top(self):\n        seen = self.seen\n        return seen[0]\n\n\n", rows="[]\nVIEW = View()\nVIEW.seen = ROWS")
grows("put-in-front-and-the-last", "ROWS[-1]", put="ROWS.insert(0, work.score())")
grows("put-left-and-the-last", "ROWS[-1]", "import collections\n", "ROWS.appendleft(work.score())", "collections.deque()")
grows("turned-and-the-last", "list(reversed(ROWS))[-1]")
grows("in-groups-by-items", "first()", "import collections\n\n\ndef first():\n    for name, rows in ROWS['a'].items():\n        return name, rows[0]\n\n\n", "ROWS['a']['b'].append(work.score())", "collections.defaultdict(lambda: collections.defaultdict(list))")
# -- a part by a format ----------------------------------------------------------------------------------------------------
for title, shown in (
    ("of-a-text-in-a-text", "f'{TEXT:.2}'"),
    ("of-a-text-by-percent", "'%.2s' % TEXT"),
    ("of-a-text-by-a-format", "'{:.2}'.format(TEXT)"),
    ("of-a-text-by-a-format-that-is-made", "('{:' + '.2}').format(TEXT)"),
):
    base = f"import work\n\nTEXT = ''\n\n\ndef get():\n    global TEXT\n    TEXT += f'{{work.score():2}}'\n    return {shown}\n"
    part.service(title, {WORK: SCORE, BASE: base, MAIN: loop("import base", "base.get()")}, LESS, MORE)
grows("by-the-field-of-a-format", "'{0[0]}'.format(ROWS)")
grows("by-the-field-of-a-format-that-is-given-an-object", "'{o.rows[0]}'.format(o=BOX)", "import types\n", "BOX.rows.append(work.score())", "[]\nBOX = types.SimpleNamespace(rows=ROWS)")
grows("kinds-that-are-added-to-a-counter", "sorted(ROWS)", "import collections\n", "count()", "collections.Counter()\n\n\ndef count():\n    global ROWS\n    ROWS += collections.Counter([str(work.score())])")

# -- a sum -----------------------------------------------------------------------------------------------------------------
summed = Group("decided-by-a-sum")
SUMS = (
    ("whether-it-is-much", "TOTAL > 0"),
    ("one-or-the-other", "'more' if TOTAL > 0 else 'less'"),
    ("within-bounds", "max(min(TOTAL, 3), -3)"),
    ("in-large-steps", "TOTAL // 10**9"),
    ("its-sign", "f'{TOTAL:+d}'[0]"),
    ("by-the-library", "math.copysign(1, TOTAL)"),
    ("by-a-function", "is_much(TOTAL)"),
)
WORDS = (
    ("how-a-text-begins", "TOTAL[0]"),
    ("what-a-text-starts-with", "TOTAL.startswith('5')"),
    ("what-is-in-a-text", "'5' in TOTAL"),
    ("where-it-is-in-a-text", "TOTAL.find('5')"),
)
IS_MUCH = "import math\n\n\ndef is_much(total):\n    return total > 0\n\n\n"
for title, shown in SUMS + WORDS:
    start, value = ("0", "work.score()") if (title, shown) in SUMS else ("''", "str(work.score())")
    base = f"import work\n{IS_MUCH}TOTAL = {start}\n\n\ndef get():\n    global TOTAL\n    TOTAL += {value}\n    return {shown}\n"
    summed.service(title, {WORK: SCORE, BASE: base, MAIN: loop("import base", "base.get()")}, LESS, MORE)
    own = shown.replace("TOTAL", "self.total")
    held = f"import work\n{IS_MUCH}class Sums:\n    def __init__(self):\n        self.total = {start}\n\n    def get(self):\n        self.total += {value}\n        return {own}\n"
    summed.service(f"{title}-of-an-object", {WORK: SCORE, BASE: held, MAIN: loop("import base", "sums.get()", "sums = base.Sums()")}, LESS, MORE)
    local = shown.replace("TOTAL", "total")
    looping = loop(f"import work\n\n{IS_MUCH.strip()}", local, f"total = {start}", f"total += {value}")
    summed.service(f"{title}-of-the-loop", {WORK: SCORE, MAIN: looping}, LESS, MORE)

# -- by objects that have a sum each ---------------------------------------------------------------------------------------
SUM = "class Sum:\n    def __init__(self, name):\n        self.name, self.sum = name, 0\n\n\ndef rank(one):\n    return one.sum\n\n\ndef is_much(value):\n    return value > 0\n\n\nSUMS = [Sum('a'), Sum('b')]\nTABLE = {'a': 0}\n"
for title, more, shown in (
    ("in-the-order-of-a-function", "", "[one.name for one in sorted(SUMS, key=rank)]"),
    ("in-the-order-of-a-lambda", "", "[one.name for one in sorted(SUMS, key=lambda one: one.sum)]"),
    ("in-the-order-of-an-attribute", "import operator\n", "[one.name for one in sorted(SUMS, key=operator.attrgetter('sum'))]"),
    ("by-the-name-of-an-attribute", "", "getattr(SUMS[0], 'sum') > 0"),
    ("in-a-namespace", "", "vars(SUMS[0])['sum'] > 0"),
    ("asked-one-by-one-by-name", "", "list(map(is_much, TABLE.values()))"),
    ("asked-one-by-one", "", "list(map(lambda value: value > 0, [one.sum for one in SUMS]))"),
):
    base = f"{more}import work\n\n\n{SUM}\n\ndef get():\n    SUMS[0].sum += work.score()\n    TABLE['a'] += work.score()\n    return {shown}\n"
    summed.service(title, {WORK: SCORE, BASE: base, MAIN: loop("import base", "base.get()")}, LESS, MORE)


# -- by an object that nobody wrote the constructor of, or that is the list itself -----------------------------------------
itself = Group("asked-by-itself")
KEEPS = "KEPT = []\n\n\n"
for name, text in {
    "field-of-a-data-class": "import dataclasses\n\nimport work\n\n" + KEEPS + "@dataclasses.dataclass\nclass Item:\n    names: list\n\n\ndef get():\n    item = Item(KEPT)\n    item.names.append(work.word())\n    return KEPT[0]\n",
    "field-of-its-base": "import dataclasses\n\nimport work\n\n" + KEEPS + "@dataclasses.dataclass\nclass Base:\n    names: list\n\n\n@dataclasses.dataclass\nclass Item(Base):\n    count: int = 0\n\n\ndef get():\n    item = Item(names=KEPT)\n    item.names.append(work.word())\n    return KEPT[0]\n",
    "loop-over-itself": "import work\n\n\nclass Words(list):\n    def first(self):\n        for word in self:\n            return word\n\n\nWORDS = Words()\n\n\ndef get():\n    WORDS.append(work.word())\n    return WORDS.first()\n",
    "property-of-its-own": "from collections import UserList\n\nimport work\n\n\nclass Words(UserList):\n    @property\n    def first(self):\n        return self[0]\n\n\nWORDS = Words()\n\n\ndef get():\n    WORDS.append(work.word())\n    return WORDS.first\n",
    "method-of-its-base": "import work\n\n\nclass Base(list):\n    def first(self):\n        return self[0]\n\n\nclass Words(Base):\n    pass\n\n\nclass Keeper:\n    def __init__(self):\n        self.words = Words()\n\n\nKEEPER = Keeper()\n\n\ndef get():\n    KEEPER.words.append(work.word())\n    return KEEPER.words.first()\n",
}.items():
    itself.service(name, {WORK: "def word():\n    return 'a'\n", BASE: text, MAIN: loop("import base", "base.get()")}, sub(WORK, "'a'", "'b'"), sub(WORK, "'b'", "'c'"))
# -- what must not be nothing, and whole objects that are compared ----------------------------------------------------------
NUMBER = "def score():\n    return 0\n"
FAILING = "import work\n\n\nclass Sums:\n    total = 0\n\n\ndef get():\n    Sums.total += work.score()\n    try:\n        return {}\n    except (ZeroDivisionError, IndexError):\n        return 'none'\n"
for title, shown in (
    ("what-is-divided-by", "1 / Sums.total > 0"),
    ("whether-it-can-be-divided-by", "1 / Sums.total * 0"),
    ("what-is-divided-by-itself", "Sums.total / Sums.total"),
    ("an-item-by-its-number", "['all'][Sums.total]"),
    ("nothing-to-its-power", "0 ** Sums.total"),
):
    summed.service(title, {WORK: NUMBER, BASE: FAILING.format(shown), MAIN: loop("import base", "base.get()")}, sub(WORK, "0", "5"), sub(WORK, "5", "0"))
RUNS = "import bisect\nfrom dataclasses import astuple, dataclass\n\nimport work\n\n\n@dataclass(order=True)\nclass Run:\n    total: int = 0\n    name: str = ''\n\n\none, two = Run(), Run()\none = Run()\ntwo = Run()\n\n\ndef above(first, second):\n    return first > second\n\n\ndef get():\n    one.total += work.score()\n    two.total += 5\n    return {}\n"
for title, shown in (
    ("which-is-more", "one > two"),
    ("whether-they-are-alike", "one == two"),
    ("whether-one-is-there", "one in [two]"),
    ("which-is-more-in-a-function", "above(one, two)"),
    ("which-is-the-most", "max(one, two) is one"),
    ("how-they-are-sorted", "sorted([two, one])[0] is one"),
    ("where-it-would-stand", "bisect.bisect([one], two)"),
    ("how-many-are-alike", "[two].count(one)"),
    ("which-is-more-as-a-tuple", "astuple(one) > astuple(two)"),
):
    summed.service(f"{title}-of-objects", {WORK: SCORE, BASE: RUNS.format(shown), MAIN: loop("import base", "base.get()")}, sub(WORK, "return 5", "return 9"), sub(WORK, "return 9", "return 5"))
free = Group("summed-and-free")
free.service("its-average", {WORK: SCORE, BASE: "import work\n\n\nclass Sums:\n    total = 0\n    count = 0\n\n\ndef get():\n    Sums.total += work.score()\n    Sums.count += 1\n    return Sums.total / Sums.count, work.score()\n".replace("Sums.total / Sums.count", "len([Sums.total / Sums.count])"), MAIN: loop("import base", "base.get()")}, LESS)
free.service("of-objects-that-are-told-apart", {WORK: SCORE, BASE: RUNS.format("one is two, one.name == 'x', work.score()"), MAIN: loop("import base", "base.get()")}, LESS)

CASES = [*free.cases, *part.cases, *summed.cases, *itself.cases]
