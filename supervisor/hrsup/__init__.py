"""hrsup: runs a Python program and brings every saved edit into it in the cheapest way that it can show to be right.

A program needs nothing of this. What it may use, if it likes, works without the supervisor too, and does nothing then:

    @hrsup.on_change("params.yaml")     a function to call when the file has changed
    hrsup.keep("model", load_model)     a value that survives reloads
    hrsup.safe_point()                  here nothing is half done: changed code may come in now
    hrsup.is_supervised()
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")
    F = TypeVar("F", bound=Callable[[], object])

__all__ = ["is_supervised", "keep", "on_change", "safe_point"]
__version__ = "0.1.0"


def is_supervised() -> bool:
    """Does this process run under hrsup's agent?"""
    return _agent() is not None


def on_change(path: str | os.PathLike[str]) -> Callable[[F], F]:
    """Have the decorated function called, without arguments, when the file has changed. It is called in the main
    thread at a safe point; when it returns, the change counts as handled; when it raises, the program is restarted. A
    relative path is taken from the current folder at the time of the decoration."""

    def register(handler: F) -> F:
        agent = _agent()
        if agent is not None:
            agent.on_change(path if isinstance(path, str) else path.__fspath__(), handler)
        return handler

    return register


def keep(name: str, factory: Callable[[], T]) -> T:
    """The value that `factory` made when this was first called with `name` in this process. Without the supervisor
    every call makes a new one, as every start of the program would."""
    agent = _agent()
    if agent is None:
        return factory()
    value: T = agent.keep(name, factory)
    return value


def safe_point() -> None:
    """Say that no work is half done here, so that changed code may be put in place. Costs next to nothing."""
    agent = _agent()
    if agent is not None:
        agent.safe_point()


def _agent() -> Any:
    """The agent's half of this module, if the agent runs in this process (the supervisor has other parts of it)."""
    if "hrsup_agent.api" not in sys.modules and "hrsup_agent.agent" not in sys.modules:
        return None
    from hrsup_agent import api

    return api
