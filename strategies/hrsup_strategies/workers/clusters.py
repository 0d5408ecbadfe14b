"""The clusters of dask.distributed that this process is a client of: local ones, and schedulers elsewhere.

Runs in the user's process. Clients are found as live objects; distributed is never imported here. What a scheduler or a
worker has to be asked is asked by `questions`, which are sent as source text, since hrsup need not be installed there.

What is particular about a cluster:

* A task's result is kept, under a name made of the function's *name* and its arguments, for as long as anybody holds
  the future; the same call then gives the same result, whatever the function has become. So it does not help to replace
  workers while futures are held. `ClientPool` refuses if a future is held by anything but a variable that the next
  round of the program's loop makes anew; such futures are cancelled together with the workers.
* ``Client.restart`` has the scheduler forget all tasks, and each nanny end its worker and start another. Workers that
  have no nanny would only end. Workers that are threads of this process run its modules, which are up to date; there
  only the results are forgotten.
* Another program may use the same scheduler, whose tasks a restart would lose: refused, and so is all that brings the
  program's objects into new workers or keeps results in the scheduler (plugins, variables, queues, published data).
"""

from __future__ import annotations

import gc
import os
import sys
import time

from hrsup_strategies.base import Refused
from hrsup_strategies.workers.pools import CANCELLED, FAILED, FINISHED, NotEnding
from hrsup_strategies.workers.processes import command_of, descendants
from hrsup_strategies.workers.questions import question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_strategies.workers.pools import Gate

ANSWER_S = 15.0
RESTART_S = 60.0  # new workers have to import distributed, on a machine that may be busy
SETTLE_S = 1.0
_PENDING = "pending"
_FATES = {"finished": FINISHED, "error": FAILED, "cancelled": CANCELLED, "lost": CANCELLED}
_NO_CLIENTS = ("fire-and-forget",)


def live_clients() -> list[Any]:
    """The clients of this process that are not closed; those that workers in this process made for themselves too."""
    library = sys.modules.get("distributed.client")
    instances = getattr(getattr(library, "Client", None), "_instances", None)
    return [client for client in list(instances or ()) if getattr(client, "status", None) != "closed"]


