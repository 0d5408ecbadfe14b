"""State that is asked by a function, a property, a variable, or a query; results that something under way was given; the
order of names. In each, what older code has left would go on beside what new code makes."""

from hrsup.bench.vocabulary import Files, Group, edit, put, sub

WORK, BASE, MAIN = "work.py", "base.py", "main.py"
ITEM = "def item(number):\n    return f'v1-{number}'\n"
V12 = sub(WORK, "v1", "v2")

group = Group("asked")


def shown(base: str, expression: str, before: str = "pass") -> Files:
    """A service that shows the expression over `base`, which makes items by `work.item`."""
    main = f"import time\nimport base\n\n\ndef main():\n    shown = 0\n    {before}\n    while True:\n        shown += 1\n        print(f'{{shown}}\\t{{{expression}}}', flush=True)\n        time.sleep(0.005)\n\n\nmain()\n"
    return {WORK: ITEM, BASE: f"import work\n{base}", MAIN: main}


TABLE = "\n\nclass Table:\n    def __init__(self):\n        self.items, self.count = [], 0\n\n"
for name, body in {
    "how-many-are-missing": "    def upto(self, count):\n        for number in range(len(self.items), count):\n            self.items.append(work.item(number))\n        return self.items\n",
    "by-a-property": "    @property\n    def size(self):\n        return len(self.items)\n\n    def upto(self, count):\n        while self.size < count:\n            self.items.append(work.item(self.size))\n        return self.items\n",
    "by-a-method": "    def is_full(self):\n        return len(self.items) >= 2\n\n    def upto(self, count):\n        if not self.is_full():\n            self.items.extend(work.item(number) for number in (0, 1))\n        return self.items\n",
    "by-a-method-of-a-flag": "    def has_begun(self):\n        return self.count > 0\n\n    def upto(self, count):\n        if not self.has_begun():\n            self.items.append(work.item(0))\n        self.count += 1\n        return self.items\n",
    "by-a-variable": "    def upto(self, count):\n        first = self.count == 0\n        self.count += 1\n        if first:\n            self.items.append(work.item(0))\n        return self.items\n",
    "by-a-variable-of-a-variable": "    def upto(self, count):\n        size = len(self.items)\n        missing = count - size\n        if missing > 0:\n            self.items.append(work.item(0))\n        return self.items[:1]\n",
    "by-a-search": "    def find(self, number):\n        for one in self.items:\n            if one[0] == number:\n                return one\n\n    def upto(self, count):\n        one = self.find(1)\n        if not one:\n            one = [1, work.item(1)]\n            self.items.append(one)\n        return one\n",
    "by-its-own-truth": "    def __bool__(self):\n        return len(self.items) < 2\n\n    def upto(self, count):\n        while self:\n            self.items.append(work.item(0))\n        return self.items\n",
    "by-what-is-left-of-a-set": "    seen = set()\n\n    def upto(self, count):\n        for number in sorted({0, 1} - self.seen):\n            self.items.append(work.item(number))\n            self.seen.add(number)\n        return self.items\n",
    "by-a-cursor": "    def upto(self, count):\n        for number in [0, 1][self.count :]:\n            self.items.append(work.item(number))\n            self.count += 1\n        return self.items\n",
    "by-an-inbox-that-is-emptied": "    inbox = [0, 1]\n\n    def upto(self, count):\n        while self.inbox:\n            self.items.append(work.item(self.inbox.pop()))\n        return self.items\n",
}.items():
    group.service(name, shown(TABLE + body, "table.upto(2)", "table = base.Table()"), V12)
POOL = "import queue\n\nFREE = queue.LifoQueue()\n\n\ndef take():\n    try:\n        return {taking}\n    except queue.Empty:\n        return [work.item(0)]\n\n\ndef get():\n    one = take()\n    try:\n        return one[0]\n    finally:\n        FREE.put(one)\n"
for name, taking in {"pool": "FREE.get_nowait()", "pool-by-keyword": "FREE.get(block=False)", "pool-by-position": "FREE.get(False)"}.items():
    group.service(name, shown(POOL.format(taking=taking), "base.get()"), V12)
