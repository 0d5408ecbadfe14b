"""The few functions that a program may import from `hrsup`: alone, and under the agent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ALONE = """
import sys
before = set(sys.modules)
import hrsup
heavy = {"click", "rich", "typing", "watchfiles", "psutil", "hrsup_agent"} & (set(sys.modules) - before)
assert not heavy, heavy
@hrsup.on_change("params.yaml")
def renew(): raise AssertionError
assert hrsup.keep("a", list) is not hrsup.keep("a", list)
hrsup.safe_point()
print(hrsup.is_supervised())
"""

SUPERVISED = """
import hrsup, os, pathlib
from hrsup_agent import api
@hrsup.on_change("params.yaml")
def renew(): return 1
@hrsup.on_change(pathlib.Path("params.yaml"))
def renew(): return 2
assert [handler() for handler in api.handlers_of(os.path.abspath("params.yaml"))] == [2]
assert hrsup.keep("a", list) is hrsup.keep("a", list)
calls = []
forget = api.when_safe(lambda: calls.append(1))
api.when_safe(lambda: calls.append(2))
forget()
hrsup.safe_point()
hrsup.safe_point()
assert calls == [2]
print(hrsup.is_supervised())
"""


def _run(tmp_path: Path, *command: str) -> str:
    ran = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_without_the_supervisor_everything_works_and_does_nothing(tmp_path: Path) -> None:
    """And the import is light, so a program may keep it in production."""
    assert _run(tmp_path, "-c", ALONE) == "False"


def test_under_the_agent_the_program_is_heard(tmp_path: Path) -> None:
    """A handler defined again replaces the old one, a kept value is made once, a safe point runs what waits for it."""
    (tmp_path / "program.py").write_text(SUPERVISED)
    assert _run(tmp_path, "-m", "hrsup", "run", "--quiet", "--once", "--", sys.executable, "program.py") == "True"


@pytest.mark.parametrize("name", ["on_change", "keep", "safe_point", "is_supervised"])
def test_each_function_says_what_it_does(name: str) -> None:
    """Public names have docstrings."""
    import hrsup

    assert getattr(hrsup, name).__doc__
