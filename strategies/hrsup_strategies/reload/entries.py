"""Statements that put something into a container of a module while modules are imported: registrations, by a decorator,
by a call or by the setting of an item. Pure; runs in the user's process.

If one comes, goes, moves, or would put something else there, the container is filled anew in place (see ``refill``): it
is emptied, and all its registrations are made once more in the order of a cold start. That is right if nothing else is
done by them (``Purity.registers``), if nothing else has filled it, and if whoever has looked into it is followed like
whoever has read a value that changed.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload import cold, order
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, Statement, undecorated
from hrsup_strategies.reload.identifiers import arguments_of, called
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.imports import is_quiet
from hrsup_strategies.reload.registration import AtImport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hrsup_strategies.reload.work import Work

    Place = tuple[str, str]  # the path of a module, and a name in it


class Entry:
    """One registration: what it `fills`, of that the containers `inside` of which it fills others, what it `reads`, and
    by their ids the definitions of the functions that it `calls`."""

    __slots__ = ("by_object", "calls", "fills", "inside", "path", "reads", "statement")

    def __init__(
        self,
        path: str,
        statement: Statement,
        fills: set[Place],
        reads: set[Place],
        inside: Iterable[Place] = (),
        calls: Iterable[int] = (),
    ) -> None:
        self.path, self.statement = path, statement
        self.fills, self.inside, self.reads, self.calls = fills, frozenset(inside), reads, frozenset(calls)
        self.by_object = any("." in name for _, name in fills)  # by a method of it (see ``keepers``)


class Entries:
    """The registrations of the loaded and the new versions; `refilled` are the containers that are filled anew, `old`
    and `new` their registrations in the order of a cold start, once ``settle`` was called."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[tuple[int, bool], Entry | None] = {}
        self._known_of = work.extent
        self.refilled: set[Place] = set()
        self.old: list[Entry] = []
        self.new: list[Entry] = []

    def of(self, path: str, statement: Statement, old: bool) -> Entry | None:
        """The registration that a statement of the loaded (`old`) or new version is, if it is one."""
        key = (id(statement), old)
        if self._known_of != self._work.extent:
            self._known, self._known_of = {}, self._work.extent
        if key not in self._known:
            self._known[key] = self._look(path, statement, old) if _may_register(statement.node) else None
        return self._known[key]

    def touch(self, path: str, statement: Statement, old: bool) -> bool:
        """Have what the statement fills filled anew; False if it is no registration."""
        entry = self.of(path, statement, old)
        for place in sorted(entry.fills) if entry is not None else ():
            if place[0] != path or path not in self._work.arrivals:  # what a module that comes makes, it fills itself
                self._refill(place)
        return entry is not None

    def touch_both(self, path: str, before: Statement, after: Statement) -> bool:
        """The same of a function that changed in how it is registered, and in nothing else that its decorators see."""
        pairs = ((before, True), (after, False))
        if _head(before.node) == _head(after.node) or not all(
            _is_bare(s.node) or self.of(path, s, o) for s, o in pairs
        ):
            return False
        touched = [self.touch(path, statement, old) for statement, old in pairs]
        return any(touched)

    def touch_class(self, path: str, before: Statement, after: Statement) -> bool:
        """Is a class that changed one that is registered, before and after? If it is so otherwise, it is made anew."""
        if self.of(path, before, True) is None or self.of(path, after, False) is None:
            return False
        decorators = [[ast.dump(d) for d in getattr(s.node, "decorator_list", [])] for s in (before, after)]
        if decorators[0] != decorators[1]:
            self.touch(path, before, True)
            self.touch(path, after, False)
        return True

    def takes(self, path: str, before: Statement, why: set[str]) -> bool:
        """Is all that the names `why` mean for this import-time statement that a container is filled anew?"""
        if before.kind == "import" and self.refilled and why <= self._names():
            self._work.changes(set(before.names), path)  # another name for the same object
            return True
        entry = self.of(path, before, True)
        if entry is None or not self._work.diffs or (_uses_beside(before.node) & why):
            return False
        return self.touch(path, before, True)

    def is_replayed(self, node: ast.AST) -> bool:
        """Is this a definition whose registration is made once more?"""
        return any(entry.statement.node is node for entry in self.old)

    def _registrars(self) -> set[str]:
        """The functions that registrations call, and nothing else does."""
        closure = self._work.closure
        called = {key for entry in self.old for key in entry.calls}
        if called:
            closure.take_whole()
        at_import = AtImport(closure)
        return {unit.id for unit in closure.units if id(unit.node) in called and at_import.called_at_top(unit)}

    def settle(self) -> None:
        """Find the registrations of what is filled anew, and check what they read. Raises Refusal."""
        if not self.refilled:
            return
        self._check_arrivals()
        for path, name in sorted(self._work.reads):
            if self._origin(path, name, False) in self.refilled or self._origin(path, name, True) in self.refilled:
                raise Refusal("HR113", f"`{name}` is filled anew, and was read while modules were imported", path)
        for place in sorted(self.refilled):
            self._check_container(place)
        self.old, self.new = self._ordered(self._all(True), True), self._ordered(self._all(False), False)
        self._check_complete()
        self._work.closure.registrars = self._registrars()
        for entries, old in ((self.old, True), (self.new, False)):
            for entry in entries:
                if entry.by_object and self._look(entry.path, entry.statement, old) is None:  # more has changed since
                    text = "what an object keeps of a registration may have changed"
                    raise Refusal("HR110", text, entry.path, entry.statement.node.lineno)
                reads = {read for read in entry.reads if self._origin(*read, old) not in self.refilled}
                self._work.reads |= reads
                if not old:
                    objects = (
                        {(entry.path, name) for name in _objects(entry.statement.node)} if entry.by_object else set()
                    )
                    order.check_reads(self._work, entry.path, reads | objects, entry.statement.node.lineno)

    def _check_complete(self) -> None:
        """What registers as it did is made once more, and nothing fills what has not been known to be filled anew."""
        made = {id(entry.statement) for entry in self.new}
        for entry in self.old:
            kept = self._work.pairs.get(id(entry.statement)) if entry.path in self._work.diffs else entry.statement
            if kept is not None and id(kept) not in made and entry.path not in self._work.departures:
                text = "it is not known any more what is registered here"
                raise Refusal("HR113", text, entry.path, kept.node.lineno)
        for entry in (*self.old, *self.new):
            itself = entry.path if entry.path in self._work.arrivals else None
            if not {place for place in entry.fills if place[0] != itself} <= self.refilled:
                text = "it is known too late what is registered here"
                raise Refusal("HR113", text, entry.path, entry.statement.node.lineno)

    def _check_arrivals(self) -> None:
        """A class of a module that is imported by this change must not look into what is filled anew while it is made;
        what the module reads otherwise is among the `reads`."""
        for path in sorted(self._work.arrivals):
            for statement in self._work.new[path].body:
                if statement.kind != "class" or self.of(path, statement, False) is not None:
                    continue
                quiet = is_quiet(statement, self._work.closure.defined)
                if not quiet or not ImportTime(statement, False).spelled.isdisjoint(self._names()):
                    raise Refusal("HR110", "a module is imported while registrations change", path)

    # -- what fills what ---------------------------------------------------------------------------------------------

    def _look(self, path: str, statement: Statement, old: bool) -> Entry | None:
        purity = self._work.before if old else self._work.after
        if purity.registers(path, statement):
            filled = purity.filled | purity.filled_in
            return Entry(path, statement, filled, purity.reads, purity.filled_in, purity.called)
        keepers = self._work.closure.keepers
        fills = keepers.fills(path, statement.node, old) if keepers is not None else None
        reads = purity.reads_of(path, _given(statement.node)) if fills else None
        return Entry(path, statement, fills, reads) if fills and reads is not None else None

    def _refill(self, place: Place) -> None:
        if place in self.refilled:
            return
        self.refilled.add(place)
        self._work.changes({_name(place)}, place[0])
        if "." in place[1]:
            self._work.closure.refilled.add(_name(place))
        for entry in [*self._all(True), *self._all(False)]:
            for other in sorted(entry.fills):
                self._refill(other)

    def _all(self, old: bool) -> list[Entry]:
        """The registrations that have been made before the loop, and fill what is filled anew."""
        work = self._work
        running = work.running if old or work.running is None else work.counterpart(work.running)
        found = []
        paths = set(work.old) if old else {*work.old, *work.arrivals}
        for path in sorted(paths.intersection(work.modules)):
            for statement in work.version(path, old).body:
                if statement.node is running:
                    break
                entry = self.of(path, statement, old)
                if entry is not None and entry.fills & self.refilled:
                    found.append(entry)
        return found

    def _ordered(self, entries: list[Entry], old: bool) -> list[Entry]:
        if len({entry.path for entry in entries}) < 2:
            return sorted(entries, key=lambda entry: entry.statement.node.lineno)
        follow = cold.follow(self._work)
        start = cold.ColdStart(self._work, True) if old else follow
        places = [(start.place_of(entry.path, entry.statement.node.lineno), entry) for entry in entries]
        for place, entry in places:
            if place is None:
                text = "in which order registrations are made is not known"
                raise Refusal("HR119", text, entry.path, entry.statement.node.lineno)
        return [entry for _, entry in sorted(places, key=lambda pair: pair[0] or 0)]

    def _check_container(self, place: Place) -> None:
        """The container is made as before, of nothing that the registrations could change in it."""
        path, name = place
        work = self._work
        if "." in name:  # what it begins with, ``keepers`` has seen
            if any(name.partition(".")[0] in step.names for step in work.steps.get(path, ())):
                raise Refusal("HR113", f"`{name}` changed, and so did what is registered in it", path)
            return
        line = None
        for purity, old in ((work.before, True), (work.after, False)):
            found = purity.names.binding(path, name)
            if found is None or found[0] != path or not purity.is_container(path, found[1]):
                text = f"`{name}` is not made by one statement, before and after"
                raise Refusal("HR113", text, path, line)
            value, line = getattr(found[1].node, "value", None), found[1].node.lineno
            reads = purity.reads_of(path, [value])
            if reads is None:
                raise Refusal("HR112", f"`{name}` cannot be built again without side effects", path, line)
            work.reads |= reads
            entries = [entry for entry in self._all(old) if place in entry.fills]
            if any(place in entry.inside for entry in entries) and not _holds_its_own(value, entries, place):
                raise Refusal("HR110", f"what is in `{name}` may be filled elsewhere, too", path, line)
        if any(name in step.names for step in work.steps.get(path, ())):
            raise Refusal("HR113", f"`{name}` changed, and so did what is registered in it", path, line)

    def _origin(self, path: str, name: str, old: bool) -> Place | None:
        found = (self._work.before if old else self._work.after).names.binding(path, name)
        return (found[0], found[2]) if found is not None else None

    def _names(self) -> set[str]:
        return set(map(_name, self.refilled))


