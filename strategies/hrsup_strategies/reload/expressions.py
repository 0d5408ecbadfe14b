"""Where the values of an expression flow: calls, targets and what is stored into. Pure; runs in the user's process."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.fresh import LOOKING
from hrsup_strategies.reload.identifiers import (
    BUILDERS,
    DISPLAYS,
    LOOKED_UP,
    arguments_of,
    bare_names,
    binds_state,
    inner_names_of,
    is_reference,
    last_name,
    params_of,
)
from hrsup_strategies.reload.known import (
    ACCUMULATING,
    CONSTRUCTORS,
    DATABASE,
    EFFECTS,
    OF_MODULES,
    ORDERING,
    OVERWRITING,
    READING,
    REMOVING,
)
from hrsup_strategies.reload.places import Places
from hrsup_strategies.reload.questions import objects_in, puts_ahead, shows
from hrsup_strategies.reload.sql import ENDED, ENDING, altered_by
from hrsup_strategies.reload.trees import Words, children, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Parts = Callable[[ast.AST], Iterator[tuple[ast.AST, bool]]]

_ARRIVING = frozenset(("next", "recv", "recv_bytes", "read", "readline", "accept", "result", "anext"))
_OPERATORS = (ast.BinOp, ast.Compare, ast.Subscript)


class Expressions(Places):
    """Walks expressions and assignment targets."""

    def expression(self, node: ast.expr | None, control: frozenset[str]) -> set[str]:
        """The keys of an expression, after its inner flows (calls, walrus, comprehensions, lambdas) were noted."""
        if node is None:
            return set()
        self.inner |= inner_names_of(node)
        keys = self.keys(node)
        later = {id(item) for found in walk(node) if isinstance(found, ast.Lambda) for item in walk(found.body)}
        ordering = self.ordering(node)
        nothing, guards, reached = frozenset[str](), self.guards, control
        conditions = dict[ast.AST, frozenset[str]]()
        self._decide(node, nothing, conditions, self._parts)
        deciding = conditions
        if self.raising is not None:
            deciding = {}
            self._decide(node, nothing, deciding, self._parts_that_raise)
        for item in walk(node):
            self.deferred = id(item) in later
            control = reached | deciding.get(item, nothing)
            self.guards = guards | conditions.get(item, nothing)
            self.looks_in(item, node, control)
            self.uses_in(item, control)
            if isinstance(item, ast.Call):
                self.call(item, control)
            elif isinstance(item, _OPERATORS):
                self._operator(item)
            elif isinstance(item, (ast.Yield, ast.YieldFrom)) and self.unit is not None:
                self.unit.returned |= (given := self.keys(item.value))
                self.unit.told |= given if isinstance(item, ast.YieldFrom) else set()
            elif isinstance(item, ast.NamedExpr):
                self.assign(item.target, self.keys(item.value) | control, "plain")
                self.same_as(item.target, item.value)
            elif isinstance(item, ast.comprehension):
                self._inner_names(item.target, self.keys(item.iter))
            elif isinstance(item, ast.Lambda):
                stores = [Store(self.local(name), "plain") for name in params_of(item.args)]
                self.flow(keys, stores, item.lineno, {ordering[id(item)]} if id(item) in ordering else {"P:*", "P:+"})
        self.deferred, self.guards = False, guards
        return keys

    def _decide(self, node: ast.AST, keys: frozenset[str], found: dict[ast.AST, frozenset[str]], parts: Parts) -> None:
        """Note of each part of an expression the keys of what decides, beside `keys`, whether it is evaluated."""
        if keys:
            found[node] = keys
        for part, decides in parts(node):
            self._decide(part, keys, found, parts)
            if decides:
                keys |= self.keys(part)

    def _parts(self, node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
        """The parts in the order in which they are evaluated; does each decide about those after it?"""
        if isinstance(node, ast.IfExp):
            yield from ((node.test, True), (node.body, False), (node.orelse, False))
        elif isinstance(node, ast.BoolOp):
            yield from ((item, True) for item in node.values)
        elif isinstance(node, ast.Compare):
            yield from ((item, len(node.ops) > 1) for item in (node.left, *node.comparators))
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            for each in node.generators:
                yield from ((item, True) for item in (each.iter, *each.ifs))
                yield each.target, False
            made = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
            yield from ((item, False) for item in made)
        else:
            yield from ((item, False) for item in children(node))

    def _parts_that_raise(self, node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
        """The same, where each may raise."""
        yield from ((item, True) for item, _ in self._parts(node))

    def _inner_names(self, target: ast.expr, sources: set[str]) -> None:
        names = [item.id for item in walk(target) if isinstance(item, ast.Name)]
        self.flow(sources, [Store(self.local(name), "plain") for name in names], target.lineno)

    def call(self, call: ast.Call, control: frozenset[str]) -> None:
        """The flows of one call: into what it calls, and into the object whose method it is."""
        arguments = arguments_of(call)
        given: set[str] = set(control) if arguments else set()
        holds: set[str] = set()
        for argument in arguments:
            if is_reference(argument):
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
        if isinstance(call.func, ast.Attribute) and not self._is_of_module(call.func):
            stores += self._receiver(call, self._bound(call, call.func), callee, control)
            stores = [store for store in stores if store.key or store.kind != "plain"]
        elif callee in ("heappop", "heapreplace", "heappushpop") and call.args:
            self.module.emptied.add(last_name(call.args[0]) or "")
            stores.append(self.place(call.args[0], "last"))
        elif callee in ("heappush", "insort") and call.args:
            stores.append(self.place(call.args[0], "append"))
            stores[-1].ahead = True
        self.flow(given | control, stores, call.lineno, holds, self._comes_from(call.func))
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
        store.ahead = puts_ahead(callee)
        store.queued = callee in ("put", "put_nowait") and len(call.args) == 1  # not as into an array
        return [store]

    def _is_of_module(self, function: ast.Attribute) -> bool:
        """Is this a function of a module of the standard library that keeps nothing of its own?"""
        base = function.value
        if not isinstance(base, ast.Name) or self.name_keys(base.id) != {base.id}:
            return False
        is_module = base.id in sys.stdlib_module_names and self.module.origins.get(base.id) == base.id
        return is_module and (function.attr in OF_MODULES or function.attr not in OVERWRITING)

    def _operator(self, node: ast.BinOp | ast.Compare | ast.Subscript) -> None:
        """An operator is a call of a method of one of its operands, which is given the others."""
        operands = [item for item in children(node) if isinstance(item, ast.expr)]
        if sum(not isinstance(item, (ast.Constant, ast.JoinedStr)) for item in operands) > 1:
            keys = self.keys(node)
            self.flow(keys, [Store("", "plain")], node.lineno, callee=frozenset(keys))

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

    def assign(
        self, target: ast.expr, sources: set[str] | frozenset[str], kind: str, holds: set[str] | None = None
    ) -> None:
        """A flow into an assignment target; `kind` is ``plain`` or ``aug``."""
        if isinstance(target, (ast.Tuple, ast.List, ast.Starred)):
            for item in [target.value] if isinstance(target, ast.Starred) else target.elts:
                self.assign(item, sources, kind)
            return
        lasting = "aug" if kind == "aug" else "last"
        self._begins_anew(target, kind)
        stores: list[Store] = []
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            sources = set(sources) | self.picks(target.value)
        if isinstance(target, ast.Name):
            is_declared = target.id in self.declared
            key = target.id if is_declared or self.unit is None else self.local(target.id)
            stores.append(Store(key, lasting if is_declared else "plain", binds=True))
            self.resizes(target, set(sources) | (holds or set()))
            if is_declared:
                stores.append(Store(self.local(target.id), "plain"))
        elif isinstance(target, ast.Attribute):
            base = self.place(target.value, lasting)
            exempt = base.key == "" and self.unit is not None and self.unit.name in CONSTRUCTORS
            exempt = exempt and self.unit is not None and not binds_state(self.unit.node)
            kept = "plain" if exempt else base.kind
            bound = Store(target.attr, kept, base.needs_class, base.made, base.lasting, binds=True)
            bound.of = base.of
            bound.base = base.key if base.changes and isinstance(target.value, ast.Name) else ""
            holder = Store(base.key, "plain")
            holder.changes = base.changes
            stores += [bound, holder]
            self.expression(target.value, frozenset())
            self.looks(target.attr, target.value, sources)
            if self.unit is not None:
                self.unit.binds.add(target.attr)
        elif isinstance(target, ast.Subscript):
            stores.append(self.place(target.value, lasting))
            self._look_into(target, kind)
            if is_reference(target.slice):
                holds = (holds or set()) | self.keys(target.slice)
            else:
                sources = set(sources) | self.keys(target.slice)
            self.container(target.value, sources)
            self.resizes(target.value, set(sources) | (holds or set()))
        self.flow(sources, [store for store in stores if store.key or store.kind != "plain"], target.lineno, holds)

    def _look_into(self, target: ast.Subscript, kind: str) -> None:
        """Note what the item that is assigned calls, and what its key keeps."""
        for part in (target.value, target.slice):
            if any(isinstance(item, ast.Call) for item in walk(part)):
                self.expression(part, frozenset())
        if kind == "aug":  # what is counted accumulates, but by what it is counted stays
            self.flow(self.keys(target.slice), [self.place(target.value, "last")], target.lineno)

    def _begins_anew(self, target: ast.expr, kind: str) -> None:
        """What is accumulated in a target that is also set is a window, which a commit may divide."""
        if kind == "aug" or self.unit is None:
            return
        if isinstance(target, ast.Attribute) and self.unit.name not in CONSTRUCTORS:
            self.module.emptied.add(target.attr)
        elif isinstance(target, ast.Name) and target.id in self.declared:
            self.module.emptied.add(target.id)

    def container(self, node: ast.expr, control: set[str] | frozenset[str]) -> None:
        """What is only stored into is not used: its name is no mention, though what leads to it is."""
        for item in walk(node):
            self.looks_in(item, node, control)
        if isinstance(node, ast.Attribute):
            self.module.filled.add(node.attr)
            node = node.value
            self.keys(node)
        elif not isinstance(node, ast.Name):
            self.keys(node)

    def defaults(self, arguments: ast.arguments) -> None:
        """A default reaches its parameter."""
        if self.unit is None:
            return
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = list(zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True))
        pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
        for argument, default in pairs:
            self.current = Words(None, True, f"default {argument.arg} {ast.dump(default)}")
            self.mentioned = names = bare_names(default)
            self.flow(names, [Store(self.local(argument.arg), "plain")], default.lineno)

    # -- statements ------------------------------------------------------------------------------------------------

    def effect(self, call: ast.Call) -> Store:
        """What is called for its effect alone."""
        name = last_name(call.func)
        files = [keyword.value for keyword in call.keywords if keyword.arg in ("file", "stream")]
        if name in EFFECTS and not all(map(self._is_printed_to, files)):
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


def is_element(node: ast.expr | None) -> bool:
    """Is the value one of many that come one after the other, out of a queue, say?"""
    calls = [item for item in walk(node) if isinstance(item, ast.Call)] if node is not None else []
    return any(takes_out(call, name := last_name(call.func)) or name in _ARRIVING for call in calls)
