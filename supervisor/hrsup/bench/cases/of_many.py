"""Objects that each round makes, lets grow, and puts to others: one of these is no history of the program, but a result
of its round. Asked for, it has to be what a cold start has there."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, edit, sub

RATES = "def word():\n    return 'v1'\n\n\ndef rate():\n    return 11\n"
NEWER = edit(sub(WORK, "v1", "v2"), sub(WORK, "11", "12"))
HEAD = "import itertools\nimport operator\nfrom collections import deque\n\nimport work\n\n"
JOB = """

class Job:
    def __init__(self, number):
        self.errors = []
        self.total = 0
        self.number = number

    def run(self):
        self.errors.append(work.word())
        self.total += work.rate()


class Shop:
    def __init__(self):
        self.jobs = []
        self.pending = []
        self.total = 0
        self.latest = []

    @property
    def first(self):
        return KEPT[0]

    def begun(self):
        return self.jobs[:1]


shop = Shop()
KEPT = shop.jobs
NUMBERS = itertools.count()


def show(job):
    return job.errors


def head():
    return KEPT[0]


def matched(job):
    match job:
        case Job(errors=errors):
            return errors


"""
ROUND = "    job = Job(next(NUMBERS))\n    job.run()\n    KEPT.append(job)\n"


def asks(group: Group, name: str, shown: str, done: str = ROUND, made: str = JOB) -> None:
    """`done` is what a round does, `shown` what it shows."""
    base = f"{HEAD}{made}def step():\n{done}    return {shown}\n"
    group.service(name, {WORK: RATES, BASE: base, MAIN: loop("import base", "base.step()")}, NEWER)


asked = Group("one-of-many-is-asked")
for title, shown in (
    ("its-list", "KEPT[0].errors"),
    ("its-sum", "KEPT[0].total"),
    ("those-of-a-slice", "[job.errors for job in KEPT[:1]]"),
    ("those-that-a-condition-picks", "[job.errors for job in KEPT if job.number == 0]"),
    ("the-next", "next(iter(KEPT)).errors"),
    ("of-a-table-of-all", "dict(enumerate(KEPT)).get(0).errors"),
    ("of-all-turned-around", "list(reversed(KEPT))[-1].errors"),
    ("which-kinds-there-are", "len({job.total for job in KEPT})"),
    ("by-vars", "vars(KEPT[0])['errors']"),
    ("by-getattr", "getattr(KEPT[0], 'errors')"),
    ("by-an-attrgetter", "operator.attrgetter('errors')(KEPT[0])"),
    ("of-some", "[job.errors for job in itertools.islice(KEPT, 1)]"),
    ("beside-another", "[job.errors for job, _ in zip(KEPT, [1])]"),
    ("of-the-first-that-is-given", "(lambda job, *others: job.errors)(*KEPT)"),
    ("by-its-number", "[job.errors for number, job in enumerate(KEPT) if number < 1]"),
    ("by-a-function", "show(KEPT[0])"),
    ("by-a-function-that-picks", "head().errors"),
    ("by-a-property-that-picks", "shop.first.errors"),
    ("by-a-method-that-picks", "[job.errors for job in shop.begun()]"),
    ("in-a-format", "'{0.errors}'.format(KEPT[0])"),
    ("in-a-pattern", "matched(KEPT[0])"),
):
    asks(asked, title, shown)
SWAPPED = "    job = Job(next(NUMBERS))\n    job.run()\n    shop.pending.append(job)\n    done, shop.pending = shop.pending, []\n    KEPT.append(done)\n"
asks(asked, "of-those-that-were-swapped", "[job.errors for job in KEPT[0]]", SWAPPED)
asks(asked, "of-a-pair-with-one", "KEPT[0][1].errors", "    job = Job(next(NUMBERS))\n    job.run()\n    KEPT.append((job.number, job))\n")
asks(asked, "of-one-that-was-made-there", "KEPT[0].errors", "    KEPT.append(Job(next(NUMBERS)))\n    KEPT[-1].run()\n")
asks(asked, "of-a-list-in-the-script", "shop.jobs[0].errors", "    job = Job(1)\n    shop.jobs = [*shop.jobs, job]\n    job.run()\n")
PARTS = JOB.replace("class Job:\n    def __init__(self, number):\n", "class Notes:\n    def __init__(self):\n").replace("        self.number = number\n", "", 1).replace("\n\nclass Shop", "\n\nclass Task:\n    def __init__(self):\n        self.notes = Notes()\n\n\nclass Shop").replace("case Job(", "case Notes(")
asks(asked, "of-a-part-of-one", "KEPT[0].notes.errors", "    task = Task()\n    task.notes.run()\n    KEPT.append(task)\n", PARTS)
asks(asked, "by-a-number", "FOUND[0].errors", "    job = Job(next(NUMBERS))\n    job.run()\n    FOUND.setdefault(job.number, job)\n", JOB.replace("shop = ", "FOUND = {}\nshop = "))
asks(asked, "of-a-queue-that-is-cut", "KEPT[0].total if KEPT[0].number == 0 else 0", ROUND, JOB.replace("shop.jobs", "deque(maxlen=10**6)"))
LATER = sub(BASE, "KEPT[-1].number >= 0", "KEPT[0].errors")
asked.service(
    "from-now-on",
    {WORK: RATES, BASE: f"{HEAD}{JOB}def step():\n{ROUND}    return KEPT[-1].number >= 0\n", MAIN: loop("import base", "base.step()")},
    NEWER,
    LATER,
)

# -- and what is still done in place -----------------------------------------------------------------------------------
free = Group("one-of-many-and-free")
PLAIN = JOB[: JOB.index("    @property")] + "\n\nshop = Shop()\nKEPT = shop.jobs\nNUMBERS = itertools.count()\n\n\n"
MANY = PLAIN.replace("shop = ", "WORKERS = [Job(1), Job(2)]\nROWS = []\nshop = ")
WORKS = "    for job in WORKERS:\n        job.run()\n    ROWS.append(1)\n"
for title, shown, done, made in (
    ("of-the-last", "KEPT[-1].errors", ROUND, PLAIN),
    ("that-nobody-asks", "work.word()", ROUND, PLAIN),
    ("the-only-one-of-its-class", "work.word()", "    shop.total += work.rate()\n", PLAIN),
    ("the-only-one-beside-many", "work.word(), KEPT[0]", "    shop.total += work.rate()\n    KEPT.append(1)\n", PLAIN),
    ("of-those-that-a-round-drops", "[job.errors for job in found]", "    found = [Job(1), Job(2)]\n    for job in found:\n        job.run()\n", PLAIN),
    ("of-those-that-go-on-for-ever", "work.word(), ROWS[0]", WORKS, MANY),
    ("of-those-in-an-object", "work.word(), ROWS[0]", WORKS.replace("WORKERS", "shop.workers"), MANY.replace("shop = Shop()", "shop = Shop()\nshop.workers = WORKERS")),
):
    asks(free, title, shown, done, made)
LOCAL = f"{PLAIN}def step(shop):\n    KEPT.append(1)\n    shop.total += work.rate()\n    return work.word(), KEPT[0]\n"
free.service("in-a-variable-of-the-script", {WORK: RATES, BASE: f"{HEAD}{LOCAL}", MAIN: loop("import base", "base.step(shop)", "shop = base.Shop()")}, NEWER)

# What many are in may be an object of the library's, and so may one of the many.
HELD = """import time
{imports}
import work

