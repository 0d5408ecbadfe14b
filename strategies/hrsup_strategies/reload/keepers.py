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

from hrsup_strategies.reload import frameworks
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import arguments_of, bare_names, called
from hrsup_strategies.reload.records import bound_in, is_plain, is_record
from hrsup_strategies.reload.registering import CONTAINERS, Registering, made_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.flows import Store
    from hrsup_strategies.reload.resolution import Resolution
    from hrsup_strategies.reload.units import Unit
    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import Work

    Function = ast.FunctionDef | ast.AsyncFunctionDef


class Kept:
    """Where a registration puts what: into `attributes` of the object called `name` in the module at `home`, of which
    those that it has `filled` are containers."""

    __slots__ = ("attributes", "filled", "home", "name")

    def __init__(self, home: str, name: str, attributes: set[str], filled: set[str]) -> None:
        self.home, self.name, self.attributes, self.filled = home, name, attributes, filled


class Keepers:
    """Answers for one reload whether a registration is such a one. Nothing of it may have changed."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._bound: dict[str, tuple[int, list[tuple[Unit | None, Store]]]] = {}

    def decorates(self, path: str, decorator: ast.expr) -> bool:
        """Does this decorator of a function in the module at `path` only keep the function and give it back?"""
        return self.is_framework(path, decorator) or (
            self._is_at_top(path, decorator) and self._by(path, decorator, strict=True) is not None
        )

    def is_framework(self, path: str, decorator: ast.expr) -> bool:
        """Does it register the function with a web framework that is known, which calls it for requests alone?"""
        work, target = self._work, called(decorator)
        base = target.value if isinstance(target, ast.Attribute) else None
        if not isinstance(base, ast.Name) or path not in work.old or any(map(work.path_of, frameworks.PACKAGES)):
            return False
        versions = [work.version(path, old) for old in (True, False)]
        nodes = [statement.node for version in versions for statement in version.body]
        if not any(isinstance(node, FunctionNode) and decorator in node.decorator_list for node in nodes):
            return False  # in a class, names may stand for something else
        if not all(_is_bound_once(version, base.id) for version in versions) or self._is_set_elsewhere(base.id):
            return False
        return frameworks.registers(work.closure, decorator, vars(work.modules[path]).get(base.id))

    def states(self, path: str, node: ast.stmt) -> bool:
        """Is this statement of the module's body the call of such a method, or an item that is set by one?"""
        return self._stated(path, node, strict=True) is not None

    def fills(self, path: str, node: ast.stmt, old: bool) -> set[tuple[str, str]] | None:
        """The containers that such a statement of the loaded (`old`) or new version fills, if it does no more: each
        is an attribute of an object that a module makes (``bus.handlers``). What it is given may have changed."""
        names = (self._work.before if old else self._work.after).names
        if not isinstance(node, FunctionNode):
            kept = [self._stated(path, node, names)]
        else:
            kept = [self._by(path, decorator, names) for decorator in node.decorator_list]
        found: set[tuple[str, str]] = set()
        for one in kept:
            if one is None or one.attributes != one.filled:
                return None
            found |= {(one.home, f"{one.name}.{attribute}") for attribute in one.filled}
        return found

    def _by(self, path: str, decorator: ast.expr, names: Resolution | None = None, strict: bool = False) -> Kept | None:
        target = called(decorator)
        call = decorator if isinstance(decorator, ast.Call) else None
        if not isinstance(target, ast.Attribute):
            return None
        return self._registers(names, path, target.value, target.attr, call, True, strict)

    def _stated(self, path: str, node: ast.stmt, names: Resolution | None = None, strict: bool = False) -> Kept | None:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            if not isinstance(function, ast.Attribute):
                return None
            return self._registers(names, path, function.value, function.attr, node.value, False, strict)
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Subscript):
            return None
        target = node.targets[0]
        call = ast.Call(target.value, [target.slice, node.value], [])
        return self._registers(names, path, target.value, "__setitem__", call, False, strict)

    def _registers(
        self,
        names: Resolution | None,
        path: str,
        base: ast.expr,
        method: str,
        call: ast.Call | None,
        decorated: bool,
        strict: bool,
    ) -> Kept | None:
        """What such a call keeps; with `strict` nothing that it is given may have changed."""
        names = names or self._work.before.names
        found = self._maker(names, path, base)
        if found is None or not bare_names(base).isdisjoint(self._work.closure.values):
            return None
        if self._is_set_elsewhere(found[2]) or not self._is_method(method):
            return None
        home, _, name = found
        before, after = (self._maker(one.names, home, ast.Name(name)) for one in (self._work.before, self._work.after))
        if (
            before is None
            or after is None
            or ast.dump(_method(after[1], method)) != ast.dump(_method(before[1], method))
        ):
            return None
        function = _method(before[1], method)
        if not isinstance(function, ast.FunctionDef) or f"{home}:{before[1].name}.{method}" in self._changed():
            return None
        given = self._given(names, path, call)
        if given is None or not self._is_instance(home, name, before[1].name, method):
            return None
        body = Registering(
            function, *given, decorated=decorated, is_call=call is not None, is_record=partial(self._is_record, home)
        )
        if not body.registers() or (strict and not self._is_as_before(path, call, body)):
            return None
        live = vars(vars(self._work.modules[home])[name])
        plain = all(type(live.get(item)) in CONTAINERS for item in body.filled)
        own = plain and all(self._is_own(before[1], after[1], item, body.filled) for item in body.attributes)
        return Kept(home, name, body.attributes, body.filled) if own else None

    def _is_as_before(self, path: str, call: ast.Call | None, body: Registering) -> bool:
        """Is what is kept not changed, or made once more?"""
        closure = self._work.closure
        if body.attributes == body.filled and body.filled <= closure.refilled:
            return True
        parts = [item for part in (arguments_of(call) if call is not None else ()) for item in ast.walk(part)]
        places = [
            self._work.before.names.of(path, item) for item in parts if isinstance(item, (ast.Name, ast.Attribute))
        ]
        given = {place[2] for place in places if place is not None}.union(*map(bare_names, parts))
        return given.isdisjoint(closure.values) and body.told.isdisjoint(closure.reached_names)

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

    def _given(self, names: Resolution, path: str, call: ast.Call | None) -> tuple[list[bool], dict[str, bool]] | None:
        """Of the arguments by place and by keyword, whether each is plain data; None if one is neither that nor a
        function or class of the program's."""
        if call is None:
            return [], {}
        places = [self._is_data(names, path, item) for item in call.args]
        keywords = {item.arg: self._is_data(names, path, item.value) for item in call.keywords if item.arg is not None}
        if None in places or None in keywords.values() or len(keywords) != len(call.keywords):
            return None
        return [bool(item) for item in places], {name: bool(item) for name, item in keywords.items()}

    def _is_data(self, names: Resolution, path: str, node: ast.expr) -> bool | None:
        """Is the expression plain data (True), or a function (False), and nothing that may be another thing now?"""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, (ast.Tuple, ast.List, ast.UnaryOp, ast.BinOp)):
            parts = [item for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr)]
            return True if all(self._is_data(names, path, item) is True for item in parts) else None
        place = names.of(path, node)
        if place is None or self._is_set_elsewhere(place[2]):
            return None
        return self._is_data_of(place[0], place[1])

    def _is_data_of(self, path: str, statement: Statement) -> bool | None:
        node = statement.node
        if isinstance(node, FunctionNode):
            return False
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Constant):
            return True
        return None


def _is_bound_once(version: Version, name: str) -> bool:
    """Is this name of a module bound by one statement of its body, and by no function?"""
    bound = [statement for statement in version.body if not {name, "*"}.isdisjoint(statement.names)]
    return len(bound) == 1 and not any(name in node.names for node in version.globals)


def _method(cls: ast.ClassDef, name: str) -> Function | ast.Pass:
    """The one definition of a method in the class's body; an empty statement if there is none, or more."""
    found = [item for item in cls.body if name in bound_in(item)]
    return found[0] if len(found) == 1 and isinstance(found[0], FunctionNode) else ast.Pass()
