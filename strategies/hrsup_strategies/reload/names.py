"""Which names each piece of a module mentions, and where values flow. Pure; runs in the user's process.

Everything is keyed by *bare identifier*: a function, a method, an attribute and a global of the same name are one key.
That over-approximates (two unrelated methods called ``run`` count as one), needs no types, and cannot miss a use as
long as the use spells the name; code that looks names up at run time is `dynamic` and counts as using everything.

Keys: ``name`` for globals, attributes and definitions; ``unit|name`` for a function's locals; ``P:name`` for the
arguments given to whatever is called ``name``; ``C:name`` for whether it is called at all; ``P:*`` and ``C:*`` for a
callee that cannot be named; ``B:name`` for what a function is called with that may be among the arguments of a call,
and ``F:name`` if one surely is; ``P:+`` and ``C:+`` for the methods that the standard library calls on what it is
given; ``U:unit`` for a unit that mentions what is tainted.
"""

from __future__ import annotations

import ast
import re
from copy import copy

from hrsup_strategies.reload.callees import hooked, rebound
from hrsup_strategies.reload.diff import FunctionNode, Statement
from hrsup_strategies.reload.flows import Flow
from hrsup_strategies.reload.fresh import gives
from hrsup_strategies.reload.identifiers import bare_names, binds_state, last_name, locals_of, own_nodes, params_of
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.statements import Statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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


_SUSPENDING = (ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFunctionDef)
_DECLARING = (ast.Import, ast.ImportFrom, ast.Global)
_DECLARES = re.compile(rb"import|global")
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
        self.gives: frozenset[str] | None = None  # the tokens (`fresh`) of what it makes for its caller
        self.dynamic = False
        self.decorators = [last_name(item) for item in node.decorator_list]

    def moved(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Unit:
        """The same, where `node` stands."""
        unit = copy(self)
        unit.node = node
        return unit


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


class Part:
    """What one top-level statement contributes; `before` is the part of the same text in an older version, which has
    been looked at already. `globals` and `imports` are the statements in it that declare or import names."""

    def __init__(self, path: str, statement: Statement, text: bytes, before: Part | None) -> None:
        self.path, self.statement, self.text = path, statement, text
        node = statement.node
        some = [item for item in ast.walk(node) if isinstance(item, _DECLARING)] if _DECLARES.search(text) else []
        self.imports = [item for item in some if isinstance(item, (ast.Import, ast.ImportFrom))]
        self.globals = [item for item in some if isinstance(item, ast.Global)]
        self.suspends: bool = before.suspends if before else any(isinstance(it, _SUSPENDING) for it in ast.walk(node))
        self.buffers: bool = before.buffers if before else not BUFFERS.isdisjoint(bare_names(node))
        self.units: list[Unit] = []
        self.classes: list[ClassInfo] = []
        self.flows: list[Flow] = []
        self.tests: set[str] = set()
        self.escapes: set[str] = set()
        self.rebound: set[str] = set()  # what may be called by another name than its own goes by these
        self.hooked: set[str] = set()  # what the standard library was given to call later
        self.emptied: set[str] = set()  # what something is taken out of, or what begins anew
        self.filled: set[str] = set()  # attributes that are only stored into
        self.origins: dict[str, str] = {}

    def look(self, origins: dict[str, str], postponed: bool) -> None:
        """Walk the statement, in a module whose imported names come from `origins`."""
        self.origins = origins
        node = self.statement.node
        self.top = ImportTime(self.statement, postponed)
        self.rebound, self.hooked = rebound(node, origins), hooked(node)
        Statements(self, None, set()).block([node], frozenset())
        for flow in self.flows:
            flow.top = node
        self._collect(node, None)

    def move(self, before: Part) -> None:
        """Take over what was found in a statement of the same text, at another place of the same file."""
        self.origins = before.origins
        shift = self.statement.node.lineno - before.statement.node.lineno
        self.tests, self.escapes, self.rebound = before.tests, before.escapes, before.rebound
        self.hooked = before.hooked
        self.emptied, self.filled = before.emptied, before.filled
        self.top = before.top.moved(self.statement)
        nodes: dict[int, Any] = {id(before.statement.node): self.statement.node, id(None): None}
        if before.units or before.classes:
            pairs = zip(_definitions(before.statement.node), _definitions(self.statement.node), strict=True)
            nodes.update((id(one), two) for one, two in pairs)
        units: dict[int, Unit | None] = {id(None): None}
        for unit in before.units:
            units[id(unit)] = moved = unit.moved(nodes[id(unit.node)])
            self.units.append(moved)
        self.classes = [info.moved(nodes[id(info.node)]) for info in before.classes]
        self.flows = [flow.moved(shift, units[id(flow.unit)], nodes[id(flow.top)]) for flow in before.flows]

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
        scope.parameters = params_of(node.args)
        scope.defaults(node.args)
        scope.block(node.body, frozenset())
        unit.gives = gives(node, scope.fresh)
        for child in ast.walk(node):
            if isinstance(child, ast.ClassDef):
                self.classes.append(ClassInfo(child))


class ModuleNames:
    """Everything that the closure needs to know of one version of one module. `texts` has the source of each statement
    of the body; statements that an older version has in the same words (`before`) are not looked at again."""

    def __init__(
        self, path: str, body: list[Statement], texts: list[bytes], before: dict[bytes, Part], postponed: bool
    ) -> None:
        self.path = path
        self.postponed = postponed
        pairs = zip(body, texts, strict=True)
        self.parts = parts = [Part(path, statement, text, before.get(text)) for statement, text in pairs]
        self.origins = _origins([node for part in parts for node in part.imports])
        for part in parts:
            known = before.get(part.text)
            if known is None or known.origins != self.origins:
                part.look(self.origins, postponed)
            else:
                part.move(known)
        self.units = [unit for part in parts for unit in part.units]
        self.classes = [info for part in parts for info in part.classes]
        self.flows = [flow for part in parts for flow in part.flows]
        self.tops = [part.top for part in parts]
        self.telling = [top for top in self.tops if not top.binds_as_is]  # names follow from each other by these
        self.buffers = any(part.buffers for part in parts)
        self.tests: set[str] = set().union(*(part.tests for part in parts))
        self.escapes: set[str] = set().union(*(part.escapes for part in parts))
        self.rebound: set[str] = set().union(*(part.rebound for part in parts))
        self.hooked: set[str] = set().union(*(part.hooked for part in parts))
        self.emptied: set[str] = set().union(*(part.emptied for part in parts))
        self.filled: set[str] = set().union(*(part.filled for part in parts))


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


def _origins(imports: list[ast.Import | ast.ImportFrom]) -> dict[str, str]:
    """Where imported names come from: the module, by the name that is bound here."""
    origins: dict[str, str] = {}
    for node in imports:
        if isinstance(node, ast.ImportFrom) and not node.level:
            origins.update({alias.asname or alias.name: node.module or "" for alias in node.names})
        elif isinstance(node, ast.Import):
            origins.update({alias.name.partition(".")[0]: alias.name.partition(".")[0] for alias in node.names})
            origins.update({alias.asname or alias.name: alias.name for alias in node.names})
    return origins
