"""What stands beside a thing that changed, and is none of it: in the same import, the same tuple, the same call. Of each
kind the plain program comes first, whose edits need no restart; in the others something stays."""

from hrsup.bench.cases.unforeseen import BASE, CONFIG, MAIN, WORK, loop
from hrsup.bench.vocabulary import Change, Group, sub

WORD = "def word():\n    return 'v1'\n"

# -- in one import ---------------------------------------------------------------------------------------------------------
imported = Group("imported-beside")
SETTINGS = "RATE = 2\nNAMES = ['a']\n"
SHOP = "from config import NAMES, RATE\n\n\nclass Shop:\n    def __init__(self):\n        self.names = list(NAMES)\n\n    def price(self):\n        return RATE * len(self.names)\n"


def beside(name: str, shop: str, *edits: Change, state: str = "shop.price()", before: str = "shop = Shop()") -> None:
    """A constructor that runs before the loop uses one of the names of an import."""
    imported.service(name, {CONFIG: SETTINGS, WORK: shop, MAIN: loop("from work import Shop\nimport config\nimport work", state, before)}, *edits)


RATE, NAMES = sub(CONFIG, "RATE = 2", "RATE = 3"), sub(CONFIG, "['a']", "['a', 'b']")
beside("the-other-changed", SHOP, RATE)
beside("the-one-changed", SHOP, NAMES, RATE)
beside("by-other-names", SHOP.replace("NAMES, RATE", "NAMES as ALL, RATE as R").replace("RATE *", "R *").replace("(NAMES)", "(ALL)"), RATE, NAMES)
beside("one-follows-from-the-other", SHOP, sub(CONFIG, "NAMES = ['a']", "NAMES = ['a'] * RATE"), RATE)
beside("bound-again-by-the-program", SHOP, RATE, state="len(work.NAMES), shop.price()", before="shop = Shop()\nwork.NAMES = ['x', 'y', 'z']")
beside("an-import-more", SHOP.replace("NAMES, RATE", "NAMES").replace("RATE *", "4 *"), sub(WORK, "import NAMES", "import NAMES, RATE"), sub(WORK, "4 *", "RATE *"))
beside("from-elsewhere", SHOP, sub(WORK, "from config import NAMES, RATE", "from config import RATE\n\nNAMES = ['x', 'y']"))

# -- in one tuple ----------------------------------------------------------------------------------------------------------
together = Group("made-together")


def made(name: str, bind: str, state: str = "base.get()") -> None:
    """base.get binds two names at once, and sets something in `row`, if it was not there before."""
    base = f"import work\n\nKNOWN = {{}}\n\n\ndef get():\n    {bind}\n    if 'a' not in row:\n        row['a'] = work.word()\n    return row['a']\n"
    together.service(name, {WORK: WORD, BASE: base, MAIN: loop("import base", state)}, sub(WORK, "'v1'", "'v2'"))


made("both-new", "row, rows = {}, []")
made("nested", "(row, rows), n = ({}, []), 1")
made("the-other-one", "rows, row = {}, KNOWN")
made("crossed", "rows, row = KNOWN, {}\n    rows, row = row, rows")
made("starred", "row, *rows = KNOWN, {}")
made("from-a-call", "row, rows = (lambda: (KNOWN, []))()")

# -- called for an order ---------------------------------------------------------------------------------------------------
ordering = Group("ordered-by")


def ordered(name: str, base: str, state: str = "base.get()") -> None:
    """base.get orders words by a function, and shows what it keeps."""
    head = "import work\n\nKEPT = {}\n\n\ndef keep(text):\n    return KEPT.setdefault('a', text)\n\n\n"
    ordering.service(name, {WORK: WORD, BASE: head + base, MAIN: loop("import base", state)}, sub(WORK, "'v1'", "'v2'"))


