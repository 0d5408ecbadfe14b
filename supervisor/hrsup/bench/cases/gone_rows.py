"""Objects that each round makes and drops in a list, and the list or one of them is somewhere else, too."""

from functools import partial

from hrsup.bench.cases import gone
from hrsup.bench.cases.gone import FILL, ITEMS
from hrsup.bench.vocabulary import Group

group = Group("gone-rows")
case = partial(gone.service, group)

ROWS = "        rows = [Item('a'), Item('b')]\n        for row in rows:\n            fill(row)"
NOTES = "', '.join(one.note for one in rows)"


def beside(name: str, how: str, shown: str, before: str = "", **more: str) -> None:
    """In each round something is done with the rows, before they are filled."""
    case(name, ROWS.replace("\n        for", f"\n        {how}\n        for", 1), shown, before, **more)


beside("rows-that-replace-others", "KEPT[:] = rows", NOTES)
beside("rows-that-replace-others-once", "KEPT[:] = KEPT or rows", "KEPT[0].note")
beside("rows-of-which-the-first-are-shown", "KEPT.extend(rows)", "KEPT[0].note")
beside(
    "rows-in-a-ring",
    "ring.append(rows[0])",
    "ring[0].note",
    "    from collections import deque\n    ring = deque(maxlen=1000)",
)
beside(
    "rows-that-a-generator-has",
    "one = one or giving(rows)\n        first = next(one)",
    "(first.note, first.tell())",
    "    def giving(rows):\n        while True:\n            yield rows[0]\n    one = None",
)
beside(
    "rows-that-a-partial-has",
    "tell = tell or partial(Item.tell, rows[0])",
    "tell()",
    "    from functools import partial\n    tell = None",
)
beside(
    "rows-that-a-cycle-has",
    "ring = ring or cycle(rows)\n        first = next(ring)",
    "first.note",
    "    from itertools import cycle\n    ring = None",
)
beside("rows-by-their-keys", "first = table.setdefault('a', rows[0])", "first.note", "    table = {}")
beside(
    "rows-in-a-default",
    "first = having(rows[0])",
    "first.note",
    "    def having(row, first=[]):\n        first.append(row)\n        return first[0]",
)
beside(
    "rows-in-a-memo",
    "first = having('a')",
    "first.note",
    "    from functools import lru_cache\n    having = lru_cache(Item)",
    fill=FILL,
)
beside(
    "rows-that-are-linked",
    "rows[0].name = chain[0] if chain else rows[1]\n        chain[:] = rows[:1]",
    "chain[0].name.note",
    "    chain = []",
)
beside("rows-whose-text-is-kept", "pass", "(rows[0].tell(), KEPT)[0]")
case(
    "rows-whose-text-is-kept-once", ROWS + "\n        if not KEPT:\n            KEPT.append(rows[0].tell())", "KEPT[0]"
)
case(
    "rows-whose-representation-is-kept",
    ROWS + "\n        KEPT.setdefault('a', repr(rows[0]))",
    "KEPT['a']",
    items=ITEMS.replace("KEPT = []", "KEPT = {}").replace(
        "def tell", "def __repr__(self):\n        return self.note\n\n    def tell"
    ),
)
DATA = "from dataclasses import dataclass\n\n\n@dataclass\nclass Item:\n    name: str\n    note: str | None = None\n    done: bool = False\n\n\nKEPT = {}\n"
case("rows-whose-fields-are-shown", ROWS + "\n        KEPT.setdefault('a', repr(rows[0]))", "KEPT['a']", items=DATA)
case(
    "rows-whose-fields-are-taken",
    ROWS + "\n        KEPT.setdefault('a', asdict(rows[0]))",
    "KEPT['a']",
    "    from dataclasses import asdict",
    items=DATA,
)
case(
    "rows-that-are-matched",
    ROWS + "\n        match rows[0]:\n            case Item(note=note):\n                KEPT.setdefault('a', note)",
    "KEPT['a']",
    items=ITEMS.replace("KEPT = []", "KEPT = {}"),
)
case(
    "rows-of-which-a-copy-is-kept",
    ROWS + "\n        KEPT.setdefault('a', copy(rows[0]))",
    "KEPT['a'].note",
    "    from copy import copy",
    items=ITEMS.replace("KEPT = []", "KEPT = {}"),
)
case(
    "rows-that-are-pickled",
    ROWS + "\n        KEPT.setdefault('a', pickle.dumps(rows[0]))",
    "pickle.loads(KEPT['a']).note",
    "    import pickle",
    items=ITEMS.replace("KEPT = []", "KEPT = {}"),
)
case(
    "rows-with-a-note-of-their-class",
    ROWS + "\n        if Item.note is None:\n            fill(Item)",
    "Item.note",
    items=ITEMS.replace("class Item:\n", "class Item:\n    note = None\n\n"),
)
case(
    "rows-with-a-default-of-their-class",
    ROWS,
    NOTES,
    items=ITEMS.replace("class Item:\n", "class Item:\n    note = None\n\n").replace("        self.note = None\n", ""),
)
case(
    "rows-of-the-loop-before",
    "        for row in rows:\n            fill(row)\n        shown = [row.note for row in rows]\n        rows = rows if tick % 1000 else [Item('a')]",
    "shown",
    "    rows = [Item('a')]",
)


