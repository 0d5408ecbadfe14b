"""The program's process tree: start it, hear of it, signal it, end all of it.

Runs in the supervisor. `Tree` is the one way in; the processes themselves are held by a guardian (see
`hrsup.process.guardian`). Nothing here waits, but for `Tree.spawn` (until exec), `Tree.end` and a Ctrl-Z.
"""
# ruff: noqa: PTH112, PTH113 (importing pathlib costs the program's start 3 ms)

from __future__ import annotations

import errno
import os
import time

from hrsup.errors import CommandNotExecutable, CommandNotFound, GuardianLost, HrsupError, InternalError
from hrsup.lean import NamedTuple, signal
from hrsup.process import kernel
from hrsup.process.contact import Child, Contact, wait_for_any
from hrsup.process.kernel import Process
from hrsup.process.launch import candidates
from hrsup.process.shared import Shared
from hrsup.process.sweep import is_tracker, sweep
from hrsup.process.terminal import Terminal, stop_ourselves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Child", "Ended", "Process", "Tree"]

# What a terminal sends to the whole foreground group; all else a person sends with `kill`, to one process.
_GROUP_SIGNALS = frozenset(
    getattr(signal, name, None) for name in ("SIGINT", "SIGQUIT", "SIGHUP", "SIGTSTP", "SIGCONT", "SIGWINCH")
)
_TICK_S = 0.02
_STOP_WITHIN_S = 0.06


class Ended(NamedTuple):
    """What `Tree.end` did: how many processes it saw, how long it took, which had to be killed, which live on."""

    total: int
    elapsed_ms: float
    killed: frozenset[int]
    unkillable: list[int]


