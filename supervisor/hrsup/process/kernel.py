"""What only the kernel can say or do about processes: who descends from whom, subreaping, signals without pid reuse.

Runs in the supervisor and in its guardian; owns nothing. Linux first; elsewhere ``psutil`` is asked, and what does not
exist (subreapers, pidfds) is left out.
"""

from __future__ import annotations

import os
import select
import sys
import time

from hrsup.lean import NamedTuple, signal

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_HAS_PROC = sys.platform == "linux"
_QUIET_TRIES = 3


class Process(NamedTuple):
    """One process as the kernel sees it. `started` (clock ticks since boot) tells it from a later owner of its pid."""

    pid: int
    ppid: int
    group: int
    state: str
    started: int
    name: str

    @property
    def stopped(self) -> bool:
        """Has a stop signal halted it?"""
        return self.state in "Tt"


def become_subreaper() -> bool:
    """Adopt what our descendants orphan; False where the system has no such thing. Not inherited by fork or exec."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Have the kernel SIGKILL this process when `parent` ends; cleared by fork, kept over exec."""
    if _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL)) and os.getppid() != parent:
        os._exit(127)


def _prctl(option: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    # The program waits for this, and `ctypes` takes 3 ms more to import than the C module below it.
    import _ctypes

    call = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")  # type: ignore[arg-type]  # pyright: ignore
    return bool(_ctypes.call_cdeclfunction(call, (option, value, 0, 0, 0)) == 0)


def descendants(root: int, spare: frozenset[int] = frozenset()) -> list[Process]:
    """The living processes below `root`, parents first; those in `spare` are left out, their own descendants are not.

    Zombies are dead. A process that moves to another parent while we look may be missed: ask again, or ask `census`.
    """
    if not _HAS_PROC:
        return _descendants_by_psutil(root, spare)
    found: list[Process] = []
    queue = [root]
    seen = {root}
    for parent in queue:
        for pid in _children(parent):
            if pid in seen:
                continue
            seen.add(pid)
            queue.append(pid)
            process = None if pid in spare else read_process(pid)
            if process is not None:
                found.append(process)
    return found


def census(root: int, spare: frozenset[int] = frozenset()) -> list[Process]:
    """Like `descendants`, from one pass over every process of the machine: slower, and right when many are moving."""
    if not _HAS_PROC:
        return _descendants_by_psutil(root, spare)
    parents: dict[int, int] = {}
    alive: dict[int, Process] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - hot, and only the names are wanted
        if name.isdigit() and (entry := _stat(int(name))) is not None:
            process, dead = entry
            parents[process.pid] = process.ppid
            if not dead:
                alive[process.pid] = process
    below = {root}
    size = 0
    while len(below) != size:
        size = len(below)
        below.update(pid for pid, ppid in parents.items() if ppid in below)
    return [process for pid, process in alive.items() if pid in below and pid != root and pid not in spare]


def has_none(root: int, spare: frozenset[int]) -> bool:
    """Is there nobody below `root` but `spare`? False if that takes a `census` to tell.

    It is told by two walks over their children alone, zombies included, in which no process of the machine has come or
    gone: so none can have moved from one that was not yet looked at to one that had been.
    """
    if not _HAS_PROC:
        return False
    parents = {root, *spare} - {0}
    for _ in range(_QUIET_TRIES):
        before = _turnover()
        if any(child not in spare for _ in range(2) for parent in parents for child in _children(parent)):
            return False
        if before is not None and before == _turnover():
            return True
    return False


def read_process(pid: int) -> Process | None:
    """What is known of a living process; None if it is gone or a zombie."""
    if not _HAS_PROC:
        return _read_by_psutil(pid)
    entry = _stat(pid)
    return None if entry is None or entry[1] else entry[0]


def send(process: Process, signum: int) -> bool:
    """Signal exactly this process, never a later owner of its pid; False if it is gone or may not be signalled."""
    handle = open_pidfd(process.pid)
    try:
        current = read_process(process.pid)
        if current is None or current.started != process.started:
            return False
        if handle is None:
            os.kill(process.pid, signum)
        else:
            signal.pidfd_send_signal(handle, signum)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def open_pidfd(pid: int) -> int | None:
    """A handle on a process; None if it is gone or the system has no such handles."""
    try:
        return os.pidfd_open(pid)
    except (OSError, AttributeError):
        return None


def wait(pid: int, timeout_s: float) -> None:
    """Until the process has ended, or so long."""
    handle = open_pidfd(pid)
    if handle is None:
        time.sleep(min(timeout_s, 0.001))
        return
    try:
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        poller.poll(timeout_s * 1000)
    finally:
        os.close(handle)


def command_line(pid: int) -> list[bytes]:
    """The words that the process was started with; none if it is gone, or cannot be looked at."""
    if not _HAS_PROC:
        return _command_line_by_psutil(pid)
    try:
        with open(f"/proc/{pid}/cmdline", "rb", buffering=0) as file:  # noqa: PTH123
            return file.readall().split(b"\0")
    except OSError:
        return []


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            with open(f"/proc/{pid}/task/{thread}/children", "rb", buffering=0) as file:  # noqa: PTH123
                found += map(int, file.readall().split())
    except FileNotFoundError:
        if not os.access("/proc/thread-self/children", os.R_OK):  # a kernel without CONFIG_PROC_CHILDREN
            return [process.pid for process in census(pid) if process.ppid == pid]
    except (ProcessLookupError, PermissionError):
        pass
    return found


def _turnover() -> tuple[bytes, bytes] | None:
    """How many threads the machine has, and the number that was last given to one."""
    try:
        with open("/proc/loadavg", "rb", buffering=0) as file:  # noqa: PTH123
            *_, threads, last = file.readall().split()
    except (OSError, ValueError):
        return None
    return threads.partition(b"/")[2], last


def _stat(pid: int) -> tuple[Process, bool] | None:
    """The process, and whether it is dead: a zombie whose other threads still run is not."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # noqa: PTH123
            data = file.readall()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    head, _, tail = data.rpartition(b")")
    fields = tail.split()
    if len(fields) < 20:
        return None
    name = head.partition(b"(")[2].decode(errors="replace")
    state = fields[0].decode()
    dead = state in "XxZ" and int(fields[17]) <= 1
    return Process(pid, int(fields[1]), int(fields[2]), state, int(fields[19]), name), dead


def _descendants_by_psutil(root: int, spare: frozenset[int]) -> list[Process]:
    import psutil

    try:
        below = psutil.Process(root).children(recursive=True)
    except psutil.Error:
        return []
    found = [_read_by_psutil(process.pid) for process in below if process.pid not in spare]
    return [process for process in found if process is not None]


def _command_line_by_psutil(pid: int) -> list[bytes]:
    import psutil

    try:
        return [os.fsencode(word) for word in psutil.Process(pid).cmdline()]
    except psutil.Error:
        return []


def _read_by_psutil(pid: int) -> Process | None:
    import psutil

    try:
        process = psutil.Process(pid)
        status = process.status()
        if status == psutil.STATUS_ZOMBIE:
            return None
        state = "T" if status == psutil.STATUS_STOPPED else "D" if status == psutil.STATUS_DISK_SLEEP else "S"
        started = int(process.create_time() * 1000)
        return Process(pid, process.ppid(), os.getpgid(pid), state, started, process.name())
    except (psutil.Error, OSError):
        return None


def out_of_memory_kills() -> int:
    """How many processes the kernel has killed for want of memory since it was started; 0 where it does not say."""
    try:
        with open("/proc/vmstat", "rb") as counters:  # noqa: PTH123
            return next((int(line.split()[1]) for line in counters if line.startswith(b"oom_kill ")), 0)
    except OSError:
        return 0


def bytes_written(pid: int) -> int | None:
    """How many bytes of files the process has written, with its children that have ended and that it has waited for;
    pipes and terminals left out. None where it is not known."""
    return _bytes_written(f"/proc/{pid}/io")


def bytes_written_by_threads(pid: int) -> int:
    """How many of these its living threads have written; 0 where it is not known."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return 0
    return sum(_bytes_written(f"/proc/{pid}/task/{thread}/io") or 0 for thread in threads)


def _bytes_written(counters_path: str) -> int | None:
    try:
        with open(counters_path, "rb") as counters:  # noqa: PTH123
            return next((int(line.split()[1]) for line in counters if line.startswith(b"write_bytes:")), None)
    except OSError:
        return None
