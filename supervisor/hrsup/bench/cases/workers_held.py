"""Pools that the program holds, and the ways in which old code could live on in their processes."""

from __future__ import annotations

from functools import partial

from hrsup.bench.cases.workers import FACTORS, TASKS
from hrsup.bench.vocabulary import Change, Files, Group, Saved, delete, edit, put, sub

LOOP = """
import time

{imports}

{above}

def main():
{setup}
    count = 0
    while True:
        count += 1
        print(f"{{count}}\\t{{{use}}}", flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
"""
ONCE = """
{imports}

{above}

def main():
{setup}
    print({use})
{end}

if __name__ == "__main__":
    main()
"""
LOKY = "from loky import get_reusable_executor"
REUSABLE = "pool = get_reusable_executor(max_workers=2)"
FUTURES = "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context"

group = Group("pools", lambda kind, files: files)


def add_pool(
    to: Group,
    name: str,
    imports: str,
    setup: str,
    use: str,
    files: Files,
    *steps: Change | Saved,
    requires: tuple[str, ...] = ("loky",),
    end: str = "",
    above: str = "",
    batch: bool = True,
) -> None:
    """The same program as a batch and as a service: `setup` makes the pool, `use` is what it shows, again and again."""
    lines = "".join(f"    {line}\n" for line in setup.splitlines())
    words = {"imports": imports, "above": above, "setup": lines.rstrip("\n"), "use": use}
    once = ONCE.format(**words, end=f"    {end}\n" if end else "")
    if batch:
        to.batch(name, {"main.py": once, **files}, *steps, requires=requires)
    to.service(name, {"main.py": LOOP.format(**words), **files}, *steps, requires=requires)


pool = partial(add_pool, group)

BODY, CONSTANT = sub("tasks.py", "value * FACTOR", "value + FACTOR"), sub("factors.py", "3", "5")
MODULES: Files = {"tasks.py": TASKS, "factors.py": FACTORS}
SIX = "list(pool.map(work, range(6)))"
WORK = LOKY + "\n\nfrom tasks import work"

