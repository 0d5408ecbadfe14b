"""How long the program may stand still while it is found out what a change reaches. Runs in the user's process.

A large program of many dynamic parts takes seconds to be looked through, and in the end the answer is mostly no. By
then it would have been started again. What was parsed is kept, so the next attempt gets further.
"""

from __future__ import annotations

from time import thread_time

from hrsup_strategies.reload.codes import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

LIMIT_S = 1.0  # of the thread's own time, so that a busy machine refuses no more than an idle one


class Thinking:
    """A context in which `check` refuses (HR145) once its time is up; outside of one it never does."""

    def __enter__(self) -> None:
        global _until
        _until = thread_time() + LIMIT_S

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _until
        _until = None


_until: float | None = None


def check() -> None:
    """Called wherever there is much to be done."""
    if _until is not None and thread_time() > _until:
        raise Refusal("HR145", f"to find out what the change reaches takes more than {LIMIT_S:g} s")
