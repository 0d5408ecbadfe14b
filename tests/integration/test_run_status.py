"""How `hrsup run` ends: its exit status, and nothing of the program left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from running import Running, once, project

SETSID = """
import os, subprocess, sys, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("far away", flush=True)
        time.sleep(1000)
    os._exit(0)
os.wait()
print("ready", flush=True)
time.sleep(1000)
"""
POOL = """
import time
from loky import get_reusable_executor

if __name__ == "__main__":
    executor = get_reusable_executor(max_workers=2)
    print(sum(executor.map(abs, range(4))), "ready", flush=True)
    time.sleep(1000)
"""
STUBBORN = """
import signal, time

for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(signum, lambda *_: print("no", flush=True))
print("ready", flush=True)
while True:
    time.sleep(1)
"""


@pytest.mark.parametrize("status", [0, 1, 3, 77, 127, 128, 200, 255])
def test_once_ends_with_the_programs_own_status(tmp_path: Path, status: int) -> None:
    """`--once` hands the program's exit status on."""
    assert once(tmp_path, sys.executable, "-c", f"import sys; sys.exit({status})").returncode == status


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT])
def test_once_says_which_signal_ended_the_program(tmp_path: Path, signum: int) -> None:
    """A program that signal n ended gives 128+n."""
    code = f"import os, signal; os.kill(os.getpid(), {int(signum)}); signal.pause()"
    assert once(tmp_path, sys.executable, "-c", code).returncode == 128 + signum


@pytest.mark.parametrize(("signum", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("program", [SETSID, POOL], ids=["setsid", "loky"])
def test_a_stop_leaves_nothing_behind(tmp_path: Path, signum: int, status: int, program: str) -> None:
    """After a stop by signal n the status is 128+n, and no process is alive: workers, `setsid` descendants, layers."""
    with Running(project(tmp_path / "p", main=program)) as run:
        run.line("ready")
        assert len(run.left()) > 2
        assert run.stop(signum) == status
        assert run.left() == []
        assert run.names()[-1] == "stopped"


def test_a_program_that_ignores_every_signal_is_killed_after_the_timeout(tmp_path: Path) -> None:
    """`--stop-timeout` and `--stop-signal` say how long and by what it is asked; the status stays that of the stop."""
    options = ("--stop-timeout", "0.3", "--stop-signal", "INT")
    with Running(project(tmp_path / "p", main=STUBBORN), *options) as run:
        run.line("ready")
        assert run.stop() == 143
        assert run.left() == []


def test_a_second_signal_during_the_stop_kills_at_once(tmp_path: Path) -> None:
    """Whoever asks twice does not wait for the timeout."""
    with Running(project(tmp_path / "p", main=STUBBORN), "--stop-timeout", "600") as run:
        run.line("ready")
        run.process.send_signal(signal.SIGTERM)
        run.line("no")
        assert run.stop() == 143
        assert run.left() == []


def test_a_killed_supervisor_leaves_nothing_behind(tmp_path: Path) -> None:
    """SIGKILL to the supervisor ends everything, its own folder included; the next session finds the history."""
    folder = project(tmp_path / "p", main=SETSID)
    with Running(folder) as run:
        run.line("ready")
        run.wait(lambda: (folder / ".hrsup" / "history.sqlite3").exists(), "history")
        sockets = psutil.Process(run.process.pid).net_connections("unix")
        (link,) = {Path(one.laddr).parent for one in sockets if one.laddr}
        assert run.stop(signal.SIGKILL) == -signal.SIGKILL
        run.wait(lambda: not run.left() and not link.exists(), "end of all")
    with Running(folder) as run:
        run.line("ready")
        assert "history is off" not in run.said()
        assert run.ask("stats").returncode == 0
        assert run.ask("sync").returncode == 0


# What is wrong, and the words that must be in the one line that says so.
WRONG = [
    (["run", "--stratgy", "data", "--", "true"], "--strategy"),
    (["run", "-s", "reloud", "--", "true"], "reload"),
    (["run", "--mode", "bach", "--", "true"], "batch"),
    (["run", "--stop-timeout", "soon", "--", "true"], "seconds"),
    (["run", "--stop-timeout", "-1", "--", "true"], "seconds"),
    (["run", "--stop-signal", "TRM", "--", "true"], "TERM"),
    (["run", "--events", "missing/e.jsonl", "--", "true"], "missing/e.jsonl"),
    (["run", "--events", ".", "--", "true"], "directory"),
    (["run", "--events"], "--events"),
    (["run"], "COMMAND"),
    (["rn", "--", "true"], "'run'"),
    (["main.py"], "hrsup run -- main.py"),
    (["sync", "now"], "now"),
    (["sync"], "no `hrsup run`"),
    (["explain"], "PATHS"),
    (["stats"], "no history"),
]


@pytest.mark.parametrize(
    ("arguments", "words"), WRONG, ids=lambda value: "_".join(value)[:30] if isinstance(value, list) else ""
)
def test_wrong_usage_is_one_line_and_status_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    """A wrong option, value or command gives one line with the nearest right name."""
    done = _hrsup(tmp_path, *arguments)
    assert done.returncode == 2
    assert re.fullmatch(r"hrsup: [^\n]+\n", done.stderr) and words in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HRSUP_STRATGY", "data", "'strategy'"),
        ("HRSUP_POLLING", "perhaps", "true or false"),
        ("HRSUP_MODE", "x", "batch"),
    ],
)
def test_a_wrong_variable_is_one_line_and_status_2(tmp_path: Path, variable: str, value: str, words: str) -> None:
    """A mistake in `HRSUP_*` names the variable."""
    done = _hrsup(tmp_path, "run", "--once", "--", "true", environ={variable: value})
    assert done.returncode == 2
    assert re.fullmatch(rf"hrsup: {variable}: [^\n]+\n", done.stderr) and words in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[tool.hrsup]\nstratgy = "data"\n', "'strategy'"),
        ("[tool.hrsup]\nwatch = 3\n", "list"),
        ("[tool.hrsup\n", "line 1"),
        ("tool.hrsup = 3\n", "table"),
    ],
)
def test_a_wrong_setting_in_pyproject_is_one_line_and_status_2(tmp_path: Path, text: str, words: str) -> None:
    """A mistake in `[tool.hrsup]` says where it stands."""
    (tmp_path / "pyproject.toml").write_text(text)
    done = _hrsup(tmp_path, "run", "--once", "--", "true")
    assert done.returncode == 2
    assert re.fullmatch(r"hrsup: [^\n]*pyproject.toml[^\n]+\n", done.stderr) and words in done.stderr


