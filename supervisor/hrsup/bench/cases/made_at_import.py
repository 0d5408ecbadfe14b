"""What is computed while modules are imported by methods of the program's classes, and by functions that are registered;
and what looks like it."""

from hrsup.bench.cases.unforeseen import loop
from hrsup.bench.vocabulary import Group, edit, sub

group = Group("made-at-import")

RATES = "STEP = 2\n\n\ndef scale(value):\n    return value * STEP\n"
NEW_STEP = sub("rates.py", "STEP = 2", "STEP = 7")
NEW_SCALE = sub("rates.py", "value * STEP", "value * STEP + 1")


def program(text: str, shown: str, **more: str) -> dict[str, str]:
    """A service whose module `work` computes something from `rates` while it is imported."""
    files = {"rates.py": RATES, "work.py": text, **{f"{name}.py": source for name, source in more.items()}}
    return {"main.py": loop("import work", shown), **files}


POINT = """
import rates


class Point:
    def __init__(self, x):
        self.x = x

    @classmethod
    def of(cls, value):
        return cls(rates.scale(value))

    @staticmethod
    def unit():
        return "m"

    def shown(self):
        return f"{self.x}{self.unit()}"


TEXT = Point.of(3).shown()
"""
group.service("class-method-that-makes", program(POINT, "work.TEXT"), NEW_STEP, NEW_SCALE, sub("work.py", '"m"', '"km"'))
group.service(
    "function-that-makes",
    program(
        POINT.replace("TEXT =", "def point(value):\n    made = Point.of(value)\n    return made\n\n\nTEXT =").replace(
            "Point.of(3).", "point(3)."
        ),
        "work.TEXT",
    ),
    NEW_STEP,
    NEW_SCALE,
    sub("work.py", '"m"', '"km"'),
)
group.service(
    "method-of-an-object-of-a-module",
    program(POINT.replace("TEXT = Point.of(3)", "ONE = Point(3)\nTEXT = str(rates.STEP) + ONE"), "work.TEXT"),
    NEW_STEP,
    sub("work.py", '"m"', '"km"'),
)
group.service(
    "method-of-an-object-that-has-changed-since",
    program(
        POINT.replace("TEXT = Point.of(3)", "ONE = Point(3)\nTEXT = str(rates.STEP) + ONE")
        + "\n\ndef count():\n    ONE.x += 1\n    return len(TEXT)\n",
        "(work.TEXT, work.count())",
    ),
    NEW_STEP,
    sub("work.py", '"m"', '"km"'),
)
MARKED = POINT.replace(
    "TEXT =", "def marked(text):\n    def wrap(function):\n        return lambda: f'{text} {function()}'\n\n    return wrap\n\n\n@marked("
).replace(".shown()\n", ".shown())\ndef told():\n    return 'told'\n")
group.service("decorated-by-it", program(MARKED, "work.told()"), NEW_STEP, NEW_SCALE, sub("work.py", '"m"', '"km"'))
group.service(
    "default-of-it",
    program(POINT.replace("TEXT = Point.of(3).shown()", "def told(x=Point.of(3).shown()):\n    return x"), "work.told()"),
    NEW_STEP,
    NEW_SCALE,
    sub("work.py", '"m"', '"km"'),
)

