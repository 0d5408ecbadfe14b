"""From a look at the files to a program that is up to date with them, or to words on why it is not.

Runs in the supervisor. Owns the change under way. What a look has found is ignored or handled; the updater decides what
becomes of it, and this says and remembers that.
"""

from __future__ import annotations

from pathlib import Path

from hrsup import report as words
from hrsup.changes import Changes, Look
from hrsup.climb import Result
from hrsup.events import Events
from hrsup.facts import FactBook
from hrsup.generation import Generation
from hrsup.report import Report
from hrsup.runs import Runs, end
from hrsup.standing import Standing
from hrsup.updater import STOPPED, SUPERSEDED, Updater
from hrsup.used import FileState
from hrsup_strategies.base import BATCH, DONE, HELD, IRRELEVANT, MAIN, NOOP, OUTPUT, PROGRAM, Change, FileChange


class Reconciler:
    """Brings the program in line with the files, one change after the other."""

    def __init__(
        self,
        project: str,
        changes: Changes,
        standing: Standing,
        updater: Updater,
        generation: Generation,
        book: FactBook,
        runs: Runs,
        events: Events,
        report: Report,
    ) -> None:
        self._project, self._changes, self.standing, self._updater = project, changes, standing, updater
        self._generation, self._book, self._runs = generation, book, runs
        self._events, self._report = events, report
        self._handled: list[FileState] = []  # what the change under way has seen of its files
        self._unanswered: tuple[list[FileState], Change] | None = None  # a change that a newer save has superseded
        self._passed_over = False  # has anything come in meanwhile that may concern it, if it is held?
        self._used_before = False  # is that something which an earlier run has used?

    def consider(self, paths: set[str]) -> None:
        """Look at these paths; ignore or handle what that finds."""
        look = self._look(paths)
        relevant = look.relevant
        # Where one of the files that were held is as before again, the others deserve another try.
        again = {file.path: file.hash for file in relevant.files} == self.standing.held
        if not relevant.files or (again and not _may_concern_held(look)):
            self._ignore(look)
            if self._unanswered is not None:  # what has superseded it is what its run has used
                self._conclude(*self._unanswered, self._updater.go_on())
        else:
            self._passed_over = self._used_before = False
            self._handle(look, relevant)

    def newer(self) -> str | None:
        """SUPERSEDED if a relevant save has come in since the change under way; it is looked at again later."""
        if not (paths := self._changes.ready()):
            return None
        look = self._look(paths)
        if not look.relevant.files:
            self._passed_over |= _may_concern_held(look)
            self._used_before |= any(file.path in self._book.former for file in look.change.files)
            self._ignore(look)
            return None
        self._changes.hint(paths)
        return SUPERSEDED

    def after_end(self) -> None:
        """If a run has ended and nobody has acted on that yet: run it again, try what was held, or say how it ended."""
        status = self._runs.take_unseen()
        if status is None:
            return
        if self._runs.mixed and status >= 0:
            # It was a batch after all, or an error ended it that a cold start may not have. Its result is void.
            self.restart("it has ended, and edits came in on its way: running it again from the start")
        elif self._changes.unresolved and self._runs.by_itself:  # held for a service; a batch shows it itself
            self.standing.try_again()
        elif self._runs.first or not self._runs.by_itself:
            self._report.line(f"{self._runs.end or end(status)}; waiting for a change")

    def restart(self, why: str) -> None:
        """Run the program again from its start, with these words."""
        self._report.line(why, "yellow")
        self._book.facts.mode = BATCH
        change = Change([FileChange(self._book.facts.main or self._project, MAIN, None, None)])
        self._update(change, 0.0, [], self.standing.behind())

    def run_began(self, number: int) -> None:
        """A new run has begun: whatever it uses, it uses as it is now on disk, or its layer holds it."""
        self._changes.run_began(self._handled, number, self._generation.seconds())
        self.standing.run_began()

    def _look(self, paths: set[str]) -> Look:
        if self._generation.unreachable:
            self._book.facts.agent = False  # what it uses now is not known
        return self._changes.look(paths)

    def _ignore(self, look: Look) -> None:
        """Nothing has changed that influences the program. Its own output is not worth a word."""
        if self._changes.unresolved and not look.relevant.files:
            self.standing.settle(None)
            self._report.line("the files are again what is running")
        held, snapshot = self.standing.held, self._changes.snapshot
        spoken = [file for file in look.change.files if file.kind != OUTPUT and file.path not in held]
        touched = {path for path in look.touched if snapshot.existed(path) and not snapshot.written(path)}
        touched -= {file.path for file in look.change.files}
        self._accept_ignorable(look)
        files = [{"path": file.path, "kind": file.kind} for file in spoken]
        files += [{"path": path, "kind": NOOP} for path in sorted(touched)]
        if not files:
            return
        reason = look.reasons[spoken[0].path] if spoken else "same content"
        self._events.emit("change", files=files)
        self._events.emit("ignored", kinds={file["kind"] for file in files}, reason=reason)
        if spoken:
            self._report.detail(f"{words.files(Change(spoken), self._project)}: nothing to do, {reason}")

    def _handle(self, look: Look, relevant: Change) -> None:
        files = [{"path": file.path, "kind": file.kind} for file in look.change.files if file.kind != OUTPUT]
        self._events.emit("change", files=files)
        self._book.facts.mode = self._runs.mode_now()
        self._accept_ignorable(look)
        behind = self.standing.behind(file.path for file in relevant.files)
        self._update(relevant, self._changes.detect_ms(relevant), look.states, behind)
        self._book.facts.mode = self._runs.mode()

    def _accept_ignorable(self, look: Look) -> None:
        """What needs no run now may be used by a later one, as it is now; layers may hold it as it was."""
        self.standing.fall_behind(look.ignorable)
        paths = {file.path for file in look.ignorable}
        self._changes.snapshot.accept([state for state in look.states if state.path in paths])

    def _update(self, change: Change, detect_ms: float, states: list[FileState], behind: Change) -> None:
        self._handled = states
        self._conclude(states, change, self._updater.handle(change, detect_ms, behind))

    def _conclude(self, states: list[FileState], change: Change, result: Result) -> None:
        """Say and remember what became of a change."""
        self._unanswered = (states, change) if result.state == SUPERSEDED and result.where != PROGRAM else None
        if result.state == SUPERSEDED and result.where == PROGRAM:  # nothing was done: it is part of the next change
            self._changes.hint({state.path for state in states})
        if result.state in (STOPPED, SUPERSEDED):
            return
        if result.state == HELD and result.where not in (None, PROGRAM) and self._used_before:
            # It may have failed for want of that: an editor takes a file away for a moment to put another in its place.
            self._used_before = False
            self.restart("it has failed, and edits came in on its way: running it again from the start")
            return
        name = words.files(change, self._project)
        why = words.why([(strategy, refusal.reason or "") for strategy, refusal in result.refusals])
        if result.state != DONE:
            self._say_unapplied(change, result, name, why)
            return
        self.standing.settle(None)
        if self._generation.running:
            self._runs.goes_on()
        if result.where == PROGRAM:
            self.standing.updated_in_place(states, change)
            self._runs.updated_in_place()
        status = result.outcome.evidence.get("status")
        ended = f", {end(status)}" if status else ""  # of a batch: what a cold start ends with, too
        text = f"{name}: {result.strategy}, right again in {words.milliseconds(result.total_ms)}{ended}{why}"
        if result.strategy == "data" and result.where == PROGRAM:  # the program has done it all by itself
            self._report.detail(text)
        else:
            self._report.line(text, "green")

    def _say_unapplied(self, change: Change, result: Result, name: str, why: str) -> None:
        outcome = result.outcome
        place = words.place(outcome.file, outcome.line, self._project)
        text = f"{place}: {outcome.reason}" if place else str(outcome.reason)
        if result.state == HELD:
            self._events.emit("held", error={"file": outcome.file, "line": outcome.line, "message": outcome.reason})
        keeps = self._generation.running and result.where in (None, PROGRAM)
        what = "held" if result.state == HELD else "not applied"
        then = "the old version keeps running" if keeps else "waiting for the next save"
        line = f"{name}: {what}, {text}; {then}{why}"
        # Where nothing was run, the next change must bring these in too: what stands there has the old ones.
        self.standing.settle(line, change if result.where in (None, PROGRAM) else None)
        self._report.line(line, "red")
        if outcome.file and Path(outcome.file).is_absolute():  # what puts it right may be no part of the project
            self._changes.watch(outcome.file)
        if self._passed_over:
            self.standing.try_again()


def _may_concern_held(look: Look) -> bool:
    """Is there a file that the running program has nothing to do with? New code that is held may use it: as the module
    that it imports, or as the data that it reads meanwhile."""
    return any(file.kind == IRRELEVANT for file in look.change.files)
