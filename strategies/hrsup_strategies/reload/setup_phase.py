"""Where the program is: the outermost loop of its own on the main thread's stack, and what ran before it.

Runs in the user's process. What ran before the loop cannot be undone, so nothing that it used may change.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.closure import Closure
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import ANYTHING, bare_names
from hrsup_strategies.reload.import_time import ImportTime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from hrsup_strategies.reload.diff import Statement

    Loop = ast.While | ast.For


class Active:
    """A frame of the user's on the stack: its function (or module) and what of it ran before the active statement."""

    __slots__ = ("before", "frame", "loop", "node", "path", "statement", "unit")

    def __init__(self, frame: FrameType, path: str, tree: ast.Module) -> None:
        self.frame, self.path = frame, path
        self.node, self.unit = _function_of(frame, tree, path)
        self.before: list[ast.AST] = []
        self.statement: ast.stmt | None = None
        self.loop: Loop | None = None
        self._descend(self.node.body, frame.f_lineno)

    def _descend(self, body: list[ast.stmt], line: int) -> None:
        # Of several statements on one line the last counts as the active one, the others as done: both are cautious.
        at = [index for index, node in enumerate(body) if _first_line(node) <= line <= (node.end_lineno or node.lineno)]
        last = at[-1] if at else len(body)
        self.before += body[:last]
        if at:
            self._enter(body[last], line)

    def _enter(self, node: ast.stmt, line: int) -> None:
        self.statement = node
        if isinstance(node, (ast.While, ast.For)):
            if _within(node.body, line) or (isinstance(node, ast.While) and _covers(node.test, line)):
                self.loop = node
                self.before.append(node.iter if isinstance(node, ast.For) else ast.Pass())
                return
            self.before.append(node)
        elif isinstance(node, (ast.If, ast.With, ast.Try, ast.TryStar, ast.Match)):
            for block, skipped in _blocks(node):
                if _within(block, line):
                    self.before += skipped
                    self._descend(block, line)
                    return


def locate(actives: list[Active]) -> tuple[list[Active], Active]:
    """The frames around the loop, outermost first, and the one that runs the loop. Raises Refusal (HR130)."""
    for index, active in enumerate(actives):
        if active.loop is not None:
            body = active.loop.body
            if active.loop.lineno == body[0].lineno:
                raise Refusal("HR130", "the loop is written on one line", active.path, active.loop.lineno)
            if active.frame.f_code.co_flags & 0x2A0:  # generator, coroutine, asynchronous generator
                raise Refusal("HR130", "the loop runs in a generator or coroutine", active.path, active.loop.lineno)
            return actives[:index], active
    raise Refusal("HR130", "no loop of the program's own is running on the main thread")


def check(callers: list[Active], looping: Active, closure: Closure) -> None:
    """Refuse (HR121) if what ran before the loop may have used what changed, or (HR122) if the loop carries it on."""
    frames = [*callers, looping]
    assert looping.loop is not None
    place = f"the loop in {looping.path}:{looping.loop.lineno}"
    running = {id(_top_statement(active)) for active in frames if isinstance(active.node, ast.Module)}
    for index, active in enumerate(frames):
        if isinstance(active.node, ast.Module):
            # Its earlier statements are import-time statements, which the closure has dealt with.
            top = active.node.body.index(_top_statement(active))
            earlier = {id(node) for node in active.node.body[:top]}
            before: list[ast.AST] = [node for node in active.before if id(node) not in earlier]
        else:
            before = list(active.before)
            before += active.node.args.defaults
        exempt = ""
        if active is not looping and active.statement is not None:
            before.append(active.statement)
            exempt = frames[index + 1].frame.f_code.co_name
        for node in before:
            _check_node(node, active, closure, exempt, place, running)
    _check_carried(looping, closure)


def _check_node(node: ast.AST, active: Active, closure: Closure, exempt: str, place: str, running: set[int]) -> None:
    if isinstance(node, ast.Pass):
        return
    uses, holds = _uses(node)
    uses.discard(exempt)
    if not may_have_used(uses | holds, closure, running):
        return
    prefix = f"{active.unit}|" if active.unit else None
    for name in sorted(uses):
        if name == ANYTHING or name in closure.tainted or (prefix is not None and prefix + name in closure.tainted):
            raise Refusal("HR121", f"`{name}` ran before {place}", active.path, getattr(node, "lineno", None))
    for name in sorted(holds & closure.values):
        raise Refusal("HR121", f"`{name}` was read before {place}", active.path, getattr(node, "lineno", None))


