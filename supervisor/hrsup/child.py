"""The program's process tree: start it, hear of it, signal it, end all of it.

Runs in the supervisor. `Tree` is the one way in; the processes themselves are held by a guardian (see
`hrsup.process.guardian`). Nothing here waits, but for `Tree.spawn` (until exec), `Tree.end` and a Ctrl-Z.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from hrsup.errors import CommandNotExecutable, CommandNotFound, GuardianLost, InternalError
from hrsup.process import guardian, kernel
from hrsup.process.channel import Channel, pair
from hrsup.process.kernel import Process
from hrsup.process.launch import Inheritance, candidates
from hrsup.process.sweep import sweep
from hrsup.process.terminal import Terminal, stop_ourselves

# What a terminal sends to the whole foreground group; all else a person sends with `kill`, to one process.
_GROUP_SIGNALS = frozenset(
    {signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH}
    if os.name == "posix"
    else ()
)
_STATUS_TIMEOUT_S = 2.0
_TICK_S = 0.02


class Ended(NamedTuple):
    """What `Tree.end` did: how many processes it saw, how long it took, which had to be killed, which live on."""

    total: int
    elapsed_ms: float
    killed: frozenset[int]
    unkillable: list[int]


class Child:
    """The process that a `spawn` has started. It may go in a selector: readable once it has ended."""

    def __init__(self, tree: Tree, pid: int, handle: int | None) -> None:
        self.pid = pid
        self.status: int | None = None
        self._tree = tree
        self._handle = handle
        self._fileno = os.dup(tree.fileno()) if handle is None else handle

    def fileno(self) -> int:
        """A pidfd; where there are none, a descriptor that is readable whenever there is news of any process."""
        return self._fileno

    def poll(self) -> int | None:
        """The exit status, or -n if signal n ended it; None while it runs."""
        if self.status is None:
            self._tree.listen()
        if self.status is None and self._handle is not None and _readable(self._handle, 0):
            deadline = time.monotonic() + _STATUS_TIMEOUT_S
            while self.status is None and time.monotonic() < deadline:  # it is dead: the news is on its way
                self._tree.listen(_TICK_S)
        return self.status

    def signal(self, signum: int) -> bool:
        """Signal it; False if it has ended."""
        if self.poll() is not None:
            return False
        try:
            if self._handle is None:
                os.kill(self.pid, signum)
            else:
                signal.pidfd_send_signal(self._handle, signum)
        except ProcessLookupError:
            return False
        return True

    def close(self) -> None:
        """Give the descriptor back; take it out of the selector before."""
        if self._fileno >= 0:
            os.close(self._fileno)
        self._fileno, self._handle = -1, None


class Tree:
    """Every process of the program. Make it with `Tree.start`, before the first thread and the first signal handler."""

    def __init__(self, channel: Channel, guardian_pid: int, terminal: Terminal) -> None:
        self.terminal = terminal
        self._channel, self._guardian = channel, guardian_pid
        self._children: dict[int, Child] = {}
        self._group = 0  # the process group of the program
        self._wants_terminal = False
        self._sentinel = 0
        self._replies: list[tuple[Child | None, int]] = []
        self._exits: list[tuple[int, int]] = []
        self._pressed: list[int] = []
        self._stopped: dict[int, int] = {}

    @classmethod
    def start(cls) -> Tree:
        """Fork the guardian. Raises InternalError where the system cannot."""
        if not hasattr(os, "fork"):
            raise InternalError("hrsup needs a system with fork (Linux, macOS; on Windows: WSL)")
        terminal = Terminal()
        inheritance = Inheritance.capture()
        ours, its = pair()
        pid = os.fork()
        if pid == 0:
            guardian.guard(its, inheritance)
        its.close()
        return cls(ours, pid, terminal)

    def close(self) -> None:
        """End what is left, at once, and the guardian."""
        self._channel.close()
        with suppress(ChildProcessError):
            os.waitpid(self._guardian, 0)
        self.terminal.take_back()
        for child in self._children.values():
            child.close()

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
        if cwd is not None and not Path(cwd).is_dir():
            raise InternalError(f"{cwd} is not a folder")
        lend = foreground and self.terminal.lend_at_start()
        stdio = [fd for fd in (0, 1, 2) if _is_open(fd)]
        order = (guardian.SPAWN, tuple(argv), environ, cwd, lend, tuple(fd in stdio for fd in (0, 1, 2)))
        try:
            self._channel.send(order, tuple(stdio))
        except OSError:
            self._lost()
        child, failure = self._reply()
        if child is None:
            if lend:
                self.terminal.noted(self._group)
                self.terminal.take_back()
            raise _cannot_run(argv[0], failure, environ)
        self._group, self._wants_terminal = child.pid, foreground
        if lend:
            self.terminal.noted(child.pid)
            self._watch_group(child.pid)
        kernel.become_subreaper()  # for the case that the guardian is killed; here, since the program is on its way now
        return child

    # -- hearing ----------------------------------------------------------------------------------------------------

    def fileno(self) -> int:
        """Readable when there is news: call `reap`, `pressed` and `check_stop` then."""
        return self._channel.fileno()

    def listen(self, timeout_s: float = 0.0) -> None:
        """Take in what the guardian says. Raises GuardianLost, after having killed the program, if it is gone."""
        if timeout_s and not _readable(self._channel.fileno(), timeout_s):
            return
        try:
            messages = self._channel.receive()
        except EOFError:
            self._lost()
        for message in messages:
            self._hear(message)

    def reap(self) -> list[tuple[int, int]]:
        """The pids and exit statuses (-n: signal n) of all processes that have ended and were ours to wait for: direct
        children, and whatever was orphaned. Each is reported once."""
        self.listen()
        exits, self._exits = self._exits, []
        return exits

    def pressed(self) -> list[int]:
        """The signals that the terminal has sent to the program (Ctrl-C, Ctrl-\\, Ctrl-Z, hang-up) while it had it. The
        program has got them already."""
        self.listen()
        pressed, self._pressed = self._pressed, []
        return pressed

    def processes(self, exclude: Iterable[int] = ()) -> list[Process]:
        """All living processes of the program but those in `exclude`."""
        return kernel.descendants(self._guardian, self._spared(exclude))

    # -- signalling -------------------------------------------------------------------------------------------------

    def forward(self, signum: int, main: int | None = None, exclude: Iterable[int] = ()) -> None:
        """Pass on a signal that we were sent, once: to the program's process group if a terminal would send it there,
        else to its main process alone, as `kill` would."""
        processes = self.processes(exclude)
        for process in _audience(signum, self._main(main), processes):
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
        half of `timeout_s` has passed; then, or as soon as `hurry` holds or Ctrl-C is pressed, everything is killed.
        """
        start = time.monotonic()
        told: set[tuple[int, int]] = set()
        seen: set[int] = set()
        killed: set[int] = set()
        unkillable: list[int] = []
        leader = self._main(main)
        self.pressed()
        while True:
            alive = self.processes(keep)
            if not alive:
                alive = kernel.census(self._guardian, self._spared(keep))
            if not alive:
                break
            seen.update(process.pid for process in alive)
            elapsed_s = time.monotonic() - start
            if elapsed_s >= timeout_s or hurry() or signal.SIGINT in self.pressed():
                killed, unkillable = sweep(self._guardian, lambda: self._spared(keep), self.listen)
                break
            led = elapsed_s < timeout_s / 2 and any(process.pid == leader for process in alive)
            for process in _audience(signum, leader, alive) if led else alive:
                if (process.pid, process.started) not in told:
                    told.add((process.pid, process.started))
                    _tell(process, signum)
            self._wait_for_any(alive, min(_TICK_S, timeout_s - elapsed_s))
        self.listen()
        self.take_back_terminal()
        return Ended(len(seen | killed), (time.monotonic() - start) * 1000, frozenset(killed), unkillable)

    # -- the terminal -----------------------------------------------------------------------------------------------

    def lend_terminal(self) -> None:
        """Hand the terminal to the program's process group (before a layer continues); no-op if it never had it."""
        if self._wants_terminal and self._group and self.terminal.lend_at_start() and self.terminal.lend(self._group):
            self._watch_group(self._group)

    def take_back_terminal(self) -> None:
        """Make the terminal ours again and restore its modes (after the program has ended)."""
        self.terminal.take_back()
        if self._sentinel:
            self._watch_group(0)

    def check_stop(self, main: int | None = None) -> bool:
        """Has the terminal stopped the program? If it waits for the terminal, it gets it; else we stop too, as the
        shell expects, and continue it when we are continued. Returns whether either happened."""
        self.listen()
        leader = self._main(main)
        asked = signal.SIGTSTP in self._pressed
        self._pressed = [signum for signum in self._pressed if signum != signal.SIGTSTP]
        reasons, self._stopped = self._stopped, {}
        if leader is None or not self.terminal.exists or not (asked or leader in reasons):
            return False
        if not _stops(leader, _TICK_S * 3):  # it handles Ctrl-Z itself
            return False
        wants = reasons.get(leader) in (signal.SIGTTIN, signal.SIGTTOU)
        if wants and self._wants_terminal and self.terminal.lend(self._group):
            self._watch_group(self._group)
        else:
            self._suspend()
        self._continue(leader)
        return True

    def _suspend(self) -> None:
        had = self.terminal.lent_to
        modes = self.terminal.take_back()
        stop_ourselves()
        if had is not None:
            self.terminal.lend(had, modes)

    def _continue(self, leader: int) -> None:
        for process in _audience(signal.SIGCONT, leader, self.processes()):
            kernel.send(process, signal.SIGCONT)

    def _watch_group(self, group: int) -> None:
        with suppress(OSError):
            self._channel.send((guardian.WATCH_GROUP, group))
        self._sentinel = self._reply()[1]

    # -- underneath -------------------------------------------------------------------------------------------------

    def _main(self, main: int | None) -> int | None:
        if main is not None:
            return main
        return next((child.pid for child in reversed(self._children.values()) if child.status is None), None)

    def _spared(self, keep: Iterable[int]) -> frozenset[int]:
        return frozenset((*keep, self._sentinel))

    def _reply(self) -> tuple[Child | None, int]:
        while not self._replies:
            self.listen(1.0)
        return self._replies.pop(0)

    def _hear(self, message: tuple[Any, ...]) -> None:
        kind, pid, *rest = message
        if kind == guardian.EXITED:
            if pid in self._children and self._children[pid].status is None:
                self._children[pid].status = rest[0]
            if pid != self._sentinel:
                self._exits.append((pid, rest[0]))
        elif kind == guardian.STOPPED:
            self._stopped[pid] = rest[0]
        elif kind == guardian.TERMINAL:
            self._pressed.append(rest[0])
        elif kind == guardian.SENTINEL:
            self._replies.append((None, pid))
        else:  # SPAWNED; its end may be the next message, so it is known from here on
            self._replies.append((self._born(pid, rest[1]) if pid else None, rest[0]))

    def _born(self, pid: int, has_handle: bool) -> Child:
        child = Child(self, pid, self._channel.take_fds(1)[0] if has_handle else None)
        self._children = {old.pid: old for old in self._children.values() if old.status is None}
        self._children[pid] = child
        return child

    def _wait_for_any(self, processes: list[Process], timeout_s: float) -> None:
        handles = [handle for process in processes[:64] if (handle := kernel.open_pidfd(process.pid)) is not None]
        try:
            poller = select.poll()
            for handle in (*handles, self._channel.fileno()):
                poller.register(handle, select.POLLIN)
            poller.poll(max(timeout_s, 0.001) * 1000)
        finally:
            for handle in handles:
                os.close(handle)
        self.listen()

    def _lost(self) -> None:
        sweep(os.getpid(), frozenset, _reap_own)
        self.terminal.take_back()
        raise GuardianLost("the guardian process was killed; the program has been ended")


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


def _cannot_run(name: str, failure: int, environ: Mapping[str, str]) -> Exception:
    if failure in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE):
        return InternalError(f"cannot start a process: {os.strerror(failure)}")
    if failure not in (errno.ENOENT, errno.ENOTDIR):
        return CommandNotExecutable(f"{name}: {os.strerror(failure)}")
    for path in candidates(name, environ):
        if Path(path).is_file():
            return CommandNotExecutable(f"{path}: the interpreter in its first line does not exist")
    hint = f" (did you mean: python {name}?)" if name.endswith(".py") and Path(name).is_file() else ""
    return CommandNotFound(f"{name}: command not found{hint}")


def _reap_own() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _readable(fd: int, timeout_s: float) -> bool:
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    return bool(poller.poll(timeout_s * 1000))


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
