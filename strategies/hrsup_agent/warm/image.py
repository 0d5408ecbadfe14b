"""The worker image: imports third-party modules beforehand, and forks workers. Runs in the image, and in each worker
until its own command begins.

The image blocks every signal and is killed by the kernel when its coordinator ends. It speaks to the coordinator over
the socket that it was started with, and tells the supervisor once what it has imported. What a module may not do while
it is imported here is what `checkpoint.preload` says, and nothing of the user's may be imported.
"""

from __future__ import annotations

import gc
import posix
import select
import sys
from _signal import SIG_BLOCK, SIG_SETMASK, pthread_sigmask, valid_signals  # type: ignore[import-not-found]
from time import monotonic, sleep

from hrsup_agent import wire
from hrsup_agent.warm import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from hrsup_agent.agent import Agent
    from hrsup_agent.warm.handover import Parked

ROLE = "image"
_ADOPTION_S = 5.0
_MEMORY_SHARE = 8  # at most this part of the memory that is available
_HIGH = 200  # descriptors wait here until their numbers are free


class _Users(BaseException):
    """An import would have run code of the user's."""


def serve(agent: Agent, words: list[str], descriptor: int) -> list[str]:
    """Be the image of workers that are started with `words`; returns in each worker, with its own words."""
    pthread_sigmask(SIG_BLOCK, valid_signals())
    try:
        return _Image(agent, words, descriptor).serve()
    except BaseException:  # the boundary: an image that is at fault ends, and workers are started as ever
        posix._exit(1)


class _Image:
    def __init__(self, agent: Agent, words: list[str], descriptor: int) -> None:
        from _socket import AF_UNIX, SOCK_SEQPACKET, socket

        self._agent, self._words = agent, words
        self._connection: Any = socket(AF_UNIX, SOCK_SEQPACKET, 0, descriptor)
        self._connection.setblocking(True)
        posix.set_inheritable(descriptor, False)
        self._environment = dict(posix.environ)
        message = wire.decode(kernel.receive(self._connection)[0])
        self._coordinator: int = message["coordinator"]
        self._groups: list[tuple[list[str], list[str], list[str]]] = message["groups"]
        if not kernel.die_with_parent() or posix.getppid() != self._coordinator:
            posix._exit(0)

    def serve(self) -> list[str]:
        """Import, say so, and fork workers for as long as there is a coordinator."""
        from hrsup_strategies.checkpoint import canary

        agent = self._agent
        agent.own_fork = True  # this process's forks are no workers of the program's own making
        files = agent.shared["files"]
        files.enabled = False
        users = _users_code()
        parked, imported, unfit = self._import() if users is None else (None, [], users)
        reason = unfit or _noted(parked) or canary.hazard() or _too_large()
        agent.link.reconnect(ROLE)
        agent.link.send({"type": "image", "modules": imported, "usable": reason is None, "reason": reason})
        if reason is not None or parked is None:
            posix._exit(0)
        parked.park()
        # What a worker's collector does not walk through, it need not copy: its exit takes a quarter of the time.
        gc.collect()
        gc.freeze()
        kernel.send(self._connection, b"ready")
        while True:
            order, descriptors = kernel.receive(self._connection)
            if not order:
                posix._exit(0)
            wanted = wire.decode(order)
            words = self._fork(wanted, descriptors, parked)
            if words is not None:
                pthread_sigmask(SIG_SETMASK, _signals(wanted["mask"]))
                return words

    def _import(self) -> tuple[Parked, list[str], str | None]:
        """All modules, in order; which it were, and what was wrong with the one that ended it."""
        from hrsup_agent.warm.handover import Parked
        from hrsup_strategies.checkpoint import preload

        before, self._agent.before_user_code = self._agent.before_user_code, _refuse
        imported: list[str] = []
        parked = Parked(self._agent)
        host: Any = self._agent  # its table holds functions, which pyright takes for methods
        path, argv = list(sys.path), list(sys.argv)
        for group_path, group_argv, names in self._groups:
            for name in names:
                sys.path[:], sys.argv[:] = group_path, group_argv
                try:
                    parked.add(name, preload.import_groups(host, name), sys.path)
                except BaseException as error:  # the boundary: whatever an import raises, SystemExit included
                    return parked, imported, f"{name}: {type(error).__name__} {error}"[:4000]
                imported.append(name)
        sys.path[:], sys.argv[:] = path, argv
        self._agent.before_user_code = before
        return parked, imported, None

    def _fork(self, order: dict[str, Any], descriptors: list[int], parked: Parked) -> list[str] | None:
        """In the image: None. In the worker: its words."""
        from hrsup_strategies.checkpoint import forking

        middle = forking.quiet_fork()
        if middle:
            for number in descriptors:
                posix.close(number)
            forking.wait(middle)
            return None
        self._connection.close()
        self._agent.link.close()
        if forking.quiet_fork():
            posix._exit(0)
        return self._become_worker(order, descriptors, parked)

    def _become_worker(self, order: dict[str, Any], descriptors: list[int], parked: Parked) -> list[str]:
        numbers = [0, 1, 2, *order["descriptors"]]
        connection, *others = (kernel.moved(number, max(_HIGH, *numbers) + 1) for number in descriptors)
        for waiting, number in zip(others, numbers, strict=True):
            posix.dup2(waiting, number, True)
            posix.close(waiting)
        posix.umask(order["umask"])
        _meet_parent(connection, self._coordinator)
        # The program has a worker now: whatever happens, it has to be one.
        try:
            own = None if parked.is_outdated() else self._begin(order, parked)
        except BaseException:  # the boundary: as if there had been no image
            own = None
        return self._execute(order) if own is None else own

    def _begin(self, order: dict[str, Any], parked: Parked) -> list[str]:
        link, own = _link_and_own(order["words"])
        sys.orig_argv[-len(self._words) :] = own
        _begin_anew(self._agent, link)
        parked.hand_over_on_import()
        return own

    def _execute(self, order: dict[str, Any]) -> NoReturn:
        """Start as ever, as the same process. Nothing has been read yet of what the coordinator sends."""
        pthread_sigmask(SIG_SETMASK, _signals(order["mask"]))
        posix.execve(order["executable"], order["words"], self._environment)


