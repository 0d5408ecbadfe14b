"""Classes that are called by another name than their own, or by none: their constructors may keep what they are given.
And what calls nobody, though it is not known by its last name alone."""

from hrsup.bench.cases.programs import shown_by_main
from hrsup.bench.vocabulary import Group, sub

group = Group("unnamed")

TEXTS = 'def wording(n):\n    return f"text {n}"\n'
EDITS = sub("texts.py", "text {n}", "the text {n}"), sub("texts.py", "{n}", "{n * 2}")
RECORDS = """
KNOWN = {}


class Record:
    def __init__(self, value):
        KNOWN.setdefault("first", value)


class Other:
    def __init__(self, value):
        self.value = value
"""


def case(
    name: str, make: str, records: str = RECORDS, imports: str = "from records import Other, Record", **more: str
) -> None:
    """Each round makes, by `make`, something of what changes; the first is remembered."""
    tree = shown_by_main(
        "KNOWN.get('first')",
        before="",
        inside="        make(wording(3))",
        imports="from make import make\nfrom records import KNOWN\nfrom texts import wording",
    )
    files = {"texts.py": TEXTS, "records.py": records, "work.py": "", "make.py": f"{imports}\n\n\n{make}\n", **more}
    group.service(name, {**tree, **files}, *EDITS)


group.service(
    "only-by-its-name",
    {
        **shown_by_main("KNOWN.get('first'), made", "", "        Record(5)\n        made = make(wording(3))", "from make import make\nfrom records import KNOWN, Record\nfrom texts import wording"),
        "texts.py": TEXTS,
        "records.py": RECORDS,
        "work.py": "",
        "make.py": "def shout(value):\n    return value.upper()\n\n\nMAKERS = [shout]\n\n\ndef make(value):\n    return MAKERS[0](value)\n",
    },
    *EDITS,
)
CALLS = "def make(value):\n    return kind()(value)\n"
case("by-its-name", "def make(value):\n    return Record(value)\n")
case("out-of-a-table", 'KINDS = {"a": Record, "b": Other}\n\n\ndef make(value):\n    return KINDS["a"](value)\n')
case("a-default", "def make(value, kind=Record):\n    return kind(value)\n")
case("given-back", "def kind():\n    return Record\n\n\n" + CALLS)
case(
    "an-attribute",
    "class Maker:\n    kind = Record\n\n    def make(self, value):\n        one = self.kind\n        return one(value)\n\n\nmake = Maker().make\n",
)
case("by-map", "def make(value):\n    return list(map(Record, [value]))\n")
case(
    "its-type",
    "ONE = Record(None)\n\n\ndef kind():\n    return type(ONE)\n\n\n" + CALLS,
    RECORDS.replace("KNOWN.setd", "value and KNOWN.setd"),
)
case(
    "its-class",
    "ONE = Record(None)\n\n\ndef kind():\n    return ONE.__class__\n\n\n" + CALLS,
    RECORDS.replace("KNOWN.setd", "value and KNOWN.setd"),
)
case(
    "a-class-method",
    "def make(value):\n    return Record.of(value)\n",
    RECORDS.replace(
        "value)\n\n\nclass Other",
        "value)\n\n    @classmethod\n    def of(cls, value):\n        made = cls\n        return made(value)\n\n\nclass Other",
    ),
)
REGISTRY = "MADE = []\n\n\n" + RECORDS
BY_REGISTRY = "def make(value):\n    kind = MADE[0]\n    return kind(value)\n"
case(
    "a-hook-of-its-base",
    BY_REGISTRY,
    REGISTRY.replace(
        "class Record:",
        "class Base:\n    def __init_subclass__(cls):\n        MADE.append(cls)\n\n\nclass Record(Base):",
    ),
    "from records import MADE",
)
case(
    "a-decorator",
    BY_REGISTRY,
    REGISTRY.replace("class Record:", "def keep(cls):\n    MADE.append(cls)\n    return cls\n\n\n@keep\nclass Record:"),
    "from records import MADE",
)
case(
    "a-metaclass",
    BY_REGISTRY,
    REGISTRY.replace(
        "class Record:",
        "class Meta(type):\n    def __new__(mcs, *args):\n        made = super().__new__(mcs, *args)\n        MADE.append(made)\n        return made\n\n\nclass Record(metaclass=Meta):",
    ),
    "from records import MADE",
)
case(
    "of-those-below",
    "def make(value):\n    kind = Base.__subclasses__()[0]\n    return kind(value)\n",
    RECORDS.replace("class Record:", "class Base:\n    pass\n\n\nclass Record(Base):"),
    "from records import Base",
)
case(
    "one-below-it",
    "KINDS = [Below]\n\n\ndef make(value):\n    return KINDS[0](value)\n",
    RECORDS + "\n\nclass Below(Record):\n    pass\n",
    "from records import Below",
)
case(
    "by-an-annotation",
    "def one(value: Record):\n    pass\n\n\ndef make(value):\n    kind = one.__annotations__['value']\n    return kind(value)\n",
)
case(
    "by-a-field",
    "from dataclasses import dataclass, fields\n\n\n@dataclass\nclass Shape:\n    value: Record\n\n\ndef make(value):\n    kind = fields(Shape)[0].type\n    return kind(value)\n",
)
case(
    "looked-up",
    "import records\n\n\ndef make(value):\n    kind = getattr(records, 'Rec' + 'ord')\n    return kind(value)\n",
    imports="",
)
case(
    "among-the-module's-names",
    "import records\n\n\ndef make(value):\n    kind = vars(records)['Rec' + 'ord']\n    return kind(value)\n",
    imports="",
)
case(
    "of-the-module's-dictionary",
    "import records\n\n\ndef make(value):\n    kind = records.__dict__['Rec' + 'ord']\n    return kind(value)\n",
    imports="",
)
case(
    "by-its-module",
    "import records\n\nKINDS = [records.Record]\n\n\ndef make(value):\n    return KINDS[0](value)\n",
    imports="",
)
case("by-another-name", "def make(value):\n    return One(value)\n", imports="from records import Record as One")
case(
    "by-the-enclosing-frame",
    "def make(value):\n    return inner(kind=Record, value=value)\n\n\ndef inner(kind, value):\n    return kind(value)\n",
)
case(
    "a-new-style-of-its-own",
    "def make(value):\n    return KEPT[0](value)\n",
    "KEPT = []\n"
    + RECORDS.replace(
        "    def __init__",
        "    def __new__(cls, *args):\n        KEPT.append(cls)\n        return object.__new__(cls)\n\n    def __init__",
        1,
    )
    + "\n\nRecord(None)\nKNOWN.clear()\n",
    "from records import KEPT",
)
case(
    "a-method-that-tells",
    "def make(value):\n    return ONE.kind()(value)\n\n\nONE = Record(None)\nKNOWN.clear()\n",
    RECORDS.replace("\n\nclass Other", "\n    def kind(self):\n        return self.__class__\n\n\nclass Other"),
    "from records import KNOWN, Record",
)

