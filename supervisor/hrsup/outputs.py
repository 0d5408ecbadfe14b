"""Which files the program writes without being seen to. Runs in the supervisor; pure.

The problem: SQLite, C++ and the scripts that a program starts write files that the agent does not see. Such a file is
changed by each run, and whoever takes that for an edit runs the program again, for ever. Who wrote it cannot be asked;
what can be seen is that it is written in *every* run, and about equally late. A user who saves the same file in the
middle of run after run, each time as many seconds after the start, is not to be expected.

What does not work: to believe it after the first time (an edit in the middle of a run would be lost), or for good (the
user may take the file over).

Nor is it enough that it is so: whoever tries out values saves as regularly, and a script that does it even more. So it
counts only if the program, or a child of it, may have written any file at all in one of these runs: the kernel counts
for each process the bytes that it has written, on most filesystems.

So: the first time, it is an edit. The second time, a batch's run is let to its end and then run once more; if the file
is written in that run too, it is output, and that run has begun with what the one before had left. A service is not
waited for, so it has to happen once more often; from then on, whatever it writes in the same run is output, as long as
it has written anything since. It stays output, in later sessions too, as long as every run that
succeeds writes it. A change while nothing runs is an edit at any time, and never asked about here.
"""

from __future__ import annotations

from hrsup.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EDIT, LATER, OUTPUT = "edit", "later", "output"
_TRUSTED = 3  # batch runs in a row
_SPREAD_S, _SPREAD = 0.5, 0.3  # so much may the moments differ, or such a part of them


class _Seen(NamedTuple):
    run: int  # the last one that wrote it
    times: int  # how many in a row did
    at_s: float  # how late it was written first
    possible: bool  # in one of these runs the program has written files unseen, or may have
    written: int  # bytes, so far in that run, when it was asked last


class Outputs:
    """What has been seen of each file. Runs have numbers that grow, from 1. `known` are files that were output in an
    earlier session, and how late they were written; `keep` is told of each that becomes output, or (None) is none."""

    def __init__(
        self,
        known: Mapping[str, float] | None = None,
        keep: Callable[[str, float | None], None] = lambda path, at_s: None,
    ) -> None:
        self._seen = {path: _Seen(0, _TRUSTED + 1, at_s, True, 0) for path, at_s in (known or {}).items()}
        self._keep = keep

    def changed(self, path: str, run: int, at_s: float, ends: bool, written: int | None = None) -> str:
        """A file that the program was not seen to write was changed in this run, `at_s` seconds after its start: is it
        an EDIT, an edit to be handled LATER, when the run has ended, or OUTPUT? `ends`: will the run end by itself?
        `written`: how many bytes the program has written unseen so far in this run, whatever files; None: not known."""
        trusted = _TRUSTED if ends else _TRUSTED + 1
        seen = self._seen.get(path)
        alike = seen is not None and abs(at_s - seen.at_s) <= max(_SPREAD_S, _SPREAD * seen.at_s)
        possible = written != 0
        if (
            seen is not None
            and seen.run == run
            and (alike or ends or (seen.times >= trusted and _grown(seen, written)))
        ):
            pass  # written again in the same run, which says nothing new
        elif seen is not None and alike:
            seen = seen._replace(run=run, times=seen.times + 1, possible=seen.possible or possible)
        else:
            seen = _Seen(run, 1, at_s, possible, 0)
        seen = seen._replace(written=written or 0)
        self._note(path, seen)
        if not seen.possible:
            return EDIT
        if seen.times >= trusted:
            return OUTPUT
        return LATER if ends and seen.times == trusted - 1 else EDIT

    def succeeded(self, run: int, writes: Callable[[str], bool]) -> None:
        """This run has ended well; `writes(path)` says whether it has written the file, with whatever content."""
        for path, seen in list(self._seen.items()):
            if seen.run != run and writes(path):
                self._note(path, seen._replace(run=run, times=seen.times + 1))
            elif seen.run != run:
                del self._seen[path]
                self._keep(path, None)

    def _note(self, path: str, seen: _Seen) -> None:
        before = self._seen.get(path)
        self._seen[path] = seen
        if seen.possible and seen.times >= _TRUSTED and (before is None or before.times < _TRUSTED):
            self._keep(path, seen.at_s)


def _grown(seen: _Seen, written: int | None) -> bool:
    return written is not None and written > seen.written
