"""Results of what is looked up at run time, where no name is spelled, and what such a look tells of the definitions."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, add, sub

looked = Group("looked-up")
SAY = "def word():\n    return 'v1'\n"
NAME = "import functools\nimport importlib\nimport inspect\nimport operator\nimport pkgutil\nimport pydoc\nimport sys\n\nimport work\n\nNAME = 'wo' + 'rd'\nKEPT = {}\n\n\n"
ONCE = "def show():\n    if 'x' not in KEPT:\n        KEPT['x'] = {}\n    return KEPT['x']\n"
AGAIN, NEWER = sub(WORK, "v1", "v2"), sub(WORK, "v2", "v3")
CALLS = {
    "by-getattr": "getattr(work, NAME)()",
    "by-vars": "vars(work)[NAME]()",
    "by-dict": "work.__dict__[NAME]()",
    "by-eval": "eval('work.wo' + 'rd()')",
    "by-a-method-caller": "operator.methodcaller(NAME)(work)",
    "by-the-modules": "getattr(sys.modules['work'], NAME)()",
    "by-going-through": "[f() for name, f in vars(work).items() if name[0] == 'w']",
    "by-members": "[f() for name, f in inspect.getmembers(work, callable) if name[0] == 'w']",
    "by-resolve-name": "pkgutil.resolve_name('work:wo' + 'rd')()",
    "by-locate": "pydoc.locate('work.wo' + 'rd')()",
}
CALLS |= {
    "by-an-alias": "fetch(work, NAME)()",
    "by-an-imported-alias": "getter(NAME)(work)()",
    "by-a-partial": "of_work(NAME)()",
    "by-a-map": "[f() for f in map(getattr, [work], [NAME])]",
    "by-getattribute": "object.__getattribute__(work, NAME)()",
    "by-getattr-static": "inspect.getattr_static(work, NAME)()",
    "by-loads": "loads(TEXT)",
    "by-loads-by-another-name": "undone(TEXT)",
    "by-an-unpickler": "Unpickler(BytesIO(TEXT)).load()",
    "by-locate-alone": "locate('work.wo' + 'rd')()",
    "by-a-configurator": "BaseConfigurator({}).resolve('work.wo' + 'rd')()",
    "by-an-entry-point": "EntryPoint('x', 'work:wo' + 'rd', 'y').load()()",
    "by-an-import-in-the-function": "found()(work, NAME)()",
}
MORE = "from importlib.metadata import EntryPoint\nfrom io import BytesIO\nfrom logging.config import BaseConfigurator\nfrom operator import attrgetter as getter\nfrom pickle import Unpickler, loads, loads as undone\nfrom pydoc import locate"
NAME = NAME.replace("KEPT = {}", "TEXT = b'cwork\\nwo' + b'rd\\n(tR.'\n\n\ndef found():\n    from builtins import getattr as fetched\n\n    return fetched\n\n\nKEPT = {}")
NAME = NAME.replace("KEPT = {}", "KEPT = {}\nfetch = getattr\nof_work = functools.partial(getattr, work)").replace("import pkgutil", f"import pkgutil\n{MORE}")
for name, call in CALLS.items():
    looked.service(name, {WORK: SAY, BASE: NAME + ONCE.format(call), MAIN: loop("import base", "base.show()")}, AGAIN, NEWER)
looked.service("into-a-local-of-the-loop", {WORK: SAY, MAIN: loop("import work", "kept", "kept = None", "if kept is None:\n    kept = getattr(work, 'wo' + 'rd')()")}, AGAIN)
looked.service("in-the-scripts-own-loop", {WORK: SAY, MAIN: "import time\n\nimport work\n\nKEPT = {}\nshown = 0\nwhile True:\n    shown += 1\n    KEPT.setdefault(1, vars(work)['wo' + 'rd']())\n    print(f'{shown}\\t{KEPT[1]}', flush=True)\n    time.sleep(0.005)\n"}, AGAIN)
looked.service("in-two-steps", {WORK: SAY, BASE: NAME + "def show():\n    function = getattr(work, NAME)\n    result = function()\n    if not KEPT:\n        KEPT['x'] = result\n    return KEPT['x']\n", MAIN: loop("import base", "base.show()")}, AGAIN)
looked.service("by-a-function-that-goes-through", {WORK: SAY, BASE: NAME + "def found(module):\n    return {name: f() for name, f in vars(module).items() if name[0] == 'w'}\n\n\n" + ONCE.format("found(work)"), MAIN: loop("import base", "base.show()")}, AGAIN)
looked.service("decides", {WORK: "def word():\n    return True\n", BASE: NAME + "SEEN = set()\n\n\ndef show():\n    if getattr(work, NAME)():\n        SEEN.add('yes')\n    else:\n        SEEN.add('no')\n    return sorted(SEEN)\n", MAIN: loop("import base", "base.show()")}, sub(WORK, "True", "False"))
looked.service("a-method-of-its-own", {WORK: "class Shell:\n    def __init__(self):\n        self.kept = {}\n\n    def do_word(self):\n        return 'v1'\n\n    def run(self, name):\n        if name not in self.kept:\n            self.kept[name] = getattr(self, 'do_' + name)()\n        return self.kept[name]\n", MAIN: loop("from work import Shell", "shell.run('word')", "shell = Shell()")}, AGAIN)
looked.service("stored-by-exec", {WORK: SAY, BASE: NAME + "def show():\n    if not KEPT:\n        exec('KEPT[1] = work.word()')\n    return KEPT[1]\n", MAIN: loop("import base", "base.show()")}, AGAIN)
looked.service("stored-by-eval", {WORK: SAY, BASE: NAME + "def show():\n    return eval('KEPT.setdefault(1, work.word())')\n", MAIN: loop("import base", "base.show()")}, AGAIN)
# A method may be looked up in the class, and what is written in memory be read where it was.
looked.service("appended-by-the-class", {WORK: SAY, BASE: "import work\n\n\nclass Rows(list):\n    def put(self, row):\n        list.append(self, row)\n\n\nROWS = []\nMORE = Rows()\n\n\ndef show():\n    list.append(ROWS, work.word())\n    MORE.put(work.word())\n    return ROWS[0], MORE[0]\n", MAIN: loop("import base", "base.show()")}, AGAIN)
looked.service("read-where-it-was-written", {WORK: SAY, BASE: "import io\n\nimport work\n\nBUFFER = io.BytesIO()\nAT = 0\n\n\ndef show():\n    global AT\n    BUFFER.seek(0, 2)\n    BUFFER.write((work.word() * 2).encode())\n    BUFFER.seek(AT)\n    text = BUFFER.read(2).decode()\n    AT += 2\n    return text\n", MAIN: loop("import base", "base.show()")}, AGAIN)
# What the look tells is not what a function gives, but which there are.
DEFINED = "class Shop:\n    rate = 1\n\n    def sell(self):\n        return self.rate\n\n\ndef word():\n    return 'v1'\n"
for name, told in {
    "names-of-a-module": "sorted(name for name in vars(work) if name[0] != '_')",
    "names-of-a-class": "[name for name in dir(work.Shop) if name[0] != '_']",
    "members-of-a-class": "[member() for name, member in inspect.getmembers(work.Shop()) if name in ('sell', 'tell')]",
}.items():
    looked.service(name, {WORK: DEFINED, BASE: NAME + ONCE.format(told), MAIN: loop("import base", "base.show()")}, sub(WORK, "def word", "def tell():\n    return 1\n\n\ndef word"), sub(WORK, "    def sell", "    def tell(self):\n        return 5\n\n    def sell"), add(WORK, "\n\ndef more():\n    return 2\n"))
# Nothing is kept of these.
for name, body in {
    "each-time": "def show():\n    return getattr(work, NAME)()\n",
    "into-a-log": "LOG = []\n\n\ndef show():\n    LOG.append(getattr(work, NAME)())\n    return LOG[-1]\n",
}.items():
    looked.service(name, {WORK: SAY, BASE: NAME + body, MAIN: loop("import base", "base.show()")}, AGAIN, NEWER)

CASES = looked.cases
