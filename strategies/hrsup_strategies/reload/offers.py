"""Which statement of a module's body has a name in the end, where ``import *`` brings names, too. Pure; user's process.

The names are read off the sources. That suffices where every module on the way binds them by plain statements, or by
blocks that bind them whichever way they go, and says at most a literal ``__all__``.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.binders import imported
from hrsup_strategies.reload.diff import is_star
from hrsup_strategies.reload.identifiers import DYNAMIC, bare_names
from hrsup_strategies.reload.import_statements import absolute
from hrsup_strategies.reload.imports import Imports
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.codes import Refusal
    from hrsup_strategies.reload.cold import Loaded
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

    Origin = tuple[str, str, str]  # how a name comes to be bound, by which module, and what it is called there

_MOST_LEVELS = 20


class Offers:
    """Of one version of a module, who binds which name. Whatever cannot be told from the source raises `refusal`."""

    def __init__(self, work: Work, path: str, old: bool, refusal: Refusal, loaded: Loaded, depth: int = 0) -> None:
        self._work, self._path, self._old, self._refusal, self._depth = work, path, old, refusal, depth
        self._loaded = loaded
        if not path or depth > _MOST_LEVELS:
            raise refusal
        self.version = work.version(path, old)
        self._inner: dict[int, Offers] = {}
        self._binders: dict[str, list[Statement]] = {}
        body = self.version.body
        if len(self.version.stars) != sum(map(is_star, body)):
            raise refusal  # one that is within a block
        for statement in body:
            for name in self.brought_by(statement) if is_star(statement) else statement.names:
                self._binders.setdefault(name, []).append(statement)

    def brought_by(self, star: Statement | None) -> set[str]:
        """The names that come by an ``import *`` of this body: of a module that is not complete by then, those that it
        has bound."""
        if star is None:
            return set()
        offered = self._of(star).offered()
        source = source_of(self._work, self._path, star.node, self._old)
        circle = Imports(self._work, self._old).is_in_circle(self._path, source)
        if not circle or self._loaded.has(source, star, self._old):
            return offered
        there = self._loaded.brings(star, self._old)
        if there is None:
            raise self._refusal
        return offered & there

    def every(self, star: Statement | None) -> set[str]:
        """The names that the module offers once it is complete."""
        return self._of(star).offered() if star is not None else set()

    def binders(self, name: str) -> list[Statement]:
        """The statements that bind a name, in order."""
        return self._binders.get(name, [])

    def last(self, name: str) -> Statement | None:
        """The one that has it in the end."""
        return self._binders[name][-1] if name in self._binders else None

    def origin(self, name: str) -> Origin | None:
        """Where what the name stands for comes from; the same means the same object, if no step binds it again."""
        statement = self.last(name)
        if statement is None:
            return None
        if is_star(statement):
            return self._of(statement).origin(name)
        what = imported(statement.node).get(name)
        if what is None:
            return "bound", self._path, name
        if isinstance(statement.node, ast.ImportFrom):
            return "imported", absolute(statement.node, self._work.package_of(self._path)), what[2]
        return "imported", "", what[2]

    def offered(self) -> set[str]:
        """The names that ``import *`` takes from this module."""
        listed = [item for item in self.version.body if "__all__" in item.names]
        if listed:
            return self._listed(listed)
        if self._path.endswith("/__init__.py") or bare_names(self.version.tree) & DYNAMIC:
            raise self._refusal  # a package has its modules too, whoever imports them
        for statement in self.version.body:
            if statement.kind == "effect" and not always_binds([statement.node]).issuperset(statement.names):
                raise self._refusal
        return {name for name in self._binders if not name.startswith("_")}

    def _listed(self, listed: list[Statement]) -> set[str]:
        node = listed[0].node
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        elements = value.elts if isinstance(value, (ast.List, ast.Tuple)) else None
        if len(listed) > 1 or elements is None:
            raise self._refusal
        names = [item.value for item in elements if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        mentions = sum(isinstance(item, ast.Name) and item.id == "__all__" for item in walk(self.version.tree))
        if len(names) != len(elements) or mentions > 1:
            raise self._refusal
        return set(names)

    def check(self, star: Statement, names: set[str]) -> None:
        """Refuse if one of these names may stand for something else than what its binders say, below this statement."""
        body = self.version.body
        at = body.index(star)
        purity = self._work.before if self._old else self._work.after
        above = [item for item in body[:at] if item.kind == "effect"]
        if any(purity.reads_of_block(self._path, item) is None for item in above):
            raise self._refusal
        if bare_names(self.version.tree) & DYNAMIC and any(len(self.binders(name)) > 1 for name in names):
            raise self._refusal  # which of them is meant, the text does not say
        if any(not names.isdisjoint(node.names) for node in self.version.globals):
            raise self._refusal
        for name in names:
            below = [body.index(one) for one in self.binders(name) if body.index(one) > at]
            between = body[at + 1 : below[0]] if below else []
            if any(name in bare_names(item.node) for item in between):
                raise self._refusal  # it means what the ``import *`` brings
            for one in self.binders(name):
                if one.kind == "effect" and name not in always_binds([one.node]):
                    raise self._refusal

    def _of(self, star: Statement) -> Offers:
        if id(star) not in self._inner:
            source = source_of(self._work, self._path, star.node, self._old)
            self._inner[id(star)] = Offers(self._work, source, self._old, self._refusal, self._loaded, self._depth + 1)
        return self._inner[id(star)]


def source_of(work: Work, path: str, node: ast.stmt, old: bool) -> str:
    """The path of the module of which a statement of this one imports all; "" if it is none of the user's."""
    assert isinstance(node, ast.ImportFrom)
    return work.path_of(absolute(node, work.package_of(path)), old) or ""


def always_binds(body: list[ast.stmt]) -> set[str]:
    """The names that these statements bind whichever way they go, if they come to their end."""
    found: set[str] = set()
    for node in body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {item.id for target in targets for item in _flat(target) if isinstance(item, ast.Name)}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= set(imported(node)) - {"*"}
        elif isinstance(node, ast.If):
            found |= always_binds(node.body) & always_binds(node.orelse)
        elif isinstance(node, ast.Try):
            ways = [always_binds([*node.body, *node.orelse])]
            ways += [always_binds(item.body) for item in node.handlers if not isinstance(item.body[-1], ast.Raise)]
            found |= set.intersection(*ways) | always_binds(node.finalbody)
    return found


def _flat(target: ast.expr) -> list[ast.expr]:
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
    return [part.value if isinstance(part, ast.Starred) else part for part in parts]
