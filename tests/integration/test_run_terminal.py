"""`hrsup run` on a pseudo-terminal: the keyboard belongs to the program, and Ctrl-C ends what a person means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from running import Running, project

CTRL_C = b"\x03"
SERVICE = "import time, helper\nwhile True:\n    print('tick', helper.f(), flush=True)\n    time.sleep(0.02)\n"
BATCH = "import time, helper\nprint('begin', flush=True)\ntime.sleep(helper.f())\nprint('end', flush=True)\n"
CONTINUES = """
import time

while True:
    try:
        print("working", flush=True)
        time.sleep(1000)
    except KeyboardInterrupt:
        print("no, I go on", flush=True)
"""
TIDIES = """
import time

try:
    print("on", flush=True)
    time.sleep(1000)
finally:
    time.sleep(0.5)
    print("tidy")
"""
ASKS = """
import helper

print(helper.f(), input("name? "), flush=True)
try:
    input()
except EOFError:
    print("eof", flush=True)
"""
IGNORES = (
    "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(1000)\n"
)


@pytest.mark.parametrize(("text", "seen"), [(BATCH, "begin"), (SERVICE, "tick")], ids=["batch", "service"])
def test_ctrl_c_ends_the_program_and_hrsup(tmp_path: Path, text: str, seen: str) -> None:
    """One Ctrl-C while the program runs: it gets its KeyboardInterrupt, once, and hrsup ends with 130."""
    folder = project(tmp_path / "p", main=text, helper="def f():\n    return 1000\n")
    with Running(folder, pty=True) as run:
        run.line(seen)
        run.type(CTRL_C)
        assert run.ended() == 130
        assert run.out().count("KeyboardInterrupt") == 1
        assert run.left() == []


def test_ctrl_c_while_waiting_for_a_change(tmp_path: Path) -> None:
    """When the program has ended by itself, Ctrl-C ends hrsup at once."""
    with Running(project(tmp_path / "p", main="print('done')\n"), pty=True) as run:
        run.line("waiting for a change")
        run.type(CTRL_C)
        assert run.ended() == 130
        assert run.left() == []


@contextmanager
def second_run(folder: Path) -> Iterator[Running]:
    """A batch on a terminal, in the run that a change has started; it would take a while to end."""
    with Running(project(folder, main=BATCH, helper="def f():\n    return 0\n"), pty=True) as run:
        run.line("waiting for a change")
        run.save("helper.py", "def f():\n    return 1000\n")
        run.event("run_started", 2)
        run.wait(lambda: run.lines().count("begin") == 2, "second run")
        yield run


def test_ctrl_c_in_a_run_after_a_change(tmp_path: Path) -> None:
    """The run that a change has started, forked from a layer, is interrupted as the first one would have been."""
    with second_run(tmp_path / "p") as run:
        run.type(CTRL_C)
        assert run.ended() == 130
        assert run.out().count("KeyboardInterrupt") == 1
        assert run.left() == []
        assert run.names()[-1] == "stopped" and "held" not in run.names()


def forks_of(run: Running) -> list[psutil.Process]:
    """The supervisor's own processes: the guardian, and the sentinel that listens to the terminal for it."""
    (guardian,) = psutil.Process(run.process.pid).children()
    return [guardian, *(one for one in guardian.children() if one.cmdline() == guardian.cmdline())]


def test_ctrl_c_that_the_program_hears_first(tmp_path: Path) -> None:
    """That the key was pressed may be learned after the run has ended by it; its new code is not taken for broken."""
    with second_run(tmp_path / "p") as run:
        guardian, sentinel = forks_of(run)
        guardian.suspend()
        sentinel.suspend()  # until it is dismissed
        run.type(CTRL_C)
        run.wait(lambda: "KeyboardInterrupt" in run.out(), "end of the run")
        run.event("run_finished", 2)
        guardian.resume()
        assert run.ended() == 130
        assert run.names()[-1] == "stopped" and "held" not in run.names()


def test_ctrl_c_while_the_old_program_is_being_ended_for_a_change(tmp_path: Path) -> None:
    """A service that takes its time to stop for a restart does not keep Ctrl-C waiting."""
    stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: print('not yet', flush=True))\n" + SERVICE
    folder = project(tmp_path / "p", main=stubborn, helper="def f():\n    return 1\n")
    options = ("-s", "respawn", "--stop-timeout", "600")
    with Running(folder, *options, pty=True) as run:
        run.line("tick 1")
        run.save("helper.py", "def f():\n    return 2\n")
        run.line("not yet")
        forks_of(run)[1].suspend()  # that the key was pressed is learned after the old program has ended by it
        run.type(CTRL_C)
        assert run.ended() == 130
        assert run.left() == []
        assert run.names().count("run_started") == 1


def test_ctrl_c_to_a_program_that_ignores_it(tmp_path: Path) -> None:
    """The second Ctrl-C does not wait for the stop timeout."""
    with Running(
        project(tmp_path / "p", main=IGNORES), "--stop-signal", "INT", "--stop-timeout", "600", pty=True
    ) as run:
        run.line("deaf")
        run.wait(lambda: run.process.poll() is not None or run.type(CTRL_C), "end")
        assert run.ended() == 130
        assert run.left() == []


