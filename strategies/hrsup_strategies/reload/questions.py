"""How what has grown, or was summed up, is asked for something else than all of it. Pure; runs in the user's process.

A list that is printed, the sum of what came, the last of it: that is a program's history, with entries of older code
beside new ones. What came first or third, whether something was there, the largest, how it begins: there old results
decide what is shown as current. Whoever is not known to take a container or a sum as a whole is taken to ask.
"""

from __future__ import annotations

import ast
import re

from hrsup_strategies.reload.identifiers import arguments_of, is_reference, last_name
from hrsup_strategies.reload.known import ACCUMULATING, RUNNERS, WRITERS
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# What takes all that it is given, and shows it, copies it, puts it elsewhere, or has a number for all of it.
WHOLE = (
    frozenset(
        (
            "print", "pprint", "pformat", "len", "str",
            "int", "float", "repr", "ascii", "format", "round", "abs", "sum",
            "fsum", "mean", "fmean", "list", "tuple", "dict", "map", "copy", "deepcopy", "join",
            "dumps", "encode", "sleep", "isinstance", "type", "id", "send", "sendall", "publish", "emit", "respond",
            "reply",
            "send_json", "send_text", "echo", "secho", "execute", "executemany",
            "task_done", "update", "fatal",
        )
    )
    | ACCUMULATING
    | WRITERS
    | RUNNERS
)  # fmt: skip
# What compares what it is given, or makes something of it that may be compared.
COMPARING = frozenset(
    (
        "sorted", "max", "min", "nlargest", "nsmallest", "bisect", "bisect_left", "bisect_right", "insort", "heapify",
        "heappush", "heappop", "heapreplace", "heappushpop", "index", "count", "remove", "astuple", "asdict", "sort",
    )
)  # fmt: skip
ORDERED = frozenset(("sorted", "reversed"))  # of sums, the same; the last of a container is another then
# What makes the same of many numbers.
_ROUNDING = (ast.FloorDiv, ast.Mod, ast.RShift, ast.BitAnd, ast.BitOr)
_FIELDS = re.compile(r"\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_CUTS, _CUTS_BY_PERCENT = re.compile(r"\.\d+(?!\d*[eEfFgGn%])"), re.compile(r"%[^%a-zA-Z]*\.\d+s")
# Of a container, what shows it all, or a copy.
_SHOWING = frozenset(("copy", "items", "values"))
_BUILTIN = frozenset(name for kind in (list, dict, set, str, bytes, int, float, tuple) for name in dir(kind))
_OF_DEQUE = frozenset(("popleft", "appendleft", "extendleft", "rotate", "most_common", "elements", "move_to_end"))


class Questions:
    """What some code asks, by keys (``names``)."""

    __slots__ = ("compared", "decide", "deep", "divides", "fixed", "given", "items", "last", "of", "parts", "picked")

    def __init__(self) -> None:
        self.decide: set[str] = set()  # what conditions mention, and what settles
        self.divides: set[str] = set()  # by what is divided, or the like, where somebody catches that it is nothing
        self.compared: set[str] = set()  # what is compared as it is
        self.items: set[str] = set()  # what is gone through item by item
        self.picked: set[str] = set()  # what one item is picked from, not the last one, nor by a text
        self.fixed: set[str] = set()  # what one item is picked from that is the same in all rounds,
        self.deep: set[str] = set()  # and an item of that item
        self.last: set[str] = set()  # what the last item is picked from
        self.given: dict[str, set[str]] = {}  # by the name of who is called, what is handed over
        self.of: dict[str, set[str]] = {}  # by the name of a method, whose it is
        self.parts: dict[str, set[str]] = {}  # by what a display holds, where that is kept

    def same_in_all(self, picks: int) -> set[str]:
        """Where to note what is picked from by so many constants."""
        return self.fixed if picks == 1 else self.deep

    def take(self, other: Questions) -> None:
        """Add those of other code."""
        self.decide |= other.decide
        self.divides |= other.divides
        self.compared |= other.compared
        self.items |= other.items
        self.picked |= other.picked
        self.fixed |= other.fixed
        self.deep |= other.deep
        self.last |= other.last
        for mine, its in ((self.given, other.given), (self.of, other.of), (self.parts, other.parts)):
            for name, keys in its.items():
                mine.setdefault(name, set()).update(keys)


def deciding(node: ast.AST) -> list[ast.expr]:
    """The parts of an expression that decide about others."""
    if isinstance(node, ast.IfExp):
        return [node.test]
    if isinstance(node, ast.BoolOp):
        return node.values[:-1]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.comprehension):
        return node.ifs
    if isinstance(node, ast.BinOp):
        if is_name(node.left) and isinstance(node.op, ast.Mod):
            text = str(getattr(node.left, "value", ""))
            return [node.right] if "%(" in text or _CUTS_BY_PERCENT.search(text) else []
        return [node.left] if isinstance(node.op, _ROUNDING) and not is_name(node.left) else []
    if isinstance(node, ast.FormattedValue):
        return [node.value] if node.format_spec is not None and _cuts(node.format_spec) else []
    if isinstance(node, ast.Call):
        return arguments_of(node) if _picks_by_format(node.func) else []
    return [node.operand] if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) else []


