"""The agent's end of the channel, with real processes."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    Project = Callable[[dict[str, str]], Path]
    Stand = Any

# Each waits in one way; "ready" on stdout says that it does. They end when a line or an event comes after the signal.
WAITS = {
    "sleep": "import time\nprint('ready', flush=True)\ntime.sleep(1.0)\nprint('end')",
    "input": "print('ready', flush=True)\nprint(input())",
    "select": "import select\nprint('ready', flush=True)\nprint(select.select([0], [], []))",
    "queue": """
import queue, threading, sys
q = queue.Queue()
threading.Thread(target=lambda: q.put(sys.stdin.readline())).start()
print('ready', flush=True)
print(q.get())""",
    "accept": """
import socket, sys, threading
s = socket.socket(socket.AF_UNIX); s.bind('s'); s.listen()
def later():
    sys.stdin.readline()
    socket.socket(socket.AF_UNIX).connect('s')
threading.Thread(target=later).start()
print('ready', flush=True)
s.accept()
print('accepted')""",
    "child": """
import subprocess, sys
child = subprocess.Popen(['head', '-n1'], stdin=0)
print('ready', flush=True)
print(child.wait())""",
    "asyncio": """
import asyncio, sys
async def main():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(10, print, 'usr1')
    print('ready', flush=True)
    print(await loop.run_in_executor(None, sys.stdin.readline))
asyncio.run(main())""",
    "join": """
import sys, threading
t = threading.Thread(target=sys.stdin.readline)
t.start()
print('ready', flush=True)
t.join()
print('joined')""",
}


@pytest.mark.parametrize("name", WAITS)
def test_a_waiting_program_answers_and_goes_on_waiting(supervisor: Stand, project: Project, name: str) -> None:
    """A request is answered in the middle of a wait, and the wait is not cut short by it."""
    process = supervisor.start(project({"main.py": WAITS[name]}), "main.py")
    assert process.stdout.readline() == "ready\n"
    for _ in range(3):
        reply = supervisor.ask(process.pid, op="ping")
        assert reply["outcome"]["state"] == "done"
    assert process.poll() is None
    out, err = process.communicate("line\n", timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out


def test_a_busy_loop_answers(supervisor: Stand, project: Project) -> None:
    """A program that never waits is interrupted between two bytecodes."""
    process = supervisor.start(project({"main.py": "print('ready', flush=True)\nwhile True: pass"}), "main.py")
    process.stdout.readline()
    assert supervisor.ask(process.pid, op="ping")["importing"] is False


def test_a_fault_in_a_request_is_an_answer(supervisor: Stand, project: Project) -> None:
    """What goes wrong in a strategy becomes a failed outcome with the code HR199, and the program runs on."""
    process = supervisor.start(project({"main.py": "print('ready', flush=True)\nprint(input())"}), "main.py")
    process.stdout.readline()
    reply = supervisor.ask(process.pid, op="perform", strategy="none such", plan={"strategy": "x", "where": "program"})
    assert (reply["outcome"]["state"], reply["outcome"]["code"]) == ("failed", "HR199")
    assert "none such" in reply["outcome"]["reason"]
    assert process.communicate("on\n", timeout=20) == ("on\n", "")


PLUG_IN = """
from hrsup_strategies.base import DONE, Outcome
class Mine:
    name = "mine"
    def perform(self, plan, program):
        if plan.detail.get("later"):
            self.program = program
            return None
        if plan.detail.get("exit"):
            raise SystemExit(7)
        path = next(iter(program.modules()))
        before = program.source(path).decode()
        program.set_source(path, b"new")
        return Outcome(DONE, evidence={"path": path, "before": before, "after": program.source(path).decode()})
    def cancel(self, program):
        program.reply(Outcome(DONE, reason="too late"))
"""


def test_a_plug_in_is_loaded_from_its_file(supervisor: Stand, project: Project) -> None:
    """A strategy that the interpreter cannot import is executed from the path in the request, and sees the program."""
    source = "print('ready', flush=True)\ninput()"
    folder = project({"main.py": source, "plug/in.py": PLUG_IN})
    process = supervisor.start(folder, "main.py")
    process.stdout.readline()
    plan = {"strategy": "mine", "where": "program", "layer": None, "detail": {}, "notes": []}
    request = {"op": "perform", "strategy": "mine", "file": str(folder / "plug/in.py")}
    evidence = supervisor.ask(process.pid, **request, plan=plan)["outcome"]["evidence"]
    assert evidence == {"path": str(folder / "main.py"), "before": source, "after": "new"}
    # One that answers later is silent once it was cancelled.
    late = supervisor.send(process.pid, **request, plan={**plan, "detail": {"later": True}})
    cancel = {**request, "op": "cancel"}
    assert supervisor.ask(process.pid, **cancel)["outcome"]["reason"] is None
    assert not [message for message in supervisor.of_type("reply") if message["to"] == late]
    # The user's own code may end the program from within.
    supervisor.ask(process.pid, **request, plan={**plan, "detail": {"exit": True}})
    assert process.wait(20) == 7


def test_many_threads_never_break_a_line(supervisor: Stand, project: Project) -> None:
    """Messages of threads and of a signal handler come whole, each of them once."""
    program = """
