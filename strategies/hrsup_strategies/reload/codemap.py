"""Which code object of the old version became which of the new. Pure; runs in the user's process."""

from __future__ import annotations

import ast
from types import CodeType

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, ModuleDiff, Statement, first_line
from hrsup_strategies.reload.identifiers import own_nodes, shell_of
from hrsup_strategies.reload.version import inner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import FunctionDef

SAME, CHANGED, NESTED, GONE = "same", "changed", "nested", "gone"


class CodeMap:
    """By old code object: what became of it (`SAME`, `CHANGED`, `NESTED` in a changed function, `GONE`) and its
    successor. Code objects are equal when they have the same place and the same instructions. `anew` has the ids of the
    old statements which are executed anew: what they have made must go where it cannot get the new code."""

    def __init__(self, old: Version, new: Version, diff: ModuleDiff, anew: Container[int] = ()) -> None:
        self.path, self._anew = old.path, anew
        self.fates: dict[CodeType, tuple[str, CodeType | None]] = {}
        self._old, self._new = old, new
        new.code()
        stays = old.in_place(new)
        if any(id(after) not in stays for _, after in diff.kept):
            old.code()  # the whole costs as much as a few of its statements
        for before, after in diff.kept:
            if before.kind not in ("doc", "inert"):
                codes = new.codes(after)
                self._same(codes if id(after) in stays else old.codes(before), codes)
        for before, after in diff.changed:
            self._changed(before, after)
        for before in diff.removed:
            if before.kind not in ("doc", "inert"):
                self._gone(old.codes(before))

    def _same(self, old: list[CodeType], new: list[CodeType]) -> None:
        for before, after in zip(old, new, strict=True):
            self.fates[before] = (SAME, after)
            self._same(inner(before), inner(after))

    def _gone(self, old: list[CodeType]) -> None:
        for before in old:
            self.fates[before] = (GONE, None)
            self._gone(inner(before))

    def _changed(self, before: Statement, after: Statement) -> None:
        if before.kind in ("doc", "inert"):
            return
        old, new = self._old.codes(before), self._new.codes(after)
        if before.kind == "def":
            assert isinstance(before.node, FunctionNode) and isinstance(after.node, FunctionNode)
            self._function(old, new, before, after.node)
        elif before.kind == "class":
            self._class(old, new, before, after)
        else:
            self._gone(old)

    def _function(self, old: list[CodeType], new: list[CodeType], made: Statement, two: FunctionDef) -> None:
        one, name = made.node, old[-1].co_name  # what is defined last
        assert isinstance(one, FunctionNode)
        self._gone(old)  # defaults and annotations may hold lambdas
        self._replaced(_named(old, name), _named(new, name), one, two, id(made) in self._anew)

    def _replaced(self, before: CodeType, after: CodeType, one: FunctionDef, two: FunctionDef, anew: bool) -> None:
        if before.co_freevars == after.co_freevars and _kind(before) == _kind(after):
            self.fates[before] = (CHANGED, after)
            self._nested(before, after, one, two)
        elif anew:
            self._gone([before])
        else:
            text = f"`{before.co_name}` changed in a way that needs a new object"
            raise Refusal("HR117", text, self.path, two.lineno)

    def _nested(self, old: CodeType, new: CodeType, one: FunctionDef, two: FunctionDef) -> None:
        """The functions made by a changed one. If they are all that changed in it, a new call would make them of the
        same ingredients, so those that are alive get new code; else they would have to be made again."""
        nested, successors = inner(old), inner(new)
        if not nested:
            return
        alike = len(nested) == len(successors) and is_same_shell(one, two)
        if not alike or any(not _fits(*pair) for pair in zip(nested, successors, strict=True)):
            self._lost(old)
            return
        for before, after in zip(nested, successors, strict=True):
            self.fates[before] = (NESTED, after)
            first, second = _definition(one, before), _definition(two, after)
            if first is None or second is None or ast.dump(first) == ast.dump(second):
                self._same_inside(before, after)
            else:
                self._nested(before, after, first, second)

    def _same_inside(self, old: CodeType, new: CodeType) -> None:
        for before, after in zip(inner(old), inner(new), strict=True):
            self.fates[before] = (NESTED, after)
            self._same_inside(before, after)

    def _lost(self, old: CodeType) -> None:
        for nested in inner(old):
            self.fates[nested] = (NESTED, None)
            self._lost(nested)

    def _class(
        self, old: list[CodeType], new: list[CodeType], before: Statement, after: Statement, anew: bool = False
    ) -> None:
        anew |= id(before) in self._anew
        assert isinstance(before.node, ast.ClassDef) and isinstance(after.node, ast.ClassDef)
        old_body, new_body = _named(old, before.node.name), _named(new, after.node.name)
        diff = ModuleDiff(before.body, after.body)
        old_codes, new_codes = _by_line(inner(old_body)), _by_line(inner(new_body))
        self._gone(inner(old_body))
        self.fates[old_body] = (SAME, new_body)
        for first, second in [*diff.kept, *diff.changed]:
            if isinstance(first.node, ast.ClassDef) and not first.is_as(second):
                places = old_codes.get(first_line(first.node), []), new_codes.get(first_line(second.node), [])
                self._class(*places, first, second, anew)
                continue
            if not isinstance(first.node, FunctionNode):
                # Lambdas and nested classes of the body: only where the statement is the same.
                if first.is_as(second):
                    pairs = zip(_below(old_codes, first.node), _below(new_codes, second.node), strict=True)
                    for one, two in pairs:
                        self.fates[one] = (SAME, two)
                        self._same(inner(one), inner(two))
                continue
            assert isinstance(second.node, FunctionNode)
            one, two = _method(old_codes, first.node), _method(new_codes, second.node)
            if first.is_as(second):
                self.fates[one] = (SAME, two)
                self._same(inner(one), inner(two))
                continue
            self._replaced(one, two, first.node, second.node, anew or id(first) in self._anew)


