"""What a module does before its third-party imports, apart from defining things. Runs in the coordinator, while a
change is brought in; imported only then, since the syntax tree is.

A worker image stands for what workers import first. A new version of a module may have workers do something before
that: patch a library, change the environment, import in another order. Two versions are *alike* if nothing of the kind
differs: then only what functions do and what names are bound to has changed.
"""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def alike(old: bytes, new: bytes) -> bool:
    """Would importing the new version do the same, in the same order, but for definitions?"""
    try:
        before, after = ast.parse(old).body, ast.parse(new).body
    except (SyntaxError, ValueError):
        return False
    steps = list(_steps(after))
    if steps != list(_steps(before)):
        return False
    changed = set(map(ast.dump, after)) - set(map(ast.dump, before))
    names = {node.name for node in after if isinstance(node, _DEFINITIONS) and ast.dump(node) in changed}
    return not any(f"'{name}'" in step for name in names for step in steps)


def _steps(body: list[ast.stmt]) -> Iterator[str]:
    """What each statement does beyond binding a name in its own namespace."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from map(ast.dump, node.decorator_list)
            yield from _doing([*node.args.defaults, *(part for part in node.args.kw_defaults if part is not None)])
        elif isinstance(node, ast.ClassDef):
            yield from map(ast.dump, (*node.decorator_list, *node.bases, *node.keywords))
            yield from _steps(node.body)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        elif _is_binding(node):
            yield from _doing([node])
        else:
            yield ast.dump(node)


def _doing(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if any(isinstance(part, (ast.Call, ast.Await, ast.NamedExpr)) for part in ast.walk(node)):
            yield ast.dump(node)


def _is_binding(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) for target in node.targets)
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
