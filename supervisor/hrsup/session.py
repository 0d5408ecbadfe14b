"""`hrsup run`: changes in, decisions, commands out, until a stop.

Runs in the supervisor. Data flow:

    watcher -> settler -> snapshot (what is dirty?) -> classify -> reconciler -> updater (ladder, strategies)
                              ^                                        |            |
                              '----- facts <- link <- program <--------+------------'
                                                                       '-> standing, report, history
"""

from __future__ import annotations

import selectors

from hrsup import report as words
from hrsup.child import Tree
from hrsup.clock import file_clock_ns
from hrsup.command import Command
from hrsup.config import Config
from hrsup.events import Events
from hrsup.facts import FactBook
from hrsup.generation import Generation, bootstrap_path
from hrsup.handed import uses
from hrsup.lean import signal
from hrsup.link import Link, Message, Peer
from hrsup.loop import Loop
from hrsup.opens import refuse
from hrsup.report import Report
from hrsup.runs import Runs, shell_status
from hrsup.updater import STOPPED, Updater
from hrsup_strategies.base import BATCH, Change

# The rooms that the program does not have to wait for are imported once it is on its way (`_look_after`).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup.changes import Changes
    from hrsup.desk import Desk
    from hrsup.history import History
    from hrsup.images import WorkerImages
    from hrsup.reconcile import Reconciler

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FORWARDED = (signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCONT)


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
        tree.tidy(self._link.folder)
        self._book = FactBook()
        self._book.facts.drain_s = config.drain_timeout_s
        self._generation = Generation(self._loop, self._link, tree, self._book, command, config)
        self._generation.hurry = self._in_a_hurry
        self._generation.on_end = self._on_end
        self._runs = Runs(self._generation, self._book, self._events, config)
        self._updater = Updater(self._loop, self._generation, self._book, self._events, config)
        self._updater.interrupted = self._interruption
        self._updater.run_began = self._on_run
        self._updater.announce = self._announce
        self._updater.waits_for_end = lambda: self._runs.mode() == BATCH
        self._updater.in_doubt_s = self._runs.in_doubt_s
        self._changes: Changes | None = None
        self._desk: Desk | None = None
        self._reconciler: Reconciler | None = None
        self._images: WorkerImages | None = None
        self._history: History | None = None
        self._stops = 0
        self._interrupted = False  # by the terminal, which has told the program as well
        self._stop_signal: int | None = None

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
        self._book.facts.mode = self._runs.mode()
        if self._config.once:
            refuse(self._link.marks)
        self._generation.start(bootstrap_path())
        command, mode = list(self._command.argv), self._config.mode
        self._events.emit("started", pid=self._generation.pid(), command=command, mode=mode)
        self._on_run()
        if self._command.kind != "python" and not self._config.once:
            why = f" ({self._command.reason})" if self._command.reason else ""
            self._report.line(f"not a Python program that can be looked into{why}: every change restarts it")

    def _look_after(self, began_ns: int) -> tuple[Changes, Desk, Reconciler, WorkerImages]:
        """The watch, the history and the desk. The program, begun at `began_ns`, is still starting its interpreter;
        what is saved meanwhile is noticed, since versions are compared, not events."""
        from hrsup.changes import Changes
        from hrsup.desk import Desk
        from hrsup.experience import Experience
        from hrsup.history import History
        from hrsup.images import WorkerImages
        from hrsup.outputs import Outputs
        from hrsup.reconcile import Reconciler
        from hrsup.standing import Standing

        selector, marks = self._loop.selector, self._link.marks
        changes = Changes(self._project, self._config, self._book, self._report, selector, began_ns, marks)
        self._changes, self._updater.patience_s = changes, changes.patience_s
        changes.hear, changes.writers.bytes_written = self._generation.hear, self._generation.bytes_written
        changes.writers.unseen_bytes_written = self._generation.unseen_bytes_written
        history = History(self._project, self._command.argv, self._report.warning)
        self._history = self._updater.history = self._runs.history = history
        changes.writers.outputs = Outputs(history.outputs(), history.note_output)
        self._updater.experience = Experience(history.vain(), history.note_vain)
        standing = Standing(changes, self._book, history)
        self._reconciler = Reconciler(
            self._project,
            changes,
            standing,
            self._updater,
            self._generation,
            self._book,
            self._runs,
            self._events,
            self._report,
        )
        self._images = WorkerImages(self._generation, self._runs)
        self._desk = Desk(self._link, self._what_stands, self._explain, self._graph)
        self._desk.open(self._project, self._report.detail)  # the history warns of the same folder
        self._book.facts.mode = self._runs.mode()
        return changes, self._desk, self._reconciler, self._images

    def _supervise(self, changes: Changes, desk: Desk, reconciler: Reconciler, images: WorkerImages) -> None:
        def something() -> bool:
            due = self._runs.unseen is not None or desk.waiting or images.patience_s() == 0.0 or changes.due()
            layers = self._generation.layers.untrimmed or self._generation.preload_in_s() == 0.0
            return bool(self._stops or layers or due)

        def patience_s() -> float | None:
            waits = (changes.patience_s(), images.patience_s(), self._generation.preload_in_s())
            return min((s for s in waits if s is not None), default=None)

        while not self._stops:
            self._loop.pump(something, tick_s=patience_s)
            if self._stops:
                return
            if desk.waiting:
                changes.rescan()
            try:
                self._after_end(reconciler)
                if (unfit := images.take_unfit()) is not None:
                    reconciler.restart(f"a worker cannot go on ({unfit}): starting the program again")
                self._catch_up(changes, reconciler)
            except Exception as error:  # the boundary: a fault of ours costs an update, never the program
                reconciler.standing.text = self._fault(error)
            self._keep_layers()
            images.work()
            desk.answer()

    def _fault(self, error: Exception) -> str:
        import traceback

        fault = f"internal fault of hrsup: {type(error).__name__}: {error}"
        self._report.warning(f"{fault}; this change was not handled, the next save is tried")
        self._report.detail(traceback.format_exc())
        return fault

    def _catch_up(self, changes: Changes, reconciler: Reconciler) -> None:
        """Handle what is there, until nothing is known any more that has not been handled."""
        while not self._stops:
            paths = changes.ready()
            if paths:
                reconciler.consider(paths)
            elif changes.busy():
                self._loop.pump(lambda: self._stops > 0 or changes.due(), tick_s=changes.patience_s)
            else:
                return

    def _close(self) -> None:
        self._generation.on_end = lambda status: None
        if self._desk is not None:
            self._desk.close()
        self._generation.end(frozenset(), self._interrupted)
        self._link.close()
        self._tree.close()
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
        return shell_status(self._generation.status or 0)

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
        self._heed_stops()
        return self._stops > 1

    def _on_tree(self) -> None:
        self._tree.check_stop(self._generation.pid())
        self._heed_keyboard()
        for pid, status in self._tree.reap():
            self._book.drop_process(pid)
            if self._images is not None:
                self._images.ended(pid)
            self._link.forget_versions(pid)
            self._generation.reaped(pid, status)
        self._generation.check()

    def _heed_stops(self) -> None:
        """Of what has been heard already: nothing is served."""
        self._loop.check_signals()
        self._heed_keyboard()

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
            if self._images is not None:
                self._images.ended(peer.pid)
            return
        if message.get("type") != "handed":
            self._take_in(message, peer)
        elif self._changes is not None:
            for fact in uses(message, self._changes.is_watched):
                self._take_in(fact, peer)

    def _take_in(self, message: Message, peer: Peer) -> None:
        self._book.note(message, peer.pid, peer.role)
        if self._images is not None:
            self._images.note(message, peer.pid, peer.role)
        self._report.layers(message)
        self._report.image(message)
        if self._changes is not None:
            self._changes.note(message)

    # -- changes and runs -------------------------------------------------------------------------------------------

    def _announce(self, text: str, change: Change) -> None:
        self._report.line(f"{words.files(change, self._project)}: {text}")

    def _interruption(self) -> str | None:
        """What makes the updater give up waiting for a run: a stop, or a newer relevant save."""
        self._heed_stops()
        if self._stops:
            return STOPPED
        return self._reconciler.newer() if self._reconciler is not None else None

    def _on_run(self) -> None:
        self._runs.began()
        self._generation.layers.run_began()
        if self._reconciler is not None:
            self._reconciler.run_began(self._events.run)
        self._events.emit("run_started", pid=self._generation.pid())
        self._generation.told()

    def _on_end(self, status: int) -> None:
        well = self._runs.ended(status)
        self._updater.cold_ms = self._runs.cold_ms
        self._tree.take_back_terminal()
        self._heed_keyboard()  # who had the terminal has told of the last key
        self._generation.layers.untrimmed = True
        if self._changes is not None:
            self._changes.run_ended(well)

    def _after_end(self, reconciler: Reconciler) -> None:
        if self._runs.unseen is not None and _output_is_gone():
            self._runs.take_unseen()
            self._stops += 1
            self._report.line("nobody reads the program's output any more (standard output is closed): ending")
        else:
            reconciler.after_end()

    def _keep_layers(self) -> None:
        for layer in self._generation.keep_layers():
            self._report.detail(f"layer {layer.depth} {layer.point}: ended, the layers held too much memory")

    def _what_stands(self) -> tuple[str | None, str | None]:
        """Why what is shown is not what a cold start would show, or is no result at all; and how the last run ended."""
        assert self._reconciler is not None
        crashed = f"it {self._runs.end}" if self._runs.crashed else None
        return self._reconciler.standing.text or crashed, self._runs.end

    def _explain(self, paths: list[str]) -> list[Message]:
        """What would happen if these files were saved now, and why."""
        from hrsup.explain import explain

        assert self._changes is not None
        mode = self._runs.mode_now()
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
