"""Statements that read files while a change is brought in. Runs in the user's process, on the main thread.

They read what a cold start at this moment would. What they use is noted as of the time of the import, by the lines of
the new versions, so that a later change of the data finds them; and what they made of it, so that it is known then
whether the program has changed it since.
"""

from __future__ import annotations

from hrsup_strategies.reload.codes import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.work import Work


class ReadingAnew:
    """Around one commit; does nothing where none of its statements reads."""

    def __init__(self, program: Program, work: Work) -> None:
        self._program, self._work = program, work

    def __enter__(self) -> ReadingAnew:
        if self._work.read_anew:
            self._program.hold_uses()
        return self

    def check(self) -> None:
        """Refuse (HR112) if one has read what the program writes itself: a start would find it as it is before that."""
        if self._work.read_anew and (path := self._program.reads_its_own()) is not None:
            raise Refusal("HR112", f"{path}, which the program writes itself, was read", *self._work.read_anew[0])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._work.read_anew:
            return
        self._program.let_go_of_uses(kind is None)
        if kind is not None:
            return
        for path, steps in self._work.steps.items():
            names = {name for step in steps if step.executes for name in step.names}
            if path not in self._work.arrivals and names:
                self._program.made.again(path, vars(self._work.modules[path]), names)
