"""A reload that is being prepared: what changed, what that reaches, and what is to be done. Runs in the user's process.

Owns the state that `prepare` and its parts fill and `patch` reads.
"""

from __future__ import annotations

import ast
import builtins

from hrsup_strategies.reload.closure import Closure
from hrsup_strategies.reload.diff import ModuleDiff, Statement
from hrsup_strategies.reload.entries import Entries
from hrsup_strategies.reload.keepers import Keepers
from hrsup_strategies.reload.memos import Memos
from hrsup_strategies.reload.purity import Purity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_strategies.reload.import_time import ImportTime
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.sources import Sources
    from hrsup_strategies.reload.version import Version

    FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


class Brought:
    """What an ``import *`` `had` bound in the end, what it does now (`wins`), of that what nothing had bound before
    (`fresh`), and `every` name that comes by it, also those that another statement binds below it."""

    __slots__ = ("every", "fresh", "had", "wins")

    def __init__(self, had: set[str], wins: set[str], fresh: set[str], every: set[str]) -> None:
        self.had, self.wins, self.fresh, self.every = had, wins, fresh, every


class Step:
    """One thing to do in one module. `action`: ``run`` (execute the statement), ``rebuild`` (the same, of a class that
    nobody else may hold), ``function`` (a function gets new code), ``attributes`` (execute statements of a class's
    body), ``remove``, ``doc``, ``load`` (import the module),
    ``star`` (an ``import *``, of which `names` do not come any more). `cls` names the class concerned; `check` are old
    statements whose live values must still be what they built, `as_made` names of values that were made of data, and
    must still be what they were then."""

    __slots__ = ("action", "as_made", "brought", "check", "cls", "names", "new", "nodes", "old", "path", "signature")

    def __init__(self, action: str, path: str, old: Statement | None, new: Statement | None) -> None:
        self.action, self.path, self.old, self.new = action, path, old, new
        self.cls: str | None = None
        self.nodes: list[Statement] = []
        self.check: list[Statement] = []
        self.as_made: tuple[str, ...] = ()
        self.names: tuple[str, ...] = ()
        self.signature = False
        self.brought: Brought | None = None

    @property
    def executes(self) -> bool:
        """Is a whole statement executed?"""
        return self.action in ("run", "rebuild", "star")

    @property
    def line(self) -> int:
        """Where in the new (or else the old) source this step is."""
        statement = self.new or self.old
        return statement.node.lineno if statement else 0


