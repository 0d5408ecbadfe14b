"""The worker pools of this process, found as the live objects that they are.

Runs in the user's process. Nothing is imported that the program has not imported. Every pool offers the same few verbs:

    busy()       tasks that have no result yet
    tasks()      these tasks, as the program's objects: futures, results of a multiprocessing.Pool
    fate(task)   what has become of one: finished, failed (it raised), cancelled; None while it has no result
    submitted()  a number that changes with every task; equal before and after means that none came in between
    pids()       the processes that take tasks now
    hold(gate)   until release(), threads that hand in tasks wait at the gate, where the pool has a place for one
    replace()    end every present worker in the pool's own way; the pool object stays valid, new workers start when
                 tasks come (multiprocessing.Pool: at once)

How a worker is ended decides whether the object survives. A killed worker breaks every executor for good, and may take
a queue's lock with it, so nobody is killed here.
"""

from __future__ import annotations

import sys
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class WorkerPool(Protocol):
        """One pool, as the module says above."""

        kind: str
        subject: Any  # the program's object

        def busy(self) -> int:
            """How many tasks have no result yet."""
            ...

        def tasks(self) -> list[Any]:
            """The futures, or whatever the pool has in their place, of these tasks."""
            ...

        def fate(self, task: Any) -> str | None:
            """What has become of one of them: one of FATES, or None while it has no result."""
            ...

        def submitted(self) -> int:
            """A number that changes with every task."""
            ...

        def pids(self) -> list[int]:
            """The processes that take tasks now."""
            ...

        def hold(self, gate: Gate) -> None:
            """Have other threads wait at the gate with their tasks."""

        def release(self) -> None:
            """Take that back."""

        def replace(self, deadline: float) -> None:
            """End the present workers before this monotonic time, or raise NotEnding."""


FATES = FINISHED, FAILED, CANCELLED = "finished", "failed", "cancelled"


class NotEnding(Exception):
    """A pool did not let go of its workers before the deadline."""