pool("two-edits", WORK, REUSABLE, SIX, MODULES, BODY, CONSTANT)
pool("there-and-back", WORK, REUSABLE, SIX, MODULES, BODY, sub("tasks.py", "value + FACTOR", "value * FACTOR"))
pool("asked-for-again-each-time", WORK, "", "list(get_reusable_executor(max_workers=2).map(work, range(6)))", MODULES, BODY, CONSTANT)
pool("initializer", "from loky import get_reusable_executor\n\nfrom tasks import begin, work", "pool = get_reusable_executor(max_workers=2, initializer=begin)", SIX, {"tasks.py": "START = 0\n\n\ndef begin():\n    global START\n    START = 100\n\n\ndef work(value):\n    return START + value\n"}, sub("tasks.py", "START = 100", "START = 200"))
pool("initializer-with-arguments", f"{FUTURES}\n\nfrom tasks import begin, work", "pool = ProcessPoolExecutor(2, mp_context=get_context('spawn'), initializer=begin, initargs=(7,))", SIX, {"tasks.py": "START = 0\n\n\ndef begin(value):\n    global START\n    START = value * 10\n\n\ndef work(value):\n    return START + value\n"}, sub("tasks.py", "value * 10", "value * 20"), requires=(), end="pool.shutdown()")
pool("lambda", LOKY + "\n\nimport tasks", REUSABLE, "list(pool.map(lambda n: tasks.work(n) + 1, range(5)))", MODULES, BODY, sub("main.py", ") + 1,", ") + 2,"))
pool("partial-held", LOKY + "\nfrom functools import partial\n\nfrom tasks import scale", f"{REUSABLE}\nscaled = partial(scale, factor=2)", "list(pool.map(scaled, range(5)))", {"tasks.py": "def scale(value, factor):\n    return value * factor\n"}, sub("tasks.py", "value * factor", "value - factor"))
pool("bound-method", LOKY + "\n\nfrom tasks import Job", f"{REUSABLE}\njob = Job(3)", "list(pool.map(job.go, range(5)))", {"tasks.py": "class Job:\n    def __init__(self, n):\n        self.n = n\n\n    def go(self, value):\n        return self.n * value\n"}, sub("tasks.py", "self.n * value", "self.n - value"))
pool("cache-in-the-worker", WORK, REUSABLE, SIX, {"tasks.py": "from factors import FACTOR\n\n_KNOWN = {}\n\n\ndef work(value):\n    if value not in _KNOWN:\n        _KNOWN[value] = value * FACTOR\n    return _KNOWN[value]\n", "factors.py": FACTORS}, CONSTANT, sub("tasks.py", "* FACTOR", "+ FACTOR"))
pool("lru-cache-in-the-worker", WORK, REUSABLE, SIX, {"tasks.py": "from functools import lru_cache\n\nimport factors\n\n\n@lru_cache\ndef work(value):\n    return factors.scale(value)\n", "factors.py": "def scale(value):\n    return value * 3\n"}, sub("factors.py", "* 3", "* 4"))
pool("default-in-the-worker", WORK, REUSABLE, SIX, {"tasks.py": "from factors import FACTOR\n\n\ndef work(value, factor=FACTOR):\n    return value * factor\n", "factors.py": FACTORS}, CONSTANT)
pool("imported-late-by-the-worker", WORK, REUSABLE, SIX, {"tasks.py": "def work(value):\n    import late\n\n    return late.scale(value)\n", "late.py": "def scale(value):\n    return value * 2\n"}, sub("late.py", "* 2", "* 3"), sub("late.py", "* 3", "* 4"))
pool("nested", WORK, REUSABLE, "pool.submit(work, 4).result()", {"tasks.py": "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n\nfrom inner import double\n\n\ndef work(value):\n    with ProcessPoolExecutor(1, mp_context=get_context('fork')) as pool:\n        return pool.submit(double, value).result()\n", "inner.py": "def double(value):\n    return value * 2\n"}, sub("inner.py", "* 2", "* 3"))
pool("by-value", "import cloudpickle\nfrom loky import get_reusable_executor\n\nimport tasks\n\ncloudpickle.register_pickle_by_value(tasks)", REUSABLE, "list(pool.map(tasks.work, range(6)))", MODULES, BODY, CONSTANT)
pool("function-of-the-script", LOKY + "\n\nfrom factors import FACTOR", REUSABLE, "list(pool.map(local, range(5)))", {"factors.py": FACTORS}, sub("main.py", "value * FACTOR", "value - FACTOR"), CONSTANT, above="\ndef local(value):\n    return value * FACTOR\n\n")
pool("class-in-both-directions", LOKY + "\n\nfrom tasks import Job, run", REUSABLE, "[job.n for job in pool.map(run, [Job(n) for n in range(4)])]", {"tasks.py": "class Job:\n    def __init__(self, n):\n        self.n = n\n\n\ndef run(job):\n    return Job(job.n * 10)\n"}, sub("tasks.py", "* 10", "* 11"), sub("tasks.py", "self.n = n", "self.n = n + 1"))
pool("error-of-ones-own", LOKY + "\n\nfrom tasks import work", REUSABLE, "str(pool.submit(work, 1).exception())", {"tasks.py": "class Odd(Exception):\n    pass\n\n\ndef work(value):\n    raise Odd(f'odd: {value}')\n"}, sub("tasks.py", "'odd: ", "'very odd: "))
pool("table-of-functions", WORK, REUSABLE, SIX, {"tasks.py": "from kinds import KINDS\n\n\ndef work(value):\n    return KINDS[value % 2](value)\n", "kinds.py": "def even(value):\n    return value\n\n\ndef odd(value):\n    return -value\n\n\nKINDS = {0: even, 1: odd}\n"}, sub("kinds.py", "-value", "value * 100"), sub("kinds.py", "0: even", "0: odd"))
pool("new-module", WORK, REUSABLE, SIX, MODULES, edit(put("extra.py", "def more(value):\n    return value + 1000\n"), sub("tasks.py", "from factors import FACTOR\n", "from extra import more\nfrom factors import FACTOR\n"), sub("tasks.py", "return value * FACTOR", "return more(value * FACTOR)"), save="checkout"))
pool("broken-and-mended", WORK, REUSABLE, SIX, MODULES, sub("tasks.py", "def work(value):", "def work(value:"), edit(sub("tasks.py", "def work(value:", "def work(value):"), sub("tasks.py", "* FACTOR", "** FACTOR")))
pool("held-by-a-with-block", "from joblib import Parallel, delayed\n\nfrom tasks import work", "parallel = Parallel(n_jobs=2).__enter__()", "list(parallel(delayed(work)(n) for n in range(6)))", MODULES, BODY, CONSTANT, requires=("joblib",), end="parallel.__exit__(None, None, None)")
pool("joblib-in-threads", "from joblib import Parallel, delayed\n\nfrom tasks import work", "", "list(Parallel(n_jobs=2, prefer='threads')(delayed(work)(n) for n in range(6)))", MODULES, BODY, requires=("joblib",))
pool("joblib-with-a-large-array", "import numpy\nfrom joblib import Parallel, delayed\n\nfrom tasks import total", "data = numpy.arange(300_000)", "list(Parallel(n_jobs=2, max_nbytes=1000)(delayed(total)(data, n) for n in range(3)))", {"tasks.py": "def total(data, n):\n    return int(data[: n + 3].sum())\n"}, sub("tasks.py", "n + 3", "n + 4"), requires=("joblib", "numpy"))
pool("forkserver", f"{FUTURES}\n\nfrom tasks import work", "pool = ProcessPoolExecutor(2, mp_context=get_context('forkserver'))", SIX, MODULES, BODY, CONSTANT, requires=(), end="pool.shutdown()")
pool("multiprocessing-spawn", "from multiprocessing import get_context\n\nfrom tasks import work", "pool = get_context('spawn').Pool(2)", SIX, MODULES, BODY, CONSTANT, requires=(), end="pool.terminate()")
pool("multiprocessing-unordered", "from multiprocessing import get_context\n\nfrom tasks import work", "pool = get_context('fork').Pool(2)", "sorted(pool.imap_unordered(work, range(6)))", MODULES, BODY, requires=(), end="pool.terminate()")
pool("single-process", "from multiprocessing import get_context\n\nfrom tasks import answer", "context = get_context('spawn')\nqueue = context.SimpleQueue()", "(context.Process(target=answer, args=(queue,)).start(), queue.get())[1]", {"tasks.py": "def answer(queue):\n    queue.put('one')\n"}, sub("tasks.py", "'one'", "'two'"), requires=())
pool("two-pools", f"{FUTURES}\n{WORK}", f"{REUSABLE}\nother = ProcessPoolExecutor(1, mp_context=get_context('spawn'))", "(list(pool.map(work, range(3))), list(other.map(work, range(3))))", MODULES, BODY, CONSTANT, end="other.shutdown()")
pool("threads-only", "from concurrent.futures import ThreadPoolExecutor\n\nfrom tasks import work", "pool = ThreadPoolExecutor(2)", SIX, MODULES, BODY, requires=())
pool("script-of-its-own", "import subprocess\nimport sys", "", "subprocess.run([sys.executable, 'child.py'], capture_output=True, text=True).stdout.strip()", {"child.py": "import helper\n\nprint(helper.word())\n", "helper.py": "def word():\n    return 'one'\n"}, sub("helper.py", "'one'", "'two'"), sub("child.py", "helper.word()", "helper.word() * 2"), requires=())

