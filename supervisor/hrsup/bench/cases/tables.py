"""Tables of objects that hold functions, gone through before the loop; and methods whose names the library's objects
have as well. Of each kind the plain program comes first, whose edits need no restart; in the others something ran, or is
kept."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Change, Group, Saved, sub

WORD = "NAME = 'v1'\n\n\ndef word():\n    return 'v1'\n"
EDIT = sub(WORK, "    return 'v1'", "    return 'v2'")

# -- tables ---------------------------------------------------------------------------------------------------------------
table = Group("tables-of-holders")
JOB = "class Job:\n    def __init__(self, name, function, every=1):\n        self.name = name\n        self.function = function\n        self.every = every\n\n    def run(self):\n        return self.function()\n"
RECORD = "from dataclasses import dataclass, field\nfrom typing import Any\n\n\n@dataclass\nclass Job:\n    name: str\n    function: Any\n    every: int = 1\n\n    def run(self):\n        return self.function()\n"
JOBS = "\n\nJOBS = [Job('a', work.word), Job('b', work.word, every=2)]\n"
TAKE = "jobs = []\nfor job in JOBS:\n    jobs.append((job.every, job))"
RUN = "[job.run() for _, job in jobs]"


def jobs(name: str, base: str, before: str = TAKE, state: str = RUN, step: Change | Saved = EDIT, head: str = "import work\n") -> None:
    """`before` goes through the table that `base` makes."""
    table.service(name, {WORK: WORD, BASE: f"{head}{base}", MAIN: loop("import base\nfrom base import *", state, before)}, step)


jobs("of-objects", JOB + JOBS)
jobs("of-records", RECORD + JOBS)
jobs("of-pairs", JOB + "\n\nJOBS = {'a': Job('a', work.word)}\n", "jobs = []\nfor name, job in JOBS.items():\n    jobs.append((name, job))")
jobs("whose-constructor-runs-it", JOB.replace("self.function = function\n", "self.function = function\n        self.first = function()\n") + JOBS, state="[job.first for _, job in jobs]")
jobs("whose-record-runs-it", RECORD.replace("    def run", "    def __post_init__(self):\n        self.first = self.function()\n\n    def run") + JOBS, state="[job.first for _, job in jobs]")
jobs("whose-record-is-filled-by-it", RECORD.replace("every: int = 1\n", "every: int = 1\n    first: str = field(default_factory=work.word)\n") + JOBS, state="[job.first for _, job in jobs]")
jobs("whose-property-runs-it", JOB + "\n    @property\n    def first(self):\n        return self.function()\n" + JOBS, "jobs = []\nfor job in JOBS:\n    jobs.append(job.first)", "jobs")
jobs("whose-property-is-an-attribute-elsewhere", JOB + "\n    @property\n    def label(self):\n        return self.function()\n\n\nclass Other:\n    label = 'x'\n" + JOBS, "jobs = []\nfor job in JOBS:\n    jobs.append((job.label, job))", "jobs[0][0]")
jobs("given-what-it-gave", JOB + "\n\nJOBS = [Job(work.word(), len)]\n", state="[job.name for _, job in jobs]")
jobs("given-a-constant", JOB + "\n\nJOBS = [Job(work.NAME, len)]\n", state="[job.name for _, job in jobs]", step=sub(WORK, "NAME = 'v1'", "NAME = 'v2'"))
jobs("whose-constructor-reads-a-constant", JOB.replace("self.name = name", "self.name = work.NAME") + JOBS, state="[job.name for _, job in jobs]", step=sub(WORK, "NAME = 'v1'", "NAME = 'v2'"))
jobs("whose-constructor-reads-an-imported-constant", JOB.replace("self.name = name", "self.name = NAME") + JOBS, state="[job.name for _, job in jobs]", step=sub(WORK, "NAME = 'v1'", "NAME = 'v2'"), head="import work\nfrom work import NAME\n")
jobs("whose-constructor-changes", JOB + JOBS, state="[job.name for _, job in jobs]", step=sub(BASE, "self.name = name", "self.name = name + '!'"))
jobs("whose-field-has-another-default", RECORD + JOBS, state="[job.every for _, job in jobs]", step=sub(BASE, "every: int = 1", "every: int = 3"))
jobs("made-on-the-way", JOB + "\n\nJOBS = (Job(function(), work.word) for function in [work.word])\n", state="[job.name for _, job in jobs]")
jobs("made-on-the-way-by-a-function", JOB + "\n\ndef every():\n    yield Job(work.word(), work.word)\n\n\nJOBS = every()\n", state="[job.name for _, job in jobs]")
jobs("of-a-class-that-runs-it", JOB + "\n\nclass Table(list):\n    def __iter__(self):\n        for job in super().__iter__():\n            job.name = job.run()\n            yield job\n\n\nJOBS = Table([Job('a', work.word)])\n", state="[job.name for _, job in jobs]")
jobs("of-pairs-that-it-makes", JOB + "\n\nclass Table(dict):\n    def items(self):\n        return [(job.run(), job) for job in self.values()]\n\n\nJOBS = Table({'a': Job('a', work.word)})\n", "jobs = []\nfor name, job in JOBS.items():\n    jobs.append((name, job))", "[name for name, _ in jobs]")
jobs("bound-again", JOB + JOBS + "\n\ndef begin():\n    global JOBS\n    JOBS = [Job(job.run(), job.function) for job in JOBS]\n", f"base.begin()\njobs = []\nfor job in base.JOBS:\n    jobs.append((job.every, job))", "[job.name for _, job in jobs]")
jobs("bound-again-as-an-attribute", JOB + JOBS, "base.JOBS = (base.Job(job.run(), job.function) for job in base.JOBS)\njobs = []\nfor job in base.JOBS:\n    jobs.append((job.every, job))", "[job.name for _, job in jobs]")
jobs("run-in-the-loop-that-takes", JOB + JOBS, "jobs = []\nfor job in JOBS:\n    jobs.append((job.run(), job))", "[name for name, _ in jobs]")
jobs("run-by-what-takes", JOB + "\n\nclass Board:\n    def __init__(self):\n        self.jobs = []\n\n    def append(self, pair):\n        self.jobs.append(pair[1].run())\n" + JOBS, "board = Board()\nfor job in JOBS:\n    board.append((job.every, job))", "board.jobs")
jobs("run-behind-it", JOB + JOBS, f"{TAKE}\nfirst = jobs[0][1].run()", "first")

# -- methods --------------------------------------------------------------------------------------------------------------
method = Group("methods-of-the-programs-own")
REPORT = "import work\n\n\nclass Report:\n    def __init__(self):\n        self.shown = []\n\n    def add(self, name, text):\n        self.shown = [f'{name}={text}']\n\n    def get(self):\n        self.add('a', work.word())\n        return self.shown\n"


def report(name: str, base: str, state: str = "report.get()", imports: str = "") -> None:
    """What changed is given to a method of a report, or of what looks like one."""
    method.service(name, {WORK: WORD, BASE: f"{imports}{base}", MAIN: loop("from base import Report", state, "report = Report()")}, EDIT)


ONCE = "\n\nROWS = {rows}\n\n\ndef fill(rows):\n    if not rows:\n        {call}\n    return str(sorted(rows))\n"


def rows(name: str, made: str, call: str, imports: str = "", more: str = "") -> None:
    """What is filled once is none of the program's own objects, though the program has a method of that name."""
    base = f"{REPORT}{more}{ONCE.format(rows=made, call=call)}".replace("return self.shown\n", "return self.shown, fill(ROWS)\n")
    method.service(name, {WORK: WORD, BASE: f"{imports}{base}", MAIN: loop("from base import Report", "report.get()", "report = Report()")}, EDIT)