def may_have_used(names: set[str], closure: Closure, running: set[int]) -> bool:
    """May code that mentions `names` have run what changed, or have looked at it?

    The closure also has what results may have been stored into since; that is no matter for what ran before. Here only
    calls are followed, from mention to definition: a function that is called has been mentioned by whoever calls it, by
    whoever handed it over, or by an import-time statement; methods that are called without a mention count as called.
    `running` are the ids of the top-level statements on the stack: what of them has run is among the `names`.
    """
    changed = closure.functions | closure.values | {ANYTHING}
    seen: set[str] = set()
    handed, aliases = _at_import(closure, running)
    todo = names | handed
    units = [unit for unit in closure.units if f"U:{unit.id}" in closure.tainted]
    reached = {unit.id for unit in units if closure.is_called_unseen(unit)}
    while True:
        for unit in units:
            if unit.id in reached or unit.name in todo:
                if unit.dynamic or unit.id in closure.changed_units:
                    return True
                reached.add(unit.id)
                todo |= unit.globals | unit.binds | {name for name in unit.decorators if name}
        todo |= {name for alias in todo & aliases.keys() for name in aliases[alias]}
        if not todo.isdisjoint(changed):
            return True
        if todo == seen:
            return False
        seen = set(todo)


def _at_import(closure: Closure, running: set[int]) -> tuple[set[str], dict[str, set[str]]]:
    """What import-time statements mention, and the names that imports give to others."""
    mentioned: set[str] = set()
    aliases: dict[str, set[str]] = {}
    for module in closure.modules:
        for top in module.tops:
            node = top.statement.node
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    aliases.setdefault(alias.asname or "", set()).add(alias.name.rpartition(".")[2])
            elif id(node) not in running:
                mentioned |= top.uses | top.holds
    return mentioned, aliases


def _uses(node: ast.AST) -> tuple[set[str], set[str]]:
    if not isinstance(node, ast.stmt):
        return bare_names(node), set()
    from hrsup_strategies.reload.diff import Statement

    out = ImportTime(Statement(node, False, True), True)
    return out.uses, out.holds


def _check_carried(looping: Active, closure: Closure) -> None:
    """A name that an iteration reads before it writes it carries a result over from the one before."""
    loop = looping.loop
    assert loop is not None
    at_module = looping.unit is None
    read_elsewhere = {name for unit in closure.units for name in unit.mentions} if at_module else set()
    start = (
        {item.id for item in ast.walk(loop.target) if isinstance(item, ast.Name)}
        if isinstance(loop, ast.For)
        else set()
    )
    walker = _Carried(set(start))
    if isinstance(loop, ast.While):
        walker.reads(loop.test)
    walker.block(loop.body)
    for name, line in sorted(walker.assigned.items()):
        key = f"{looping.unit}|{name}" if looping.unit else name
        if key in closure.tainted and (name in walker.carried or name in read_elsewhere):
            raise Refusal(
                "HR122", f"`{name}` carries results of what changed to the next iteration", looping.path, line
            )


def living(callers: list[Active], looping: Active) -> dict[str, set[str]]:
    """The functions around the loop, which have not ended, each with the locals that every iteration makes anew."""
    found: dict[str, set[str]] = {active.unit: set() for active in callers if active.unit is not None}
    if looping.unit is not None and looping.loop is not None:
        walker = _Carried(set())
        if isinstance(looping.loop, ast.While):
            walker.reads(looping.loop.test)
        walker.block(looping.loop.body)
        found[looping.unit] = set(walker.assigned) - walker.carried
    return found