{kept}


class Job:
    def __init__(self):
        self.errors = []


def main():
    tick = 0
    while True:
        tick += 1
        job = {job}
        {errors}.append(work.check(5))
        {put}
        print(f"{{tick}}\\t{{{shown}}}", flush=True)
        time.sleep(0.01)


main()
"""
FIRST_TWO = "if len(KEPT) < 2:\n            KEPT.append(job)"
for title, imports, kept, job, errors, put, shown in (
    ("a-user-list", "from collections import UserList", "KEPT = UserList()", "Job()", "job.errors", FIRST_TWO, "KEPT[0].errors"),
    ("a-chain-map", "from collections import ChainMap", "KEPT = ChainMap({})", "Job()", "job.errors", "if len(KEPT) < 2:\n            KEPT[tick] = job", "KEPT[1].errors"),
    ("a-queue", "import queue", "KEPT = queue.Queue()", "Job()", "job.errors", "if KEPT.qsize() < 2:\n            KEPT.put(job)", "KEPT.queue[0].errors"),
    ("bags", "from types import SimpleNamespace", "KEPT = []", "SimpleNamespace(job=Job())", "job.job.errors", FIRST_TWO, "KEPT[0].job.errors"),
    ("bags-of-argparse", "from argparse import Namespace", "KEPT = []", "Namespace(job=Job())", "job.job.errors", FIRST_TWO, "KEPT[0].job.errors"),
):
    text = HELD.format(imports=imports, kept=kept, job=job, errors=errors, put=put, shown=shown)
    asked.service(f"in-{title}", {WORK: "def check(n):\n    return n * 1\n", MAIN: text}, sub(WORK, "* 1", "* 7"))

CASES = [*asked.cases, *free.cases]
