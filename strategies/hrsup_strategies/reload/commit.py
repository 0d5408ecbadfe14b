"""One reload from its request to its answer. Runs in the user's process, on the main thread."""

from __future__ import annotations

import gc
import sys
from time import perf_counter

from hrsup_strategies import signals
from hrsup_strategies.base import DONE, Outcome
from hrsup_strategies.reload import active as stack
from hrsup_strategies.reload import (
    activity,
    arrangement,
    asgi,
    audit,
    caches,
    carriers,
    kept,
    loaded,
    setup_phase,
    unloaded,
)
from hrsup_strategies.reload.boundary import Boundary
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.leftovers import Leftovers
from hrsup_strategies.reload.lookups import only_looks_up
from hrsup_strategies.reload.patch import Patch
from hrsup_strategies.reload.prepare import prepare
from hrsup_strategies.reload.reading_anew import ReadingAnew
from hrsup_strategies.reload.strands import Moving, Strands
from hrsup_strategies.reload.taken import check_taken
from hrsup_strategies.reload.thinking import Thinking
from hrsup_strategies.reload.vacant import Vacant

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Collection
    from types import FrameType

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.active import Active
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

_MOVING_S = 1.0  # after so long of finding another strand under way, it is taken to be so all the time
_STANDING_STILL_S = 0.1  # how long the main thread waits at its boundary for the others to come to theirs


