"""Is what was read handed to something that may keep it, in a place that no source shows? ``model.fit(read())`` leaves
its result in an object of a library's. Runs in the user's process.
"""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.data.asked import ADDS
from hrsup_strategies.data.marks import marked
from hrsup_strategies.data.readers import is_quiet_method
from hrsup_strategies.reload.active import top_statement_of
from hrsup_strategies.reload.foreign import Foreign
from hrsup_strategies.reload.known import EFFECTS, WRITERS
from hrsup_strategies.reload.loaded import work_of
from hrsup_strategies.reload.once import Once, may_keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from types import FrameType

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import Work

# Methods that look at what they are given; what only grows or is set is looked at elsewhere.
_STATEMENTS = frozenset(("execute", "executemany", "executescript"))
_QUIET_TOO = frozenset(
    (
        *("predict", "predict_proba", "transform", "score", "decision_function", "kneighbors", "submit", "isin"),
        *("astype", "append", "add", "extend", "insert", "update", "setdefault", "pop", "read", "load", "loads"),
    )
)


def unknown_use(sites: Iterable[str], program: Program, running: Collection[tuple[str, str]] | None) -> str | None:
    """A place (``file:line``) where a result of these lines is kept, or given to a call that is made for its effect, of
    which nothing is known; None if there is none. `running`: what `keeping.running_functions` has found."""
    work = work_of(program, {})
    closure = work.closure
    for site in sites:
        path, _, line = site.rpartition(":")
        if path not in work.modules:  # it will not be seen to read again either
            continue
        _seed(closure, work.old[path], int(line))
    closure.grow()
    if any(closure.reached(flow) and any(map(may_keep, flow.stores)) for flow in closure.near.flows()):
        closure.take_whole()  # what a flag is set by need not spell what reads
    handed_on = Foreign(closure, set())
    # Nothing is known of where a round of a loop begins: no local of a function that runs is made anew.
    alive = (unit for unit in closure.units if running is None or (unit.path, unit.name) in running)
    once = Once(closure.modules, {unit.id: set() for unit in alive}, lambda _: False)
    script, marks = _running_statement(work), Marks(work)
    for flow in closure.flows:
        if not closure.reached(flow):
            continue
        again = flow.unit is not None or flow.deferred or flow.top is script  # not at import alone
        stays = again and any(store.binds or store.kind == "last" for store in flow.stores)
        if stays and marks.has(flow):
            return f"{_path_of(flow, work)}:{flow.line}"
        if unknown_call(flow, closure) or _unknown_effect(flow, closure) or (again and _kept(flow, closure, once)):
            return f"{flow.unit.path if flow.unit is not None else 'the script'}:{flow.line}"
        if again and handed_on.called(flow) is not None:
            return f"{flow.unit.path if flow.unit is not None else 'the script'}:{flow.line}"
    return None


def _path_of(flow: Flow, work: Work) -> str:
    if flow.unit is not None:
        return flow.unit.path
    return next((version.path for version in work.old.parsed if flow.top in version.tree.body), "")


class Marks:
    """Answers whether a flow sets a flag that is not set each time (see ``marks``)."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[int, set[int]] = {}  # by the ids of functions and modules, that last as long as the work

    def has(self, flow: Flow) -> bool:
        """Is the flow such an assignment?"""
        path = _path_of(flow, self._work)
        scope = flow.unit.node if flow.unit is not None else self._work.old[path].tree if path else None
        if scope is None:
            return False
        if id(scope) not in self._known:
            self._known[id(scope)] = marked(scope)
        return flow.line in self._known[id(scope)]


def _kept(flow: Flow, closure: Closure, once: Once) -> bool:
    """Does a call keep what it is given, in another way than those that `keeping` looks at?"""
    names = {store.key[2:] for store in flow.stores if store.key.startswith("P:")}
    if names & _STATEMENTS:
        return True
    if names and not names <= ADDS and any(store.kind in ("last", "append") for store in flow.stores):
        return True
    effects = [store for store in flow.stores if store.kind == "effect" and store.key[2:] not in ADDS]
    written = closure.reads_back() and any(store.made is None and store.key[2:] in WRITERS for store in effects)
    return written or any(once.keeps(flow, store) for store in effects)


def unknown_call(flow: Flow, closure: Closure) -> str | None:
    """The name of the method that is given something of what was read, if it belongs to an object that was not made on
    the spot, and nothing is known of it; that object may keep what it is given."""
    names = [store.key[2:] for store in flow.stores if store.key.startswith("P:")]
    objects = [store for store in flow.stores if store.key and not store.key.startswith("P:") and store.made is None]
    if not objects:
        return None
    return next((name for name in names if not _is_known(name, closure)), None)


def _running_statement(work: Work) -> ast.stmt | None:
    """The statement of the script that is being executed."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        path = frame.f_code.co_filename
        if frame.f_code.co_name == "<module>" and path in work.modules:
            statement = top_statement_of(work.old[path].body, frame.f_lineno)
            return statement.node if statement is not None else None
        frame = frame.f_back
    return None


def _seed(closure: Closure, version: Version, line: int) -> None:
    names = version.names.at(line)
    for unit in names.units:
        if unit.node.lineno <= line <= (unit.node.end_lineno or 0):
            closure.functions.add(unit.name)
            closure.compare(version.names, version.names, unit.id, True)
    for flow in names.flows:
        top: ast.stmt | None = flow.top
        if flow.unit is None and top is not None and top.lineno <= line <= (top.end_lineno or 0):
            closure.stale_flows.add(id(flow))


def _unknown_effect(flow: Flow, closure: Closure) -> bool:
    names = [store.key.rpartition("|")[2].removeprefix("E:") for store in flow.stores if _is_effect(store)]
    return any(not _is_known(name, closure) for name in names)


def _is_effect(store: Store) -> bool:
    return store.kind == "effect" and store.made is None


def _is_known(name: str, closure: Closure) -> bool:
    return name in EFFECTS or name in _QUIET_TOO or name in closure.defined or is_quiet_method(name)
