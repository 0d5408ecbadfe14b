"""What the interpreter and the standard library remember or look into by themselves: who is a subclass, the members of an
enumeration, filters and handlers, what is printed into a buffer; and what a `match` statement asks."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

# -- who is a subclass ---------------------------------------------------------------------------------------------------
answers = Group("who-is-a-subclass")
OPENS = "class Tap:\n    def open(self):\n        return 1\n\n    def look(self):\n        return 2\n"
CLOSES = "from typing import Protocol, runtime_checkable\n\nimport work\n\n\n@runtime_checkable\nclass Closes(Protocol):\n    def close(self):\n        ...\n\n\n"
HOOK = "import abc\n\nimport work\n\n\nclass Closes(abc.ABC):\n    @classmethod\n    def __subclasshook__(cls, other):\n        return hasattr(other, 'close')\n\n\n"
ASK = "def ask():\n    return issubclass(work.Tap, Closes), isinstance(work.Tap(), Closes)\n"


def asked(name: str, base: str, state: str = "base.ask()", before: str = "pass", works: str = OPENS) -> None:
    """A class gains a method that decides who it is a subclass of, and loses it."""
    answers.service(name, {WORK: works, BASE: base, MAIN: loop("import base\nimport work", state, before)}, sub(WORK, "def open", "def close"), sub(WORK, "def close", "def open"))


asked("a-protocol", CLOSES + ASK)
asked("a-hook", HOOK + ASK)
asked("a-protocol-before-the-loop", CLOSES + ASK, "asked", "asked = base.ask()")
asked("a-hook-before-the-loop", HOOK + ASK, "asked", "asked = base.ask()")
asked("a-protocol-at-import", CLOSES + "ASKED = issubclass(work.Tap, Closes)\n", "base.ASKED")
asked("a-hook-at-import", HOOK + "ASKED = issubclass(work.Tap, Closes)\n", "base.ASKED")
asked("a-generic-function-of-protocols", CLOSES.replace("import work", "import functools\n\nimport work", 1) + "@functools.singledispatch\ndef show(item):\n    return 'other'\n\n\n@show.register(Closes)\ndef _(item):\n    return 'closes'\n\n\ndef ask():\n    return show(work.Tap())\n")
asked("a-protocol-by-match", CLOSES + "def ask():\n    match work.Tap():\n        case Closes():\n            return 'closes'\n    return 'other'\n")
asked("a-protocol-by-match-kept", CLOSES + "KEPT = []\n\n\ndef ask():\n    if not KEPT:\n        match work.Tap():\n            case Closes():\n                KEPT.append('closes')\n            case _:\n                KEPT.append('other')\n    return KEPT\n")
BY_HEIGHT = "import abc\n\nimport work\n\n\nclass Tall:\n    height = 4\n\n\nclass Big(abc.ABC):\n    @classmethod\n    def __subclasshook__(cls, other):\n        return {0}\n\n\ndef ask():\n    return issubclass(Tall, Big)\n"
answers.service("a-hook-that-asks-what-changed", {WORK: "def is_big(height):\n    return height > 5\n", BASE: BY_HEIGHT.format("work.is_big(other.height)"), MAIN: loop("import base", "base.ask()")}, sub(WORK, "> 5", "> 3"), sub(WORK, "> 3", "> 8"))
answers.service("a-hook-that-asks-a-constant", {WORK: "LEAST = 5\n", BASE: BY_HEIGHT.format("other.height > work.LEAST"), MAIN: loop("import base", "base.ask()")}, sub(WORK, "5", "3"), sub(WORK, "3", "8"))
answers.service("the-hook-itself", {WORK: BY_HEIGHT.replace("import work\n", "").format("other.height > 5"), MAIN: loop("import work", "work.ask()")}, sub(WORK, "> 5", "> 3"), sub(WORK, "> 3", "> 8"))

# -- what the library looks into -----------------------------------------------------------------------------------------
looked_into = Group("the-library-looks")
LOUD = "def is_loud():\n    return True\n"
QUIET, LOUDER = sub(WORK, "return True", "return False"), sub(WORK, "return False", "return not 1")


def looked(name: str, base: str, state: str = "base.ask()", before: str = "pass") -> None:
    """Once it was loud, the library has something that nobody in the program reads."""
    looked_into.service(name, {WORK: LOUD, BASE: base, MAIN: loop("import base", state, before)}, QUIET, LOUDER)


WARNS = "import warnings\n\nimport work\n\n\ndef ask():\n    if work.is_loud():\n        warnings.filters.insert(0, ('error', None, UserWarning, None, 0))\n    try:\n        warnings.warn('x')\n        return 'fine'\n    except UserWarning:\n        return 'raised'\n"
looked("filters-of-warnings", WARNS)
looked("filters-of-warnings-by-name", WARNS.replace("import warnings\n", "import warnings\nfrom warnings import filters\n").replace("warnings.filters", "filters"))
TAKES = "import asyncio\n\nimport work\n\nLOCK = asyncio.Lock()\n\n\nasync def main():\n    shown = 0\n    while True:\n        if work.is_loud() and not LOCK.locked():\n            await LOCK.acquire()\n        shown += 1\n        print(f'{shown}\\t{LOCK.locked()}', flush=True)\n        await asyncio.sleep(0.005)\n\n\nasyncio.run(main())\n"
looked_into.service("a-lock-that-was-taken", {WORK: LOUD, MAIN: TAKES}, QUIET)
CONTEXT = "import click\n\nimport work\n\n\nclass Box:\n    def __init__(self):\n        self.loud = work.is_loud()\n\n\nCONTEXT = click.Context(click.Command('a'))\n\n\ndef ask():\n    return CONTEXT.ensure_object(Box).loud\n"
looked_into.service("what-click-makes-once", {WORK: LOUD, BASE: CONTEXT, MAIN: loop("import base", "base.ask()")}, QUIET, requires=("click",))
FED = "import msgpack\n\nimport work\n\nUNPACKER = msgpack.Unpacker()\n\n\ndef ask():\n    UNPACKER.feed(msgpack.packb(work.is_loud()) * 2)\n    return UNPACKER.unpack()\n"
looked_into.service("what-msgpack-is-fed", {WORK: LOUD, BASE: FED, MAIN: loop("import base", "base.ask()")}, QUIET, requires=("msgpack",))
RECORD = "import rich.console\n\nimport work\n\nCONSOLE = rich.console.Console(record=True, file=open('/dev/null', 'w'))\n\n\ndef ask():\n    CONSOLE.print(work.is_loud())\n    return CONSOLE.export_text(clear=False)[:4]\n"
looked_into.service("what-rich-records", {WORK: LOUD, BASE: RECORD, MAIN: loop("import base", "base.ask()")}, QUIET, requires=("rich",))
LOGS = "import io\nimport logging\n\nimport work\n\nOUT = io.StringIO()\nHANDLER = logging.StreamHandler(OUT)\nLOG = logging.getLogger('base')\nLOG.propagate = False\nLOG.handlers.append(logging.NullHandler())\n\n\ndef ask():\n    if work.is_loud():\n        LOG.handlers.append(HANDLER)\n    OUT.seek(0)\n    OUT.truncate()\n    LOG.warning('m')\n    return bool(OUT.getvalue())\n"
looked("handlers-of-a-logger", LOGS)
looked("members-of-an-enumeration", "import enum\n\nimport work\n\n\nclass Kind(enum.Enum):\n    A = 'a'\n    B = 'b'\n\n    @classmethod\n    def _missing_(cls, value):\n        member = cls.A if work.is_loud() else cls.B\n        cls._value2member_map_[value] = member\n        return member\n\n\ndef ask():\n    return Kind('z').name\n")
looked("the-class-of-an-object", "import work\n\n\nclass Soft:\n    def say(self):\n        return 'soft'\n\n    def ask(self):\n        if work.is_loud():\n            self.__class__ = Loud\n        return self.say()\n\n\nclass Loud(Soft):\n    def say(self):\n        return 'loud'\n", "item.ask()", "item = base.Soft()")
looked("the-text-of-an-exception", "import work\n\n\nclass Fault(Exception):\n    def ask(self):\n        if work.is_loud():\n            self.args = ('loud',)\n        return str(self)\n", "item.ask()", "item = base.Fault('soft')")
looked("the-file-of-an-exception", "import work\n\n\nclass Fault(OSError):\n    def ask(self):\n        if work.is_loud():\n            self.filename = 'loud'\n        return str(self)\n", "item.ask()", "item = base.Fault(2, 'soft')")
WORD, TO_V2, TO_V3 = "def word():\n    return 'v1'\n", sub(WORK, "'v1'", "'v2'"), sub(WORK, "'v2'", "'v3'")
PRINTS = "import contextlib\nimport io\nimport sys\n\nimport work\n\nOUT, REAL = io.StringIO(), sys.stdout\n\n\ndef ask():\n{0}    return OUT.getvalue()[:2]\n"
looked_into.service("printed-where-it-is-redirected-to", {WORK: WORD, BASE: PRINTS.format("    with contextlib.redirect_stdout(OUT):\n        print(work.word())\n"), MAIN: loop("import base", "base.ask()")}, TO_V2, TO_V3)
looked_into.service("printed-where-something-else-stands", {WORK: WORD, BASE: PRINTS.format("    sys.stdout = OUT\n    print(work.word())\n    sys.stdout = REAL\n"), MAIN: loop("import base", "base.ask()")}, TO_V2, TO_V3)

READS_BACK = "import work\n\n\nclass Keeper:\n    def __init__(self):\n        self.file = open('words.log', 'w+')\n\n    def ask(self):\n        self.file.seek(0, 2)\n        self.file.write(work.word() + '\\n')\n        self.file.seek(0)\n        return self.file.readline().strip()\n"
looked_into.service("read-back-from-a-file-made-empty", {WORK: WORD, BASE: READS_BACK, MAIN: loop("import base", "keeper.ask()", "keeper = base.Keeper()")}, TO_V2, TO_V3)

# -- what a `match` statement asks -----------------------------------------------------------------------------------------
matched = Group("matched")


def matching(name: str, works: str, pattern: str, *changes: tuple[str, str], subject: str = "3") -> None:
    """Once it has matched, that is remembered."""
    base = f"import work\n\nSEEN = set()\nTHING = work.Thing() if hasattr(work, 'Thing') else None\n\n\ndef ask():\n    match {subject}:\n        case {pattern}:\n            SEEN.add('matched')\n    return sorted(SEEN)\n"
    matched.service(name, {WORK: works, BASE: base, MAIN: loop("import base", "base.ask()")}, *(sub(WORK, *change) for change in changes))


matching("a-value", "MOST = 3\n", "work.MOST", ("3", "4"), ("4", "5"))
matching("a-value-of-an-enumeration", "import enum\n\n\nclass Kind(enum.IntEnum):\n    STOP = 3\n", "work.Kind.STOP", ("3", "4"), ("4", "5"))
matching("a-key", "MOST = 3\n", "{'a': work.MOST}", ("3", "4"), ("4", "5"), subject="{'a': 3}")
matching("an-attribute", "class Thing:\n    @property\n    def kind(self):\n        return 'a'\n", "work.Thing(kind='a')", ("'a'", "'b'"), ("'b'", "'c'"), subject="THING")
matching("a-guard", "def most():\n    return 3\n", "x if x == work.most()", ("3", "4"), ("4", "5"))

# -- what is caught ----------------------------------------------------------------------------------------------------------
caught = Group("what-is-caught")


def catching(name: str, then: str, works: str = "KIND = KeyError\n", kind: str = "work.KIND") -> None:
    """What has been caught once is remembered."""
    base = f"import work\n\nSEEN = set()\n\n\ndef ask():\n    try:\n        raise KeyError('x')\n    except {kind}:\n        {then}\n    except Exception:\n        pass\n    return sorted(SEEN)\n"
    caught.service(name, {WORK: works, BASE: base, MAIN: loop("import base", "base.ask()")}, sub(WORK, "KeyError", "ValueError"), sub(WORK, "ValueError", "TypeError"))


catching("a-kind", "SEEN.add('caught')")
catching("a-kind-of-several", "SEEN.add('caught')", "KINDS = (KeyError, OSError)\n", "work.KINDS")
catching("a-kind-that-is-asked-for", "SEEN.add('caught')", "def kinds():\n    return KeyError\n", "work.kinds()")
catching("and-left", "return SEEN.add('caught') or sorted(SEEN)")
catching("by-the-one-below", "pass\n    except LookupError:\n        SEEN.add('caught')", "KIND = ArithmeticError, KeyError\n")

# -- which object is changed -------------------------------------------------------------------------------------------------
picked = Group("which-object-is-changed")
PICKS = "def index():\n    return 1\n\n\ndef rank(item):\n    return item.number == index()\n"


def picking(name: str, then: str) -> None:
    """One of three objects is marked, and what changed says which."""
    base = f"import heapq\nimport work\n\n\nclass Item:\n    marked = False\n\n    def __init__(self, number):\n        self.number = number\n        self.marks = []\n\n    def mark(self):\n        self.marked = True\n\n\nITEMS = [Item(0), Item(1), Item(2)]\n\n\ndef ask():\n    {then}\n    return [item.marked or bool(item.marks) for item in ITEMS]\n"
    picked.service(name, {WORK: PICKS, BASE: base, MAIN: loop("import base", "base.ask()")}, sub(WORK, "return 1", "return 2"), sub(WORK, "return 2", "return 0"))


picking("by-its-index", "ITEMS[work.index()].marked = True")
picking("by-its-index-by-a-method", "ITEMS[work.index()].mark()")
picking("by-its-index-and-filled", "ITEMS[work.index()].marks.append(1)")
picking("by-its-key", "{item.number: item for item in ITEMS}.get(work.index()).mark()")
picking("by-the-largest", "max(ITEMS, key=work.rank).mark()")
picking("by-the-largest-few", "heapq.nlargest(1, ITEMS, key=work.rank)[0].marked = True")
picking("by-their-order", "sorted(ITEMS, key=work.rank)[-1].marked = True")
picking("by-their-order-unpacked", "one, two, *others = sorted(ITEMS, key=work.rank)\n    others[0].marked = True")
picking("by-the-first-that-fits", "next(item for item in ITEMS if work.rank(item)).marked = True")
picking("up-to-one", "for item in ITEMS:\n        item.mark()\n        if work.rank(item):\n            break")
picking("up-to-one-without-end", "rest = list(ITEMS)\n    while True:\n        item = rest.pop(0)\n        item.mark()\n        if work.rank(item):\n            break")

# -- the first of what grows -----------------------------------------------------------------------------------------------
first = Group("the-first-of-what-grows")


def grown(name: str, then: str, parameter: str = "one") -> None:
    """Of all words that have come, the first few are shown."""
    base = f"import work\n\nWORDS = []\n\n\ndef head({parameter}, *others):\n    return {parameter}\n\n\ndef ask():\n    WORDS.append(work.word())\n    {then}\n"
    first.service(name, {WORK: WORD, BASE: base, MAIN: loop("import base", "base.ask()")}, TO_V2, TO_V3)


grown("unpacked", "one, *others = WORDS\n    return one")
grown("beside-something-shorter", "return dict(zip('a', WORDS))")
grown("as-an-argument", "return head(*WORDS)")
grown("all-but-it-replaced", "WORDS[1:] = []\n    return WORDS")
grown("all-but-it-removed", "del WORDS[1:]\n    return WORDS")
grown("by-match", "match WORDS:\n        case [one, *_]:\n            return one")

for name, query in {
    "in-a-database": "select word from words limit 1",
    "in-a-database-the-least": "select min(word) from words",
    "in-a-database-each-once": "select count(distinct word) from words",
    "in-a-database-whether-any": "select exists(select 1 from words where word = 'v1')",
}.items():
    KEEPER = f'import sqlite3\n\nimport work\n\n\nclass Keeper:\n    def __init__(self):\n        self.words = sqlite3.connect(":memory:")\n        self.words.execute("create table words (word)")\n\n    def ask(self):\n        self.words.execute("insert into words values (?)", (work.word(),))\n        return self.words.execute("{query}").fetchone()[0]\n'
    first.service(name, {WORK: WORD, BASE: KEEPER, MAIN: loop("import base", "keeper.ask()", "keeper = base.Keeper()")}, TO_V2, TO_V3)

# -- which warnings were given -------------------------------------------------------------------------------------------
warned = Group("warned-once")
SHOWS = "import warnings\n\nimport work\n\nLINES = []\n\n\ndef show(message, *_, **__):\n    LINES.append(str(message))\n\n\nwarnings.showwarning = show\n\n\ndef ask():\n    warnings.warn(work.word())\n    return LINES\n"
LOGS = "import logging\nimport warnings\n\nimport work\n\nLINES = []\n\n\nclass Keep(logging.Handler):\n    def emit(self, record):\n        LINES.append(record.getMessage().split(': ')[1].split()[0])\n\n\nlogging.captureWarnings(True)\nlogging.getLogger('py.warnings').addHandler(Keep())\n\n\ndef ask():\n    warnings.warn(work.word())\n    return LINES\n"
COUNTS = "import warnings\n\nimport work\n\n\ndef ask():\n    with warnings.catch_warnings(record=True) as seen:\n        warnings.warn(work.word())\n    return len(seen)\n"
for name, text in {"shown": SHOWS, "logged": LOGS, "recorded": COUNTS}.items():
    warned.service(name, {WORK: WORD, BASE: text, MAIN: loop("import base", "base.ask()")}, TO_V2, TO_V3)
warned.service("by-a-function-of-that-name", {WORK: WORD, BASE: SHOWS.replace("def ask", "def warn"), MAIN: loop("import base", "base.warn()")}, TO_V2, TO_V3)
# Nobody hears of it but whoever reads the screen.
warned.service("printed", {WORK: WORD, BASE: "import warnings\n\nimport work\n\n\ndef ask():\n    warnings.warn(work.word())\n    return work.word()\n", MAIN: loop("import base", "base.ask()")}, TO_V2, TO_V3)

CASES = [*answers.cases, *looked_into.cases, *matched.cases, *caught.cases, *picked.cases, *first.cases, *warned.cases]
