"""The supervisor's contact with its guardian: orders out, news in; and `Child`, what is known of a started command.

Runs in the supervisor; owns the channel, the guardian's pid and the news that nobody has asked for yet.
"""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress

from hrsup.errors import GuardianLost
from hrsup.lean import NamedTuple, signal
from hrsup.process import guardian, kernel
from hrsup.process.channel import pair
from hrsup.process.launch import Inheritance
from hrsup.process.sweep import sweep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STATUS_TIMEOUT_S = 2.0
_TICK_S = 0.02


class Child:
    """The process that a `spawn` has started. It may go in a selector: readable once it has ended."""

    def __init__(self, contact: Contact, pid: int, handle: int | None) -> None:
        self.pid = pid
        self.status: int | None = None
        self._contact = contact
        self._handle = handle
        self._fileno = os.dup(contact.fileno()) if handle is None else handle

    def fileno(self) -> int:
        """A pidfd; where there are none, a descriptor that is readable whenever there is news of any process."""
        return self._fileno

    def poll(self) -> int | None:
        """The exit status, or -n if signal n ended it; None while it runs."""
        if self.status is None:
            self._contact.listen()
        if self.status is None and self._handle is not None and readable(self._handle, 0):
            deadline = time.monotonic() + _STATUS_TIMEOUT_S
            while self.status is None and time.monotonic() < deadline:  # it is dead: the news is on its way
                self._contact.listen(_TICK_S)
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
        """Give the descriptor back, as happens anyway when the last reference goes; out of the selector before."""
        if self._fileno >= 0:
            os.close(self._fileno)
        self._fileno, self._handle = -1, None

    def __del__(self) -> None:
        self.close()


class Launch(NamedTuple):
    """What became of an order to start a command: the child, or the errno that it failed with."""

    child: Child | None
    failure: int


class Contact:
    """`exits`, `pressed` and `stopped` hold the news: statuses by pid, terminal signals, stop signals by pid."""

    def __init__(self) -> None:
        """Fork the guardian."""
        inheritance = Inheritance.capture()
        self._channel, its = pair()
        self.guardian = os.fork()
        if self.guardian == 0:
            guardian.guard(its, inheritance)
        its.close()
        self.children: dict[int, Child] = {}
        self.sentinel = 0
        self.exits: list[tuple[int, int]] = []
        self.pressed: list[int] = []
        self.stopped: dict[int, int] = {}
        self.is_alone = True  # is there certainly no process of the program?
        self._launched: list[Launch] = []
        self._sentinels: list[int] = []

    def fileno(self) -> int:
        """Readable when there is news."""
        return self._channel.fileno()

    def close(self) -> None:
        """End the guardian, which ends everything; returns when it is gone."""
        self._channel.close()
        with suppress(ChildProcessError):
            os.waitpid(self.guardian, 0)
        for child in self.children.values():
            child.close()

    def spawn(self, argv: tuple[str, ...], environ: dict[str, str], cwd: str | None, terminal: bool) -> Launch:
        """Have a command started with our standard streams; returns when exec has succeeded or failed."""
        stdio = tuple(fd for fd in (0, 1, 2) if _is_open(fd))
        self._send((guardian.SPAWN, argv, environ, cwd, terminal, tuple(fd in stdio for fd in (0, 1, 2))), stdio)
        while not self._launched:
            self.listen(1.0)
        return self._launched.pop()

    def watch_group(self, group: int) -> None:
        """Put the sentinel into a process group; 0: into none."""
        self._send((guardian.WATCH_GROUP, group))
        while not self._sentinels:
            self.listen(1.0)
        self.sentinel = self._sentinels.pop()

    def tidy(self, folder: str) -> None:
        """Have this folder removed should we be killed: when the program has been ended."""
        self._send((guardian.TIDY, folder))

    def listen(self, timeout_s: float = 0.0) -> None:
        """Take in what the guardian says. Raises GuardianLost, after having killed the program, if it is gone."""
        if timeout_s and not readable(self._channel.fileno(), timeout_s):
            return
        try:
            messages = self._channel.receive()
        except EOFError:
            raise self._lost() from None
        for message in messages:
            self._hear(*message)

    def _hear(self, kind: str, pid: int, number: int = 0, has_handle: bool = False) -> None:
        if kind == guardian.EXITED:
            child = self.children.get(pid)
            if child is not None and child.status is None:
                child.status = number
            if pid != self.sentinel:
                self.exits.append((pid, number))
        elif kind == guardian.STOPPED:
            self.stopped[pid] = number
        elif kind == guardian.TERMINAL:
            self.pressed.append(number)
        elif kind == guardian.SENTINEL:
            self._sentinels.append(pid)
            self.is_alone = self.is_alone and not pid
        elif kind == guardian.ALONE:
            self.is_alone = True
        else:  # SPAWNED; its end may be the next message, so it is known from here on
            self.is_alone = False
            self._launched.append(Launch(self._born(pid, has_handle) if pid else None, number))

    def _born(self, pid: int, has_handle: bool) -> Child:
        child = Child(self, pid, self._channel.take_fds(1)[0] if has_handle else None)
        self.children = {old.pid: old for old in self.children.values() if old.status is None}
        self.children[pid] = child
        return child

    def _send(self, message: tuple[Any, ...], fds: tuple[int, ...] = ()) -> None:
        try:
            self._channel.send(message, fds)
        except OSError:
            raise self._lost() from None

    def _lost(self) -> GuardianLost:
        sweep(os.getpid(), frozenset, _reap_own)
        return GuardianLost("the guardian process was killed; the program has been ended")


def wait_for_any(processes: list[kernel.Process], contact: Contact, timeout_s: float) -> None:
    """Wait until one of the processes ends or there is news, and take it in."""
    handles = [handle for process in processes[:64] if (handle := kernel.open_pidfd(process.pid)) is not None]
    try:
        readable((*handles, contact.fileno()), max(timeout_s, 0.001))
    finally:
        for handle in handles:
            os.close(handle)
    contact.listen()


def readable(fds: int | tuple[int, ...], timeout_s: float) -> bool:
    """Is one of them readable, or does it become so in time?"""
    poller = select.poll()
    for fd in (fds,) if isinstance(fds, int) else fds:
        poller.register(fd, select.POLLIN)
    return bool(poller.poll(timeout_s * 1000))


def _reap_own() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