def _refuse(name: str, path: str | None) -> None:
    raise _Users(f"{path or name} is the user's")


def _meet_parent(descriptor: int, coordinator: int) -> None:
    """Tell the coordinator our pid once it is our parent, and wait for its word."""
    from _socket import AF_UNIX, SOCK_SEQPACKET, socket

    connection = socket(AF_UNIX, SOCK_SEQPACKET, 0, descriptor)
    connection.setblocking(True)
    deadline = monotonic() + _ADOPTION_S
    while posix.getppid() != coordinator and monotonic() < deadline:
        sleep(0.0001)
    if posix.getppid() != coordinator:
        posix._exit(1)
    kernel.send(connection, b"%d" % posix.getpid())
    if not select.select([connection], [], [], _ADOPTION_S)[0] or kernel.receive(connection)[0] != b"go":
        posix._exit(1)
    connection.close()


def _link_and_own(words: list[str]) -> tuple[str, list[str]]:
    """LINK and the program's words, of a command with bootstrap.py in it."""
    at = next(at for at, word in enumerate(words) if word.endswith("/hrsup_agent/bootstrap.py"))
    return words[at + 1], words[at + 3 :]


def _begin_anew(agent: Agent, link: str) -> None:
    """What a new process would not have inherited."""
    agent.own_fork = False
    coordinator, _, _ = link.rpartition("::")
    agent.coordinator = coordinator or None
    agent.shared["modules"].begin_anew(agent.coordinator)
    agent.shared["files"].begin_anew()
    for finder in sys.meta_path:
        invalidate = getattr(finder, "invalidate_caches", None)
        if invalidate is not None:
            invalidate()
    logging: Any = sys.modules.get("logging")
    if logging is not None:  # records say how long ago this was
        import time

        logging._startTime = time.time_ns() if isinstance(logging._startTime, int) else time.time()
    agent.link.reconnect(agent.role)


def _signals(bits: int) -> set[int]:
    return {number for number in valid_signals() if bits >> (number - 1) & 1}


def _users_code() -> str | None:
    """Has the start of the interpreter run something of the user's (``sitecustomize``), which may change?"""
    from hrsup_agent.observe import places

    for name, module in list(sys.modules.items()):
        path = getattr(getattr(module, "__spec__", None), "origin", None)
        if isinstance(path, str) and path.startswith("/") and name != "__main__" and places.is_users(path):
            return f"{path} is the user's"
    return None


def _noted(parked: Parked | None) -> str | None:
    name = parked.notes_process() if parked is not None else None
    return None if name is None else f"{name} has noted the number of this process"


def _too_large() -> str | None:
    """Is it more than this machine should keep in memory for a later moment?"""
    own, available = _kilobytes("/proc/self/status", b"VmRSS:"), _kilobytes("/proc/meminfo", b"MemAvailable:")
    if own * _MEMORY_SHARE > available + own:
        return f"the modules take {own // 1024} MB, of {available // 1024} MB available"
    return None


def _kilobytes(path: str, field: bytes) -> int:
    with open(path, "rb") as file:
        return next((int(line.split()[1]) for line in file if line.startswith(field)), 0)
