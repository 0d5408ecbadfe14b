"""What a change reaches: which names, and which import-time statements. Pure; runs in the user's process.

The fixpoint over-approximates by name (see ``names``): whatever mentions a tainted name is tainted. It works on the
*old* versions of the modules, since those are what has run.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload import asgi, thinking
from hrsup_strategies.reload.caught import Caught
from hrsup_strategies.reload.decorators import only_referenced
from hrsup_strategies.reload.definitions import is_dunder, private_in
from hrsup_strategies.reload.flows import ENDS, Flow, Store
from hrsup_strategies.reload.identifiers import ANYTHING, BY_STRING, DYNAMIC, LOOKED_UP, RAISED
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.known import CONSTRUCTORS, OPERATORS, ORDERING, SAFE_DECORATORS
from hrsup_strategies.reload.names import ModuleNames
from hrsup_strategies.reload.registration import AtImport
from hrsup_strategies.reload.taint import Taint
from hrsup_strategies.reload.units import Unit
from hrsup_strategies.reload.unspelled import Unspelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_strategies.reload.keepers import Keepers
    from hrsup_strategies.reload.script import Script
    from hrsup_strategies.reload.sources import Sources


class Closure(Taint):
    """The names that a change reaches, and the import-time statements that must be executed again (`affected`)."""

    def __init__(self, sources: Sources) -> None:
        super().__init__(sources)
        self.changed_units: set[str] = set()
        self.noted_units: set[str] = set()  # that changed only in what they log or print (see ``notes``)
        self.shells: set[str] = set()  # of these, those that changed only inside of the functions that they make
        self.growth_counts = False  # is what was accumulated of the old a part of the result?
        self.is_harmless: Callable[[Unit], bool] = _is_unknown  # is a unit known to keep nothing?
        self.left: set[tuple[str, bool]] = set()  # where old results stay, and are never found (see ``leavings``)
        self.grown: set[tuple[str, str, bool, bool, int]] = set()  # what grows by old results (see ``leavings``)
        self.written: set[str] = set()  # by which names they are written or sent out of the program
        self._changed: set[str] = set()  # locals whose objects may be changed by what changed
        # Variables that hold worker pools without tasks, or that only workers have: nothing is kept in these.
        self.drained: set[str] = set()
        self.told: set[str] = set()  # classes whose instances may have changed, wherever they are (see `change`)
        self.memos: set[tuple[str, str]] = set()  # the ids of units, each with a name: what it keeps there is dropped
        self.asgi: bool | None = None  # are the objects of a framework only served (see ``asgi``), if that was asked?
        self.depended: dict[int, set[str]] = {}  # by the ids of nodes, what is known of functions there
        self.keepers: Keepers | None = None  # of methods that only keep what they are given at import time
        self.registrars: set[str] = set()  # ids of units of which every call is made once more
        self.inspected: set[str] = set()  # packages whose objects are looked at before the change is brought in
        self.running: ast.stmt | None = None  # the script's statement that is being executed
        self.script: Script | None = None
        self.keeps_unknown = False  # are there objects of packages of which nothing is known?
        self._unspelled = Unspelled(self, [])
        self._looked_at = -1  # how much of the sources has been, for what is caught, unspelled, or runs at import time
        self.private: list[tuple[str, str]] = []  # names like ``_Class__name``, and what these are called in the class

    def _follow(self) -> None:
        """Take in every module that what is tainted so far may reach."""
        bare: set[str] = set()
        defined: set[str] = set()
        for key in self.tainted | self.values | self.data:
            if key in ("P:+", "C:+"):
                defined |= self.ducks | self._hooked
                self._sources.hooking()
            elif key in ("P:*", "C:*", ANYTHING, RAISED):  # whoever may be called at all
                self._sources.all()
                break
            if key.startswith(("P:", "C:")):
                defined.add(key[2:])
            elif "|" not in key and not key.startswith(("U:", "K:", "X:")):
                bare.add(key)
        self._sources.mentioning(bare)
        if ANYTHING in defined:
            self._sources.all()
        self._sources.defining(defined)
        self._take_in()

    def compare(self, old: ModuleNames, new: ModuleNames, unit_id: str, signature: bool) -> None:
        """Note which flows of a changed unit are not the same in the new version; all, if its `signature` changed."""
        self.changed_units.add(unit_id)
        before = [*old.flows_in(unit_id), *old.uses_in(unit_id)]
        after = [*new.flows_in(unit_id), *new.uses_in(unit_id)]
        marks_before, marks_after = {flow.mark for flow in before}, {flow.mark for flow in after}
        common_before = [flow.mark for flow in before if flow.mark in marks_after]
        common_after = [flow.mark for flow in after if flow.mark in marks_before]
        everything = signature or common_before != common_after
        self.stale_flows |= {id(flow) for flow in before if everything or flow.mark not in marks_after}
        for flow in after:
            if everything or flow.mark not in marks_before:
                self.reach(flow)

    def reach(self, flow: Flow) -> None:
        """Count what a flow of the new version brings as changed."""
        self._spread(flow.stores)

    def grow(self) -> None:  # noqa: C901 - the steps of one fixpoint
        """Run the fixpoint."""
        self.tainted |= self.functions | self.values
        if self.tainted or self.changed_units:
            self.tainted.add(LOOKED_UP)
        self.data |= self.values
        self._sources.defining(OPERATORS)
        self._take_in()
        self.private = [(name, own) for name in self._sources.private() for own in private_in(name)]
        before, now, self._looked_at = (-1, -1), (0, 0), -1
        while before != now:
            thinking.check()
            before = len(self.tainted) + len(self.data) + len(self.chosen.keys), self._taken
            self._look_around()
            for unit in self.units:
                if unit.dynamic or unit.id in self.changed_units:
                    self.reach_unit(unit)
            self.eager = self.eager_attributes()
            for unit in self.near.units():
                # Locals do not count: what reaches them from outside is spelled where the unit is called.
                if f"U:{unit.id}" not in self.tainted and not self._is_apart(unit):
                    self.reach_unit(unit)
            self._look_around()
            for flow in self.near.flows():
                if self.reached(flow):
                    self._spread(flow.stores)
                    self.chosen.follow(flow)
                elif not self._references(flow).isdisjoint(self.tainted):
                    # The object that a definition is stays the same when its code changes.
                    self._spread(flow.stores, reference=True)
            for name in self._unspelled.reached():
                self.chosen.look(name)
            self._look_around()
            self._give_parameters()
            asgi.feed(self)
            self._give_back()
            self._give_keys()
            self._inherit()
            for module in self.modules:
                for top in module.telling:
                    self._bind(top)
            for names in (self.values, self.tainted, self.data, self.chosen.keys):
                for pair in self.private:
                    if not names.isdisjoint(pair):
                        names.update(pair)
            self._follow()
            now = len(self.tainted) + len(self.data) + len(self.chosen.keys), self._taken

    def _look_around(self) -> None:
        """Look at the modules that have been taken in since the last time; to look takes more in. What was concluded
        without knowing these would stay, since nothing is taken back."""
        while self._looked_at != self._taken:
            self._looked_at = self._taken
            self._caught, self._unspelled = Caught(self), Unspelled(self, self.modules)
            self._at_import = AtImport(self).units()
            self._unnamed_at_import = any(map(self._calls_unnamed, list(self.flows)))

    def change(self, classes: set[str]) -> None:
        """What is made by these classes has changed, and methods that nobody has written tell of it where no attribute
        is spelled. (Import-time statements have been dealt with: those that live on have not changed.)"""
        self.told |= classes
        self.tainted |= classes
        self.data |= classes
        self.grow()

    def affected(self) -> list[tuple[ModuleNames, ImportTime, set[str]]]:
        """The import-time statements that used what changed, with the names that say so."""
        found = []
        eager = self.values | self.eager_attributes()
        names = self.tainted | eager | {ANYTHING}
        for module in self.modules:
            for top in module.tops:
                if top.spelled.isdisjoint(names):
                    continue
                uses = top.uses.union(*(names for callee, names in top.handed.items() if callee in self.defined))
                why = (uses & self.tainted) | (uses & {ANYTHING}) | ((uses | top.holds) & eager)
                why -= only_referenced(self, module, top, why)
                why -= {name for name in why & top.library if not self.is_rebound(name)}
                if why:
                    found.append((module, top, why))
        return found

    # -- the fixpoint's steps ----------------------------------------------------------------------------------------

    def reach_unit(self, unit: Unit) -> None:
        """Count a function as one that uses what changed."""
        self.tainted |= {unit.name, f"U:{unit.id}"}
        info = self.class_of(unit.owner)
        if info is not None and (is_dunder(unit.name) or self.is_duck(unit.name) or self.has_foreign_base(info)):
            self.tainted.add(info.name)

    def _spread(self, stores: list[Store], reference: bool = False) -> None:
        for store in stores:
            if not store.key or store.kind in ENDS:
                continue
            keys = self.keys_of(store.key)
            self.tainted |= keys
            if not reference:
                self.data |= keys
                self._changed |= {store.key} if store.changes else set()

    def _give_parameters(self) -> None:
        for unit in self.units:
            groups = {f"P:{unit.name}"}
            at_import = unit.id in self._at_import
            if not at_import and self.may_run_unnamed(unit):
                groups.add("P:*")
            if is_dunder(unit.name):
                groups.add(f"P:{unit.owner}")
            if self.is_called_in_passing(unit):
                groups |= {"P:*", "P:+"}
            if at_import and not groups.isdisjoint(self.tainted):
                self._register(unit)
            self.chosen.give(unit)
            if self._only_keeps(unit):
                continue
            # The functions that one is given at import time it keeps as they are: see `decorators.keeps_reference`.
            tainted = self.data if at_import else self.tainted
            for keys, asked in ((self.tainted, tainted), (self.data, self.data), (self.chosen.keys, self.chosen.keys)):
                if not groups.isdisjoint(asked):
                    keys |= unit.params
                    # What a decorator has put in its place is called with the same.
                    keys |= {f"P:{name}" for name in unit.decorators if name and self._may_wrap(name)}
            self._give_operands(unit)

    def _give_operands(self, unit: Unit) -> None:
        if unit.name in OPERATORS and unit.name not in CONSTRUCTORS and self.tainted:
            self.tainted |= unit.params - unit.first
            self.data |= unit.params - unit.first

    def _give_back(self) -> None:
        """What is done to the object that is given for a parameter is done to that of the caller, of who hands it over
        together with the function, to a thread, and of who has bound it to an attribute."""
        units = [unit for unit in self.units if not unit.params.isdisjoint(self._changed)]
        names = {f"P:{unit.owner if unit.name in CONSTRUCTORS else unit.name}" for unit in units}
        given = [(unit, unit.params - (unit.first if unit.owner else set())) for unit in units]
        handed = {unit.name for unit, params in given if not params.isdisjoint(self._changed)}
        for flow in self.flows if self._changed else ():
            keys = {store.key for store in flow.stores}
            if not keys.isdisjoint(names) or any(store.binds and store.key in self._changed for store in flow.stores):
                self._change_all(flow.holds - handed)
            elif not flow.holds.isdisjoint(handed) and any(key[:2] == "P:" for key in keys):
                self._change_all((flow.holds | flow.values) - handed)

    def _change_all(self, keys: set[str]) -> None:
        held = {key for key in keys if key[1:2] != ":"}
        self._changed |= held
        self.tainted |= held
        self.data |= held

    def _give_keys(self) -> None:
        """What is called for an order may be called by anybody, if another goes by the name of who orders."""
        for names in (self.tainted, self.data):
            if "P:*" in names:
                names |= {f"K:{name}" for name in ORDERING if not self._orders(name)}

    def _register(self, unit: Unit) -> None:
        """What it is given to keep is looked up where it has put it."""
        for flow in self.flows:
            if flow.unit is None or flow.unit.id != unit.id:
                continue
            if self._only_keeps(unit):  # whatever the function does, what is called here is called
                self._spread([store for store in flow.stores if store.key[:2] != "C:"], reference=True)
            elif not flow.holds.isdisjoint(unit.params):
                self._spread(flow.stores, reference=True)

    def _may_wrap(self, decorator: str) -> bool:
        """May it put something of the program's own in the place of what it is given?"""
        own = self.units_of(decorator)
        self._look_around()  # who defines it may have been taken in just now
        known = decorator in SAFE_DECORATORS and decorator not in self.defined
        return not known and not (own and all(unit.id in self._at_import for unit in own))

    def _inherit(self) -> None:
        for info in list(self._classes.values()):
            if any(base in self.tainted for base in info.bases if base):
                self.tainted.add(info.name)
            for keys in (self.tainted, self.data, self.chosen.keys):
                for kind in ("P", "C"):
                    if f"{kind}:{info.name}" in keys:
                        keys |= {f"{kind}:{base}" for base in info.makers if base}

    def _bind(self, top: ImportTime) -> None:
        statement = top.statement
        if statement.node is self.running:
            return  # what flows where within it is known
        if statement.kind == "import":
            node = statement.node
            assert isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names:
                name = alias.name.rpartition(".")[2]
                if alias.asname and (name in self.tainted or name in BY_STRING | DYNAMIC):
                    self.tainted.add(alias.asname)
        elif statement.kind in ("assign", "effect") and not (top.uses | top.holds).isdisjoint(self.tainted):
            self.tainted |= set(statement.names)
            if not top.uses.isdisjoint(self.tainted):
                self.data |= set(statement.names)


def _is_unknown(unit: Unit) -> bool:
    return False
