"""The clock of the file system (supervisor process)."""

from __future__ import annotations

import sys
import time

_COARSE_CLOCK = 5  # CLOCK_REALTIME_COARSE of linux/time.h, which Python has no name for


def file_clock_ns() -> int:
    """Now, as a file that was changed now would be stamped: Linux stamps with the last tick of a coarse clock."""
    return time.clock_gettime_ns(_COARSE_CLOCK) if sys.platform == "linux" else time.time_ns()
