"""One reload together with its workers. Runs in the user's process, on the main thread.

The order at the boundary: the pools' tasks finish, the coordinator gets its new code, the old workers end. So a
refusal because of the pools comes before anything is touched, and no worker runs code newer than the coordinator's.
"""

from __future__ import annotations

from hrsup_strategies.base import FAILED, Outcome
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.commit import Commit
from hrsup_strategies.workers.recycle import Recycling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.base import Program


class CommitWithWorkers(Commit):
    """`hashes` may name modules that only workers have loaded; for these there is nothing to do in the coordinator."""

    def __init__(self, hashes: dict[str, str], program: Program, drain_s: float) -> None:
        loaded = program.modules()
        super().__init__({path: hash for path, hash in hashes.items() if path in loaded}, program, None)
        self._drain_s = drain_s

    def _check_children(self) -> None:
        """They are looked at when the boundary has been reached, by `Recycling`."""

    def _commit(self) -> Outcome:
        recycling = Recycling(self._drain_s)
        try:
            if refused := recycling.prepare():
                raise Refusal(refused.code, refused.reason)
            if self._answered:  # cancelled while tasks were waited for
                raise Refusal("HR202", "the deadline passed while tasks were waited for")
            outcome = super()._commit()
            if failed := recycling.commit():
                return Outcome(FAILED, failed.code, failed.reason)
        finally:
            recycling.release()
        outcome.evidence.update(recycling.evidence)
        return outcome
