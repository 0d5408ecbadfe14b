"""Code that runs in the processes of a pool."""

from hrsup.bench.model import BATCH, SERVICE
from hrsup.bench.vocabulary import Files, Group, edit, sub

TASKS = '"""What the workers do."""\n\nfrom factors import FACTOR\n\n\ndef work(value):\n    return value * FACTOR\n'
FACTORS = "FACTOR = 3\n"
POOLS = {
    "loky": ("loky", "from loky import get_reusable_executor", "get_reusable_executor(max_workers=2)", "pool.map(work, range(6))"),
    "futures-fork": (None, "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context", "ProcessPoolExecutor(2, mp_context=get_context('fork'))", "pool.map(work, range(6))"),
    "futures-spawn": (None, "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context", "ProcessPoolExecutor(2, mp_context=get_context('spawn'))", "pool.map(work, range(6))"),
    "multiprocessing": (None, "from multiprocessing import get_context", "get_context('fork').Pool(2)", "pool.map(work, range(6))"),
    "joblib": ("joblib", "from joblib import Parallel, delayed", "Parallel(n_jobs=2)", "pool(delayed(work)(n) for n in range(6))"),
}
BATCH_MAIN = "{imports}\n\nfrom tasks import work\n\n\ndef main():\n    pool = {make}\n    print(list({use}))\n{end}\n\nif __name__ == '__main__':\n    main()\n"
SERVICE_MAIN = "import time\n\n{imports}\n\nfrom tasks import work\n\n\ndef main():\n    pool = {make}\n    count = 0\n    while True:\n        count += 1\n        print(f'{{count}}\\t{{list({use})}}', flush=True)\n        time.sleep(0.005)\n\n\nif __name__ == '__main__':\n    main()\n"


group = Group("workers")
for name, (needs, imports, make, use) in POOLS.items():
    requires = (needs,) if needs else ()
    end = "    pool.shutdown()\n" if name.startswith("futures") else "    pool.terminate()\n" if name == "multiprocessing" else ""
    batch = {"main.py": BATCH_MAIN.format(imports=imports, make=make, use=use, end=end), "tasks.py": TASKS, "factors.py": FACTORS}
    service = {**batch, "main.py": SERVICE_MAIN.format(imports=imports, make=make, use=use)}
    for label, files, add in ((BATCH, batch, group.batch), (SERVICE, service, group.service)):
        add(f"{name}-body", files, sub("tasks.py", "value * FACTOR", "value + FACTOR"), requires=requires)
        add(f"{name}-constant", files, sub("factors.py", "3", "5"), requires=requires)
group.batch("loky-main-only", {"main.py": BATCH_MAIN.format(imports=POOLS["loky"][1], make=POOLS["loky"][2], use=POOLS["loky"][3], end=""), "tasks.py": TASKS, "factors.py": FACTORS}, sub("main.py", "range(6)", "range(4)"), requires=("loky",))
LAMBDA = "from loky import get_reusable_executor\n\nimport tasks\n\n\ndef main():\n    pool = get_reusable_executor(max_workers=2)\n    offset = 1\n    print(list(pool.map(lambda n: tasks.work(n) + offset, range(5))))\n\n\nif __name__ == '__main__':\n    main()\n"
group.batch("loky-lambda-over-module", {"main.py": LAMBDA, "tasks.py": TASKS, "factors.py": FACTORS}, sub("tasks.py", "* FACTOR", "- FACTOR"), sub("main.py", "offset = 1", "offset = 2"), requires=("loky",))
group.batch("loky-initializer", {"main.py": "from loky import ProcessPoolExecutor\n\nfrom tasks import begin, work\n\n\ndef main():\n    with ProcessPoolExecutor(2, initializer=begin) as pool:\n        print(list(pool.map(work, range(4))))\n\n\nif __name__ == '__main__':\n    main()\n", "tasks.py": "START = 0\n\n\ndef begin():\n    global START\n    START = 100\n\n\ndef work(value):\n    return START + value\n"}, sub("tasks.py", "START = 100", "START = 200"), requires=("loky",))
group.batch("data-read-by-workers", {"main.py": BATCH_MAIN.format(imports=POOLS["loky"][1], make=POOLS["loky"][2], use=POOLS["loky"][3], end=""), "tasks.py": "from pathlib import Path\n\n\ndef work(value):\n    return value * int(Path(__file__).with_name('factor.txt').read_text())\n", "factor.txt": "3\n"}, sub("factor.txt", "3", "8"), requires=("loky",))
group.batch("class-sent-to-workers", {"main.py": "from loky import get_reusable_executor\n\nfrom tasks import Job, run\n\n\ndef main():\n    print(list(get_reusable_executor(max_workers=2).map(run, [Job(n) for n in range(4)])))\n\n\nif __name__ == '__main__':\n    main()\n", "tasks.py": "class Job:\n    def __init__(self, n):\n        self.n = n\n\n    def go(self):\n        return self.n * 10\n\n\ndef run(job):\n    return job.go()\n"}, sub("tasks.py", "* 10", "* 11"), requires=("loky",))
group.batch("body-and-parent-together", {"main.py": BATCH_MAIN.format(imports=POOLS["loky"][1], make=POOLS["loky"][2], use=POOLS["loky"][3], end=""), "tasks.py": TASKS, "factors.py": FACTORS}, edit(sub("tasks.py", "value * FACTOR", "value * FACTOR + 1"), sub("main.py", "range(6)", "range(3)"), save="checkout"), requires=("loky",))

CASES = group.cases
