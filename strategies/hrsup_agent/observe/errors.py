"""Tells the supervisor of the exception that is about to end the process. Runs in the user's process; owns nothing."""

from __future__ import annotations

import os

from hrsup_agent.observe.places import is_users

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
        file: str | None = None
        line: int | None = None
        step = error.__traceback__
        while step is not None:
            name = step.tb_frame.f_code.co_filename
            place = os.path.abspath(name)
            # The innermost line of the user's: where a library has raised it, or the import system, he cannot mend it.
            if file is None or is_users(name):
                file, line = place, step.tb_lineno
            places.append(f"{place}:{step.tb_lineno} {step.tb_frame.f_code.co_name}")
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
