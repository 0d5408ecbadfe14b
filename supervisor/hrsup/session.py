"""`hrsup run`: changes in, decisions, commands out, until a stop.

Runs in the supervisor. Data flow:

    watcher -> settler -> snapshot (what is dirty?) -> classify -> updater (ladder, strategies) -> report, history
                              ^                                        |
                              '----- facts <- link <- program <--------'
"""
# ruff: noqa: PTH120 (importing pathlib costs the program's start 3 ms)

from __future__ import annotations

import os
import selectors

from hrsup import budget
from hrsup import report as words
from hrsup.child import Tree
from hrsup.clock import file_clock_ns
from hrsup.command import Command
from hrsup.config import Config
from hrsup.events import Events
from hrsup.facts import FactBook
from hrsup.generation import Generation, bootstrap_path
from hrsup.lean import signal
from hrsup.link import Link, Message, Peer
from hrsup.loop import Loop
from hrsup.process import kernel
from hrsup.report import Report
from hrsup.updater import STOPPED, SUPERSEDED, Result, Updater
from hrsup.warming import Warming
from hrsup_strategies.base import BATCH, DONE, HELD, MAIN, NOOP, OUTPUT, PROGRAM, SERVICE, Change, FileChange

# The rooms that the program does not have to wait for are imported once it is on its way (`_look_after`).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup.changes import Changes, Look
    from hrsup.desk import Desk
    from hrsup.history import History
    from hrsup.snapshot import FileState

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FORWARDED = (signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCONT)

_REST_S = 2.0  # so long after its start a program is at rest


