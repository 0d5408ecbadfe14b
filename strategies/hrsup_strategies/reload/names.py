"""Which names each piece of a module mentions, and where values flow. Pure; runs in the user's process.

Everything is keyed by *bare identifier*: a function, a method, an attribute and a global of the same name are one key.
That over-approximates (two unrelated methods called ``run`` count as one), needs no types, and cannot miss a use as
long as the use spells the name; code that looks names up at run time is `dynamic` and counts as using everything.

Keys: ``name`` for globals, attributes and definitions; ``unit|name`` for a function's locals; ``P:name`` for the
arguments given to whatever is called ``name``; ``C:name`` for whether it is called at all; ``P:*`` and ``C:*`` for a
callee that cannot be named; ``U:unit`` for a unit that mentions what is tainted.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode, Statement
from hrsup_strategies.reload.flows import Flow
from hrsup_strategies.reload.identifiers import bare_names, last_name, locals_of, own_nodes, params_of
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.statements import Statements

# Who mentions one of these may read back what he has written, and what was written ends with the process.
BUFFERS = frozenset(
    (
        "getvalue",
        "getbuffer",
        "tell",
        "getpid",
        "TemporaryFile",
        "NamedTemporaryFile",
        "mkdtemp",
        "mkstemp",
        "TemporaryDirectory",
        "SpooledTemporaryFile",
    )
)


class Unit:
    """A function or method of a module, nested functions included. `owner` is the class it belongs to."""

    __slots__ = (
        "binds",
        "decorators",
        "dynamic",
        "first",
        "generates",
        "id",
        "mentions",
        "name",
        "node",
        "owner",
        "params",
        "path",
        "returned",
    )

    @property
    def globals(self) -> set[str]:
        """The mentions that are not locals."""
        return {name for name in self.mentions if "|" not in name}

    def __init__(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None) -> None:
        self.id = f"{path}:{owner}.{node.name}"
        self.name, self.owner, self.path, self.node = node.name, owner, path, node
        self.mentions: set[str] = set()
        self.binds: set[str] = set()  # attributes that it assigns
        self.params: set[str] = set()
        self.generates = any(isinstance(item, (ast.Yield, ast.YieldFrom)) for item in own_nodes(node))
        self.first: set[str] = set()  # the first of them: of a method, the object
        self.returned: set[str] = set()  # what the values mention that it gives back
        self.dynamic = False
        self.decorators = [last_name(item) for item in node.decorator_list]


class ClassInfo:
    """A class statement: the last names of its bases, those with its metaclass, and the names of its methods."""

    __slots__ = ("bases", "makers", "methods", "name", "node")

    def __init__(self, node: ast.ClassDef) -> None:
        self.name, self.node = node.name, node
        self.bases = [last_name(base) for base in node.bases]
        self.makers = [*self.bases, *(last_name(item.value) for item in node.keywords if item.arg == "metaclass")]
        self.methods = {item.name for item in node.body if isinstance(item, FunctionNode)}


class ModuleNames:
    """Everything that the closure needs to know of one version of one module."""

    def __init__(self, path: str, tree: ast.Module, body: list[Statement]) -> None:
        self.path = path
        self.postponed = _postponed(tree)
        self.units: list[Unit] = []
        self.classes: list[ClassInfo] = []
        self.flows: list[Flow] = []
        self.buffers = not BUFFERS.isdisjoint(bare_names(tree))
        self.tests: set[str] = set()
        self.escapes: set[str] = set()
        self.emptied: set[str] = set()  # what something is taken out of, or what begins anew
        self.filled: set[str] = set()  # attributes that are only stored into
        self.origins = _origins(tree)
        self.tops = [ImportTime(statement, self.postponed) for statement in body]
        for statement in body:
            start = len(self.flows)
            scope = Statements(self, None, set())
            scope.block([statement.node], frozenset())
            for flow in self.flows[start:]:
                flow.top = statement.node
            self._collect(statement.node, None)

    def _collect(self, node: ast.AST, owner: str | None) -> None:
        if isinstance(node, FunctionNode):
            self._unit(node, owner)
        elif isinstance(node, ast.ClassDef):
            self.classes.append(ClassInfo(node))
            for item in node.body:
                self._collect(item, node.name)
        elif isinstance(node, ast.stmt):
            for child in ast.iter_child_nodes(node):
                self._collect(child, owner)
        elif isinstance(node, (ast.ExceptHandler, ast.match_case)):
            for child in node.body:
                self._collect(child, owner)

    def _unit(self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None) -> None:
        unit = Unit(self.path, node, owner)
        self.units.append(unit)
        scope = Statements(self, unit, locals_of(node))
        unit.params = {scope.local(name) for name in params_of(node.args)}
        unit.first = {scope.local(item.arg) for item in [*node.args.posonlyargs, *node.args.args][:1]}
        scope.defaults(node.args)
        scope.block(node.body, frozenset())
        for child in ast.walk(node):
            if isinstance(child, ast.ClassDef):
                self.classes.append(ClassInfo(child))


def _origins(tree: ast.Module) -> dict[str, str]:
    """Where imported names come from: the module, by the name that is bound here."""
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            origins.update({alias.asname or alias.name: node.module or "" for alias in node.names})
        elif isinstance(node, ast.Import):
            origins.update({alias.name.partition(".")[0]: alias.name.partition(".")[0] for alias in node.names})
            origins.update({alias.asname or alias.name: alias.name for alias in node.names})
    return origins


def _postponed(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )
