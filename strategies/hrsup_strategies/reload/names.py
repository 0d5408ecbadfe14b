"""Which names each piece of a module mentions, and where values flow. Pure; runs in the user's process.

Everything is keyed by *bare identifier*: a function, a method, an attribute and a global of the same name are one key.
That over-approximates (two unrelated methods called ``run`` count as one), needs no types, and cannot miss a use as
long as the use spells the name; code that looks names up at run time is `dynamic` and counts as using everything.

Keys: ``name`` for globals, attributes and definitions; ``unit|name`` for a function's locals; ``P:name`` for the
arguments given to whatever is called ``name``; ``C:name`` for whether it is called at all; ``P:*`` and ``C:*`` for a
callee that cannot be named; ``B:name`` for what a function is called with that may be among the arguments of a call,
and ``F:name`` if one surely is; ``K:name`` for what a lambda is called with that `name` orders by; ``P:+`` and ``C:+``
for the methods that the standard library calls on what it is given; ``U:unit`` for a unit that mentions what is
tainted, and ``U:*`` for what is looked up at run time; ``R:names|unit|n`` for what may have raised in the functions of
these names up to their nth call, ``X:name`` for what may have raised within a context manager of that name; ``V:name``
for whose method of that name is called; ``D:name``, among guards, for what a loop uses up.
"""

from __future__ import annotations

import ast
import re

from hrsup_strategies.reload import thinking
from hrsup_strategies.reload.callees import hooked, rebound
from hrsup_strategies.reload.diff import FunctionNode, Statement
from hrsup_strategies.reload.digest import Digest
from hrsup_strategies.reload.giving import Giving
from hrsup_strategies.reload.identifiers import bare_names
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.statements import Statements
from hrsup_strategies.reload.trees import children, walk
from hrsup_strategies.reload.units import ClassInfo, Found, Method, lines_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

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
_SUSPENDS = re.compile(rb"\bfor\b|yield|await|async")
_BUFFERS = re.compile("|".join(sorted(BUFFERS)).encode())
_DECLARING = (ast.Import, ast.ImportFrom, ast.Global)
_DECLARES = re.compile(rb"import|global")


