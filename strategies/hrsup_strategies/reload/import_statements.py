"""Import statements, by themselves. Runs in the user's process; pure."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode


def imports_of(tree: ast.AST) -> list[ast.stmt]:
    """The imports in a module's own scope, wherever they are nested."""
    found: list[ast.stmt] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if getattr(node, "module", None) != "__future__":
                found.append(node)
        elif not isinstance(node, (*FunctionNode, ast.ClassDef, ast.Lambda)):
            found += imports_of(node)
    return found


def absolute(node: ast.ImportFrom, package: str) -> str:
    """The module that ``from ... import`` in `package` names, absolute."""
    if not node.level:
        return node.module or ""
    base = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
    return f"{base}.{node.module}" if node.module else base


def looked_up(node: ast.stmt, package: str) -> list[str]:
    """The full names that an import statement in `package` may look for, as they are spelled: what follows ``from ...
    import`` may be a module or not."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = absolute(node, package)
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def taken(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The names of what an import statement takes, there and here."""
    return {part for alias in node.names for part in (alias.asname, *alias.name.split(".")) if part}
