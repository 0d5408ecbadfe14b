"""What a whole session does with saves: during runs, broken ones, many at once; and what it says of them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

import pytest
from running import Running, project

SERVICE = "import time, helper\nwhile True:\n    print('tick', helper.f(), flush=True)\n    time.sleep(0.02)\n"
BATCH = "import helper\nprint('value', helper.f(), flush=True)\n"
# Nothing that hrsup could take for an input decides when these end.
SLOW = """
import signal, sys, helper

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
print("begin", helper.f(), flush=True)
if len(sys.argv) > 1:
    signal.sigwait({signal.SIGUSR1})
print("end", helper.f(), flush=True)
"""
LOOP = """
import signal, time, helper

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
print("begin", flush=True)
while not signal.sigpending():
    helper.f()
    time.sleep(0.01)
print("end", helper.f(), flush=True)
"""


def value(number: int | str) -> str:
    """A helper.py that gives this number."""
    return f"def f():\n    return {number}\n"


def test_an_edit_during_a_batchs_run_ends_that_run(tmp_path: Path) -> None:
    """The run under way is given up, a right one is started, and exactly one final result is there, the right one."""
    folder = project(tmp_path / "p", main=SLOW, helper=value(1))
    with Running(folder, "--mode", "batch", command=(sys.executable, "main.py", "wait")) as run:
        run.line("begin 1")
        run.save("helper.py", value(2))
        run.line("begin 2")
        run.save("helper.py", value(3))
        run.line("begin 3")
        os.kill(run.event("run_started", 3)["pid"], signal.SIGUSR1)
        run.line("end 3")
        assert run.event("applied")["run"] == 3
        assert run.ask("sync").returncode == 0
        assert run.lines() == ["begin 1", "begin 2", "begin 3", "end 3"]
        assert len(run.events("applied")) == len(run.events("run_finished")) == 1


def test_the_end_of_an_old_run_is_never_taken_for_the_end_of_the_next(tmp_path: Path) -> None:
    """Runs that are given up one after the other, each just begun: no result is said to be there before it is."""
    folder = project(tmp_path / "p", main=SLOW, helper=value(1))
    with Running(folder, "--mode", "batch", command=(sys.executable, "main.py", "wait")) as run:
        for number in range(2, 42):
            run.line(f"begin {number - 1}")
            run.save("helper.py", value(number))
        run.line("begin 41")
        last = run.event("run_started", 41)
        assert {"run_finished", "applied", "crashed"}.isdisjoint(run.names())
        os.kill(last["pid"], signal.SIGUSR1)
        run.line("end 41")
        assert run.event("applied")["run"] == last["run"]


def test_a_run_that_was_edited_on_its_way_and_turns_out_a_batch_is_run_again(tmp_path: Path) -> None:
    """Nobody knows yet that the program ends by itself, so it is updated in place; when it ends, its result is void."""
    folder = project(tmp_path / "p", main=LOOP, helper=value(1))
    with Running(folder) as run:
        run.line("begin")
        run.save("helper.py", value(2))
        assert run.event("applied")["run"] == 1
        os.kill(run.event("run_started")["pid"], signal.SIGUSR1)
        run.event("run_finished")
        again = run.event("run_started", 2)["pid"]
        run.wait(lambda: run.lines().count("begin") == 2, "second run")
        os.kill(again, signal.SIGUSR1)
        run.event("applied", 2)
        assert run.ask("sync").returncode == 0
        assert run.lines() == ["begin", "end 2", "begin", "end 2"]
        assert "running it again" in run.said()


@pytest.mark.parametrize("text", [BATCH, SERVICE], ids=["batch", "service"])
def test_many_double_saves_end_with_the_last(tmp_path: Path, text: str) -> None:
    """Two saves at random distances, many times over: what runs in the end is what was saved last."""
    chance = random.Random(5)
    with Running(project(tmp_path / "p", main=text, helper=value(0))) as run:
        run.line(" 0")
        for number in range(1, 100, 2):
            run.save("helper.py", value(number))
            signal.sigtimedwait([], chance.choice([0, 0.001, 0.005, 0.02, 0.05]))
            run.save("helper.py", value(number + 1))
            if number % 10 == 1:
                assert run.ask("sync").returncode == 0
                run.wait(lambda number=number: run.lines()[-1].endswith(f" {number + 1}"), "last save")
        assert run.ask("sync").returncode == 0
        run.wait(lambda: run.lines()[-1].endswith(" 100"), "last save")
        sequence = [event["seq"] for event in run.events()]
        assert sequence == list(range(1, len(sequence) + 1))


BROKEN = [
    ("def f():\n    return (\n", "SyntaxError", 2),
    ("import no_such_module\n" + value(5), "No module named 'no_such_module'", 1),
    ("1 / 0\n" + value(5), "ZeroDivisionError", 1),
]


@pytest.mark.parametrize(("text", "message", "line"), BROKEN, ids=["syntax", "import", "runtime"])
def test_a_service_keeps_running_on_a_broken_save(tmp_path: Path, text: str, message: str, line: int) -> None:
    """The version is held with its place, sync and stats say so, a touch changes nothing, the next save is tried."""
    folder = project(tmp_path / "p", main=SERVICE, helper=value(1))
    with Running(folder) as run:
        run.line("tick 1")
        run.save("helper.py", text)
        error = run.event("held")["error"]
        assert (error["file"], error["line"]) == (str(folder / "helper.py"), line) and message in error["message"]
        (folder / "helper.py").touch()
        for _ in range(2):
            sync = run.ask("sync")
            assert sync.returncode == 1 and "held" in sync.stdout and f"helper.py:{line}" in sync.stdout
        assert f"helper.py:{line}" in run.ask("stats").stdout
        ticks = len(run.lines())
        run.wait(lambda: len(run.lines()) > ticks + 2, "ticks of the old version")
        run.save("helper.py", value(2))
        run.line("tick 2")
        run.event("applied")
        assert run.ask("sync").returncode == 0
        assert "differs" not in run.ask("stats").stdout
        assert len({event["run"] for event in run.events()} - {0}) == 1
        assert len(run.events("held")) == 1


@pytest.mark.parametrize("outside", [True, False], ids=["outside the project", "within it"])
def test_what_puts_it_right_may_be_a_file_that_the_running_program_does_not_use(tmp_path: Path, outside: bool) -> None:
    """What is held is tried again when the module that it imports, or the file that it reads, is mended."""
    folder = project(tmp_path / "p", main=f"import sys\nsys.path.append({str(tmp_path)!r})\n{SERVICE}", helper=value(1))
    other = (tmp_path if outside else folder) / "other.py"
    other.write_text("A = = 2\n")
    with Running(folder) as run:
        run.line("tick 1")
        run.save("helper.py", f"import other\n{value('other.A')}")
        assert run.event("held")["error"]["file"] == str(other)
        other.write_text("A = 2\n")
        run.line("tick 2")
        run.event("applied")
        assert run.ask("sync").returncode == 0


def test_the_old_content_saved_back_clears_what_was_held(tmp_path: Path) -> None:
    """The files are again what is running: nothing is applied, and the state is clear."""
    with Running(project(tmp_path / "p", main=SERVICE, helper=value(1))) as run:
        run.line("tick 1")
        run.save("helper.py", BROKEN[1][0])
        run.event("held")
        run.save("helper.py", value(1))
        run.wait(lambda: "again what is running" in run.said(), "word")
        assert run.ask("sync").returncode == 0
        assert run.names().count("applied") == 0


@pytest.mark.parametrize(("text", "message", "line"), BROKEN, ids=["syntax", "import", "runtime"])
def test_a_batch_shows_the_error_and_is_held(tmp_path: Path, text: str, message: str, line: int) -> None:
    """The program's own traceback is there, then `held` with the place; the next save is run."""
    folder = project(tmp_path / "p", main=BATCH, helper=value(1))
    with Running(folder) as run:
        run.event("run_finished")
        run.save("helper.py", text)
        error = run.event("held")["error"]
        assert (error["file"], error["line"]) == (str(folder / "helper.py"), line) and message in error["message"]
        assert run.names()[-4:] == ["run_started", "run_finished", "crashed", "held"]
        assert run.event("crashed")["status"] == 1
        assert "hrsup" not in run.said().partition("Traceback")[2].partition(message)[0]
        assert run.ask("sync").returncode == 1
        run.save("helper.py", value(2))
        run.line("value 2")
        run.event("applied")
        assert run.ask("sync").returncode == 0


