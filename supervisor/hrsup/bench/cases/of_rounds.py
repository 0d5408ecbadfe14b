"""What one round has made, and later ones find: an object that has grown, an item that no other round adds to, what was
done in the first round alone."""

from hrsup.bench.cases.of_many import HEAD, NEWER, PLAIN, RATES, ROUND
from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

MADE = PLAIN.replace("class Job:\n    def __init__(self, number):\n", "class Job:\n    def __init__(self, number, before=None):\n        self.before = before\n").replace("self.latest = []", "self.latest = []\n        self.first = None")
JOB = ROUND[: ROUND.index("    KEPT")]
FIRST = "    shop.first = shop.first or job\n"


def asks(group: Group, name: str, shown: str, done: str, made: str = MADE, *later: tuple[str, str]) -> None:
    """`done` is what a round does, `shown` what it shows."""
    base = f"{HEAD}from collections import defaultdict\n{made}def step():\n{done}    return {shown}\n"
    steps = [sub(BASE, *pair) for pair in later]
    group.service(name, {WORK: RATES, BASE: base, MAIN: loop("import base", "base.step()")}, NEWER, *steps)


found = Group("one-of-a-round-is-found")
SLOTS = MADE.replace("class Job:\n", "class Job:\n    __slots__ = ('errors', 'total', 'number', 'before')\n\n")
TASK = MADE.replace("\n\nclass Shop", "\n\nclass Task:\n    def __init__(self):\n        self.notes = Job(1)\n\n\nclass Shop")
ALL = MADE.replace("\n\nclass Shop", "\n    def all(self):\n        return self.errors\n\n    def each(self):\n        while True:\n            yield self.errors\n\n\nclass Shop")
CLASS = MADE.replace("class Shop:\n", "class Shop:\n    kept = None\n\n")
GLOBAL = "    global FIRST\n" + JOB
NAMED = MADE.replace("\n\nshop = ", "\n\nFIRST = None\nTABLE = {}\nshop = ")
for title, shown, done, made in (
    ("the-first", "shop.first.errors", JOB + FIRST, MADE),
    ("the-sum-of-the-first", "shop.first.total", JOB + FIRST, MADE),
    ("the-first-with-slots", "shop.first.errors", JOB + FIRST, SLOTS),
    ("the-first-by-a-condition", "shop.first.errors", JOB + "    if shop.first is None:\n        shop.first = job\n", MADE),
    ("the-best", "shop.first.errors", JOB + "    shop.first = min(filter(None, (shop.first, job)), key=lambda one: one.number)\n", MADE),
    ("one-that-is-swapped", "shop.first.errors", JOB + "    shop.first, job = (job, None) if shop.first is None else (shop.first, job)\n", MADE),
    ("in-the-class", "Shop.kept.errors", JOB + "    Shop.kept = Shop.kept or job\n", CLASS),
    ("in-a-global", "FIRST.errors", GLOBAL + "    FIRST = FIRST or job\n", NAMED),
    ("in-a-tuple", "FIRST[1].errors", GLOBAL + "    FIRST = FIRST or (1, job)\n", NAMED),
    ("in-a-list-that-a-round-makes", "shop.jobs[-1][0].errors", JOB + "    shop.jobs = shop.jobs or [[job]]\n", MADE),
    ("by-its-method", "FIRST()", GLOBAL + "    FIRST = FIRST or job.all\n", ALL.replace("\n\nshop = ", "\n\nFIRST = None\nshop = ")),
    ("by-a-lambda", "FIRST()", GLOBAL + "    FIRST = FIRST or (lambda: job.errors)\n", NAMED),
    ("by-its-generator", "next(FIRST)", GLOBAL + "    FIRST = FIRST or job.each()\n", ALL.replace("\n\nshop = ", "\n\nFIRST = None\nshop = ")),
    ("under-a-text", "TABLE['k0'].errors", JOB + "    TABLE[f'k{job.number}'] = job\n", NAMED),
    ("under-a-text-once", "TABLE['first'].errors", JOB + "    if shop.first is None:\n        TABLE['first'] = job\n" + FIRST, NAMED),
    ("the-last-of-what-is-filled-once", "KEPT[-1].errors", JOB + "    if not KEPT:\n        KEPT.append(job)\n", MADE),
    ("the-last-of-what-is-filled-behind-a-flag", "KEPT[-1].errors", JOB + "    if shop.first is None:\n        KEPT.append(job)\n" + FIRST, MADE),
    ("a-part-of-the-first", "shop.first.notes.errors", "    job = Task()\n    job.notes.run()\n" + FIRST, TASK),
    ("the-one-before", "seen", JOB + "    seen = (shop.first or job).errors\n    shop.first = job\n", MADE),
    ("the-root-of-a-chain", "root.errors", "    job = root = Job(next(NUMBERS), shop.first)\n    job.run()\n    shop.first = job\n    while root.before:\n        root = root.before\n", MADE),
):
    asks(found, title, shown, done, made)
