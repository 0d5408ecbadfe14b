"""Attributes and globals that every function writes before it reads them: what is kept there is never found again.

Pure; runs in the user's process. A change is brought in between two rounds, when no function that is not around a loop
is under way. So where each read of a name comes after a write in the same call, what a round before has left is read by
nobody. Anything less plain counts as a read.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import locals_of, named_in_text, own_nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from hrsup_strategies.reload.closure import Closure

_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_LATER = (ast.Lambda, ast.GeneratorExp)
_HOOKS = ("__setattr__", "__getattribute__", "__set__", "__delattr__")


def is_written_anew(closure: Closure, name: str, around: Container[str]) -> bool:
    """Is this attribute or global never read before it is written? `around` are the ids of the units around a loop."""
    closure.mention(name)
    if closure.looks_up_anything() or closure.units_of(name) or closure.class_of(name):
        return False
    if name.startswith("__") and not name.endswith("__"):
        return False  # it may be spelled with its class
    if any(closure.units_of(hook) for hook in _HOOKS):
        return False
    for module in closure.modules:
        inside = {id(unit.node): unit for unit in module.units}
        for part in module.parts:
            for node in _functions_and_rest(part.statement.node):
                if isinstance(node, FunctionNode):
                    owner = closure.class_of(inside[id(node)].owner) if id(node) in inside else None
                    plain = owner is not None and not (owner.node.decorator_list or closure.has_foreign_base(owner))
                    stays = id(node) in inside and inside[id(node)].id not in around
                    if not _Reads(name, node, stays, plain).none():
                        return False
                elif _is_read(node, name):
                    return False
    return True


def _functions_and_rest(node: ast.AST) -> list[ast.AST]:
    """A function, whole; of anything else the functions in it, and each other node by itself."""
    if isinstance(node, FunctionNode):
        inner = [item for item in ast.walk(node) if isinstance(item, FunctionNode) and item is not node]
        return [node, *inner]
    found = [node]
    for child in ast.iter_child_nodes(node):
        found += _functions_and_rest(child)
    return found


def _is_read(node: ast.AST, name: str) -> bool:
    """Does this node outside of functions read the name, or bind it to what may be more than a value?"""
    if isinstance(node, ast.ClassDef):
        fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
        named = any(isinstance(item.target, ast.Name) and item.target.id == name for item in fields)
        return named and bool(node.decorator_list or node.bases)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        mine = any(isinstance(item, ast.Name) and item.id == name for item in targets)
        return mine and not isinstance(node.value, (ast.Constant, type(None)))
    return _spells(node, name)


def _spells(node: ast.AST, name: str) -> bool:
    """Does the node itself read the name?"""
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Store)
    if isinstance(node, ast.Attribute):
        return node.attr == name and not isinstance(node.ctx, ast.Store)
    if isinstance(node, ast.Constant):
        return node.value == name or name in named_in_text(node.value)
    if isinstance(node, ast.alias):
        return name in (node.name.rpartition(".")[2], node.asname)
    return isinstance(node, ast.MatchClass) and name in node.kwd_attrs


class _Reads:
    """Walks one function; `stays` says that no change is brought in while it runs, `plain` that its object is one of a
    class whose instances nobody else looks into."""

    def __init__(self, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef, stays: bool, plain: bool) -> None:
        self.name, self.node, self.stays, self.plain = name, node, stays, plain
        parameters = [*node.args.posonlyargs, *node.args.args]
        bound = {item.id for item in own_nodes(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
        self.objects = {parameters[0].arg} - bound if parameters else set()
        self.made = {node.name, *(item.name for item in own_nodes(node) if isinstance(item, FunctionNode))} - bound
        self.local = name in locals_of(node)
        self.read = False

    def none(self) -> bool:
        """Is nothing read that was not written before?"""
        arguments = self.node.args
        for item in [*arguments.defaults, *arguments.kw_defaults, *self.node.decorator_list]:
            self._look(item, False)
        self._block(self.node.body, False)
        return not self.read

    def _block(self, body: list[ast.stmt], written: bool) -> bool:
        """Is it written behind these statements, if it is before? What is never come to counts as written."""
        for node in body:
            written = self._statement(node, written)
        return written

    def _statement(self, node: ast.stmt, written: bool) -> bool:  # noqa: C901 - one case for each kind
        """Is it written behind this statement?"""
        if isinstance(node, (*FunctionNode, ast.ClassDef)):
            if isinstance(node, ast.ClassDef):
                self._look(node, False)
            return written
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            return self._assign(node, written)
        if isinstance(node, ast.If):
            written = self._look(node.test, written)
            return self._block(node.body, written) & self._block(node.orelse, written)
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            return self._loop(node, written)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                written = self._look(item, written)
            self._block(node.body, written)
            return written and isinstance(node, ast.With) and self._keeps(node)
        if isinstance(node, (ast.Try, ast.TryStar)):
            after = self._block([*node.body, *node.orelse], written)
            for handler in node.handlers:
                self._look(handler.type, written)
                after &= self._block(handler.body, written)
            return self._block(node.finalbody, written) and after if node.finalbody else after
        if isinstance(node, ast.Match):
            written = self._look(node.subject, written)
            for case in node.cases:
                self._look(case.pattern, written)
                self._look(case.guard, written)
                self._block(case.body, written)
            return written and self._keeps(node)
        written = self._look(node, written)
        return True if isinstance(node, _LEAVING) else written

    def _assign(self, node: ast.Assign | ast.AnnAssign, written: bool) -> bool:
        written = self._look(node.value, written)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if self._is_place(target):
                written = True
            else:
                self._look(target, written)
        return written

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, written: bool) -> bool:
        written = self._look(node.iter if not isinstance(node, ast.While) else node.test, written)
        if not isinstance(node, ast.While):
            self._look(node.target, written)
        written = written and self.stays and self._keeps(node)
        self._block(node.body, written)
        self._block(node.orelse, written)
        return written

    def _is_place(self, target: ast.expr) -> bool:
        if isinstance(target, ast.Name):
            return target.id == self.name and not self.local
        if not isinstance(target, ast.Attribute) or target.attr != self.name:
            return False
        base = target.value
        mine = isinstance(base, ast.Name) and (base.id in self.made or (base.id in self.objects and self.plain))
        self.read |= not mine  # whose it is, is not known
        return mine

    def _keeps(self, node: ast.AST) -> bool:
        """Does nothing of it wait, so that a change could be brought in meanwhile?"""
        return not any(isinstance(item, (ast.Yield, ast.YieldFrom, ast.Await)) for item in ast.walk(node))

    def _look(self, node: ast.AST | None, written: bool) -> bool:
        """Note what an expression, or what is left of a statement, reads; is it still written behind it?"""
        if node is None:
            return written
        later = {id(part) for item in ast.walk(node) if isinstance(item, _LATER) for part in ast.walk(item)}
        for item in ast.walk(node):
            if isinstance(item, ast.Name) and self.local:
                continue
            if _spells(item, self.name) and not (written and id(item) not in later and self._is_mine(item)):
                self.read = True
            elif isinstance(item, ast.Attribute) and item.attr == self.name and isinstance(item.ctx, ast.Store):
                self.read |= not self._is_place(item)
        if isinstance(node, ast.AugAssign) and self._is_place(node.target):
            self.read |= not written
        return written and self._keeps(node)

    def _is_mine(self, node: ast.AST) -> bool:
        """Is this the place that was written?"""
        if isinstance(node, ast.Attribute):
            base = node.value
            return isinstance(node.ctx, ast.Load) and isinstance(base, ast.Name) and base.id in self.objects
        return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
