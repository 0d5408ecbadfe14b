"""Results that outlive the code that made them."""

from hrsup.bench.cases.import_time import KNOBS, NEW_SCALE, NEW_STEP, rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, sub

group = Group("caches", shop)
group.both("lru-cache-body", {"shop/rules.py": rules("from functools import lru_cache\n\n\n@lru_cache(maxsize=None)\ndef cost(kind):\n    return len(kind) * 2\n", "cost('tea')")}, sub("shop/rules.py", "* 2", "* 3"))
group.both("lru-cache-of-a-changed-callee", {**KNOBS, "shop/rules.py": rules("from functools import lru_cache\n\nfrom shop.knobs import scale\n\n\n@lru_cache\ndef cost(value):\n    return scale(value) + 1\n", "cost(10)")}, NEW_SCALE, NEW_STEP)
group.both("lru-cache-two-calls-away", {**KNOBS, "shop/middle.py": "from shop import knobs\n\n\ndef twice(value):\n    return knobs.scale(knobs.scale(value))\n", "shop/rules.py": rules("from functools import lru_cache\n\nfrom shop.middle import twice\n\n\n@lru_cache(maxsize=8)\ndef cost(value):\n    return twice(value)\n", "cost(10)")}, NEW_SCALE)
group.both("lru-cache-of-data", {"data/factor.txt": "4\n", "shop/rules.py": rules("from functools import lru_cache\n\nfrom shop.config import DATA\n\n\n@lru_cache\ndef factor():\n    return int((DATA / 'factor.txt').read_text())\n", "factor()")}, sub("data/factor.txt", "4", "9"))
group.both("memo-dict", {"shop/rules.py": rules("_MEMO = {}\n\n\ndef cost(kind):\n    if kind not in _MEMO:\n        _MEMO[kind] = len(kind) + 1\n    return _MEMO[kind]\n", "cost('tray')")}, sub("shop/rules.py", "len(kind) + 1", "len(kind) + 5"))
group.both("memo-in-another-module", {"shop/memo.py": "MEMO = {}\n", "shop/costs.py": "from shop.memo import MEMO\n\n\ndef cost(kind):\n    if kind not in MEMO:\n        MEMO[kind] = len(kind) * 10\n    return MEMO[kind]\n", "shop/rules.py": rules("from shop.costs import cost\n", "cost('tray')")}, sub("shop/costs.py", "* 10", "* 11"))
group.both("memo-of-a-changed-callee", {**KNOBS, "shop/rules.py": rules("from shop import knobs\n\n_MEMO = {}\n\n\ndef cost(value):\n    if value not in _MEMO:\n        _MEMO[value] = knobs.scale(value)\n    return _MEMO[value]\n", "cost(6)")}, NEW_SCALE)
group.both("memo-decorator", {"shop/memo.py": "def memo(function):\n    known = {}\n\n    def wrapper(value):\n        if value not in known:\n            known[value] = function(value)\n        return known[value]\n\n    return wrapper\n", **KNOBS, "shop/rules.py": rules("from shop.knobs import scale\nfrom shop.memo import memo\n\n\n@memo\ndef cost(value):\n    return scale(value) - 1\n", "cost(8)")}, sub("shop/rules.py", "- 1", "- 2"), NEW_SCALE)
group.both("cached-property", {"shop/tools.py": "from functools import cached_property\n\n\nclass Item:\n    @cached_property\n    def label(self):\n        return 'item'\n", "shop/rules.py": rules("from shop.tools import Item\n\nITEM = Item()\n", "ITEM.label")}, sub("shop/tools.py", "'item'", "'thing'"))
group.both("attribute-cache", {"shop/tools.py": "class Item:\n    _label = None\n\n    def label(self):\n        if self._label is None:\n            self._label = 'item'\n        return self._label\n", "shop/rules.py": rules("from shop.tools import Item\n\nITEM = Item()\n", "ITEM.label()")}, sub("shop/tools.py", "'item'", "'thing'"))
group.both("function-attribute", {"shop/rules.py": rules("def cost():\n    if not hasattr(cost, 'known'):\n        cost.known = 5\n    return cost.known\n", "cost()")}, sub("shop/rules.py", "cost.known = 5", "cost.known = 6"))
group.both("default-argument-as-cache", {"shop/rules.py": rules("def cost(kind, known={}):\n    if kind not in known:\n        known[kind] = len(kind)\n    return known[kind]\n", "cost('cup')")}, sub("shop/rules.py", "= len(kind)", "= -len(kind)"))
group.both("singleton", {**KNOBS, "shop/tools.py": "from shop.knobs import STEP\n\n\nclass Settings:\n    _one = None\n\n    def __new__(cls):\n        if cls._one is None:\n            cls._one = super().__new__(cls)\n            cls._one.step = STEP\n        return cls._one\n", "shop/rules.py": rules("from shop.tools import Settings\n", "Settings().step")}, NEW_STEP)
group.both("singledispatch", {"shop/show.py": "from functools import singledispatch\n\n\n@singledispatch\ndef show(value):\n    return repr(value)\n", "shop/shows.py": "from shop.show import show\n\n\n@show.register\ndef _(value: int):\n    return f'int {value}'\n\n\n@show.register\ndef _(value: str):\n    return f'str {value}'\n", "shop/rules.py": rules("import shop.shows\nfrom shop.show import show\n", "[show(1), show('a'), show(None)]")}, sub("shop/shows.py", "int {", "integer {"), sub("shop/show.py", "repr(value)", "'?'"), sub("shop/shows.py", "value: str", "value: bytes"))
group.both("generator-materialised", {**KNOBS, "shop/rules.py": rules("from shop.knobs import scale\n\nVALUES = tuple(scale(n) for n in range(4))\n", "VALUES")}, NEW_SCALE)
group.both("weak-dictionary", {**KNOBS, "shop/rules.py": rules("from weakref import WeakKeyDictionary\n\nfrom shop.knobs import scale\n\n\nclass Key:\n    pass\n\n\nKEY = Key()\nKNOWN = WeakKeyDictionary()\n\n\ndef cost():\n    if KEY not in KNOWN:\n        KNOWN[KEY] = scale(21)\n    return KNOWN[KEY]\n", "cost()")}, NEW_SCALE)

