"""Lines that have read a file only once since the program began: will they ever do so again?

Runs in the user's process, on the main thread. A line that cannot be reached from the running loop will not, and nobody
need wait for it. One that can (a service that looks at the file's time of change, say) is given one whole iteration.
"""

from __future__ import annotations

import sys

from hrsup_strategies.data.calling import running_loop
from hrsup_strategies.data.places import reached_from
from hrsup_strategies.reload.boundary import Boundary
from hrsup_strategies.reload.codes import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.active import Active


def lone_sites(sites: dict[str, set[str]], program: Program) -> dict[str, set[str]]:
    """Of these lines (by the file they read), those that have read it no more than once."""
    found = {path: {site for site in lines if _times(path, site, program) <= 1} for path, lines in sites.items()}
    return {path: lines for path, lines in found.items() if lines}


def _times(path: str, site: str, program: Program) -> int:
    return program.uses(path, "opened").get(site, (0, False, False))[0]


class OneIteration:
    """Waits for one whole iteration of the running loop, then calls `over`. `unreachable` is a file that has a line
    which the loop cannot come to again, and that line; then there is nothing to wait for."""

    def __init__(self, lone: dict[str, set[str]], program: Program, over: Callable[[], None]) -> None:
        self.unreachable: tuple[str, str] | None = None
        self._over, self._passed = over, 0
        self._boundary: Boundary | None = None
        try:
            self._looping: Active | None = running_loop(program, sys._getframe())
        except Refusal:  # no loop that can be named: nothing is known of what comes next
            self._looping = None
        for path, lines in lone.items():
            for site in sorted(lines):
                if self._looping is None or not self._reaches(site, program):
                    self.unreachable = path, site

    def begin(self) -> None:
        """Watch the loop's boundaries, if nobody else is tracing."""
        self._arm()

    def stop(self) -> None:
        """Leave no trace behind."""
        self._passed = -2
        if self._boundary is not None:
            self._boundary.disarm()
        self._boundary = self._looping = None

    def _reaches(self, site: str, program: Program) -> bool:
        active = self._looping
        if active is None or active.loop is None:
            return False
        return reached_from(site, active.path, active.loop.lineno, active.loop.end_lineno or 0, program)

    def _arm(self) -> None:
        active = self._looping
        if active is None or active.loop is None:
            return
        self._boundary = Boundary(active.frame, active.path, active.loop, self._at_boundary, self._left)
        try:
            self._boundary.arm()
        except Refusal:
            self._boundary = None

    def _at_boundary(self) -> None:
        self._passed += 1
        if self._passed == 1:  # the rest of the iteration that was under way
            self._arm()
        elif self._passed == 2:
            self._over()

    def _left(self, refusal: Refusal) -> None:
        self.stop()