def is_same_shell(one: FunctionDef, two: FunctionDef) -> bool:
    """Are these the same but for what the functions do that they make?"""
    if not any(isinstance(item, FunctionNode) for node in (one, two) for item in own_nodes(node)):
        return ast.dump(one) == ast.dump(two)  # nothing to be left out of a copy
    return ast.dump(shell_of(one)) == ast.dump(shell_of(two))


def _fits(old: CodeType, new: CodeType) -> bool:
    return old.co_name == new.co_name and old.co_freevars == new.co_freevars and _kind(old) == _kind(new)


def _definition(node: FunctionDef, code: CodeType) -> FunctionDef | None:
    """The ``def`` in a function that this code is of; None for a lambda or a comprehension."""
    found = [item for item in own_nodes(node) if isinstance(item, FunctionNode) and item.name == code.co_name]
    lines = [item for item in found if first_line(item) == code.co_firstlineno]
    return lines[0] if len(lines) == 1 else None


def _named(codes: list[CodeType], name: str) -> CodeType:
    for item in codes:
        if item.co_name == name:
            return item
    raise Refusal("HR140", f"no code of `{name}` was found")


def _by_line(codes: list[CodeType]) -> dict[int, list[CodeType]]:
    """The code objects by the line on which they begin."""
    found: dict[int, list[CodeType]] = {}
    for item in codes:
        found.setdefault(item.co_firstlineno, []).append(item)
    return found


def _method(codes: dict[int, list[CodeType]], node: FunctionDef) -> CodeType:
    return _named(codes.get(first_line(node), []), node.name)


def _below(codes: dict[int, list[CodeType]], node: ast.stmt) -> list[CodeType]:
    """Those of the code objects that begin within a statement."""
    lines = range(first_line(node), (node.end_lineno or node.lineno) + 1)
    return [item for line in lines for item in codes.get(line, ())]


def _kind(code: CodeType) -> int:
    return code.co_flags & 0x2A0  # generator, coroutine, asynchronous generator
