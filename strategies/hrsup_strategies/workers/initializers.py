"""Global names that only workers have: those that pools' initializers bind. Pure; runs in the user's process.

An initializer runs in a worker when that begins, with the arguments that its pool holds, and again in each new worker.
So what it binds is no place where an older result is found. That holds if nobody else calls it, and binds these names.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import is_reference, last_name
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.sources import Sources


def bound_in_workers(sources: Sources) -> set[str]:
    """These names."""
    sources.mentioning({"initializer"})
    given = [node for version in sources.parsed for node in initializers_in(version.tree) if is_reference(node)]
    names = {name for node in given if (name := last_name(node)) is not None}
    sources.mentioning(names)
    only = names - _mentioned(sources, {id(node) for node in given})
    found = {name for node in _functions(sources) if node.name in only for name in _declared(node)}
    sources.mentioning(found)
    return (
        found
        - {name for node in _functions(sources) if node.name not in only for name in _declared(node)}
        - {
            item.attr
            for version in sources.parsed
            for item in walk(version.tree)
            if isinstance(item, ast.Attribute) and not isinstance(item.ctx, ast.Load)
        }
    )


def initializers_in(tree: ast.AST) -> list[ast.expr]:
    """What pools are given in a module for their workers to begin with."""
    calls = (item for item in walk(tree) if isinstance(item, ast.Call))
    return [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "initializer"]


def _mentioned(sources: Sources, but: set[int]) -> set[str]:
    """The names that are mentioned by other nodes than these."""
    nodes = [item for version in sources.parsed for item in walk(version.tree) if id(item) not in but]
    plain = {item.id for item in nodes if isinstance(item, ast.Name)}
    return plain | {item.attr for item in nodes if isinstance(item, ast.Attribute)}


def _functions(sources: Sources) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [item for version in sources.parsed for item in walk(version.tree) if isinstance(item, FunctionNode)]


def _declared(node: ast.AST) -> set[str]:
    return {name for item in walk(node) if isinstance(item, ast.Global) for name in item.names}
