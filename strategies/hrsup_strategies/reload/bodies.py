"""Whether the statements and expressions of one function only build a value. Pure; runs in the user's process.

What "only build" means, and why it suffices, is written in ``purity``.
"""

from __future__ import annotations

import ast
from functools import cached_property

from hrsup_strategies.reload.calling import Calling, unpacked
from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import DISPLAYS, locals_of, own_nodes, params_of
from hrsup_strategies.reload.kinds import Kind, binds, bound_once
from hrsup_strategies.reload.known import CONSTRUCTORS
from hrsup_strategies.reload.values import NODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.reload.purity import Purity

# Methods that change their object and nothing else, as long as it is one of the standard containers.
_CHANGING = frozenset(
    (
        "append", "add", "extend", "insert", "setdefault", "update", "pop", "sort", "reverse", "clear", "remove",
        "discard", "appendleft", "popleft",
    )
)  # fmt: skip
_PUTTING = frozenset(("append", "add", "extend", "insert", "setdefault", "update"))  # of these, into a registry
_ARITHMETIC = ("__add__", "__radd__", "__or__", "__ror__", "__mul__", "__rmul__", "__sub__", "__rsub__")
_BUILDERS = frozenset(
    (
        "dict", "list", "set", "bytearray", "sorted", "len", "sum", "round", "abs", "int", "float", "str",
        "defaultdict", "Counter", "deque", "OrderedDict",
    )
)  # fmt: skip


