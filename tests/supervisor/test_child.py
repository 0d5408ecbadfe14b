"""The process tree without a terminal: starting, hearing, ending, and what survives a killed supervisor."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hrsup.child import Child, Tree
from hrsup.errors import CommandNotExecutable, CommandNotFound, GuardianLost
from hrsup.process import kernel

PY = sys.executable
DEADLINE_S = 20.0
DAEMON = "import os,sys,time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"


@pytest.fixture
def tree() -> Iterator[Tree]:
    tree = Tree.start()
    yield tree
    tree.close()


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


def finish(child: Child) -> int:
    poller = select.poll()
    poller.register(child.fileno(), select.POLLIN)
    assert poller.poll(DEADLINE_S * 1000)
    status = child.poll()
    assert status is not None
    return status


def lives(pid: int) -> bool:
    return kernel.read_process(pid) is not None


def python(code: str) -> list[str]:
    return [PY, "-I", "-S", "-c", code]


@pytest.mark.parametrize("status", [0, 1, 2, 77, 126, 127, 128, 130, 255])
def test_exit_statuses_are_the_programs_own(tree: Tree, status: int) -> None:
    """Every exit status arrives as it is."""
    assert finish(tree.spawn(["/bin/sh", "-c", f"exit {status}"])) == status


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGSEGV, signal.SIGPIPE])
def test_death_by_signal_is_told(tree: Tree, signum: int) -> None:
    """A program that signal n ended has the status -n, and no core limit or handler of ours is in the way."""
    assert finish(tree.spawn(["/bin/sh", "-c", f"ulimit -c 0; kill -{signum} $$"])) == -signum


def test_status_is_none_while_it_runs(tree: Tree) -> None:
    """`poll` does not wait, and a signal goes to the process itself."""
    child = tree.spawn(["sleep", "100"])
    assert child.poll() is None
    assert child.signal(signal.SIGTERM)
    assert finish(child) == -signal.SIGTERM
    assert not child.signal(signal.SIGTERM)


def test_commands_that_cannot_run(tree: Tree, tmp_path: Path) -> None:
    """Not found is 127, not executable 126, with one line that says why; the tree goes on."""
    (tmp_path / "bad").write_text("#!/no/such/interpreter\n")
    (tmp_path / "bad").chmod(0o755)
    with pytest.raises(CommandNotFound, match="no-such-command") as found:
        tree.spawn(["no-such-command"])
    assert found.value.exit_status == 127
    for name in ("/etc/passwd", str(tmp_path), str(tmp_path / "bad")):
        with pytest.raises(CommandNotExecutable) as executable:
            tree.spawn([name])
        assert executable.value.exit_status == 126
    assert finish(tree.spawn(["true"])) == 0


def test_a_script_without_an_interpreter_line_runs_in_the_shell(tree: Tree, tmp_path: Path) -> None:
    """As execvp(3) and every shell do."""
    (tmp_path / "tool").write_text("exit 9\n")
    (tmp_path / "tool").chmod(0o755)
    assert finish(tree.spawn(["tool"], env={"PATH": str(tmp_path)})) == 9


PROBE = """
import json, os, signal, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
json.dump({
    "fds": [fd for fd in range(256) if os.path.exists(f"/proc/self/fd/{fd}")],
    "mask": status["SigBlk"].strip(), "ignored": status["SigIgn"].strip(),
    "cwd": os.getcwd(), "umask": status["Umask"].strip(), "argv": sys.argv, "env": dict(os.environ),
    "stdio": [os.fstat(fd).st_ino for fd in (0, 1, 2)], "leader": os.getpgrp() == os.getpid(),
}, open(sys.argv[1], "w"))
"""
DRIVER = """
import signal, sys
from hrsup.child import Tree
tree = Tree.start()
signal.signal(signal.SIGTERM, lambda *_: None)
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = tree.spawn(sys.argv[1:])
while child.poll() is None:
    tree.listen(0.05)
