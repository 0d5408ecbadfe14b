"""Line numbers of the program's own code: an edit moves what stands below it, and the program has noted where that was."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, put, sub

MAKES = "import inspect\nimport logging\nimport sys\nimport traceback\nimport warnings\n\n"
FAILS = f"{MAKES}\ndef fail():\n    raise ValueError('too high')\n\n\ndef tell():\n    logging.warning('too high')\n\n\ndef warn():\n    warnings.warn('too high')\n\n\ndef here():\n    return sys._getframe().f_lineno\n"
FURTHER = put(WORK, FAILS.replace("def fail", "LIMIT = 10\n\n\ndef fail", 1))
HEAD = "import io\nimport logging\nimport traceback\nimport warnings\nfrom operator import attrgetter\n\nimport work\n\nLINES = []\n\n\n"


def notes(group: Group, name: str, done: str, shown: str = "LINES[0]", made: str = "") -> None:
    """`done` is what a round does, as lines; `shown` what it shows, of what `made` has made."""
    lines = "".join(f"    {line}\n" for line in done.splitlines())
    made += "\n\n\n" if made else ""
    base = f"{HEAD}{made}def step():\n{lines}    return {shown}\n"
    group.service(name, {WORK: FAILS, BASE: base, MAIN: loop("import base", "base.step()")}, FURTHER)


def once(value: str) -> str:
    """The first value is noted."""
    return f"if not LINES:\n    LINES.append({value})"


def failing(value: str) -> str:
    """The first value that an exception has is noted."""
    return f"try:\n    work.fail()\nexcept ValueError as error:\n    if not LINES:\n        LINES.append({value})"


noted = Group("lines-noted")
HANDLER = "class Keeping(logging.Handler):\n    def emit(self, record):\n        LINES.append({})\n\n\nlogging.getLogger().addHandler(Keeping())"
for title, done, shown, made in (
    ("of-a-code", once("work.fail.__code__.co_firstlineno"), "LINES[0]", ""),
    ("of-a-code-by-its-name", once("attrgetter('__code__.co_' + 'firstlineno')(work.fail)"), "LINES[0]", ""),
    ("of-a-frame", once("work.here()"), "LINES[0]", ""),
    ("of-a-traceback", failing("error.__traceback__.tb_next.tb_lineno"), "LINES[0]", ""),
    ("of-a-traceback-that-is-extracted", failing("traceback.extract_tb(error.__traceback__)[-1].lineno"), "LINES[0]", ""),
    ("in-the-text-of-a-traceback", failing("traceback.format_exc()[-52:]"), "LINES[0]", ""),
    ("of-an-exception-that-is-kept", failing("error"), "traceback.extract_tb(LINES[0].__traceback__)[-1].lineno", ""),
    ("of-a-record", "work.tell()", "LINES[0]", HANDLER.format("record.lineno")),
    ("of-a-record-that-is-kept", "work.tell()", "LINES[0].lineno", HANDLER.format("record")),
    ("in-a-log-that-is-read", "work.tell()", "STREAM.getvalue()[:3]", "STREAM = io.StringIO()\nlogging.basicConfig(stream=STREAM, format='%(lineno)03d')"),
    ("in-a-traceback-that-is-read", "try:\n    work.fail()\nexcept ValueError:\n    traceback.print_exc(file=STREAM)", "STREAM.getvalue()[:200]", "STREAM = io.StringIO()"),
    ("of-a-warning", "work.warn()", "LINES[0]", "warnings.showwarning = lambda message, kind, file, line, *more: LINES.append(line)\nwarnings.simplefilter('always')"),
    ("of-warnings-that-were-given", "work.warn()", "[key[2] for key in work.__warningregistry__ if key != 'version']", ""),
):
    notes(noted, title, done, shown, made)
noted.service("at-import", {WORK: FAILS, BASE: "import work\n\nLINE = work.fail.__code__.co_firstlineno\n", MAIN: loop("import base", "base.LINE")}, FURTHER)
noted.service("before-the-loop", {WORK: FAILS, MAIN: loop("import work", "line", "line = work.here()")}, FURTHER)

# -- and what is of no account, or still done in place -----------------------------------------------------------------
free = Group("lines-and-free")
notes(free, "shown-as-they-are", "found = work.here()", "found")
notes(free, "printed", "try:\n    work.fail()\nexcept ValueError:\n    traceback.print_exc()\nLINES.append(1)", "LINES[0]")
notes(free, "logged", "try:\n    work.fail()\nexcept ValueError:\n    logging.exception('failed')\nLINES.append(1)", "LINES[0]")
notes(free, "said-and-not-kept", "try:\n    work.fail()\nexcept ValueError as error:\n    found = traceback.extract_tb(error.__traceback__)[-1].lineno", "found")
free.service("none-has-moved", {WORK: FAILS, BASE: f"{HEAD}def step():\n    try:\n        work.fail()\n    except ValueError:\n        if not LINES:\n            LINES.append(traceback.format_exc()[-52:])\n    return LINES[0]\n", MAIN: loop("import base", "base.step()")}, sub(WORK, "logging.warning('too high", "logging.warning('too low"))

CASES = [*noted.cases, *free.cases]
