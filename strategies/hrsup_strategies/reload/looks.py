"""Where an attribute is looked at, set or deleted, or a block is entered: a call may be made, and none is spelled.

Pure; runs in the user's process. A property, a descriptor or a context manager runs there, for that object, and under
the conditions that there are.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.callbacks import Callbacks
from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.identifiers import ANYTHING, is_reference, last_name, named_by_string, named_in_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# By the names of attributes, the keys of what decides about it and of the objects, and the ids of the units.
Looked = dict[str, tuple[set[str], set[str], set[str]]]
_ENTERING = ("__enter__", "__exit__", "__aenter__", "__aexit__")


class Looks(Callbacks):
    """Writes down in `Found.looked` what decides whether, what says for which object, and in which functions."""

    def looks(self, name: str, base: ast.expr | None, control: set[str] | frozenset[str]) -> None:
        """An attribute of this name of `base` is used."""
        sources, objects, units = _of(self.module.looked, name)
        sources |= control
        if self.unit is not None:
            units.add(self.unit.id)
        if base is not None:
            (objects if is_reference(base) else sources).update(self.spelled(base))

    def looks_in(self, item: ast.AST, whole: ast.expr, control: set[str] | frozenset[str]) -> None:
        """The same of one node of the expression `whole`; the name may be spelled in a text, be it that of a format."""
        if isinstance(item, ast.Attribute):
            self.looks(item.attr, item.value, control)
            return
        names: set[str] = set()
        if isinstance(item, ast.Call):
            names = named_by_string(item) - {ANYTHING}
            chosen = names | ({"close", "aclose"} if last_name(item) in ("closing", "aclosing") else set())
            self.flow(self.spelled(whole), [Store(f"V:{name}", "plain") for name in sorted(chosen)], item.lineno)
        elif isinstance(item, ast.Constant) and isinstance(item.value, str) and "{" in item.value:
            names = named_in_text(item.value)
        for name in names:
            self.looks(name, None, control | self.spelled(whole))

    def enters(self, manager: ast.expr, control: frozenset[str]) -> None:
        """A block of this context manager is entered and left."""
        for name in _ENTERING:
            self.looks(name, manager, control)


def add_looked(looked: Looked, more: Iterable[tuple[str, tuple[set[str], set[str], set[str]]]]) -> None:
    """Add what was found elsewhere."""
    for name, found in more:
        for mine, theirs in zip(_of(looked, name), found, strict=True):
            mine |= theirs


def _of(looked: Looked, name: str) -> tuple[set[str], set[str], set[str]]:
    return looked.setdefault(name, (set(), set(), set()))
