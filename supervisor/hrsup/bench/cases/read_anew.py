"""New statements that read files at import time, and what becomes of them when the files change; and what looks like
it."""

from hrsup.bench.cases.unforeseen import loop
from hrsup.bench.vocabulary import Change, Group, Saved, delete, edit, put, sub

group = Group("read-anew")

FILES = {"data/a.json": '{"n": 1}\n', "data/b.txt": "one\ntwo\n"}
OTHER_A, OTHER_B = edit(put("data/a.json", '{"n": 2}\n'), save="atomic"), edit(put("data/b.txt", "three\n"), save="atomic")
HEAD = "import csv\nimport json\nfrom pathlib import Path\n\nHERE = Path(__file__).parent\nN = 1\n\n\n"
READ = "def read():\n    return json.loads((HERE / 'data/a.json').read_text())\n\n\n"
WITH = "def read(name='data/a.json'):\n    with open(HERE / name, encoding='utf-8') as file:\n        found = json.load(file)\n    return found\n\n\n"
LINES = "def read():\n    with open(HERE / 'data/b.txt') as file:\n        return [line.strip() for line in file.readlines()]\n\n\n"
SHOW = "def show():\n    return N\n"
NEW = HEAD + "{read}DATA = read()\n\n\n" + "def show():\n    return N, DATA\n"


def program(text: str = HEAD + SHOW, **more: str) -> dict[str, str]:
    """A service that shows what `work` says."""
    return {"main.py": loop("import work", "work.show()"), "work.py": text, **FILES, **more}


def new(name: str, read: str, *more: Change | Saved, before: dict[str, str] | None = None) -> None:
    """`work` begins to read files while it is imported; the files change; its lines move; and they change again."""
    moved = edit(put("work.py", "# moved\n\n" + NEW.format(read=read)))
    edits = (put("work.py", NEW.format(read=read)), OTHER_A, OTHER_B, moved, *more)
    last = (edit(put("data/a.json", '{"n": 3}\n'), save="atomic"), edit(put("data/b.txt", "four\n"), save="atomic"))
    group.service(name, before or program(), *edits, *last)


new("by-a-function", READ)
new("by-with", WITH)
new("lines", LINES)
new("rows", "def read():\n    return list(csv.reader((HERE / 'data/b.txt').read_text().splitlines()))\n\n\n")
new("both-files", "def read():\n    with open(HERE / 'data/b.txt') as file:\n        words = file.read().split()\n    return words, json.loads((HERE / 'data/a.json').read_text())\n\n\n")
new("names-of-a-folder", "def read():\n    return sorted(path.name for path in (HERE / 'data').iterdir())\n\n\n", put("data/c.txt", "c\n"), delete("data/c.txt"))
new("what-may-be-missing", "def read():\n    try:\n        return (HERE / 'data/c.txt').read_text()\n    except FileNotFoundError:\n        return 'none'\n\n\n", put("data/c.txt", "c\n"), edit(put("data/c.txt", "d\n"), save="atomic"), delete("data/c.txt"))
new("a-default-that-changes", WITH, sub("work.py", "data/a.json'):", "data/other.json'):"), put("data/other.json", "[5]\n"))
new("its-function-changes", READ, sub("work.py", "return json.loads(", "return 5, json.loads("))
new("and-goes-again", READ, put("work.py", HEAD + SHOW), OTHER_A)

MODULE = NEW.format(read=READ)
group.service("in-a-new-module", program(), put("extra.py", MODULE), edit(put("work.py", "import extra\n\n\ndef show():\n    return extra.show(), extra.DATA\n")), OTHER_A, edit(put("extra.py", "# moved\n" + MODULE)), edit(put("data/a.json", '{"n": 4}\n'), save="atomic"))
group.service("in-a-new-module-at-once", program(), edit(put("extra.py", MODULE), put("work.py", "import extra\n\n\ndef show():\n    return extra.show(), extra.DATA\n")), OTHER_A, delete("data/a.json"), edit(put("data/a.json", '{"n": 4}\n'), save="atomic"))
group.service("in-place-of-a-value", program(HEAD + READ + "DATA = {'n': 0}\n\n\ndef show():\n    return N, DATA\n"), sub("work.py", "DATA = {'n': 0}", "DATA = read()"), OTHER_A, sub("work.py", "DATA = read()", "DATA = {'n': 5}"), OTHER_A)
group.service("with-what-depends-on-it", program(), put("work.py", HEAD + READ + "DATA = read()\nTOP = DATA['n'] * 10\n\n\ndef show(top=TOP):\n    return N, DATA, top, TOP\n"), OTHER_A, sub("work.py", "* 10", "* 100"), edit(put("data/a.json", '{"n": 3}\n'), save="atomic"))
group.service("beside-a-line-that-reads-each-round", program(HEAD + READ + "def show():\n    return N, read()\n"), put("work.py", HEAD + READ + "DATA = read()\n\n\ndef show():\n    return N, read(), DATA\n"), OTHER_A, edit(put("data/a.json", '{"n": 3}\n'), save="atomic"))
group.service("its-file-and-the-code-at-once", program(), edit(put("work.py", NEW.format(read=READ)), put("data/a.json", '{"n": 6}\n')), edit(sub("work.py", "N = 1", "N = 2"), put("data/a.json", '{"n": 7}\n')))
group.service("changed-by-the-program-since", program(), put("work.py", HEAD + READ + "DATA = read()\n\n\ndef show():\n    DATA['seen'] = True\n    return N, DATA\n"), OTHER_A)
group.service("raises", program(), put("work.py", NEW.format(read=READ.replace("a.json", "nothing.json"))), put("data/nothing.json", "{}\n"))

