"""Code and data that changed together. Runs in the user's process, on the main thread.

These are two transitions, each with its own proof. Where it can be shown what was made of the old data (``proof``), the
loaded code gets the new data and then becomes the new code, at one boundary of the running loop: no round lies between
them, and if the second is refused the first is taken back. Data that the program reads again by itself is watched until
it has (``reread``), whether the code has come by then or not: it could have done that before anybody saw the change.
"""

from __future__ import annotations

from hrsup_strategies.base import DONE, FAILED
from hrsup_strategies.data.apply import handlers_of, lines_of
from hrsup_strategies.data.proof import DataCommit
from hrsup_strategies.data.reread import observe
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.commit import Commit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from types import FrameType
    from typing import Any

    from hrsup_strategies.base import Outcome, Program
    from hrsup_strategies.data.reread import Reread
    from hrsup_strategies.reload.active import Active


class CommitWithData(Commit):
    """`files` are those of data, as `data.expectation` describes them; the rest is as for every reload."""

    def __init__(
        self,
        hashes: dict[str, str | None],
        program: Program,
        fault: Callable[[str], None] | None,
        must_arrive: Collection[str],
        files: list[dict[str, Any]],
    ) -> None:
        super().__init__(hashes, program, fault, must_arrive)
        self._files = files
        self._data: DataCommit | None = None  # what is brought in
        self._waiting: Reread | None = None  # or what the program does by itself
        self._seen: dict[str, Any] = {}  # the evidence of that
        self._code: Outcome | None = None  # once the new code is there

    def begin(self) -> Outcome | None:
        """See `Commit`."""
        outcome = super().begin()
        return outcome if outcome is None or self._is_complete(outcome) else None

    def think(self, frame: FrameType) -> tuple[bool, Active | None]:
        """See `Commit`."""
        self.program.tell_again(file["path"] for file in self._files)
        for file in self._files:
            if handlers_of(file["path"]):
                raise Refusal("HR102", "a handler is to be called for data that changed beside code", file["path"])
        used = lines_of(self._files, self.program)
        lines = [use for uses in used.values() for use in uses.values()]
        try:
            if not all(importing or direct for _, importing, direct in lines):
                raise Refusal("HR102", "what is made of data that changed beside code is not known", min(used))
            sites = [(path, site) for path, found in used.items() for site in found]
            self._data = DataCommit(sites, self.program, hashes=self.hashes)
            self._data.think(frame)
        except Refusal:
            if any(importing for _, importing, _ in lines):
                raise
            self._let_go_of_data()
            self._watch()
        return super().think(frame)

    def cancel(self) -> None:
        """See `Commit`."""
        super().cancel()
        self._stop()

    def release(self) -> None:
        """See `Commit`."""
        super().release()
        self._let_go_of_data()
        if self._code is None:
            self._stop()

    def _watch(self) -> None:
        """Wait for the program to read the data by itself. Raises Refusal."""
        refused, self._waiting = observe(self._files, [], self.program, self._observed)
        if refused is not None:
            raise Refusal(refused.code or "", refused.reason or "", refused.file)
        assert self._waiting is not None
        if self._waiting.is_tracing:
            raise Refusal("HR102", "data that was read once changed beside code", self._files[0]["path"])
        for path in self._waiting.files & self.hashes.keys():
            raise Refusal("HR102", "data changed beside the code that reads it", path)

    def _observed(self, outcome: Outcome) -> None:
        code, self._code = self._code, None
        if outcome.state != DONE:
            outcome.state = FAILED if code is not None else outcome.state
            self._reply(outcome)
            return
        self._seen = outcome.evidence
        if code is not None:
            self._reply(code)

    def _reply(self, outcome: Outcome) -> None:
        if self._is_complete(outcome):
            super()._reply(outcome)

    def _is_complete(self, outcome: Outcome) -> bool:
        """Is this the answer? Else it is kept until the data has been read."""
        if outcome.state == DONE and self._waiting is not None:
            if self._waiting.is_waiting:
                self._code = outcome
                self.release()
                return False
            outcome.evidence |= self._seen
        return True

    def _stop(self) -> None:
        waiting, self._waiting, self._code = self._waiting, None, None
        if waiting is not None:
            waiting.stop()

    def _let_go_of_data(self) -> None:
        data, self._data = self._data, None
        if data is not None:
            data.release()

    def _commit(self) -> Outcome:
        data = self._data
        if data is None:
            return super()._commit()
        self._check_strands(True)  # who is under way is waited for before anything is touched
        if self._beside_threads and data.reads_by_itself:
            raise Refusal("HR132", "reading data again would let other threads run")
        with_data = data.bring_in()
        self.patch.beside = data.patch.own
        try:
            outcome = super()._commit()
        except BaseException:
            self.patch.beside = []
            data.take_back()
            raise
        data.keep(with_data)
        modules = sorted({*outcome.evidence["modules"], *with_data.evidence["modules"]})
        outcome.evidence = {**with_data.evidence, **outcome.evidence, "modules": modules}
        return outcome
