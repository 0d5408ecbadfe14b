"""``multiprocessing.Pool``, and how it ends its workers.

Runs in the user's process. Nothing is imported that the program has not imported.
"""

from __future__ import annotations

import sys
import time

from hrsup_strategies.workers.pools import FAILED, FINISHED, ChildrenOnly, NotEnding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.workers.pools import Gate


def multiprocessing_pools(library: Any) -> list[MultiprocessingPool]:
    """Each process pool has a finalizer registered with multiprocessing, which refers to it weakly."""
    registry = sys.modules["multiprocessing.util"]._finalizer_registry
    references = [getattr(finalizer, "_weakref", None) for finalizer in list(registry.values())]
    return [
        MultiprocessingPool(pool, library)
        for pool in (reference() for reference in references if reference is not None)
        if isinstance(pool, library.Pool) and not isinstance(pool, library.ThreadPool) and pool._state == library.RUN
    ]


class MultiprocessingPool(ChildrenOnly):
    """A ``multiprocessing.Pool``. A ``None`` task ends the worker that takes it, and the pool's own thread starts
    another. The sentinels go through the task queue, so they cannot overtake or cut through a task."""

    kind = "multiprocessing.Pool"

    def __init__(self, pool: Any, library: Any) -> None:
        self.subject = self.pool = pool
        self.library = library

    def busy(self) -> int:
        """Jobs, a map counting as one."""
        return len(self.pool._cache) or int(not self.pool._taskqueue.empty())

    def tasks(self) -> list[Any]:
        """The results, each of a task, a map or a lazy map."""
        return list(self.pool._cache.values())

    def fate(self, task: Any) -> str | None:
        """A lazy map (``imap``) has finished once the pool has forgotten it; it says nothing of errors."""
        if task._job in self.pool._cache:
            return None
        return FINISHED if getattr(task, "_success", True) else FAILED

    def submitted(self) -> int:
        """One counter numbers the jobs of all pools; its repr is the one way to look at it without counting on."""
        return int(repr(self.library.job_counter)[6:-1])

    def pids(self) -> list[int]:
        """The pool's present workers."""
        return [process.pid for process in list(self.pool._pool) if process.pid is not None]

    def begins_with(self) -> tuple[Any, ...] | None:
        """The initializer and its arguments."""
        return (self.pool._initializer, *self.pool._initargs)

    def hold(self, gate: Gate) -> None:
        """There is no one method that all tasks go through; `submitted` must do."""

    def release(self) -> None:
        """See `hold`."""

    def replace(self, deadline: float) -> None:
        """Sentinels until no old worker is left in the pool."""
        old = set(self.pids())
        while left := old.intersection(self.pids()):
            # A new worker may be quicker than an old one and take its sentinel, so count and send again.
            self.pool._taskqueue.put(([None] * len(left), None))
            patience = time.monotonic() + 0.25
            while time.monotonic() < patience and old.intersection(self.pids()):
                time.sleep(0.001)
            if time.monotonic() > deadline:
                raise NotEnding("its workers do not end")
        while len(self.pool._pool) < self.pool._processes:  # `Pool.map` divides by their number
            if time.monotonic() > deadline:
                raise NotEnding("no new workers start")
            time.sleep(0.001)
