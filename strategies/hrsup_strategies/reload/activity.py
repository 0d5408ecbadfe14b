"""What runs, or is suspended, while a reload is pending. Runs in the user's process; touches nothing.

An activation goes on with the code that it was started with, so none of what changed, or of what that reaches, may be
under way.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from weakref import ref

from hrsup_strategies.reload import census, loaded
from hrsup_strategies.reload.active import is_in_place
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.reached import Reached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, FrameType, ModuleType

    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.live import Known
    from hrsup_strategies.reload.work import Work

# How a program comes to show line numbers, of its log records and of tracebacks too.
_LOOKS_AT_LINES = (b"lineno", b"extract_stack", b"traceback", b".exception(", b"exc_info", b"stack_info", b"warn")
# How a module comes to hold code whose names its source does not have.
_RUNS_TEXT = (b"exec", b"eval", b"globals", b"FunctionType", b"__code__")
_SUSPENDABLE = 0x2A0  # code flags of generators, coroutines and asynchronous generators
# Code of that kind that functions had before they were given a successor: what is suspended goes on with it.
_outdated: list[ref[CodeType]] = []


def check_stack(work: Work, active_frames: Iterable[Active], refusal: str = "HR131") -> None:
    """Refuse (HR131, or HR123 of what is suspended) if one of these frames would go on with old code."""
    changed = {(path, node.name) for path, before, _ in work.functions for node in [before.node]}  # type: ignore[attr-defined]
    for active in active_frames:
        code = active.frame.f_code
        gone = active.path in work.departures or (active.path in work.diffs and _is_gone(work, active))
        if (active.path, code.co_name) in changed or gone:
            doing = "running" if refusal == "HR131" else "suspended"
            raise Refusal(refusal, f"`{code.co_name}` is {doing}", active.path, active.frame.f_lineno)


def _is_gone(work: Work, active: Active) -> bool:
    name = active.frame.f_code.co_name
    return any(name in statement.names for statement in work.diffs[active.path].removed)


def check_threads(modules: dict[str, ModuleType]) -> None:
    """Refuse (HR132) if another thread runs code of the user's."""
    frames = sys._current_frames()
    # Our own frame, in a variable of itself, would be a cycle that keeps the whole stack alive.
    frames.pop(get_ident(), None)
    if not frames:
        return
    spaces = {id(vars(module)): path for path, module in modules.items()}
    for current in frames.values():
        frame: FrameType | None = current
        while frame is not None:
            path = spaces.get(id(frame.f_globals))
            if path is not None:
                raise Refusal("HR132", f"`{frame.f_code.co_name}` runs in a thread", path, frame.f_lineno)
            frame = frame.f_back


def check_lines(work: Work, active_frames: Iterable[Active]) -> None:
    """Refuse (HR135) where line numbers of what is running would be wrong, and somebody looks at them: a frame keeps
    its old ones."""
    new = any(word in version.data for version in work.new.values() for word in _LOOKS_AT_LINES)
    if not new and not work.old.has_any(_LOOKS_AT_LINES):
        return
    for active in active_frames:
        version = work.new.get(active.path) or work.old[active.path]
        if not is_in_place(active, version.tree):
            raise Refusal("HR135", "line numbers of a running function moved", active.path, active.frame.f_lineno)


def may_be_suspended(work: Work, frames: list[FrameType]) -> bool:
    """May a generator or coroutine be suspended that what changed can reach? `frames` run on this thread."""
    # One that spells what is tainted is of a module that does, and that has been parsed for it.
    suspending = [version.path for version in work.old.parsed if version.suspends]
    runs_text = work.old.has_any(_RUNS_TEXT)
    if not suspending and not runs_text:
        return False
    reached = Reached(work.closure)
    forget_outdated()
    provable = not runs_text and not _outdated
    return not provable or not all(_has_none(path, work.modules[path], frames, reached) for path in suspending)


def _has_none(path: str, module: ModuleType, frames: list[FrameType], reached: Reached) -> bool:
    """Is it shown that no generator or coroutine of the module's that can be reached is suspended?

    Its frame holds its function, which is thus one of the module's functions, and that function's code a second time.
    """
    functions = census.functions_of(module, frames)
    if functions is None:
        return False
    codes = {id(function.__code__): function.__code__ for function in functions}
    concerned = [code for code in codes.values() if code.co_flags & _SUSPENDABLE and reached.code(code, path)]
    if not concerned:
        return True
    own = [*functions, *(code.co_consts for code in census.trees(codes.values()))]
    own += [*loaded.code_holders(path), codes]
    return not any(census.unknown(concerned, own))


def note_outdated(known: Iterable[Known]) -> None:
    """Some of these functions have been given the successors of their code."""
    for function, _, _, code in known:
        if function.__code__ is not code and code.co_flags & _SUSPENDABLE:
            _outdated.append(ref(code))


def forget_outdated() -> None:
    """What nothing has been suspended in, or not any more, is gone."""
    _outdated[:] = [item for item in _outdated if item() is not None]
