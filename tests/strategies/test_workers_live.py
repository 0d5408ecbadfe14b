"""The `workers` strategy in a real session: a service with a pool under `hrsup run`, edited while it runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[1] / "projects/pools"


class Session:
    """`hrsup run` on a copy of the project; `lines` is what the service has printed so far."""

    def __init__(self, folder: Path, *command: str) -> None:
        self.folder = folder / "project"
        shutil.copytree(PROJECT, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.output, self.event_file = folder / "output.txt", folder / "events.jsonl"
        hrsup = [sys.executable, "-m", "hrsup", "run", "--events", str(self.event_file), "--", sys.executable]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen([*hrsup, *command], cwd=self.folder, stdout=output, stderr=output)

    def lines(self) -> list[str]:
        return [line for line in self.output.read_text().splitlines() if not line.startswith("hrsup")]

    def events(self, name: str) -> list[dict[str, Any]]:
        text = self.event_file.read_text() if self.event_file.exists() else ""
        events = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [event for event in events if event["event"] == name]

    def until(self, condition: Callable[[], object], within_s: float = 20.0) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, self.output.read_text() + self.event_file.read_text()
            time.sleep(0.01)

    def save(self, old: str, new: str) -> None:
        file = self.folder / "work.py"
        temporary = self.folder / "work.py.tmp"
        temporary.write_text(file.read_text().replace(old, new))
        temporary.replace(file)

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=15)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def start(*command: str) -> Session:
        sessions.append(Session(tmp_path, *command))
        return sessions[-1]

    yield start
    for session in sessions:
        if session.process.poll() is None:
            session.end()


@pytest.mark.parametrize(
    "command",
    ["service.py loky", "service.py spawn", "service.py fork", "service_joblib.py", "service_pool.py"],
)
def test_a_service_gets_new_answers_out_of_its_pool(run: Callable[..., Session], command: str) -> None:
    """Two edits in a row: after each `applied` no answer is old, the coordinator is the same process, and the pool the
    same object.
    """
    session = run(*command.split())
    # While a worker is still starting, the change is refused; an answer of the first one is no sign of the second.
    session.until(lambda: session.lines().count("old") > 20)
    main = session.events("run_started")[0]["pid"]
    for count, (old, new) in enumerate([('"old"', '"new"'), ('"new"', '"newer"')], 1):
        session.save(old, new)
        session.until(lambda count=count: len(session.events("applied")) == count)
        applied = session.events("applied")[-1]
        assert applied["strategy"] == "workers", session.events("refused") + session.events("failed")
        assert len(applied["evidence"]["workers_ended"]) == 2
        said = len(session.lines())
        session.until(lambda said=said: len(session.lines()) > said + 5)
        # The line that was just being written when the boundary was reached may have been counted late.
        assert set(session.lines()[said + 1 :]) == {new.strip('"')}
    os.kill(main, 0)


def test_broken_code_is_held_and_the_pool_goes_on(run: Callable[..., Session]) -> None:
    """A syntax error leaves coordinator and workers as they were; the next save is taken."""
    session = run("service.py", "loky")
    session.until(lambda: len(session.lines()) > 20)  # by then both workers have imported the module
    session.save('ANSWER = "old"', 'ANSWER = "old')
    session.until(lambda: session.events("held"))
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 5)
    assert set(session.lines()[said:]) == {"old"}
    session.save('ANSWER = "old', 'ANSWER = "right"')
    session.until(lambda: session.lines()[-1:] == ["right"])
