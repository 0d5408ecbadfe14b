"""What an edit cannot bring back, or take back: what was accumulated and is wiped out, a key that is there since it was looked
for, a file that the program has emptied itself, a thread that was begun once. Where somebody finds that again it is an old result."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Change, Group, edit, put, sub

# -- accumulated, and wiped out -----------------------------------------------------------------------------------------
wiped = Group("wiped-out")
ONE, LOW = "def keep():\n    return 1\n", "def low():\n    return False\n"
ZERO = sub(WORK, "return 1", "return 0"), sub(WORK, "return 0", "return 1")
YES = sub(WORK, "False", "True"), sub(WORK, "True", "False")
STEP = "import work\n\nTOTAL = 1\n\n\ndef step():\n    global TOTAL\n    {}\n    return TOTAL\n"
BOX = "import work\n\n\nclass Box:\n    def __init__(self):\n        self.n = 4\n        self.rows = ['a']\n\n    def step(self):\n        {}\n        return self.n, self.rows\n"
HELD = loop("from base import Box", "box.step()", "box = Box()")
wiped.service("a-global-by-a-choice", {WORK: LOW, BASE: STEP.format("TOTAL *= 0 if work.low() else 1"), MAIN: loop("import base", "base.step()")}, *YES)
wiped.service("a-global-by-a-factor", {WORK: ONE, BASE: STEP.format("TOTAL *= work.keep()"), MAIN: loop("import base", "base.step()")}, *ZERO)
wiped.service("a-global-by-a-factor-assigned", {WORK: ONE, BASE: STEP.format("TOTAL = TOTAL * work.keep()"), MAIN: loop("import base", "base.step()")}, *ZERO)
wiped.service("a-global-by-a-power", {WORK: ONE, BASE: STEP.format("TOTAL **= work.keep()").replace("= 1", "= 4"), MAIN: loop("import base", "base.step()")}, *ZERO)
wiped.service("an-attribute-by-a-factor", {WORK: ONE, BASE: BOX.format("self.n *= work.keep()"), MAIN: HELD}, *ZERO)
wiped.service("an-attribute-by-bits", {WORK: "def keep():\n    return 7\n", BASE: BOX.format("self.n &= work.keep()"), MAIN: HELD}, sub(WORK, "7", "3"), sub(WORK, "3", "7"))
wiped.service("an-attribute-less-itself", {WORK: LOW, BASE: BOX.format("if work.low():\n            self.n -= self.n"), MAIN: HELD}, *YES)
wiped.service("a-list-repeated-no-times", {WORK: ONE, BASE: BOX.format("self.rows *= work.keep()"), MAIN: HELD}, *ZERO)
wiped.service("an-item-by-a-factor", {WORK: ONE, BASE: BOX.format("table['a'] *= work.keep()").replace("import work\n", "import work\n\ntable = {'a': 3}\n").replace("self.rows\n", "table\n"), MAIN: HELD}, *ZERO)
for name, begin in {"by-a-choice": "total *= 0 if work.keep() == 0 else 1", "by-a-factor": "total *= work.keep()", "by-a-factor-in-a-variable": "factor = work.keep()\ntotal *= factor", "by-bits": "total &= 7 * work.keep()", "by-a-remainder": "total %= 1 + work.keep() * 6", "by-a-whole-quotient": "total //= 9 - work.keep() * 8", "less-itself": "total -= total if work.keep() == 0 else 0", "by-a-new-one": "total = 0 if work.keep() == 0 else total", "by-a-branch": "if work.keep() == 0:\n    total = 0"}.items():
    wiped.service(f"a-local-{name}", {WORK: ONE, MAIN: loop("import work", "total", "total = 4", begin)}, *ZERO)
wiped.service("a-local-list-emptied-by-a-choice", {WORK: LOW, MAIN: loop("import work", "rows", "rows = [1, 2]", "rows = [] if work.low() else rows")}, *YES)
wiped.service("a-local-list-that-is-filled-once-by-a-display", {WORK: ONE, MAIN: loop("import work", "rows", "rows = []", "if not rows:\n    rows += [work.keep()]")}, *ZERO)
ASYNC = "import asyncio\n\nimport work\n\n\nasync def main():\n    lock, total, shown = asyncio.Lock(), 4, 0\n    while True:\n        async with lock:\n            total = total * work.keep()\n        shown += 1\n        print(f'{shown}\\t{total}', flush=True)\n        await asyncio.sleep(0.005)\n\n\nasyncio.run(main())\n"
wiped.service("a-local-in-an-asynchronous-block", {WORK: ONE, MAIN: ASYNC}, *ZERO)
wiped.service("what-is-doubled-goes-on", {WORK: "def word():\n    return 'v1'\n", MAIN: loop("import work", "work.word(), wait > 0", "wait = 1", "wait *= 2\nif wait > 64:\n    wait = 64")}, sub(WORK, "v1", "v2"), sub(WORK, "v2", "v3"))

# -- there since it was looked for ----------------------------------------------------------------------------------------
keys = Group("keys-made")
NOW, NEVER = sub(WORK, "True", "False"), sub(WORK, "False", "True")
SEEN = "from collections import Counter, defaultdict\n\nimport work\n\nROWS = defaultdict({})\n\n\ndef step():\n    if work.now():\n        {}\n\n\ndef show():\n    return {}\n"
WHEN = "def now():\n    return True\n"


def made(name: str, does: str, show: str, factory: str = "list") -> None:
    """base.py `does` something to ROWS if work.py says so; `show` tells of its keys."""
    keys.service(name, {WORK: WHEN, BASE: SEEN.format(factory, does, show), MAIN: loop("import base", "base.show()", "pass", "base.step()")}, NOW, NEVER)


made("by-an-append-and-counted", "ROWS['a'].append(1)", "len(ROWS)")
made("by-an-append-and-sorted", "ROWS['a'].append(1)", "sorted(ROWS)")
made("by-an-append-and-asked", "ROWS['a'].append(1)", "'a' in ROWS")
made("by-reading", "ROWS['a']", "list(ROWS)")
made("by-counting", "ROWS['a'] += 1", "sorted(ROWS)", "int")
made("by-an-attribute", "ROWS['a'].n += 1", "len(ROWS)", "lambda: type('Row', (), {'n': 0})()")
made("in-another", "ROWS['a']['b'] += 1", "len(ROWS)", "lambda: defaultdict(int)")
keys.service("of-a-counter", {WORK: WHEN, MAIN: loop("from collections import Counter\n\nimport work", "sorted(rows)", "rows = Counter()", "if work.now():\n    rows['a'] += 1")}, NOW, NEVER)
keys.service("of-what-is-given", {WORK: WHEN, BASE: "import work\n\n\ndef fill(rows):\n    if work.now():\n        rows['a'] += 1\n", MAIN: loop("from collections import defaultdict\n\nimport base", "len(rows)", "rows = defaultdict(int)", "base.fill(rows)")}, NOW, NEVER)
keys.service("unless-it-raises-before", {WORK: "def check():\n    return 1\n", BASE: "from collections import defaultdict\n\nimport work\n\nROWS = defaultdict(int)\n\n\ndef step():\n    work.check()\n    ROWS['a'] += 1\n", MAIN: loop("import base", "len(base.ROWS)", "pass", "try:\n    base.step()\nexcept ValueError:\n    pass")}, sub(WORK, "return 1", "raise ValueError"), sub(WORK, "raise ValueError", "return 1"))
keys.service("that-nobody-lists", {WORK: "def now(n):\n    return n > 3\n", BASE: "from collections import defaultdict\n\nimport work\n\nCOUNT = defaultdict(int)\n\n\ndef step(n):\n    if work.now(n):\n        COUNT['a'] += 1\n    return work.now(5)\n", MAIN: loop("import base", "base.step(shown)")}, sub(WORK, "n > 3", "n > 6"), sub(WORK, "n > 6", "n > 2"))

# -- written and read again -----------------------------------------------------------------------------------------------
again = Group("read-back")
WORD = "def word():\n    return 'v1'\n"
NEXT = sub(WORK, "v1", "v2"), sub(WORK, "v2", "v3")
LOG = "import os\nfrom pathlib import Path\n\nimport work\n\nPATH = Path(__file__).with_name('log.txt')\n{}\n\n\ndef step():\n    {}\n\n\ndef show():\n    return sorted(set(PATH.read_text().split()))\n"
ADD = "with open(PATH, 'a') as file:\n        file.write(work.word() + '\\n')"
LOOP = loop("import base", "base.show()", "pass", "base.step()")
for name, start, add in (
    ("emptied-by-open-and-close", "open(PATH, 'w').close()", ADD),
    ("emptied-in-a-block", "with open(PATH, 'w') as file:\n    pass", ADD),
    ("emptied-by-write-text", "PATH.write_text('')", ADD),
    ("emptied-by-a-flag", "os.close(os.open(PATH, os.O_RDWR | os.O_CREAT | os.O_TRUNC))", ADD),
    ("removed-at-first", "PATH.unlink(missing_ok=True)", ADD),
    ("printed-into", "open(PATH, 'w').close()", "with PATH.open('a') as file:\n        print(work.word(), file=file)"),
    ("begun-with-a-heading", "PATH.write_text('words\\n')", ADD),
):
    again.service(name, {WORK: WORD, BASE: LOG.format(start, add), MAIN: LOOP}, *NEXT)
again.service("names-of-files", {WORK: WORD, BASE: "import tempfile\nfrom pathlib import Path\n\nimport work\n\nFOLDER = Path(tempfile.mkdtemp())\n\n\ndef step():\n    (FOLDER / work.word()).touch()\n\n\ndef show():\n    return sorted(path.name for path in FOLDER.iterdir())\n", MAIN: LOOP}, *NEXT)
again.service("never-read-again", {WORK: WORD, BASE: LOG.format("open(PATH, 'w').close()", ADD).replace("sorted(set(PATH.read_text().split()))", "work.word(), PATH.name[:3]").replace("open(PATH, 'w').close()", "PATH.unlink(missing_ok=True)"), MAIN: LOOP}, *NEXT)

# -- begun once -------------------------------------------------------------------------------------------------------------
begun = Group("begun-once")
THREAD = "import threading\nimport time\n\nimport work\n\n\ndef wait():\n    while True:\n        time.sleep(0.01)\n\n\ndef step():\n    {}\n\n\ndef show():\n    return sorted(thread.name for thread in threading.enumerate())\n"
for name, body in {
    "unless-one-of-that-kind-is-there": "if not any(t.name[:1] == 'v' for t in threading.enumerate()):\n        threading.Thread(target=wait, name=work.word(), daemon=True).start()",
    "unless-there-are-enough": "if threading.active_count() < 2:\n        threading.Thread(target=wait, name=work.word(), daemon=True).start()",
    "by-a-variable": "if threading.active_count() < 2:\n        thread = threading.Thread(target=wait, name=work.word(), daemon=True)\n        thread.start()",
}.items():
    begun.service(f"thread-{name}", {WORK: WORD, BASE: THREAD.format(body), MAIN: LOOP}, *NEXT)
TASK = "import asyncio\n\nimport work\n\nTASKS = []\n\n\nasync def wait():\n    while True:\n        await asyncio.sleep(0.01)\n\n\nasync def main():\n    shown = 0\n    while True:\n        if len(asyncio.all_tasks()) < 2:\n            TASKS[:] = [asyncio.create_task(wait(), name=work.word())]\n        shown += 1\n        print(f'{shown}\\t{max(task.get_name() for task in asyncio.all_tasks())}', flush=True)\n        await asyncio.sleep(0.005)\n\n\nasyncio.run(main())\n"
begun.service("task-unless-there-are-enough", {WORK: WORD, MAIN: TASK}, *NEXT)

# -- decided by data that are read anew -------------------------------------------------------------------------------------
marked = Group("marked-by-data")
S = "state.json"
OFF, ON = edit(sub(S, "1", "0"), save="atomic"), edit(sub(S, "0", "1"), save="atomic")
READ = "import json\n\nON = False\n\n\nclass Box:\n    def __init__(self):\n        self.on = self.off = False\n        self.known = {}\n\n    def step(self):\n        global ON\n        with open('state.json') as file:\n            data = json.load(file)\n"


def marks(name: str, does: str, show: str = "box.on, box.off") -> None:
    """What a method does with what it has read."""
    body = "".join(f"        {line}\n" for line in does.splitlines())
    marked.service(name, {S: "1\n", BASE: READ + body, MAIN: loop("import base", show, "box = base.Box()", "box.step()")}, OFF, ON)


marks("one-flag-of-two", "if data:\n    self.on = True\nelse:\n    self.off = True")
marks("a-flag-after-a-return", "if not data:\n    return\nself.on = True")
marks("a-flag-in-a-loop", "for _ in range(data):\n    self.on = True")
marks("a-global-flag", "if data:\n    ON = True", "base.ON")
marks("by-a-key-with-a-constant", "self.known[data] = True", "sorted(box.known)")
marks("a-flag-in-each-branch", "if data:\n    self.on = True\nelse:\n    self.on = False")
marks("a-flag-that-is-set-before", "self.on = False\nif data:\n    self.on = True")
for name, start, begin in (("a-local-flag", "on = False", ""), ("a-local-flag-of-each-round", "pass", "on = False\n")):
    marked.service(name, {S: "1\n", MAIN: loop("import json", "on", start, begin + "with open('state.json') as file:\n    if json.load(file):\n        on = True")}, OFF, ON)
marked.service("by-a-hook-of-the-reader", {S: '{"n": 1}\n', WORK: "SEEN = {}\n\n\ndef hook(found):\n    SEEN[found['n']] = True\n    return found\n", MAIN: loop("import json\n\nimport work", "data, sorted(work.SEEN)", "pass", "with open('state.json') as file:\n    data = json.load(file, object_hook=work.hook)")}, OFF, ON)
PICKLE = "cwork\nmake\np0\n(I1\ntp1\nRp2\n."
MAKES = "SEEN = set()\n\n\ndef make(n):\n    SEEN.add(n)\n    return n\n"
LOADS = "import pickle\n\nimport work\n\nwith open('state.pkl', 'rb') as file:\n    DATA = pickle.load(file)\n"
OTHER = edit(sub("state.pkl", "I1", "I2"), save="atomic"), edit(sub("state.pkl", "I2", "I3"), save="atomic")
marked.service("by-what-is-unpickled-at-import", {"state.pkl": PICKLE, WORK: MAKES, BASE: LOADS, MAIN: loop("import base\nimport work", "base.DATA, work.SEEN")}, *OTHER)
marked.service("by-what-is-unpickled-every-time", {"state.pkl": PICKLE, WORK: MAKES, MAIN: loop("import pickle\n\nimport work", "data, work.SEEN", "pass", "with open('state.pkl', 'rb') as file:\n    data = pickle.load(file)")}, *OTHER)
STATE = "ccopy_reg\n_reconstructor\np0\n(cwork\nState\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nVn\np6\nI1\nsb."
marked.service("by-an-instance-that-is-told", {"state.pkl": STATE, WORK: "LAST = []\n\n\nclass State:\n    def __setstate__(self, values):\n        self.n = values['n']\n        LAST[:] = [*LAST, self.n]\n", BASE: LOADS, MAIN: loop("import base\nimport work", "base.DATA.n, work.LAST")}, *OTHER)
marked.service("by-a-plain-instance", {"state.pkl": STATE, WORK: "class State:\n    n = 0\n", BASE: LOADS, MAIN: loop("import base\nimport work", "base.DATA.n")}, *OTHER)

# -- kept by a database ---------------------------------------------------------------------------------------------------
stored = Group("kept-by-a-database")
BEGIN = "db = sqlite3.connect(':memory:')\ndb.execute('create table t (k primary key, n integer)')\ndb.executemany('insert into t values (?, 0)', [(1,), (2,), (3,), (4,)])"
ROWS = "db.execute('select k, n from t order by k').fetchall()"


def stores(name: str, text: str, does: str, *edits: Change) -> None:
    """`does` something to a table that is shown."""
    stored.service(name, {WORK: text, MAIN: loop("import sqlite3\n\nimport work", "rows", BEGIN, f"{does}\nrows = {ROWS}")}, *edits)


stores("deleted-by-a-rule", "def most():\n    return 2\n", "db.execute('delete from t where k > ?', (work.most(),))", sub(WORK, "2", "3"), sub(WORK, "3", "1"))
stores("deleted-sometimes", WHEN, "if work.now():\n    db.execute('delete from t where k > 2')", NOW, NEVER)
stores("changed-sometimes", WHEN, "if work.now():\n    db.execute('update t set n = 1 where k > 2')", NOW, NEVER)
stores("put-by-a-key", "def key():\n    return 'a'\n", "db.execute('insert or replace into t values (?, 1)', (work.key(),))", sub(WORK, "'a'", "'b'"), sub(WORK, "'b'", "'c'"))
stores("put-in-place-of-another", "def key():\n    return 'a'\n", "db.execute('replace into t values (?, 1)', (work.key(),))", sub(WORK, "'a'", "'b'"), sub(WORK, "'b'", "'c'"))
stores("put-or-changed", "def key():\n    return 'a'\n", "db.execute('insert into t values (?, 1) on conflict (k) do update set n = 1', (work.key(),))", sub(WORK, "'a'", "'b'"), sub(WORK, "'b'", "'c'"))
stores("deleted-by-a-statement", "def purge(db):\n    db.execute('delete from t where k > 2')\n", "work.purge(db)", sub(WORK, "2", "3"), sub(WORK, "3", "1"))
stores("changed-by-a-statement", "def change(db):\n    db.execute('update t set n = 1 where k > 2')\n", "work.change(db)", sub(WORK, "2", "3"), sub(WORK, "3", "1"))
stores("put-by-a-statement", "def change(db):\n    db.executescript(\"insert or ignore into t values ('a', 1)\")\n", "work.change(db)", sub(WORK, "'a'", "'b'"), sub(WORK, "1)", "2)"))
stores("deleted-by-a-text-of-the-module", "OLD = 'delete from t where k > 2'\n\n\ndef purge(db):\n    db.execute(OLD)\n", "work.purge(db)", sub(WORK, "2", "3"), sub(WORK, "3", "1"))
stores("all-deleted-sometimes", WHEN, "if work.now():\n    db.execute('delete from t')", NOW, NEVER)
stores("all-deleted-by-a-function-that-is-called-sometimes", WHEN, "def purge():\n    db.execute('delete from t')\n\nif work.now():\n    purge()", NOW, NEVER)
stores("taken-back-sometimes", WHEN, "if work.now():\n    db.rollback()", NOW, NEVER)
stores("kept-sometimes", WHEN, "if work.now():\n    db.commit()\ndb.rollback()", NOW, NEVER)
stores("all-deleted-every-time", "def n():\n    return 1\n", "db.execute('delete from t')\ndb.execute('insert into t values (1, ?)', (work.n(),))\ndb.commit()", sub(WORK, "1", "2"), sub(WORK, "2", "3"))
PURGE = "def purge(db):\n    db.execute('delete from t')\n"
stores("deleted-no-more", PURGE, "work.purge(db)", sub(WORK, "db.execute('delete from t')", "pass"), put(WORK, PURGE))
stores("taken-back-no-more", "def back(db):\n    db.rollback()\n", "work.back(db)", sub(WORK, "db.rollback()", "pass"), sub(WORK, "pass", "db.rollback()"))
stores("put-and-kept-where-there-is-any", "def n():\n    return 1\n", "rows = [(1, work.n())]\nif rows:\n    db.execute('delete from t')\n    db.executemany('insert into t values (?, ?)', rows)\n    db.commit()", sub(WORK, "1", "2"), sub(WORK, "2", "3"))
TABLES = "db.execute('select name from sqlite_master where name not like ?', ('sqlite%',)).fetchall()"
for name, text, does, edits in (
    ("made-sometimes", WHEN, "if work.now():\n    db.execute('create table if not exists u (k)')", (NOW, NEVER)),
    ("dropped-sometimes", WHEN, "if work.now():\n    db.execute('drop table if exists t')", (NOW, NEVER)),
    ("renamed-sometimes", WHEN, "if work.now() and db.execute('select count(*) from sqlite_master where name = ?', ('t',)).fetchone()[0]:\n    db.execute('alter table t rename to u')", (NOW, NEVER)),
    ("made-by-a-name", "def name():\n    return 'a'\n", "db.execute(f'create table if not exists {work.name()} (k)')", (sub(WORK, "'a'", "'b'"), sub(WORK, "'b'", "'c'"))),
    ("made-by-a-text", "NAME = 'a'\nMAKE = 'create table if not exists ' + NAME + ' (k)'\n\n\ndef make(db):\n    db.execute(MAKE)\n", "work.make(db)", (sub(WORK, "'a'", "'b'"), sub(WORK, "'b'", "'c'"))),
    ("made-by-a-constant-text", "def make(db):\n    db.execute('create table if not exists a (k)')\n", "work.make(db)", (sub(WORK, "exists a", "exists b"), sub(WORK, "exists b", "exists c"))),
):
    stored.service(name, {WORK: text, MAIN: loop("import sqlite3\n\nimport work", TABLES, BEGIN, does)}, *edits)
stored.service("numbered-sometimes", {WORK: WHEN, MAIN: loop("import sqlite3\n\nimport work", "db.execute('pragma user_version').fetchone()", BEGIN, "if work.now():\n    db.execute('pragma user_version = 3')")}, NOW, NEVER)
CASES = [*wiped.cases, *keys.cases, *again.cases, *begun.cases, *marked.cases, *stored.cases]
