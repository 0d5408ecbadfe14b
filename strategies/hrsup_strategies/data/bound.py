"""What statements bind, and to what. Pure; runs in the user's process."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import own_nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Binding = tuple[ast.expr, ast.expr | None, bool]

UNKNOWN = object()


def assigned(body: Iterable[ast.stmt]) -> dict[str, list[tuple[ast.expr | None, bool]]]:
    """The locals, each with everything that is bound to it (None: not known); True if it gets only a part of that.
    Names that are imported, defined or somebody else's are left out."""
    found: dict[str, list[tuple[ast.expr | None, bool]]] = {}
    shared: set[str] = set()
    for statement in body:
        for node in [statement, *own_nodes(statement)]:
            for target, value, is_part in _bindings(node):
                _bind(found, target, value, is_part)
            if isinstance(node, ast.ExceptHandler) and node.name:
                found.setdefault(node.name, []).append((None, False))
            shared |= _shared(node)
    return {name: values for name, values in found.items() if name not in shared}


def imported(body: Iterable[ast.stmt]) -> dict[str, object]:
    """What the imports among these statements bind, as far as it is loaded."""
    found: dict[str, object] = {}
    for statement in body:
        for node in [statement, *own_nodes(statement)]:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.name if alias.asname else alias.name.partition(".")[0]
                    found[alias.asname or name] = sys.modules.get(name, UNKNOWN)
            elif isinstance(node, ast.ImportFrom):
                module = sys.modules.get(node.module or "") if not node.level else None
                for alias in node.names:
                    found[alias.asname or alias.name] = vars(module).get(alias.name, UNKNOWN) if module else UNKNOWN
    return found


def _bindings(node: ast.AST) -> Iterator[Binding]:
    if isinstance(node, ast.Assign):
        yield from ((target, node.value, False) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        if node.value is not None:
            yield node.target, node.value, False
    elif isinstance(node, ast.For):
        yield node.target, node.iter, True
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr, False


def _bind(
    found: dict[str, list[tuple[ast.expr | None, bool]]], target: ast.expr, value: ast.expr | None, is_part: bool
) -> None:
    if isinstance(target, ast.Name):
        found.setdefault(target.id, []).append((value, is_part))
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            _bind(found, item, value, True)
    elif isinstance(target, ast.Starred):
        _bind(found, target.value, value, True)


def _shared(node: ast.AST) -> set[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return set(node.names)
    return {node.name} if isinstance(node, FunctionNode) else set()
