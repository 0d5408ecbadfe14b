"""Batches that start other programs, use archives and folders, and fail half-way: what their runs leave behind."""

import io
import zipfile

from hrsup.bench.vocabulary import Group, delete, edit, put, sub

MAIN, LIB = "main.py", "lib.py"
group = Group("batches")


def archive(text: str) -> bytes:
    """A zip file with one module, `inside`."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(zipfile.ZipInfo("inside.py"), text)
    return data.getvalue()


# -- the last run has failed before it got to what it needs ---------------------------------------------------------------
WORK = {MAIN: "import os\n\nos.chdir('work')\nprint(open('x.txt').read())\n", "work/x.txt": "1\n"}
group.batch("working-folder-comes-back", WORK, delete("work/x.txt"), put("work/x.txt", "1\n"))
group.batch("archive-on-the-path-comes-back", {MAIN: "import sys\n\nsys.path.insert(0, 'lib.zip')\nimport inside\n\nprint(inside.K)\n", "lib.zip": archive("K = 1\n")}, put("lib.zip", archive("K = 2\n")), delete("lib.zip"), put("lib.zip", archive("K = 2\n")))
group.batch("optional-archive-comes", {MAIN: "import sys\n\nsys.path.insert(0, 'lib.zip')\ntry:\n    import inside\nexcept ImportError:\n    print('without')\nelse:\n    print(inside.K)\n"}, put("lib.zip", archive("K = 1\n")), delete("lib.zip"))
group.batch("what-a-failed-run-did-not-reach", {MAIN: "import lib\n\nfor name in open(lib.check()).read().split():\n    print(open(name).read())\n", LIB: "def check():\n    return 'list.txt'\n", "list.txt": "a.txt b.txt", "a.txt": "1\n", "b.txt": "2\n"}, edit(sub(LIB, "return", "raise ValueError"), put("b.txt", "3\n")), edit(sub(LIB, "raise ValueError", "return"), delete("b.txt")), put("b.txt", "3\n"))

# -- written by others than the program itself -----------------------------------------------------------------------------
STAGES = {MAIN: "import subprocess\nimport sys\n\nfor stage in ('one.py', 'two.py'):\n    print(subprocess.run([sys.executable, stage], capture_output=True, text=True).stdout)\n", "one.py": "from common import K\n\nopen('between.txt', 'w').write(str(K))\n", "two.py": "print('got', open('between.txt').read())\n", "common.py": "K = 1\n"}
group.batch("scripts-with-a-file-between", STAGES, sub("common.py", "1", "2"), sub("two.py", "got", "has"), sub("one.py", "str(K)", "str(K * 2)"), sub("common.py", "2", "3"), put("between.txt", "x"), sub("common.py", "3", "4"))
BASE = {MAIN: "import sqlite3\n\nfrom lib import rows\n\nbase = sqlite3.connect('state.db')\nbase.execute('create table if not exists t(k primary key, v)')\nbase.execute('delete from t')\nbase.executemany('insert or replace into t values(?, ?)', rows())\nbase.commit()\nprint(base.execute('select * from t order by k').fetchall())\n", LIB: "def rows():\n    return [tuple(line.split()) for line in open('in.txt')]\n", "in.txt": "a 1\nb 2\n"}
group.batch("database", BASE, sub(LIB, "line.split()", "line.upper().split()"), put("in.txt", "a 3\nb 2\n"), sub(LIB, "upper", "lower"))

# -- installed packages ----------------------------------------------------------------------------------------------------
SITE = "lib/site-packages"
INSTALLED = {MAIN: f"import sys\n\nsys.path.insert(0, '{SITE}')\nimport beside\nimport dep\nimport dep.deep.under\n\nprint(beside.K, dep.K, dep.deep.under.K)\n", f"{SITE}/beside.py": "K = 1\n", f"{SITE}/dep/__init__.py": "K = 1\n", f"{SITE}/dep/deep/__init__.py": "", f"{SITE}/dep/deep/under.py": "K = 1\n"}
UNDER, DEP = f"{SITE}/dep/deep/under.py", f"{SITE}/dep/__init__.py"
group.batch("edited-in-site-packages", INSTALLED, sub(UNDER, "1", "2"), sub(f"{SITE}/beside.py", "1", "2"), edit(sub(DEP, "1", "2"), sub(UNDER, "2", "3"), save="atomic"), put(f"{SITE}/extra.pth", "import sys\n"))
group.batch("package-taken-away-and-put-back", INSTALLED, edit(delete(DEP), delete(f"{SITE}/dep/deep/__init__.py"), delete(UNDER)), edit(put(DEP, "K = 3\n"), put(f"{SITE}/dep/deep/__init__.py", ""), put(UNDER, "K = 3\n")), sub(UNDER, "3", "4", 1))

CASES = group.cases
