"""Files, folders, processes and native code that a program touches."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hrsup_agent.observe import natives

Project = Callable[[dict[str, str]], Path]
Stand = Any
DEADLINE_S = 20.0

# What a program does, and the messages that must come of it: (type, name of the path or None, module).
CASES: dict[str, tuple[str, set[tuple[str, str | None, str | None]]]] = {
    "open": ("open('data.txt').read()", {("read", "data.txt", None)}),
    "bytes": ("open(b'data.txt').read()", {("read", "data.txt", None)}),
    "pathlib": ("import pathlib\npathlib.Path('data.txt').read_text()", {("read", "data.txt", None)}),
    "os.open": ("import os\nos.open('data.txt', os.O_RDONLY)", {("read", "data.txt", None)}),
    "relative": ("import os\nos.chdir('folder')\nopen('../data.txt')", {("read", "data.txt", None)}),
    "in an import": ("import reads", {("read", "data.txt", "reads")}),
    "write": ("open('out.txt', 'w')", {("write", "out.txt", None)}),
    "append": ("open('data.txt', 'a')", {("write", "data.txt", None)}),
    "both": ("open('data.txt', 'r+')", {("write", "data.txt", None), ("read", "data.txt", None)}),
    "missing": (
        "try: open('none.txt')\nexcept OSError: pass",
        {("missing", "none.txt", None)},
    ),
    "listdir": ("import os\nos.listdir('folder')", {("listing", "folder", None)}),
    "scandir": ("import os\nlist(os.scandir('folder'))", {("listing", "folder", None)}),
    "glob": ("import glob\nglob.glob('folder/*.csv')", {("listing", "folder", None)}),
    "installed packages": ("import importlib.metadata as m\nlist(m.distributions(path=['folder']))", set()),
    "glob without a wildcard": ("import glob\nglob.glob('folder/none.csv')", {("missing", "none.csv", None)}),
    "rename": (
        "import os\nos.rename('data.txt', 'new.txt')",
        {("write", "data.txt", None), ("write", "new.txt", None)},
    ),
    "remove": ("import os\nos.remove('data.txt')", {("write", "data.txt", None)}),
    "exists": ("import os\nos.path.exists('none.txt')", {("missing", "none.txt", None)}),
    "is_file": ("from pathlib import Path\nPath('data.txt').is_file()", {("look", "data.txt", None)}),
    "access": ("import os\nos.access('data.txt', os.R_OK)", {("look", "data.txt", None)}),
    "socket": (
        "import os, socket\nif not os.path.exists('s'):\n    socket.socket(socket.AF_UNIX).bind('s')",
        {("missing", "s", None), ("write", "s", None)},
    ),
    "mkdir": ("import os\nos.makedirs('made')", {("write", "made", None)}),
    "copy": (
        "import shutil\nshutil.copy('data.txt', 'copy.txt')",
        {
            ("read", "data.txt", None),
            ("look", "data.txt", None),
            ("missing", "copy.txt", None),
            ("write", "copy.txt", None),
        },
    ),
    "subprocess": (
        "import subprocess\nsubprocess.run(['cat', 'data.txt'])",
        {("child", None, None), ("opaque", None, None)},
    ),
    "system": ("import os\nos.system('cat data.txt >&2')", {("child", None, None), ("opaque", None, None)}),
    "harmless command": ("import subprocess\nsubprocess.run(['uname'], stdout=subprocess.DEVNULL)", set()),
    "sqlite": (
        "import sqlite3\nsqlite3.connect('some.db')",
        {("missing", "some.db", None), ("opaque", None, None)},
    ),
    "sqlite by a path object": (
        "import pathlib, sqlite3\nsqlite3.connect(pathlib.Path('some.db'))",
        {("missing", "some.db", None), ("opaque", None, None)},
    ),
    "memory database": ("import sqlite3\nsqlite3.connect(':memory:')", set()),
    "own source": (
        "import inspect, quiet\ninspect.getsource(quiet)",
        {("look", "quiet.py", None), ("read", "quiet.py", None)},
    ),
    "where a framework's function begins": (
        "import inspect, quiet\n__name__ = 'fastapi.routing'\n"
        "def _extract_endpoint_context(one): inspect.getsourcelines(one)\n_extract_endpoint_context(quiet)",
        {("look", "quiet.py", None)},
    ),
    "own file": ("open(__file__).read()", {("read", "main.py", None)}),
    "traceback": ("import traceback, failing\ntry: failing.f()\nexcept Exception: traceback.print_exc()", set()),
    "warning": ("import warnings\nwarnings.warn('x')", set()),
    "system files": ("open('/etc/hostname').read(); open('/proc/self/stat').read(); open('/dev/null', 'w')", set()),
    "library": ("import json\nopen(json.__file__).read()", set()),
    "package data": ("import pkgutil\npkgutil.get_data('quiet', 'data.txt')", {("read", "data.txt", None)}),
    "a folder's descriptor": (
        "import os\nos.open('inner.txt', os.O_RDONLY, dir_fd=os.open('folder', os.O_RDONLY))",
        {("opaque", None, None), ("missing", "inner.txt", None)},
    ),
    "a tree is removed": (
        "import shutil\nshutil.rmtree('folder')",
        {("look", "folder", None), ("listing", "folder", None), ("write", "folder", None), ("write", "b.csv", None)}
        | {("write", "deep", None), ("write", "a.csv", None), ("write", "inner.txt", None), ("listing", "deep", None)},
    ),
    "library call": (
        "import configparser\nconfigparser.ConfigParser().read('empty.ini')",
        {("read", "empty.ini", None)},
    ),
}


def test_every_writing_is_said(supervisor: Stand, project: Project) -> None:
    """Not only the first: once it was handled, the next one could be somebody else's."""
    folder = project({"main.py": "import os\nfor _ in range(3):\n    os.mkdir('made')\n    os.rmdir('made')"})
    supervisor.run(folder, "main.py")
    assert len([m for m in supervisor.messages if m["type"] == "write"]) == 6


