"""What flows into a call, and what the call does to what it is given. Pure; runs in the user's process."""

from __future__ import annotations

import ast
import builtins
import sys

from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.fresh import LOOKING
from hrsup_strategies.reload.identifiers import (
    BUILDERS,
    DISPLAYS,
    LOOKED_UP,
    arguments_of,
    is_reference,
    last_name,
)
from hrsup_strategies.reload.known import (
    ACCUMULATING,
    DATABASE,
    EFFECTS,
    MAKING_ONCE,
    OF_MODULES,
    ORDERING,
    OVERWRITING,
    READING,
    REMOVING,
)
from hrsup_strategies.reload.omitting import ADDING_SEVERAL
from hrsup_strategies.reload.places import Places
from hrsup_strategies.reload.questions import objects_in, puts_ahead, shows
from hrsup_strategies.reload.sql import ENDED, ENDING, altered_by

_PLAIN_TYPES = frozenset(("str", "bytes", "int", "float", "complex", "bool", "tuple", "frozenset"))


class CallFlows(Places):
    """Walks calls."""

    def call(self, call: ast.Call, control: frozenset[str]) -> None:
        """The flows of one call: into what it calls, and into the object whose method it is."""
        arguments = arguments_of(call)
        given: set[str] = set(control) if arguments else set()
        holds: set[str] = set()
        for argument in arguments:
            if is_reference(argument) and last_name(call) not in MAKING_ONCE:
                holds |= self.keys(argument)
            else:
                given |= self.keys(argument)
        callee, group = self.callee(call)
        called = {group, callee} if self.unit is not None and callee in self.unit.nested else {group}
        self.flow(control, [Store(f"C:{name}", "plain") for name in sorted(filter(None, called))], call.lineno)
        self._chosen(call, call.func, group)
        self._asks(call, group)
        self.calls_back(call, given | holds, control)
        self._alters(call, callee, control)
        fills = isinstance(call.func, ast.Attribute) and callee in ACCUMULATING | OVERWRITING | REMOVING
        given = given | (self.picks(call.func) if fills else set())
        if isinstance(call.func, ast.Attribute) and takes_out(call, callee):
            self.module.emptied.add(last_name(call.func.value) or "")
        if not given and not holds and not control and not fills and group not in DATABASE:
            return  # (a statement in SQL does something to what lasts, whatever it is given beside)
        stores = [Store(f"P:{group}", "plain")] if arguments else []
        if callee == "setattr" and call.args:
            stores.append(self.place(call.args[0], "last"))
        stores += [Store(f"E:{callee}", "effect")] if callee in ("create_task", "ensure_future") else []
        stores += [self.place(item.value, "last") for item in call.keywords if item.arg == "out"]  # of numpy's
        if isinstance(call.func, ast.Attribute) and not self._keeps_nothing(call.func):
            stores += self._receiver(call, self._bound(call, call.func), callee, control)
            stores = [store for store in stores if store.key or store.kind != "plain"]
        elif callee in ("heappop", "heapreplace", "heappushpop") and call.args:
            self.module.emptied.add(last_name(call.args[0]) or "")
            stores.append(self.place(call.args[0], "last"))
        elif callee in ("heappush", "insort") and call.args:
            stores.append(self.place(call.args[0], "append"))
            stores[-1].ahead = True
        guards = self.guards
        self.guards |= self.omits(arguments) if fills and callee in ADDING_SEVERAL else frozenset()
        self.flow(given | control, stores, call.lineno, holds, self._comes_from(call.func))
        self.guards = guards
        by_one = isinstance(call.func, ast.Attribute) and callee in ("append", "appendleft", "insert")
        looks = isinstance(call.func, ast.Name) and callee in LOOKING and group == callee
        for item in () if looks else (getattr(call.func, "value", None), *arguments):
            self.resizes(item, set(control) if by_one and item not in arguments else given | holds | control)

    def _bound(self, call: ast.Call, function: ast.Attribute) -> ast.Attribute:
        """The method as it is looked up in the object: ``list.append(rows, x)`` is ``rows.append(x)``."""
        base = function.value
        if isinstance(base, ast.Name) and base.id in BUILDERS and base.id not in self.names and call.args:
            return ast.copy_location(ast.Attribute(call.args[0], function.attr, ast.Load()), function)
        return function

    def _alters(self, call: ast.Call, callee: str | None, control: frozenset[str]) -> None:
        """What a statement does to a database by its text, and because it is run at all. One of
        Python's may store what it likes."""
        if isinstance(call.func, ast.Name) and callee in ("exec", "eval"):
            self.flow({LOOKED_UP}, [Store(LOOKED_UP, "last")], call.lineno)
        if callee in DATABASE and call.args:
            text = call.args[0]
            key = altered_by(text)
            keys = self.keys(text)
            given, held = (set[str](), keys) if is_reference(text) else (keys, None)
            if key is not None:
                self.flow(given | control, [Store(key, "alters")], call.lineno, held)
        elif callee in ENDING and not call.args and isinstance(call.func, ast.Attribute):
            self.flow(control, [Store(ENDED, "alters")], call.lineno)

    def _chosen(self, call: ast.Call, function: ast.expr, group: str) -> None:
        """What the object decides whose method is called, or an attribute or a variable which function it is."""
        if isinstance(function, ast.Attribute):
            keys, chosen = self.spelled(function.value), [Store(f"V:{group}", "plain")]
            made, held = (set[str](), keys) if is_reference(function.value) else (keys, None)
            self.flow(made, chosen, call.lineno, held)
            self.flow(set(), [Store(f"H:{group}", "plain")], call.lineno, {group})
            return
        is_global = isinstance(function, ast.Name) and self.name_keys(function.id) == {function.id}
        self.flow(set(), [Store(f"C:{group}", "plain")], call.lineno, set() if is_global else self.keys(function))

    def _asks(self, call: ast.Call, group: str) -> None:
        """Note what the call is given, and whose method it is: either may be asked for something."""
        given = {key for item in arguments_of(call) for key in self.objects(item)}
        if group == "map" and isinstance(call.args[0] if call.args else None, ast.Name):
            group = last_name(call.args[0]) or group  # each is given to that
        for keyword in call.keywords if group in ORDERING else ():
            self.test(keyword.value)  # what comes first
        if given:
            self.module.questions.given.setdefault(group, set()).update(given)
        if isinstance(call.func, ast.Attribute) and not shows(call.func.attr):
            self.module.questions.of.setdefault(call.func.attr, set()).update(self.objects(call.func.value))

    def objects(self, node: ast.AST) -> set[str]:
        """The keys of the objects that an expression mentions."""
        found = [self.name_keys(item.id) if isinstance(item, ast.Name) else {item.attr} for item in objects_in(node)]
        return set[str]().union(*found)

    def _receiver(
        self, call: ast.Call, function: ast.Attribute, callee: str | None, control: frozenset[str]
    ) -> list[Store]:
        """The object whose method is called, if that may take in what it is given, or lose something for what decides
        about the call."""
        removes = takes_out(call, callee)
        if callee in READING and not (removes and control):
            return []
        lasts = callee in OVERWRITING or removes
        lasts = lasts or callee == "add"  # to a set, once
        store = self.place(function.value, "last" if lasts else "append" if callee in ACCUMULATING else "plain")
        store.removes = removes
        store.method = function.attr if isinstance(function.value, ast.Name) else ""
        if function is call.func:
            plain = not call.keywords and not any(isinstance(item, ast.Starred) for item in call.args)
            store.call = function.attr, len(call.args) if plain else None
        store.ahead = puts_ahead(callee)
        store.queued = callee in ("put", "put_nowait") and len(call.args) == 1  # not as into an array
        return [store]

    def _keeps_nothing(self, function: ast.Attribute) -> bool:
        """Is this a function of a module of the standard library, or of a builtin type, that keeps nothing of its
        own?"""
        base = function.value
        if not isinstance(base, ast.Name) or self.name_keys(base.id) != {base.id}:
            return False
        if base.id in _PLAIN_TYPES and base.id not in self.module.origins:
            return hasattr(getattr(builtins, base.id), function.attr)
        is_module = base.id in sys.stdlib_module_names and self.module.origins.get(base.id) == base.id
        return is_module and (function.attr in OF_MODULES or function.attr not in OVERWRITING)

    def _comes_from(self, function: ast.expr) -> frozenset[str] | None:
        """The keys of what is called; None where it is known to be of the interpreter's own."""
        if isinstance(function, ast.Attribute):
            base = function.value
            if isinstance(base, (ast.Constant, ast.JoinedStr, *DISPLAYS)):
                return None
            made = self.fresh.get(base.id, "") if isinstance(base, ast.Name) and base.id in self.names else ""
            if made is None:  # a display or the like
                return None
            if isinstance(base, ast.Call) and last_name(base) == "super" and self.unit is not None:
                return frozenset((self.unit.owner or "super",))
            function = base
        return frozenset(self.spelled(function))

    def effect(self, call: ast.Call) -> Store:
        """What is called for its effect alone."""
        name = last_name(call.func)
        files = [keyword.value for keyword in call.keywords if keyword.arg in ("file", "stream")]
        by_an_object = name == "print" and isinstance(call.func, ast.Attribute)
        if by_an_object or (name in EFFECTS and not all(map(self._is_printed_to, files))):
            name = "write"
        base = call.func.value if isinstance(call.func, ast.Attribute) else None
        made = base.id if isinstance(base, ast.Name) and base.id in self.fresh else None
        return Store(f"E:{name}", "effect", self.fresh.get(made or ""), made, lasting="effect")

    def _is_printed_to(self, file: ast.expr) -> bool:
        """Is this where ``print`` writes anyway, or the like?"""
        base = file.value if isinstance(file, ast.Attribute) and file.attr in ("stdout", "stderr") else None
        if not isinstance(base, ast.Name) or self.name_keys(base.id) != {"sys"}:
            return False
        return self.module.origins.get("sys") == "sys"


def takes_out(call: ast.Call, callee: str | None) -> bool:
    """Does a method of this name take something out of its object? ``get`` does, of a queue: it is given no key."""
    waits = all(isinstance(item, ast.Constant) and item.value in (True, False) for item in call.args[:1])
    return callee in REMOVING or callee == "get_nowait" or (callee == "get" and waits)
