"""Functions that changed in nothing but what they log or print: what they give back and do beside is what it was. Pure;
runs in the user's process.

So no result of the old code can be anywhere, wherever the function has been called: what it has written is history.
That holds if nobody of the program's own takes in what is logged or printed, and if what is mentioned for it runs
nothing and cannot fail: a name that is mentioned before, on every way there, or what the old version logs at the same
place.
"""

from __future__ import annotations

import ast
from collections import Counter

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.foreign import unknown_packages
from hrsup_strategies.reload.identifiers import locals_of, params_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.work import FunctionDef, Work

    Place = tuple[object, ...]
    Seen = set[str]

_LEVELS = frozenset(("debug", "info", "warning", "error", "exception", "critical", "log"))
_PRINTING = frozenset(("sep", "end", "flush"))
# Methods that are called with what is logged or printed, or for its text.
_HOOKS = (
    *("emit", "handle", "filter", "format", "formatTime", "formatMessage", "formatException", "write", "flush"),
    *("handleError", "getMessage", "makeRecord", "__str__", "__repr__", "__format__", "__getattr__", "__get__"),
)
_TAKING_IN = (
    *(b"MemoryHandler", b"QueueHandler", b"QueueListener", b"StringIO", b"captureWarnings", b"LogRecordFactory"),
    *(b"addFilter", b"setLoggerClass", b"dictConfig", b"fileConfig"),
)
_UNBINDING = (b"delattr", b"globals")
_SOMETIMES = (
    *FunctionNode,
    ast.Lambda,
    ast.IfExp,
    ast.BoolOp,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def only_notes(work: Work, path: str, old: FunctionDef, new: FunctionDef) -> bool:
    """Is the new version of a function of the module at `path` the old one but for what is logged and printed?"""
    before, after = _Notes(work, path, old, True), _Notes(work, path, new, False)
    if before.rest != after.rest or before.unbinds or not (before.found or after.found):
        return False
    both = ((before, after), (after, before))
    if not all(one.is_surely_bound(place, other) for one, other in both for place in one.found):
        return False
    return _is_history(work, before.attributes() | after.attributes())


def _is_history(work: Work, attributes: set[str]) -> bool:
    """Does nobody of the program's own come to what is noted, and does no look at the `attributes` run anything?"""
    closure = work.closure
    hooked = any(map(closure.units_of, _HOOKS)) or any(map(closure.is_rebound, (*_LEVELS, "print")))
    if (
        hooked
        or closure.reads_back()
        or closure.redirects()
        or closure.has_any(_TAKING_IN)
        or closure.has_any(_UNBINDING)
    ):
        return False
    looked_at = [unit for name in sorted(attributes) for unit in closure.units_of(name)]
    return not any(unit.decorators for unit in looked_at) and not unknown_packages(closure.imports(), work.names)


def _mentions(call: ast.Call) -> list[ast.expr]:
    """The names and attributes that a note mentions, as they are spelled; what is more than that, as it is."""
    found: list[ast.expr] = []
    pending = list(call.args)
    while pending:
        item = pending.pop()
        if isinstance(item, ast.JoinedStr):
            pending += item.values
        elif isinstance(item, ast.FormattedValue) and item.format_spec is None:
            pending.append(item.value)
        elif not isinstance(item, ast.Constant):
            found.append(item)
    return found


class _Notes:
    """One version of a function. `rest` is what it is without its notes, `found` these by their places in that, each
    with what has been mentioned before on every way there."""

    def __init__(self, work: Work, path: str, node: FunctionDef, old: bool) -> None:
        self._names = (work.before if old else work.after).names
        self._path, self._locals = path, locals_of(node)
        self.rest = [ast.dump(part) for part in (node.args, *node.decorator_list, *filter(None, [node.returns]))]
        self.found: dict[Place, list[tuple[ast.Call, Seen]]] = {}
        self.unbinds = any(isinstance(item, ast.Delete) for item in ast.walk(node))
        self._block(node.body, (), set(params_of(node.args)))

    def attributes(self) -> set[str]:
        """The attributes that the notes mention."""
        calls = [call for found in self.found.values() for call, _ in found]
        return {part.attr for call in calls for part in ast.walk(call) if isinstance(part, ast.Attribute)}

    def is_surely_bound(self, place: Place, other: _Notes) -> bool:
        """Is all that is mentioned here, and not by the `other` version, a name that was mentioned before? What is more
        than a name may do something, or fail."""
        theirs = Counter(ast.dump(part) for call, _ in other.found.get(place, ()) for part in _mentions(call))
        for call, seen in self.found[place]:
            for part in _mentions(call):
                theirs[text := ast.dump(part)] -= 1
                if theirs[text] < 0 and getattr(part, "id", None) not in seen:
                    return False
        return True

    def _block(self, body: list[ast.stmt], place: Place, seen: Seen) -> Seen:
        number = 0
        for node in body:
            call = self._note(node)
            if call is not None:
                self.found.setdefault((*place, number), []).append((call, seen))
                continue
            number += 1
            self.rest.append(f"{place} {number} {_head(node)}")
            seen = self._statement(node, (*place, number), seen)
        return seen

    def _statement(self, node: ast.stmt, place: Place, seen: Seen) -> Seen:
        """What has been mentioned behind the statement, whatever way was taken."""
        stored = {
            item.id for item in ast.walk(node) if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load)
        }
        if isinstance(node, (*FunctionNode, ast.ClassDef)):
            return seen
        inside = (seen | _loads(node)) - stored
        bound = set(_targets(node.target)) if isinstance(node, (ast.For, ast.AsyncFor)) else set[str]()
        for part, block in _blocks(node):
            self._block(block, (*place, part), inside | (bound if part == "body" else set()))
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = {name for target in targets for name in _targets(target)}
            return inside | bound
        return inside

    def _note(self, node: ast.stmt) -> ast.Call | None:
        call = node.value if isinstance(node, ast.Expr) else None
        return call if isinstance(call, ast.Call) and (self._prints(call) or self._logs(call)) else None

    def _prints(self, call: ast.Call) -> bool:
        plain = all(item.arg in _PRINTING and isinstance(item.value, ast.Constant) for item in call.keywords)
        return isinstance(call.func, ast.Name) and self._origin(call.func) == "print" and plain

    def _logs(self, call: ast.Call) -> bool:
        """Is it a method of a logger that the module has made, or a function of ``logging``?"""
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr not in _LEVELS or call.keywords:
            return False
        if self._origin(function) == f"logging.{function.attr}":
            return True
        base = function.value
        if not isinstance(base, ast.Name) or base.id in self._locals:
            return False
        found = self._names.binding(self._path, base.id)
        value = getattr(found[1].node, "value", None) if found is not None else None
        if found is None or not isinstance(value, ast.Call):
            return False
        return self._names.origin(found[0], value.func) == "logging.getLogger"

    def _origin(self, node: ast.expr) -> str | None:
        name = node.value if isinstance(node, ast.Attribute) else node
        local = isinstance(name, ast.Name) and name.id in self._locals
        return None if local else self._names.origin(self._path, node)


