"""Attributes of objects that each round makes and drops: nothing is kept there. And objects that only look like these."""

from functools import partial

from hrsup.bench.cases.programs import shown_by_main
from hrsup.bench.vocabulary import Group, sub

group = Group("gone")

EDITS = sub("texts.py", "text {n}", "the text {n}"), sub("texts.py", "{n}", "{n * 2}")
ITEMS = """
class Item:
    def __init__(self, name):
        self.name = name
        self.note = None
        self.tries = 0
        self.done = False

    def tell(self):
        return f"{self.name} {self.note}"


KEPT = []
"""
FILL = """
from texts import wording


def fill(item):
    if item.note is None:
        item.note = wording(3)
    item.done = True
    return item
"""
MAKE = "        item = Item('a')\n        fill(item)"


def service(
    into: Group,
    name: str,
    inside: str = MAKE,
    shown: str = "item.tell()",
    before: str = "",
    items: str = ITEMS,
    fill: str = FILL,
    **more: str,
) -> None:
    """What is shown is in an object's attribute, which is only set where it is not set yet."""
    imports = "import items\nfrom fill import fill\nfrom items import KEPT, Item\nfrom texts import wording"
    files = shown_by_main(shown, before, inside, imports, items=items, fill=fill, work="", **more)
    into.service(name, {**files, "texts.py": 'def wording(n):\n    return f"text {n}"\n'}, *EDITS)


case = partial(service, group)
case("in-a-variable")
case("in-an-expression", "        pass", "fill(Item('a')).tell()")
case(
    "in-a-list",
    "        rows = [Item('a'), Item('b')]\n        for row in rows:\n            fill(row)",
    "[row.tell() for row in rows]",
)
case("in-a-table-of-lists", "        rows = {'x': [Item('a')]}\n        fill(rows['x'][0])", "rows['x'][0].tell()")
case("in-another-object", "        item = Item(Item('b'))\n        fill(item.name)", "item.name.tell()")
case(
    "with-slots",
    items=ITEMS.replace("class Item:\n", "class Item:\n    __slots__ = ('name', 'note', 'tries', 'done')\n\n"),
)
case(
    "of-a-data-class",
    items="from dataclasses import dataclass\n\n\n@dataclass\nclass Item:\n    name: str\n    note: str | None = None\n    tries: int = 0\n    done: bool = False\n\n    def tell(self):\n        return f'{self.name} {self.note}'\n\n\nKEPT = []\n",
)
case("in-a-circle", "        item = Item('a')\n        item.name = [item]\n        fill(item)", "item.note")
case(
    "under-a-flag-of-its-own",
    fill=FILL.replace(
        "    if item.note is None:\n", "    if not item.done:\n        item.tries += 1\n    if item.tries == 1:\n"
    ),
)

# -- what is still there -----------------------------------------------------------------------------------------------

ONCE = "        item = Item('a')\n        if tick == 1:\n            {}\n        fill(item)"


def kept(name: str, how: str, shown: str, **more: str) -> None:
    """The first object is kept, and shown."""
    case(name, ONCE.format(how), shown, **more)


