"""What is kept and changes by being looked at, under what changed: iterators, and mappings that make what is missing.

Pure; runs in the user's process. What the old version has taken out of an iterator, or had a `defaultdict` make, is not
undone. Which names stand for such things is found by what they are bound to, from one name to the next.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.flows import Store
from hrsup_strategies.reload.keys import keys_are_seen
from hrsup_strategies.reload.known import CONSTRUCTORS, ITERATORS
from hrsup_strategies.reload.tokens import GENERATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow
    from hrsup_strategies.reload.leavings import Leavings
    from hrsup_strategies.reload.names import ModuleNames

    Use = tuple[ModuleNames, Flow, str]

_MAKING = frozenset(("()defaultdict",))
_MAKES = {"makes": _MAKING, "fills": _MAKING}
_COUNTING = _MAKING | {"()Counter"}
_BY_KEY = frozenset(("fills", "counts"))
_LOSING = frozenset(("()set", "()frozenset", "()Counter"))
_CACHING = frozenset(("()lru_cache", "()cache"))


def check(closure: Closure, running: ast.stmt | None, living: dict[str, set[str]], leavings: Leavings) -> None:
    """Refuse (HR122) where what changed decides whether such a thing, which lives on, is looked at. `running` is the
    script's statement that runs, `living` has the units around the loop, with the locals that a round makes anew."""
    uses = _uses(closure, running)
    makes = closure.has_any((b"defaultdict",))
    iterators = frozenset(f"(){name}" for name in ITERATORS) | {GENERATOR}
    kinds = {"passes": iterators, "loses": _LOSING, "counts": _COUNTING} | (_MAKES if makes else {})
    for kind, seeds in kinds.items():
        found = [use for use in uses if use[1].stores[0].kind == kind]
        if found:
            _take_in(closure, {use[2] for use in found})
        lasting = _lasting(closure, seeds, living) if found else set[str]()
        for module, flow, key in found:
            name = key.rpartition("|")[2]
            if (
                kind in _BY_KEY
                and key in lasting
                and not any(keys_are_seen(closure, one) for one in _aliases(closure, key))
            ):
                continue  # what is there for a key is the program's history, and that it is there nobody asks
            if key in lasting and ("|" in key or not leavings.are_never_found(Store(key, "last", binds=True))):
                text = f"what was looked at in `{name}` by what changed cannot be looked at again"
                raise Refusal("HR122", text, module.path, flow.line)


def check_caches(closure: Closure) -> None:
    """Refuse (HR122) where the program can see how much is in a cache that what changed fills."""
    for unit in closure.units if closure.looks_up_anything() else ():
        if "cached_property" in unit.decorators and f"C:{unit.name}" in closure.tainted:
            raise Refusal("HR122", f"that `{unit.name}` was computed may be seen", unit.path, unit.node.lineno)
    if not closure.has_any((b"cache_info",)):
        return
    closure.take_all()
    keys = _reach(_pairs(closure), set(_CACHING))
    decorated = {unit.name for unit in closure.units if not {"lru_cache", "cache"}.isdisjoint(unit.decorators)}
    for name in sorted(keys | decorated):
        if not closure.tainted.isdisjoint((f"C:{name}", f"P:{name}")):
            raise Refusal("HR122", f"the program asks what is in the cache of `{name}`, which what changed may fill")


def _uses(closure: Closure, running: ast.stmt | None) -> list[Use]:
    """Those that what changed decides about."""
    found: list[Use] = []
    for module in closure.modules:
        for flow in [flow for part in module.flowing if part.uses and closure.near.has(part) for flow in part.uses]:
            if flow.unit is None and flow.top is not running and not flow.deferred:
                continue
            if closure.reached(flow) and not (flow.unit is not None and closure.is_harmless(flow.unit)):
                found.append((module, flow, flow.stores[0].key))
    return found


def _take_in(closure: Closure, keys: set[str]) -> None:
    """Take in all that spells one of these, or what they are bound to, or what that is; and who makes it."""
    pending, seen, taken = set(keys), set[str](), -1
    pairs: dict[str, set[str]] = {}
    while pending:
        for key in pending:
            if key.startswith("()"):
                closure.units_of(key[2:])
            elif "|" not in key and not key.startswith("P:"):
                closure.mention(key)  # a local is bound where it is, and who calls what is reached has been taken in
        if taken != closure.taken:
            taken, pairs = closure.taken, _pairs(closure)
            seen.clear()
            pending |= keys
        seen |= pending
        pending = set[str]().union(*(pairs.get(key, ()) for key in pending)) - seen


def _lasting(closure: Closure, seeds: frozenset[str], living: dict[str, set[str]]) -> set[str]:
    """The keys of what comes from one of the seeds, and may be from before this round."""
    pairs = _pairs(closure)
    made = {f"(){unit.name}" for unit in closure.units if unit.generates and GENERATOR in seeds}
    derived = {f"(){info.name}" for info in closure.classes if "defaultdict" in info.bases and "()defaultdict" in seeds}
    found = _reach(pairs, set(seeds) | made | derived)
    roots = {key for key in found if not key.startswith(("()", "P:")) and _is_root(key, living)}
    return _reach(pairs, roots) & found


def _is_root(key: str, living: dict[str, set[str]]) -> bool:
    unit, divides, name = key.rpartition("|")
    return not divides or (unit in living and name not in living[unit])


def _pairs(closure: Closure) -> dict[str, set[str]]:
    """By each key, the tokens of what it is bound to."""
    pairs: dict[str, set[str]] = {}
    for module in closure.modules:
        for key, found in module.same:
            pairs.setdefault(key, set()).update(found)
    for unit in closure.units:
        given = {f"P:{unit.name}"} | ({f"P:{unit.owner}"} if unit.name in CONSTRUCTORS else set())
        for key in unit.params:
            pairs.setdefault(key, set()).update(given)
    for info in closure.classes:
        fields = [item.target for item in info.node.body if isinstance(item, ast.AnnAssign)]
        for target in fields:
            if isinstance(target, ast.Name):
                pairs.setdefault(target.id, set()).add(f"P:{info.name}")
    return pairs


def _aliases(closure: Closure, key: str) -> set[str]:
    """The keys of all that may stand for the same object, in whatever direction it was bound or given."""
    pairs = _pairs(closure)
    found, size, taken = {key}, 0, closure.taken
    while size != len(found):
        size = len(found)
        for one in [one for one in found if "|" not in one]:
            closure.mention(one.removeprefix("P:"))
        if taken != closure.taken:
            taken, pairs = closure.taken, _pairs(closure)
        found |= {one for one, bound in pairs.items() if not one.startswith("()") and not bound.isdisjoint(found)}
        found = found.union(*({one for one in pairs.get(key, ()) if not one.startswith("()")} for key in found))
    return {one for one in found if not one.startswith("P:")}


def _reach(pairs: dict[str, set[str]], found: set[str]) -> set[str]:
    """The seeds, and whatever is bound to one of them, or to what is."""
    size = -1
    while size != len(found):
        size = len(found)
        found |= {key for key, bound in pairs.items() if not bound.isdisjoint(found)}
    return found
