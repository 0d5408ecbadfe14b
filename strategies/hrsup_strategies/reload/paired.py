"""Which records that registrations make are those that are there. Runs in the user's process.

A registration may put its function into a container in an object that is made for that: ``Job(5, function)``. Such a
record the program may have worked with since. So it is not replaced by the one that the registration makes again; it is
found by its place among what the loaded version makes, and stays where the new version makes the same.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from types import FunctionType

from hrsup_strategies.reload.values import is_plain, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from hrsup_strategies.reload.entries import Entry
    from hrsup_strategies.reload.work import Work

_KINDS = (dict, list, set, defaultdict, OrderedDict, deque)


class Paired:
    """The records of one refill, by the registrations that have made them."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._live: dict[int, Any] = {}  # by the id of what the loaded version makes
        self._made: dict[int, list[Any]] = {}  # by the id of a statement of the loaded version
        self._instead: dict[int, Any] = {}  # by the id of what the new version makes
        self._seen: dict[int, Any] = {}

    def begin(self) -> None:
        """The registrations of a version are going to be made."""
        self._seen.clear()

    def clear(self) -> None:
        """Let go of all."""
        for found in (self._live, self._made, self._instead, self._seen):
            found.clear()

    @property
    def own(self) -> list[object]:
        """What holds records by itself."""
        made = list(self._made.values())
        return [self._live, self._made, self._instead, self._seen, *made]

    def note(self, entry: Entry, containers: Iterable[Any], old: bool) -> None:
        """This registration has been made, and nothing since."""
        found = [item for container in containers for item in _records(container) if id(item) not in self._seen]
        self._seen.update((id(item), item) for item in found)
        node = entry.statement.node
        if old:
            self._made[id(node)] = found
            return
        before = self._made.get(self._before(entry), [])
        for one, other in zip(before, found, strict=False):
            if len(before) == len(found) and id(one) in self._live and _is_alike(one, other):
                self._instead[id(other)] = self._live[id(one)]

    def _before(self, entry: Entry) -> int:
        """The id of what the registration was in the loaded version."""
        work, statement = self._work, entry.statement
        diff = work.diffs.get(entry.path)
        pairs = [*diff.kept, *diff.changed] if diff is not None else []
        return next((id(old.node) for old, new in pairs if new is statement), id(statement.node))

    def with_live(self, made: Any) -> Any:
        """The container with the records that are there."""
        if isinstance(made, dict):
            made.update({key: self.with_live(value) for key, value in made.items()})
        elif isinstance(made, (list, deque)):
            for index, value in enumerate(made):
                made[index] = self.with_live(value)
        elif type(made) is tuple:
            return tuple(map(self.with_live, made))
        elif type(made) is set:
            instead = [(item, self.with_live(item)) for item in made]
            made.difference_update(item for item, other in instead if item is not other)
            made.update(other for _, other in instead)
        return self._instead.get(id(made), made)

    def is_same(self, live: Any, made: Any, depth: int = 0) -> bool:
        """Is it the same in the same order: the same objects, equal data, or containers or records of these?"""
        if live is made:
            return True
        if type(live) is not type(made) or depth > 10:
            return False
        if isinstance(live, dict) and type(live) in _KINDS:
            return self.is_same(list(live.items()), list(made.items()), depth + 1)
        if type(live) in (list, tuple, deque):
            pairs = zip(live, made, strict=False)
            return len(live) == len(made) and all(self.is_same(a, b, depth + 1) for a, b in pairs)
        if type(live) is set:
            plain = all(any(one is item or is_plain(one) for one in made if one == item) for item in live)
            return plain and live == made and all(type(item) is not float for item in live)
        if _is_record(made):
            self._live[id(made)] = live
            return all(
                not _refers(value) or self.is_same(vars(live).get(name), value, depth + 1)
                for name, value in vars(made).items()
            )
        return is_plain(live) and same(live, made)


def _records(made: Any) -> Iterator[Any]:
    """The records in a container, in order."""
    if isinstance(made, _KINDS) or type(made) is tuple:
        for item in made.values() if isinstance(made, dict) else made:
            yield from _records(item)
    elif _is_record(made):
        yield made


def _is_record(value: Any) -> bool:
    """Is it an instance of a class by a class statement, and no class itself? (What registrations make is a record.)"""
    kind = type(value)
    return bool(kind.__flags__ & 1 << 9) and not isinstance(value, type) and hasattr(value, "__dict__")


def _refers(value: Any) -> bool:
    """Is it more than data that the program may have changed since?"""
    return (
        isinstance(value, (FunctionType, type)) or bool(type(value) in (*_KINDS, tuple) and value) or _is_record(value)
    )


def _is_alike(one: Any, other: Any) -> bool:
    """Do two registrations make the same?"""
    if type(one) is not type(other) or vars(one).keys() != vars(other).keys():
        return False
    return all(_is_equal(value, vars(other)[name]) for name, value in vars(one).items())


def _is_equal(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) in (list, tuple) and type(one) is type(other):
        return len(one) == len(other) and all(map(_is_equal, one, other))
    return type(one) is type(other) and (
        (is_plain(one) and same(one, other)) or (_is_record(one) and _is_alike(one, other))
    )