kept("one-is-kept", "KEPT.append(item)", "KEPT[0].tell()")
kept("by-a-bound-method", "KEPT.append(item.tell)", "KEPT[0]()")
kept("by-a-lambda", "KEPT.append(lambda item=item: item.note)", "KEPT[0]()")
kept("by-the-class", "Item.first = item", "Item.first.tell()")
kept("by-a-function", "fill.first = item", "fill.first.tell()")
kept("by-the-module", "items.first = item", "items.first.tell()")
kept(
    "by-an-iterator",
    "KEPT.append(iter([item, item, item]))\n            next(KEPT[0])\n            KEPT.append(KEPT[0].__reduce__()[1][0])",
    "KEPT[1][0].tell()",
)
kept(
    "by-a-context",
    "VAR.set(item)",
    "VAR.get().tell()",
    before="    from contextvars import ContextVar\n    VAR = ContextVar('first')",
)
kept(
    "by-a-thread",
    "local.first = item",
    "local.first.tell()",
    before="    from threading import local as Local\n    local = Local()",
)
kept("by-a-variable", "first = item", "first.tell()", before="    first = None")
kept("by-an-object", "holder.name = item", "holder.name.tell()", before="    holder = Item('b')")
kept("by-an-exception", "error = ValueError(item)", "error.args[0].tell()", before="    error = None")
kept(
    "by-a-generator",
    "one = giving(item)\n            next(one)",
    "one.gi_frame.f_locals['item'].tell()",
    before="    def giving(item):\n        yield item\n        yield item",
)
kept(
    "by-native-code", "KEPT.append(py_object(item))", "KEPT[0].value.tell()", before="    from ctypes import py_object"
)
kept("by-a-view", "KEPT.append({'a': item}.values())", "list(KEPT[0])[0].tell()")
kept(
    "in-a-proxy",
    "KEPT.append(MappingProxyType({'a': item}))",
    "KEPT[0]['a'].tell()",
    before="    from types import MappingProxyType",
)
case("one-that-lives", "        fill(item)", before="    item = Item('a')")
case("one-of-the-module's", "        fill(items.ONE)", "items.ONE.tell()", items=ITEMS + "\n\nONE = Item('a')\n")
case(
    "one-that-is-found-by-its-name",
    "        fill(find())",
    "find().tell()",
    before="    from items import find",
    items=ITEMS + "\n\nONES = {'a': Item('a')}\n\n\ndef find():\n    return ONES['a']\n",
)
case("from-a-pool", "        item = KEPT.pop() if KEPT else Item('a')\n        fill(item)\n        KEPT.append(item)")
case(
    "the-class-itself",
    "        fill(Item)",
    "Item.note",
    items=ITEMS.replace("class Item:\n", "class Item:\n    note = None\n\n"),
)
case(
    "the-class-of-it",
    "        fill(type(Item('a')))",
    "Item.note",
    items=ITEMS.replace("class Item:\n", "class Item:\n    note = None\n\n"),
)
case("the-module-itself", "        fill(items)", "items.note", items=ITEMS + "\n\nnote = None\n")
case("a-function-itself", "        fill(wording)", "wording.note", before="    wording.note = None")
case(
    "a-module-of-the-library",
    "        fill(colorsys)",
    "colorsys.note",
    before="    import colorsys\n    colorsys.note = None",
)
case(
    "a-class-of-the-library",
    "        fill(Fraction)",
    "Fraction.note",
    before="    from fractions import Fraction\n    Fraction.note = None",
)
case(
    "a-function-of-the-library",
    "        fill(indent)",
    "indent.note",
    before="    from textwrap import indent\n    indent.note = None",
)
case(
    "an-object-of-the-library",
    "        fill(log)",
    "log.note",
    before="    import logging\n    log = logging.getLogger('a')\n    log.note = None",
)
case(
    "a-namespace",
    "        fill(space)",
    "space.note",
    before="    from types import SimpleNamespace\n    space = SimpleNamespace(note=None)",
)
case(
    "an-attribute-that-is-elsewhere",
    MAKE,
    "item.note",
    items=ITEMS.replace(
        "    def tell",
        "    @property\n    def note(self):\n        return KEPT[0] if KEPT else None\n\n    @note.setter\n    def note(self, value):\n        if value:\n            KEPT.append(value)\n\n    def tell",
    ),
)
case(
    "an-attribute-that-all-share",
    MAKE,
    "item.note",
    items=ITEMS.replace("        self.name = name\n", "        self.__dict__ = SHARED\n        self.name = name\n")
    .replace("        self.note = None\n", "        self.__dict__.setdefault('note', None)\n")
    .replace("KEPT = []", "KEPT = []\nSHARED = {}"),
)
case(
    "set-in-a-way-of-its-own",
    MAKE,
    "KEPT[0]",
    items=ITEMS.replace(
        "    def tell",
        "    def __setattr__(self, name, value):\n        object.__setattr__(self, name, value)\n        if name == 'note' and value:\n            KEPT.append(value)\n\n    def tell",
    ),
)
case(
    "a-container-that-others-have",
    "        item = Item(KEPT)\n        fill(item)",
    "KEPT[-1]",
    fill=FILL.replace("        item.note = wording(3)", "        item.name.append(wording(3))"),
)
case(
    "that-ends-with-a-word",
    "        item = Item('a')\n        fill(item)",
    "KEPT[0]",
    items=ITEMS.replace(
        "    def tell", "    def __del__(self):\n        KEPT.append(self.note)\n\n    def tell"
    ).replace("KEPT = []", "KEPT = ['none']"),
)
case(
    "whose-attributes-are-kept",
    items=ITEMS.replace(
        "        self.name = name\n        self.note = None\n",
        "        self.__dict__ = KEPT.setdefault('a', {})\n        self.name = name\n        self.note = self.note if 'note' in KEPT['a'] else None\n",
    ).replace("KEPT = []", "KEPT = {}"),
)
case(
    "whose-attributes-are-in-common",
    items="class Item:\n    shared = {}\n    note = None\n\n    def __init__(self, name):\n        self.__dict__ = self.shared\n        self.name = name\n\n    def tell(self):\n        return f'{self.name} {self.note}'\n\n\nKEPT = []\n",
)
case(
    "whose-state-is-kept",
    "        item = Item('a')\n        if tick == 1:\n            state = item.__getstate__()\n        fill(item)",
    "state['note']",
    before="    state = None",
)
case(
    "by-a-weak-set",
    "        old = [one.note for one in SEEN]\n        item = Item('a')\n        fill(item)\n        SEEN.add(item)",
    "(old or [item.note])[0]",
    before="    from weakref import WeakSet\n    SEEN = WeakSet()",
)
NAMED = FILL.replace(
    "    if item.note is None:\n        item.note = wording(3)\n    item.done = True\n",
    "    if 'Main' in item.name:\n        item.name = wording(3)\n",
)
case(
    "where-the-library-puts-it",
    "        fill(thread)",
    "thread.name",
    before="    from threading import current_thread\n    thread = current_thread()",
    fill=NAMED,
)
case("in-a-variable-that-an-inner-function-has", MAKE + "\n        tell = lambda: item.note", "tell()")
case(
    "kept-by-what-is-called-at-the-end",
    MAKE,
    "KEPT[0] if KEPT else 'text 3'",
    items=ITEMS.replace(
        "        self.name = name\n", "        self.name = name\n        finalize(self, KEPT.append, self)\n"
    ).replace("class Item", "from weakref import finalize\n\n\nclass Item", 1),
)
STATE = ITEMS + "STATE = []\n"
FLAGGED = (
    FILL.replace(
        "    if item.note is None:\n",
        "    if not item.done:\n        KEPT.append(wording(3))\n    if item.note is None:\n",
    ).replace("import wording", "import wording\nfrom items import KEPT, STATE")
    + "\n\ndef count():\n    return len(STATE)\n"
)
FLAGGED = FLAGGED.replace("    return item\n", "    STATE.append(1)\n    return item\n", 1)


