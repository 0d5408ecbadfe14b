"""When hinted paths are ready to be looked at (supervisor process).

The problem: an editor may write a file in several steps (truncate, then write; delete, then create), a checkout touches
thousands, and half of a file must never be taken for the file. The watcher only says "something happened".

What does not work: a fixed quiet period. Long enough for a slow writer, it is 100 ms too long for every ordinary save.

So: a path is ready after a few milliseconds without an event, provided that nobody has it open for writing (the kernel
knows: `probe.is_open_for_writing`), that it is not just now empty or absent though it was not so before (an editor may
be in between; it gets a grace), and that git is not at work in the repository. Paths that arrive together are handed
over together: while *new* paths keep arriving, all wait, and the wait grows with their number.

`Settler` is pure: times and answers about files come from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from . import RESCAN
from .probe import ABSENT, EMPTY, UNKNOWN, WRITER

QUIET_S = 0.004  # an event of the same save follows within this
BURST_STEP_S, BURST_QUIET_S = 0.001, 0.05  # more quiet for each further path, up to this
UNKNOWN_QUIET_S = 0.05  # where the kernel does not say who writes
ABSENT_GRACE_S = 0.05  # between the two steps of a delete-and-create save
EMPTY_GRACE_S = 0.1  # between truncating and writing
PACKAGE_QUIET_S = 0.3  # an installer is at it for a while
OPEN_LIMIT_S = 2.0  # quiet, yet open for writing: a log, or a writer that sleeps
PATH_LIMIT_S = 10.0  # never quiet for that long: look at it all the same
COMPANION_LIMIT_S = 0.25  # ready paths wait for an unready one of their burst no longer than this
LOOK_AGAIN_S = 0.003  # while git holds its lock
RECHECK_S = 0.05  # for a writer that closes without an event (polling, mmap)


class Looker(Protocol):
    """What the settler asks about the world; `probe.Probe` answers from the real one."""

    def state(self, path: str) -> str:
        """One of the states in `probe`."""
        ...

    def repository_busy(self, now: float) -> bool:
        """Is git changing the working tree?"""
        ...

    def repository_quiet_s(self) -> float:
        """The least quiet that the state of the repository asks for."""
        ...


class _Pending:
    __slots__ = ("first", "last")

    def __init__(self, now: float) -> None:
        self.first = self.last = now


class Settler:
    """Collects hints and says which of them are ready.

    `existed(path)` says whether the file was there, with something in it, when it was last looked at: only then is its
    absence or emptiness worth waiting out. `output(path)` says whether the program writes it: nobody waits for that.
    All times are seconds of one monotonic clock.
    """

    def __init__(
        self,
        looker: Looker,
        existed: Callable[[str], bool] = lambda path: True,
        output: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self._looker, self._existed, self._output = looker, existed, output
        self._pending: dict[str, _Pending] = {}
        self._newest = 0.0  # when the last path joined the burst
        self._joined = 0  # how many paths did
        self._ready_since: float | None = None

    def hint(self, paths: Iterable[str], now: float) -> None:
        """Something happened to these paths."""
        for path in paths:
            pending = self._pending.get(path)
            if pending is not None:
                pending.last = now
                continue
            self._pending[path] = _Pending(now)
            if not self._output(path):
                self._newest = now
                self._joined += 1

    def poll(self, now: float) -> tuple[set[str], float | None]:
        """The paths that are ready now (they are forgotten here), and when to ask again (None: after the next hint)."""
        if not self._pending:
            return set(), None
        quiet_at = self._newest + self._burst_quiet_s()
        if now < quiet_at:
            return set(), quiet_at
        if self._looker.repository_busy(now):
            return set(), now + LOOK_AGAIN_S
        waiting = {
            path: at for path, pending in self._pending.items() if (at := self._ready_at(path, pending, now)) > now
        }
        ready = self._pending.keys() - waiting.keys()
        again = min(*waiting.values(), now + RECHECK_S) if waiting else None
        if ready and self._companions_wait(waiting, now):
            return set(), again
        for path in ready:
            del self._pending[path]
        self._joined = len(waiting) if ready else self._joined
        self._ready_since = None
        return ready, again

    def busy(self) -> bool:
        """Is anything waiting to become ready?"""
        return bool(self._pending)

    def _burst_quiet_s(self) -> float:
        grown = QUIET_S + BURST_STEP_S * max(self._joined - 1, 0)
        return max(min(grown, BURST_QUIET_S), self._looker.repository_quiet_s())

    def _companions_wait(self, waiting: dict[str, float], now: float) -> bool:
        """Should the ready paths wait for the others, so that what was saved together is one change?"""
        if all(self._output(path) for path in waiting):
            return False
        if self._ready_since is None:
            self._ready_since = now
        return now < self._ready_since + COMPANION_LIMIT_S

    def _ready_at(self, path: str, pending: _Pending, now: float) -> float:
        """When it will be ready if nothing happens; not later than `now` if it is."""
        limit = pending.first + PATH_LIMIT_S
        ready_at = pending.last + QUIET_S
        if now >= limit or path == RESCAN:
            return now
        if now < ready_at:
            return ready_at
        return min(pending.last + self._quiet_s(path), limit)

    def _quiet_s(self, path: str) -> float:
        if "/site-packages/" in path or "/dist-packages/" in path:
            return PACKAGE_QUIET_S
        state = self._looker.state(path)
        if state == WRITER:
            return OPEN_LIMIT_S
        if state == UNKNOWN:
            return UNKNOWN_QUIET_S
        if state == ABSENT and self._existed(path):
            return ABSENT_GRACE_S
        if state == EMPTY and self._existed(path):
            return EMPTY_GRACE_S
        return QUIET_S