class Session:
    """One `hrsup run`, from the first start to the last process gone."""

    def __init__(self, command: Command, config: Config, project: str, tree: Tree) -> None:
        self._command, self._config, self._project, self._tree = command, config, project, tree
        self._events = Events(config.events)
        self._report = Report(quiet=config.quiet, verbose=config.verbose)
        self._loop = Loop((*_STOPPING, *_FORWARDED))
        self._loop.on_signal = self._on_signal
        self._loop.selector.register(tree.fileno(), selectors.EVENT_READ, self._on_tree)
        self._link = Link(self._loop.selector, self._on_message)
        self._book = FactBook()
        self._book.facts.drain_s = config.drain_timeout_s
        self._generation = Generation(self._loop, self._link, tree, self._book, command, config)
        self._generation.hurry = self._in_a_hurry
        self._generation.on_end = self._on_end
        self._updater = Updater(self._loop, self._generation, self._book, self._events, config)
        self._updater.interrupted = self._interruption
        self._updater.run_began = self._on_run
        self._updater.announce = self._announce
        self._updater.waits_for_end = lambda: self._mode() == BATCH
        self._changes: Changes | None = None
        self._desk: Desk | None = None
        self._history: History | None = None
        self._stops = 0
        self._interrupted = False  # by the terminal, which has told the program as well
        self._stop_signal: int | None = None
        self._handled: list[FileState] = []  # what the change under way has seen of its files
        self._behind: dict[str, FileChange] = {}  # nothing to do for the program, but layers hold an older version
        self._held: dict[str, str | None] = {}  # versions of files that were held or failed already
        self._standing: str | None = None  # why the running code is not what is on disk
        self._ended: str | None = None  # how the last run has ended; None: it runs, or has ended with 0
        self._killed_before = 0  # processes, by a kernel without memory, before this run
        self._crashed = False  # by a signal, or an exception that nobody caught
        self._mixed = False  # the run was updated on its way
        self._ended_by_itself = False
        self._just_ended: int | None = None
        self._untrimmed = False  # may the layers hold more memory than they did?
        self._preloading: int | None = None  # the image that was asked for a preloaded one
        self._warming = Warming()
        self._warm_request: tuple[int, int] | None = None  # the request, and the worker that it names

    # -- life -------------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Supervise until stopped; the exit status for the shell."""
        try:
            began_ns = file_clock_ns()
            self._start()
            if self._config.once:
                self._loop.pump(lambda: not self._generation.running or self._stops > 0)
            else:
                self._supervise(*self._look_after(began_ns))
            return self._exit_status()
        finally:
            self._close()

    def _start(self) -> None:
        self._book.facts.mode = self._mode()
        self._generation.start(bootstrap_path())
        command, mode = list(self._command.argv), self._config.mode
        self._events.emit("started", pid=self._generation.pid(), command=command, mode=mode)
        self._on_run()
        if self._command.kind != "python" and not self._config.once:
            why = f" ({self._command.reason})" if self._command.reason else ""
            self._report.line(f"not a Python program that can be looked into{why}: every change restarts it")

    def _look_after(self, began_ns: int) -> tuple[Changes, Desk]:
        """The watch, the history and the desk. The program, begun at `began_ns`, is still starting its interpreter;
        what is saved meanwhile is noticed, since versions are compared, not events."""
        from hrsup.changes import Changes
        from hrsup.desk import Desk
        from hrsup.experience import Experience
        from hrsup.history import History
        from hrsup.outputs import Outputs

        changes = Changes(self._project, self._config, self._book, self._report, self._loop.selector, began_ns)
        self._changes, self._updater.patience_s = changes, changes.patience_s
        changes.hear, changes.writers.bytes_written = self._generation.hear, self._generation.bytes_written
        history = History(self._project, self._command.argv, self._report.warning)
        self._history = self._updater.history = history
        changes.writers.outputs = Outputs(history.outputs(), history.note_output)
        self._updater.experience = Experience(history.vain(), history.note_vain)
        self._desk = Desk(self._link, self._what_stands, self._explain, self._graph)
        self._desk.open(self._project, self._report.detail)  # the history warns of the same folder
        self._book.facts.mode = self._mode()
        return changes, self._desk

    def _supervise(self, changes: Changes, desk: Desk) -> None:
        def something() -> bool:
            due = self._just_ended is not None or desk.waiting or self._warming_s() == 0.0 or changes.due()
            return bool(self._stops or self._untrimmed or due)

        def patience_s() -> float | None:
            return min((s for s in (changes.patience_s(), self._warming_s()) if s is not None), default=None)

        while not self._stops:
            self._loop.pump(something, tick_s=patience_s)
            if self._stops:
                return
            if desk.waiting:
                changes.rescan()
            try:
                self._after_end()
                self._after_unfit(changes)
                self._catch_up(changes)
            except Exception as error:  # the boundary: a fault of ours costs an update, never the program
                self._fault(error)
            self._preload()
            self._trim()
            self._warm()
            desk.answer()

    def _fault(self, error: Exception) -> None:
        import traceback

        self._standing = f"internal fault of hrsup: {type(error).__name__}: {error}"
        self._report.warning(f"{self._standing}; this change was not handled, the next save is tried")
        self._report.detail(traceback.format_exc())

    def _catch_up(self, changes: Changes) -> None:
        """Handle what is there, until nothing is known any more that has not been handled."""
        while not self._stops:
            paths = changes.ready()
            if paths:
                self._consider(changes, self._look(changes, paths))
            elif changes.busy():
                self._loop.pump(lambda: self._stops > 0 or changes.due(), tick_s=changes.patience_s)
            else:
                return

    def _close(self) -> None:
        self._generation.on_end = lambda status: None
        if self._desk is not None:
            self._desk.close()
        self._generation.end(frozenset(), self._interrupted)
        self._tree.close()
        self._link.close()
        if self._history is not None:
            self._history.close()
        self._events.emit("stopped")
        self._events.close()
        if self._changes is not None:
            self._changes.close()
        self._loop.close()

    def _exit_status(self) -> int:
        if self._stop_signal is not None:
            return 128 + self._stop_signal
        return _shell_status(self._generation.status or 0)

    # -- what comes in ----------------------------------------------------------------------------------------------

    def _on_signal(self, signum: int) -> None:
        if signum in _STOPPING:
            self._stops += 1
            self._stop_signal = self._stop_signal or signum
        else:
            layers = frozenset(layer.id for layer in self._book.facts.layers)
            self._tree.forward(signum, self._generation.pid(), layers)

    def _in_a_hurry(self) -> bool:
        """Were we asked to stop a second time, while the program is being ended?"""
        self._loop.check_signals()
        self._heed_keyboard()
        return self._stops > 1

    def _on_tree(self) -> None:
        self._tree.check_stop(self._generation.pid())
        self._heed_keyboard()
        for pid, status in self._tree.reap():
            self._book.drop_process(pid)
            self._warming.ended(pid)
            self._link.forget_versions(pid)
            self._generation.reaped(pid, status)
        self._generation.check()

    def _heed_keyboard(self) -> None:
        """Ctrl-C means hrsup too, but with `--once`, where the program alone decides, as under plain python."""
        for signum in self._tree.pressed():
            if signum == signal.SIGHUP or (signum == signal.SIGINT and not self._config.once):
                self._interrupted = self._interrupted or not self._stops
                self._on_signal(signum)

    def _on_message(self, peer: Peer, message: Message | None) -> None:
        if peer.role == "client":
            if message is not None and self._desk is not None:
                self._desk.note(peer, message)
            return
        self._generation.on_message(peer, message)
        if message is None:
            self._book.drop_process(peer.pid)
            self._warming.ended(peer.pid)
            return
        self._book.note(message, peer.pid, peer.role)
        self._untrimmed = self._untrimmed or message.get("type") == "layer"
        self._warming.note(message, peer.pid, peer.role)
        self._report.layers(message)
        self._report.image(message)
        if self._changes is not None:
            self._changes.note(message)

    # -- changes ----------------------------------------------------------------------------------------------------

    def _look(self, changes: Changes, paths: set[str]) -> Look:
        if self._generation.unreachable:
            self._book.facts.agent = False  # what it uses now is not known
        return changes.look(paths)

    def _consider(self, changes: Changes, look: Look) -> None:
        """Ignore or handle what a look has found."""
        relevant = look.relevant
        # Where one of the files that were held is as before again, the others deserve another try.
        again = {file.path: file.hash for file in relevant.files} == self._held
        if not relevant.files or again:
            self._ignore(changes, look)
        else:
            self._handle(changes, look, relevant)

    def _ignore(self, changes: Changes, look: Look) -> None:
        """Nothing has changed that influences the program. Its own output is not worth a word."""
        if changes.unresolved and not look.relevant.files:
            self._stands(changes, None)
            self._report.line("the files are again what is running")
        spoken = [file for file in look.change.files if file.kind != OUTPUT and file.path not in self._held]
        snapshot = changes.snapshot
        touched = {path for path in look.touched if snapshot.existed(path) and not snapshot.written(path)}
        touched -= {file.path for file in look.change.files}
        self._fall_behind(look.ignorable)
        snapshot.accept([state for state in look.states if state.path not in self._held])
        files = [{"path": file.path, "kind": file.kind} for file in spoken]
        files += [{"path": path, "kind": NOOP} for path in sorted(touched)]
        if not files:
            return
        reason = look.reasons[spoken[0].path] if spoken else "same content"
        self._events.emit("change", files=files)
        self._events.emit("ignored", kinds={file["kind"] for file in files}, reason=reason)
        if spoken:
            self._report.detail(f"{words.files(Change(spoken), self._project)}: nothing to do, {reason}")

    def _handle(self, changes: Changes, look: Look, relevant: Change) -> None:
        files = [{"path": file.path, "kind": file.kind} for file in look.change.files if file.kind != OUTPUT]
        self._events.emit("change", files=files)
        facts = self._book.facts
        # Strategies ask whether there is a running service to keep; a program that has ended is like a batch for them.
        facts.mode = self._mode() if self._generation.running else BATCH
        self._handled = look.states
        self._fall_behind(look.ignorable)
        handled = {file.path for file in relevant.files}
        behind = Change([file for path, file in self._behind.items() if path not in handled])
        result = self._updater.handle(relevant, changes.detect_ms(relevant), behind)
        facts = self._book.facts
        facts.mode = self._mode()
        if result.state not in (STOPPED, SUPERSEDED):
            self._conclude(changes, look.states, relevant, result)

    def _announce(self, text: str, change: Change) -> None:
        self._report.line(f"{words.files(change, self._project)}: {text}")

    def _conclude(self, changes: Changes, states: list[FileState], change: Change, result: Result) -> None:
        """Say and remember what became of a change."""
        name, outcome = words.files(change, self._project), result.outcome
        why = words.why([(strategy, refusal.reason or "") for strategy, refusal in result.refusals])
        if result.state == DONE:
            self._stands(changes, None)
            if result.where == PROGRAM:
                self._updated_in_place(changes, states, change)
            text = f"{name}: {result.strategy}, right again in {words.milliseconds(result.total_ms)}{why}"
            if result.strategy == "data" and result.where == PROGRAM:  # the program has done it all by itself
                self._report.detail(text)
            else:
                self._report.line(text, "green")
            return
        place = words.place(outcome.file, outcome.line, self._project)
        text = f"{place}: {outcome.reason}" if place else str(outcome.reason)
        if result.state == HELD:
            self._events.emit("held", error={"file": outcome.file, "line": outcome.line, "message": outcome.reason})
        keeps = self._generation.running and result.where in (None, PROGRAM)
        what = "held" if result.state == HELD else "not applied"
        then = "the old version keeps running" if keeps else "waiting for the next save"
        line = f"{name}: {what}, {text}; {then}{why}"
        # Where nothing was run, the next change must bring these in too: what stands there has the old ones.
        self._stands(changes, line, change if result.where in (None, PROGRAM) else None)
        self._report.line(line, "red")

    def _stands(self, changes: Changes, text: str | None, old: Change | None = None) -> None:
        """From now on, `text` says why the running code is not what is on disk, and `old` is what it does not have."""
        self._standing = text
        files = old.files if old is not None else []
        self._held = {file.path: file.hash for file in files}
        changes.unresolved = set(self._held)
        if self._history is not None:
            self._history.note_state(text)

    def _updated_in_place(self, changes: Changes, states: list[FileState], change: Change) -> None:
        paths = {file.path for file in change.files}
        changes.snapshot.accept([state for state in states if state.path in paths])
        for file in change.files:
            fact = self._book.facts.modules.get(file.path)
            if fact is not None and file.hash is not None:
                fact.hash = file.hash
        self._fall_behind(change.files)
        self._mixed = self._mixed or self._config.mode == "auto"

    def _fall_behind(self, files: Iterable[FileChange]) -> None:
        """These need no run, but whoever goes back to a layer that has used them goes back to an older version: line
        numbers, or what the program itself has written since."""
        facts = self._book.facts
        for file in files:
            listed = os.path.dirname(file.path) in facts.listings
            used = (facts.modules, facts.reads, facts.missing, facts.looked)
            if listed or any(file.path in known for known in used):
                self._behind[file.path] = FileChange(file.path, NOOP, file.hash, file.old_hash)

    def _interruption(self) -> str | None:
        """What makes the updater give up waiting for a run: a stop, or a newer relevant save."""
        if self._stops:
            return STOPPED
        if self._changes is None or not (paths := self._changes.ready()):
            return None
        look = self._look(self._changes, paths)
        if not look.relevant.files:
            self._ignore(self._changes, look)
            return None
        self._changes.hint(paths)
        return SUPERSEDED

    # -- runs -------------------------------------------------------------------------------------------------------

    def _on_run(self) -> None:
        """A new run has begun: whatever it uses, it uses as it is now on disk, or its layer holds it."""
        self._events.run += 1
        self._mixed = False
        self._ended, self._crashed, self._killed_before = None, False, kernel.out_of_memory_kills()
        self._just_ended = self._preloading = None  # an image that was not ready has been ended
        if self._changes is not None and self._events.run > 1:
            self._changes.run_began(self._handled, self._events.run, self._generation.seconds())
            behind, self._behind = self._behind, {}
            self._fall_behind(behind.values())
        self._events.emit("run_started", pid=self._generation.pid())

    def _on_end(self, status: int) -> None:
        seconds = self._generation.seconds()
        by_itself = status >= 0 and self._book.last_exception is None
        self._events.emit("run_finished", status=_shell_status(status), seconds=round(seconds, 4))
        self._ended, self._crashed = (_end(status) if status else None), not by_itself
        if not by_itself:
            ended: dict[str, object] = {"signal": -status} if status < 0 else {"status": status}
            if status == -signal.SIGKILL and kernel.out_of_memory_kills() > self._killed_before:
                ended["reason"], self._ended = "out of memory", f"{self._ended}, the system was out of memory"
            self._events.emit("crashed", **ended)
        cold_ms = seconds * 1e3 if self._events.run == 1 and by_itself and not self._mixed else None
        self._updater.cold_ms = cold_ms or self._updater.cold_ms
        # A service that gives up with sys.exit(1), for want of a setting, say, is no batch for ever after.
        if self._history is not None:
            self._history.note_run(ended_by_itself=by_itself and status == 0, cold_ms=cold_ms)
        self._tree.take_back_terminal()
        is_batch = by_itself and (status == 0 or self._events.run == 1)
        self._ended_by_itself = self._ended_by_itself or is_batch
        self._just_ended, self._untrimmed = status, True
        if self._changes is not None:
            self._changes.run_ended(by_itself and status == 0)

    def _after_end(self) -> None:
        status, self._just_ended = self._just_ended, None
        if status is None or self._changes is None:
            return
        if _output_is_gone():
            self._stops += 1
            self._report.line("nobody reads the program's output any more (standard output is closed): ending")
        elif self._mixed and status >= 0:
            self._run_again(self._changes)
        elif self._changes.unresolved and self._ended_by_itself:  # held for a service; a batch shows it itself
            self._held = {}
            self._changes.hint(set(self._changes.unresolved))
        elif self._events.run == 1 or not self._ended_by_itself:
            self._report.line(f"{self._ended or _end(status)}; waiting for a change")

    def _run_again(self, changes: Changes) -> None:
        """A run that was updated on its way has ended: it was a batch after all, or an error ended it that a cold start
        may not have. Its result is void."""
        self._restart(changes, "it has ended, and edits came in on its way: running it again from the start")

    def _restart(self, changes: Changes, why: str) -> None:
        self._report.line(why, "yellow")
        self._book.facts.mode = BATCH
        self._handled = []
        change = Change([FileChange(self._book.facts.main or self._project, MAIN, None, None)])
        result = self._updater.handle(change, 0.0, Change(list(self._behind.values())))
        if result.state not in (STOPPED, SUPERSEDED):
            self._conclude(changes, [], change, result)

    def _mode(self) -> str:
        if self._config.mode != "auto":
            return self._config.mode
        known = self._ended_by_itself or (self._history is not None and self._history.ended_by_itself())
        return BATCH if known else SERVICE

    def _preload(self) -> None:
        """Once the program has shown what it imports, have an image with all of it ready for the next change."""
        facts = self._book.facts
        image = next((layer for layer in facts.layers if layer.depth == 0 and layer.usable), None)
        if image is None or not facts.foreign or image.preloaded or image.id == self._preloading:
            return
        if any(layer.preloaded for layer in facts.layers) or (self._generation.running and not self._at_rest()):
            return
        self._preloading = image.id
        main = next((path for path, module in facts.modules.items() if module.name == "__main__"), None)
        self._generation.preload(image, facts.foreign, main)

    def _trim(self) -> None:
        """Keep the memory of the layers within its budget; looked at when one was taken, and when a run has ended."""
        if not self._untrimmed:
            return
        self._untrimmed = False
        for layer in self._generation.trim_layers(budget.SHARE * budget.memory()):
            self._report.detail(f"layer {layer.depth} {layer.point}: ended, the layers held too much memory")

    def _warming_s(self) -> float | None:
        """In how many seconds there is something to do about the worker image; None: not before something happens."""
        if not self._generation.running or self._mode() != SERVICE:
            return None
        if self._warming.unfit is not None:
            return 0.0
        wanted, rest = self._warming.patience_s(), _REST_S - self._generation.seconds()
        return None if wanted is None else max(0.0, wanted, rest)

    def _warm(self) -> None:
        """Once a service's workers have shown what they import, have an image of it ready for the next ones."""
        if self._warm_request is not None:
            request, like = self._warm_request
            refused = self._generation.refused(request)
            if refused is not None:
                self._warm_request = None
            if refused:
                self._warming.refused(like)
        if self._warming_s() == 0.0 and (wish := self._warming.wish()) is not None:
            sent = self._generation.warm(wish.like, wish.groups())
            self._warm_request = None if sent is None else (sent, wish.like)

    def _after_unfit(self, changes: Changes) -> None:
        """A worker has stopped that was forked from an image and needs a module as it would be in a new process."""
        unfit, self._warming.unfit = self._warming.unfit, None
        if unfit is not None and self._generation.running:
            why = f"{unfit['module']} was imported beforehand, and {unfit['reason']}"
            self._restart(changes, f"a worker cannot go on ({why}): starting the program again")

    def _at_rest(self) -> bool:
        return self._generation.seconds() > _REST_S

    def _what_stands(self) -> tuple[str | None, str | None]:
        """Why what is shown is not what a cold start would show, or is no result at all; and how the last run ended."""
        return self._standing or (f"it {self._ended}" if self._crashed else None), self._ended

    def _explain(self, paths: list[str]) -> list[Message]:
        """What would happen if these files were saved now, and why."""
        from hrsup.explain import explain

        assert self._changes is not None
        mode = self._mode() if self._generation.running else BATCH
        return explain(paths, self._book.facts, mode, self._changes.snapshot, self._project, self._config.strategy)

    def _graph(self) -> dict[str, list[str]]:
        from hrsup.graph import edges

        assert self._changes is not None
        facts = self._book.facts.modules.values()
        sources = {fact.name: self._changes.snapshot.source(fact.path, fact.hash) or b"" for fact in facts}
        packages = frozenset(fact.name for fact in facts if fact.path.endswith("/__init__.py"))
        return edges(sources, packages)


def run(command: Command, config: Config, project: str) -> int:
    """Run a session; the exit status for the shell. Raises HrsupError for what the user can mend."""
    tree = Tree.start()
    try:
        session = Session(command, config, project, tree)
    except BaseException:
        tree.close()
        raise
    return session.run()


def _output_is_gone() -> bool:
    """Is standard output a pipe whose reader has ended (``| head -1``)?"""
    import select

    poller = select.poll()
    poller.register(1, 0)
    return any(event & select.POLLERR for _, event in poller.poll(0))


def _end(status: int) -> str:
    return f"ended with signal {-status}" if status < 0 else f"ended with status {status}"


def _shell_status(status: int) -> int:
    return status if status >= 0 else 128 - status
