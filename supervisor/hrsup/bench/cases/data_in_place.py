"""Data as real programs read it: settings objects, folders of settings, models; and what may go on holding the old."""

from __future__ import annotations

import pickle

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, delete, edit, put, sub

R, F = "shop/rules.py", "data/f.json"
DATA = "import json\n\nfrom shop.config import DATA\n\n"
FILE = {F: '{"limit": 1, "word": "one"}\n'}
NEW = edit(put(F, '{"limit": 2, "word": "two"}\n'), save="atomic")
NEWER = edit(put(F, '{"limit": 3, "word": "three"}\n'), save="atomic")
READ = "json.loads((DATA / 'f.json').read_text())"
LOAD = f"{DATA}\ndef load(name='f.json'):\n    with open(DATA / name, encoding='utf-8') as file:\n        found = json.load(file)\n    found['twice'] = found['limit'] * 2\n    return found\n\n\n"

group = Group("in-place", shop)
group.both("load-function", {**FILE, R: rules(f"{LOAD}CONFIG = load()\nLIMIT = CONFIG['twice'] + 1\n", "(CONFIG['word'], LIMIT)")}, NEW, NEWER)
group.both("load-function-of-another-module", {**FILE, "shop/load_config.py": LOAD, "shop/settings.py": "from shop.load_config import load\n\nCONFIG = load()\n", "shop/use.py": "from shop.settings import CONFIG\n\nLIMIT = CONFIG['limit'] * 10\n", R: rules("from shop import settings\nfrom shop.use import LIMIT\n", "(settings.CONFIG['word'], LIMIT)")}, NEW, NEWER)
group.both("with-at-module-level", {**FILE, R: rules(f"{DATA}with open(DATA / 'f.json') as file:\n    CONFIG = json.load(file)\nwith open(DATA / 'orders.csv') as file:\n    HEADER = file.readline().strip()\n", "(CONFIG['word'], HEADER)")}, NEW, NEWER, edit(sub("data/orders.csv", "number,region,sku", "number,region,item"), save="atomic"))
group.both("data-class", {**FILE, R: rules(f"from dataclasses import dataclass\n{DATA}\n@dataclass(frozen=True)\nclass Settings:\n    limit: int\n    word: str = ''\n\n    @classmethod\n    def load(cls, path):\n        return cls(**json.loads(path.read_text()))\n\n\nSETTINGS = Settings.load(DATA / 'f.json')\n", "SETTINGS")}, NEW, NEWER)
group.both("settings-object", {**FILE, R: rules(f"{DATA}\nclass Settings:\n    def __init__(self, path):\n        found = json.loads(path.read_text())\n        self.word = found['word']\n        self.limits = [found['limit']] * 2\n\n    def total(self):\n        return sum(self.limits)\n\n\nSETTINGS = Settings(DATA / 'f.json')\n", "(SETTINGS.word, SETTINGS.total())")}, NEW, NEWER)
group.both("folder-of-settings", {"data/conf.d/a.json": '{"a": 1}\n', R: rules(f"{DATA}CONFIG = {{}}\nfor path in sorted((DATA / 'conf.d').glob('*.json')):\n    with open(path) as file:\n        CONFIG.update(json.load(file))\n", "CONFIG")}, edit(put("data/conf.d/a.json", '{"a": 2}\n'), save="atomic"), put("data/conf.d/b.json", '{"b": 5}\n'), delete("data/conf.d/a.json"))
group.both("override-that-comes-and-goes", {**FILE, R: rules(f"{DATA}CONFIG = {READ}\ntry:\n    with open(DATA / 'local.json') as file:\n        LOCAL = json.load(file)\nexcept FileNotFoundError:\n    LOCAL = {{}}\nMERGED = {{**CONFIG, **LOCAL}}\n", "MERGED")}, put("data/local.json", '{"word": "mine"}\n'), NEW, delete("data/local.json"))
group.both("changed-after-it-was-read", {**FILE, R: rules(f"{DATA}CONFIG = {READ}\n\n\ndef tick():\n    CONFIG['seen'] = True\n    return CONFIG\n", "tick()")}, NEW)
group.both("changed-under-another-name", {**FILE, R: rules(f"{DATA}CONFIG = {READ}\n\n\ndef mark(found):\n    found['seen'] = True\n    return found\n\n\ndef tick():\n    return mark(CONFIG)\n", "tick()")}, NEW)
group.both("registered-at-import", {**FILE, "shop/registry.py": "KNOWN = []\n\n\ndef register(value):\n    KNOWN.append(value)\n", R: rules(f"from shop import registry\n{DATA}CONFIG = {READ}\nregistry.register(CONFIG)\n", "registry.KNOWN")}, NEW)
group.both("says-that-it-loads", {**FILE, R: rules(f"import sys\n{DATA}\ndef load():\n    print('loading', file=sys.stderr)\n    return {READ}\n\n\nCONFIG = load()\n", "CONFIG")}, NEW)
group.both("kept-by-an-object-made-before-the-loop", {**FILE, R: f"{DATA}CONFIG = {READ}\n\n\nclass Shown:\n    def __init__(self, config):\n        self.word = config['word']\n\n\ndef start():\n    return Shown(CONFIG)\n\n\ndef describe(orders, context):\n    return [context.word, CONFIG['word']]\n"}, NEW)
group.both("kept-at-the-first-turn", {**FILE, R: rules(f"{DATA}CONFIG = {READ}\n\n\nclass View:\n    shown = None\n\n    def word(self):\n        if self.shown is None:\n            self.shown = CONFIG['word'].upper()\n        return self.shown\n\n\nVIEW = View()\n", "(VIEW.word(), CONFIG['word'])")}, NEW)
group.both("history-of-what-was-read", {**FILE, R: rules(f"{DATA}SEEN = []\n\n\ndef tick():\n    word = {READ}['word']\n    if not SEEN or SEEN[-1] != word:\n        SEEN.append(word)\n    return SEEN[-1]\n", "tick()")}, NEW)
group.both("sum-over-turns", {**FILE, R: rules(f"{DATA}most = 0\n\n\ndef tick():\n    global most\n    most = max(most, {READ}['limit'])\n    return most\n", "tick()")}, NEW, edit(put(F, '{"limit": 0, "word": "none"}\n'), save="atomic"))
group.both("read-by-a-cached-function-of-the-library", {"data/lines.txt": "one\ntwo\n", R: rules("import linecache\n\nfrom shop.config import DATA\n\nFIRST = linecache.getline(str(DATA / 'lines.txt'), 1).strip()\n", "FIRST")}, put("data/lines.txt", "eins\ntwo\n"))
group.both("lru-cache-around-a-reader-with-a-key", {**FILE, R: rules(f"from functools import lru_cache\n{DATA}\n@lru_cache(maxsize=None)\ndef value(key):\n    return {READ}[key]\n", "(value('word'), value('limit'))")}, NEW, NEWER)
group.both("read-by-a-property", {**FILE, R: rules(f"{DATA}\nclass Live:\n    @property\n    def word(self):\n        return {READ}['word']\n\n\nLIVE = Live()\n", "LIVE.word")}, NEW, NEWER)
group.both("generator-that-goes-on", {**FILE, R: rules(f"{DATA}\ndef words():\n    word = {READ}['word']\n    while True:\n        yield word\n\n\nWORDS = words()\n", "next(WORDS)")}, NEW)
group.both("reading-after-an-edit-of-the-code-above", {**FILE, R: rules(f"{DATA}\ndef greet():\n    return 'hello'\n\n\nCONFIG = {READ}\n", "(greet(), CONFIG['word'])")}, sub(R, "    return 'hello'\n", "    # politely\n    text = 'good day'\n    return text\n"), NEW, NEWER)
group.both("half-written-then-right", {**FILE, R: rules(f"{DATA}CONFIG = {READ}\n", "CONFIG")}, edit(put(F, '{"limit": 2, "wo'), save="atomic"), NEW)
group.both("default-from-settings", {**FILE, "shop/settings.py": f"{DATA}LIMIT = {READ}['limit']\n", R: rules("from shop.settings import LIMIT\n\n\ndef over(value, limit=LIMIT):\n    return value > limit, limit\n", "over(2)")}, NEW, NEWER)
group.both("class-made-of-settings", {**FILE, R: rules(f"{DATA}CONFIG = {READ}\n\n\nclass Rule:\n    limit = CONFIG['limit']\n\n    def over(self, value):\n        return value > self.limit, self.limit\n\n\nRULE = Rule()\n", "RULE.over(2)")}, NEW, NEWER)
MODEL: dict[str, str | bytes] = {"data/model.pkl": pickle.dumps({"weights": [1, 2]}, 4), "data/params.json": '{"scale": 2}\n'}
SERVED = f"import pickle\n{DATA}with open(DATA / 'model.pkl', 'rb') as file:\n    MODEL = pickle.load(file)\nPARAMS = json.loads((DATA / 'params.json').read_text())\n\n\ndef predict(x):\n    return [weight * x * PARAMS['scale'] for weight in MODEL['weights']]\n"
group.both("model-and-parameters", {**MODEL, R: rules(SERVED, "predict(3)")}, edit(put("data/params.json", '{"scale": 5}\n'), save="atomic"), edit(put("data/model.pkl", pickle.dumps({"weights": [4]}, 4)), save="atomic"))

