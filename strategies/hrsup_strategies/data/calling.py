"""Calling a handler of the program's own at a safe point: where the program says ``hrsup.safe_point()``, or at the
iteration boundary of its main loop, whichever comes first. Runs in the user's process, on the main thread.
"""

from __future__ import annotations

import sys

from hrsup_strategies import signals
from hrsup_strategies.base import DONE, Outcome
from hrsup_strategies.reload import activity, loaded
from hrsup_strategies.reload.boundary import Boundary
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.commit import Commit
from hrsup_strategies.reload.strands import Strands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.active import Active


class _Call(Commit):
    """A reload of nothing, which waits for the boundary as every reload does."""

    def __init__(self, program: Program, action: Callable[[], None]) -> None:
        super().__init__({}, program, None)
        self._action = action

    def _commit(self) -> Outcome:
        with signals.Released():
            self._action()
        return Outcome(DONE)

    def begin(self) -> Outcome | None:
        """As for a reload, but no code changes, so nothing has to be known of it."""
        if sys.gettrace() is not None:
            raise Refusal("HR133", "a debugger or a coverage tool is tracing the program")
        self.work = loaded.work_of(self.program, {})
        self.strands = Strands(self.work.modules, self.work.names, self._read)
        self.main = self.strands.main(sys._getframe())
        self._stack = self.main.actives
        activity.check_threads(self.work.modules)
        at_rest, looping = self.strands.boundary(self.main, self.work.closure.defined)
        self.main.settle()
        if looping is None or looping.loop is None:
            raise Refusal("HR130", "no loop is running on the main thread")
        self.boundary = Boundary(looping.frame, looping.path, looping.loop, self._at_boundary, self._ended)
        if at_rest:
            return self._commit()
        self.boundary.arm()
        return None

    def _reply(self, outcome: Outcome) -> None:
        """The action answers for itself; if the loop has ended, the deadline does."""
        self.release()


def running_loop(program: Program, frame: FrameType) -> Active:
    """The outermost loop of the program's own below `frame`. Raises Refusal if there is none."""
    call = _Call(program, _nothing)
    try:
        call.work = loaded.work_of(program, {})
        call.strands = Strands(call.work.modules, call.work.names, call._read)
        looping = call.strands.main(frame).looping
        if looping is None:
            raise Refusal("HR130", "no loop of the program's own is running on the main thread")
        return looping
    finally:
        call.release()


def _nothing() -> None:
    pass


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