def _blocks(node: ast.AST) -> list[tuple[object, list[ast.stmt]]]:
    """The blocks of a compound statement, each with what it goes by there."""
    found: list[tuple[object, list[ast.stmt]]] = []
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            found.append((field, block))
    for field in ("handlers", "cases"):
        parts = getattr(node, field, ())
        found += [((field, number), part.body) for number, part in enumerate(parts)]
    return found


def _head(node: ast.stmt) -> str:
    """What a statement is without its blocks."""
    if isinstance(node, (*FunctionNode, ast.ClassDef)) or not _blocks(node):
        return ast.dump(node)
    texts = [type(node).__name__]
    for field, value in ast.iter_fields(node):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, (ast.ExceptHandler, ast.match_case)):
                parts = [part for name, part in ast.iter_fields(item) if name != "body"]
                texts += [ast.dump(part) if isinstance(part, ast.AST) else repr(part) for part in parts]
            elif isinstance(item, ast.AST) and field not in ("body", "orelse", "finalbody"):
                texts.append(f"{field} {ast.dump(item)}")
    lengths = [f"{part} {bool(block)}" for part, block in _blocks(node)]
    return " ".join([*texts, *lengths])


def _loads(node: ast.stmt) -> Seen:
    """The names that a statement mentions in any case, of a compound one its head."""
    blocks = {id(item) for _, block in _blocks(node) for item in block}
    found: set[str] = set()
    pending: list[ast.AST] = [] if isinstance(node, (ast.Try, ast.TryStar, ast.Match, ast.Assert)) else [node]
    while pending:
        item = pending.pop()
        parts = [part for part in ast.iter_child_nodes(item) if not isinstance(part, _SOMETIMES)]
        if not isinstance(item, ast.Compare) or len(item.ops) == 1:
            pending += [part for part in parts if id(part) not in blocks]
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load):
            found.add(item.id)
    return found


def _targets(target: ast.expr) -> list[str]:
    return [item.id for item in ast.walk(target) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)]
