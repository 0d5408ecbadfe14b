"""What a change of data changes in the program, seen as a change of code: the statements that used the file.

Runs in the user's process; pure. An import-time statement that used it is executed again, a function that used it
counts as changed, and so do the statements of the running loop that did. What follows is `reload`'s to find.
"""

from __future__ import annotations

import ast

from hrsup_strategies.data import unpickled
from hrsup_strategies.data.fingerprint import fingerprint
from hrsup_strategies.data.repeatable import Repeatable
from hrsup_strategies.data.things import Effect
from hrsup_strategies.data.unknown import unknown_call
from hrsup_strategies.reload.active import top_statement_of
from hrsup_strategies.reload.bindings import check_value
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.identifiers import ANYTHING, DYNAMIC, LEAVING, named_by_string
from hrsup_strategies.reload.values import AMBIENT
from hrsup_strategies.reload.work import Step, Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from hrsup_strategies.reload.active import Active, Loop
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.import_time import ImportTime
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.sources import Sources
    from hrsup_strategies.reload.units import Unit

_UNPICKLES = frozenset(("pickle", "Unpickler", "dill", "cloudpickle"))
_DECIDING = (ast.If, ast.While, ast.For, ast.AsyncFor, ast.Match)


class DataWork(Work):
    """A reload without new code. `sites` are the lines that used what changed, by the file that they used; `stack` the
    program's own frames, outermost first, the last one running the loop; `made` what values were when they were made.
    """

    def __init__(
        self,
        modules: dict[str, Any],
        versions: Sources,
        sites: Iterable[tuple[str, str]],
        stack: Callable[[], list[Active]],
        made: Any,
    ) -> None:
        super().__init__(modules, versions, {})
        self._sites, self._stack, self.made_of = list(sites), stack, made.of
        self._repeatable = Repeatable(modules, lambda path: versions[path].tree, self.closure.defined)
        self._harmless: dict[str, bool] = {}
        self.closure.is_harmless = self._is_harmless
        self.closure.growth_counts = True
        self.prints: list[tuple[str, str]] = []  # path and name of values that must still be what was made

    def seed(self) -> None:
        """See `Work`."""
        if self._stack()[-1].loop is None:
            raise Refusal("HR130", "no loop of the program's own is running on the main thread")
        for path, site in self._sites:
            file, _, line = site.rpartition(":")
            if file not in self.modules:
                raise Refusal("HR508", "it is not known which line used it", path)
            unpickled.check(path, self.modules, self.old, self._repeatable)
            self._seed(path, file, int(line))

    def again(self, module: ModuleNames, top: ImportTime, why: set[str]) -> bool:
        """See `Work`. Statements that read and compute are executed again, as long as their values are untouched."""
        why = why - _said_by_itself(top.statement.node)
        if not why:
            return True
        if top.statement.kind not in ("assign", "effect"):
            return False
        self._repeat(module.path, top.statement, ", ".join(f"`{name}`" for name in sorted(why)[:3]))
        return True

    def _is_harmless(self, unit: Unit) -> bool:
        if unit.id not in self._harmless:
            running = any(active.unit == unit.id for active in self._stack())
            self._harmless[unit.id] = not running and self._repeatable.is_harmless(unit)
        return self._harmless[unit.id]

    # -- one line ----------------------------------------------------------------------------------------------------

    def _seed(self, used: str, file: str, line: int) -> None:
        found = False
        for active in self._stack():
            if active.path == file and _encloses(active.node, line):
                self._running(used, active, line)
                found = True
        names = self.old[file].names
        unit = next((unit for unit in names.at(line).units if _encloses(unit.node, line)), None)
        if unit is not None:
            if not any(active.unit == unit.id for active in self._stack()):
                self._function(names, unit, line)
            return
        statement = top_statement_of(self.old[file].body, line)
        if statement is None:
            raise Refusal("HR508", "it is not known which line used it", used)
        if found and statement.node is self.running:
            return
        if self._is_to_come(file, statement):
            return
        if statement.kind not in ("assign", "effect"):
            text = f"it was used while a statement was executed that cannot be repeated ({statement.kind})"
            raise Refusal("HR502", text, file, line)
        self._repeat(file, statement, "the data that changed")

    def _function(self, names: ModuleNames, unit: Unit, line: int) -> None:
        if line < unit.node.body[0].lineno or (line == unit.node.lineno and unit.node.args.defaults):
            raise Refusal("HR502", f"a default of `{unit.name}` was made of it", unit.path, line)
        self.closure.functions.add(unit.name)
        self.closure.compare(names, names, unit.id, True)

    def _running(self, used: str, active: Active, line: int) -> None:
        """A line of a function (or script) that has not ended."""
        loop = active.loop
        if active is not self._stack()[-1] or loop is None or not loop.lineno <= line <= (loop.end_lineno or 0):
            if isinstance(active.node, ast.Module) and not self._is_in_running(active, line):
                return  # an import-time statement
            raise Refusal("HR121", "it was read before the loop that is running", active.path, line)
        names = self.old[active.path].names
        moved = self._moved(active)
        first, last = region(loop, line)
        lines = {moved.get(number, 0) for number in range(first, last + 1)}
        if active.unit is not None:
            flows = names.flows_in(active.unit)
        else:
            flows = [flow for flow in names.flows if flow.unit is None]
        self.closure.stale_flows.update(id(flow) for flow in flows if flow.line in lines)

    def _is_in_running(self, active: Active, line: int) -> bool:
        running = active.frame.f_lineno
        return any(_encloses(node, line) and _encloses(node, running) for node in active.node.body)

    def _moved(self, active: Active) -> dict[int, int]:
        """The lines of what is running, and where they are in the loaded version of the module."""
        now: ast.AST = self.old[active.path].tree
        if active.unit is not None:
            now = next(unit.node for unit in self.old[active.path].names.units_of(active.unit))
        if now is active.node:
            return {number: number for number in range(1, (active.node.body[-1].end_lineno or 0) + 1)}
        running: ast.AST = active.node
        if isinstance(running, ast.Module):
            assert self.running is not None
            line = active.frame.f_lineno
            now = self.running
            running = next(node for node in running.body if node.lineno <= line <= (node.end_lineno or 0))
        pairs = list(zip(ast.walk(running), ast.walk(now), strict=False))
        if ast.dump(running) != ast.dump(now):
            raise Refusal("HR131", "what is running is not what its source says", active.path, active.frame.f_lineno)
        return {getattr(one, "lineno", 0): getattr(two, "lineno", 0) for one, two in pairs}

    def _is_to_come(self, file: str, statement: Statement) -> bool:
        """Is it behind the statement of the script that is being executed?"""
        body = [other.node for other in self.old[file].body]
        return self.running in body and body.index(statement.node) > body.index(self.running)

    # -- repeated statements -----------------------------------------------------------------------------------------

    def _repeat(self, path: str, statement: Statement, why: str) -> None:
        if id(statement) in self.repeated:
            return
        self.repeated.add(id(statement))
        if self.old.has_any(AMBIENT):
            text = "what it reads beside its data may have been set by the program since"
            raise Refusal("HR113", text, path, statement.node.lineno)
        self._check(path, statement, set())
        self._check_bindings(path, statement)
        step = Step("run", path, statement, statement)
        space = vars(self.modules[path])
        # A file that was missing was never bound by its ``with``.
        step.names = tuple(name for name in statement.names if name in space or statement.kind == "assign")
        if not self._is_printed(path, statement):
            self._check_rebuilt(path, statement, why)
            step.check.append(statement)
        self.steps.setdefault(path, []).append(step)
        self.changes(set(statement.names), path)

    def _check_rebuilt(self, path: str, statement: Statement, why: str) -> None:
        """What has no fingerprint can be compared with what its statement builds now, if that reads no data."""
        text = f"whether {_spelled(statement)}, which depends on {why}, was changed since is not known"
        unknown = Refusal("HR113", text, path, statement.node.lineno)
        if statement.kind != "assign":
            raise unknown
        try:
            check_value(self, path, statement, old=True)
        except Refusal:
            raise unknown from None

    def _check(self, path: str, statement: Statement, anew: set[str]) -> None:
        """Refuse what does more than read and bind. What it changes must be made again before it."""
        try:
            self.reads |= self._repeatable.check(path, statement.node, anew)
        except Effect as effect:
            maker = self._maker(path, statement, effect.changes) if effect.changes else None
            if maker is None or effect.changes is None or effect.changes in anew:
                text = f"it cannot be read again without side effects: {effect.reason}"
                raise Refusal("HR112", text, effect.path, effect.line) from None
            self._repeat(path, maker, "the data that changed")
            self._check(path, statement, anew | {effect.changes})

    def _maker(self, path: str, statement: Statement, name: str) -> Statement | None:
        """The one statement that binds a name, if it comes before."""
        body = self.old[path].body
        found = [other for other in body if name in other.names]
        before = len(found) == 1 and body.index(found[0]) < body.index(statement)
        return found[0] if before and found[0].kind in ("assign", "effect") else None

    def _check_bindings(self, path: str, statement: Statement) -> None:
        body = self.old[path].body
        for name in statement.names:
            others = [other for other in body if name in other.names and other is not statement]
            if any(not isinstance(other.node, (ast.With, ast.For)) for other in others):
                raise Refusal("HR111", f"`{name}` is bound more than once", path, statement.node.lineno)
        for node in ast.walk(self.old[path].tree):
            if isinstance(node, ast.Global) and set(node.names) & set(statement.names):
                raise Refusal("HR113", f"{_spelled(statement)} is bound again by the program", path, node.lineno)

    def _is_printed(self, path: str, statement: Statement) -> bool:
        """Is it known what the statement's values were when they were made?"""
        space = vars(self.modules[path])
        names = [name for name in statement.names if name in space and not _is_closed_file(space[name])]
        if any(self.made_of(path, name, space[name]) is None for name in names):
            return False
        self.prints += [(path, name) for name in names]
        return True

    def settle_reads(self) -> None:
        """Of the globals that repeated statements read, those that are made again need not be what they were."""
        again = {(path, name) for path, steps in self.steps.items() for step in steps for name in step.names}
        self.reads -= again

    def check_calls(self) -> None:
        """Refuse (HR122) if a lasting object is given results of the old data, and nothing is known of what it does."""
        for flow in self.closure.near.flows():
            at_import = flow.unit is None and flow.top is not self.running
            if at_import or not self.closure.reached(flow) or (flow.unit is not None and self._is_harmless(flow.unit)):
                continue
            if (name := unknown_call(flow, self.closure)) is not None:
                path = flow.unit.path if flow.unit is not None else None
                raise Refusal("HR122", f"what `{name}` does with results of what changed is not known", path, flow.line)

    def check_sums(self) -> None:
        """Refuse (HR122) if the running loop adds up results of the old data in a variable of its own."""
        active = self._stack()[-1]
        assert active.loop is not None
        for node in ast.walk(active.loop):
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                name = node.target.id
                key = f"{active.unit}|{name}" if active.unit else name
                if key in self.closure.tainted and not isinstance(node.value, ast.Constant):
                    raise Refusal(
                        "HR122", f"results of what changed are added up in `{name}`", active.path, node.lineno
                    )

    def check_prints(self) -> None:
        """Refuse (HR113) if the program has changed a value since it was made; another would be lost."""
        for path, name in self.prints:
            value = vars(self.modules[path]).get(name)
            if self.made_of(path, name, value) != fingerprint(value):
                raise Refusal("HR113", f"`{name}` was changed by the program", path)