class Work:
    """A prepared reload: the closure and, by path, versions, differences and steps. `pairs` has, by the id of a kept
    statement, what it is in the new version."""

    def __init__(
        self,
        modules: dict[str, Any],
        versions: Sources,
        new: dict[str, Version],
        load: Callable[[str], object] = builtins.__import__,
    ) -> None:
        self.modules, self.old, self.new, self.load = dict(modules), versions, new, load
        self._by_name: tuple[dict[str, str], dict[str, str]] = ({}, {})  # see `names_in`
        self._named = (-1, -1)  # how many modules, and how many that leave, it is of
        self.imports: list[tuple[str, ast.stmt]] = []  # new ones, each with the path of its module
        self.arrivals: dict[str, str] = {}  # path -> name of a module that is imported by this change
        self.completion: list[str] = []  # names of modules, as a cold start completes them, if imports have changed
        self.departures: dict[str, str] = {}  # path -> name of a module that leaves with this change
        self.unloaded: list[str] = []  # paths of files that came or went without being loaded
        # Import statements (of the new versions, with their modules' paths) that may find something else than before.
        self.renewed: list[tuple[str, Statement]] = []
        # The fingerprint that a value had when it was made of data; see `hrsup_agent.observe.made.Made.of`.
        self.made_of: Callable[[str, str, object], str | None] = lambda path, name, value: None
        self.executed: Callable[[str], bool] = lambda path: False  # has it been, whether it is a module or not?
        self.unload: Callable[[str, str | None], None] = lambda path, instead: None  # see `Program.unload`
        # Paths of modules that an earlier change has imported, or before which a cold start executes others since then.
        self.late: frozenset[str] = frozenset()
        self.reordered: set[str] = set()  # the same of this change
        self.circles: set[str] = set()  # paths of modules that an edited import in a circle may load
        self.read_at: list[tuple[str, int, set[tuple[str, str]]]] = []  # path, line: what is read there
        self.closure = Closure(versions)
        self.diffs = {path: ModuleDiff(versions[path].body, new[path].body) for path in new}
        self.steps: dict[str, list[Step]] = {}
        self.functions: list[tuple[str, Statement, Statement]] = []  # path, old, new: code changes
        self.running: ast.stmt | None = None  # the script's statement that is being executed
        self.pairs: dict[int, Statement] = {}
        self.deferred: list[tuple[ModuleNames, FunctionDef]] = []  # decorators to be looked at once the closure is done
        self.stars: set[str] = set()  # the modules of which names changed
        self.spread: set[tuple[str, int, int]] = set()  # path, ids: the ``import *`` statements that are executed again
        self.rebuilt: set[int] = set()  # class statements that are executed as a whole
        self.repeated: set[int] = set()  # statements (and nodes of class bodies) that have their step
        self.made_anew: set[int] = set()  # the ids of nodes of loaded functions whose decorators are applied again
        self.lone_results: list[tuple[str, str, int]] = []  # path, name, line: functions that keep their one result
        self.read_anew: list[tuple[str, int]] = []  # path, line: new statements that read files
        self.reads: set[tuple[str, str]] = set()  # module path, name: the ingredients of what is executed
        self.before, self.after = Purity(self, True), Purity(self, False)
        self.closure.keepers = Keepers(self)
        self.entries = Entries(self)
        self.memos = Memos(self)

    @property
    def extent(self) -> tuple[int, int]:
        """How many modules there are, and how many leave. What was concluded of names is only true as long as these
        are the same: each module that comes may bind some."""
        return len(self.modules), len(self.departures)

    def path_of(self, name: str, old: bool = False) -> str | None:
        """The path of the user's module of this name, if it is loaded (`old`), or will be."""
        return self.names_in(old).get(name) if name else None

    @property
    def names(self) -> dict[str, str]:
        """The path of each of the user's modules that are loaded, by its name."""
        return self.names_in(True)

    def names_in(self, old: bool) -> dict[str, str]:
        """The path of each user's module by its name: of those that are loaded (`old`), or will be."""
        if self._named != self.extent:
            self._named = self.extent
            every = [(getattr(module, "__name__", ""), path) for path, module in self.modules.items()]
            to_be, loaded = (
                [(name, path) for name, path in every if path not in others] if others else every
                for others in (self.departures, self.arrivals)
            )
            self._by_name = dict(to_be), dict(loaded)
        return self._by_name[old]

    def package_of(self, path: str) -> str:
        """The name of the package that relative imports of this module start from."""
        return getattr(self.modules[path], "__package__", None) or ""

    def version(self, path: str, old: bool) -> Version:
        """The loaded version of a module, or the one that it will have."""
        return self.old[path] if path in self.old and (old or path not in self.new) else self.new[path]

    def counterpart(self, node: ast.stmt) -> ast.stmt | None:
        """What a top-level statement of the loaded script is in the new version."""
        for diff in self.diffs.values():
            for before in diff.old:
                if before.node is node:
                    after = self.pairs.get(id(before))
                    return after.node if after is not None else None
        return node

    def changes(self, names: set[str], path: str) -> None:
        """These names of a module are bound to other objects."""
        self.closure.values |= names
        self.stars.add(path)

    def seed(self) -> None:
        """Add what changed beside the sources. Raises Refusal."""

    def again(self, module: ModuleNames, top: ImportTime, why: set[str]) -> bool:
        """May see to an import-time statement, which used the names `why`, in a way of its own; did it?"""
        return False

    @property
    def cached(self) -> bool:
        """Is a function with a cache of the standard library's among those reached?"""
        return any(
            f"U:{unit.id}" in self.closure.tainted and {"lru_cache", "cache"} & set(unit.decorators)
            for unit in self.closure.units
        )
