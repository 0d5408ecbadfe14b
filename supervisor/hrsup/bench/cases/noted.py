"""Functions of which only what they log or print changes: whatever they have given back stays right. And such that only
look so: somebody takes in what is logged, or something happens for it."""

from hrsup.bench.cases.programs import shown_by_main
from hrsup.bench.vocabulary import Group, sub

group = Group("noted")

WORK = """
import logging

log = logging.getLogger(__name__)
KEPT = []


def price(n):
    total = n * 2
    log.debug("price %s", n)
    return total


def first(n):
    if not KEPT:
        KEPT.append(price(n))
    return KEPT[0]
"""
TEXT = sub("work.py", '"price %s"', '"the price %s"')
MORE = sub("work.py", 'log.debug("price %s", n)', 'log.debug("price %s of %s", total, n)\n    log.info("done")')
FEWER = sub("work.py", '    log.debug("price %s", n)\n', "")


def case(name: str, *edits: object, shown: str = "work.first(3)", before: str = "", inside: str = "", work: str = WORK, **more: str) -> None:
    """What a function gave on the first round is kept, and shown."""
    files = shown_by_main(shown, before, inside, "import logging", work=work, **more)
    group.service(name, files, *(edits or (TEXT,)))  # type: ignore[arg-type]


case("another-text")
case("more-of-it", MORE)
case("less-of-it", FEWER)
case("printed", sub("work.py", "'price', n", "'the price', n"), work=WORK.replace('log.debug("price %s", n)', "print('price', n)"), shown="work.first(3)")
case("by-the-module-itself", work=WORK.replace("log.debug", "logging.debug"))
case("before-the-loop", shown="found", before="    found = work.price(3)\n")
case("in-a-method", sub("work.py", "one more", "another"), work=WORK.replace("KEPT = []", "KEPT = []\n\n\nclass Till:\n    def __init__(self):\n        self.sum = None\n\n    def add(self, n):\n        log.info('one more')\n        self.sum = self.sum or price(n)\n        return self.sum\n\n\ntill = Till()"), shown="work.till.add(4)")

# -- what only looks so ------------------------------------------------------------------------------------------------

