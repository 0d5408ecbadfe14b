"""Would a continuation of a fork taken right here be what a cold start is? Runs in the program's main process.

Whatever a fork does not take along, shares, or would leave undone is an obstacle: threads, children, open files,
timers, what was written, what was read from standard input, what was asked of the clock. Text that still waits in the
buffer of standard output is none: the continuation inherits it and writes it itself.
"""

from __future__ import annotations

import posix
import sys
from _signal import (  # type: ignore[import-not-found]
    ITIMER_PROF,
    ITIMER_REAL,
    ITIMER_VIRTUAL,
    SIG_DFL,
    SIG_IGN,
    SIGCHLD,
    getitimer,
    getsignal,
    sigpending,
)
from _thread import _count as thread_count

from hrsup_strategies.checkpoint.codes import CODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from hrsup_strategies.checkpoint.unrepeatable import Search

_OPTIMIZED = 0x1  # CO_OPTIMIZED: the code of a function, not of a module or class body
_HARMLESS = ("/dev/null", "/dev/urandom", "/dev/random", "/dev/zero")
_SEMAPHORE_BYTES = 32  # sizeof(sem_t) in glibc on 64-bit machines
# jemalloc (in pyarrow, so wherever pandas is) ends its background threads in the child itself, by a fork handler.
_HANDLED = frozenset({b"jemalloc_bg_thd\n"})
_TRIED = (b"libgomp", b"libomp", b"libiomp", b"openblas", b"libmkl", b"libblis")


class Obstacle:
    """Why there is no layer here. `lasting`: there will be none later in this process either."""

    __slots__ = ("code", "lasting", "reason")

    def __init__(self, code: str, detail: str | None = None, lasting: bool = False) -> None:
        self.code, self.lasting = code, lasting
        self.reason = CODES[code] + (f" ({detail})" if detail else "")


class Start:
    """What the process was like at its start. `link` gives the number of our own descriptor."""

    def __init__(self, effects: Callable[[], tuple[int, str | None]], link: Callable[[], int]) -> None:
        self._effects, self._link = effects, link
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._descriptors = _descriptors()
        self.again()

    def again(self) -> None:
        """In a continuation: what is counted for each process begins again."""
        self._effect_count = self._effects()[0]
        self._written = _bytes_written() - _semaphore_trials()
        self._stdin_at = _position(0)

    def obstacle(self, search: Search | None = None, next_line: tuple[str, int] | None = None) -> Obstacle | None:
        """The first obstacle. With `search`, the code that ran so far is looked at too. Cheapest checks first."""
        found = (
            self._threads()
            or foreign_threads()
            or self._output()
            or self._children()
            or self._signals()
            or self._open_files()
            or _shared_memory()
        )
        if found is not None or search is None:
            return found
        reached, found = _stack(search)
        return found or _unrepeatable(search, reached, next_line)

    def _threads(self) -> Obstacle | None:
        if thread_count() or len(sys._current_frames()) != 1:
            return Obstacle("HR310")
        return None

    def _output(self) -> Obstacle | None:
        if (sys.stdin, sys.stdout, sys.stderr) != self._streams:
            return Obstacle("HR323")
        if _bytes_written() - _semaphore_trials() != self._written:
            return Obstacle("HR312", lasting=True)
        count, first = self._effects()
        if count != self._effect_count:
            return Obstacle("HR313", first, lasting=True)
        if _position(0) != self._stdin_at:
            return Obstacle("HR318", lasting=True)
        return None

    def _children(self) -> Obstacle | None:
        try:
            posix.waitid(posix.P_ALL, 0, posix.WEXITED | posix.WNOHANG | posix.WNOWAIT)
        except ChildProcessError:
            return None
        return Obstacle("HR311")

    def _signals(self) -> Obstacle | None:
        if getsignal(SIGCHLD) not in (SIG_DFL, SIG_IGN):
            return Obstacle("HR320")
        if sigpending():
            return Obstacle("HR315", "a signal")
        for timer in (ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF):
            if getitimer(timer) != (0.0, 0.0):
                return Obstacle("HR315", "a timer")
        return None

    def _open_files(self) -> Obstacle | None:
        now = _descriptors()
        link = self._link()
        for number, target in now.items():
            if number != link and self._descriptors.get(number) != target and target not in _HARMLESS:
                return Obstacle("HR314", target)
        return None


