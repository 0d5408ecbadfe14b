"""One reload from its request to its answer. Runs in the user's process, on the main thread."""

from __future__ import annotations

import gc
import sys
from itertools import compress
from posix import stat
from time import perf_counter

from hrsup_strategies.base import DONE, Outcome
from hrsup_strategies.reload import active as stack
from hrsup_strategies.reload import audit, kept, setup_phase
from hrsup_strategies.reload.boundary import Boundary
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.patch import Patch
from hrsup_strategies.reload.prepare import prepare
from hrsup_strategies.reload.sources import Sources
from hrsup_strategies.reload.version import Version
from hrsup_strategies.reload.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.diff import Statement

# How a program comes to show line numbers, of its log records and of tracebacks too.
_LOOKS_AT_LINES = (b"lineno", b"extract_stack", b"traceback", b".exception(", b"exc_info", b"stack_info", b"warn")
# How a module comes to hold code whose names its source does not have.
_RUNS_TEXT = (b"exec", b"eval", b"globals", b"FunctionType", b"__code__")
# How a program comes to execute a file in other ways than by importing it once.
_LOADS_BY_ITSELF = (b"runpy", b"exec_module", b"load_module", b"spec_from", b"sys.modules", b"exec(")
_SAVED_TOGETHER_S = 1.0
# Parsed modules by path, for the next change; a version is replaced when its bytes differ.
_parsed: dict[str, Version] = {}
# Frames keep the code that they were started with: the source of such code, for as long as the process lives.
_started_with: dict[CodeType, Version] = {}


