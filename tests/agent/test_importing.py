"""Our own imports, beside a program that has files with the names of standard modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running import Running, once

# What the agent and the strategies use, directly or in turn; a program may well have files with these names.
NAMES = (
    "select fcntl ast re enum json _json _socket threading types functools collections difflib inspect ctypes resource "
    "tokenize token queue random string copy logging heapq operator keyword opcode linecache _blake2 traceback"
)
SHOUT = "import sys\nsys.stderr.write('user {name} is executed\\n')\nWHO = 'user'\n"
MAIN = """
import select, sys
import ast as tree
print(select.WHO, tree.WHO, flush=True)
"""
SERVICE = """
import time
import helper
while True:
    print("tick", helper.value(), flush=True)
    time.sleep(0.01)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project full of such files."""
    project = tmp_path / "p"
    project.mkdir()
    for name in NAMES.split():
        (project / f"{name}.py").write_text(SHOUT.format(name=name))
    return project


def test_a_program_s_files_with_standard_names_are_its_own_affair(folder: Path) -> None:
    """They are executed when the program imports them, once, and by nobody else."""
    (folder / "main.py").write_text(MAIN)
    plain = subprocess.run([sys.executable, "main.py"], cwd=folder, capture_output=True, text=True, timeout=60)
    ours = once(folder, sys.executable, "main.py")
    assert (ours.returncode, ours.stdout, ours.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert plain.stdout == "user user\n"


def test_a_reload_beside_files_with_standard_names(folder: Path) -> None:
    """A strategy that needs the parser brings its own; nothing of the user's is executed for it."""
    (folder / "main.py").write_text(SERVICE)
    (folder / "helper.py").write_text("def value():\n    return 1\n")
    with Running(folder, "--mode", "service") as run:
        run.line("tick 1")
        run.save("helper.py", "def value():\n    return 2\n")
        run.event("applied", strategy="reload")
        run.line("tick 2")
        assert "is executed" not in run.said()


def test_the_program_s_modules_stay_as_they_were(tmp_path: Path) -> None:
    """What only a strategy needs does not appear among the program's modules, and what the program has is shared."""
    main = SERVICE.replace("import time\n", "import sys, time\n").replace('"tick"', '"tick", "ast" in sys.modules')
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "main.py").write_text(main)
    (tmp_path / "p" / "helper.py").write_text("def value():\n    return 1\n")
    with Running(tmp_path / "p", "--mode", "service", command=(sys.executable, "-S", "main.py")) as run:
        run.line("tick False 1")
        run.save("helper.py", "def value():\n    return 2\n")
        run.event("applied", strategy="reload")
        run.line("tick False 2")


HALF = """
import sys
sys.entered.set()
sys.go_on.wait(20)
class Late:
    pass
"""
TWO_THREADS = """
import sys, threading
import hrsup_agent
from hrsup_agent.importing import our_import
hrsup_agent.__path__ = [sys.argv[1]]
sys.entered, sys.go_on = threading.Event(), threading.Event()
found = []
def look():
    found.append(hasattr(our_import("hrsup_agent.half", {}, None, ("Late",)), "Late"))
threads = [threading.Thread(target=look) for _ in range(2)]
threads[0].start()
sys.entered.wait()
threads[1].start()
threads[1].join(0.2)
sys.go_on.set()
for thread in threads:
    thread.join()
print(found)
"""


def test_a_module_that_another_thread_is_importing_is_waited_for(tmp_path: Path) -> None:
    """Two threads that start their first workers at once would get a half imported module otherwise."""
    (tmp_path / "half.py").write_text(HALF)
    command = [sys.executable, "-c", TWO_THREADS, str(tmp_path)]
    ours = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ours.stdout == "[True, True]\n", ours.stderr
