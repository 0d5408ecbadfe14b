"""What every kind of worker pool offers (`WorkerPool`), and the gate at which others wait with their tasks.

Runs in the user's process. The kinds are in `executors`, `multiprocessing_pools` and `clusters`; `finding` finds them.
The verbs:

    hold(gate)   until release(), threads that hand in tasks wait at the gate, where the pool has a place for one
    busy()       tasks that have no result yet
    tasks()      these tasks, as the program's objects: futures, results of a multiprocessing.Pool
    fate(task)   what has become of one: finished, failed (it raised), cancelled; None while it has no result
    submitted()  a number that changes with every task; equal before and after means that none came in between
    pids()       the processes that take tasks now
    begins_with()  what a new worker is given: its initializer and the arguments; None if workers are never kept
    inspect()    whatever else stands against replacing its workers, once there is no task
    replace()    end every present worker in the pool's own way; the pool object stays valid, new workers start when
                 tasks come (multiprocessing.Pool, Dask: at once)
    verify()     what speaks against it that all workers are new and have, or would import, what the program has loaded

How a worker is ended decides whether the object survives. A killed worker breaks every executor for good, and may take
a queue's lock with it, so nobody is killed here.
"""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from hrsup_strategies.base import Refused

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

        def begins_with(self) -> tuple[Any, ...] | None:
            """What each worker is given when it begins; None if that, or who the workers are, is not known."""
            ...

        def hold(self, gate: Gate) -> None:
            """Have other threads wait at the gate with their tasks."""

        def release(self) -> None:
            """Take that back."""

        def inspect(self, names: list[str], discarded: Callable[[], set[int]]) -> Refused | None:
            """Why the workers cannot be replaced. `names` are the program's modules, `discarded` gives the ids of the
            futures that nobody will look at again."""
            ...

        def replace(self, deadline: float) -> None:
            """End the present workers before this monotonic time, or raise NotEnding."""

        def verify(self, modules: dict[str, str]) -> Refused | None:
            """`modules`: the versions (hashes) that the program has loaded, by name."""
            ...


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


class ChildrenOnly:
    """For pools all of whose workers are processes below this one: what ends is seen by `recycle`, and what new ones
    load they say themselves."""

    def inspect(self, names: list[str], discarded: Callable[[], set[int]]) -> Refused | None:
        """Nothing stands against it."""
        return None

    def verify(self, modules: dict[str, str]) -> Refused | None:
        """See the class."""
        return None


def _is_pool_thread(thread: threading.Thread) -> bool:
    if thread.name == "IO loop":  # Dask's, which its clients wait for
        return True
    return type(thread).__name__ == "_ExecutorManagerThread" or thread.name.startswith("QueueFeederThread")