def divisor(node: ast.BinOp) -> ast.expr | None:
    """What may not be nothing, of an expression that goes by it; only where that is itself a sum."""
    if isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)) and is_reference(node.right):
        return node.right
    return None


def _cuts(spec: ast.expr) -> bool:
    """May a format show only the beginning of a text?"""
    texts = [str(item.value) for item in walk(spec) if isinstance(item, ast.Constant)]
    return not texts or any(_CUTS.search(text) for text in texts)


def _picks_by_format(function: ast.expr) -> bool:
    """Does a format show only a part of what it is given: the beginning of a text, or one item?"""
    if not isinstance(function, ast.Attribute) or function.attr not in ("format", "format_map"):
        return False
    text = str(getattr(function.value, "value", "")) if is_name(function.value) else "{0[0]}"
    return any("[" in field or _CUTS.search(field) for field in _FIELDS.findall(text))


def is_last(index: ast.expr) -> bool:
    """Does it say that the last of several items is meant?"""
    if not isinstance(index, ast.UnaryOp) or not isinstance(index.op, ast.USub):
        return False
    return isinstance(index.operand, ast.Constant) and index.operand.value == 1


def is_name(index: ast.AST) -> bool:
    """Does something go by it, whatever else is there?"""
    return isinstance(index, ast.Constant) and isinstance(index.value, str)


def named_by(call: ast.Call) -> list[ast.expr]:
    """What gives a call, by ``**rows``, what it has under the names of parameters."""
    return [item.value for item in call.keywords if item.arg is None]


def picks_of(node: ast.expr) -> list[ast.expr]:
    """By what an item of an item is picked: of ``rows["sum"][0]`` the text, then the number."""
    found: list[ast.expr] = []
    while isinstance(node, ast.Subscript):
        found.append(node.slice)
        node = node.value
    return found[::-1]


def shows_each(body: list[ast.stmt]) -> bool:
    """Does the body of a loop show what it goes through, and nothing else?"""
    calls = [node.value for node in body if isinstance(node, ast.Expr)]
    return len(calls) == len(body) and all(
        isinstance(call, ast.Call) and (last_name(call.func) == "print" or last_name(call.func) in WRITERS)
        for call in calls
    )


def objects_in(node: ast.AST) -> Iterable[ast.Name | ast.Attribute]:
    """The objects that an expression mentions: of ``self.rows`` that is what ``rows`` says, and whose method is called
    is one, too."""
    nodes = list(walk(node))
    methods = {id(item.func) for item in nodes if isinstance(item, ast.Call)}
    chains = [item for item in nodes if isinstance(item, ast.Attribute) and id(item) not in methods]
    inner = {id(item.value) for item in chains if is_reference(item.value)}
    return [item for item in nodes if isinstance(item, (ast.Name, ast.Attribute)) and id(item) not in inner]


def may_be_builtin(method: str) -> bool:
    """Has a container or a text of the interpreter's a method of this name?"""
    return method in _BUILTIN or method in _OF_DEQUE


def puts_ahead(method: str | None) -> bool:
    """Does what is put into a container by such a call come elsewhere than last?"""
    return method in ("insert", "appendleft", "extendleft", "heappush", "insort", "push")


def shows(method: str) -> bool:
    """Does a method of this name add to its object, or show all of it?"""
    return method in ACCUMULATING or method in _SHOWING
