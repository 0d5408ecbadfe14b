"""The guardian: a small process between the supervisor and the program, so that neither's death leaves anything behind.

    supervisor ── guardian (subreaper) ── program, layers, whatever they orphan

Only an ancestor can know every descendant of the program for certain, those that called ``setsid``, forked twice and
cleared their environment included. So the guardian is that ancestor: it starts the program at the supervisor's request,
adopts and reaps all orphans, and reports what happened. When the supervisor dies in whatever way, the channel ends, and
the guardian kills all that is below it. When the guardian is killed, the supervisor, itself a subreaper, does the same.

The guardian is forked from the supervisor before there are threads, holds none of the program's standard streams (they
come over the channel with each order), ignores every signal that people send, and sits in a process group of its own.

While the program has the terminal, a *sentinel* sits in the program's process group and does nothing but report the
signals that the terminal sends there: the supervisor, in the background then, would not hear of a Ctrl-C.
"""

from __future__ import annotations

import errno
import os
import select
from contextlib import suppress

from hrsup.lean import signal
from hrsup.process import kernel
from hrsup.process.channel import Channel
from hrsup.process.launch import Inheritance, Order, launch, open_fds
from hrsup.process.shared import Shared, remove
from hrsup.process.sweep import sweep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

# To the supervisor.
SPAWNED, EXITED, STOPPED, TERMINAL, SENTINEL = "spawned", "exited", "stopped", "terminal", "sentinel"
ALONE = "alone"  # there is no process below the guardian any more; true until the next SPAWNED
# To the guardian.
SPAWN, WATCH_GROUP, TIDY = "spawn", "watch_group", "tidy"

_REPORTED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP)
_DISMISS = max(signal.valid_signals())  # of pending signals, the lowest comes first: what is to be reported is, then
_DISMISS_TIMEOUT_MS = 5000
_SI_KERNEL = 0x80


def guard(channel: Channel, inheritance: Inheritance) -> NoReturn:
    """Be the guardian, in a fresh fork, until the channel ends; then kill what is left, and exit."""
    status = 1
    try:
        _Guardian(channel, inheritance).run()
        status = 0
    finally:
        os._exit(status)


