"""The part of a script in modules that are imported, which has not run, and other ways to run it, or its module, which
have left results behind."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, edit, sub

group = Group("guarded")
PRICE = "def price(count):\n    return count * 3\n\n\ndef label(count):\n    return f'{count} for {price(count)}'\n\n\n"
TRY = "def main():\n    import sys\n\n    try:\n        print(label(int(sys.argv[1])))\n    except (IndexError, ValueError) as error:\n        print(error)\n        sys.exit(1)\n\n\n"
SCRIPT = {WORK: PRICE + TRY + "if __name__ == '__main__':\n    main()\n", MAIN: loop("import work", "work.label(4)")}
AGAIN = sub(WORK, "* 3", "* 5")
group.service("not-run", SCRIPT, AGAIN, sub(WORK, "for {", "at {"), sub(WORK, "print(label(", "print('-', label("), sub(WORK, "    main()\n", "    main()\n    main()\n"), sub(WORK, "* 5", "* 7"))
group.service("called-main-in-both", {**SCRIPT, BASE: "import work\n\n\ndef main():\n    return work.label(4)\n\n\nif __name__ == '__main__':\n    print(main())\n", MAIN: loop("import base", "base.main()")}, AGAIN, sub(BASE, "label(4)", "label(5)"))
group.service("tries-itself-out", {WORK: PRICE + "if '__main__' == __name__:\n    LABELS = [label(n) for n in range(3)]\n    for text in LABELS:\n        print(text)\n", MAIN: loop("import work", "work.label(4)")}, AGAIN, sub(WORK, "range(3)", "range(4)"))
group.service("becomes-a-part-that-runs", SCRIPT, AGAIN, edit(sub(WORK, "if __name__ == '__main__':\n    main()", "TOTAL = label(2)"), sub(MAIN, "work.label(4)", "work.TOTAL")), sub(WORK, "* 5", "* 7"))
# The other part of the test does run.
group.service("else", {WORK: PRICE + "if __name__ == '__main__':\n    print(label(1))\nelse:\n    TOTAL = label(2)\n", MAIN: loop("import work", "work.TOTAL")}, AGAIN)
group.service("unless", {WORK: PRICE + "if __name__ != '__main__':\n    TOTAL = label(2)\n", MAIN: loop("import work", "work.TOTAL")}, AGAIN)
TOTAL = PRICE + "if __name__ == '__main__':\n    total = label(4)\n"
for name, before in {
    "takes-the-name": "__name__ = '__main__'\n",
    "takes-the-name-for-a-while": "name, __name__ = __name__, '__main__'\n",
    "takes-the-name-in-a-function": "def take():\n    global __name__\n    __name__ = '__main__'\n\n\ntake()\n",
    "takes-the-name-by-its-namespace": "globals().update(__name__='__main__')\n",
    "takes-the-name-in-a-loop": "for __name__ in ['__main__']:\n    pass\n",
    "imports-the-name": "from base import NAME as __name__\n",
}.items():
    after = "__name__ = name\n" if "while" in name else ""
    group.service(name, {WORK: TOTAL.replace("if __name__", f"{before}if __name__") + after, BASE: "NAME = '__main__'\n", MAIN: loop("import work", "work.label(4), work.total")}, AGAIN)
TWICE = {
    "by-run-path": ("import runpy", "str(runpy.run_path(work.__file__, run_name='__main__')['total'])"),
    "by-run-module": ("from runpy import run_module as run", "str(run('work', run_name='__main__')['total'])"),
    "by-a-loader": ("from importlib.util import module_from_spec, spec_from_file_location", "load()"),
    "by-exec": ("", "run({'__name__': '__main__'})"),
}
LOAD = "def load():\n    spec = spec_from_file_location('__main__', work.__file__)\n    module = module_from_spec(spec)\n    spec.loader.exec_module(module)\n    return module.total\n\n\n"
RUN = "def run(space):\n    exec(open(work.__file__).read(), space)\n    return space['total']\n\n\n"
for name, (imports, value) in TWICE.items():
    base = f"{imports}\n\nimport work\n\n\n{LOAD if 'load' in value else RUN if 'exec' in name else ''}"
    group.service(name, {WORK: TOTAL, BASE: f"{base}TOTAL = {value}\n", MAIN: loop("import base\nimport work", "base.TOTAL, work.label(4)")}, AGAIN)
    group.service(f"{name}-in-a-function", {WORK: TOTAL, BASE: f"{base}def total():\n    return {value}\n", MAIN: loop("import base\nimport work", "kept, work.label(4)", "kept = base.total()")}, AGAIN)
    group.service(f"{name}-without-a-guard", {WORK: TOTAL.replace("if __name__ == '__main__':\n    ", ""), BASE: f"{base}TOTAL = {value}\n", MAIN: loop("import base\nimport work", "base.TOTAL, work.label(4)")}, AGAIN)

CASES = group.cases
