"""Worker pools while data is brought in: no task is under way, no worker keeps what changed, and all stay alive.

Runs in the user's process, on the main thread, at the boundary of the running loop. What workers have read they have
told the supervisor. What they may have been *given* is found in the sources: a pool's initializer, arguments of a
process; and a forked worker has every value that its parent had made by then.
"""

from __future__ import annotations

import ast
import os

from hrsup_strategies import signals
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.identifiers import bare_names, last_name
from hrsup_strategies.workers.recycle import Recycling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.work import Work

# Who makes workers, and gives them something to keep.
_MAKERS = frozenset(
    (
        *("ProcessPoolExecutor", "Pool", "Process", "get_reusable_executor", "Parallel", "ThreadPoolExecutor"),
        *("Client", "Manager", "LokyBackend", "parallel_config", "parallel_backend", "set_initializer"),
    )
)


class Pools:
    """`workers` are the pids of all workers, `forked` of those that were forked, `readers` of those that have read what
    changed. A context manager: inside, the pools are idle."""

    def __init__(self, workers: list[int], forked: list[int], readers: set[int], drain_s: float) -> None:
        self._workers, self._forked, self._readers, self._drain_s = workers, forked, readers, drain_s
        self._recycling = Recycling(0.0, dict, set)

    @classmethod
    def of(cls, detail: dict[str, Any]) -> Pools | None:
        """As the plan says; None: there are no workers."""
        if not detail.get("workers"):
            return None
        used = [pids for file in detail["files"] for pids in file["by_workers"].values()]
        return cls(detail["workers"], detail["forked"], {pid for pids in used for pid in pids}, detail["drain_s"])

    def check(self, work: Work) -> None:
        """Refuse (HR505) if a worker may keep something of what changed."""
        if self._forked and any(work.steps.values()):
            raise Refusal("HR505", f"worker {self._forked[0]} was forked with what was made of it")
        if work.cached:
            raise Refusal("HR505", "a worker may have results of it in a cache")
        tainted = work.closure.tainted
        for version in work.old.parsed:
            for node in ast.walk(version.tree):
                if isinstance(node, ast.Call) and last_name(node.func) in _MAKERS:
                    given = {name for part in [*node.args, *node.keywords] for name in bare_names(part)}
                    if given & tainted:
                        text = f"workers are given `{sorted(given & tainted)[0]}` when they begin"
                        raise Refusal("HR505", text, version.path, node.lineno)

    def __enter__(self) -> None:
        self._recycling = Recycling(self._drain_s, dict, set)  # nobody is replaced
        with signals.Released():  # tasks may take their time, and nothing is half done
            refused = self._recycling.settle()
        if refused:
            self._recycling.release()
            raise Refusal(refused.code, refused.reason)
        known = {pid for pool in self._recycling.pools for pid in pool.pids()}
        # A process that is no pool's worker runs a function of its own, which may keep what it has read.
        if strangers := self._readers & set(self._workers) - known:
            self._recycling.release()
            raise Refusal("HR505", f"process {min(strangers)} has read it, and is no pool's worker")

    def __exit__(self, *_: object) -> None:
        self._recycling.release()

    def kept(self) -> list[int]:
        """The pids of the workers that were there before, and are."""
        return [pid for pid in self._workers if os.path.isdir(f"/proc/{pid}") or _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