HANDLER = "class Keeping(logging.Handler):\n    rows = []\n\n    def emit(self, record):\n        self.rows.append(record.getMessage())\n\n\nlogging.basicConfig(level=0, handlers=[Keeping()])\n\n\ndef price"
case("a-handler-keeps-it", work=WORK.replace("def price", HANDLER, 1), shown="work.Keeping.rows[0]", inside="        work.first(3)")
case("a-filter-keeps-it", work=WORK.replace("def price", "logging.basicConfig(level=0)\nSEEN = []\nlog.addFilter(lambda record: SEEN.append(record.getMessage()))\n\n\ndef price", 1), shown="work.SEEN[0]", inside="        work.first(3)")
case("a-stream-keeps-it", work=WORK.replace("def price", "import io\n\nSTREAM = io.StringIO()\nlogging.basicConfig(level=0, stream=STREAM)\n\n\ndef price", 1), shown="work.STREAM.getvalue()[:30]", inside="        work.first(3)")
case("a-class-of-ones-own", work=WORK.replace("logging.getLogger(__name__)", "Log()").replace("log =", "class Log:\n    def debug(self, text, n):\n        KEPT.append(text)\n\n\nlog =", 1).replace("KEPT.append(price(n))", "price(n)"))
case("a-logger-in-a-local", work=WORK.replace("def price(n):\n", "class Log:\n    def debug(self, text, n):\n        KEPT.append(text)\n\n\ndef price(n):\n    log = Log()\n").replace("KEPT.append(price(n))", "price(n)"))
case("it-is-printed-into-a-text", sub("work.py", "'price', n", "'the price', n"), work=WORK.replace('log.debug("price %s", n)', "with redirect_stdout(TEXT):\n        print('price', n)").replace("import logging", "import io\nimport logging\nfrom contextlib import redirect_stdout\n\nTEXT = io.StringIO()", 1), shown="work.TEXT.getvalue()[:9]", inside="        work.first(3)")
case("called-for-it", sub("work.py", "%s\", count()", "%s\", 0"), work=WORK.replace('"price %s", n', '"price %s", count()').replace("def price", "NUMBERS = []\n\n\ndef count():\n    NUMBERS.append(1)\n    return len(NUMBERS)\n\n\ndef price", 1), shown="work.first(3), len(work.NUMBERS) > 1")
case("looked-at-for-it", sub("work.py", '"price %s", n', '"price %s", one.number'), work=WORK.replace("def price", "class One:\n    seen = 0\n\n    @property\n    def number(self):\n        self.seen = 1\n        return 1\n\n\none = One()\n\n\ndef price", 1), shown="work.price(3), work.one.seen")
case("shown-for-it", sub("work.py", '"price"', 'f"{one}"'), work=WORK.replace('"price %s", n', '"price"').replace("    total =", "    one = ONE\n    total =").replace("def price", "class One:\n    seen = 0\n\n    def __str__(self):\n        self.seen = 1\n        return ''\n\n\nONE = One()\n\n\ndef price", 1), shown="work.price(3), work.ONE.seen")
FAILING = WORK.replace("    return total\n", "    return total\n\n\ndef safe(n):\n    try:\n        return price(n)\n    except Exception as error:\n        return type(error).__name__\n", 1).replace("KEPT.append(price(n))", "KEPT.append(safe(n))")
case("what-is-not-there-yet", sub("work.py", '    total = n * 2\n    log.debug("price %s", n)', '    log.debug("price %s", total)\n    total = n * 2'), work=FAILING)
case("what-is-nowhere", sub("work.py", '"price %s", n', '"price %s", number'), work=FAILING)
case("what-was-nowhere", sub("work.py", '"price %s", number', '"price %s", n'), work=FAILING.replace('"price %s", n', '"price %s", number'))
case("what-is-no-number", sub("work.py", '"price"', 'f"{n:x>z}"'), work=FAILING.replace('"price %s", n', '"price"'))
case("on-one-way-alone", sub("work.py", '    log.debug("price %s", n)', '    if n > 5:\n        rest = 1\n    log.debug("price %s", rest)'), work=FAILING)
case("something-else-too", sub("work.py", 'n * 2\n    log.debug("price', 'n * 3\n    log.debug("the price'))
case("and-ends-there", sub("work.py", 'log.debug("price %s", n)', 'log.debug("price")\n    return 5'))
case("the-loop-itself", sub("main.py", "'round'", "'the round'"), inside="        logging.debug('round')")
case("a-thread-that-goes-on", sub("work.py", "'v1'", "'v2'"), work=WORK + "\n\nSHOWN = [0]\n\n\ndef forever():\n    import sys, time\n    while True:\n        print('v1', file=sys.stderr)\n        SHOWN[0] += 1\n        time.sleep(0.01)\n", before="    import threading\n    threading.Thread(target=work.forever, daemon=True).start()\n", shown="work.first(3)")
case("a-logger-of-ones-own-class", work=WORK.replace("log =", "class Log(logging.Logger):\n    def debug(self, text, *args):\n        KEPT.append(text)\n\n\nlogging.setLoggerClass(Log)\nlog =", 1).replace("KEPT.append(price(n))", "price(n)"))
case("a-method-that-is-replaced", work=WORK.replace("log =", "def keep(self, text, *args):\n    KEPT.append(text)\n\n\nlogging.Logger.debug = keep\nlog =", 1).replace("KEPT.append(price(n))", "price(n)"))
case("a-record-of-ones-own", work=WORK.replace("log =", "def record(*args, **more):\n    KEPT.append(args[4])\n    return logging.LogRecord(*args, **more)\n\n\nlogging.setLogRecordFactory(record)\nlogging.basicConfig(level=0)\nlog =", 1).replace("KEPT.append(price(n))", "price(n)"))
CASES = group.cases
