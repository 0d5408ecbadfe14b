"""What a method has stored in its own object, which each round makes and drops."""

from functools import partial

from hrsup.bench.cases import gone
from hrsup.bench.vocabulary import Group

group = Group("gone-own")
case = partial(gone.service, group)

OWN = "from texts import wording\n\n\nclass Item:\n    def __init__(self, name):\n        self.name = name\n        self.note = None\n\n    def settle(self):\n        if self.note is None:\n            self.note = wording(3)\n\n    def tell(self):\n        return f'{self.name} {self.note}'\n\n\nKEPT = {}\n"
OWN_DATA = "from dataclasses import dataclass\n\nfrom texts import wording\n\n\n@dataclass\nclass Item:\n    name: str\n    note: str | None = None\n\n    def settle(self):\n        if self.note is None:\n            self.note = wording(3)\n\n    def tell(self):\n        return f'{self.name} {self.note}'\n\n\nKEPT = {}\n"
OWN_ROWS = "        rows = [Item('a'), Item('b')]\n        for row in rows:\n            row.settle()"


def own(name: str, how: str, shown: str, before: str = "", items: str = OWN) -> None:
    """What is shown was stored by a method of one of the objects."""
    case(name, f"{OWN_ROWS}\n        {how}", shown, before, items=items)


own("own-rows", "pass", "[row.note for row in rows]")
own("own-rows-of-a-data-class", "pass", "[row.note for row in rows]", items=OWN_DATA)
for kind, text in (("", OWN), ("-of-a-data-class", OWN_DATA)):
    own(f"own-rows{kind}-that-are-kept", "KEPT.setdefault('a', rows[0])", "KEPT['a'].note", items=text)
    own(f"own-rows{kind}-whose-text-is-kept", "KEPT.setdefault('a', rows[0].tell())", "KEPT['a']", items=text)
    own(
        f"own-rows{kind}-whose-representation-is-kept",
        "KEPT.setdefault('a', repr(rows[0]))",
        "KEPT['a'][-8:]",
        items=OWN.replace("tell(", "__repr__(") if text == OWN else text,
    )
    own(
        f"own-rows{kind}-whose-list-is-shown",
        "KEPT.setdefault('a', str(rows))",
        "KEPT['a'][-20:]",
        items=OWN.replace("tell(", "__repr__(") if text == OWN else text,
    )
    own(
        f"own-rows{kind}-that-are-formatted",
        "KEPT.setdefault('a', f'{rows[0]}')",
        "KEPT['a'][-8:]",
        items=OWN.replace("tell(", "__str__(") if text == OWN else text,
    )
    own(
        f"own-rows{kind}-of-which-a-copy-is-kept",
        "KEPT.setdefault('a', copy(rows[0]))",
        "KEPT['a'].note",
        "    from copy import copy",
        items=text,
    )
    own(f"own-rows{kind}-by-a-bound-method", "KEPT.setdefault('a', rows[0].tell)", "KEPT['a']()", items=text)
    own(
        f"own-rows{kind}-by-a-lambda",
        "row = rows[0]\n        KEPT.setdefault('a', lambda: row)",
        "KEPT['a']().note",
        items=text,
    )