# -- what a function has stored, and is read where its name is not spelled ------------------------------------------------

LATER = f"{ROWS}\n        KEPT.setdefault('a', {{}})"
KEEPING = ITEMS.replace("KEPT = []", "KEPT = {}\nFORM = '{item.note}'")
for name, how, before, items in (
    ("in-a-text", "'{0.note}'.format(rows[0])", "", KEEPING),
    ("in-a-text-of-another", "FORM.format(item=rows[0])", "    from items import FORM", KEEPING),
    ("looked-up", "getattr(rows[0], 'note')", "", KEEPING),
    ("looked-up-by-half", "getattr(rows[0], 'no' + 'te')", "", KEEPING),
    ("got", "attrgetter('note')(rows[0])", "    from operator import attrgetter", KEEPING),
    ("got-by-a-method", "methodcaller('tell')(rows[0])", "    from operator import methodcaller", KEEPING),
    ("told-by-a-callback", "list(map(Item.tell, rows))", "", KEEPING),
    ("among-all", "dict(vars(rows[0]))", "", KEEPING),
    (
        "shown-by-a-named-tuple",
        "str(rows[0])",
        "",
        "from typing import NamedTuple\n\n\nclass Base(NamedTuple):\n    name: str\n\n\nclass Item(Base):\n    note = None\n\n    def __str__(self):\n        return str(self.note)\n\n\nKEPT = {}\n",
    ),
    (
        "shown-by-a-namespace",
        "repr(rows[0])",
        "",
        "from types import SimpleNamespace\n\n\ndef Item(name):\n    return SimpleNamespace(name=name, note=None)\n\n\nKEPT = {}\n",
    ),
    (
        "shown-by-a-kind-of-namespace",
        "repr(rows[0])",
        "",
        "from types import SimpleNamespace as Base\n\n\nclass Item(Base):\n    def __init__(self, name):\n        super().__init__(name=name, note=None)\n\n\nKEPT = {}\n",
    ),
    (
        "shown-by-a-data-class-it-is-of",
        "repr(rows[0])",
        "",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Base:\n    name: str\n    note: str | None = None\n\n\nclass Item(Base):\n    done = False\n\n\nKEPT = {}\n",
    ),
    (
        "shown-by-a-class-that-is-made",
        "repr(rows[0])",
        "",
        "from dataclasses import make_dataclass\n\nItem = make_dataclass('Item', ['name', ('note', 'str', None)])\nKEPT = {}\n",
    ),
    (
        "shown-by-a-class-that-is-wrapped",
        "repr(rows[0])",
        "",
        "from dataclasses import dataclass\n\n\nclass Plain:\n    name: str\n    note: str | None = None\n\n\nItem = dataclass(Plain)\nKEPT = {}\n",
    ),
):
    case(f"rows-{name}", LATER.format(how), "KEPT['a']", before, items=items)

CASES = group.cases