tree.close()
sys.exit(child.status)
"""


def test_the_program_finds_what_the_shell_gave(tmp_path: Path) -> None:
    """Descriptors, signal mask, ignored signals, folder, umask, environment and streams are as in a plain start."""
    answers = []
    for prefix, name in (([], "plain"), ([PY, "-c", DRIVER], "hrsup")):
        out = tmp_path / name
        shell = 'trap "" USR1 QUIT; umask 027; exec 7</dev/null; "$@"'
        subprocess.run(
            ["/bin/sh", "-c", shell, "sh", *prefix, PY, "-S", "-c", PROBE, str(out)],
            stdin=subprocess.DEVNULL,
            cwd=tmp_path,
            check=True,
            timeout=DEADLINE_S,
        )
        answers.append(json.loads(out.read_text()))
    plain, hrsup = answers
    plain["argv"] = hrsup["argv"] = None
    assert hrsup.pop("leader")
    plain.pop("leader")
    assert hrsup == plain
    assert 7 in hrsup["fds"]


def test_setsid_and_double_forked_descendants_end(tree: Tree, tmp_path: Path) -> None:
    """What has left the group, the session and its parent, and cleared its environment, is still ended."""
    forked = tmp_path / "forked"  # before it has forked twice it may be a lone orphan, too
    daemon = DAEMON + f"open({str(forked)!r}, 'w').close()\ntime.sleep(100)"
    child = tree.spawn(["env", "-i", *python(f"import subprocess\nsubprocess.Popen({python(daemon)!r})")])
    assert finish(child) == 0
    wait_until(forked.exists)
    wait_until(lambda: len(tree.processes()) == 1 and tree.processes()[0].ppid == tree.guardian)
    (daemon_process,) = tree.processes()
    ended = tree.end()
    assert ended.total == 1
    assert not ended.killed
    assert not lives(daemon_process.pid)
    assert (daemon_process.pid, -signal.SIGTERM) in tree.reap()


def test_a_program_that_ignores_the_stop_signal_is_killed(tree: Tree) -> None:
    """After the timeout, and its whole tree with it."""
    child = tree.spawn(["sh", "-c", "trap '' TERM INT HUP; setsid sleep 100 & sleep 100 & while :; do wait; done"])
    wait_until(lambda: [p.name for p in tree.processes()].count("sleep") == 2)
    ended = tree.end(timeout_s=0.2)
    assert ended.total == 3
    assert child.pid in ended.killed
    assert child.poll() == -signal.SIGKILL
    assert tree.processes() == []


def test_a_second_request_ends_the_patience(tree: Tree) -> None:
    """When `hurry` turns true, the kill follows at once."""
    tree.spawn(["sh", "-c", "trap '' TERM; while :; do sleep 100; done"])
    wait_until(lambda: len(tree.processes()) == 2)
    asked = iter([False, False, True])
    ended = tree.end(timeout_s=1000, hurry=lambda: next(asked, True))
    assert ended.killed


def test_a_stopped_program_ends(tree: Tree) -> None:
    """SIGCONT goes with the stop signal."""
    child = tree.spawn(["sleep", "100"])
    child.signal(signal.SIGSTOP)
    wait_until(lambda: tree.processes()[0].stopped)
    assert not tree.end(timeout_s=DEADLINE_S).killed
    assert child.poll() == -signal.SIGTERM


def test_the_stop_signal_is_delivered_once(tree: Tree, tmp_path: Path) -> None:
    """To the main process alone, as `kill` would; its workers are told when it has ended."""
    log = tmp_path / "log"
    code = f"""
import os, signal, sys, time
worker = os.fork() == 0
def note(*_):
    with open({str(log)!r}, "a") as file: file.write("worker " if worker else "main ")
    if worker or {{}}: os._exit(0)
    time.sleep(0.1); os._exit(0)
