"""What is done every so often, what comes with an edit, and several names in one statement. Of each the plain programs come
first, whose edits need no restart; in the others something stays behind."""

from hrsup.bench.cases.unforeseen import BASE, CONFIG, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, edit, put, sub

WORD = "def word():\n    return 'v1'\n"
OTHER = sub(WORK, "'v1'", "'v2'")

# -- every so many rounds -----------------------------------------------------------------------------------------------
often = Group("every-so-often")


def every(name: str, state: str, before: str, first: str, imports: str = "import work") -> None:
    """What is done in some rounds of the loop."""
    often.service(name, {WORK: WORD, MAIN: loop(imports, state, before, first)}, OTHER, sub(WORK, "'v2'", "'v3'"))


COUNTED = "n += 1\nif n % 5 == 0:\n    print(work.word(), file=sys.stderr)"
every("told-on-standard-error", "work.word()", "n = 0", COUNTED, "import sys\n\nimport work")
every("told-unless", "work.word()", "n = 0", COUNTED.replace("if n % 5 == 0:\n    print", "if not n % 5:\n    print"), "import sys\n\nimport work")
every("added-to-what-grows", "work.word()", "n = 0\nrows = []", "n += 1\nif n % 5 == 0:\n    rows.append(work.word())")
FIRST = "n += 1\nif n == 1:\n    rows.append(work.word())"
every("in-the-first-alone", "rows[:1]", "n = 0\nrows = []", FIRST)
every("in-the-first-alone-shown-whole", "str(rows)", "n = 0\nrows = []", FIRST)
every("by-a-counter-that-stops", "str(rows)", "n = 0\nrows = []", "n += 1\nif n > 1:\n    n = 7\nif n % 5 == 1:\n    rows.append(work.word())")
every("by-a-counter-that-the-program-moves", "str(rows)", "n = 0\nrows = []\n\ndef hold():\n    nonlocal n\n    n = 1 if rows else n\n", "n += 1\nif n % 5 == 1:\n    rows.append(work.word())\nhold()")
every("by-a-counter-that-is-seldom-moved", "str(rows)", "n = 0\nrows = []", "if not rows:\n    n += 1\nif n % 5 == 1 and not rows:\n    rows.append(work.word())")
every("by-a-counter-that-may-stand-still", "str(rows)", "n = 0\nrows = []", "if not rows:\n    n += 1\n    if n % 5 == 1:\n        rows.append(work.word())")
every("modulo-what-changes", "str(rows)", "n = 0\nm = 1\nrows = []", "n += 1\nif n % m == 0:\n    rows.append(work.word())\nm = 10 ** 9")

# -- what comes with an edit --------------------------------------------------------------------------------------------
comes = Group("comes-with-it")
STEP = "import base\n\n\ndef step(rows):\n    return [row + 1 for row in rows]\n"
KEEP = "SEEN = set()\nFIRST = []\n\n\ndef note(word):\n    SEEN.add(word)\n\n\ndef first(word):\n    if not FIRST:\n        FIRST.append(word)\n    return FIRST[0]\n\n\ndef name():\n    return 'base'\n"


def arrives(name: str, *new: str, state: str = "work.step([1, 2]), base.first('main'), sorted(base.SEEN)") -> None:
    """`new` is the text of work.py, edit by edit; the loop notes a word in base.py, and shows the first."""
    edits = [put(WORK, text) for text in new]
    comes.service(name, {WORK: STEP, BASE: KEEP, MAIN: loop("import base\nimport work", state, "pass", "base.note('main')")}, *edits)


