"""CONTRIBUTING.md's strategy, installed and used literally as the page says."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
SERVICE = """
import logging, time

with open("loglevel.txt", encoding="utf-8") as file:
    logging.basicConfig(level=file.read().strip(), format="%(levelname)s at work")
while True:
    logging.info("")
    logging.warning("")
    time.sleep(0.02)
"""

Supervise = Callable[..., Any]


def block(name: str) -> str:
    """The code block of the page whose first line is a comment with this file name."""
    found = re.search(rf"^```\w+\n# {re.escape(name)}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found, name
    return found[1]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder of packages that holds the plug-in as an installer leaves it."""
    project = tomllib.loads(block("pyproject.toml"))["project"]
    site = tmp_path / "site"
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (site / "hrsup_loglevel.py").write_text(block("hrsup_loglevel.py"))
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    lines = [line for group, points in groups for line in (f"[{group}]", *(f"{n} = {t}" for n, t in points.items()))]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


def test_the_strategy_of_the_page_is_applied(supervise: Supervise, installed: Path) -> None:
    """A saved level reaches the running service through the plug-in; a level that is none is held; code escalates."""
    files = {"main.py": SERVICE, "loglevel.txt": "INFO\n"}
    session = supervise(files, "-s", "loglevel", environ={"PYTHONPATH": str(installed)})
    session.wait(lambda: "INFO at work" in session.said(), "work")

    session.save("loglevel.txt", "WARNING\n")
    applied = session.event("applied")
    assert (applied["strategy"], applied["evidence"]) == ("loglevel", {"level": "WARNING"})

    session.save("loglevel.txt", "LOUD\n")
    assert "LOUD" in session.event("held")["error"]["message"]
    assert [event["pid"] for event in session.events() if event["event"] == "run_started"] == [
        session.event("started")["pid"]
    ]

    session.save("loglevel.txt", "INFO\n")
    session.event("applied", evidence={"level": "INFO"})
    session.save("main.py", SERVICE.replace("at work", "at new work"))
    assert session.event("refused", strategy="loglevel")["code"] == "LOGLEVEL1"
    session.wait(lambda: "INFO at new work" in session.said(), "new work")


def test_a_strategy_that_is_not_installed_is_one_line(tmp_path: Path) -> None:
    """Without the package the name is wrong usage: status 2, and the names that there are."""
    command = [sys.executable, "-m", "hrsup", "run", "-s", "loglevel", "--", sys.executable, "-c", ""]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1 and "respawn" in run.stderr