GET = "def get():\n    {0}\n    return KEPT.get('a') or work.word()\n"
ordered("a-lambda-that-looks", "class Box:\n    def __init__(self, rows):\n        self.rows = KEPT.setdefault('rows', rows)\n\n\nBOX = Box([])\n\n\ndef get():\n    return max([work.word()], key=lambda w: w[0])\n")
ordered("a-lambda-that-keeps", GET.format("sorted([work.word()], key=lambda w: KEPT.setdefault('a', w))"))
ordered("a-lambda-that-hands-on", GET.format("max([work.word()], key=lambda w: keep(w))"))
ordered("a-function-that-keeps", GET.format("min([work.word()], key=keep)"))
ordered("a-method-that-keeps", GET.format("[work.word()].sort(key=KEEPER.keep)").replace("def get", "class Keeper:\n    def keep(self, text):\n        return keep(text)\n\n\nKEEPER = Keeper()\n\n\ndef get"))
ordered("a-variable-that-keeps", GET.format("by = keep\n    sorted([work.word()], key=by)"))
ordered("what-a-call-gives", GET.format("sorted([work.word()], key=chosen())").replace("def get", "def chosen():\n    return keep\n\n\ndef get"))
ordered("by-options", GET.format("sorted([work.word()], **{'key': keep})"))
ordered("of-the-programs-own", "HELD = []\n\n\ndef sorted(rows, key):\n    HELD.append(key)\n    return rows\n\n\n" + GET.format("HELD or sorted([], key=lambda w: KEPT.setdefault('a', w))\n    HELD[0](work.word())"))
ordered("by-another-name", "HELD = []\n\n\ndef later(rows, key):\n    HELD.append(key)\n    return rows\n\n\nclass Tools:\n    max = staticmethod(later)\n\n\n" + GET.format("HELD or Tools.max([], key=lambda w: KEPT.setdefault('a', w))\n    HELD[0](work.word())"))
ordered("a-lambda-kept-elsewhere", GET.format("by = lambda w: KEPT.setdefault('a', w)\n    sorted([], key=by)\n    by(work.word())"))

# -- behind a decorator ------------------------------------------------------------------------------------------------------
behind = Group("decorated-beside")


def decorated(name: str, base: str, state: str = "base.get()") -> None:
    """base.get hands a word to something decorated."""
    behind.service(name, {WORK: WORD, BASE: f"import work\n\nKEPT = {{}}\n\n\n{base}", MAIN: loop("import base", state)}, sub(WORK, "'v1'", "'v2'"))


PROPERTY = "class Shelf:\n    def __init__(self):\n        self.size = 1\n        self.names = KEPT.setdefault('names', ['n'])\n\n    {0}\n    def wide(self):\n        return KEPT.setdefault('wide', self.size)\n\n\nSHELF = Shelf()\n\n\ndef get():\n    return work.word(), SHELF.wide\n"
decorated("a-property", PROPERTY.format("@property"))
decorated("a-cache-of-the-programs-own", "def cache(function):\n    def call(text):\n        return KEPT.setdefault('a', text)\n\n    return call\n\n\n@cache\ndef show(text):\n    return text\n\n\ndef get():\n    return show(work.word())\n")
decorated("a-property-of-the-programs-own", "class property:\n    def __init__(self, function):\n        self.function = function\n\n    def __get__(self, instance, owner):\n        return KEPT.setdefault('a', self.function(instance))\n\n\nclass Shelf:\n    @property\n    def word(self):\n        return work.word()\n\n\nSHELF = Shelf()\n\n\ndef get():\n    return SHELF.word\n")
REGISTER = "HOOKS = {{}}\n\n\ndef hook(name):\n    def keep(function):\n        HOOKS[name] = function\n        return function\n\n    return keep\n\n\n@hook('a')\ndef show(text):\n    return {0}\n\n\ndef get():\n    return [function(work.word()) for function in HOOKS.values()]\n"
decorated("registered-beside", REGISTER.format("text"))
decorated("registered-and-keeps", REGISTER.format("KEPT.setdefault('a', text)"))
decorated("given-by-a-loop-at-import", "HOOKS = {}\n\n\ndef hook(function):\n    HOOKS['a'] = function\n    return function\n\n\n@hook\ndef show():\n    return 'none'\n\n\nfor each in [hook]:\n    each(work.word)\n\n\ndef get():\n    return KEPT.setdefault('a', HOOKS['a']())\n")

CASES = [*imported.cases, *together.cases, *ordering.cases, *behind.cases]
