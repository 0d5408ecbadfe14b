"""Does what the process has loaded survive a fork? Asked of a fork that may crash or hang. Runs in layers.

Counting native threads is not the test: numpy, pandas and scikit-learn start some and are fine. But once a process has
*run* an OpenMP region, its forks crash at their own first one. So a child is forked that uses locks, logging, BLAS and
every OpenMP runtime there is, as the continuation would; it must come back alive within the deadline.
"""

from __future__ import annotations

import posix
import select
import sys
from _signal import SIGKILL  # type: ignore[import-not-found]

from hrsup_strategies.checkpoint import forking
from hrsup_strategies.checkpoint.codes import CODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DEADLINE_S = 3.0  # on a busy machine a thread may wait long for its turn; nobody waits for the answer
_OPENMP = ("libgomp", "libomp", "libiomp")


def hazard(deadline_s: float = DEADLINE_S) -> str | None:
    """Why a fork of this process must not be trusted; None if it may."""
    openmp = openmp_libraries()
    if not openmp and not _loaded("numpy") and not _loaded("logging"):
        return None
    status = ended_within(lambda: _exercise(openmp), deadline_s)
    if status == 0:
        return None
    how = "hung" if status is None else f"ended with {status}" if status > 0 else f"was ended by signal {-status}"
    return f"{CODES['HR319']} (a trial {how})"


def ended_within(work: Callable[[], object], deadline_s: float) -> int | None:
    """The exit status of a fork that does `work` (1: it raised; -n: signal n), or None if it had to be killed."""
    pid = forking.quiet_fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            posix._exit(1)
        posix._exit(0)
    descriptor = posix.pidfd_open(pid)
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    in_time = bool(poller.poll(deadline_s * 1000))
    posix.close(descriptor)
    if not in_time:
        posix.kill(pid, SIGKILL)
    status = forking.wait(pid)
    return status if in_time else None


def openmp_libraries() -> list[str]:
    """The paths of the OpenMP runtimes that are mapped into this process."""
    found = set()
    with open("/proc/self/maps", "rb") as maps:
        for line in maps:
            path = line.rstrip().split(None, 5)[-1].decode("utf-8", "surrogateescape")
            if path.rpartition("/")[2].startswith(_OPENMP):
                found.add(path)
    return sorted(found)


def _exercise(openmp: list[str]) -> None:
    """In the trial process. A crash must leave no core and no word on the program's standard error."""
    silence()
    bytearray(1 << 20)
    _start_thread()
    logging = _loaded("logging")
    if logging is not None:
        logging.getLogger("hrsup").isEnabledFor(10)
        for reference in list(getattr(logging, "_handlerList", ())):
            handler = reference()
            if handler is not None and getattr(handler, "lock", None) is not None:
                handler.acquire()
                handler.release()
    numpy = _loaded("numpy")
    if numpy is not None:
        square = numpy.ones((200, 200))
        numpy.dot(square, square)
        scipy = _loaded("scipy.linalg._fblas")  # it brings a BLAS of its own
        if scipy is not None:
            scipy.dgemm(1.0, square, square)
    for path in openmp:
        _run_region(path)


def _start_thread() -> None:
    import _thread

    done = _thread.allocate_lock()
    done.acquire()
    _thread.start_new_thread(done.release, ())
    done.acquire()


def _run_region(path: str) -> None:
    """A parallel region of at least two threads, whose body is a function of the C library's that ignores its
    argument."""
    import ctypes

    library = ctypes.CDLL(path)
    body = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
    library.GOMP_parallel(body, None, max(2, library.omp_get_max_threads()), 0)


def silence() -> None:
    """Send this process's output nowhere, and keep it from leaving a core."""
    nowhere = posix.open("/dev/null", posix.O_RDWR)
    for descriptor in (0, 1, 2):
        posix.dup2(nowhere, descriptor)
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass


def _loaded(name: str) -> Any:
    """A module that has been imported to its end, or None."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    return None if module is None or getattr(spec, "_initializing", False) else module
