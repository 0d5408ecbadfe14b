"""Requests to the program's processes: numbered, answered, and repeated where a signal was lost."""

from __future__ import annotations

from typing import Any

import pytest

from hrsup.loop import Loop
from hrsup.requests import Requests


class Deaf:
    """A process that answers after the `hears`-th time it is woken; `gone` as of a peer."""

    def __init__(self, requests: Requests, hears: int) -> None:
        self._requests, self._hears = requests, hears
        self.woken, self.number, self.gone = 0, 0, False

    def send(self, message: dict[str, Any]) -> bool:
        self.number = message["id"]
        return True

    def wake(self) -> bool:
        self.woken += 1
        if self.woken == self._hears:
            self._requests.note({"to": self.number, "outcome": "heard"})
        return True


@pytest.mark.parametrize(("hears", "woken", "answer"), [(1, 1, "heard"), (2, 2, "heard"), (3, 2, None)])
def test_a_process_is_woken_once_more(hears: int, woken: int, answer: str | None) -> None:
    """A signal that a process has missed is repeated once; one that was heard is not."""
    requests = Requests(Loop(()))
    peer: Any = Deaf(requests, hears)
    reply = requests.ask(peer, {"op": "ping"}, 0.3)
    assert (reply["outcome"] if reply else None) == answer
    assert peer.woken == woken


def test_who_asks_without_waiting_wakes_once() -> None:
    """An observation is asked for and not waited for."""
    requests = Requests(Loop(()))
    peer: Any = Deaf(requests, 2)
    assert requests.ask(peer, {"op": "observe"}, 0.0) is None
    assert peer.woken == 1
