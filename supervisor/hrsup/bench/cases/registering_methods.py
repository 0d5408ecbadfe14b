"""Functions that a method of an object of the program's registers while modules are imported: their bodies change, they
come and go; and methods that do more with a function than to keep it."""

from hrsup.bench.cases.programs import shown_by_main
from hrsup.bench.vocabulary import Group, edit, sub

group = Group("registering-methods")

SCHEDULER = """
class Scheduler:
    def __init__(self):
        self.jobs = []

    def every(self, n):
        def keep(job):
            self.jobs.append((n, job))
            return job

        return keep

    def due(self, tick):
        return [job(tick) for n, job in self.jobs]


scheduler = Scheduler()
"""
WORK = """
from scheduler import scheduler


@scheduler.every(5)
def report(n):
    return f"report {n}"


@scheduler.every(2)
def ping(n):
    return f"ping {n}"
"""
BODY = sub("work.py", 'return f"ping {n}"', 'return f"pong {n + 1}"')
LATER = sub("work.py", 'return f"report {n}"', 'return f"the report {n}"')


def program(
    shown: str = "scheduler.due(3)",
    before: str = "",
    inside: str = "",
    work: str = WORK,
    scheduler: str = SCHEDULER,
    imports: str = "from scheduler import scheduler",
    **more: str,
) -> dict[str, str]:
    """See `shown_by_main`."""
    return {"scheduler.py": scheduler, "work.py": work, **shown_by_main(shown, before, inside, imports, **more)}


def kept(how: str, init: str = "", given: str = "job") -> str:
    """The scheduler, of which the inner function does `how` with what it is given, and the object begins with `init`."""
    text = SCHEDULER.replace("            self.jobs.append((n, job))\n", f"            {how}\n")
    text = text.replace(
        "        self.jobs = []\n", f"        self.jobs = []\n        {init}\n" if init else "        self.jobs = []\n"
    )
    return text.replace("return job\n", f"return {given}\n")


# -- what only keeps the function --------------------------------------------------------------------------------------