def _stack(search: Search) -> tuple[dict[str, int], Obstacle | None]:
    """The line that each unfinished module of the program has reached. Only module and class bodies may be running."""
    reached: dict[str, int] = {}
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if search.knows(path) and not frame.f_code.co_flags & _OPTIMIZED:
            reached[path] = max(reached.get(path, 0), frame.f_lineno)
        elif not _is_machinery(frame):
            return reached, Obstacle("HR316", f"{frame.f_code.co_qualname} in {path}")
        frame = frame.f_back
    return reached, None


def _is_machinery(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", ""))
    path = frame.f_code.co_filename
    if name.startswith(("hrsup_agent.", "hrsup_strategies.")):
        return True
    return path.startswith(("<frozen importlib", "<frozen runpy")) or (
        name == "importlib" and path.endswith("__init__.py")
    )


def _unrepeatable(search: Search, reached: dict[str, int], next_line: tuple[str, int] | None) -> Obstacle | None:
    finding = search.find(reached, next_line)
    if finding is None:
        return None
    # Code that has run will have run at every later point too.
    return Obstacle(finding.code, f"{finding.name}, {finding.path}:{finding.line}", lasting=True)


def foreign_threads() -> Obstacle | None:
    """Native threads of which it is not known that a fork of their owner works. OpenBLAS and OpenMP leave theirs
    unnamed (the layer's canary tries them); pools that name theirs (polars, grpc) can be tried by nobody."""
    tasks = posix.listdir("/proc/self/task")
    if len(tasks) == 1:
        return None
    own = _contents("/proc/self/comm")
    names = [_contents(f"/proc/self/task/{task}/comm") for task in tasks]
    for name in names:
        if name != own and name not in _HANDLED:
            return Obstacle("HR319", f"thread {name.decode('utf-8', 'replace').strip()!r}")
    if names.count(own) > 1:
        maps = _contents("/proc/self/maps")
        if not any(library in maps for library in _TRIED):
            return Obstacle("HR319", f"{names.count(own)} native threads")
    return None


def _descriptors() -> dict[int, str]:
    """Every open descriptor with what it is open on. Raises OSError where /proc is missing: then there are no
    layers."""
    found = {}
    for name in posix.listdir("/proc/self/fd"):
        try:
            found[int(name)] = posix.readlink(f"/proc/self/fd/{name}")
        except OSError:  # the one that listdir itself had open
            continue
    return found


def _bytes_written() -> int:
    """What this process has written by write() and its kin so far; what was sent over a socket does not count."""
    for line in _contents("/proc/self/io").splitlines():
        if line.startswith(b"wchar:"):
            return int(line[6:])
    raise OSError("no wchar in /proc/self/io")


def _semaphore_trials() -> int:
    """The bytes that joblib (so scikit-learn) writes when it is imported: it makes a semaphore to see whether it can,
    and the C library creates one by writing it to a file that is removed at once. Nothing remains of it."""
    helpers = sys.modules.get("joblib._multiprocessing_helpers")
    made_one = helpers is not None and helpers.__dict__.get("mp") is not None and "_sem" not in helpers.__dict__
    return _SEMAPHORE_BYTES if made_one else 0


def _shared_memory() -> Obstacle | None:
    for line in _contents("/proc/self/maps").splitlines():
        fields = line.split(None, 5)
        if fields[1].startswith(b"rw") and fields[1].endswith(b"s"):
            return Obstacle("HR321", fields[5].decode("utf-8", "replace") if len(fields) > 5 else None)
    return None


def _contents(path: str) -> bytes:
    """By posix alone: ``open`` would be seen by everybody's audit hooks."""
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        parts: list[Any] = []
        while part := posix.read(descriptor, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    finally:
        posix.close(descriptor)


def _position(descriptor: int) -> int:
    try:
        return posix.lseek(descriptor, 0, 1)  # SEEK_CUR
    except OSError:
        return -1
