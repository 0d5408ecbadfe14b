"""Where results of what changed may be kept, past the iteration that made them. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload import asgi, frameworks, given, passing
from hrsup_strategies.reload.asking import Asked
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.foreign import Foreign, unknown_packages
from hrsup_strategies.reload.fresh import is_handed_on
from hrsup_strategies.reload.handed import Handed
from hrsup_strategies.reload.identifiers import BUILDERS
from hrsup_strategies.reload.known import CONSTRUCTORS, DATABASE, EFFECTS, HEARS_WARNINGS, RUNNERS, SENDING, WRITERS
from hrsup_strategies.reload.leavings import Leavings
from hrsup_strategies.reload.namespaces import Namespaces
from hrsup_strategies.reload.once import Once, may_keep
from hrsup_strategies.reload.sql import ALTERS_ANYWHERE, ENDED, KEEPS_FIRST, NOT_SPELLED
from hrsup_strategies.reload.strands import Moving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.units import ClassInfo, Unit
    from hrsup_strategies.reload.vacant import Vacant
    from hrsup_strategies.reload.work import Work

_STATEMENTS = frozenset(f"P:{name}" for name in DATABASE)


def check_stores(work: Work, living: dict[str, set[str]], vacant: Vacant) -> None:
    """Refuse (HR122) if a result of what changed may be kept; `living` has the units around the loop, each with the
    locals that every iteration makes anew. Raise Moving if that depends on what is not empty now."""
    _check_all(work, living, vacant)
    while not vacant.told <= work.closure.told:
        work.closure.change(vacant.told)
        _check_all(work, living, vacant)


def _check_all(work: Work, living: dict[str, set[str]], vacant: Vacant) -> None:
    closure, running = work.closure, work.running
    leavings = Leavings(work, living)
    leavings.check()
    eager = closure.eager_attributes()
    if any(_asks_all(flow, living) and closure.reached(flow) for flow in closure.near.flows()):
        closure.take_all()  # what a flag is set by, and who calls under it, need not spell what changed
    packages = unknown_packages(closure.imports(), work.names) - frameworks.known(closure)
    closure.keeps_unknown = bool(packages)
    foreign = Foreign(closure, packages - closure.inspected)
    handed = Handed(closure, living, lambda token: _makes_fresh(closure, token))
    unfound = Unfound(leavings, handed, Namespaces(work), vacant)
    once, asked = Once(closure.modules, living, vacant.is_empty, vacant.counting), Asked(closure)
    for module in closure.modules:
        if eager & module.filled:
            raise Refusal("HR122", f"`{sorted(eager & module.filled)[0]}` is stored into", module.path)
        for flow in [flow for part in module.flowing if closure.near.has(part) for flow in part.flows]:
            if flow.unit is None and flow.top is not running and not flow.deferred:
                continue
            if flow.unit is not None and flow.unit.id in closure.registrars:
                continue
            if (closure.reached(flow) or _is_of_chosen(closure, flow)) and not (
                flow.unit is not None and (closure.is_harmless(flow.unit) or _is_never_called(closure, flow.unit))
            ):
                try:
                    _check_flow(closure, module, flow, living, once, asked, vacant, unfound)
                    _check_once(closure, module, flow, once, unfound)
                except Refusal as refusal:
                    if vacant.waits:
                        raise Moving(refusal.code, refusal.reason, refusal.file, refusal.line) from None
                    raise
            _check_foreign(closure, module, flow, foreign)
    given.check(work, foreign)
    leavings.check_growth(vacant.are_of_many)
    passing.check(closure, running, living, leavings)
    passing.check_caches(closure)


def _is_never_called(closure: Closure, unit: Unit) -> bool:
    return not closure.keeps_unknown and closure.is_never_called(unit)


def _asks_all(flow: Flow, living: dict[str, set[str]]) -> bool:
    """Is it `Once` that decides about what the flow may keep?"""
    anew = living.get(flow.unit.id) if flow.unit is not None else None
    return any(
        may_keep(store)
        or store.queued
        or store.key in _STATEMENTS
        or (anew is not None and store.made is not None and store.made not in anew)
        for store in flow.stores
    )


def _is_of_chosen(closure: Closure, flow: Flow) -> bool:
    """Does the flow change an object of which what changed says which one it is?"""
    return any(store.of in closure.chosen.keys for store in flow.stores if store.of)


class Unfound:
    """Answers where the results are that nobody can come to any more, for one of four reasons."""

    def __init__(self, leavings: Leavings, handed: Handed, namespaces: Namespaces, vacant: Vacant) -> None:
        self._leavings, self._handed, self._namespaces, self._vacant = leavings, handed, namespaces, vacant

    def is_lost(self, module: ModuleNames, flow: Flow, store: Store) -> bool:
        """Is what the flow stores there found by nobody in a later round?"""
        if self._handed.is_of_the_call(flow, store) or self._namespaces.calls_function(module, flow, store):
            return True
        return self._leavings.are_never_found(store) or self._vacant.is_gone(flow, store)


def _check_flow(
    closure: Closure,
    module: ModuleNames,
    flow: Flow,
    living: dict[str, set[str]],
    once: Once,
    asked: Asked,
    vacant: Vacant,
    unfound: Unfound,
) -> None:
    anew = living.get(flow.unit.id) if flow.unit is not None else None
    for store in flow.stores:
        if store.key in closure.drained or (flow.unit is not None and (flow.unit.id, store.key) in closure.memos):
            continue
        if store.key in _STATEMENTS and (closure.has_match(KEEPS_FIRST) or once.depends(flow)):
            raise Refusal("HR122", "a database may keep what results of what changed were", module.path, flow.line)
        if store.kind == "alters" and _stays(closure, store.key):
            raise Refusal("HR122", "what was done to a database may stay so", module.path, flow.line)
        on_builtin = store.kind == "effect" and store.made is not None and store.needs_class is None
        if on_builtin and (anew is None or store.made in anew):
            continue  # what a method of a builtin container does, it does to the container
        if vacant.passed.covers(flow, store) or frameworks.ends_request(closure, module, store):
            continue
        if asgi.composes(closure, flow, store):
            continue
        text = _kept_by(closure, store, _kind(closure, store, anew), asked, vacant)
        if text is None or unfound.is_lost(module, flow, store):
            continue
        if once.covers(flow) or not vacant.keeps_nothing(flow, store):
            raise Refusal("HR122", text, module.path, flow.line)


def _stays(closure: Closure, altered: str) -> bool:
    if altered == ENDED:
        return closure.has_any((b"rollback",))
    return altered != NOT_SPELLED or closure.has_match(ALTERS_ANYWHERE)


def _kind(closure: Closure, store: Store, anew: set[str] | None) -> str:
    kind = store.kind
    if store.needs_class is not None and not _makes_fresh(closure, store.needs_class):
        kind = "last" if store.lasting == "append" else store.lasting
    if store.made is not None and anew is not None and store.made not in anew:
        kind = store.lasting  # made on the spot, but before the loop
    return kind


def _kept_by(closure: Closure, store: Store, kind: str, asked: Asked, vacant: Vacant) -> str | None:
    name = store.key.rpartition("|")[2]
    if kind == "effect" and name[2:] not in EFFECTS | RUNNERS and name[2:] not in closure.defined:
        return f"what `{name[2:]}` does with results of what changed is not known"
    if kind == "effect" and store.made is None and _writes(closure, name[2:]) and closure.reads_back():
        return "results of what changed may be written where the program reads them"
    if kind == "effect" and name[2:] in ("warn", "warn_explicit") and closure.has_any(HEARS_WARNINGS):
        return "a warning that was given once is not given again"
    if kind == "effect" and store.made is None and name[2:] in SENDING and closure.reads_what_is_sent():
        return "results of what changed may be under way to where the program reads them"
    if (
        kind == "last"
        or (kind == "append" and not closure.is_bound(name))
        or (kind in ("append", "aug") and asked.covers(store, kind, vacant.are_of_many))
        or (kind in ("append", "aug") and (closure.growth_counts or closure.is_emptied(name)))
    ):
        where = f"`{name}`" if name else "an object"
        return f"results of what changed may be kept in {where}"
    if kind in ("append", "aug") and name:
        closure.grown.add((store.key, kind, store.inside, store.ahead, store.computed))
    if kind == "effect" and store.made is None and name[2:] in WRITERS | SENDING:
        closure.written.add(name[2:])
    return None


def _writes(closure: Closure, callee: str) -> bool:
    return callee in WRITERS or (callee == "print" and closure.redirects())


def _check_once(closure: Closure, module: ModuleNames, flow: Flow, once: Once, unfound: Unfound) -> None:
    for store in flow.stores:
        if store.key in closure.drained or not once.keeps(flow, store):
            continue
        if not unfound.is_lost(module, flow, store):
            name = store.key.rpartition("|")[2]
            text = f"what is done with results of what changed (`{name.removeprefix('E:')}`) may be done only once"
            raise Refusal("HR122", text, module.path, flow.line)


def _check_foreign(closure: Closure, module: ModuleNames, flow: Flow, foreign: Foreign) -> None:
    name = foreign.called(flow)
    if name is not None and (closure.reached(flow) or not flow.holds.isdisjoint(closure.tainted)):
        text = f"what `{name}`, none of the program's functions, does with results of what changed is not known"
        raise Refusal("HR122", text, module.path, flow.line)


def _makes_fresh(closure: Closure, token: str, depth: int = 0) -> bool:
    """Does a call of this token (`fresh`) always make a new object that nobody else has?"""
    if token.startswith("="):
        return not any(name in closure.defined or closure.is_rebound(name) for name in token[1:].split())
    if token.startswith("."):
        name = token[1:]
        return not (closure.units_of(name) or closure.is_rebound(name) or closure.keeps_unknown)
    if closure.is_rebound(token) or depth > 10:
        return False
    info = closure.class_of(token)
    if info is not None:
        plain = "__new__" not in info.methods and not info.shares_state and not closure.has_foreign_base(info)
        return plain and not _keeps_itself(closure, info)
    units = closure.units_of(token)
    if not units:
        return token in BUILDERS
    return all(
        unit.owner is None
        and not unit.decorators
        and unit.gives is not None
        and all(_makes_fresh(closure, item, depth + 1) for item in unit.gives)
        for unit in units
    )


def _keeps_itself(closure: Closure, info: ClassInfo) -> bool:
    """May a new instance be kept by its own constructor?"""
    names = {info.name, *(base for base in info.bases if base)}
    makers = [unit for name in CONSTRUCTORS for unit in closure.units_of(name) if unit.owner in names]
    firsts = [(unit, key.rpartition("|")[2]) for unit in makers for key in unit.first]
    return any(_hands_itself_on(closure, unit, name, {unit.id}) for unit, name in firsts)


def _hands_itself_on(closure: Closure, unit: Unit, name: str, seen: set[str]) -> bool:
    """May a method give its object, called `name`, to somebody, itself or by another that it calls?"""
    if is_handed_on(unit.node, name, methods=True):
        return True
    for item in ast.walk(unit.node):
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute):
            called = [other for other in closure.units_of(item.func.attr) if other.id not in seen and other.owner]
            seen |= {other.id for other in called}
            firsts = [(other, key.rpartition("|")[2]) for other in called for key in other.first]
            if any(_hands_itself_on(closure, other, first, seen) for other, first in firsts):
                return True
    return False
