"""The strategy `execv`: the process replaces itself by a new start of the same command; the pid stays.

`assess` runs in the supervisor. `record` and `perform` run in the program's main process: `record` notes, before any
user code has run, all that survives an ``execve`` and that a program can change; `perform` puts it back and replaces
the process. Nothing is torn down before the last call: descriptors are marked close-on-exec rather than closed, so a
call that fails leaves the program as it was. The evidence is the new agent's ``hello``.
"""

from __future__ import annotations

import posix
import sys
from _signal import (  # type: ignore[import-not-found]
    ITIMER_PROF,
    ITIMER_REAL,
    ITIMER_VIRTUAL,
    SIG_BLOCK,
    SIG_DFL,
    SIG_IGN,
    SIG_SETMASK,
    SIGPIPE,
    SIGXFSZ,
    getsignal,
    pthread_sigmask,
    setitimer,
    signal,
    valid_signals,
)

from hrsup_strategies.base import ENVIRONMENT, FAILED, PROGRAM, REFUSED, Outcome, Plan, Refused
from hrsup_strategies.targets import repeated_s, repeats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from hrsup_strategies.base import Change, Facts, Program

CODES = {
    "HR401": "The program does not run under the agent, so it cannot replace itself.",
    "HR402": "The environment has changed, and a process that replaces itself would keep the old one.",
    "HR403": "The program is not running, so there is no process to replace.",
    "HR404": "What the process was like at its start is not known.",
    "HR405": "A child process of the program is still running and would survive with old code.",
    "HR406": "Standard output could not be flushed.",
    "HR407": "The program has changed something about its process that cannot be put back.",
    "HR408": "The system refused to replace the process.",
}

_TIMERS = (ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF)
_FD_CLOEXEC, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL = 1, 1, 2, 3, 4


class Execv:
    """See the module."""

    name = "execv"

    def assess(self, change: Change, facts: Facts) -> Plan | Refused:
        """Possible while the program runs under the agent, unless its environment has changed."""
        if not facts.agent:
            return Refused("HR401", CODES["HR401"])
        if not facts.running:
            return Refused("HR403", CODES["HR403"])
        for file in change.files:
            if file.kind == ENVIRONMENT:
                return Refused("HR402", CODES["HR402"], file.path)
        return Plan(self.name, PROGRAM, detail={"end_children": True}, notes=repeats(repeated_s(facts)))

    def perform(self, plan: Plan, program: Program) -> Outcome:
        """Replace the process; returns only if that was not possible. On the main thread, after the supervisor has
        ended the program's children and pools."""
        if _start is None:
            return Outcome(REFUSED, "HR404", CODES["HR404"])
        if not _reap_children():
            return Outcome(REFUSED, "HR405", CODES["HR405"])
        obstacle = _start.obstacle()
        if obstacle is not None:
            return Outcome(REFUSED, "HR407", f"{CODES['HR407']} ({obstacle})")
        try:
            _flush()
        except Exception as error:  # the boundary: any writer may stand in for standard output, and fail in any way
            return Outcome(FAILED, "HR406", f"{CODES['HR406']} ({type(error).__name__}: {error})")
        try:
            _start.replace_process()
        except OSError as error:
            return Outcome(FAILED, "HR408", f"{CODES['HR408']} ({error})")
        raise AssertionError("a process that was replaced went on")

    def cancel(self, program: Program) -> None:
        """Nothing is ever prepared."""


def record() -> None:
    """Note what the process is like. Call it first of all, before ``sys.orig_argv`` is put right and user code runs."""
    global _start
    _start = Start()


def is_recorded() -> bool:
    """Is it known what the process was like at its start?"""
    return _start is not None


def start_again() -> NoReturn:
    """Replace this process by a new start of its command, whatever runs in it. Raises OSError if that fails."""
    if _start is None:
        raise OSError(CODES["HR404"])
    _start.replace_process()