def test_what_fails_from_its_first_run_on_is_answered_by_its_result(tmp_path: Path) -> None:
    """Nobody knows yet that it is a batch: but it may fail again, or end, at the point where the last run failed, so
    that nothing is said before."""
    main = "import time, helper\ntime.sleep(0.5)\nprint('value', helper.f(), flush=True)\n"
    with Running(project(tmp_path / "p", main=main, helper=value("unknown"))) as run:
        run.event("crashed")
        run.save("helper.py", value("unheard"))
        run.event("held")
        run.save("helper.py", value(1))
        assert run.ask("sync").returncode == 0
        assert run.lines() == ["value 1"]
        assert run.names()[-3:] == ["run_started", "run_finished", "applied"]


def test_the_place_of_an_error_is_a_line_of_the_users_and_a_bad_status_is_said(tmp_path: Path) -> None:
    """What a library raises, or the import system, is put down to the line that called it."""
    folder = project(tmp_path / "p", main=BATCH, helper=value(1))
    with Running(folder) as run:
        run.event("run_finished")
        for number, text in enumerate(
            ("import importlib\nimportlib.import_module('nope')\n", "import json\njson.loads('{')\n")
        ):
            run.save("helper.py", text)
            error = run.event("held", number + 1)["error"]
            assert (error["file"], error["line"]) == (str(folder / "helper.py"), 2)
        run.save("helper.py", "import sys\nsys.exit(3)\n")
        assert run.event("applied")["evidence"]["status"] == 3
        run.wait(lambda: "ended with status 3" in run.said().rpartition("right again")[2], "word")


