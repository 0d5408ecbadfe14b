"""What a new import statement takes from a module that is loaded: is it what a cold start would take? Pure; runs in the
user's process.

A cold start imports it when the module's body has just ended. What is in the object that a name stands for is the
program's own state, and the same object for all; but the name itself must not have been bound to another since.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.values import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.work import Work


def check(work: Work, path: str, node: ast.ImportFrom, source: str | None) -> None:
    """Refuse (HR113) if a name that the module at `path` imports from the loaded one at `source` may have been bound
    again since, or with all its names some that it has got otherwise than by its statements."""
    if source is None or source not in work.old or source in work.departures:
        return
    body = work.old[source].body
    bound = {name for statement in body for name in statement.names}
    names = {alias.name for alias in node.names}
    if "*" in names:
        there = {name for name in vars(work.modules[source]) if not name.startswith("_")}
        names = there & bound
        if not there <= bound and not work.old[source].stars:
            first = min(there - bound)
            text = f"`{first}` is imported, and was put into its module by the program"
            raise Refusal("HR113", text, path, node.lineno)
    space = vars(work.modules[source])
    defined = {name for statement in body if statement.kind == "def" for name in statement.names}
    work.reads |= {(source, name) for name in names & bound if name in defined or _is_fixed(space.get(name))}
    own = {id(statement.node) for statement in body}
    work.old.mentioning(names)
    for module in work.old.shown:
        others = names & _bound_in(work, module.path) if module.path != source else set[str]()
        for flow in module.flows:
            again = {store.key for store in flow.stores if store.key in names and _binds(flow, store, own)}
            again -= {store.key for store in flow.stores if store.key in others and not store.of}  # names of its own
            if again:
                text = f"`{min(again)}` is imported, and may have been bound again by the program"
                raise Refusal("HR113", text, path, node.lineno)


def _bound_in(work: Work, path: str) -> set[str]:
    version = work.old[path]
    return {name for part in (version.body, version.globals) for one in part for name in one.names}


def _binds(flow: Flow, store: Store, own: set[int]) -> bool:
    """Does it bind the name of a module, or the attribute of something that may be one?"""
    if not store.binds or (flow.unit is None and id(flow.top) in own):
        return False
    local = "|" in store.of and not store.base  # ``self``
    return not local and not (store.kind == "plain" and flow.unit is not None)


def _is_fixed(value: object) -> bool:
    """Is it one that can be compared with what its statement builds, and is nobody's state?"""
    return not isinstance(value, (list, dict, set)) and is_plain(value)
