"""Which line made which use of which file, while modules change."""

from __future__ import annotations

import sys
from pathlib import Path

from hrsup_agent.observe.uses import OPENED, Uses

OLD, NEW = b"import os\nA = 1\n", b"import os\n# more\nA = 1\nB = 2\n"


def note(uses: Uses, module: Path, line: int, path: str) -> None:
    """This line of the module opens the file."""
    space = {"__name__": "module", "uses": uses, "sys": sys}
    text = "\n" * (line - 1) + f"uses.note({OPENED!r}, {path!r}, sys._getframe(), False)\n"
    exec(compile(text, str(module), "exec"), space)


def test_what_a_commit_reads_is_noted_by_the_lines_of_the_new_version(tmp_path: Path) -> None:
    """As of the time of an import; what was noted before moves with its lines, what is new does not."""
    uses, module = Uses(), tmp_path / "module.py"
    note(uses, module, 2, "/data/a")
    uses.hold()
    note(uses, module, 4, "/data/b")
    note(uses, module, 4, "/data/b")
    assert uses.held() == {"/data/b"}
    uses.moved(str(module), OLD, NEW)
    uses.let_go(keep=True)
    assert uses.sites("/data/a", OPENED) == {f"{module}:3": (1, False, True)}
    assert uses.sites("/data/b", OPENED) == {f"{module}:4": (2, True, True)}


def test_what_was_taken_back_has_read_nothing(tmp_path: Path) -> None:
    """The next use is noted as ever."""
    uses, module = Uses(), tmp_path / "module.py"
    uses.hold()
    note(uses, module, 1, "/data/a")
    uses.let_go(keep=False)
    assert uses.sites("/data/a", OPENED) == {} and uses.held() == set()
    note(uses, module, 1, "/data/a")
    assert uses.sites("/data/a", OPENED) == {f"{module}:1": (1, False, True)}
