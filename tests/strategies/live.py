"""A service under a real `hrsup run`, for the tests of strategies that need a whole session."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


class Live:
    """`hrsup run -- python COMMAND` in `folder`; what it prints and its events are kept beside the folder."""

    def __init__(self, folder: Path, command: Sequence[str], options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.output, self.event_file = folder.parent / "output.txt", folder.parent / "events.jsonl"
        hrsup = [sys.executable, "-m", "hrsup", "run", "--events", str(self.event_file), *options, "--", sys.executable]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen([*hrsup, *command], cwd=folder, stdout=output, stderr=output)

    def lines(self) -> list[str]:
        """The lines that the service has printed so far; one that is still being written is none yet."""
        lines = self.output.read_text().splitlines(keepends=True)
        return [line.rstrip("\n") for line in lines if line.endswith("\n") and not line.startswith("hrsup")]

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of this name so far."""
        text = self.event_file.read_text() if self.event_file.exists() else ""
        events = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [event for event in events if event["event"] == name]

    def until(self, condition: Callable[[], object], within_s: float = 20.0) -> None:
        """Wait for it; fails with all that was printed and said."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, self.output.read_text() + self.event_file.read_text()
            time.sleep(0.01)

    def save(self, name: str, text: str) -> None:
        """Save a file in one piece, as an editor does."""
        temporary = self.folder / (name + ".tmp")
        temporary.write_text(text)
        temporary.replace(self.folder / name)

    def end(self) -> None:
        """Stop it, and wait until it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
