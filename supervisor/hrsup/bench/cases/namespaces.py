"""What is called by the name of a module of the program is a function, whatever it is called. The plain programs come
first, whose edits need no restart; in the others the name stands for something else, or the function keeps it."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

WORD = "def word():\n    return 'v1'\n"
LOAD = "load.py"
PLAIN = "def store(x):\n    return [x]\n\n\ndef get(x):\n    return x\n\n\ndef put(x):\n    return (x,)\n"
KEEPS = "KEPT = {}\n\n\ndef store(x):\n    KEPT.setdefault('a', x)\n    return KEPT\n"
STEP = "\n\ndef step():\n    return load.store(work.word())\n"
KEEPER = "class Keeper:\n    def __init__(self):\n        self.kept = {}\n\n    def store(self, x):\n        return self.kept.setdefault('a', x)\n"
KEEP = {"keep.py": KEEPER}
TAKES = "from keep import Keeper\n\n\ndef store(x):\n    return x\n"
group = Group("namespaces")


def named(name: str, files: dict[str, str], state: str = "base.step()", before: str = "pass", imports: str = "import base") -> None:
    """base.step calls by a name what may keep the word."""
    group.service(name, {WORK: WORD, LOAD: PLAIN, MAIN: loop(imports, state, before), **files}, sub(WORK, "'v1'", "'v2'"), sub(WORK, "'v2'", "'v3'"))


named("a-plain-import", {BASE: "import load\nimport work\n" + STEP})
named("of-a-package", {LOAD: "", "app/__init__.py": "", "app/load.py": PLAIN, BASE: "from app import load\nimport work\n" + STEP})
named("of-a-package-by-another-name", {"app/__init__.py": "", "app/tables.py": PLAIN, BASE: "import app.tables as load\nimport work\n" + STEP})
named("relative", {"app/__init__.py": "", "app/load.py": PLAIN, "app/steps.py": "from . import load\nimport work\n" + STEP}, imports="from app import steps as base")
named("put-and-get", {BASE: "import load\nimport work\n\n\ndef step():\n    load.put(work.word())\n    return load.get(work.word())\n"})
named("in-the-loop", {}, "load.store(work.word())", imports="import load\nimport work")
named("under-a-condition", {BASE: "import load\nimport work\n\nDONE = []\n\n\ndef step():\n    if len(DONE) < 3:\n        load.store(work.word())\n        DONE.append(1)\n    return work.word()\n"})
# -- the function keeps it ---------------------------------------------------------------------------------------------
named("it-keeps", {LOAD: KEEPS, BASE: "import load\nimport work\n" + STEP})
named("it-keeps-in-a-global", {LOAD: "KEPT = None\n\n\ndef store(x):\n    global KEPT\n    if KEPT is None:\n        KEPT = x\n    return KEPT\n", BASE: "import load\nimport work\n" + STEP})
named("it-keeps-in-its-default", {LOAD: "def store(x, kept={}):\n    kept.setdefault('a', x)\n    return kept\n", BASE: "import load\nimport work\n" + STEP})
named("it-keeps-in-an-attribute-of-its-own", {LOAD: "def store(x):\n    if not hasattr(store, 'kept'):\n        store.kept = x\n    return store.kept\n", BASE: "import load\nimport work\n" + STEP})
named("it-keeps-by-another", {LOAD: "import keep\n\n\ndef store(x):\n    return keep.save(x)\n", "keep.py": KEEPS.replace("store", "save"), BASE: "import load\nimport work\n" + STEP})
named("it-keeps-in-a-row-that-it-is-given", {LOAD: "def store(row, x):\n    row.setdefault('a', x)\n    return row\n", BASE: "import load\nimport work\n\nROW = {}\n\n\ndef step():\n    return load.store(ROW, work.word())\n"})
named("it-remembers", {LOAD: "import functools\n\n\n@functools.cache\ndef one():\n    return {}\n\n\ndef store(x):\n    return one().setdefault('a', x)\n", BASE: "import load\nimport work\n" + STEP})
named("it-is-decorated", {LOAD: "def once(function):\n    kept = {}\n\n    def call(x):\n        return kept.setdefault('a', x)\n\n    return call\n\n\n@once\ndef store(x):\n    return x\n", BASE: "import load\nimport work\n" + STEP})
named("it-is-a-generator-that-lives", {LOAD: "def store(x):\n    while True:\n        yield x\n", BASE: "import load\nimport work\n\nLIVES = []\n\n\ndef step():\n    if not LIVES:\n        LIVES.append(load.store(work.word()))\n    return next(LIVES[0])\n"})
named("it-gives-a-function-that-has-it", {LOAD: "def store(x):\n    return lambda: x\n", BASE: "import load\nimport work\n\nLIVES = []\n\n\ndef step():\n    if not LIVES:\n        LIVES.append(load.store(work.word()))\n    return LIVES[0]()\n"})
named("it-is-put-once", {LOAD: "ROWS = []\n\n\ndef put(x):\n    ROWS.append(x)\n", BASE: "import load\nimport work\n\n\ndef step():\n    if not load.ROWS:\n        load.put(work.word())\n    return load.ROWS\n"})
# -- the name stands for something else --------------------------------------------------------------------------------
named("an-object-of-the-module", {LOAD: KEEPER + "\n\nload = Keeper()\n\n\ndef store(x):\n    return x\n", BASE: "from load import load\nimport work\n" + STEP})
named("an-object-of-the-package", {LOAD: "", "app/load.py": PLAIN, "app/__init__.py": "from app import load as module\n\n\n" + KEEPER + "\n\nload = Keeper()\n", BASE: "from app import load\nimport work\n" + STEP})
named("an-object-in-its-place", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n\nload = load.Keeper()\n" + STEP})
named("an-object-in-a-function", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n\nONE = load.Keeper()\n\n\ndef step():\n    return use(ONE)\n\n\ndef use(load):\n    return load.store(work.word())\n"})
named("an-object-by-default", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n\n\ndef step(load=load.Keeper()):\n    return load.store(work.word())\n"})
named("an-object-of-the-function-around", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n\n\ndef make():\n    load = base_keeper()\n\n    def step():\n        return load.store(work.word())\n\n    return step\n\n\ndef base_keeper():\n    import load\n\n    return load.Keeper()\n\n\nstep = make()\n"})
named("an-object-by-a-global", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n\n\ndef start():\n    global load\n    load = load.Keeper()\n" + STEP}, before="base.start()")
named("an-object-set-from-outside", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n" + STEP}, before="base.load = base.load.Keeper()")
named("an-object-set-by-its-name", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n" + STEP}, before="setattr(base, 'load', base.load.Keeper())")
named("an-object-in-its-place-in-the-loop", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n" + STEP}, before="base.load = base.load.Keeper() if base.work else 0")
named("an-object-where-it-cannot-be-imported", {**KEEP, LOAD: TAKES, BASE: "import work\n\ntry:\n    import load_fast as load\nexcept ImportError:\n    import load\n\n    load = load.Keeper()\n" + STEP})
named("an-object-for-a-while", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n\nMODULE = load\nONE = load.Keeper()\n\n\ndef step():\n    global load\n    load = ONE\n    try:\n        return load.store(work.word())\n    finally:\n        load = MODULE\n"})
named("an-object-for-a-while-from-outside", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n\nMODULE = load\nONE = load.Keeper()\n" + STEP, "outer.py": "import base\n\n\ndef step():\n    base.load = base.ONE\n    try:\n        return base.step()\n    finally:\n        base.load = base.MODULE\n"}, "outer.step()", imports="import outer")
named("an-instance-in-sys-modules", {LOAD: "import sys\n\n\n" + KEEPER + "\n\ndef store(x):\n    return x\n\n\nsys.modules[__name__] = Keeper()\n", BASE: "import load\nimport work\n" + STEP})
named("a-module-of-another-class", {LOAD: "import sys\nimport types\n\n\nclass Loader(types.ModuleType):\n    kept = {}\n\n    @property\n    def store(self):\n        return lambda x: self.kept.setdefault('a', x)\n\n\nsys.modules[__name__].__class__ = Loader\n", BASE: "import load\nimport work\n" + STEP})
named("found-by-getattr", {LOAD: KEEPER + "\n\nONE = Keeper()\n\n\ndef __getattr__(name):\n    return getattr(ONE, name)\n", BASE: "import load\nimport work\n" + STEP})
named("a-method-under-its-name", {LOAD: KEEPER + "\n\nstore = Keeper().store\n", BASE: "import load\nimport work\n" + STEP})
named("a-method-in-its-place", {**KEEP, LOAD: TAKES + "\n\nif True:\n    store = Keeper().store\n", BASE: "import load\nimport work\n" + STEP})
named("a-method-set-from-outside", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n" + STEP}, before="base.load.store = base.load.Keeper().store")
named("a-method-set-by-its-name", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n" + STEP}, before="setattr(base.load, 'st' + 'ore', base.load.Keeper().store)")
named("a-method-for-a-while", {**KEEP, LOAD: TAKES, BASE: "import load\nimport work\n\nONE = load.Keeper()\nPLAIN = load.store\n\n\ndef step():\n    load.store = ONE.store\n    try:\n        return load.store(work.word())\n    finally:\n        load.store = PLAIN\n"})
named("a-method-for-a-while-by-a-mock", {**KEEP, LOAD: TAKES, BASE: "from unittest import mock\n\nimport load\nimport work\n\nONE = load.Keeper()\n\n\ndef step():\n    with mock.patch('load.store', ONE.store):\n        return load.store(work.word())\n"})
named("a-method-for-a-while-by-a-mock-of-the-object", {**KEEP, LOAD: TAKES, BASE: "from unittest import mock\n\nimport load\nimport work\n\nONE = load.Keeper()\n\n\ndef step():\n    with mock.patch.object(load, 'store', ONE.store):\n        return load.store(work.word())\n"})
named("a-method-by-a-star", {LOAD: "def store(x):\n    return x\n\n\nfrom keep import *\n", "keep.py": KEEPER + "\n\nstore = Keeper().store\n", BASE: "import load\nimport work\n" + STEP})
named("a-builtin-of-a-container", {LOAD: "ROWS = {}\nsetdefault = ROWS.setdefault\n", BASE: "import load\nimport work\n\n\ndef step():\n    return load.setdefault('a', work.word())\n"})
named("its-dictionary", {**KEEP, LOAD: TAKES + "\n\nglobals()['store'] = Keeper().store\n", BASE: "import load\nimport work\n" + STEP})
# -- a container of the language's own, with a method that is called like the function ---------------------------------
DICT = "def setdefault(key, x):\n    return x\n"
BY_NAME = "\n\ndef step():\n    return load.setdefault('a', work.word())\n"
named("a-dictionary-elsewhere-of-that-name", {LOAD: DICT, BASE: "import load\nimport work\n" + BY_NAME, "other.py": "load = {}\n\n\ndef step():\n    return load.setdefault('b', 1)\n"}, "base.step(), other.step()", imports="import base\nimport other")
named("a-dictionary-in-a-function", {LOAD: DICT, BASE: "import load\nimport work\n\nKEPT = {}\n\n\ndef use(load):\n    return load.setdefault('a', work.word())\n\n\ndef step():\n    return use(KEPT)\n"})
named("a-dictionary-in-a-lambda", {LOAD: DICT, BASE: "import load\nimport work\n\nKEPT = {}\n\n\ndef step():\n    return (lambda load: load.setdefault('a', work.word()))(KEPT)\n"})
named("a-dictionary-in-a-comprehension", {LOAD: DICT, BASE: "import load\nimport work\n\nKEPT = {}\n\n\ndef step():\n    return [load.setdefault('a', work.word()) for load in [KEPT]]\n"})
named("a-dictionary-in-a-loop", {LOAD: DICT, BASE: "import load\nimport work\n\nKEPT = {}\n\n\ndef step():\n    for load in [KEPT]:\n        load.setdefault('a', work.word())\n    return KEPT\n"})
named("a-dictionary-by-a-match", {LOAD: DICT, BASE: "import load\nimport work\n\nKEPT = {}\n\n\ndef step():\n    match KEPT:\n        case load:\n            return load.setdefault('a', work.word())\n"})
named("a-dictionary-in-a-class", {LOAD: DICT, BASE: "import load\nimport work\n\nKEPT = {}\n\n\nclass Step:\n    load = KEPT\n    shown = load.setdefault('b', 1)\n\n    def step(self):\n        return self.load.setdefault('a', work.word())\n\n\ndef step():\n    return Step().step()\n"})
named("a-dictionary-set-from-outside", {LOAD: DICT, BASE: "import load\nimport work\n" + BY_NAME}, before="base.load = {}")
named("a-dictionary-for-a-while-from-outside", {LOAD: DICT, BASE: "import load\nimport work\n\nMODULE, KEPT = load, {}\n" + BY_NAME, "outer.py": "import base\n\n\ndef step():\n    base.load = base.KEPT\n    try:\n        return base.step()\n    finally:\n        base.load = base.MODULE\n"}, "outer.step()", imports="import outer")
named("a-dictionary-for-a-while-by-a-loop", {LOAD: DICT, BASE: "import load\nimport work\n\nMODULE, KEPT = load, {}\n" + BY_NAME, "outer.py": "import base\n\n\ndef step():\n    for base.load in (base.KEPT, base.MODULE):\n        shown = base.step()\n    return shown, base.KEPT\n"}, "outer.step()", imports="import outer")
MOCKED = "from unittest import mock\n\nimport base\n\nKEPT = {}\n\n\ndef step():\n    with mock.patch(%s):\n        return base.step()\n"
for _name, _call in (("by-a-text", "'base.load', KEPT"), ("of-the-module", ".object(base, 'load', KEPT)"), ("by-a-keyword", ".multiple(base, load=KEPT)")):
    named(f"a-dictionary-for-a-while-by-a-mock-{_name}", {LOAD: DICT, BASE: "import load\nimport work\n" + BY_NAME, "outer.py": MOCKED.replace("patch(%s)", "patch" + _call if _call[0] == "." else f"patch({_call})")}, "outer.step()", imports="import outer")
named("a-dictionary-by-a-global-declaration", {LOAD: DICT, BASE: "import load\nimport work\n\nMODULE, KEPT = load, {}\n" + BY_NAME + "\n\ndef swap():\n    global load\n    load = KEPT\n    shown = step()\n    load = MODULE\n    return shown\n"}, "base.swap()")
named("a-dictionary-by-an-import", {LOAD: DICT, "kept.py": "load = {}\n", BASE: "import load\nimport work\n\nMODULE = load\n" + BY_NAME + "\n\ndef swap():\n    global load\n    from kept import load\n\n    shown = step()\n    load = MODULE\n    return shown\n"}, "base.swap()")
# -- what the functions themselves do is edited as well ----------------------------------------------------------------
group.service("it-begins-to-keep", {WORK: WORD, LOAD: "KEPT = {}\n\n\ndef store(x):\n    return x\n", BASE: "import load\nimport work\n" + STEP, MAIN: loop("import base", "base.step()")}, sub(LOAD, "return x\n", "return KEPT.setdefault('a', x)\n"), sub(WORK, "'v1'", "'v2'"), sub(LOAD, "return KEPT.setdefault('a', x)\n", "return x\n"), sub(WORK, "'v2'", "'v3'"))
group.service("an-object-comes-in-its-place", {WORK: WORD, **KEEP, LOAD: TAKES, BASE: "import load\nimport work\n" + STEP, MAIN: loop("import base", "base.step()")}, sub(WORK, "'v1'", "'v2'"), sub(BASE, "import load\n", "from load import Keeper\n\nload = Keeper()\n"), sub(WORK, "'v2'", "'v3'"))
group.service("a-module-comes-in-its-place", {WORK: WORD, **KEEP, LOAD: TAKES, BASE: "from load import Keeper\nimport work\n\nload = Keeper()\n" + STEP, MAIN: loop("import base", "base.step()")}, sub(BASE, "from load import Keeper\nimport work\n\nload = Keeper()\n", "import load\nimport work\n"), sub(WORK, "'v1'", "'v2'"), sub(WORK, "'v2'", "'v3'"))
group.service("another-module-comes-in-its-place", {WORK: WORD, LOAD: PLAIN, "keep.py": KEEPS, BASE: "import load\nimport work\n" + STEP, MAIN: loop("import base", "base.step()")}, sub(BASE, "import load\n", "import keep as load\n"), sub(WORK, "'v1'", "'v2'"), sub(BASE, "import keep as load\n", "import load\n"), sub(WORK, "'v2'", "'v3'"))
group.service("a-method-comes-in-its-place", {WORK: WORD, **KEEP, LOAD: TAKES, BASE: "import load\nimport work\n" + STEP, MAIN: loop("import base", "base.step()")}, sub(LOAD, "def store(x):\n    return x\n", "store = Keeper().store\n"), sub(WORK, "'v1'", "'v2'"))

CASES = group.cases