def test_a_batch_says_applied_after_the_run_that_answers_the_change(tmp_path: Path) -> None:
    """change, run_started, run_finished, applied: in this order, with the same run and all timings."""
    with Running(project(tmp_path / "p", main=BATCH, helper=value(1))) as run:
        run.event("run_finished")
        run.save("helper.py", value(2))
        applied = run.event("applied")
        assert run.names()[-4:] == ["change", "run_started", "run_finished", "applied"]
        assert run.stop() == 143
        assert run.names()[:3] == ["started", "run_started", "run_finished"] and run.names()[-1] == "stopped"
    assert [event["run"] for event in run.events()] == [0, 1, 1, 1, 2, 2, 2, 2]
    assert applied["kinds"] == ["code"] and applied["evidence"]
    phases = dict(applied["timings"])
    assert set(phases) >= {"detect", "decide", "perform", "verify", "total"} and min(phases.values()) >= 0
    total = phases.pop("total")
    assert abs(sum(phases.values()) - total) <= 0.02 * total
    assert {"pid", "command", "mode"} <= set(run.events("started")[0])
    assert all({"event", "seq", "time", "run"} <= set(event) for event in run.events())


def test_what_has_no_influence_is_ignored_with_its_reason(tmp_path: Path) -> None:
    """A touch, a comment, an unused file: `ignored`, and no run. With --verbose it is said."""
    folder = project(tmp_path / "p", main=BATCH, helper=value(1), unused="x = 1\n")
    with Running(folder, "--verbose") as run:
        run.event("run_finished")
        assert run.ask("sync").returncode == 0
        (folder / "helper.py").touch()
        assert run.event("ignored", 1)["kinds"] == ["noop"]
        run.save("helper.py", "# so\n" + value(1))
        assert run.event("ignored", 2)["kinds"] == ["noop"]
        run.save("unused.py", "x = 2\n")
        assert run.event("ignored", 3)["kinds"] == ["irrelevant"]
        assert run.ask("sync").returncode == 0
        assert run.events()[-1]["run"] == 1
        assert "unused.py" in run.said()