class Commit:
    """Prepares in `begin`, commits at the boundary, answers once."""

    def __init__(self, hashes: dict[str, str], program: Program, fault: Callable[[str], None] | None) -> None:
        self.hashes, self.program, self.fault = hashes, program, fault
        self.boundary: Boundary | None = None
        self._answered = False
        self._started = perf_counter()
        self._timings: dict[str, float] = {}

    def begin(self) -> Outcome | None:
        """The outcome, or None if it will come at the boundary. Raises Refusal."""
        if sys.gettrace() is not None:
            raise Refusal("HR133", "a debugger or a coverage tool is tracing the program")
        self.work = self._sources()
        actives = self._actives(sys._getframe())
        callers, looping = stack.locate(actives)
        self._stack = [*callers, looping]
        prepare(self.work, self._running())
        self._check_stack()
        setup_phase.check(callers, looping, self.work.closure)
        own = frozenset(module.__name__.partition(".")[0] for module in self.work.modules.values())
        kept.check_stores(self.work.closure, self.work.running, setup_phase.living(callers, looping), own)
        self._check_threads()
        self._check_children()
        self._check_lines()
        self.patch = Patch(self.work, self.fault)
        self._timings["prepare"] = self._elapsed()
        assert looping.loop is not None
        self.boundary = Boundary(looping.frame, looping.path, looping.loop, self._at_boundary, self._ended)
        user_names = self.work.closure.defined
        if actives[-1].frame is looping.frame and self.boundary.waits(user_names):
            return self._commit()
        self.boundary.arm()
        return None

    def cancel(self) -> None:
        """The deadline has passed."""
        self._answered = True
        if self.boundary is not None:
            self.boundary.disarm()
        self.release()

    def release(self) -> None:
        """Let go of everything: what an ended reload holds would count as a holder of old code in the next."""
        self.boundary = None
        self._stack = []
        vars(self).pop("work", None)
        vars(self).pop("patch", None)

    # -- before the boundary -----------------------------------------------------------------------------------------

    def _sources(self) -> Work:
        from hrsup_strategies.content import content_hash

        modules = self.program.modules()
        self._check_names(modules)
        versions = Sources({path: self.program.source(path) for path in modules}, self._version)
        if versions.has_any(_LOADS_BY_ITSELF):
            self._check_copies(modules)
        new = {}
        for path, wanted in self.hashes.items():
            if path not in modules:
                raise Refusal("HR103", "the file is not a module that the program has loaded", path)
            try:
                with open(path, "rb") as file:
                    data = file.read()
            except OSError as error:
                raise Refusal("HR104", f"it cannot be read any more: {error}", path, state="failed") from None
            if content_hash(data) != wanted:
                raise Refusal("HR104", "the file changed again", path, state="failed")
            new[path] = Version(path, data, _is_main(modules[path]), True)
        return Work(modules, versions, new)

    def _check_names(self, modules: dict[str, Any]) -> None:
        """A file that is loaded under two names has two sets of objects, of which `modules` shows one."""
        import os

        known = {_file_id(path): path for path in self.hashes}
        changed = {os.path.basename(path) for path in self.hashes}
        for module in list(sys.modules.values()):
            path = getattr(module, "__dict__", {}).get("__file__")
            if not isinstance(path, str) or (path not in modules and os.path.basename(path) not in changed):
                continue
            file = known.get(_file_id(path))
            if file is not None and modules.get(file) is not module:
                raise Refusal("HR103", "the file is loaded under two names", file)

    def _check_copies(self, modules: dict[str, Any]) -> None:
        """Functions of a changed file whose globals are not its module's are of another execution of it."""
        spaces = {path: vars(modules[path]) for path in self.hashes if path in modules}
        kind = type(_is_main)
        for item in gc.get_objects():
            if type(item) is kind and item.__code__.co_filename in spaces:
                path = item.__code__.co_filename
                if item.__globals__ is not spaces[path]:
                    raise Refusal("HR103", "the file was executed more than once", path, item.__code__.co_firstlineno)

    def _version(self, path: str, data: bytes) -> Version:
        known = _parsed.get(path)
        if known is None or known.data != data:
            known = _parsed[path] = Version(path, data, _is_main(self.program.modules()[path]))
        return known

    def _actives(self, frame: FrameType | None) -> list[Active]:
        """The program's own frames on this thread, outermost first."""
        spaces = {id(vars(module)): path for path, module in self.work.modules.items()}
        found = []
        while frame is not None:
            path = spaces.get(id(frame.f_globals))
            if path is not None:
                version = _started_with.get(frame.f_code, self.work.old[path])
                found.append(stack.Active(frame, path, version.tree))
            frame = frame.f_back
        return found[::-1]

    def _running(self) -> Statement | None:
        """The statement of the script that is being executed, as it is in the loaded version."""
        for active in self._stack:
            if active.frame.f_code.co_name == "<module>":
                version = _started_with.get(active.frame.f_code, self.work.old[active.path])
                running = stack.top_statement_of(version.body, active.frame.f_lineno)
                same = [s for s in self.work.old[active.path].body if running is not None and s.dump == running.dump]
                if len(same) != 1:
                    raise Refusal("HR131", "the running statement was not found in the source", active.path)
                return same[0]
        return None

    def _check_stack(self) -> None:
        changed = {(path, node.name) for path, before, _ in self.work.functions for node in [before.node]}  # type: ignore[attr-defined]
        for active in self._stack:
            code = active.frame.f_code
            if (active.path, code.co_name) in changed or (active.path in self.work.diffs and self._is_gone(active)):
                raise Refusal("HR131", f"`{code.co_name}` is running", active.path, active.frame.f_lineno)

    def _is_gone(self, active: Active) -> bool:
        name = active.frame.f_code.co_name
        return any(name in statement.names for statement in self.work.diffs[active.path].removed)

    def _check_generators(self) -> None:
        """Refuse (HR123) if a generator or coroutine that reaches what changed is suspended. Only at the boundary:
        until then one may be suspended for a moment."""
        tainted = self.work.closure.tainted
        spaces = {id(vars(module)) for module in self.work.modules.values()}
        # One that spells what is tainted is of a module that does, and that has been parsed for it.
        if not any(version.suspends for version in self.work.old.parsed) and not self.work.old.has_any(_RUNS_TEXT):
            return
        kinds = frozenset((type(_ for _ in ()), *_coroutine_types()))
        everything = gc.get_objects()
        for item in compress(everything, map(kinds.__contains__, map(type, everything))):  # there may be millions
            frame = (
                getattr(item, "gi_frame", None) or getattr(item, "cr_frame", None) or getattr(item, "ag_frame", None)
            )
            if frame is None or id(frame.f_globals) not in spaces:
                continue
            code = frame.f_code
            names = _all_names(code)
            if names & tainted or code.co_name in tainted:
                raise Refusal("HR123", f"`{code.co_qualname}` is suspended", code.co_filename, frame.f_lineno)

    def _check_threads(self) -> None:
        spaces = {id(vars(module)): path for path, module in self.work.modules.items()}
        frames = sys._current_frames()
        # Our own frame, in a variable of itself, would be a cycle that keeps the whole stack alive.
        frames.pop(_own_thread(), None)
        for current in frames.values():
            frame: FrameType | None = current
            while frame is not None:
                path = spaces.get(id(frame.f_globals))
                if path is not None:
                    raise Refusal("HR132", f"`{frame.f_code.co_name}` runs in a thread", path, frame.f_lineno)
                frame = frame.f_back

    def _check_children(self) -> None:
        """Refuse (HR132) if a child process may hold the old code; `workers` sees to them itself and overrides this."""
        from hrsup_strategies.workers.processes import python_children

        for pid in python_children():
            raise Refusal("HR132", f"the child process {pid} may hold the old code")

    def _check_lines(self) -> None:
        """A frame that is running keeps its old line numbers; that matters to those who look at them."""
        new = any(word in version.data for version in self.work.new.values() for word in _LOOKS_AT_LINES)
        if not new and not self.work.old.has_any(_LOOKS_AT_LINES):
            return
        for active in self._stack:
            version = self.work.new.get(active.path) or self.work.old[active.path]
            if not stack.is_in_place(active, version.tree):
                raise Refusal("HR135", "line numbers of a running function moved", active.path, active.frame.f_lineno)

    # -- at the boundary ---------------------------------------------------------------------------------------------

    def _at_boundary(self) -> None:
        try:
            outcome = self._commit()
        except Refusal as refusal:
            outcome = refusal.outcome()
        self._reply(outcome)

    def _ended(self, refusal: Refusal) -> None:
        self._reply(refusal.outcome())

    def _reply(self, outcome: Outcome) -> None:
        if not self._answered:
            self._answered = True
            self.release()
            self.program.reply(outcome)

    def _commit(self) -> Outcome:
        """All or nothing. No other thread runs meanwhile: nothing in here waits, and the switch interval is long."""
        began = perf_counter()
        interval, collecting = sys.getswitchinterval(), gc.isenabled()
        sys.setswitchinterval(1000.0)
        gc.disable()
        if gc.get_freeze_count():
            gc.unfreeze()
        try:
            self._check_threads()
            self._check_generators()
            self.patch.look()
            checked = self._apply()
            for path, version in self.work.new.items():
                self.program.set_source(path, version.data)
        finally:
            sys.setswitchinterval(interval)
            if collecting:
                gc.enable()
        self._remember()
        self._timings["commit"] = (perf_counter() - began) * 1000
        evidence = {
            "modules": sorted(self.work.steps),
            "functions": self.patch.patched,
            "old_code_checked": checked,
            "old_code_held": 0,
        }
        return Outcome(DONE, evidence=evidence, timings=self._timings)

    def _apply(self) -> int:
        try:
            self.patch.apply()
            self._step("audit")
            checked = audit.check(self.patch, [active.frame.f_code for active in self._stack])
            self._check_disk()
            self._step("caches")
        except Refusal:
            self.patch.roll_back()
            raise
        except BaseException as error:  # the one boundary: whatever new code raises, the program is as before
            self.patch.roll_back()
            raise _raised(error, set(self.work.steps)) from None
        if self.work.cached:
            _clear_caches({id(vars(module)) for module in self.work.modules.values()})
        return checked

    def _step(self, name: str) -> None:
        if self.fault is not None:
            self.fault(name)

    def _check_disk(self) -> None:
        from hrsup_strategies.content import content_hash

        for path, wanted in self.hashes.items():
            with open(path, "rb") as file:
                if content_hash(file.read()) != wanted:
                    raise Refusal("HR104", "the file changed again", path, state="failed")
        self._check_others()

    def _check_others(self) -> None:
        """Of files saved together one may have been seen late: what is new on disk belongs to this change."""
        from time import time

        since = time() - _SAVED_TOGETHER_S
        for path in self.program.modules():
            try:
                if path in self.hashes or stat(path).st_mtime < since:
                    continue
                with open(path, "rb") as file:
                    same = file.read() == self.program.source(path)
            except OSError:
                continue
            if not same:
                raise Refusal("HR104", "another file changed meanwhile", path, state="failed")

    def _remember(self) -> None:
        for active in self._stack:
            _started_with.setdefault(active.frame.f_code, self.work.old[active.path])
        _parsed.update(self.work.new)
        if "linecache" in sys.modules:
            for path in self.work.new:
                sys.modules["linecache"].cache.pop(path, None)

    def _elapsed(self) -> float:
        return (perf_counter() - self._started) * 1000


def _file_id(path: str) -> object:
    try:
        status = stat(path)  # not `os.stat`, which is observed
    except OSError:
        return path
    return status.st_dev, status.st_ino


def _is_main(module: object) -> bool:
    return getattr(module, "__name__", None) == "__main__"


def _own_thread() -> int:
    from _thread import get_ident

    return get_ident()


def _coroutine_types() -> list[type]:
    async def coroutine() -> None: ...

    async def generator() -> object:
        yield None

    one = coroutine()
    one.close()
    return [type(one), type(generator())]


def _all_names(code: CodeType) -> set[str]:
    found = {*code.co_names, *code.co_freevars}
    for item in code.co_consts:
        if isinstance(item, type(code)):
            found |= _all_names(item)
    return found


def _clear_caches(spaces: set[int]) -> None:
    from functools import lru_cache

    kind = type(lru_cache(lambda: None))
    for item in gc.get_objects():
        if type(item) is kind and id(getattr(item.__wrapped__, "__globals__", None)) in spaces:
            item.cache_clear()


def _raised(error: BaseException, paths: set[str]) -> Refusal:
    file, line = None, None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in paths:
            file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return Refusal("HR142", f"{type(error).__name__}: {error}", file, line, "failed")
