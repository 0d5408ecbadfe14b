"""Imports that come or go in a circle of modules, and what a module finds when it is executed earlier or later."""

from hrsup.bench.cases.unforeseen import MAIN, loop
from hrsup.bench.vocabulary import Group, add, sub

group = Group("circles")
HUB = "hub.py"
ITEMS = {HUB: "ITEMS = []\n", "a.py": "WORD = 'a'\n"}
SCRIPT = loop("import a\nimport hub\n\nhub.ITEMS.append(1)\n\nimport b", "b.N, a.WORD")
group.service("it-finds-less", {**ITEMS, "b.py": "from hub import ITEMS\n\nN = len(ITEMS)\n", MAIN: SCRIPT}, add("a.py", "\n\nimport b\n"), sub("a.py", "\n\nimport b\n", ""))
group.service("it-finds-less-by-a-function", {**ITEMS, "b.py": "import hub\n\n\ndef count():\n    return len(hub.ITEMS)\n\n\nN = count()\n", MAIN: SCRIPT}, add("a.py", "\n\nimport b\n"), sub("a.py", "\n\nimport b\n", ""))
group.service("it-finds-less-in-a-circle", {**ITEMS, "b.py": "from a import WORD\nfrom hub import ITEMS\n\nN = len(ITEMS)\n", MAIN: SCRIPT}, add("a.py", "\n\nimport b\n"), sub("a.py", "\n\nimport b\n", ""))

# An edge closes a circle, and opens it again: `a` is imported first, and comes to `b` before it is complete.
circle = Group("circles")
A = "WORD = 'a'\nROWS = []\n\n\ndef price(x):\n    return x * 2\n\n\ndef show():\n    return [WORD, price(2)]\n"
B = "from a import price\n\n\ndef show():\n    return price(3)\n"
LOOK = loop("import a\nimport b", "a.show(), b.show(), getattr(b, 'N', None)")
AT_END, EDGE = "\n\nimport b\n", ("def show():\n    return [WORD, ", "import b\n\n\ndef show():\n    return [b.__name__, WORD, ")


def closes(name: str, b: str, a: str = A, edge: tuple[str, str] = EDGE, *more: tuple[str, str, str]) -> None:
    """`a` gets an import of `b` (`edge`), and loses it again."""
    circle.service(name, {"a.py": a, "b.py": b, MAIN: LOOK}, sub("a.py", *edge), *(sub(*one) for one in more), sub("a.py", edge[1], edge[0]))