def test_a_file_that_a_service_writes_again_and_again_is_worth_no_word(tmp_path: Path) -> None:
    """It has the same content each time. What the user saves meanwhile is told, with or without effect."""
    main = "import time, helper\nwhile True:\n    with open('page.html', 'w') as file:\n        file.write('page')\n"
    main += "    print('tick', helper.f(), flush=True)\n    time.sleep(0.01)\n"
    folder = project(tmp_path / "p", main=main, helper=value(1))
    with Running(folder) as run:
        run.wait(lambda: len(run.lines()) > 150, "ticks")
        run.save("helper.py", value(2))
        run.event("applied")
        (folder / "helper.py").touch()
        assert run.event("ignored", 1)["kinds"] == ["noop"]
        assert run.ask("sync").returncode == 0
        told = [file["path"] for event in run.events("change") for file in event["files"]]
        assert {Path(path).name for path in told} == {"helper.py"}


def test_what_is_ignored_by_rule_is_never_looked_at(tmp_path: Path) -> None:
    """.gitignore and --ignore keep files that the program did not use from counting; --watch adds a place."""
    away = tmp_path / "away"
    away.mkdir()
    folder = project(tmp_path / "p", main="import subprocess\nsubprocess.run(['true'])\nprint('ran', flush=True)\n")
    (folder / ".gitignore").write_text("*.log\n")
    with Running(folder, "--mode", "batch", "--ignore", "*.tmp", "--watch", str(away)) as run:
        run.event("run_finished")
        assert run.ask("sync").returncode == 0
        for name in ("a.log", "b.tmp"):
            (folder / name).write_text("x")
        assert run.ask("sync").returncode == 0
        assert run.names().count("change") == 0
        (away / "c.txt").write_text("x")  # the subprocess may have read it
        run.event("change")


def test_a_service_that_dies_at_its_start_is_not_started_again_and_again(tmp_path: Path) -> None:
    """No loop of restarts: it waits for the next save, and takes it."""
    folder = project(tmp_path / "p", main=SERVICE, helper=value(1))
    with Running(folder, "-s", "respawn") as run:
        run.line("tick 1")
        run.save("main.py", SERVICE.replace("while", "raise SystemExit('no')\nwhile"))
        run.event("run_finished")
        run.wait(lambda: "next save" in run.said() or "ended with" in run.said(), "word")
        for _ in range(3):
            run.ask("sync")
        assert run.events()[-1]["run"] == 2
        run.save("main.py", SERVICE.replace("tick", "tock"))
        run.line("tock 1")


def test_a_program_that_is_killed_waits_for_the_next_save(tmp_path: Path) -> None:
    """SIGKILL from outside: `crashed` says by which signal, and a save starts it again."""
    with Running(project(tmp_path / "p", main=SERVICE, helper=value(1))) as run:
        run.line("tick 1")
        os.kill(run.event("run_started")["pid"], signal.SIGKILL)
        assert run.event("crashed")["signal"] == 9
        assert run.event("run_finished")["status"] == 137
        run.save("helper.py", value(2))
        run.line("tick 2")


def test_no_escalate_ends_a_refused_change_as_failed(tmp_path: Path) -> None:
    """`refused`, then `failed` with the same reason; the old version keeps running, and hrsup says that it does."""
    with Running(project(tmp_path / "p", main=SERVICE, helper=value(1)), "--no-escalate", "-s", "data") as run:
        run.line("tick 1")
        run.save("helper.py", value(2))
        failed, refused = run.event("failed"), run.event("refused")
        assert {**failed, "event": 0, "seq": 0, "time": 0} == {**refused, "event": 0, "seq": 0, "time": 0}
        assert failed["strategy"] == "data" and failed["code"].startswith("HR5")
        assert run.ask("sync").returncode == 1
        assert "differs" in run.ask("stats").stdout
        assert "escalated" not in run.names()


def test_two_sessions_in_one_project_do_not_touch_each_other(tmp_path: Path) -> None:
    """Both are brought up to date, sync asks both, and the end of one is not the end of the other."""
    folder = project(tmp_path / "p", main=SERVICE, helper=value(1))
    with Running(folder) as one, Running(folder) as other:
        one.line("tick 1"), other.line("tick 1")
        one.save("helper.py", value(2))
        one.line("tick 2"), other.line("tick 2")
        one.event("applied"), other.event("applied")
        assert one.ask("sync").stdout.count("on disk") == 2
        assert one.stop() == 143
        other.save("helper.py", value(3))
        other.line("tick 3")
        other.event("applied", 2)
        assert other.ask("sync").stdout.count("on disk") == 1