# Objects of other libraries keep what they were given, and no source says so.
FIT = "from sklearn.linear_model import LinearRegression\nimport json\n\nfrom shop.config import DATA\n\nMODEL = LinearRegression()\n\n\ndef tick():\n    top = json.loads((DATA / 'f.json').read_text())['limit']\n    {guard}MODEL.fit([[0], [1]], [0, top])\n    return top, round(float(MODEL.coef_[0]), 3)\n"
group.both("fitted-once", {**FILE, R: rules(FIT.format(guard="if not hasattr(MODEL, 'coef_'):\n        "), "tick()")}, NEW, requires=("sklearn",))
group.both("fitted-once-and-assigned", {**FILE, R: rules(FIT.format(guard="if not hasattr(MODEL, 'coef_'):\n        fitted = "), "tick()")}, NEW, requires=("sklearn",))
FRAME = "import pandas\n\nfrom shop.config import DATA\n\n\nclass Store:\n    def __init__(self):\n        self.frame = None\n\n    def load(self):\n        frame = pandas.read_csv(DATA / 'f.csv')\n        if self.frame is None:\n            self.frame = frame\n        return len(frame), self.frame['x'].tolist()\n\n\nSTORE = Store()\n"
CSV = {"data/f.csv": "x\n1\n2\n"}
NEW_CSV = edit(put("data/f.csv", "x\n1\n5\n"), save="atomic")
group.both("frame-kept-on-self", {**CSV, R: rules(FRAME, "STORE.load()")}, NEW_CSV, requires=("pandas",))
group.both("frame-filled-in-place", {**CSV, R: rules("import pandas\n\nfrom shop.config import DATA\n\nTOTAL = pandas.DataFrame({'x': [0, 0]})\n\n\ndef tick():\n    frame = pandas.read_csv(DATA / 'f.csv')\n    if not TOTAL['x'].any():\n        TOTAL['x'] = frame['x']\n    return TOTAL['x'].tolist()\n", "tick()")}, NEW_CSV, requires=("pandas",))
group.both("frame-at-import", {**CSV, R: rules("import pandas\n\nfrom shop.config import DATA\n\nFRAME = pandas.read_csv(DATA / 'f.csv')\nMEAN = float(FRAME['x'].mean())\n", "(MEAN, len(FRAME))")}, NEW_CSV, requires=("pandas",))
group.both("frame-at-import-changed-since", {**CSV, R: rules("import pandas\n\nfrom shop.config import DATA\n\nFRAME = pandas.read_csv(DATA / 'f.csv')\n\n\ndef tick():\n    FRAME.loc[0, 'x'] = 9\n    return FRAME['x'].tolist()\n", "tick()")}, NEW_CSV, requires=("pandas",))

