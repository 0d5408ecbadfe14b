"""Which statements of a body bind a name, and whether they agree. Pure; runs in the user's process.

Two imports may bind a name to the same: ``import a.b`` and ``import a.c`` do, and so does one that stands there twice.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import last_name
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

    What = tuple[str | None, int, str]


def bound_once(path: str, changed: Iterable[Statement], everything: list[Statement]) -> None:
    """Refuse (HR111) if a name of a changed statement is bound to something else by another statement of the body."""
    counts: dict[str, int] = {}
    for statement in everything:
        for name in set(statement.names) - {"*"} if not is_overload(statement) else ():
            counts[name] = counts.get(name, 0) + 1
    for statement in changed:
        most = 0 if is_overload(statement) else 1
        for name in statement.names:
            if counts.get(name, 0) > most and statement in everything and bound_alike(name, everything) is None:
                raise Refusal("HR111", f"`{name}` is bound more than once", path, statement.node.lineno)


def is_overload(statement: Statement) -> bool:
    """Is it one of the signatures that stand before a definition for type checkers? It does nothing and is soon
    replaced."""
    node = statement.node
    if not isinstance(node, FunctionNode) or len(node.decorator_list) != 1:
        return False
    says_so = (last_name(node.decorator_list[0]) or "").strip("_") == "overload"
    return says_so and all(isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant) for item in node.body)


def imported(node: ast.stmt) -> dict[str, What]:
    """The names that an import statement binds, each with what it stands for; none for any other statement."""
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name: (node.module, node.level, alias.name) for alias in node.names}
    if not isinstance(node, ast.Import):
        return {}
    tops = {alias.asname or alias.name.partition(".")[0]: alias for alias in node.names}
    return {name: (None, 0, alias.name if alias.asname else name) for name, alias in tops.items()}


def bound_alike(name: str, body: Iterable[Statement]) -> What | None:
    """What a name stands for that only imports bind, and all of them to the same; None for any other."""
    found = {imported(statement.node).get(name) for statement in body if name in statement.names}
    return found.pop() if len(found) == 1 else None


def already_bound(work: Work, path: str, after: ast.stmt) -> set[str]:
    """The names of a new import statement that the module, if it is loaded, has bound to the same."""
    body = work.old[path].body if path in work.old else []
    return {name for name, what in imported(after).items() if bound_alike(name, body) == what}


def still_bound(before: ast.stmt, body: list[Statement]) -> set[str]:
    """The names of an import statement that went which this body binds to the same, above whatever may read them. None
    if it spells a module that only that statement imported: it may not be loaded when it is used."""
    head = []
    for statement in body:
        if statement.kind not in ("import", "doc", "inert"):
            break
        head.append(statement)
    lost = _within(before)
    for statement in head:
        lost -= _within(statement.node)
    names = {name.rpartition(".")[2] for name in lost}
    if names and any(_spells(statement.node, names) for statement in body if statement.kind != "import"):
        return set()
    return {
        name for name, what in imported(before).items() if bound_alike(name, body) == what == bound_alike(name, head)
    }


def spelled_above(after: Statement, body: list[Statement]) -> str | None:
    """A module within a package that this statement imports, if a statement above it spells that; another import there
    may bind the package's name."""
    for name in sorted(_within(after.node)):
        for statement in body[: body.index(after)]:
            if statement.kind != "import" and _spells(statement.node, {name.rpartition(".")[2]}):
                return name
    return None


def _within(node: ast.stmt) -> set[str]:
    """The modules within packages that an import statement names."""
    return {alias.name for alias in node.names if "." in alias.name} if isinstance(node, ast.Import) else set()


def _spells(node: ast.AST, names: set[str]) -> bool:
    return any(
        (isinstance(item, ast.Name) and item.id in names)
        or (isinstance(item, ast.Attribute) and item.attr in names)
        or (isinstance(item, ast.Constant) and isinstance(item.value, str) and any(one in item.value for one in names))
        for item in walk(node)
    )