# What a derived class makes of a method that its base calls.
DERIVED = """
import rates

SEEN = []


class Base:
    def __init__(self):
        self.at = self.start()

    def start(self):
        return 1

    def told(self):
        return self.start()


class Derived(Base):
    def start(self):
        SEEN.append(1)
        return 2


X = [Derived().at, rates.STEP]
"""
group.service("derived-method-called-by-the-base", program(DERIVED, "(work.X, len(work.SEEN))"), NEW_STEP)
group.service(
    "derived-method-called-by-an-inherited-one",
    program(DERIVED.replace("self.at = self.start()", "self.at = 0").replace("Derived().at", "Derived().told()"), "(work.X, len(work.SEEN))"),
    NEW_STEP,
)
group.service(
    "derived-class-made-by-an-inherited-class-method",
    program(
        DERIVED.replace("    def told(self", "    @classmethod\n    def make(cls):\n        return cls()\n\n    def told(self").replace(
            "Derived().at", "Derived.make().at"
        ),
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
group.service(
    "method-put-into-the-class-from-outside",
    program(
        DERIVED.replace("        SEEN.append(1)\n", "")
        + "\n\ndef start(self):\n    SEEN.append(1)\n    return 3\n\n\nDerived.start = start\n",
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
group.service(
    "class-method-put-into-the-class-from-outside",
    program(
        "import rates\n\nSEEN = []\n\n\nclass Point:\n    @classmethod\n    def of(cls):\n        return [rates.STEP]\n\n\n"
        "def of():\n    SEEN.append(1)\n    return [rates.STEP, len(SEEN)]\n\n\nPoint.of = of\nX = Point.of()\n",
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
STATIC = """
import rates

SEEN = []


class Plain:
    def run(self):
        return 1


class Other:
    def run(self):
        SEEN.append(1)
        return 2


class Runner(Plain):
    @staticmethod
    def of(one):
        return one.run()

    def by(self):
        return self.run()


X = [Runner.of(Other()), rates.STEP]
"""
group.service("first-parameter-of-a-static-method", program(STATIC, "(work.X, len(work.SEEN))"), NEW_STEP)
group.service(
    "another-object-as-self",
    program(STATIC.replace("Runner.of(Other())", "Runner.by(Other())"), "(work.X, len(work.SEEN))"),
    NEW_STEP,
)
group.service(
    "self-that-is-bound-again",
    program(
        STATIC.replace("        return self.run()", "        self = Other()\n        return self.run()").replace(
            "Runner.of(Other())", "Runner().by()"
        ),
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
group.service(
    "made-by-new",
    program(
        STATIC.replace("    @staticmethod", "    def __new__(cls):\n        return Other()\n\n    @staticmethod").replace(
            "Runner.of(Other())", "Runner().run()"
        ),
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
group.service(
    "one-of-two-kinds",
    program(
        STATIC.replace("X =", "def one():\n    if rates.STEP > 1:\n        return Other()\n    return Plain()\n\n\nX =").replace(
            "Runner.of(Other())", "one().run()"
        ),
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
group.service(
    "method-of-the-instance",
    program(
        STATIC.replace("    def run(self):\n        return 1", "    def __init__(self):\n        self.run = Other().run\n\n    def run(self):\n        return 1").replace(
            "Runner.of(Other())", "Plain().run()"
        ),
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
for name, setting in (("a-method", "made.run = Other().run"), ("its-class", "made.__class__ = Other")):
    group.service(
        f"made-and-given-{name}",
        program(
            STATIC.replace("X =", f"def one():\n    made = Plain()\n    {setting}\n    return made.run()\n\n\nX =").replace(
                "Runner.of(Other())", "one()"
            ),
            "(work.X, len(work.SEEN))",
        ),
        NEW_STEP,
    )
group.service(
    "made-and-given-a-field",
    program(
        STATIC.replace("X =", "def one():\n    made = Plain()\n    made.at = 5\n    return made.run() + made.at\n\n\nX =").replace(
            "Runner.of(Other())", "one()"
        ),
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
group.service(
    "looked-up-in-its-own-way",
    program(
        STATIC.replace(
            "class Runner", "class Odd(Plain):\n    def __getattribute__(self, name):\n        return Other().run\n\n\nclass Runner"
        ).replace("Runner.of(Other())", "Odd().run()"),
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
group.service(
    "one-object-for-all",
    program(
        "import rates\n\n\nclass Pool:\n    one = None\n\n    def __init__(self):\n        self.given = 0\n\n    @classmethod\n"
        "    def get(cls):\n        if cls.one is None:\n            cls.one = cls()\n        return cls.one\n\n    def give(self):\n"
        "        self.given += 1\n        return self.given\n\n\nX = [Pool.get().give(), rates.STEP]\n",
        "(work.X, work.Pool.get().given)",
    ),
    NEW_STEP,
)

# Functions that are registered, and called while modules are imported.
REGISTERED = """
import rates

HANDLERS = {}


def handles(name):
    def add(function):
        HANDLERS[name] = function
        return function

    return add


@handles("tea")
def tea():
    return rates.scale(3)


X = [tea(), "at import"]
"""
group.service("registered-and-called", program(REGISTERED, "(work.X, sorted(work.HANDLERS))"), NEW_STEP, NEW_SCALE, sub("work.py", '"tea"', '"pot"'))
group.service(
    "registered-and-decorating",
    program(
        REGISTERED.replace("X = [tea(), \"at import\"]", "def marked(text):\n    def wrap(function):\n        return lambda: (text, function())\n\n    return wrap\n\n\n@marked(tea())\ndef told():\n    return 1"),
        "work.told()",
    ),
    NEW_STEP,
    sub("work.py", "@marked(tea())", "@marked(2)"),
)
group.service(
    "registered-by-what-replaces-it-later",
    program(REGISTERED + "\n\ndef tea():\n    return 5\n\n\nY = [tea(), rates.STEP]\n", "(work.X, work.Y)"),
    NEW_STEP,
)
group.service(
    "registered-by-what-changes-its-code",
    program(
        REGISTERED.replace("        return function\n", "        function.__code__ = other.__code__\n        return function\n").replace(
            "HANDLERS = {}", "HANDLERS = {}\nSEEN = []\n\n\ndef other():\n    SEEN.append(1)\n    return rates.STEP"
        ),
        "(work.X, len(work.SEEN))",
    ),
    NEW_STEP,
)
group.service(
    "registered-and-adding-something",
    program(
        REGISTERED.replace("    return rates.scale(3)", "    HANDLERS.setdefault('count', []).append(1)\n    return rates.scale(3)"),
        "(work.X, len(work.HANDLERS['count']))",
    ),
    NEW_STEP,
)

CASES = group.cases
