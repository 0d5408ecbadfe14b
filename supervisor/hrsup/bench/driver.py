"""Holds one supervised program at the far end of its pipes: what it prints and what is said about it, in order.

Runs in the bench. Lines come through a pipe, events from the events file; a line that was printed before an event was
written always comes before it in the log, because the file is read first and the pipe is emptied before the events are
logged. A line that was printed after an event may come before it as well, but has the same time then: what was taken
in together has one time.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from hrsup.bench.oracle import plain_environment

STANDINS = ("restart", "naive")
STOP_S = 10.0


class Entry(NamedTuple):
    """A line the program printed, or an event that was reported. `time` is monotonic, in seconds, when it was seen;
    of entries with the same time nobody knows which came first."""

    time: float
    line: str | None = None
    event: dict[str, Any] | None = None

    @property
    def name(self) -> str | None:
        """The event's name, None for a line."""
        return None if self.event is None else str(self.event.get("event"))


class Session:
    """One supervised run of a program. A context manager: leaving it ends every process."""

    def __init__(self, command: Sequence[str], root: Path, work: Path, told: bool = False) -> None:
        """`command` must write its events to ``events_path(work)``; with `told` it learns of edits by its stdin."""
        self.log: list[Entry] = []
        self._events = events_path(work)
        self._events_seen = 0
        self._errors = work / "stderr.txt"
        self._told = told
        scratch = work / "scratch"  # what cold starts of the same program leave in /tmp is nothing that it should see
        scratch.mkdir(exist_ok=True)
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=root,
                env=plain_environment() | {"TMPDIR": str(scratch)},
                stdin=subprocess.PIPE if told else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        os.set_blocking(self._pipe, False)
        self._rest = b""
        self._open = True

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ended(self) -> bool:
        """Has the supervisor itself ended?"""
        return self._process.poll() is not None

    @property
    def status(self) -> int | None:
        """The supervisor's status, None while it runs."""
        return self._process.poll()

    def tell(self, paths: Sequence[str]) -> None:
        """Tell a stand-in, which has no watcher of its own, that these files were saved."""
        if self._told and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(list(paths)).encode() + b"\n")
                self._process.stdin.flush()

    def pump(self, wait_s: float = 0.002) -> bool:
        """Take in what has arrived, waiting up to `wait_s` for a line. Was there anything?"""
        if self._open:
            select.select([self._pipe], [], [], wait_s)
        else:
            time.sleep(wait_s)
        events = self._read_events()
        before = len(self.log)
        now = time.monotonic()
        self._read_lines(now)
        self.log += [Entry(now, event=event) for event in events]
        return len(self.log) > before

    def wait(self, enough: Callable[[list[Entry]], bool], limit_s: float) -> bool:
        """Pump until `enough` of the log has been seen; False if the time is up or the supervisor ended first."""
        deadline = time.monotonic() + limit_s
        while not enough(self.log):
            if time.monotonic() > deadline:
                return False
            if not self.pump() and self.ended and not self.pump(0.05):
                return enough(self.log)
        return True

    def errors(self) -> str:
        """What went to standard error."""
        return self._errors.read_text(errors="replace")

    def close(self) -> None:
        """Stop the supervisor as a user would; whatever is left after that is killed."""
        processes = _family(self._process.pid)
        if not self.ended:
            self._process.terminate()
            deadline = time.monotonic() + STOP_S
            while not self.ended and time.monotonic() < deadline:
                self.pump(0.01)  # a full pipe must not keep it from ending
        for process in {*processes, *_family(self._process.pid)}:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read_lines(self, now: float) -> None:
        while self._open:
            try:
                data = os.read(self._pipe, 65536)
            except BlockingIOError:
                return
            if not data:
                self._open = False
                return
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.log += [Entry(now, line=line.decode(errors="replace")) for line in lines]

    def _read_events(self) -> list[dict[str, Any]]:
        try:
            with self._events.open("rb") as file:
                file.seek(self._events_seen)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._events_seen += len(whole)
        return [json.loads(line) for line in whole.splitlines()]


def events_path(work: Path) -> Path:
    """Where a session's events are written."""
    return work / "events.jsonl"


def supervised(strategy: str, command: Sequence[str], work: Path, kind: str, escalate: bool = True) -> Sequence[str]:
    """The command line that runs `command` under `strategy`: hrsup, or one of the stand-ins it is measured against."""
    program = [sys.executable if command[0] == "python" else command[0], *command[1:]]
    events = ["--events", str(events_path(work))]
    if strategy in STANDINS:
        standin = Path(__file__).with_name("standin.py")
        return [sys.executable, str(standin), strategy, "--mode", kind, *events, "--", *program]
    options = ["--strategy", strategy, *([] if escalate else ["--no-escalate"])]
    hrsup = [sys.executable, "-c", "from hrsup.cli import main; main()"]
    return [*hrsup, "run", *events, *options, "--", *program]


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
