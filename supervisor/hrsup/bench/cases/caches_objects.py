"""Kept results of what methods of classes compute, and what these may do or look at besides."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, add, sub

group = Group("caches-of-objects")
CLASSES = "ROWS = []\n\n\nclass Base:\n    unit = 'kg'\n\n    def describe(self):\n        return f'{self.value()} {self.unit}'\n\n\nclass Item(Base):\n    def value(self):\n        return 4\n"
SHOWN = "from functools import lru_cache\n\nimport work\n\n\n@lru_cache\ndef shown():\n    return work.Item().describe()\n"
OTHER = "    def other(self):\n        return 9\n"
AGAIN = "    return shown()"


def kept(name: str, works: str = CLASSES, base: str = SHOWN, state: str = "base.shown()", change: tuple[str, str] = ("return 4", "return 5")) -> None:
    """What a method gives is kept, and then the method gives something else."""
    group.service(name, {WORK: works, BASE: base, MAIN: loop("import base\nimport work", state)}, sub(WORK, *change), sub(WORK, change[1], change[0]))


kept("inherited")
kept("inherited-method-itself", change=("{self.value()} {", "{self.value()}, {"))
kept("attribute-of-the-base", change=("'kg'", "'lb'"))
kept("by-super", CLASSES.replace("return 4", "return len(super().unit) + 4"), change=("+ 4", "+ 5"))
kept("by-a-method-of-super", CLASSES + "\n    def describe(self):\n        return super().describe() + '!'\n")
kept("from-a-method-of-the-class", CLASSES + "\n    @classmethod\n    def shown(cls):\n        return cls().describe()\n", SHOWN.replace("Item().describe", "Item.shown"))
kept("from-a-static-method", CLASSES + "\n    @staticmethod\n    def tare():\n        return 4\n".replace("4", "1"), SHOWN.replace("Item().describe", "Item.tare"), change=("return 1", "return 2"))
kept("of-a-class-imported-by-name", base=SHOWN.replace("import work", "from work import Item").replace("work.", ""))

# What is done once for each result that is kept would be done again.
LOUD = "\n    def value(self):\n        ROWS.append(1)\n        return 4\n"
ROWS = "base.shown(), len(work.ROWS)"
kept("that-adds-a-row", CLASSES.replace("        return 4\n", "        ROWS.append(1)\n        return 4\n"), state=ROWS)
kept("that-adds-a-row-in-a-class-below", CLASSES + "\n\nclass Small(Item):" + LOUD.replace("4", "3"), SHOWN.replace("Item", "Small"), ROWS, ("return 3", "return 2"))
kept("that-adds-a-row-in-a-class-below-another-name", CLASSES + "\n\nThing = Item\n\n\nclass Small(Thing):" + LOUD.replace("4", "3") + "\n    @classmethod\n    def make(cls):\n        return cls().describe()\n", SHOWN.replace("Item().describe", "Small.make"), ROWS, ("return 3", "return 2"))
kept("made-by-a-method-of-the-class-above", CLASSES.replace("    def describe", "    @classmethod\n    def make(cls):\n        return cls().describe()\n\n    def describe") + "\n    def __init__(self):\n        ROWS.append(1)\n", SHOWN.replace("Item().describe", "Item.make"), ROWS)
kept("whose-constructor-calls-what-is-overridden", CLASSES.replace("    def describe", "    def __init__(self):\n        self.begin()\n\n    def begin(self):\n        pass\n\n    def describe") + "\n    def begin(self):\n        ROWS.append(1)\n", state=ROWS)
kept("given-a-method-later", CLASSES + "\n\ndef loud(self):\n    ROWS.append(1)\n    return 4.5\n\n\nItem.value = loud\n", state=ROWS, change=("return 4.5", "return 5.5"))
kept("by-a-property-below", CLASSES + "\n    @property\n    def unit(self):\n        ROWS.append(1)\n        return 'lb'\n", state=ROWS)
kept("by-a-static-method-that-is-given-another", CLASSES + "\n    def loud(self):\n        return 1\n\n    @staticmethod\n    def ask(one):\n        return one.loud()\n\n\nclass Noisy:\n    def loud(self):\n        ROWS.append(1)\n        return 7\n", SHOWN.replace("Item().describe()", "Item.ask(work.Noisy())"), ROWS, ("return 7", "return 8"))
kept("by-a-method-that-is-given-another", CLASSES + "\n    def loud(self):\n        return 1\n\n    def ask(self):\n        return self.loud()\n\n\nclass Noisy:\n    def loud(self):\n        ROWS.append(1)\n        return 7\n", SHOWN.replace("Item().describe()", "Item.ask(work.Noisy())"), ROWS, ("return 7", "return 8"))

# What the first call has found may be something else by now.
TURN = "\n\ndef turn():\n    {0}\n    return 0\n"
TURNED = "[base.shown(), base.turn()][0]"
for name, turn in {
    "of-an-attribute-that-is-set": "work.Base.unit = 'lb'",
    "of-an-attribute-that-is-set-below": "work.Item.unit = 'lb'",
    "of-an-attribute-that-is-set-by-name": "setattr(work.Base, 'unit', 'lb')",
    "of-a-method-that-is-set": "work.Item.value = lambda self: 9",
}.items():
    kept(name, base=SHOWN + TURN.format(turn), state=TURNED)
EXTRA = CLASSES.replace("return 4", "return self.extra + 4") + "\n\nItem.extra = 1\n"
kept("of-an-attribute-from-outside", EXTRA, SHOWN + TURN.format("work.Item.extra = 2"), TURNED, ("+ 4", "+ 5"))
kept("of-an-attribute-for-each-argument", EXTRA, SHOWN.replace("shown()", "shown(x)") + TURN.format("work.Item.extra = 2"), "[base.shown(1), base.turn()][0]", ("+ 4", "+ 5"))
kept("of-an-attribute-with-a-memo", EXTRA, "import work\n\nKNOWN = {}\n\n\ndef shown(x):\n    if x not in KNOWN:\n        KNOWN[x] = work.Item().describe()\n    return KNOWN[x]\n" + TURN.format("work.Item.extra = 2"), "[base.shown(1), base.turn()][0]", ("+ 4", "+ 5"))

# The same of a statement that comes with an edit.
new = Group("caches-of-objects")
COMES = "import work\n\n\ndef shown():\n    return globals().get('X', 0)\n"
SEEN = "\n\nX = work.Item().describe()\n"
new.service("a-statement-that-comes", {WORK: CLASSES, BASE: COMES, MAIN: loop("import base\nimport work", "base.shown()")}, add(BASE, SEEN), sub(WORK, "return 4", "return 5"))
new.service("a-statement-that-comes-of-an-attribute-from-outside", {WORK: EXTRA, BASE: COMES + TURN.format("work.Item.extra = 2"), MAIN: loop("import base\nimport work", TURNED)}, add(BASE, SEEN), sub(WORK, "+ 4", "+ 5"))
new.service("a-statement-that-comes-of-an-attribute-that-is-set", {WORK: CLASSES, BASE: COMES + TURN.format("work.Base.unit = 'lb'"), MAIN: loop("import base\nimport work", TURNED)}, add(BASE, SEEN), sub(WORK, "return 4", "return 5"))
new.service("a-statement-that-comes-and-adds-a-row-below", {WORK: CLASSES.replace("    def value(self):\n        return 4\n", "    def value(self):\n        return 4\n\n    @classmethod\n    def make(cls):\n        return cls().describe()\n") + "\n\nclass Small(Item):" + LOUD.replace("4", "3"), BASE: COMES, MAIN: loop("import base\nimport work", "base.shown(), len(work.ROWS)")}, add(BASE, SEEN.replace("Item().describe", "Small.make")))

CASES = [*group.cases, *new.cases]
