"""What leaves out some of what is there, because of what the program has done before. Pure; user's process.

``log.extend(row for row in rows if row not in seen)`` adds nothing once all have been seen, and so does a loop over
what a function gives that asks ``seen`` itself. So that counts as the condition of a statement does. What is used up
and filled again says nothing of that kind: where a queue is taken as a whole, the next round takes the next part.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import arguments_of, bare_names, last_name
from hrsup_strategies.reload.known import CONSTRUCTORS
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.units import Unit

ADDING_SEVERAL = frozenset(("extend", "extendleft", "update"))
_RETURNING = (ast.Return, ast.Yield, ast.YieldFrom)


def tests_in(nodes: Iterable[ast.AST]) -> list[ast.expr]:
    """The parts of expressions that say how much there is in what they build."""
    found: list[ast.expr] = []
    for item in (item for node in nodes for item in walk(node)):
        if isinstance(item, ast.comprehension):
            found += item.ifs
        elif isinstance(item, ast.IfExp):
            found.append(item.test)
        elif isinstance(item, ast.BoolOp):
            found += item.values[:-1]
        elif isinstance(item, ast.Slice):
            found += [part for part in (item.lower, item.upper) if part is not None]
        elif isinstance(item, ast.BinOp) and isinstance(item.op, ast.Mult) and isinstance(item.left, ast.List):
            found.append(item.right)
    return found


def givers_in(nodes: Iterable[ast.AST]) -> list[ast.Call | ast.Name]:
    """Who gives what is gone through in these expressions, or all that they are: calls, and variables."""
    found = [node for node in nodes if isinstance(node, ast.expr)]
    found += [item.iter for node in found for item in walk(node) if isinstance(item, ast.comprehension)]
    for call in found:
        if isinstance(call, ast.Call) and last_name(call.func) in (
            "map",
            "filter",
            "list",
            "sorted",
            "enumerate",
            "zip",
        ):
            found += arguments_of(call)
    return [item for item in found if isinstance(item, (ast.Call, ast.Name))]


class Omitting:
    """Answers for these modules; `state` are the keys of what is set and found again later."""

    def __init__(self, modules: list[ModuleNames], state: set[str]) -> None:
        self._modules = modules
        self._state = {key.removesuffix("#").rpartition("|")[2] for key in state} - _refilled(modules)
        self._known: dict[str, bool] = {}

    def leaves_out(self, key: str) -> bool:
        """Does the function of this name, or one that has given what is in the variable, leave out something?"""
        if key not in self._known:
            self._known[key] = False
            if "|" in key:
                self._known[key] = any(map(self.leaves_out, self._givers(key) - {key}))
            else:
                units = [unit for module in self._modules for unit in module.units if unit.name == key]
                self._known[key] = any(map(self._asks, units))
        return self._known[key]

    def _givers(self, key: str) -> set[str]:
        """The functions and variables of which what is in a variable comes: by assignments, and by calls."""
        bound = [tokens for module in self._modules for one, tokens in module.same if one == key]
        found = {token.removeprefix("()") for tokens in bound for token in tokens}
        unit_id = key.partition("|")[0]
        takers = [
            unit for module in self._modules for unit in module.units if unit.id == unit_id and key in unit.params
        ]
        groups = {f"P:{unit.owner if unit.name in CONSTRUCTORS else unit.name}" for unit in takers}
        for flow in (flow for module in self._modules for flow in module.flows) if groups else ():
            if any(store.key in groups for store in flow.stores):
                found |= flow.values | flow.holds
        return found

    def _asks(self, unit: Unit) -> bool:
        nodes = walk(unit.node)
        given = [item.value for item in nodes if isinstance(item, _RETURNING) and item.value is not None]
        if not given or unit.name in CONSTRUCTORS:
            return False
        tests = [*tests_in([unit.node]), *(item.test for item in nodes if isinstance(item, ast.If))]
        if not self._state.isdisjoint(set().union(*map(_spelled, tests))):
            return True
        names = [(item, last_name(item)) for item in givers_in(given)]
        keys = [name if isinstance(item, ast.Call) else f"{unit.id}|{name}" for item, name in names if name]
        return any(map(self.leaves_out, keys))


def _spelled(node: ast.expr) -> set[str]:
    return bare_names(node) | {item.attr for item in walk(node) if isinstance(item, ast.Attribute)}


def _refilled(modules: list[ModuleNames]) -> set[str]:
    """What is taken out of, or replaced by an empty one, and never bound to anything else by a function that makes
    no object."""
    emptied = set[str]().union(*(module.emptied for module in modules))
    for module in modules if emptied else ():
        for flow in module.flows:
            if flow.unit is not None and flow.unit.name not in CONSTRUCTORS:
                emptied -= {store.key for store in flow.stores if store.binds and store.token is not None}
    return emptied