class Part(Found):
    """What one top-level statement contributes; `before` is the part of the same text in an older version, which has
    been looked at already. `globals` and `imports` are the statements in it that declare or import names."""

    def __init__(self, path: str, statement: Statement, text: bytes, before: Part | None) -> None:
        super().__init__(path)
        self.statement, self.text = statement, text
        node = statement.node
        some = [item for item in walk(node) if isinstance(item, _DECLARING)] if _DECLARES.search(text) else []
        self.imports = [item for item in some if isinstance(item, (ast.Import, ast.ImportFrom))]
        self.globals = [item for item in some if isinstance(item, ast.Global)]
        self.suspends: bool = before.suspends if before else _suspends(node, text)
        self.buffers: bool = before.buffers if before else _buffers(node, text)
        self.rebound: set[str] = set()  # what may be called by another name than its own goes by these
        self.hooked: set[str] = set()  # what the standard library was given to call later
        self.methods: dict[tuple[str, bytes], Method] = {}  # of a class, by its name and their text
        self._flow_ids: set[int] | None = None
        self._digests: list[Digest] = []  # one, once it was asked for by whichever version
        self._giving: list[Giving] = []  # likewise

    def spells(self, name: str) -> bool:
        """May this identifier stand in its text?"""
        return not self.text.isascii() or name.encode() in self.text

    @property
    def digest(self) -> Digest:
        """What its flows and functions have to do with which keys."""
        if not self._digests:
            self._digests.append(Digest(self))
        return self._digests[0]

    @property
    def giving(self) -> Giving:
        """To whom it gives which objects."""
        if not self._giving:
            self._giving.append(Giving(self.path, self.statement.node))
        return self._giving[0]

    @property
    def flow_ids(self) -> set[int]:
        """The ids of its flows."""
        if self._flow_ids is None:
            self._flow_ids = {*map(id, self.flows), *map(id, self.uses)}
        return self._flow_ids

    def look(self, origins: dict[str, str], postponed: bool, known: dict[tuple[str, bytes], Method]) -> None:
        """Walk the statement, in a module whose imported names come from `origins`; `known` methods need not be."""
        self.origins = origins
        node = self.statement.node
        self.top = ImportTime(self.statement, postponed, origins)
        self.rebound, self.hooked = rebound(node, origins), hooked(node, self.text)
        Statements(self, None, set()).block([node], frozenset())
        for flow in (*self.flows, *self.uses):
            flow.top = node
        if isinstance(node, ast.ClassDef):
            self._class(node, known)
        else:
            self._collect(node, None)

    def follow(self, before: Part) -> None:
        """Take over what was found in the part of the same text of an older version."""
        self.move(before, before.statement.node, self.statement.node)
        self.rebound, self.hooked, self.methods = before.rebound, before.hooked, before.methods
        self.top = before.top.moved(self.statement)
        self._digests, self._giving = before._digests, before._giving

    def _class(self, node: ast.ClassDef, known: dict[tuple[str, bytes], Method]) -> None:
        self.classes.append(ClassInfo(node))
        lines = self.text.split(b"\n")
        for item in node.body:
            text = lines_of(item, node, lines) if isinstance(item, FunctionNode) else None
            if text is None or not isinstance(item, FunctionNode):
                self._collect(item, node.name)
                continue
            method, before = Method(self.path, item), known.get((node.name, text))
            if before is not None and before.origins == self.origins:
                method.move(before, before.node, item)
            else:
                method.origins = self.origins
                method.function(item, node.name)
            self.methods[node.name, text] = method
            self.take(method)

    def _collect(self, node: ast.AST, owner: str | None) -> None:
        if isinstance(node, FunctionNode):
            self.function(node, owner)
        elif isinstance(node, ast.ClassDef):
            self.classes.append(ClassInfo(node))
            for item in node.body:
                self._collect(item, node.name)
        elif isinstance(node, ast.stmt):
            for child in children(node):
                self._collect(child, owner)
        elif isinstance(node, (ast.ExceptHandler, ast.match_case)):
            for child in node.body:
                self._collect(child, owner)


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
        methods = {key: method for part in before.values() for key, method in part.methods.items()}
        for part in parts:
            known = before.get(part.text)
            if known is None or known.origins != self.origins:
                thinking.check()
                part.look(self.origins, postponed, methods)
            else:
                part.follow(known)
        # Those that have a function, or in which something flows: there may be thousands of imports.
        self.flowing = [part for part in parts if part.units or part.flows or part.uses]
        self.units = [unit for part in parts for unit in part.units]
        self.classes = [info for part in parts for info in part.classes]
        self.flows = [flow for part in parts for flow in part.flows]
        self.tops = [part.top for part in parts]
        self.telling = [top for top in self.tops if not top.binds_as_is]  # names follow from each other by these
        self.buffers = any(part.buffers for part in parts)
        self.escapes: set[str] = set().union(*(part.escapes for part in parts))
        self.rebound: set[str] = set().union(*(part.rebound for part in parts))
        self.hooked: set[str] = set().union(*(part.hooked for part in parts))
        self.emptied: set[str] = set().union(*(part.emptied for part in parts))
        self.tried: set[str] = set().union(*(part.tried for part in parts))
        self.swallowed = [item for part in parts for item in part.swallowed.items()]
        self.filled: set[str] = set().union(*(part.filled for part in parts))
        self.uses = [flow for part in parts for flow in part.uses]
        self.same = [item for part in parts for item in part.same.items()]
        self.looked = [item for part in parts for item in part.looked.items()]


def _suspends(node: ast.stmt, text: bytes) -> bool:
    return _SUSPENDS.search(text) is not None and any(isinstance(item, _SUSPENDING) for item in walk(node))


def _buffers(node: ast.stmt, text: bytes) -> bool:
    """Names are spelled in the text, but for those in strings, and those that are made of other letters."""
    spelled = text.isascii() and b"'" not in text and b'"' not in text
    return not (spelled and _BUFFERS.search(text) is None) and not BUFFERS.isdisjoint(bare_names(node))


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