own(
    "own-rows-whose-fields-are-kept",
    "KEPT.setdefault('a', asdict(rows[0]))",
    "KEPT['a']",
    "    from dataclasses import asdict",
    items=OWN_DATA,
)
own(
    "own-rows-whose-fields-are-kept-as-a-tuple",
    "KEPT.setdefault('a', astuple(rows[0]))",
    "KEPT['a']",
    "    from dataclasses import astuple",
    items=OWN_DATA,
)
own(
    "own-rows-that-were-other-ones",
    "KEPT.setdefault('a', replace(rows[0], name='c'))",
    "KEPT['a'].note",
    "    from dataclasses import replace",
    items=OWN_DATA,
)
own("own-rows-that-are-compared", "KEPT.setdefault('a', rows[0] == Item('a', 'text 3'))", "KEPT['a']", items=OWN_DATA)
own(
    "own-rows-that-are-hashed",
    "KEPT.setdefault('a', hash(rows[0]) == hash(Item('a', 'text 3')))",
    "KEPT['a']",
    items=OWN_DATA.replace("@dataclass", "@dataclass(unsafe_hash=True)"),
)
own(
    "own-rows-that-are-ordered",
    "KEPT.setdefault('a', rows[0] > Item('a', 'text 2'))",
    "KEPT['a']",
    items=OWN_DATA.replace("@dataclass", "@dataclass(order=True)"),
)
own(
    "own-rows-that-are-sorted",
    "KEPT.setdefault('a', sorted([Item('a', 'text 2'), rows[0]])[0] is rows[0])",
    "KEPT['a']",
    items=OWN_DATA.replace("@dataclass", "@dataclass(order=True)"),
)
own("own-rows-that-are-found", "KEPT.setdefault('a', Item('a', 'text 3') in rows)", "KEPT['a']", items=OWN_DATA)
own(
    "own-rows-that-are-matched",
    "match rows[0]:\n            case Item('a', note):\n                KEPT.setdefault('a', note)",
    "KEPT['a']",
    items=OWN_DATA,
)
own("own-rows-that-are-keys", "KEPT.setdefault(rows[0].note, rows[0].name)", "list(KEPT)", items=OWN)
own("own-rows-of-which-a-part-is-looked-up", "KEPT.setdefault('a', getattr(rows[0], 'note'))", "KEPT['a']")
own("own-rows-of-which-a-part-is-in-a-text", "KEPT.setdefault('a', '{0.note}'.format(rows[0]))", "KEPT['a']")
own(
    "own-rows-of-which-a-part-is-in-a-text-elsewhere",
    "KEPT.setdefault('a', FORM.format(item=rows[0]))",
    "KEPT['a']",
    "    from items import FORM",
    OWN + "FORM = '{item.note}'\n",
)
own(
    "own-rows-under-another-name-before",
    "first = rows[0]\n        KEPT.setdefault('a', repr(first))",
    "KEPT['a'][-8:]",
    items=OWN_DATA,
)
case(
    "own-row-under-another-name-before",
    "        row = Item('a')\n        first = row\n        row.settle()\n        KEPT.setdefault('a', repr(first))",
    "KEPT['a'][-8:]",
    items=OWN_DATA,
)
case(
    "own-row-in-a-text-under-another-name",
    "        row = Item('a')\n        first = row\n        row.settle()\n        KEPT.setdefault('a', '{0.note}'.format(first))",
    "KEPT['a'][-8:]",
    items=OWN,
)
case(
    "own-row-looked-up-under-another-name",
    "        row = Item('a')\n        first = row\n        row.settle()\n        KEPT.setdefault('a', getattr(first, 'no' + 'te'))",
    "KEPT['a'][-8:]",
    items=OWN,
)
case(
    "own-row-shown-under-another-name",
    "        row = Item('a')\n        first = row\n        row.settle()\n        KEPT.setdefault('a', first.tell())",
    "KEPT['a'][-8:]",
    items=OWN,
)
case(
    "own-row-copied-under-another-name",
    "        row = Item('a')\n        first = row\n        row.settle()\n        KEPT.setdefault('a', deepcopy(first))",
    "KEPT['a'].tell()",
    "    from copy import deepcopy",
    items=OWN,
)
case(
    "own-row-kept-under-another-name",
    "        row = Item('a')\n        first = row\n        row.settle()\n        KEPT.setdefault('a', first)",
    "str(KEPT['a'])[:1]",
    items=OWN,
)
case(
    "own-row-shown-whole-under-another-name",
    "        row = Item('a')\n        first = row\n        row.settle()\n        KEPT.setdefault('a', str(first))",
    "KEPT['a'][-8:]",
    items=OWN.replace("tell(", "__repr__("),
)
CASES = group.cases