arrives("a-function", "import base\n\n\ndef up(row, by=1):\n    return row + 2 * by\n\n\ndef step(rows):\n    return [up(row) for row in rows]\n", "import base\n\n\ndef up(row, by=3):\n    return row + by\n\n\ndef step(rows):\n    return [up(row) for row in rows]\n")
arrives("a-function-and-one-that-it-calls", "import base\n\n\ndef by():\n    return 2\n\n\ndef up(row):\n    return row + by()\n\n\ndef step(rows):\n    return [up(row) for row in rows]\n")
arrives("a-class", "import base\n\n\nclass Up:\n    def __init__(self, by):\n        self.by = by\n\n    def of(self, row):\n        return row + self.by\n\n\ndef step(rows):\n    return [Up(3).of(row) for row in rows]\n")
arrives("an-exception", "import base\n\n\nclass TooMany(ValueError):\n    pass\n\n\ndef step(rows):\n    if len(rows) > 9:\n        raise TooMany(rows)\n    return [row + 2 for row in rows]\n")
arrives("a-function-that-would-be-first", "import base\n\n\ndef up(row):\n    base.first('up')\n    return row\n\n\ndef step(rows):\n    return [up(row) for row in rows]\n")
arrives("one-that-it-calls-would-be-first", "import base\n\n\ndef tell(word):\n    base.first(word)\n\n\ndef up(row):\n    tell('up')\n    return row\n\n\ndef step(rows):\n    return [up(row) for row in rows]\n")
arrives("a-method-that-would-be-first", "import base\n\n\nclass Up:\n    def __init__(self):\n        base.first('up')\n\n\ndef step(rows):\n    return [str(type(Up())) and row for row in rows]\n")
arrives("of-a-name-that-there-is", "import base\n\n\ndef name():\n    return base.first('up')\n\n\ndef step(rows):\n    return [name() for row in rows]\n", state="work.step([1, 2]), base.name(), base.first('main')")
arrives("as-what-is-handed-on", "import base\n\n\ndef up(row):\n    base.first('up')\n    return row\n\n\ndef step(rows):\n    return list(map(up, rows))\n")
arrives("by-a-factory", "from dataclasses import dataclass, field\n\nimport base\n\n\ndef made():\n    return base.first('up')\n\n\n@dataclass\nclass Up:\n    word: str = field(default_factory=made)\n\n\ndef step(rows):\n    return [Up().word for row in rows]\n")
arrives("in-an-operator", "import base\n\n\nclass Up:\n    def __add__(self, other):\n        return base.first('up')\n\n\ndef step(rows):\n    return [Up() + row for row in rows]\n")
comes.service("in-a-module-of-its-own", {WORK: STEP, BASE: KEEP, MAIN: loop("import base\nimport work", "work.step([1, 2]), base.first('main'), base.name()", "pass", "base.note('main')")}, edit(sub(WORK, STEP, "import names\n\n\ndef step(rows):\n    return [names.name() for row in rows]\n"), put("names.py", "import base\n\n\ndef name():\n    return base.first('up')\n")))

# -- several names in one statement --------------------------------------------------------------------------------------
several = Group("several-names")
LIMITS = "LOW, HIGH = 0, 9\nWIDTH = HIGH - LOW\n"
SHOWN = loop("import base\nimport config", "(config.LOW, config.HIGH, config.WIDTH, base.inside(8))")
INSIDE = "from config import HIGH, LOW\n\n\ndef inside(value):\n    return LOW <= value < HIGH\n"
several.service("plain", {CONFIG: LIMITS, BASE: INSIDE, MAIN: SHOWN}, sub(CONFIG, "0, 9", "0, 8"), sub(CONFIG, "LOW, HIGH = 0, 8", "LOW, HIGH = SPAN = (1, 7)"), sub(CONFIG, "LOW, HIGH = SPAN = (1, 7)", "LOW = 2\nHIGH = 6"), sub(CONFIG, "LOW = 2\nHIGH = 6", "[LOW, HIGH] = 3, 12"))
several.service("too-few-values", {CONFIG: LIMITS, BASE: INSIDE, MAIN: SHOWN}, sub(CONFIG, "0, 9", "0,"), sub(CONFIG, "0,", "0, 8"))
several.service("one-is-counted-up", {CONFIG: "LOW, HIGH = 0, 9\nWIDTH = 1\n\n\ndef tick():\n    global HIGH\n    HIGH = 9\n", BASE: "import config\n\n\ndef inside(value):\n    config.tick()\n    return value < config.HIGH\n", MAIN: SHOWN}, sub(CONFIG, "0, 9", "1, 9"))
several.service("built-of-what-is-filled", {CONFIG: "ROWS, MORE = [], [1]\nLOW = HIGH = WIDTH = 0\n", BASE: "import config\n\n\ndef inside(value):\n    if not config.ROWS:\n        config.ROWS.append(config.MORE[0])\n    return config.ROWS\n", MAIN: SHOWN}, sub(CONFIG, "[], [1]", "[], [2]"))
several.service("an-attribute-among-them", {CONFIG: "class Box:\n    pass\n\n\nBOX = Box()\nLOW, BOX.high = 0, 9\nHIGH = WIDTH = BOX.high\n", BASE: INSIDE, MAIN: SHOWN}, sub(CONFIG, "0, 9", "1, 8"))

