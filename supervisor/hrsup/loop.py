"""The supervisor's one loop: descriptors, signals and deadlines, in a single thread.

Runs in the supervisor. Whoever waits for something pumps the loop until it is there; only the session pumps from the
top, so a change is handled to its end before the next one begins.
"""

from __future__ import annotations

import os
import selectors
import time
from collections import deque

from hrsup.lean import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol

    class HasDescriptor(Protocol):
        """A process with a descriptor that becomes readable when it ends."""

        def fileno(self) -> int | None:
            """The descriptor, or None where the system has none."""


class Loop:
    """`selector` maps descriptors to callbacks without arguments; `signals` holds what has arrived, oldest first."""

    def __init__(self, catch: Iterable[int]) -> None:
        self.selector = selectors.DefaultSelector()
        self.signals: deque[int] = deque()
        self.on_signal: Callable[[int], None] = self.signals.append
        self._reader, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if hasattr(os, "pipe2") else _pipe()
        self.selector.register(self._reader, selectors.EVENT_READ, self._wake)
        self._caught = tuple(catch)
        for signum in self._caught:
            signal.signal(signum, lambda *_: None)
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def close(self) -> None:
        """Serve nothing any more. The process ends now, and a late Ctrl-C must not change its exit status."""
        signal.set_wakeup_fd(self._wakeup_before)
        for signum in self._caught:
            signal.signal(signum, signal.SIG_IGN)
        self.selector.close()
        os.close(self._reader)
        os.close(self._writer)

    def pump(
        self,
        until: Callable[[], bool],
        timeout_s: float | None = None,
        tick_s: Callable[[], float | None] = lambda: None,
    ) -> bool:
        """Serve events until `until` holds; False if `timeout_s` passed first. `until` is asked after every event, and
        when as many seconds have passed as `tick_s` says."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not until():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            wait = min((seconds for seconds in (left, tick_s()) if seconds is not None), default=None)
            for key, _ in self.selector.select(wait):
                key.data()
        return True

    def check_signals(self) -> None:
        """Take in the signals that have arrived, for whoever waits without pumping."""
        try:
            self._wake()
        except BlockingIOError:
            return

    def watch_process(self, process: HasDescriptor, ended: Callable[[], None]) -> None:
        """Call `ended` when the process may have ended."""
        descriptor = process.fileno()
        if descriptor is not None:
            self.selector.register(descriptor, selectors.EVENT_READ, ended)

    def unwatch_process(self, process: HasDescriptor | None) -> None:
        """No longer; unknown and closed ones are fine."""
        descriptor = process.fileno() if process is not None else None
        if descriptor is not None and descriptor in self.selector.get_map():
            self.selector.unregister(descriptor)

    def _wake(self) -> None:
        for signum in os.read(self._reader, 512):
            self.on_signal(signum)


def _pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    return reader, writer