def _said_by_itself(node: ast.stmt) -> set[str]:
    """The names that do not say that a statement used anything of another: what its own ``with`` binds, and that it
    looks names up only to unpickle, which finds classes and functions, never data."""
    found = set()
    if isinstance(node, ast.With):
        found = {item.optional_vars.id for item in node.items if isinstance(item.optional_vars, ast.Name)}
    names = {getattr(item, "id", getattr(item, "attr", None)) for item in ast.walk(node)}
    by_string = any(ANYTHING in named_by_string(item) for item in ast.walk(node) if isinstance(item, ast.Call))
    if not by_string and not names & (DYNAMIC - _UNPICKLES):
        found.add(ANYTHING)
    return found


def region(loop: Loop, line: int) -> tuple[int, int]:
    """First and last line of what this line of a loop decides about."""
    whole = (loop.lineno, loop.end_lineno or loop.lineno)
    body: list[ast.stmt] = loop.body
    while True:
        node = next((item for item in body if item.lineno <= line <= (item.end_lineno or item.lineno)), None)
        if node is None:
            return whole
        span = (node.lineno, node.end_lineno or node.lineno)
        inner = [block for block in _blocks(node) if block and block[0].lineno <= line]
        if isinstance(node, (ast.Try, ast.TryStar)) or (isinstance(node, _DECIDING) and not inner):
            return whole if any(isinstance(item, LEAVING) for item in ast.walk(node)) else span
        if not inner:
            return (node.lineno, node.body[0].lineno - 1) if isinstance(node, (ast.With, ast.AsyncWith)) else span
        body = inner[-1]


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    cases = [case.body for case in getattr(node, "cases", ())]
    return [getattr(node, "body", []), *cases, getattr(node, "orelse", [])]


def _encloses(node: ast.AST, line: int) -> bool:
    if isinstance(node, ast.Module):
        return True
    return getattr(node, "lineno", 0) <= line <= (getattr(node, "end_lineno", 0) or 0)


def _is_closed_file(value: object) -> bool:
    """What a ``with open(...)`` leaves behind."""
    return type(value).__module__ in ("_io", "gzip", "zipfile", "bz2", "lzma") and bool(getattr(value, "closed", False))


def _spelled(statement: Statement) -> str:
    return ", ".join(f"`{name}`" for name in statement.names) or "a value"
