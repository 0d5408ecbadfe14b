"""Keeps the program's own trace and profile functions away from the agent. Runs in the program's processes.

The problem: a program that has left ``sys.settrace`` on (a debugger at its prompt) and ends by an exception or by
``sys.exit``. That exception passes through the agent's hidden frame with no visible frame below, and since 3.12 the
interpreter then fails with "Missing frame when calling trace function" in the place of the program's own exception. So
tracing has to end before the exception arrives in the agent's frame, and no Python code of ours runs before that.

The solution: the call is made through a temporary object. The interpreter drops it once the call is over and before it
looks whether the call failed; the finaliser of what hangs on it pauses the tracing. In the same way the end of the
agent's own frame resumes it, so that atexit functions are traced as they would have been.
"""

from __future__ import annotations

import sys
from _functools import partial  # type: ignore[import-not-found]

from hrsup_agent.hidden import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Tracing:
    """The trace and profile functions of the program, while they are paused."""

    __slots__ = ("_profile", "_trace")

    @hide
    def __init__(self) -> None:
        self._trace: Any = None
        self._profile: Any = None

    @hide
    def pause(self) -> None:
        """Take them off this thread."""
        self._profile, self._trace = sys.getprofile(), sys.gettrace()
        if self._profile is not None:
            sys.setprofile(None)
        if self._trace is not None:
            sys.settrace(None)

    @hide
    def resume(self) -> None:
        """Put them back."""
        if self._trace is not None:
            sys.settrace(self._trace)
        if self._profile is not None:
            sys.setprofile(self._profile)


class AtEnd:
    """Calls `action` when it is dropped."""

    __slots__ = ("_action",)

    @hide
    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action

    @hide
    def __del__(self) -> None:
        self._action()


@hide
def paused_after(function: Callable[..., object], arguments: tuple[object, ...], tracing: Tracing) -> Any:
    """A call of `function`, with tracing resumed now and paused after it. To be called at once, and never bound to a
    name."""
    call = partial(function, *arguments)
    call.at_end = AtEnd(tracing.pause)
    tracing.resume()
    return call