# -- asyncio.run -------------------------------------------------------------------------------------------------------

FEED = {
    "stats.py": """
from collections import defaultdict, deque


class Averages:
    def __init__(self, window):
        self.window = window
        self.values = defaultdict(lambda: deque(maxlen=window))

    def mean(self, name):
        return sum(self.values[name], 0) / self.window
""",
    "prices.py": """
import asyncio

PRICES = {"a": 1.5, "b": 2.5}


async def prices():
    await asyncio.sleep(0.001)
    return [price(name, value) for name, value in PRICES.items()]


def price(name, value):
    return f"{name} {value:.2f}"
""",
    "main.py": """
import asyncio

from prices import prices
from stats import Averages


async def poll(averages):
    tick = 0
    while True:
        tick += 1
        found = await prices()
        print(f"{tick}\\t{' '.join(found)} {averages.mean('a')}", flush=True)
        await asyncio.sleep(0.005)


async def main():
    averages = Averages(3)
    await poll(averages)


if __name__ == "__main__":
    asyncio.run(main())
""",
}
group.service("a-loop-of-asyncio", FEED, sub("prices.py", ":.2f", ":.1f"), sub("prices.py", '"b": 2.5', '"b": 3.5'))
group.service(
    "asyncio-is-patched",
    {
        **FEED,
        "main.py": FEED["main.py"]
        .replace("async def poll", "async def first():\n    return (await prices())[0]\n\n\nasync def poll")
        .replace("    averages = Averages(3)\n", "    averages = Averages(3)\n    averages.window = 4\n")
        .replace("{averages.mean('a')}", "{KEPT}")
        .replace(
            "import Averages\n",
            "import Averages\n\nKEPT = []\nRUN = asyncio.run\n\n\ndef run(coroutine):\n    KEPT.append(RUN(coroutine))\n\n\nasyncio.run = run\n",
        )
        .replace("    asyncio.run(main())", "    asyncio.run(first())\n    RUN(main())"),
    },
    sub("prices.py", ":.2f", ":.1f"),
    sub("prices.py", "{name} {value", "{name}={value"),
)
CASES = group.cases