# The memo is filled under another name than the one that it is found by.
PRICE = "CACHE = {}\nITEMS = []\n\n\ndef price(x):\n    return x * 2\n\n\n"
for name, tick in {
    "memo-by-an-item": "def tick():\n    d = {'a': CACHE}\n    if 3 not in CACHE:\n        d['a'][3] = price(3)\n    return CACHE[3]\n",
    "memo-by-append-to-an-item": "def tick():\n    d = {'a': ITEMS}\n    if not ITEMS:\n        d['a'].append(price(3))\n    return ITEMS\n",
    "memo-by-append-to-an-alias": "def tick():\n    c = ITEMS\n    if not ITEMS:\n        c.append(price(3))\n    return ITEMS\n",
    "memo-by-append-to-a-parameter": "def fill(c):\n    c.append(price(3))\n\n\ndef tick():\n    if not ITEMS:\n        fill(ITEMS)\n    return ITEMS\n",
    "memo-by-a-mapped-append": "def tick():\n    if not ITEMS:\n        list(map(ITEMS.append, [price(3)]))\n    return ITEMS\n",
    "memo-by-a-method-of-another-name": "class Log:\n    def __init__(self):\n        self.note = ITEMS.append\n\n\nLOG = Log()\n\n\ndef tick():\n    LOG.note(price(3))\n    return ITEMS[0]\n",
    "memo-of-instances-with-their-state-in-common": "class Costs:\n    shared = {}\n\n    def __init__(self):\n        self.__dict__ = self.shared\n        if 'tea' not in self.shared:\n            self.tea = price(3)\n\n\ndef tick():\n    return Costs().tea\n",
    "memo-by-set-item": "class Box:\n    def __init__(self, t):\n        self.t = t\n\n    def __setitem__(self, k, v):\n        self.t[k] = v\n\n\ndef tick():\n    c = Box(CACHE)\n    if 3 not in CACHE:\n        c[3] = price(3)\n    return CACHE[3]\n",
}.items():
    group.both(name, {"shop/rules.py": rules(PRICE + tick, "tick()")}, sub("shop/rules.py", "x * 2", "x * 3"))

