"""What an expression makes, or hands on as it is: as far as it tells by itself. Pure; runs in the user's process.

A token is ``()name`` for what a call of that name gives, and the key of a variable or attribute for what is in it.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import DISPLAYS, last_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

GENERATOR = "()<generator>"


def tokens(node: ast.expr | None, keys: Callable[[str], set[str]]) -> set[str]:
    """The tokens of what the expression may be; of a display, what is made for it. `keys` has those of a variable."""
    if isinstance(node, ast.Name):
        return keys(node.id)
    if isinstance(node, ast.Attribute):
        return {node.attr}
    if isinstance(node, ast.GeneratorExp):
        return {GENERATOR}
    if isinstance(node, ast.Call):
        return _made(node)
    found = set[str]().union(*(tokens(part, keys) for part in _parts(node)))
    if isinstance(node, (ast.Set, ast.SetComp)):
        found.add("()set")
    return {token for token in found if token.startswith("()")} if isinstance(node, (*DISPLAYS, ast.Tuple)) else found


def _made(call: ast.Call) -> set[str]:
    name = last_name(call.func)
    if name != "field":
        return {f"(){name}"} if name else set()
    parts = [item for keyword in call.keywords for item in ast.walk(keyword.value)]  # of a data class: by its factory
    return {f"(){last_name(item)}" for item in parts if isinstance(item, (ast.Name, ast.Attribute))}


def _parts(node: ast.expr | None) -> list[ast.expr]:
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, (ast.BoolOp, ast.Dict)):
        return node.values
    if isinstance(node, (ast.NamedExpr, ast.DictComp)):
        return [node.value]
    if isinstance(node, (ast.ListComp, ast.SetComp)):
        return [node.elt]
    return node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else []
