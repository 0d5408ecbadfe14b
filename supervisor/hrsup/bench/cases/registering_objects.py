"""Registrations by a method of an object that come, go, move or register something else, in the running process; and
containers of such objects that something else has filled, or that somebody has looked into."""

from hrsup.bench.cases.programs import shown_by_main
from hrsup.bench.vocabulary import Change, Group, Saved, add, edit, sub

group = Group("registered-anew")

BUS = """
class Bus:
    def __init__(self):
        self.handlers = {}
        self.count = 0
        self.limit = 0

    def on(self, name, handler):
        self.handlers.setdefault(name, []).append(handler)

    def off(self, name, handler):
        self.handlers[name].remove(handler)

    def publish(self, name, n):
        self.count += 1
        return [handler(n) for handler in self.handlers.get(name, ())]


bus = Bus()
"""
WORK = """
from bus import bus


def first(n):
    return f"first {n}"


def second(n):
    return f"second {n}"


bus.on("a", first)
bus.on("b", second)
"""
JOBS = """
class Job:
    def __init__(self, interval, function):
        self.interval = interval
        self.function = function
        self.runs = 0


class Scheduler:
    def __init__(self):
        self.jobs = []

    def every(self, interval):
        def keep(function):
            self.jobs.append(Job(interval, function))
            return function

        return keep

    def due(self, n):
        return [job.function(n) for job in self.jobs if n % job.interval == 0]


bus = Scheduler()
"""
DECORATED = """
from bus import bus


@bus.every(1)
def first(n):
    return f"first {n}"


@bus.every(2)
def second(n):
    return f"second {n}"
"""
COMES = add("work.py", '\n\ndef third(n):\n    return f"third {n}"\n\n\nbus.on("a", third)\n')
GOES = sub("work.py", '\nbus.on("b", second)', "")
MOVES = sub("work.py", 'bus.on("a", first)\nbus.on("b", second)', 'bus.on("b", second)\nbus.on("a", first)')
OTHERWISE = sub("work.py", '"b", second', '"a", second')
SHOWN = "bus.publish('a', 2), bus.publish('b', 2), list(bus.handlers)"


def service(name: str, *edits: Change | Saved, shown: str = SHOWN, before: str = "", inside: str = "", bus: str = BUS, work: str = WORK, **more: str) -> None:
    """What is registered is called, and shown, in every round."""
    files = shown_by_main(shown, before, inside, "from bus import bus", **more)
    group.service(name, {"bus.py": bus, "work.py": work, **files}, *edits)


service("one-comes", COMES)
service("one-goes", GOES)
service("one-moves", MOVES)
service("for-something-else", OTHERWISE)
service("one-after-the-other", COMES, OTHERWISE, sub("work.py", 'bus.on("a", first)\n', ""))
service("another-function", edit(sub("work.py", "def second(n):\n    return f\"second", "def other(n):\n    return f\"other"), sub("work.py", '"b", second', '"b", other')))
service("in-a-list-of-records", add("work.py", '\n\n@bus.every(1)\ndef third(n):\n    return f"third {n}"\n'), sub("work.py", "every(2)", "every(3)"), sub("work.py", "@bus.every(1)\ndef first", "@bus.every(6)\ndef first"), shown="bus.due(6)", bus=JOBS, work=DECORATED)
TWO = {"later": 'from bus import bus\n\n\ndef last(n):\n    return f"last {n}"\n\n\nbus.on("a", last)\n'}
service("in-the-order-of-modules", COMES, work=WORK + "import later\n", **TWO)
service("in-another-order-of-modules", sub("main.py", "import work\nfrom", "import later\nimport work\nfrom"), **TWO)

# -- what is more than its registrations -------------------------------------------------------------------------------

