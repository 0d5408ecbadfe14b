"""What one top-level statement contributes to what is known of a module. Pure; runs in the user's process."""

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
from hrsup_strategies.reload.units import ClassInfo, Found, Method, lines_of, unit_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


# Who mentions one of these may read back what he has written, and what was written ends with the process.
BUFFERS = frozenset(
    (
        "getvalue",
        "getbuffer",
        "export_text",
        "export_html",
        "export_svg",
        "tell",
        "getpid",
        "TemporaryFile",
        "NamedTemporaryFile",
        "mkdtemp",
        "mkstemp",
        "TemporaryDirectory",
        "SpooledTemporaryFile",
        "mmap",
    )
)


_SUSPENDING = (ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFunctionDef)
_SUSPENDS = re.compile(rb"\bfor\b|yield|await|async")
_BUFFERS = re.compile("|".join(sorted(BUFFERS)).encode())
_DECLARING = (ast.Import, ast.ImportFrom, ast.Global)
_DECLARES = re.compile(rb"import|global")


class Known:
    """What was found out about a statement, whichever version of the module asked for it first: it holds for its text,
    in a module with these imports."""

    __slots__ = ("bound", "buffers", "defined", "digest", "giving", "hooked", "looked", "rebound", "suspends")

    def __init__(self) -> None:
        self.looked: Part | None = None  # where it stands in a version that has looked at it
        self.digest: Digest | None = None
        self.giving: Giving | None = None
        self.suspends: bool | None = None
        self.buffers: bool | None = None
        self.rebound: set[str] | None = None
        self.hooked: set[str] | None = None
        self.defined: set[bytes] | None = None  # what its text may define, and may bind otherwise (see ``waiting``)
        self.bound: frozenset[bytes] | None = None


class Part(Found):
    """What one top-level statement contributes. `globals` and `imports` are the statements in it that declare or import
    names. Flows and functions are there once it has been looked at."""

    def __init__(self, path: str, statement: Statement, text: bytes) -> None:
        super().__init__(path)
        self.statement, self.text = statement, text
        node = statement.node
        some = [item for item in walk(node) if isinstance(item, _DECLARING)] if _DECLARES.search(text) else []
        self.imports = [item for item in some if isinstance(item, (ast.Import, ast.ImportFrom))]
        self.globals = [item for item in some if isinstance(item, ast.Global)]
        self.known = Known()
        self.methods: dict[tuple[str, bytes], Method] = {}  # of a class, by its name and their text
        self.walked = False
        self.waits = False  # is it enough to look at it when one of its names is asked for (see ``sources``)?
        self._methods_before: dict[tuple[str, bytes], Method] = {}
        self._flow_ids: set[int] | None = None

    def spells(self, name: str) -> bool:
        """May this identifier stand in its text?"""
        return not self.text.isascii() or name.encode() in self.text

    @property
    def digest(self) -> Digest:
        """What its flows and functions have to do with which keys."""
        if self.known.digest is None:
            self.look()
            self.known.digest = Digest(self)
        return self.known.digest

    @property
    def giving(self) -> Giving:
        """To whom it gives which objects."""
        if self.known.giving is None:
            self.known.giving = Giving(self.path, self.statement.node)
        return self.known.giving

    @property
    def suspends(self) -> bool:
        """Can something in it be a generator or coroutine?"""
        if self.known.suspends is None:
            self.known.suspends = _suspends(self.statement.node, self.text)
        return self.known.suspends

    @property
    def buffers(self) -> bool:
        """Does it mention what may be read back? What waits has none of these names in its text."""
        if self.known.buffers is None:
            self.known.buffers = not self.waits and _buffers(self.statement.node, self.text)
        return self.known.buffers

    @property
    def rebound(self) -> set[str]:
        """What may be called by another name than its own goes by these."""
        if self.known.rebound is None:
            self.known.rebound = rebound(self.statement.node, self.origins)
        return self.known.rebound

    @property
    def hooked(self) -> set[str]:
        """What the standard library was given to call later."""
        if self.known.hooked is None:
            self.known.hooked = hooked(self.statement.node, self.text)
        return self.known.hooked

    @property
    def unit_ids(self) -> set[str]:
        """The ids of its functions and methods."""
        node = self.statement.node
        if not self.walked and isinstance(node, FunctionNode):
            return {unit_id(self.path, None, node.name)}
        self.look()
        return {unit.id for unit in self.units}

    @property
    def flow_ids(self) -> set[int]:
        """The ids of its flows."""
        if self._flow_ids is None:
            self._flow_ids = {*map(id, self.flows), *map(id, self.uses)}
        return self._flow_ids

    def place(self, origins: dict[str, str], postponed: bool, methods: dict[tuple[str, bytes], Method]) -> None:
        """It is in a module whose imported names come from `origins`; these `methods` need not be looked at."""
        self.origins, self._methods_before = origins, methods
        self.top = ImportTime(self.statement, postponed, origins)

    def follow(self, before: Part) -> None:
        """Take over what was, or will be, found in the part of the same text of an older version."""
        self.origins, self.known, self.waits = before.origins, before.known, before.waits
        self.top = before.top.moved(self.statement)

    def look(self) -> None:
        """Walk the statement, if no version has done so; else take over what was found."""
        if self.walked:
            return
        before = self.known.looked
        if before is None:
            thinking.check()
            self._walk()
        else:
            self.move(before, before.statement.node, self.statement.node)
            self.methods = before.methods
        self.walked, self.known.looked, self._methods_before = True, self, {}

    def _walk(self) -> None:
        if self.statement.is_left_out:
            return
        node = self.statement.node
        Statements(self, None, set()).block([node], frozenset())
        for flow in (*self.flows, *self.uses):
            flow.top = node
        if isinstance(node, ast.ClassDef):
            self._class(node, self._methods_before)
        else:
            self._collect(node, None)

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


def parts_of(
    path: str,
    body: list[Statement],
    texts: list[bytes],
    before: dict[bytes, Part],
    postponed: bool,
    may_wait: Callable[[Part], bool],
) -> list[Part]:
    """What the statements of a body contribute. `texts` has the source of each; statements that an older version has in
    the same words (`before`) are not looked at again, and those that `may_wait` not yet."""
    pairs = zip(body, texts, strict=True)
    parts = [Part(path, statement, text) for statement, text in pairs]
    origins = _origins([node for part in parts for node in part.imports])
    methods = {key: method for part in before.values() for key, method in part.methods.items()}
    for part in parts:
        known = before.get(part.text)
        if known is not None and known.origins == origins:
            part.follow(known)
        else:
            part.place(origins, postponed, methods)
            part.waits = may_wait(part)
        if not part.waits:
            part.look()
    return parts


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
