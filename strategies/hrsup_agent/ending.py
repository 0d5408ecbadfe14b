"""What the interpreter does when the main program is over, done again for a program that the agent ran.

Runs in the program's processes, hidden from it. The interpreter itself still waits for threads, runs atexit and ends
the process; here is only what it does between the program's last instruction and that.
"""

from __future__ import annotations

import sys

from hrsup_agent.hidden import hide
from hrsup_agent.tracing import paused_after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_agent.agent import Agent
    from hrsup_agent.tracing import Tracing

_LAST = ("last_exc", "last_type", "last_value", "last_traceback")


@hide
def forget_last_error() -> None:
    """Take away what the interpreter noted of the exception that ended bootstrap."""
    for name in _LAST:
        sys.__dict__.pop(name, None)


@hide
def finish(agent: Agent, kind: str, failure: BaseException | None, tracing: Tracing) -> None:
    """End the program's main part as ``python`` would. To be called from an excepthook, in whose caller it ends:

    a SystemExit that leaves this function sets the exit status; returning normally means status 1 (or the prompt
    of ``python -i``).
    """
    main = sys.modules.get("__main__")
    if kind == "script":
        _flush()
    if isinstance(failure, SystemExit) and not sys.flags.inspect:
        raise failure
    if failure is not None:
        agent.exception(failure)
        _note_interrupt(failure)
        show(failure, tracing)
    if kind == "script" and main is not None:
        main.__dict__.pop("__file__", None)
        main.__dict__.pop("__cached__", None)
    del main
    if failure is None and not _prompt_follows():
        raise SystemExit(0)


@hide
def show(error: BaseException, tracing: Tracing) -> None:
    """Hand an uncaught exception to the program's ``sys.excepthook``, as ``PyErr_Print`` does.

    Raises SystemExit if the hook does.
    """
    values = (error, type(error), error, error.__traceback__)
    for name, value in zip(_LAST, values, strict=True):
        if name != "last_exc" or sys.version_info >= (3, 12):
            sys.__dict__[name] = value
    hook: Any = getattr(sys, "excepthook", None)
    second: BaseException | None = None
    if hook is None:
        _write("sys.excepthook is missing\n")
        sys.__excepthook__(*values[1:])
        return
    try:
        sys.audit("sys.excepthook", hook, *values[1:])
    except RuntimeError:  # how an audit hook asks for silence
        return
    try:
        paused_after(hook, values[1:], tracing)()
    except SystemExit:
        raise
    except BaseException as raised:
        second = raised
    if second is not None:
        _write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(second), second, second.__traceback__)
        _write("\nOriginal exception was:\n")
        sys.__excepthook__(*values[1:])


@hide
def _write(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)


@hide
def _flush() -> None:
    for name in ("stderr", "stdout"):
        try:
            getattr(sys, name).flush()
        except BaseException:  # as the interpreter does here: an error shows again when it flushes for the last time
            pass


@hide
def _note_interrupt(failure: BaseException) -> None:
    """Make the process end by SIGINT, as it does after an uncaught KeyboardInterrupt.

    The interpreter notes it when *source* that it runs is left by one; ``exec`` of a string is such a place too.
    """
    if type(failure) is KeyboardInterrupt:
        try:
            exec("raise KeyboardInterrupt", {"__builtins__": {"KeyboardInterrupt": KeyboardInterrupt}})
        except KeyboardInterrupt:
            pass


@hide
def _prompt_follows() -> bool:
    if sys.flags.inspect:
        return True
    import os

    return bool(not sys.flags.ignore_environment and os.environ.get("PYTHONINSPECT") and os.isatty(0))