group.service(
    "bodies", program(), BODY, LATER, edit(sub("work.py", "pong", "bang"), sub("work.py", "the report", "it"))
)
BARE = """
class Bus:
    def __init__(self):
        self.handlers = []

    def on(self, handler):
        self.handlers.append(handler)
        return handler

    def fire(self, value):
        return [handler(value) for handler in self.handlers]


bus = Bus()
"""
ON = """
from scheduler import bus


@bus.on
def first(n):
    return f"first {n}"


@bus.on
def second(n):
    return f"second {n}"
"""
ON_BODY = sub("work.py", "second {n}", "2nd {n * 2}")
group.service(
    "a-bare-method", program("bus.fire(3)", work=ON, scheduler=BARE, imports="from scheduler import bus"), ON_BODY
)
ROUTES = """
class App:
    def __init__(self, name):
        self.name = name
        self.routes = {}

    def route(self, path, **options):
        def decorate(view):
            self.routes[path] = view
            return view

        return decorate

    def serve(self, path, n):
        view = self.routes.get(path)
        if view is None:
            return "404"
        return f"{self.name}: {view(n)}"


app = App("shop")
"""
VIEWS = """
from scheduler import app


def price(n):
    return n * 2


@app.route("/")
def index(n):
    return f"index {n}"


@app.route("/buy", methods=["POST"])
def buy(n):
    return f"bought for {price(n)}"
"""
group.service(
    "routes",
    program(
        '[app.serve(path, 3) for path in ("/", "/buy", "/no")]',
        work=VIEWS,
        scheduler=ROUTES,
        imports="from scheduler import app",
    ),
    sub("work.py", "return n * 2", "return n * 3"),
    sub("work.py", "bought for", "sold for"),
    sub("work.py", 'return f"index {n}"', 'total = sum(range(n))\n    return f"index {total}"'),
)
EVENTS = (
    BARE.replace("self.handlers = []", "self.handlers = {}")
    .replace(
        "    def on(self, handler):\n        self.handlers.append(handler)\n        return handler\n",
        "    def on(self, event):\n        def add(handler):\n            self.handlers.setdefault(event, []).append(handler)\n            return handler\n\n        return add\n",
    )
    .replace("in self.handlers]", 'in self.handlers.get("e", [])]')
)
ON_EVENT = ON.replace("@bus.on", '@bus.on("e")')
group.service(
    "lists-by-event",
    program("bus.fire(3)", work=ON_EVENT, scheduler=EVENTS, imports="from scheduler import bus"),
    ON_BODY,
)
DEFAULT = "from collections import defaultdict\n\n" + EVENTS.replace(
    "self.handlers = {}", "self.handlers = defaultdict(list)"
).replace("self.handlers.setdefault(event, []).append(handler)", "self.handlers[event].append(handler)")
group.service(
    "a-defaultdict-by-event",
    program("bus.fire(3)", work=ON_EVENT, scheduler=DEFAULT, imports="from scheduler import bus"),
    ON_BODY,
)
STATED = ON.replace("@bus.on\n", "") + "\n\nbus.on(first)\nbus.on(second)\n"
group.service(
    "as-a-statement", program("bus.fire(3)", work=STATED, scheduler=BARE, imports="from scheduler import bus"), ON_BODY
)
ITEMS = (
    BARE.replace("self.handlers = []", "self.handlers = {}")
    .replace(
        "    def on(self, handler):\n        self.handlers.append(handler)\n        return handler\n",
        "    def __setitem__(self, key, handler):\n        self.handlers[key] = handler\n",
    )
    .replace("in self.handlers]", "in self.handlers.values()]")
)
SET = ON.replace("@bus.on\n", "") + '\n\nbus["a"] = first\nbus["b"] = second\n'
group.service(
    "as-an-item", program("bus.fire(3)", work=SET, scheduler=ITEMS, imports="from scheduler import bus"), ON_BODY
)
OWN = """
import time


class Scheduler:
    def __init__(self, interval):
        self.interval = interval
        self.jobs = []
        self.runs = 0

    def every(self, job):
        self.jobs.append(job)
        return job

    def run_forever(self):
        while True:
            self.runs += 1
            for job in self.jobs:
                job(self.runs)
            time.sleep(self.interval)
"""
OWN_MAIN = """
from texts import text
from scheduler import Scheduler

scheduler = Scheduler(0.005)


@scheduler.every
def show(n):
    print(f"{n}\\t{text(3)}", flush=True)


if __name__ == "__main__":
    scheduler.run_forever()
"""
group.service(
    "the-loop-is-a-method-of-the-object",
    {"scheduler.py": OWN, "main.py": OWN_MAIN, "texts.py": 'def text(n):\n    return f"text {n}"\n'},
    sub("texts.py", "text {n}", "the text {n}"),
    sub("main.py", "text(3)", "text(3).upper()"),
)

# -- what does more ----------------------------------------------------------------------------------------------------


def bus(how: str, init: str = "", fire: str = "") -> str:
    """The bus, of which the method does `how` with the function that it is given, and the object begins with `init`."""
    text = BARE.replace("        self.handlers.append(handler)\n", f"        {how}\n")
    text = text.replace(
        "self.handlers = []\n", f"self.handlers = []\n        {init}\n" if init else "self.handlers = []\n"
    )
    return text.replace("[handler(value) for handler in self.handlers]", fire) if fire else text


def case(name: str, scheduler: str, shown: str = "bus.fire(3)", work: str = ON, **more: str) -> None:
    """A program of which the body of a registered function changes, twice."""
    files = program(
        shown, work=work, scheduler=scheduler, imports=more.pop("imports", "from scheduler import bus"), **more
    )
    group.service(name, files, ON_BODY, sub("work.py", "first {n}", "1st {n}"))