class _Guardian:
    def __init__(self, channel: Channel, inheritance: Inheritance) -> None:
        self._channel, self._inheritance = channel, inheritance
        self._sentinel: tuple[int, int] | None = None  # its pid, and the pipe it reports on
        self._folder: str | None = None  # the supervisor's own, which it removes if it ends as it should
        self._is_alone = self._said_alone = True  # it has no child, and the supervisor knows
        os.setpgid(0, 0)
        self._wakeup, writer = os.pipe()
        os.set_blocking(writer, False)
        os.set_blocking(self._wakeup, False)
        _ignore_people()
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        _hold_only({channel.fileno(), self._wakeup, writer, *inheritance.fds})
        kernel.become_subreaper()

    def run(self) -> None:
        """Serve until the supervisor is gone."""
        with suppress(EOFError, OSError):
            while True:
                self._serve()
        self._reap()
        if not self._is_alone:
            shared = Shared()
            sweep(os.getpid(), frozenset, self._reap, shared.note, deadline_s=10.0)
            shared.unlink_left()
        if self._folder is not None:
            remove(self._folder)

    def _serve(self) -> None:
        poller = select.poll()
        poller.register(self._channel.fileno(), select.POLLIN | (select.POLLOUT if self._channel.pending else 0))
        poller.register(self._wakeup, select.POLLIN)
        if self._sentinel is not None:
            poller.register(self._sentinel[1], select.POLLIN)
        poller.poll()
        self._channel.flush()
        with suppress(BlockingIOError):
            os.read(self._wakeup, 4096)
        self._listen_to_sentinel()
        for pid, status in self._reap():
            is_stop = status >= _STOP
            self._channel.post((STOPPED if is_stop else EXITED, pid, status - _STOP if is_stop else status))
        if self._is_alone and not self._said_alone:
            self._said_alone = True
            self._channel.post((ALONE, 0))
        for message in self._channel.receive():
            if message[0] == SPAWN:
                self._spawn(*message[1:])
            elif message[0] == WATCH_GROUP:
                self._watch_group(message[1])
            elif message[0] == TIDY:
                self._folder = message[1]

    def _spawn(
        self, argv: tuple[str, ...], env: dict[str, str], cwd: str | None, terminal: bool, has: tuple[bool, ...]
    ) -> None:
        given = iter(self._channel.take_fds(sum(has)))
        stdio = tuple(next(given) if present else None for present in has)
        try:
            pid, failure = launch(Order(argv, env, cwd, terminal, (stdio[0], stdio[1], stdio[2])), self._inheritance)
        except OSError as error:  # no process or no descriptor left
            pid, failure = 0, error.errno or errno.EAGAIN
        for fd in stdio:
            if fd is not None:
                os.close(fd)
        handle = kernel.open_pidfd(pid) if pid else None  # before anybody can reap it
        self._said_alone = False
        self._channel.send((SPAWNED, pid, failure, handle is not None), () if handle is None else (handle,))
        if handle is not None:
            os.close(handle)

    def _watch_group(self, group: int) -> None:
        """Put the sentinel into a process group; 0: into none."""
        if self._sentinel is not None:
            self._dismiss(*self._sentinel)
        if group:
            self._sentinel = _fork_sentinel(group)
            self._said_alone = False
        self._channel.post((SENTINEL, self._sentinel[0] if self._sentinel else 0))

    def _dismiss(self, pid: int, reader: int) -> None:
        """End the sentinel, and hear what it has to say before: a Ctrl-C that has ended the program may have come just
        now."""
        poller = select.poll()
        poller.register(reader, select.POLLIN)
        with suppress(ProcessLookupError):  # not reaped yet, so the pid is still its own
            os.kill(pid, _DISMISS)
            os.kill(pid, signal.SIGCONT)  # the program may have stopped all of its group
            while self._sentinel is not None and poller.poll(_DISMISS_TIMEOUT_MS):
                self._listen_to_sentinel()
            os.kill(pid, signal.SIGKILL)
        if self._sentinel is not None:
            os.close(reader)
            self._sentinel = None

    def _listen_to_sentinel(self) -> None:
        if self._sentinel is None:
            return
        with suppress(BlockingIOError):
            signals = os.read(self._sentinel[1], 512)
            for signum in signals:
                self._channel.post((TERMINAL, 0, signum))
            if not signals:  # the program killed its own group
                os.close(self._sentinel[1])
                self._sentinel = None

    def _reap(self) -> list[tuple[int, int]]:
        """All children that have ended or stopped: their status, or `_STOP` plus the signal that stopped them.

        Whoever is below us descends from a child of ours, or has become one; so when there is none, nothing is left.
        """
        found: list[tuple[int, int]] = []
        self._is_alone = False
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
                if pid == 0:
                    break
                stopped = os.WIFSTOPPED(status)
                found.append((pid, _STOP + os.WSTOPSIG(status) if stopped else os.waitstatus_to_exitcode(status)))
        except ChildProcessError:
            self._is_alone = True
        return found


_STOP = 1000


def _fork_sentinel(group: int) -> tuple[int, int] | None:
    guardian = os.getpid()
    reader, writer = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # from its first moment on, none is lost
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, group)
            for signum in _REPORTED:  # what is ignored would not stay pending
                signal.signal(signum, signal.SIG_DFL)
            _hold_only({writer})
            kernel.die_with_parent(guardian)
            _report_signals(lambda signum: os.write(writer, bytes((signum,))))
        finally:
            os._exit(1)
    with suppress(OSError):  # the group, or the sentinel itself, may be gone
        os.setpgid(pid, group)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(writer)
    os.set_blocking(reader, False)
    return pid, reader


def _report_signals(report: Callable[[int], Any]) -> None:
    """Until it is dismissed."""
    awaited = (*_REPORTED, _DISMISS)
    while True:
        if hasattr(signal, "sigwaitinfo"):
            info = signal.sigwaitinfo(awaited)
            signum = info.si_signo
            is_told = info.si_code == _SI_KERNEL  # by the terminal; the program may signal its own group as it likes
        else:
            signum, is_told = signal.sigwait(awaited), True
        if signum == _DISMISS:
            return
        if is_told:
            report(signum)


def _ignore_people() -> None:
    kept = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
    for signum in signal.valid_signals() - kept:
        with suppress(OSError, ValueError):
            signal.signal(signum, signal.SIG_IGN)


def _hold_only(kept: set[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd, inheritable=True)
    for fd in open_fds():
        if fd > 2 and fd not in kept:
            with suppress(OSError):
                os.close(fd)
