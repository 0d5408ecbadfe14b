"""The processes below this one: who they are, and whether they have ended.

Runs in the user's process. A pid alone is no identity (it is recycled), so a process that is to be seen ending is held
by a pidfd from before anything is done to it.
"""

from __future__ import annotations

import os
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


own: set[int] = set()  # children that the agent has started for itself; they run no code of the user's


class Watched:
    """Processes whose end is to be proved. Close it, since each holds a descriptor."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._descriptors: dict[int, int] = {}
        for pid in pids:
            try:
                self._descriptors[pid] = os.pidfd_open(pid)
            except ProcessLookupError:
                pass  # has ended already

    @property
    def pids(self) -> list[int]:
        """All that were alive at the start."""
        return sorted(self._descriptors)

    def alive(self) -> list[int]:
        """Those that have not ended yet; a zombie has ended, it runs no code."""
        if not self._descriptors:
            return []
        poll = select.poll()
        for descriptor in self._descriptors.values():
            poll.register(descriptor, select.POLLIN)
        ended = {descriptor for descriptor, _ in poll.poll(0)}
        return sorted(pid for pid, descriptor in self._descriptors.items() if descriptor not in ended)

    def wait(self, deadline: float) -> list[int]:
        """Wait for all of them until the monotonic time `deadline`; those that are still alive then."""
        while alive := self.alive():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return alive
            poll = select.poll()
            poll.register(self._descriptors[alive[0]], select.POLLIN)
            poll.poll(remaining * 1000)
        return []

    def close(self) -> None:
        """Give the descriptors back."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors = {}


def descendants(root: int) -> dict[int, int]:
    """The live processes below `root`: pid -> parent's pid. Raises OSError where there is no /proc."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (parent := _parent(name)) is not None:
            parents[int(name)] = parent
    found: dict[int, int] = {}
    level = [root]
    while level:
        level = [pid for pid, parent in parents.items() if parent in level and pid not in found]
        found.update((pid, parents[pid]) for pid in level)
    return found


def ancestors(pid: int, parents: dict[int, int]) -> set[int]:
    """All processes above this one, as far as `descendants` has found them."""
    found: set[int] = set()
    while (pid := parents.get(pid, 0)) and pid not in found:
        found.add(pid)
    return found


def python_children() -> list[int]:
    """The children of this process that may run Python code of the program's (bookkeeping processes do not)."""
    found: set[int] = set()
    try:
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children", "rb") as file:
                found.update(int(word) for word in file.read().split())
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN, or a thread that has just ended
        found = {pid for pid, parent in descendants(os.getpid()).items() if parent == os.getpid()}
    return sorted(pid for pid in found - trackers() if runs_python(pid)) if found else []


def runs_python(pid: int) -> bool:
    """Is the process an interpreter (ours, or any by name)? What cannot be looked at counts as one."""
    try:
        target = os.readlink(f"/proc/{pid}/exe")
    except FileNotFoundError:
        return False  # it has ended
    except OSError:
        return True
    return target == os.path.realpath(sys.executable) or os.path.basename(target).startswith(("python", "pypy"))


def command_of(pid: int) -> str:
    """What a person would call the process."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read(400).replace(b"\0", b" ").decode("utf-8", "replace").strip()[:120]
    except OSError:
        return "?"


def is_tracker(pid: int) -> bool:
    """Is it a resource tracker, of whichever process?"""
    return "resource_tracker" in command_of(pid)


def trackers() -> set[int]:
    """The helpers of multiprocessing, of every copy of loky and of the agent: they never run user code."""
    found: set[int] = set(own)
    for name in list(sys.modules):
        if name.endswith(("multiprocessing.resource_tracker", "loky.backend.resource_tracker")):
            tracker = getattr(sys.modules.get(name), "_resource_tracker", None)
            found.add(getattr(tracker, "_pid", None) or 0)
    return found - {0}


def _parent(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[1])
