"""Calling a handler of the program's own at a safe point: where the program says ``hrsup.safe_point()``, or at the
iteration boundary of its main loop, whichever comes first. Runs in the user's process, on the main thread.
"""

from __future__ import annotations

import sys

from hrsup_strategies.base import DONE, Outcome
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.commit import Commit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.base import Program


class _Call(Commit):
    """A reload of nothing, which waits for the boundary as every reload does."""

    def __init__(self, program: Program, action: Callable[[], None]) -> None:
        super().__init__({}, program, None)
        self._action = action

    def _commit(self) -> Outcome:
        self._action()
        return Outcome(DONE)

    def _check_children(self) -> None:
        """No code changes, so it does not matter what they hold."""

    def _reply(self, outcome: Outcome) -> None:
        """The action answers for itself; if the loop has ended, the deadline does."""
        self.release()


def at_safe_point(action: Callable[[], None], program: Program) -> Callable[[], None]:
    """Have `action` called at a safe point, perhaps at once; the answer takes back what is still to come. `action` may
    be called twice."""
    forget: Callable[[], None] = sys.modules["hrsup_agent.api"].when_safe(action)
    call = _Call(program, action)
    try:
        outcome = call.begin()
    except Refusal:  # no loop, or other threads at work: then the program must name the place itself
        call.release()
        return forget
    if outcome is not None:
        call.release()

    def forget_both() -> None:
        forget()
        call.cancel()

    return forget_both
