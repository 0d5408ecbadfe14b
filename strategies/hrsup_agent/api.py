"""What `import hrsup` offers to a program, as it is when the program runs under the agent.

Runs in the user's process. It owns the handlers for changed files, the kept values, and what waits for a safe point
that the program declares itself. `hrsup` finds this module in ``sys.modules`` and imports nothing of the agent.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Handler = Callable[[], object]

_handlers: dict[str, list[Handler]] = {}
_kept: dict[str, Any] = {}
_waiting: list[Callable[[], None]] = []


def on_change(path: str, handler: Handler) -> None:
    """Call `handler` when the file has changed. The same function defined anew (after a reload) replaces the old."""
    handlers = _handlers.setdefault(os.path.abspath(path), [])
    handlers[:] = [other for other in handlers if _identity(other) != _identity(handler)] + [handler]


def handlers_of(path: str) -> list[Handler]:
    """The handlers registered for this absolute path, in the order of registration."""
    return list(_handlers.get(path, ()))


def keep(name: str, factory: Callable[[], Any]) -> Any:
    """The value kept under `name`; the first call makes it."""
    if name not in _kept:
        _kept[name] = factory()
    return _kept[name]


def when_safe(action: Callable[[], None]) -> Callable[[], None]:
    """Run `action` once, at the program's next `safe_point`; the answer is a function that takes it back."""
    _waiting.append(action)

    def forget() -> None:
        if action in _waiting:
            _waiting.remove(action)

    return forget


def safe_point() -> None:
    """The program says: no half-done work on the stack here."""
    while _waiting:
        _waiting.pop(0)()


def _identity(handler: Handler) -> tuple[object, object]:
    name = getattr(handler, "__qualname__", None)
    return (getattr(handler, "__module__", None), name) if name else (None, handler)
