"""The worker pools of this process, found as the live objects that they are.

Runs in the user's process. Nothing is imported that the program has not imported.
"""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.workers.pools import WorkerPool


def find_pools() -> list[WorkerPool]:
    """The pools of this process that have workers, or had, and take tasks."""
    pools: list[WorkerPool] = []
    for name in list(sys.modules):
        if name == "concurrent.futures.process" or name.endswith("loky.process_executor"):
            from hrsup_strategies.workers.executors import executors

            pools += executors(sys.modules.get(name))
    if (library := sys.modules.get("multiprocessing.pool")) is not None:
        from hrsup_strategies.workers.multiprocessing_pools import multiprocessing_pools

        pools += multiprocessing_pools(library)
    return [*pools, *_clients()]


def live_pools() -> list[Any]:
    """The program's own pool objects."""
    return [pool.subject for pool in find_pools()]


def inspected_packages() -> set[str]:
    """The packages of these pools, which keep no result of the program's once its tasks are done, but in places that
    `WorkerPool.inspect` looks at: not if a cache of theirs is in use."""
    found = {type(pool).__module__.partition(".")[0] for pool in live_pools()}
    if "distributed" in found and "dask.cache" not in sys.modules:
        found.add("dask")
    if _has_instances("joblib.memory", "Memory"):
        found.discard("joblib")
    return found


def _has_instances(module: str, name: str) -> bool:
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and any(isinstance(item, kind) for item in gc.get_referrers(kind))


def has_clients() -> bool:
    """Is this process a client of a Dask cluster?"""
    return bool(_clients())


def clusters_elsewhere() -> list[str]:
    """The addresses of Dask schedulers that this process is a client of and does not run itself: they and their workers
    live on when it ends."""
    if "distributed.client" not in sys.modules:
        return []
    from hrsup_strategies.workers.clusters import live_clients

    kind = getattr(sys.modules.get("distributed.scheduler"), "Scheduler", None)
    own = {getattr(scheduler, "address", None) for scheduler in list(getattr(kind, "_instances", None) or ())}
    found = {getattr(getattr(client, "scheduler", None), "address", None) for client in live_clients()}
    return sorted(str(address) for address in found - own if address)


def _clients() -> list[WorkerPool]:
    if "distributed.client" not in sys.modules:
        return []
    from hrsup_strategies.workers.clusters import ClientPool, live_clients

    return [ClientPool(client) for client in live_clients()]
