"""Functions that are called by another name than their own, or where no call is spelled, and keep what came first."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

WORD = "def word():\n    return 'v1'\n"
KEEP = "import work\n\nKNOWN = {}\n\n\ndef keep(value):\n    return KNOWN.setdefault('a', value)\n"
BOX = "import work\n\n\nclass Box:\n    first = None\n\n    def {method}:\n        self.first = self.first or other\n        return {gives}\n\n\n{make}def get(box):\n    {use}\n    return box.first\n"

# -- by another name ------------------------------------------------------------------------------------------------------
group = Group("called-otherwise")


def called(name: str, base: str, state: str = "base.get()", imports: str = "import base", before: str = "pass") -> None:
    """The tick shows what was kept of `work.word()`."""
    tree = {WORK: WORD, BASE: base, MAIN: loop(imports, state, before)}
    group.service(name, tree, sub(WORK, "'v1'", "'v2'"))


ASKS = "hub.get(work.word())"
HUB = "\n\nclass Hub:\n    def __init__(self, get):\n        self.get = get\n"
called("imported-as", KEEP, "remember(work.word())", "import work\nfrom base import keep as remember")
called("imported-as-a-builtin", KEEP, "str(work.word())", "import work\nfrom base import keep as str")
called("imported-in-a-function", KEEP + "\n\ndef get():\n    from base import keep as put\n\n    return put(work.word())\n")
called("an-attribute", KEEP + HUB, ASKS, "import work\nfrom base import keep, Hub", "hub = Hub(keep)")
called("an-attribute-of-a-module-that-says-nothing", KEEP, ASKS, "import work\nfrom base import keep\nfrom types import SimpleNamespace", "hub = SimpleNamespace(get=keep)")
called("a-field", "from dataclasses import dataclass\nfrom typing import Callable\n" + KEEP + "\n\n@dataclass\nclass Hub:\n    get: Callable\n", ASKS, "import work\nfrom base import keep, Hub", "hub = Hub(keep)")
called("a-field-of-a-named-tuple", "from collections import namedtuple\n" + KEEP + "\n\nHub = namedtuple('Hub', 'get')\n", ASKS, "import work\nfrom base import keep, Hub", "hub = Hub(keep)")
called("a-static-method", KEEP + "\n\nclass Hub:\n    get = staticmethod(keep)\n", ASKS, "import work\nfrom base import Hub", "hub = Hub()")
called("set-by-name", KEEP + "\n\nclass Hub:\n    pass\n\n\nsetattr(Hub, 'get', staticmethod(keep))\n", ASKS, "import work\nfrom base import Hub", "hub = Hub()")
called("given-back", KEEP + "\n\ndef pick():\n    return keep\n\n\ndef get():\n    return pick()(work.word())\n")
called("in-a-comprehension", KEEP + "\n\ndef get():\n    return [len(work.word()) for len in [keep]]\n")
called("a-key-of-sort", KEEP + "\n\ndef get():\n    words = [work.word()]\n    words.sort(key=keep)\n    return KNOWN['a']\n")
called("a-key-of-max", KEEP + "\n\ndef get():\n    return max([work.word(), ''], key=keep) and KNOWN['a']\n")
called("a-hook-of-json", "import json\n" + KEEP + "\n\ndef hook(found):\n    return keep(found['a'])\n\n\ndef get():\n    return json.loads('{\"a\": \"%s\"}' % work.word(), object_hook=hook)\n")
called("behind-a-decorator", "from functools import wraps\n\nimport work\n\nKNOWN = {}\n\n\ndef first(function):\n    @wraps(function)\n    def inner(value):\n        return function(KNOWN.setdefault('a', value))\n\n    return inner\n\n\n@first\ndef show(value):\n    return value\n\n\ndef get():\n    return show(work.word())\n")
called("a-handler-of-logging", "import logging\n\nimport work\n\nKNOWN = []\n\n\nclass Keep(logging.Handler):\n    def emit(self, record):\n        if not KNOWN:\n            KNOWN.append(record.getMessage())\n\n\nlog = logging.getLogger('a')\nlog.addHandler(Keep())\n\n\ndef get():\n    log.warning(work.word())\n    return KNOWN[0]\n")

called("a-function-of-sqlite", "import sqlite3\n\n" + KEEP + "\n\nDATA = []\n\n\ndef get():\n    if not DATA:\n        DATA.append(sqlite3.connect(':memory:'))\n        DATA[0].create_function('keep', 1, keep)\n    return DATA[0].execute('select keep(?)', (work.word(),)).fetchone()\n")
ASKED = "import sqlite3\n{}\nDATA = sqlite3.connect(':memory:')\nDATA.create_function('keep', 1, {})\n\n\ndef get(value):\n    return DATA.execute('select keep(?)', (value,)).fetchone()\n"
ELSEWHERE = {WORK: WORD, "kept.py": KEEP, BASE: ASKED.format("\nfrom kept import keep\n", "keep"), MAIN: loop("import base\nimport work", "base.get(work.word())")}
group.service("a-function-of-sqlite-from-elsewhere", ELSEWHERE, sub(WORK, "'v1'", "'v2'"))
called("a-lambda-of-sqlite", ASKED.format("\nKNOWN = {}\n", "lambda value: KNOWN.setdefault('a', value)"), "base.get(work.word())", "import base\nimport work")
called("a-default-of-an-encoder", "import json\n" + KEEP + "\n\nclass Box:\n    def __init__(self, text):\n        self.text = text\n\n\ndef default(box):\n    return keep(box.text)\n\n\ndef coder():\n    return json.JSONEncoder(default=default)\n", "coder.encode(base.Box(work.word()))", "import base\nimport work", "coder = base.coder()")

# -- where no call is spelled -----------------------------------------------------------------------------------------------
operators = Group("operators-that-keep")
for title, method, gives, use in (
    ("add", "__add__(self, other)", "self", "box + work.word()"),
    ("in-place", "__iadd__(self, other)", "self", "box += work.word()"),
    ("contains", "__contains__(self, other)", "True", "work.word() in box"),
    ("item", "__getitem__(self, other)", "1", "box[work.word()]"),
    ("set-item", "__setitem__(self, key, other)", "None", "box[0] = work.word()"),
    ("equal", "__eq__(self, other)", "True", "box == work.word()"),
    ("format", "__format__(self, other)", "''", "f'{box:{work.word()}}'"),
    ("exit", "__exit__(self, kind, other, trace)", "True", "with box:\n        raise ValueError(work.word())"),
    ("call", "__call__(self, other)", "1", "box(work.word())"),
):  # fmt: skip
    enter = "" if title != "exit" else "\n\n    def __enter__(self):\n        return self\n"
    base = BOX.format(method=method, gives=gives, use=use, make="").replace(f"return {gives}\n", f"return {gives}\n{enter}", 1)
    tree = {WORK: WORD, BASE: base, MAIN: loop("import base", "str(base.get(box))", "box = base.Box()")}
    operators.service(title, tree, sub(WORK, "'v1'", "'v2'"))

CASES = [*group.cases, *operators.cases]
