"""The agent's end of the channel: what the program's process tells the supervisor, and what it is asked.

Runs in the user's process; it owns one descriptor (numbered high, close-on-exec), the wake signal, and nothing else of
the process. Rules that shape it:

* An audit hook may speak at any moment: in every thread, in a signal handler, in the middle of another ``send``. A lock
  would deadlock in the handler and a re-entrant one would let two lines interleave. So ``send`` only queues the line;
  whoever gets the try-lock writes out the whole queue, and everybody else leaves the line to him.
* The program must never feel us: no exception, no SIGPIPE (Python ignores it, and MSG_NOSIGNAL says so again), no
  endless wait. A supervisor that is gone or stuck makes the link silent.
* The program may close every descriptor and get our number for a file of its own: the descriptor's identity is
  compared before each write.

What the program can notice of the wake signal: ``signal.pause()`` returns, as it does for any signal. All other waits
of Python resume by themselves (PEP 475). A wait inside C code that never runs Python handlers (``signal.sigwait``)
leaves the request unanswered until it ends; the supervisor has a deadline for that.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import sys
import time
from _signal import SIG_DFL, SIG_IGN, getsignal, signal  # type: ignore[import-not-found]  # pyright: ignore
from _socket import AF_UNIX, MSG_NOSIGNAL, SO_SNDBUF, SOCK_STREAM, SOL_SOCKET
from _socket import socket as Socket
from _thread import allocate_lock

from hrsup_agent import wire
from hrsup_agent.hidden import hide
from hrsup_strategies import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from hrsup_agent.wire import Message

    Answer = Callable[[Message], None]

FIRST_DESCRIPTOR = 100  # programs count on the low numbers, and some close "all" of them
CONNECT_TIMEOUT_S = 5.0
SEND_TIMEOUT_S = 10.0

# Private copies: the program may replace the attributes of these modules.
_fstat, _getpid, _getppid, _monotonic = os.fstat, os.getpid, os.getppid, time.monotonic


def connect(path: str, role: str, layer: int | None = None) -> Link:
    """Connect to the supervisor at the Unix socket `path` and say hello as `role` (``main``, ``layer``, ``worker``).

    `layer` is the depth of the layer that this process continues from. Never raises: if nobody listens there, the link
    is silent (`Link.alive` is False).
    """
    link = Link(path)
    link.reconnect(role, layer)
    return link


class Link:
    """One connection. `depth` is added to every message (see docs/internals.md); layers count it up.

    After a fork the child calls `reconnect` or `close` before anything else is sent.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.role = ""
        self.depth: int | None = None
        self.pid = 0
        self.forked = False  # a worker that was forked has what its parent had in memory
        self._socket: Socket | None = None
        self._identity = (0, 0)
        self._answer: Answer | None = None
        self._fresh()

    @property
    def alive(self) -> bool:
        """Is anybody there to hear us, as far as we know?"""
        return self._socket is not None

    def reconnect(self, role: str, layer: int | None = None) -> None:
        """Drop the connection of whoever we were before a fork, and say hello as ourselves. `depth` becomes `layer`,
        unless that is None: a worker observes on behalf of whom it was forked from."""
        self.close()
        self._fresh()
        self.depth = self.depth if layer is None else layer
        self.role, self.pid = role, _getpid()
        self._open()

    def send(self, message: Message) -> None:
        """Tell the supervisor. From any thread, signal handler or audit hook; never raises, in all but a re-entrant
        call the line has been handed over on return."""
        if self._socket is None or _getpid() != self.pid:  # forked unseen, by C code: not our connection
            return
        try:
            line = wire.encode({**message, "depth": self.depth})
        except (TypeError, ValueError, RecursionError):
            return
        self._queue.append(line)
        self._flush()

    def listen(self, answer: Answer) -> None:
        """Call `answer` with each request, on the main thread, when the wake signal comes. Main thread only; a handler
        that the program has there already stays, and the process then never answers."""
        self._answer = answer
        if getsignal(wire.WAKE_SIGNAL) in (SIG_DFL, SIG_IGN, self._on_wake):
            signal(wire.WAKE_SIGNAL, self._on_wake)

    def poll(self) -> None:
        """Hand every request that has arrived to `answer`. Re-entrant: an inner call leaves the work to the outer."""
        self._wanted = True
        while self._wanted and self._polling.acquire(False):
            try:
                self._wanted = False
                for message in self._receive():
                    if self._answer is not None:
                        self._answer(message)
            finally:
                self._polling.release()

    def wait(self, timeout_s: float | None = None) -> list[Message] | None:
        """For layers: block until messages arrive; [] after the timeout, None when the supervisor has gone."""
        connection = self._socket
        if connection is None:
            return None
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN)
        if not poller.poll(None if timeout_s is None else timeout_s * 1000):
            return []
        return self._receive() if self._socket is not None else None

    def fileno(self) -> int:
        """The descriptor, or -1."""
        return -1 if self._socket is None else self._socket.fileno()

    def close(self) -> None:
        """Be silent from now on."""
        connection, self._socket = self._socket, None
        if connection is not None:
            descriptor = connection.detach()
            if self._is_ours(descriptor):
                os.close(descriptor)

    def _fresh(self) -> None:
        self._queue: list[bytes] = []
        self._writing = allocate_lock()
        self._polling = allocate_lock()
        self._wanted = False
        self._lines = wire.LineBuffer()

    def _open(self) -> None:
        try:
            connection = Socket(AF_UNIX, SOCK_STREAM)
            connection.settimeout(CONNECT_TIMEOUT_S)
            connection.connect(self.path)
            connection.setsockopt(SOL_SOCKET, SO_SNDBUF, 1 << 20)
            connection = _moved_high(connection)
            connection.settimeout(0.0)
            status = _fstat(connection.fileno())
        except OSError:
            return
        self._identity = (status.st_dev, status.st_ino)
        self._socket = connection
        self.send(
            {
                "type": "hello",
                "role": self.role,
                "pid": self.pid,
                "ppid": _getppid(),
                "forked": self.forked,
                "layer": self.depth,
                "version": wire.PROTOCOL_VERSION,
                "executable": sys.executable,
                "python": list(sys.version_info[:3]),
            }
        )

    def _flush(self) -> None:
        """Write the queue out, unless somebody else is at it. The queue is looked at again after the lock was given
        back, since a line may have been queued in between by someone who found it taken."""
        queue = self._queue
        while queue and self._writing.acquire(False):
            try:
                while queue and self._socket is not None:
                    # An exception of the program's (Ctrl-C) may leave here. The line then stays and is sent again: to
                    # hear a thing twice does no harm, half a line would.
                    if not self._write(queue[0]):
                        self.close()
                        break
                    del queue[0]
            finally:
                self._writing.release()
            if self._socket is None:
                queue.clear()

    def _write(self, line: bytes) -> bool:
        connection = self._socket
        if connection is None or not self._is_ours(connection.fileno()):
            return False
        sent, deadline = 0, 0.0
        while sent < len(line):
            try:
                sent += connection.send(line[sent:] if sent else line, MSG_NOSIGNAL)
            except BlockingIOError:
                deadline = deadline or _monotonic() + SEND_TIMEOUT_S
                if not _writable(connection.fileno(), deadline):
                    return False
            except OSError:
                return False
        return True

    def _receive(self) -> list[Message]:
        messages: list[Message] = []
        connection = self._socket
        while connection is not None and self._is_ours(connection.fileno()):
            try:
                data = connection.recv(1 << 16)
                messages += self._lines.feed(data)
            except BlockingIOError:
                break
            except (OSError, ValueError):
                data = b""
            if not data:
                self.close()
                break
        return messages

    def _is_ours(self, descriptor: int) -> bool:
        try:
            status = _fstat(descriptor)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._identity

    @hide
    def _on_wake(self, signum: int, frame: FrameType | None) -> None:
        held = signals.hold()
        try:
            self.poll()
        except BaseException as error:  # a Ctrl-C in here is the program's, and happened where we interrupted it
            raise error.with_traceback(None)  # noqa: B904
        finally:
            signals.release(held)


def _moved_high(connection: Socket) -> Socket:
    """The same connection under a number that programs do not use; as it was where there is none."""
    try:
        descriptor = fcntl.fcntl(connection.fileno(), fcntl.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.EMFILE):
            return connection
        raise
    connection.close()
    return Socket(AF_UNIX, SOCK_STREAM, 0, descriptor)


def _writable(descriptor: int, deadline: float) -> bool:
    remaining = deadline - _monotonic()
    if remaining <= 0:
        return False
    poller = select.poll()
    poller.register(descriptor, select.POLLOUT)
    return bool(poller.poll(remaining * 1000))
