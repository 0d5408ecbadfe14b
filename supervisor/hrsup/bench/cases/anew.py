"""What a round makes anew, and what only looks like it: objects made on the spot, and attributes written before they are
read. Of each kind the plain program comes first, whose edits need no restart; in the others something stays."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Change, Group, Saved, edit, sub

WORD = "def word():\n    return 'v1'\n"
SET = "if 'a' not in row:\n        row['a'] = work.word()\n    return row['a']\n"


def program(base: str, state: str, imports: str, before: str) -> dict[str, str]:
    """The tick shows `state`."""
    return {WORK: WORD, BASE: base, MAIN: loop(imports, state, before)}


# -- objects --------------------------------------------------------------------------------------------------------------
group = Group("made-on-the-spot")


def made(name: str, base: str, state: str = "base.get()") -> None:
    """base.get gives what was set in an object, if it was not there before."""
    group.service(name, program(f"import work\n{base}", state, "import base", "pass"), sub(WORK, "'v1'", "'v2'"))


made("by-a-function", f"\n\ndef parse():\n    row = {{'n': 1}}\n    row['m'] = 2\n    return row\n\n\ndef get():\n    row = parse()\n    {SET}")
made("by-a-copy-of-a-parameter", f"\nROW = {{}}\n\n\ndef fill(row):\n    row = row.copy()\n    {SET}\n\ndef get():\n    return fill(ROW)\n")
made("an-instance", "\n\nclass Job:\n    def __init__(self):\n        self.n = 1\n        self.load()\n\n    def load(self):\n        self.m = 2\n\n\ndef make():\n    return Job()\n\n\ndef get():\n    job = make()\n    job.text = work.word()\n    return job.text\n")
made("a-parameter-perhaps", f"\nROW = {{}}\n\n\ndef fill(row):\n    if len(row) > 5:\n        row = {{}}\n    {SET}\n\ndef get():\n    return fill(ROW)\n")
made("an-alias-first", f"\nKNOWN = {{}}\n\n\ndef get():\n    row = KNOWN\n    if len(KNOWN) > 99:\n        row = {{}}\n    {SET}")
made("a-copy-and-what-is-in-it", "\nROW = {'l': {}}\n\n\ndef fill(row):\n    row = row.copy()\n    if 'a' not in row['l']:\n        row['l']['a'] = work.word()\n    return row['l']['a']\n\n\ndef get():\n    return fill(ROW)\n")
made("by-a-function-that-keeps-it", f"\nROWS = {{}}\n\n\ndef parse(n):\n    if n in ROWS:\n        return ROWS[n]\n    row = {{'n': n}}\n    ROWS[n] = row\n    return row\n\n\ndef get():\n    row = parse(1)\n    {SET}")
made("by-a-function-that-hands-it-on", "\nROWS = []\n\n\ndef parse():\n    row = {}\n    if not ROWS:\n        ROWS.append(row)\n    return row\n\n\ndef get():\n    row = parse()\n    row['a'] = work.word()\n    return ROWS[0]['a']\n")
made("by-a-cached-function", f"from functools import lru_cache\n\n\n@lru_cache\ndef parse():\n    return {{}}\n\n\ndef get():\n    row = parse()\n    {SET}")
made("by-a-parameter", f"\nROW = {{}}\n\n\ndef make():\n    return {{}}\n\n\ndef old():\n    return ROW\n\n\ndef fill(make):\n    row = make()\n    {SET}\n\ndef get():\n    return fill(old)\n")
made("by-a-generator", f"\nROW = {{}}\n\n\ndef rows():\n    yield ROW\n\n\ndef get():\n    row = next(rows())\n    {SET}")
made("by-a-copy-of-the-programs-own", f"\n\nclass Frame(dict):\n    def copy(self):\n        return self\n\n\nROW = Frame()\n\n\ndef get():\n    row = ROW.copy()\n    {SET}")
made("an-instance-that-registers-itself", "\nALL = {}\n\n\nclass Job:\n    def __init__(self):\n        self.begin()\n\n    def begin(self):\n        ALL.setdefault('a', self)\n\n\ndef get():\n    job = Job()\n    job.text = work.word()\n    return ALL['a'].text\n")
made("an-instance-whose-items-go-elsewhere", "\nALL = {}\n\n\nclass Row:\n    def __setitem__(self, key, value):\n        ALL.setdefault(key, value)\n\n\ndef get():\n    row = Row()\n    row['a'] = work.word()\n    return ALL['a']\n")

# -- attributes -----------------------------------------------------------------------------------------------------------
written = Group("written-anew")


def last(name: str, step: str, state: str = "hub.get()", head: str = "", start: str = "", fields: str = "    last = None\n    n = 0") -> None:
    """An attribute of one object, set by `step`."""
    base = f"{head}import work\n\n\n{start}class Hub:\n    last = None\n    n = 0\n\n{step}"
    written.service(name, program(base, state, "from base import Hub", "hub = Hub()"), sub(WORK, "'v1'", "'v2'"))


ONCE = "    def get(self):\n        self.n += 1\n        if self.n == 1:\n            self.last = work.word()\n"
last("read-after-it", "    def get(self):\n        self.last = work.word()\n        self.n += 1\n        return f'{self.last}'\n")
last("read-in-each-branch", "    def get(self):\n        if self.n >= 0:\n            self.last = work.word()\n        else:\n            self.last = 'none'\n        for _ in range(2):\n            text = self.last\n        return text\n")
last("read-first", "    def get(self):\n        before, self.n = self.last, self.n + 1\n        self.last = work.word()\n        return before or self.last\n")
last("read-by-another", ONCE + "        return self.show()\n\n    def show(self):\n        return self.last\n")
last("written-now-and-then", ONCE + "        return self.last\n")
last("written-in-a-loop", "    def get(self):\n        while self.n < 3:\n            self.last = work.word()\n            self.n += 1\n        return self.last\n")
last("written-under-a-try", "    def get(self):\n        self.n += 1\n        try:\n            if self.n > 1:\n                raise ValueError\n            self.last = work.word()\n        except ValueError:\n            pass\n        return self.last\n")
last("written-under-suppress", "    def get(self):\n        self.n += 1\n        with suppress(ValueError):\n            if self.n > 1:\n                raise ValueError\n            self.last = work.word()\n        return self.last\n", head="from contextlib import suppress\n\n")
last("read-in-a-lambda", "    say = None\n\n" + ONCE + "            self.say = [lambda: self.last]\n        return self.say[0]()\n")
last("read-by-its-name", ONCE + "        return getattr(self, 'la' + 'st')\n")
last("read-in-a-format", ONCE + "        return '{0.last}'.format(self)\n")
last("read-by-attrgetter", ONCE + "        return attrgetter('last')(self)\n", head="from operator import attrgetter\n\n")
last("read-by-match", ONCE + "        match self:\n            case Hub(last=found):\n                return found\n")
last("read-from-outside", ONCE + "        return None\n", "hub.get() or hub.last")
last("read-as-a-field", ONCE.replace("self.last = work.word()", "self.last = work.word()\n            print(end=self.last[:0])") + "        return repr(self).partition('last')[2]\n", head="from dataclasses import dataclass\n\n", start="@dataclass\n", fields="    last: str = ''\n    n: int = 0")
written.service("a-global", program("import work\n\nLAST = None\n\n\ndef get():\n    global LAST\n    LAST = work.word()\n    return f'{LAST}'\n", "base.get()", "import base", "pass"), sub(WORK, "'v1'", "'v2'"))
written.service("a-global-read-elsewhere", program("import work\n\nLAST = None\n\n\ndef step():\n    global LAST\n    LAST = work.word()\n    return LAST\n", "base.LAST or base.step()", "import base", "pass"), sub(WORK, "'v1'", "'v2'"))
written.service("what-goes-by-the-name-of-a-container", program("import work\n\nALL = []\n\n\ndef deque():\n    return ALL\n\n\nLOG = deque()\n\n\ndef step():\n    if not ALL:\n        LOG.append(work.word())\n    if len(LOG) > 3:\n        LOG.pop()\n    return ALL[0]\n", "base.step()", "import base", "pass"), sub(WORK, "'v1'", "'v2'"))

# -- lengths --------------------------------------------------------------------------------------------------------------
counted = Group("counted")
TAKEN = "\n        taken.append(LINE.popleft())\n    return ' '.join(taken) + str(len(LINE) > 4)\n"


def length(name: str, loop_test: str, line: str = "", body: str = "") -> None:
    """Words are taken from a line as long as a length says so."""
    base = f"from collections import deque\n\nimport work\n\nLINE = deque('a' * 1000)\n\n\ndef get():\n    found = []\n{body}    {line or 'found.append(work.word())'}\n    taken = []\n    while LINE and {loop_test}:{TAKEN}"
    counted.service(name, program(base, "base.get()[:1]", "import base", "pass"), sub(WORK, "'v1'", "'w12'"))


length("of-what-was-appended", "len(found) > len(taken)")
length("of-what-was-appended-if-it-is-right", "len(found) > len(taken)", "if work.word() == 'v1':\n        found.append(1)")
length("of-what-was-extended", "len(found) > len(taken)", "found.extend(work.word())")
length("of-what-was-added-up", "len(found) > len(taken)", "found += work.word()")
length("of-what-was-set-by-key", "len(found) > len(taken)", "found = {}\n    found[work.word()] = found[work.word()[:2]] = 1")
length("of-what-an-inner-function-appends", "len(found) > len(taken)", "fill()", "    def fill():\n        for letter in work.word():\n            found.append(letter)\n\n")
length("of-what-is-in-it", "sum(map(len, found)) > len(taken)")

# -- set for good -----------------------------------------------------------------------------------------------------------
effects = Group("set-for-good")
for name, what, shown in (
    ("a-level", "logging.getLogger('x').setLevel(10 * len(work.word()))", "logging.getLogger('x').level"),
    ("a-seed", "random.seed(work.word())", "isinstance(random.random(), float), random.getstate()[1][0]"),
):
    base = f"import logging\nimport random\n\nimport work\n\nREADY = []\n\n\ndef get():\n    if not READY:\n        READY.append(1)\n        {what}\n    return {shown}\n"
    effects.service(name, program(base, "base.get()", "import base", "pass"), sub(WORK, "'v1'", "'w12'"))

# -- before the loop --------------------------------------------------------------------------------------------------------
before = Group("made-before-the-loop")
SAMPLE = "from dataclasses import dataclass\n\n\n@dataclass\nclass Sample:\n    values: list\n\n    @property\n    def mean(self):\n        return sum(self.values)\n\n\ndef sample():\n    return Sample([1, 2])\n"
MEAN = sub(WORK, "sum(self.values)", "sum(self.values) / 2")
before.service("an-object-with-a-property", {WORK: SAMPLE, MAIN: loop("import work", "one.mean", "one = work.sample()")}, MEAN)
before.service("what-its-property-said", {WORK: SAMPLE, MAIN: loop("import work", "mean", "mean = work.sample().mean")}, MEAN)
before.service("a-class-that-asks-its-property", {WORK: SAMPLE + "\n\nclass Shown:\n    mean = Sample.mean.fget(sample())\n", MAIN: loop("import work", "one.mean", "one = work.Shown()")}, MEAN)

# -- attributes written by one method and read by another ------------------------------------------------------------------
called = Group("written-by-a-call")
HUB = "import work\n\n\nclass Hub:\n    last = None\n    n = 0\n\n    def step(self):\n        self.n += 1\n        self.last = work.word()\n        return self.n\n\n    def show(self):\n        return self.last\n"


def by_call(name: str, base: str, state: str, first: str = "pass", before: str = "pass", imports: str = "from base import Hub") -> None:
    """An attribute is set by `step`, which the loop's function may call, and shown."""
    program_ = {WORK: WORD, BASE: base, MAIN: loop(imports, state, f"hub = Hub()\n{before}", first)}
    called.service(name, program_, sub(WORK, "'v1'", "'v2'"))


