"""What tasks leave in their workers, and what these may keep when nothing that they hold has changed."""

from __future__ import annotations

from functools import partial

from hrsup.bench.cases.workers_held import FUTURES, LOKY, add_pool
from hrsup.bench.vocabulary import Group, sub

ONE = "pool = get_reusable_executor(max_workers=1, timeout=1000)"
TWO = "pool = get_reusable_executor(max_workers=2, timeout=1000)"
CALLS = LOKY + "\n\nimport shown\nimport jobs"
USE = "shown.line(list(pool.map(jobs.compute, range(4))))"
SHOWN = {"shown.py": "def scale():\n    return 3\n\n\ndef line(rows):\n    return f'rows {rows}'\n"}
SHOWN_LINE, WORKED = sub("shown.py", "'rows ", "'Rows "), sub("jobs.py", "x * ", "x + ")
SET = "G = 0\n\n\ndef begin(x):\n    global G\n    G = x\n\n\ndef compute(x):\n    return x * G\n"
# Of the module that workers have loaded, what no task comes to.
OTHER = "\n\ndef beside():\n    return 'beside'\n"
BESIDE = sub("jobs.py", "return 'beside'", "return 'near'")

# -- what a task has left for others, or has done once ----------------------------------------------------------------

left = Group("left-in-workers", lambda kind, files: files)
put_there = partial(add_pool, left, batch=False)

