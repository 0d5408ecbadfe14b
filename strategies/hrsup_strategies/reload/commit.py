"""One reload from its request to its answer. Runs in the user's process, on the main thread."""

from __future__ import annotations

import gc
import sys
from itertools import compress
from time import perf_counter

from hrsup_strategies import signals
from hrsup_strategies.base import DONE, Outcome
from hrsup_strategies.reload import active as stack
from hrsup_strategies.reload import activity, audit, kept, loaded, setup_phase
from hrsup_strategies.reload.boundary import Boundary
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.patch import Patch
from hrsup_strategies.reload.prepare import prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.diff import Statement


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
        self.work = loaded.work_of(self.program, self.hashes)
        actives = self._actives(sys._getframe())
        callers, looping = stack.locate(actives)
        self._stack = [*callers, looping]
        prepare(self.work, self._running())
        loaded.check_arrivals(self.work, self.hashes)
        self._check_stack()
        setup_phase.check(callers, looping, self.work.closure)
        own = frozenset(module.__name__.partition(".")[0] for module in self.work.modules.values())
        kept.check_stores(self.work.closure, self.work.running, setup_phase.living(callers, looping), own)
        activity.check_threads(self.work.modules)
        self._check_children()
        activity.check_lines(self.work, self._stack)
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

    def _actives(self, frame: FrameType | None) -> list[Active]:
        """The program's own frames on this thread, outermost first."""
        spaces = {id(vars(module)): path for path, module in self.work.modules.items()}
        found = []
        while frame is not None:
            path = spaces.get(id(frame.f_globals))
            if path is not None:
                version = loaded.started_with(frame, self.work.old[path])
                found.append(stack.Active(frame, path, version.tree))
            frame = frame.f_back
        return found[::-1]

    def _running(self) -> Statement | None:
        """The statement of the script that is being executed, as it is in the loaded version."""
        for active in self._stack:
            if active.frame.f_code.co_name == "<module>":
                version = loaded.started_with(active.frame, self.work.old[active.path])
                running = stack.top_statement_of(version.body, active.frame.f_lineno)
                same = [s for s in self.work.old[active.path].body if running is not None and s.dump == running.dump]
                if len(same) != 1:
                    raise Refusal("HR131", "the running statement was not found in the source", active.path)
                return same[0]
        return None

    def _check_stack(self) -> None:
        activity.check_stack(self.work, self._stack)

    def _check_children(self) -> None:
        """Refuse if a child process (HR132) or a cluster (HR144) may hold the old code; `workers` sees to them itself
        and overrides this."""
        from hrsup_strategies.workers.finding import has_clients
        from hrsup_strategies.workers.processes import python_children

        if has_clients():
            raise Refusal("HR144", "the program is a client of a Dask cluster")
        for pid in python_children():
            raise Refusal("HR132", f"the child process {pid} may hold the old code")

    # -- at the boundary ---------------------------------------------------------------------------------------------

    def _at_boundary(self) -> None:
        held = signals.hold()
        try:
            outcome = self._commit()
        except Refusal as refusal:
            outcome = refusal.outcome()
        finally:
            signals.release(held)
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
            frames = [active.frame for active in self._stack]
            activity.check_threads(self.work.modules)
            activity.check_suspended(self.work, frames)
            self.patch.look(frames)
            checked = self._apply()
            for path, version in self.work.new.items():
                self.program.set_source(path, version.data)
        finally:
            sys.setswitchinterval(interval)
            if collecting:
                gc.enable()
        loaded.remember(self.work, frames)
        activity.note_outdated(self.patch.known)
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
            loaded.check_disk(
                self.program, self.hashes, {path: self.work.new[path].data for path in self.work.arrivals}
            )
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

    def _elapsed(self) -> float:
        return (perf_counter() - self._started) * 1000


def _clear_caches(spaces: set[int]) -> None:
    from functools import lru_cache

    kinds = frozenset((type(lru_cache(lambda: None)),))
    everything = gc.get_objects()
    for item in compress(everything, map(kinds.__contains__, map(type, everything))):
        if id(getattr(item.__wrapped__, "__globals__", None)) in spaces:
            item.cache_clear()


def _raised(error: BaseException, paths: set[str]) -> Refusal:
    file, line = None, None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in paths:
            file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return Refusal("HR142", f"{type(error).__name__}: {error}", file, line, "failed")
