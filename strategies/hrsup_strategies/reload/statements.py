"""Walks the statements of one function, or of a module's body, once. Pure; runs in the user's process."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.control import Control
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.expressions import is_element
from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.fresh import made_here
from hrsup_strategies.reload.identifiers import (
    ANYTHING,
    BY_STRING,
    DISPLAYS,
    DYNAMIC,
    LOOKED_UP,
    arguments_of,
    bare_names,
    called,
    calls_for_effect,
    is_reference,
    last_name,
    locals_of,
    params_of,
)
from hrsup_strategies.reload.known import ACCESSORS, ACCUMULATING, EFFECTS, MARKING, RUNNERS, WRITERS
from hrsup_strategies.reload.trees import children, walk
from hrsup_strategies.reload.updates import settles


class Statements(Control):
    """Walks the statements of one scope and writes down the flows."""

    def _expr(self, node: ast.Expr, control: frozenset[str]) -> None:
        call = node.value
        if isinstance(call, ast.Constant):
            return  # a docstring looks nothing up
        for effect in calls_for_effect(call):
            # A call for its effect alone may set something up once, in a place that is not seen.
            self.keys(effect)  # as a whole: what is called is not handed over
            given: set[str] = set()
            passed: set[str] = set()
            for argument in effect.args:
                if is_reference(argument):
                    passed |= self.keys(argument)
                else:
                    given |= self.keys(argument)
            given |= self._of_receiver(effect)
            for keyword in effect.keywords:  # by these a function is given that is called at once
                given |= self.keys(keyword.value)
            decides = control if effect is call else control | self.spelled(call)
            self.flow(given | decides, [self.effect(effect)], node.lineno, passed)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ACCUMULATING:
            for argument in arguments_of(call):
                self.expression(argument, control)
            self.container(call.func.value, control)
            self.uses_in(call, control)
            if any(isinstance(item, (ast.Call, ast.Subscript)) for item in walk(call.func.value)):
                self.expression(call.func.value, frozenset())  # by what it is found is kept, if it was not there yet
            if self.unit is not None:
                self.unit.mentions.add(call.func.attr)
            self.call(call, control)
            return
        self.expression(call, control)

    def _of_receiver(self, effect: ast.Call) -> set[str]:
        """What the object is made of whose method is called, where it is made on the spot; and what a name says of it
        that is written to, by which a file is found, or a thread is begun."""
        name, receiver = last_name(effect.func), getattr(effect.func, "value", None)
        if receiver is None or (is_reference(receiver) and name not in WRITERS | MARKING | {"start"}):
            return set()
        if not isinstance(receiver, ast.Call) or name not in EFFECTS | RUNNERS:
            return self.spelled(receiver)
        return set().union(*(self.spelled(item) for item in arguments_of(receiver) if not is_reference(item)))

    def _assign(self, node: ast.Assign, control: frozenset[str]) -> None:
        keys = self.expression(node.value, control)
        before = len(self.module.flows)
        for target in node.targets:
            self._asks_which(target, node.value)
            self.same_as(target, node.value)
            self._holds_parts(target, node.value)
            if is_reference(node.value) and not isinstance(target, (ast.Tuple, ast.List)):
                self.assign(target, control, "plain", keys)
            else:
                self.assign(target, keys | control, "plain")
        if is_element(node.value):
            self._one_by_one(before)
        made = made_here(node.value)
        if made is not None and made[0] not in self.names:  # who is called by a local, nobody knows
            for store in (store for flow in self.module.flows[before:] for store in flow.stores):
                store.token = made[0]

    def _asks_which(self, target: ast.expr, value: ast.expr | None = None) -> None:
        """Is the first taken of what grows (``first, *rest = rows``), or all but the first removed (``rows[1:]``)?"""
        if isinstance(target, (ast.Tuple, ast.List)) and any(isinstance(item, ast.Starred) for item in target.elts):
            self.test(value or target)
        elif isinstance(target, (ast.Tuple, ast.List)) and value is not None and not isinstance(value, ast.Tuple):
            self.goes_through(value)
        part = target.slice if isinstance(target, ast.Subscript) else None
        if isinstance(target, ast.Subscript) and isinstance(part, ast.Slice) and part.lower and not part.upper:
            self.test(target.value)

    def _holds_parts(self, target: ast.expr, value: ast.expr) -> None:
        """What a display holds as it is goes by the name of who holds the display, too."""
        if isinstance(value, (*DISPLAYS, ast.Tuple)):
            parts = [item for item in children(value) if isinstance(item, ast.expr) and is_reference(item)]
            for key in {key for item in parts for key in self.objects(item)}:
                self.module.questions.parts.setdefault(key, set()).update(self.objects(target))

    def _return(self, node: ast.Return, control: frozenset[str]) -> None:
        if self.unit is not None:
            keys = self.expression(node.value, control)
            self.gives(node.value)
            self.unit.returned |= keys
            self.unit.told |= control if is_element(node.value) else keys | control

    def _annassign(self, node: ast.AnnAssign, control: frozenset[str]) -> None:
        if node.value is not None:
            self.same_as(node.target, node.value)
            self.assign(node.target, self.expression(node.value, control) | control, "plain")

    def _augassign(self, node: ast.AugAssign, control: frozenset[str]) -> None:
        keys = self.expression(node.value, control)
        changed = self.keys(node.target)
        before = len(self.module.flows)
        self.assign(node.target, keys | control, "plain" if settles(node) else "aug")
        if isinstance(node.target, ast.Subscript):
            self.uses(node.target, control, "counts")
        if isinstance(node.op, ast.Sub):  # of numbers; from a set it is taken only once
            self.uses(node.target, keys | control, "loses")
        for flow in self.module.flows[before:]:
            flow.callee = frozenset(changed)  # an operator of the target's own may keep what it is given

    def _global(self, node: ast.Global | ast.Nonlocal, control: frozenset[str]) -> None:
        self.declared |= set(node.names)

    _nonlocal = _global

    def _import(self, node: ast.Import | ast.ImportFrom, control: frozenset[str]) -> None:
        for alias in node.names:
            name = alias.name.rpartition(".")[2]
            if alias.asname:
                self.module.escapes.add(name)  # it is called by the other name
            elif isinstance(node, ast.ImportFrom):
                self.imported.add(name)
            bound = alias.asname or alias.name.partition(".")[0]
            if alias.asname and name in DYNAMIC | BY_STRING:
                self.module.escapes.add(ANYTHING)
                self.flow({LOOKED_UP}, [Store(self.local(bound) if self.unit else bound, "plain")], node.lineno)
            if self.unit is not None:
                self.unit.mentions.add(name)
                self.unit.dynamic |= name == "*"
            if bound in self.declared:
                self.flow({name}, [Store(bound, "last"), Store(self.local(bound), "plain")], node.lineno)
            elif bound != name or self.unit is not None:
                self.flow({name}, [Store(self.local(bound), "plain")], node.lineno)

    _importfrom = _import

    def _delete(self, node: ast.Delete, control: frozenset[str]) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                keys = self.expression(target.slice, control)
                self._asks_which(target)
                self.keys(target.value)
                place = self.place(target.value, "last")
                place.removes = True
                self.flow(keys | control, [place], node.lineno)
                self.resizes(target.value, keys | control)
            elif isinstance(target, ast.Attribute):
                self.keys(target.value)
                self.looks(target.attr, target.value, control)
                self.flow(control, [Store(target.attr, "last")], node.lineno)
            elif isinstance(target, ast.Name) and target.id in self.declared:
                self.flow(control, [Store(target.id, "last")], node.lineno)

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, control: frozenset[str]) -> None:
        decorators = set()
        for item in node.decorator_list:
            decorators |= self.expression(item, control)
            self.module.escapes.add(node.name)
            # A decorator receives the function, and what it makes of it goes by the function's name.
            callee = last_name(item)
            group = f"P:{callee}" if callee else "P:*"
            self.flow(decorators, [Store(group, "plain")], node.lineno, {node.name})
            self._kept_by(called(item), node)
        made = self._made(node.name)
        if decorators:
            self.flow(decorators, made, node.lineno)
        for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
            keys = self.expression(default, control)
            self.flow(keys, made, node.lineno)
        self.defaults(node.args)
        if self.unit is None:
            return  # collected as a unit of its own
        inner = Statements(self.module, self.unit, locals_of(node), self)
        inner.parameters = params_of(node.args)
        inner.around = [node.name, *self.around]
        inner.declared = {name for item in walk(node) if isinstance(item, ast.Global) for name in item.names}
        params = [Store(self.local(name), "plain") for name in params_of(node.args)]
        given = {"P:*", f"P:{node.name}", f"P:{self.unit.name}"}
        for name in params_of(node.args):
            self.module.same.setdefault(self.local(name), set()).update(("P:*", f"P:{node.name}"))
        self.flow({f"U:{self.unit.id}"}, params, node.lineno, given)
        # Whether it is called at all is decided where its name is spelled, or by whom it is handed to.
        inner.block(node.body, control | {f"C:{node.name}"})
        # What it captures lives as long as it does.
        captured = {self.local(name) for name in bare_names(node) & self.names}
        self.flow(control, made, node.lineno, captured)

    def _kept_by(self, decorator: ast.expr, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """The object whose method decorates may keep the function, and give what that returns: `generic.register`."""
        if not isinstance(decorator, ast.Attribute) or decorator.attr in ACCESSORS:
            return
        name = last_name(decorator.value) or ""
        if self.module.origins.get(name, "").partition(".")[0] not in sys.stdlib_module_names:
            self.flow(set(), [Store(name, "plain")], node.lineno, {node.name})

    def _made(self, name: str) -> list[Store]:
        """The places that a definition of this name binds."""
        if self.unit is None:
            return [Store(name, "plain")]
        return [Store(self.local(name), "plain"), *([Store(name, "last")] if name in self.declared else [])]

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef, control: frozenset[str]) -> None:
        for item in [*node.bases, *(keyword.value for keyword in node.keywords), *node.decorator_list]:
            keys = self.expression(item, control)
            self.flow(keys, [Store(node.name, "plain"), Store(self.local(node.name), "plain")], node.lineno)
            # A decorator, a metaclass or a hook of a base receives the class, and may keep it.
            callee = last_name(item)
            self.flow(set(), [Store(f"P:{callee}" if callee else "P:*", "plain")], node.lineno, {node.name})
        for child in node.body:
            self.statement(child, control)
            self._factories(node.name, child)
            if self.unit is not None and not isinstance(child, FunctionNode):
                self.flow(self.keys(child) | control, self._made(node.name), node.lineno)

    def _factories(self, owner: str, field: ast.stmt) -> None:
        """What makes the default of a data class's field is called with the class."""
        value = field.value if isinstance(field, ast.AnnAssign) else None
        if not isinstance(value, ast.Call) or last_name(value) not in ("field", "Factory", "ib", "attrib"):
            return
        for keyword in value.keywords:
            calls = [item.func for item in walk(keyword.value) if isinstance(item, ast.Call)]
            for function in calls if isinstance(keyword.value, ast.Lambda) else [keyword.value]:
                name = last_name(function)
                if keyword.arg in ("default_factory", "factory") and name:
                    self.flow({f"C:{owner}"}, [Store(f"C:{name}", "plain")], field.lineno)
