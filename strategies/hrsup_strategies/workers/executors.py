"""Executors of concurrent.futures, of loky, and of joblib's copy of loky, and how each ends its workers.

Runs in the user's process. Nothing is imported that the program has not imported.
"""

from __future__ import annotations

import sys
import time

from hrsup_strategies.workers.pools import CANCELLED, FAILED, FINISHED, ChildrenOnly, NotEnding

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from typing import Any

    from hrsup_strategies.workers.pools import Gate, WorkerPool


def executors(library: Any) -> list[WorkerPool]:
    """The executors that `library` (the module that defines them) has made and that take tasks. Shut-down and broken
    ones are left out: what is left of their workers is found among the child processes.

    Each running manager thread is listed by its library, for the exit of the interpreter, and knows its executor.
    """
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


class _Executor(ChildrenOnly):
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

    def begins_with(self) -> tuple[Any, ...] | None:
        """The initializer and its arguments."""
        return (self.executor._initializer, *self.executor._initargs)

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
            for process in list(executor._processes.values()):
                _let_exit(process)
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


class _Released:
    """Stands in for a lock that was released already. It holds it: without a holder a semaphore is gone, and a worker
    that is still starting would not find it."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock

    def release(self) -> None:
        """Nothing is left to do."""


def _let_exit(process: Any) -> None:
    """The manager waits for the end of one worker before it lets the next one exit, and with large libraries loaded an
    exit takes long. So all may exit at once. Each has announced its end in the result queue by then, which the manager
    looks at before it looks for workers that have died."""
    lock = getattr(process, "_worker_exit_lock", None)
    if lock is not None and not isinstance(lock, _Released):
        process._worker_exit_lock = _Released(lock)
        lock.release()


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


def _waits(manager: threading.Thread | None) -> bool:
    """Is an executor's manager thread back at the place where it waits for news?"""
    frame = sys._current_frames().get(getattr(manager, "ident", None) or 0)
    while frame is not None:
        if frame.f_code.co_name == "wait_result_broken_or_wakeup":
            return True
        frame = frame.f_back
    return manager is None or not manager.is_alive()