KEPT = "list(self.seen)"
case(
    "calls-the-function",
    bus("self.handlers.append(handler)\n        self.seen.append(handler(1))", "self.seen = []", KEPT),
)
case("keeps-what-it-gives", bus("self.seen.append(handler(1))", "self.seen = []", KEPT))
case(
    "keeps-the-code",
    bus(
        "self.seen.append(handler.__code__)",
        "self.seen = []",
        "[type(lambda: 0)(code, {})(value) for code in self.seen]",
    ),
)
case("keeps-the-constants", bus("self.seen.append(str(handler.__code__.co_consts))", "self.seen = []", KEPT))
case(
    "keeps-the-name",
    bus(
        "self.handlers.append((handler.__name__, handler))",
        "",
        "[f'{name}: {handler(value)}' for name, handler in self.handlers]",
    ),
)
case("wraps-it", bus("self.handlers.append(lambda value: handler(value) * 2)"))
case("a-partial-of-it", "from functools import partial\n\n" + bus("self.handlers.append(partial(handler))"))
case(
    "a-wrapper-with-its-name",
    "from functools import wraps\n\n"
    + bus(
        "@wraps(handler)\n        def wrapper(value):\n            return handler(value) + '!'\n\n        self.handlers.append(wrapper)"
    ),
)
case("a-cache-of-it", "from functools import lru_cache\n\n" + bus("self.handlers.append(lru_cache(handler))"))
case(
    "a-copy-of-it",
    "from copy import copy\nfrom types import FunctionType\n\n"
    + bus("self.handlers.append(FunctionType(handler.__code__, handler.__globals__))"),
)
case(
    "a-thread-of-it",
    "from threading import Thread\n\n"
    + bus(
        "thread = Thread(target=lambda: self.seen.append(handler(1)))\n        thread.start()\n        thread.join()",
        "self.seen = []",
        KEPT,
    ),
)
case(
    "sorted-by-what-it-gives", bus("self.handlers.append(handler)\n        self.handlers.sort(key=lambda one: one(1))")
)
case(
    "counts",
    bus(
        "self.count += 1\n        self.handlers.append((self.count, handler))",
        "self.count = 0",
        "[f'{n} {handler(value)}' for n, handler in self.handlers]",
    ),
)
case(
    "none-twice",
    bus(
        "if handler.__name__ in self.names:\n            raise ValueError(handler.__name__)\n        self.names.append(handler.__name__)\n        self.handlers.append(handler)",
        "self.names = []",
    ),
)
case(
    "an-eager-container",
    "class Eager(list):\n    def append(self, item):\n        super().append(item(1))\n\n\n"
    + bus("self.seen.append(handler)", "self.seen = Eager()", KEPT),
)
case(
    "a-container-that-is-another-by-then",
    bus("self.seen.append(handler)", "self.seen = []", KEPT),
    work="from other import install\nfrom scheduler import bus\n\ninstall(bus)\n\n\n" + ON.partition("\n\n\n")[2],
    other="class Eager(list):\n    def append(self, item):\n        super().append(item(1))\n\n\ndef install(bus):\n    bus.seen = Eager()\n",
)
case(
    "an-eager-container-by-its-name",
    bus("self.seen.append(handler)", "self.seen = []", KEPT),
    work="from other import install\nfrom scheduler import bus\n\ninstall(bus)\n\n\n" + ON.partition("\n\n\n")[2],
    other="class Eager(list):\n    def append(self, item):\n        super().append(item(1))\n\n\ndef install(bus):\n    setattr(bus, 'se' + 'en', Eager())\n",
)
LOUD = "\n\nclass Loud(Bus):\n    def on(self, handler):\n        self.seen.append(handler(1))\n        return handler\n\n\nbus = Loud()\n"
QUIET = bus("self.handlers.append(handler)", "self.seen = []", KEPT)
case("a-subclass", QUIET.replace("\n\nbus = Bus()\n", LOUD))
case("bound-again", QUIET.replace("\n\nbus = Bus()\n", "\n\nbus = Bus()\n" + LOUD))
case("of-another-class-by-then", QUIET + LOUD.replace("bus = Loud()", "bus.__class__ = Loud"))
BESIDE_LOUD = "import loud\nfrom scheduler import bus\n\n\n" + ON.partition("\n\n\n")[2]
case(
    "the-method-is-patched",
    QUIET,
    work=BESIDE_LOUD,
    loud="from scheduler import Bus\n\n\ndef on(self, handler):\n    self.seen.append(handler(1))\n    return handler\n\n\nBus.on = on\n",
)
case(
    "the-object's-method-is-patched",
    QUIET,
    work=BESIDE_LOUD,
    loud="from scheduler import bus\n\n\ndef on(handler):\n    bus.seen.append(handler(1))\n    return handler\n\n\nbus.on = on\n",
)
case(
    "the-module's-object-is-another",
    QUIET,
    work=BESIDE_LOUD,
    loud="import scheduler\n\n\nclass Loud(scheduler.Bus):\n    def on(self, handler):\n        self.seen.append(handler(1))\n        return handler\n\n\nscheduler.bus = Loud()\n",
)
case(
    "attributes-are-set-in-a-way-of-its-own",
    bus("self.last = handler", "self.seen = []", KEPT).replace(
        "    def on(",
        "    def __setattr__(self, name, value):\n        object.__setattr__(self, name, value)\n        if name == 'last':\n            self.seen.append(value(1))\n\n    def on(",
    ),
)
case(
    "a-property-takes-it",
    bus("self.last = handler", "self.seen = []", KEPT).replace(
        "    def on(",
        "    @property\n    def last(self):\n        return None\n\n    @last.setter\n    def last(self, value):\n        self.seen.append(value(1))\n\n    def on(",
    ),
)
case(
    "a-metaclass",
    "class Meta(type):\n    def __call__(cls):\n        made = super().__call__()\n        made.on = lambda handler: made.seen.append(handler(1)) or handler\n        return made\n\n\n"
    + QUIET.replace("class Bus:", "class Bus(metaclass=Meta):"),
)
case(
    "looked-into-while-imported",
    BARE,
    shown="OLD",
    work=ON + "\n\nOLD = [handler(3) for handler in bus.handlers]\n",
    imports="from work import OLD",
)
case(
    "looked-into-by-another-module",
    BARE,
    shown="early.OLD",
    imports="import early",
    early="import work\nfrom scheduler import bus\n\nOLD = [handler.__code__.co_consts for handler in bus.handlers]\n",
)
case("asked-before-the-loop", BARE, shown="old", before="    old = bus.fire(3)")
case(
    "the-last-one-is-asked-before-the-loop",
    bus("self.handlers.append(handler)\n        self.last = handler"),
    shown="old",
    before="    old = bus.last(3)",
)
case("kept-by-the-loop", BARE, shown="old[0]", before="    old = []", inside="        old.append(bus.fire(3))")
case(
    "remembered-by-the-object",
    bus(
        "self.handlers.append(handler)",
        "self.known = {}",
        "[self.known.setdefault(handler, handler(value)) for handler in self.handlers]",
    ),
)
IN_A_LOOP = ON.replace("@bus.on\n", "") + "\n\nfor one in (first, second):\n    bus.on(one)\n"
case("in-a-loop", BARE, work=IN_A_LOOP)
case(
    "in-a-loop-that-calls",
    BARE,
    shown="OLD + bus.fire(3)",
    work=IN_A_LOOP.replace("    bus.on(one)\n", "    bus.on(one)\n    OLD.append(one(3))\n").replace(
        "\n\nfor", "\n\nOLD = []\nfor"
    ),
    imports="from scheduler import bus\nfrom work import OLD",
)
case(
    "under-a-condition", BARE, work=ON.replace("@bus.on\n", "") + "\n\nif first(1) == 'first 1':\n    bus.on(second)\n"
)
case(
    "two-of-one-class",
    BARE + "\nother = Bus()\n",
    shown="(bus.fire(3), other.fire(3))",
    work=ON.replace("@bus.on\ndef second", "@other.on\ndef second").replace("import bus", "import bus, other"),
    imports="from scheduler import bus, other",
)
case(
    "by-two-names",
    BARE + "\nother = bus\n",
    work=ON.replace("@bus.on\ndef second", "@other.on\ndef second").replace("import bus", "import bus, other"),
)
case(
    "a-cache-below",
    BARE,
    work="from functools import lru_cache\n\n" + ON.replace("@bus.on\ndef second", "@bus.on\n@lru_cache\ndef second"),
)
case(
    "a-method-of-that-name-that-is-called-later",
    BARE
    + "\n\nclass Lamp:\n    def __init__(self):\n        self.seen = []\n\n    def on(self, value):\n        self.seen.append(value)\n        return self.seen[0]\n\n\nlamp = Lamp()\n",
    shown="lamp.on(bus.fire(3))",
    imports="from scheduler import bus, lamp",
)
case(
    "registered-in-the-loop-too",
    bus(
        "self.handlers.append(handler)",
        "",
        "[handler(value) if callable(handler) else handler for handler in self.handlers]",
    ),
    shown="bus.fire(3)[2:3]",
    inside="        bus.on(bus.fire(3)[1])",
)
case(
    "what-is-given-is-what-one-gives",
    bus(
        "self.handlers.append(handler)",
        "",
        "[handler(value) if callable(handler) else handler for handler in self.handlers]",
    ),
    work=ON + "\n\nbus.on(first(1))\n",
)
GIVEN = BARE.replace(
    "def on(self, handler):\n        self.handlers.append(handler)\n        return handler",
    "def on(self, name):\n        def keep(handler):\n            self.handlers.append((name, handler))\n            return handler\n\n        return keep",
).replace("[handler(value) for handler in", "[f'{name} {handler(value)}' for name, handler in")
case(
    "under-a-name-that-one-gives",
    GIVEN,
    work="from scheduler import bus\n\n\ndef name(n):\n    return f'second {n}'\n\n\n@bus.on(name(1))\ndef first(n):\n    return f'first {n}'\n",
)
case(
    "under-a-name-that-was-one's",
    GIVEN,
    work="from scheduler import bus\n\n\ndef name(n):\n    return f'second {n}'\n\n\nNAME = name(1)\n\n\n@bus.on(NAME)\ndef first(n):\n    return f'first {n}'\n",
)
group.service(
    "a-name-of-a-constant",
    program(
        "bus.fire(3)",
        scheduler=GIVEN,
        work="from scheduler import bus\n\nNAME = 'one'\n\n\n@bus.on(NAME)\ndef first(n):\n    return f'first {n}'\n",
        imports="from scheduler import bus",
    ),
    sub("work.py", "first {n}", "1st {n}"),
    sub("work.py", "'one'", "'two'"),
)
group.service(
    "the-method-changes",
    program("bus.fire(3)", work=ON, scheduler=BARE, imports="from scheduler import bus"),
    sub("scheduler.py", "self.handlers.append(handler)", "self.handlers.insert(0, handler)"),
    ON_BODY,
    sub("work.py", "first {n}", "1st {n}"),
)
group.service(
    "the-method-begins-to-call",
    program(
        "bus.fire(3)",
        work=ON,
        scheduler=bus(
            "self.handlers.append(handler)",
            "self.seen = []",
            "self.seen + [handler(value) for handler in self.handlers]",
        ),
        imports="from scheduler import bus",
    ),
    edit(
        ON_BODY,
        sub(
            "scheduler.py",
            "self.handlers.append(handler)",
            "self.handlers.append(handler)\n        self.seen.append(handler(1))",
        ),
    ),
    sub("work.py", "first {n}", "1st {n}"),
)
group.service(
    "the-method-changes-by-its-side",
    program("bus.fire(3)", work=ON, scheduler=BARE, imports="from scheduler import bus"),
    edit(ON_BODY, sub("scheduler.py", "[handler(value)", "[handler(value + 1)")),
    sub("work.py", "first {n}", "1st {n}"),
)
group.service(
    "another-object",
    program("bus.fire(3)", work=ON, scheduler=BARE, imports="from scheduler import bus"),
    edit(ON_BODY, sub("scheduler.py", "bus = Bus()", "bus = Bus()\nbus.handlers.append(str)")),
    sub("work.py", "first {n}", "1st {n}"),
)
DOC = ON.replace("    return f", '    """How it is."""\n    return f', 1)
group.service(
    "what-it-says-of-itself",
    program("[one.__doc__ for one in bus.handlers]", work=DOC, scheduler=BARE, imports="from scheduler import bus"),
    sub("work.py", "How it is", "What it was"),
    ON_BODY,
)
group.service(
    "what-it-said-of-itself",
    program(
        "bus.seen",
        work=DOC,
        scheduler=bus("self.seen.append(handler.__doc__)", "self.seen = []"),
        imports="from scheduler import bus",
    ),
    sub("work.py", "How it is", "What it was"),
    ON_BODY,
)
group.service(
    "with-a-default",
    program("bus.fire(3)", work=ON, scheduler=BARE, imports="from scheduler import bus"),
    sub("work.py", "def first(n)", "def first(n, by=2)"),
    sub("work.py", "first {n}", "first {n * by}"),
)
group.service(
    "with-the-parameters-known",
    program(
        "bus.seen",
        work=ON,
        scheduler="import inspect\n\n" + bus("self.seen.append(str(inspect.signature(handler)))", "self.seen = []"),
        imports="from scheduler import bus",
    ),
    sub("work.py", "def first(n)", "def first(n, by=2)"),
    ON_BODY,
)
group.service(
    "come-go-and-move",
    program(),
    sub("work.py", "@scheduler.every(2)", "@scheduler.every(2)\ndef more(n):\n    return n\n\n\n@scheduler.every(3)"),
    sub("work.py", "every(5)", "every(1)"),
    sub("work.py", "@scheduler.every(2)\ndef more(n):\n    return n\n\n\n", ""),
)