report("given-two", REPORT)
report("given-one", REPORT.replace("def add(self, name, text)", "def keep_text(self, text, name='a')").replace("self.add('a', work.word())", "self.keep_text(work.word())"))
report("saved", REPORT.replace("def add(self, name, text)", "def save(self, text, name='a')").replace("self.add('a', work.word())", "self.save(work.word())"))
report("saved-once", REPORT.replace("def add(self, name, text):\n", "def save(self, text, name='a'):\n        if self.shown:\n            return\n").replace("self.add('a', work.word())", "self.save(work.word())"))
report("saved-by-a-wrapper", REPORT.replace("    def add(self, name, text):\n", "    @remember\n    def save(self, text):\n        name = 'a'\n").replace("self.add('a', work.word())", "self.save(work.word())"), imports="KEPT = []\n\n\ndef remember(function):\n    def wrapper(self, text):\n        if not KEPT:\n            KEPT.append(text)\n        return function(self, KEPT[0])\n    return wrapper\n\n\n")
rows("a-set", "set()", "rows.add(work.word())")
rows("a-set-by-the-type", "set()", "set.add(rows, work.word())")
rows("a-set-by-a-variable", "set()", "add = rows.add\n        add(work.word())")
rows("a-list-of-the-librarys", "UserList()", "rows.append(work.word())", "from collections import UserList\n", "\n    def append(self, text):\n        return text\n")
rows("a-table-that-is-updated", "{}", "rows.update(a=work.word())", more="\n    def update(self, **texts):\n        return texts\n")
rows("a-table-that-is-told", "{}", "rows.setdefault('a', work.word())", more="\n    def setdefault(self, name, text):\n        return text\n")
rows("a-set-of-the-programs-own", "Words()", "rows.add(work.word(), 1)", more="\n\nclass Words(set):\n    def add(self, text, number):\n        super().add(text)\n")
rows("an-object-that-is-given-one", "Words()", "rows.add('a', work.word())", more="\n\nclass Words(dict):\n    pass\n\n\nWords.add = dict.__setitem__\n")
rows("a-class-made-by-its-text", "Words()", "rows.add('a', work.word())", more="\n\nWords = type('Words', (dict,), {'add': lambda self, name, text: self.setdefault(name, text)})\n")
method.service("an-option-of-the-librarys", {WORK: WORD, BASE: "import configparser\n" + REPORT.replace("def add(self, name, text)", "def set(self, part, name, text)").replace("self.add('a',", "self.set('p', 'a',").replace("return self.shown\n", "if not OPTIONS.has_option('p', 'a'):\n            OPTIONS.set('p', 'a', work.word())\n        return self.shown, OPTIONS['p']['a']\n") + "\n\nOPTIONS = configparser.ConfigParser()\nOPTIONS.add_section('p')\n", MAIN: loop("from base import Report", "report.get()", "report = Report()")}, EDIT)
method.service("a-handler-of-signals-and-a-method-that-sets-one", {WORK: WORD, BASE: "import signal\n" + REPORT + "\n    def on_signal(self, number, frame):\n        self.shown = []\n", MAIN: loop("import signal\nfrom base import Report", "report.get()", "report = Report()\nsignal.signal(signal.SIGHUP, report.on_signal)")}, EDIT)
method.service("a-function-that-sets-handlers-is-handed-on", {WORK: "import signal\n\n\ndef word():\n    return signal.SIG_IGN\n", BASE: "import signal\nfrom signal import signal as listen\n\nimport work\n\nDONE = []\n\n\ndef get():\n    if not DONE:\n        DONE.append(1)\n        list(map(listen, [signal.SIGHUP], [work.word()]))\n    return str(signal.getsignal(signal.SIGHUP))\n", MAIN: loop("import base", "base.get()")}, sub(WORK, "signal.SIG_IGN", "signal.SIG_DFL"))

CASES = [*table.cases, *method.cases]
