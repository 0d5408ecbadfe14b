"""Results of older code that were left where nobody finds them: they stay there while code comes that might look.

Runs in the user's process; pure. A change may be brought in although its old results are kept in attributes and
globals that everybody writes before he reads, or in containers that nobody reads (`anew`). That has to hold after the
change as well, and after each one to come: the names of these places are remembered as long as the process lives. So
are those of what has grown by older results: it must not be asked for something else than all of it (`asking`).
"""

from __future__ import annotations

from hrsup_strategies.reload.anew import is_unread, is_written_anew
from hrsup_strategies.reload.asking import Asked
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.definitions import Definitions
from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.renewed import Renewed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.asking import OfMany
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.parts import Part
    from hrsup_strategies.reload.work import Work

# Where earlier changes have left something: a name, and whether it is in a container there.
_left: set[tuple[str, bool]] = set()
# What has grown by their results: a key, in which way, whether it is inside of something, whether it is put ahead, and
# whether each round may have added to another item.
_grown: set[tuple[str, str, bool, bool, int]] = set()
_written: set[str] = set()  # who has written or sent some, where the program did not read what is written


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

    def check_growth(self, are_of_many: OfMany) -> None:
        """Refuse (HR122) if what has grown by older results, or by this change's, may be asked for something else than
        all of it from now on (see `Asked`)."""
        self._check_written()
        places = _grown | self._closure.grown
        if not places or not self._asks_anew():
            return
        asked = Asked(self._after)
        for key, kind, inside, ahead, computed in sorted(places):
            store = Store(key, kind)
            store.inside, store.ahead, store.computed = inside, ahead, computed
            name = key.rpartition("|")[2]
            if asked.covers(store, kind, are_of_many) or self._after.is_emptied(name):
                text = f"results of older code are in `{name}`, which is asked for something from now on"
                raise Refusal("HR122", text)

    def _check_written(self) -> None:
        """Refuse (HR122) if the program may read from now on what it has written."""
        before, written = self._closure, _written | self._closure.written
        if not written or not self._work.new:
            return
        reads = self._after.reads_back() and not before.reads_back()
        if reads or (self._after.reads_what_is_sent() and not before.reads_what_is_sent()):
            text = f"results of older code may be where `{min(written)}` has put them, which is read from now on"
            raise Refusal("HR122", text)

    def _asks_anew(self) -> bool:
        """Does the change bring a question, or a way from one to something, that was not there in that module?"""
        for path, new in self._work.new.items():
            old = self._work.old[path].parts if path in self._work.old else []
            texts = {part.text for part in old}
            added = [part for part in new.parts if part.text not in texts]
            if added and not _asks(added) <= _asks(old):
                return True
        return False

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
        return (is_unread if inside else is_written_anew)(definitions, name, self._living, self._closure.script)


def remember(closure: Closure) -> None:
    """The change has been brought in."""
    _left.update(closure.left)
    _grown.update(closure.grown)
    _written.update(closure.written)


def _asks(parts: Iterable[Part]) -> set[tuple[str, str, str]]:
    """What these statements ask for, and by which names they come to it."""
    found: set[tuple[str, str, str]] = set()
    for part in parts:
        part.look()
        asked, digest = part.questions, part.digest
        for kind, keys in (
            *(("decide", asked.decide), ("divides", asked.divides), ("compared", asked.compared)),
            *(("items", asked.items), ("picked", asked.picked)),
            *(("fixed", asked.fixed), ("deep", asked.deep)),
        ):
            found |= {(kind, "", key) for key in keys}
        found |= {("last", "", key) for key in asked.last} | {("emptied", "", key) for key in part.emptied}
        found |= {("holder", "", key) for key in digest.holders}
        found |= {("told", unit.id, key) for unit in part.units for key in unit.told}
        tables = {"given": asked.given, "of": asked.of, "parts": asked.parts, "path": digest.paths}
        tables |= {"element": digest.elements, "answer": {name: set(keys) for name, keys in digest.answers}}
        for kind, table in tables.items():
            found |= {(kind, name, key) for name, keys in table.items() for key in keys}
    return found
