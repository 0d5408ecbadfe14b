"""Caches of the standard library's: those of functions that a change reaches are emptied with it. Runs in the user's
process.

What such a function does it does again then, so it must add nothing to what it has added to before. One without
arguments may stand for the one object that all others share, or for how things were when it was called first; so of
these only what is plain data is given up, and if the function only builds a value.
"""

from __future__ import annotations

import gc
from functools import lru_cache
from itertools import compress

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.decorators import keeps_reference
from hrsup_strategies.reload.known import CONSTRUCTORS
from hrsup_strategies.reload.values import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.units import Unit
    from hrsup_strategies.reload.work import Work

_CACHING = frozenset(("lru_cache", "cache"))
_GROWING = frozenset(("append", "aug"))
_LASTING = frozenset(("last", "append", "aug"))
_CACHED = frozenset((type(lru_cache(lambda: None)),))


def check(work: Work) -> None:
    """Refuse (HR122) where a result of what changed stays in a cache, or in what a decorator has made."""
    closure = work.closure
    for module in closure.modules:
        for unit in module.units:
            anew = id(unit.node) in work.made_anew
            if not (anew or f"U:{unit.id}" in closure.tainted) or not unit.node.decorator_list:
                continue
            if work.entries.is_replayed(unit.node):
                continue
            if "cached_property" in unit.decorators:
                raise _kept(unit)
            if not _CACHING.isdisjoint(unit.decorators):
                _check_cache(work, unit)
            if not anew and not all(keeps_reference(closure, module, item) for item in unit.node.decorator_list):
                text = f"a decorator of `{unit.name}` may keep its results"
                raise Refusal("HR122", text, unit.path, unit.node.lineno)


def _check_cache(work: Work, unit: Unit) -> None:
    arguments = unit.node.args
    alone = not (arguments.posonlyargs or arguments.args or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)
    if alone and unit.owner is not None:
        raise _kept(unit)
    judged: set[int] = set()
    if alone:
        for purity in (work.before, work.after):
            reads = purity.reads_of_call(unit.path, unit.name)
            if reads is None:
                raise _kept(unit)
            work.reads |= reads
            judged |= purity.judged
        work.lone_results.append((unit.path, unit.name, unit.node.lineno))
    _check_again(work, unit, alone, judged)


def _check_again(work: Work, unit: Unit, alone: bool, judged: set[int]) -> None:
    """Refuse where it makes a difference when, or how often, the function has been called. Those of the functions that
    it calls which are `judged` to be pure change nothing but what they have made."""
    called = _called(work, unit, judged)
    top = {name for module in work.closure.modules for one in module.tops for name in one.statement.names}
    mentioned = set().union(*(one.globals for one in called))
    read = mentioned & top
    for name in sorted(mentioned):
        work.closure.mention(name)
    for flow in work.closure.flows:
        if flow.unit is None or work.closure.runs_at_import(flow.unit):
            continue
        inside = any(one.id == flow.unit.id for one in called)
        for store in flow.stores:
            if inside and store.kind in _GROWING and "|" not in store.key and (alone or store.key in top):
                text = f"`{unit.name}` adds something once for each result that it keeps"
                raise Refusal("HR122", text, unit.path, flow.line)
            of_new = flow.unit.name in CONSTRUCTORS and store.base in flow.unit.first
            is_read = store.key in read or (store.key in mentioned and not of_new and id(flow.unit.node) not in judged)
            if store.kind in _LASTING and is_read:
                text = f"`{unit.name}` keeps what came of `{store.key}`, which the program changes"
                raise Refusal("HR122", text, unit.path, flow.line)


def _called(work: Work, unit: Unit, judged: set[int]) -> list[Unit]:
    """The functions that a call of this one may run, by their names, itself and those that are `judged` included."""
    pending = [unit, *(one for one in work.closure.units if id(one.node) in judged)]
    found = {one.id: one for one in pending}
    while pending:
        for name in pending.pop().mentions:
            for other in work.closure.units_of(name):
                if other.id not in found:
                    found[other.id] = other
                    pending.append(other)
    return list(found.values())


def look(work: Work) -> None:
    """Refuse (HR122) where a function without arguments keeps something that others may share."""
    for path, name, line in work.lone_results:
        function = vars(work.modules[path]).get(name)
        if type(function) not in _CACHED:
            raise Refusal("HR122", f"the result of `{name}` is kept", path, line)
        if function.cache_info().currsize and not is_plain(function()):  # it is found, nothing is executed
            raise Refusal("HR122", f"the result of `{name}` is kept, and is more than data", path, line)


def clear(work: Work) -> None:
    """Empty those of all functions of the program's."""
    spaces = {id(vars(module)) for module in work.modules.values()}
    everything = gc.get_objects()
    for item in compress(everything, map(_CACHED.__contains__, map(type, everything))):
        if id(getattr(item.__wrapped__, "__globals__", None)) in spaces:
            item.cache_clear()


def _kept(unit: Unit) -> Refusal:
    return Refusal("HR122", f"the result of `{unit.name}` is kept", unit.path, unit.node.lineno)
