"""What stands beside a thing that changed, and is none of it: in the same import, the same tuple, the same call. Of each
kind the plain program comes first, whose edits need no restart; in the others something stays."""

from hrsup.bench.cases.unforeseen import BASE, CONFIG, MAIN, WORK, loop
from hrsup.bench.vocabulary import Change, Group, sub

WORD = "def word():\n    return 'v1'\n"

# -- in one import ---------------------------------------------------------------------------------------------------------
imported = Group("imported-beside")
SETTINGS = "RATE = 2\nNAMES = ['a']\n"
SHOP = "from config import NAMES, RATE\n\n\nclass Shop:\n    def __init__(self):\n        self.names = list(NAMES)\n\n    def price(self):\n        return RATE * len(self.names)\n"


def beside(name: str, shop: str, *edits: Change, state: str = "shop.price()", before: str = "shop = Shop()") -> None:
    """A constructor that runs before the loop uses one of the names of an import."""
    imported.service(name, {CONFIG: SETTINGS, WORK: shop, MAIN: loop("from work import Shop\nimport config\nimport work", state, before)}, *edits)


RATE, NAMES = sub(CONFIG, "RATE = 2", "RATE = 3"), sub(CONFIG, "['a']", "['a', 'b']")
beside("the-other-changed", SHOP, RATE)
beside("the-one-changed", SHOP, NAMES, RATE)
beside("by-other-names", SHOP.replace("NAMES, RATE", "NAMES as ALL, RATE as R").replace("RATE *", "R *").replace("(NAMES)", "(ALL)"), RATE, NAMES)
beside("one-follows-from-the-other", SHOP, sub(CONFIG, "NAMES = ['a']", "NAMES = ['a'] * RATE"), RATE)
beside("bound-again-by-the-program", SHOP, RATE, state="len(work.NAMES), shop.price()", before="shop = Shop()\nwork.NAMES = ['x', 'y', 'z']")
beside("an-import-more", SHOP.replace("NAMES, RATE", "NAMES").replace("RATE *", "4 *"), sub(WORK, "import NAMES", "import NAMES, RATE"), sub(WORK, "4 *", "RATE *"))
beside("from-elsewhere", SHOP, sub(WORK, "from config import NAMES, RATE", "from config import RATE\n\nNAMES = ['x', 'y']"))

# -- in one tuple ----------------------------------------------------------------------------------------------------------
together = Group("made-together")


def made(name: str, bind: str, state: str = "base.get()") -> None:
    """base.get binds two names at once, and sets something in `row`, if it was not there before."""
    base = f"import work\n\nKNOWN = {{}}\n\n\ndef get():\n    {bind}\n    if 'a' not in row:\n        row['a'] = work.word()\n    return row['a']\n"
    together.service(name, {WORK: WORD, BASE: base, MAIN: loop("import base", state)}, sub(WORK, "'v1'", "'v2'"))


made("both-new", "row, rows = {}, []")
made("nested", "(row, rows), n = ({}, []), 1")
made("the-other-one", "rows, row = {}, KNOWN")
made("crossed", "rows, row = KNOWN, {}\n    rows, row = row, rows")
made("starred", "row, *rows = KNOWN, {}")
made("from-a-call", "row, rows = (lambda: (KNOWN, []))()")

# -- called for an order ---------------------------------------------------------------------------------------------------
ordering = Group("ordered-by")


def ordered(name: str, base: str, state: str = "base.get()") -> None:
    """base.get orders words by a function, and shows what it keeps."""
    head = "import work\n\nKEPT = {}\n\n\ndef keep(text):\n    return KEPT.setdefault('a', text)\n\n\n"
    ordering.service(name, {WORK: WORD, BASE: head + base, MAIN: loop("import base", state)}, sub(WORK, "'v1'", "'v2'"))


