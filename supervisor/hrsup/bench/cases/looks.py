"""Files that are asked about and never opened: is it there, how large, how old? Names taken from others; own output."""

from hrsup.bench.vocabulary import Change, Group, Saved, delete, edit, put

group = Group("looks", lambda kind, files: files)
MAIN = "import lib\n\nprint(lib.AT_IMPORT)\nprint(lib.look())\n"


def asks(name: str, expression: str, *steps: Change | Saved, lines: str = "", **files: str) -> None:
    """A program that asks while it imports and again in its run."""
    lib = f"import os\nfrom pathlib import Path\n\n{lines}\n\ndef look():\n    return {expression}\n\n\nAT_IMPORT = look()\n"
    group.batch(name, {"main.py": MAIN, "lib.py": lib, "data/here.txt": "1\n", **files}, *steps)


asks("exists", "os.path.exists('over.yaml')", put("over.yaml", "x: 1\n"), delete("over.yaml"), put("over.yaml", "x: 2\n"))
asks("is-file-and-is-dir", "Path('over.yaml').is_file(), Path('more').is_dir()", put("over.yaml", "x\n"), put("more/x.txt", "1\n"), delete("more/x.txt"))
asks("getsize", "os.path.getsize('data/here.txt')", put("data/here.txt", "22\n"), put("data/here.txt", "333\n"))
asks("stat", "os.stat('data/here.txt').st_size", put("data/here.txt", "22\n"), put("data/here.txt", "333\n"))
asks("access", "os.access('over.yaml', os.R_OK)", put("over.yaml", "x\n"), delete("over.yaml"))
asks("entries-of-a-folder", "sorted((entry.name, entry.stat().st_size) for entry in os.scandir('data'))", put("data/here.txt", "22\n"), put("data/more.txt", "1\n"))
asks("newer-than", "os.path.getmtime('data/here.txt') > 1.6e9", edit(put("data/here.txt", "2\n"), save="plain"))
asks("find-spec", "find_spec('plug') is not None", put("plug.py", "X = 1\n"), delete("plug.py"), lines="from importlib.util import find_spec\n")
asks("only-another-file", "os.path.exists('over.yaml')", edit(put("notes.txt", "nothing\n"), quiet=True))
asks("content-of-what-is-only-there", "os.path.exists('data/here.txt')", edit(put("data/here.txt", "2\n"), quiet=True))

rivals = Group("rivals", lambda kind, files: files)
NUMPY = {"main.py": "import numpy, random\n\nprint(hasattr(numpy, 'MINE'), hasattr(random, 'MINE'))\n"}
rivals.batch("of-a-third-party-module", NUMPY, put("numpy.py", "MINE = 1\n"), put("numpy.py", "MINE, MORE = 1, 2\n"), delete("numpy.py"), requires=("numpy",))
rivals.batch("of-the-standard-library", {"main.py": "import colorsys\n\nprint(hasattr(colorsys, 'MINE'))\n"}, put("colorsys.py", "MINE = 1\n"), delete("colorsys.py"))

own = Group("own-output", lambda kind, files: files)
COUNT = "from pathlib import Path\n\nLAST = Path('last.txt')\nbefore = LAST.read_text() if LAST.exists() else 'none'\nif before == 'none':\n    LAST.write_text('5')\nprint(Path('d.txt').read_text(), before != 'edited')\n"
own.batch("edited-by-hand", {"main.py": COUNT, "d.txt": "1"}, put("d.txt", "2"), put("last.txt", "edited"), put("d.txt", "3"))
TICK = "import time\n\nfrom cfg import value\n\nn = 0\nwhile True:\n    n += 1\n    print(f'{n}\\t{value()}', flush=True)\n    time.sleep(0.01)\n"
FIXED = "\n\n\ndef value():\n    return VALUE\n"
own.service("removed-at-import", {"main.py": TICK, "cfg.py": f"import os\n\ntry:\n    os.remove('override.txt')\nexcept OSError:\n    pass\nVALUE = open('override.txt').read() if os.path.exists('override.txt') else 'none'{FIXED}"}, put("override.txt", "1"))
own.service("opened-in-vain", {"main.py": TICK, "cfg.py": f"try:\n    open('sub/x.txt', 'a').close()\n    VALUE = open('sub/x.txt').read()\nexcept OSError:\n    VALUE = 'none'{FIXED}"}, edit(put("sub/x.txt", "1"), save="atomic"), edit(put("sub/x.txt", "2"), save="atomic"))
own.service("held-open-and-replaced", {"main.py": TICK, "log.txt": "1", "cfg.py": f"LOG = open('log.txt', 'a')\nVALUE = open('log.txt').read(){FIXED}"}, edit(put("log.txt", "2"), save="atomic"), edit(put("log.txt", "3"), save="atomic"))
CHILD = "import subprocess\nimport tempfile\n\n\ndef value():\n    with tempfile.TemporaryDirectory() as folder:\n        with open(f'{folder}/x', 'w') as file:\n            file.write(open('in.txt').read())\n        return subprocess.run(['cat', f'{folder}/x'], capture_output=True, text=True).stdout\n"
own.service("temporary-files-for-a-child", {"main.py": TICK, "cfg.py": CHILD, "in.txt": "1"}, *(edit(put("in.txt", text), save="atomic") for text in ("2", "3")))
SHOWN = f"import subprocess\n\nVALUE = subprocess.run(['cat', 'in.txt'], capture_output=True, text=True).stdout{FIXED}"
own.service("saved-as-regularly-as-a-program-writes", {"main.py": TICK, "cfg.py": SHOWN, "in.txt": "0"}, *(edit(put("in.txt", str(n)), save="atomic") for n in range(1, 9)))

CASES = [*group.cases, *rivals.cases, *own.cases]