def test_each_source_of_options_goes_over_the_one_before(tmp_path: Path) -> None:
    """pyproject.toml, then `HRSUP_*`, then the command line: `--once` given in the file ends with the program."""
    (tmp_path / "pyproject.toml").write_text('[tool.hrsup]\nonce = true\nstrategy = "no such one, but overridden"\n')
    done = _hrsup(tmp_path, "run", "--", "true", environ={"HRSUP_STRATEGY": "respawn"})
    assert done.returncode == 2  # a mistake is a mistake, even where nothing depends on it
    (tmp_path / "pyproject.toml").write_text('[tool.hrsup]\nonce = true\nmode = "batch"\n')
    assert _hrsup(tmp_path, "run", "--", "sh", "-c", "exit 5").returncode == 5


def test_a_command_that_cannot_be_found_or_run_is_one_line(tmp_path: Path) -> None:
    """127 and 126, as a shell says it, with a hint where there is one."""
    (tmp_path / "main.py").write_text("print('never')\n")
    (tmp_path / "lost").write_text("#!/no/such/interpreter\n")
    (tmp_path / "lost").chmod(0o755)
    for command, status, words in [
        ("no-such-command", 127, "no-such-command"),
        ("main.py", 127, "python main.py"),
        ("./main.py", 126, "denied"),
        ("./lost", 126, "interpreter"),
        ("/", 126, "/"),
    ]:
        for options in ((), ("--once",)):
            done = once(tmp_path, command, options=options)
            assert (done.returncode, done.stdout) == (status, "")
            assert re.fullmatch(r"hrsup: [^\n]+\n", done.stderr) and words in done.stderr


def test_a_closed_or_full_output_ends_the_program_as_it_would_in_a_pipe(tmp_path: Path) -> None:
    """`| head -1` ends the program (here: BrokenPipeError); a full standard error costs our lines, not the program."""
    command = f'{sys.executable} -m hrsup run --once -- {sys.executable} -c "while True: print(1)" | head -1'
    done = subprocess.run(
        ["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}}"], cwd=tmp_path, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.splitlines() == ["1", "1"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "hrsup",
                "run",
                "--once",
                "--events",
                "/dev/full",
                "--",
                sys.executable,
                "-c",
                "print(1)",
            ],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            timeout=30,
        )
    assert (done.returncode, done.stdout) == (0, "1\n")


def _hrsup(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "hrsup", *arguments],
        cwd=folder,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_when_nobody_reads_the_output_any_more_hrsup_ends(tmp_path: Path) -> None:
    """`hrsup run ... | head -1`: the program ends of it, waiting would be in vain, and its status is ours."""
    command = f"{sys.executable} -m hrsup run -- {sys.executable} -c 'while True: print(1)' | head -1"
    script = f"{command}; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.splitlines() == ["1", "1"]


def test_the_repeat_of_an_expensive_import_is_announced_before_it_happens(tmp_path: Path) -> None:
    """An edit of a module whose import takes a second and cannot be reloaded: that it is repeated is said first."""
    slow = "import time\n\ntime.sleep(1.1)\nVALUE = {}\n"
    show = "    print('value', slow.VALUE, file=sys.stderr, flush=True)\n    time.sleep(0.02)\n"
    main = f"import slow, sys, time\n\nwhile True:\n{show}"
    folder = project(tmp_path / "p", main=main, slow=slow.format(1))
    with Running(folder, "--mode", "service") as run:
        run.wait(lambda: "value 1" in run.said(), "start")
        run.save("slow.py", slow.replace("time\n\n", "time\n\nprint('imported')\n").format(2))
        run.wait(lambda: "value 2" in run.said(), "the new value")
        run.event("applied")
        said = run.said()
    assert "slow.py: checkpoint, imports of 1." in said
    assert said.index("are repeated") < said.index("value 2")


def test_the_evidence_says_how_many_modules_were_imported_again(tmp_path: Path) -> None:
    """A continuation from before two modules imports both again; a reload imports none."""
    show = "    print('value', low.value(), file=sys.stderr, flush=True)\n    time.sleep(0.02)\n"
    low = "{}\n\n\ndef value():\n    return {}\n"
    files = {"main": f"import high, low, sys, time\n\nwhile True:\n{show}", "low": low.format("A = 1", 1)}
    with Running(project(tmp_path / "p", high="import low\n", **files), "--mode", "service") as run:
        run.wait(lambda: "value 1" in run.said(), "start")
        run.save("low.py", low.format("A = 1", 2))
        assert "imported" not in run.event("applied", strategy="reload")["evidence"]
        run.save("low.py", low.format("print('an effect')", 3))
        assert run.event("applied", strategy="checkpoint")["evidence"]["imported"] == 2
