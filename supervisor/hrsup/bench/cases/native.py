"""Machine code: extension modules and shared libraries that are replaced. Built here; no cases without a C compiler."""

import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, delete, edit, put, sub

LIBRARY = "int answer(void) {{ return {value}; }}\n"
EXTENSION = """
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) {{ return PyLong_FromLong({value}); }}
static PyMethodDef methods[] = {{{{"answer", answer, METH_NOARGS, ""}}, {{NULL, NULL, 0, NULL}}}};
static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "fast", "", -1, methods}};
PyMODINIT_FUNC PyInit_fast(void) {{ return PyModule_Create(&module); }}
"""
LISTING = "#include <dirent.h>\nint first(const char *path) {{ DIR *folder = opendir(path); int n = {value}; while (readdir(folder)) n++; closedir(folder); return n; }}\n"
READING = """
#include <Python.h>
#include <stdio.h>
static PyObject *first(PyObject *self, PyObject *path) {{
    FILE *file = fopen(PyUnicode_AsUTF8(path), "r");
    int c = fgetc(file);
    fclose(file);
    return PyLong_FromLong(c + {value});
}}
static PyMethodDef methods[] = {{{{"first", first, METH_O, ""}}, {{NULL, NULL, 0, NULL}}}};
static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "fast", "", -1, methods}};
PyMODINIT_FUNC PyInit_fast(void) {{ return PyModule_Create(&module); }}
"""
INCLUDE = Path(sysconfig.get_paths()["include"])
FAST = f"fast{sysconfig.get_config_var('EXT_SUFFIX')}"
CTYPES = "import ctypes\nfrom pathlib import Path\n\nLIBRARY = ctypes.CDLL(str(Path(__file__).parent.parent / 'native' / 'answer.so'))\n"
READER = "#include <stdio.h>\nint first(const char *path) {{ FILE *file = fopen(path, \"r\"); int c = fgetc(file); fclose(file); return c + {value}; }}\n"
# Read by a library, which is not seen, and late once more by Python, which is.
READ_TWICE = {
    "table.py": "import ctypes\nfrom pathlib import Path\n\nLIBRARY = ctypes.CDLL(str(Path(__file__).with_name('reader.so')))\nFIRST = LIBRARY.first(b'table.txt')\n",
    "slow.py": "TOTAL = sum(number * number for number in range(3_000_000))\n",
    "digest.py": "LENGTH = len(open('table.txt').read())\n",
    "main.py": "import table\nimport slow\nimport digest\n\nprint(table.FIRST, slow.TOTAL, digest.LENGTH)\n",
    "table.txt": "1\n",
}
LIBC = "import ctypes\n\nLIBC = ctypes.CDLL(None)\nLIBC.fopen.restype = ctypes.c_void_p\nLIBC.fgetc.argtypes = [ctypes.c_void_p]\nLIBC.fclose.argtypes = [ctypes.c_void_p]\n\n\ndef first(path):\n    file = LIBC.fopen(path.encode(), b'r')\n    found = LIBC.fgetc(file)\n    LIBC.fclose(file)\n    return found\n"
WRAPPED = "import ctypes\nfrom pathlib import Path\n\nLIBRARY = ctypes.CDLL(str(Path(__file__).with_name('reader.so')))\n\n\ndef first(path):\n    return LIBRARY.first(path.encode())\n"
VENDOR = "vendor/site-packages"
# What takes long enough that a layer is taken after it, and what is read before and after that.
LATE = {
    "slow.py": "TOTAL = sum(number * number for number in range(3_000_000))\n",
    "later.py": "TOTAL = sum(number * number for number in range(2_000_000))\n",
    "a.txt": "1\n",
    "b.txt": "2\n",
    "c.txt": "3\n",
    "main.py": f"import sys\n\nsys.path.insert(0, '{VENDOR}')\nimport reading\n\nA = reading.first('a.txt')\nimport slow\n\nB = reading.first('b.txt')\nimport later\n\nprint(A, B, open('a.txt').read(), open('c.txt').read(), slow.TOTAL, later.TOTAL)\n",
}
LATE_EDITS = edit(put("a.txt", "4\n"), save="atomic"), put("b.txt", "5\n"), put("c.txt", "6\n"), edit(put("a.txt", "7\n"), put("c.txt", "8\n"), save="vim"), sub("later.py", "2_000", "1_000"), edit(put("b.txt", "9\n"), save="atomic"), sub("main.py", "print(A", "print('new', A"), put("b.txt", "0\n")
# Builds what it loads, as a project with a little C in it does; each version is a library of its own name.
BUILDS = """
import ctypes
import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "native" / "answer.c"
TARGET = ROOT / "build" / (hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12] + ".so")
TARGET.parent.mkdir(exist_ok=True)
if not TARGET.exists():
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(TARGET), str(SOURCE)], check=True)
LIBRARY = ctypes.CDLL(str(TARGET))
"""


