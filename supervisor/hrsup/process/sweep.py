"""Killing a whole tree for certain: freeze to a fixed point, kill, look again until a census finds nobody.

Runs in the supervisor (at the end of a stop) and in the guardian (when the supervisor has died). Killing alone races
with processes that fork meanwhile; a process with SIGSTOP pending cannot complete a fork (the kernel restarts the
call), so once a round finds nobody new, nobody new can come.

Resource trackers come last. They run no code of the program's; each ends by itself, and unlinks the semaphores and
folders in /dev/shm that were entrusted to it, as soon as the last process that holds its pipe has ended. So they are
not signalled at all, and killed only if they are still there long after everybody else.
"""

from __future__ import annotations

import time
from itertools import pairwise

from hrsup.lean import signal
from hrsup.process import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Look = Callable[[int, frozenset[int]], list[kernel.Process]]

TRACKERS_S = 30.0
_TRACKER = b"resource_tracker import main"
_TICK_S = 0.02


def sweep(
    root: int,
    spare: Callable[[], frozenset[int]],
    between: Callable[[], object],
    note: Callable[[int], object] = lambda pid: None,
    deadline_s: float = 5.0,
    trackers_s: float = TRACKERS_S,
) -> tuple[set[int], list[int]]:
    """Kill all below `root` but `spare()`. Returns the pids that were killed, and those that would not die in time.

    `between` is called between rounds: whoever adopts the orphans must reap them there; `note` with the pid
    of each process that is halted, before it is killed. Resource trackers have `trackers_s` after the last other
    process.
    """
    killed, left = _kill_all(lambda look: _without_trackers(look(root, spare())), between, note, deadline_s)
    deadline = time.monotonic() + trackers_s
    while not left and time.monotonic() < deadline and (trackers := kernel.census(root, spare())):
        kernel.wait(trackers[0].pid, _TICK_S)
        between()
    more, left = _kill_all(lambda look: look(root, spare()), between, note, deadline_s)
    return killed | more, left


def is_tracker(pid: int) -> bool:
    """Is this the resource tracker of multiprocessing, or of a copy of loky?"""
    return any(flag == b"-c" and _TRACKER in code for flag, code in pairwise(kernel.command_line(pid)))


def _without_trackers(processes: list[kernel.Process]) -> list[kernel.Process]:
    return [process for process in processes if not is_tracker(process.pid)]


def _kill_all(
    find: Callable[[Look], list[kernel.Process]],
    between: Callable[[], object],
    note: Callable[[int], object],
    deadline_s: float,
) -> tuple[set[int], list[int]]:
    deadline = time.monotonic() + deadline_s
    killed: set[int] = set()
    pause_s = 0.0005
    while True:
        frozen = _freeze(find, between, note, deadline)
        for process in frozen:
            if kernel.send(process, signal.SIGKILL):
                killed.add(process.pid)
        between()
        left = find(kernel.census)
        if not left:
            return killed, []
        if time.monotonic() > deadline:
            return killed, sorted(process.pid for process in left)
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, 0.02)


def _freeze(
    find: Callable[[Look], list[kernel.Process]],
    between: Callable[[], object],
    note: Callable[[int], object],
    deadline: float,
) -> list[kernel.Process]:
    frozen: dict[tuple[int, int], kernel.Process] = {}
    while True:
        new = [process for process in find(kernel.descendants) if (process.pid, process.started) not in frozen]
        for process in new:
            kernel.send(process, signal.SIGSTOP)
            frozen[process.pid, process.started] = process
            note(process.pid)
        between()
        if not new or time.monotonic() > deadline:
            return list(frozen.values())