class Gate:
    """Where other threads wait with their tasks while workers are replaced."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._keeper = threading.get_ident()

    def open(self) -> None:
        """Let everybody pass."""
        self._open.set()

    def passing(self, submit: Callable[..., Any]) -> Callable[..., Any]:
        """`submit`, but that it waits. The keeper itself and a pool's own threads (they run callbacks that hand in
        follow-up tasks, and would wait for themselves) pass at once; `submitted` tells of them."""

        def submit_at_gate(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._keeper and not _is_pool_thread(threading.current_thread()):
                self._open.wait()
            return submit(*args, **kwargs)

        return submit_at_gate


class _Executor:
    """What executors of concurrent.futures and of loky have in common."""

    def __init__(self, executor: Any, library: Any) -> None:
        self.subject = self.executor = executor
        self.library = library  # the module that defines it

    def busy(self) -> int:
        return len(self.executor._pending_work_items)

    def tasks(self) -> list[Any]:
        """The futures."""
        return [item.future for item in list(self.executor._pending_work_items.values())]

    def fate(self, task: Any) -> str | None:
        """As the future says it."""
        if not task.done():
            return None
        if task.cancelled():
            return CANCELLED
        return FINISHED if task.exception() is None else FAILED

    def submitted(self) -> int:
        count: int = self.executor._queue_count
        return count

    def pids(self) -> list[int]:
        return list(self.executor._processes or ())

    def hold(self, gate: Gate) -> None:
        self.executor.submit = gate.passing(self.executor.submit)

    def release(self) -> None:
        self.executor.__dict__.pop("submit", None)


class LokyPool(_Executor):
    """An executor of loky or of a vendored copy. A ``None`` on the call queue ends one worker cleanly, as a resize
    does; the manager thread forgets it, and the next submit starts as many as are missing."""

    kind = "loky"

    def replace(self, deadline: float) -> None:
        """A sentinel for each worker, then wait until the manager has buried them all."""
        executor = self.executor
        queue = executor._call_queue
        lock = executor._processes_management_lock
        if not lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise NotEnding("its workers are being started or ended elsewhere")
        try:  # under the lock no worker leaves because of its idle timeout, which would leave one sentinel over
            for _ in range(len(executor._processes)):
                queue.put(None)
        finally:
            lock.release()
        while executor._processes and not executor._flags.broken:
            if time.monotonic() > deadline:
                raise NotEnding("its workers do not end")
            time.sleep(0.001)
        while queue.qsize() > 0:  # a sentinel whose worker had timed out just before
            queue.get(timeout=max(0.001, deadline - time.monotonic()))
        # Tasks that come while the manager still buries a worker would make it warn of an unexpected death.
        while not _waits(executor._executor_manager_thread) and time.monotonic() < deadline:
            time.sleep(0.001)


class FuturesPool(_Executor):
    """A ``concurrent.futures.ProcessPoolExecutor``. Its manager takes the clean end of a single worker for a fault, so
    the executor is shut down as the library does it, and then made anew *in the same object*: whoever holds it can go
    on using it."""

    kind = "concurrent.futures"

    def replace(self, deadline: float) -> None:
        """Shut down, wait, and initialise anew. The ``__init__`` of a subclass is not run again."""
        executor, base = self.executor, self.library.ProcessPoolExecutor
        manager = executor._executor_manager_thread
        gate = executor.__dict__.get("submit")
        base.shutdown(executor, wait=False)
        if manager is not None:
            manager.join(max(0.0, deadline - time.monotonic()))
            if manager.is_alive():
                raise NotEnding("its workers do not end")
        base.__init__(
            executor,
            max_workers=executor._max_workers,
            mp_context=executor._mp_context,
            initializer=executor._initializer,
            initargs=executor._initargs,
            max_tasks_per_child=executor._max_tasks_per_child,
        )
        if gate is not None:
            executor.submit = gate


class MultiprocessingPool:
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


def find_pools() -> list[WorkerPool]:
    """The pools of this process that have workers, or had. Shut-down and broken executors are left out: they take no
    task (what is left of their workers is found among the child processes)."""
    pools: list[WorkerPool] = []
    for name in list(sys.modules):
        if name == "concurrent.futures.process" or name.endswith("loky.process_executor"):
            pools += _executors(sys.modules.get(name))
    if (library := sys.modules.get("multiprocessing.pool")) is not None:
        pools += [MultiprocessingPool(pool, library) for pool in _multiprocessing_pools(library)]
    return pools


def live_pools() -> list[Any]:
    """The program's own pool objects."""
    return [pool.subject for pool in find_pools()]


def _executors(library: Any) -> list[WorkerPool]:
    """Each running manager thread is listed by its library, for the exit of the interpreter, and knows its executor."""
    found: list[WorkerPool] = []
    for thread in list(getattr(library, "_threads_wakeups", ())):
        executor = thread.executor_reference()
        if executor is None:
            continue
        flags = getattr(executor, "_flags", None)
        if flags is not None:
            if not (flags.broken or flags.shutdown):
                found.append(LokyPool(executor, library))
        elif not (executor._broken or executor._shutdown_thread):
            found.append(FuturesPool(executor, library))
    return found


def _multiprocessing_pools(library: Any) -> list[Any]:
    """Each process pool has a finalizer registered with multiprocessing, which refers to it weakly."""
    registry = sys.modules["multiprocessing.util"]._finalizer_registry
    references = [getattr(finalizer, "_weakref", None) for finalizer in list(registry.values())]
    return [
        pool
        for pool in (reference() for reference in references if reference is not None)
        if isinstance(pool, library.Pool) and not isinstance(pool, library.ThreadPool) and pool._state == library.RUN
    ]


def _waits(manager: threading.Thread | None) -> bool:
    """Is an executor's manager thread back at the place where it waits for news?"""
    frame = sys._current_frames().get(getattr(manager, "ident", None) or 0)
    while frame is not None:
        if frame.f_code.co_name == "wait_result_broken_or_wakeup":
            return True
        frame = frame.f_back
    return manager is None or not manager.is_alive()


def _is_pool_thread(thread: threading.Thread) -> bool:
    return type(thread).__name__ == "_ExecutorManagerThread" or thread.name.startswith("QueueFeederThread")
