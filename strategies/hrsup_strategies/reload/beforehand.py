"""What only ever ran before the loops that go on, once: who is called there, and by those who are.

Runs in the user's process. An object of a class that is only made there is the same in all rounds.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property

from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import last_name
from hrsup_strategies.reload.known import CONSTRUCTORS
from hrsup_strategies.reload.trees import alike, children, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.definitions import Definitions
    from hrsup_strategies.reload.units import Unit

# By these a program has objects of a class without a call of it.
_COPYING = re.compile(
    rb"copy\.(?:deep)?copy|from copy|deepcopy|dataclasses\.replace|import[^\n]*\breplace\b|_replace|pickle|__new__"
)
_FUNCTIONS = (*FunctionNode, ast.Lambda)


class Beforehand:
    """Answers for the frames around the loops, `actives`."""

    def __init__(self, definitions: Definitions, actives: Collection[Active]) -> None:
        self._definitions, self._actives = definitions, actives
        self._around = {active.unit for active in actives}
        self._known: dict[str, bool] = {}

    def makes(self, name: str) -> bool:
        """Are instances of this class, and of those below it, made there alone?"""
        definitions = self._definitions
        if definitions.class_of(name) is None or definitions.has_match(_COPYING) or self._in_loops is None:
            return False
        return all(
            not definitions.may_be_made_unnamed(one) and self._is_called(one) for one in definitions.derived_from(name)
        )

    def _is_called(self, name: str) -> bool:
        """Is every call by this name made there?"""
        if name not in self._known:
            self._known[name] = True  # what calls itself has been called before
            self._definitions.mention(name)
            found = [mention for mention in self._mentions(name) if mention.is_call]
            self._known[name] = all(map(self._is_before, found))
        return self._known[name]

    def _is_before(self, mention: _Mention) -> bool:
        if self._in_loops is None or id(mention.node) in self._in_loops or mention.is_deferred:
            return False
        return mention.unit is None or self._runs(mention.unit)

    def _runs(self, unit: Unit) -> bool:
        """Is a function only called there?"""
        definitions = self._definitions
        if unit.owner is not None and unit.name in CONSTRUCTORS:
            return self.makes(unit.owner)
        if is_dunder(unit.name) or unit.decorators or definitions.is_rebound(unit.name):
            return False
        if unit.id in self._around:  # it may be given to a thread
            return self._is_called(unit.name) and all(map(self._is_before, self._mentions(unit.name)))
        unseen = definitions.may_be_called_unnamed(unit) or definitions.is_called_unseen(unit)
        is_plain = isinstance(unit.node, ast.FunctionDef) and not unit.generates
        return is_plain and not unseen and self._is_called(unit.name)

    def _mentions(self, name: str) -> Iterator[_Mention]:
        for module in self._definitions.modules:
            units = {id(unit.node): unit for unit in module.units}
            for part in module.parts:
                if part.spells(name):
                    yield from _mentions_in([part.statement.node], name, units)

    @cached_property
    def _in_loops(self) -> set[int] | None:
        """The ids of the nodes in the loops, as the loaded version has them; None if one was not found there."""
        found: set[int] = set()
        for active in self._actives:
            if active.loop is not None:
                loops = [
                    item for node in self._nodes_of(active) for item in walk(node) if type(item) is type(active.loop)
                ]
                same = [item for item in loops if alike(item, active.loop)]
                if len(same) != 1:
                    return None
                found |= set(map(id, walk(same[0])))
        return found

    def _nodes_of(self, active: Active) -> list[ast.AST]:
        if active.unit is not None:
            return [unit.node for unit in self._definitions.units if unit.id == active.unit]
        modules = [module for module in self._definitions.modules if module.path == active.path]
        return [part.statement.node for module in modules for part in module.parts]


class _Mention:
    """Where a name is spelled: in a call of it (`is_call`) or otherwise, and by which function. It `is_deferred` if
    that is one within another, which runs when somebody likes."""

    __slots__ = ("is_call", "is_deferred", "node", "unit")

    def __init__(self, node: ast.AST, unit: Unit | None, is_deferred: bool, is_call: bool) -> None:
        self.node, self.unit, self.is_deferred, self.is_call = node, unit, is_deferred, is_call


def _mentions_in(
    nodes: Iterable[ast.AST], name: str, units: dict[int, Unit], unit: Unit | None = None, deferred: bool = False
) -> Iterator[_Mention]:
    for node in nodes:
        inner, later = units.get(id(node), unit), deferred or (id(node) not in units and isinstance(node, _FUNCTIONS))
        if isinstance(node, (ast.Name, ast.Attribute)) and last_name(node) == name:
            yield _Mention(node, unit, deferred, False)
        if isinstance(node, ast.Call) and last_name(node.func) == name:
            yield _Mention(node, unit, deferred, True)
        yield from _mentions_in(children(node), name, units, inner, later)
