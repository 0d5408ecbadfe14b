"""The coordinator's end: starts the worker image, asks it for workers, ends it. Runs in the program's main process.

`Keeper.start_worker` is called in the place of ``fork_exec``, from whatever thread starts a worker. A pool waits for
its workers by pid, so a fork of the image has to become the *coordinator's* child. The kernel gives an orphan to the
nearest of its ancestors that is a subreaper. The coordinator is one for the few milliseconds in which the process
between image and worker ends; the worker goes on only when both have seen that it has the right parent.

The image is the coordinator's child as well, since it has to be below it for that. A program that waits for *any* child
could see it end, as it could see multiprocessing's resource tracker, which is there as soon as a pool starts workers.
"""

from __future__ import annotations

import os
import posix
import select
from _signal import SIGKILL  # type: ignore[import-not-found]
from _thread import allocate_lock
from time import monotonic

from hrsup_agent import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from hrsup_agent.agent import Agent
    from hrsup_agent.warm.terms import Terms

_ANSWER_S = 5.0  # a fork takes milliseconds, on a machine that is not very busy
_BUSY_S = 0.2
_REMEMBERED = 16  # starts of workers
_getpid, _waitpid, _kill = posix.getpid, posix.waitpid, posix.kill


class Keeper:
    """Of this process; forks begin anew. `command` gives the words of a worker under the agent for those of a pool,
    with the given LINK."""

    def __init__(self, agent: Agent, command: Callable[[Sequence[Any], str], Sequence[Any]]) -> None:
        self._agent, self._command = agent, command
        self._fork_exec: Any = None
        self._starts: dict[int, tuple[Sequence[Any], Terms]] = {}
        self._image: _Image | None = None
        self._lock = allocate_lock()

    @property
    def has_image(self) -> bool:
        """Is there one, ready or not?"""
        return self._image is not None

    def forget(self) -> None:
        """In a fork: what was there is the other process's."""
        if self._image is not None:
            self._image.connection.close()
        self._starts, self._image = {}, None
        self._lock = allocate_lock()

    def start_worker(self, fork_exec: Any, arguments: Sequence[Any], link: str) -> int:
        """The pid of a new worker. Raises what `fork_exec` raises."""
        self._fork_exec = fork_exec
        terms = self._terms(arguments)
        pid = self._fork(terms, arguments, link) if terms is not None and self._image is not None else None
        if pid is None:
            pid = int(fork_exec(self._command(arguments[0], link), *arguments[1:]))
        if terms is not None:
            while len(self._starts) >= _REMEMBERED:
                self._starts.pop(next(iter(self._starts)), None)
            self._starts[pid] = arguments, terms
        return pid

    def start_image(self, like: int, groups: list[Any]) -> str | None:
        """Start an image for workers that are started like the worker `like`, with these modules imported: a list of
        sys.path, sys.argv and names. Returns why not, or None. On the main thread."""
        arguments, terms = self._starts.get(like, (None, None))
        if arguments is None or terms is None:
            return "it is not known how that worker was started"
        if not self._lock.acquire(False):
            return "a worker is being started"
        try:
            self._drop()
            if self._terms(arguments) != terms:
                return "workers would be started differently now"
            self._image = _start(self._fork_exec, self._command, self._agent.address or "", arguments, terms, groups)
        except OSError as error:
            return str(error)
        finally:
            self._lock.release()
        return None

    def drop(self) -> None:
        """End the image, if there is one: what it has imported may not be what new workers will."""
        image = self._image
        if image is None:
            return
        image.dropped = True  # whoever has the lock may be the very thread that we interrupt
        if self._lock.acquire(True, _BUSY_S):
            try:
                self._drop()
            finally:
                self._lock.release()

    def _drop(self) -> None:
        image, self._image = self._image, None
        if image is not None:
            image.end()

    def _terms(self, arguments: Sequence[Any]) -> Terms | None:
        from hrsup_agent.warm import terms

        try:
            return terms.terms(arguments)
        except (OSError, ValueError, TypeError):  # a folder that is gone, a closed stream, arguments of another version
            return None

    def _fork(self, terms: Terms, arguments: Sequence[Any], link: str) -> int | None:
        if not self._lock.acquire(True, _BUSY_S):
            return None
        try:
            image = self._image
            if image is not None and image.dropped:
                self._drop()
                return None
            if image is None or terms != image.terms or not image.is_ready():
                return None
            return image.fork(self._command(arguments[0], link), arguments)
        except Exception:  # the boundary: with an image that is at fault, workers are started as ever
            self._drop()
            return None
        finally:
            self._lock.release()