GET = "def get():\n    {0}\n    return KEPT.get('a') or work.word()\n"
ordered("a-lambda-that-looks", "class Box:\n    def __init__(self, rows):\n        self.rows = KEPT.setdefault('rows', rows)\n\n\nBOX = Box([])\n\n\ndef get():\n    return max([work.word()], key=lambda w: w[0])\n")
ordered("a-lambda-that-keeps", GET.format("sorted([work.word()], key=lambda w: KEPT.setdefault('a', w))"))
ordered("a-lambda-that-hands-on", GET.format("max([work.word()], key=lambda w: keep(w))"))
ordered("a-function-that-keeps", GET.format("min([work.word()], key=keep)"))
ordered("a-method-that-keeps", GET.format("[work.word()].sort(key=KEEPER.keep)").replace("def get", "class Keeper:\n    def keep(self, text):\n        return keep(text)\n\n\nKEEPER = Keeper()\n\n\ndef get"))
ordered("a-variable-that-keeps", GET.format("by = keep\n    sorted([work.word()], key=by)"))
ordered("what-a-call-gives", GET.format("sorted([work.word()], key=chosen())").replace("def get", "def chosen():\n    return keep\n\n\ndef get"))
ordered("by-options", GET.format("sorted([work.word()], **{'key': keep})"))
ordered("of-the-programs-own", "HELD = []\n\n\ndef sorted(rows, key):\n    HELD.append(key)\n    return rows\n\n\n" + GET.format("HELD or sorted([], key=lambda w: KEPT.setdefault('a', w))\n    HELD[0](work.word())"))
ordered("by-another-name", "HELD = []\n\n\ndef later(rows, key):\n    HELD.append(key)\n    return rows\n\n\nclass Tools:\n    max = staticmethod(later)\n\n\n" + GET.format("HELD or Tools.max([], key=lambda w: KEPT.setdefault('a', w))\n    HELD[0](work.word())"))
ordered("a-lambda-kept-elsewhere", GET.format("by = lambda w: KEPT.setdefault('a', w)\n    sorted([], key=by)\n    by(work.word())"))

# -- behind a decorator ------------------------------------------------------------------------------------------------------
behind = Group("decorated-beside")


def decorated(name: str, base: str, state: str = "base.get()") -> None:
    """base.get hands a word to something decorated."""
    behind.service(name, {WORK: WORD, BASE: f"import work\n\nKEPT = {{}}\n\n\n{base}", MAIN: loop("import base", state)}, sub(WORK, "'v1'", "'v2'"))


PROPERTY = "class Shelf:\n    def __init__(self):\n        self.size = 1\n        self.names = KEPT.setdefault('names', ['n'])\n\n    {0}\n    def wide(self):\n        return KEPT.setdefault('wide', self.size)\n\n\nSHELF = Shelf()\n\n\ndef get():\n    return work.word(), SHELF.wide\n"
decorated("a-property", PROPERTY.format("@property"))
decorated("a-cache-of-the-programs-own", "def cache(function):\n    def call(text):\n        return KEPT.setdefault('a', text)\n\n    return call\n\n\n@cache\ndef show(text):\n    return text\n\n\ndef get():\n    return show(work.word())\n")
decorated("a-property-of-the-programs-own", "class property:\n    def __init__(self, function):\n        self.function = function\n\n    def __get__(self, instance, owner):\n        return KEPT.setdefault('a', self.function(instance))\n\n\nclass Shelf:\n    @property\n    def word(self):\n        return work.word()\n\n\nSHELF = Shelf()\n\n\ndef get():\n    return SHELF.word\n")
REGISTER = "HOOKS = {{}}\n\n\ndef hook(name):\n    def keep(function):\n        HOOKS[name] = function\n        return function\n\n    return keep\n\n\n@hook('a')\ndef show(text):\n    return {0}\n\n\ndef get():\n    return [function(work.word()) for function in HOOKS.values()]\n"
decorated("registered-beside", REGISTER.format("text"))
decorated("registered-and-keeps", REGISTER.format("KEPT.setdefault('a', text)"))
decorated("given-by-a-loop-at-import", "HOOKS = {}\n\n\ndef hook(function):\n    HOOKS['a'] = function\n    return function\n\n\n@hook\ndef show():\n    return 'none'\n\n\nfor each in [hook]:\n    each(work.word)\n\n\ndef get():\n    return KEPT.setdefault('a', HOOKS['a']())\n")

# -- done to a container ---------------------------------------------------------------------------------------------------
done = Group("done-to-it")


def does(name: str, base: str, state: str = "base.get()", before: str = "pass") -> None:
    """base.get calls a method, or a function, for what it does to a container."""
    head = "import hashlib\nimport heapq\nimport io\nfrom collections import Counter\n\nimport work\n\nKEPT = []\n\n\n"
    done.service(name, {WORK: WORD + "\n\ndef rank(n):\n    return n\n", BASE: head + base, MAIN: loop("import base\nimport work", state, before)}, sub(WORK, "'v1'", "'v2'"), sub(WORK, "return n", "return -n"))


