"""Forks that the program does not notice. Runs in the program's process and in layers; owns no state.

What a fork would otherwise show to the program, and what is done about each:

* a child that ``os.wait()`` finds: the snapshot is forked twice, and the one in the middle is reaped at once;
* a signal that interrupts the fork, or is handled twice: every signal is blocked, from before the fork until the
  program goes on (in the snapshot: until it is continued);
* since 3.12, a DeprecationWarning whenever other native threads exist, numpy's for one: with ``-W error`` it would even
  be raised after the fork, with the child's pid lost. `quiet_fork` shows the interpreter another filter for the moment.
"""

from __future__ import annotations

import posix
import sys
from _signal import (  # type: ignore[import-not-found]
    SIG_BLOCK,
    SIG_SETMASK,
    pthread_sigmask,
    sigpending,
    sigwait,
    valid_signals,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def quiet_fork() -> int:
    """``os.fork`` without its warning. Raises OSError if there can be no further process."""
    warnings = sys.modules.get("warnings")
    if sys.version_info < (3, 12) or warnings is None or native_threads() == 1:
        return posix.fork()
    # The C code looks for the filters in sys.modules["warnings"] each time. A copy keeps what hooks may use of it, and
    # the program's own module, its filters and their version are never touched. The registry of warnings already
    # shown is the caller's, that is ours.
    other = type(sys)("warnings")
    other.__dict__.update(warnings.__dict__)
    other.filters = [("ignore", None, Warning, None, 0)]
    sys.modules["warnings"] = other
    try:
        return posix.fork()
    finally:
        sys.modules["warnings"] = warnings


def fork_orphan() -> bool:
    """Fork a process that is nobody's child but the supervisor's; True in it, False in the caller.

    Raises OSError if there can be no further process. The caller must have blocked its signals.
    """
    middle = quiet_fork()
    if middle == 0:
        try:
            pid = quiet_fork()
        except OSError:
            posix._exit(1)
        if pid:
            posix._exit(0)
        return True
    if wait(middle) != 0:
        raise OSError("no further process")
    return False


def wait(pid: int) -> int:
    """The exit status of a child, -n after signal n; 0 if it is not known because the program ignores SIGCHLD."""
    while True:
        try:
            return posix.waitstatus_to_exitcode(posix.waitpid(pid, 0)[1])
        except InterruptedError:
            continue
        except ChildProcessError:
            return 0


def block_signals() -> Iterable[int]:
    """Block every signal; the mask as it was, for `unblock_signals`."""
    mask: Iterable[int] = pthread_sigmask(SIG_BLOCK, valid_signals())
    return mask


def unblock_signals(mask: Iterable[int]) -> None:
    """Put the signal mask back. What arrived in between is delivered now."""
    pthread_sigmask(SIG_SETMASK, mask)


def forget_pending() -> None:
    """What was sent to a process that blocks every signal was not meant for what it is about to become."""
    while pending := sigpending():
        sigwait(pending)


def native_threads() -> int:
    """How many threads this process has, Python's or not."""
    try:
        return len(posix.listdir("/proc/self/task"))
    except OSError:
        return 2  # not known: as if there were others
