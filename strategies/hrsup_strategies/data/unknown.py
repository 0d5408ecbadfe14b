"""Is what was read handed to something that may keep it, in a place that no source shows? ``model.fit(read())`` leaves
its result in an object of a library's. Runs in the user's process.
"""

from __future__ import annotations

import ast

from hrsup_strategies.data.readers import is_quiet_method
from hrsup_strategies.reload.known import QUIET
from hrsup_strategies.reload.loaded import work_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.version import Version

# Methods that look at what they are given; what only grows or is set is looked at elsewhere.
_QUIET_TOO = frozenset(
    (
        *("predict", "predict_proba", "transform", "score", "decision_function", "kneighbors", "submit", "isin"),
        *("astype", "append", "add", "extend", "insert", "update", "setdefault", "pop", "read", "load", "loads"),
    )
)


def unknown_use(sites: Iterable[str], program: Program) -> str | None:
    """A place (``file:line``) where a result of these lines is given to a call that is made for its effect, of which
    nothing is known; None if there is none."""
    work = work_of(program, {})
    closure = work.closure
    for site in sites:
        path, _, line = site.rpartition(":")
        if path not in work.modules:  # it will not be seen to read again either
            continue
        _seed(closure, work.old[path], int(line))
    closure.grow()
    for flow in closure.flows:
        if closure.reached(flow) and (unknown_call(flow, closure) or _unknown_effect(flow, closure)):
            return f"{flow.unit.path if flow.unit is not None else 'the script'}:{flow.line}"
    return None


def unknown_call(flow: Flow, closure: Closure) -> str | None:
    """The name of the method that is given something of what was read, if it belongs to an object that was not made on
    the spot, and nothing is known of it; that object may keep what it is given."""
    names = [store.key[2:] for store in flow.stores if store.key.startswith("P:")]
    objects = [store for store in flow.stores if store.key and not store.key.startswith("P:") and store.made is None]
    if not objects:
        return None
    return next((name for name in names if not _is_known(name, closure)), None)


def _seed(closure: Closure, version: Version, line: int) -> None:
    for unit in version.names.units:
        if unit.node.lineno <= line <= (unit.node.end_lineno or 0):
            closure.functions.add(unit.name)
            closure.compare(version.names, version.names, unit.id, True)
    for flow in version.names.flows:
        top: ast.stmt | None = flow.top
        if flow.unit is None and top is not None and top.lineno <= line <= (top.end_lineno or 0):
            closure.stale_flows.add(id(flow))


def _unknown_effect(flow: Flow, closure: Closure) -> bool:
    names = [store.key.rpartition("|")[2].removeprefix("E:") for store in flow.stores if _is_effect(store)]
    return any(not _is_known(name, closure) for name in names)


def _is_effect(store: Store) -> bool:
    return store.kind == "effect" and store.made is None


def _is_known(name: str, closure: Closure) -> bool:
    return name in QUIET or name in _QUIET_TOO or name in closure.defined or is_quiet_method(name)
