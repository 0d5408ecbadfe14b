"""Skew: a worker that has loaded another version of a module than the coordinator is never overlooked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hrsup.config import Config
from hrsup.events import Events
from hrsup.facts import FactBook
from hrsup.updater import Updater
from hrsup_strategies.base import CODE, DONE, FAILED, Change, FileChange, Outcome

# The workers end after a moment without work, so that new ones import the module again, whatever its file holds then;
# loky warns if one does so while it is given a task.
SERVICE = """
import time, warnings
warnings.simplefilter("ignore")
from loky import get_reusable_executor
from work import answer
def main():
    while True:
        print(get_reusable_executor(max_workers=1, timeout=0.05).submit(answer).result(timeout=30), flush=True)
        time.sleep(0.3)
if __name__ == "__main__":
    main()
"""
WORK = "def answer():\n    return 'old'\n"


ASK = "def answer():\n    import work\n    return work.answer()\n"
WRITES = SERVICE.replace(
    "    while True:\n",
    """    print(get_reusable_executor(max_workers=1, timeout=0.05).submit(answer).result(timeout=30), flush=True)
    with open("work.py", "w") as file:
        file.write("def answer():\\n    return 'written'\\n")
    while True:
""",
)


def module(path: str, version: str) -> dict[str, Any]:
    return {"type": "module", "name": "m", "path": path, "hash": version, "importer": None, "depth": 0}


def test_versions_are_compared_with_the_coordinators() -> None:
    """A worker's version counts until the worker has ended; the coordinator's is the one that it had last."""
    told: list[tuple[int, str]] = []
    book = FactBook()
    book.on_skew = lambda pid, path: told.append((pid, path))
    book.note(module("/m.py", "1"), 10, "main")
    book.note(module("/m.py", "1"), 11, "worker")
    assert book.skew() == []
    book.note(module("/m.py", "2"), 12, "worker")
    assert book.skew() == told == [(12, "/m.py")]
    book.brought_in({"/m.py": "2"})
    assert book.skew() == [(11, "/m.py")]
    book.drop_process(11)
    assert book.skew() == []


def test_workers_are_compared_with_each_other() -> None:
    """Where the coordinator has not loaded the module; a restart forgets everything."""
    book = FactBook()
    book.note(module("/late.py", "1"), 11, "worker")
    book.note(module("/late.py", "2"), 12, "worker")
    assert book.skew() == [(12, "/late.py")]
    book.start()
    assert book.skew() == []


def test_a_change_with_skew_is_not_applied() -> None:
    """HR209: whatever the strategy says, the next one takes over."""
    book = FactBook()
    updater = Updater(None, Quiet(), book, Events(None), Config())  # type: ignore[arg-type]
    book.note(module("/m.py", "1"), 10, "main")
    book.note(module("/m.py", "1"), 11, "worker")
    change = Change([FileChange("/m.py", CODE, "2", "1")])
    outcome = updater._failed_if_skewed(Outcome(DONE), change)
    assert (outcome.state, outcome.code, outcome.file) == (FAILED, "HR209", "/m.py")
    book.drop_process(11)
    assert updater._failed_if_skewed(Outcome(DONE), change).state == DONE


class Quiet:
    """A generation of which nothing is to be heard."""

    def hear(self) -> None:
        pass


@pytest.fixture
def run(tmp_path: Path) -> Any:
    processes: list[subprocess.Popen[bytes]] = []

    def start(*options: str, **modules: str) -> Path:
        for name, text in {"main": SERVICE, "work": WORK, **modules}.items():
            (tmp_path / f"{name}.py").write_text(text)
        command = [sys.executable, "-m", "hrsup", "run", "--events", "events", *options, "--", sys.executable]
        with (tmp_path / "out").open("wb") as out:
            processes.append(subprocess.Popen([*command, "main.py"], cwd=tmp_path, stdout=out, stderr=out))
        return tmp_path

    yield start
    for process in processes:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=15)


def events(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / "events"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    found = [json.loads(line) for line in lines if line.endswith("\n")]
    return [event for event in found if event["event"] == name]


def until(folder: Path, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, (folder / "out").read_text() + (folder / "events").read_text()
        time.sleep(0.01)


def said(folder: Path) -> list[str]:
    return [line for line in (folder / "out").read_text().splitlines() if not line.startswith("hrsup")]


def test_a_new_worker_gets_the_coordinators_version(run: Callable[..., Path]) -> None:
    """The change failed, the coordinator runs the old version, and so do workers that are started now."""
    folder = run("--strategy", "data", "--no-escalate")
    until(folder, lambda: said(folder).count("old") > 2)
    (folder / "work.py").write_text(WORK.replace("old", "newer"))
    until(folder, lambda: events(folder, "failed"))
    count = len(said(folder))
    until(folder, lambda: len(said(folder)) > count + 3)
    assert set(said(folder)) == {"old"}
    assert not events(folder, "skew")


def test_a_worker_that_loads_what_was_not_applied_is_told_of(run: Callable[..., Path]) -> None:
    """Of a module that the coordinator has not loaded there is no version but the one on disk: `skew`."""
    text = SERVICE.replace("from work import answer", "from ask import answer")
    folder = run("--strategy", "data", "--no-escalate", main=text, ask=ASK)
    until(folder, lambda: said(folder).count("old") > 2)
    (folder / "work.py").write_text(WORK.replace("old", "newer"))
    until(folder, lambda: events(folder, "failed"))
    until(folder, lambda: events(folder, "skew"))
    assert events(folder, "skew")[0]["file"] == str(folder / "work.py")
    assert not events(folder, "applied")


def test_a_module_that_the_program_writes_is_loaded_as_written(run: Callable[..., Path]) -> None:
    """As under plain python: the coordinator goes on with what it has imported, workers import what it wrote."""
    folder = run(main=WRITES)
    until(folder, lambda: "written" in said(folder))
    assert said(folder)[0] == "old"


def test_applied_counts_the_skew(run: Callable[..., Path]) -> None:
    """With workers that come and go, `applied` says 0, and no answer after it is old."""
    folder = run()
    until(folder, lambda: (folder / "out").read_text().count("old") > 2)
    (folder / "work.py").write_text(WORK.replace("old", "newer"))
    until(folder, lambda: events(folder, "applied"))
    assert [event["evidence"].get("skew", 0) for event in events(folder, "applied")] == [0]
    said = len((folder / "out").read_text().splitlines())
    until(folder, lambda: len((folder / "out").read_text().splitlines()) > said + 3)
    assert "old" not in (folder / "out").read_text().splitlines()[said + 1 :]