class Start:
    """What the process was like when it began."""

    def __init__(self) -> None:
        self.executable = sys.executable
        self.argv = list(sys.orig_argv)
        self.environment = dict(posix.environ)
        self.folder = _folder()
        self.umask = posix.umask(0o077)
        posix.umask(self.umask)
        self.ignored = {number for number in valid_signals() if getsignal(number) == SIG_IGN}
        self.mask = pthread_sigmask(SIG_BLOCK, ())
        self.limits = _limits()
        self.niceness = posix.getpriority(posix.PRIO_PROCESS, 0)
        self.affinity = posix.sched_getaffinity(0) if hasattr(posix, "sched_getaffinity") else None
        self.descriptors = _descriptors()
        self.streams = {number: (_identity(number), _flags(number)) for number in (0, 1, 2)}
        self.identity = _who()

    def obstacle(self) -> str | None:
        """What could not be put back, in words. Touches nothing."""
        if not posix.access(self.executable, posix.X_OK):
            return f"{self.executable} cannot be executed"
        if _who() != self.identity:
            return "its user, group, session or process group"
        for number, (identity, _) in self.streams.items():
            if _identity(number) != identity:
                return f"descriptor {number} is open on something else"
        if self.folder is not None and not posix.access(self.folder, posix.X_OK):
            return f"its folder {self.folder} is gone"
        return None if posix.geteuid() == 0 else self._limit_obstacle()

    def _limit_obstacle(self) -> str | None:
        """What only a superuser could put back."""
        if posix.getpriority(posix.PRIO_PROCESS, 0) > self.niceness:
            return "its priority"
        if _limits() != self.limits:
            now = _parse_limits(_limits())
            for number, (_, hard) in _parse_limits(self.limits).items():
                if now[number][1] != hard:
                    return "its resource limits"
        return None

    def replace_process(self) -> NoReturn:
        """Put everything back and call ``execve``. Raises OSError if that fails, with everything as it was before."""
        undo: list[Callable[[], object]] = []
        mask = pthread_sigmask(SIG_BLOCK, valid_signals())  # no handler of the program's may run from here on
        try:
            self._put_place_back(undo)
            self._put_limits_back(undo)
            self._put_descriptors_back(undo)
            self._put_signals_back(undo)
            pthread_sigmask(SIG_SETMASK, self.mask)
            posix.execve(self.executable, self.argv, self.environment)
        except BaseException:
            pthread_sigmask(SIG_BLOCK, valid_signals())
            for step in reversed(undo):
                step()
            pthread_sigmask(SIG_SETMASK, mask)
            raise

    def _put_place_back(self, undo: list[Callable[[], object]]) -> None:
        umask = posix.umask(self.umask)
        undo.append(lambda: posix.umask(umask))
        folder = _folder()
        if self.folder is not None and folder != self.folder:
            posix.chdir(self.folder)
            if folder is not None:
                undo.append(lambda: posix.chdir(folder))

    def _put_limits_back(self, undo: list[Callable[[], object]]) -> None:
        if self.affinity is not None:
            affinity = posix.sched_getaffinity(0)
            posix.sched_setaffinity(0, self.affinity)
            undo.append(lambda: posix.sched_setaffinity(0, affinity))
        niceness = posix.getpriority(posix.PRIO_PROCESS, 0)
        if niceness != self.niceness:
            posix.setpriority(posix.PRIO_PROCESS, 0, self.niceness)
            undo.append(lambda: posix.setpriority(posix.PRIO_PROCESS, 0, niceness))
        limits = _limits()
        if limits != self.limits:
            _set_limits(self.limits)
            undo.append(lambda: _set_limits(limits))

    def _put_descriptors_back(self, undo: list[Callable[[], object]]) -> None:
        """Those that were not there at the start are closed by ``execve``, so that they stay open if it fails."""
        for number in _descriptors() - self.descriptors:
            flags = _fcntl(number, _F_GETFD, 0)
            _fcntl(number, _F_SETFD, _FD_CLOEXEC)
            undo.append(lambda number=number, flags=flags: _fcntl(number, _F_SETFD, flags))  # type: ignore[misc]
        for number, (_, wanted) in self.streams.items():
            now = _flags(number)
            if wanted is not None and now is not None and now != wanted:
                _fcntl(number, _F_SETFL, wanted)
                undo.append(lambda number=number, now=now: _fcntl(number, _F_SETFL, now))  # type: ignore[misc]

    def _put_signals_back(self, undo: list[Callable[[], object]]) -> None:
        """Handlers become the default by themselves; what is ignored stays so. Python ignores SIGPIPE and SIGXFSZ
        itself, each time it starts, so they were not ignored before."""
        ignored = self.ignored - {SIGPIPE, SIGXFSZ}
        for number in valid_signals():
            handler = getsignal(number)
            if number in ignored or handler == SIG_IGN:
                signal(number, SIG_IGN if number in ignored else SIG_DFL)
                if handler is not None:
                    undo.append(lambda number=number, handler=handler: signal(number, handler))  # type: ignore[misc]
        for timer in _TIMERS:
            before = setitimer(timer, 0.0)
            undo.append(lambda timer=timer, before=before: setitimer(timer, *before))  # type: ignore[misc]


