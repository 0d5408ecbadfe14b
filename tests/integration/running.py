"""One `hrsup run` as a user starts it, in pipes or on a pseudo-terminal, followed by its events and what it prints."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Event = dict[str, Any]
DEADLINE_S = 30.0
HRSUP = [sys.executable, "-P", "-m", "hrsup"]  # as the console script: nothing is imported from the folder it is run in


class Running:
    """`hrsup run` in the folder `project`. A context manager: leaving it ends every process."""

    def __init__(
        self,
        project: Path,
        *options: str,
        command: Sequence[str] = (sys.executable, "main.py"),
        environ: dict[str, str] | None = None,
        pty: bool = False,
        shell: bool = False,
    ) -> None:
        self.project, self.kept = project, project.parent / f"{project.name}-{uuid.uuid4().hex[:6]}"
        self.kept.mkdir()
        self.token = f"RUN_TOKEN={uuid.uuid4().hex}"
        self.environ = {**os.environ, "NO_COLOR": "1", **(environ or {}), "RUN_TOKEN": self.token.partition("=")[2]}
        self._events = self.kept / "events.jsonl"
        self._screen = b""
        self._is_shell = shell
        self._terminal: int | None = None
        argv = [*HRSUP, "run", "--events", str(self._events), *options, "--", *command]
        if pty:
            self._terminal, theirs = os.openpty()
            streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
        else:
            out, errors = (os.open(self.kept / name, os.O_WRONLY | os.O_CREAT) for name in ("stdout", "stderr"))
            theirs = errors
            streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": errors}
        self.process = subprocess.Popen(
            ["bash", "--norc", "-i"] if shell else argv,
            cwd=project,
            env=self.environ,
            start_new_session=True,
            preexec_fn=_take_terminal if pty else None,
            **streams,
        )
        os.close(theirs)
        if not pty:
            os.close(out)
        if self._terminal is not None:
            os.set_blocking(self._terminal, False)
        if shell:
            self.type(f"{shlex.join(argv)}\n".encode())

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shell:  # an interactive one hears nothing else
            self.hang_up()
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(DEADLINE_S)
        self.process.kill()
        self.process.wait()
        for pid in self.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._terminal is not None:
            os.close(self._terminal)

    # -- what it is told --------------------------------------------------------------------------------------------

    def save(self, name: str, text: str) -> None:
        """Save a file as most editors do: written aside, and renamed."""
        aside = self.kept / "aside"
        aside.write_text(text)
        aside.replace(self.project / name)

    def type(self, keys: bytes) -> None:
        """Press keys at the terminal."""
        assert self._terminal is not None
        os.write(self._terminal, keys)

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size."""
        assert self._terminal is not None
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Close the terminal."""
        assert self._terminal is not None
        self.out()
        os.close(self._terminal)
        self._terminal = None
        (self.kept / "stdout").write_bytes(self._screen)

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another `hrsup` command in the same folder."""
        sign = self.project / ".hrsup" / "sessions" / str(self.process.pid)
        self.wait(lambda: sign.exists() or self.process.poll() is not None, "session's sign")
        return subprocess.run(
            [*HRSUP, *arguments], cwd=self.project, capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )

    # -- what it says -----------------------------------------------------------------------------------------------

    def out(self) -> str:
        """What has gone to standard output; on a terminal, all that it shows."""
        if self._terminal is None:
            return (self.kept / "stdout").read_text(errors="replace")
        with contextlib.suppress(OSError):
            while data := os.read(self._terminal, 65536):
                self._screen += data
        return self._screen.decode(errors="replace").replace("\r\n", "\n")

    def lines(self) -> list[str]:
        """The whole lines of standard output."""
        return [line[:-1] for line in self.out().splitlines(keepends=True) if line.endswith("\n")]

    def said(self) -> str:
        """What has gone to standard error."""
        return self.out() if self._terminal is not None else (self.kept / "stderr").read_text(errors="replace")

    def events(self, name: str | None = None) -> list[Event]:
        """The events so far, of this name."""
        data = self._events.read_bytes() if self._events.exists() else b""
        found = [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]
        return [event for event in found if name in (None, event["event"])]

    def names(self) -> list[str]:
        """The names of the events so far."""
        return [event["event"] for event in self.events()]

    def wait(self, found: Callable[[], Any], what: str = "it") -> Any:
        """What `found` gives once it is true."""
        deadline = time.monotonic() + DEADLINE_S
        while not (value := found()):
            assert time.monotonic() < deadline, (
                f"no {what}: {self.events()}\n{self.out()[-1000:]}\n{self.said()[-3000:]}"
            )
            time.sleep(0.005)
        return value

    def event(self, name: str, number: int = 1, **fields: Any) -> Event:
        """The first (or `number`-th) event of this name with these fields."""

        def found() -> Event | None:
            events = [event for event in self.events(name) if fields.items() <= event.items()]
            return events[number - 1] if len(events) >= number else None

        event: Event = self.wait(found, f"{name} {fields} {number}")
        return event

    def line(self, text: str) -> str:
        """The first line of standard output that holds this text."""
        line: str = self.wait(lambda: next((line for line in self.lines() if text in line), None), repr(text))
        return line

    def ended(self) -> int:
        """The exit status, once it is there."""
        return int(self.wait(lambda: self.process.poll() is not None and [self.process.returncode], "end")[0])

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Stop it by a signal; the exit status."""
        self.process.send_signal(signum)
        return self.ended()

    def left(self) -> list[int]:
        """The living processes that carry this run's token in their environment."""
        return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and self._is_ours(path)]

    def _is_ours(self, process: Path) -> bool:
        try:
            return self.token.encode() in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            return False


def project(folder: Path, **files: str) -> Path:
    """A new folder with these modules (``helper="..."`` is helper.py)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def once(folder: Path, *command: str, options: Sequence[str] = ("--once",), **settings: Any) -> Any:
    """`hrsup run --once` to its end: status, stdout, stderr."""
    argv = [*HRSUP, "run", *options, "--", *command]
    return subprocess.run(
        argv,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        **settings,
    )


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