# -- after the script has changed ------------------------------------------------------------------------------------------
again = Group("after-an-edit-of-the-script")
NET = "import numpy as np\n\n\nclass Net:\n    def __init__(self):\n        self.w = np.arange(6, dtype=float).reshape(3, 2)\n\n    def forward(self, x):\n        h = x @ self.w\n        return np.maximum(h, 0)\n"
PREPARE = "import numpy as np\n\n\ndef prepare(batch):\n    return np.asarray(batch, dtype=float) - 2\n"
SCRIPT = "import time\n\nfrom net import Net\nfrom prepare import prepare\n\n\nclass Service:\n    def __init__(self):\n        self.net = Net()\n        self.served = 0\n\n    def infer(self, batch):\n        found = self.net.forward(prepare(batch))\n        self.served += len(batch)\n        return found.tolist()\n\n\ndef main():\n    service = Service()\n    shown = 0\n    while True:\n        shown += 1\n        print(f'{shown}\\t{service.infer([[1, 2, 3], [4, 5, 6]])}', flush=True)\n        time.sleep(0.005)\n\n\nmain()\n"
again.service("a-model", {"net.py": NET, "prepare.py": PREPARE, MAIN: SCRIPT}, sub(MAIN, "+= len(batch)", "+= 1"), sub("prepare.py", "    return np.asarray(batch, dtype=float) - 2\n", "    return scaled(np.asarray(batch, dtype=float))\n\n\ndef scaled(rows, by=1.5):\n    return rows * by\n"), sub("net.py", "np.maximum(h, 0)", "np.maximum(h, 1)"))
again.service("made-before-the-loop", {"net.py": NET, "prepare.py": PREPARE, MAIN: SCRIPT}, sub(MAIN, "+= len(batch)", "+= 1"), sub("net.py", "dtype=float", "dtype=int"))

# -- wrappers that count ---------------------------------------------------------------------------------------------------
wrappers = Group("wrappers-that-count")
DECORATE = "import functools\nimport time\n\nSTATS = {{}}\n\n\ndef wrapped(function):\n    @functools.wraps(function)\n    def wrapper(*args):\n        {0}\n\n    wrapper.calls = 0\n    return wrapper\n\n\n"
USES = "from base import wrapped\n\n\n@wrapped\ndef step(text):\n    if not text:\n        raise ValueError(text)\n    return word() + text\n\n\ndef word():\n    return 'v1'\n"
TRIES = "def tried(text):\n    try:\n        return work.step(text)\n    except ValueError:\n        return None\n"


def wraps(name: str, body: str, state: str = "tried('a'), tried('')") -> None:
    """`body` is the wrapper's; what it wraps may raise, and that is caught."""
    base = DECORATE.format(body.replace("\n", "\n        "))
    edits = (OTHER, sub(WORK, "word() + text", "text + word()"), sub(WORK, "'v2'", "'v3'"))
    wrappers.service(name, {WORK: USES, BASE: base, "main.py": loop(f"import base\nimport work\n\n\n{TRIES}", state)}, *edits)


wraps("calls", "wrapper.calls += 1\nreturn function(*args)")
wraps("the-time-that-it-took", "start = time.perf_counter()\nresult = function(*args)\nwrapper.seconds = time.perf_counter() - start\nreturn result")
wraps("calls-that-are-shown", "wrapper.calls = min(wrapper.calls + 1, 1)\nreturn function(*args) + str(wrapper.calls)")
wraps("the-first-result", "if not wrapper.calls:\n    wrapper.calls = function(*args)\nreturn wrapper.calls", "tried('a')")
wraps("the-first-result-elsewhere", "STATS.setdefault('a', function(*args))\nreturn STATS['a']", "tried('a')")
wraps("what-did-not-fail", "result = function(*args)\nwrapper.calls = result\nreturn result", "tried('a'), tried(''), work.step.calls")
wraps("who-did-not-fail", "result = function(*args)\nif 'v1' in result:\n    wrapper.calls = 1\nreturn result", "tried('a'), work.step.calls")

CASES = [*wrappers.cases, *again.cases, *often.cases, *comes.cases, *several.cases]
