"""What is asked of the program's processes, and what they answer.

Runs in the supervisor. Owns the numbers of the requests, and the replies that nobody has taken yet.
"""

from __future__ import annotations

import itertools

from hrsup.link import Message, Peer
from hrsup.loop import Loop

_AGAIN_S = 0.2  # without an answer a process is woken once more


class Requests:
    """A peer may be gone at any moment: whoever asks is told by None."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._numbers = itertools.count(1)
        self._replies: dict[int, Message] = {}

    def note(self, reply: Message) -> None:
        """A reply has come in."""
        self._replies[reply["to"]] = reply

    def send(self, peer: Peer, message: Message) -> int | None:
        """Send it under a new number, which is returned; None if it could not be sent."""
        number = next(self._numbers)
        return number if peer.send({**message, "id": number}) else None

    def post(self, peer: Peer, request: Message) -> int | None:
        """Interrupt a process that runs user code with a request; its number, None if the process cannot be reached."""
        number = self.send(peer, {"type": "request", **request})
        return number if number is not None and peer.wake() else None

    def answered(self, number: int) -> bool:
        """Has the reply to this come in?"""
        return number in self._replies

    def take(self, number: int) -> Message | None:
        """The reply to this, if it has come in; it is not kept."""
        return self._replies.pop(number, None)

    def wait(self, peer: Peer, number: int, timeout_s: float) -> Message | None:
        """The reply to this; None if none comes in time, or the peer is gone first."""
        self._loop.pump(lambda: number in self._replies or peer.gone, timeout_s)
        return self.take(number)

    def ask(self, peer: Peer | None, request: Message, timeout_s: float) -> Message | None:
        """Post a request and wait for its reply."""
        number = self.post(peer, request) if peer is not None else None
        if peer is None or number is None:
            return None
        # A signal that comes just before a process blocks in a system call does not interrupt the call, and Python
        # hears of it only afterwards. That is seldom, so once more is enough.
        reply = self.wait(peer, number, min(timeout_s, _AGAIN_S))
        if reply is None and timeout_s > _AGAIN_S and not peer.gone and peer.wake():
            reply = self.wait(peer, number, timeout_s - _AGAIN_S)
        return reply
