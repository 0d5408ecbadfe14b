"""Objects that others work with: what is set in them from outside of their class, and containers in them that are empty
again after each round. Of each kind the plain programs come first; in the others something stays behind."""

from hrsup.bench.cases.programs import shown_by_main
from hrsup.bench.vocabulary import Group, sub

group = Group("emptied-in-objects")

EDITS = sub("texts.py", "text {n}", "the text {n}"), sub("texts.py", "{n}", "{n * 2}")
JOBS = """
class Job:
    def __init__(self, name):
        self.name = name
        self.tries = 0
        self.errors = []

    @property
    def exhausted(self):
        return self.tries >= 2
"""
WORKER = """
from collections import deque

from texts import wording


class Worker:
    def __init__(self):
        self.pending = deque()
        self.done = 0

    def submit(self, job):
        self.pending.append(job)

    def run(self):
        found = []
        while self.pending:
            job = self.pending.popleft()
            job.tries += 1
            job.errors.append(wording(job.tries))
            if not job.exhausted:
                self.pending.append(job)
                continue
            self.done += 1
            found.append(f"{job.name} {job.errors}")
        return found


KEPT = []
"""
ROUND = "        worker.submit(Job('a'))\n        found = worker.run()"
IMPORTS = "import worker as module\nfrom jobs import Job\nfrom worker import KEPT, Worker\nfrom texts import wording"


def case(
    name: str,
    shown: str = "found",
    inside: str = ROUND,
    before: str = "",
    worker: str = WORKER,
    jobs: str = JOBS,
) -> None:
    """A worker has a queue of jobs, which it works off in each round."""
    before = f"    worker = Worker()\n{before}"
    files = shown_by_main(shown, before, inside, IMPORTS, worker=worker, jobs=jobs, work="")
    group.service(name, {**files, "texts.py": 'def wording(n):\n    return f"text {n}"\n'}, *EDITS)


def differently(name: str, old: str, new: str, shown: str = "found", inside: str = ROUND, before: str = "") -> None:
    """One thing is otherwise in the worker."""
    assert old in WORKER, old
    case(name, shown, inside, before, WORKER.replace(old, new))


DATA = """
from dataclasses import dataclass, field


@dataclass
class Job:
    name: str
    tries: int = 0
    errors: list = field(default_factory=list)

    @property
    def exhausted(self):
        return self.tries >= 2
"""
case("a-queue-of-objects")
case("a-queue-of-data-objects", jobs=DATA)
differently("a-list-that-is-bound-anew", "        return found\n", "        self.pending = deque()\n        return found\n")

case("a-list", worker=WORKER.replace("deque()", "[]").replace("popleft()", "pop(0)"))

# -- what is still there -----------------------------------------------------------------------------------------------

