"""What an edited import statement means for a cold start. Pure; runs in the user's process.

In a process where every module is loaded already, an import is a lookup; in a cold start it decides which module runs
when. An edited import may be applied in place only where that makes no difference.
"""

from __future__ import annotations

import ast
import sys
from functools import cached_property

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, is_block
from hrsup_strategies.reload.identifiers import last_name, named_by_string
from hrsup_strategies.reload.import_statements import absolute, imports_of
from hrsup_strategies.reload.known import AT_CLASS_CREATION, CONSTRUCTORS, SAFE_DECORATORS
from hrsup_strategies.reload.settled import Settled
from hrsup_strategies.reload.values import PURE_CALLS, PURE_METHODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from hrsup_strategies.reload.cold import Loaded
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import Work

# Calls at import time that leave no trace outside of what they return.
QUIET_CALLS = (
    PURE_CALLS
    | PURE_METHODS
    | frozenset(
        (
            "field", "auto", "property", "TypeVar", "NewType", "ParamSpec", "namedtuple", "getLogger", "ContextVar",
            "Lock", "RLock", "Event", "Path", "compile", "defaultdict", "deque", "Counter", "OrderedDict", "partial",
            "timedelta", "Decimal", "Fraction", "itemgetter", "attrgetter", "dataclass", "object", "resolve",
            "with_name", "joinpath"
        )
    )
)  # fmt: skip


class Imports:
    """The import statements of all modules, as they are in the new versions (or, with `old`, in the loaded ones)."""

    def __init__(self, work: Work, old: bool) -> None:
        self._work = work
        self._old = old
        self._edges: dict[str, set[str]] = {}
        self.circles: set[str] = set()  # the paths of modules that an edited import in a circle may load

    @cached_property
    def _settled(self) -> Settled:
        return Settled(self._work, self._work.before if self._old else self._work.after)

    # Most changes have no import statement in them, and a large program has many modules.

    @cached_property
    def _paths(self) -> dict[str, str]:
        return {name: path for name, path in self._work.names_in(self._old).items() if name != "__main__"}

    @cached_property
    def _packages(self) -> dict[str, str]:
        return {path: self._work.package_of(path) for path in self._work.modules}

    def _version(self, path: str) -> Version:
        return self._work.version(path, self._old)

    def path_of(self, name: str) -> str | None:
        """The path of the user's module of this name."""
        return self._paths.get(name)

    def in_order(self, path: str, node: ast.stmt) -> list[str]:
        """The paths of the user's modules that a statement may load, in the order in which it does."""
        return [self._paths[name] for name in self.named(path, node) if name in self._paths]

    def from_names(self, path: str, node: ast.stmt) -> list[tuple[str, str]]:
        """The module and the name of all that a statement takes from modules by name."""
        if not isinstance(node, ast.ImportFrom):
            return []
        base = absolute(node, self._packages[path])
        return [(base, alias.name) for alias in node.names]

    def named(self, path: str, node: ast.stmt) -> list[str]:
        """The full names of the modules that a statement may load, their packages before them."""
        wanted: list[str] = []
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, self._packages[path])
            found = [f"{base}.{alias.name}" for alias in node.names]
            wanted = [base, *(name for name in found if name in self._paths or name in sys.modules)]
        parts = [name.split(".") for name in wanted]
        return list(dict.fromkeys(".".join(part[:end]) for part in parts for end in range(1, len(part) + 1)))

    def check(self, path: str, statement: Statement, removed: bool, loaded: Loaded) -> None:
        """Refuse (HR119, HR114, HR110) if a cold start may run modules in another order, or not at all, because of a
        statement that was `removed`, or is new there. `loaded` tells what such a start has loaded before."""
        for node in imports_in(statement):
            self._check(path, statement, node, removed, loaded)

    def _check(self, path: str, statement: Statement, node: ast.stmt, removed: bool, loaded: Loaded) -> None:
        line = node.lineno
        for name in sorted(self.named(path, node)):
            target = self._paths.get(name)
            if target is None:
                standard = name.partition(".")[0] in sys.stdlib_module_names
                lost = removed and not (standard and "." not in name)
                if lost and not self._is_imported(name):
                    raise Refusal("HR114", f"`{name}` may not be loaded any more", path, line)
                continue
            if not loaded.has(target, statement, self._old):
                self._check_order(path, name, statement, line, self._reach(target), loaded)
            if removed and "." in name and not self._leaves(target) and not self._is_imported(name):
                raise Refusal("HR114", f"`{name}` may not be loaded any more", path, line)

    def _check_order(
        self, path: str, name: str, statement: Statement, line: int, reached: set[str], loaded: Loaded
    ) -> None:
        """Refuse if it makes a difference when these modules are executed, which the module `name` may load."""
        self._work.reordered |= reached
        if path in reached:
            if not all(map(self._is_inert, reached)):
                raise Refusal("HR119", f"`{name}` is imported in a circle", path, line)
            self.circles |= reached
        if not all(self._has_no_turn(found, statement, loaded) for found in sorted(reached)):
            text = f"importing `{name}` does more than define names, so its order counts"
            raise Refusal("HR110", text, path, line)

    def is_in_circle(self, path: str, target: str) -> bool:
        """Does the module `target` import this one, or another that does?"""
        return path in self._reach(target)

    def _is_imported(self, name: str) -> bool:
        paths = [path for path in (*self._work.old, *self._work.arrivals) if not self._leaves(path)]
        new = [(path, statement) for path in paths for statement in self._work.version(path, False).body]
        return any(name in self.named(path, node) for path, statement in new for node in imports_in(statement))

    def _leaves(self, path: str) -> bool:
        return path in self._work.departures

    def _reach(self, path: str) -> set[str]:
        done: set[str] = set()
        pending = [path]
        while pending:
            current = pending.pop()
            if current not in done:
                done.add(current)
                pending += self._needs(current)
        return done

    def _needs(self, path: str) -> set[str]:
        if path not in self._edges:
            nodes = [node for statement in self._version(path).body for node in imports_in(statement)]
            names = {name for node in nodes for name in self.named(path, node)}
            self._edges[path] = {self._paths[name] for name in names if name in self._paths} - {path}
        return self._edges[path]

    def _has_no_turn(self, path: str, statement: Statement, loaded: Loaded) -> bool:
        """Is it no matter that this statement loads a module, since it leaves the same trace whenever that is, is
        loaded before, or registers something, which is done once more in the order of a cold start?"""
        loud = [
            one
            for one in self._version(path).body
            if not self.only_defines(path, one) or self.finds_what_changes(path, one)
        ]
        if not loud or loaded.has(path, statement, self._old):
            return True
        stays = not self._old or self._leaves(path) or loaded.is_reached(path)
        return stays and all(self._work.entries.touch(path, one, self._old) for one in loud)

    def _is_inert(self, path: str) -> bool:
        """Does the module define names, and read nothing of others but what they bind, whether by name or in functions
        that it calls (see `circles`)? What another has not come to yet, it must not look for."""
        return all(
            (is_quiet(statement, self._work.closure.defined) and not self._reads_modules(path, statement))
            or (self.only_defines(path, statement) and not (statement.kind == "effect" and imports_in(statement)))
            for statement in self._version(path).body
        )

    def _reads_modules(self, path: str, statement: Statement) -> bool:
        purity = self._work.before if self._old else self._work.after
        return statement.kind not in ("import", "doc", "inert") and any(
            isinstance(item, ast.Attribute)
            and isinstance(item.value, ast.Name)
            and purity.names.module(path, item.value.id) is not None
            for item in executed_now(statement.node)
        )

    def finds_what_changes(self, path: str, statement: Statement) -> bool:
        """May it make a difference when the statement is executed, because it reads what others store into?"""
        if statement.kind in ("doc", "inert", "import"):
            return False
        purity = self._work.before if self._old else self._work.after
        names = {name for _, name in purity.reads} if purity.leaves_no_trace(path, statement) else set()
        for item in executed_now(statement.node):
            if isinstance(item, (ast.Name, ast.Attribute)) and isinstance(item.ctx, ast.Load):
                names.add(item.id if isinstance(item, ast.Name) else item.attr)
        closure = self._work.closure
        for name in sorted({"setattr", *names}):
            closure.mention(name)
        if any(names & named_by_string(call) for _, call in closure.calls_of("setattr")):
            return True
        if not self._settled.reads_only_what_stays(path, statement, executed_now(statement.node)):
            return True
        return any(
            store.key in names and store.kind != "plain" and store.base not in own and flow.top is not statement.node
            for flow in closure.flows
            for own in [flow.unit.first if flow.unit is not None and flow.unit.name in CONSTRUCTORS else ()]
            for store in flow.stores
        )

    def only_defines(self, path: str, statement: Statement) -> bool:
        """Does the statement leave the same trace whenever it is executed?"""
        if is_quiet(statement, self._work.closure.defined):
            return True
        if statement.kind == "effect" and not is_block(statement):
            return False
        purity = self._work.before if self._old else self._work.after
        return statement.kind != "class" and purity.leaves_no_trace(path, statement)


