"""Where results of what changed may be kept, past the iteration that made them. Pure; runs in the user's process."""

from __future__ import annotations

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.foreign import Foreign, unknown_packages
from hrsup_strategies.reload.identifiers import BUILDERS
from hrsup_strategies.reload.known import RUNNERS, WRITERS
from hrsup_strategies.reload.once import Once, may_keep
from hrsup_strategies.reload.quiet import QUIET

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.names import ModuleNames

_STATEMENTS = frozenset(("P:execute", "P:executemany", "P:executescript"))


def check_stores(
    closure: Closure, running: ast.stmt | None, living: dict[str, set[str]], own: frozenset[str] = frozenset()
) -> None:
    """Refuse (HR122) if a result of what changed may be kept; `running` is the script's statement that runs,
    `living` has the units around the loop, each with the locals that every iteration makes anew; `own` are the
    top-level names of the program's modules."""
    eager = closure.eager_attributes()
    if any(may_keep(store) and closure.reached(flow) for flow in closure.flows for store in flow.stores):
        closure.take_all()  # what a flag is set by, and who calls under it, need not spell what changed
    foreign = Foreign(closure, unknown_packages(closure.imports(), own) - closure.inspected)
    once = Once(closure.modules, living)
    for module in closure.modules:
        if eager & module.filled:
            raise Refusal("HR122", f"`{sorted(eager & module.filled)[0]}` is stored into", module.path)
        for flow in module.flows:
            if flow.unit is None and flow.top is not running and not flow.deferred:
                continue
            if closure.reached(flow) and not (flow.unit is not None and closure.is_harmless(flow.unit)):
                _check_flow(closure, module, flow, living)
                _check_once(closure, module, flow, once)
            _check_foreign(closure, module, flow, foreign)


def _check_flow(closure: Closure, module: ModuleNames, flow: Flow, living: dict[str, set[str]]) -> None:
    anew = living.get(flow.unit.id) if flow.unit is not None else None
    for store in flow.stores:
        if store.key in closure.drained:
            continue
        name = store.key.rpartition("|")[2]
        if store.key in _STATEMENTS and closure.keeps_first():
            raise Refusal("HR122", "a database may keep what results of what changed were", module.path, flow.line)
        text = _kept_by(closure, store, _kind(closure, store, anew), name)
        if text is not None:
            raise Refusal("HR122", text, module.path, flow.line)


def _kind(closure: Closure, store: Store, anew: set[str] | None) -> str:
    kind = store.kind
    if store.needs_class is not None and not _makes_fresh(closure, store.needs_class):
        kind = "last"
    if store.made is not None and anew is not None and store.made not in anew:
        kind = store.lasting  # made on the spot, but before the loop
    return kind


def _kept_by(closure: Closure, store: Store, kind: str, name: str) -> str | None:
    if kind == "effect" and name[2:] not in QUIET | RUNNERS and name[2:] not in closure.defined:
        return f"what `{name[2:]}` does with results of what changed is not known"
    if kind == "effect" and closure.buffers and store.made is None and name[2:] in WRITERS:
        return "results of what changed may be written where the program reads them"
    if (
        kind == "last"
        or (kind == "append" and closure.is_noted(name, "tests"))
        or (kind in ("append", "aug") and (closure.growth_counts or closure.is_noted(name, "emptied")))
    ):
        where = f"`{name}`" if name else "an object"
        return f"results of what changed may be kept in {where}"
    return None


def _check_once(closure: Closure, module: ModuleNames, flow: Flow, once: Once) -> None:
    for store in flow.stores:
        if store.key not in closure.drained and once.keeps(flow, store):
            name = store.key.rpartition("|")[2]
            text = f"what is done with results of what changed (`{name.removeprefix('E:')}`) may be done only once"
            raise Refusal("HR122", text, module.path, flow.line)


def _check_foreign(closure: Closure, module: ModuleNames, flow: Flow, foreign: Foreign) -> None:
    name = foreign.called(flow)
    if name is not None and (closure.reached(flow) or not flow.holds.isdisjoint(closure.tainted)):
        text = f"what `{name}`, none of the program's functions, does with results of what changed is not known"
        raise Refusal("HR122", text, module.path, flow.line)


def _makes_fresh(closure: Closure, name: str) -> bool:
    if name in BUILDERS:
        return True
    info = closure.class_of(name)
    if info is None or "__new__" in info.methods or info.shares_state:
        return False
    return not closure.has_foreign_base(info)