does("sorted-in-place", "def get():\n    rows = [2, 1, 3]\n    rows.sort(key=work.rank)\n    return rows, work.word()\n")
does("a-heap-of-this-round", "def get():\n    rows = []\n    for n in (2, 1, 3):\n        heapq.heappush(rows, (work.rank(n), work.word()))\n    return heapq.heappop(rows)\n")
does("counted-in-this-round", "def get():\n    found = Counter()\n    found.update([work.word()] * abs(work.rank(2)))\n    return dict(found)\n")
does("a-sum-of-this-round", "def get():\n    found = hashlib.md5()\n    found.update(f'{work.word()}{work.rank(1)}'.encode())\n    return found.hexdigest()\n")
does("written-in-this-round", "def get():\n    found = io.StringIO()\n    found.write(f'{work.word()}{work.rank(1)}')\n    return found.getvalue()\n")
does("sorted-once", "ROWS = [2, 1, 3]\n\n\ndef get():\n    if not KEPT:\n        KEPT.append(1)\n        ROWS.sort(key=work.rank)\n    return ROWS, work.word()\n")
does("sorted-by-the-loop-once", "ROWS = [2, 1, 3]\n\n\ndef get(rows):\n    if rows != sorted(rows, key=abs):\n        return rows\n    rows.sort(key=work.rank)\n    return rows\n", "base.get(rows), work.word()", "rows = [2, 1, 3]\nrows.reverse()")
does("a-heap-that-goes-on", "def get():\n    heapq.heappush(KEPT, (work.rank(1), work.word()))\n    if len(KEPT) > 2:\n        heapq.heappop(KEPT)\n    return KEPT[0]\n")
does("a-heap-that-is-seen", "def get():\n    if not KEPT:\n        heapq.heappush(KEPT, (work.rank(1), work.word()))\n    return KEPT[0]\n")
does("a-sum-that-goes-on", "SUM = hashlib.md5()\n\n\ndef get():\n    if not KEPT:\n        KEPT.append(1)\n        SUM.update(f'{work.word()}{work.rank(1)}'.encode())\n    return SUM.hexdigest()\n")
does("an-entry-set-once", "KNOWN = {}\n\n\ndef get():\n    if not KNOWN:\n        KNOWN.update(word=work.word(), rank=work.rank(1))\n    return KNOWN\n")
does("made-by-the-programs-own", "class Counter(dict):\n    def update(self, rows):\n        KEPT.extend(rows)\n\n\ndef get():\n    found = Counter()\n    if not KEPT:\n        found.update([work.word(), work.rank(1)])\n    return KEPT\n")
does("a-method-of-its-own", "from types import SimpleNamespace\n\n\ndef keep(text):\n    KEPT.append(text)\n\n\ndef get():\n    found = SimpleNamespace()\n    found.take = keep\n    found.take((work.word(), work.rank(1)))\n    return KEPT[0]\n")
does("sorted-by-what-keeps", "def keep(n):\n    KEPT.append((work.word(), work.rank(n)))\n    return n\n\n\ndef get():\n    rows = [1]\n    rows.sort(key=keep)\n    return KEPT[0]\n")
does("a-queue-of-the-loop", "def get(rows):\n    rows.sort(key=lambda n: (work.rank(n), work.word()))\n    return rows\n", "base.get(rows[:]) if shown else base.get(rows)", "rows = [2, 1, 3]")

# -- handed over for later ---------------------------------------------------------------------------------------------------
later = Group("handed-for-later")
TICK = "def tick({0}):\n    COUNT[0] += 1\n    print(f'{{COUNT[0]}}\\t{1}', flush=True)\n    {2}\n"


def planned(name: str, text: str, again: str = "PLAN.enter(0.005, 1, tick)", begin: str = "PLAN.enter(0, 1, tick)\n    PLAN.run()", more: str = "", parameters: str = "") -> None:
    """A loop of the standard library's scheduler shows `text`, and plans its next round by `again`."""
    tick = TICK.format(parameters, text, again)
    main = f"import sched\nimport time\nfrom functools import partial\n\nimport work\n\nPLAN = sched.scheduler(time.monotonic, time.sleep)\nCOUNT = [0]\nKEPT = []\n{more}\n\n{tick}\n\ndef main():\n    {begin}\n\n\nif __name__ == '__main__':\n    main()\n"
    later.service(name, {WORK: WORD, MAIN: main}, sub(WORK, "'v1'", "'v2'"))


