"""What changed in one module, statement by statement. Pure; runs in the user's process while a change is handled.

A statement that is the same in both versions is never executed again, so the state it built survives. Sameness is that
of the syntax tree without positions: comments, layout and moved lines are no change.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.trees import alike, children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FunctionNode = (ast.FunctionDef, ast.AsyncFunctionDef)


class Statement:
    """One statement of a module's or a class's body. `names` are what it binds, `kind` one of ``def``, ``class``,
    ``import``, ``assign``, ``doc``, ``inert`` (never executed: a guard for type checkers, ``pass``) and ``effect``."""

    __slots__ = ("_body", "_dump", "_first", "kind", "names", "node")

    def __init__(self, node: ast.stmt, first: bool, main: bool, same: Statement | None = None) -> None:
        """`same` is one of the same text."""
        self.node = node
        self._first: Statement = same._first if same else self  # the first of those of the same text
        self._dump: str | None = None
        self._body: list[Statement] | None = None
        self.kind = _kind(node, first, main)
        self.names: tuple[str, ...] = same.names if same else tuple(_bound(node))

    @property
    def dump(self) -> str:
        """The tree, without positions, as text."""
        first = self._first
        if first._dump is None:
            first._dump = ast.dump(first.node)
        return first._dump

    def is_as(self, other: Statement) -> bool:
        """Is the tree the same, but for positions?"""
        one, two = self._first, other._first
        if one is two or (one._dump is not None and two._dump is not None):
            return one is two or one._dump == two._dump
        if not alike(one.node, two.node):
            return False
        other._first = two._first = one
        return True

    @property
    def is_left_out(self) -> bool:
        """Is it the part of a script, in a module that was imported?"""
        return self.kind == "inert" and is_main_guard(self.node)

    @property
    def body(self) -> list[Statement]:
        """The statements of a class's body."""
        if self._body is None:
            assert isinstance(self.node, ast.ClassDef)
            self._body = statements(self.node.body)
        return self._body


class ModuleDiff:
    """How the body of one module (or class) went from `old` to `new`.

    `kept` pairs statements that are the same; `changed` pairs those that bind the same name by the same kind;
    `removed` and `added` are the rest.
    """

    __slots__ = ("added", "changed", "kept", "moved", "new", "old", "removed")

    def __init__(self, old: list[Statement], new: list[Statement]) -> None:
        self.old, self.new = old, new
        self.kept: list[tuple[Statement, Statement]] = []
        self.changed: list[tuple[Statement, Statement]] = []
        self.removed: list[Statement] = []
        self.added: list[Statement] = []
        self.moved: list[Statement] = []  # new statements, kept or changed, that changed places
        self._align()

    def _align(self) -> None:
        old, new = self.old, self.new
        start = 0
        while start < min(len(old), len(new)) and old[start].is_as(new[start]):
            start += 1
        end = 0
        # Where one is left of each, they have been compared.
        while (
            end < max(len(old), len(new)) - start - 1
            and end < min(len(old), len(new)) - start
            and old[-1 - end].is_as(new[-1 - end])
        ):
            end += 1
        middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
        self.kept += zip(old[:start], new[:start], strict=True)
        if middle_old or middle_new:
            self._align_middle(middle_old, middle_new)
        self.kept += zip(old[len(old) - end :], new[len(new) - end :], strict=True)

    def _align_middle(self, old: list[Statement], new: list[Statement]) -> None:
        rest_old, rest_new = list(old), list(new)
        blocks = []
        if len(old) * len(new) > 1:  # one and one are not the same
            from difflib import SequenceMatcher

            blocks = SequenceMatcher(
                None, [s.dump for s in old], [s.dump for s in new], autojunk=False
            ).get_matching_blocks()
        for block in blocks:
            for offset in range(block.size):
                before, after = old[block.a + offset], new[block.b + offset]
                self.kept.append((before, after))
                rest_old.remove(before)
                rest_new.remove(after)
        for before in rest_old:
            partner = next((s for s in rest_new if _same_binding(before, s)), None)
            if partner is None:
                self.removed.append(before)
                continue
            rest_new.remove(partner)
            moved = before.kind in ("def", "class", "import") and before.is_as(partner)
            (self.kept if moved else self.changed).append((before, partner))
            if moved:
                self.moved.append(partner)
        self.added = rest_new
        if self.changed:
            self._find_moved()

    def _find_moved(self) -> None:
        """A changed statement may have changed places too, with another or with one of the kept."""
        places = {id(statement): index for index, statement in enumerate(self.old)}
        places_new = {id(statement): index for index, statement in enumerate(self.new)}
        pairs = [(places[id(one)], places_new[id(two)]) for one, two in [*self.kept, *self.changed]]
        for before, after in self.changed:
            old, new = places[id(before)], places_new[id(after)]
            if any((old < one) != (new < two) for one, two in pairs if one != old):
                self.moved.append(after)


