"""Files that are not code: read in the run, at import, once, through a cache, by listing, by somebody else."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop, wines
from hrsup.bench.cases.unforeseen import MAIN, loop
from hrsup.bench.vocabulary import Group, add, delete, edit, put, sub

R, C = "shop/rules.py", "data/orders.csv"
group = Group("data", shop)
CONFIG = {"data/settings.json": '{"limit": 50, "word": "big"}\n'}
READ = "import json\n\nfrom shop.config import DATA\n\n"
group.both("row-changed", {}, edit(sub(C, "1001,north,tea,3", "1001,north,tea,8"), save="atomic"))
group.both("row-added", {}, edit(add(C, "1009,east,cup,7,2.25\n"), save="atomic"))
group.both("row-removed", {}, edit(sub(C, "1002,south,pot,1,18.00\n", ""), save="atomic"))
group.both("three-edits", {}, edit(sub(C, "tray,2", "tray,3"), save="atomic"), edit(sub(C, "tray,3", "tray,4"), save="atomic"), edit(sub(C, "tray,4", "tray,2"), save="atomic"))
group.both("read-at-import", {**CONFIG, R: rules(READ + "SETTINGS = json.loads((DATA / 'settings.json').read_text())\n", "SETTINGS")}, sub("data/settings.json", "50", "70"))
group.both("read-at-import-then-from-import", {**CONFIG, "shop/settings.py": READ + "LIMIT = json.loads((DATA / 'settings.json').read_text())['limit']\n", "shop/use.py": "from shop.settings import LIMIT\n\nTWICE = LIMIT * 2\n", R: rules("from shop.use import TWICE\n", "TWICE")}, sub("data/settings.json", "50", "71"))
group.both("read-at-import-as-default", {**CONFIG, R: rules(READ + "def over(value, limit=json.loads((DATA / 'settings.json').read_text())['limit']):\n    return value > limit\n", "over(60)")}, sub("data/settings.json", "50", "70"))
group.both("read-into-a-global", {**CONFIG, R: rules(READ + "_settings = None\n\n\ndef settings():\n    global _settings\n    if _settings is None:\n        _settings = json.loads((DATA / 'settings.json').read_text())\n    return _settings\n", "settings()")}, sub("data/settings.json", "50", "72"))
group.both("read-by-start", {**CONFIG, R: "import json\n\nfrom shop.config import DATA\n\n\ndef start():\n    return json.loads((DATA / 'settings.json').read_text())\n\n\ndef describe(orders, context):\n    return [context]\n"}, sub("data/settings.json", "50", "73"))
group.both("read-every-time", {**CONFIG, R: rules(READ + "def settings():\n    try:\n        return json.loads((DATA / 'settings.json').read_text())\n    except ValueError:\n        return 'half'\n", "settings()")}, edit(sub("data/settings.json", "50", "74"), save="atomic"))
group.both("template-with-toml", {"data/names.toml": "[names]\ntea = 'Tee'\n", R: rules("import tomllib\n\nfrom shop.config import DATA\n\nwith open(DATA / 'names.toml', 'rb') as file:\n    NAMES = tomllib.load(file)['names']\n", "NAMES['tea']")}, sub("data/names.toml", "'Tee'", "'Kamillentee'"))
group.both("ini-with-configparser", {"data/shop.ini": "[shop]\nname = Corner\n", R: rules("from configparser import ConfigParser\n\nfrom shop.config import DATA\n\nCONFIG = ConfigParser()\nCONFIG.read([DATA / 'shop.ini', DATA / 'local.ini'])\n", "CONFIG['shop']['name']")}, sub("data/shop.ini", "Corner", "Market"), put("data/local.ini", "[shop]\nname = Local\n"), delete("data/local.ini"))
group.both("file-that-was-missing", {R: rules("from shop.config import DATA\n\nPATH = DATA / 'note.txt'\nNOTE = PATH.read_text().strip() if PATH.exists() else 'no note'\n", "NOTE")}, put("data/note.txt", "closed on Monday\n"), delete("data/note.txt"))
group.both("file-that-was-missing-in-the-run", {R: rules("from shop.config import DATA\n\n\ndef note():\n    try:\n        return (DATA / 'note.txt').read_text().strip()\n    except FileNotFoundError:\n        return 'no note'\n", "note()")}, edit(put("data/note.txt", "closed on Monday\n"), save="atomic"))
group.both("folder-listed-at-import", {"data/parts/a.txt": "1\n", R: rules("from shop.config import DATA\n\nPARTS = sorted(path.name for path in (DATA / 'parts').iterdir())\n", "PARTS")}, put("data/parts/b.txt", "2\n"), delete("data/parts/a.txt"))
group.both("glob-in-the-run", {"data/parts/a.txt": "1\n", R: rules("from shop.config import DATA\n\n\ndef total():\n    return sum(int(path.read_text() or 0) for path in sorted((DATA / 'parts').glob('*.txt')))\n", "total()")}, edit(put("data/parts/b.txt", "2\n"), save="atomic"), edit(sub("data/parts/a.txt", "1", "7"), save="atomic"))
group.both("os-walk", {"data/tree/x/a.txt": "1\n", R: rules("import os\n\nfrom shop.config import DATA\n\n\ndef names():\n    return sorted(name for _, _, files in os.walk(DATA / 'tree') for name in files)\n", "names()")}, put("data/tree/y/b.txt", "2\n"))
group.both("exists-only", {"data/flag": "", R: rules("import os\n\nfrom shop.config import DATA\n\nON = os.path.exists(DATA / 'flag')\n", "ON")}, delete("data/flag"))
group.both("size-only", {"data/blob": "123\n", R: rules("import os\n\nfrom shop.config import DATA\n\nSIZE = os.path.getsize(DATA / 'blob')\n", "SIZE")}, put("data/blob", "12345\n"))
group.both("package-resource", {"shop/texts/__init__.py": "", "shop/texts/hello.txt": "hello\n", R: rules("from importlib.resources import files\n\nHELLO = files('shop.texts').joinpath('hello.txt').read_text().strip()\n", "HELLO")}, put("shop/texts/hello.txt", "good day\n"))
group.both("linecache", {"data/lines.txt": "one\ntwo\n", R: rules("import linecache\n\nfrom shop.config import DATA\n", "linecache.getline(str(DATA / 'lines.txt'), 2).strip()")}, put("data/lines.txt", "one\nthree\n"))
group.both("sqlite", {"data/make.sql": "create table t(x); insert into t values (3);\n", R: rules("import sqlite3\n\nfrom shop.config import DATA\n\nBASE = sqlite3.connect(':memory:')\nBASE.executescript((DATA / 'make.sql').read_text())\n", "BASE.execute('select sum(x) from t').fetchone()[0]")}, sub("data/make.sql", "(3)", "(3), (4)"))
group.both("read-by-a-child-process", {"data/word.txt": "one\n", R: rules("import subprocess\n\nfrom shop.config import DATA\n\nWORD = subprocess.run(['cat', str(DATA / 'word.txt')], capture_output=True, text=True).stdout.strip()\n", "WORD")}, put("data/word.txt", "two\n"))
group.both("mmap", {"data/word.bin": b"abcd", R: rules("import mmap\n\nfrom shop.config import DATA\n\nwith open(DATA / 'word.bin', 'rb') as file:\n    WORD = bytes(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))\n", "WORD")}, put("data/word.bin", b"wxyz"))
group.both("symbolic-name-in-data", {"data/which.txt": "first\n", "data/first.txt": "1\n", "data/second.txt": "2\n", R: rules("from shop.config import DATA\n\nVALUE = (DATA / ((DATA / 'which.txt').read_text().strip() + '.txt')).read_text().strip()\n", "VALUE")}, put("data/which.txt", "second\n"), put("data/second.txt", "22\n"))
group.both("data-and-code-together", {**CONFIG, R: rules(READ + "SETTINGS = json.loads((DATA / 'settings.json').read_text())\n", "SETTINGS['limit'] + 1")}, edit(sub("data/settings.json", '"limit"', '"most"'), sub(R, "['limit']", "['most']")))
group.both("data-then-code", {**CONFIG, R: rules(READ + "SETTINGS = json.loads((DATA / 'settings.json').read_text())\n", "SETTINGS['limit'] + 1")}, sub("data/settings.json", "50", "80"), sub(R, "+ 1", "+ 2"))
group.service("read-at-import-and-on-every-tick", {"data/word.txt": "one\n", "shop/once.py": "from shop.config import DATA\n\nWORD = (DATA / 'word.txt').read_text().strip()\n", R: rules("from shop.config import DATA\nfrom shop.once import WORD\n", "[WORD, (DATA / 'word.txt').read_text().strip()]")}, edit(put("data/word.txt", "two\n"), save="atomic"), edit(put("data/word.txt", "three\n"), sub("shop/once.py", "strip()", "strip("), save="atomic"), edit(put("data/word.txt", "four\n"), sub("shop/once.py", "strip(", "strip()"), save="atomic"))
group.both("data-with-broken-code-that-is-taken-back", {**CONFIG, "shop/other.py": "VALUE = 1\n", R: rules(READ + "import shop.other\n\nSETTINGS = json.loads((DATA / 'settings.json').read_text())\n", "SETTINGS['limit'] + shop.other.VALUE")}, edit(sub("data/settings.json", "50", "80"), sub("shop/other.py", "= 1", "= = 1"), save="atomic"), sub("shop/other.py", "= = 1", "= 1"))
group.both("read-by-absolute-and-relative-name", {"note.txt": "one\n", R: rules("import os\n\nNOTE = open('note.txt').read() + open(os.path.abspath('note.txt')).read()\n", "NOTE.split()")}, put("note.txt", "two\n"))
# What was looked for in vain at import, before the layer that the first edit goes back to, is there in the next round.
NOTE = "from pathlib import Path\n\nPATH = Path('note.txt')\n\n\ndef read():\n    return PATH.read_text().strip() if PATH.exists() else 'no note'\n\n\nNOTE = read()\n"
for name, asked in {"asked-for": NOTE, "tried": NOTE.replace("    return PATH.read_text().strip() if PATH.exists() else 'no note'\n", "    try:\n        return PATH.read_text().strip()\n    except FileNotFoundError:\n        return 'no note'\n")}.items():
    group.service(f"missing-at-import-then-read-on-every-tick-{name}", {"note.py": asked, "word.py": "def words():\n    while True:\n        yield 'old'\n", MAIN: loop("import note\nimport word", "[note.NOTE, note.read(), next(words)]", "words = word.words()").replace("0.005", "0.001")}, sub("word.py", "old", "new"), sub("word.py", "new", "newer"), edit(put("note.txt", "closed\n"), save="atomic"), edit(delete("note.txt"), save="atomic"))

pandas = Group("pandas", wines)
for name, change in {
    "body": sub("features.py", "np.log1p(frame[\"value\"])", "np.sqrt(frame[\"value\"])"),
    "constant": sub("settings.py", "DIGITS = 3", "DIGITS = 1"),
    "params": sub("params.json", "2.5", "4.5"),
    "csv": sub("data/measurements.csv", "a,x,0.0\n", "a,x,9.0\n"),
    "list": sub("settings.py", '"c"]', "]"),
    "main": sub("main.py", "print(line)", "print('>', line)"),
}.items():
    pandas.batch(name, {}, change, requires=("pandas",))
pandas.batch("five-edits", {}, sub("features.py", "log1p", "sqrt"), sub("params.json", "2.5", "1.0"), sub("report.py", "are high", "are tall"), sub("settings.py", "DIGITS = 3", "DIGITS = 2"), sub("data/measurements.csv", "b,y,", "a,y,", 10), requires=("pandas",))

CASES = [*group.cases, *pandas.cases]
