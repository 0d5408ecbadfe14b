"""`reload.trees`: syntax trees are looked through as `ast` would."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from hrsup_strategies.reload import trees

LIBRARY = sorted(Path(os.__file__).parent.glob("[a-d]*.py"))


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.name)
def test_nodes_come_as_from_ast(path: Path) -> None:
    """`walk` and `children` give what `ast.walk` and `ast.iter_child_nodes` give, in the same order, but for ``Load``."""
    nodes = [node for node in ast.walk(ast.parse(path.read_bytes())) if not isinstance(node, ast.expr_context)]
    assert trees.walk(nodes[0]) == nodes
    for node in nodes:
        below = [item for item in ast.iter_child_nodes(node) if not isinstance(item, ast.expr_context)]
        assert trees.children(node) == below


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("x = 1", "x  =  1 # comment"),
        ("x = 1", "x = True"),
        ("x = 1", "x = 1.0"),
        ("x = 0.0", "x = -0.0"),
        ("x = 'a'", "x = u'a'"),
        ("x = 'a'", "x = b'a'"),
        ("x = {**a}", "x = {a: a}"),
        ("f(a, b)", "f(a, *b)"),
        ("def f(a, /, b): pass", "def f(a, b): pass"),
        ("global a, b", "global b, a"),
        ("import a.b", "import a.b as a"),
        ("from . import a", "from .. import a"),
        ("match x:\n case A(b=1): pass", "match x:\n case A(c=1): pass"),
        ("f'{x!r}'", "f'{x!s}'"),
        ("x: int", "(x): int"),
    ],
)
def test_alike_as_by_dump(one: str, two: str) -> None:
    """Two statements are alike if, and only if, `ast.dump` says the same of both."""
    first, second = ast.parse(one).body[0], ast.parse(two).body[0]
    assert trees.alike(first, second) == (ast.dump(first) == ast.dump(second))
