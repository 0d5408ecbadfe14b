"""Attributes and globals that are written before they are read, by everybody: what is kept there is never found again.

Pure; runs in the user's process. A change is brought in between two rounds, when no function that is not around a loop
is under way. So where each read of a name comes after a write in the same round, what a round before has left is read
by nobody. The write may be in the function that reads, in one that it has called for the same object (``hub.step()``
before ``hub.last``), or in all those that call it. Anything less plain counts as a read.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload import updates
from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import locals_of, named_in_text, own_nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from hrsup_strategies.reload.definitions import Definitions
    from hrsup_strategies.reload.units import Unit

    Function = ast.FunctionDef | ast.AsyncFunctionDef

_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_LATER = (ast.Lambda, ast.GeneratorExp)
_HOOKS = ("__getattr__", "__setattr__", "__getattribute__", "__set__", "__delattr__")
# The variables through which the place has been written: `_ALL` where nobody comes by, `_GLOBAL` that of a module.
Written = frozenset[str]
_ALL, _NONE, _GLOBAL = frozenset(("*",)), frozenset[str](), frozenset(("",))


def is_written_anew(closure: Definitions, name: str, around: Container[str]) -> bool:
    """Is this attribute or global never read before it is written? `around` are the ids of the units around a loop."""
    closure.mention(name)
    if _may_be_hooked(closure, name):
        return False
    place = Place(closure, name, around)
    while True:
        size = len(place.entered)
        if place.is_read():
            return False
        if len(place.entered) == size:
            return True


def is_unread(closure: Definitions, name: str, around: Container[str]) -> bool:
    """Is this attribute or global bound to nothing but numbers and new containers, which nobody reads but to update
    them (``self.errors += 1``, ``d[key] = d.get(key, 0) + 1``)? Then what is in one is found by nobody."""
    closure.mention(name)
    if _may_be_hooked(closure, name) or closure.units_of("__radd__"):
        return False
    place = Place(closure, name, around, inside=True)
    return not place.is_read() and (place.is_total or not place.needs_total)


def _may_be_hooked(closure: Definitions, name: str) -> bool:
    """May the name be read where it is not spelled, or what goes by it be more than a variable?"""
    if closure.looks_up_anything() or closure.units_of(name) or closure.class_of(name):
        return True
    if name.startswith("__") and not name.endswith("__"):
        return True  # it may be spelled with its class
    return any(closure.units_of(hook) for hook in _HOOKS)


class Place:
    """What is written and read under one name. `entered` are the names of methods that somebody calls without having
    written: they begin with nothing. With `inside`, it is what is in the containers there that may not be read."""

    def __init__(self, closure: Definitions, name: str, around: Container[str], inside: bool = False) -> None:
        self.closure, self.name, self.around, self.inside = closure, name, around, inside
        self.entered: set[str] = set()
        self.is_total, self.needs_total = True, False  # has it, or needs it, something for every key? (see ``updates``)
        self._bound: set[int] = set()  # the ids of what assignments outside of functions bind
        self._writing: dict[str, bool] = {}

    def is_read(self) -> bool:
        """Is it read before it is written, if all but those in `entered` begin with what is written?"""
        found = False
        for module in self.closure.modules:
            inside = {id(unit.node): unit for unit in module.units}
            for part in module.parts:
                for node in _functions_and_rest(part.statement.node):
                    if isinstance(node, FunctionNode):
                        found |= self._walk(node, inside.get(id(node))).read
                    else:
                        found |= self._is_read_here(node) if self.inside else _is_read(node, self.name)
                        self._enter_by(node)
        return found

    def begins_written(self, unit: Unit | None) -> bool:
        """Is a method called only by those who have written the place of its object?"""
        if unit is None or unit.owner is None or unit.id in self.around or unit.name in self.entered:
            return False
        closure = self.closure
        seen = closure.may_be_called_unnamed(unit) or closure.is_called_unseen(unit) or closure.is_rebound(unit.name)
        return not seen and self._are_plain(closure.units_of(unit.name))

    def always_writes(self, method: str) -> bool:
        """Does every method of this name write the place of its object before it gives back?"""
        if method not in self._writing:
            self._writing[method] = False  # not if it calls itself first
            units = [] if is_dunder(method) or self.closure.is_rebound(method) else self.closure.units_of(method)
            self._writing[method] = bool(units) and self._are_plain(units) and all(map(self._writes, units))
        return self._writing[method]

    def binds(self, value: ast.expr | None) -> bool:
        """Note what the place is bound to; is that something new?"""
        self.is_total &= updates.is_total(value)
        return updates.is_new(value)

    def _is_read_here(self, node: ast.AST) -> bool:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            mine = [item for item in targets if isinstance(item, ast.Name) and item.id == self.name]
            self._bound |= {id(item) for item in mine}
            return bool(mine) and (len(targets) > 1 or not self.binds(node.value))
        if isinstance(node, ast.Name) and node.id == self.name and id(node) not in self._bound:
            return True
        return _is_read(node, self.name)

    def _walk(self, node: Function, unit: Unit | None) -> _Reads:
        reads = _Reads(self, node, unit)
        reads.walk(reads.objects if self.begins_written(unit) else _NONE)
        self.entered |= reads.entered
        return reads

    def _writes(self, unit: Unit) -> bool:
        reads = _Reads(self, unit.node, unit)
        reads.walk(_NONE)
        return unit.id not in self.around and reads.writes

    def _are_plain(self, units: list[Unit]) -> bool:
        """Are these methods of classes whose instances nobody else looks into, and called as they are?"""
        return all(not unit.decorators and not unit.generates and self.is_plain(unit) for unit in units)

    def is_plain(self, unit: Unit | None) -> bool:
        """Is this a method of a class whose instances nobody else looks into?"""
        owner = self.closure.class_of(unit.owner) if unit is not None else None
        return owner is not None and not (owner.node.decorator_list or self.closure.has_foreign_base(owner))

    def _enter_by(self, node: ast.AST) -> None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            self.entered.add(node.func.attr)


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
    """Walks one function, for one place. `objects` is its object, `read` whether it may read what was not written,
    `writes` whether it gives back only when it has written, and `entered` are the methods that it calls for objects of
    which it has not written the place."""

    def __init__(self, place: Place, node: Function, unit: Unit | None) -> None:
        self.place, self.name, self.node = place, place.name, node
        self.stays = unit is not None and unit.id not in place.around
        parameters = [*node.args.posonlyargs, *node.args.args]
        bound = {item.id for item in own_nodes(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
        later = {name for item in ast.walk(node) if isinstance(item, ast.Nonlocal) for name in item.names}
        self._variables = locals_of(node) - later
        self._depth = 0  # of loops
        self.plain = place.is_plain(unit)
        self.objects: Written = frozenset(item.arg for item in parameters[:1]) - bound
        self.made = {node.name, *(item.name for item in own_nodes(node) if isinstance(item, FunctionNode))} - bound
        self.local = self.name in locals_of(node)
        self.read = False
        self.writes = True
        self.entered: set[str] = set()
        self._updating: set[int] = set()  # the ids of mentions of the place that only serve to update it

    def walk(self, written: Written) -> None:
        """Note what it reads, if it begins with what is `written`."""
        arguments = self.node.args
        for item in [*arguments.defaults, *arguments.kw_defaults, *self.node.decorator_list]:
            self._look(item, _NONE)
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
                self._look(node, _NONE)
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
            return self._unbound(node, written) if isinstance(node, ast.With) and self._keeps(node) else _NONE
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
            return self._unbound(node, written) if self._keeps(node) else _NONE
        written = self._unbound(node, self._look(node, written))
        if isinstance(node, ast.Return):
            self._leave(_either(written, self._written_by(node.value)))
        if isinstance(node, ast.Expr):
            written = _either(written, self._written_by(node.value))
        return _ALL if isinstance(node, _LEAVING) else written

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
            return _NONE
        base = value.func.value
        if not isinstance(base, ast.Name) or not self.place.always_writes(value.func.attr):
            return _NONE
        return frozenset((base.id,)) if base.id in self._variables else _NONE

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, written: Written) -> Written:
        written = self._look(node.iter if not isinstance(node, ast.While) else node.test, written)
        # Of a function around a loop, that is the outermost one: in another, nothing is brought in.
        stays = self.stays or self._depth > 0
        written = self._unbound(node, written) if stays and self._keeps(node) else _NONE
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
            return _GLOBAL if target.id == self.name and not self.local else None
        if not isinstance(target, ast.Attribute) or target.attr != self.name:
            return None
        base = target.value
        mine = isinstance(base, ast.Name) and (base.id in self.made or (base.id in self.objects and self.plain))
        self.read |= not mine  # whose it is, is not known
        return frozenset((base.id,)) if mine and isinstance(base, ast.Name) else None

    def _keeps(self, node: ast.AST) -> bool:
        """Does nothing of it wait, so that a change could be brought in meanwhile?"""
        return not any(isinstance(item, (ast.Yield, ast.YieldFrom, ast.Await)) for item in ast.walk(node))

    def _look(self, node: ast.AST | None, written: Written) -> Written:
        """Note what an expression, or what is left of a statement, reads; what is still written behind it?"""
        if node is None:
            return written
        later = {id(part) for item in ast.walk(node) if isinstance(item, _LATER) for part in ast.walk(item)}
        for item in ast.walk(node):
            now = _NONE if id(item) in later else written
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute):
                self._calls(item.func, now)
            if (isinstance(item, ast.Name) and self.local) or id(item) in self._updating:
                continue
            stored = isinstance(item, (ast.Name, ast.Attribute)) and not isinstance(item.ctx, ast.Load)
            if self.place.inside and stored and self.name in (getattr(item, "id", None), getattr(item, "attr", None)):
                self.read = True  # bound by something else than an assignment
            elif _spells(item, self.name) and not self._is_written(item, now):
                self.read = True
            elif isinstance(item, ast.Attribute) and item.attr == self.name and isinstance(item.ctx, ast.Store):
                self.read |= self._place(item) is None
        if isinstance(node, ast.AugAssign):
            place = self._place(node.target)
            self.read |= place is not None and not self.place.inside and not self._has(written, place)
        return written if self._keeps(node) else _NONE

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