differently("the-queue-is-somewhere-else", "self.done = 0", "self.log = self.pending", "worker.log and worker.log[0].errors", "        worker.submit(Job('a'))\n        if tick == 1:\n            worker.log.append(Job(wording(1)))\n            worker.pending = deque()", "    from collections import deque\n")
case("the-queue-was-set-from-outside", "SHARED[:1]", "        worker.pending = SHARED\n        worker.pending.append(wording(1))\n        worker.pending = []\n        del SHARED[3:]", "    SHARED = []\n")
differently("what-was-in-it-is-kept", "        return found\n", "        KEPT.extend(found)\n        return found\n", "KEPT[0]")
differently("put-at-first-alone", "        found = []\n", "        found = []\n        if not self.done:\n            self.pending.append(wording(1))\n            KEPT.append(self.pending.pop())\n", "KEPT[0]")
differently(
    "taken-out-by-the-old",
    "        found = []\n",
    "        found = []\n        if wording(1) == 'text 1':\n            self.pending.clear()\n",
    "len(worker.pending)",
    "        worker.run()",
    "    worker.submit(Job('a'))\n",
)
differently(
    "taken-out-by-the-old-and-put-at-first",
    "        found = []\n        while self.pending:\n",
    "        found = []\n        if wording(1) == 'text 1':\n            self.pending.clear()\n        while len(self.pending) > 1:\n",
    "len(worker.pending)",
    "        if tick == 1:\n            worker.submit(Job('a'))\n        worker.run()",
)
differently("a-queue-of-the-class", "    def __init__(self):\n        self.pending = deque()\n", "    pending = deque()\n\n    def __init__(self):\n", "found", ROUND)
case("a-flag-of-a-job-that-stays", "KEPT", "        if job.tries == 0:\n            KEPT.append(wording(1))\n        job.tries += 1", "    job = Job('a')\n")
case("a-flag-of-a-job-that-went", "KEPT", "        for one in jobs:\n            if one.tries == 0:\n                KEPT.append(wording(1))\n            one.tries += 1\n        one = None\n        jobs.clear()", "    jobs = [Job('a')]\n")
case("a-job-shown-as-a-whole", "KEPT[0]", "        job = Job('a')\n        job.name = wording(1)\n        KEPT.append(repr(job))", jobs=DATA)
case("a-job-compared-as-a-whole", "KEPT[0]", "        job = Job('a')\n        job.name = wording(1)\n        if not KEPT:\n            KEPT.append(job == Job('text 1'))", jobs=DATA)
case("a-job-as-a-dictionary", "KEPT[0]", "        job = Job('a')\n        job.name = wording(1)\n        KEPT.append(asdict(job))", "    from dataclasses import asdict\n", jobs=DATA)
case("errors-that-were-given", "SHARED[:1]", "        job = Job('a', 0, SHARED)\n        job.errors.append(wording(1))\n        job = None", "    SHARED = []\n", jobs=DATA)
case("errors-that-were-given-by-a-copy", "SHARED[0].errors[:1]", "        job = replace(SHARED[0], name='b')\n        job.errors.append(wording(1))\n        job = None", "    from dataclasses import replace\n    SHARED = [Job('a')]\n", jobs=DATA)
case("of-one-thread", "store.name", "        if not hasattr(store, 'name'):\n            store.name = wording(1)", "    from threading import local\n    store = local()\n")
case("of-an-object-of-the-library", "state.description", "        state.description = state.description or wording(1)", "    from argparse import ArgumentParser\n    state = ArgumentParser()\n", jobs=JOBS.replace("self.name = name", "self.name = self.description = name"))
case(
    "of-an-object-of-the-library-that-went",
    "KEPT[0]",
    "        parser = ArgumentParser(add_help=False)\n        parser.description = wording(1)\n        KEPT.append(parser.format_help())\n        parser = None",
    "    from argparse import ArgumentParser\n",
    jobs=JOBS.replace("self.name = name", "self.name = self.description = name"),
)
case(
    "of-the-class",
    "Job.last",
    "        for one in (Job, Worker):\n            one.last = getattr(one, 'last', None) or wording(1)",
    jobs=JOBS.replace("self.name = name", "self.name = self.last = name"),
)
case(
    "of-the-class-where-it-begins",
    "Job.last",
    "        one = Job\n        one.last = one.last or wording(1)",
    jobs=JOBS.replace("class Job:\n", "class Job:\n    last = ''\n\n"),
)
case(
    "of-the-module",
    "module.last",
    "        one = module\n        one.last = one.last or wording(1)",
    worker=WORKER + "last = ''\n",
    jobs=JOBS.replace("self.name = name", "self.name = self.last = name"),
)
case(
    "of-a-function",
    "wording.last",
    "        one = wording\n        one.last = getattr(one, 'last', None) or wording(1)",
    jobs=JOBS.replace("self.name = name", "self.name = self.last = name"),
)
differently(
    "the-queue-may-be-given",
    "def __init__(self):\n        self.pending = deque()",
    "def __init__(self, pending=None):\n        self.pending = deque() if pending is None else pending",
)
case("a-queue-that-others-have-by-the-name", worker=WORKER.replace("pending", "buffer"))
REGISTER = "class Register:\n    def __init__(self):\n        self.seen = []\n\n    def update(self, one):\n        self.seen.append(one)\n\n\n"
case(
    "something-else-by-the-name",
    "other.pending.seen[0]",
    ROUND + "\n        other.pending.update(wording(1))",
    "    from types import SimpleNamespace\n    from worker import Register\n    other = SimpleNamespace(**{'pending': Register()})\n",
    worker=WORKER.replace("class Worker", REGISTER + "class Worker"),
)
CASES = group.cases