def test_ctrl_c_to_a_program_that_handles_it(tmp_path: Path) -> None:
    """A program that goes on after Ctrl-C gets the stop signal next: Ctrl-C means that hrsup is to end."""
    with Running(project(tmp_path / "p", main=CONTINUES), "--stop-timeout", "1", pty=True) as run:
        run.line("working")
        run.type(CTRL_C)
        assert run.ended() == 130
        assert run.left() == []


def test_what_a_program_does_on_ctrl_c_is_not_cut_short(tmp_path: Path) -> None:
    """Nothing but Ctrl-C itself is sent to a program that is tidying up after it."""
    with Running(project(tmp_path / "p", main=TIDIES), pty=True) as run:
        run.line("on")
        run.type(CTRL_C)
        assert run.ended() == 130
        assert "tidy" in run.out()


def test_ctrl_c_with_once_is_the_programs_alone(tmp_path: Path) -> None:
    """A program that runs once and goes on after Ctrl-C goes on, as it does under python."""
    with Running(project(tmp_path / "p", main=CONTINUES), "--once", pty=True) as run:
        run.line("working")
        run.type(CTRL_C)
        run.line("no, I go on")
        run.wait(lambda: run.lines().count("working") == 2, "going on")
        assert run.stop() == 143


def test_what_is_typed_reaches_the_program(tmp_path: Path) -> None:
    """`input()` reads the keyboard, in the first run and in the run after a change, and sees the end of input."""
    folder = project(tmp_path / "p", main=ASKS, helper="def f():\n    return 'hello'\n")
    with Running(folder, pty=True) as run:
        run.wait(lambda: "name? " in run.out(), "question")
        run.type(b"you\n\x04")
        run.line("hello you")
        run.event("run_finished")
        run.save("helper.py", "def f():\n    return 'bye'\n")
        run.wait(lambda: run.out().count("name? ") == 2, "second question")
        run.type(b"me\n\x04")
        run.line("bye me")
        run.event("applied")


def test_breakpoint_works_in_every_run(tmp_path: Path) -> None:
    """The debugger has the terminal, also after a change; leaving it is no fault of hrsup's."""
    folder = project(
        tmp_path / "p",
        main="import helper\nbreakpoint()\nprint('past', helper.f(), flush=True)\n",
        helper="def f():\n    return 1\n",
    )
    with Running(folder, "--mode", "batch", pty=True) as run:
        run.wait(lambda: "(Pdb) " in run.out(), "debugger")
        run.type(b"p 6 * 7\n")
        run.wait(lambda: "\n42\n" in run.out(), "42")
        run.type(b"c\n")
        run.line("past 1")
        run.event("run_finished")
        run.save("helper.py", "def f():\n    return 2\n")
        run.wait(lambda: run.out().count("(Pdb) ") >= 3, "debugger again")
        run.type(b"c\n")
        run.line("past 2")
        run.event("applied")


def test_the_program_sees_the_terminal_as_it_is(tmp_path: Path) -> None:
    """All three streams are the terminal, the program is in its foreground, and a new window size arrives."""
    main = (
        "import os, signal, sys, time\n"
        "def winch(*_): print('size', os.get_terminal_size().columns, flush=True)\n"
        "signal.signal(signal.SIGWINCH, winch)\n"
        "print('tty', *(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)),"
        " os.tcgetpgrp(0) == os.getpgrp(), flush=True)\n"
        "while True: time.sleep(1)\n"
    )
    with Running(project(tmp_path / "p", main=main), pty=True) as run:
        assert run.line("tty") == "tty True True True True"
        run.resize(rows=11, columns=33)
        run.line("size 33")


def test_a_closed_terminal_ends_everything(tmp_path: Path) -> None:
    """When the terminal goes away (a closed window), hrsup ends as after SIGHUP and leaves nothing behind."""
    with Running(project(tmp_path / "p", main=SERVICE, helper="def f():\n    return 1\n"), pty=True) as run:
        run.line("tick 1")
        run.hang_up()
        assert run.ended() == 129
        assert run.left() == []


def test_stop_and_continue_by_keyboard(tmp_path: Path) -> None:
    """Ctrl-Z stops the program and hrsup, as a shell expects; SIGCONT continues both."""
    with Running(project(tmp_path / "p", main=SERVICE, helper="def f():\n    return 1\n"), pty=True, shell=True) as run:
        run.line("tick 1")
        run.event("run_started")
        run.type(b"\x1a")
        run.wait(lambda: "Stopped" in run.out(), "shell's word")
        run.type(b"fg\n")
        before = run.out().count("tick 1")
        run.wait(lambda: run.out().count("tick 1") > before + 3, "more ticks")
        run.type(CTRL_C)
        run.wait(lambda: "KeyboardInterrupt" in run.out(), "interrupt")
        run.wait(lambda: "stopped" in run.names(), "end")
