"""What the supervisor itself finds wanting while a plan is performed: HR9xx, and a few codes that need no program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hrsup.generation import Generation
from hrsup_strategies.base import CODE, DATA, PROGRAM, SUPERVISOR, Change, Facts, FileChange, Plan, Refused
from hrsup_strategies.execv import Execv
from hrsup_strategies.reload import Reload
from hrsup_strategies.respawn import Respawn

Supervise = Callable[..., Any]
READS_ONCE = """
import sys, time

with open("params.txt") as file:
    word = file.read()
print("uses", word, file=sys.stderr, flush=True)
while True:
    time.sleep(0.02)
"""
SILENT = """
from hrsup_strategies.base import PROGRAM, Plan

class Silent:
    name = "silent"

    def assess(self, change, facts):
        return Plan(self.name, PROGRAM, detail={"deadline_s": 0.2})

    def perform(self, plan, program):
        return None

    def cancel(self, program):
        pass
"""
NEVER_AT_A_BOUNDARY = """
import sys, time, helper


def spin():
    until = time.monotonic() + 3600
    while time.monotonic() < until:
        sum(range(1000))


while True:
    print("spins", file=sys.stderr, flush=True)
    spin()
    helper.say()
"""
DIES = """
import os, signal, sys

with open("params.txt") as file:
    if file.read() == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
print("lived", file=sys.stderr, flush=True)
"""
NO_FLUSH = """
import sys
from hrsup_strategies import execv
import pytest
from hrsup.generation import Generation
from hrsup_strategies.base import Plan

class Full:
    closed = False
    def flush(self):
        raise OSError("no space left")

execv.record()
real, sys.stdout = sys.stdout, Full()
outcome = execv.Execv().perform(Plan("execv", "program"), None)
sys.stdout = real
print(outcome.state, outcome.code)
"""
SHELL = "#!/bin/sh\ncat params.txt >&2\nexec sleep 1000\n"


def test_a_program_that_does_not_answer_in_time_is_brought_up_to_date_otherwise(
    supervise: Supervise, tmp_path: Path
) -> None:
    """A strategy that never answers is given up after its deadline (HR901); the next ones bring the new content in."""
    info = tmp_path / "site" / "silent-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: silent\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[hrsup.strategies]\nsilent = silent:Silent\n")
    (tmp_path / "site" / "silent.py").write_text(SILENT)
    environ = {"PYTHONPATH": str(tmp_path / "site")}
    session = supervise({"main.py": READS_ONCE, "params.txt": "old"}, "-s", "silent", environ=environ)
    session.wait(lambda: "uses old" in session.said(), "old")
    session.save("params.txt", "new")
    assert session.event("failed", strategy="silent")["code"] == "HR901"
    session.wait(lambda: "uses new" in session.said(), "new")


def test_what_was_waited_for_in_vain_is_left_out(supervise: Supervise) -> None:
    """A reload that waited for a boundary that never came is not waited for at the next saves (HR902)."""
    text = "def say():\n    return {}\n"
    files = {"main.py": NEVER_AT_A_BOUNDARY, "helper.py": text.format(0)}
    session = supervise(files, "--mode", "service")
    for number in (1, 2, 3):
        session.wait(lambda number=number: session.said().count("spins") == number, "start")
        session.save("helper.py", text.format(number))
        session.wait(lambda number=number: len(session.named("applied")) == number, "answer")
    assert [event["code"] for event in session.named("refused", "failed")] == ["HR901", "HR902", "HR902"]


def test_a_continuation_that_crashes_is_not_believed(supervise: Supervise) -> None:
    """A fork that dies of SIGSEGV may be unfaithful (HR905): a start from nothing decides."""
    session = supervise({"main.py": DIES, "params.txt": "live"}, "--mode", "batch", "-s", "checkpoint")
    session.event("run_finished", status=0)
    session.save("params.txt", "die")
    assert session.event("failed", strategy="checkpoint")["code"] == "HR905"
    session.event("crashed", signal=11, run=3)


def test_a_command_that_can_no_longer_be_started_is_said(supervise: Supervise) -> None:
    """A script that may not be executed any more makes the restart fail (HR906); once it may, a save is taken."""
    session = supervise({"main.sh": SHELL, "params.txt": "old"}, command=["./main.sh"])
    session.wait(lambda: "old" in session.said(), "old")
    subprocess.run([sys.executable, "-m", "hrsup", "sync"], cwd=session.project, capture_output=True, timeout=60)
    (session.project / "main.sh").chmod(0o644)
    session.save("params.txt", "new")
    assert session.event("failed", strategy="respawn")["code"] == "HR906"
    (session.project / "main.sh").chmod(0o755)
    session.save("params.txt", "newer")
    session.wait(lambda: "newer" in session.said(), "newer")


def test_an_edit_in_the_first_moments_is_not_lost(supervise: Supervise) -> None:
    """A program that is not Python is restarted for an edit that came right after it had read the file."""
    session = supervise({"main.sh": SHELL, "params.txt": "old"}, command=["./main.sh"])
    session.wait(lambda: "old" in session.said(), "old")
    session.save("params.txt", "new")
    session.wait(lambda: "new" in session.said(), "new", deadline_s=10.0)


def test_a_program_that_writes_a_watched_file_at_each_start_comes_to_rest(supervise: Supervise) -> None:
    """Its writes are not seen, so after a few restarts in a row the file is taken for its output, with a warning."""
    script = "#!/bin/sh\ndate +%s%N > stamp.txt\necho run\nsleep 100\n"
    session = supervise({"main.sh": script, "params.txt": "old"}, command=["./main.sh"])
    session.wait(lambda: "changes in every run" in session.said(), "the warning")
    session.save("params.txt", "new")
    session.event("applied", strategy="respawn", kinds=["data"])


def test_a_process_that_was_not_recorded_at_its_start_is_not_replaced() -> None:
    """Without the agent's record of the start nothing could be put back (HR404)."""
    outcome = Execv().perform(Plan("execv", "program"), None)  # type: ignore[arg-type]
    assert (outcome.state, outcome.code) == ("refused", "HR404")


