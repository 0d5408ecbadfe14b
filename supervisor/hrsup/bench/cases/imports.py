"""The forms in which one module takes names from another."""

from hrsup.bench.cases.programs import shop
from hrsup.bench.cases.unforeseen import MAIN, loop
from hrsup.bench.vocabulary import Group, edit, put, sub

RULES = """
{imports}


def start():
    return None


def describe(orders, context):
    return [{line}]
"""


def rules(imports: str, line: str) -> str:
    return RULES.format(imports=imports, line=line)


group = Group("from-import", shop)
LIMITS = {"shop/limits.py": '"""Limits."""\n\nLIMIT = 10\nUNIT = "kg"\n\n\ndef check(value):\n    return value > LIMIT\n'}
NEW_LIMIT = sub("shop/limits.py", "LIMIT = 10", "LIMIT = 25")
NEW_CHECK = sub("shop/limits.py", "value > LIMIT", "value <= LIMIT")

group.both("constant", {**LIMITS, "shop/rules.py": rules("from shop.limits import LIMIT", 'f"limit {LIMIT}"')}, NEW_LIMIT)
group.both("constant-of-the-base-program", {}, sub("shop/config.py", "TAX = 0.19", "TAX = 0.07"))
group.both("constant-by-attribute", {}, sub("shop/config.py", '"EUR"', '"SEK"'))
group.both("function", {**LIMITS, "shop/rules.py": rules("from shop.limits import check", '[check(order["count"]) for order in orders]')}, NEW_CHECK)
group.both("function-and-its-constant", {**LIMITS, "shop/rules.py": rules("from shop.limits import check", '[check(order["count"]) for order in orders]')}, NEW_LIMIT)
group.both("alias", {**LIMITS, "shop/rules.py": rules("from shop.limits import LIMIT as MOST, check as too_much", 'f"{MOST} {too_much(12)}"')}, NEW_LIMIT, NEW_CHECK)
group.both("module-alias", {**LIMITS, "shop/rules.py": rules("import shop.limits as lim", 'f"{lim.LIMIT} {lim.check(20)}"')}, NEW_LIMIT, NEW_CHECK)
group.both("module-from-package", {**LIMITS, "shop/rules.py": rules("from . import limits", 'f"{limits.LIMIT}"')}, NEW_LIMIT)
group.both("relative", {**LIMITS, "shop/rules.py": rules("from .limits import LIMIT, UNIT", 'f"{LIMIT} {UNIT}"')}, NEW_LIMIT)
group.both("star", {**LIMITS, "shop/rules.py": rules("from shop.limits import *", 'f"{LIMIT} {UNIT} {check(11)}"')}, NEW_LIMIT)
group.both("star-gets-a-name", {**LIMITS, "shop/rules.py": rules("from shop.limits import *", 'f"{globals().get(\'EXTRA\', 0)}"')}, sub("shop/limits.py", 'UNIT = "kg"', 'UNIT = "kg"\nEXTRA = 3'))
group.both("star-with-all", {
    "shop/limits.py": '__all__ = ["LOW"]\n\nLOW = 1\nHIGH = 9\n',
    "shop/rules.py": rules("from shop.limits import *\n\nHIGH = globals().get('HIGH', 'hidden')", 'f"{LOW} {HIGH}"'),
}, sub("shop/limits.py", '["LOW"]', '["LOW", "HIGH"]'))
STARRED = {"shop/limits.py": "LOW = 1\nHIGH = 9\n\n\ndef name():\n    return 'limits'\n"}
OWN = "from shop.limits import *\n\n\ndef name():\n    return 'rules'\n"
group.service("star-above-a-name-of-its-own", {**STARRED, "shop/rules.py": rules(OWN, "f'{LOW} {name()}'")}, sub("shop/limits.py", "LOW = 1", "LOW = 2\nTOP = 3"), sub("shop/limits.py", "def name():\n    return 'limits'\n", ""), sub("shop/rules.py", "\n\ndef name():\n    return 'rules'\n", "name = 'own'.upper\n"))
group.service("star-loses-and-wins", {**STARRED, "shop/rules.py": rules("from shop.limits import *\n", "f'{LOW} {name()}'")}, sub("shop/rules.py", "from shop.limits import *\n", OWN), sub("shop/rules.py", OWN, "def name():\n    return 'rules'\n\n\nfrom shop.limits import *\n"), sub("shop/rules.py", "from shop.limits import *\n", "from shop.limits import LOW\n"))
group.service("star-above-what-reads-it-first", {**STARRED, "shop/rules.py": rules("from shop.limits import *\n\nFIRST = name()\n\n\ndef name():\n    return 'rules'\n", "f'{LOW} {FIRST} {name()}'")}, sub("shop/limits.py", "'limits'", "'bounds'"), sub("shop/limits.py", "def name():\n    return 'bounds'\n", "def name():\n    return 'edges'\n\n\nTOP = 1\n"))
# What is imported under one name in several modules comes and goes in one of them; and is seen from outside.
PRICES = "import json\nfrom pathlib import Path\n\nHERE = Path(__file__).name\n\n\ndef price(x):\n    return json.dumps([x])\n"
ALSO = "import json\nfrom pathlib import Path\n\n\ndef read():\n    path = Path(__file__).with_name('none')\n    return json.loads(path.read_text()) if path.exists() else json.dumps([7])\n\n\nREAD = read()\n"
WITHOUT = sub("shop/limits.py", PRICES, "def price(x):\n    return [x]\n")
group.service("goes-where-others-have-it-too", {"shop/limits.py": PRICES, "shop/rules.py": rules(ALSO + "from shop import limits\n", "f'{READ} {limits.price(2)}'")}, WITHOUT, sub("shop/limits.py", "def price", "import json\n\n\ndef price"), sub("shop/rules.py", "\n\nREAD = read()\n", "\n\nREAD = 5\n"))
group.service("goes-where-another-uses-it", {"shop/limits.py": PRICES, "shop/rules.py": rules("from shop import limits\n\nTEXT = limits.json.dumps([1]) if hasattr(limits, 'json') else 'none'\n", "f'{TEXT} {limits.price(2)}'")}, WITHOUT)
group.service("goes-where-another-looks-it-up", {"shop/limits.py": PRICES, "shop/rules.py": rules("from shop import limits\n\nNAMES = [name for name in ('json', 'Path') if name in vars(limits)]\n", "f'{NAMES} {limits.price(2)}'")}, WITHOUT)
# A decorator has made another function of the one that goes; somebody may hold it, or the decorator have kept something.
TIMES = "LOG = []\n\n\ndef times(n):\n    def wrap(function):\n        return lambda: function() * n\n\n    return wrap\n"
TWICE = "@times(2)\ndef twice():\n    return 4\n"
WRAPPED = "from shop import limits\nfrom shop.limits import times\n\n\n" + TWICE + "\n\nSUM = [twice(), 1]\n"
group.service("a-wrapped-function-goes", {"shop/limits.py": TIMES, "shop/rules.py": rules(WRAPPED, "f'{SUM} {limits.LOG}'")}, sub("shop/rules.py", "SUM = [twice(), 1]", "SUM = [3]"), sub("shop/rules.py", TWICE, ""))
group.service("a-wrapped-function-goes-and-is-held", {"shop/limits.py": TIMES, "shop/rules.py": rules(WRAPPED + "\n\nHELD = {}\n", "f'{HELD.setdefault(1, twice)()} {SUM}'")}, sub("shop/rules.py", "def twice():\n    return 4", "def twice():\n    return 5"), sub("shop/rules.py", "@times(2)\n", ""))
group.service("a-wrapped-function-goes-that-was-written-down", {"shop/limits.py": TIMES.replace("        return lambda", "        LOG.append(n)\n        return lambda"), "shop/rules.py": rules(WRAPPED, "f'{SUM} {limits.LOG}'")}, sub("shop/rules.py", "SUM = [twice(), 1]", "SUM = [3]"), sub("shop/rules.py", TWICE, ""))
group.both("re-export", {
    **LIMITS,
    "shop/rules_api/__init__.py": "from shop.limits import LIMIT, check\n\n__all__ = ['LIMIT', 'check']\n",
    "shop/rules.py": rules("from shop.rules_api import LIMIT, check", 'f"{LIMIT} {check(12)}"'),
}, NEW_LIMIT, NEW_CHECK)
group.both("re-export-twice", {
    **LIMITS,
    "shop/inner/__init__.py": "from ..limits import *\n",
    "shop/outer.py": "from shop.inner import LIMIT as OUTER_LIMIT\n\nDOUBLE = OUTER_LIMIT * 2\n",
    "shop/rules.py": rules("from shop.outer import DOUBLE", 'f"double {DOUBLE}"'),
}, NEW_LIMIT)
group.both("package-attribute", {
    **LIMITS,
    "shop/__init__.py": "from shop.limits import LIMIT\n",
    "shop/rules.py": rules("import shop", 'f"{shop.LIMIT} {shop.limits.LIMIT}"'),
}, NEW_LIMIT)
group.both("three-modules-away", {
    "shop/a.py": "BASE = 3\n",
    "shop/b.py": "from shop.a import BASE\n\nSQUARE = BASE * BASE\n",
    "shop/c.py": "from shop.b import SQUARE\n\nTABLE = [SQUARE * n for n in range(4)]\n",
    "shop/d.py": "from shop import c\n\nTOTAL = sum(c.TABLE)\n",
    "shop/rules.py": rules("from shop.d import TOTAL", 'f"total {TOTAL}"'),
}, sub("shop/a.py", "3", "4"), sub("shop/b.py", "BASE * BASE", "BASE + BASE"), sub("shop/c.py", "range(4)", "range(5)"))
group.both("diamond", {
    "shop/a.py": "SEED = 2\n",
    "shop/left.py": "from shop.a import SEED\n\nLEFT = SEED + 1\n",
    "shop/right.py": "from shop.a import SEED\n\nRIGHT = SEED * 10\n",
    "shop/rules.py": rules("from shop.left import LEFT\nfrom shop.right import RIGHT\n\nPAIR = (LEFT, RIGHT)", 'f"{PAIR}"'),
}, sub("shop/a.py", "2", "5"))
group.both("lazy", {**LIMITS, "shop/rules.py": """
def start():
    return None


def describe(orders, context):
    from shop.limits import LIMIT, check

    return [f"{LIMIT} {check(12)}"]
"""}, NEW_LIMIT, NEW_CHECK)
group.both("lazy-into-global", {**LIMITS, "shop/rules.py": """
check = None


def start():
    return None


def describe(orders, context):
    global check
    if check is None:
        from shop.limits import check
    return [f"{check(12)}"]
"""}, NEW_CHECK)
group.both("lazy-constant-into-global", {**LIMITS, "shop/rules.py": """
limit = None


def start():
    return None


def describe(orders, context):
    global limit
    if limit is None:
        from shop.limits import LIMIT
        limit = LIMIT
    return [f"{limit}"]
"""}, NEW_LIMIT)
group.both("conditional", {**LIMITS, "shop/fast.py": "def speed():\n    return 'fast'\n", "shop/rules.py": rules("from shop.limits import LIMIT\n\nif LIMIT > 20:\n    from shop.fast import speed\nelse:\n    def speed():\n        return 'slow'", "speed()")}, NEW_LIMIT)
group.both("try-except", {**LIMITS, "shop/rules.py": rules("try:\n    from shop.accelerator import speed\nexcept ImportError:\n    def speed():\n        return 'plain'", "speed()")},
    put("shop/accelerator.py", "def speed():\n    return 'accelerated'\n"))
