"""Tells the supervisor of the exception that is about to end the process. Runs in the user's process; owns nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_agent.agent import Agent


class Reporter:
    """Called with the exception, before the program's own ``sys.excepthook`` shows it."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def __call__(self, error: BaseException) -> None:
        """Send `exception`. The traceback is a list of ``file:line function``: formatting it is the program's business,
        and would import half the standard library into it."""
        places: list[str] = []
        file, line = None, None
        step = error.__traceback__
        while step is not None:
            file, line = os.path.abspath(step.tb_frame.f_code.co_filename), step.tb_lineno
            places.append(f"{file}:{line} {step.tb_frame.f_code.co_name}")
            step = step.tb_next
        if isinstance(error, SyntaxError) and error.filename:
            file, line = os.path.abspath(error.filename), error.lineno
        self._agent.link.send(
            {
                "type": "exception",
                "kind": type(error).__name__,
                "message": _text(error),
                "file": file,
                "line": line,
                "traceback": places,
            }
        )


def _text(error: BaseException) -> str:
    try:
        return error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # the program's own __str__
        return "?"
