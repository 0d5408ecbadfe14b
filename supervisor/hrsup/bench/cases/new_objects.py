"""Functions that cannot become others by getting their code: they begin to be generators, or to use `super()`."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

group = Group("new-objects")
CLASSES = "class Base:\n    unit = 'kg'\n\n    def value(self):\n        return 3\n\n\nclass Item(Base):\n    def value(self):\n        return 4\n\n    def rows(self):\n        return [self.value()]\n\n\nITEM = Item()\n"
VALUE, ROWS = ("return 4", "return super().value() + 4"), ("return [self.value()]", "yield self.value()")
SHOW = "work.ITEM.value(), list(work.ITEM.rows())"


def becomes(name: str, change: tuple[str, str], works: str = CLASSES, base: str = "", state: str = SHOW, before: str = "pass") -> None:
    """There, and back again."""
    files = {WORK: works, MAIN: loop("import work\nimport base", state, before), BASE: base or "import work\n"}
    group.service(name, files, sub(WORK, *change), sub(WORK, change[1], change[0]))


becomes("super", VALUE)
becomes("generator", ROWS)
becomes("super-held-by-its-object", VALUE, base="import work\n\nHELD = [work.ITEM.value]\n", state="base.HELD[0]()")
becomes("super-held-before-the-loop", VALUE, state="held()", before="held = work.ITEM.value")
becomes("super-held-by-its-class", VALUE, base="import work\n\nHELD = {'value': work.Item.value}\n", state="base.HELD['value'](work.ITEM)")
becomes("super-kept-in-the-loop", VALUE, base="import work\n\nKEPT = []\n\n\ndef show():\n    if not KEPT:\n        KEPT.append(work.ITEM.value)\n    return KEPT[0]()\n", state="base.show()")
becomes("super-below-another-name", VALUE, CLASSES + "\n\nclass Small(Item):\n    other = Item.value\n", state="work.Small().other()")
becomes("generator-that-is-kept", ROWS, base="import work\n\nKEPT = []\n\n\ndef show():\n    if not KEPT:\n        KEPT.extend(work.ITEM.rows())\n    return KEPT\n", state="base.show()")
becomes("generator-that-goes-on", ("        while True:\n            yield self.value()\n", "        return iter(lambda: self.value() + 1, None)\n"), CLASSES.replace("        return [self.value()]\n", "        while True:\n            yield self.value()\n"), state="next(rows, 0)", before="rows = work.ITEM.rows()")
KNOWN = "KNOWN = []\n\n\ndef known(function):\n    KNOWN.append(function)\n    return function\n\n\n"
becomes("super-of-a-method-that-is-registered", VALUE, KNOWN + CLASSES.replace("    def value(self):\n        return 4", "    @known\n    def value(self):\n        return 4"), state="work.KNOWN[0](work.ITEM)")
becomes("super-of-a-method-that-its-base-is-told-of", VALUE, "SEEN = []\n\n\n" + CLASSES.replace("    unit = 'kg'\n", "    unit = 'kg'\n\n    def __init_subclass__(cls):\n        SEEN.append(cls.value)\n"), state="work.SEEN[0](work.ITEM)")
becomes("super-of-a-method-with-another-name", VALUE, CLASSES.replace("    def rows(", "    other = value\n\n    def rows("), state="work.ITEM.other()")
becomes("super-that-another-object-was-given", VALUE, CLASSES + "\n\nclass Bag:\n    pass\n\n\nBAG = Bag()\nBAG.value = ITEM.value\n", state="work.BAG.value()")
becomes("property", ("return 4", "return super().value + 4"), CLASSES.replace("    def value", "    @property\n    def value").replace("self.value()", "self.value"), state="work.ITEM.value, list(work.ITEM.rows())")
becomes("constructor", ("self.size = 1", "super().__init__()"), "class Base:\n    def __init__(self):\n        self.size = 2\n\n\nclass Item(Base):\n    def __init__(self):\n        self.size = 1\n", state="work.Item().size")
becomes("constructor-of-one-that-lives", ("self.size = 1", "super().__init__()"), "class Base:\n    def __init__(self):\n        self.size = 2\n\n\nclass Item(Base):\n    def __init__(self):\n        self.size = 1\n\n\nITEM = Item()\n", state="work.ITEM.size")

# The same of functions of a module.
FUNCTION = "def rows():\n    return [4]\n"
YIELDS = ("return [4]", "yield 5")
becomes("function", YIELDS, FUNCTION, state="list(work.rows())")
becomes("function-by-name", YIELDS, FUNCTION, "from work import rows\n", "list(base.rows())")
becomes("function-in-a-table", YIELDS, FUNCTION, "from work import rows\n\nTABLE = {'rows': rows}\n", "list(base.TABLE['rows']())")
becomes("function-held-before-the-loop", YIELDS, FUNCTION, state="list(rows())", before="rows = work.rows")
becomes("function-kept-in-the-loop", YIELDS, FUNCTION, "import work\n\nKEPT = []\n\n\ndef show():\n    if not KEPT:\n        KEPT.append(work.rows)\n    return list(KEPT[0]())\n", "base.show()")
becomes("function-for-a-value", YIELDS, FUNCTION, "import work\n\nVALUE = list(work.rows())\n", "base.VALUE")
becomes("function-that-is-registered", YIELDS, "KNOWN = []\n\n\ndef known(function):\n    KNOWN.append(function)\n    return function\n\n\n@known\ndef rows():\n    return [4]\n", state="[list(one()) for one in work.KNOWN]")
becomes("function-that-is-asked", YIELDS, FUNCTION, "import inspect\n\nimport work\n\nASKED = inspect.isgeneratorfunction(work.rows)\n", "base.ASKED")
becomes("function-as-a-default", YIELDS, FUNCTION, "import work\n\n\ndef show(rows=work.rows):\n    return list(rows())\n", "base.show()")
becomes("function-that-awaits", ("return [4]", "return [await asyncio.sleep(0)]"), "import asyncio\n\n\nasync def rows():\n    return [4]\n\n\ndef show():\n    return asyncio.run(rows())\n", state="work.show()")

# A class that has to be made again.
NEXT = ("class Item(Base):\n    def value(self):\n        return 4\n", "class Item:\n    @staticmethod\n    def value():\n        return 5\n")
becomes("class", NEXT, CLASSES.replace("\n\nITEM = Item()\n", ""), state="work.Item().value()")
becomes("class-with-super", (NEXT[0], "class Item(Base):\n    size = 1\n\n    def value(self):\n        return super().value() + 9\n"), CLASSES.replace("\n\nITEM = Item()\n", ""), state="work.Item().value()")
becomes("class-with-another-base", (NEXT[0], "class Item(Other):\n    def value(self):\n        return super().value() + 9\n"), CLASSES.replace("\n\nITEM = Item()\n", "").replace("class Item(", "class Other:\n    def value(self):\n        return 7\n\n\nclass Item("), state="work.Item().value()")
becomes("class-with-another-base-held", (NEXT[0], "class Item(Other):\n    def value(self):\n        return super().value() + 9\n"), CLASSES.replace("class Item(", "class Other:\n    def value(self):\n        return 7\n\n\nclass Item("), "import work\n\nHELD = [work.Item.value]\n", state="base.HELD[0](work.ITEM)")

CASES = group.cases
