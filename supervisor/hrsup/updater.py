"""One change, from its kinds to its end: strategies in order, each performed and verified, until one has worked.

Runs in the supervisor. The session decides that there is a change; this decides what becomes of it.
"""

from __future__ import annotations

import time

from hrsup import ladder
from hrsup.bytecode import drop_believed
from hrsup.climb import Climb, Result, phases
from hrsup.config import Config
from hrsup.errors import HrsupError
from hrsup.events import Events
from hrsup.experience import Experience
from hrsup.facts import FactBook
from hrsup.generation import Generation, bootstrap_path
from hrsup.loop import Loop
from hrsup_strategies.base import (
    BATCH,
    CODE,
    DONE,
    FAILED,
    HELD,
    LAYER,
    MAIN,
    PROGRAM,
    REFUSED,
    SUPERVISOR,
    Change,
    Outcome,
    Plan,
    Refused,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup.history import History

# How a change can end, besides DONE, HELD and FAILED.
SUPERSEDED = "superseded"  # a newer save came in while it was brought in, or its run was under way
STOPPED = "stopped"

_RAISED = "HR142"  # what a strategy says when code of the program's raised while it was brought up to date
_SAVED_MEANWHILE = "HR104"  # and where it has found that files were being saved; it has touched nothing then
_SAVED_TOGETHER_S = 0.3  # within this, what else was saved has been noticed
_READY_PINGS = 2
_READY_TIMEOUT_S = 10.0
_READY_TICK_S = 0.008
_SERVES_WITHIN_S = 3.0  # a server that does not listen by then where it did before may have been told to go elsewhere
_ANSWER_TIMEOUT_S = 4.0
_CLUSTERS_S = 1.0
_IN_VAIN = ("data", "reload", "workers")  # those that another rung can stand in for; the others are needed
_CRASH_SIGNALS = (4, 6, 7, 8, 11)  # ILL, ABRT, BUS, FPE, SEGV: what an unfaithful fork dies of


class Updater:
    """Takes changes up the ladder. `interrupted` says whether a newer save or a stop request is waiting."""

    def __init__(
        self,
        loop: Loop,
        generation: Generation,
        book: FactBook,
        events: Events,
        config: Config,
    ) -> None:
        self._loop, self._generation, self._book = loop, generation, book
        self._events, self._config = events, config
        book.on_skew = lambda pid, path: events.emit("skew", pid=pid, file=path)
        self.history: History | None = None
        self._climb: Climb | None = None
        self._put_off: set[tuple[str, str | None]] = set()  # the paths and versions of the last change that was
        self.experience = Experience()
        self.announce: Callable[[str, Change], None] = lambda text, change: None  # before something that takes long
        self.interrupted: Callable[[], str | None] = lambda: None
        self.run_began: Callable[[], None] = lambda: None
        self.waits_for_end: Callable[[], bool] = lambda: False  # is a run's result there only when it has ended?
        self.in_doubt_s: Callable[[], float] = lambda: 0.0  # for how long may it fail yet, as its last run did?
        self._where: str | None = None
        self.patience_s: Callable[[], float | None] = lambda: None  # when `interrupted` wants to be asked again
        self.cold_ms: float | None = None  # what a cold start takes, for the time saved

    def handle(self, change: Change, detect_ms: float, stale_layers: Change) -> Result:
        """Bring the program up to date. `stale_layers` are files that need nothing by themselves, but whose old version
        a layer may hold: a layer must precede them too."""
        self._where = None
        names = ladder.rungs(change.kinds, self._book.facts, self._config.strategy)
        climb = self._climb = Climb(change, stale_layers, detect_ms, names)
        drop_believed(file.path for file in change.files)
        self._generation.hear()  # what a worker has read a moment ago
        return self._up(climb, self._attempt(climb))

    def go_on(self) -> Result:
        """Of the last change, which was superseded by a save that is no change after all: the run that had begun uses
        that version. What comes of it?"""
        assert self._climb is not None
        return self._up(self._climb, self._result_of_run(self._climb))

    def _up(self, climb: Climb, outcome: Outcome) -> Result:
        """From the outcome of the rung that is being tried to what becomes of the change."""
        while True:
            outcome = self._superseded(climb.change, outcome)
            name, change = climb.names[0], climb.change
            timings = phases(climb, outcome)
            total_ms = timings["total"]
            self._record(name, change, outcome, total_ms)
            if outcome.state in (DONE, HELD, SUPERSEDED, STOPPED):
                if outcome.state == DONE:
                    self._say_applied(name, change, outcome, timings)
                return Result(outcome.state, name, outcome, climb.refusals, total_ms, self._where)
            climb.refusals.append((name, outcome))
            del climb.names[0]
            place = {"code": outcome.code, "reason": outcome.reason, "file": outcome.file, "line": outcome.line}
            self._events.emit(outcome.state, strategy=name, **place)
            if not climb.names or not self._config.escalate:
                if outcome.state == REFUSED:  # nothing was left to try, or nothing else was allowed
                    self._events.emit("failed", strategy=name, **place)
                return Result(FAILED, name, outcome, climb.refusals, total_ms, self._where)
            reason = {"code": outcome.code, "reason": outcome.reason}
            self._events.emit("escalated", **{"from": name, "to": climb.names[0]}, **reason)
            outcome = self._attempt(climb)

    def _superseded(self, change: Change, outcome: Outcome) -> Outcome:
        """What was not done since other files were being saved, too, is done again with these, once they are here. Not
        twice: there may be a file that differs for another reason."""
        versions = {(file.path, file.hash) for file in change.files}
        if outcome.code != _SAVED_MEANWHILE or versions == self._put_off:
            return outcome
        self._put_off = versions
        found: list[str | None] = []

        def has_come() -> bool:
            found.append(self.interrupted())
            return found[-1] is not None or not self._generation.running

        self._loop.pump(has_come, _SAVED_TOGETHER_S, self.patience_s)
        return Outcome(found[-1]) if found[-1] is not None else outcome

    def _attempt(self, climb: Climb) -> Outcome:
        start = climb.decided = time.monotonic()
        name, paths = climb.names[0], [file.path for file in climb.change.files]
        if name in _IN_VAIN and name != self._config.strategy:
            why = self.experience.leaves_out(name, paths)
            if why is not None:
                return Outcome(REFUSED, "HR902", why)
        outcome = self._try(climb)
        if outcome.state == DONE:
            self.experience.succeeded(name, paths)
        elif outcome.state in (REFUSED, FAILED) and name in _IN_VAIN and outcome.code != _SAVED_MEANWHILE:
            self.experience.failed(name, paths, outcome.code, (time.monotonic() - start) * 1e3)
        return outcome

    def _try(self, climb: Climb) -> Outcome:
        name, change, stale_layers = climb.names[0], climb.change, climb.stale_layers
        strategy = ladder.load(name)
        answer = strategy.assess(change, self._book.facts)
        if isinstance(answer, Plan) and answer.where == LAYER and stale_layers.files:
            answer = strategy.assess(Change(change.files + stale_layers.files), self._book.facts)
        climb.decided = time.monotonic()
        if isinstance(answer, Refused):
            return Outcome(REFUSED, answer.code, answer.reason, answer.file, answer.line)
        for note in answer.notes if answer.where != PROGRAM or answer.detail.get("end_children") else ():
            self.announce(f"{name}, {note}", change)
        try:
            return self._in_program(answer, climb) if answer.where == PROGRAM else self._restart(answer, climb)
        except HrsupError as error:  # the command cannot be started any more
            return Outcome(FAILED, "HR906", str(error))

    def _in_program(self, plan: Plan, climb: Climb) -> Outcome:
        change, climb.layer = climb.change, None
        deadline_s = plan.detail.get("deadline_s", _ANSWER_TIMEOUT_S)
        if not plan.detail.get("end_children"):
            self._where = PROGRAM
            plan.detail["behind"] = {file.path: file.hash for file in climb.stale_layers.files}
            outcome = self._generation.perform(plan, ladder.plug_in_file(plan.strategy), deadline_s)
            return self._failed_if_skewed(self._held_if_broken(outcome, change), change)
        broken = self._broken(change)
        if broken is not None:
            return broken
        self._tell_of_clusters(change)
        outcome = self._generation.replace(plan, deadline_s)
        if outcome.state != DONE:
            return outcome
        self._where = SUPERVISOR
        self.run_began()
        return self._result_of_run(climb)

    def _restart(self, plan: Plan, climb: Climb) -> Outcome:
        change = climb.change
        broken = self._broken(change)
        if broken is not None:
            return broken
        self._tell_of_clusters(change)
        facts = self._book.facts
        layer = next((layer for layer in facts.layers if layer.id == plan.layer), None) if plan.where == LAYER else None
        if plan.where == LAYER and layer is None:
            return Outcome(FAILED, "HR904", "the layer is gone")
        keep = frozenset(other.id for other in facts.layers if layer and (other.depth <= layer.depth))
        self._generation.end(keep)
        drop_believed(file.path for file in change.files)  # a process of the old run may have written one meanwhile
        self._where = plan.where
        if self.interrupted() == STOPPED:
            return Outcome(STOPPED)
        if layer is None:
            self._generation.start(bootstrap_path())
        else:
            problem = self._generation.resume(layer)
            if problem is not None:
                return Outcome(FAILED, "HR904", problem)
        climb.layer = layer
        self.run_began()
        return self._result_of_run(climb)

    def _result_of_run(self, climb: Climb) -> Outcome:
        outcome, layer = self._await_result(), climb.layer
        status = self._generation.status
        if layer is not None and status is not None and -status in _CRASH_SIGNALS:
            self._generation.layers.drop()  # one from the same fork would show the user the same crash once more
            return Outcome(FAILED, "HR905", f"the continuation was ended by signal {-status}")
        if layer is not None:
            outcome.evidence["layer"] = layer.point
        return outcome

    def _tell_of_clusters(self, change: Change) -> None:
        """The program is about to be started again. Workers of a Dask scheduler elsewhere are not: as after a cold
        start, they go on with what they have loaded."""
        facts = self._book.facts
        if not (facts.has_cluster and facts.running and change.kinds & {CODE, MAIN}):
            return
        for address in self._generation.clusters_elsewhere(_CLUSTERS_S):
            reason = f"the workers behind {address} are no processes of the program, and may keep the old code"
            self._events.emit("refused", strategy="workers", code="HR210", reason=reason, file=None, line=None)
            self.announce(f"{reason}: restart them (Client.restart)", change)

    # -- broken new code --------------------------------------------------------------------------------------------

    def _broken(self, change: Change, raised: Outcome | None = None) -> Outcome | None:
        """Would the new code fail in a cold start too? Asked before a running service is given up for it; a batch has
        nothing to lose and shows the error itself. `raised`: what a reload of it has."""
        if self._book.facts.mode == BATCH or not self._generation.running or not self._is_at_import(change):
            return None
        from hrsup import canary

        generation = self._generation
        broken = canary.syntax_error(change, generation.version, generation.executable)
        return broken or canary.import_error(change, self._book.facts, generation, raised)

    def _is_at_import(self, change: Change) -> bool:
        """May it make an import fail? Code may, and data that is read meanwhile."""
        reads = (self._book.facts.reads.get(file.path) for file in change.files)
        return bool(change.kinds & {CODE, MAIN}) or any(read is not None and read.modules for read in reads)

    def _held_if_broken(self, outcome: Outcome, change: Change) -> Outcome:
        """A reload whose new code raised: is the code at fault (held), or the reload (escalate)?"""
        if outcome.state != FAILED or outcome.code != _RAISED:
            return outcome
        return self._broken(change, outcome) or outcome

    def _failed_if_skewed(self, outcome: Outcome, change: Change) -> Outcome:
        """A change that was brought in although a worker has loaded another version than the coordinator."""
        if outcome.state != DONE:
            return outcome
        self._book.brought_in({file.path: file.hash for file in change.files if file.hash is not None})
        self._generation.hear()
        skew = self._book.skew()
        if skew:
            pid, path = skew[0]
            return Outcome(FAILED, "HR209", f"worker {pid} has loaded another version than the coordinator", path)
        return outcome

    # -- the result of a run ----------------------------------------------------------------------------------------

    def _await_result(self) -> Outcome:
        """Wait until the program that was just started is right again: a batch when it has ended, a service when it has
        imported what it needs and runs."""
        facts, generation = self._book.facts, self._generation
        reason: list[str] = []

        def interrupted() -> bool:
            if not reason and (found := self.interrupted()) is not None:
                reason.append(found)  # for good: who asks once more is told of what has come since
            return bool(reason)

        if self.waits_for_end():
            self._loop.pump(lambda: not generation.running or interrupted(), tick_s=self.patience_s)
        else:
            self._await_ready(interrupted)
        if not reason and not generation.running and self.interrupted() == STOPPED:
            reason.append(STOPPED)  # a key that has ended the program
        if reason:
            return Outcome(reason[0])
        if generation.running:
            return Outcome(DONE, evidence={"modules": len(facts.modules), "pid": generation.pid()})
        error = self._book.last_exception
        if error is not None and generation.status:
            where = {"file": error.get("file"), "line": error.get("line")}
            return Outcome(HELD, None, f"{error['kind']}: {error['message']}".strip(": "), **where)
        return Outcome(DONE, evidence={"modules": len(facts.modules), "status": generation.status})

    def _await_ready(self, interrupted: Callable[[], bool]) -> None:
        generation, facts = self._generation, self._book.facts
        deadline = time.monotonic() + _READY_TIMEOUT_S
        good, seen = 0, -1

        def over() -> bool:
            return not generation.running or interrupted() or time.monotonic() > deadline

        while good < _READY_PINGS and not over():
            self._loop.pump(over, _READY_TICK_S, self.patience_s)
            if not facts.agent:  # nothing can be asked of it
                good += 1
                continue
            loaded = len(self._book.facts.modules)
            reply = generation.ping(1.0) if self._book.facts.running else None
            quiet = reply is not None and not reply.get("importing", True) and loaded == seen
            good, seen = (good + 1 if quiet else 0), loaded
        self._loop.pump(over, self.in_doubt_s(), self.patience_s)
        self._loop.pump(lambda: generation.serves_again() or over(), _SERVES_WITHIN_S, lambda: _READY_TICK_S)

    def _say_applied(self, name: str, change: Change, outcome: Outcome, timings: dict[str, float]) -> None:
        if self._where != PROGRAM:
            outcome.evidence["imported"] = self._book.imported
        if self._book.facts.pools:
            outcome.evidence["skew"] = len(self._book.skew())
        rounded = {phase: round(value, 3) for phase, value in timings.items()}
        self._events.emit("applied", strategy=name, kinds=change.kinds, evidence=outcome.evidence, timings=rounded)

    def _record(self, name: str, change: Change, outcome: Outcome, total_ms: float) -> None:
        states = {DONE: "applied", HELD: "held", REFUSED: "refused", FAILED: "failed"}
        if self.history is None or outcome.state not in states:
            return
        from hrsup.history import Attempt

        saved = self.cold_ms - total_ms if self.cold_ms is not None and outcome.state == DONE else None
        kinds = ",".join(sorted(change.kinds))
        self.history.record(Attempt(name, kinds, states[outcome.state], outcome.code, outcome.reason, total_ms, saved))
