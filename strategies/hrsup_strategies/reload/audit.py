"""The proof after the fact: does anybody still hold old code? Runs in the user's process, right after a commit."""

from __future__ import annotations

import gc
from types import CodeType, FrameType, FunctionType

from hrsup_strategies.reload import rebuild
from hrsup_strategies.reload.codes import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.patch import Patch


def holders(patch: Patch, running: list[CodeType]) -> list[str]:
    """Who still holds code that is no longer the program's, in words. Empty is what it should be.

    The constants of code that is `running` (the script's body) do not count: it has executed those definitions.
    """
    codes = patch.old_codes
    if not codes:
        return []
    everything = tuple(_with_nested(codes))
    # From 3.13 on the arguments themselves, a tuple, are among the referrers.
    constants = {id(code.co_consts) for code in [*everything, *_with_nested(running)]}
    own = {id(item) for item in patch.own} | {id(everything), id(codes)}
    for before, name in patch.rebuilt():
        if isinstance(before[name], type):  # it holds its methods; who holds it is looked for by itself
            own |= rebuild.parts_of(before[name], [space for pair in patch.snapshots for space in pair], []).keys()
    found = []
    pending: list[FunctionType] = []
    for holder in gc.get_referrers(*everything):
        if id(holder) in own or id(holder) in constants or _is_ours(holder):
            continue
        if isinstance(holder, FunctionType):
            pending.append(holder)
        else:
            found.append(_describe(holder))
    # A function that was replaced is held by the snapshots alone until the commit is final.
    # (No comprehension here: on 3.11 it would put the function into a cell, a holder of our own.)
    for function in pending:
        single = (function,)
        own.add(id(single))
        for holder in gc.get_referrers(*single):
            if id(holder) not in own and holder is not pending and not _is_ours(holder):
                found.append(f"{_describe(holder)} holds `{function.__qualname__}`")
    return found


def check(patch: Patch, running: list[CodeType]) -> int:
    """The number of old code objects that were looked for. Raises Refusal (HR141) if one is held."""
    found = holders(patch, running)
    if found:
        gc.collect()  # garbage that waits to be collected holds nothing
        found = holders(patch, running)
    if found:
        raise Refusal("HR141", f"old code is still held: {found[0]}", state="failed")
    _check_rebuilt(patch)
    return len(patch.old_codes)


def _check_rebuilt(patch: Patch) -> None:
    """Refuse (HR141) if somebody holds a class that was made anew, or a value that its statement has built again."""
    values = patch.rebuilt()
    if not values:
        return
    gc.collect()
    own = {id(item) for item in patch.own}
    replaced = patch.replaced()
    for before, name in values:
        holder = rebuild.outside_holder(before, name, own, patch.snapshots, replaced)
        if holder is not None:
            what = f"class `{name}`, or an instance of it," if isinstance(before[name], type) else f"value of `{name}`"
            raise Refusal("HR141", f"the old {what} is still held: {holder} holds it", state="failed")


def _with_nested(codes: list[CodeType]) -> list[CodeType]:
    found: list[CodeType] = []
    stack = list(codes)
    while stack:
        code = stack.pop()
        found.append(code)
        stack.extend(item for item in code.co_consts if isinstance(item, CodeType))
    return found


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
