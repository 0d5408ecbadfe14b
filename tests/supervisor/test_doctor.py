"""What `hrsup doctor` finds on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrsup import doctor


def test_everything_is_examined_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """On a machine that runs these tests nothing is missing, and the folder is as it was."""
    lines: list[str] = []
    assert doctor.show(doctor.examine(tmp_path), lines.append)
    assert {line.split()[0] for line in lines} >= {"python", "processes", "agent", "filesystem", "leases"}
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_fails_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be examined is said, and the other checks go on."""
    monkeypatch.setattr(doctor, "bootstrap_path", lambda: "/nonexistent/bootstrap.py")
    found = {finding.what: finding for finding in doctor.examine(tmp_path)}
    assert found["agent"].verdict == doctor.BAD
    assert found["disk"].verdict == doctor.GOOD