WATCH = "import json\nimport os\n\nfrom shop.config import DATA\n\ndone = {}\n\n\ndef tick():\n    for name in sorted(os.listdir(DATA / 'inbox')):\n        if name.endswith('.json') and name not in done:\n            done[name] = json.loads((DATA / 'inbox' / name).read_text())\n    return done\n"
group.both("folder-that-is-watched", {"data/inbox/a.json": "1\n", R: rules(WATCH, "tick()")}, put("data/inbox/b.json", "2\n"), edit(put("data/inbox/a.json", "5\n"), save="atomic"))
COUNT = "import os\n\nfrom shop.config import DATA\n\nfirst = None\n\n\ndef tick():\n    global first\n    names = sorted(name for name in os.listdir(DATA / 'inbox') if not name.startswith('.'))\n    if first is None:\n        first = len(names)\n    return names, first\n"
group.both("count-of-a-folder-at-the-first-turn", {"data/inbox/a.txt": "1\n", R: rules(COUNT, "tick()")}, put("data/inbox/b.txt", "2\n"), delete("data/inbox/b.txt"))

# What the first turn did with the data, and how it comes to light again. The file is read anew at every turn.
SINK = "{imports}{DATA}{setup}\nfirst = True\n\n\ndef tick():\n    global first\n    x = {READ}['limit']\n    if first:\n        first = False\n        {do}\n    return x, {back}\n"
for name, (imports, setup, do, back) in {
    "context-variable": ("import contextvars\n", "V = contextvars.ContextVar('v')", "V.set(x)", "V.get()"),
    "mapped-append": ("", "L = []", "list(map(L.append, [x]))", "L[0]"),
    "partial-append": ("import functools\n", "L = []\nadd = functools.partial(L.append)", "add(x)", "L[0]"),
    "append-by-another-name": ("", "L = []\nadd = L.append", "add(x)", "L[0]"),
    "printed-to-a-buffer": ("import io\n", "B = io.StringIO()", "print(x, file=B)", "B.getvalue()"),
    "written-to-a-buffer": ("import io\n", "B = io.StringIO()", "B.write(str(x))", "B.getvalue()"),
    "counted-by-value": ("import collections\n", "Q = collections.Counter()", "Q[x] += 1", "sorted(Q)"),
    "executed-one-way-or-the-other": ("", "", "None if first else exec(f'Y = {x}', globals())", "Y"),
    "statement-for-a-database": ("import sqlite3\n", "C = sqlite3.connect(':memory:')\nC.execute('create table t(x)')", "C.execute('insert into t values (?)', (x,))", "C.execute('select x from t').fetchall()"),
    "attribute-of-an-element": ("import xml.etree.ElementTree as E\n", "root = E.Element('r')", "root.set('v', str(x))", "root.get('v')"),
    "done-by-a-thread": ("import threading\n", "D = {}", "thread = threading.Thread(target=D.__setitem__, args=('a', x))\n        thread.start()\n        thread.join()", "D['a']"),
}.items():
    group.service(f"first-turn-{name}", {**FILE, R: rules(SINK.format(imports=imports, DATA=DATA, READ=READ, setup=setup, do=do, back=back), "tick()")}, NEW)