def build(source: str, value: int) -> bytes:
    """The shared library that `source` makes of `value`."""
    with tempfile.TemporaryDirectory() as folder:
        code, target = Path(folder, "x.c"), Path(folder, "x.so")
        code.write_text(source.format(value=value))
        subprocess.run(["cc", "-shared", "-fPIC", f"-I{INCLUDE}", "-o", target, code], check=True, capture_output=True)
        return target.read_bytes()


group, alone = Group("native", shop), Group("native")
R = "shop/rules.py"
if shutil.which("cc"):
    old, new = build(LIBRARY, 1), build(LIBRARY, 2)
    group.both("library-replaced", {"native/answer.so": old, R: rules(CTYPES, "LIBRARY.answer()")}, edit(put("native/answer.so", new), save="atomic"))
    group.both("library-and-code-together", {"native/answer.so": old, R: rules(CTYPES, "LIBRARY.answer() + 10")}, edit(put("native/answer.so", new), sub(R, "+ 10", "+ 20"), save="atomic"))
    group.both("code-beside-a-library", {"native/answer.so": old, R: rules(CTYPES, "LIBRARY.answer() + 10")}, sub(R, "+ 10", "+ 20"), sub("shop/clean.py", "> 0", "> 2"))
    group.both("built-by-the-program", {"native/answer.c": LIBRARY.format(value=1), R: rules(BUILDS, "LIBRARY.answer()")}, sub("native/answer.c", "return 1", "return 2"))
    alone.batch("read-by-a-library-and-then-by-python", {**READ_TWICE, "reader.so": build(READER, 0)}, put("table.txt", "2\n"), put("table.txt", "3 \n"))
    alone.batch("read-by-a-library-of-a-package", {**LATE, f"{VENDOR}/reading/__init__.py": WRAPPED, f"{VENDOR}/reading/reader.so": build(READER, 0)}, *LATE_EDITS)
    alone.batch("read-by-a-library-of-one-s-own", {**LATE, "reading/__init__.py": WRAPPED, "reading/reader.so": build(READER, 0)}, *LATE_EDITS)
    alone.batch("listed-by-a-library", {**LATE, f"{VENDOR}/reading/__init__.py": WRAPPED, f"{VENDOR}/reading/reader.so": build(LISTING, 0), "data/a.txt": "1\n", "main.py": LATE["main.py"].replace("first('a.txt')", "first('data')").replace("first('b.txt')", "first('data')")}, put("data/b.txt", "5\n"), delete("data/a.txt"), put("a.txt", "4\n"), edit(put("data/c.txt", "5\n"), save="atomic"))
    group.both("read-by-a-library-when-it-is-shown", {"shop/reader.so": build(READER, 0), "shop/reading.py": WRAPPED, "table.txt": "1\n", R: rules("from shop.reading import first\n", "first('table.txt')")}, put("table.txt", "2\n"), sub("shop/clean.py", "> 0", "> 2"), edit(put("table.txt", "3\n"), save="atomic"))
alone.batch("read-by-the-c-library", {**LATE, "reading.py": LIBC}, *LATE_EDITS)
if shutil.which("cc") and (INCLUDE / "Python.h").exists():
    first, second = build(EXTENSION, 1), build(EXTENSION, 2)
    group.both("extension-replaced", {f"shop/{FAST}": first, R: rules("from shop.fast import answer\n", "answer()")}, edit(put(f"shop/{FAST}", second), save="atomic"))
    group.both("extension-gives-way-to-python", {f"shop/{FAST}": first, R: rules("from shop.fast import answer\n", "answer()")}, edit(delete(f"shop/{FAST}"), put("shop/fast.py", "def answer():\n    return 'python'\n"), save="checkout"))
    group.both("code-beside-an-extension", {f"shop/{FAST}": first, R: rules("from shop.fast import answer\n", "answer() + 10")}, sub(R, "+ 10", "+ 20"), sub("shop/config.py", "0.19", "0.2"))
    alone.batch("read-by-an-extension-of-a-package", {**LATE, f"{VENDOR}/reading/__init__.py": "from reading.fast import first\n", f"{VENDOR}/reading/{FAST}": build(READING, 0)}, *LATE_EDITS)
    alone.batch("read-by-an-extension-of-one-s-own", {**LATE, "reading/__init__.py": "from reading.fast import first\n", f"reading/{FAST}": build(READING, 0)}, *LATE_EDITS)
    group.both("read-by-an-extension-when-it-is-shown", {f"shop/{FAST}": build(READING, 0), "table.txt": "1\n", R: rules("from shop.fast import first\n", "first('table.txt')")}, edit(put("table.txt", "2\n"), save="atomic"), sub("shop/clean.py", "> 0", "> 2"), edit(put("table.txt", "3\n"), save="atomic"))

CASES = [*group.cases, *alone.cases]
