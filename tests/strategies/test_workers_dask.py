"""Workers of dask.distributed, on the real library: a service that is edited while it runs under `hrsup run`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from live import Live

pytest.importorskip("distributed")
pytestmark = pytest.mark.timeout(600)  # each start and restart of a cluster takes seconds

WITHIN_S = 150.0
# A cluster of processes takes ten seconds and more to start on a busy machine, and is started anew by every refusal.
slow = pytest.mark.skipif("SLOW_TESTS" not in os.environ, reason="takes minutes; SLOW_TESTS=1 runs it")
CLUSTER = "LocalCluster(n_workers=2, threads_per_worker=1, processes={processes}, dashboard_address=None)"
SERVICE = """
import os
import sys
import time
from dask.distributed import Client, LocalCluster
import work


def main():
    with Client({cluster}) as client:
        {before}
        while True:
            futures = client.map(work.slow, [0.005] * 4)
            print(*sorted({{answer.split()[0] for answer in client.gather(futures)}}), flush=True)
            time.sleep(0.02)


if __name__ == "__main__":
    main()
"""
BATCH = """
from dask.distributed import Client, LocalCluster
import work


if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        print(*sorted({answer.split()[0] for answer in client.gather(client.map(work.slow, [0.005] * 4))}), flush=True)
"""
ELSEWHERE = """
import sys
from dask.distributed import LocalCluster

if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""
WORK = (Path(__file__).parents[1] / "projects/pools/work.py").read_text()

Run = Callable[..., Live]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    # What other clusters of this machine leave in the folder for scratch files is seen by every cluster that starts.
    monkeypatch.setenv("DASK_TEMPORARY_DIRECTORY", str(tmp_path / "scratch"))
    sessions: list[Live] = []

    def start(main: str, options: Sequence[str] = ()) -> Live:
        project = tmp_path / "project"
        project.mkdir(exist_ok=True)
        (project / "main.py").write_text(main)
        (project / "work.py").write_text(WORK)
        sessions.append(Live(project, ["main.py"], options))
        return sessions[-1]

    yield start
    for session in sessions:
        session.end()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The address of a cluster that is no part of the program."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project/cluster.py").write_text(ELSEWHERE)
    command = [sys.executable, "cluster.py"]
    cluster = subprocess.Popen(command, cwd=tmp_path / "project", stdin=-1, stdout=-1, stderr=subprocess.DEVNULL)
    assert cluster.stdout is not None
    yield cluster.stdout.readline().decode().strip()
    cluster.communicate(timeout=WITHIN_S)


def service(processes: bool = True, before: str = "pass", cluster: str | None = None) -> str:
    return SERVICE.format(cluster=cluster or CLUSTER.format(processes=processes), before=before)


def edit(session: Live, new: str) -> None:
    session.save("work.py", WORK.replace('"old"', f'"{new}"'))


def answers(session: Live) -> list[str]:
    return [line for line in session.lines() if line in ("old", "new")]


def refusals(session: Live) -> list[tuple[str, str]]:
    return [(event["strategy"], event["code"]) for event in session.events("refused") + session.events("failed")]


def in_place(session: Live) -> dict[str, Any]:
    """Edit until a change is brought in by `workers` (a worker that is still starting is a reason to restart); after
    none of them is an answer old. The event that says so."""
    old = "old"
    session.until(lambda: session.lines().count("old") > 5, WITHIN_S)
    for number in range(4):
        new = f"new{number}"
        count = len(session.events("applied"))
        edit(session, new)
        session.until(lambda count=count: len(session.events("applied")) > count, WITHIN_S)
        applied = session.events("applied")[-1]
        said = len(session.lines())
        session.until(lambda said=said, new=new: session.lines()[said:].count(new) > 5, WITHIN_S)
        if applied["strategy"] == "workers":
            assert old not in session.lines()[said + 1 :]
            return applied
        old = new
    raise AssertionError(session.events("refused") + session.events("failed"))


@pytest.mark.parametrize("processes", [pytest.param(True, marks=slow), False], ids=["processes", "threads"])
def test_a_service_gets_new_answers_out_of_its_cluster(run: Run, processes: bool) -> None:
    """The futures of the round before would give the old results under the same names; after each `applied` no answer
    is old, in the same process, and workers that are processes are new ones."""
    session = run(service(processes))
    applied = in_place(session)
    assert applied["evidence"]["pools"] == ["dask.distributed"]
    assert len(applied["evidence"]["workers_ended"]) == (2 if processes else 0)


@slow
def test_workers_of_a_scheduler_elsewhere_are_replaced(run: Run, elsewhere: str) -> None:
    """They are no children of the program, so each is asked what it has loaded; the scheduler drops what it has."""
    in_place(run(service(cluster=repr(elsewhere))))


@slow
def test_it_is_said_that_workers_elsewhere_keep_old_code(run: Run, elsewhere: str) -> None:
    """HR210: the program is started again, which workers that are no processes of it do not notice."""
    session = run(service(cluster=repr(elsewhere)), ["--strategy", "respawn"])
    session.until(lambda: session.lines().count("old") > 5, WITHIN_S)
    edit(session, "new")
    session.until(lambda: session.events("applied"), WITHIN_S)
    assert [event["code"] for event in session.events("refused")] == ["HR210"]
    assert f"the workers behind {elsewhere} are no processes of the program" in session.output.read_text()


@slow
@pytest.mark.parametrize(
    "before",
    [
        "kept = client.submit(work.slow, 0.0)",
        "client.publish_dataset(one=client.submit(work.slow, 0.0))",
        "client.register_plugin(__import__('distributed').Environ({'ANSWER': 'x'}))",
        "other = Client(client.scheduler.address, set_as_default=False)",
    ],
    ids=["future", "dataset", "plugin", "client"],
)
def test_what_a_restart_would_lose_or_keep_is_a_refusal(run: Run, before: str) -> None:
    """HR206: a future that is held, what is published, a plugin, another client. The program is restarted."""
    session = run(service(processes=False, before=before))
    session.until(lambda: session.lines().count("old") > 5, WITHIN_S)
    edit(session, "new")
    session.until(lambda: answers(session)[-1:] == ["new"], WITHIN_S)
    codes = {code for strategy, code in refusals(session) if strategy == "workers"}
    assert codes & {"HR206", "HR121", "HR122"}


@slow
def test_reload_alone_is_refused(run: Run) -> None:
    """HR144: even where the workers are threads of the program, which a reload does reach, results are kept."""
    session = run(service(processes=False), ["--strategy", "reload"])
    session.until(lambda: session.lines().count("old") > 5, WITHIN_S)
    edit(session, "new")
    session.until(lambda: session.events("applied"), WITHIN_S)
    assert refusals(session)[0][0] == "reload"
    session.until(lambda: answers(session)[-1:] == ["new"], WITHIN_S)


@slow
def test_a_batch_with_a_cluster_comes_right(run: Run) -> None:
    """The cluster is opened and closed in each run; what it makes and removes on the disk is no reason for another."""
    session = run(BATCH)
    session.until(lambda: session.events("run_finished"), WITHIN_S)
    edit(session, "new")
    session.until(lambda: [event for event in session.events("applied") if event["kinds"] == ["code"]], WITHIN_S)
    assert answers(session)[-1] == "new"  # a nanny that ends a worker late has a line of its own
