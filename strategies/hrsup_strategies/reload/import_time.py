"""What a top-level statement does when its module is imported. Pure; runs in the user's process."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.diff import FunctionNode, Statement
from hrsup_strategies.reload.identifiers import ANYTHING, LITERALS, arguments_of, bare_names, last_name, looks_up
from hrsup_strategies.reload.trees import children, walk

# Calls that keep what they are given, to call it later.
REGISTERING = frozenset(("add", "addFilter", "addHandler", "append", "appendleft", "insert", "setFormatter", "signal"))


class ImportTime:
    """What one top-level statement does when the module is imported: `uses` are names whose code may run or whose value
    is looked into, `holds` names whose object is only passed on (an entry of a table, an alias). `handed` are those
    that are given to a call which by its name keeps them for later, by that name. `spelled` are all of these, and
    `library` those of which each is only what a module of the standard library, or a literal, has under it; `origins`
    says where imported names come from."""

    __slots__ = ("decorators", "handed", "holds", "library", "spelled", "statement", "uses")

    def __init__(self, statement: Statement, postponed: bool, origins: dict[str, str] | None = None) -> None:
        self.statement = statement
        self.uses: set[str] = set()
        self.holds: set[str] = set()
        self.decorators: set[str] = set()
        self.handed: dict[str, set[str]] = {}
        if not statement.is_left_out:
            _import_time(statement.node, self, postponed)
            if origins and any(looks_up(name, origins) for name in self.uses | self.decorators):
                self.uses.add(ANYTHING)
        self.spelled = frozenset(self.uses.union(self.holds, *self.handed.values()))
        self.library = _of_library(statement.node, origins) if origins else frozenset[str]()

    @property
    def binds_as_is(self) -> bool:
        """Does it bind modules, or what they have, under their own names, and nothing else? There may be thousands."""
        node = self.statement.node
        return isinstance(node, (ast.Import, ast.ImportFrom)) and not any(alias.asname for alias in node.names)

    def moved(self, statement: Statement) -> ImportTime:
        """The same, of a statement of the same text."""
        top = ImportTime.__new__(ImportTime)
        top.statement, top.uses, top.holds, top.decorators = statement, self.uses, self.holds, self.decorators
        top.handed, top.spelled, top.library = self.handed, self.spelled, self.library
        return top


def _of_library(node: ast.stmt, origins: dict[str, str]) -> frozenset[str]:
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)):
        return frozenset()
    found: set[str] = set()
    others: set[str] = set()
    for item in walk(node):
        if isinstance(item, ast.Attribute):
            base = item.value.id if isinstance(item.value, ast.Name) else ""
            known = base in sys.stdlib_module_names and origins.get(base) == base and isinstance(item.ctx, ast.Load)
            known = known or isinstance(item.value, LITERALS)
            (found if known else others).add(item.attr)
        elif isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load):
            others.add(item.id)
    return frozenset(found - others)


def _import_time(node: ast.AST, out: ImportTime, postponed: bool) -> None:  # noqa: C901 - one case for each kind
    if isinstance(node, FunctionNode):
        for decorator in node.decorator_list:
            out.decorators |= bare_names(decorator)
            out.uses |= bare_names(decorator)
        if node.decorator_list:
            out.uses.add(node.name)
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            value_names(default, out.uses, out.holds)
        if not postponed:
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            for annotation in [*(item.annotation for item in arguments), node.returns]:
                annotation_names(annotation, out.uses, out.holds)
    elif isinstance(node, ast.ClassDef):
        for item in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            value_names(item, out.uses, out.holds)
        for decorator in node.decorator_list:
            out.decorators |= bare_names(decorator)
            out.uses |= bare_names(decorator)
        for statement in node.body:
            _import_time(statement, out, postponed)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        out.holds |= {alias.name.rpartition(".")[2] for alias in node.names}
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        value_names(node.value, out.uses, out.holds)
        if isinstance(node, ast.AnnAssign) and not postponed:
            annotation_names(node.annotation, out.uses, out.holds)
        for place in node.targets if isinstance(node, ast.Assign) else [node.target]:
            _stores(place, out)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        pass  # a docstring looks nothing up
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and last_name(node.value.func) in REGISTERING:
        _registers(node.value, out)
    elif isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case, ast.withitem)):
        for child in children(node):
            _import_time(child, out, postponed)
    elif isinstance(node, ast.expr):
        out.uses |= bare_names(node)


def _stores(place: ast.expr, out: ImportTime) -> None:
    """What is stored into is not looked into, unless it has a way of its own to take what it is given."""
    if isinstance(place, (ast.Tuple, ast.List, ast.Starred)):
        for item in place.elts if not isinstance(place, ast.Starred) else [place.value]:
            _stores(item, out)
    elif isinstance(place, ast.Attribute):
        _hand(out, bare_names(place.value), "__setattr__", place.attr)
    elif isinstance(place, ast.Subscript):
        out.uses |= bare_names(place.slice)
        _hand(out, bare_names(place.value), "__setitem__")


def _registers(call: ast.Call, out: ImportTime) -> None:
    """What is given by name is not called now, if the callee is the standard library's."""
    callee = last_name(call.func) or ""
    if isinstance(call.func, ast.Attribute):
        _hand(out, bare_names(call.func.value), callee)
    out.uses.add(callee)
    for argument in arguments_of(call):
        if isinstance(argument, ast.Name):
            _hand(out, {argument.id}, callee)
        else:
            out.uses |= bare_names(argument)


def _hand(out: ImportTime, names: set[str], *callees: str) -> None:
    out.holds |= names
    for callee in callees:
        out.handed.setdefault(callee, set()).update(names)


def annotation_names(node: ast.expr | None, uses: set[str], holds: set[str]) -> None:
    """The same of an annotation: ``Callable[[A], B]`` and ``A | B`` look into none of their parts."""
    if isinstance(node, ast.Subscript):
        uses |= bare_names(node.value)
        annotation_names(node.slice, uses, holds)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for item in node.elts:
            annotation_names(item, uses, holds)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        annotation_names(node.left, uses, holds)
        annotation_names(node.right, uses, holds)
    else:
        value_names(node, uses, holds)


def value_names(node: ast.expr | None, uses: set[str], holds: set[str]) -> None:  # noqa: C901 - as above
    """Sort the names of a value into those looked into or called, and those whose object is only passed on."""
    if node is None:
        return
    if isinstance(node, ast.Name):
        holds.add(node.id)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        holds.add(node.attr)
        holds.add(node.value.id)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for item in node.elts:
            value_names(item, uses, holds)
    elif isinstance(node, ast.Dict):
        for key in node.keys:
            uses |= bare_names(key) if key is not None else set()
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                uses |= bare_names(value)
            else:
                value_names(value, uses, holds)
    elif isinstance(node, ast.Lambda):
        # The body runs later; what the defaults do runs now.
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            value_names(default, uses, holds)
        holds |= bare_names(node.body)
    elif isinstance(node, ast.Call) and last_name(node.func) == "partial":
        uses |= bare_names(node.func)
        for argument in arguments_of(node):
            value_names(argument, uses, holds)
    elif not isinstance(node, ast.Constant):
        uses |= bare_names(node)