asks(found, "from-now-on", "work.word()", JOB + FIRST, MADE, ("return work.word()", "return shop.first.errors"))
LOCAL = f"{HEAD}import time\n{MADE}def main():\n    tick = 0\n    first = None\n    while True:\n        tick += 1\n        job = Job(tick)\n        job.run()\n        first = first or job\n        print(f'{{tick}}\\t{{first.errors}}', flush=True)\n        time.sleep(0.005)\n\n\nmain()\n"
found.service("in-a-variable", {WORK: RATES, MAIN: LOCAL}, NEWER)
found.service("in-a-variable-of-the-script", {WORK: RATES, MAIN: LOCAL.replace("def main():", "if True:").replace("\n\nmain()\n", "\n")}, NEWER)

unfound = Group("one-of-a-round-and-free")
for title, shown, done, made in (
    ("that-nobody-looks-at", "work.word()", JOB + "    shop.latest = job\n", MADE),
    ("that-a-round-drops", "job.errors", JOB, MADE),
    ("that-was-made-before", "work.word(), 0 * len(shop.first.errors)", "    WORKER.run()\n    shop.first = WORKER\n", MADE.replace("\n\nshop = ", "\n\nWORKER = Job(1)\nshop = ")),
    ("that-a-constructor-has-made", "work.word(), 0 * len(shop.worker.errors)", "    shop.worker.run()\n", MADE.replace("self.first = None", "self.first = None\n        self.worker = Job(1)")),
    ("a-part-of-those-in-a-list", "work.word()", "    task = Task()\n    task.notes.run()\n    KEPT.append(task)\n", TASK),
):
    asks(unfound, title, shown, done, made)

# -- items -------------------------------------------------------------------------------------------------------------
items = Group("an-item-of-one-round")
SUMS = MADE.replace("\n\nshop = ", "\n\nSUMS = defaultdict(int)\nLISTS = defaultdict(list)\nDEEP = {'a': defaultdict(int)}\nKEY = 0\nshop = ")
SUM = "    number = next(NUMBERS)\n    SUMS[f'k{number}'] += work.rate()\n"
LIST = "    number = next(NUMBERS)\n    LISTS[number].append(work.word())\n"
for title, shown, done in (
    ("its-sum", "SUMS['k0']", SUM),
    ("its-list", "LISTS['k0']", "    LISTS[f'k{next(NUMBERS)}'].append(work.word())\n"),
    ("by-a-number", "LISTS[0]", LIST),
    ("by-a-global", "LISTS[KEY]", LIST),
    ("by-a-variable", "LISTS[key]", LIST + "    key = 0\n"),
    ("by-an-attribute", "LISTS[shop.total]", LIST),
    ("by-the-least", "LISTS[min(LISTS)]", LIST),
    ("of-an-item", "DEEP['a']['k0']", "    DEEP['a'][f'k{next(NUMBERS)}'] += work.rate()\n"),
    ("of-an-item-by-another-name", "sums['k0']", "    DEEP['a'][f'k{next(NUMBERS)}'] += work.rate()\n    sums = DEEP['a']\n"),
    ("in-a-format", "'{0[k0]}'.format(SUMS)", SUM),
    ("by-percent", "'%(k0)s' % SUMS", SUM),
    ("in-a-format-of-all", "'{k0}'.format(**SUMS)", SUM),
    ("under-the-name-of-a-parameter", "(lambda k0, **others: k0)(**SUMS)", SUM),
    ("by-a-text-alone-and-once", "SUMS['k0']", "    number = next(NUMBERS)\n    if number == 0:\n        SUMS['k0'] += work.rate()\n"),
):
    asks(items, title, shown, done, SUMS)
