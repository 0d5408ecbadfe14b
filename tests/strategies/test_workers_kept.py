"""What is in worker processes while code changes: they keep it if they hold nothing of what changed, and if new ones
would lack it, they are not replaced. Real sessions with a loky worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import Live

MAIN = """
import time

from loky import get_reusable_executor

import shown
import tasks


def main():
    pool = get_reusable_executor(max_workers=1, timeout=1000{initializer})
    {before}
    while True:
        print(shown.line(pool.submit(tasks.task).result()), flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    main()
"""
TASKS = """
import os

FACTOR = 0


def begin():
    global FACTOR
    FACTOR = 5


def task():
    return f"{FACTOR} in {os.getpid()}"


def unused():
    return "old"
"""
SHOWN = 'def line(text):\n    return f"old {text}"\n'
BY_A_TASK, BY_THE_INITIALIZER = ("", "pool.submit(tasks.begin).result()"), (", initializer=tasks.begin", "")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[tuple[str, str]], Live]]:
    """Start the service and wait for its first lines."""
    sessions: list[Live] = []

    def start(setup: tuple[str, str]) -> Live:
        folder = tmp_path / "project"
        folder.mkdir()
        (folder / "main.py").write_text(MAIN.format(initializer=setup[0], before=setup[1]))
        (folder / "tasks.py").write_text(TASKS)
        (folder / "shown.py").write_text(SHOWN)
        session = Live(folder, ["main.py"])
        sessions.append(session)
        session.until(lambda: len(session.lines()) > 5)
        return session

    yield start
    for session in sessions:
        session.end()


@pytest.mark.parametrize("setup", [BY_A_TASK, BY_THE_INITIALIZER], ids=["a task", "the initializer"])
def test_a_worker_keeps_what_it_has_if_nothing_of_it_changed(
    start: Callable[[tuple[str, str]], Live], setup: tuple[str, str]
) -> None:
    """The coordinator alone has imported the module, so the worker goes on, with what it was given."""
    session = start(setup)
    before = session.lines()[-1]
    session.save("shown.py", SHOWN.replace("old", "new"))
    session.until(lambda: session.lines()[-1].startswith("new"))
    session.until(lambda: session.events("applied"))
    applied = session.events("applied")[0]
    assert applied["strategy"] == "workers", session.events("refused")
    assert (applied["evidence"]["workers_ended"], applied["evidence"]["skew"]) == ([], 0)
    assert applied["evidence"]["workers_kept"] == [int(before.split()[-1])]
    assert session.lines()[-1] == before.replace("old", "new")


def test_what_a_task_has_left_is_not_lost(start: Callable[[tuple[str, str]], Live]) -> None:
    """HR211: a new worker would lack it, so the program is started again."""
    session = start(BY_A_TASK)
    assert session.lines()[-1].startswith("old 5 in")
    session.save("tasks.py", TASKS.replace('"old"', '"new"'))
    session.until(lambda: session.events("applied"))
    refused = session.events("refused")[0]
    assert (refused["strategy"], refused["code"], refused.get("line")) == ("workers", "HR211", 7), refused
    assert "`begin`" in refused["reason"]
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 3)
    assert {line.rpartition(" ")[0] for line in session.lines()} == {"old 5 in"}


def test_what_the_initializer_has_made_new_workers_have_too(start: Callable[[tuple[str, str]], Live]) -> None:
    """So these are replaced."""
    session = start(BY_THE_INITIALIZER)
    before = session.lines()[-1]
    session.save("tasks.py", TASKS.replace('"old"', '"new"'))
    session.until(lambda: session.events("applied"))
    assert session.events("applied")[0]["evidence"]["workers_ended"] == [int(before.split()[-1])]
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 3)
    assert {line.rpartition(" ")[0] for line in session.lines()} == {"old 5 in"}
