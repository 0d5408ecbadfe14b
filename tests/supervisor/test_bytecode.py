"""A plain `python child.py` of the program's must not run old code out of a .pyc."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hrsup.bytecode import drop_believed


def said(folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", "import helper; print(helper.WORD)"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_believed_pyc_is_removed(tmp_path: Path) -> None:
    """After a same-size edit within one second plain Python runs old code; without the .pyc it does not."""
    helper = tmp_path / "helper.py"
    helper.write_text("WORD = 'one'\n")
    os.utime(helper, (1_700_000_000, 1_700_000_000))
    assert said(tmp_path) == "one"
    helper.write_text("WORD = 'two'\n")
    os.utime(helper, (1_700_000_000, 1_700_000_000))
    assert said(tmp_path) == "one"
    drop_believed([str(helper), str(tmp_path / "gone.py")])
    assert said(tmp_path) == "two"


def test_every_other_pyc_stays(tmp_path: Path) -> None:
    """One that its interpreter would not believe anyway is none of our business."""
    helper = tmp_path / "helper.py"
    helper.write_text("WORD = 'one'\n")
    assert said(tmp_path) == "one"
    helper.write_text("WORD = 'other'\n")
    drop_believed([str(helper)])
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1