put_there("global", CALLS, f"{ONE}\npool.submit(jobs.begin, 5).result()", USE, {"jobs.py": SET + OTHER, **SHOWN}, SHOWN_LINE, BESIDE, WORKED)
put_there("by-a-lambda", CALLS, f"{ONE}\npool.submit(lambda: jobs.begin(5)).result()", USE, {"jobs.py": SET + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("by-the-script", CALLS, f"{ONE}\npool.submit(begin, 5).result()", USE, {"jobs.py": "G = 0\n\n\ndef compute(x):\n    return x * G\n" + OTHER, **SHOWN}, BESIDE, WORKED, above="\ndef begin(x):\n    jobs.G = x\n\n")
put_there("by-a-helper", CALLS + "\nfrom helper import prepare", f"{ONE}\nprepare(pool)", USE, {"jobs.py": SET + OTHER, "helper.py": "import jobs\n\n\ndef prepare(pool):\n    pool.submit(jobs.begin, 5).result()\n", **SHOWN}, BESIDE, WORKED)
put_there("in-an-object", CALLS, f"{ONE}\npool.submit(jobs.begin, 5).result()", USE, {"jobs.py": "class State:\n    def __init__(self):\n        self.factor = 0\n\n    def set(self, x):\n        self.factor = x\n\n\nSTATE = State()\n\n\ndef begin(x):\n    STATE.set(x)\n\n\ndef compute(x):\n    return x * STATE.factor\n" + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("in-a-table", CALLS, f"{ONE}\npool.submit(jobs.begin, 5).result()", USE, {"jobs.py": "TABLE = {}\n\n\ndef begin(x):\n    TABLE['factor'] = x\n\n\ndef compute(x):\n    return x * TABLE.get('factor', 0)\n" + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("in-a-class", CALLS, f"{ONE}\npool.submit(jobs.begin, 5).result()", USE, {"jobs.py": "class Settings:\n    factor = 0\n\n    @classmethod\n    def set(cls, x):\n        cls.factor = x\n\n\ndef begin(x):\n    Settings.set(x)\n\n\ndef compute(x):\n    return x * Settings.factor\n" + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("in-the-library", CALLS, f"{ONE}\npool.submit(jobs.begin, 5).result()", USE, {"jobs.py": "import decimal\n\n\ndef begin(x):\n    decimal.getcontext().prec = x\n\n\ndef compute(x):\n    return x * 1 + float(decimal.Decimal(1) / 3)\n" + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("by-the-library", CALLS + "\nimport decimal", f"{ONE}\npool.submit(decimal.setcontext, decimal.Context(prec=5)).result()", USE, {"jobs.py": "import decimal\n\n\ndef compute(x):\n    return x * 1 + float(decimal.Decimal(1) / 3)\n" + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("environment", CALLS, f"{ONE}\npool.submit(jobs.begin, '5').result()", USE, {"jobs.py": "import os\n\n\ndef begin(x):\n    os.environ['FACTOR'] = x\n\n\ndef compute(x):\n    return x * int(os.environ.get('FACTOR', '0'))\n" + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("in-the-first-round", CALLS, ONE, "(pool.submit(jobs.begin, 5).result() if count == 1 else 0, " + USE + ")[1]", {"jobs.py": SET + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("in-every-round", CALLS, ONE, "(pool.submit(jobs.begin, 5).result(), " + USE + ")[1]", {"jobs.py": SET + OTHER, **SHOWN}, BESIDE, WORKED)
put_there("spawned-pool", "from multiprocessing import get_context\n\nimport shown\nimport jobs", "pool = get_context('spawn').Pool(1)\npool.apply(jobs.begin, (5,))", USE, {"jobs.py": SET + OTHER, **SHOWN}, BESIDE, WORKED, requires=(), end="pool.terminate()")
put_there("futures", f"{FUTURES}\n\nimport shown\nimport jobs", "pool = ProcessPoolExecutor(1, mp_context=get_context('spawn'))\npool.submit(jobs.begin, 5).result()", USE, {"jobs.py": SET + OTHER, **SHOWN}, BESIDE, WORKED, requires=(), end="pool.shutdown()")
# What new workers have, too, or fill again by themselves.
put_there("by-the-initializer", CALLS, "pool = get_reusable_executor(max_workers=1, initializer=jobs.begin, initargs=(5,))", USE, {"jobs.py": SET + OTHER, **SHOWN}, SHOWN_LINE, BESIDE, WORKED)
put_there("by-the-initializer-and-a-task", CALLS, "pool = get_reusable_executor(max_workers=1, initializer=jobs.begin, initargs=(5,))", "(pool.submit(jobs.again, jobs.other()).result() if count == 1 else 0, " + USE + ")[1]", {"jobs.py": SET + "\n\ndef again(x):\n    global G\n    G = x\n\n\ndef other():\n    return 6\n" + OTHER, **SHOWN}, BESIDE, sub("jobs.py", "return 6", "return 7"))
put_there("initializer-called-here", CALLS, "pool = get_reusable_executor(max_workers=1, initializer=jobs.begin, initargs=(5,))", "(jobs.begin(jobs.other()) if count == 1 else 0, jobs.G)[1]", {"jobs.py": SET + "\n\ndef other():\n    return 6\n" + OTHER, **SHOWN}, sub("jobs.py", "return 6", "return 7"))
put_there("argument-of-the-initializer-changes", CALLS, "pool = get_reusable_executor(max_workers=1, initializer=jobs.begin, initargs=(jobs.FIRST,))", USE, {"jobs.py": "FIRST = 5\n" + SET + OTHER, **SHOWN}, sub("jobs.py", "FIRST = 5", "FIRST = 6"), WORKED)
put_there("memo", CALLS, f"{ONE}\npool.submit(jobs.compute, 5).result()", USE, {"jobs.py": "KNOWN = {}\n\n\ndef compute(x):\n    if x not in KNOWN:\n        KNOWN[x] = x * 2\n    return KNOWN[x]\n" + OTHER, **SHOWN}, SHOWN_LINE, BESIDE, WORKED)
put_there("loaded-when-asked-for", CALLS, ONE, USE, {"jobs.py": "MODEL = None\n\n\ndef model():\n    global MODEL\n    if MODEL is None:\n        MODEL = 7\n    return MODEL\n\n\ndef compute(x):\n    return x * model()\n" + OTHER, **SHOWN}, SHOWN_LINE, BESIDE, WORKED)
put_there("beside-handlers", CALLS + "\nimport atexit\nimport signal\nimport threading", f"{TWO}\nsignal.signal(signal.SIGUSR1, note)\natexit.register(end)\nthreading.Timer(0.0, note, (0, 0)).start()", USE, {"jobs.py": "def compute(x):\n    return x * 2\n" + OTHER, **SHOWN}, BESIDE, WORKED, above="\nSEEN = []\n\n\ndef note(number, frame):\n    SEEN.append(number)\n\n\ndef end():\n    SEEN.clear()\n\n")
put_there("warmed-up", CALLS, f"{TWO}\nlist(pool.map(jobs.compute, range(2)))", USE, {"jobs.py": "def compute(x):\n    return x * 2\n" + OTHER, **SHOWN}, SHOWN_LINE, BESIDE, WORKED)

# -- workers that hold nothing of what changed ------------------------------------------------------------------------

keep = Group("kept-workers", lambda kind, files: files)
kept = partial(add_pool, keep, batch=False)
PLAIN = {"jobs.py": "def compute(x):\n    return x * 2\n", **SHOWN}
SCALED = "shown.line(list(pool.map(jobs.compute, [shown.scale(), 2])))"

kept("shown-only", CALLS, TWO, SCALED, PLAIN, SHOWN_LINE, sub("shown.py", "return 3", "return 4"), WORKED)
kept("first-value-stays", CALLS, ONE, SCALED, {"jobs.py": "SEEN = {}\n\n\ndef compute(x):\n    return SEEN.setdefault('first', x) * 2\n", **SHOWN}, sub("shown.py", "return 3", "return 4"))
kept("cached-there", CALLS, TWO, SCALED, {"jobs.py": "from functools import lru_cache\n\n\n@lru_cache\ndef compute(x):\n    return x * 2\n", **SHOWN}, sub("shown.py", "return 3", "return 4"))
kept("cached-by-a-key", CALLS, TWO, "shown.line(list(pool.map(jobs.compute, ['a', 'b'], [shown.scale()] * 2)))", {"jobs.py": "SEEN = {}\n\n\ndef compute(key, x):\n    if key not in SEEN:\n        SEEN[key] = x * 2\n    return SEEN[key]\n", **SHOWN}, sub("shown.py", "return 3", "return 4"))
kept("initializer-of-a-lambda", CALLS, "pool = get_reusable_executor(max_workers=1, timeout=1000, initializer=shown.START)", USE, {"jobs.py": SET, "shown.py": "import jobs\n\nSTART = lambda: jobs.begin(5)\n\n\ndef line(rows):\n    return f'rows {rows}'\n"}, SHOWN_LINE, sub("shown.py", "begin(5)", "begin(6)"))
kept("argument-of-the-initializer", CALLS, "pool = get_reusable_executor(max_workers=1, timeout=1000, initializer=jobs.begin, initargs=(shown.FORMAT,))", "list(pool.map(jobs.compute, range(3)))", {"jobs.py": "F = None\n\n\ndef begin(f):\n    global F\n    F = f\n\n\ndef compute(x):\n    return F(x)\n", "shown.py": "FORMAT = lambda x: f'<{x}>'\n"}, sub("shown.py", "<{x}>", "[{x}]"))
kept("class-by-value", CALLS, TWO, "list(pool.map(jobs.compute, [shown.Item(n) for n in range(3)]))", {"jobs.py": "def compute(item):\n    return item.text()\n", "shown.py": "def make():\n    class Item:\n        def __init__(self, n):\n            self.n = n\n\n        def text(self):\n            return f'<{self.n}>'\n\n    return Item\n\n\nItem = make()\n"}, sub("shown.py", "<{self.n}>", "[{self.n}]"))
kept("function-by-value", CALLS, TWO, "list(pool.map(jobs.compute, range(3), [shown.FORMAT] * 3))", {"jobs.py": "def compute(x, f):\n    return f(x)\n", "shown.py": "FORMAT = lambda x: f'<{x}>'\n"}, sub("shown.py", "<{x}>", "[{x}]"))
kept("function-by-value-kept", CALLS, TWO, "list(pool.map(jobs.compute, range(3), [shown.FORMAT] * 3))", {"jobs.py": "KEPT = []\n\n\ndef compute(x, f):\n    if not KEPT:\n        KEPT.append(f)\n    return KEPT[0](x)\n", "shown.py": "FORMAT = lambda x: f'<{x}>'\n"}, sub("shown.py", "<{x}>", "[{x}]"))
kept("imported-there-late", CALLS, TWO, "shown.line(list(pool.map(jobs.compute, [1])))", {"jobs.py": "def compute(x):\n    import shown\n\n    return x * shown.scale()\n", **SHOWN}, sub("shown.py", "return 3", "return 4"), SHOWN_LINE)
kept("two-pools", f"{FUTURES}\n{CALLS}\nimport other", f"{TWO}\nsecond = ProcessPoolExecutor(1, mp_context=get_context('spawn'))", f"({USE}, list(second.map(other.other, range(2))))", {"other.py": "def other(x):\n    return x - 1\n", **PLAIN}, WORKED, sub("other.py", "x - 1", "x - 2"), SHOWN_LINE, end="second.shutdown()")
kept("forked", f"{FUTURES}\n\nimport shown\nimport jobs", "pool = ProcessPoolExecutor(2, mp_context=get_context('fork'))", USE, {"jobs.py": "import shown\n\n\ndef compute(x):\n    return x * shown.scale()\n", **SHOWN}, SHOWN_LINE, sub("shown.py", "return 3", "return 4"), requires=(), end="pool.shutdown()")
kept("forked-and-never-imported-there", f"{FUTURES}\n\nimport shown\nimport jobs", "pool = ProcessPoolExecutor(2, mp_context=get_context('fork'))", USE, {"jobs.py": "import sys\n\n\ndef compute(x):\n    return x * sys.modules['shown'].scale()\n", **SHOWN}, sub("shown.py", "return 3", "return 4"), requires=(), end="pool.shutdown()")
kept("spawned-pool", "from multiprocessing import get_context\n\nimport shown\nimport jobs", "pool = get_context('spawn').Pool(2)", SCALED, PLAIN, SHOWN_LINE, sub("shown.py", "return 3", "return 4"), WORKED, requires=(), end="pool.terminate()")
kept("worker-of-a-worker", CALLS, ONE, "pool.submit(jobs.compute, 4).result()", {"jobs.py": "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n\nPOOL = []\n\n\ndef inner(x):\n    import shown\n\n    return shown.scale() * x\n\n\ndef compute(x):\n    if not POOL:\n        POOL.append(ProcessPoolExecutor(1, mp_context=get_context('fork')))\n    return POOL[0].submit(inner, x).result()\n", **SHOWN}, sub("shown.py", "return 3", "return 4"))
kept("read-as-text", CALLS, TWO, USE, {"jobs.py": "from pathlib import Path\n\nLENGTH = len(Path(__file__).with_name('shown.py').read_text())\n\n\ndef compute(x):\n    return x * LENGTH\n", **SHOWN}, sub("shown.py", "return 3", "return 1000"))
kept("found-by-its-absence", CALLS, TWO, USE, {"jobs.py": "try:\n    import fast\nexcept ImportError:\n    fast = None\n\n\ndef compute(x):\n    return x * (fast.FACTOR if fast else 2)\n", **SHOWN}, SHOWN_LINE)
kept("joblib", "from joblib import Parallel, delayed\n\nimport shown\nimport jobs", "", "shown.line(Parallel(n_jobs=2)(delayed(jobs.compute)(n) for n in range(4)))", PLAIN, SHOWN_LINE, WORKED, requires=("joblib",))

CASES = [*left.cases, *keep.cases]