def test_explain_says_what_a_save_would_do(tmp_path: Path) -> None:
    """For each file its kind, the reason, and the strategies up to the first that would take it."""
    folder = project(tmp_path / "p", main=SERVICE, helper=value(1), unused="x = 1\n")
    with Running(folder) as run:
        run.line("tick 1")
        text = run.ask("explain", "helper.py", "unused.py").stdout
        assert "helper.py: code, " in text and "    reload: yes, in the running program" in text
        assert "unused.py: irrelevant, " in text
        assert run.names() == ["started", "run_started"]


def test_quiet_says_nothing(tmp_path: Path) -> None:
    """With --quiet standard error is the program's alone."""
    with Running(project(tmp_path / "p", main=BATCH, helper=value(1)), "--quiet") as run:
        run.line("value 1")
        run.save("helper.py", value(2))
        run.event("applied")
        assert run.stop() == 143
        assert run.said() == ""


def test_a_batch_with_a_database_comes_to_rest(tmp_path: Path) -> None:
    """SQLite writes unseen: after a few runs that is known, and then one edit is one run, in later sessions too."""
    text = (
        "import sqlite3, time\nfrom helper import VALUE\n\nbase = sqlite3.connect('state.db')\n"
        "base.execute('create table if not exists t(x)')\n"
        "base.execute('insert into t values(?)', (time.time(),))\nbase.commit()\nprint('value', VALUE)\n"
    )
    folder = project(tmp_path / "p", main=text, helper="VALUE = 1\n")

    def runs_for_an_edit(run: Running, number: int) -> int:
        before = len(run.events("run_started"))
        run.save("helper.py", f"VALUE = {number}\n")
        run.line(f"value {number}")
        run.ask("sync")
        return len(run.events("run_started")) - before

    with Running(folder) as first:
        first.event("run_finished")
        assert [runs_for_an_edit(first, number) for number in range(2, 8)][-1] == 1
    with Running(folder) as second:
        second.event("run_finished")
        second.ask("sync")
        assert [runs_for_an_edit(second, number) for number in range(8, 11)][-1] == 1
        second.save("state.db", "not a database")
        second.event("run_finished", status=1)


def test_a_service_is_not_restarted_for_its_own_database(tmp_path: Path) -> None:
    """What SQLite writes for the service is its own; what others write while it writes nothing is a change."""
    text = (
        "import os, sqlite3, time\n\nbase = sqlite3.connect('state.db')\n"
        "base.execute('create table if not exists t(x)')\n"
        "for number in range(10):\n"
        "    base.execute('insert into t values(?)', (number,))\n    base.commit()\n    time.sleep(0.05)\n"
        "print('rows', base.execute('select count(*) from t').fetchone()[0], flush=True)\n"
        "while True:\n    time.sleep(0.05)\n"
    )
    folder = project(tmp_path / "p", main=text)
    with Running(folder, "--mode", "service") as run:
        run.line("rows 10")
        assert run.ask("sync").returncode == 0
        with contextlib.closing(sqlite3.connect(folder / "state.db")) as other:
            other.execute("insert into t values(100)")
            other.commit()
        run.line("rows 21")
        assert run.ask("sync").returncode == 0
        assert len(run.events("run_started")) == 2


def test_strangers_in_a_folder_for_everybody_restart_nothing(tmp_path: Path) -> None:
    """A service that runs children and uses temporary files, its project in a folder in which everybody writes, goes on
    when others write there; what it has named in there counts, and so does what comes into a folder of its own."""
    shared, private = tmp_path / "shared", tmp_path / "private"
    shared.mkdir()
    shared.chmod(0o1777)
    private.mkdir()
    (shared / "named.txt").write_text("1")
    text = (
        "import os, subprocess, tempfile, time\n\n"
        f"shared, private = {str(shared)!r}, {str(private)!r}\n"
        "assert os.path.isdir(shared) and os.path.isdir(private) and os.path.exists(shared + '/named.txt')\n"
        "while True:\n"
        "    with tempfile.TemporaryDirectory(dir=shared) as scratch:\n"
        "        open(scratch + '/x', 'w').close()\n"
        "        subprocess.run(['sh', '-c', ':'])\n"
        "    print('tick', flush=True)\n    time.sleep(0.01)\n"
    )
    folder = project(shared / "p", main=text)
    with Running(folder, "--mode", "service") as run:
        run.line("tick")
        for number in range(20):
            (shared / "stranger.txt").write_text(str(number))
            (shared / "stranger.txt").replace(shared / f"stranger{number % 3}.txt")
        assert run.ask("sync").returncode == 0
        changed = [file["path"] for event in run.events("change") for file in event["files"]]
        assert [path for path in changed if "stranger" in path] == []
        (shared / "named.txt").write_text("2")
        run.wait(lambda: "named.txt: " in run.said(), "answer")
        (private / "arrived.txt").write_text("3")
        run.wait(lambda: "arrived.txt: " in run.said(), "answer")


