"""Data by every reader that programs use, and what programs keep of it."""

from __future__ import annotations

import gzip
import io
import pickle
import sqlite3
import zipfile

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, add, delete, edit, put, sub

R = "shop/rules.py"
DATA = "from shop.config import DATA\n"
group = Group("readers", shop)


def _zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word.txt", text)
    return file.getvalue()


def _base(number: int) -> bytes:
    base = sqlite3.connect(":memory:")
    base.execute("create table t(x)")
    base.execute("insert into t values (?)", (number,))
    base.commit()
    return base.serialize()


def _array(*numbers: int) -> bytes:
    """A .npy file (format 1.0) of small numbers, without numpy."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({len(numbers)},), }}"
    header = header.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(numbers)


# How it is read: at import, and in the run.
READERS: dict[str, tuple[str, str, bytes, bytes, tuple[str, ...]]] = {
    "pickle": ("import pickle\n", "pickle.loads((DATA / 'f').read_bytes())", pickle.dumps([1, 2]), pickle.dumps([1, 3]), ()),
    "zipfile": ("import zipfile\n", "zipfile.ZipFile(DATA / 'f').read('word.txt').decode()", _zipped("one"), _zipped("two"), ()),
    "gzip": ("import gzip\n", "gzip.open(DATA / 'f', 'rt').read()", gzip.compress(b"one", mtime=0), gzip.compress(b"two", mtime=0), ()),
    "csv": ("import csv\n", "[row for row in csv.reader(open(DATA / 'f'))]", b"a,1\n", b"a,2\n", ()),
    "xml": ("from xml.etree import ElementTree\n", "ElementTree.parse(DATA / 'f').getroot().text", b"<a>one</a>", b"<a>two</a>", ()),
    "low-level": ("import os\n", "os.read(os.open(DATA / 'f', os.O_RDONLY), 100).decode()", b"one", b"two", ()),
    "file-io": ("import io\n", "io.FileIO(str(DATA / 'f')).read().decode()", b"one", b"two", ()),
    "codecs": ("import io\n", "io.open(DATA / 'f', encoding='latin-1').read()", b"one", b"two", ()),
    "sqlite-file": ("import sqlite3\n", "sqlite3.connect(DATA / 'f').execute('select x from t').fetchone()[0]", _base(1), _base(2), ()),
    "numpy": ("import numpy\n", "numpy.fromfile(DATA / 'f', dtype='u1').tolist()", b"\1\2", b"\1\3", ("numpy",)),
    "memmap": ("import numpy\n", "numpy.memmap(DATA / 'f', dtype='u1', mode='r').tolist()", b"\1\2", b"\1\3", ("numpy",)),
    "numpy-load": ("import numpy\n", "numpy.load(DATA / 'f').tolist()", _array(1, 2), _array(1, 3), ("numpy",)),
    "open": ("", "open(DATA / 'f').read()", b"one", b"two", ()),
    "json": ("import json\n", "json.loads((DATA / 'f').read_text())", b"[1, 2]", b"[1, 3]", ()),
    "tomllib": ("import tomllib\n", "tomllib.loads((DATA / 'f').read_text())", b"a = 1\n", b"a = 2\n", ()),
    "resources": ("from importlib.resources import files\n", "files('shop').joinpath('../data/f').read_text()", b"one", b"two", ()),
    "os-open-relative-to-a-folder": ("import os\n", "os.path.getsize(DATA / 'f'), open(os.open('f', os.O_RDONLY, dir_fd=os.open(DATA, os.O_RDONLY))).read()", b"one", b"two!", ()),
    "pandas": ("import pandas\n", "pandas.read_csv(DATA / 'f')['a'].tolist()", b"a\n1\n", b"a\n2\n", ("pandas",)),
    "pyarrow": ("from pyarrow import csv\n", "csv.read_csv(DATA / 'f').column('a').to_pylist()", b"a\n1\n", b"a\n2\n", ("pyarrow",)),
    "polars": ("import polars\n", "polars.read_csv(DATA / 'f')['a'].to_list()", b"a\n1\n", b"a\n2\n", ("polars",)),
    "yaml": ("import yaml\n", "yaml.safe_load((DATA / 'f').read_text())", b"a: 1\n", b"a: 2\n", ("yaml",)),
    "executed": ("", "eval((DATA / 'f').read_text() or '0')", b"1 + 1", b"1 + 2", ()),
    "child-process": ("import subprocess\n", "subprocess.run(['cat', str(DATA / 'f')], capture_output=True, text=True).stdout", b"one", b"two", ()),
}
for name, (imports, expression, before, after, needs) in READERS.items():
    new = edit(put("data/f", after), save="atomic")
    group.both(f"{name}-at-import", {"data/f": before, R: rules(f"{imports}{DATA}\nVALUE = {expression}\n", "VALUE")}, new, requires=needs)
    if name not in ("low-level", "os-open-relative-to-a-folder"):  # it would run out of descriptors
        group.both(f"{name}-in-the-run", {"data/f": before, R: rules(f"{imports}{DATA}\n\ndef value():\n    return {expression}\n", "value()")}, new, requires=needs)

kept = Group("kept", shop)
F = {"data/f": "one\n"}
NEW = edit(put("data/f", "two\n"), save="atomic")
NEWER = edit(put("data/f", "three\n"), save="atomic")
READ = "(DATA / 'f').read_text().strip()"
kept.both("list-that-grew", {**F, R: rules(f"{DATA}\nSEEN = []\n\n\ndef last():\n    if not SEEN:\n        SEEN.append({READ})\n    return SEEN\n", "last()")}, NEW, NEWER)
kept.both("memo-by-path", {**F, R: rules(f"{DATA}\n_KNOWN = {{}}\n\n\ndef read(path):\n    if path not in _KNOWN:\n        _KNOWN[path] = path.read_text().strip()\n    return _KNOWN[path]\n", "read(DATA / 'f')")}, NEW, NEWER)
kept.both("lru-cache-by-path", {**F, R: rules(f"from functools import lru_cache\n\n{DATA}\n\n@lru_cache\ndef read(path):\n    return path.read_text().strip()\n", "read(DATA / 'f')")}, NEW, NEWER)
kept.both("params-object", {**F, R: rules(f"{DATA}\n\nclass Params:\n    def __init__(self):\n        self.word = {READ}\n\n\nPARAMS = Params()\n", "PARAMS.word")}, NEW)
kept.both("class-attribute", {**F, R: rules(f"{DATA}\n\nclass Params:\n    word = {READ}\n", "Params.word")}, NEW)
kept.both("cached-property", {**F, R: rules(f"from functools import cached_property\n\n{DATA}\n\nclass Params:\n    @cached_property\n    def word(self):\n        return {READ}\n\n\nPARAMS = Params()\n", "PARAMS.word")}, NEW)
kept.both("default-argument", {**F, R: rules(f"{DATA}\n\ndef say(word={READ}):\n    return word * 2\n", "say()")}, NEW)
kept.both("closure", {**F, R: rules(f"{DATA}\n\ndef make():\n    word = {READ}\n    return lambda: word\n\n\nSAY = make()\n", "SAY()")}, NEW)
kept.both("generator-over-lines", {**F, R: rules(f"{DATA}\n\ndef lines():\n    with open(DATA / 'f') as file:\n        yield from file\n", "[line.strip() for line in lines()]")}, NEW)
kept.both("open-file-rewound", {**F, R: rules(f"{DATA}\nFILE = open(DATA / 'f')\n\n\ndef value():\n    FILE.seek(0)\n    return FILE.read().strip()\n", "value()")}, NEW)
kept.batch("same-reader-at-import-and-in-the-run", {**F, R: rules(f"{DATA}\n\ndef read():\n    return {READ}\n\n\nFIRST = read()\n", "(FIRST, read())")}, NEW)
kept.both("same-reader-for-two-files", {**F, "data/g": "uno\n", R: rules(f"{DATA}\n\ndef read(name):\n    return (DATA / name).read_text().strip()\n\n\nFIRST = read('g')\n", "(FIRST, read('f'))")}, NEW, edit(put("data/g", "due\n"), save="atomic"))
kept.both("time-of-change-looked-at", {**F, R: rules(f"import os\n\n{DATA}\n_known = [None, None]\n\n\ndef value():\n    now = os.stat(DATA / 'f').st_mtime_ns\n    if now != _known[0]:\n        _known[:] = [now, {READ}]\n    return _known[1]\n", "value()")}, NEW, NEWER)
kept.both("sum-in-another-module", {**F, "shop/sums.py": "from shop.config import DATA\n\nLENGTH = len((DATA / 'f').read_text())\n", R: rules("from shop.sums import LENGTH\n", "LENGTH * 2")}, NEWER)
kept.both("two-files-one-at-import", {**F, "data/g": "uno\n", R: rules(f"{DATA}\nFIRST = (DATA / 'g').read_text().strip()\n", f"(FIRST, {READ})")}, NEW, edit(put("data/g", "due\n"), save="atomic"))
kept.both("folder-and-its-files", {"data/parts/a": "1\n", R: rules(f"import os\n\n{DATA}\n", "{entry.name: open(entry.path).read() for entry in sorted(os.scandir(DATA / 'parts'), key=lambda e: e.name) if entry.name[0] != '.'}")}, edit(put("data/parts/b", "2\n"), save="atomic"), edit(put("data/parts/a", "7\n"), save="atomic"), delete("data/parts/b"))
kept.both("count-of-a-folder-at-import", {"data/parts/a": "1\n", R: rules(f"{DATA}\nCOUNT = len(list((DATA / 'parts').glob('*')))\n", "COUNT")}, put("data/parts/b", "2\n"), delete("data/parts/b"))
kept.both("appended", {"data/log": "a\n", R: rules(f"{DATA}\n\ndef size():\n    return len((DATA / 'log').read_text().split())\n", "size()")}, edit(add("data/log", "b\n"), save="atomic"), edit(add("data/log", "c\n"), save="atomic"))
kept.service("thread-that-reads", {**F, R: f"import threading\nimport time\n\n{DATA}\nLATEST = [{READ}]\n\n\ndef watch():\n    while True:\n        LATEST[0] = {READ}\n        time.sleep(0.001)\n\n\ndef start():\n    threading.Thread(target=watch, daemon=True).start()\n\n\ndef describe(orders, context):\n    return LATEST\n"}, NEW)
kept.service("thread-that-read-once", {**F, R: f"import threading\n\n{DATA}\nLATEST = []\n\n\ndef watch():\n    LATEST.append({READ})\n\n\ndef start():\n    thread = threading.Thread(target=watch)\n    thread.start()\n    thread.join()\n\n\ndef describe(orders, context):\n    return LATEST\n"}, NEW)
WORKED = f"from concurrent.futures import ProcessPoolExecutor\n\n{DATA}_pool = None\n\n\ndef read():\n    return {READ}\n\n\ndef pool():\n    global _pool\n    if _pool is None:\n        _pool = ProcessPoolExecutor(1)\n    return _pool\n"
kept.both("read-in-a-worker-at-every-task", {**F, R: rules(WORKED, "pool().submit(read).result()")}, NEW, NEWER)
kept.both("read-once-in-a-worker", {**F, R: rules(WORKED.replace("def read()", "from functools import cache\n\n\n@cache\ndef read()"), "pool().submit(read).result()")}, NEW)
kept.both("read-by-an-initializer", {**F, R: rules(WORKED.replace("ProcessPoolExecutor(1)", "ProcessPoolExecutor(1, initializer=keep)") + "\n\n_kept = []\n\n\ndef keep():\n    _kept.append(read())\n\n\ndef kept():\n    return _kept\n", "pool().submit(kept).result()")}, NEW)
kept.both("read-by-the-coordinator-of-a-pool", {**F, R: rules(WORKED, "read(), pool().submit(len, 'four').result()")}, NEW, NEWER)
kept.both("made-of-what-is-read-every-time", {**F, R: rules(f"{DATA}_first = None\n\n\ndef value():\n    global _first\n    word = {READ}\n    if _first is None:\n        _first = word.upper()\n    return word, _first\n", "value()")}, NEW, NEWER)
kept.both("made-of-what-is-read-every-time-in-a-list", {**F, R: rules(f"{DATA}_seen = []\n\n\ndef value():\n    word = {READ}\n    if not _seen:\n        _seen.append(word)\n    return word, _seen\n", "value()")}, NEW)
kept.both("made-of-what-is-read-every-time-by-setdefault", {**F, R: rules(f"{DATA}_kept = {{}}\n\n\ndef value():\n    return _kept.setdefault('word', {READ})\n", "value()")}, NEW)
HANDLER = f"import hrsup\n\n{DATA}\nWORD = [{READ}]\n\n\n@hrsup.on_change(DATA / 'f')\ndef renew():\n    WORD[0] = {READ}\n"
kept.service("handler", {**F, R: rules(HANDLER, "WORD[0]")}, NEW, NEWER)
kept.service("handler-that-fails", {**F, R: rules(HANDLER.replace(f"    WORD[0] = {READ}\n", "    raise ValueError('no')\n"), "WORD[0]")}, NEW)

CASES = [*group.cases, *kept.cases]