SOMETIMES = HUB.replace("        self.last = work.word()\n", "        if self.n == 1:\n            self.last = work.word()\n")
STEPS = HUB + "\n    def tick(self):\n        self.step()\n        return self.show()\n"
by_call("before-the-read", HUB, "hub.last", "hub.step()")
by_call("before-the-read-in-a-loop", HUB, "text", "count = hub.step()\nfor _ in range(2):\n    text = hub.last")
by_call("before-the-other-method", STEPS, "hub.tick()")
by_call("further-down", STEPS.replace("return self.last\n", "return self.deep()\n\n    def deep(self):\n        return f'{self.last}'\n"), "hub.tick()")
by_call("by-each-branch", STEPS.replace("        self.step()\n", "        if self.n % 2:\n            self.step()\n        else:\n            self.last = work.word()\n            self.n += 1\n"), "hub.tick()")
by_call("now-and-then", SOMETIMES, "hub.last", "hub.step()")
by_call("now-and-then-for-another-method", SOMETIMES + STEPS[len(HUB):], "hub.tick()")
by_call("after-the-read", HUB, "text or hub.last", "text = hub.last\nhub.step()")
by_call("of-another-object", HUB, "hub.last or other.last", "if shown < 1:\n    hub.step()\nother.step()", "other = Hub()")
by_call("of-another-object-of-the-same-name", HUB, "hub.last", "if shown < 1:\n    kept.step()\nhub = Hub()\nhub.step()\nhub = kept", "kept = hub")
by_call("under-a-condition", HUB, "hub.last", "if shown < 1:\n    hub.step()")
by_call("under-a-try", HUB.replace("        self.n += 1\n", "        self.n += 1\n        if self.n > 1:\n            raise ValueError\n"), "hub.last", "try:\n    hub.step()\nexcept ValueError:\n    pass")
by_call("not-by-a-subclass", HUB + "\n\nclass Rare(Hub):\n    def step(self):\n        if self.n < 1:\n            super().step()\n", "hub.last", "hub.step()", "hub = Rare()", "from base import Hub, Rare")
by_call("returning-early", HUB.replace("        self.n += 1\n", "        self.n += 1\n        if self.n > 1:\n            return None\n"), "hub.last", "hub.step()")
by_call("the-other-method-from-outside", STEPS, "hub.show() or hub.tick()", "if shown < 1:\n    hub.tick()")
by_call("the-other-method-handed-on", STEPS, "show()", "if shown < 1:\n    hub.tick()", "show = hub.show")
by_call("the-other-method-by-name", STEPS, "getattr(hub, 'sh' + 'ow')()", "if shown < 1:\n    hub.tick()")
by_call("the-other-method-in-a-thread", "import threading\n\n" + STEPS.replace("        return self.show()\n", "        found = []\n        thread = threading.Thread(target=lambda: found.append(self.show()))\n        thread.start()\n        thread.join()\n        return found[0]\n").replace("self.step()\n        found", "if self.n < 1:\n            self.step()\n        found"), "hub.tick()")
by_call("by-something-that-looks-like-it", HUB + "\n\nclass Proxy:\n    def __init__(self, hub):\n        self.hub = hub\n\n    def __getattr__(self, name):\n        return getattr(self.hub, name)\n\n    def step(self):\n        self.last = None\n        del self.last\n", "proxy.last", "proxy.step()", "proxy = Proxy(hub)\nproxy.hub.step()", "from base import Hub, Proxy")
by_call("a-wait-between", HUB, "hub.last", "if shown == 0:\n    hub.step()\ntime.sleep(0.001)")

