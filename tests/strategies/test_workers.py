"""Replacing workers: on the real libraries, each pool in a coordinator of its own (tests/projects/pools/drive.py)."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hrsup_strategies.workers.processes import command_of, descendants

PROJECT = Path(__file__).parents[1] / "projects/pools"
KINDS = [
    "loky -",
    "loky-held -",
    "joblib -",
    "futures fork",
    "futures spawn",
    "futures forkserver",
    "pool fork",
    "pool spawn",
    "pool forkserver",
]

Start = Callable[[str], "Coordinator"]


class Coordinator:
    def __init__(self, folder: Path, kind: str) -> None:
        command = [sys.executable, "-B", "drive.py", *kind.split()]
        self.errors = folder / "errors.txt"  # a pipe would not end before the last stray worker does
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(command, cwd=folder, stdin=-1, stdout=-1, stderr=errors, bufsize=0)

    def do(self, command: str, within_s: float = 30.0) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(command.encode() + b"\n")
        assert select.select([self.process.stdout], [], [], within_s)[0], f"no answer to {command}"
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> str:
        """Let it end by itself; what it wrote to stderr."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        return self.errors.read_text()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    started: list[Coordinator] = []

    def start_coordinator(kind: str) -> Coordinator:
        started.append(Coordinator(tmp_path / "project", kind))
        return started[-1]

    yield start_coordinator
    for coordinator in started:
        if coordinator.process.poll() is None:
            below = descendants(coordinator.process.pid)
            pids = [pid for pid in below if "resource_tracker" not in command_of(pid)]  # these tidy up
            coordinator.process.kill()
            coordinator.process.wait()
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", KINDS)
def test_no_worker_returns_an_old_result(start: Start, kind: str) -> None:
    """After the change every answer is the new one, by new processes, out of the very same pool object."""
    coordinator = start(kind)
    before = coordinator.do("ask")
    assert before["answers"] == ["old"]
    outcome = coordinator.do("recycle-edit new")
    assert outcome["state"] == "done", outcome
    after = coordinator.do("ask")
    assert after["answers"] == ["new"]
    assert set(before["pids"]) <= set(outcome["workers_ended"])
    assert not set(outcome["workers_ended"]) & set(coordinator.do("children")["pids"])
    assert coordinator.end() == ""


@pytest.mark.parametrize("kind", ["loky -", "joblib -", "pool fork"])
def test_without_replacing_the_workers_answer_with_old_code(start: Start, kind: str) -> None:
    """The control: what is tested above does happen otherwise."""
    coordinator = start(kind)
    coordinator.do("ask")
    coordinator.do("edit new")
    assert "old" in coordinator.do("ask")["answers"]  # a worker that had not come to import the module says "new"


@pytest.mark.parametrize("kind", ["loky -", "futures spawn", "pool fork"])
def test_running_tasks_are_waited_for(start: Start, kind: str) -> None:
    """A task in flight gives its result, and it is said that there was one."""
    coordinator = start(kind)
    coordinator.do("ask")
    coordinator.do("slow 0.3")
    outcome = coordinator.do("recycle")
    assert outcome["state"] == "done"
    assert outcome["tasks_waited_for"] == {"finished": 1, "failed": 0, "cancelled": 0}
    assert coordinator.do("late")["answer"] == "old"


@pytest.mark.parametrize("kind", ["loky -", "futures spawn", "pool fork"])
def test_it_is_said_what_became_of_each_task(start: Start, kind: str) -> None:
    """A task that raises has failed, one that the program takes back is cancelled (a multiprocessing.Pool has no way
    to), and neither keeps a change from being brought in."""
    coordinator = start(kind)
    coordinator.do("ask")
    cancelled = coordinator.do("hand-in-all-sorts")["cancelled"]
    outcome = coordinator.do("recycle")
    assert outcome["state"] == "done"
    seen = outcome["tasks_waited_for"].pop("cancelled")
    assert outcome["tasks_waited_for"] == {"finished": 5 - cancelled, "failed": 1}
    assert seen <= cancelled  # the executor may have thrown it away before it was looked at


@pytest.mark.parametrize("kind", ["loky -", "futures spawn", "pool fork"])
def test_tasks_that_take_too_long_are_a_refusal(start: Start, kind: str) -> None:
    """HR202, with nothing touched: the task goes on in its old worker, and the pool works."""
    coordinator = start(kind)
    pids = coordinator.do("ask")["pids"]
    coordinator.do("slow 0.6")
    refused = coordinator.do("recycle 0.05")
    assert refused["code"] == "HR202"
    assert "1 tasks unfinished after 0.05 s" in refused["reason"]
    assert coordinator.do("late")["answer"] == "old"
    assert set(pids) <= set(coordinator.do("children")["pids"])


