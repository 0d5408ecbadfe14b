"""Syntax trees looked through quickly, and put into words late. Pure; runs in the user's process.

A first edit looks through every node of the modules that it reaches, a dozen times over, while the program stands
still. `ast.walk` and `ast.dump` ask each node for each of its fields, of which few have nodes.
"""

from __future__ import annotations

import ast
from ast import AST

# Fields that hold no node that anybody looks for: texts, numbers, and whether a name is loaded or stored.
_PLAIN = frozenset(
    (
        "ctx",
        "id",
        "attr",
        "arg",
        "level",
        "type_comment",
        "kind",
        "conversion",
        "simple",
        "is_async",
        "rest",
        "tag",
        "module",
        "asname",
    )
)


def _below(kind: type[AST]) -> tuple[str, ...]:
    texts = ("value",) if kind is ast.Constant else () if kind.__name__ == "TypeAlias" else ("name",)
    plain = _PLAIN.union(texts)
    return tuple(name for name in kind._fields if name not in plain)


class _Fields(dict[type[AST], tuple[str, ...]]):
    """By the kind of a node, the fields that may hold nodes."""

    def __missing__(self, kind: type[AST]) -> tuple[str, ...]:
        self[kind] = found = _below(kind)
        return found


_fields = _Fields()


_NOTHING: list[AST] = []
_KNOWN = "children"  # the attribute of a node that keeps what was found below it; `ast` asks for none but its own


def children(node: AST) -> list[AST]:
    """The nodes directly below, in the order of `ast.iter_child_nodes`, but for ``Load`` and the like. They are looked
    for once: who changes a tree must `forget`. The list is not to be changed."""
    attributes = node.__dict__
    known: list[AST] | None = attributes.get(_KNOWN)
    if known is not None:
        return known
    found: list[AST] = []
    for name in _fields[node.__class__]:
        value = attributes.get(name)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, AST)]
        elif isinstance(value, AST):
            found.append(value)
    attributes[_KNOWN] = found = found or _NOTHING
    return found


def forget(node: AST) -> None:
    """The node is about to get something else below it."""
    node.__dict__.pop(_KNOWN, None)


def walk(node: AST) -> list[AST]:
    """The node and all below it, in the order of `ast.walk`, but for ``Load`` and the like."""
    found = [node]
    for item in found:
        below = item.__dict__.get(_KNOWN)
        found += children(item) if below is None else below
    return found


def alike(one: AST, two: AST) -> bool:
    """Would `ast.dump` say the same of both?"""
    pending: list[tuple[object, object]] = [(one, two)]
    while pending:
        first, second = pending.pop()
        if first.__class__ is not second.__class__:
            return False
        if isinstance(first, AST):
            pairs = [(getattr(first, name, None), getattr(second, name, None)) for name in first._fields]
            pending += [pair for pair in pairs if pair[0] is not pair[1]]
        elif isinstance(first, list) and isinstance(second, list):
            if len(first) != len(second):
                return False
            pending += zip(first, second, strict=True)
        elif repr(first) != repr(second):
            return False
    return True


class Words:
    """A statement in words: all of it, or without the blocks below it. They are seldom asked for."""

    __slots__ = ("_node", "_text", "_whole")

    def __init__(self, node: ast.stmt | None, whole: bool, text: str | None = None) -> None:
        self._node, self._whole, self._text = node, whole, text

    def __str__(self) -> str:
        if self._text is None:
            assert self._node is not None
            self._text = ast.dump(self._node) if self._whole else _head(self._node)
            self._node = None
        return self._text


def _head(node: ast.stmt) -> str:
    parts = []
    for name, value in ast.iter_fields(node):
        if name == "handlers":
            parts += [ast.dump(item.type) if item.type else "*" for item in value]
        elif name == "cases":
            parts += [ast.dump(case.pattern) + (ast.dump(case.guard) if case.guard else "") for case in value]
        elif name not in ("body", "orelse", "finalbody"):
            items = value if isinstance(value, list) else [value]
            parts += [ast.dump(item) if isinstance(item, AST) else str(item) for item in items]
    return f"{type(node).__name__}({', '.join(parts)})"