def _name(place: Place) -> str:
    """The name by which code looks into a container: of ``bus.handlers`` it is ``handlers``."""
    return place[1].rpartition(".")[2]


def _given(node: ast.stmt) -> list[ast.expr]:
    """What a registration by the method of an object gives it."""
    if isinstance(node, ast.Assign):
        return [node.value, *(target.slice for target in node.targets if isinstance(target, ast.Subscript))]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return arguments_of(node.value)
    decorators = node.decorator_list if isinstance(node, FunctionNode) else []
    return [item for decorator in decorators if isinstance(decorator, ast.Call) for item in arguments_of(decorator)]


def _objects(node: ast.stmt) -> set[str]:
    """The names of the objects with which it registers."""
    if isinstance(node, ast.Assign):
        bases = [target.value for target in node.targets if isinstance(target, ast.Subscript)]
    elif isinstance(node, ast.Expr):
        bases = [called(node.value)]
    else:
        bases = [called(decorator) for decorator in getattr(node, "decorator_list", ())]
    return {item.id for base in bases for item in ast.walk(base) if isinstance(item, ast.Name)}


def _holds_its_own(value: Any, entries: list[Entry], place: Place) -> bool:
    """Are the containers in this one made for it, and by nobody else?"""
    return (
        all(place in entry.inside for entry in entries)
        and not getattr(value, "elts", None)
        and not getattr(value, "values", None)
    )


def _may_register(node: ast.stmt) -> bool:
    if isinstance(node, (*FunctionNode, ast.ClassDef)):
        return bool(node.decorator_list)
    if isinstance(node, ast.Assign):
        return len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _is_bare(node: ast.stmt) -> bool:
    return isinstance(node, FunctionNode) and not node.decorator_list


def _head(node: ast.stmt) -> list[str]:
    assert isinstance(node, FunctionNode)
    parts: list[ast.AST] = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    return [*map(ast.dump, parts), ast.get_docstring(node, False) or "", type(node).__name__]


def _uses_beside(node: ast.stmt) -> set[str]:
    """The names that a definition uses while it is made, beside its decorators; of other registrations, none."""
    if not isinstance(node, (*FunctionNode, ast.ClassDef)):
        return set()
    top = ImportTime(Statement(undecorated(node), False, False), False)
    return top.uses | top.holds
