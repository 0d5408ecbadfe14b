"""The supervisor's end of the channel: a Unix socket that only the user can open, one connection per process.

Runs in the supervisor; fits a single-threaded selector loop. Messages are `hrsup_agent.wire`'s.
"""
# ruff: noqa: PTH102, PTH106, PTH108, PTH112, PTH123, PTH208 (importing pathlib costs the program's start 3 ms)

from __future__ import annotations

import _socket
import contextlib
import os
import selectors
import sys

from hrsup.process.shared import remove
from hrsup_agent import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

Message = dict[str, "Any"]


class Peer:
    """One process of the program, once it has said hello. `depth` is the layer it continues from, or is."""

    def __init__(self, connection: _socket.socket, pid: int) -> None:
        self.connection = connection
        self.pid = pid  # as the kernel says it, not the message
        self.role = ""
        self.depth: int | None = None
        self.gone = False  # the connection has ended
        self._lines = wire.LineBuffer()

    def receive(self) -> list[Message] | None:
        """What has arrived, or None when the connection has ended. Never blocks."""
        try:
            data = self.connection.recv(1 << 18)
        except (BlockingIOError, InterruptedError):
            return []
        except OSError:
            return None
        return self._lines.feed(data) if data else None

    def send(self, message: Message) -> bool:
        """Hand over one message; False if the process is gone or does not take it."""
        try:
            self.connection.settimeout(1.0)
            self.connection.sendall(wire.encode(message))
            self.connection.setblocking(False)
            return True
        except OSError:
            with contextlib.suppress(OSError):  # closed: a client that has not waited for its answer
                self.connection.setblocking(False)
            return False

    def wake(self) -> bool:
        """Tell a running process that a request is waiting; False if it would not survive the signal or is gone."""
        if not catches(self.pid, wire.WAKE_SIGNAL):
            return False
        try:
            os.kill(self.pid, wire.WAKE_SIGNAL)  # the open connection proves that the pid is still this process
            return True
        except OSError:
            return False


class Link:
    """The listening socket and all connections. `address` is what the agent connects to, in a `folder` of our own."""

    def __init__(self, selector: selectors.BaseSelector, on_message: Callable[[Peer, Message | None], None]) -> None:
        # What tempfile.mkdtemp does; importing it costs the program's start several ms.
        self.folder = f"{os.environ.get('TMPDIR', '/tmp')}/hrsup-{os.urandom(6).hex()}"
        os.mkdir(self.folder, 0o700)
        self.address = f"{self.folder}/link"
        self.marks = f"{self.folder}/{wire.OPENS}"  # the folder of the layers' marks, once somebody makes it
        self.peers: dict[int, Peer] = {}
        self._selector = selector
        self._on_message = on_message
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._socket.bind(self.address)
        self._socket.listen(128)
        self._socket.setblocking(False)
        selector.register(self._socket, selectors.EVENT_READ, self._accept)

    def close(self) -> None:
        """End every connection (layers exit by themselves then) and remove the socket."""
        for peer in list(self.peers.values()):
            self._drop(peer)
        self._selector.unregister(self._socket)
        self._socket.close()
        self._remove(wire.VERSIONS)
        self._remove(wire.OPENS)
        with contextlib.suppress(OSError):
            self.ending(False)
            os.unlink(self.address)
            os.rmdir(self.folder)

    def ending(self, is_so: bool) -> None:
        """Let the program's processes know that (or that no longer) we end them."""
        path = f"{self.folder}/{wire.ENDING}"
        with contextlib.suppress(OSError):
            if is_so:
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
            else:
                os.unlink(path)

    def forget_versions(self, pid: int) -> None:
        """Remove what the process `pid`, which has ended, has left beside the socket for its workers."""
        self._remove(f"{wire.VERSIONS}{pid}-")

    def _remove(self, beginning: str) -> None:
        """Remove the folders and files beside the socket whose names begin so."""
        names: list[str] = []
        with contextlib.suppress(OSError):  # somebody has tidied up /tmp
            names = os.listdir(self.folder)
        for name in names:
            if name.startswith(beginning):
                remove(f"{self.folder}/{name}")

    def with_role(self, role: str) -> Iterator[Peer]:
        """The connected processes that have said they are this."""
        return (peer for peer in list(self.peers.values()) if peer.role == role)

    def drain(self) -> None:
        """Take in everything that has already been sent, accepting connections too."""
        self._accept()
        for peer in list(self.peers.values()):
            self._read(peer)

    def _accept(self) -> None:
        while True:
            try:
                descriptor, _ = self._socket._accept()  # type: ignore[attr-defined]  # pyright: ignore
            except OSError:
                return
            connection = _socket.socket(fileno=descriptor)
            connection.setblocking(False)
            peer = Peer(connection, _pid_of(connection))
            self.peers[descriptor] = peer
            self._selector.register(connection, selectors.EVENT_READ, lambda peer=peer: self._read(peer))

    def _read(self, peer: Peer) -> None:
        while True:
            try:
                messages = peer.receive()
            except ValueError:  # not our protocol: whoever it is, it is not the agent
                messages = None
            if messages is None:
                self._drop(peer)
                self._on_message(peer, None)
                return
            for message in messages:
                if message.get("type") == "hello":
                    peer.role, peer.depth = message["role"], message.get("layer")
                    peer.pid = peer.pid or message["pid"]
                self._on_message(peer, message)
            if not messages:
                return

    def _drop(self, peer: Peer) -> None:
        descriptor = peer.connection.fileno()
        peer.gone = True
        if descriptor >= 0 and self.peers.pop(descriptor, None) is not None:
            self._selector.unregister(peer.connection)
            peer.connection.close()


def _pid_of(connection: _socket.socket) -> int:
    if not hasattr(_socket, "SO_PEERCRED"):
        return 0  # macOS: the hello says it
    credentials = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)  # pid, uid, gid
    return int.from_bytes(credentials[:4], sys.byteorder)


def is_deaf(pid: int) -> bool:
    """Does the process block every signal that can be blocked, as layers do, and children that fork just now?"""
    blocked = _signals(pid, b"SigBlk:")
    never = 1 << 8 | 1 << 18 | 1 << 31  # KILL, STOP, and 32, which is the C library's own
    return blocked is not None and (blocked | never) & 0xFFFFFFFF == 0xFFFFFFFF


def runs_agent(pid: int) -> bool:
    """Was the process, or what it was forked from, started under the agent? Others block signals for a moment too."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            return b"/hrsup_agent/bootstrap.py\0" in words.read()
    except OSError:
        return False


def catches(pid: int, signum: int) -> bool:
    """Has the process a handler for the signal? The default action of a real-time signal would end it."""
    caught = _signals(pid, b"SigCgt:")
    return not os.path.isdir("/proc/self") if caught is None else bool(caught >> (signum - 1) & 1)


def _signals(pid: int, field: bytes) -> int | None:
    """A set of signals of the process, by its name in /proc; None: not known."""
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            return next((int(line.split()[1], 16) for line in status if line.startswith(field)), 0)
    except OSError:
        return None