PRICE = ("a.py", "x * 2", "x * 3")
closes("names-alone", B, A, EDGE, PRICE)
closes("a-value-of-what-is-bound-above", B + "\n\nN = [price(2), 'at import']\n", A, EDGE, PRICE)
closes("a-value-of-a-function-that-calls-what-is-bound-below", B + "\n\nN = [price(2)]\n", A.replace("return x * 2", "return rate() * x") + "\n\ndef rate():\n    return 2\n")
closes("a-value-of-a-function-that-reads-what-is-bound-below", B + "\n\nN = [price(2)]\n", A.replace("x * 2", "x * RATE") + "\n\nRATE = 2\n")
closes("a-value-of-an-attribute-that-is-bound-below", "import a\n\n\ndef show():\n    return 1\n\n\nN = a.RATE + 1\n", A + "\n\nRATE = 2\n")
closes("a-value-of-an-attribute-that-is-bound-above", "import a\n\n\ndef show():\n    return 1\n\n\nN = a.RATE + 1\n", "RATE = 2\n" + A)
closes("a-value-of-what-is-bound-twice", "from a import RATE\n\n\ndef show():\n    return 1\n\n\nN = RATE + 1\n", "RATE = 2\n" + A + "\n\nRATE = 3\n")
closes("a-value-of-what-is-there", "import a\n\n\ndef show():\n    return 1\n\n\nN = hasattr(a, 'RATE')\n", A + "\n\nRATE = 2\n")
closes("a-value-of-all-there-is", "import a\n\n\ndef show():\n    return 1\n\n\nN = 'RATE' in vars(a)\n", A + "\n\nRATE = 2\n")
closes("a-value-of-the-module", "import a\n\n\ndef seen(module):\n    return [name for name in dir(module) if name == 'RATE']\n\n\ndef show():\n    return 1\n\n\nN = seen(a)\n", A + "\n\nRATE = 2\n")
closes("tried", "try:\n    from a import RATE\nexcept ImportError:\n    RATE = 0\n\n\ndef show():\n    return RATE\n", A + "\n\nRATE = 2\n")
closes("tried-by-attribute", "import a\n\ntry:\n    RATE = a.RATE\nexcept AttributeError:\n    RATE = 0\n\n\ndef show():\n    return RATE\n", A + "\n\nRATE = 2\n")
closes("with-rows-that-are-put-in-below", "from a import ROWS\n\n\ndef show():\n    return 1\n\n\nN = len(ROWS)\n", A + "\n\nROWS.append(1)\n")
closes("with-rows-that-are-put-in-by-a-decorator", "from a import ROWS\n\n\ndef show():\n    return 1\n\n\nN = len(ROWS)\n", A + "\n\ndef known(f):\n    ROWS.append(f)\n    return f\n\n\n@known\ndef last():\n    return 1\n")
closes("with-a-class-of-what-is-bound-below", "import a\n\n\nclass Small(a.Base):\n    pass\n\n\ndef show():\n    return Small().size()\n", A + "\n\nclass Base:\n    def size(self):\n        return 1\n")
closes("with-a-default-of-what-is-bound-below", "import a\n\n\ndef show(x=a.RATE):\n    return x\n", A + "\n\nRATE = 2\n")
closes("with-a-function-in-a-method-of-a-class", "from a import price\n\n\nclass Small:\n    size = price(2)\n\n\ndef show():\n    return Small.size\n", A.replace("x * 2", "x * RATE") + "\n\nRATE = 2\n")


circle.service("by-a-third", {"a.py": A + "\n\nRATE = 2\n", "b.py": "import c\n\n\ndef show():\n    return c.SIZE\n", "c.py": "from a import WORD\nimport a\n\n\ndef size():\n    return getattr(a, 'RATE', 0)\n\n\nSIZE = size()\n", MAIN: LOOK}, sub("a.py", *EDGE), sub("a.py", EDGE[1], EDGE[0]))
circle.service("new-and-read-at-once", {"a.py": A + "\n\nimport b\n\nX = 1\n", "b.py": B + "\n\nRATE = 2\n", MAIN: LOOK}, sub("a.py", "X = 1", "X = b.RATE"), sub("b.py", "RATE = 2", "RATE = 3"))
circle.service("late-read-of-an-incomplete-module", {"a.py": A, "b.py": "import a\n\n\ndef show():\n    return a.price(3)\n", MAIN: LOOK.replace("import a\nimport b", "import b\nimport a")}, add("a.py", "\n\nimport b\n"), add("a.py", "\n\nSIZE = b.show\n"), sub("a.py", "SIZE = b.show\n", "SIZE = 1\n"))

# All names of a module that is not complete.
STAR = "from a import *\n\n\ndef show():\n    return price(3)\n"
BELOW = "\n\nRATE = 2\n"
closes("all-names-looked-up", STAR.replace("price(3)", "price(3), globals().get('RATE', 0)"), A + BELOW, EDGE, PRICE)
closes("all-names", STAR, A + BELOW, EDGE, PRICE, ("a.py", "RATE = 2", "RATE = 5"))
closes("all-names-and-one-of-its-own", STAR.replace("def show", "RATE = 7\n\n\ndef show"), A + BELOW, EDGE, PRICE, ("a.py", "RATE = 2", "RATE = 5"))
closes("all-names-and-one-comes", STAR, A + BELOW, EDGE, ("a.py", "ROWS = []", "ROWS = []\nLATE = 1"), PRICE)
closes("all-names-and-one-comes-below", STAR, A + BELOW, EDGE, ("a.py", "RATE = 2", "RATE = 2\nLATE = 1"), PRICE)
closes("all-names-that-are-listed", STAR, "__all__ = ['price', 'RATE']\n" + A + BELOW, EDGE, PRICE)
closes("all-names-and-a-value", STAR + "\n\nN = [price(2), WORD]\n", A + BELOW, EDGE, PRICE, ("a.py", "'a'", "'b'"))
closes("all-names-and-a-value-of-one-below", STAR + "\n\nN = [price(RATE)]\n", A + BELOW)
closes("all-names-moved-up", STAR, A + BELOW, EDGE, ("a.py", "\n\nRATE = 2\n", ""), ("a.py", "ROWS = []", "ROWS = []\nRATE = 3"))

