"""Is the new code itself broken? The parts that need no program."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hrsup import canary
from hrsup_strategies.base import CODE, FAILED, HELD, Change, Facts, FileChange, ModuleFact, Outcome


def _change(path: Path) -> Change:
    return Change([FileChange(str(path), CODE, "new", "old")])


def test_a_syntax_error_is_held_with_its_place(tmp_path: Path) -> None:
    """The first changed file that does not compile is named, with the line."""
    broken = tmp_path / "broken.py"
    broken.write_text("x = 1\ny = (\n")
    found = canary.syntax_error(_change(broken), sys.version_info[:3])
    assert isinstance(found, Outcome)
    assert (found.state, found.file, found.line) == (HELD, str(broken), 2)


def test_another_version_of_python_is_asked_itself(tmp_path: Path) -> None:
    """What the supervisor's own Python would refuse is left to the program's interpreter."""
    broken = tmp_path / "broken.py"
    broken.write_text("def f(:\n")
    found = canary.syntax_error(_change(broken), (3, 99), sys.executable)
    assert isinstance(found, Outcome)
    assert (found.file, found.line) == (str(broken), 1)
    broken.write_text("x = 1\n")
    assert canary.syntax_error(_change(broken), (3, 99), sys.executable) is None


def test_a_file_that_is_gone_is_no_syntax_error(tmp_path: Path) -> None:
    """Whether its absence matters is for the import to say."""
    assert canary.syntax_error(_change(tmp_path / "gone.py"), sys.version_info[:3]) is None


class TestImports:
    """The script's imports, tried beside the service, by an interpreter of its own where there is no image."""

    BASE = "from pathlib import Path\n\nPath(__file__).with_name('mine').write_text('new')\n"

    def found(self, folder: Path, base: str, work: str, raised: Outcome | None = None) -> Outcome | None:
        """What is found out about a new work.py, of a script that imports base.py before it."""
        for name, text in {"main.py": "import base\nimport work\n", "base.py": base, "work.py": work}.items():
            (folder / name).write_text(text)
        facts = Facts()
        facts.main = str(folder / "main.py")
        facts.modules = {path: ModuleFact("work", path, "old", None, None, 0.0) for path in [str(folder / "work.py")]}
        generation: Any = SimpleNamespace(executable=sys.executable)
        return canary.import_error(_change(folder / "work.py"), facts, generation, raised)

    def test_what_fails_in_a_cold_start_is_held(self, tmp_path: Path) -> None:
        """With its place."""
        found = self.found(tmp_path, "", "\n1 / 0\n")
        assert found is not None
        assert (found.state, found.file, found.line) == (HELD, str(tmp_path / "work.py"), 2)
        assert self.found(tmp_path, "", "1 / 1\n") is None

    @pytest.mark.parametrize(
        "base",
        [
            BASE,
            BASE.replace("write_text('new')", "unlink()"),
            BASE.replace("write_text('new')", "open('a').write('new' * 10_000)"),
            BASE.replace("write_text('new')", "rename(__file__ + '.old')"),
            "import os\nwith open(os.open(__file__[:-7] + 'mine', os.O_RDWR), 'w') as file:\n    file.write('new')\n",
            "import subprocess\nsubprocess.run(['sh', '-c', f'echo new > {__file__[:-7]}mine'])\n",
            "import os\nif os.fork() == 0:\n    os.truncate(__file__[:-7] + 'mine', 0)\n    os._exit(0)\nos.wait()\n",
            "import threading, os\nt = threading.Thread(target=os.truncate, args=(__file__[:-7] + 'mine', 0))\n"
            "t.start()\nt.join()\n",
        ],
    )
    def test_nothing_is_changed_that_the_service_has(self, tmp_path: Path, base: str) -> None:
        """And what comes after that is not known."""
        (tmp_path / "mine").write_text("old")
        assert self.found(tmp_path, base, "1 / 0\n") is None
        assert (tmp_path / "mine").read_text() == "old"

    def test_what_a_reload_raised_counts_if_the_module_raises_it_alone(self, tmp_path: Path) -> None:
        """And only if it is the same."""
        work = str(tmp_path / "work.py")
        same = Outcome(FAILED, "HR142", "ZeroDivisionError: division by zero", work, 1)
        found = self.found(tmp_path, self.BASE, "1 / 0\n", same)
        assert found is not None
        assert (found.state, found.file, found.line) == (HELD, work, 1)
        other = Outcome(FAILED, "HR142", "KeyError: 'x'", work, 1)
        assert self.found(tmp_path, self.BASE, "1 / 0\n", other) is None
        assert self.found(tmp_path, self.BASE, self.BASE + "1 / 0\n", same) is None
