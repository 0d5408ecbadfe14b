"""What was tried in vain lately, so that it is not paid for at every save. Runs in the supervisor; pure.

A strategy that is refused costs the time of its preparation; waiting for a safe point that never comes, seconds.
What stood against it mostly stands again at the next save of the same file. So a strategy that was tried in vain twice
in a row, at a cost that is felt, is left out for the next two changes of that file; then it is tried again, and every
further failure doubles the pause, up to `LONGEST`. One success and all is forgotten.

To find out what a change reaches takes as long as the program is large, whichever file is saved. Where that was in vain
and took longer than `DEAR_MS`, once is enough, for every file, and the pause is the longer, the longer it took.
"""

from __future__ import annotations

from hrsup.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FELT_MS = 500.0  # cheaper attempts are repeated: the next edit may be one that succeeds
DEAR_MS = 1000.0
PATIENCE = 2  # failures in a row before a strategy is left out, if they were not dear
LONGEST = 32  # changes for which it is left out at most
PROGRAM = ""  # the subject of what does not depend on the file that changed
# The program did not answer in time, or its loop never came to a boundary: so it will be whatever file is saved.
_OF_THE_PROGRAM = frozenset(("HR901", "HR134"))
_REFUSED_BY_RELOAD = "HR1"  # what the codes begin with that come after looking at the program's sources


class Vain(NamedTuple):
    """What one strategy was tried on without success: `subject` is a path (or `PROGRAM`), `misses` how often in a row,
    `cost_ms` what the last of them took, `left_out` for how many changes it was left out since."""

    strategy: str
    subject: str
    misses: int
    cost_ms: float
    left_out: int


class Experience:
    """The memory of one program. `keep` is told each record that changes; one with no `misses` is to be forgotten."""

    def __init__(self, known: Iterable[Vain] = (), keep: Callable[[Vain], None] = lambda vain: None) -> None:
        self._known = {(vain.strategy, vain.subject): vain for vain in known}
        self._keep = keep

    def leaves_out(self, strategy: str, paths: Iterable[str]) -> str | None:
        """Why this strategy is not worth its price for a change of these files; None if it is to be tried."""
        for subject in (PROGRAM, *paths):
            vain = self._known.get((strategy, subject))
            if vain is not None and vain.left_out < _pause(vain):
                self._note(vain._replace(left_out=vain.left_out + 1))
                times = f"{vain.misses} times in a row, the last time" if vain.misses > 1 else "the last time,"
                return f"it was tried in vain {times} for {vain.cost_ms:.0f} ms"
        return None

    def succeeded(self, strategy: str, paths: Iterable[str]) -> None:
        """It has worked: whatever stood against it is gone."""
        for subject in (PROGRAM, *paths):
            vain = self._known.get((strategy, subject))
            if vain is not None:
                self._note(vain._replace(misses=0))

    def failed(self, strategy: str, paths: Iterable[str], code: str | None, cost_ms: float) -> None:
        """It was refused or has failed, which took `cost_ms`."""
        if cost_ms < FELT_MS:
            return
        of_all = code in _OF_THE_PROGRAM or (cost_ms >= DEAR_MS and (code or "").startswith(_REFUSED_BY_RELOAD))
        for subject in (PROGRAM,) if of_all else paths:
            vain = self._known.get((strategy, subject))
            self._note(Vain(strategy, subject, vain.misses + 1 if vain else 1, cost_ms, 0))

    def _note(self, vain: Vain) -> None:
        if vain.misses:
            self._known[vain.strategy, vain.subject] = vain
        else:
            self._known.pop((vain.strategy, vain.subject), None)
        self._keep(vain)


def _pause(vain: Vain) -> int:
    """For how many changes the strategy is left out after these failures."""
    if vain.cost_ms >= DEAR_MS:
        return min(max(1 << vain.misses, int(vain.cost_ms / FELT_MS)), LONGEST)
    return min(1 << (vain.misses - PATIENCE + 1), LONGEST) if vain.misses >= PATIENCE else 0
