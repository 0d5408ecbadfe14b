"""May the program keep what it once made of a file, although it reads the file again at every turn?

Runs in the user's process; decided from the sources of the loaded user modules, and never in the program's favour:
``if model is None: model = build(read())`` reads anew and shows the old. What an assignment overwrites whenever it is
come by is no memory. One that is not come by each time, or that adds to what is there, is one.

A local variable lives as long as its frame. Where no frame of a function is alive when the observation begins, every
later one begins after the save, so its locals can hold nothing older.
"""

from __future__ import annotations

import ast
import os
import sys

from hrsup_strategies.data.asked import ADDS, Asked, collecting, name_of
from hrsup_strategies.data.places import last_line, own_expressions
from hrsup_strategies.reload.assignment import Assignment
from hrsup_strategies.reload.identifiers import arguments_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from types import FrameType

    from hrsup_strategies.base import Program

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.While, ast.For, ast.AsyncFor)
_LEAVES = (ast.Return, ast.Continue, ast.Break, ast.Raise)
_BINDING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)
_NEW = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_CONTAINERS = {"builtins": ("dict", "list", "set"), "collections": ("Counter", "OrderedDict", "defaultdict", "deque")}


def sources(program: Program) -> dict[str, ast.Module]:
    """The loaded user modules, parsed, by path."""
    return {path: ast.parse(program.source(path)) for path in program.modules()}


def keeper(
    sites: Iterable[str],
    trees: dict[str, ast.Module],
    running: Collection[tuple[str, str]] | None,
    arrivals: bool = False,
) -> str | None:
    """A place (``file:line``) that may hold on to what was made of a file which the lines `sites` read, or None.

    `arrivals`: the lines list a folder in which something is new, so what is collected name by name stays right.
    `trees`: what `sources` gives; `running`: what `running_functions` has found.
    """
    places = [site.rpartition(":") for site in sites]
    lines = {path: {int(line) for file, _, line in places if file == path} for path in trees}
    readers = _readers(trees, lines)
    asked = Asked(trees.values()) if arrivals else None
    for path, tree in trees.items():
        makers = _makers(tree)
        for scope in _scopes(tree):
            alive = (
                not isinstance(scope, ast.FunctionDef)
                or _may_suspend(scope)
                or running is None
                or (path, scope.name) in running
            )
            line = _Scope(scope, lines[path], readers, alive, makers, asked).first()
            if line is not None:
                return f"{path}:{line}"
    return None


def _readers(trees: dict[str, ast.Module], lines: dict[str, set[int]]) -> set[str]:
    """The names of the functions in which these lines are, and of all that call one of them."""
    functions = [
        (path, node) for path, tree in trees.items() for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)
    ]
    found = {
        node.name
        for path, node in functions
        if any(node.lineno <= line <= (node.end_lineno or 0) for line in lines[path])
    }
    while True:
        callers = {node.name for _, node in functions if _calls(_own(node), found)}
        if callers <= found:
            return found
        found |= callers


def _calls(nodes: Iterable[ast.AST], names: set[str]) -> bool:
    called = (node.func for node in nodes if isinstance(node, ast.Call))
    return any(getattr(function, "id", getattr(function, "attr", None)) in names for function in called)


def running_functions() -> set[tuple[str, str]] | None:
    """Path and name of every function that is on a stack, of whatever thread; None: not all stacks can be seen."""
    if "greenlet" in sys.modules:
        return None
    found = set()
    for frame in sys._current_frames().values():
        level: FrameType | None = frame
        while level is not None:
            found.add((os.path.abspath(level.f_code.co_filename), level.f_code.co_name))
            level = level.f_back
    return found


def _may_suspend(function: ast.FunctionDef) -> bool:
    """A frame of it may be alive without being on a stack."""
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in _own(function))


def _makers(tree: ast.Module) -> set[str]:
    """The names that make a new container here, and mean nothing else anywhere in the module."""
    bound: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            bound.append(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.append(node.id)
        elif isinstance(node, ast.arg):
            bound.append(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound += [alias.asname or alias.name for alias in node.names]
    if "*" in bound:
        return set()
    imported = [
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "collections" and not node.level
        for alias in node.names
        if alias.asname is None and alias.name in _CONTAINERS["collections"]
    ]
    found = {name for name in imported if bound.count(name) == 1}
    return found | {name for name in _CONTAINERS["builtins"] if name not in bound}


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS))


