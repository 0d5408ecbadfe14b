"""Many cases under many strategies: in parallel, with progress, and to be continued later. Runs in the bench."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hrsup.bench.model import CRASHED, Case, Step
from hrsup.bench.oracle import Oracle
from hrsup.bench.trial import Limits, run


@dataclass(frozen=True)
class Job:
    """One case under one strategy."""

    case: Case
    strategy: str


class Record:
    """The results so far, kept in a file of JSON Lines so that an interrupted series can go on. `path` may be None."""

    def __init__(self, path: Path | None) -> None:
        self.steps: list[Step] = []
        self._path = path
        self._done: set[tuple[str, str]] = set()
        if path is not None and path.exists():
            self._load(path)

    def has(self, job: Job) -> bool:
        """Was this job done before?"""
        return (job.case.id, job.strategy) in self._done

    def add(self, job: Job, steps: list[Step]) -> None:
        """Keep a job's results; the line is written whole, so that a torn end is a job to be done again."""
        self.steps += steps
        self._done.add((job.case.id, job.strategy))
        if self._path is not None:
            line = {"case": job.case.id, "strategy": job.strategy, "steps": [step.as_dict() for step in steps]}
            with self._path.open("a") as file:
                file.write(json.dumps(line) + "\n")

    def _load(self, path: Path) -> None:
        for line in path.read_text().splitlines():
            try:
                job = json.loads(line)
            except ValueError:
                continue
            self._done.add((job["case"], job["strategy"]))
            self.steps += [Step(**step) for step in job["steps"]]


def run_series(
    jobs: Iterable[Job],
    record: Record,
    parallel: int = 1,
    on_done: Callable[[Job, list[Step]], None] | None = None,
    limits: Limits | None = None,
    escalate: bool = True,
) -> None:
    """Do every job that `record` does not have yet; `on_done` is called here, in this thread, as each one ends."""
    oracle = Oracle()
    waiting = (job for job in jobs if not record.has(job))
    with ThreadPoolExecutor(parallel) as pool:
        for job, steps in _as_done(pool, waiting, parallel, lambda job: _safely(job, oracle, limits, escalate)):
            record.add(job, steps)
            if on_done is not None:
                on_done(job, steps)


def _as_done(
    pool: ThreadPoolExecutor, jobs: Iterator[Job], parallel: int, work: Callable[[Job], list[Step]]
) -> Iterator[tuple[Job, list[Step]]]:
    running: dict[Future[list[Step]], Job] = {}
    while True:
        for job in islice(jobs, parallel + 1 - len(running)):
            running[pool.submit(work, job)] = job
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future.result()


def _safely(job: Job, oracle: Oracle, limits: Limits | None, escalate: bool) -> list[Step]:
    """A fault of the bench must not end a series of hours: it is a result like another."""
    case = job.case
    try:
        return run(case, job.strategy, oracle, limits, escalate)
    except Exception as error:
        detail = f"the bench failed: {type(error).__name__}: {error}"
        return [Step(case.id, case.group, case.kind, job.strategy, -1, CRASHED, detail=detail)]
