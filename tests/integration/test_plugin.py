"""CONTRIBUTING.md's strategy, installed and used literally as the page says."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
DEADLINE_S = 40.0
SERVICE = """
import logging, time

with open("loglevel.txt", encoding="utf-8") as file:
    logging.basicConfig(level=file.read().strip(), format="%(levelname)s at work")
while True:
    logging.info("")
    logging.warning("")
    time.sleep(0.02)
"""

Event = dict[str, Any]


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


class Session:
    """`hrsup run -s loglevel` on the service, with its events."""

    def __init__(self, folder: Path, site: Path) -> None:
        self.folder, self._events = folder, folder / "events.jsonl"
        command = [sys.executable, "-m", "hrsup", "run", "-s", "loglevel", "--events", str(self._events)]
        self.process = subprocess.Popen(
            [*command, "--", sys.executable, "service.py"],
            cwd=folder / "project",
            env={**os.environ, "PYTHONPATH": str(site)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "stderr").open("wb"),
        )

    def save(self, name: str, text: str) -> None:
        aside = self.folder / "aside"
        aside.write_text(text)
        aside.replace(self.folder / "project" / name)

    def said(self) -> str:
        return (self.folder / "stderr").read_text()

    def events(self) -> list[Event]:
        lines = self._events.read_text().splitlines(keepends=True) if self._events.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def wait(self, found: Callable[[], Any], what: str) -> Any:
        """What `found` gives once it is true."""
        deadline = time.monotonic() + DEADLINE_S
        while not (value := found()):
            assert time.monotonic() < deadline, f"no {what}; events: {self.events()}; stderr: {self.said()[-2000:]}"
            time.sleep(0.01)
        return value

    def event(self, name: str, **fields: Any) -> Event:
        """The first event of this name with these fields."""

        def matching() -> list[Event]:
            return [e for e in self.events() if e["event"] == name and fields.items() <= e.items()]

        found: list[Event] = self.wait(matching, f"{name} {fields}")
        return found[0]


@pytest.fixture
def session(tmp_path: Path, installed: Path) -> Iterator[Session]:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "service.py").write_text(SERVICE)
    (tmp_path / "project" / "loglevel.txt").write_text("INFO\n")
    session = Session(tmp_path, installed)
    try:
        session.wait(lambda: "INFO at work" in session.said(), "work")
        yield session
    finally:
        session.process.send_signal(signal.SIGTERM)
        try:
            session.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            session.process.kill()
            session.process.wait()


def test_the_strategy_of_the_page_is_applied(session: Session) -> None:
    """A saved level reaches the running service through the plug-in; a level that is none is held; code escalates."""
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
    session.save("service.py", SERVICE.replace("at work", "at new work"))
    assert session.event("refused", strategy="loglevel")["code"] == "LOGLEVEL1"
    session.wait(lambda: "INFO at new work" in session.said(), "new work")


def test_a_strategy_that_is_not_installed_is_one_line(tmp_path: Path) -> None:
    """Without the package the name is wrong usage: status 2, and the names that there are."""
    command = [sys.executable, "-m", "hrsup", "run", "-s", "loglevel", "--", sys.executable, "-c", ""]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=DEADLINE_S)
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1 and "respawn" in run.stderr
