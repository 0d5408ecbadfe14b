"""The program's import graph, as `hrsup graph` shows it: a tree, DOT or Mermaid. Runs in the supervisor; pure.

Edges are what the sources of the loaded user modules say (imports anywhere in them, conditional and lazy ones too),
restricted to user modules that are loaded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

Edges = dict[str, list[str]]

FORMATS = ("tree", "dot", "mermaid")


def edges(sources: Mapping[str, bytes], packages: frozenset[str] = frozenset()) -> Edges:
    """Who imports whom, by module name, each list sorted. `packages` are the names whose source is an ``__init__.py``.

    Importing ``a.b`` also imports ``a``. A source that does not parse has no edges.
    """
    found: Edges = {}
    for name, source in sources.items():
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            found[name] = []
            continue
        names = {part for imported in _imported(tree, name, name in packages) for part in _with_parents(imported)}
        found[name] = sorted((names & sources.keys()) - {name})
    return found


def render(graph: Edges, form: str) -> str:
    """The graph as text in one of `FORMATS`."""
    if form == "dot":
        lines = [f'    "{name}" -> "{other}";' for name, others in sorted(graph.items()) for other in others]
        return "\n".join(["digraph imports {", *(f'    "{name}";' for name in sorted(graph)), *lines, "}"])
    if form == "mermaid":
        ids = {name: f"m{number}" for number, name in enumerate(sorted(graph))}
        nodes = [f'    {ids[name]}["{name}"]' for name in sorted(graph)]
        lines = [f"    {ids[name]} --> {ids[other]}" for name, others in sorted(graph.items()) for other in others]
        return "\n".join(["graph LR", *nodes, *lines])
    return "\n".join(_tree(graph))


def _imported(tree: ast.AST, name: str, is_package: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, name, is_package)
            yield base
            yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names)


def _absolute(node: ast.ImportFrom, name: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, node.module] if node.module else base)


def _with_parents(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


def _tree(graph: Edges) -> Iterator[str]:
    """Indented by who imports it; what was shown already is named once more, with dots, and not unfolded again."""
    imported = {other for others in graph.values() for other in others}
    shown: set[str] = set()
    roots = [name for name in graph if name not in imported]
    for root in [*sorted(roots, key=lambda name: (name != "__main__", name)), *sorted(graph)]:
        if root not in shown:
            yield from _branch(graph, root, 0, shown)


def _branch(graph: Edges, name: str, depth: int, shown: set[str]) -> Iterator[str]:
    again = name in shown and bool(graph.get(name))
    yield "    " * depth + name + (" ..." if again else "")
    if again:
        return
    shown.add(name)
    for other in graph.get(name, []):
        yield from _branch(graph, other, depth + 1, shown)