@pytest.mark.parametrize("kind", ["loky -", "pool fork"])
def test_a_task_that_slips_in_is_noticed(start: Start, kind: str) -> None:
    """HR207: an old worker ran it while the code was changing, so nothing is claimed."""
    coordinator = start(kind)
    coordinator.do("ask")
    outcome = coordinator.do("disturb new")
    assert (outcome["state"], outcome["code"]) == ("failed", "HR207")


def test_a_process_of_no_pool_is_a_refusal(start: Start) -> None:
    """HR204: a bare multiprocessing.Process has the old code on its stack."""
    coordinator = start("loky -")
    coordinator.do("ask")
    coordinator.do("spawn")
    outcome = coordinator.do("recycle")
    assert (outcome["state"], outcome["code"]) == ("refused", "HR204")


def test_a_preloaded_fork_server_is_a_refusal(start: Start) -> None:
    """HR205: whatever it forks would start with the old code."""
    coordinator = start("preloaded forkserver")
    coordinator.do("ask")
    assert coordinator.do("recycle")["code"] == "HR205"


def test_an_asynchronous_dask_client_is_a_refusal(start: Start) -> None:
    """HR206: nothing can be asked of its cluster while the program's loop stands still."""
    coordinator = start("loky -")
    coordinator.do("dask")
    assert coordinator.do("recycle")["code"] == "HR206"


def test_a_worker_that_does_not_end_fails(start: Start) -> None:
    """HR208: it hangs in an exit handler; nothing is claimed."""
    coordinator = start("loky -")
    coordinator.do("hang")
    outcome = coordinator.do("recycle")
    assert (outcome["state"], outcome["code"]) == ("failed", "HR208")


@pytest.mark.parametrize("kind", ["loky -", "futures spawn"])
def test_a_thread_that_hands_in_a_task_waits(start: Start, kind: str) -> None:
    """A task of another thread comes after the change, and is answered by a new worker."""
    coordinator = start(kind)
    coordinator.do("ask")
    assert coordinator.do("recycle-with-thread new") == {"state": "done", "answer": "new"}


@pytest.mark.parametrize("kind", ["loky -", "futures spawn", "pool spawn"])
def test_nothing_stays_in_shared_memory(start: Start, kind: str) -> None:
    """Semaphores of replaced workers are gone: many changes leave as many as one."""
    coordinator = start(kind)
    coordinator.do("ask")
    coordinator.do("recycle")
    coordinator.do("ask")
    before = coordinator.do("semaphores")
    for _ in range(4):
        assert coordinator.do("recycle")["state"] == "done"
        coordinator.do("ask")
    assert coordinator.do("semaphores") == before


def test_a_worker_of_a_worker_is_ended_too(start: Start) -> None:
    """An executor inside a worker has workers with old code of its own."""
    coordinator = start("loky -")
    nested = coordinator.do("nested")["pid"]
    assert nested in coordinator.do("children")["pids"]
    outcome = coordinator.do("recycle")
    assert outcome["state"] == "done", outcome
    assert nested in outcome["workers_ended"]
    assert nested not in coordinator.do("children")["pids"]


def test_stale_results_come_from_the_workers_modules_not_from_cloudpickle(start: Start) -> None:
    """The experiment behind this strategy. The function is pickled as its name (a few bytes, no code); the same
    bytes give the old result in a worker that has imported the module, the new one once the module is dropped there.
    """
    coordinator = start("loky -")
    coordinator.do("ask")
    coordinator.do("edit new")
    outcome = coordinator.do("experiment")
    assert outcome["bytes"] < 60
    assert outcome["pickles_are_equal"]
    assert "old" in outcome["as_it_is"]
    assert outcome["after_dropping_the_module"] == ["new"]


def test_kill_workers_restarts_nothing(start: Start) -> None:
    """The call that looks like the cure: the same arguments and a healthy executor give the same processes."""
    coordinator = start("loky -")
    before = coordinator.do("ask")
    coordinator.do("edit new")
    coordinator.do("kill-workers")
    after = coordinator.do("ask")
    assert "old" in after["answers"]
    assert set(after["pids"]) <= set(before["all"])
