"""The session's boundary: a fault of our own costs an update, never the program."""

from __future__ import annotations

import os
import socket
import textwrap
from pathlib import Path

import pytest
from running import Running, project

from hrsup_agent import wire

SERVICE = "import time, helper\nwhile True:\n    print('tick', helper.f(), flush=True)\n    time.sleep(0.02)\n"
FAULT = """
import os, sys

if "hrsup" in sys.orig_argv:
    from hrsup import updater

    handle = updater.Updater.handle

    def faulty(self, *arguments):
        if not os.path.exists(os.environ["FAULTLESS"]):
            raise RuntimeError("provoked")
        return handle(self, *arguments)

    updater.Updater.handle = faulty
"""


def test_a_fault_of_ours_never_ends_the_program(tmp_path: Path) -> None:
    """The program keeps running, the fault is said, sync does not claim success, and the next save is handled."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(textwrap.dedent(FAULT))
    environ = {"PYTHONPATH": str(tmp_path / "site"), "FAULTLESS": str(tmp_path / "faultless")}
    folder = project(tmp_path / "p", main=SERVICE, helper="def f():\n    return 1\n")
    with Running(folder, environ={**environ, "PATH": os.environ["PATH"]}) as run:
        run.line("tick 1")
        run.save("helper.py", "def f():\n    return 2\n")
        run.wait(lambda: "internal fault of hrsup: RuntimeError: provoked" in run.said(), "fault")
        ticks = len(run.lines())
        run.wait(lambda: len(run.lines()) > ticks + 2, "more ticks")
        assert run.ask("sync").returncode == 1
        (tmp_path / "faultless").touch()
        run.save("helper.py", "def f():\n    return 3\n")
        run.line("tick 3")
        run.event("applied")
        assert run.ask("sync").returncode == 0
        assert run.stop() == 143


SECOND = """
import os, sys

if "hrsup" in sys.orig_argv:
    from hrsup.generation import Generation

    perform = Generation.perform

    def late(self, *arguments):
        if not os.path.exists(os.environ["SAVED"]):
            open(os.environ["SAVED"], "w").close()
            with open("other.py", "w") as file:
                file.write("def g():\\n    return 2\\n")
        return perform(self, *arguments)

    Generation.perform = late
"""


def test_what_was_saved_meanwhile_comes_with_it(tmp_path: Path) -> None:
    """The second of two files is saved when the first is about to be brought in: both are, at once, in place."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SECOND)
    main = SERVICE.replace("helper", "helper, other", 1).replace("helper.f()", "helper.f(), other.g()")
    folder = project(tmp_path / "p", main=main, helper="def f():\n    return 1\n", other="def g():\n    return 1\n")
    environ = {"PYTHONPATH": str(tmp_path / "site"), "SAVED": str(tmp_path / "saved"), "PATH": os.environ["PATH"]}
    with Running(folder, environ=environ) as run:
        run.line("tick 1 1")
        run.save("helper.py", "def f():\n    return 2\n")
        applied = run.event("applied")
        assert applied["strategy"] == "reload", str([*run.events("failed"), *run.events("change")])
        assert len(applied["evidence"]["modules"]) == 2
        run.line("tick 2 2")
        assert not run.events("escalated")
        assert {"tick 1 1", "tick 2 2"} == set(run.lines())
        assert run.stop() == 143


def test_a_client_that_does_not_wait_for_its_answer_costs_nothing(tmp_path: Path) -> None:
    """A `hrsup sync` interrupted while a run is under way: the session goes on, and the next one is answered."""
    main = "import os, time\n\nprint('begin', flush=True)\nwhile not os.path.exists('go'):\n    time.sleep(0.01)\n"
    folder = project(tmp_path / "p", main=main)
    with Running(folder, "--mode", "batch") as run:
        run.line("begin")
        sign = folder / ".hrsup" / "sessions" / str(run.process.pid)
        run.wait(sign.exists, "session's sign")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(sign.read_text())
            client.sendall(wire.encode({"type": "hello", "role": "client", "pid": os.getpid()}))
            client.sendall(wire.encode({"type": "sync"}))
        (folder / "go").touch()
        run.event("run_finished")
        assert run.ask("sync").returncode == 0


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("print(1)", 0, "the running code is what is on disk\n"),
        ("raise SystemExit(3)", 0, "the running code is what is on disk (ended with status 3)\n"),
        ("1 / 0", 1, "it ended with status 1\n"),
        ("import os; os.kill(os.getpid(), 9)", 1, "it ended with signal 9\n"),
    ],
)
def test_sync_tells_a_result_from_a_crash(tmp_path: Path, text: str, status: int, words: str) -> None:
    """The program's own exit status is a result, an uncaught exception or a signal is none; in the first run too."""
    with Running(project(tmp_path / "p", main=text)) as run:
        run.event("run_finished")
        run.wait(lambda: "waiting for a change" in run.said(), "the line")
        answer = run.ask("sync")
        assert (answer.returncode, answer.stdout) == (status, words)


WITHOUT_MEMORY = """
import os, sys

if "hrsup" in sys.orig_argv:
    from hrsup.process import kernel

    kernel.out_of_memory_kills = lambda: int(os.path.exists("killed"))
"""


def test_a_program_that_the_kernel_killed_for_want_of_memory(tmp_path: Path) -> None:
    """The line, the event and sync say that there was no memory left, not just which signal it was."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WITHOUT_MEMORY)
    folder = project(tmp_path / "p", main="import os\n\nopen('killed', 'w').close()\nos.kill(os.getpid(), 9)\n")
    with Running(folder, environ={"PYTHONPATH": str(tmp_path / "site")}) as run:
        assert run.event("crashed")["reason"] == "out of memory"
        run.wait(lambda: "signal 9, the system was out of memory; waiting" in run.said(), "the line")
        assert "out of memory" in run.ask("sync").stdout


SHORT = """
import os, sys

if "hrsup" in sys.orig_argv:
    from hrsup.generation import Generation

    resume = Generation.resume

    def patient(self, layer):
        problem = resume(self, layer)
        self._loop.pump(lambda: not self.running, 20.0)
        return problem

    Generation.resume = patient
"""


def test_a_run_that_is_over_at_once_begins_before_it_ends(tmp_path: Path) -> None:
    """A continuation that has ended before anyone could say that it runs: the two events keep their order, and how it
    ended is not forgotten."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SHORT)
    folder = project(tmp_path / "p", main="import helper\nprint(helper.f())\n", helper="def f():\n    return 1\n")
    with Running(folder, environ={"PYTHONPATH": str(tmp_path / "site"), "PATH": os.environ["PATH"]}) as run:
        run.event("run_finished")
        run.save("helper.py", "def f():\n    return 2\n")
        run.event("applied")
        assert run.names()[-4:] == ["change", "run_started", "run_finished", "applied"]
        assert [event["run"] for event in run.events()[-4:]] == [1, 2, 2, 2]
        run.save("helper.py", "def f():\n    return 1 / 0\n")
        assert run.event("held")["error"]["line"] == 2
        assert run.names()[-4:] == ["run_started", "run_finished", "crashed", "held"]
