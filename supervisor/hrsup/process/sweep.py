"""Killing a whole tree for certain: freeze to a fixed point, kill, look again until a census finds nobody.

Runs in the supervisor (at the end of a stop) and in the guardian (when the supervisor has died). Killing alone races
with processes that fork meanwhile; a process with SIGSTOP pending cannot complete a fork (the kernel restarts the
call), so once a round finds nobody new, nobody new can come.
"""

from __future__ import annotations

import time

from hrsup.lean import signal
from hrsup.process import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def sweep(
    root: int,
    spare: Callable[[], frozenset[int]],
    between: Callable[[], object],
    deadline_s: float = 5.0,
) -> tuple[set[int], list[int]]:
    """Kill all below `root` but `spare()`. Returns the pids that were killed, and those that would not die in time.

    `between` is called between rounds: whoever adopts the orphans must reap them there.
    """
    deadline = time.monotonic() + deadline_s
    killed: set[int] = set()
    pause_s = 0.0005
    while True:
        frozen = _freeze(root, spare, between, deadline)
        for process in frozen:
            if kernel.send(process, signal.SIGKILL):
                killed.add(process.pid)
        between()
        left = kernel.census(root, spare())
        if not left:
            return killed, []
        if time.monotonic() > deadline:
            return killed, sorted(process.pid for process in left)
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, 0.02)


def _freeze(
    root: int, spare: Callable[[], frozenset[int]], between: Callable[[], object], deadline: float
) -> list[kernel.Process]:
    frozen: dict[tuple[int, int], kernel.Process] = {}
    while True:
        new = [process for process in kernel.descendants(root, spare()) if (process.pid, process.started) not in frozen]
        for process in new:
            kernel.send(process, signal.SIGSTOP)
            frozen[process.pid, process.started] = process
        between()
        if not new or time.monotonic() > deadline:
            return list(frozen.values())
