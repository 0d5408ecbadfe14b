"""What results pass through and leave again: queues between threads, batches that are sent when they are full. Of each
kind the plain programs come first, whose edits need no restart; in the others something stays behind."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

WORD = "def word():\n    return 'v1'\n"
OTHER = sub(WORK, "'v1'", "'v2'")

# -- queues ------------------------------------------------------------------------------------------------------------------
queued = Group("passed-on")
POOL = "import queue\nimport threading\n\nimport work\n\n\nclass Pool:\n    def __init__(self):\n        self.tasks = queue.Queue()\n        self.results = queue.{0}()\n        threading.Thread(target=self._work, daemon=True).start()\n\n    def _work(self):\n        while True:\n            task = self.tasks.get()\n            self.results.put({1})\n            self.tasks.task_done()\n\n    def ask(self, task):\n        self.tasks.put(task)\n        return self.results.get()\n"


def passed(name: str, base: str, state: str = "pool.ask(3)", before: str = "pool = Pool()", imports: str = "from base import Pool") -> None:
    """What a worker thread has made of a task comes back by a queue."""
    queued.service(name, {WORK: WORD, BASE: base, MAIN: loop(imports, state, before)}, OTHER, sub(WORK, "'v2'", "'v3'"))


PLAIN = POOL.format("Queue", "work.word() * task")
passed("by-a-queue", PLAIN)
passed("in-two-parts", PLAIN.replace("task = self", "task, times = self").replace("put(task)", "put((task, 2))").replace("word() * task", "word() * task * times"))
passed("by-a-simple-queue", POOL.format("SimpleQueue", "work.word() * task"))
passed("by-an-order-of-importance", POOL.format("PriorityQueue", "(task, work.word())"))
passed("a-task-made-of-it", POOL.format("Queue", "task * 2").replace("def ask(self, task):\n", "def ask(self, task):\n        task = work.word()\n"))
passed("asked-one-round-ahead", PLAIN.replace("        self.tasks.put(task)\n        return self.results.get()\n", "        self.tasks.put(task)\n        self.results.get()\n        return self.last()\n\n    def last(self):\n        return self.tasks.qsize()\n"))
passed("left-in-the-queue", PLAIN.replace("return self.results.get()", "self.n = getattr(self, 'n', 0) + 1\n        return self.results.get() if self.n % 2 else 'none'").replace("def ask(self, task):\n", "def ask(self, task):\n        if not hasattr(self, 'first'):\n            self.tasks.put(1)\n            self.first = self.results.get()\n"), "(pool.ask(3) and pool.first)")
passed("remembered-by-the-queue", "import queue\n\n" + PLAIN.replace("queue.Queue()\n        threading", "Ring()\n        threading").replace("class Pool", "class Ring(queue.Queue):\n    def _put(self, item):\n        super()._put(self.__dict__.setdefault('first', item))\n\n\nclass Pool"))
passed("a-queue-of-the-programs-own", PLAIN.replace("queue.Queue()\n        threading", "Ring()\n        threading").replace("class Pool", "class Ring:\n    def __init__(self):\n        self.inner = queue.Queue()\n\n    def put(self, item):\n        self.inner.put(self.__dict__.setdefault('first', item))\n\n    def get(self):\n        return self.inner.get()\n\n\nclass Pool"))
passed("put-only-at-first", "import queue\n\nimport work\n\nLINE = queue.Queue()\n\n\nclass Pool:\n    n = 0\n    text = 'none'\n\n    def ask(self, task):\n        self.n += 1\n        if self.n == 1:\n            LINE.put(work.word())\n        while not LINE.empty():\n            self.text = LINE.get()\n        return self.text\n")
passed("and-handed-on-after-that", "import queue\n\nimport work\n\nLINE, SEEN = queue.Queue(), []\n\n\nclass Pool:\n    def ask(self, task):\n        LINE.put([work.word()])\n        SEEN.append(LINE.get())\n        return SEEN[0][0]\n")
passed("what-was-put-is-changed-later", "import queue\n\nimport work\n\nLINE, ROW = queue.Queue(), {}\n\n\nclass Pool:\n    def ask(self, task):\n        LINE.put(ROW)\n        return LINE.get().setdefault('a', work.word())\n")
passed("put-where-nothing-is-taken-out", "import queue\n\nimport work\n\nLINE = queue.Queue()\n\n\nclass Pool:\n    def ask(self, task):\n        if not LINE.qsize():\n            LINE.put(work.word())\n        return LINE.queue[0]\n")
passed("not-a-queue", "import numpy as np\n\nimport work\n\nLINE = np.zeros(2)\n\n\nclass Pool:\n    def ask(self, task):\n        if not LINE[0]:\n            LINE.put(0, int(work.word()[1:]))\n        return int(LINE[0])\n")

# -- batches -----------------------------------------------------------------------------------------------------------------
batches = Group("sent-when-full")


def batch(name: str, before: str, first: str, state: str, base: str = "SENT = ['none']\n\n\ndef send(rows):\n    SENT[:] = [' '.join(rows)]\n") -> None:
    """The loop's function gathers words; base.send takes them."""
    batches.service(name, {WORK: WORD, BASE: base, MAIN: loop("import base\nimport work", state, before, first)}, OTHER, sub(WORK, "'v2'", "'v3'"))


