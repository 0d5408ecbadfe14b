"""Which classes of the program's may be called where their names are not spelled. Pure; runs in the user's process.

Whoever is called by a variable may be a class, but only one that somebody has got hold of: it is mentioned and not
called, asked of an object (`type(x)`), or handed over by what makes classes (a metaclass, a decorator, a base).
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import ANYTHING, last_name
from hrsup_strategies.reload.known import AT_CLASS_CREATION
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.definitions import Definitions
    from hrsup_strategies.reload.units import ClassInfo

# Of an object, of its class or of annotations, these tell the class.
_TELLING = frozenset(
    (
        "__class__", "__subclasses__", "__mro__", "mro", "__base__", "__bases__", "get_type_hints", "__annotations__",
        "get_annotations", "signature", "fields", "getmembers", "get_objects", "get_referrers",
    )
)  # fmt: skip
_PLAIN_BASES = frozenset(("object", "ABC"))
_NAMES = frozenset(("__name__", "__qualname__", "__module__"))


class MadeUnnamed:
    """Answers for the modules that have been taken in."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._known: dict[str, bool] = {}
        self._told: bool | None = None

    def is_one(self, owner: str, escapes: set[str]) -> bool:
        """May the class of this name, or one below it, be called so?"""
        if owner not in self._known:
            self._known[owner] = self._look(owner, escapes)
        return self._known[owner]

    def _look(self, owner: str, escapes: set[str]) -> bool:
        if ANYTHING in escapes or self._tells_classes():
            return True
        below = self._definitions.derived_from(owner)
        return not below.isdisjoint(escapes) or any(map(self._is_handed_over, below))

    def _is_handed_over(self, name: str) -> bool:
        """May somebody be given the class where it is made, or by one of its methods?"""
        above: dict[str, ClassInfo] = {}
        pending = [name]
        while pending:
            name = pending.pop()
            found = [info for info in self._definitions.classes if info.name == name]
            if len(found) != 1 or found[0].node.keywords or not all(map(self._is_safe, found[0].node.decorator_list)):
                return True
            above[name] = found[0]
            others = {base for base in found[0].bases if base not in _PLAIN_BASES}
            if None in others:
                return True
            pending += [base for base in others if base and base not in above]
        units = [unit for unit in self._definitions.units if unit.owner in above]
        hooks = AT_CLASS_CREATION | {"__new__"}
        return any(unit.name in hooks or "classmethod" in unit.decorators for unit in units)

    def _is_safe(self, decorator: ast.expr) -> bool:
        name = last_name(decorator)
        return name in ("dataclass", "total_ordering", "final") and not self._definitions.units_of(name)

    def _tells_classes(self) -> bool:
        """Does the program ask somebody which class it is?"""
        if self._told is None:
            definitions = self._definitions
            mentioned = set[str]().union(*(unit.mentions for unit in definitions.units))
            tops = [top for module in definitions.modules for top in module.tops]
            mentioned |= set[str]().union(*(top.spelled for top in tops))
            self._told = not _TELLING.isdisjoint(mentioned)
            if "type" in mentioned and not self._told:
                nodes = [part.statement.node for module in definitions.modules for part in module.parts]
                self._told = any(map(_asks_for_type, nodes))
        return self._told


def _asks_for_type(node: ast.AST) -> bool:
    named = [item.value for item in walk(node) if isinstance(item, ast.Attribute) and item.attr in _NAMES]
    allowed = {id(item.func) for item in named if isinstance(item, ast.Call)}
    return any(isinstance(item, ast.Name) and item.id == "type" and id(item) not in allowed for item in walk(node))
