"""Where other `hrsup` commands of the same user ask a running session: `hrsup sync`, `hrsup explain`.

Runs in the supervisor. A session leaves its address in ``.hrsup/sessions/<pid>``; clients speak the channel's protocol
with the role ``client``. One project may have several sessions.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from hrsup.history import FOLDER, folder
from hrsup.link import Link, Message, Peer
from hrsup_agent import wire

_SESSIONS = "sessions"


class Desk:
    """Answers clients. `standing` says why what is shown is not what is on disk, or None, and how the last run ended;
    `explain` what would happen if files were saved; `graph` who imports whom."""

    def __init__(
        self,
        link: Link,
        standing: Callable[[], tuple[str | None, str | None]],
        explain: Callable[[list[str]], list[Message]],
        graph: Callable[[], dict[str, list[str]]],
    ) -> None:
        self._link, self._standing, self._explain, self._graph = link, standing, explain, graph
        self._waiting: list[Peer] = []
        self._sign: Path | None = None

    def open(self, project: str, warn: Callable[[str], None]) -> None:
        """Say where we are."""
        try:
            sessions = folder(project) / _SESSIONS
            sessions.mkdir(exist_ok=True)
            aside = folder(project) / f"session-{os.getpid()}"
            aside.write_text(self._link.address)
            self._sign = aside.replace(sessions / str(os.getpid()))  # whoever sees it finds the address in it
        except OSError as error:
            warn(f"`hrsup sync` will not find this session: {error}")

    def close(self) -> None:
        """No more questions; those who wait learn it from the end of the connection."""
        if self._sign is not None:
            with contextlib.suppress(OSError):
                self._sign.unlink()

    @property
    def waiting(self) -> bool:
        """Is anybody waiting for all earlier edits to be handled?"""
        return bool(self._waiting)

    def note(self, peer: Peer, message: Message) -> None:
        """A client speaks. Whoever asks for `sync` is answered by `answer`, when there is nothing left to do."""
        if message.get("type") == "sync":
            self._waiting.append(peer)
        elif message.get("type") == "explain":
            peer.send({"type": "answer", "paths": self._explain(message["paths"])})
        elif message.get("type") == "graph":
            peer.send({"type": "answer", "edges": self._graph()})

    def answer(self) -> None:
        """Every edit known so far has been handled: tell those who waited."""
        waiting, self._waiting = self._waiting, []
        for peer in waiting:
            standing, ended = self._standing()
            peer.send({"type": "answer", "standing": standing, "ended": ended})


def ask(project: str, message: Message) -> Iterator[tuple[int, Message | None]]:
    """Ask every running session of the project: its pid, and the answer (None: it ended before it could answer)."""
    for sign in sorted((Path(project) / FOLDER / _SESSIONS).glob("*")):
        try:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.connect(sign.read_text())
        except OSError:  # a session that was killed
            with contextlib.suppress(OSError):
                sign.unlink()
            continue
        with connection:
            connection.sendall(wire.encode({"type": "hello", "role": "client", "pid": os.getpid()}))
            connection.sendall(wire.encode(message))
            yield int(sign.name), _receive(connection)


def _receive(connection: socket.socket) -> Message | None:
    lines = wire.LineBuffer()
    while True:
        try:
            data = connection.recv(1 << 16)
        except OSError:
            return None
        if not data:
            return None
        for message in lines.feed(data):
            return message