class _Carried:
    """Definite assignment over one loop body: `carried` are the names read before the iteration wrote them."""

    def __init__(self, done: set[str]) -> None:
        self.done = done
        self.carried: set[str] = set()
        self.assigned: dict[str, int] = {}

    def reads(self, node: ast.AST | None) -> None:
        if node is None:
            return
        inner: set[str] = set()
        for item in ast.walk(node):
            if isinstance(item, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
                for generator in item.generators:
                    inner |= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
        for item in ast.walk(node):
            if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load):
                if item.id not in self.done and item.id not in inner:
                    self.carried.add(item.id)
            elif isinstance(item, ast.NamedExpr):
                # Where in the expression it is written is not looked at, so it counts as carried.
                self.assigned.setdefault(item.target.id, item.lineno)
                self.carried.add(item.target.id)

    def writes(self, target: ast.AST) -> None:
        for item in ast.walk(target):
            if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
                self.assigned.setdefault(item.id, item.lineno)
                self.done.add(item.id)
            elif isinstance(item, ast.Name):
                self.reads(item)

    def block(self, body: list[ast.stmt]) -> None:
        for node in body:
            self.statement(node)

    def branch(self, body: list[ast.stmt]) -> set[str]:
        saved = set(self.done)
        self.block(body)
        result, self.done = self.done, saved
        return result

    def statement(self, node: ast.stmt) -> None:  # noqa: C901 - one case for each kind of statement
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            self.reads(node.value)
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self.writes(target)
        elif isinstance(node, ast.AugAssign):
            # Accumulation: the name goes on from where it was, and that is meant.
            self.reads(node.value)
        elif isinstance(node, ast.If):
            self.reads(node.test)
            first, second = self.branch(node.body), self.branch(node.orelse)
            if _leaves(node.body):
                first = second
            elif _leaves(node.orelse):
                second = first
            self.done |= first & second
        elif isinstance(node, (ast.For, ast.While)):
            self.reads(node.iter if isinstance(node, ast.For) else node.test)
            saved = set(self.done)
            if isinstance(node, ast.For):
                self.writes(node.target)
            self.block(node.body)
            self.done = saved
            self.branch(node.orelse)
        elif isinstance(node, ast.With):
            for manager in node.items:
                self.reads(manager.context_expr)
                if manager.optional_vars is not None:
                    self.writes(manager.optional_vars)
            self.block(node.body)
        elif isinstance(node, (ast.Try, ast.TryStar)):
            saved = set(self.done)
            self.block(node.body)
            after = set(self.done)
            self.done = set(saved)
            ends = []
            for handler in node.handlers:
                self.reads(handler.type)
                self.done = saved | ({handler.name} if handler.name else set())
                self.block(handler.body)
                if not _leaves(handler.body):
                    ends.append(self.done)
            self.done = after
            self.block(node.orelse)
            for end in ends:
                self.done &= end
            self.block(node.finalbody)
        elif isinstance(node, ast.Match):
            self.reads(node.subject)
            for case in node.cases:
                saved = set(self.done)
                self.done |= {
                    n for p in ast.walk(case.pattern) for n in [getattr(p, "name", None)] if isinstance(n, str)
                }
                self.reads(case.guard)
                self.block(case.body)
                self.done = saved
        else:
            self.reads(node)
            for item in ast.walk(node):
                if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    self.assigned.setdefault(item.name, item.lineno)


def is_in_place(active: Active, tree: ast.Module) -> bool:
    """Is what runs at the same lines in this version of the module?"""
    node: ast.AST = _top_statement(active) if isinstance(active.node, ast.Module) else active.node
    wanted = ast.dump(node, include_attributes=True)
    same = [item for item in ast.walk(tree) if type(item) is type(node) and getattr(item, "lineno", 0) == node.lineno]  # type: ignore[attr-defined]
    return any(ast.dump(item, include_attributes=True) == wanted for item in same)


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Continue, ast.Break, ast.Raise))


def top_statement_of(statements: list[Statement], line: int) -> Statement | None:
    """The statement of a module's body that covers `line`."""
    return next((s for s in statements if s.node.lineno <= line <= (s.node.end_lineno or s.node.lineno)), None)


def _top_statement(active: Active) -> ast.stmt:
    line = active.frame.f_lineno
    return next(n for n in active.node.body if n.lineno <= line <= (n.end_lineno or n.lineno))


def _function_of(
    frame: FrameType, tree: ast.Module, path: str
) -> tuple[ast.Module | ast.FunctionDef | ast.AsyncFunctionDef, str | None]:
    code = frame.f_code
    if code.co_name == "<module>":
        return tree, None
    for owner, body in [(None, tree.body), *((n.name, n.body) for n in tree.body if isinstance(n, ast.ClassDef))]:
        for node in _flat(body):
            if isinstance(node, FunctionNode) and node.name == code.co_name:
                first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
                if first == code.co_firstlineno:
                    return node, f"{path}:{owner}.{node.name}"
    raise Refusal("HR130", f"`{code.co_name}` on the stack is a nested function", path, code.co_firstlineno)


def _flat(body: list[ast.stmt]) -> list[ast.stmt]:
    found = []
    for node in body:
        found.append(node)
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            found += _flat([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)])
    return found


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def _covers(node: ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _within(body: list[ast.stmt], line: int) -> bool:
    return bool(body) and body[0].lineno <= line <= (body[-1].end_lineno or body[-1].lineno)


def _blocks(node: ast.stmt) -> list[tuple[list[ast.stmt], list[ast.AST]]]:
    """The blocks of a compound statement, each with what ran before it."""
    if isinstance(node, ast.If):
        return [(node.body, [node.test]), (node.orelse, [node.test])]
    if isinstance(node, ast.With):
        return [(node.body, [item.context_expr for item in node.items])]
    if isinstance(node, (ast.Try, ast.TryStar)):
        ran: list[ast.AST] = [*node.body]
        blocks: list[tuple[list[ast.stmt], list[ast.AST]]] = [(node.body, [])]
        blocks += [(handler.body, ran) for handler in node.handlers]
        everything = [*ran, *node.orelse, *(item for handler in node.handlers for item in handler.body)]
        return [*blocks, (node.orelse, ran), (node.finalbody, everything)]
    if isinstance(node, ast.Match):
        whole: list[ast.AST] = [node.subject]
        return [(case.body, [*whole, case.pattern, *([case.guard] if case.guard else [])]) for case in node.cases]
    return []
