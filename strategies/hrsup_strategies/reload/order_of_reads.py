"""In which order one function reads and writes a place: an attribute, or a global. Pure; runs in the user's process.

What it is asked for, and what a place is, says ``anew``.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload import updates
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import LEAVING, locals_of, named_in_text, own_nodes, positional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.anew import Place
    from hrsup_strategies.reload.units import Unit

    Function = ast.FunctionDef | ast.AsyncFunctionDef

_LATER = (ast.Lambda, ast.GeneratorExp)
# The variables through which the place has been written: `_ALL` where nobody comes by, `_GLOBAL` that of a module.
Written = frozenset[str]
_ALL, NOTHING, _GLOBAL = frozenset(("*",)), frozenset[str](), frozenset(("",))


def spells(node: ast.AST, name: str) -> bool:
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


class Reads:
    """Walks one function, for one place. `objects` is its object, `read` whether it may read what was not written,
    `writes` whether it gives back only when it has written, and `entered` are the methods that it calls for objects of
    which it has not written the place. Of the script's statement, `variables` are those that nobody else comes to."""

    def __init__(self, place: Place, node: Function, unit: Unit | None, variables: set[str] | None = None) -> None:
        self.place, self.name, self.node = place, place.name, node
        self.stays = unit is not None and unit.id not in place.around
        bound = {item.id for item in own_nodes(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
        later = {name for item in ast.walk(node) if isinstance(item, ast.Nonlocal) for name in item.names}
        self._variables = locals_of(node) - later if variables is None else variables
        self._depth = 0  # of loops
        self.plain = place.is_plain(unit)
        self.objects: Written = frozenset(positional(node.args)[:1]) - bound
        self.made = {node.name, *(item.name for item in own_nodes(node) if isinstance(item, FunctionNode))} - bound
        self.local = variables is None and self.name in locals_of(node)
        self.read = False
        self.writes = True
        self.entered: set[str] = set()
        self._updating: set[int] = set()  # the ids of mentions of the place that only serve to update it

    def walk(self, written: Written) -> None:
        """Note what it reads, if it begins with what is `written`."""
        arguments = self.node.args
        for item in [*arguments.defaults, *arguments.kw_defaults, *self.node.decorator_list]:
            self._look(item, NOTHING)
        self._leave(self._block(self.node.body, written))

    def _leave(self, written: Written) -> None:
        self.writes = self.writes and (written is _ALL or bool(self.objects & written))

    def _block(self, body: list[ast.stmt], written: Written) -> Written:
        """What is written behind these statements. Where nobody comes to, all is."""
        for node in body:
            written = self._statement(node, written)
        return written

    def _statement(self, node: ast.stmt, written: Written) -> Written:  # noqa: C901 - one case for each kind
        """What is written behind this statement."""
        if self.place.inside:
            found, needs_total = updates.of_itself(node, self._is_mine)
            self._updating |= {id(item) for item in found}
            self.place.needs_total |= needs_total
        if isinstance(node, (*FunctionNode, ast.ClassDef)):
            if isinstance(node, ast.ClassDef):
                self._look(node, NOTHING)
            return written
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            return self._assign(node, written)
        if isinstance(node, ast.If):
            written = self._look(node.test, written)
            return _both(self._block(node.body, written), self._block(node.orelse, written))
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            return self._loop(node, written)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                written = self._look(item, written)
            self._block(node.body, written)
            return self._unbound(node, written) if isinstance(node, ast.With) and self._keeps(node) else NOTHING
        if isinstance(node, (ast.Try, ast.TryStar)):
            after = self._block([*node.body, *node.orelse], written)
            begun = self._unbound(node, written)
            for handler in node.handlers:
                self._look(handler.type, begun)
                after = _both(after, self._block(handler.body, begun))
            return _either(self._block(node.finalbody, begun), after) if node.finalbody else after
        if isinstance(node, ast.Match):
            written = self._look(node.subject, written)
            for case in node.cases:
                self._look(case.pattern, written)
                self._look(case.guard, written)
                self._block(case.body, written)
            return self._unbound(node, written) if self._keeps(node) else NOTHING
        written = self._unbound(node, self._look(node, written))
        if isinstance(node, ast.Return):
            self._leave(_either(written, self._written_by(node.value)))
        if isinstance(node, ast.Expr):
            written = _either(written, self._written_by(node.value))
        return _ALL if isinstance(node, LEAVING) else written

    def _assign(self, node: ast.Assign | ast.AnnAssign, written: Written) -> Written:
        written = _either(self._look(node.value, written), self._written_by(node.value))
        written = self._unbound(node, written)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            place = self._place(target)
            if place is not None:
                self.read |= self.place.inside and not self._is_own(node)
                written = _either(written, place)
            else:
                self._look(target, written)
        return written

    def _written_by(self, value: ast.expr | None) -> Written:
        """The variable whose method writes the place of its object, if the expression is a call of it."""
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
            return NOTHING
        base = value.func.value
        if not isinstance(base, ast.Name) or not self.place.always_writes(value.func.attr):
            return NOTHING
        return frozenset((base.id,)) if base.id in self._variables else NOTHING

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, written: Written) -> Written:
        written = self._look(node.iter if not isinstance(node, ast.While) else node.test, written)
        # Of a function around a loop, that is the outermost one: in another, nothing is brought in.
        stays = self.stays or self._depth > 0
        written = self._unbound(node, written) if stays and self._keeps(node) else NOTHING
        if not isinstance(node, ast.While):
            self._look(node.target, written)
        self._depth += 1
        self._block(node.body, written)
        self._depth -= 1
        self._block(node.orelse, written)
        return written

    def _unbound(self, node: ast.AST, written: Written) -> Written:
        """What is still meant by its variable, if these statements are executed, or some of them."""
        if written is _ALL or not written:
            return written
        stored = [
            item.id for item in ast.walk(node) if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load)
        ]
        return written - frozenset(stored)

    def _place(self, target: ast.expr) -> Written | None:
        """The variable by which the target is the place; None if it is not."""
        if isinstance(target, ast.Name):
            return _GLOBAL if self._is_mine(target) else None
        if not isinstance(target, ast.Attribute) or target.attr != self.name:
            return None
        mine = self._is_mine(target)
        self.read |= not mine  # whose it is, is not known
        return frozenset((target.value.id,)) if mine and isinstance(target.value, ast.Name) else None

    def _keeps(self, node: ast.AST) -> bool:
        """Does nothing of it wait, so that a change could be brought in meanwhile?"""
        return not any(isinstance(item, (ast.Yield, ast.YieldFrom, ast.Await)) for item in ast.walk(node))

    def _look(self, node: ast.AST | None, written: Written) -> Written:
        """Note what an expression, or what is left of a statement, reads; what is still written behind it?"""
        if node is None:
            return written
        later = {id(part) for item in ast.walk(node) if isinstance(item, _LATER) for part in ast.walk(item)}
        for item in ast.walk(node):
            now = NOTHING if id(item) in later else written
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute):
                self._calls(item.func, now)
            if (isinstance(item, ast.Name) and self.local) or id(item) in self._updating:
                continue
            stored = isinstance(item, (ast.Name, ast.Attribute)) and not isinstance(item.ctx, ast.Load)
            if self.place.inside and stored and self.name in (getattr(item, "id", None), getattr(item, "attr", None)):
                self.read = True  # bound by something else than an assignment
            elif spells(item, self.name) and not self._is_written(item, now):
                self.read = True
            elif isinstance(item, ast.Attribute) and item.attr == self.name and isinstance(item.ctx, ast.Store):
                self.read |= self._place(item) is None
        if isinstance(node, ast.AugAssign):
            place = self._place(node.target)
            self.read |= place is not None and not self.place.inside and not self._has(written, place)
        return written if self._keeps(node) else NOTHING

    def _calls(self, function: ast.Attribute, written: Written) -> None:
        base = function.value
        if not isinstance(base, ast.Name) or not self._has(written, frozenset((base.id,))):
            self.entered.add(function.attr)

    def _has(self, written: Written, place: Written) -> bool:
        return not self.place.inside and (written is _ALL or place <= written)

    def _is_own(self, node: ast.Assign | ast.AnnAssign) -> bool:
        """Does the assignment bind the place, and nothing else, to something new, or to what is left of it?"""
        alone = isinstance(node, ast.AnnAssign) or len(node.targets) == 1
        return alone and (updates.is_cut(node.value, self._is_mine) or self.place.binds(node.value))

    def _is_mine(self, node: ast.AST) -> bool:
        """Does the expression spell the place of the method's own object, of a function, or of the module?"""
        if isinstance(node, ast.Name):
            return node.id == self.name and not self.local
        base = node.value if isinstance(node, ast.Attribute) and node.attr == self.name else None
        return isinstance(base, ast.Name) and (base.id in self.made or (base.id in self.objects and self.plain))

    def _is_written(self, node: ast.AST, written: Written) -> bool:
        """Is this the place, and has it been written by this variable?"""
        if isinstance(node, ast.Attribute):
            base = node.value
            plain = isinstance(node.ctx, ast.Load) and isinstance(base, ast.Name) and base.id not in self.made
            return plain and isinstance(base, ast.Name) and self._has(written, frozenset((base.id,)))
        return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and self._has(written, _GLOBAL)


def _both(one: Written, two: Written) -> Written:
    """What is written on either way."""
    return two if one is _ALL else one if two is _ALL else one & two


def _either(one: Written, two: Written) -> Written:
    """What is written by one of two that are both executed."""
    return _ALL if one is _ALL or two is _ALL else one | two