def test_a_process_whose_output_cannot_be_flushed_is_not_replaced(tmp_path: Path) -> None:
    """What the program has printed would be lost, so it goes on as it was (HR406)."""
    (tmp_path / "main.py").write_text(NO_FLUSH)
    run = subprocess.run([sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.stdout.split() == ["failed", "HR406"], run.stderr


def test_a_program_that_has_ended_cannot_replace_itself() -> None:
    """Where no process is running, there is none to replace (HR903)."""
    generation = Generation(*[None] * 6)  # type: ignore[arg-type]
    outcome = generation.replace(Plan("execv", PROGRAM), 1.0)
    assert (outcome.state, outcome.code) == ("refused", "HR903")


def test_a_program_is_never_asked_to_respawn_itself() -> None:
    """The last rung is the supervisor's; asked inside the program it refuses (HR451)."""
    plan = Respawn().assess(Change([]), Facts())
    assert plan.where == SUPERVISOR
    assert Respawn().perform(plan, None).code == "HR451"  # type: ignore[arg-type]


def test_reload_takes_nothing_but_code_and_no_pools() -> None:
    """A change of data, and any change while worker pools hold code of their own, is refused (HR102) untouched."""
    facts = Facts()
    facts.agent = facts.running = True
    data = Reload().assess(Change([FileChange("/p/a.csv", DATA, "n", "o")]), facts)
    facts.pools = {1: [2]}
    pools = Reload().assess(Change([FileChange("/p/a.py", CODE, "n", "o")]), facts)
    assert isinstance(data, Refused) and isinstance(pools, Refused)
    assert (data.code, pools.code) == ("HR102", "HR102")


def test_the_pages_of_this_test_exist() -> None:
    """The codes above are on the page."""
    page = (Path(__file__).parents[2] / "docs" / "codes.md").read_text()
    assert all(
        code in page for code in ("HR102", "HR404", "HR406", "HR451", "HR901", "HR902", "HR903", "HR905", "HR906")
    )
