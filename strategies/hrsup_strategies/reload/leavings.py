"""Results of older code that were left where nobody finds them: they stay there while code comes that might look.

Runs in the user's process; pure. A change may be brought in although its old results are kept in attributes and globals
that everybody writes before he reads (`anew`). That has to hold after the change as well, and after each one to come:
the names of these places are remembered as long as the process lives.
"""

from __future__ import annotations

from hrsup_strategies.reload.anew import is_written_anew
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.definitions import Definitions
from hrsup_strategies.reload.renewed import Renewed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.work import Work

_names: set[str] = set()  # where earlier changes have left something


class Leavings:
    """Answers for one change; `living` has the units around the loops."""

    def __init__(self, work: Work, living: dict[str, set[str]]) -> None:
        self._closure, self._living = work.closure, living
        self._after: Closure | Definitions = work.closure
        if work.new:
            self._after = Definitions(Renewed(work.old, work.new, work.departures))
        self._known: dict[str, bool] = {}

    def check(self) -> None:
        """Refuse (HR122) if what an earlier change has left may be found from now on."""
        for name in sorted(_names):
            if not is_written_anew(self._after, name, self._living):
                raise Refusal("HR122", f"results of older code may be kept in `{name}`, which is read from now on")

    def are_never_found(self, name: str) -> bool:
        """Is nothing that is kept under this name ever found again? What the change leaves there is noted."""
        if name not in self._known:
            both = dict.fromkeys((self._closure, self._after))
            self._known[name] = all(is_written_anew(one, name, self._living) for one in both)
            if self._known[name]:
                self._closure.left.add(name)
        return self._known[name]


def remember(closure: Closure) -> None:
    """The change has been brought in."""
    _names.update(closure.left)
