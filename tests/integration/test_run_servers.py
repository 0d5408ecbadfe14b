"""Programs that others connect to: when are they right again?"""

from __future__ import annotations

import random
import socket
from contextlib import closing
from pathlib import Path

from running import Running, project

SERVER = """
import socket, sys, time
print("begins", flush=True)
time.sleep(0.5)  # what it does until it listens
server = socket.create_server(("127.0.0.1", {port}))
while True:
    server.accept()[0].sendall(b"one")
"""


def free_port() -> int:
    """One that the system gives to nobody by itself."""
    while True:
        port = random.randint(12000, 30000)
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def answer(port: int) -> bytes:
    """What it says, asked once."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20.0)) as connection:
        return connection.recv(10)


def test_a_server_is_right_again_when_it_listens_again(tmp_path: Path) -> None:
    """Who reads `applied` and asks at once gets the new answer; a port that was given up is not waited for long."""
    port, other = free_port(), free_port()
    folder = project(tmp_path / "p", main=SERVER.format(port=port))
    with Running(folder, "--mode", "service") as run:
        run.line("begins")
        run.wait(lambda: _listens(port), "the server")
        run.save("main.py", SERVER.format(port=port).replace("one", "two"))
        run.event("applied")
        assert answer(port) == b"two"
        run.save("main.py", SERVER.format(port=other).replace("one", "three"))
        run.event("applied", 2)
        assert answer(other) == b"three"


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
