"""Registrations by a method of an object that a module makes while it is imported: `@scheduler.every(5)`,
`bus.on("event", function)`, `registry["x"] = function`. Runs in the user's process.

Such a statement has nothing to do with a change if all that the method does is to put the very function, and what can
be told of it without its code, into the object, and nothing else. Where it is found again (the attribute that keeps
it), the closure follows it as ever. That is shown, not guessed: by its one binding the name stands for an instance of a
class of the program's, the class says itself what the method is, and each statement of the method is one of a few
kinds (``registering``).
"""

from __future__ import annotations

import ast
from functools import partial

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import bare_names, called
from hrsup_strategies.reload.records import bound_in, is_plain, is_record
from hrsup_strategies.reload.registering import CONTAINERS, Registering, made_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.flows import Store
    from hrsup_strategies.reload.resolution import Resolution
    from hrsup_strategies.reload.units import Unit
    from hrsup_strategies.reload.work import Work

    Function = ast.FunctionDef | ast.AsyncFunctionDef


class Keepers:
    """Answers for one reload whether a registration is such a one. Nothing of it may have changed."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._bound: dict[str, tuple[int, list[tuple[Unit | None, Store]]]] = {}

    def decorates(self, path: str, decorator: ast.expr) -> bool:
        """Does this decorator of a function in the module at `path` only keep the function and give it back?"""
        target = called(decorator)
        if not isinstance(target, ast.Attribute) or not self._is_at_top(path, decorator):
            return False
        call = decorator if isinstance(decorator, ast.Call) else None
        return self._registers(path, target.value, target.attr, call, decorated=True)

    def states(self, path: str, node: ast.stmt) -> bool:
        """Is this statement of the module's body the call of such a method, or an item that is set by one?"""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            if not isinstance(function, ast.Attribute):
                return False
            return self._registers(path, function.value, function.attr, node.value, decorated=False)
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Subscript):
            return False
        target = node.targets[0]
        call = ast.Call(target.value, [target.slice, node.value], [])
        return self._registers(path, target.value, "__setitem__", call, decorated=False)

    def _registers(self, path: str, base: ast.expr, method: str, call: ast.Call | None, decorated: bool) -> bool:
        found = self._maker(self._work.before.names, path, base)
        if not bare_names(base).isdisjoint(self._work.closure.values):
            return False
        if found is None or self._is_set_elsewhere(found[2]) or not self._is_method(method):
            return False
        home, cls, name = found
        after = self._maker(self._work.after.names, home, ast.Name(name))
        if after is None or ast.dump(_method(after[1], method)) != ast.dump(_method(cls, method)):
            return False
        function = _method(cls, method)
        if not isinstance(function, ast.FunctionDef) or f"{found[0]}:{cls.name}.{method}" in self._changed():
            return False
        given = self._given(path, call)
        if given is None or not self._is_instance(home, name, cls.name, method):
            return False
        body = Registering(
            function, *given, decorated=decorated, is_call=call is not None, is_record=partial(self._is_record, home)
        )
        if not body.registers() or not body.told.isdisjoint(self._work.closure.reached_names):
            return False
        live = vars(vars(self._work.modules[home])[name])
        plain = all(type(live.get(item)) in CONTAINERS for item in body.filled)
        return plain and all(self._is_own(cls, after[1], item, body.filled) for item in body.attributes)

    def _is_at_top(self, path: str, decorator: ast.expr) -> bool:
        """Is it one of a function of the module's body? In a class, names may stand for something else."""
        body = self._work.old[path].body if path in self._work.old else []
        definitions = [
            statement.node for statement in body if isinstance(statement.node, (*FunctionNode, ast.ClassDef))
        ]
        return any(decorator is item for node in definitions for item in node.decorator_list)

    def _changed(self) -> set[str]:
        return self._work.closure.changed_units

    # -- the object ------------------------------------------------------------------------------------------------

    def _maker(self, names: Resolution, path: str, base: ast.expr) -> tuple[str, ast.ClassDef, str] | None:
        """Of an object that is bound to a name of a module by one statement, which makes an instance of a plain class
        of the program's: the path of that module, the class, and the name there."""
        place = names.of(path, base)
        if place is None or len(place[1].names) != 1:
            return None
        node = place[1].node
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if not isinstance(value, ast.Call):
            return None
        made = names.of(place[0], value.func)
        cls = made[1].node if made is not None else None
        if not isinstance(cls, ast.ClassDef) or not is_plain(cls):
            return None
        return place[0], cls, place[2]

    def _is_set_elsewhere(self, name: str) -> bool:
        """May another module bind this name of a module, by an attribute?"""
        bindings = self._bindings(name)
        return self._work.closure.looks_up_anything() or any(
            store.of and not (unit is not None and store.of in unit.first) for unit, store in bindings
        )

    def _bindings(self, name: str) -> list[tuple[Unit | None, Store]]:
        """Wherever something is bound to a name or an attribute of this name, and in which function."""
        closure = self._work.closure
        closure.mention(name)
        count, found = self._bound.get(name, (-1, []))
        if count != len(closure.flows):
            flows = closure.flows
            found = [(flow.unit, store) for flow in flows for store in flow.stores if store.binds and store.key == name]
            self._bound[name] = len(flows), found
        return found

    def _is_method(self, name: str) -> bool:
        """Is what goes by this name nothing but methods?"""
        closure = self._work.closure
        return not closure.is_rebound(name) and name not in closure.values

    def _is_own(self, before: ast.ClassDef, after: ast.ClassDef, name: str, filled: set[str]) -> bool:
        """Is this an attribute of the instances' own, and if `filled` an empty container that each begins with?"""
        for cls in (before, after):
            if any(name in bound_in(item) for item in cls.body):
                return False
            if name in filled and not made_empty(cls, name):
                return False
        return name not in filled or all(
            unit is not None and unit.name == "__init__" and store.of in unit.first
            for unit, store in self._bindings(name)
        )

    def _is_record(self, home: str, name: ast.Name) -> bool:
        """Does this class, before and after, only keep what its instances are made of?"""
        closure = self._work.closure
        places = [names.of(home, name) for names in (self._work.before.names, self._work.after.names)]
        for place in places:
            cls = place[1].node if place is not None and place[1].names == (name.id,) else None
            if place is None or not isinstance(cls, ast.ClassDef) or self._is_set_elsewhere(place[2]):
                return False
            if f"{place[0]}:{cls.name}.__init__" in self._changed() or not is_record(
                cls, self._is_data_class(place[0])
            ):
                return False
        return closure.values.isdisjoint({name.id, "__init__"}) and not closure.is_rebound("__init__")

    def _is_data_class(self, path: str) -> Callable[[ast.expr], bool]:
        names = self._work.before.names
        return lambda decorator: names.origin(path, called(decorator)) == "dataclasses.dataclass"

    def _is_instance(self, path: str, name: str, cls: str, method: str) -> bool:
        """Is the object what the sources say?"""
        live = vars(self._work.modules[path]).get(name) if path in self._work.modules else None
        kind = type(live)
        if not hasattr(live, "__dict__"):
            return False
        return kind.__name__ == cls and method in kind.__dict__ and method not in getattr(live, "__dict__", ())

    # -- what it is given ------------------------------------------------------------------------------------------

    def _given(self, path: str, call: ast.Call | None) -> tuple[list[bool], dict[str, bool]] | None:
        """Of the arguments by place and by keyword, whether each is plain data; None if one is neither that nor a
        function or class of the program's."""
        if call is None:
            return [], {}
        places = [self._is_data(path, item) for item in call.args]
        keywords = {item.arg: self._is_data(path, item.value) for item in call.keywords if item.arg is not None}
        if None in places or None in keywords.values() or len(keywords) != len(call.keywords):
            return None
        return [bool(item) for item in places], {name: bool(item) for name, item in keywords.items()}

    def _is_data(self, path: str, node: ast.expr) -> bool | None:
        """Is the expression plain data (True), or a function (False), and nothing that may be another thing now?"""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, (ast.Tuple, ast.List, ast.UnaryOp, ast.BinOp)):
            parts = [item for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr)]
            return True if all(self._is_data(path, item) is True for item in parts) else None
        place = self._work.before.names.of(path, node)
        if place is None or place[2] in self._work.closure.values or self._is_set_elsewhere(place[2]):
            return None
        return self._is_data_of(place[0], place[1])

    def _is_data_of(self, path: str, statement: Statement) -> bool | None:
        node = statement.node
        if isinstance(node, FunctionNode):
            return False
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Constant):
            return True
        return None


def _method(cls: ast.ClassDef, name: str) -> Function | ast.Pass:
    """The one definition of a method in the class's body; an empty statement if there is none, or more."""
    found = [item for item in cls.body if name in bound_in(item)]
    return found[0] if len(found) == 1 and isinstance(found[0], FunctionNode) else ast.Pass()
