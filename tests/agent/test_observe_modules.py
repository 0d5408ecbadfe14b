"""User modules: loaded from verified content, reported, and not to be told from plain python's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hrsup_agent import wire

Project = Callable[[dict[str, str]], Path]
Plain = Callable[..., subprocess.CompletedProcess[str]]
Stand = Any


def hash_of(path: Path) -> str:
    """The content hash of a file on disk."""
    return wire.content_hash(path.read_bytes())


def test_modules_are_reported_before_their_body(supervisor: Stand, project: Project) -> None:
    """Each user module is reported with its hash and importer, then its costs, without those of nested ones."""
    folder = project(
        {
            "main.py": "import pkg.a\n",
            "pkg/__init__.py": "",
            "pkg/a.py": "import time\nfrom . import b\ntime.sleep(0.05)\n",
            "pkg/b.py": "import time\ntime.sleep(0.2)\n",
        }
    )
    supervisor.run(folder, "main.py")
    modules = {message["name"]: message for message in supervisor.of_type("module")}
    assert {name: (m["importer"], m["package"]) for name, m in modules.items()} == {
        "__main__": (None, False),
        "pkg": (None, True),
        "pkg.a": (None, False),
        "pkg.b": ("pkg.a", False),
    }
    assert modules["pkg.b"]["path"] == str(folder / "pkg/b.py")
    assert modules["pkg.b"]["hash"] == hash_of(folder / "pkg/b.py")
    costs = {message["name"]: message for message in supervisor.of_type("imported")}
    assert costs["pkg.a"]["seconds"] >= 0.25 > 0.2 > costs["pkg.a"]["self_seconds"] >= 0.05
    order = [(m["type"], m.get("name")) for m in supervisor.messages if m["type"] in ("module", "imported")]
    assert order.index(("module", "pkg.b")) < order.index(("imported", "pkg.b")) < order.index(("imported", "pkg.a"))


def test_a_same_size_edit_within_a_second_is_never_stale(supervisor: Stand, project: Project) -> None:
    """A .pyc that plain python would take for valid is neither trusted nor written."""
    folder = project({"main.py": "import value\nprint(value.X)", "value.py": "X = 1\n"})
    subprocess.run(
        [sys.executable, "-c", "import py_compile; py_compile.compile('value.py')"], cwd=folder, check=True, timeout=20
    )
    stamp = (folder / "value.py").stat()
    (folder / "value.py").write_text("X = 2\n")
    os.utime(folder / "value.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    compiled = {path: path.read_bytes() for path in folder.rglob("*.pyc")}
    assert compiled
    assert supervisor.run(folder, "main.py").stdout == "2\n"
    assert {path: path.read_bytes() for path in folder.rglob("*.pyc")} == compiled
    (folder / "other.py").write_text("")
    (folder / "main.py").write_text("import other")
    supervisor.run(folder, "main.py")
    assert {path: path.read_bytes() for path in folder.rglob("*.pyc")} == compiled


# Each program's output and traceback must be those of plain python, byte for byte.
PROBES = {
    "attributes": """
import importlib, mod, pkg, sys
for m in mod, pkg:
    print(m.__cached__, m.__spec__, m.__spec__.cached, type(m.__loader__), m.__file__, sorted(vars(m)))
    print(m.__loader__.path_stats, m.__loader__.get_code, m.__loader__.get_source(m.__name__))
print(sys.meta_path, sys.path_hooks[1:], importlib._bootstrap._call_with_frames_removed)
import inspect
print(inspect.getsource(mod), inspect.stack()[0][1:4], sys._getframe(0).f_back)
""",
    "stack": "import printer",
    "syntax error": "import broken",
    "null bytes": "import nulls",
    "bad encoding": "import encoded",
    "import error": "import missing_dependency",
    "error in a body": "import failing",
    "error in a nested body": "import nesting",
    "circular": "import one",
    "from": "from mod import nothing",
    "by hand": """
