"""A process that replaces itself starts as it once did, whatever it has done to itself since."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hrsup_strategies.base import BATCH, CODE, ENVIRONMENT, NATIVE, PROGRAM, Change, Facts, FileChange, Plan, Refused
from hrsup_strategies.execv import CODES, Execv, record
from hrsup_strategies.respawn import Respawn

# A program that shows what it was started with, spoils it, and replaces itself once.
PROGRAM_TEXT = """
import os, sys, resource, signal
from hrsup_strategies import execv
from hrsup_strategies.base import Plan
execv.record()

def ignored_and_blocked():
    lines = open("/proc/self/status").read().splitlines()
    return sorted(line for line in lines if line.startswith(("SigBlk", "SigIgn", "SigPnd", "Umask")))

number = os.open("counter", os.O_RDWR | os.O_CREAT)
seen = os.read(number, 10)
os.write(number, b"x")
os.close(number)
state = {
    "pid": os.getpid(), "argv": sys.argv, "orig": sys.orig_argv, "cwd": os.getcwd(), "env": dict(os.environ),
    "status": ignored_and_blocked(), "nice": os.nice(0), "affinity": sorted(os.sched_getaffinity(0)),
    "limit": resource.getrlimit(resource.RLIMIT_NOFILE)[0], "timer": signal.getitimer(signal.ITIMER_REAL),
    "descriptors": sorted(os.listdir("/proc/self/fd")), "flags": [os.get_blocking(n) for n in (1, 2)],
}
print(state)
if len(seen) >= 1:
    sys.exit(0)
held = open("held", "w")
os.set_inheritable(held.fileno(), True)
os.environ["SPOILED"] = "1"
del os.environ["HOME"]
os.umask(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
signal.setitimer(signal.ITIMER_REAL, 1000.0)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.set_blocking(1, False)
os.mkdir("elsewhere")
os.chdir("elsewhere")
#SPOIL#
print("still in the buffer", end=";")
print(execv.Execv().perform(Plan("execv", "program"), None))
"""


def run(folder: Path, spoil: str = "", flags: tuple[str, ...] = ("-X", "utf8")) -> list[str]:
    (folder / "script.py").write_text(PROGRAM_TEXT.replace("#SPOIL#", spoil))
    process = subprocess.run(
        [sys.executable, *flags, "script.py", "one", "two words"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not process.stderr
    return process.stdout.splitlines()


def test_the_new_start_is_like_the_first(tmp_path: Path) -> None:
    """Arguments, environment, folder, mask, limits, timers, descriptors and the rest are as they were; so is the pid,
    and nothing that was printed is lost."""
    first, second = run(tmp_path)
    assert second.startswith("still in the buffer;")
    assert second.removeprefix("still in the buffer;") == first
    assert "'one', 'two words'" in first


def test_a_running_child_is_refused(tmp_path: Path) -> None:
    """A child would survive with old code."""
    spoil = "import subprocess\nheld_child = subprocess.Popen(['sleep', '60'])"
    lines = run(tmp_path, spoil + "\nimport atexit\natexit.register(held_child.kill)")
    assert "HR405" in lines[-1]


def test_a_zombie_is_no_obstacle(tmp_path: Path) -> None:
    """A child that has ended is taken in, so that the new program has none."""
    spoil = "pid = os.fork()\nif pid == 0:\n    os._exit(0)\nos.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)"
    assert len(run(tmp_path, spoil)) == 2


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("os.dup2(held.fileno(), 0)", "descriptor 0"),
        ("os.setpgid(0, 0)", "process group"),
        ("execv._start.executable = '/nowhere/python'", "/nowhere/python"),
    ],
)
def test_what_cannot_be_put_back_is_refused(tmp_path: Path, spoil: str, reason: str) -> None:
    """The program goes on as it was, and the reason is given."""
    lines = run(tmp_path, spoil)
    assert "HR407" in lines[-1]
    assert reason in lines[-1]


def test_assess() -> None:
    """Possible for a running program under the agent, unless its environment has changed."""
    facts = Facts()
    change = Change([FileChange("/p/a.py", CODE, "1", "2"), FileChange("/p/b.so", NATIVE, "1", "2")])
    assert _code(Execv().assess(change, facts)) == "HR401"
    facts.agent, facts.mode = True, BATCH
    assert _code(Execv().assess(change, facts)) == "HR403"
    facts.running = True
    plan = Execv().assess(change, facts)
    assert isinstance(plan, Plan)
    assert (plan.where, plan.detail) == (PROGRAM, {"end_children": True})
    change.files.append(FileChange("/p/uv.lock", ENVIRONMENT, "1", "2"))
    assert _code(Execv().assess(change, facts)) == "HR402"
    assert Respawn().assess(change, facts).where == "supervisor"
    assert all(code.startswith("HR4") for code in CODES)


def test_recording_touches_nothing() -> None:
    """The umask and the mask are as before."""
    before = Path("/proc/self/status").read_text()
    record()
    after = Path("/proc/self/status").read_text()
    for name in ("Umask", "SigBlk", "SigIgn", "SigCgt"):
        assert _line(before, name) == _line(after, name)


def test_a_failed_exec_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    """Folder, mask, handlers, limits, timers and descriptors are the program's own again."""
    show = (
        "def show():\n    print(ignored_and_blocked(), os.getcwd(), resource.getrlimit(resource.RLIMIT_NOFILE)[0],"
        " os.sched_getaffinity(0), signal.getitimer(signal.ITIMER_REAL)[0] > 1, os.get_inheritable(held.fileno()),"
        " os.get_blocking(1))\n"
    )
    spoil = (
        f"{show}execv._start.environment = {{b'A': b'x' * 10_000_000}}\nshow()\nimport atexit\natexit.register(show)"
    )
    _, before, failed, after = run(tmp_path, spoil)
    assert "HR408" in failed
    assert before == after


def _line(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(name))


def _code(answer: Plan | Refused) -> str:
    assert isinstance(answer, Refused)
    return answer.code
