"""Listed folders in which something other than a file comes, goes or changes; links; folders made again."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.model import Link
from hrsup.bench.vocabulary import Group, delete, edit, put, sub

R = "shop/rules.py"
DATA = "import os\nfrom shop.config import DATA\n"
group = Group("folders", shop)
PARTS = {"data/parts/a": "1\n"}

# How the folder is listed: at import, and in the run.
LISTERS = {
    "listdir": "sorted(os.listdir(DATA / 'parts'))",
    "scandir": "sorted((entry.name, entry.is_dir()) for entry in os.scandir(DATA / 'parts'))",
    "glob": "sorted(path.name for path in (DATA / 'parts').glob('*'))",
    "walk": "sorted(name for _, folders, _ in os.walk(DATA / 'parts') for name in folders)",
}
for name, expression in LISTERS.items():
    new, gone = put("data/parts/sub/", ""), delete("data/parts/sub/")
    group.both(f"empty-folder-{name}-at-import", {**PARTS, R: rules(f"{DATA}\nVALUE = {expression}\n", "VALUE")}, new, gone)
    group.both(f"empty-folder-{name}-in-the-run", {**PARTS, R: rules(f"{DATA}\n\ndef value():\n    return {expression}\n", "value()")}, new, gone)

NAMES = rules(f"{DATA}\nVALUE = {LISTERS['listdir']}\n", "VALUE")
group.both("empty-folder-that-was-there-removed", {**PARTS, "data/parts/sub/": "", R: NAMES}, delete("data/parts/sub/"))
group.both("empty-folder-renamed", {**PARTS, "data/parts/sub/": "", R: NAMES}, edit(delete("data/parts/sub/"), put("data/parts/new/", "")))
group.both("folder-with-files-renamed", {**PARTS, "data/parts/sub/x": "1\n", R: NAMES}, edit(put("data/parts/new/x", "1\n"), delete("data/parts/sub/x")))
group.both("nested-empty-folder", {**PARTS, R: rules(f"{DATA}\nVALUE = {LISTERS['walk']}\n", "VALUE")}, put("data/parts/sub/", ""), put("data/parts/sub/deeper/", ""), delete("data/parts/sub/deeper/"))
group.both("link-made-and-removed", {**PARTS, R: NAMES}, put("data/parts/l", Link(b"a")), delete("data/parts/l"))
group.both("dangling-link", {**PARTS, R: NAMES}, put("data/parts/l", Link(b"nowhere")), delete("data/parts/l"))
group.both("link-to-a-folder", {**PARTS, "data/v1/x": "1\n", "data/v2/y": "1\n", R: NAMES}, put("data/parts/l", Link(b"../v1")), edit(put("data/parts/l", Link(b"../v2")), quiet=True), delete("data/parts/l"))
group.both("link-read-by-readlink", {**PARTS, "data/parts/l": Link(b"a"), "data/parts/b": "1\n", R: rules(f"{DATA}\nVALUE = [os.readlink(entry.path) for entry in os.scandir(DATA / 'parts') if entry.is_symlink()]\n", "VALUE")}, put("data/parts/l", Link(b"b")))
group.both("listed-folder-is-a-link", {"data/v1/x": "1\n", "data/v1/y": "1\n", "data/v2/x": "1\n", "data/parts": Link(b"v1"), R: NAMES}, put("data/parts", Link(b"v2")), put("data/parts", Link(b"v1")))
group.both("a-folder-above-is-a-link", {"data/v1/parts/x": "1\n", "data/v1/parts/y": "1\n", "data/v2/parts/x": "1\n", "data/cur": Link(b"v1"), R: NAMES.replace("'parts'", "'cur' / 'parts'")}, put("data/cur", Link(b"v2")), put("data/cur", Link(b"v1")))
group.both("link-to-the-file-that-is-read", {"data/v1.txt": "one\n", "data/v2.txt": "two\n", "data/cur": Link(b"v1.txt"), R: rules(f"{DATA}\nVALUE = (DATA / 'cur').read_text()\n", "VALUE")}, put("data/cur", Link(b"v2.txt")), put("data/v2.txt", "three\n"), put("data/v1.txt", "not seen\n"))
group.both("link-resolved-then-read", {"data/v1/word": "one\n", "data/v2/word": "two\n", "data/cur": Link(b"v1"), R: rules(f"{DATA}\nVALUE = ((DATA / 'cur').resolve() / 'word').read_text()\n", "VALUE")}, put("data/cur", Link(b"v2")), put("data/v2/word", "three\n"))
group.both("link-resolved-by-realpath", {"data/v1.txt": "same\n", "data/v2.txt": "same\n", "data/cur": Link(b"v1.txt"), R: rules(f"{DATA}\nVALUE = os.path.basename(os.path.realpath(DATA / 'cur'))\n", "VALUE")}, put("data/cur", Link(b"v2.txt")))
group.both("listed-folder-removed-and-made-again", {"data/parts/": "", R: rules(f"{DATA}\nVALUE = {LISTERS['listdir']} if os.path.isdir(DATA / 'parts') else 'none'\n", "VALUE")}, delete("data/parts/"), put("data/parts/", ""), put("data/parts/x", "1\n"), put("data/parts/sub/", ""))
group.both("missing-folder-appears", {R: rules(f"{DATA}\ntry:\n    VALUE = {LISTERS['listdir']}\nexcept FileNotFoundError:\n    VALUE = 'none'\n", "VALUE")}, put("data/parts/", ""), put("data/parts/sub/", ""), delete("data/parts/sub/"))
group.both("by-proc-self-cwd", {"data/word": "one\n", R: rules(f"{DATA}\nVALUE = open('/proc/self/cwd/data/word').read(), sorted(os.listdir('/proc/self/cwd/data'))\n", "VALUE")}, put("data/word", "two\n"), put("data/more", "1\n"), put("data/sub/", ""))
group.both("looked-at-by-proc-self-cwd", {R: rules(f"{DATA}\nVALUE = os.path.exists('/proc/self/cwd/data/word')\n", "VALUE")}, put("data/word", "two\n"), delete("data/word"))
group.both("folders-that-the-program-makes", {**PARTS, R: rules(f"{DATA}os.makedirs(DATA / 'parts' / 'made', exist_ok=True)\nVALUE = {LISTERS['listdir']}\nos.makedirs(DATA / 'parts' / 'late', exist_ok=True)\nWORD = 1\n", "WORD")}, sub(R, "WORD = 1", "WORD = 2"), put("data/parts/b", "1\n"))
# What nothing uses comes together with an edit that is brought in; later a folder is listed in which it is.
alone = Group("folders")
PRINTS = "import time\n\nimport names\nimport work\n\nn = 0\nwhile True:\n    n += 1\n    print(f'{n}\\t{work.word()} {names.NAMES}', flush=True)\n    time.sleep(0.002)\n"
LATE = {"main.py": PRINTS, "work.py": "def word():\n    return 'v1'\n", "names.py": "NAMES = []\n", "notes/a": "1\n"}
alone.service("file-that-came-with-an-edit-before-its-folder-was-listed", LATE, edit(put("notes/b", "2\n"), sub("work.py", "v1", "v2")), put("names.py", "import os\n\nNAMES = sorted(os.listdir('notes'))\n"), delete("notes/b"))

CASES = [*group.cases, *alone.cases]