import importlib.util, sys
spec = importlib.util.spec_from_file_location('hand', sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
""",
    "reload": "import mod, importlib\nimportlib.reload(mod)\nopen('mod.py', 'w').write('1/0')\nimportlib.reload(mod)",
    "vanished": "import importlib.machinery\nimportlib.machinery.SourceFileLoader('gone', 'gone.py').load_module()",
    "unreadable": "import folder_module",
    "runpy": "import runpy\nprint(runpy.run_path('failing.py'))",
    "run module": "import runpy\nprint(runpy.run_module('failing'))",
    "exit": "import leaving",
    "warning": "import warner",
    "compile": "import py_compile, os\nprint(os.path.exists(py_compile.compile('mod.py', 'x.pyc')))",
    "data": "import pkgutil\nprint(pkgutil.get_data('pkg', '__init__.py'))",
}
FILES = {
    "mod.py": "'''Doc.'''\nX = 1\ndef f(): return X\n",
    "pkg/__init__.py": "Y = 2\n",
    "printer.py": "import traceback, sys\ntraceback.print_stack(file=sys.stdout)\n",
    "broken.py": "x = (\n1 +\n",
    "nulls.py": "x = 1\0",
    "encoded.py": "# coding: nonsense\n",
    "missing_dependency.py": "import no_such_thing\n",
    "failing.py": "def f():\n    return 1 / 0\nf()\n",
    "nesting.py": "import failing\n",
    "one.py": "from two import x\n",
    "two.py": "from one import y\n",
    "leaving.py": "import sys\nsys.exit(3)\n",
    "warner.py": "import warnings\nwarnings.warn('careful', stacklevel=2)\nwarnings.warn('here')\n",
}


@pytest.mark.parametrize("name", PROBES)
def test_a_program_sees_what_plain_python_shows(
    supervisor: Stand, project: Project, plain: Plain, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Output, traceback and exit status are plain python's, byte for byte."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    argument = "mod.py" if name != "by hand" else "failing.py"
    files = {**FILES, "main.py": PROBES[name]}
    expected = plain(project(files), "main.py", argument)
    seen = supervisor.run(project(files), "main.py", argument)
    assert _without_addresses(seen.stderr) == _without_addresses(expected.stderr)
    assert _without_addresses(seen.stdout) == _without_addresses(expected.stdout)
    assert seen.returncode == expected.returncode


def _without_addresses(text: str) -> str:
    return re.sub("0x[0-9a-f]+", "0x", text)


def test_each_way_of_loading_is_observed(supervisor: Stand, project: Project) -> None:
    """Modules loaded by hand, by runpy and again by reload are reported, with what was really loaded."""
    program = """
import importlib, importlib.util, runpy
spec = importlib.util.spec_from_file_location('hand', 'a/plug.py')
spec.loader.exec_module(importlib.util.module_from_spec(spec))
import mod
open('mod.py', 'w').write('X = 22')
importlib.reload(mod)
runpy.run_module('other')
"""
    folder = project({"main.py": program, "a/plug.py": "", "mod.py": "X = 1", "other.py": "Z = 1"})
    before = hash_of(folder / "mod.py")
    supervisor.run(folder, "main.py")
    found = [(message["name"], message["hash"]) for message in supervisor.of_type("module")][1:]
    after = hash_of(folder / "mod.py")
    assert found == [
        ("hand", hash_of(folder / "a/plug.py")),
        ("mod", before),
        ("mod", after),
        ("other", hash_of(folder / "other.py")),
    ]


def test_main_of_dash_m_is_main(supervisor: Stand, project: Project) -> None:
    """``python -m pkg.run`` reports the module once, as ``__main__``, and its package as an import."""
    folder = project({"pkg/__init__.py": "", "pkg/run.py": "print(__name__)"})
    assert supervisor.run(folder, "-m", "pkg.run").stdout == "__main__\n"
    assert [message["name"] for message in supervisor.of_type("module")] == ["pkg", "__main__"]


def test_what_is_the_users(supervisor: Stand, project: Project) -> None:
    """Site-packages anywhere are third party; editable installs, namespace packages and zip files are the user's."""
    program = """
import sys
sys.path[1:1] = ['.venv/lib/python3/site-packages', 'src', 'code.zip']
import third, editable, space.inner, zipped, json
"""
    folder = project(
        {
            "main.py": program,
            ".venv/lib/python3/site-packages/third.py": "",
            "src/editable.py": "",
            "src/space/inner.py": "",
        }
    )
    import zipfile

    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr("zipped.py", "")
    ended = supervisor.run(folder, "main.py")
    assert ended.stderr == ""
    assert [message["name"] for message in supervisor.of_type("module")] == ["__main__", "editable", "space.inner"]
    assert [message["name"] for message in supervisor.of_type("foreign")] == ["third"]
    assert str(folder / "code.zip") in [message["path"] for message in supervisor.of_type("read")]


# Statements before `import third`, and whether it is pristine then.
BEFORE = {
    "": True,
    "import json\nX = 1\ndef f(): pass\nclass A: y: int = 2\nZ: int = 3\n'text'\n": True,
    "import warnings\nwarnings.filterwarnings('ignore', 'x')\n": False,
    "import os\nos.environ['A'] = '1'\n": False,
    "import os\nos.environ['PATH'] = os.environ['PATH']\n": False,
    "import sys\nsys.path.append('.')\n": False,
    "import os\nos.chdir('lib')\n": False,
    "import json\njson.dumps(1)\n": False,
    "import quiet\n": True,
    "import acting\n": False,
    "import alters\n": True,
    "def f():\n    import third\nx = f()\n": False,
    "if 1:\n    X = 2\n": True,
    "if 1:\n    print()\n": False,
}


@pytest.mark.parametrize("before", BEFORE)
def test_pristine_imports(supervisor: Stand, project: Project, before: str) -> None:
    """A third-party module may be preloaded only if user code has done nothing but define things before it."""
    folder = project(
        {
            "main.py": before + "\nimport third\nprint('later')",
            "quiet.py": "import re\nX = re.compile('x')",
            "acting.py": "print('x')",
            "lib/site-packages/third.py": "import second",
            "lib/site-packages/second.py": "",
            "lib/site-packages/alters.py": "import os\nos.environ['FROM_A_LIBRARY'] = '1'",
        }
    )
    environ = {**os.environ, "PYTHONPATH": str(folder / "lib/site-packages")}
    supervisor.run(folder, "main.py", env=environ)
    pristine = {message["name"]: message["pristine"] for message in supervisor.of_type("foreign")}
    assert pristine["third"] == pristine["second"] == BEFORE[before]


def test_an_uncaught_exception_is_reported(supervisor: Stand, project: Project) -> None:
    """The supervisor hears of the exception that ends the program, with its place."""
    folder = project({"main.py": "import bad", "bad.py": "x = 1\nraise ValueError('no')"})
    supervisor.run(folder, "main.py")
    (message,) = supervisor.of_type("exception")
    assert (message["kind"], message["message"], message["line"]) == ("ValueError", "no", 2)
    assert message["file"] == str(folder / "bad.py")