NAMING = bus(
    "self.handlers.append((handler.__name__, handler))",
    "",
    "[(name, handler(value)) for name, handler in self.handlers]",
)
NAMED = """
from scheduler import bus


def told():
    return "second {n}"


class Named:
    def __init__(self, function):
        self.function = function

    def __call__(self, n):
        return self.function(n)

    @property
    def __name__(self):
        return told()


@bus.on
@Named
def first(n):
    return f"first {n}"
"""
case("a-name-that-another-function-gives", NAMING, work=NAMED)
case(
    "a-name-that-was-made",
    NAMING,
    work=NAMED.replace("    @property\n    def __name__(self):\n        return told()\n", "").replace(
        "        self.function = function\n", "        self.function = function\n        self.__name__ = told()\n"
    ),
)
IN_CLASS = """
from loud import loud
from scheduler import bus


class Jobs:
    bus = loud

    @bus.on
    def first(n):
        return f"first {n}"


def second(n):
    return f"second {n}"


bus.on(second)
"""
LOUD_BUS = "SEEN = []\n\n\nclass Loud:\n    def on(self, handler):\n        SEEN.append(handler(1))\n        return handler\n\n\nloud = Loud()\n"
case(
    "by-a-name-of-the-class's",
    BARE,
    shown="SEEN + bus.fire(3)",
    work=IN_CLASS,
    loud=LOUD_BUS,
    imports="from loud import SEEN\nfrom scheduler import bus",
)
SWAPPED = bus("self.seen.append(handler)", "self.seen = []\n        swap(self)", KEPT)
case(
    "the-container-is-swapped-as-it-is-made",
    "from other import swap\n\n" + SWAPPED,
    other="class Eager(list):\n    def append(self, item):\n        super().append(item(1))\n\n\ndef swap(one):\n    setattr(one, 'se' + 'en', Eager())\n",
)
case(
    "a-list-of-its-own-kind",
    "class list(list):\n    def append(self, item):\n        super().append(item(1))\n\n\n"
    + bus("self.seen.append(handler)", "self.seen = list()", "[*self.seen]"),
)
case(
    "a-method-that-is-looked-up",
    bus(
        "self.handlers.append(handler)",
        "",
        "[handler(value) if callable(handler) else handler for handler in self.handlers]",
    ),
    shown="bus.fire(3)[2:3]",
    inside="        call(bus, bus.fire(3)[1])",
    imports="from other import call\nfrom scheduler import bus",
    other="NAME = 'o' + 'n'\n\n\ndef call(one, value):\n    getattr(one, NAME)(value)\n",
)
case(
    "by-the-bound-method",
    BARE,
    work=ON.replace("@bus.on", "@keep").replace("import bus\n", "import bus\n\nkeep = bus.on\n"),
)
case(
    "the-bound-method-is-called-later",
    bus(
        "self.handlers.append(handler)",
        "",
        "[handler(value) if callable(handler) else handler for handler in self.handlers]",
    ),
    shown="bus.fire(3)[2:3]",
    before="    keep = bus.on",
    inside="        keep(bus.fire(3)[1])",
)
case(
    "a-method-of-the-object-registers-later",
    bus(
        "self.handlers.append(handler)",
        "",
        "[handler(value) if callable(handler) else handler for handler in self.handlers]",
    ).replace(
        "    def fire",
        "    def tell(self, value):\n        self.on(self.fire(value)[1])\n        return self.fire(value)[2:3]\n\n    def fire",
    ),
    shown="bus.tell(3)",
)
case(
    "a-function-that-another-makes",
    BARE,
    work=ON
    + "\n\ndef make(by):\n    def made(n):\n        return f'second {n}' * by\n\n    return made\n\n\nbus.on(make(2))\n".replace(
        "second", "made"
    ),
)
case(
    "chosen-by-what-is-registered",
    BARE,
    work=ON + "\n\nMODE = 'many' if len(bus.handlers) > 1 else 'one'\n",
    shown="(MODE, bus.fire(3))",
    imports="from scheduler import bus\nfrom work import MODE",
)
case(
    "sorted-where-it-is-read",
    bus(
        "self.handlers.append((handler.__name__, handler))",
        "",
        "[handler(value) for _, handler in sorted(self.handlers)]",
    ),
)
group.service(
    "becomes-a-generator",
    program("[list(one) for one in bus.fire(3)]", work=ON, scheduler=BARE, imports="from scheduler import bus"),
    sub("work.py", 'return f"first', 'yield f"first'),
    ON_BODY,
)
group.service(
    "goes-and-is-renamed-and-moves",
    program("bus.fire(3)", work=ON, scheduler=BARE, imports="from scheduler import bus"),
    sub("work.py", '@bus.on\ndef first(n):\n    return f"first {n}"\n\n\n', ""),
    sub("work.py", "def second", "def last"),
    sub("work.py", "@bus.on\ndef last", "@bus.on\ndef more(n):\n    return n\n\n\n@bus.on\ndef last"),
)
group.service(
    "swapped",
    program("bus.fire(3)", work=ON, scheduler=BARE, imports="from scheduler import bus"),
    edit(
        sub("work.py", "first", "other", 2), sub("work.py", "second", "first", 2), sub("work.py", "other", "second", 2)
    ),
)
group.service(
    "a-class-that-begins-to-have-a-base",
    program(
        "bus.fire(3)",
        work=ON,
        scheduler="class Base:\n    def __setattr__(self, name, value):\n        object.__setattr__(self, name, value)\n\n\n"
        + BARE,
        imports="from scheduler import bus",
    ),
    edit(ON_BODY, sub("scheduler.py", "class Bus:", "class Bus(Base):")),
    sub("work.py", "first {n}", "1st {n}"),
)
group.service(
    "the-container-begins-with-more",
    program("bus.fire(3)", work=ON, scheduler=BARE, imports="from scheduler import bus"),
    edit(ON_BODY, sub("scheduler.py", "self.handlers = []", "self.handlers = [str]")),
    sub("work.py", "first {n}", "1st {n}"),
)

