"""A supervisor stand-in: it starts programs under the agent, listens, and asks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import hrsup_agent
from hrsup.link import catches
from hrsup_agent import wire

Message = dict[str, Any]
BOOTSTRAP = str(Path(hrsup_agent.__file__).parent / "bootstrap.py")
DEADLINE_S = 20.0
AGAIN_S = 0.2  # without an answer a process is woken once more


class Supervisor:
    """Listens on a Unix socket; `messages` holds what every process has said, with the `from` pid of its hello."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "link")
        self.messages: list[Message] = []
        self.ended: list[int] = []  # pids whose connection has ended
        self._connections: dict[int, socket.socket] = {}
        self._news = threading.Condition()
        self._processes: list[subprocess.Popen[str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(self.address)
        self._socket.listen(64)
        self._requests = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def start(self, folder: Path, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Start a program under the agent."""
        process = subprocess.Popen(
            [sys.executable, BOOTSTRAP, self.address, "--", *words],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        self._processes.append(process)
        return process

    def run(self, folder: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, and wait until it has been heard to the end."""
        process = self.start(folder, *words, **options)
        out, err = process.communicate(timeout=DEADLINE_S)
        self.wait(lambda: process.pid in self.ended)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def of_type(self, kind: str) -> list[Message]:
        """The messages of one type so far."""
        return [message for message in list(self.messages) if message["type"] == kind]

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until it holds; fails the test after the deadline."""
        with self._news:
            assert self._news.wait_for(condition, DEADLINE_S), self.messages[-20:]

    def wait_for(self, kind: str, **fields: Any) -> Message:
        """The first message of this type with these fields, once it is there."""
        found: list[Message] = []

        def is_there() -> bool:
            found[:] = [m for m in self.of_type(kind) if all(m.get(key) == value for key, value in fields.items())]
            return bool(found)

        self.wait(is_there)
        return found[0]

    def ask(self, pid: int, **request: Any) -> Message:
        """Send a request, wake the process, and wait for the reply."""
        number = self.send(pid, **request)
        with self._news:
            answered = self._news.wait_for(lambda: any(m["to"] == number for m in self.of_type("reply")), AGAIN_S)
        if not answered and catches(pid, wire.WAKE_SIGNAL):
            os.kill(pid, wire.WAKE_SIGNAL)  # as the supervisor does, see `hrsup.requests`
        return self.wait_for("reply", to=number)

    def send(self, pid: int, **request: Any) -> int:
        """Send a request and wake the process; the request's id."""
        self._requests += 1
        self.wait(lambda: pid in self._connections)  # its hello may still be on its way
        self._connections[pid].sendall(wire.encode({"type": "request", "id": self._requests, **request}))
        os.kill(pid, wire.WAKE_SIGNAL)
        return self._requests

    def hang_up(self, pid: int) -> None:
        """End the connection with a process, as a dying supervisor does."""
        self._connections[pid].shutdown(socket.SHUT_RDWR)
        self.wait(lambda: pid in self.ended)
        self._connections[pid].close()

    def close(self) -> None:
        """End what was started."""
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        lines, pid = wire.LineBuffer(), 0
        while data := _receive(connection):
            with self._news:
                for message in lines.feed(data):
                    if message["type"] == "hello":
                        pid = message["pid"]
                        if message["role"] == "layer":  # it would keep the program's output open, and ends on this
                            connection.shutdown(socket.SHUT_RDWR)
                        self._connections[pid] = connection
                    self.messages.append({**message, "from": pid})
                self._news.notify_all()
        with self._news:
            self.ended.append(pid)
            self._news.notify_all()


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1 << 16)
    except OSError:
        return b""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor stand-in that ends what it has started."""
    with tempfile.TemporaryDirectory(prefix="hrsup-test-") as folder:  # tmp_path may be too long for a socket
        stand_in = Supervisor(Path(folder))
        yield stand_in
        stand_in.close()


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes files (``main_py="..."`` for ``main.py``; a dict for other names) into an empty folder."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


@pytest.fixture
def plain() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the same command under plain python, without leaving .pyc files."""

    def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        began = time.monotonic()
        return subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=began + DEADLINE_S - time.monotonic(),
        )

    return run