import signal, threading
count = 0
def tick(*_):
    global count
    count += 1
    try: open(f'tick{count}')
    except OSError: pass
signal.signal(signal.SIGALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
def work(k):
    for i in range(300):
        try: open(f'none{k}-{i}')
        except OSError: pass
threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
for t in threads: t.start()
for t in threads: t.join()
signal.setitimer(signal.ITIMER_REAL, 0)
print(count)
"""
    ended = supervisor.run(project({"main.py": program}), "main.py")
    missing = [Path(message["path"]).name for message in supervisor.of_type("missing")]
    assert ended.stderr == ""
    assert len(missing) == len(set(missing)) == 8 * 300 + int(ended.stdout)


def test_a_fork_speaks_for_itself(supervisor: Stand, project: Project) -> None:
    """A forked child says hello as a worker; its parent's connection goes on."""
    program = """
import os
pid = os.fork()
try: open(f'missing{pid == 0}')
except OSError: pass
if pid: os.waitpid(pid, 0)
"""
    supervisor.run(project({"main.py": program}), "main.py")
    hellos = {message["role"]: message["pid"] for message in supervisor.of_type("hello")}
    process_pid = hellos["main"]
    senders = {Path(message["path"]).name: message["from"] for message in supervisor.of_type("missing")}
    assert senders == {"missingFalse": process_pid, "missingTrue": hellos["worker"]}


def test_a_program_that_closes_all_descriptors_is_not_written_into(supervisor: Stand, project: Project) -> None:
    """When the program closes our descriptor and gets its number for a file of its own, we fall silent."""
    program = """
import os
os.closerange(3, 300)
fds = [os.open(f'f{i}', os.O_RDWR | os.O_CREAT) for i in range(150)]
for fd in fds: os.close(fd)
print(sum(os.path.getsize(f'f{i}') for i in range(150)))
"""
    ended = supervisor.run(project({"main.py": program}), "main.py")
    assert (ended.stdout, ended.stderr, ended.returncode) == ("0\n", "", 0)


def test_a_dead_supervisor_is_not_felt(supervisor: Stand, project: Project) -> None:
    """When the supervisor is gone the program goes on, with its SIGPIPE as it was."""
    program = """
import signal
print(signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN, flush=True)
input()
for i in range(50):
    try: open(f'none{i}')
    except OSError: pass
print('end')
"""
    process = supervisor.start(project({"main.py": program}), "main.py")
    assert process.stdout.readline() == "True\n"
    supervisor.hang_up(process.pid)
    assert process.communicate("\n", timeout=20) == ("end\n", "")
    assert process.returncode == 0


def test_nobody_there(project: Project, supervisor: Stand) -> None:
    """Without a supervisor at the address the program runs all the same."""
    supervisor.address += "-not"
    process = supervisor.start(project({"main.py": "print(1)"}), "main.py")
    assert process.communicate(timeout=20) == ("1\n", "")


def test_exec_ends_the_connection(supervisor: Stand, project: Project) -> None:
    """The descriptor is closed when the program replaces itself."""
    program = "import os, sys\nos.execv('/bin/cat', ['cat'])"
    process = supervisor.start(project({"main.py": program}), "main.py")
    supervisor.wait(lambda: process.pid in supervisor.ended)
    assert process.poll() is None
    process.communicate("", timeout=20)


def test_ctrl_c_belongs_to_the_program(supervisor: Stand, project: Project) -> None:
    """A program with the wake handler dies of SIGINT as it would without."""
    process = supervisor.start(
        project({"main.py": "print('ready', flush=True)\nimport time\ntime.sleep(60)"}), "main.py"
    )
    process.stdout.readline()
    supervisor.ask(process.pid, op="ping")
    # A signal that comes just before a system call blocks is handled when that returns, under plain Python too.
    stat = Path(f"/proc/{process.pid}/stat")
    deadline = time.monotonic() + 20
    while stat.read_text().rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT
    assert "hrsup" not in err