class Body(Calling):
    """The body of one function, or the module's scope (`node` None). `outer` are the locals of functions around it."""

    def __init__(
        self,
        purity: Purity,
        path: str,
        node: ast.FunctionDef | ast.AsyncFunctionDef | None,
        outer: frozenset[str],
        owner: Kind | None = None,
    ) -> None:
        self.purity, self.path, self.owner, self._node = purity, path, owner, node
        self.locals = outer | (frozenset(locals_of(node)) if node is not None else frozenset())
        self.nested = {item.name: item for item in own_nodes(node) if isinstance(item, FunctionNode)} if node else {}
        self.constructs = node is not None and node.name in CONSTRUCTORS
        self.self = self.wrapped = ""
        if node is not None and owner is not None and (first := [*node.args.posonlyargs, *node.args.args]):
            self.self = "" if binds(node, first[0].arg) else first[0].arg

    @cached_property
    def once(self) -> dict[str, ast.expr]:
        """The locals that are bound once, and to what."""
        return bound_once(self._node) if self._node is not None else {}

    @cached_property
    def own(self) -> set[str]:
        """The locals that are only bound to what this very call has made."""
        made = _owned(self._node, self._makes) if self._node is not None else set()
        begins = self._node is not None and self._node.name in ("__init__", "__post_init__")
        return made | {self.self} if begins and self.self else made

    def _makes(self, value: ast.expr) -> bool:
        """Is what this expression gives made here, or unable to change?"""
        if isinstance(value, (*DISPLAYS, ast.Constant, ast.JoinedStr, ast.Compare, ast.Tuple)):
            return True
        if isinstance(value, ast.BinOp):
            return not any(map(self.purity.user_methods, _ARITHMETIC))
        kind = self.purity.kinds.of(self, value.func) if isinstance(value, ast.Call) else None
        if kind is not None and kind.is_class:
            return self.purity.kinds.of(self, value) is not None
        name = value.func if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else None
        return name is not None and name.id in _BUILDERS and self._origin(name) is not None

    @cached_property
    def files(self) -> set[str]:
        """The locals that are only bound to files which ``with`` opens for reading."""
        nodes = list(own_nodes(self._node)) if self._node is not None else []
        items = [item for node in nodes if isinstance(node, ast.With) for item in node.items]
        opened = [item.optional_vars for item in items if self.opens_to_read(item)]
        found = {node.id for node in opened if isinstance(node, ast.Name)}
        others = [node for node in nodes if isinstance(node, ast.Name) and node not in opened]
        rebound = {node.id for node in others if not isinstance(node.ctx, ast.Load)}
        return found - rebound - (set(params_of(self._node.args)) if self._node is not None else set())

    # -- statements ----------------------------------------------------------------------------------------------------

    def block(self, body: list[ast.stmt]) -> bool:
        """Are all statements pure?"""
        return all(map(self.statement, body))

    def statement(self, node: ast.stmt) -> bool:  # noqa: C901 - one case for each kind of statement
        """Is it pure?"""
        if isinstance(node, (ast.Pass, ast.Break, ast.Continue)):
            return True
        if isinstance(node, ast.Return):
            return node.value is None or self.expression(node.value)
        if isinstance(node, ast.Expr):
            return self._changes_own(node.value) or self.expression(node.value)
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return all(map(self.target, targets)) and (node.value is None or self.expression(node.value))
        if isinstance(node, ast.AugAssign):
            return isinstance(node.target, ast.Name) and node.target.id in self.own and self.expression(node.value)
        if isinstance(node, (ast.If, ast.While)):
            return self.expression(node.test) and self.block(node.body) and self.block(node.orelse)
        if isinstance(node, ast.For):
            ok = self.target(node.target) and self.expression(node.iter)
            return ok and self.block(node.body) and self.block(node.orelse)
        if isinstance(node, ast.Try):
            types = [handler.type for handler in node.handlers if handler.type is not None]
            blocks = [node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)]
            return all(map(self.expression, types)) and all(map(self.block, blocks))
        if isinstance(node, ast.With):
            return all(map(self.opens_to_read, node.items)) and self.block(node.body)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return self.purity.names.is_loaded(self.path, node)
        if isinstance(node, ast.Assert):
            return self.expression(node.test) and (node.msg is None or self.expression(node.msg))
        if isinstance(node, ast.Raise):
            return node.cause is None and (node.exc is None or self.expression(node.exc))
        if isinstance(node, FunctionNode):
            defaults = [*node.args.defaults, *(item for item in node.args.kw_defaults if item is not None)]
            return all(map(self.expression, defaults)) and all(self.wraps(item) for item in node.decorator_list)
        return False

    def target(self, node: ast.expr) -> bool:
        """Does an assignment to this bind a local, or change what was made here?"""
        if isinstance(node, ast.Name):
            return True  # there is no ``global`` in a function that is judged pure
        if isinstance(node, (ast.Tuple, ast.List)):
            return all(map(self.target, node.elts))
        if isinstance(node, ast.Starred):
            return self.target(node.value)
        if isinstance(node, ast.Attribute):
            return self._is_own(node.value) and self.purity.attribute(node.attr) and self._is_field(node)
        if isinstance(node, ast.Subscript):
            return (self._is_own(node.value) or self.is_registry(node.value)) and self.expression(node.slice)
        return False

    def _is_field(self, node: ast.Attribute) -> bool:
        """Is it no method that is set, and not what the object is? Of one that is being made, `Kinds` asks that."""
        begins = isinstance(node.value, ast.Name) and node.value.id == self.self
        return not is_dunder(node.attr) and (begins or not self.purity.user_methods(node.attr))

    def _is_own(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self.own

    def _changes_own(self, node: ast.expr) -> bool:
        """A call of a container's method, or of ``update_wrapper``, that changes what was made here."""
        if not isinstance(node, ast.Call) or not all(map(self.expression, unpacked(node))):
            return False
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            known = name in _CHANGING if self._is_own(node.func.value) else name in _PUTTING
            known = known and (self._is_own(node.func.value) or self.is_registry(node.func.value))
            if known:
                return not self.purity.user_methods(name)
        is_update = self._origin(node.func) == "functools.update_wrapper"
        return is_update and bool(node.args) and self._is_own(node.args[0])

    # -- expressions ---------------------------------------------------------------------------------------------------

    def expression(self, node: ast.expr) -> bool:
        """Is it pure?"""
        if isinstance(node, ast.Lambda):
            return all(self.expression(d) for d in [*node.args.defaults, *node.args.kw_defaults] if d is not None)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            return self._comprehension(node)
        if isinstance(node, ast.Call):
            return all(map(self.expression, unpacked(node))) and self._call(node)
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if not isinstance(node, (*NODES, ast.Yield, ast.YieldFrom)):
            return False
        children = [item for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr)]
        return all(map(self.expression, children))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> bool:
        inner = {name.id for item in node.generators for name in ast.walk(item.target) if isinstance(name, ast.Name)}
        before, self.locals = self.locals, self.locals | inner
        parts = [part for item in node.generators for part in (item.iter, *item.ifs)]
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        result = all(map(self.expression, [*parts, *values])) and not any(item.is_async for item in node.generators)
        self.locals = before
        return result

    def _name(self, node: ast.Name) -> bool:
        if node.id not in self.locals:
            self.purity.reads.add((self.path, node.id))
        return True

    def _attribute(self, node: ast.Attribute) -> bool:
        if isinstance(node.value, ast.Name) and node.value.id not in self.locals:
            target = self.purity.names.module(self.path, node.value.id)
            if target is not None:
                self.purity.reads.add((target, node.attr))
                return True
        self.purity.looked.add(node.attr)
        return self.purity.attribute(node.attr) and self.expression(node.value)


def _owned(node: ast.FunctionDef | ast.AsyncFunctionDef, is_made: Callable[[ast.expr], bool]) -> set[str]:
    """Locals that are only ever bound to something made in this very call, or to something that cannot change."""
    made: set[str] = set()
    spoilt = set(params_of(node.args))
    good: set[int] = set()
    for item in own_nodes(node):
        target, value = None, None
        if isinstance(item, ast.Assign) and len(item.targets) == 1:
            target, value = item.targets[0], item.value
        elif isinstance(item, (ast.AnnAssign, ast.AugAssign)):
            target, value = item.target, item.value
        elif isinstance(item, FunctionNode):
            made.add(item.name)
        if isinstance(target, ast.Name) and value is not None and (isinstance(item, ast.AugAssign) or is_made(value)):
            made.add(target.id)
            good.add(id(target))
    for item in own_nodes(node):
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load) and id(item) not in good:
            spoilt.add(item.id)
    return made - spoilt
