"""The program's runs, one after the other: how each has ended, and what that says of the program.

Runs in the supervisor. Whether a program is a batch or a service is observed; this holds what was observed, in this
session and, through the history, in earlier ones.
"""

from __future__ import annotations

from hrsup.config import Config
from hrsup.events import Events
from hrsup.facts import FactBook
from hrsup.generation import Generation
from hrsup.lean import signal
from hrsup.process import kernel
from hrsup_strategies.base import BATCH, SERVICE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup.history import History


_DOUBT, _DOUBT_S = 1.25, 0.25  # so much longer than the one that failed must a run last
_SOON_S = 6.0  # what has run for longer before it failed is not waited for


class Runs:
    """`end` says how the last run has ended (None: it runs, or has ended with 0), `crashed` that a signal did it or an
    exception that nobody caught. `unseen` is the status of an end that nobody has acted on yet. A run is `mixed`
    if it was updated on its way."""

    def __init__(self, generation: Generation, book: FactBook, events: Events, config: Config) -> None:
        self._generation, self._book, self._events, self._config = generation, book, events, config
        self.history: History | None = None
        self.end: str | None = None
        self.crashed = False
        self.mixed = False
        self.unseen: int | None = None
        self.by_itself = False  # has one ended by itself, as a batch does?
        self.cold_ms: float | None = None  # what a cold start takes up to its end
        self._killed_before = 0  # processes, by a kernel without memory, before this run
        self._failed_after_s = 0.0  # how long the last run lasted, if it failed, and none has lasted for longer since

    @property
    def first(self) -> bool:
        """Is, or was, this the session's first run?"""
        return self._events.run == 1

    def mode(self) -> str:
        """Batch or service, as far as it is known now."""
        if self._config.mode != "auto":
            return self._config.mode
        known = self.by_itself or (self.history is not None and self.history.ended_by_itself())
        return BATCH if known else SERVICE

    def mode_now(self) -> str:
        """What strategies are to take the program for: they ask whether there is a running service to keep, and one
        that has ended is like a batch for them."""
        return self.mode() if self._generation.running else BATCH

    def began(self) -> None:
        """A new run has begun."""
        self._events.run += 1
        self.mixed = False
        self.end, self.crashed, self._killed_before = None, False, kernel.out_of_memory_kills()
        self.unseen = None

    def in_doubt_s(self) -> float:
        """In how many seconds the run will be past the point at which the last one has failed. Of a program that has
        never ended well nobody knows what it is: it may be a batch that fails there again, or is about to end."""
        if not self._failed_after_s:
            return 0.0
        return max(0.0, self._failed_after_s * _DOUBT + _DOUBT_S - self._generation.seconds())

    def goes_on(self) -> None:
        """The run is right, and goes on: it does not fail where the last one did."""
        self._failed_after_s = 0.0

    def updated_in_place(self) -> None:
        """The run goes on with new code. Should it end by itself, it was a batch, and its result is void."""
        self.mixed = self.mixed or self._config.mode == "auto"

    def ended(self, status: int) -> bool:
        """The run has ended with this status (-n after signal n): say and remember it. Has it ended by itself, and
        well?"""
        seconds = self._generation.seconds()
        by_itself = status >= 0 and self._book.last_exception is None
        self._events.emit("run_finished", status=shell_status(status), seconds=round(seconds, 4))
        self.end, self.crashed = (end(status) if status else None), not by_itself
        if self.crashed:
            self._say_crashed(status)
        cold_ms = seconds * 1e3 if self.first and by_itself and not self.mixed else None
        self.cold_ms = cold_ms or self.cold_ms
        # A service that gives up with sys.exit(1), for want of a setting, say, is no batch for ever after.
        well = by_itself and status == 0
        if self.history is not None:
            self.history.note_run(ended_by_itself=well, cold_ms=cold_ms)
        self.by_itself = self.by_itself or well or (by_itself and self.first)
        self._failed_after_s = seconds if seconds < _SOON_S else 0.0
        self.unseen = status
        return well

    def _say_crashed(self, status: int) -> None:
        ended: dict[str, object] = {"signal": -status} if status < 0 else {"status": status}
        if status == -signal.SIGKILL and kernel.out_of_memory_kills() > self._killed_before:
            ended["reason"], self.end = "out of memory", f"{self.end}, the system was out of memory"
        self._events.emit("crashed", **ended)

    def take_unseen(self) -> int | None:
        """The status of an end that nobody has acted on yet; it is not named again."""
        status, self.unseen = self.unseen, None
        return status


def end(status: int) -> str:
    """How a run has ended, in words."""
    return f"ended with signal {-status}" if status < 0 else f"ended with status {status}"


def shell_status(status: int) -> int:
    """As a shell would show it."""
    return status if status >= 0 else 128 - status