class ClientPool:
    """A client, and the workers behind its scheduler. Offers what `pools` says; `inspect` comes before all else."""

    kind = "dask.distributed"

    def __init__(self, client: Any) -> None:
        self.subject = self.client = client
        self._handed_in = 0
        self._scheduler: dict[str, Any] = {}
        self._workers: dict[str, dict[str, Any]] = {}

    def inspect(self, names: list[str], discarded: Callable[[], set[int]]) -> Refused | None:
        """As `pools` says it, by asking the scheduler and the workers."""
        if self.client.asynchronous:
            return _refused("the client is asynchronous")
        try:
            self._scheduler = self._settled()
            self._workers = self._ask_workers({})
        except Exception as error:  # whatever a connection can raise
            return _refused(f"the cluster does not answer: {type(error).__name__}: {error}")
        return self._check_scheduler() or self._check_workers() or self._check_futures(discarded())

    def busy(self) -> int:
        """Futures of this client that are pending, and whatever else the scheduler has to do."""
        return len(self.tasks())

    def tasks(self) -> list[Any]:
        """The states of the futures."""
        return [state for state in list(self.client.futures.values()) if state.status == _PENDING]

    def fate(self, task: Any) -> str | None:
        """As the state says it."""
        return _FATES.get(task.status)

    def submitted(self) -> int:
        """Graphs that were handed in since `hold`."""
        return self._handed_in

    def pids(self) -> list[int]:
        """The workers that are processes below this one, as of the last look."""
        below = descendants(os.getpid())
        return [pid for worker in self._workers.values() if (pid := worker["pid"]) in below]

    def begins_with(self) -> tuple[Any, ...] | None:
        """The scheduler holds results, too."""
        return None

    def hold(self, gate: Gate) -> None:
        """Everything that makes a task goes through one method of the client."""
        hand_in = gate.passing(self.client._graph_to_futures)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self._handed_in += 1
            return hand_in(*args, **kwargs)

        self.client._graph_to_futures = counted

    def release(self) -> None:
        """Take that back."""
        self.client.__dict__.pop("_graph_to_futures", None)

    def replace(self, deadline: float) -> None:
        """Have the scheduler forget every result, and the nannies start new workers. `deadline` is for what runs here;
        new interpreters have longer."""
        try:
            if self._are_threads():
                self._forget(deadline)
            else:
                restart, limit_s = self.client._restart, RESTART_S + ANSWER_S
                self.client.sync(restart, timeout=RESTART_S, wait_for_workers=True, callback_timeout=limit_s)
        except NotEnding:
            raise
        except Exception as error:  # whatever a connection can raise
            raise NotEnding(f"{type(error).__name__}: {error}") from None

    def verify(self, modules: dict[str, str]) -> Refused | None:
        """Is every worker a new one that has, or would import, these versions (hashes, by name) of the program's
        modules?"""
        if self._are_threads():
            return None
        try:
            tasks, workers = self._ask_scheduler()["tasks"], self._ask_workers(modules)
            wrong = [] if self._scheduler["pid"] == os.getpid() else self._ask_scheduler("forget", modules=modules)
        except Exception as error:  # as above
            return Refused("HR208", f"the cluster does not answer: {type(error).__name__}: {error}")
        before = {worker["id"] for worker in self._workers.values()}
        if tasks:
            return Refused("HR207", "a task was handed to the cluster while the code was changing")
        if len(workers) < len(before):
            return Refused("HR208", f"of {len(before)} workers of the cluster {len(workers)} have come back")
        if wrong:
            return Refused("HR209", f"the scheduler has another version of {wrong[0]}")
        for address, worker in workers.items():
            if worker["id"] in before:
                return Refused("HR208", f"the worker {address} is still the old one")
            if worker["wrong"] and not self._is_supervised(worker["pid"]):
                return Refused("HR209", f"the worker {address} has another version of {worker['wrong'][0]}")
        return None

    # -- looking -----------------------------------------------------------------------------------------------------

    def _settled(self) -> Any:
        """What the scheduler says once it has heard of futures that were let go of."""
        deadline = time.monotonic() + SETTLE_S
        while (answer := self._ask_scheduler())["tasks"] > len(self.client.futures):
            if time.monotonic() > deadline:
                break
            time.sleep(0.002)
        return answer

    def _ask_scheduler(self, to: str = "scheduler", **arguments: Any) -> Any:
        run = self.client._run_on_scheduler
        return self.client.sync(run, question(to), **arguments, callback_timeout=ANSWER_S)

    def _ask_workers(self, modules: dict[str, str]) -> dict[str, dict[str, Any]]:
        ask = question("worker")
        answers: dict[str, dict[str, Any]] = self.client.sync(
            self.client._run, ask, modules=modules, callback_timeout=ANSWER_S
        )
        return answers

    def _check_scheduler(self) -> Refused | None:
        scheduler = self._scheduler
        others = set(scheduler["clients"]) - {self.client.id, *_NO_CLIENTS}
        if others:
            return _refused(f"another client uses the cluster: {min(others)}")
        if scheduler["plugins"]:
            return _refused(f"a plugin would bring objects of the program to new workers: {scheduler['plugins'][0]}")
        if scheduler["tasks"] > len(self.client.futures):
            return _refused("the cluster has tasks that belong to no future of the program")
        if scheduler["kept"]:
            return _refused(f"the scheduler keeps results: {scheduler['kept'][0]}")
        return None

    def _check_workers(self) -> Refused | None:
        nannies = self._scheduler["nannies"]
        if set(nannies) != set(self._workers) or not nannies:
            return _refused("workers of the cluster come or go")
        inside = [worker["pid"] == os.getpid() for worker in self._workers.values()]
        if any(inside) and not all(inside):
            return _refused("some workers are threads of this process and some are not")
        bare = [address for address, nanny in nannies.items() if not nanny]
        if bare and not any(inside):
            return _refused(f"the worker {bare[0]} has no nanny that would start it again")
        return None

    def _check_futures(self, discarded: set[int]) -> Refused | None:
        for future in self._futures():
            if id(future) not in discarded:
                return _refused(f"the program holds the future {future.key!r}, whose result would be lost or old")
        return None

    def _futures(self) -> list[Any]:
        kind = sys.modules["distributed.client"].Future
        return [one for one in gc.get_objects() if isinstance(one, kind) and one._client is self.client]

    def _is_supervised(self, pid: int) -> bool:
        """Does this worker tell the supervisor itself which versions it has loaded?"""
        return pid in descendants(os.getpid()) and "/hrsup_agent/bootstrap.py" in command_of(pid)

    def _forget(self, deadline: float) -> None:
        cancel = self.client._cancel
        self.client.sync(cancel, self._futures(), force=True, callback_timeout=ANSWER_S)
        while self._ask_scheduler()["tasks"] or any(worker["tasks"] for worker in self._ask_workers({}).values()):
            if time.monotonic() > deadline:
                raise NotEnding("its results are not forgotten")
            time.sleep(0.002)

    def _are_threads(self) -> bool:
        return all(worker["pid"] == os.getpid() for worker in self._workers.values())


def _refused(why: str) -> Refused:
    return Refused("HR206", f"workers of dask.distributed cannot be replaced: {why}")
