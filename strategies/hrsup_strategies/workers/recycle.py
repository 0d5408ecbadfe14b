"""Replacing every worker that may hold old code: prepare, commit, release.

Runs in the user's process, in its main thread, at a safe point (no task is handed in from a half-executed loop body).
`Recycling` owns the gates at the executors and the pidfds of the old workers.

    prepare()   all pools idle, nothing else that could hold old code: or a refusal, with nothing touched
    ...         the coordinator's own modules are brought up to date
    commit()    the old workers are ended, and seen to have ended; what can be asked of new ones is asked
    release()   other threads may hand in tasks again (always call it)

A task that slips in between prepare and commit would be run by an old worker; it cannot be prevented for every pool,
but it is noticed, and the commit then fails, so that the program is restarted.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter

from hrsup_strategies.base import Refused
from hrsup_strategies.workers.finding import find_pools
from hrsup_strategies.workers.keeping import Keeping
from hrsup_strategies.workers.pools import FATES, Gate, NotEnding
from hrsup_strategies.workers.processes import (
    Watched,
    ancestors,
    command_of,
    descendants,
    is_tracker,
    runs_python,
    trackers,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_strategies.workers.pools import WorkerPool

END_S = 5.0  # how long workers may take to end


class Recycling:
    """One change's replacement of the workers of all pools but those that `keeping` covers."""

    def __init__(
        self,
        drain_s: float,
        loaded: Callable[[], dict[str, str]],
        discarded: Callable[[], set[int]],
        keeping: Keeping | None = None,
    ) -> None:
        """`loaded`: the versions of the program's modules by name, right now; `discarded` as in `pools`."""
        self.pools: list[WorkerPool] = []
        self.replaced: list[WorkerPool] = []
        self.evidence: dict[str, Any] = {}
        self._drain_s, self._loaded, self._discarded = drain_s, loaded, discarded
        self._keeping = keeping or Keeping(())
        self._gate: Gate | None = None
        self._watched = Watched(())
        self._submitted: list[int] = []

    def settle(self) -> Refused | None:
        """Find the pools and let their tasks finish; no thread can hand in others until `release`."""
        self.pools = find_pools()
        self._gate = Gate()
        for pool in self.pools:
            pool.hold(self._gate)
        return self._drain()

    def prepare(self) -> Refused | None:
        """The same, and make sure that no other process can hold old code."""
        if refused := _cannot_replace() or self.settle():
            return refused
        names = sorted(self._loaded())
        below = descendants(os.getpid())
        self.replaced = [pool for pool in self.pools if not self._keeping.covers(pool, below)]
        for pool in self.replaced:
            if refused := pool.inspect(names, self._discarded):
                return refused
        self._submitted = [pool.submitted() for pool in self.pools]
        return self._watch(below)

    def commit(self) -> Refused | None:
        """End the old workers. A refusal here means *failed*: some worker may still hold old code."""
        if self._disturbed():
            return _DISTURBED
        deadline = time.monotonic() + END_S
        for pool in self.replaced:
            try:
                pool.replace(deadline)
            except NotEnding as error:
                return Refused("HR208", f"{_name(pool)}: {error}")
        if alive := self._watched.wait(deadline):
            return Refused("HR208", f"old workers did not end: {_pids(alive)}")
        modules = self._loaded()
        for pool in self.replaced:
            if refused := pool.verify(modules):
                return refused
        self.evidence["workers_ended"] = self._watched.pids
        self.evidence["pools"] = [pool.kind for pool in self.replaced]
        if kept := [pid for pool in self.pools if pool not in self.replaced for pid in pool.pids()]:
            self.evidence["workers_kept"] = sorted(kept)
        return None

    def release(self) -> None:
        """Open the gates and give back what is held. May be called more than once."""
        for pool in self.pools:
            pool.release()
        if self._gate is not None:
            self._gate.open()
        self._watched.close()

    def _drain(self) -> Refused | None:
        fates = Counter(pool.fate(task) for pool, task in self._wait_for_tasks())
        self.evidence["tasks_waited_for"] = {fate: fates[fate] for fate in FATES}
        busy = [pool for pool in self.pools if pool.busy()]
        if not busy:
            return None
        unfinished = sum(pool.busy() for pool in busy)
        ended = "".join(f", {fates[fate]} {fate}" for fate in FATES if fates[fate])
        reason = f"{unfinished} tasks unfinished after {self._drain_s:g} s{ended}"
        return Refused("HR202", f"{_name(busy[0])}: {reason}")

    def _wait_for_tasks(self) -> list[tuple[WorkerPool, Any]]:
        """Until there are none, or the deadline; all that were waited for, follow-up tasks included."""
        deadline = time.monotonic() + self._drain_s
        tasks: dict[int, tuple[WorkerPool, Any]] = {}
        before: list[int] = []
        while True:
            submitted = [pool.submitted() for pool in self.pools]
            if submitted != before:
                tasks |= {id(task): (pool, task) for pool in self.pools for task in pool.tasks()}
                before = submitted
            # An executor forgets a task just before the future has its result.
            over = not any(pool.busy() for pool in self.pools) and all(pool.fate(task) for pool, task in tasks.values())
            if over or time.monotonic() > deadline:
                return list(tasks.values())
            time.sleep(0.001)

    def _watch(self, below: dict[int, int]) -> Refused | None:
        workers = {pid for pool in self.pools for pid in pool.pids()}
        replaced = {pid for pool in self.replaced for pid in pool.pids()}
        spared = trackers() | {_forkserver_pid()}
        old = set(replaced)
        for pid in below:
            if pid in spared or pid in workers or not runs_python(pid):
                continue
            if not workers.intersection(ancestors(pid, below)):
                return Refused("HR204", f"process {pid} is no pool worker and may hold old code: {command_of(pid)}")
            if replaced.intersection(ancestors(pid, below)) and not is_tracker(pid):
                old.add(pid)  # a worker of a worker
        self._watched = Watched(old)
        return None

    def _disturbed(self) -> bool:
        changed = [pool.submitted() for pool in self.pools] != self._submitted
        return changed or any(pool.busy() for pool in self.pools)


_DISTURBED = Refused("HR207", "a task was handed to the pool while the code was changing")


def _cannot_replace() -> Refused | None:
    if not hasattr(os, "pidfd_open") or not os.path.isdir("/proc/self"):
        return Refused("HR206", "this system has no pidfd, so the end of a worker cannot be proved")
    if _forkserver_pid() and _forkserver_has_preloaded():
        return Refused("HR205", "the fork server has preloaded modules, and would give old code to new workers")
    return None


def _forkserver() -> Any:
    return getattr(sys.modules.get("multiprocessing.forkserver"), "_forkserver", None)


def _forkserver_pid() -> int:
    return getattr(_forkserver(), "_forkserver_pid", None) or 0


def _forkserver_has_preloaded() -> bool:
    # "__main__" is always in the list; before 3.14 a bug kept the server from importing it.
    return bool(set(_forkserver()._preload_modules) - {"__main__"}) or sys.version_info >= (3, 14)


def _name(pool: WorkerPool) -> str:
    return f"{pool.kind} pool of {len(pool.pids())} workers"


def _pids(pids: list[int]) -> str:
    return ", ".join(str(pid) for pid in pids)