class Commit:
    """Prepares in `begin`, commits at the boundary, answers once."""

    def __init__(
        self,
        hashes: dict[str, str | None],
        program: Program,
        fault: Callable[[str], None] | None,
        must_arrive: Collection[str] = (),
    ) -> None:
        self.hashes, self.program, self.fault, self._must_arrive = hashes, program, fault, must_arrive
        self.behind: dict[str, str | None] = {}  # files on disk that need nothing, by path (see ``loaded.check_disk``)
        self.boundary: Boundary | None = None
        self._answered = self._beside_threads = self._depends_on_room = self._has_rest = False
        self._moving_since = 0.0
        self._started = perf_counter()
        self._timings: dict[str, float] = {}

    def begin(self) -> Outcome | None:
        """The outcome, or None if it will come at the boundary. Raises Refusal."""
        if sys.gettrace() is not None:
            raise Refusal("HR133", "a debugger or a coverage tool is tracing the program")
        collecting = gc.isenabled()
        gc.disable()  # trees have no cycles, and looking for some in the program's heap would take longer than the rest
        try:
            with Thinking():
                at_rest, looping = self.think(sys._getframe(1))
                self._timings["prepare"] = self._elapsed()
                if looping is not None and looping.loop is not None:
                    self.boundary = Boundary(looping.frame, looping.path, looping.loop, self._at_boundary, self._ended)
                outcome = self._try_commit() if at_rest else None
        finally:
            if collecting:
                gc.enable()
        if outcome is None and self.boundary is None:
            raise Refusal("HR132", "another thread runs the program's code all the time")
        if outcome is None and self.boundary is not None:
            self.boundary.arm()
        return outcome

    def think(self, frame: FrameType) -> tuple[bool, Active | None]:
        """All that can be decided before the boundary: is the main thread, whose innermost frame this is, at it, and
        which loop has it? Raises Refusal."""
        self.work = self._load()
        self.strands = Strands(self.work.modules, self.work.names, self._read)
        self.main = self.strands.main(frame, asgi.is_served(self.work))
        self._stack = self.main.actives
        at_rest, looping = self.strands.boundary(self.main, self.work.closure.defined)
        self.main.settle()
        prepare(self.work, self._running())
        arrangement.check(self.work)
        unloaded.check_arrived(self.work, self._must_arrive)
        self._check_stack()
        self._check_strands(False)
        self._check_children()
        activity.check_lines(self.work, self._stack)
        self.patch = Patch(self.work, self.fault)
        return at_rest, looping

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
        for name in ("strands", "main", "work", "patch"):
            vars(self).pop(name, None)
        if self._has_rest:  # classes are in cycles: until these are collected, who asks a base for its subclasses sees
            self._has_rest = False
            gc.collect()

    # -- before the boundary -----------------------------------------------------------------------------------------

    def _load(self) -> Work:
        work = loaded.work_of(self.program, self.hashes)
        work.made_of = lambda path, name, value: self.program.made.of(path, name, value)
        return work

    def _read(self, frame: FrameType) -> tuple[str, ast.Module]:
        """The path and the tree that a frame's code is of."""
        path = self.strands.path(frame)
        return path, loaded.started_with(frame, self.work.old[path]).tree

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

    def _check_strands(self, at_boundary: bool) -> None:
        """Refuse if what a strand ran before, or carries on, may have used what changed. At the boundary, raise Moving
        if a strand beside the main thread's is under way; until then one may be so for a moment."""
        closure, main_frames = self.work.closure, [active.frame for active in self.main.actives]
        self._beside_threads = False
        if at_boundary:
            carriers.check_waiting(closure)
            asgi.check_answering()
        try:
            others = self.strands.others(closure, activity.may_be_suspended(self.work, main_frames))
            for strand in others if at_boundary else ():
                strand.check_rest(closure.defined)
        except (Moving, stack.InExpression):
            if at_boundary:
                raise
            others = []
        if at_boundary and not others and not self.strands.unbegun and not self._depends_on_room:
            return  # as it was when this began
        self._beside_threads = any(strand.code == "HR132" for strand in others)
        if self._beside_threads:
            self._check_lock()
        roots = self.strands.roots()
        living = setup_phase.living([self.main, *others])
        room = Vacant(closure, [self.main, *others], living, at_boundary)
        setup_phase.check(self.main, closure, roots, room)
        setup_phase.check_begun(asgi.begun_with(self.work), self.main, closure, roots)
        for strand in others if at_boundary else ():
            activity.check_stack(self.work, strand.actives, "HR123" if strand.code == "HR123" else "HR131")
            setup_phase.check_other(strand, closure, roots, room)
        if at_boundary:
            check_taken([self.main, *others], closure)
            carriers.check_carried(others, closure)
            carriers.check_unbegun(self.strands.unbegun, closure)
        kept.check_stores(self.work, living, room)
        self._depends_on_room = self._depends_on_room or room.asked
        if at_boundary:
            self._stack = [active for strand in (self.main, *others) for active in strand.actives]
            activity.check_lines(self.work, self._stack)

    def _check_lock(self) -> None:
        """Other threads stand still only where there is one lock, and as long as nothing that is done lets go of it."""
        if not getattr(sys, "_is_gil_enabled", lambda: True)():
            raise Refusal("HR132", "threads run beside each other in this interpreter")
        for steps in self.work.steps.values():
            for step in steps:
                imports = step.executes and step.new is not None and step.new.kind == "import"
                if imports and not only_looks_up(self.work, step):
                    raise Refusal("HR132", "an import would let other threads run", step.path, step.line)
        if self.work.arrivals:
            raise Refusal("HR132", "an import would let other threads run")
        for path, line in self.work.read_anew:
            raise Refusal("HR132", "reading a file would let other threads run", path, line)

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
            outcome = self._try_commit()
            if outcome is None and self.boundary is not None:
                self.boundary.arm()
        except Refusal as refusal:
            outcome = refusal.outcome()
        finally:
            signals.release(held)
        if outcome is not None:
            self._reply(outcome)

    def _try_commit(self) -> Outcome | None:
        """The outcome, or None if a strand is under way; threads are given a moment to come to their own boundary."""
        until = perf_counter() + _STANDING_STILL_S
        while True:
            try:
                return self._commit()
            except Moving as moving:
                now = perf_counter()
                self._moving_since = self._moving_since or now
                if now > self._moving_since + _MOVING_S:
                    return moving.outcome()
                if moving.code != "HR132" or now > until or (moving.asks and self.boundary is not None):
                    return None
            _pause()

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
            if len(sys._current_frames()) > 1:
                # While other threads may still move: reading lets go of the lock. No new module has been imported yet.
                loaded.check_disk(self.program, self.hashes, {}, self.behind)
            self._check_strands(True)
            frames = [active.frame for active in self._stack]
            self.patch.look(frames)
            self._reading = ReadingAnew(self.program, self.work)
            with self._reading:
                checked = self._apply()
                for path, version in self.work.new.items():
                    if path in self.work.departures:
                        self.program.unload(path, None)
                    else:
                        self.program.set_source(path, version.data)
        finally:
            sys.setswitchinterval(interval)
            if collecting:
                gc.enable()
        self._has_rest = bool(self.patch.departed or self.patch.rebuilt())
        loaded.remember(self.work, self._stack)
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
            self._reading.check()
            self._step("audit")
            began = perf_counter()
            leftovers = Leftovers(self.main.looping)
            try:
                checked = audit.check(self.patch, [active.frame.f_code for active in self._stack], leftovers)
            finally:
                leftovers.clear()
            if not self._beside_threads:
                self._check_disk()
            self._timings["verify"] = (perf_counter() - began) * 1000
            self._step("caches")
        except Refusal:
            self.patch.roll_back()
            raise
        except BaseException as error:  # the one boundary: whatever new code raises, the program is as before
            self.patch.roll_back()
            raise _raised(error, set(self.work.steps)) from None
        if self.work.cached:
            caches.clear(self.work)
        asgi.forget_places()
        return checked

    def _check_disk(self) -> None:
        arrivals = {path: self.work.new[path].data for path in self.work.arrivals}
        loaded.check_disk(self.program, self.hashes, arrivals, self.behind)

    def _step(self, name: str) -> None:
        if self.fault is not None:
            self.fault(name)

    def _elapsed(self) -> float:
        return (perf_counter() - self._started) * 1000


def _pause() -> None:
    """Let other threads run for a moment; the program may have put something else in the place of `time.sleep`."""
    from _thread import allocate_lock

    lock = allocate_lock()
    lock.acquire()
    lock.acquire(timeout=0.0005)


def _raised(error: BaseException, paths: set[str]) -> Refusal:
    file, line = None, None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in paths:
            file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return Refusal("HR142", f"{type(error).__name__}: {error}", file, line, "failed")