signal.signal(signal.SIGTERM, note)
open({str(log)!r} + str(os.getpid()), "w")
time.sleep(100)
"""
    tree.spawn(python(code))
    wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
    tree.end(timeout_s=DEADLINE_S)
    assert log.read_text() == "main worker "


def test_kept_processes_survive(tree: Tree) -> None:
    """Paused layers are neither signalled nor killed, whether the rest ends or is killed."""
    tree.spawn(["sh", "-c", "sleep 101 & trap '' TERM; while :; do sleep 102; done"])
    wait_until(lambda: sorted(p.name for p in tree.processes()) == ["sh", "sleep", "sleep"])
    kept = next(p for p in tree.processes() if Path(f"/proc/{p.pid}/cmdline").read_bytes() == b"sleep\x00101\x00")
    assert tree.end(timeout_s=0.1, keep=frozenset({kept.pid})).killed
    assert [process.pid for process in tree.processes()] == [kept.pid]
    assert tree.processes({kept.pid}) == []
    assert not kernel.read_process(kept.pid).stopped  # type: ignore[union-attr]
    tree.end()
    assert not lives(kept.pid)


FORK_BOMB = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(200):
    if os.fork() == 0:
        os.setsid()
        while True:  # forks on while it is killed
            if os.fork(): os._exit(0)
            time.sleep(0.5)
time.sleep(100)
"""


def test_a_fork_bomb_ends(tree: Tree) -> None:
    """200 processes in sessions of their own that fork on all the time: none is left."""
    tree.spawn(python(FORK_BOMB))
    wait_until(lambda: len(tree.processes()) > 150)
    ended = tree.end(timeout_s=0.05)
    assert ended.unkillable == []
    assert kernel.census(tree.guardian) == []


PARENT = """
import os, signal
child = os.fork()
if child == 0:
    while True: signal.pause()
signal.signal(signal.SIGUSR1, lambda *_: os.waitpid(child, 0))
while True: signal.pause()
"""


def test_without_a_census_nobody_is_left_only_if_nobody_is(tree: Tree) -> None:
    """Neither one that lives, nor a child of one that is spared, nor one that has died and is not reaped."""
    spared = tree.spawn(python(PARENT)).pid
    wait_until(lambda: len(tree.processes()) == 2)
    (child,) = tree.processes([spared])
    assert not kernel.has_none(tree.guardian, frozenset())
    assert not kernel.has_none(tree.guardian, frozenset((spared,)))
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: not lives(child.pid))
    assert not kernel.has_none(tree.guardian, frozenset((spared,)))
    os.kill(spared, signal.SIGUSR1)
    wait_until(lambda: kernel.has_none(tree.guardian, frozenset((spared,))))
    assert not kernel.has_none(tree.guardian, frozenset())
    os.kill(spared, signal.SIGKILL)
    wait_until(lambda: kernel.has_none(tree.guardian, frozenset()))


def test_no_zombies_after_many_orphans(tree: Tree) -> None:
    """500 orphans are all reaped, and the direct child's status is its own."""
    code = (
        "import os\nfor i in range(500):\n  if os.fork() == 0:\n    if os.fork() == 0: os._exit(3)\n    os._exit(0)\n"
    )
    child = tree.spawn(python(code + "  os.wait()\nos._exit(5)"))
    assert finish(child) == 5
    reaped: list[tuple[int, int]] = []

    def all_reaped() -> bool:
        reaped.extend(tree.reap())
        return len(reaped) == 501

    wait_until(all_reaped)
    assert sorted({status for _, status in reaped}) == [3, 5]
    assert kernel._children(tree.guardian) == []