class _Image:
    """The image as its coordinator knows it."""

    def __init__(self, pid: int, connection: Any, terms: Terms) -> None:
        self.pid, self.connection, self.terms = pid, connection, terms
        self.dropped = False
        self._ready = False

    def is_ready(self) -> bool:
        """Has it imported all it was told to? Raises OSError if it has ended."""
        from hrsup_agent.warm import kernel

        if not self._ready and _readable(self.connection, 0.0):
            data, _ = kernel.receive(self.connection)
            if not data:
                raise OSError("the image has ended")
            self._ready = True
        return self._ready

    def fork(self, command: Sequence[Any], arguments: Sequence[Any]) -> int:
        """The pid of a worker that was forked from the image. Raises OSError."""
        from hrsup_agent.warm import kernel, terms

        mask, umask = terms.mask_and_umask()
        passed = tuple(arguments[terms.PASS_FDS])
        if len(passed) > kernel.MAX_DESCRIPTORS - 4:
            raise OSError("too many descriptors")
        order = {
            "words": [os.fsdecode(word) for word in command],
            "executable": os.fsdecode(self.terms.executables[0]),
            "mask": mask,
            "umask": umask,
            "descriptors": passed,
        }
        ours, its = kernel.pair()
        try:
            before = kernel.adopt_orphans(True)
            try:
                kernel.send(self.connection, wire.encode(order), (its.fileno(), 0, 1, 2, *passed))
                its.close()
                pid = _answer(ours)
            finally:
                kernel.adopt_orphans(before)
            _let_go(ours, pid)
        finally:
            ours.close()
            its.close()
        return pid

    def end(self) -> None:
        """End it, and take in its end, before the program can hear of it."""
        from hrsup_strategies.checkpoint import forking
        from hrsup_strategies.workers import processes

        mask = forking.block_signals()
        try:
            self.connection.close()
            try:
                _kill(self.pid, SIGKILL)  # not waited for yet, so the pid is still its own
                _waitpid(self.pid, 0)
            except OSError:  # the program has waited for it
                pass
        finally:
            processes.own.discard(self.pid)
            forking.unblock_signals(mask)


def _answer(connection: Any) -> int:
    """What the new worker says: its pid. Raises OSError if it does not, or is not our child."""
    from hrsup_agent.warm import kernel

    if not _readable(connection, _ANSWER_S):
        raise OSError("the image does not answer")
    data, _ = kernel.receive(connection)
    pid = int(data or b"0")
    if not pid:
        raise OSError("the image could not fork")
    posix.waitid(posix.P_PID, pid, posix.WEXITED | posix.WNOHANG | posix.WNOWAIT)  # ChildProcessError: not our child
    return pid


def _let_go(connection: Any, pid: int) -> None:
    """The worker may begin. Raises OSError if it cannot hear, with nothing left of it."""
    from hrsup_agent.warm import kernel

    try:
        kernel.send(connection, b"go")
    except OSError:
        _kill(pid, SIGKILL)
        _waitpid(pid, 0)
        raise


def _start(
    fork_exec: Any,
    command: Callable[[Sequence[Any], str], Sequence[Any]],
    address: str,
    arguments: Sequence[Any],
    terms: Terms,
    groups: list[Any],
) -> _Image:
    from hrsup_agent.warm import kernel
    from hrsup_agent.warm.terms import ERRPIPE_READ, ERRPIPE_WRITE, PASS_FDS
    from hrsup_strategies.workers import processes

    ours, its = kernel.pair()
    reading, writing = os.pipe()
    try:
        call = list(arguments)
        call[0] = command(arguments[0], f"{wire.IMAGE}{its.fileno()}:{address}")
        call[PASS_FDS], call[ERRPIPE_READ], call[ERRPIPE_WRITE] = (its.fileno(),), reading, writing
        kernel.send(ours, wire.encode({"coordinator": _getpid(), "groups": groups}))
        pid = int(fork_exec(*call))
    except BaseException:
        ours.close()
        raise
    finally:
        its.close()
        posix.close(reading)
        posix.close(writing)
    processes.own.add(pid)
    return _Image(pid, ours, terms)


def _readable(connection: Any, timeout_s: float) -> bool:
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    deadline = monotonic() + timeout_s
    while not (found := poller.poll(max(0.0, deadline - monotonic()) * 1000)):
        if monotonic() >= deadline:
            return False
    return bool(found)
