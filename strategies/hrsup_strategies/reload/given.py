"""What of the program objects of third parties may come to, and call. Pure; runs in the user's process.

Such an object calls what it has been given where nothing is spelled: a filter that a template names, the steps of a
pipeline, a hook. It may keep what came of that. So where a package is imported of which nothing is known, what changed
must not be among what its objects were given, nor a method of it.
"""

from __future__ import annotations

from hrsup_strategies.reload.codes import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.foreign import Foreign
    from hrsup_strategies.reload.giving import Key
    from hrsup_strategies.reload.work import Work


def check(work: Work, foreign: Foreign) -> None:
    """Refuse (HR122) if an object of a third party's may have called what changed."""
    if not foreign.packages:
        return
    closure = work.closure
    given = Given(closure, foreign)
    names = {path: name.rpartition(".")[2] for name, path in work.names.items()}
    for module in closure.modules:
        whole = given.has(names.get(module.path))
        for unit in module.units:
            if f"U:{unit.id}" not in closure.tainted and unit.id not in closure.changed_units:
                continue
            if whole or given.has(unit.name if unit.owner is None else unit.owner):
                raise _refusal(unit.name, module.path, unit.node.lineno)
        for step in work.steps.get(module.path, ()):
            if (whole and step.action != "doc") or given.has(step.cls):
                raise _refusal(step.cls or "the module", module.path, step.line)


def _refusal(name: str, path: str, line: int) -> Refusal:
    text = f"`{name}` was given to objects of which nothing is known, and they may keep its results"
    return Refusal("HR122", text, path, line)


class Given:
    """The keys of what was given to objects of third parties, and of what is in that."""

    def __init__(self, closure: Closure, foreign: Foreign) -> None:
        self._closure = closure
        self._found: set[Key] = set()
        self._passes: dict[Key, list[set[Key]]] = {}
        self._calls: dict[str, set[Key]] = {}
        self._unnamed: set[Key] = set()
        pending: set[Key] = set()
        for part in [part for module in closure.modules for part in module.parts]:
            for key, inside in part.giving.passes.items():
                self._passes.setdefault(key, []).append(inside)
            for spelled, name, ends in part.giving.calls:
                if not spelled.isdisjoint(foreign.names):
                    pending |= ends
                if name is not None:
                    self._calls.setdefault(name, set()).update(ends)
        for name, handed in self._calls.items():
            if name not in closure.defined or closure.is_rebound(name):
                self._unnamed |= handed
        self._follow(pending)

    def has(self, name: str | None) -> bool:
        """Was what goes by this name given to one?"""
        return name in self._found

    def _follow(self, pending: set[Key]) -> None:
        while pending:
            key = pending.pop()
            if key in self._found:
                continue
            self._found.add(key)
            for ends in self._passes.get(key, ()):
                pending |= ends
            if isinstance(key, tuple):
                pending |= self._of(*key)
            elif key == "P:*":
                pending |= self._unnamed
            elif key.startswith("P:"):
                pending |= self._calls.get(key[2:], set())
                if any(map(self._closure.may_be_called_unnamed, self._closure.units_of(key[2:]))):
                    pending |= self._unnamed

    def _of(self, name: str, given: Set[Key], of: Set[Key]) -> Set[Key]:
        """What may be in what something of this name gives, but for what its functions say by themselves."""
        if name.startswith("."):
            known = name[1:] in self._passes or name[1:] in self._closure.defined
            return frozenset() if known else of
        units = self._closure.units_of(name)
        if self._closure.is_rebound(name) or not (units or self._closure.class_of(name)):
            return given | of
        return given if not units or any(unit.decorators for unit in units) else frozenset()
