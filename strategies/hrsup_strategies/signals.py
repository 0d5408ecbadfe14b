"""The program's signal handlers wait while we work on its main thread. Runs in the user's process.

The problem: a handler that is a function of the program's runs between any two bytecodes of the main thread, so between
two steps of an update too. It would see one new function and one old; and what it raises, a time-out say, would end our
work instead of the program's. Blocking the signals in the main thread does not help: any other thread, of a numerical
library for one, may then take them, and the handler runs on the main thread all the same.

The solution: such handlers are exchanged for one that writes the signal down. When the program goes on they are put
back, and what came meanwhile is raised again, so that what a handler raises goes to the program. Where the program's
own code is called on purpose, its handlers are in place.
"""

from __future__ import annotations

from _signal import (  # type: ignore[import-not-found]
    default_int_handler,
    getsignal,
    raise_signal,
    signal,
    valid_signals,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_waiting: dict[int, Any] | None = None  # the program's own handlers by signal, while they wait
_arrived: set[int] = set()


def hold() -> bool:
    """Let the program's handlers wait; False if there are none, or if they wait already. Main thread only."""
    global _waiting
    if _waiting is not None:
        return False
    handlers = {int(number): getsignal(number) for number in valid_signals()}
    found = {number: handler for number, handler in handlers.items() if _is_the_programs(handler)}
    if found:
        _waiting = found
        for number in found:
            signal(number, _note)
    return bool(found)


def release(held: bool) -> None:
    """Undo a `hold` that said `held`. Raises what the handlers of signals that came meanwhile raise."""
    global _waiting
    if not held or _waiting is None:
        return
    handlers, _waiting = _waiting, None
    for number, handler in handlers.items():
        signal(number, handler)
    while _arrived:
        raise_signal(_arrived.pop())


class Released:
    """A context in which the program's handlers are in place."""

    def __enter__(self) -> None:
        self._held = _waiting is not None
        release(self._held)

    def __exit__(self, *_: object) -> None:
        if self._held:
            hold()


def _note(number: int, frame: FrameType | None) -> None:
    _arrived.add(number)


def _is_the_programs(handler: object) -> bool:
    # SIG_DFL and SIG_IGN are numbers here; the handler of Ctrl-C raises, which undoes what we have begun.
    return (
        callable(handler)
        and handler is not default_int_handler
        and not str(getattr(handler, "__module__", "")).startswith(("hrsup_", "asyncio."))
    )
