"""`hrsup run`: hints in, decisions, commands out, until a stop.

Runs in the supervisor. Data flow:

    watcher -> settler -> snapshot (what is dirty?) -> classify -> updater (ladder, strategies) -> report, events, history
                              ^                                        |
                              '----- facts <- link <- program <--------'

Level-triggered: every look compares the files on disk with the versions that the running generation used, so an edit is
never lost, whenever it comes; an event only says where to look.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from hrsup import report as words
from hrsup.child import Tree
from hrsup.classify import classify
from hrsup.command import Command
from hrsup.config import Config
from hrsup.desk import Desk
from hrsup.errors import HrsupError
from hrsup.events import Events
from hrsup.facts import FactBook
from hrsup.generation import Generation, bootstrap_path
from hrsup.history import History
from hrsup.link import Link, Message, Peer
from hrsup.loop import Loop
from hrsup.report import Report
from hrsup.snapshot import FileState, Snapshot
from hrsup.updater import STOPPED, SUPERSEDED, Result, Updater
from hrsup.watching import RESCAN
from hrsup.watching.ignore import Ignore
from hrsup.watching.probe import WRITER, Probe
from hrsup.watching.settle import Settler
from hrsup.watching.watcher import Watcher
from hrsup_strategies import base
from hrsup_strategies.base import BATCH, CODE, DONE, HELD, MAIN, SERVICE, Change, FileChange

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FORWARDED = (signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCONT)
_IGNORABLE = {base.NOOP, base.OUTPUT, base.IRRELEVANT}
_BACKGROUND_S = 0.004  # a slice of indexing between two looks at the events
_MAX_DETECT_S = 10.0  # an mtime further back was set by whoever wrote the file


class Session:
    """One `hrsup run`, from the first start to the last process gone."""

    def __init__(self, command: Command, config: Config, project: Path, tree: Tree) -> None:
        self._command, self._config, self._project, self._tree = command, config, str(project), tree
        self._events = Events(config.events)
        self._report = Report(quiet=config.quiet, verbose=config.verbose)
        self._loop = Loop((*_STOPPING, *_FORWARDED))
        self._loop.on_signal = self._on_signal
        self._loop.selector.register(tree.fileno(), 1, self._on_tree)
        self._link = Link(self._loop.selector, self._on_message)
        self._book = FactBook()
        self._generation = Generation(self._loop, self._link, tree, self._book, command, config)
        self._generation.hurry = lambda: self._stops > 1
        self._generation.on_end = self._on_end
        self._updater = Updater(self._loop, self._generation, self._book, self._events, config, self._differs)
        self._updater.interrupted = self._interruption
        self._updater.before_run = self._run_started
        self._desk = Desk(self._link, lambda: self._standing, self._explain)
        self._history: History | None = None
        self._stops = 0
        self._stop_signal: int | None = None
        self._unresolved: set[str] = set()  # dirty, and the program could not be brought up to date with them
        self._cosmetic: dict[str, FileChange] = {}  # equal in meaning to what layers hold, but not in line numbers
        self._standing: str | None = None  # why the running code is not what is on disk
        self._mixed = False
        self._preloaded = False

    # -- life -------------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Supervise until stopped; the exit status for the shell."""
        try:
            if not self._config.once:
                self._watch()
            self._start()
            if self._config.once:
                self._loop.pump(lambda: not self._generation.running or self._stops > 0)
            else:
                self._history = History(Path(self._project), self._command.argv, self._report.warning)
                self._updater.history = self._history
                if self._book.facts.mode != BATCH and self._config.mode == "auto" and self._history.ended_by_itself():
                    self._book.facts.mode = BATCH
                self._desk.open(Path(self._project), self._report.warning)
                self._supervise()
            return self._exit_status()
        finally:
            self._close()

    def _watch(self) -> None:
        ignore, probe = Ignore(self._project, self._config.ignore), Probe(self._project)
        self._snapshot = Snapshot(self._project, ignore, lambda path: probe.state(path) == WRITER)
        self._watcher = Watcher(
            self._project, ignore, self._config.watch, self._config.polling, self._report.warning
        )
        self._settler = Settler(probe, self._snapshot.existed, lambda path: path in self._book.facts.writes)
        self._loop.selector.register(self._watcher.fileno(), 1, self._on_hints)
        self._look_at: float | None = None
        self._hinted_at = 0.0

    def _start(self) -> None:
        self._book.facts.mode = self._config.mode if self._config.mode != "auto" else SERVICE
        self._generation.start(bootstrap_path())
        mode, pid = self._config.mode, self._generation.pid()
        self._events.emit("started", pid=pid, command=list(self._command.argv), mode=mode)
        self._run_started()
        if self._command.kind != "python" and not self._config.once:
            why = f" ({self._command.reason})" if self._command.reason else ""
            self._report.line(f"not a Python program that can be looked into{why}: every change restarts it")

    def _supervise(self) -> None:
        while not self._stops:
            self._loop.pump(self._something_to_do, tick_s=self._patience())
            if self._stops:
                return
            self._after_end()
            self._preload()
            if not self._settled():
                self._desk.answer()

    def _something_to_do(self) -> bool:
        if self._stops or self._mixed_run_ended():
            return True
        if self._snapshot.work(_BACKGROUND_S):
            return self._due()
        return self._due() or self._desk.waiting

    def _patience(self) -> float | None:
        return 0.0 if self._snapshot.work(0.0) else 0.25 if self._settler.busy() else None

    def _close(self) -> None:
        self._generation.on_end = lambda status: None
        self._desk.close()
        self._generation.end(frozenset())
        self._tree.close()
        self._link.close()
        if self._history is not None:
            self._history.close()
        self._events.emit("stopped")
        self._events.close()
        if not self._config.once:
            self._watcher.close()
        self._loop.close()

    def _exit_status(self) -> int:
        if self._stop_signal is not None:
            return 128 + self._stop_signal
        status = self._generation.status or 0
        return status if status >= 0 else 128 - status

    # -- what comes in ----------------------------------------------------------------------------------------------

    def _on_signal(self, signum: int) -> None:
        if signum in _STOPPING:
            self._stops += 1
            self._stop_signal = self._stop_signal or signum
        else:
            self._tree.forward(signum, self._generation.pid(), self._layers())

    def _on_tree(self) -> None:
        self._tree.check_stop(self._generation.pid())
        for signum in self._tree.pressed():
            if signum in (signal.SIGINT, signal.SIGHUP):
                self._on_signal(signum)
        for pid, _ in self._tree.reap():
            self._book.drop_process(pid)
        self._generation.check()

    def _on_hints(self) -> None:
        hints = self._watcher.hints()
        if hints:
            now = time.monotonic()
            self._hinted_at = self._hinted_at or now
            self._settler.hint(hints, now)
            self._look_at = now

    def _on_message(self, peer: Peer, message: Message | None) -> None:
        self._generation.on_message(peer, message)
        if message is None:
            if peer.role != "client":
                self._book.drop_process(peer.pid)
            return
        if peer.role == "client":
            self._desk.note(peer, message)
            return
        self._book.note(message, peer.pid, peer.role)
        if not self._config.once:
            self._take_note(message)

    def _take_note(self, message: Message) -> None:
        kind, path = message.get("type"), message.get("path")
        if kind == "module":
            self._snapshot.used(str(path), message["hash"])
        elif kind == "read":
            self._snapshot.read(str(path), message["mtime_ns"], message["size"])
        elif kind == "missing":
            self._snapshot.missed(str(path))
        elif kind == "write":
            self._snapshot.wrote(str(path))
            return
        if kind in ("module", "read", "missing", "listing", "native"):
            self._watcher.add([str(path)])

    # -- changes ----------------------------------------------------------------------------------------------------

    def _due(self) -> bool:
        """Is it time to ask the settler?"""
        suspects = self._snapshot.suspects()
        if suspects:
            self._settler.hint(suspects, time.monotonic())
            self._look_at = time.monotonic()
        return self._look_at is not None and time.monotonic() >= self._look_at

    def _ready_paths(self) -> set[str]:
        if not self._due():
            return set()
        paths, self._look_at = self._settler.poll(time.monotonic())
        return paths

    def _dirty(self, paths: set[str]) -> tuple[Change, dict[str, str], list[FileState]]:
        facts = self._book.facts
        states = self._snapshot.dirty(paths | self._unresolved, unseen=bool(facts.opaque) or not facts.agent)
        found = classify(states, facts, self._snapshot.source, self._project, self._book.last_exception is not None)
        return found.change, found.reasons, states

    def _settled(self) -> bool:
        """Look at what is ready and handle it; was there anything?"""
        paths = self._ready_paths()
        if not paths:
            return False
        change, reasons, states = self._dirty(paths)
        relevant = Change([file for file in change.files if file.kind not in _IGNORABLE])
        if relevant.files:
            self._handle(change, states)
        else:
            self._ignore(change, reasons, states, paths)
        self._hinted_at = 0.0
        return True

    def _ignore(self, change: Change, reasons: dict[str, str], states: list[FileState], paths: set[str]) -> None:
        """Nothing that influences the program has changed. Its own output is not worth a word."""
        if self._unresolved and not change.files:
            self._standing, self._unresolved = None, set()
            self._report.line("the files are again what is running")
        spoken = [file for file in change.files if file.kind != base.OUTPUT]
        touched = [] if change.files else [path for path in paths if self._snapshot.existed(path)]
        for file in change.files:
            if file.kind == base.NOOP:
                self._cosmetic[file.path] = file
        self._snapshot.accept(states)
        if not spoken and not [path for path in touched if path not in self._book.facts.writes]:
            return
        files = [{"path": file.path, "kind": file.kind} for file in spoken]
        files += [{"path": path, "kind": base.NOOP} for path in touched]
        reason = reasons[spoken[0].path] if spoken else "same content"
        self._events.emit("change", files=files)
        self._events.emit("ignored", kinds={file["kind"] for file in files}, reason=reason)
        if spoken:
            self._report.detail(f"{words.files(Change(spoken), self._project)}: nothing to do, {reason}")

    def _handle(self, change: Change, states: list[FileState]) -> None:
        relevant = Change([file for file in change.files if file.kind not in _IGNORABLE])
        for file in change.files:
            if file.kind == base.NOOP:
                self._cosmetic[file.path] = file
        files = [{"path": file.path, "kind": file.kind} for file in change.files if file.kind != base.OUTPUT]
        self._events.emit("change", files=files)
        self._book.facts.mode = self._mode()
        self._states = states
        stale = Change([file for path, file in self._cosmetic.items() if path not in {f.path for f in relevant.files}])
        result = self._updater.handle(relevant, self._detect_ms(relevant), stale)
        if result.state == STOPPED:
            return
        if result.state == SUPERSEDED:  # what came in is handled together with this, in the next round
            self._unresolved |= {file.path for file in relevant.files}
            self._look_at = time.monotonic()
            return
        self._conclude(relevant, states, result)

    def _conclude(self, change: Change, states: list[FileState], result: Result) -> None:
        name = words.files(change, self._project)
        taken = words.milliseconds(result.total_ms)
        why = words.why([(strategy, outcome.reason or "") for strategy, outcome in result.refusals])
        outcome = result.outcome
        still_old = self._generation.running and not self._was_restarted
        if result.state == DONE:
            self._accept(change, states, result)
            colour = "green"
            text = f"{name}: {result.strategy}, right again in {taken}{why}"
        else:
            place = words.place(outcome.file, outcome.line, self._project)
            colour = "red"
            at = f"{place}: " if place else ""
            if result.state == HELD:
                self._events.emit("held", error={"file": outcome.file, "line": outcome.line, "message": outcome.reason})
                left = "the old version keeps running" if still_old else "waiting for the next save"
                text = f"{name}: held, {at}{outcome.reason}; {left}"
            else:
                text = f"{name}: not applied, {at}{outcome.reason}{why}"
            self._standing = text
            if still_old:
                self._unresolved |= {file.path for file in change.files}
            else:
                self._unresolved = set()
        if self._history is not None:
            self._history.note_state(self._standing)
        self._report.line(text, colour)
        self._was_restarted = False

    def _accept(self, change: Change, states: list[FileState], result: Result) -> None:
        self._standing, self._unresolved = None, set()
        if not self._was_restarted:
            self._snapshot.accept([state for state in states if state.path in {file.path for file in change.files}])
            for file in change.files:
                fact = self._book.facts.modules.get(file.path)
                if fact is not None and file.hash is not None:
                    fact.hash = file.hash
                if file.kind in (CODE, MAIN):
                    self._cosmetic[file.path] = file  # layers still hold the old version
            self._mixed = self._mixed or (result.strategy != "data" and self._mode_is_open())

    def _differs(self, change: Change) -> str | None:
        """Does the running code differ from the files on disk, as far as this change goes? The last step of every
        strategy; what was saved since the change was seen is the next change's."""
        loaded = self._book.facts.modules
        for file in change.files:
            fact = loaded.get(file.path)
            if fact is None or not self._was_restarted or fact.hash == file.hash:
                continue
            on_disk = {state.path: state for state in self._snapshot.dirty([file.path])}
            if file.path in on_disk:
                return f"{os.path.relpath(file.path, self._project)} is loaded in another version than the one on disk"
        return None

    def _interruption(self) -> str | None:
        """What makes the updater give up waiting for a run: a stop, or a newer relevant save."""
        if self._stops:
            return STOPPED
        paths = self._ready_paths()
        if not paths:
            return None
        change, reasons, states = self._dirty(paths)
        if all(file.kind in _IGNORABLE for file in change.files):
            self._ignore(change, reasons, states, paths)
            return None
        self._settler.hint(paths, 0.0)
        return SUPERSEDED

    def _detect_ms(self, change: Change) -> float:
        """From the last write to now, in ms, as far as the files' own times can be believed."""
        now = time.time()
        ages = []
        for file in change.files:
            try:
                ages.append(now - os.stat(file.path).st_mtime)
            except OSError:
                continue
        believable = [age for age in ages if 0 <= age < _MAX_DETECT_S]
        since_hint = time.monotonic() - self._hinted_at if self._hinted_at else 0.0
        return max(min(believable, default=since_hint), 0.0) * 1e3

    # -- runs -------------------------------------------------------------------------------------------------------

    _was_restarted = False
    _states: list[FileState] = []

    def _run_started(self) -> None:
        """A new run has begun: whatever it uses, it uses as it is now on disk, or says otherwise."""
        self._events.run += 1
        self._was_restarted = True
        self._mixed = False
        if not self._config.once and self._events.run > 1:
            self._snapshot.begin(self._book.facts.modules.keys() | self._book.facts.reads.keys())
            self._snapshot.accept(self._states)
            if not self._book.facts.layers:
                self._cosmetic.clear()
        self._events.emit("run_started", pid=self._generation.pid())

    def _on_end(self, status: int) -> None:
        seconds = round(self._generation.seconds(), 4)
        shell_status = status if status >= 0 else 128 - status
        self._events.emit("run_finished", status=shell_status, seconds=seconds)
        by_itself = status >= 0 and self._book.last_exception is None
        if status < 0:
            self._events.emit("crashed", signal=-status)
        elif not by_itself:
            self._events.emit("crashed", status=status)
        if self._history is not None:
            cold = self._generation.seconds() * 1e3 if self._events.run == 1 else None
            self._history.note_run(ended_by_itself=by_itself, cold_ms=cold)
            self._updater.cold_ms = cold or self._updater.cold_ms
        self._tree.take_back_terminal()
        self._ended_by_itself = self._ended_by_itself or by_itself
        self._just_ended = status

    _ended_by_itself = False
    _just_ended: int | None = None

    def _after_end(self) -> None:
        status, self._just_ended = self._just_ended, None
        if status is None:
            return
        if self._mixed and self._mode_is_open_before():
            self._rerun()
        elif self._events.run == 1 or self._book.facts.mode == SERVICE:
            how = f"signal {-status}" if status < 0 else f"status {status}"
            self._report.line(f"ended with {how}; waiting for a change")

    def _mixed_run_ended(self) -> bool:
        return self._just_ended is not None

    def _rerun(self) -> None:
        """A run that was updated on its way has turned out to be a batch: its result is void."""
        self._report.line("this was a batch, and edits came in on its way: running it again from the start", "yellow")
        main = self._book.facts.main
        path = main if main is not None else self._project
        self._book.facts.mode = BATCH
        change = Change([FileChange(path, MAIN, None, None)])
        result = self._updater.handle(change, 0.0, Change(list(self._cosmetic.values())))
        if result.state not in (STOPPED, SUPERSEDED):
            self._conclude(change, [], result)

    def _mode(self) -> str:
        if self._config.mode != "auto":
            return self._config.mode
        known = self._ended_by_itself or (self._history is not None and self._history.ended_by_itself())
        return BATCH if known else SERVICE

    def _mode_is_open(self) -> bool:
        return self._config.mode == "auto" and self._mode() == SERVICE

    def _mode_is_open_before(self) -> bool:
        return self._config.mode == "auto"

    def _layers(self) -> frozenset[int]:
        return frozenset(layer.id for layer in self._book.facts.layers)

    def _preload(self) -> None:
        """Once the program has shown what it imports, and is at rest, have an image with all of it ready."""
        facts = self._book.facts
        if self._preloaded or self._generation.running or not facts.foreign:
            return
        image = next((layer for layer in facts.layers if layer.depth == 0 and layer.usable), None)
        if image is not None:
            self._preloaded = True
            self._generation.preload(image, facts.foreign)

    def _explain(self, paths: list[str]) -> list[Message]:
        """What would happen if these files were saved now, and why."""
        from hrsup.explain import explain

        return explain(paths, self._book.facts, self._mode(), self._snapshot, self._project, self._config.strategy)


def run(command: Command, config: Config, project: Path) -> int:
    """Run a session; the exit status for the shell. Raises HrsupError for what the user can mend."""
    tree = Tree.start()
    try:
        session = Session(command, config, project, tree)
    except BaseException:
        tree.close()
        raise
    return session.run()


__all__ = ["RESCAN", "HrsupError", "Session", "run"]
