"""The `workers` strategy in a real session: a service with a pool under `hrsup run`, edited while it runs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from live import Live

from hrsup_strategies.workers.processes import command_of, descendants

PROJECT = Path(__file__).parents[1] / "projects/pools"


class Session(Live):
    """A service with a pool, on a copy of the project."""

    def __init__(self, folder: Path, *command: str, options: Sequence[str] = ()) -> None:
        project = folder / "project"
        shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
        super().__init__(project, command, options)

    def edit(self, old: str, new: str) -> None:
        """Replace a text in the module that the workers run."""
        self.save("work.py", (self.folder / "work.py").read_text().replace(old, new))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def start(*command: str, options: Sequence[str] = ()) -> Session:
        sessions.append(Session(tmp_path, *command, options=options))
        return sessions[-1]

    yield start
    for session in sessions:
        session.end()


@pytest.mark.parametrize(
    "command",
    ["service.py loky", "service.py spawn", "service.py fork", "service_joblib.py", "service_pool.py"],
)
def test_a_service_gets_new_answers_out_of_its_pool(run: Callable[..., Session], command: str) -> None:
    """Two edits in a row: after each `applied` no answer is old, the coordinator is the same process, and the pool the
    same object.
    """
    session = run(*command.split())
    # While a worker is still starting, the change is refused; an answer of the first one is no sign of the second.
    session.until(lambda: session.lines().count("old") > 20)
    main = session.events("run_started")[0]["pid"]
    for count, (old, new) in enumerate([('"old"', '"new"'), ('"new"', '"newer"')], 1):
        session.edit(old, new)
        session.until(lambda count=count: len(session.events("applied")) == count)
        applied = session.events("applied")[-1]
        assert applied["strategy"] == "workers", str(session.events("refused") + session.events("failed"))
        assert len(applied["evidence"]["workers_ended"]) == 2
        said = len(session.lines())
        session.until(lambda said=said: len(session.lines()) > said + 5)
        # The line that was just being written when the boundary was reached may have been counted late.
        assert set(session.lines()[said + 1 :]) == {new.strip('"')}
    os.kill(main, 0)


def test_broken_code_is_held_and_the_pool_goes_on(run: Callable[..., Session]) -> None:
    """A syntax error leaves coordinator and workers as they were; the next save is taken."""
    session = run("service.py", "loky")
    session.until(lambda: len(session.lines()) > 20)  # by then both workers have imported the module
    session.edit('ANSWER = "old"', 'ANSWER = "old')
    session.until(lambda: session.events("held"))
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 5)
    assert set(session.lines()[said:]) == {"old"}
    session.edit('ANSWER = "old', 'ANSWER = "right"')
    session.until(lambda: session.lines()[-1:] == ["right"])


def test_the_user_says_how_long_tasks_are_waited_for(run: Callable[..., Session]) -> None:
    """`--drain-timeout`: a task that takes longer is a refusal that counts it, and the program is right again after a
    restart, which the old pool does not survive."""
    session = run("service_slow.py", options=("--drain-timeout", "0.2"))
    session.until(lambda: session.lines().count("old") > 20)
    session.edit('"old"', '"new"')
    session.until(lambda: session.events("applied"))
    refused = session.events("refused")[0]
    assert (refused["strategy"], refused["code"]) == ("workers", "HR202")
    assert "1 tasks unfinished after 0.2 s" in refused["reason"]
    assert session.events("applied")[0]["strategy"] != "workers"
    session.until(lambda: session.lines()[-1] == "new")


BATCH = """
import sys
import time
from {library}

import work

if __name__ == "__main__":
    print(*{call}, flush=True)
    time.sleep(float(sys.argv[1]))
"""
LOKY = {
    "library": "loky import get_reusable_executor",
    "call": "{answer.split()[0] for answer in get_reusable_executor(2).map(work.answer, range(4))}",
}
JOBLIB = {
    "library": "joblib import Parallel, delayed",
    "call": "{answer.split()[0] for answer in Parallel(2)(delayed(work.answer)(n) for n in range(4))}",
}


@pytest.mark.parametrize("library", [LOKY, JOBLIB], ids=["loky", "joblib"])
@pytest.mark.parametrize("seconds", ["0", "600"], ids=["ended", "under way"])
def test_ended_pools_leave_nothing_behind(tmp_path: Path, library: dict[str, str], seconds: str) -> None:
    """However the run ends that an edit makes void: no semaphore, no folder of arrays, once hrsup has ended."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.py").write_text(BATCH.format(**library))
    text = (PROJECT / "work.py").read_text()
    (project / "work.py").write_text(text)
    session = Live(project, ["main.py", seconds], ["--mode", "batch"])
    try:
        session.until(lambda: "old" in session.lines())
        for number in range(4):
            session.save("work.py", text.replace('"old"', f'"new{number}"'))
            session.until(lambda number=number: f"new{number}" in session.lines())
    finally:
        session.end()
    runs = [event["pid"] for event in session.events("run_started")]
    assert len(runs) == 5
    marks = [mark for pid in runs for mark in (f"loky-{pid}-", f"folder_{pid}_")]
    left = [path.name for path in Path("/dev/shm").iterdir() if any(mark in path.name for mark in marks)]
    assert left == []
    assert "leaked" not in session.output.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="worker images are Linux's")
@pytest.mark.parametrize("command", ["service.py loky", "service.py spawn", "service_joblib.py"])
def test_new_workers_come_from_an_image(run: Callable[..., Session], command: str) -> None:
    """Once it is ready: the next edits' workers have their modules from there, answer anew, and nothing is left when
    the session ends."""
    session = run(*command.split(), options=("--verbose",))
    session.edit('ANSWER = "old"', 'import numpy\n\nANSWER = "old"')
    session.until(lambda: "worker image: ready" in session.output.read_text(), 60)
    # The program may have been started with it, or brought up to date.
    session.until(lambda: len(session.events("change")) == len(session.events("applied")), 40)
    for old, new in [('"old"', '"new"'), ('"new"', '"newer"')]:
        handled = len(session.events("applied"))
        session.edit(old, new)
        session.until(lambda handled=handled: len(session.events("applied")) > handled, 40)
        applied = session.events("applied")[-1]
        assert applied["strategy"] == "workers", session.output.read_text()
        assert applied["evidence"]["skew"] == 0
        said = len(session.lines())
        session.until(lambda said=said: len(session.lines()) > said + 5)
        assert set(session.lines()[said + 1 :]) == {new.strip('"')}
    below = [pid for pid in descendants(session.process.pid) if "image:" in command_of(pid)]
    assert len(below) == 3
    session.end()
    assert [pid for pid in below if Path(f"/proc/{pid}").exists()] == []