# What a statement reads or calls beside the data, without a name of its own that says so.
HOOK = "SEEN = []\n\n\ndef hook(found):\n    SEEN.append(found['limit'])\n    return found\n\n\n"
TEXT = "(DATA / 'f.json').read_text()"
for name, (body, shown) in {
    "hook-by-keywords": (f"{DATA}{HOOK}WORDS = {{'object_hook': hook}}\nX = json.loads({TEXT}, **WORDS)\n", "SEEN"),
    "hook-in-a-partial": (f"import functools\n{DATA}{HOOK}H = functools.partial(hook)\nX = json.loads({TEXT}, object_hook=H)\n", "SEEN"),
    "environment-set-since": (f"import os\n{DATA}P = ({READ}['word'], os.path.expanduser('~'))\n\n\ndef tick():\n    os.environ['HOME'] = '/x'\n    return P\n", "tick()"),
    "precision-set-since": (f"import decimal\n{DATA}P = str(decimal.Decimal({READ}['limit']) / 3)\n\n\ndef tick():\n    decimal.getcontext().prec = 3\n    return P\n", "tick()"),
    "class-among-others": (f"{DATA}\nclass Base:\n    pass\n\n\nT = type('T' + {READ}['word'], (Base,), {{}})\n", "[cls.__name__ for cls in Base.__subclasses__()]"),
    "default-filled-since": (f"{DATA}\ndef norm(found, more=[]):\n    return [found['limit'], *more]\n\n\nP = norm({READ})\n\n\ndef tick():\n    norm.__defaults__[0][:] = [1]\n    return P\n", "tick()"),
    "attribute-of-a-class-filled-since": (f"{DATA}\nclass K:\n    more = []\n\n    @classmethod\n    def make(cls):\n        return [{READ}['limit'], *cls.more]\n\n\nP = K.make()\n\n\ndef tick():\n    if not K.more:\n        K.more.append(1)\n    return P\n", "tick()"),
    "attribute-of-a-function-set-since": (f"{DATA}\ndef norm(found):\n    return found['limit'] + norm.more\n\n\nnorm.more = 0\nP = norm({READ})\n\n\ndef tick():\n    norm.more = 5\n    return P\n", "tick()"),
}.items():
    group.service(f"beside-the-data-{name}", {**FILE, R: rules(body, shown)}, NEW)
BORG = "class Settings:\n    shared = {}\n\n    def __init__(self):\n        self.__dict__ = self.shared\n        if 'word' not in self.shared:\n            self.word = "
group.both("instances-with-their-state-in-common", {**FILE, R: rules(f"{DATA}{BORG}{READ}['word']\n", "Settings().word")}, NEW)

POOL = f"import os\nfrom concurrent.futures import ProcessPoolExecutor\n{DATA}\ndef read():\n    return {READ}['word']\n\n\n_pool = None\n\n\ndef pool():\n    global _pool\n    if _pool is None:\n        _pool = ProcessPoolExecutor(1)\n    return _pool\n\n\ndef work(word):\n    return word.upper()\n"
group.both("pool-given-what-was-read", {**FILE, R: rules(POOL, "pool().submit(work, read()).result()")}, NEW, NEWER)
group.both("pool-forked-with-settings", {**FILE, R: rules(POOL + f"\n\nCONFIG = {READ}\n\n\ndef settled():\n    return CONFIG['word']\n", "pool().submit(settled).result()")}, NEW)
group.both("pool-with-a-cache-by-key", {**FILE, R: rules(POOL + "\n\nfrom functools import lru_cache\n\n\n@lru_cache\ndef cached(key):\n    return read()\n\n\ndef ask(key):\n    return cached(key)\n", "pool().submit(ask, 'a').result()")}, NEW)

CASES = group.cases
