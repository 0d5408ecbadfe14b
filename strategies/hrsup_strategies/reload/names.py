"""Which names each piece of a module mentions, and where values flow. Pure; runs in the user's process.

Everything is keyed by *bare identifier*: a function, a method, an attribute and a global of the same name are one key.
That over-approximates (two unrelated methods called ``run`` count as one), needs no types, and cannot miss a use as
long as the use spells the name; code that looks names up at run time is `dynamic` and counts as using everything.

Keys: ``name`` for globals, attributes and definitions; ``unit|name`` for a function's locals; ``P:name`` for the
arguments given to whatever is called ``name``; ``C:name`` for whether it is called at all; ``P:*`` and ``C:*`` for a
callee that cannot be named; ``B:name`` for what a function is called with that may be among the arguments of a call,
and ``F:name`` if one surely is; ``K:name`` for what a lambda is called with that `name` orders by; ``P:+`` and ``C:+``
for the methods that the standard library calls on what it is given; ``U:unit`` for a unit that mentions what is
tainted, and ``U:*`` for what is looked up at run time; ``R:names|unit|n`` for what may have raised in the functions of
these names up to their nth call, ``X:name`` for what may have raised within a context manager of that name,
``I:kinds|unit|n`` where only these kinds are caught, which come from outside of the program; ``V:name`` for whose
method of that name is called; ``D:name``, among guards, for what a loop uses up; ``S:name`` for who
gives what is gone through; ``L:*`` for the lines
that an exception knows which was caught.
"""

from __future__ import annotations

from functools import cached_property

from hrsup_strategies.reload.diff import first_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.flows import Flow
    from hrsup_strategies.reload.parts import Part
    from hrsup_strategies.reload.units import ClassInfo, Unit


class ModuleNames:
    """Everything that the closure needs to know of one version of one module, which has these `parts`; of some of them,
    if it is only these that are `seen`. What decides at import time is known of all."""

    def __init__(self, path: str, parts: list[Part]) -> None:
        self.path, self.parts, self._seen = path, parts, parts
        self.origins = parts[0].origins if parts else {}
        self.tops = [part.top for part in parts]
        self.telling = [top for top in self.tops if not top.binds_as_is]  # names follow from each other by these
        self.buffers = any(part.buffers for part in parts)

    def only(self, seen: list[Part]) -> ModuleNames:
        """The same, by these parts."""
        if len(seen) == len(self.parts):
            return self
        names = ModuleNames(self.path, [])
        names.parts, names._seen, names.origins, names.buffers = self.parts, seen, self.origins, self.buffers
        names.tops, names.telling = self.tops, self.telling
        return names

    @cached_property
    def seen(self) -> list[Part]:
        """The parts that have been looked at for this."""
        for part in self._seen:
            part.look()
        return self._seen

    @cached_property
    def flowing(self) -> list[Part]:
        """Those of them that have a function, or in which something flows: an import has not."""
        return [part for part in self.seen if part.units or part.flows or part.uses]

    def spelling(self, names: Iterable[str]) -> ModuleNames:
        """The same, by the parts that do not wait, and those that spell one of these names."""
        names = list(names)
        return self.only([part for part in self.parts if not part.waits or any(map(part.spells, names))])

    def units_of(self, unit_id: str) -> list[Unit]:
        """The functions or methods of this id."""
        return [unit for part in self._around(unit_id) for unit in part.units if unit.id == unit_id]

    def flows_in(self, unit_id: str) -> list[Flow]:
        """The flows of one function."""
        flows = [flow for part in self._around(unit_id) for flow in part.flows]
        return [flow for flow in flows if flow.unit is not None and flow.unit.id == unit_id]

    def uses_in(self, unit_id: str) -> list[Flow]:
        """The same of what may be changed by being looked at."""
        flows = [flow for part in self._around(unit_id) for flow in part.uses]
        return [flow for flow in flows if flow.unit is not None and flow.unit.id == unit_id]

    def at(self, line: int) -> ModuleNames:
        """The same, by the part that has this line."""
        nodes = [(part, part.statement.node) for part in self.parts]
        return self.only([part for part, node in nodes if first_line(node) <= line <= (node.end_lineno or 0)])

    def _around(self, unit_id: str) -> list[Part]:
        name = unit_id.rpartition(".")[2]
        parts = [part for part in self.parts if (not part.waits or part.spells(name)) and unit_id in part.unit_ids]
        for part in parts:
            part.look()
        return parts

    @cached_property
    def units(self) -> list[Unit]:
        """The functions and methods."""
        return [unit for part in self.seen for unit in part.units]

    @cached_property
    def classes(self) -> list[ClassInfo]:
        """The classes."""
        return [info for part in self.seen for info in part.classes]

    @cached_property
    def flows(self) -> list[Flow]:
        """Where values flow."""
        return [flow for part in self.seen for flow in part.flows]

    @cached_property
    def uses(self) -> list[Flow]:
        """What may be changed by being looked at."""
        return [flow for part in self.seen for flow in part.uses]

    @cached_property
    def escapes(self) -> set[str]:
        """What is mentioned without being called."""
        return set().union(*(part.escapes for part in self.seen))

    @cached_property
    def rebound(self) -> set[str]:
        """What may be called by another name than its own goes by these."""
        return set().union(*(part.rebound for part in self.seen))

    @cached_property
    def hooked(self) -> set[str]:
        """What the standard library was given to call later."""
        return set().union(*(part.hooked for part in self.seen))

    @cached_property
    def emptied(self) -> set[str]:
        """What something is taken out of, or what begins anew."""
        return set().union(*(part.emptied for part in self.seen))

    @cached_property
    def tried(self) -> set[str]:
        """What is mentioned where what is raised is caught."""
        return set().union(*(part.tried for part in self.seen))

    @cached_property
    def swallowed(self) -> list[tuple[str, set[str]]]:
        """The same, by the names of context managers that may do so."""
        return [item for part in self.seen for item in part.swallowed.items()]

    @cached_property
    def filled(self) -> set[str]:
        """Attributes that are only stored into."""
        return set().union(*(part.filled for part in self.seen))

    @cached_property
    def same(self) -> list[tuple[str, set[str]]]:
        """By a key, the tokens of what it is bound to."""
        return [item for part in self.seen for item in part.same.items()]

    @cached_property
    def looked(self) -> list[tuple[str, tuple[set[str], set[str], set[str]]]]:
        """The attributes that are used."""
        return [item for part in self.seen for item in part.looked.items()]