def is_quiet(statement: Statement, defined: Container[str]) -> bool:
    """Does the statement define names and nothing else, so that it does not matter when it runs?"""
    if statement.kind in ("doc", "inert", "import"):
        return True
    if statement.kind == "effect":
        return False
    for item in executed_now(statement.node):
        decorators = getattr(item, "decorator_list", [])
        names = [last_name(one) for one in decorators]
        if any(name is None or name not in SAFE_DECORATORS or name in defined for name in names):
            return False
        if isinstance(item, ast.ClassDef) and (item.keywords or any(name in defined for name in AT_CLASS_CREATION)):
            return False  # a hook of a base or a metaclass may write the class down somewhere
        if isinstance(item, ast.Call) and id(item) not in {id(one) for one in decorators}:
            name = last_name(item.func)
            if name not in QUIET_CALLS | SAFE_DECORATORS or name in defined:
                return False
    return True


def executed_now(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below, itself included, that are executed when a statement is."""
    yield node
    if isinstance(node, FunctionNode):
        children: list[ast.AST] = [*node.decorator_list, *node.args.defaults]
        children += [item for item in node.args.kw_defaults if item is not None]
    elif isinstance(node, ast.Lambda):
        children = []
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from executed_now(child)


def imports_in(statement: Statement) -> list[ast.stmt]:
    """The import statements of the module's own scope that are in a statement."""
    if statement.kind == "inert":
        return []
    if statement.kind == "import":
        return [statement.node]
    return [] if statement.kind in ("def", "doc", "assign") else imports_of(statement.node)
