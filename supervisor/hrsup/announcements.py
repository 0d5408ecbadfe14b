"""When to ask what has become of a write that the program announced. Runs in the supervisor; pure.

The agent speaks before the program opens, renames or removes a file. It may fail to, or find nothing to change, and
then no event ever follows; whoever waits for one takes the user's next edit of that file for the program's. So each
announcement is asked about a little later, and again, less and less often, as long as the file is open for writing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

FIRST_S, LONGEST_S = 0.05, 10.0


class Announcements:
    """What was announced and not settled. All times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._due: list[tuple[float, float, str]] = []  # when, how long that was, the path
        self._paths: set[str] = set()

    def note(self, path: str, now: float) -> None:
        """The program is about to write this file."""
        if path not in self._paths:
            self._put(path, now, FIRST_S)

    def settle(self, now: float, settle: Callable[[str], bool]) -> None:
        """Ask about those that are due; `settle(path)` says whether to ask again."""
        while self._due and self._due[0][0] <= now:
            _, waited_s, path = heapq.heappop(self._due)
            self._paths.discard(path)
            if settle(path):
                self._put(path, now, min(2 * waited_s, LONGEST_S))

    def patience_s(self, now: float) -> float | None:
        """How long until the next one is due; None: there is none."""
        return max(self._due[0][0] - now, 0.0) if self._due else None

    def _put(self, path: str, now: float, wait_s: float) -> None:
        heapq.heappush(self._due, (now + wait_s, wait_s, path))
        self._paths.add(path)
