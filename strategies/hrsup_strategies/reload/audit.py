"""The proof after the fact: does anybody still hold old code? Runs in the user's process, right after a commit.

The reference counts say whether anybody does (`census`); only if so, the heap is searched for a name.
"""

from __future__ import annotations

import gc
from itertools import compress
from types import CodeType, FrameType, FunctionType, ModuleType

from hrsup_strategies.reload import census, rebuild
from hrsup_strategies.reload.codes import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.leftovers import Leftovers
    from hrsup_strategies.reload.patch import Patch

_CODE = frozenset((CodeType,))


def check(patch: Patch, running: list[CodeType], leftovers: Leftovers) -> int:
    """The number of old code objects that were looked for. Raises Refusal (HR141) if one is held.

    The constants of code that is `running` (the script's body) do not count: it has executed those definitions. Nor do
    the `leftovers` of the last round.
    """
    found = holders(patch, running)
    if found:
        gc.collect()  # garbage that waits to be collected holds nothing
        found = holders(patch, running)
    if found:
        raise Refusal("HR141", f"old code is still held: {found[0]}", state="failed")
    _check_rebuilt(patch, leftovers)
    _check_departed(patch)
    return len(patch.old_codes)


def holders(patch: Patch, running: list[CodeType]) -> list[str]:
    """Who still holds code that is no longer the program's, in words. Empty is what it should be."""
    codes = census.trees(patch.old_codes)
    if not codes:
        return []
    old = set(map(id, codes))
    # A function that was replaced is held by the snapshots alone until the commit is final.
    replaced = [function for function in patch.functions if id(function.__code__) in old]
    parts = _parts(patch)
    own = [*patch.own, *patch.functions, codes, replaced, parts, *parts.values()]
    own += [code.co_consts for code in [*codes, *census.trees(running)]]
    counts = census.unknown([*codes, *replaced], own)
    if not any(counts):
        return []
    shed = census.alone(_shed(patch), own)
    own += [shed, *shed]
    counts = census.unknown([*codes, *replaced], own)
    if not any(counts):
        return []
    found = _named(codes, own, parts)
    if found:
        return found
    # A module's body that somebody keeps has been executed. Its constants, a tuple of what cannot refer to others, are
    # among the referrers for as long as the collector has not noticed that.
    own += [code.co_consts for code in census.trees(_bodies({code.co_filename for code in codes}))]
    counts = census.unknown([*codes, *replaced], own)
    # What is left the collector does not know: a C structure, an extension type without its support.
    names = [code.co_qualname for code in codes] + [function.__qualname__ for function in replaced]
    return [f"something unknown holds `{name}`" for name, count in zip(names, counts, strict=True) if count]


def _shed(patch: Patch) -> list[object]:
    """What the names of the modules have stood for before, and no longer do, but for classes and modules: a decorator
    may have put a function into something else."""
    missing = object()
    return [
        value
        for space, before in patch.snapshots
        for name, value in before.items()
        if space.get(name, missing) is not value and not isinstance(value, (type, ModuleType))
    ]


def _bodies(files: set[str]) -> list[CodeType]:
    """The code of these modules' bodies that anything refers to which the collector knows."""
    everything = gc.get_referents(*gc.get_objects())
    codes = compress(everything, map(_CODE.__contains__, map(type, everything)))  # there may be millions
    return [code for code in codes if code.co_name == "<module>" and code.co_filename in files]


def _parts(patch: Patch) -> dict[int, object]:
    """What classes that were made anew consist of: they hold their methods; who holds them is looked for by itself."""
    parts: dict[int, object] = {}
    for before, name in patch.rebuilt():
        if isinstance(before[name], type):
            parts |= rebuild.parts_of(before[name], [space for pair in patch.snapshots for space in pair], [])
    return parts


def _named(codes: list[CodeType], own: list[object], parts: dict[int, object]) -> list[str]:
    """Whom the collector knows of those that hold the codes, or one of the functions that have them."""
    everything = tuple(codes)  # from 3.13 on the arguments themselves, a tuple, are among the referrers
    known = {id(item) for item in own if not isinstance(item, FunctionType)} | {id(everything), id(own)} | parts.keys()
    found = []
    pending: list[FunctionType] = []
    for holder in gc.get_referrers(*everything):
        if id(holder) in known or _is_ours(holder):
            continue
        if isinstance(holder, FunctionType):
            pending.append(holder)
        else:
            found.append(_describe(holder))
    known.add(id(pending))
    # (No comprehension here: on 3.11 it would put the function into a cell, a holder of our own.)
    for function in pending:
        single = (function,)
        known.add(id(single))
        for holder in gc.get_referrers(*single):
            if id(holder) not in known and not _is_ours(holder):
                found.append(f"{_describe(holder)} holds `{function.__qualname__}`")
    return found


def _check_rebuilt(patch: Patch, leftovers: Leftovers) -> None:
    """Refuse (HR141) if somebody holds a class that was made anew, or a value that its statement has built again."""
    values = patch.rebuilt()
    if not values:
        return
    gc.collect()
    own = {id(item) for item in patch.own}
    replaced = patch.replaced()
    anew = {id(before[name]) for before, name in values}
    for before, name in values:
        holder = rebuild.outside_holder(before, name, own, patch.snapshots, replaced, leftovers, anew)
        if holder is not None:
            what = f"class `{name}`, or an instance of it," if isinstance(before[name], type) else f"value of `{name}`"
            raise Refusal("HR141", f"the old {what} is still held: {holder} holds it", state="failed")


def _check_departed(patch: Patch) -> None:
    """Refuse (HR141) if somebody holds a module that has left the program."""
    if not patch.departed:
        return
    counts = census.unknown([*patch.departed], patch.own)
    if any(counts):
        gc.collect()
        counts = census.unknown([*patch.departed], patch.own)
    for name, count in zip([module.__name__ for module in patch.departed], counts, strict=True):
        if count:
            raise Refusal("HR141", f"the module `{name}`, whose file is gone, is still held", state="failed")


def _is_ours(holder: object) -> bool:
    if isinstance(holder, FrameType):
        return str(holder.f_globals.get("__name__", "")).startswith("hrsup_")
    return type(holder).__module__.startswith(__name__.rpartition(".")[0])


def _describe(holder: object) -> str:
    code = getattr(holder, "gi_code", None) or getattr(holder, "cr_code", None) or getattr(holder, "f_code", None)
    if code is not None:
        return f"{type(holder).__name__} `{code.co_qualname}` ({code.co_filename}:{code.co_firstlineno})"
    if isinstance(holder, FunctionType):
        return f"function `{holder.__qualname__}` ({holder.__code__.co_filename}:{holder.__code__.co_firstlineno})"
    return f"a {type(holder).__module__}.{type(holder).__qualname__}"