def test_signals_are_forwarded_once(tree: Tree, tmp_path: Path) -> None:
    """SIGUSR1 and real-time signals go to the main process, SIGWINCH to its group; each once."""
    log = tmp_path / "log"
    code = f"""
import os, signal, time
worker = os.fork() == 0
def note(signum, frame):
    with open({str(log)!r}, "a") as file: file.write(f"{{'worker' if worker else 'main'}} {{int(signum)}}\\n")
for signum in (signal.SIGUSR1, signal.SIGWINCH, signal.SIGRTMIN + 2): signal.signal(signum, note)
open({str(tmp_path / "ready")!r} + str(os.getpid()), "w")
while True: time.sleep(100)
"""
    tree.spawn(python(code))
    wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
    realtime = int(signal.SIGRTMIN) + 2
    expected = ["main 10", f"main {realtime}", "main 28", "worker 28"]
    for signum, lines in ((signal.SIGUSR1, 1), (realtime, 2), (signal.SIGWINCH, 4)):
        tree.forward(signum)
        wait_until(lambda lines=lines: log.exists() and len(log.read_text().splitlines()) >= lines)
    got = log.read_text().splitlines()
    assert got[:2] == expected[:2]
    assert sorted(got[2:]) == sorted(expected[2:])


def test_no_descriptor_is_leaked(tree: Tree) -> None:
    """A hundred starts and ends leave the supervisor and the guardian with the descriptors they had."""

    def descriptors(pid: int | str) -> int:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    finish(tree.spawn(["true"]))
    before = descriptors(tree.guardian)
    ours = descriptors("self")
    child = None
    for _ in range(100):
        child = tree.spawn(["true"])
        finish(child)
        tree.end()
    del child
    finish(tree.spawn(["true"]))
    assert descriptors("self") == ours
    assert descriptors(tree.guardian) == before


def test_closing_ends_what_is_left() -> None:
    """`close` leaves neither program nor guardian behind."""
    tree = Tree.start()
    child = tree.spawn(["sleep", "100"])
    tree.close()
    assert not lives(child.pid)


def test_a_lost_guardian_ends_the_program() -> None:
    """When the guardian is killed, the supervisor says so and leaves nothing behind."""
    code = """
import os, signal, sys, time
from hrsup.child import Tree
from hrsup.errors import GuardianLost
tree = Tree.start()
child = tree.spawn(["sh", "-c", "setsid sleep 100 & setsid sleep 100 & wait"])
pids = []
while len(pids) < 3: pids = [p.pid for p in tree.processes()]
print(*pids, flush=True)
os.kill(tree.guardian, signal.SIGKILL)
try:
    while True: tree.listen(0.1)
except GuardianLost as error:
    sys.exit(40 + error.exit_status)
"""
    done = subprocess.run([PY, "-c", code], capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert done.returncode == 41, done.stderr
    pids = [int(word) for word in done.stdout.split() if word.isdigit()]
    assert len(pids) == 3
    assert not any(lives(pid) for pid in pids)
    assert issubclass(GuardianLost, Exception)


def test_a_killed_supervisor_leaves_nothing() -> None:
    """SIGKILL to the supervisor: setsid descendants, TERM-ignoring ones and the guardian go, and the pipe ends."""
    code = """
import sys, time
from hrsup.child import Tree
tree = Tree.start()
tree.spawn(["sh", "-c", "trap '' TERM HUP; setsid sleep 100 & env -i setsid sleep 100 & while :; do wait; done"])
pids = []
while len(pids) < 3: pids = [p.pid for p in tree.processes()]
print(*pids, tree.guardian, flush=True)
time.sleep(100)
"""
    supervisor = subprocess.Popen([PY, "-c", code], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pids = [int(word) for word in supervisor.stdout.readline().split()]
    assert len(pids) == 4
    supervisor.kill()
    assert supervisor.stdout.read() == ""  # end of file: nobody holds the program's standard output any more
    supervisor.wait(DEADLINE_S)
    wait_until(lambda: not any(lives(pid) for pid in pids))


def test_the_guardian_holds_no_stream_of_the_program(tree: Tree) -> None:
    """Its standard streams are the null device."""
    links = {os.readlink(f"/proc/{tree.guardian}/fd/{fd}") for fd in (0, 1, 2)}  # noqa: PTH115
    assert links <= {"/dev/null"} or len(links) > 1  # the guardian may not have come so far yet
    finish(tree.spawn(["true"]))
    assert {os.readlink(f"/proc/{tree.guardian}/fd/{fd}") for fd in (0, 1, 2)} == {"/dev/null"}  # noqa: PTH115