def parse(data: bytes, path: str) -> ast.Module:
    """The tree of a module. Raises SyntaxError (or ValueError, for null bytes) as the compiler would."""
    return ast.parse(data, path)


def statements(body: list[ast.stmt], main: bool = False) -> list[Statement]:
    """The statements of a body; `main` says that the module may be ``__main__``, whose guard is executed."""
    return [Statement(node, index == 0, main) for index, node in enumerate(body)]


def first_line(node: ast.stmt) -> int:
    """Where a statement begins, decorators included."""
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def _same_binding(before: Statement, after: Statement) -> bool:
    if before.kind != after.kind:
        return False
    if before.kind == "doc":
        return True
    if before.kind == "def" and generates(before.node) != generates(after.node):
        return False  # the code of a generator does not fit a function that was none
    return bool(before.names) and before.names == after.names and type(before.node) is type(after.node)


def _kind(node: ast.stmt, first: bool, main: bool) -> str:
    if isinstance(node, FunctionNode):
        return "def"
    if isinstance(node, ast.ClassDef):
        return "class"
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "import"
    if isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
        return "assign"
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return "assign"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return "doc" if first and isinstance(node.value.value, str) else "inert"
    if isinstance(node, ast.Pass) or _never_runs(node, main):
        return "inert"
    return "effect"


def _never_runs(node: ast.stmt, main: bool) -> bool:
    if not isinstance(node, ast.If) or node.orelse:
        return False
    test = node.test
    if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
        return True
    if isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING":
        return True
    return not main and is_main_guard(node)


def undecorated(node: Any) -> Any:
    """A definition without its decorators."""
    bare = type(node)(**{**dict(ast.iter_fields(node)), "decorator_list": []})
    return ast.copy_location(bare, node)


def generates(node: ast.stmt) -> bool:
    """Does a call of this function make a generator?"""
    inner = (*FunctionNode, ast.ClassDef, ast.Lambda)
    pending: list[ast.AST] = list(getattr(node, "body", ()))
    while pending:
        item = pending.pop()
        if isinstance(item, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(item, inner):
            pending += children(item)
    return False


def is_star(statement: Statement) -> bool:
    """Is this ``from a import *``?"""
    return statement.names == ("*",)


def is_block(statement: Statement) -> bool:
    """Is this an ``if``, a ``try``, or ``LOW, HIGH = 0, 9``, that may only bind names?"""
    node = statement.node
    if isinstance(node, ast.Assign):
        return all(map(_is_of_names, node.targets))
    return isinstance(node, (ast.If, ast.Try)) and not is_main_guard(node) and bool(statement.names)


def _is_of_names(target: ast.expr) -> bool:
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
    return all(isinstance(part, ast.Name) for part in parts)


def is_main_guard(node: ast.stmt) -> bool:
    """Is this ``if __name__ == "__main__":``?"""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and ast.unparse(node.test) in ("__name__ == '__main__'", "'__main__' == __name__")
    )


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, (*FunctionNode, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Import):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    names = []
    stack: list[ast.AST] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, (*FunctionNode, ast.ClassDef)):
            names.append(item.name)
            continue
        if isinstance(item, ast.alias):
            names.append(item.asname or item.name.partition(".")[0])
        if isinstance(item, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            continue
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            names.append(item.id)
        stack.extend(children(item))
    return sorted(set(names))