@pytest.mark.parametrize("name", CASES)
def test_what_is_said(supervisor: Stand, project: Project, name: str) -> None:
    """Each way to touch a file gives just the messages that it should."""
    program, expected = CASES[name]
    folder = project(
        {
            "main.py": program,
            "data.txt": "x",
            "empty.ini": "",
            "folder/a.csv": "",
            "folder/inner.txt": "",
            "folder/deep/b.csv": "",
            "reads.py": "X = open('data.txt').read()",
            "quiet.py": "def f(): pass",
            "failing.py": "def f(): 1 / 0",
        }
    )
    ended = supervisor.run(folder, "main.py")
    assert ended.returncode == 0, ended.stderr
    said = {
        (m["type"], Path(m["path"]).name if "path" in m else None, m.get("module"))
        for m in supervisor.messages
        if m["type"] in ("read", "look", "missing", "listing", "write", "child", "opaque", "native", "thread")
    }
    assert said == expected


def test_a_read_names_its_line_once(supervisor: Stand, project: Project) -> None:
    """The site is the nearest line of the user's; the same file at the same line is said once, until observed."""
    program = """
import sys
def load(name):
    return open(name).read()
load('data.txt'); load('data.txt')
open('data.txt')
print('ready', flush=True)
for line in sys.stdin:
    load('data.txt'); load('other.txt')
    print('done', flush=True)
"""
    folder = project({"main.py": program, "data.txt": "x", "other.txt": ""})
    process = supervisor.start(folder, "main.py")
    process.stdout.readline()

    def sites(name: str) -> list[str]:
        return [m["site"].rpartition(":")[2] for m in supervisor.of_type("read") if m["path"].endswith(name)]

    supervisor.ask(process.pid, op="observe", paths=[str(folder / "data.txt")])
    assert sites("data.txt") == ["4", "6"]
    for _ in range(2):
        process.stdin.write("again\n")
        process.stdin.flush()
        process.stdout.readline()
    supervisor.ask(process.pid, op="ping")
    assert sites("data.txt") == ["4", "6", "4", "4"]
    assert sites("other.txt") == ["4"]
    message = supervisor.of_type("read")[0]
    status = (folder / "data.txt").stat()
    assert (message["mtime_ns"], message["size"]) == (status.st_mtime_ns, 1)
    assert message["site"] == f"{folder / 'main.py'}:4"


