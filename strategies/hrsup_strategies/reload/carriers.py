"""Results of what changed that something under way was given: a task or thread by its arguments, a timer, a pool.

Runs in the user's process, on the main thread. What was begun in an earlier round goes on with what it was handed, and
would show it beside what new code computes. A container that is filled is no result: what is in it is up to `kept`.
"""

from __future__ import annotations

import ast
import re
import sys
from types import FunctionType

from hrsup_strategies.reload.calls import makes_server
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.known import CONSTRUCTORS, HOLDERS
from hrsup_strategies.reload.setup_phase import made_anew
from hrsup_strategies.reload.strands import Moving
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow
    from hrsup_strategies.reload.strands import Strand

# What is made of a function by one of these is no result of it; what it is given beside that is looked at in its call.
_HOLDERS = HOLDERS.keys() | {"Thread", "Timer"}
_NUMBERED = re.compile(r"Task-\d+")  # the name of a task that was given none
_POOLS = frozenset(("P:submit", "P:map", "P:run_in_executor", "P:to_thread"))


def check_carried(strands: list[Strand], closure: Closure) -> None:
    """Refuse (HR122) if the loop of one of these strands uses a result that it was given before; raise Moving if one
    without a loop may hold one, since that comes to its end."""
    found = carriers(closure) if strands else set()
    for strand in strands:
        for active in strand.actives:
            for name in sorted(_bound_before(active)):
                if f"{active.unit}|{name}" not in found or _are_under_way(active.frame.f_locals.get(name)):
                    continue
                if strand.looping is None:
                    raise strand.moving()
                text = f"`{name}` holds a result of what changed, from before the loop"
                raise Refusal("HR122", text, active.path, active.frame.f_lineno)


def check_unbegun(units: set[str], closure: Closure) -> None:
    """Raise Moving if a coroutine of one of these functions, which has not begun, may have been given a result."""
    given = {key.rpartition("|")[0] for key in carriers(closure)} if units else set()
    for unit in sorted(units & given):
        raise Moving("HR123", f"`{unit.rpartition(':')[2]}` has not begun", unit.rpartition(":")[0])


def carriers(closure: Closure) -> set[str]:
    """The locals, attributes and globals that may be bound to a result of what changed, by their keys.

    A function is given what is spelled in a call by its name, in one by a variable, and in a call that it is handed to:
    ``Thread(target=later, args=(value(),))``.
    """
    flows = list(filter(closure.reached, closure.near.flows()))
    found: set[str] = set()
    size = -1
    while size != len(found):
        size = len(found)
        handed: set[str] = set()  # the names of what is handed over together with a result
        made: set[str] = set()  # classes whose instances get one when they are made
        for flow in flows:
            if not _brings(flow, closure, found):
                continue
            found |= {store.key for store in flow.stores if store.key and (store.binds or store.key.startswith("P:"))}
            if any(store.key.startswith("P:") for store in flow.stores):
                handed |= flow.holds
            beyond = [store for store in flow.stores if store.binds or store.kind == "last"]
            attributes = any("|" not in store.key for store in beyond)
            if flow.unit is not None and flow.unit.name in CONSTRUCTORS and attributes:
                made.add(flow.unit.owner or "")
        for unit in closure.units:
            by_variable = "P:*" in found and closure.may_be_called_unnamed(unit)
            if by_variable or unit.name in handed or f"P:{unit.name}" in found:
                found |= unit.params - (unit.first if unit.owner else set())
            if unit.owner and f"P:{unit.owner}" in found:
                found |= unit.first | (unit.params if unit.name in CONSTRUCTORS else set())
            if unit.owner and not made.isdisjoint(_line_of(closure, unit.owner)):
                found |= unit.first
    return found


def _line_of(closure: Closure, name: str) -> set[str]:
    """A class and those above it, by their names."""
    found, size = {name}, 0
    while size != len(found):
        size = len(found)
        infos = [closure.class_of(item) for item in found]
        found |= {base for info in infos if info is not None for base in info.bases if base}
    return found


def _brings(flow: Flow, closure: Closure, found: set[str]) -> bool:
    """Does a result take this way, and not only an object that may call what changed?"""
    if not found.isdisjoint(flow.holds | flow.sources):
        return True
    used = {key for key in flow.values if "|" not in key}  # a variable may be tainted by what is only filled into it
    holders = {name for name in flow.values & _HOLDERS if name not in closure.defined}
    holders |= {name for name in used if makes_server(name, closure)}
    return not used.isdisjoint(closure.tainted) and not holders


def check_waiting(closure: Closure) -> None:
    """Raise Moving if a timer or a thread pool has yet to call something with what may be a result of what changed."""
    if "P:Timer" in closure.data and any(map(_carries, _timers())):
        raise Moving("HR132", "a timer may have been given results of what changed")
    if not _POOLS.isdisjoint(closure.data) and any(not queue.empty() for queue in _queues()):
        raise Moving("HR132", "a thread pool has work to do that may hold results of what changed")


def _bound_before(active: Active) -> set[str]:
    """The variables of a frame that were bound up to where it is; of one that loops, those from before the loop that it
    reads and does not make anew."""
    code = active.frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    names = {*code.co_varnames[:count], *code.co_freevars}
    before = [*active.before, *([active.statement] if active.loop is None and active.statement is not None else [])]
    for node in before:
        names |= {item.id for item in walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
    if active.loop is None:
        return names
    read = {item.id for item in walk(active.loop) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load)}
    return (names & read) - made_anew(active)


def _are_under_way(value: Any) -> bool:
    """Is this a task of `asyncio`, or a list of some, of which none has come to a result? What it holds is looked at as
    a strand of its own."""
    kind = getattr(sys.modules.get("asyncio.tasks"), "Task", None)
    items = value if type(value) is list else [value]
    return kind is not None and bool(items) and all(type(item) is kind and _is_open(item) for item in items)


def _is_open(task: Any) -> bool:
    return not task.done() and _NUMBERED.fullmatch(task.get_name()) is not None


def _timers() -> Iterator[Any]:
    module: Any = sys.modules.get("threading")
    kind = getattr(module, "Timer", None)
    if kind is not None:
        yield from (thread for thread in module.enumerate() if isinstance(thread, kind))


def _carries(timer: Any) -> bool:
    """Has it more to give than a plain function?"""
    function = getattr(timer, "function", None)
    if getattr(timer, "args", None) or getattr(timer, "kwargs", None):
        return True
    return not isinstance(function, FunctionType) or function.__closure__ is not None


def _queues() -> Iterator[Any]:
    """What the threads of pools take their work from."""
    module = sys.modules.get("concurrent.futures.thread")
    yield from list(getattr(module, "_threads_queues", {}).values())