service("one-was-taken-off", COMES, before="    bus.off('b', work.second)\n")
service("one-was-put-on", COMES, before="    bus.on('b', work.first)\n")
service("one-was-put-on-under-way", COMES, inside="        if tick == 1:\n            bus.on('b', work.first)\n")
service("called-before-the-loop", COMES, shown="found", before="    found = bus.publish('a', 2)\n")
service("looked-at-before-the-loop", COMES, shown="found", before="    found = len(bus.handlers['a'])\n")
service("called-while-modules-are-imported", COMES, shown="work.FOUND", work=WORK + "\nFOUND = bus.publish('a', 2)\n")
service("kept-on-the-first-round", COMES, shown="found[0]", before="    found = []\n", inside="        if not found:\n            found.append(bus.publish('a', 2))\n")
service("the-last-is-kept", COMES, bus=BUS.replace("append(handler)", "append(handler)\n        self.last = name, len(self.handlers[name])").replace("self.count = 0", "self.count = 0\n        self.last = None"), shown="bus.last")
service("kept-twice", COMES, bus=BUS.replace("append(handler)", "append(handler)\n        NAMES.append(name)").replace("class Bus", "NAMES = []\n\n\nclass Bus", 1), shown="__import__('bus').NAMES")
service("not-empty-at-first", COMES, bus=BUS.replace("self.handlers = {}", "self.handlers = {'c': []}"))
service("one-for-all", COMES, bus=BUS.replace("self.handlers = {}", "self.handlers = HANDLERS").replace("class Bus", "HANDLERS = {}\n\n\nclass Bus", 1))
service("two-that-share", COMES, bus=BUS + "\nother = Bus()\nother.handlers = bus.handlers\n", shown="__import__('bus').other.publish('a', 2)")
service("the-container-is-replaced", COMES, before="    bus.handlers = dict(bus.handlers)\n")
service("the-container-is-held", COMES, before="    held = bus.handlers\n", shown="[one(2) for one in held['a']]")
service("one-list-is-held", COMES, before="    held = bus.handlers['a']\n", shown="[one(2) for one in held]")
service("a-method-of-the-object-changes-too", edit(COMES, sub("bus.py", "self.handlers.setdefault(name, [])", "self.handlers.setdefault(name.lower(), [])")))
service("the-object-changes-too", edit(COMES, sub("bus.py", "self.limit = 0", "self.limit = 10")), shown="bus.publish('a', 2), bus.limit")
service("by-a-name-that-is-bound-below", sub("work.py", 'def second(n)', 'bus.on("a", second)\n\n\ndef second(n)'))
service("by-a-constant-that-changes", sub("work.py", 'NAME = "b"', 'NAME = "a"'), work=WORK.replace('"b"', "NAME").replace("def first", 'NAME = "b"\n\n\ndef first', 1))
WORKED = JOBS.replace("if n % job.interval == 0]", "if job.note(n)]").replace("        self.runs = 0\n", "        self.runs = 0\n\n    def note(self, n):\n        self.runs += 1\n        return n % self.interval == 0\n")
NEW = add("work.py", '\n\n@bus.every(1)\ndef third(n):\n    return f"third {n}"\n')
service("records-that-are-worked-with", NEW, shown="bus.due(6), [job.runs > 0 for job in bus.jobs]", bus=WORKED, work=DECORATED)
service("records-in-another-order", NEW, shown="bus.due(6)", before="    bus.jobs.sort(key=lambda job: -job.interval)\n", bus=JOBS, work=DECORATED)
service("a-record-less", NEW, shown="bus.due(6)", before="    bus.jobs.pop()\n", bus=JOBS, work=DECORATED)
service("a-record-twice", NEW, shown="bus.due(6)", before="    bus.jobs.append(bus.jobs[0])\n", bus=JOBS, work=DECORATED)
service("a-record-that-is-held", sub("work.py", "every(2)", "every(3)"), shown="(held.interval, bus.due(6))", before="    held = bus.jobs[1]\n", bus=JOBS, work=DECORATED)
service("a-record-with-another-function", NEW, shown="bus.due(6)", before="    bus.jobs[0].function = work.second\n", bus=JOBS, work=DECORATED)
service("a-record-with-a-result", sub("work.py", '"first {n}"', '"the first {n}"'), shown="bus.jobs[0].runs", inside="        for job in bus.jobs:\n            job.runs = job.runs or job.function(2)\n", bus=JOBS, work=DECORATED)
service("a-record-of-another-kind", NEW, shown="bus.due(6)", bus=JOBS.replace("        self.runs = 0\n", "        self.runs = len(MADE)\n        MADE.append(self)\n").replace("class Job", "MADE = []\n\n\nclass Job", 1), work=DECORATED)
service(
    "the-object-is-replaced",
    COMES,
    shown="work.bus.publish('a', 2), bus.publish('a', 2)",
    before="    work.bus = type(bus)()\n    work.bus.on('a', work.second)\n",
)
service(
    "counted",
    COMES,
    bus=BUS.replace("append(handler)", "append(handler)\n        self.limit += 1"),
    shown="bus.limit, bus.publish('a', 2)",
)
CASES = group.cases
