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
if shutil.which("cc") and (INCLUDE / "Python.h").exists():
    first, second = build(EXTENSION, 1), build(EXTENSION, 2)
    group.both("extension-replaced", {f"shop/{FAST}": first, R: rules("from shop.fast import answer\n", "answer()")}, edit(put(f"shop/{FAST}", second), save="atomic"))
    group.both("extension-gives-way-to-python", {f"shop/{FAST}": first, R: rules("from shop.fast import answer\n", "answer()")}, edit(delete(f"shop/{FAST}"), put("shop/fast.py", "def answer():\n    return 'python'\n"), save="checkout"))
    group.both("code-beside-an-extension", {f"shop/{FAST}": first, R: rules("from shop.fast import answer\n", "answer() + 10")}, sub(R, "+ 10", "+ 20"), sub("shop/config.py", "0.19", "0.2"))

CASES = [*group.cases, *alone.cases]