TABLE = {"factor.txt": "3\n"}
READS = "from pathlib import Path\n\n"
EVERY = READS + "\ndef work(value):\n    return value * int(Path(__file__).with_name('factor.txt').read_text() or 0)\n"
KEPT = READS + "_known = None\n\n\ndef work(value):\n    global _known\n    if _known is None:\n        _known = int(Path(__file__).with_name('factor.txt').read_text())\n    return value * _known\n"
IMPORTED = READS + "FACTOR = int(Path(__file__).with_name('factor.txt').read_text())\n\n\ndef work(value):\n    return value * FACTOR\n"
STARTED = READS + "FACTOR = 0\n\n\ndef begin():\n    global FACTOR\n    FACTOR = int(Path(__file__).with_name('factor.txt').read_text())\n\n\ndef work(value):\n    return value * FACTOR\n"
NEW = edit(sub("factor.txt", "3", "8"), save="atomic")
pool("data-read-every-time", WORK, REUSABLE, SIX, {"tasks.py": EVERY, **TABLE}, NEW)
pool("data-kept-by-the-worker", WORK, REUSABLE, SIX, {"tasks.py": KEPT, **TABLE}, NEW)
pool("data-read-at-import", WORK, REUSABLE, SIX, {"tasks.py": IMPORTED, **TABLE}, NEW)
pool("data-read-by-the-initializer", "from loky import get_reusable_executor\n\nfrom tasks import begin, work", "pool = get_reusable_executor(max_workers=2, initializer=begin)", SIX, {"tasks.py": STARTED, **TABLE}, NEW)
pool("data-and-code", WORK, REUSABLE, SIX, {"tasks.py": KEPT, **TABLE}, edit(sub("factor.txt", "3", "8"), sub("tasks.py", "value * _known", "value + _known"), save="checkout"))
pool("data-removed", WORK, REUSABLE, SIX, {"tasks.py": READS + "\ndef work(value):\n    path = Path(__file__).with_name('factor.txt')\n    return value * int(path.read_text() or 0) if path.exists() else -1\n", **TABLE}, delete("factor.txt"), put("factor.txt", "4\n"))

CASES = group.cases