# -- what nobody has read so far, and is read after an edit ----------------------------------------------------------------
later = Group("read-later")
UNREAD = "import work\n\n\nclass Hub:\n    n = 0\n\n    def step(self):\n        if self.n < 1:\n            self.first = work.word()\n        self.n += 1\n\n    def show(self):\n        return 'x'\n"
READS = sub(BASE, "'x'", "self.first")


def unread(name: str, base: str, *edits: Change | Saved) -> None:
    """The loop steps, and shows."""
    later.service(name, {WORK: WORD, BASE: base, MAIN: loop("from base import Hub", "(hub.step(), hub.show())", "hub = Hub()")}, *edits)


unread("in-the-same-edit", UNREAD, edit(sub(WORK, "'v1'", "'v2'"), READS))
unread("in-the-next", UNREAD, sub(WORK, "'v1'", "'v2'"), READS)
unread("two-edits-later", UNREAD, sub(WORK, "'v1'", "'v2'"), sub(BASE, "'x'", "'y'"), sub(BASE, "'y'", "self.first"))
ANEW = UNREAD.replace("        if self.n < 1:\n            self.first", "        if self.n < 9:\n            pass\n        self.first").replace("'x'", "'x' + self.first")
unread("written-less-often", ANEW, sub(WORK, "'v1'", "'v2'"), sub(BASE, "if self.n < 9:\n            pass\n        self.first", "if self.n < 1:\n            self.first"), sub(BASE, "'x'", "'y'"))
unread("no-longer-written", ANEW, sub(WORK, "'v1'", "'v2'"), sub(BASE, "        self.first = work.word()\n", ""), sub(BASE, "self.first", "getattr(self, 'first', 'none')"))

