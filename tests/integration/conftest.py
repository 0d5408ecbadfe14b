"""Whole sessions of `hrsup run`, followed by their events."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Event = dict[str, Any]
DEADLINE_S = 40.0


class Session:
    """One `hrsup run` in the folder `project`; its events and its standard error are kept beside it."""

    def __init__(self, folder: Path, command: list[str], options: list[str], environ: dict[str, str]) -> None:
        self.project = folder / "project"
        self._folder, self._events, self._stderr = folder, folder / "events.jsonl", folder / "stderr"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hrsup", "run", "--events", str(self._events), *options, "--", *command],
            cwd=self.project,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr.open("wb"),
        )

    def save(self, name: str, text: str) -> None:
        """Save a file as most editors do: written aside, and renamed."""
        aside = self._folder / "aside"
        aside.write_text(text)
        aside.replace(self.project / name)

    def said(self) -> str:
        """What the program and hrsup have written to standard error."""
        return self._stderr.read_text()

    def events(self) -> list[Event]:
        lines = self._events.read_text().splitlines(keepends=True) if self._events.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def named(self, *names: str) -> list[Event]:
        """The events of these names so far."""
        return [event for event in self.events() if event["event"] in names]

    def wait(self, found: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
        """What `found` gives once it is true."""
        deadline = time.monotonic() + deadline_s
        while not (value := found()):
            assert time.monotonic() < deadline, f"no {what}; events: {self.events()}; stderr: {self.said()[-2000:]}"
            time.sleep(0.01)
        return value

    def event(self, name: str, **fields: Any) -> Event:
        """The first event of this name with these fields."""

        def matching() -> list[Event]:
            return [event for event in self.events() if event["event"] == name and fields.items() <= event.items()]

        found: list[Event] = self.wait(matching, f"{name} {fields}")
        return found[0]

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Start sessions: `supervise({"main.py": text}, "-s", "data")` runs ``python main.py``, or `command`."""
    sessions: list[Session] = []

    def start(
        files: dict[str, str], *options: str, command: list[str] | None = None, environ: dict[str, str] | None = None
    ) -> Session:
        folder = tmp_path / f"session{len(sessions)}"
        (folder / "project").mkdir(parents=True)
        for name, text in files.items():
            (folder / "project" / name).write_text(text)
            (folder / "project" / name).chmod(0o755)
        session = Session(folder, command or [sys.executable, "main.py"], list(options), environ or {})
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        session.end()
