"""Functions, classes and what is found in a function. Pure; runs in the user's process.

A function or method is looked at by itself, so what was found in it holds as long as its text and what its module
imports stay the same: an edit of one method of a large class costs that method.
"""

from __future__ import annotations

import ast
from copy import copy

from hrsup_strategies.reload.diff import FunctionNode, first_line, generates
from hrsup_strategies.reload.fresh import gives
from hrsup_strategies.reload.identifiers import binds_state, last_name, locals_of, params_of, positional
from hrsup_strategies.reload.looks import Looked, add_looked
from hrsup_strategies.reload.questions import Questions
from hrsup_strategies.reload.statements import Statements
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.flows import Flow

    FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class Unit:
    """A function or method of a module, nested functions included. `owner` is the class it belongs to."""

    __slots__ = (
        "binds",
        "decorators",
        "dynamic",
        "first",
        "generates",
        "gives",
        "id",
        "mentions",
        "name",
        "nested",
        "node",
        "owner",
        "params",
        "path",
        "returned",
        "told",
    )

    @property
    def globals(self) -> set[str]:
        """The mentions that are not locals."""
        return {name for name in self.mentions if "|" not in name}

    def __init__(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None) -> None:
        self.id = unit_id(path, owner, node.name)
        self.name, self.owner, self.path, self.node = node.name, owner, path, node
        self.mentions: set[str] = set()
        self.binds: set[str] = set()  # attributes that it assigns
        self.params: set[str] = set()
        self.generates = generates(node)
        self.first: set[str] = set()  # the first of them: of a method, the object
        self.returned: set[str] = set()  # what the values mention that it gives back
        self.told: set[str] = set()  # the same, but for what it takes out of somewhere: it answers, and nothing is gone
        self.gives: frozenset[str] | None = None  # the tokens (`fresh`) of what it makes for its caller
        self.dynamic = False
        self.nested = {item.name for item in walk(node) if isinstance(item, FunctionNode) and item is not node}
        self.decorators = [last_name(item) for item in node.decorator_list]

    def moved(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Unit:
        """The same, where `node` stands."""
        unit = copy(self)
        unit.node = node
        return unit


def unit_id(path: str, owner: str | None, name: str) -> str:
    """How a function of this name, or a method of the class `owner`, is called in all modules."""
    return f"{path}:{owner}.{name}"


class ClassInfo:
    """A class statement: the last names of its bases, those with its metaclass, and the names of its methods."""

    __slots__ = ("bases", "makers", "methods", "name", "node", "shares_state")

    def __init__(self, node: ast.ClassDef) -> None:
        self.name, self.node = node.name, node
        self.bases = [last_name(base) for base in node.bases]
        self.makers = [*self.bases, *(last_name(item.value) for item in node.keywords if item.arg == "metaclass")]
        self.methods = {item.name for item in node.body if isinstance(item, FunctionNode)}
        self.shares_state = binds_state(node)  # its instances may have their attributes in common

    def moved(self, node: ast.ClassDef) -> ClassInfo:
        """The same, where `node` stands."""
        info = copy(self)
        info.node = node
        return info


class Found:
    """What was found in some code of the module at `path`, whose imported names come from `origins`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.origins: dict[str, str] = {}
        self.units: list[Unit] = []
        self.classes: list[ClassInfo] = []
        self.flows: list[Flow] = []
        self.questions = Questions()
        self.escapes: set[str] = set()
        self.tried: set[str] = set()  # what is mentioned where what is raised is caught
        self.swallowed: dict[str, set[str]] = {}  # the same, by the names of context managers that may do so
        self.emptied: set[str] = set()  # what something is taken out of, or what begins anew
        self.filled: set[str] = set()  # attributes that are only stored into
        self.looked: Looked = {}  # the attributes that are used
        self.uses: list[Flow] = []  # what may be changed by being looked at (``uses``)
        self.used: set[tuple[object, ...]] = set()
        self.same: dict[str, set[str]] = {}  # by a key, the tokens (``tokens``) of what it is bound to

    def function(self, node: FunctionDef, owner: str | None) -> None:
        """Look at a function, or at a method of the class `owner`."""
        unit = Unit(self.path, node, owner)
        self.units.append(unit)
        scope = Statements(self, unit, locals_of(node))
        unit.params = {scope.local(name) for name in params_of(node.args)}
        unit.first = {scope.local(name) for name in positional(node.args)[:1]}
        scope.parameters = params_of(node.args)
        scope.defaults(node.args)
        scope.block(node.body, frozenset())
        unit.gives = gives(node, scope.fresh)
        for child in walk(node):
            if isinstance(child, ast.ClassDef):
                self.classes.append(ClassInfo(child))

    def move(self, before: Found, old: ast.stmt, new: ast.stmt) -> None:
        """Take over what was found in a statement of the same text, at another place of the same file."""
        self.origins = before.origins
        self.questions, self.escapes = before.questions, before.escapes
        self.tried, self.swallowed = before.tried, before.swallowed
        self.emptied, self.filled, self.looked = before.emptied, before.filled, before.looked
        shift = new.lineno - old.lineno
        nodes: dict[int, Any] = {id(old): new, id(None): None}
        if before.classes or any(unit.node is not old for unit in before.units):
            pairs = zip(_definitions(old), _definitions(new), strict=True)
            nodes.update((id(one), two) for one, two in pairs)
        units: dict[int, Unit | None] = {id(None): None}
        for unit in before.units:
            units[id(unit)] = moved = unit.moved(nodes[id(unit.node)])
            self.units.append(moved)
        self.classes = [info.moved(nodes[id(info.node)]) for info in before.classes]
        self.same = before.same
        self.flows = [flow.moved(shift, units[id(flow.unit)], nodes[id(flow.top)]) for flow in before.flows]
        self.uses = [flow.moved(shift, units[id(flow.unit)], nodes[id(flow.top)]) for flow in before.uses]

    def take(self, other: Found) -> None:
        """Add what was found elsewhere."""
        self.units += other.units
        self.classes += other.classes
        self.flows += other.flows
        self.uses += other.uses
        for key, found in other.same.items():
            self.same.setdefault(key, set()).update(found)
        self.questions.take(other.questions)
        self.escapes |= other.escapes
        self.tried |= other.tried
        for name, inside in other.swallowed.items():
            self.swallowed.setdefault(name, set()).update(inside)
        self.emptied |= other.emptied
        self.filled |= other.filled
        add_looked(self.looked, other.looked.items())


class Method(Found):
    """What one method contributes."""

    def __init__(self, path: str, node: FunctionDef) -> None:
        super().__init__(path)
        self.node = node


def lines_of(node: ast.stmt, outer: ast.stmt, text: list[bytes]) -> bytes | None:
    """The source of a method in the lines of the class statement around it; None if it begins on the first of these."""
    first = first_line(node) - first_line(outer)
    last = (node.end_lineno or node.lineno) - first_line(outer)
    return b"\n".join(text[first : last + 1]) if first > 0 else None


def _definitions(node: ast.AST) -> list[ast.AST]:
    """The functions and classes at and below a statement, in a fixed order. Expressions have none."""
    found: list[ast.AST] = []
    pending = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, (*FunctionNode, ast.ClassDef)):
            found.append(item)
        for field in _BLOCKS:
            children = getattr(item, field, None)
            if type(children) is list:
                pending += children
    return found