# -- what is kept and read for nothing but to keep it ------------------------------------------------------------------------
tallied = Group("read-to-be-updated")
TALLY = "import work\n{more}\nSHARED = []\n\n\nclass Hub:\n    def __init__(self):\n        self.kept = {made}\n\n    def step(self):\n        {body}\n        return work.word()\n\n\n{show}"


def tally(name: str, made: str, body: str, state: str = "hub.step(), base.SHARED", *edits: Change | Saved, more: str = "", show: str = "") -> None:
    """Each step keeps something in an attribute that begins as `made`."""
    base = TALLY.format(made=made, body=body.replace("\n", "\n        "), more=more, show=show)
    tallied.service(name, {WORK: WORD, BASE: base, MAIN: loop("import base", state, "hub = base.Hub()")}, *(edits or (sub(WORK, "'v1'", "'v2'"), sub(WORK, "'v2'", "'v3'"))))


BY_KEY = "self.kept[work.word()] = self.kept.get(work.word(), 0) + 1"
LOGGED = "self.kept.append(work.word())\nif len(self.kept) > 3:\n    self.kept.pop(0)"
tally("a-tally", "{}", BY_KEY)
tally("a-counter-by-key", "Counter()", "self.kept[work.word()] += 1", more="from collections import Counter\n")
tally("a-log-that-is-cut", "[]", LOGGED)
tally("a-log-that-is-sliced", "[]", "self.kept.append(work.word())\nself.kept = self.kept[-3:]")
tally("the-number-of-a-kind", "0", "if work.word() == 'v1' and not SHARED:\n    self.kept += 1")
SHOW = "def show(hub):\n    return 0\n"
SHOWN = "hub.step(), base.show(hub)"
EDIT, READ = sub(WORK, "'v1'", "'v2'"), sub(BASE, "return 0", "return sorted(hub.kept)")
tally("read-by-an-edit", "{}", BY_KEY, SHOWN, edit(EDIT, READ), show=SHOW)
tally("read-by-a-later-edit", "{}", BY_KEY, SHOWN, EDIT, READ, show=SHOW)
tally("asked-by-a-later-edit", "{}", BY_KEY, SHOWN, EDIT, sub(BASE, "return 0", "return 'v1' in hub.kept"), show=SHOW)
tally("read-elsewhere", "{}", BY_KEY, SHOWN, show="def show(hub):\n    return sorted(hub.kept)\n")
tally("read-by-its-name", "{}", BY_KEY, SHOWN, show="def show(hub):\n    return sorted(getattr(hub, 'kept'))\n")
tally("read-by-all-names", "{}", BY_KEY, SHOWN, show="def show(hub):\n    return sorted(vars(hub)['ke' + 'pt'])\n")
tally("another-has-it-too", "SHARED", "if work.word() not in SHARED:\n    self.kept.append(work.word())")
tally("another-is-given-it", "[]", "self.kept.append(work.word())\nself.kept = self.kept[-3:]\nif not SHARED:\n    SHARED.append(self.kept)", "hub.step(), base.SHARED[0][0]")
tally("bound-among-others", "[]", "self.kept, n = SHARED, 1\nself.kept.append(work.word())\ndel SHARED[1:]")
tally("bound-by-a-loop", "[]", "for self.kept in [SHARED]:\n    self.kept.append(work.word())\ndel SHARED[1:]")
tally("what-is-in-it-changes", "{}", "self.kept['a'] = SHARED\nself.kept['a'] += [work.word()]\ndel SHARED[1:]")
tally("what-is-deep-in-it-changes", "{}", "self.kept['a'] = SHARED\nself.kept['a'][:0] = [] if SHARED else [work.word()]")
NOTICED = "try:\n    {0}\nexcept KeyError:\n    self.kept[work.word()] = 1\n    SHARED.append(work.word())"
tally("noticed-where-it-is-missing", "{}", NOTICED.format("self.kept[work.word()] = self.kept[work.word()] + 1"), "hub.step(), len(base.SHARED)")
tally("noticed-where-it-is-counted", "{}", NOTICED.format("self.kept[work.word()] += 1"), "hub.step(), len(base.SHARED)")
tally("told-when-it-is-long", "[]", "if len(self.kept) < 1:\n    self.kept.append(work.word())\n    SHARED.append(work.word())")
FIELD = "import dataclasses\n\n\n@dataclasses.dataclass\nclass Hub(Hub):\n    kept: dict = dataclasses.field(default_factory=dict)\n"
tally("shown-as-a-field", "{}", BY_KEY, "hub.step(), str(hub)[:16]", show=FIELD)

CASES = [*tallied.cases, *later.cases, *called.cases, *group.cases, *written.cases, *counted.cases, *effects.cases, *before.cases]
