"""What literals, builtin types and the signatures for type checkers have to do with names of the program's own; and what
looks like it."""

from hrsup.bench.cases.unforeseen import loop
from hrsup.bench.vocabulary import Change, Group, put, sub

group = Group("builtin-types")

RATES = "def rate(value):\n    return value * 2\n\n\ndef word():\n    return 'a'\n"
NEW_RATE, NEW_WORD = sub("rates.py", "value * 2", "value * 7"), sub("rates.py", "'a'", "'b'")


def made(name: str, text: str, *edits: Change, shown: str = "work.show()") -> None:
    """A service whose module `work` uses `rates`."""
    group.service(name, {"main.py": loop("import work", shown), "work.py": f"import rates\n{text}", "rates.py": RATES}, *edits or (NEW_RATE, NEW_WORD))


made("table-of-characters", "\n\nKinds = int | str\nNAMES = [str(n) for n in range(3)]\n\n\ndef show():\n    return 'a,b'.translate(str.maketrans(',', rates.word())), NAMES, rates.rate(2)\n")
made("number-of-bytes", "\n\nFIRST = int('7')\n\n\ndef show():\n    return int.from_bytes(rates.word().encode(), 'big'), FIRST, bytes.fromhex('ff'), rates.rate(1)\n")
made("literal-with-a-method-of-the-programs-name", "\n\nLINE = '-'.join(['x', 'y'])\nPARTS = 'a b'.split()\nITEMS = [*{'k': 1}.items()]\n\n\nclass Row:\n    def join(self, other):\n        return rates.rate(other)\n\n    def split(self):\n        return rates.word()\n\n    def items(self):\n        return rates.word() * 2\n\n\ndef show():\n    row = Row()\n    return row.join(2), row.split(), row.items(), LINE, PARTS, ITEMS\n")
# A type of the program's own, under the name of a builtin one; and objects of its own under a literal.
made("type-of-the-programs-own", "\n\nclass str:\n    kept = []\n\n    @classmethod\n    def maketrans(cls, value):\n        cls.kept.append(value)\n        return cls.kept[0]\n\n\ndef show():\n    return str.maketrans(rates.word())\n")
group.service("imported-as-a-builtin-type", {"main.py": loop("import work", "work.show()"), "own.py": "class Text:\n    kept = []\n\n    @classmethod\n    def upper(cls, value):\n        cls.kept.append(value)\n        return cls.kept[0]\n", "work.py": "import rates\nfrom own import Text as str\n\n\ndef show():\n    return str.upper(rates.word())\n", "rates.py": RATES}, NEW_WORD, NEW_RATE)
made("items-of-a-literal-at-import", "\n\nclass Row:\n    def __init__(self, value):\n        self.value = value\n\n    def __lt__(self, other):\n        return rates.rate(self.value) < 5\n\n    def __str__(self):\n        return rates.word()\n\n\nFIRST = sorted([Row(1), Row(2)])[0].value\nTEXT = ', '.join(map(str, [Row(1), Row(3)]))\nSHOWN = '{} {}'.format(Row(1), 2)\n\n\ndef show():\n    return FIRST, TEXT, SHOWN\n")

# Annotations and docstrings spell names and look into nothing; what makes a class of them may.
ROW = "class Row:\n    def __init__(self, value):\n        self.value = value\n\n    def __eq__(self, other):\n        return rates.rate(self.value) == other\n\n    def __hash__(self):\n        return rates.rate(1)\n\n    def __call__(self):\n        return rates.word()\n\n\n"
made("annotations", f"from typing import Callable, Union\n\n\n{ROW}class Table:\n    rows: dict[str, list[Row]] = {{}}\n    last: Row | None = None\n\n    def any(self, found: Union[Row, list[Row]], call: Callable[[Row], Row] = None) -> 'Row | None':\n        return found\n\n\ndef show(table: Table | list[Row] = None):\n    return Row(1) == 2, Row(2)(), Table().any(3)\n")
made("docstrings", f'"""About {{rates.rate}} and rates.word and show.rate: {{Row}}."""\n\n\n{ROW}class Table:\n    """{{Row}} or {{rate}}."""\n\n    def any(self):\n        """Calls {{word}}, and work.show too."""\n        return Row(3)()\n\n\ndef show():\n    return Row(1) == 2, Table().any()\n')
MADE = "class Meta(type):\n    def __or__(cls, other):\n        return rates.word()\n\n    def __getitem__(cls, other):\n        return rates.rate(2)\n\n\nclass Row(metaclass=Meta):\n    pass\n\n\n"
made("annotations-that-compute", f"\n\n{MADE}class Table:\n    one: Row | int\n    two: Row[int]\n\n\ndef show(value: Row | int = 0, other: list[Row[int]] = ()):\n    return Table.__annotations__, show.__annotations__\n")
FIELDS = "class Field:\n    def __init__(self, of):\n        self.of = of\n\n\nclass Built:\n    def __init_subclass__(cls):\n        cls.made = {name: kind.of() for name, kind in cls.__annotations__.items()}\n\n\ndef kind():\n    return rates.word()\n\n\n"
made("annotations-that-are-looked-into", f"\n\n{FIELDS}class Table(Built):\n    one: Field(kind)\n\n\ndef show():\n    return Table.made\n")

OVERLOADS = "from typing import overload\n\n\n@overload\ndef show() -> int: ...\n\n\n@overload\ndef show(value: int) -> str: ...\n\n\ndef show(value=1):\n    return rates.rate(value), rates.word()\n\n\ndef other():\n    return show()\n"
made("overloads", OVERLOADS, sub("work.py", "rates.word()", "rates.word() + '!'"), sub("work.py", "return show()", "return show(2)"), NEW_RATE, sub("work.py", "value: int) -> str", "value: float) -> str"), sub("work.py", "value=1", "value=3"))
made("overloads-that-come-and-go", OVERLOADS, sub("work.py", "@overload\ndef show() -> int: ...\n\n\n", ""), sub("work.py", "def other", "@overload\ndef other() -> int: ...\n\n\ndef other"), sub("work.py", "return show()", "return show(2)"), sub("work.py", "rates.rate(value)", "rates.rate(value) + 1"), shown="work.other()")
METHODS = "import typing as t\n\n\nclass Box:\n    @t.overload\n    def get(self) -> int: ...\n\n    @t.overload\n    def get(self, value: int) -> str: ...\n\n    def get(self, value=1):\n        return rates.rate(value)\n\n\nBOX = Box()\n\n\ndef show():\n    return BOX.get()\n"
made("overloaded-method", METHODS, sub("work.py", "rates.rate(value)", "rates.rate(value) + 1"), NEW_RATE, sub("work.py", "value=1", "value=4"))
DISPATCH = "KNOWN = {}\n\n\ndef overload(function):\n    KNOWN.setdefault(function.__name__, []).append(function.__annotations__)\n    return function\n\n\n@overload\ndef show(value: int): ...\n\n\ndef show(value=1):\n    return rates.rate(value), KNOWN\n"
made("overload-of-the-programs-own", DISPATCH, sub("work.py", "rates.rate(value)", "rates.rate(value) + 1"), sub("work.py", "value: int", "value: float"), put("work.py", "import rates\n" + DISPATCH.replace("value=1", "value=2")))

CASES = group.cases
