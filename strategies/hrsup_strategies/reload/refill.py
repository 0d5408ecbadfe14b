"""Containers of modules that are filled anew by the registrations of the new version.

Runs in the user's process, on the main thread, at a safe point.

The registrations are made in a container that stands in for the real one under all its names. Made by the loaded
version they must give what is there, or somebody else has filled it; what those of the new version give is put into
the real one, which stays the object that it is. Where a registration is kept in a record, the one that is there stays,
with what the program has noted in it since, if the new version makes the same (``paired``).
"""

from __future__ import annotations

import ast
from collections import OrderedDict, defaultdict, deque

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.paired import Paired
from hrsup_strategies.reload.values import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.entries import Entry
    from hrsup_strategies.reload.work import Work

_KINDS = (dict, list, set, defaultdict, OrderedDict, deque)
_MISSING = object()


class Refill:
    """The containers that one commit fills anew. `saved` has what was in them."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._paired = Paired(work)
        self.saved: list[tuple[Any, Any]] = []

    def check(self) -> None:
        """Refuse (HR113) if something else than the registrations of the loaded version has filled a container."""
        for path, name in sorted(self._work.memos.emptied):
            memo = vars(self._work.modules[path]).get(name)
            if type(memo) is not dict or not is_plain(memo):
                raise Refusal("HR122", f"`{name}` may hold more than results", path)
        if not self._work.entries.refilled:
            return
        try:
            made = self._made(old=True)
        except Refusal:
            raise
        except Exception as error:
            raise Refusal("HR113", f"registrations cannot be made again: {error!r}") from None
        for place, container in made.items():
            if not self._paired.is_same(self._live(place), container):
                raise Refusal("HR113", f"`{place[1]}` was changed by more than its registrations", place[0])

    def begin(self) -> None:
        """Empty the containers, so that what is executed registers as it would at a cold start."""
        for path, name in sorted(self._work.entries.refilled | self._work.memos.emptied):
            container = self._live((path, name))
            self.saved.append((container, container.copy()))
            container.clear()

    def finish(self) -> None:
        """Fill them. Whatever the program's registrations raise goes through."""
        if not self._work.entries.refilled:
            return
        for place, made in self._made(old=False).items():
            _put(self._live(place), self._paired.with_live(made))
        self._paired.clear()

    def undo(self) -> None:
        """Put back what was in them."""
        for container, before in self.saved:
            _put(container, before)
        self.saved.clear()
        self._paired.clear()

    @property
    def own(self) -> list[object]:
        """What holds what was in them."""
        inner = [part for _, before in self.saved for part in _inner(before)]
        return [self.saved, *self.saved, *(before for _, before in self.saved), *inner, *self._paired.own]

    def _made(self, old: bool) -> dict[tuple[str, str], Any]:
        """The containers as the registrations of one version fill them."""
        work = self._work
        made: dict[tuple[str, str], Any] = {}
        places: list[tuple[dict[str, Any], str, Any]] = []
        spaces = {id(vars(module)): vars(module) for module in work.modules.values()}
        self._paired.begin()
        for path, name in sorted(work.entries.refilled):
            live = self._live((path, name))
            if type(live) not in _KINDS:
                raise Refusal("HR113", f"`{name}` is no plain container", path)
            made[path, name] = stand_in = self._new(path, name, old)
            if type(stand_in) is not type(live):
                raise Refusal("HR113", f"`{name}` was replaced by the program", path)
            if "." in name:
                spaces[id(stand_in)] = self._space((path, name))[0]
            for space in spaces.values():
                places += [(space, key, stand_in) for key, value in space.items() if value is live]
        before = [(space, key, space[key]) for space, key, _ in places]
        try:
            for space, key, stand_in in places:
                space[key] = stand_in
            for entry in work.entries.old if old else work.entries.new:
                self._register(entry, old)
                self._paired.note(entry, made.values(), old)
        finally:
            for space, key, value in before:
                space[key] = value
        return made

    def _space(self, place: tuple[str, str]) -> tuple[dict[str, Any], str]:
        """In what, and by which name, a container is bound: in a module, or in an object of one (``bus.handlers``)."""
        of, _, name = place[1].rpartition(".")
        space = vars(self._work.modules[place[0]])
        return (vars(space[of]) if of else space), name

    def _live(self, place: tuple[str, str]) -> Any:
        space, name = self._space(place)
        return space.get(name, _MISSING)

    def _new(self, path: str, name: str, old: bool) -> Any:
        if "." in name:  # it begins empty
            stand_in = self._live((path, name)).copy()
            stand_in.clear()
            return stand_in
        purity, version = self._work.before if old else self._work.after, self._work.version(path, old)
        found = purity.names.binding(path, name)
        assert found is not None
        value = found[1].node.value  # type: ignore[attr-defined]
        return eval(_code(value, path, version.flags), vars(self._work.modules[path]), {})

    def _register(self, entry: Entry, old: bool) -> None:
        path, node = entry.path, entry.statement.node
        version, space = self._work.version(path, old), vars(self._work.modules[path])
        if not isinstance(node, (*FunctionNode, ast.ClassDef)):
            exec(version.code_of(node), space)
            return
        registrars = [eval(_code(item, path, version.flags), space, {}) for item in node.decorator_list]
        registered = space[node.name]
        for register in reversed(registrars):
            if register(registered) is not registered:
                raise Refusal("HR113", f"what registers `{node.name}` gives something else back", path, node.lineno)


def _code(node: ast.expr, path: str, flags: int) -> Any:
    return compile(ast.Expression(node), path, "eval", flags=flags, dont_inherit=True)


def _put(container: Any, content: Any) -> None:
    container.clear()
    (container.extend if isinstance(container, (list, deque)) else container.update)(content)


def _inner(content: Any) -> list[object]:
    values = content.values() if isinstance(content, dict) else content
    return [item for item in values if type(item) in (*_KINDS, tuple)]


def _is_fixed(value: Any) -> bool:
    """Is this data that nobody can change?"""
    if type(value) in (tuple, frozenset):
        return all(map(_is_fixed, value))
    return type(value) not in (list, dict, set) and is_plain(value)
