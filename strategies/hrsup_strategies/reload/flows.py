"""Where values flow inside one module: the records, and the names of one scope. Pure; runs in the user's process.

For the keys that name the ends of a flow see ``names``; statements are walked in ``control`` and ``statements``.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.handed_on import keeps
from hrsup_strategies.reload.identifiers import (
    ANYTHING,
    BY_STRING,
    DYNAMIC,
    LITERALS,
    LOOKED_UP,
    is_reference,
    last_name,
    looks_up,
    named_by_string,
    named_in_text,
)
from hrsup_strategies.reload.known import SETTLING
from hrsup_strategies.reload.questions import deciding, divisor, is_last, is_name, named_by, objects_in, picks_of
from hrsup_strategies.reload.trees import Words, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.units import Found, Unit

# The kinds of `Store` that pass nothing on: what was accumulated is the program's own state, and goes on; what a place
# of ``uses`` may have changed is looked for by itself (``passing``).
ENDS = frozenset(("aug", "effect", "passes", "makes", "fills", "counts", "loses", "alters"))
_ASKING = (ast.IfExp, ast.BoolOp, ast.BinOp, ast.Compare, ast.comprehension, ast.UnaryOp, ast.FormattedValue)


class Store:
    """A place that a flow reaches. `kind`: ``plain`` (local or nothing that lasts), ``aug`` (accumulated), ``last``
    (an attribute, item or global that outlives the call), ``append`` (a container that grows), ``effect`` (given to a
    call that is made for its effect), ``alters`` (of a database, more than rows: see ``sql``); of what is changed by
    being looked at, a kind of ``uses``. `needs_class` is the token (``fresh``) of what made the object that is stored
    into, if that is why the kind is plain; `made` is the local that holds what was made on the spot, and `lasting` the
    kind for when that local lives on. `binds` says that a name or attribute is bound anew, not changed in what it
    holds, `element` that it is bound to one element after the other, `removes` that something is taken out, and
    `queued` that it is put as one is put into a queue. `base` is the key of the local whose attribute it is, `of` that
    of the object that is changed. `changes` says that what a local holds is changed, which its other holders see: not
    that itself, but something in it, if it is `deep`. `inside` says that of any container, `ahead` that what is put
    there does not come last, `computed` that it is an item by a key that each round may have another of (1), or an item
    of such a one (2). `method` is called of a plain name, `call` of anything, with as many arguments (None: any)."""

    __slots__ = (
        "ahead",
        "base",
        "binds",
        "call",
        "changes",
        "computed",
        "deep",
        "element",
        "inside",
        "key",
        "kind",
        "lasting",
        "made",
        "method",
        "needs_class",
        "of",
        "queued",
        "removes",
        "token",
    )

    def __init__(
        self,
        key: str,
        kind: str,
        needs_class: str | None = None,
        made: str | None = None,
        lasting: str = "plain",
        binds: bool = False,
    ) -> None:
        self.key, self.kind, self.needs_class = key, kind, needs_class
        self.made, self.lasting, self.binds, self.computed = made, lasting, binds, 0
        self.element = self.queued = self.removes = self.changes = self.deep = self.inside = self.ahead = False
        self.base = self.of = self.method = ""
        self.call: tuple[str, int | None] | None = None
        self.token: str | None = ""  # of what it is bound to, if that is made on the spot


class Flow:
    """Values that mention `sources` (or are stored under a condition that does) reach `stores`, and so do the objects
    called `holds`, as they are.

    `top` is the top-level statement. `guards` and `returns` are what the conditions mention under which it happens, and
    after which it does not. `values` are those of the `sources` that the statement itself mentions, not what decides
    about it. Of a call, `callee` has the keys that its function or method comes from."""

    __slots__ = (
        "_mark",
        "callee",
        "deferred",
        "guards",
        "holds",
        "line",
        "returns",
        "sources",
        "stores",
        "top",
        "unit",
        "values",
    )

    def __init__(
        self,
        sources: set[str],
        holds: set[str],
        stores: list[Store],
        line: int,
        unit: Unit | None,
        mark: tuple[Words, ...],
    ) -> None:
        self.sources, self.holds, self.stores, self.line = sources, holds, stores, line
        self.unit, self._mark = unit, mark
        self.top: ast.stmt | None = None
        self.deferred = False  # in a lambda, so it happens when that is called
        self.guards: frozenset[str] = frozenset()
        self.returns: frozenset[str] = frozenset()
        self.values: frozenset[str] = frozenset()
        self.callee: frozenset[str] | None = None

    @property
    def mark(self) -> str:
        """The text of the statement and of all that decides whether it is reached."""
        return "\n".join(map(str, self._mark))

    def moved(self, lines: int, unit: Unit | None, top: ast.stmt | None) -> Flow:
        """The same, so many lines further down."""
        flow = Flow(self.sources, self.holds, self.stores, self.line + lines, unit, self._mark)
        flow.top, flow.deferred, flow.guards, flow.returns = top, self.deferred, self.guards, self.returns
        flow.values, flow.callee = self.values, self.callee
        return flow


class Scope:
    """The names of one function (or of the module's body), and the flows that are written down for it."""

    def __init__(self, module: Found, unit: Unit | None, names: set[str], outer: Scope | None = None) -> None:
        self.module, self.unit, self.names, self.outer = module, unit, names, outer
        self.declared: set[str] = set()
        self.imported: set[str] = set()  # names that the function imports, as what they are called where they come from
        self.inner: set[str] = set()  # parameters of lambdas and targets of comprehensions
        self.deferred = False
        self.fresh: dict[str, str | None] = {}
        self.own_items: dict[str, str] = {}  # see ``items``
        self.sized: set[str] = set()  # of these, the containers that no function inside of this one knows
        self.looked_at = False  # `fresh` is what it is for the whole function
        self.parameters: list[str] = []
        self.exits: frozenset[str] = frozenset()
        self.passed: frozenset[str] = frozenset()  # the key of what has been called so far
        self.steps = 0
        self.counters: frozenset[str] = frozenset()  # the locals that the loops around count their rounds by
        self.around: list[str] = []  # the names of the functions within the unit, innermost first
        # What may have raised before, where that is caught in this function; None elsewhere.
        self.raising: frozenset[str] | None = outer.raising if outer is not None else None
        self.guards: frozenset[str] = outer.guards if outer is not None else frozenset()
        self.returns: frozenset[str] = outer.returns if outer is not None else frozenset()
        self.context: list[Words] = outer.context if outer is not None else []
        self.current = Words(None, True, "")
        self.mentioned: set[str] = set()  # the keys that the current statement mentions

    def local(self, name: str) -> str:
        """The key of a local."""
        return f"{self.unit.id if self.unit else self.module.path}|{name}"

    def length(self, name: str) -> str:
        """The key of how many items a local container has, which is not what they are."""
        return f"{self.local(name)}#"

    def name_keys(self, name: str) -> set[str]:
        """The keys of a name as it is spelled in this scope."""
        if self.unit is None:
            return {name, self.local(name)} if name in self.inner else {name}
        if name in self.declared or name in self.inner:
            return {name, self.local(name)}
        scope: Scope | None = self
        mine = name in self.names
        while scope is not None and scope.outer is not None:
            scope = scope.outer
        if scope is not None and name in scope.names and name not in scope.declared:
            return {self.local(name)}
        return {name, self.local(name)} if mine else {name}

    def spelled(self, node: ast.AST) -> set[str]:
        """The keys of the names and attributes that the expression spells; notes nothing."""
        found: set[str] = set()
        for item in walk(node):
            if isinstance(item, ast.Name):
                found |= self.name_keys(item.id)
            elif isinstance(item, ast.Attribute):
                found.add(item.attr)
        return found

    def keys(self, node: ast.AST | None) -> set[str]:  # noqa: C901 - one case for each kind of node
        """Every name that the expression mentions; notes calls, escapes and tests on the way."""
        found: set[str] = set()
        if node is None:
            return found
        callees, bases, origins = set[int](), set[int](), self.module.origins
        counted: set[int] = set()  # what is only asked for its length
        for item in walk(node):
            if isinstance(item, ast.Name) and id(item) in counted:
                found.add(self.length(item.id))
            elif isinstance(item, ast.Name):
                found |= self.name_keys(item.id)
                self._escape(item.id, id(item) in callees)
            elif isinstance(item, ast.Attribute) and not isinstance(item.value, LITERALS):
                found.add(item.attr)
                bases |= set() if item.attr.startswith("__") else {id(item.value)}
                self._escape(item.attr, id(item) in callees)
            elif isinstance(item, ast.Call):
                callees.add(id(item.func))
                if isinstance(item.func, ast.Name) and item.func.id == "len" and "len" not in self.names:
                    counted |= {id(part) for part in item.args if isinstance(part, ast.Name) and part.id in self.sized}
                if last_name(item.func) in SETTLING:
                    self.test(item)
                for part in (picked := deciding(item)):
                    self.test(part)
                if picked and isinstance(item.func, ast.Attribute):  # by a format, whose fields are names as well
                    self.module.questions.decide |= named_in_text(getattr(item.func.value, "value", None))
                for part in named_by(item):
                    self.module.questions.fixed |= self._asked_for(part)
                for part in item.args if last_name(item.func) != "print" else ():
                    if isinstance(part, ast.Starred):
                        self.test(part)  # the first, for the first parameter
                found |= (by_string := named_by_string(item))
                self.module.escapes |= by_string
            elif isinstance(item, ast.Constant):
                found |= (in_text := named_in_text(item.value))
                if in_text and "{" not in str(item.value):  # the fields of a format are looked at, not called
                    self.module.escapes |= in_text
            elif isinstance(item, ast.Subscript) and isinstance(item.ctx, ast.Load):
                self._picks_from(item)
            elif isinstance(item, _ASKING):
                if isinstance(item, ast.BinOp):
                    self._divides(item)
                elif not isinstance(item, ast.FormattedValue):
                    self.goes_through(item)
                if isinstance(item, ast.Compare) and not all(isinstance(one, (ast.Is, ast.IsNot)) for one in item.ops):
                    self._compares(item)
                for part in deciding(item):
                    self.test(part)
            if isinstance(item, (ast.Name, ast.Attribute)):
                if id(item) not in callees and (kept := keeps(item, origins, id(item) in bases)) is not None:
                    found.add(f".{kept}")
                    self.module.escapes.add(f".{kept}")
                name = item.id if isinstance(item, ast.Name) else item.attr
                if isinstance(item, ast.Name) and looks_up(name, origins):
                    found.add(ANYTHING)
                    self.module.escapes.add(ANYTHING)
                if self.unit is not None:
                    self.unit.dynamic |= name in DYNAMIC
                if name in BY_STRING and id(item) not in callees:  # whoever has it looks up what he likes
                    self.module.escapes.add(ANYTHING)
                    found.add(LOOKED_UP)
        if not DYNAMIC.isdisjoint(found):
            self.module.escapes.add(ANYTHING)
        if ANYTHING in found or not DYNAMIC.isdisjoint(found):
            found.add(LOOKED_UP)
        self.mentioned |= found
        if self.unit is not None:
            self.unit.mentions |= found
            self.unit.dynamic |= ANYTHING in found
        return found

    def keys_again(self, node: ast.AST) -> set[str]:
        """The same of a statement that is walked anyway; that it stores something is no mention of that."""
        mentions = set(self.unit.mentions) if self.unit is not None else set[str]()
        found = self.keys(node)
        if self.unit is not None:
            self.unit.mentions = mentions
        return found

    def _escape(self, name: str, called: bool) -> None:
        if not called:
            self.module.escapes.add(name)

    def test(self, node: ast.AST) -> None:
        """Note the names that a condition mentions."""
        self.module.questions.decide |= self._asked_for(node)

    def goes_through(self, node: ast.AST) -> None:
        """Note what may be gone through item by item."""
        self.module.questions.items |= self._asked_for(node)

    def _compares(self, node: ast.Compare) -> None:
        for item in objects_in(node):
            keys = self.name_keys(item.id) if isinstance(item, ast.Name) else {item.attr}
            self.module.questions.compared |= keys

    def _divides(self, node: ast.BinOp) -> None:
        by = divisor(node)
        if by is None:
            return
        if self.raising is not None or isinstance(node.op, ast.Pow) or ast.dump(by) == ast.dump(node.left):
            self.module.questions.divides |= self._asked_for(by)

    def _picks_from(self, node: ast.Subscript) -> None:
        if all(map(self.is_fixed, picks := picks_of(node))):
            self.module.questions.same_in_all(len(picks)).update(self._asked_for(node.value))
        if is_name(node.slice):
            return
        if isinstance(node.slice, ast.Slice) or not is_reference(node.value):
            self.test(node.value)  # what came first, or last; one item of an item
            if not isinstance(node.slice, ast.Slice):
                self.test(node.slice)
        elif is_last(node.slice):
            self.module.questions.last |= self._asked_for(node.value)
        else:
            self.module.questions.picked |= self._asked_for(node.value)
            self.test(node.slice)

    def is_fixed(self, index: ast.expr) -> bool:
        """Is it a constant, or a global of a function's, so the same in all rounds?"""
        if not isinstance(index, ast.Name) or self.unit is None or index.id in self.declared:
            return isinstance(index, ast.Constant)
        return self.name_keys(index.id) == {index.id}

    def _asked_for(self, node: ast.AST) -> set[str]:
        found: set[str] = set()
        for item in walk(node):
            if isinstance(item, ast.Name):
                found |= {item.id, *self.name_keys(item.id)}
            elif isinstance(item, ast.Attribute):
                found.add(item.attr)
            elif is_name(item):  # ``getattr(found, "rows")``, ``vars(found)["rows"]``
                found.add(str(getattr(item, "value", "")))
        return found

    @property
    def mark(self) -> tuple[Words, ...]:
        """The current statement, and all that decides whether it is reached."""
        return (*self.context, self.current)

    # -- flows -----------------------------------------------------------------------------------------------------

    def flow(
        self,
        sources: set[str] | frozenset[str],
        stores: list[Store],
        line: int,
        holds: set[str] | None = None,
        callee: frozenset[str] | None = None,
    ) -> None:
        """Write down one flow."""
        if stores:
            flow = Flow(set(sources), holds or set(), stores, line, self.unit, self.mark)
            flow.deferred, flow.callee = self.deferred, callee
            flow.guards, flow.returns = self.guards, self.returns
            flow.values = frozenset(self.mentioned & sources)
            self.module.flows.append(flow)