class Tree:
    """Every process of the program. Make it with `Tree.start`, before the first thread and the first signal handler."""

    def __init__(self, contact: Contact, terminal: Terminal) -> None:
        self.terminal = terminal
        self._contact = contact
        self._group = 0  # the process group of the program
        self._wants_terminal = False

    @classmethod
    def start(cls) -> Tree:
        """Fork the guardian. Raises InternalError where the system cannot."""
        if not hasattr(os, "fork"):
            raise InternalError("hrsup needs a system with fork (Linux, macOS; on Windows: WSL)")
        return cls(Contact(), Terminal())

    def tidy(self, folder: str) -> None:
        """Have this folder removed after the program, should we be killed."""
        self._contact.tidy(folder)

    def close(self) -> None:
        """End what is left, at once, and the guardian; the terminal is ours again."""
        self._contact.close()
        self.terminal.take_back()

    @property
    def guardian(self) -> int:
        """The pid of the guardian: the parent of the program, and of whatever it orphans."""
        return self._contact.guardian

    # -- starting ---------------------------------------------------------------------------------------------------

    def spawn(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        foreground: bool = True,
    ) -> Child:
        """Start a command in a process group of its own, with our standard streams, and the terminal if we have it.

        `cwd` and `env` are ours by default. Raises CommandNotFound, CommandNotExecutable, or InternalError (no process
        left).
        """
        environ = dict(os.environ if env is None else env)
        if cwd is not None and not os.path.isdir(cwd):
            raise InternalError(f"{cwd} is not a folder")
        lend = foreground and self.terminal.lend_at_start()
        child, failure = self._contact.spawn(tuple(argv), environ, cwd, lend)
        if child is None:
            if lend:
                self.terminal.reclaim()
            raise _cannot_run(argv[0], failure, environ)
        self._group, self._wants_terminal = child.pid, foreground
        if lend:
            self.terminal.lent_to = child.pid  # it has taken it by itself, before exec
            self._contact.watch_group(child.pid)
        kernel.become_subreaper()  # for the case that the guardian is killed; here, since the program is on its way now
        return child

    # -- hearing ----------------------------------------------------------------------------------------------------

    def fileno(self) -> int:
        """Readable when there is news: call `reap`, `pressed` and `check_stop` then."""
        return self._contact.fileno()

    def listen(self, timeout_s: float = 0.0) -> None:
        """Take in what the guardian says. Raises GuardianLost, after having killed the program, if it is gone."""
        try:
            self._contact.listen(timeout_s)
        except GuardianLost:
            self.terminal.take_back()
            raise

    def reap(self) -> list[tuple[int, int]]:
        """The pids and exit statuses (-n: signal n) of all processes that have ended and were ours to wait for: direct
        children, and whatever was orphaned. Each is reported once."""
        self.listen()
        exits, self._contact.exits = self._contact.exits, []
        return exits

    def pressed(self) -> list[int]:
        """The signals that the terminal has sent to the program (Ctrl-C, Ctrl-\\, hang-up) while it had it, as far as
        they have been listened to. The program has got them already. Ctrl-Z is for `check_stop`."""
        pressed = [signum for signum in self._contact.pressed if signum != signal.SIGTSTP]
        self._contact.pressed = [signum for signum in self._contact.pressed if signum == signal.SIGTSTP]
        return pressed

    def processes(self, exclude: Iterable[int] = ()) -> list[Process]:
        """All living processes of the program but those in `exclude` (whose own descendants are not excluded)."""
        return kernel.descendants(self.guardian, self._spared(exclude))

    # -- signalling -------------------------------------------------------------------------------------------------

    def forward(self, signum: int, main: int | None = None, exclude: Iterable[int] = ()) -> None:
        """Pass on a signal that we were sent, once: to the program's process group if a terminal would send it there,
        else to its main process alone, as `kill` would."""
        for process in _audience(signum, self._main(main), self.processes(exclude)):
            kernel.send(process, signum)

    def signal_all(self, signum: int, exclude: Iterable[int] = ()) -> None:
        """Signal every process of the program."""
        for process in self.processes(exclude):
            kernel.send(process, signum)

    def end(
        self,
        signum: int = signal.SIGTERM,
        timeout_s: float = 5.0,
        *,
        keep: frozenset[int] = frozenset(),
        main: int | None = None,
        hurry: Callable[[], bool] = lambda: False,
    ) -> Ended:
        """End the whole tree but `keep`, and take the terminal back; returns when it is gone.

        First `signum` to the main process (or to its group: SIGINT, SIGHUP); to all the others when main has ended, or
        half of `timeout_s` has passed; then, or as soon as `hurry` (which may ask `pressed`) holds, all is killed.
        Resource trackers are left to end by themselves, as `sweep` says.
        """
        start = time.monotonic()
        told: set[tuple[int, int]] = set()
        seen: set[int] = set()
        killed: set[int] = set()
        unkillable: list[int] = []
        leader = self._main(main)
        shared = Shared()
        while alive := self._alive(keep):
            seen.update(process.pid for process in alive)
            elapsed_s = time.monotonic() - start
            if elapsed_s >= timeout_s or hurry():
                killed, unkillable = sweep(self.guardian, lambda: self._spared(keep), self.listen, shared.note)
                break
            led = elapsed_s < timeout_s / 2 and any(process.pid == leader for process in alive)
            for process in _audience(signum, leader, alive) if led else alive:
                if (process.pid, process.started) not in told:
                    told.add((process.pid, process.started))
                    if not is_tracker(process.pid):
                        shared.note(process.pid)
                        _tell(process, signum)
            wait_for_any(alive, self._contact, min(_TICK_S, timeout_s - elapsed_s))
        self.take_back_terminal()
        shared.unlink_left()
        return Ended(len(seen | killed), (time.monotonic() - start) * 1000, frozenset(killed), unkillable)

    def _alive(self, keep: Iterable[int]) -> list[Process]:
        """Whoever is left. That nobody is takes a census to show, unless the guardian has seen its last child end, or
        the machine is quiet."""
        spared = self._spared(keep)
        if self._contact.is_alone or kernel.has_none(self.guardian, spared):
            return []
        return self.processes(keep) or kernel.census(self.guardian, spared)

    def _main(self, main: int | None) -> int | None:
        if main is not None:
            return main
        children = reversed(self._contact.children.values())
        return next((child.pid for child in children if child.status is None), None)

    def _spared(self, keep: Iterable[int]) -> frozenset[int]:
        return frozenset((*keep, self._contact.sentinel))

    # -- the terminal -----------------------------------------------------------------------------------------------

    def lend_terminal(self) -> None:
        """Hand the terminal to the program's process group (before a layer continues), if a start would."""
        if self._wants_terminal and self._group and self.terminal.lend_at_start():
            self._lend()

    def take_back_terminal(self) -> None:
        """Make the terminal ours again and restore its modes (after the program has ended)."""
        self.terminal.take_back()
        if self._contact.sentinel:
            self._contact.watch_group(0)

    def check_stop(self, main: int | None = None) -> bool:
        """Has the terminal stopped the program? If it waits for the terminal, it gets it; else we stop too, as the
        shell expects, and continue it when we are continued. Returns whether either happened."""
        self.listen()
        leader = self._main(main)
        asked = signal.SIGTSTP in self._contact.pressed
        self._contact.pressed = [signum for signum in self._contact.pressed if signum != signal.SIGTSTP]
        reasons, self._contact.stopped = self._contact.stopped, {}
        if leader is None or not self.terminal.exists or not (asked or leader in reasons):
            return False
        if not _stops(leader, _STOP_WITHIN_S):  # it handles Ctrl-Z itself
            return False
        wants = reasons.get(leader) in (signal.SIGTTIN, signal.SIGTTOU)
        if not (wants and self._wants_terminal and self._lend()):
            self._suspend()
        for process in _audience(signal.SIGCONT, leader, self.processes()):
            kernel.send(process, signal.SIGCONT)
        return True

    def _lend(self) -> bool:
        lent = self.terminal.lend(self._group)
        if lent:
            self._contact.watch_group(self._group)
        return lent

    def _suspend(self) -> None:
        had = self.terminal.lent_to
        modes = self.terminal.take_back()
        stop_ourselves()
        if had is not None:
            self.terminal.lend(had, modes)


def _audience(signum: int, leader: int | None, processes: list[Process]) -> list[Process]:
    """Who gets a signal meant for the program: the leader, or its process group; all, if there is no leader."""
    main = next((process for process in processes if process.pid == leader), None)
    if main is None:
        return processes
    if signum in _GROUP_SIGNALS:
        return [process for process in processes if process.group == main.group]
    return [main]


def _tell(process: Process, signum: int) -> None:
    kernel.send(process, signum)
    if process.stopped:
        kernel.send(process, signal.SIGCONT)


def _stops(pid: int, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while True:
        process = kernel.read_process(pid)
        if process is None or process.stopped:
            return process is not None
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)


def _cannot_run(name: str, failure: int, environ: Mapping[str, str]) -> HrsupError:
    if failure in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE):
        return InternalError(f"cannot start a process: {os.strerror(failure)}")
    if failure not in (errno.ENOENT, errno.ENOTDIR):
        return CommandNotExecutable(f"{name}: {os.strerror(failure)}")
    for path in candidates(name, environ):
        if os.path.isfile(path):
            return CommandNotExecutable(f"{path}: the interpreter in its first line does not exist")
    hint = f" (did you mean: python {name}?)" if name.endswith(".py") and os.path.isfile(name) else ""
    return CommandNotFound(f"{name}: command not found{hint}")
