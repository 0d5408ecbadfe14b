"""In which order a cold start executes the statements of all modules. Runs in the user's process; pure.

A cold start is followed from the script's first statement through every import statement of a module's own scope, as
the interpreter would; conditions are not evaluated, and imports in functions not followed. Whether that is what happens
is not taken on trust: followed through the loaded versions, it must give the order in which the modules were completed,
which is that of ``sys.modules``.
"""

from __future__ import annotations

import sys

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import is_star
from hrsup_strategies.reload.imports import Imports, imports_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

_MOST = 100_000  # statements that are followed
_MOST_ARRANGED = 300  # modules that are put in order


class ColdStart:
    """A cold start of the new versions (or, with `old`, of the loaded ones). `places` has for each statement, by its
    id, the number of those executed before it; `completed` for each module the same, when its body has ended. What a
    statement imports is executed before it; `reached` has the number before that."""

    def __init__(self, work: Work, old: bool) -> None:
        self._work, self._old = work, old
        self._imports = Imports(work, old)
        self._started: set[str] = set()
        self._bound: dict[str, set[str]] = {}
        self.places: dict[int, int] = {}
        self.reached: dict[int, int] = {}
        self.completed: dict[str, int] = {}
        # By the ids of ``import *`` statements of modules that are not complete by then: the names that they bring.
        self.partial: dict[int, frozenset[str]] = {}
        self._count = 0
        running = work.running
        self._end = running if old or running is None else work.counterpart(running)
        script = work.path_of("__main__")
        if script is None:
            raise Refusal("HR119", "modules import each other in a circle, and the program has no script")
        self._follow(script)

    def _follow(self, script: str) -> None:
        """Run the modules, each a generator that gives the paths of what it needs first."""
        package = getattr(self._work.modules[script], "__package__", None)
        above = [self._imports.path_of(name) for name in _prefixes(package)] if package else []
        for path in [*above, script]:
            if path is None or path in self._started:
                continue
            stack = [self._run(path)]
            while stack:
                target = next(stack[-1], None)
                if target is None:
                    stack.pop()
                elif target not in self._started:
                    stack.append(self._run(target))

    def _run(self, path: str) -> Iterator[str]:
        self._started.add(path)
        bound = self._bound[path] = set()
        for statement in self._work.version(path, self._old).body:
            if statement.node is self._end:
                return
            self.reached[id(statement)] = self._count
            for node in imports_in(statement):
                yield from self._imports.in_order(path, node)
                self._check(path, node)
            self._count += 1
            self.places[id(statement)] = self._count
            bound |= self._brought(path, statement) if is_star(statement) else set(statement.names)
            if self._count > _MOST:
                raise Refusal("HR119", "modules import each other in a circle, and there are too many", path)
        self.completed[path] = self._count

    def _check(self, path: str, node: ast.stmt) -> None:
        """What is imported by name of a module that is not complete yet must be bound there already."""
        for base, name in self._imports.from_names(path, node):
            target = self._imports.path_of(base)
            if target is None or target in self.completed or self._imports.path_of(f"{base}.{name}") is not None:
                continue
            if name != "*" and name not in self._bound.get(target, ()):
                raise Refusal("HR119", f"`{base}.{name}` is imported before it is bound", path, node.lineno)

    def _brought(self, path: str, statement: Statement) -> set[str]:
        """The names that come by an ``import *``, by then."""
        found: set[str] = set()
        for base, _ in self._imports.from_names(path, statement.node):
            target = self._imports.path_of(base) or ""
            found = {name for name in self._bound.get(target, ()) if not name.startswith("_")}
            if target in self._bound and target not in self.completed:
                if "__all__" in self._bound[target]:
                    raise Refusal("HR119", f"`{base}` is not complete when all of it is imported", path)
                self.partial[id(statement)] = frozenset(found)
        return found

    def has_loaded(self, path: str, statement: Statement) -> bool:
        """Is the module complete before this statement, which imports it? Then the statement only looks it up."""
        return self.completed.get(path, _MOST) <= self.reached.get(id(statement), -1)

    def place_of(self, path: str, line: int) -> int | None:
        """The place of the statement that has this line. What is not come upon was imported by a function; if that was
        after all that is, its place is behind."""
        for statement in self._work.version(path, self._old).body:
            if line <= (statement.node.end_lineno or statement.node.lineno) and path in self._started:
                return self.places.get(id(statement))
        name = self._name(path)
        names = list(sys.modules)
        last = max(
            (names.index(one) for one in map(self._name, self.completed) if one in names and one != "__main__"),
            default=0,
        )
        behind = path not in self._started and name in names and names.index(name) > last
        return _MOST * (1 + names.index(name)) if behind else None

    def _name(self, path: str) -> str:
        name: str = getattr(self._work.modules[path], "__name__", "")
        return name

    @property
    def names(self) -> list[str]:
        """The names of the modules in the order in which they are completed, but for the script's."""
        return [name for name in map(self._name, self.completed) if name != "__main__"]

    def has_happened(self) -> bool:
        """Is this how the program that runs has come to be?"""
        followed = [self._name(path) for path in self.completed if path not in self._work.late]
        followed = [name for name in followed if name != "__main__"]
        mine = set(followed)
        return [name for name in sys.modules if name in mine] == followed


class Loaded:
    """What a cold start has loaded when it comes to a statement. It is followed when it is first asked for."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._starts: dict[bool, ColdStart | None] = {}

    def has(self, path: str, statement: Statement, old: bool) -> bool:
        """Is the module complete by then, in the new versions or the `old` ones? False if that is not known."""
        start = self._start(old)
        return start is not None and start.has_loaded(path, statement)

    def brings(self, statement: Statement, old: bool) -> frozenset[str] | None:
        """The names that an ``import *`` of a module brings that is not complete by then; None if that is not known."""
        start = self._start(old)
        return start.partial.get(id(statement)) if start is not None else None

    def is_reached(self, path: str) -> bool:
        """Does such a start of the new versions come to the module at all? False if that is not known."""
        start = self._start(False)
        return start is not None and path in start.completed

    def order(self) -> list[str]:
        """The names of the modules in the order in which a start of the new versions completes them; none if that is
        not known, or would take long to find out."""
        start = self._start(False) if len(self._work.modules) <= _MOST_ARRANGED else None
        return start.names if start is not None else []

    def _start(self, old: bool) -> ColdStart | None:
        if old not in self._starts:
            try:
                self._starts[old] = _followed(self._work) if old else follow(self._work)
            except Refusal:
                self._starts[old] = None
        return self._starts[old]


def follow(work: Work) -> ColdStart:
    """A cold start of the new versions. Raises Refusal (HR119) where it would fail, or cannot be followed."""
    _followed(work)
    return ColdStart(work, False)


def _followed(work: Work) -> ColdStart:
    """The start of the program that runs. Raises Refusal (HR119) if it was another than can be followed."""
    start = ColdStart(work, True)
    if not start.has_happened():
        raise Refusal("HR119", "modules import each other, and in which order they ran is not known")
    return start


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