def test_a_block_of_shared_memory_is_known_to_the_tracker_at_once(supervisor: Stand, project: Project) -> None:
    """A process that is killed while it makes one leaves nothing."""
    code = """
import os, signal
from multiprocessing import shared_memory
print(f"hrsup-{os.getpid()}", flush=True)
shared_memory.mmap.mmap = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
shared_memory.SharedMemory(f"hrsup-{os.getpid()}", True, 4096)
"""
    result = supervisor.run(project({"main.py": code}), "main.py")
    assert result.returncode == -9
    block = Path("/dev/shm") / result.stdout.strip()
    deadline = time.monotonic() + DEADLINE_S
    while block.exists():  # the tracker sees to that when the program has ended
        assert time.monotonic() < deadline, block
        time.sleep(0.01)


def test_threads_are_said(supervisor: Stand, project: Project) -> None:
    """A thread is said by its name, where the interpreter says that threads start (3.12 and later)."""
    program = "import threading\nt = threading.Thread(target=print, name='mine')\nt.start()\nt.join()"
    supervisor.run(project({"main.py": program}), "main.py")
    names = [message["name"] for message in supervisor.of_type("thread")]
    assert names == (["mine"] if sys.version_info >= (3, 12) else [])


def test_native_code(supervisor: Stand, project: Project) -> None:
    """A user's own extension module is said with its path, and may read unseen, as a foreign one may. Who gets no
    answer to that goes on after a moment, and says that, too."""
    import _queue
    import shutil

    source = getattr(_queue, "__file__", None)
    if source is None:
        pytest.skip("built into the interpreter")
    folder = project({"main.py": "import sys\nsys.path.append('site-packages')\nimport _queue\nimport _heapq as x"})
    shutil.copy(source, folder)
    name = Path(source).name.replace("_queue", "_heapq")
    (folder / "site-packages").mkdir()
    shutil.copy(source.replace("_queue", "_heapq"), folder / "site-packages" / name)
    program = """
import importlib.util, sys
def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
load('_queue', sys.argv[1])
load('_heapq', sys.argv[2])
"""
    (folder / "main.py").write_text(program)
    supervisor.run(folder, "main.py", Path(source).name, f"site-packages/{name}")
    assert [message["path"] for message in supervisor.of_type("native")] == [str(folder / Path(source).name)]
    assert [message["reason"].split()[0] for message in supervisor.of_type("opaque")] == ["_queue", "_heapq"]
    assert len(supervisor.of_type("unwatched")) == 1


SYSTEM = "/usr/lib/libsound.so.1"
SITE = "/v/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("path", "caller", "unseen"),
    [
        ("/p/fast.so", "/p/main.py", True),
        ("/p/fast.so", f"{SITE}/numpy/ctypeslib.py", True),  # on the user's behalf
        (f"{SITE}/boosting/lib/libboost.so", f"{SITE}/boosting/core.py", True),
        (f"{SITE}/numpy.libs/libopenblas.so", f"{SITE}/threadpoolctl.py", False),
        (SYSTEM, "/p/main.py", True),
        (SYSTEM, f"{SITE}/soundfile.py", True),
        (SYSTEM, f"{SITE}/numpy/core.py", False),
        ("libc.so.6", f"{SITE}/distributed/worker.py", False),
        ("libc.so.6", "/p/main.py", True),
        ("", "/p/main.py", True),
        ("", os.__file__, False),
        ("", "<frozen importlib._bootstrap>", False),
    ],
)
def test_a_library_that_ctypes_loads_may_read_unseen(path: str, caller: str, unseen: bool) -> None:
    """Whose it is, or, where it is the system's, who calls it, says whether it does."""
    assert (natives.unseen_through_ctypes(path, caller) is not None) == unseen


def test_effects_are_counted(supervisor: Stand, project: Project) -> None:
    """Effects on the outside are counted for those who take layers; reading is none."""
    program = """
import sys, socket
files = next(o for o in __import__('gc').get_objects() if type(o).__name__ == 'FileWatch')
import quiet
open('data.txt').read()
print(files.effects())
open('out.txt', 'w').close()
print(files.effects()[0] == 1, files.effects()[1].endswith('out.txt was written'))
socket.socket(socket.AF_UNIX).bind('s')
print(files.effects()[0])
files.enabled = False
open('silent.txt', 'w')
print(files.effects()[0])
"""
    ended = supervisor.run(project({"main.py": program, "quiet.py": "", "data.txt": ""}), "main.py")
    assert ended.stdout.splitlines() == ["(0, None)", "True True", "2", "2"]
    assert "silent.txt" not in str(supervisor.messages)