# It was read before, and is read anew because how it is read has changed.
READS = program(NEW.format(read=READ))
OTHER_READ = sub("work.py", "return json.loads(", "return 5, json.loads(")
group.service("by-another-function", READS, OTHER_READ, OTHER_A, sub("work.py", "return 5, ", "return 6, "), sub("work.py", "DATA = read()", "DATA = [read()]"), edit(put("data/a.json", '{"n": 3}\n'), save="atomic"))
group.service("by-a-function-that-each-round-calls-too", program(HEAD + READ + "DATA = read()\n\n\ndef show():\n    return N, DATA, read()\n"), OTHER_READ, OTHER_A, sub("work.py", "return 5, ", "return 6, "), edit(put("data/a.json", '{"n": 3}\n'), save="atomic"))
group.service("with-what-is-computed-of-it", program(HEAD + READ + "DATA = read()\nTOP = DATA['n'] * 10\n\n\ndef show(top=TOP):\n    return N, DATA, top\n"), sub("work.py", "return json.loads(", "return {'m': 4} | json.loads("), OTHER_A, sub("work.py", "* 10", "* 100"))
group.service("by-another-with", program(NEW.format(read=WITH)), sub("work.py", "return found", "return found, 2"), sub("work.py", "read()\n", "read(name='data/other.json')\n"), put("data/other.json", "[5]\n"), OTHER_A)
group.service("changed-by-the-program-before", program(HEAD + READ + "DATA = read()\n\n\ndef show():\n    DATA['seen'] = DATA.get('seen', N)\n    return N, DATA\n"), sub("work.py", "N = 1", "N = 2"), sub("work.py", "return json.loads(", "return {'m': 4} | json.loads("))
HELD = "class Box:\n    def __init__(self, data):\n        self.data = data\n\n\n"
group.service("held-by-an-object", program(HEAD + READ + HELD + "DATA = read()\nBOX = Box(DATA)\n\n\ndef show():\n    return N, DATA, BOX.data\n"), sub("work.py", "return json.loads(", "return {'m': 4} | json.loads("), OTHER_A)
group.service("held-by-an-object-of-the-loop", {"main.py": loop("import work", "box.data, work.DATA", "box = work.Box(work.DATA)"), "work.py": HEAD + READ + HELD + "DATA = read()\n", **FILES}, sub("work.py", "return json.loads(", "return {'m': 4} | json.loads("), OTHER_A)
group.service("an-object-of-it", program(HEAD + READ + HELD + "DATA = Box(read())\nKEPT = [DATA]\n\n\ndef show():\n    return N, DATA.data, KEPT[0].data\n"), sub("work.py", "return json.loads(", "return {'m': 4} | json.loads("), OTHER_A)
group.service("with-a-count-of-the-readings", program(HEAD + "COUNT = []\n\n\ndef read():\n    COUNT.append(1)\n    return json.loads((HERE / 'data/a.json').read_text())\n\n\nDATA = read()\n\n\ndef show():\n    return N, DATA, len(COUNT)\n"), sub("work.py", "return json.loads(", "return {'m': 4} | json.loads("))
group.service("of-a-file-that-goes", READS, edit(OTHER_READ, put("data/a.json", '{"n": 8}\n')), delete("data/a.json"), edit(put("data/a.json", '{"n": 9}\n'), sub("work.py", "return 5, ", "return 6, ")))

# What a start at this moment would read is something else, or it would do more.
group.service("from-the-folder-that-the-program-went-to", program(HEAD + "import os\n\nos.makedirs('data/inner', exist_ok=True)\n\n\ndef show():\n    os.chdir(HERE / 'data')\n    return N\n"), put("work.py", HEAD + "import os\n\nos.makedirs('data/inner', exist_ok=True)\nNAMES = sorted(path.name for path in Path('.').iterdir() if path.suffix == '.json')\n\n\ndef show():\n    os.chdir(HERE / 'data')\n    return N, NAMES\n"))
STARTS = "(HERE / 'state.txt').write_text('begun')\n\n\n"
TICK = "def show():\n    (HERE / 'state.txt').write_text('ticking')\n    return N"
group.service("what-the-program-writes-itself", program(HEAD + STARTS + TICK + "\n"), put("work.py", HEAD + STARTS + "DATA = (HERE / 'state.txt').read_text()\n\n\n" + TICK + ", DATA\n"), sub("work.py", "N = 1", "N = 2"))
group.service("it-takes-away-what-it-reads", program(), put("work.py", HEAD + "def read():\n    text = (HERE / 'data/b.txt').read_text()\n    N_SEEN.append(text)\n    return text\n\n\nN_SEEN = []\nDATA = read()\n\n\ndef show():\n    return N, DATA, N_SEEN\n"), OTHER_B)
group.service("by-what-an-open-of-the-programs-own-gives", program(), put("work.py", HEAD + "COUNT = [0]\n\n\nclass Opened(list):\n    def __enter__(self):\n        COUNT[0] += 1\n        return self\n\n    def __exit__(self, *args):\n        pass\n\n\ndef open(path):\n    return Opened([5])\n\n\ndef read():\n    with open('x') as file:\n        return list(file)\n\n\nDATA = read()\n\n\ndef show():\n    return N, DATA, COUNT\n"), sub("work.py", "[5]", "[6]"))
group.service("beside-a-thread", program(HEAD + "import threading\nimport time\n\n\ndef wait():\n    while True:\n        time.sleep(0.001)\n\n\nthreading.Thread(target=wait, daemon=True).start()\n\n\ndef show():\n    return N\n"), sub("work.py", "def show():\n    return N\n", READ + "DATA = read()\n\n\ndef show():\n    return N, DATA\n"), OTHER_A)

CASES = group.cases
