"""Is the new code itself broken? The parts that need no program."""

from __future__ import annotations

import sys
from pathlib import Path

from hrsup import canary
from hrsup_strategies.base import CODE, HELD, Change, FileChange, Outcome


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