FULL = "batch.append(work.word())\nif len(batch) == 3:\n    print(end=''.join(batch)[:0])\n    batch = []"
batch("a-list", "batch = []", FULL, "work.word()")
batch("of-one-round", "batch = []", "for _ in range(4):\n    batch.append(work.word())\n    if len(batch) == 2:\n        print(end=''.join(batch)[:0])\n        batch = []", "work.word()")
batch("never-empty", "batch = []", "if len(batch) == 2:\n    batch = []\nbatch.append(work.word())", "work.word()")
batch("cleared", "batch = []", FULL.replace("batch = []", "batch.clear()"), "work.word()")
batch("what-was-sent-stays", "batch = []\nsent = ''", FULL.replace("print(end=''.join(batch)[:0])", "sent = sent or ' '.join(batch)[:0]"), "sent")
batch("gathered-at-first-alone", "batch = []\nseen = []", "if shown < 1:\n    batch.append(work.word())\nif batch:\n    seen.append(batch)\n    batch = []", "seen[0]")
batch("dropped-by-the-old", "batch = []", "if shown == 0:\n    batch.append('setup')\nif work.word() == 'v1':\n    batch.clear()", "batch")
batch("made-anew-by-the-old", "batch = []", "if shown == 0:\n    batch.append('setup')\nif work.word() == 'v1':\n    batch = []", "batch")
batch("too-long-for-the-old", "batch = []", "if shown == 0:\n    batch.append('setup')\nif work.word() == 'v1' and batch:\n    batch.append('v1')\nif len(batch) == 2:\n    batch = []", "batch")
batch("not-gathered-by-the-old", "row = {}", "if shown == 0 and work.word() != 'v1':\n    row['a'] = 1\nrow.pop('b', None)", "row")
batch("full-before-the-loop", "batch = []\nbatch.extend(['a', 'b'])\ntotal = []", "while batch:\n    batch.pop()\n    total.append(work.word())", "total")
batch("another-has-it", "batch = []\nother = batch", "batch.append(work.word())\nif len(batch) > 1:\n    batch = []", "other[0]")
batch("a-function-has-it", "batch = []\n\ndef first():\n    return batch[0]", "batch.append(work.word())\nif len(batch) > 1:\n    batch.pop()", "first()")
TAKEN = "import queue\n\nimport work\n\nLINE = queue.Queue()\nLINE.put('setup')\n\n\nclass Pool:\n    def ask(self, task):\n        if work.word() == 'v1' and not LINE.empty():\n            LINE.get({0})\n        return LINE.qsize()\n"
passed("taken-out-by-the-old", TAKEN.format(""))
passed("taken-out-by-the-old-without-waiting", TAKEN.format("False"))
passed("taken-out-at-once-by-the-old", TAKEN.format("").replace("get()", "get_nowait()"))

OWN = "line = queue.Queue()\nline.put('setup')"
queued.service("taken-out-of-the-loops-own-by-the-old", {WORK: WORD, MAIN: loop("import queue\n\nimport work", "line.qsize()", OWN, "if work.word() == 'v1' and not line.empty():\n    line.get()")}, OTHER, sub(WORK, "'v2'", "'v3'"))

CASES = [*queued.cases, *batches.cases]
