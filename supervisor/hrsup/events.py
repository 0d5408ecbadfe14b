"""The events that `hrsup run --events` writes: JSON Lines for programs, flushed one by one.

Runs in the supervisor. Names are stable and fields are only ever added (DESIGN section 3).
"""

from __future__ import annotations

import os
import time

from hrsup.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAMES = (
    "started",
    "run_started",
    "run_finished",
    "change",
    "refused",
    "failed",
    "escalated",
    "applied",
    "ignored",
    "held",
    "crashed",
    "skew",
    "stopped",
)


class Events:
    """Where events go: a file, standard error (``-``), or nowhere (None). A full disk costs events, not the program."""

    def __init__(self, target: str | None) -> None:
        self.run = 0  # the number of the current run of the program
        self._seq = 0
        self._descriptor: int | None = None
        self._owned = False
        if target == "-":
            self._descriptor = 2
        elif target is not None:
            try:
                self._descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            except OSError as error:
                raise UsageError(f"--events {target}: {error.strerror}") from None
            self._owned = True

    def emit(self, event: str, **fields: Any) -> None:
        """Write one event. None-valued fields are left out."""
        assert event in NAMES, event
        self._seq += 1
        if self._descriptor is None:
            return
        record = {"event": event, "seq": self._seq, "time": time.time(), "run": self.run}
        record |= {name: value for name, value in fields.items() if value is not None}
        import json  # most runs write no events, and should not wait for it

        line = json.dumps(record, default=sorted) + "\n"
        try:
            os.write(self._descriptor, line.encode())
        except OSError:
            self._descriptor = None

    def close(self) -> None:
        """No more events."""
        if self._owned and self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None
