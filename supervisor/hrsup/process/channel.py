"""Messages between the supervisor and its guardian: whole tuples and descriptors over a socket pair.

Runs in both. Both ends are the same program in two processes of one fork, so ``marshal`` may carry the tuples; it costs
no import, and ``_socket`` spares the 8 ms of ``socket``.
"""

from __future__ import annotations

import _socket
import marshal
import os
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HEADER = 4
_MAX_FDS = 16
_FD = 4  # the size of a descriptor in such a message; `array` would have to be loaded from a file


class Channel:
    """One end. A message is a tuple of plain values, and the descriptors that were sent along with it."""

    def __init__(self, sock: _socket.socket) -> None:
        self._sock = sock
        self._incoming = b""
        self._fds: list[int] = []
        self._outgoing = b""

    def fileno(self) -> int:
        """Readable when a message, or the end of the other side, is there."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close this end."""
        self._sock.close()
        for fd in self._fds:
            _close(fd)

    def send(self, message: tuple[Any, ...], fds: tuple[int, ...] = ()) -> None:
        """Send a message after what is queued; waits until it is taken. Raises OSError if the other side is gone."""
        data, self._outgoing = self._outgoing + _frame(message), b""
        payload = b"".join(fd.to_bytes(_FD, sys.byteorder) for fd in fds)
        ancillary = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, payload)] if fds else []
        sent = self._sock.sendmsg([data], ancillary)
        while sent < len(data):
            sent += self._sock.send(data[sent:])

    def post(self, message: tuple[Any, ...]) -> None:
        """Queue a message and send what the other side takes without waiting; `flush` sends the rest."""
        self._outgoing += _frame(message)
        self.flush()

    def flush(self) -> None:
        """Send what is queued, without waiting. Raises OSError if the other side is gone."""
        while self._outgoing:
            try:
                sent = self._sock.send(self._outgoing, _socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            self._outgoing = self._outgoing[sent:]

    @property
    def pending(self) -> bool:
        """Is anything queued?"""
        return bool(self._outgoing)

    def receive(self) -> list[tuple[Any, ...]]:
        """The messages that are there, without waiting. Raises EOFError once the other side is gone and all is read."""
        messages: list[tuple[Any, ...]] = []
        while True:
            try:
                data, ancillary, _, _ = self._sock.recvmsg(
                    65536,
                    _socket.CMSG_SPACE(_FD * _MAX_FDS),
                    _socket.MSG_DONTWAIT | getattr(_socket, "MSG_CMSG_CLOEXEC", 0),
                )
            except BlockingIOError:
                return messages
            except OSError:
                data, ancillary = b"", []
            for level, kind, payload in ancillary:
                if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
                    ends = range(_FD, len(payload) + 1, _FD)
                    self._fds += [int.from_bytes(payload[end - _FD : end], sys.byteorder) for end in ends]
            if not data:
                if messages:
                    return messages
                raise EOFError
            self._incoming += data
            messages += self._complete()

    def take_fds(self, count: int) -> list[int]:
        """The next `count` descriptors that came with a message; they are the caller's now."""
        taken, self._fds = self._fds[:count], self._fds[count:]
        return taken

    def _complete(self) -> list[tuple[Any, ...]]:
        messages = []
        while len(self._incoming) >= _HEADER:
            end = _HEADER + int.from_bytes(self._incoming[:_HEADER], "little")
            if len(self._incoming) < end:
                break
            messages.append(marshal.loads(self._incoming[_HEADER:end]))
            self._incoming = self._incoming[end:]
        return messages


def pair() -> tuple[Channel, Channel]:
    """The two ends of a new channel; neither survives an exec."""
    left, right = _socket.socketpair()
    return Channel(left), Channel(right)


def _frame(message: tuple[Any, ...]) -> bytes:
    data = marshal.dumps(message)
    return len(data).to_bytes(_HEADER, "little") + data


def _close(fd: int) -> None:
    with suppress(OSError):
        os.close(fd)
