"""Results of older code that were left where nobody finds them: they stay there while code comes that might look.

Runs in the user's process; pure. A change may be brought in although its old results are kept in attributes and
globals that everybody writes before he reads, or in containers that nobody reads (`anew`). That has to hold after the
change as well, and after each one to come: the names of these places are remembered as long as the process lives.
"""

from __future__ import annotations

from hrsup_strategies.reload.anew import is_unread, is_written_anew
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.definitions import Definitions
from hrsup_strategies.reload.renewed import Renewed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Store
    from hrsup_strategies.reload.work import Work

# Where earlier changes have left something: a name, and whether it is in a container there.
_left: set[tuple[str, bool]] = set()


class Leavings:
    """Answers for one change; `living` has the units around the loops."""

    def __init__(self, work: Work, living: dict[str, set[str]]) -> None:
        self._work, self._closure, self._living = work, work.closure, living
        self._renewed: Definitions | None = None
        self._known: dict[tuple[str, bool], bool] = {}

    def check(self) -> None:
        """Refuse (HR122) if what an earlier change has left may be found from now on."""
        for name, inside in sorted(_left):
            if not self._is_hidden(self._after, name, inside):
                raise Refusal("HR122", f"results of older code may be kept in `{name}`, which is read from now on")

    def are_never_found(self, store: Store) -> bool:
        """Is nothing that is kept there ever found again? What the change leaves there is noted."""
        name = store.key.rpartition("|")[2]
        if not name.isidentifier() or (name != store.key and not store.binds):
            return False  # an effect, or an object that goes by no name
        return (store.binds and self._are_hidden(name, False)) or self._are_hidden(name, True)

    def _are_hidden(self, name: str, inside: bool) -> bool:
        place = name, inside
        if place not in self._known:
            both = dict.fromkeys((self._closure, self._after))  # one, if only data have changed
            self._known[place] = all(self._is_hidden(one, *place) for one in both)
            if self._known[place]:
                self._closure.left.add(place)
        return self._known[place]

    @property
    def _after(self) -> Definitions:
        """The program with the change brought in. It is seldom asked for, and dear."""
        if self._renewed is None:
            work = self._work
            self._renewed = Definitions(Renewed(work.old, work.new, work.departures)) if work.new else work.closure
        return self._renewed

    def _is_hidden(self, definitions: Definitions, name: str, inside: bool) -> bool:
        return (is_unread if inside else is_written_anew)(definitions, name, self._living)


def remember(closure: Closure) -> None:
    """The change has been brought in."""
    _left.update(closure.left)
