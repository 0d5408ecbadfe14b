"""Does the new code import? Asked of a throw-away fork of a layer. Runs in the layer and in the fork.

The fork executes import statements (the script's own, so that what it imports is what a cold start would) with its
output thrown away, without a connection, and only as far as they change nothing outside (`harmless`). What it says on a
pipe is plain data.
"""

from __future__ import annotations

import builtins
import marshal
import posix
import select
from _signal import SIGKILL  # type: ignore[import-not-found]

from hrsup_strategies.checkpoint import canary, forking, harmless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

DEADLINE_S = 30.0


def imports(link: Any, statements: str, deadline_s: float = DEADLINE_S) -> dict[str, Any]:
    """The fields of a reply: `ok`, and if not, the `kind`, `message`, `file` and `line` of the error."""
    reading, writing = posix.pipe()
    pid = forking.quiet_fork()
    if pid == 0:
        try:
            posix.close(reading)
            link.close()
            canary.silence()
            harmless.stay_inside()
            posix.write(writing, marshal.dumps(_execute(statements)))
        finally:
            posix._exit(0)
    posix.close(writing)
    data = _read(reading, deadline_s)
    posix.close(reading)
    posix.kill(pid, SIGKILL)
    forking.wait(pid)
    if data:
        return dict(marshal.loads(data))
    return {"ok": False, "kind": "Timeout", "message": "the trial gave no answer", "file": None, "line": None}


def _read(descriptor: int, deadline_s: float) -> bytes:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return posix.read(descriptor, 1 << 16) if poller.poll(deadline_s * 1000) else b""


def _execute(statements: str) -> dict[str, Any]:
    from importlib import invalidate_caches

    from hrsup_strategies import execv

    execv.start_again = _give_up
    invalidate_caches()
    try:
        exec(
            compile(statements, "<imports>", "exec", dont_inherit=True),
            {"__name__": "__imports__", "__builtins__": builtins},
        )
    except BaseException as error:
        if harmless.is_ours(error):
            posix._exit(0)
        file, line = _place(error)
        return {"ok": False, "kind": type(error).__name__, "message": str(error)[:2000], "file": file, "line": line}
    return {"ok": True, "kind": None, "message": None, "file": None, "line": None}


def _give_up() -> NoReturn:
    """Imports in another order than the program's would make a preloaded image start cold; a trial may not."""
    posix._exit(0)


def _place(error: BaseException) -> tuple[str | None, int | None]:
    if isinstance(error, SyntaxError):
        return error.filename, error.lineno
    place: tuple[str | None, int | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if not path.startswith("<") and "/site-packages/" not in path and "/hrsup_" not in path:
            place = path, trace.tb_lineno
        trace = trace.tb_next
    return place
