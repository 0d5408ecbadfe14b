"""The fork that a layer makes beforehand: it goes on as a continuation would, and is missed by nobody."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from layered import Supervisor, alive, cold
from live import Live

MAIN = "import json, stage\nprint(stage.A, json.load(open('params.json')), flush=True)\n"
EXPECTED = ("the guardian", "the image", "the layer before line 2", "its spare")
SCRIPT = "import stage\nprint(stage.A, flush=True)\n"


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setenv("LAYERED_EAGER", "1")
    folder = Path(os.path.realpath(tmp_path))
    (folder / "main.py").write_text(SCRIPT)
    (folder / "stage.py").write_text("A = 1\n")
    with Supervisor(folder) as supervisor:
        yield supervisor


def spare_of(supervisor: Supervisor, point: str) -> int:
    layer = supervisor.at(point)
    supervisor.peer(layer["pid"]).send(type="spare", id=1)
    supervisor.until(lambda: supervisor.of("spare"))
    said = supervisor.of("spare")[-1]
    assert said["of"] == layer["pid"]
    return int(said["from"])


def test_a_spare_runs_the_new_code(supervisor: Supervisor) -> None:
    """What it was forked from goes on to be a layer, and signals that came meanwhile were not for the program."""
    supervisor.run("main.py")
    spare = spare_of(supervisor, "before stage")
    os.kill(spare, signal.SIGTERM)
    os.kill(spare, signal.SIGUSR1)
    (supervisor.folder / "stage.py").write_text("A = 2\n")
    supervisor.peer(spare).send(type="continue", id=2)
    supervisor.until(lambda: not alive(spare))
    assert any(said["pid"] == spare and said["role"] == "main" for said in supervisor.of("hello"))
    assert supervisor.taken() == cold(supervisor.folder, "main.py") == "2\n"
    (supervisor.folder / "stage.py").write_text("A = 3\n")
    assert supervisor.resume(supervisor.at("before stage"))["status"] == 0
    assert supervisor.taken() == "3\n"


def test_a_spare_ends_when_nobody_is_there_any_more(supervisor: Supervisor) -> None:
    """It is in no one's tree, so it must not wait for ever."""
    supervisor.run("main.py")
    spare = spare_of(supervisor, "before stage")
    supervisor.peer(spare).connection.close()
    supervisor.until(lambda: not alive(spare))
    assert supervisor.taken() == ""


@pytest.fixture
def batch(tmp_path: Path) -> Iterator[Live]:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    (folder / "stage.py").write_text("import time\ntime.sleep(0.2)\nA = 'kept'\n")
    (folder / "params.json").write_text("0")
    batch = Live(folder, ["main.py"])
    yield batch
    batch.end()


def newest(batch: Live) -> psutil.Process:
    """The process of hrsup's that was started last."""
    return max(psutil.Process(batch.process.pid).children(recursive=True), key=lambda process: process.create_time())


def shown(batch: Live, number: int) -> bool:
    return len(batch.events("applied")) == number and batch.lines()[-1:] == [f"kept {number}"]


def test_the_next_run_is_forked_while_nothing_happens(batch: Live) -> None:
    """It was there before the file was saved; one that has come to its end meanwhile is done without."""
    batch.until(lambda: batch.events("run_finished"))
    forked_before = []
    for number in range(1, 7):
        if number > 1:
            last = batch.events("run_started")[-1]["pid"]
            batch.until(lambda last=last: newest(batch).pid != last and not alive(last))  # type: ignore[misc]
        spare = newest(batch)
        if number == 4:
            spare.kill()
        batch.save("params.json", str(number))
        batch.until(lambda number=number: shown(batch, number))  # type: ignore[misc]
        forked_before.append(batch.events("run_started")[-1]["pid"] == spare.pid)
    assert any(forked_before[1:])
    assert not forked_before[3]
    processes = psutil.Process(batch.process.pid).children(recursive=True)
    batch.end()
    batch.until(lambda: not any(alive(process.pid) for process in processes))


def test_the_first_change_finds_a_fork_of_the_last_layer(tmp_path: Path) -> None:
    """What a program reads last is what is edited most."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    (folder / "stage.py").write_text("A = 'kept' if sum(range(300_000_000)) else ''\n")
    (folder / "params.json").write_text("0")
    batch = Live(folder, ["main.py"], ["--verbose"])
    try:
        batch.until(lambda: batch.events("run_finished") and ": ready" in batch.output.read_text())
        assert "main.py:2: ready" in batch.output.read_text()
        batch.until(lambda: len(psutil.Process(batch.process.pid).children(recursive=True)) == len(EXPECTED))
        forked = {process.pid for process in psutil.Process(batch.process.pid).children(recursive=True)}
        batch.save("params.json", "1")
        batch.until(lambda: shown(batch, 1))
        assert batch.events("run_started")[-1]["pid"] in forked  # which was started last is a matter of clock ticks
    finally:
        batch.end()