# Memos of all arguments, and look-alikes that hold more than what a pure function gives.
COSTS = "COSTS = {}\n\n\ndef price(x):\n    return x * 2\n\n\ndef cost(x):\n    if x not in COSTS:\n        COSTS[x] = price(x)\n    return COSTS[x]\n"
ALL = COSTS.replace("cost(x)", "cost()").replace("COSTS[x]", "COSTS['all']").replace("if x not", "if 'all' not").replace("= price(x)", "= price(3)")
for name, text, value in (
    ("memo-of-a-function-that-calls-itself", COSTS.replace("= price(x)", "= price(x) if x < 2 else cost(x - 1) + cost(x - 2)"), "cost(9)"),
    ("memo-asked-first", COSTS.replace("    if x not in COSTS:\n        COSTS[x] = price(x)\n    return COSTS[x]\n", "    if x in COSTS:\n        return COSTS[x]\n    found = price(x)\n    COSTS[x] = found\n    return found\n"), "cost(9)"),
    ("memo-of-one-argument-of-two", COSTS.replace("def cost(x)", "def cost(x, tax)").replace("= price(x)", "= price(x) + tax"), "cost(9, 1)"),
    ("memo-that-is-counted", COSTS, "[cost(9), len(COSTS)]"),
    ("memo-that-somebody-else-fills", COSTS + "\n\nCOSTS[9] = 1\n", "cost(9)"),
    ("memo-of-lists", COSTS.replace("= price(x)", "= [price(x)]"), "cost(9)"),
    ("memo-without-arguments", ALL, "cost()"),
    ("memo-without-arguments-asked-first", ALL.replace("    if 'all' not in COSTS:\n        COSTS['all'] = price(3)\n", "    if 'all' in COSTS:\n        return COSTS['all']\n    COSTS['all'] = price(3)\n"), "cost()"),
    ("memo-with-a-constant-in-its-key", COSTS.replace("if x not", "if ('p', x) not").replace("COSTS[x]", "COSTS['p', x]"), "cost(9)"),
    ("memo-of-what-came-first", ALL.replace("cost()", "cost(x)").replace("price(3)", "price(x)"), "[cost(n) for n in (3, 4)]"),
    ("memo-of-what-came-first-from-elsewhere", ALL.replace("price(3)", "price(ROWS[0])").replace("COSTS = {}", "COSTS = {}\nROWS = [3]"), "[cost(), ROWS.insert(0, ROWS[0] + 1)][0]"),
    ("memo-of-how-much-there-was", ALL.replace("x * 2", "x * 2 + len(ROWS)").replace("COSTS = {}", "COSTS = {}\nROWS = []"), "[cost(), ROWS.append(1)]"),
    ("memo-of-two-keys", ALL.replace("if 'all'", "if 'any'").replace("return COSTS['all']", "COSTS['any'] = 1\n    return COSTS['all']"), "cost()"),
    ("memo-that-is-asked-elsewhere", ALL, "[cost(), 'all' in COSTS]"),
    ("memo-without-arguments-that-is-asked-before", ALL, "['all' in COSTS, cost()][1]"),
    ("memo-under-another-name", COSTS + "\n\nKNOWN = COSTS\n", "[cost(9), KNOWN]"),
):
    group.service(name, {"shop/rules.py": rules(text, value)}, sub("shop/rules.py", "x * 2", "x * 3"))

# Functions without arguments that keep their one result, and such that add something for each that they keep.
CACHED = "from functools import lru_cache\n\nROWS = []\n\n\ndef price(x):\n    return x * 2\n\n\n@lru_cache\ndef cost():\n    return price(3)\n"
BOX = "class Box:\n    def __init__(self, price):\n        self.price = price\n        self.seen = 0\n\n    def see(self):\n        self.seen += 1\n        return self.price, self.seen\n\n\n"
for name, text, value in (
    ("lone-result", CACHED, "cost()"),
    ("lone-result-of-lists", CACHED.replace("price(3)", "[price(n) for n in (3, 4)]"), "cost()"),
    ("lone-result-of-another", CACHED + "\n\n@lru_cache(maxsize=None)\ndef total():\n    return cost() + price(1)\n", "total(), cost()"),
    ("lone-object", CACHED.replace("@lru", BOX + "@lru").replace("return price(3)", "return Box(price(3))"), "cost().see()[0]"),
    ("lone-result-that-was-taken", CACHED + "\n\nTAKEN = [cost()]\n", "TAKEN[0], cost()"),
    ("lone-result-of-how-much-there-was", CACHED.replace("price(3)", "price(3) + len(ROWS)"), "[cost(), ROWS.append(1)][0]"),
    ("lone-result-of-a-number-there-was", CACHED.replace("price(3)", "price(3) + COUNT").replace("ROWS = []", "COUNT = 0\n\n\ndef up():\n    global COUNT\n    COUNT += 1"), "[cost(), up()][0]"),
    ("lone-result-with-a-row-for-it", CACHED.replace("    return price(3)", "    ROWS.append(1)\n    return price(3)"), "cost(), ROWS"),
    ("result-with-a-row-for-it", CACHED.replace("cost()", "cost(x)").replace("    return price(3)", "    ROWS.append(1)\n    return price(x)"), "cost(3), ROWS"),
    ("result-with-a-row-by-another", CACHED.replace("cost()", "cost(x)").replace("    return price(3)", "    note()\n    return price(x)").replace("def price", "def note():\n    ROWS.append(1)\n\n\ndef price"), "cost(3), ROWS"),
    ("result-of-how-much-there-was", CACHED.replace("cost()", "cost(x)").replace("price(3)", "price(x) + len(ROWS)"), "[cost(3), len(ROWS) < 5 and ROWS.append(1)][0]"),
    ("result-of-how-much-there-was-elsewhere", CACHED.replace("cost()", "cost(x)").replace("x * 2", "x * 2 + len(ROWS)").replace("price(3)", "price(x)"), "[cost(3), len(ROWS) < 5 and ROWS.append(1)][0]"),
    ("result-of-what-there-is", CACHED.replace("cost()", "cost(x)").replace("ROWS = []", "ROWS = [1]").replace("price(3)", "price(x) + len(ROWS)"), "cost(3)"),
    ("result-that-is-counted", CACHED.replace("cost()", "cost(x)").replace("    return price(3)", "    global ROWS\n    ROWS += [1]\n    return price(x)"), "cost(3), ROWS"),
):
    group.service(name, {"shop/rules.py": rules(text, value)}, sub("shop/rules.py", "x * 2", "x * 3"))

CASES = group.cases