@pytest.mark.parametrize("place", ["outside", "p/ignored"])
def test_a_file_that_a_child_is_told_to_read_is_watched_wherever_it_is(tmp_path: Path, place: str) -> None:
    """By its name, or by a folder or a pattern; what the program has made for its child is not."""
    data = tmp_path / place
    text = (
        "import subprocess, tempfile\n\n"
        f"print('one', subprocess.run(['cat', {str(data / 'one.txt')!r}], capture_output=True, text=True).stdout)\n"
        f"print('all', subprocess.getoutput('cat {data}/*.csv | tr -d \"\\n\"'))\n"
        "with tempfile.NamedTemporaryFile() as file:\n"
        "    subprocess.run(['sh', '-c', f'date +%N > {file.name}'])\n"
    )
    folder = project(tmp_path / "p", main=text)
    (folder / ".gitignore").write_text("ignored\n")
    data.mkdir()
    (data / "one.txt").write_text("1")
    (data / "a.csv").write_text("a")
    with Running(folder, "--mode", "batch") as run:
        run.event("run_finished")
        for number, (name, text, shown) in enumerate(
            (("one.txt", "2", "one 2"), ("a.csv", "b", "all b"), ("c.csv", "c", "all bc"))
        ):
            (data / name).write_text(text)
            run.event("applied", number + 1)
            assert shown in run.lines()
        assert run.ask("sync").returncode == 0
        assert len(run.events("run_started")) == 4


def test_a_run_that_failed_while_something_came_that_it_may_have_missed_is_run_again(tmp_path: Path) -> None:
    """A module that an earlier run has used, and this one not so far, is nothing to this run: until it has failed."""
    main = "import first\nimport helper\nprint('value', helper.f(), flush=True)\n"
    folder = project(tmp_path / "p", main=main, first="", helper=value(1))
    failing = "import time\nprint('begun', flush=True)\ntime.sleep(1.5)\nraise ValueError('not yet')\n"
    with Running(folder, "--mode", "batch") as run:
        run.line("value 1")
        run.save("first.py", failing)
        run.line("begun")
        run.save("helper.py", value(2))
        run.event("ignored")
        run.event("run_started", 3)
        run.event("held")
        assert "running it again" in run.said()
        run.save("first.py", "")
        run.line("value 2")
        assert run.ask("sync").returncode == 0
        assert len(run.events("run_started")) == 4


def test_every_change_is_answered_whatever_is_saved_while_the_program_starts(tmp_path: Path) -> None:
    """A save that the run under way has used already is no change any more; the one that had begun the run is answered
    all the same. A program that asks for times of files makes every save count."""
    main = "import os\nos.path.getmtime('main.py')\nimport first, helper\n" + SERVICE
    folder = project(tmp_path / "p", main=main, first="import time\ntime.sleep(0.03)\n", helper=value(0))
    with Running(folder, "--strategy", "execv") as run:
        run.line("tick 0")
        for number in range(1, 31):
            run.save("first.py", f"import time\ntime.sleep(0.03)\nNUMBER = {number}\n")
            run.event("run_started", len(run.events("run_started")) + 1)
            time.sleep(0.002 * number)  # sooner or later than the import of the other
            run.save("helper.py", value(number))
            run.line(f"tick {number}")
            assert run.ask("sync").returncode == 0
            answers = [event["seq"] for event in run.events() if event["event"] in ("applied", "ignored")]
            assert max(event["seq"] for event in run.events("change")) < max(answers, default=0), run.events()[-6:]