EVERY = "\n\ndef every(delay, function):\n    def again():\n        function()\n        PLAN.enter(delay, 1, again)\n\n    PLAN.enter(delay, 1, again)\n"
LOOP = "\n    while True:\n        tick()\n        time.sleep(0.005)"
planned("each-round-anew", "{work.word()}")
planned("by-a-function-that-repeats", "{work.word()}", "return None", "every(0.005, tick)\n    PLAN.run()", EVERY)
planned("a-name-of-the-library", "{work.word()}", begin="scheduler.enter(0, 1, tick)\n    scheduler.run()", again="scheduler.enter(0.005, 1, tick)", more="scheduler = sched.scheduler(time.monotonic, time.sleep)")
planned("with-a-result", "{text}", "PLAN.enter(0.005, 1, tick, (work.word(),))", "PLAN.enter(0, 1, tick, (work.word(),))\n    PLAN.run()", parameters="text")
planned("with-a-result-in-a-variable", "{text}", "found = (work.word(),)\n    PLAN.enter(0.005, 1, tick, found)", "PLAN.enter(0, 1, tick, (work.word(),))\n    PLAN.run()", parameters="text")
planned("with-a-closure-of-a-result", "{text}", "text = work.word()\n\n    def again():\n        tick(text)\n\n    PLAN.enter(0.005, 1, again)", "tick(work.word())\n    PLAN.run()", parameters="text")
planned("with-a-partial-of-a-result", "{text}", "again = partial(tick, work.word())\n    PLAN.enter(0.005, 1, again)", "tick(work.word())\n    PLAN.run()", parameters="text")
planned("run-before-the-loop", "{KEPT[0]}", "return None", "PLAN.enter(0, 1, keep)\n    PLAN.run()" + LOOP, "\n\ndef keep():\n    KEPT.append(work.word())\n")
planned("run-before-the-loop-by-a-function", "{KEPT[0]}", "return None", "begin(keep)" + LOOP, "\n\ndef keep():\n    KEPT.append(work.word())\n\n\ndef begin(function):\n    PLAN.enter(0, 1, function)\n    PLAN.run()\n")
planned("run-by-another-before-the-loop", "{KEPT[0]}", "return None", "every(keep)\n    begin()" + LOOP, "\n\ndef keep():\n    KEPT.append(work.word())\n\n\ndef every(function):\n    PLAN.enter(0, 1, function)\n\n\ndef begin():\n    PLAN.run()\n")
planned("entered-where-it-runs-at-once", "{KEPT[0]}", "return None", "Plan().enter(0, 1, keep)" + LOOP, "\n\ndef keep():\n    KEPT.append(work.word())\n\n\nclass Plan:\n    def enter(self, delay, priority, function):\n        function()\n")
planned("in-place-of-the-library", "{START}", "PLAN.enter(0.005, 1, tick)", more="time.clock = work.word\nSTART = time.clock()")
planned("sorted-by-it-once", "{once()}", more="KEPT.extend(['v1', 'v2'])\n\n\ndef is_other(text):\n    return text == work.word()\n\n\ndef once():\n    if COUNT[0] == 1:\n        KEPT.sort(key=is_other)\n    return KEPT\n")
planned("with-a-result-but-for-the-first", "{text or work.word()}", "PLAN.enter(0.005, 1, tick, (work.word(),))", "PLAN.enter(0, 1, tick, (None,))\n    PLAN.run()", parameters="text")
planned("with-a-result-in-a-variable-but-for-the-first", "{text or work.word()}", "found = (work.word(),)\n    PLAN.enter(0.005, 1, tick, found)", "PLAN.enter(0, 1, tick, (None,))\n    PLAN.run()", parameters="text")
planned("with-a-closure-but-for-the-first", "{text or work.word()}", "text = work.word()\n\n    def again():\n        tick(text)\n\n    PLAN.enter(0.005, 1, again)", "PLAN.enter(0, 1, first)\n    PLAN.run()", "\n\ndef first():\n    tick(None)\n", parameters="text")
planned("after-a-delay-by-it", "{KEPT[:1]}", "PLAN.enter(len(work.word()) / 1000, 1, tick)\n    KEPT or PLAN.enter(0.001, 1, keep)", begin="KEPT.append('none')\n    PLAN.enter(0, 1, tick)\n    PLAN.run()", more="\n\ndef keep():\n    KEPT.append(work.word())\n")

CASES = [*imported.cases, *together.cases, *ordering.cases, *behind.cases, *done.cases, *later.cases]
