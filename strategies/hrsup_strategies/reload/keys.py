"""Who sees which keys a mapping has, not only what it has for one of them. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.trees import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.definitions import Definitions

_LOOKING = frozenset(("clear", "default_factory"))


def keys_are_seen(closure: Definitions, key: str) -> bool:
    """Is this variable, attribute or global used for anything but to come to what it has for one key? `key` is that of
    ``flows``."""
    unit_id, _, name = key.rpartition("|")
    closure.mention(name)
    if closure.looks_up_anything():
        return True
    if unit_id:
        return any(_is_seen(unit.node, name) for unit in closure.units if unit.id == unit_id)
    return any(_is_seen(part.statement.node, name) for module in closure.modules for part in module.parts)


def _is_seen(node: ast.AST, name: str) -> bool:
    """Is it spelled where it is neither bound nor looked into for one key?"""
    if isinstance(node, ast.alias):
        return bool(node.asname) and node.name == name
    if isinstance(node, ast.Subscript) and _is_called(node.value, name):
        return isinstance(node.slice, ast.Slice) or any(_is_seen(item, name) for item in (node.slice, *_within(node)))
    if isinstance(node, ast.Attribute) and node.attr in _LOOKING and _is_called(node.value, name):
        return any(_is_seen(item, name) for item in children(node.value))
    if _is_called(node, name) and isinstance(getattr(node, "ctx", None), ast.Load):
        return True
    return any(_is_seen(item, name) for item in children(node))


def _within(node: ast.Subscript) -> list[ast.AST]:
    return list(children(node.value))


def _is_called(node: ast.AST, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)
