"""What is taken out of a queue for no other reason than that something is in it. Pure; runs in the user's process.

``while not inbox.empty(): inbox.get_nowait()`` depends on what was put there, but not on what that was. Once the queue
is empty it is as it began, and nothing was taken out that another version would have left there for good.
"""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store

_TAKING = ("get", "get_nowait")
_COUNTING = frozenset((*_TAKING, "empty", "full", "qsize", "put", "put_nowait", "task_done", "join"))


def takes_what_is_there(closure: Closure, flow: Flow, store: Store) -> bool:
    """Does nothing but how much is in the queue, a local or a parameter, decide that the flow takes something out?"""
    unit, name = flow.unit, store.key.rpartition("|")[2]
    if unit is None or not store.removes or store.key != f"{unit.id}|{name}" or store.method not in _TAKING:
        return False
    if id(flow) in closure.stale_flows or closure.is_decided(flow):
        return False
    if not (flow.sources & closure.tainted <= {store.key} and flow.holds.isdisjoint(closure.data)):
        return False
    if any(closure.units_of(one) or closure.is_rebound(one) for one in _COUNTING - {"join", "get"}):
        return False
    names = {id(item) for item in ast.walk(unit.node) if isinstance(item, ast.Name) and item.id == name}
    counted = {
        id(item.func.value)
        for item in ast.walk(unit.node)
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr in _COUNTING
    }
    return names <= counted