class _Scope:
    """A module or a function. `alive`: a frame of it may be there already, whose loops go on after the save. `makers`:
    names that make containers. `asked`: something has arrived; what the program asks of what it has collected."""

    def __init__(
        self, scope: ast.AST, lines: set[int], readers: set[str], alive: bool, makers: set[str], asked: Asked | None
    ) -> None:
        self._asked = asked
        self._scope, self._lines, self._readers, self._alive = scope, lines, readers, alive
        nodes = list(_own(scope))
        self._shared = {name for node in nodes if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names}
        self._depth = int(not alive)  # of loops around the statement: what is not under way is called by one that is
        made = [
            target.id
            for node in nodes
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and _is_new(node.value, makers)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        ]
        stored = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        self._fresh = {name for name in made if made.count(name) == stored.count(name)}

        if isinstance(scope, _FUNCTIONS) and scope.name == "__init__" and scope.args.args:
            self._fresh.add(scope.args.args[0].arg)  # who keeps the new object is said elsewhere

    def first(self) -> int | None:
        """The first line that may keep something."""
        scope = self._scope
        if isinstance(scope, ast.Module):  # what runs at import has run; a loop there goes on
            loops = (statement for statement in scope.body if isinstance(statement, ast.While))
            return next((line for loop in loops if (line := self._block(loop.body, False)) is not None), None)
        if not isinstance(scope, _FUNCTIONS):
            return None
        if any("cache" in ast.dump(decorator).lower() for decorator in scope.decorator_list):
            return scope.lineno
        return self._block(scope.body, True)  # it may be called but once

    def _block(self, block: list[ast.stmt], sometimes: bool, read: bool = False) -> int | None:
        """`sometimes`: it is not come by at every turn. `read`: but whenever the file is read, which comes first."""
        for statement in block:
            if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
                continue
            read = read or self._reads(statement)
            if self._keeps(statement, sometimes and not read):
                return statement.lineno
            plain = isinstance(statement, (ast.With, ast.AsyncWith))
            for part in _blocks(statement):
                always = isinstance(statement, ast.While) or (plain and not sometimes)
                self._depth += isinstance(statement, _LOOPS)
                line = self._block(part, not always, read and plain)
                self._depth -= isinstance(statement, _LOOPS)
                if line is not None:
                    return line
            if any(isinstance(node, _LEAVES) for node in _own(statement)):
                sometimes, read = True, False
        return None

    def _reads(self, statement: ast.stmt) -> bool:
        if any(statement.lineno <= line <= last_line(statement) for line in self._lines):
            return True
        return _calls(own_expressions(statement), self._readers)

    def _keeps(self, statement: ast.stmt, sometimes: bool) -> bool:
        """The statement itself, without what is nested in it."""
        if self._asked is not None and self._depth > 0 and self._is_by_item(statement, self._asked):
            return False
        for node in own_expressions(statement):
            if isinstance(node, ast.Call) and self._adds(node):
                return True
            if isinstance(node, ast.NamedExpr) and self._outlives(node.target):
                return True
            if isinstance(node, (ast.Yield, ast.YieldFrom)) and node.value is None:
                return True
        if isinstance(statement, ast.AugAssign):
            counts = isinstance(statement.value, ast.Constant) and not _is_one_of_many(statement.target)
            return not counts and self._outlives(statement.target)
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            return False
        if isinstance(statement.value, ast.Constant):
            # By what a mark is found may be of the file: ``seen[word] = True``.
            marks = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            return any(_is_one_of_many(target) and self._outlives(target) for target in marks)
        if self._asked is not None and self._is_made_for_each(statement):
            return False
        choice = any(isinstance(node, (ast.BoolOp, ast.IfExp)) for node in ast.walk(statement.value))
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return any(
            self._outlives(target) and (sometimes or choice or _is_one_of_many(target) or self._goes_on(target))
            for whole in targets
            for target in _parts(whole)
        )

    def _goes_on(self, target: ast.expr) -> bool:
        """Is what was there before looked at by then, so that the new may depend on it?"""
        place = target
        while isinstance(place, ast.Subscript):
            place = place.value
        name = getattr(place, "id", getattr(place, "attr", None))
        if isinstance(self._scope, ast.Module) or name is None:
            return False
        end = target.end_lineno or target.lineno
        values = (node.value for node in _own(self._scope) if isinstance(node, _BINDING) and node.lineno <= end)
        loads = (node for value in values if value is not None for node in ast.walk(value))
        return any(getattr(node, "id", getattr(node, "attr", None)) == name for node in loads)

    def _is_by_item(self, statement: ast.stmt, asked: Asked) -> bool:
        """Is it the collecting of one thing, of nothing else that was collected, in a container or a sum of which is
        asked at most whether it has that?"""
        place = collecting(statement)
        if place is None or not name_of(place) or asked.more_of(name_of(place), self._scope):
            return False
        value: ast.expr = statement.value  # type: ignore[attr-defined]
        is_call = isinstance(statement, ast.Expr) and isinstance(value, ast.Call)
        return not asked.of_collected(arguments_of(value) if is_call else [value], self._scope)  # type: ignore[arg-type]

    def _is_made_for_each(self, statement: ast.Assign | ast.AnnAssign) -> bool:
        """Are these locals made for each item of the loop around, and for nothing beyond that?"""
        wholes = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        targets = [target for whole in wholes for target in _parts(whole)]
        names = {target.id for target in targets if isinstance(target, ast.Name)} - self._shared
        around = [node for node in _own(self._scope) if isinstance(node, ast.For) and statement in _own(node)]
        if not around or not all(getattr(target, "id", None) in names for target in targets):
            return False
        loop = max(around, key=lambda node: node.lineno)
        inside = {id(node) for part in loop.body for node in _own(part)}
        walker = Assignment({node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)})
        walker.block(loop.body)
        read = {
            node.id
            for node in ast.walk(self._scope)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in inside
        }
        return names.isdisjoint(walker.carried | read)

    def _adds(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Name):
            return call.func.id == "setattr"
        return isinstance(call.func, ast.Attribute) and call.func.attr in ADDS and self._outlives(call.func.value)

    def _outlives(self, target: ast.expr) -> bool:
        """May it still be there at the next turn?"""
        looping = self._alive and (self._depth > 0 or isinstance(self._scope, ast.Module))
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
            return looping or target.id in self._shared
        while isinstance(target, (ast.Attribute, ast.Subscript)):
            target = target.value
        return looping or not isinstance(target, ast.Name) or target.id not in self._fresh - self._shared


def _is_new(value: ast.expr | None, makers: set[str]) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in makers
    return isinstance(value, _NEW)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes in it, those of nested functions and classes left out."""
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, None) or []
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def _parts(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _parts(element)
    else:
        yield target.value if isinstance(target, ast.Starred) else target


def _is_one_of_many(target: ast.expr) -> bool:
    return isinstance(target, ast.Subscript) and not isinstance(target.slice, (ast.Constant, ast.Slice))