# -- under a topic, by a statement ---------------------------------------------------------------------------------------

TOPICS = EVENTS.replace(
    "    def on(self, event):\n        def add(handler):\n            self.handlers.setdefault(event, []).append(handler)\n            return handler\n\n        return add\n",
    "    def subscribe(self, topic, handler):\n        self.handlers.setdefault(topic, []).append(handler)\n",
)
BY_TOPIC = ON.replace("@bus.on\n", "") + '\n\nbus.subscribe("e", first)\nbus.subscribe("e", second)\n'
group.service(
    "by-a-topic",
    program("bus.fire(3)", work=BY_TOPIC, scheduler=TOPICS, imports="from scheduler import bus"),
    ON_BODY,
    sub("work.py", "first {n}", "1st {n}"),
)
case(
    "by-a-topic-that-one-gives",
    TOPICS.replace('self.handlers.get("e", [])', "[one for some in self.handlers.values() for one in some]").replace(
        "[handler(value)", "list(self.handlers) + [handler(value)"
    ),
    work=BY_TOPIC + "\nbus.subscribe(first(1), second)\n",
)
case(
    "by-a-topic-in-the-loop-too",
    TOPICS.replace('[handler(value) for handler in self.handlers.get("e", [])]', "list(self.handlers)[:2]"),
    work=BY_TOPIC,
    inside="        bus.subscribe(first(1), second)",
    imports="from scheduler import bus\nfrom work import first, second",
)