group.both("import-module", {**LIMITS, "shop/rules.py": rules("from importlib import import_module\n\nlimits = import_module('shop.limits')\nLIMIT = getattr(limits, 'LIMIT')", 'f"{LIMIT} {limits.check(15)}"')}, NEW_LIMIT, NEW_CHECK)
group.both("import-module-by-name-in-data", {
    "data/plugin.txt": "shop.plain\n",
    "shop/plain.py": "def label():\n    return 'plain'\n",
    "shop/fancy.py": "def label():\n    return '*fancy*'\n",
    "shop/rules.py": rules("from importlib import import_module\n\nfrom shop.config import DATA\n\nplugin = import_module((DATA / 'plugin.txt').read_text().strip())", "plugin.label()"),
}, sub("shop/plain.py", "'plain'", "'very plain'"), sub("data/plugin.txt", "plain", "fancy"))
group.both("module-getattr", {
    "shop/limits.py": "_VALUES = {'LIMIT': 4}\n\n\ndef __getattr__(name):\n    try:\n        return _VALUES[name]\n    except KeyError:\n        raise AttributeError(name) from None\n",
    "shop/rules.py": rules("from shop.limits import LIMIT", 'f"{LIMIT}"'),
}, sub("shop/limits.py", "4", "8"))
group.both("new-import-of-old-module", {**LIMITS}, sub("shop/rules.py", "return []", "from shop.limits import LIMIT\n    return [LIMIT]"))
group.both("container-extended-by-importer", {
    "shop/names.py": "NAMES = ['tea']\n",
    "shop/more.py": "from shop.names import NAMES\n\nNAMES.append('pot')\n",
    "shop/rules.py": rules("import shop.more\nfrom shop.names import NAMES", '", ".join(NAMES)'),
}, sub("shop/names.py", "'tea'", "'tea', 'cup'"), sub("shop/more.py", "'pot'", "'tray'"))
group.both("dict-copied-at-import", {
    "shop/names.py": "NAMES = {'tea': 'Tee'}\n",
    "shop/rules.py": rules("from shop.names import NAMES\n\nWORDS = {**NAMES, 'cup': 'Tasse'}", "sorted(WORDS.items())"),
}, sub("shop/names.py", "'Tee'", "'Kamille'"))