_start: Start | None = None


def _reap_children() -> bool:
    """Take in children that have ended; False if one is still running."""
    while True:
        try:
            if posix.waitpid(-1, posix.WNOHANG) == (0, 0):
                return False
        except ChildProcessError:
            return True


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None and not stream.closed:
            stream.flush()


def _folder() -> str | None:
    try:
        return posix.getcwd()
    except OSError:
        return None


def _who() -> tuple[Any, ...]:
    return posix.getresuid(), posix.getresgid(), posix.getgroups(), posix.getsid(0), posix.getpgid(0)


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = posix.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _flags(descriptor: int) -> int | None:
    try:
        return _fcntl(descriptor, _F_GETFL, 0)
    except OSError:
        return None


def _fcntl(descriptor: int, command: int, argument: int) -> int:
    from fcntl import fcntl

    return fcntl(descriptor, command, argument)


def _descriptors() -> set[int]:
    found = set()
    for name in posix.listdir("/proc/self/fd"):
        number = int(name)
        if _identity(number) is not None:  # not the one that listdir itself had open
            found.add(number)
    return found


def _limits() -> bytes:
    """As text, since `resource` would cost a further library at every start."""
    descriptor = posix.open("/proc/self/limits", posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        return posix.read(descriptor, 1 << 16)
    finally:
        posix.close(descriptor)


# How a line of /proc/self/limits begins, and the name of the limit.
_LIMITS = {
    b"Max cpu time": "CPU",
    b"Max file size": "FSIZE",
    b"Max data size": "DATA",
    b"Max stack size": "STACK",
    b"Max core file size": "CORE",
    b"Max resident set": "RSS",
    b"Max processes": "NPROC",
    b"Max open files": "NOFILE",
    b"Max locked memory": "MEMLOCK",
    b"Max address space": "AS",
    b"Max pending signals": "SIGPENDING",
    b"Max msgqueue size": "MSGQUEUE",
    b"Max nice priority": "NICE",
    b"Max realtime priority": "RTPRIO",
    b"Max realtime timeout": "RTTIME",
}


def _set_limits(text: bytes) -> None:
    import resource

    for number, pair in _parse_limits(text).items():
        resource.setrlimit(number, pair)


def _parse_limits(text: bytes) -> dict[int, tuple[int, int]]:
    """Soft and hard limit by number. Lines have a column of 26 characters for the name, then the two."""
    import resource

    found = {}
    for line in text.splitlines()[1:]:
        number = getattr(resource, "RLIMIT_" + _LIMITS.get(line[:26].strip(), "?"), None)
        if number is not None:
            words = line[26:].split()[:2]
            soft, hard = (resource.RLIM_INFINITY if word == b"unlimited" else int(word) for word in words)
            found[number] = (soft, hard)
    return found