# -- in an object that only keeps it ---------------------------------------------------------------------------------------

RECORD = "\nclass Route:\n    def __init__(self, name, handler=None):\n        self.name = name\n        self.handler = handler\n"
OF_RECORDS = (
    BARE.replace("    def on(self, handler):\n        self.handlers.append(handler)\n", "    def on(self, handler):\n        self.handlers.append(Route(handler.__name__, handler))\n")
    .replace("[handler(value) for handler in self.handlers]", '[f"{one.name} {one.handler(value)}" for one in self.handlers]')
)
group.service(
    "in-a-record",
    program("bus.fire(3)", work=ON, scheduler=RECORD + "\n" + OF_RECORDS, imports="from scheduler import bus"),
    ON_BODY,
    sub("work.py", "first {n}", "1st {n}"),
)
DATA_CLASS = "\nfrom dataclasses import dataclass, field\n\n\n@dataclass\nclass Route:\n    name: str\n    handler: object\n    tags: list = field(default_factory=list)\n    weight: int = 1\n"
group.service(
    "in-a-data-class",
    program("bus.fire(3)", work=ON, scheduler=DATA_CLASS + "\n" + OF_RECORDS, imports="from scheduler import bus"),
    ON_BODY,
    sub("work.py", "first {n}", "1st {n}"),
)


