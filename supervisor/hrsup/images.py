"""Has the program start worker images, when `Warming` wishes for one and the program is at rest.

Runs in the supervisor.
"""

from __future__ import annotations

from hrsup.generation import Generation
from hrsup.link import Message
from hrsup.runs import Runs
from hrsup.warming import Warming
from hrsup_strategies.base import SERVICE


class WorkerImages:
    """Of the running generation, if that is a service: the workers of a batch end with it."""

    def __init__(self, generation: Generation, runs: Runs) -> None:
        self._generation, self._runs = generation, runs
        self._warming = Warming()
        self._request: tuple[int, int] | None = None  # its number, and the worker that it names

    def note(self, message: Message, pid: int, role: str) -> None:
        """A process of the program has said something."""
        self._warming.note(message, pid, role)

    def ended(self, pid: int) -> None:
        """A process of the program has ended."""
        self._warming.ended(pid)

    def patience_s(self) -> float | None:
        """In how many seconds there is something to do; None: not before something happens."""
        if not self._generation.running or self._runs.mode() != SERVICE:
            return None
        if self._warming.unfit is not None:
            return 0.0
        wanted = self._warming.patience_s()
        return None if wanted is None else max(wanted, self._generation.rest_in_s())

    def work(self) -> None:
        """Once the workers have shown what they import, have an image of it ready for the next ones."""
        if self._request is not None:
            number, like = self._request
            refused = self._generation.refused(number)
            if refused is not None:
                self._request = None
            if refused:
                self._warming.refused(like)
        if self.patience_s() == 0.0 and (wish := self._warming.wish()) is not None:
            sent = self._generation.warm(wish.like, wish.groups())
            self._request = None if sent is None else (sent, wish.like)

    def take_unfit(self) -> str | None:
        """Why a worker that was forked from an image cannot go on: it needs a module as in a new process. Told once."""
        unfit, self._warming.unfit = self._warming.unfit, None
        if unfit is None or not self._generation.running:
            return None
        return f"{unfit['module']} was imported beforehand, and {unfit['reason']}"