SQL = "import sqlite3\n\n\ndef connect():\n    data = sqlite3.connect(':memory:')\n    data.execute('create table t (k int, v text)')\n    return data\n\n\n"
group.service("a-count-of-a-database", shown(SQL + "def get(data):\n    (count,) = data.execute('select count(*) from t').fetchone()\n    if count == 0:\n        data.execute('insert into t values (?, ?)', (0, work.item(0)))\n    return data.execute('select v from t').fetchall()\n", "base.get(data)", "data = base.connect()"), V12)
group.service("what-a-database-misses", shown(SQL + "def missing(data, keys):\n    have = {key for (key,) in data.execute('select k from t')}\n    return [key for key in keys if key not in have]\n\n\ndef get(data):\n    data.executemany('insert into t values (?, ?)', [(key, work.item(key)) for key in missing(data, [0, 1])])\n    return data.execute('select v from t').fetchall()\n", "base.get(data)", "data = base.connect()"), V12)
NUMBER = "def number():\n    return 1.0\n"
group.service("the-array-that-numpy-fills", {**shown("import numpy as np\n\nONES, KEPT, READY = np.ones(2), np.zeros(2), []\n\n\ndef get():\n    if not READY:\n        made = np.multiply(ONES, work.number(), out=KEPT)\n        READY.append(1)\n    return KEPT.tolist()\n", "base.get()"), WORK: NUMBER}, sub(WORK, "1.0", "2.0"), requires=("numpy",))
group.service("a-message-is-no-answer", shown("from collections import deque\n\nINBOX, SENT = deque(), []\n\n\ndef get():\n    INBOX.append((1, 'urgent'))\n    number, kind = INBOX.popleft()\n    if kind == 'urgent':\n        SENT.append(number)\n        return work.item(number)\n", "base.get()"), V12)

# -- results that something under way was given ------------------------------------------------------------------------
way = Group("under-way")
BOTH = "K = 1\n\n\ndef value():\n    return K * 10\n\n\ndef show(number, value):\n    print(f'{number}\\t{value} {K}', flush=True)\n"
EDITS = (sub(WORK, "K = 1\n", "K = 2\n"), sub(WORK, "K * 10", "K * 100"))


def begun(name: str, before: str, begin: str, imports: str = "", asynchronous: bool = False) -> None:
    """A service that begins something in every round, which shows what it was given some rounds later."""
    wait = "await asyncio.sleep(0.01)" if asynchronous else "time.sleep(0.01)"
    head = "async def main" if asynchronous else "def main"
    run = "asyncio.run(main())" if asynchronous else "main()"
    main = f"import asyncio\nimport threading\nimport time\n{imports}\nimport work\n\n{before}\n\n{head}():\n    number = 0\n    while True:\n        number += 1\n        {begin}\n        {wait}\n\n\n{run}\n"
    way.service(name, {WORK: BOTH, MAIN: main}, *EDITS)


LATER = "\nasync def later(number, value):\n    await asyncio.sleep(0.03)\n    work.show(number, value)\n"
begun("a-task", LATER, "asyncio.create_task(later(number, work.value()))", asynchronous=True)
begun("a-task-by-a-variable", LATER, "value = work.value()\n        task = asyncio.create_task(later(number, value))", asynchronous=True)
begun("a-nested-coroutine", "\ndef spawn(number):\n    value = work.value()\n\n    async def later():\n        await asyncio.sleep(0.03)\n        work.show(number, value)\n\n    return asyncio.create_task(later())\n", "task = spawn(number)", asynchronous=True)
begun("a-timer", "", "threading.Timer(0.03, work.show, (number, work.value())).start()")
begun("a-timer-with-a-lambda", "\ndef fire(number):\n    value = work.value()\n    timer = threading.Timer(0.03, lambda: work.show(number, value))\n    timer.start()\n", "fire(number)")
begun("a-thread", "\ndef later(number, value):\n    time.sleep(0.015)\n    work.show(number, value)\n", "threading.Thread(target=later, args=(number, work.value())).start()")
begun("a-thread-that-waits", "EVENT = threading.Event()\n\n\ndef later(number, value):\n    EVENT.wait(0.015)\n    work.show(number, value)\n", "threading.Thread(target=later, args=(number, work.value())).start()")
begun("a-pool-with-tasks", "POOL = ThreadPoolExecutor(1)\n\n\ndef later(number, value):\n    time.sleep(0.008)\n    work.show(number, value)\n", "future = POOL.submit(later, number, work.value())", imports="from concurrent.futures import ThreadPoolExecutor\n")