# What an import comes to that is loaded by then is not executed by it.
LOUD = {HUB: "ROWS = []\n", "a.py": "import hub\n\nhub.ROWS.append('a')\n", "b.py": "import a\n\n\ndef show():\n    return 1\n", "d.py": "import hub\n\nhub.ROWS.append('d')\n"}
BEFORE, AFTER = "import hub\nimport a\nimport b\nimport d", "import hub\nimport b\nimport d\nimport a"


def loads(name: str, imports: str, *changes: tuple[str, str], **files: str) -> None:
    """The script's imports change."""
    circle.service(name, {**LOUD, **{f"{key}.py": text for key, text in files.items()}, MAIN: loop(imports, "hub.ROWS, globals().get('b') is None")}, *(sub(MAIN, *change) for change in changes))


loads("what-is-loud-is-there-already", BEFORE, ("import b\n", ""), ("import d\n", "import d\nimport b\n"), ("import d\nimport b\n", "import b\nimport d\n"))
loads("what-is-loud-comes-by-it", AFTER, ("import b\n", ""), ("import d\n", "import d\nimport b\n"), ("import d\nimport b\n", "import b\nimport d\n"))
loads("what-is-loud-comes-by-what-is-there", BEFORE.replace("import a", "import c"), ("import b\n", ""), ("import d\n", "import d\nimport b\n"), c="def show():\n    import a\n    return a\n")
loads("what-reads-it-comes-by-it", "import hub\nimport a\nimport c\nimport d\nimport e", ("import c\n", ""), ("import d\n", "import d\nimport c\n"), c="import e\n\n\ndef show():\n    return e\n", e="import hub\n\nCOUNT = len(hub.ROWS)\nhub.SEEN = COUNT\n")

# What loky's workers import, and in which order, goes by what the coordinator has completed first: a circle that can be
# begun at one end only begins at the other there.
IN_WORKERS = {
    "app/__init__.py": "",
    "app/first.py": "def f(x):\n    return x + 1\n\n\ndef show():\n    return f(3)\n",
    "app/second.py": "from app.first import f\n\nK = 2\n\n\ndef show():\n    return f(K)\n",
    "app/third.py": "from app.second import K\n\n\ndef show():\n    return K * 3\n",
    "main.py": "import time\n\nimport app.first\nimport app.second\nimport app.third\nfrom loky import get_reusable_executor\n\n\ndef work(number):\n    return [app.first.show(), app.second.show(), app.third.show()][number]\n\n\ndef main():\n    pool = get_reusable_executor(2)\n    tick = 0\n    while True:\n        tick += 1\n        print(f'{tick}\\t{list(pool.map(work, range(3)))}', flush=True)\n        time.sleep(0.02)\n\n\nif __name__ == '__main__':\n    main()\n",
}
LATE = "    return x + 1\n\n\nimport app.third\n"
for name, steps in (
    ("begun-at-its-other-end-in-workers", (sub("app/first.py", "    return x + 1\n", LATE), sub("app/first.py", "\n\nimport app.third\n", ""), sub("app/second.py", "K = 2", "K = 3"))),
    ("none-though-imports-change-in-workers", (sub("app/third.py", "from app.second import K\n", "import app.first\nfrom app.second import K\n"), sub("app/third.py", "import app.first\n", ""), sub("app/second.py", "K = 2", "K = 3"))),
    ("completed-in-another-order-in-workers", (sub("main.py", "import app.first\nimport app.second\n", "import app.second\nimport app.first\n"), sub("app/second.py", "K = 2", "K = 3"))),
):
    group.service(name, IN_WORKERS, *steps, requires=("loky",))

CASES = [*group.cases, *circle.cases]