def record(name: str, text: str, **more: str) -> None:
    """What is registered is kept in an object that does more."""
    seen = OF_RECORDS.replace('[f"{one.name} {one.handler(value)}" for one in self.handlers]', "list(SEEN)")
    case(f"in-a-record-{name}", "SEEN = []\n\n" + text + "\n" + seen, **more)


record("that-calls", RECORD.replace("self.handler = handler", "self.handler = handler\n        SEEN.append(handler(1))"))
record("that-keeps-what-it-gives", RECORD.replace("self.handler = handler", "self.handler = SEEN.append(handler(1))"))
record(
    "with-a-property",
    RECORD + "\n    @property\n    def handler(self):\n        return None\n\n    @handler.setter\n    def handler(self, value):\n        SEEN.append(value(1))\n",
)
record(
    "that-sets-in-a-way-of-its-own",
    RECORD + "\n    def __setattr__(self, name, value):\n        SEEN.append(value(1) if callable(value) else value)\n",
)
record("with-a-hook", DATA_CLASS + "\n    def __post_init__(self):\n        SEEN.append(self.handler(1))\n")
record(
    "below-another",
    RECORD.replace("class Route:", "class Base:\n    def __setattr__(self, name, value):\n        SEEN.append(value(1) if callable(value) else value)\n\n\nclass Route(Base):"),
)
record("that-is-a-function", "\ndef Route(name, handler):\n    SEEN.append(handler(1))\n    return handler\n")
record(
    "that-is-decorated",
    RECORD.replace("class Route:", "def loud(cls):\n    return lambda name, handler: SEEN.append(handler(1))\n\n\n@loud\nclass Route:"),
)
record(
    "that-is-replaced",
    RECORD,
    work=ON.replace("from scheduler", "import loud\nfrom scheduler"),
    loud="import scheduler\n\n\ndef route(name, handler):\n    scheduler.SEEN.append(handler(1))\n\n\nscheduler.Route = route\n",
)
record(
    "whose-constructor-is-patched",
    RECORD,
    work=ON.replace("from scheduler", "import loud\nfrom scheduler"),
    loud="import scheduler\n\n\ndef make(self, name, handler):\n    scheduler.SEEN.append(handler(1))\n\n\nscheduler.Route.__init__ = make\n",
)
group.service(
    "in-a-record-that-begins-to-call",
    program("bus.fire(3)", work=ON, scheduler="SEEN = []\n\n" + RECORD + "\n" + OF_RECORDS.replace("in self.handlers]", "in self.handlers] + SEEN"), imports="from scheduler import bus"),
    edit(ON_BODY, sub("scheduler.py", "self.handler = handler", "self.handler = handler\n        SEEN.append(handler(1))")),
    sub("work.py", "first {n}", "1st {n}"),
)

CASES = group.cases