# -- a name that several imports bind -------------------------------------------------------------------------------
again = Group("bound-by-several-imports")
USER = "app/user.py"
APP = {"app/__init__.py": "", "app/m0.py": "def f():\n    return 'a0'\n", "app/m1.py": "def f():\n    return 'a1'\n", "app/m2.py": "def f():\n    return 'a2'\n"}
PARTS = "import app.m0\nimport app.m1\n\n\ndef show():\n    return [app.m0.f(), app.m1.f()]\n"
ONE = PARTS.replace("import app.m1\n", "").replace(", app.m1.f()", "")
TWICE = "from app.m0 import f\nfrom app.m0 import f\n\n\ndef show():\n    return f(), 1\n"
USED = "from app.m0 import f\n\nX = f()\nfrom app.m0 import f\n\n\ndef show():\n    return f(), X\n"
TWO = TWICE.replace("m0 import f", "m1 import f", 1)
BY_PARTS = "import app.m0\nimport app.m1\n\n\ndef show():\n    return getattr(app, 'm' + '1', None) is None\n"
SHOWN = loop("import app.user", "app.user.show()")
ALSO = SHOWN.replace("import app.user", "import app.user\nimport app.m1")
for name, before, main, *texts in (
    ("a-part-comes-and-goes", ONE, ALSO, PARTS, ONE, PARTS),
    ("a-part-comes-that-is-new", ONE, SHOWN, PARTS),
    ("a-part-goes-and-is-used-still", PARTS, ALSO, PARTS.replace("import app.m1\n", "")),
    ("a-part-goes-and-is-used-still-by-nobody-else", PARTS, SHOWN, PARTS.replace("import app.m1\n", ""), PARTS),
    ("a-part-goes-that-was-used-above-another", "import app.m1\nimport app.m0\n\nX = app.m1.f()\n" + PARTS, ALSO, "import app.m0\n\nX = app.m1.f()\nimport app.m1\n" + PARTS),
    ("a-part-for-another", PARTS, SHOWN, PARTS.replace("app.m1", "app.m2"), PARTS),
    ("a-part-looked-for-by-its-name", BY_PARTS, ALSO, BY_PARTS.replace("import app.m1\n", "")),
    ("the-same-goes-and-comes", TWICE, SHOWN, TWICE.replace("from app.m0 import f\n", "", 1).replace("1", "2"), TWICE),
    ("the-first-of-the-same-goes", USED, SHOWN, USED.replace("from app.m0 import f\n", "", 1), USED),
    ("the-second-of-the-same-goes", USED, SHOWN, USED.replace("X = f()\nfrom app.m0 import f\n", "X = f()\n")),
    ("the-last-of-two-goes", TWO, SHOWN, TWO.replace("from app.m0 import f\n", "")),
    ("the-first-of-two-goes", TWO, SHOWN, TWO.replace("from app.m1 import f\n", "")),
    ("one-of-the-same-becomes-another", TWICE, SHOWN, TWO, TWICE),
    ("set-from-elsewhere", TWICE, ALSO.replace("import app.m1", "import app.m1\napp.user.f = app.m1.f"), "from app.m0 import f\n" + TWICE),
    ("by-another-name", TWICE, SHOWN, TWICE.replace("m0 import f\n", "m0 import f as g\n", 1).replace("f(), 1", "f(), g()"), TWICE),
    ("a-variable-as-well", TWICE, SHOWN, TWICE.replace("\n\n\n", "\n\nf = len\n\n\n").replace("f(), 1", "f('ab')"), TWICE),
):
    again.service(name, {**APP, USER: before, MAIN: main}, *(put(USER, text) for text in texts))
