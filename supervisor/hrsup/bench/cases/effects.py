"""Modules whose import does something: it prints, counts, registers, writes, changes the process."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, edit, sub

R, E = "shop/rules.py", "shop/effect.py"
group = Group("side-effects", shop)
group.batch("prints-at-import", {E: "print('loading effect')\nVALUE = 1\n", R: rules("from shop.effect import VALUE\n", "VALUE")}, sub(E, "VALUE = 1", "VALUE = 2"), sub("shop/clean.py", "> 0", "> 1"))
group.both("appends-to-a-list-elsewhere", {"shop/hub.py": "NAMES = []\n", E: "from shop.hub import NAMES\n\nNAMES.append('one')\n", R: rules("import shop.effect\nfrom shop.hub import NAMES\n", "NAMES")}, sub(E, "'one'", "'uno'"), sub(E, "NAMES.append('uno')", "NAMES.extend(['a', 'b'])"))
group.both("counts-elsewhere", {"shop/hub.py": "COUNT = 0\n", E: "from shop import hub\n\nhub.COUNT += 1\nWORD = 'x'\n", R: rules("import shop.effect\nfrom shop import hub\n", "[hub.COUNT, shop.effect.WORD]")}, sub(E, "'x'", "'y'"))
group.both("patches-another-module", {"shop/hub.py": "def price():\n    return 1\n", E: "from shop import hub\n\nold = hub.price\nhub.price = lambda: old() + 10\n", R: rules("import shop.effect\nfrom shop import hub\n", "hub.price()")}, sub(E, "+ 10", "+ 20"), sub("shop/hub.py", "return 1", "return 2"))
group.both("patches-a-class-elsewhere", {"shop/hub.py": "class Item:\n    pass\n", E: "from shop.hub import Item\n\nItem.label = lambda self: 'patched'\n", R: rules("import shop.effect\nfrom shop.hub import Item\n\nITEM = Item()\n", "ITEM.label()")}, sub(E, "'patched'", "'patched twice'"), sub("shop/hub.py", "    pass", "    kind = 'k'"))
group.both("patches-the-standard-library", {E: "import json\n\n_old = json.dumps\njson.dumps = lambda value: '<' + _old(value) + '>'\n", R: rules("import json\n\nimport shop.effect\n", "json.dumps([1])")}, sub(E, "'<'", "'<<'"))
group.both("environment-variable", {E: "import os\n\nos.environ['SHOP_MODE'] = 'day'\n", R: rules("import os\n\nimport shop.effect\n", "os.environ['SHOP_MODE']")}, sub(E, "'day'", "'night'"), sub(E, "os.environ['SHOP_MODE'] = 'night'", "os.environ.setdefault('SHOP_MODE', 'dusk')"))
group.both("environment-variable-appended", {E: "import os\n\nos.environ['SHOP_PATH'] = os.environ.get('SHOP_PATH', '') + ':a'\n", R: rules("import os\n\nimport shop.effect\n", "os.environ['SHOP_PATH']")}, sub(E, "':a'", "':b'"))
group.both("sys-path", {"extra/colors.py": "NAME = 'red'\n", "other/colors.py": "NAME = 'blue'\n", E: "import sys\nfrom pathlib import Path\n\nsys.path.insert(0, str(Path(__file__).parent.parent / 'extra'))\n", R: rules("import shop.effect\nimport colors\n", "colors.NAME")}, sub(E, "'extra'", "'other'"))
group.both("changes-directory", {"sub/word.txt": "below\n", "word.txt": "above\n", E: "import os\n\nos.chdir('.')\n", R: rules("import shop.effect\n", "open('word.txt').read().strip()")}, sub(E, "'.'", "'sub'"))
group.both("random-seed", {E: "import random\n\nrandom.seed(4)\nDRAWS = [random.randrange(100) for _ in range(3)]\n", R: rules("from shop.effect import DRAWS\n", "DRAWS")}, sub(E, "seed(4)", "seed(5)"), sub("shop/clean.py", "> 0", "> 1"))
group.batch("random-state-in-the-run", {R: "import random\n\nrandom.seed(1)\n\n\ndef start():\n    return None\n\n\ndef describe(orders, context):\n    return [random.randrange(1000)]\n"}, sub("shop/clean.py", "> 0", "> 1"), sub(R, "range(1000)", "range(2000)"))
group.batch("state-mutated-in-the-run", {R: "SEEN = []\n\n\ndef start():\n    return None\n\n\ndef describe(orders, context):\n    SEEN.append(len(orders))\n    return [SEEN]\n"}, sub("shop/clean.py", "> 0", "> 1"), sub("shop/features.py", "+=", "-="))
group.batch("counter-in-the-run", {"shop/hub.py": "COUNT = 0\n\n\ndef count():\n    global COUNT\n    COUNT += 1\n    return COUNT\n", R: rules("from shop.hub import count\n", "[count(), count()]")}, sub("shop/clean.py", "> 0", "> 1"), sub("data/orders.csv", "1001,north,tea,3", "1001,north,tea,4"))
group.batch("warnings-filter", {E: "import warnings\n\nwarnings.simplefilter('ignore')\n", R: rules("import warnings\n\nimport shop.effect\n\n\ndef count():\n    with warnings.catch_warnings(record=True) as caught:\n        warnings.warn('x', stacklevel=1)\n    return len(caught)\n", "[count(), warnings.filters[0][0]]")}, sub(E, "'ignore'", "'always'"))
group.both("locale-of-decimal-context", {E: "import decimal\n\ndecimal.getcontext().prec = 5\n", R: rules("from decimal import Decimal\n\nimport shop.effect\n", "Decimal(1) / Decimal(7)")}, sub(E, "prec = 5", "prec = 8"), sub(E, "decimal.getcontext().prec = 8", "DONE = True"))
group.both("slow-import", {E: "import time\n\ntime.sleep(0.15)\nTABLE = {n: n * n for n in range(50)}\n", R: rules("from shop.effect import TABLE\n", "TABLE[7]")}, sub(E, "n * n ", "n * n * n "), sub("shop/clean.py", "> 0", "> 2"))
group.both("builtins-changed", {E: "import builtins\n\nbuiltins.SHOP = 'Ada'\n", R: rules("import shop.effect\n", "SHOP")}, sub(E, "'Ada'", "'Bob'"), sub(E, "builtins.SHOP = 'Bob'", "builtins.SHOP = builtins.SHOP + '!' if hasattr(builtins, 'SHOP') else 'new'"))
group.both("module-replaces-itself", {E: "import sys\nfrom types import SimpleNamespace\n\nsys.modules[__name__] = SimpleNamespace(word='one')\n", R: rules("from shop import effect\nimport sys\n", "sys.modules['shop.effect'].word")}, sub(E, "'one'", "'two'"))
group.both("module-class-changed", {E: "import sys\nfrom types import ModuleType\n\n\nclass Lazy(ModuleType):\n    @property\n    def word(self):\n        return 'one'\n\n\nsys.modules[__name__].__class__ = Lazy\n", R: rules("from shop import effect\n", "effect.word")}, sub(E, "'one'", "'two'"))
group.both("import-hook", {E: "import sys\n\n\nclass Finder:\n    marker = 'v1'\n\n    def find_spec(self, name, path=None, target=None):\n        return None\n\n\nsys.meta_path.append(Finder())\n", R: rules("import sys\n\nimport shop.effect\n", "[finder.marker for finder in sys.meta_path if hasattr(finder, 'marker')]")}, sub(E, "'v1'", "'v2'"))
group.batch("writes-a-file-at-import", {E: "from pathlib import Path\n\nOUT = Path(__file__).parent.parent / 'out.txt'\nOUT.write_text('one')\n", R: rules("from shop.effect import OUT\n", "OUT.read_text()")}, sub(E, "'one'", "'two'"))
group.batch("appends-to-a-file-in-the-run", {R: rules("from pathlib import Path\n\nLOG = Path(__file__).parent.parent / 'run.log'\n\n\ndef log(text):\n    with LOG.open('a') as file:\n        file.write(text + '\\n')\n    return text\n", "log('ran')")}, sub(R, "log('ran')", "log('ran again')"))

# What there is once while the program runs: whoever tries new code beside it must leave that alone.
once = Group("one-at-a-time")
SHOWN = loop("import base\nimport work", "'v1', work.word(), base.mine()")
WORD = "def word():\n    return 'w1'\n"
RAISES = sub(WORK, "def word", "LIMIT = 1 / 0\n\n\ndef word"), sub(WORK, "1 / 0", "2")
FILE = "import os\nfrom pathlib import Path\n\nPATH = Path(__file__).with_name('mine')\n"
for name, base in {
    "a-file-with-its-pid": f"{FILE}PATH.write_text(str(os.getpid()))\n\n\ndef mine():\n    return PATH.read_text() == str(os.getpid())\n",
    "a-file-that-is-put-in-place": f"{FILE}NEW = PATH.with_suffix('.new')\nNEW.write_text(str(os.getpid()))\nNEW.replace(PATH)\n\n\ndef mine():\n    return PATH.read_text() == str(os.getpid())\n",
    "a-file-that-goes-on": f"{FILE}with PATH.open('a') as file:\n    file.write('begun\\n')\nCOUNT = PATH.read_text().count('begun')\n\n\ndef mine():\n    return PATH.read_text().count('begun') - COUNT\n",
    "a-folder-made-anew": f"import shutil\n{FILE}shutil.rmtree(PATH, ignore_errors=True)\nPATH.mkdir()\n(PATH / str(os.getpid())).touch()\n\n\ndef mine():\n    return [path.name for path in PATH.iterdir()] == [str(os.getpid())]\n",
    "a-lock": f"import fcntl\n{FILE}FILE = PATH.open('w')\nfcntl.flock(FILE, fcntl.LOCK_EX | fcntl.LOCK_NB)\n\n\ndef mine():\n    return not FILE.closed\n",
    "a-socket": "import socket\n\nSERVER = socket.socket(socket.AF_UNIX)\nSERVER.bind('\\0base' + __file__[-60:])\nSERVER.listen()\n\n\ndef mine():\n    return SERVER.fileno() > 0\n",
    "a-link": f"{FILE}PATH.unlink(missing_ok=True)\nPATH.symlink_to(str(os.getpid()))\n\n\ndef mine():\n    return os.readlink(PATH) == str(os.getpid())\n",
    "a-file-that-is-mapped": f"import mmap\n{FILE}PATH.touch()\nos.truncate(PATH, 8)\nFILE = PATH.open('r+b')\nMAP = mmap.mmap(FILE.fileno(), 8)\nMAP[:] = b'%8d' % os.getpid()\n\n\ndef mine():\n    return int(PATH.read_bytes()) == os.getpid()\n",
}.items():
    once.service(name, {WORK: WORD, BASE: base, MAIN: SHOWN}, sub(MAIN, "'v1'", "'v2'"), edit(*RAISES[:1]), edit(*RAISES[1:]), sub(MAIN, "'v2'", "'v3'"))

# A child that has been forked and is not yet another program blocks all signals, as what hrsup forks does.
STARTS = loop("import subprocess", "'v1', subprocess.run(['true']).returncode")
once.service("children-of-its-own-while-it-is-ended", {MAIN: STARTS}, *(sub(MAIN, f"'v{n}'", f"'v{n + 1}'") for n in range(1, 13)))

CASES = group.cases + once.cases