asks(items, "from-now-on", "work.word()", SUM, SUMS, ("return work.word()", "return SUMS['k0']"))
asks(unfound, "an-item-that-each-round-adds-to", "work.word(), 0 * SUMS['all']", "    SUMS['all'] += work.rate()\n", SUMS)

# -- the first round ---------------------------------------------------------------------------------------------------
counted = Group("done-in-a-counted-round")
LOG = MADE.replace("\n\nshop = ", "\n\nLOG = []\nshop = ")
asks(counted, "by-the-next-number", "LOG", "    if next(NUMBERS) == 0:\n        LOG.append(work.word())\n", LOG)
asks(counted, "by-a-number-in-a-variable", "LOG", "    number = next(NUMBERS)\n    if number == 0:\n        LOG.append(work.word())\n", LOG)
LOOP = f"{HEAD}import time\nlog = []\n\n\ndef main():\n    for tick in itertools.count():\n        if tick == 0:\n            log.append(work.word())\n        print(f'{{tick}}\\t{{log}}', flush=True)\n        time.sleep(0.005)\n\n\nmain()\n"
for title, iterable in (("by-count", ""), ("by-enumerate", "tick, _ in enumerate(itertools.repeat(1))"), ("by-range", "tick in range(10**9)"), ("by-zip", "tick, _ in zip(itertools.count(), itertools.repeat(1))")):
    counted.service(title, {WORK: RATES, MAIN: LOOP.replace("tick in itertools.count()", iterable or "tick in itertools.count()")}, NEWER)
asks(unfound, "each-round-by-a-number", "work.word(), 0 * len(LOG)", "    number = next(NUMBERS)\n    LOG.append((number, work.word()))\n", LOG)

# -- what is left out --------------------------------------------------------------------------------------------------
left_out = Group("what-was-seen-is-left-out")
SEEN = LOG.replace("\nshop = ", "\nSEEN = set()\nROWS = [1, 2, 3]\nshop = ").replace("self.latest = []", "self.latest = []\n        self.at = 0\n        self.done = False") + "def fresh(rows):\n    found = [row for row in rows if row not in SEEN]\n    SEEN.update(found)\n    return found\n\n\ndef each(rows):\n    for row in rows:\n        if row not in SEEN:\n            SEEN.add(row)\n            yield row\n\n\ndef rest():\n    found = ROWS[shop.at :]\n    shop.at = len(ROWS)\n    return found\n\n\ndef poll():\n    if shop.done:\n        return []\n    shop.done = True\n    return ROWS\n\n\ndef again():\n    return fresh(ROWS)\n\n\ndef note(rows):\n    for row in rows:\n        LOG.append(work.word())\n\n\n"
OVER = "    for row in {}:\n        LOG.append(work.word())\n"
for title, done in (
    ("by-a-comprehension", "    LOG.extend([work.word() for row in ROWS if row not in SEEN])\n    SEEN.update(ROWS)\n"),
    ("by-a-generator-expression", "    LOG.extend(work.word() for row in ROWS if not (row in SEEN or SEEN.add(row)))\n"),
    ("by-a-choice", "    LOG.extend([work.word()] if not SEEN else [])\n    SEEN.update(ROWS)\n"),
    ("by-an-and", "    LOG.extend(not SEEN and [work.word()] or [])\n    SEEN.update(ROWS)\n"),
    ("by-a-slice", "    LOG.extend([work.word() for row in ROWS][len(SEEN) :])\n    SEEN.update(ROWS)\n"),
    ("by-a-number-of-times", "    LOG.extend([work.word()] * (len(SEEN) == 0))\n    SEEN.update(ROWS)\n"),
    ("by-a-function", OVER.format("fresh(ROWS)")),
    ("by-a-function-of-a-function", OVER.format("again()")),
    ("by-a-generator", OVER.format("each(ROWS)")),
    ("by-where-it-is", OVER.format("rest()")),
    ("by-a-flag", OVER.format("poll()")),
    ("in-a-variable", "    rows = poll()\n" + OVER.format("rows")),
    ("in-an-argument", "    note(fresh(ROWS))\n"),
    ("in-a-variable-and-an-argument", "    rows = poll()\n    note(rows)\n"),
    ("in-a-comprehension", "    LOG.extend([work.word() for row in fresh(ROWS)])\n"),
    ("in-a-map", "    LOG.extend(map(lambda row: work.word(), fresh(ROWS)))\n"),
    ("and-all-of-it-added", "    LOG.extend(first())\n"),
):
    made = SEEN + "def first():\n    if shop.done:\n        return []\n    shop.done = True\n    return [work.word()]\n\n\n"
    asks(left_out, title, "LOG", done, made)
