"""Attributes and globals that are written before they are read, by everybody: what is kept there is never found again.

Pure; runs in the user's process. A change is brought in between two rounds, when no function that is not around a loop
is under way. So where each read of a name comes after a write in the same round, what a round before has left is read
by nobody. The write may be in the function that reads, in one that it has called for the same object (``hub.step()``
before ``hub.last``), or in all those that call it. Anything less plain counts as a read.
"""

from __future__ import annotations

import ast
import builtins

from hrsup_strategies.reload import updates
from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.order_of_reads import NOTHING, Reads, spells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from hrsup_strategies.reload.definitions import Definitions
    from hrsup_strategies.reload.script import Script
    from hrsup_strategies.reload.units import Unit

    Function = ast.FunctionDef | ast.AsyncFunctionDef

_HOOKS = ("__getattr__", "__setattr__", "__getattribute__", "__set__", "__delattr__")


def is_written_anew(closure: Definitions, name: str, around: Container[str], script: Script | None) -> bool:
    """Is this attribute or global never read before it is written? `around` are the ids of the units around a loop."""
    closure.mention(name)
    if _may_be_hooked(closure, name):
        return False
    place = Place(closure, name, around, script)
    while True:
        size = len(place.entered)
        if place.is_read():
            return False
        if len(place.entered) == size:
            return True


def is_unread(closure: Definitions, name: str, around: Container[str], script: Script | None) -> bool:
    """Is this attribute or global bound to nothing but numbers and new containers, which nobody reads but to update
    them (``self.errors += 1``, ``d[key] = d.get(key, 0) + 1``)? Then what is in one is found by nobody."""
    closure.mention(name)
    if _may_be_hooked(closure, name) or closure.units_of("__radd__"):
        return False
    place = Place(closure, name, around, script, inside=True)
    return not place.is_read() and (place.is_total or not place.needs_total)


def _may_be_hooked(closure: Definitions, name: str) -> bool:
    """May the name be read where it is not spelled, or what goes by it be more than a variable?"""
    if closure.looks_up_anything() or closure.units_of(name) or closure.class_of(name):
        return True
    if name.startswith("__") or (name.startswith("_") and name.endswith("_")):
        return True  # it may be spelled with its class, or is read by the language, or by an enumeration's class
    return any(closure.units_of(hook) for hook in _HOOKS)


class Place:
    """What is written and read under one name. `entered` are the names of methods that somebody calls without having
    written: they begin with nothing. With `inside`, it is what is in the containers there that may not be read."""

    def __init__(
        self, closure: Definitions, name: str, around: Container[str], script: Script | None, inside: bool = False
    ) -> None:
        self.closure, self.name, self.around, self.inside = closure, name, around, inside
        self._script = script
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
                statement = part.statement.node
                rest: list[ast.AST] = [statement]
                if self._script is not None and statement is self._script.node and not self.inside:
                    found |= self._walk_script(self._script, statement)
                    rest = [item for item in ast.walk(statement) if isinstance(item, (*FunctionNode, ast.ClassDef))]
                for node in [item for one in rest for item in _functions_and_rest(one)]:
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
        known = value is None or all(
            self._is_pythons(item.id) for item in ast.walk(value) if isinstance(item, ast.Name)
        )
        self.is_total &= known and updates.is_total(value)
        return known and updates.is_new(value)

    def _is_pythons(self, name: str) -> bool:
        """Is nothing of the program's own, or of a package, meant by this name anywhere?"""
        closure = self.closure
        if closure.units_of(name) or closure.class_of(name) or closure.is_rebound(name):
            return False
        origins = {module.origins[name] for module in closure.modules if name in module.origins}
        return all(origin.partition(".")[0] == "collections" for origin in origins)

    def _is_read_here(self, node: ast.AST) -> bool:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            mine = [item for item in targets if isinstance(item, ast.Name) and item.id == self.name]
            self._bound |= {id(item) for item in mine}
            return bool(mine) and (len(targets) > 1 or not self.binds(node.value))
        if isinstance(node, ast.Name) and node.id == self.name and id(node) not in self._bound:
            return True
        return _is_read(node, self.name)

    def _walk(self, node: Function, unit: Unit | None) -> Reads:
        reads = Reads(self, node, unit)
        reads.walk(reads.objects if self.begins_written(unit) else NOTHING)
        self.entered |= reads.entered
        return reads

    def _walk_script(self, script: Script, node: ast.stmt) -> bool:
        """The same of the statement that the script is in, whose variables are those that it has for itself."""
        function = ast.parse("def script(): pass").body[0]
        assert isinstance(function, ast.FunctionDef)
        function.name, function.body = "", [node]  # a name that no variable has
        reads = Reads(self, function, None, script.variables(self.closure))
        reads.walk(NOTHING)
        self.entered |= reads.entered
        return reads.read

    def _writes(self, unit: Unit) -> bool:
        reads = Reads(self, unit.node, unit)
        reads.walk(NOTHING)
        return unit.id not in self.around and reads.writes

    def _are_plain(self, units: list[Unit]) -> bool:
        """Are these methods of classes whose instances nobody else looks into, and called as they are?"""
        return all(not unit.decorators and not unit.generates and self.is_plain(unit) for unit in units)

    def is_plain(self, unit: Unit | None) -> bool:
        """Is this a method of a class whose instances nobody else looks into?"""
        owner = self.closure.class_of(unit.owner) if unit is not None else None
        if owner is None or owner.node.decorator_list or self.closure.has_foreign_base(owner):
            return False
        return not any(hasattr(getattr(builtins, base or "", object), self.name) for base in owner.bases)

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
    return spells(node, name)
