"""Objects of third parties: what they do with what they are given is in no source that is looked at. User's process.

A method called ``put`` or ``get`` says nothing of what it keeps when it is not known whose it is. So where the program
imports a package that is neither the standard library's nor in `KEEPS_NOTHING`, every name is looked for that an
object of that package may go by, and results of what changed must not be given to one.

The same goes for a method that is not called where it is looked up (``add = seen.append``): whoever has it, by whatever
name, may fill a container with what it is given.
"""

from __future__ import annotations

import sys

from hrsup_strategies.reload.known import KEEPS_NOTHING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow

# What it makes stands for anything, has every attribute, and keeps what it is called with.
_STANDING_IN = frozenset(("unittest",))
_LOADERS = frozenset(("import_module", "__import__", "entry_points"))


def unknown_packages(imported: Iterable[str], own: Collection[str]) -> set[str]:
    """Of the imported top-level names, those of packages of which nothing is known; `own` are the user's modules."""
    known = sys.stdlib_module_names - _STANDING_IN
    others = set(imported).difference(known, KEEPS_NOTHING, own).intersection(sys.modules)
    return {name for name in others if not any(one.startswith(f"{name}.") for one in own)}


class Foreign:
    """The names by which objects of these packages may go: an over-approximation by flows, as the closure is one."""

    def __init__(self, closure: Closure, packages: set[str]) -> None:
        self.packages = packages
        self._methods = closure.handed_on()
        self.names: set[str] = set()
        if not packages and not self._methods:
            return
        closure.take_all()
        self._methods = closure.handed_on()
        for module in closure.modules:
            for name, origin in module.origins.items():
                if origin.partition(".")[0] in packages:
                    self.names.add(name)
        self.names |= self._methods
        if packages:
            self.names |= _LOADERS
        size = -1
        while size != len(self.names):
            size = len(self.names)
            self._follow_flows(closure)
            self._follow_calls(closure)

    def called(self, flow: Flow) -> str | None:
        """The name of the object of a third party's or of the method, if the flow gives it values; None if there is
        none."""
        handed = self._methods & (flow.holds | flow.sources)  # to somebody who may call it with the values
        found = sorted(name.rpartition("|")[2] for name in (flow.callee or frozenset()) & self.names | handed)
        return found[0] if found else None

    def _follow_flows(self, closure: Closure) -> None:
        names = self.names
        for flow in closure.flows:
            if flow.callee is not None and not names.isdisjoint(flow.callee):
                names |= {f"P:{name}" for name in flow.holds}  # it may call what it is given, with what is its own
            if names.isdisjoint(flow.values) and names.isdisjoint(flow.holds):
                continue
            for store in flow.stores:
                # The object whose method is called is no other object for it.
                if flow.callee is None or store.kind != "plain":
                    names.add(store.key)
                elif store.key.startswith("P:"):
                    names.add(store.key if closure.calls_only_named(store.key[2:]) else "P:*")

    def _follow_calls(self, closure: Closure) -> None:
        names = self.names
        for unit in closure.units:
            groups = {f"P:{unit.name}"}
            if closure.may_be_called_unnamed(unit):
                groups |= {"P:*", f"P:{unit.owner}"}
            if not groups.isdisjoint(names) or not names.isdisjoint(name for name in unit.decorators if name):
                names |= unit.params
            elif unit.owner in names:
                names |= unit.first
            if not names.isdisjoint(unit.returned):
                names.add(unit.name)