for part in ("m0", "m1"):
    again.service(f"what-{part}-has-changes", {**APP, USER: PARTS, MAIN: SHOWN}, sub(f"app/{part}.py", "'a", "'b"), edit(sub(f"app/{part}.py", "'b", "'c"), put(USER, "import app.m2\n" + PARTS)))

# -- an import of a module that does more than define names ----------------------------------------------------------------
loud = Group("only-looked-up")
LOUD = {"hub.py": "ORDER = []\n", "one.py": "import hub\n\nhub.ORDER.append('one')\n\n\ndef f():\n    return 1\n", "two.py": "import hub\n\nhub.ORDER.append('two')\n\n\ndef f():\n    return 2\n"}
PLAIN = "def show():\n    return 'v1'\n"
WITH = "import one\n\n\ndef show():\n    return one.f(), 'v1'\n"
IN_TRY = WITH.replace("import one\n", "try:\n    import one\nexcept ImportError:\n    one = None\n")
TAKES = WITH.replace("import one", "from one import f").replace("one.f()", "f()")
for name, order, *texts in (
    ("comes-and-goes-behind", "one two user", PLAIN, WITH, PLAIN),
    ("comes-and-goes-in-front", "user two one", PLAIN, WITH, PLAIN),
    ("comes-and-goes-between", "two user one", PLAIN, WITH, PLAIN),
    ("comes-with-an-effect-above", "one user two", PLAIN, "import hub\n\nhub.ORDER.append('user')\n" + WITH, PLAIN),
    ("comes-and-goes-in-a-try", "one two user", PLAIN, IN_TRY, PLAIN),
    ("comes-in-front-in-a-try", "user two one", PLAIN, IN_TRY, PLAIN),
    ("takes-a-name", "one two user", PLAIN, TAKES, WITH, TAKES.replace("import f", "import f as g").replace("f()", "g()"), PLAIN),
    ("moves-below-another", "user hub", "import one\nimport two\n\n\ndef show():\n    return 1\n", "import two\nimport one\n\n\ndef show():\n    return 1\n"),
    ("moves-behind", "one two user", "import one\nimport two\n\n\ndef show():\n    return 1\n", "import two\nimport one\n\n\ndef show():\n    return 1\n"),
    ("goes-here-and-stays-below", "user one", "import one\nimport two\n\n\ndef show():\n    return 1\n", "import two\n\n\ndef show():\n    return 1\n"),
    ("in-a-function-that-ran-before", "late user two", PLAIN, WITH, PLAIN),
):
    first, *rest = texts
    late = {"late.py": "def load():\n    import one\n\n    return one.f()\n\n\nload()\n"} if "late" in order else {}
    main = loop("\n".join(f"import {module}" for module in order.split()) + ("\nimport hub" if "hub" not in order else ""), "hub.ORDER, user.show()")
    loud.service(name, {**LOUD, **late, "user.py": first, MAIN: main}, *(put("user.py", text) for text in rest))
loud.service("both-change-places-in-the-script", {**LOUD, "user.py": WITH, MAIN: loop("import hub\nimport one\nimport two\nimport user", "hub.ORDER, user.show()")}, edit(put("user.py", PLAIN), sub(MAIN, "import one\nimport two", "import two\nimport one")), edit(put("user.py", WITH), sub(MAIN, "import two\nimport one", "import two")))

CASES = group.cases + again.cases + loud.cases