# -- the order of names ------------------------------------------------------------------------------------------------
order = Group("order-of-names")
STEPS = "def step_a(text):\n    return text + 'a'\n\n\ndef step_c(text):\n    return text + 'c'\n"
KIND = "class Steps:\n    def do_a(self, text):\n        return text + 'a'\n\n    def do_c(self, text):\n        return text + 'c'\n"
PUT_B = "def step_b(text):\n    return text + 'b'\n\n\ndef step_c"
order.service("of-a-module", {**shown("\n\ndef get():\n    text = ''\n    for name, step in list(vars(work).items()):\n        if name.startswith('step_'):\n            text = step(text)\n    return text\n", "base.get()"), WORK: STEPS}, sub(WORK, "def step_c", PUT_B), sub(WORK, "'b'", "'B'"), sub(WORK, STEPS[: STEPS.index("def step_c")], ""), sub(WORK, "text + 'c'\n", "text + 'c'\n\n\ndef step_d(text):\n    return text + 'd'\n"))
order.service("of-a-class", {**shown("\n\ndef get():\n    steps, text = work.Steps(), ''\n    for name in vars(work.Steps):\n        if name.startswith('do_'):\n            text = getattr(steps, name)(text)\n    return text\n", "base.get()"), WORK: KIND}, sub(WORK, "    def do_c", "    def do_b(self, text):\n        return text + 'b'\n\n    def do_c"), sub(WORK, "'b'", "'B'"))
order.service("looked-at-from-now-on", {**shown("\n\ndef get():\n    return work.step_c(work.step_a(''))\n", "base.get()"), WORK: STEPS}, sub(WORK, "def step_c", PUT_B), sub(BASE, "return work.step_c(work.step_a(''))", "return [name for name in vars(work) if name.startswith('step_')]"))

# What has grown by older code is history, until an edit asks it for something else than all of it.
later = Group("asked-later")
GROWN = "\n\nROWS, OTHERS = [], []\n\n\ndef kinds(rows):\n    return sorted(set(rows))\n\n\ndef get():\n    ROWS.append(work.item(0))\n    return {}\n"
for name, before, after in (
    ("kinds", "0", "sorted(set(ROWS))"),
    ("the-first", "0", "ROWS[0]"),
    ("the-least", "len(ROWS) * 0", "min(ROWS)"),
    ("by-a-condition", "0", "'v1-0' in ROWS"),
    ("by-a-function", "kinds(OTHERS)", "kinds(ROWS)"),
    ("taken-out", "0", "ROWS.pop(0)"),
    ("the-last", "0", "ROWS[-1]"),
    ("nothing", "0", "1"),
):
    files = shown(GROWN.format(before), "base.get()")
    later.service(name, files, V12, sub(BASE, f"return {before}\n", f"return {after}\n"), sub(WORK, "v2", "v3"))
    later.service(f"{name}-at-once", files, edit(V12, sub(BASE, f"return {before}\n", f"return {after}\n")), sub(WORK, "v2", "v3"))
SHOW = "def show(rows):\n    return len(rows) * 0\n"
later.service("elsewhere", {**shown("import report\n" + GROWN.format("report.show(ROWS)"), "base.get()"), "report.py": SHOW}, V12, sub("report.py", "len(rows) * 0", "sorted(set(rows))"), sub(WORK, "v2", "v3"))
later.service("in-a-new-module", shown(GROWN.format("0"), "base.get()"), V12, edit(put("report.py", SHOW.replace("len(rows) * 0", "sorted(set(rows))")), sub(BASE, "return 0\n", "return report.show(ROWS)\n"), sub(BASE, "import work\n", "import report\nimport work\n")), sub(WORK, "v2", "v3"))
later.service("in-an-attribute", shown("\n\nclass Log:\n    def __init__(self):\n        self.rows = []\n\n    def get(self):\n        self.rows.append(work.item(0))\n        return 0\n", "log.get()", "log = base.Log()"), V12, sub(BASE, "return 0\n", "return sorted(set(self.rows))\n"), sub(WORK, "v2", "v3"))
later.service("begun-anew", shown(GROWN.format("0"), "base.get()"), V12, sub(BASE, "    ROWS.append", "    global ROWS\n    if len(ROWS) > 3:\n        ROWS = []\n    ROWS.append"), sub(WORK, "v2", "v3"))

CASES = [*group.cases, *way.cases, *order.cases, *later.cases]