def flagged(name: str, made: str, items: str = STATE, before: str = "") -> None:
    """Under a flag of an object that is made in the round, but which says what has been."""
    case(
        f"a-flag-{name}",
        f"{made}\n        fill(item)",
        "KEPT",
        before=f"    from items import STATE\n{before}",
        items=items,
        fill=FLAGGED,
    )


flagged("of-what-has-been", "        item = Item('a')\n        item.done = bool(STATE)")
GIVEN_FLAG = STATE.replace("self, name):", "self, name, done=False):").replace("self.done = False", "self.done = done")
flagged("that-is-given", "        item = Item('a', bool(STATE))", GIVEN_FLAG)
flagged("that-is-given-by-its-name", "        item = Item('a', done=len(STATE) > 0)", GIVEN_FLAG)
flagged("that-is-asked-for", "        item = Item('a', count() > 0)", GIVEN_FLAG, "    from fill import count")
flagged("that-is-counted", "        item = Item('a', tick > 1)", GIVEN_FLAG)
flagged(
    "that-is-handed-on",
    "        done = bool(STATE)\n        item = make('a', done)",
    GIVEN_FLAG + "\n\ndef make(name, done):\n    return Item(name, done)\n",
    "    from items import make",
)
flagged(
    "of-a-data-class",
    "        item = Item('a', None, 0, bool(STATE))",
    "from dataclasses import dataclass\n\n\n@dataclass\nclass Item:\n    name: str\n    note: str | None = None\n    tries: int = 0\n    done: bool = False\n\n\nKEPT = []\nSTATE = []\n",
)
CASES = group.cases