TAKEN = SEEN + "def take():\n    found, shop.pending = shop.pending, []\n    return found\n\n\n"
asks(unfound, "what-is-filled-again", "work.word(), 0 * len(LOG)", "    shop.pending.append(1)\n" + OVER.format("take()"), TAKEN)
asks(unfound, "what-leaves-out-by-what-it-is-given", "work.word(), 0 * len(LOG)", "    LOG.extend(work.word() for row in ROWS if row > 1)\n", SEEN)

# -- what a state is that is an object ---------------------------------------------------------------------------------
STATES = LOG.replace("\n\nclass Shop", "\n\nclass New:\n    def go(self, job):\n        LOG.append(work.word())\n        job.state = Done()\n\n\nclass Done:\n    def go(self, job):\n        pass\n\n\nclass Shop").replace("self.latest = []", "self.latest = []\n        self.state = New()")
asks(counted, "in-a-state-that-is-an-object", "LOG", "    shop.state.go(shop)\n", STATES)
asks(unfound, "a-method-of-two-classes", "work.word(), 0 * len(LOG)", "    shop.state.go(shop)\n", STATES.replace("        job.state = Done()\n", ""))

# -- what stands in for anything ---------------------------------------------------------------------------------------
mocks = Group("what-stands-in")
API = "\n\nclass Api:\n    def ask(self):\n        return 'real'\n\n\napi = Api()\nstand_in = mock.Mock()\nCONFIG = {}\nNUMBERS = itertools.count()\n\n\n"
for title, shown, done in (
    ("an-attribute", "api.ask()", "mock.patch.object(api, 'ask', return_value=work.word()).start()"),
    ("a-dictionary", "CONFIG['word']", "mock.patch.dict(CONFIG, {'word': work.word()}).start()"),
    ("what-it-is-called-with", "stand_in.ask.call_args_list[0].args[0]", "stand_in.ask(work.word())"),
    ("what-it-gives", "stand_in.ask()", "stand_in.configure_mock(**{'ask.return_value': work.word()})"),
    ("by-setattr", "api.answer", "setattr(api, 'answer', work.word())"),
):
    base = f"{HEAD}from unittest import mock\n{API}def step():\n    if next(NUMBERS) == 0:\n        {done}\n    return {shown}\n"
    mocks.service(title, {WORK: RATES, BASE: base, MAIN: loop("import base", "base.step()")}, NEWER)

CASES = [*found.cases, *unfound.cases, *items.cases, *counted.cases, *left_out.cases, *mocks.cases]
