"""The process tree on a terminal: foreground, Ctrl-C, Ctrl-Z, modes; each under a small supervisor on a real pty."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

PY = sys.executable
DEADLINE_S = 20.0

# A shell with job control in miniature would be a test of its own; this one is only what `hrsup` is to the terminal.
SUPERVISOR = """
import os, select, signal, sys, termios, time
from hrsup.child import Tree
signals = []
tree = Tree.start()
for signum in (signal.SIGINT, signal.SIGTERM):
    signal.signal(signum, lambda n, _: signals.append(n))
def say(*words): os.write(2, (" ".join(map(str, words)) + "\\n").encode())
mode = sys.argv[1]
if mode == "refused":
    try:
        tree.spawn(["no-such-command"])
    except Exception as error:
        say("<refused", error.exit_status, tree.terminal.is_ours(), ">")
child = tree.spawn(sys.argv[2:])
pressed = 0
while child.poll() is None:
    tree.listen(0.02)
    if tree.check_stop(): say("<continued>")
    for n in tree.pressed():
        pressed += 1
        say("<pressed", n, ">")
    if pressed == 2 and mode == "twice":
        say("<killed", bool(tree.end(timeout_s=100, hurry=lambda: True).killed), ">")
tree.take_back_terminal()
echo = bool(termios.tcgetattr(0)[3] & termios.ECHO)
say("<status", child.status, "foreground", tree.terminal.is_ours(), "echo", echo, "own", len(signals), ">")
tree.close()
"""


class Session:
    """A supervisor as the leader of a session with a terminal of its own; `text` is what the terminal has shown."""

    def __init__(self, mode: str, code: str, wrapper: list[str] | None = None) -> None:
        self.master, slave = pty.openpty()
        argv = [*(wrapper or []), PY, "-c", SUPERVISOR, mode, PY, "-I", "-S", "-c", code]
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=_own_terminal
        )
        os.close(slave)
        self.text = ""

    def expect(self, words: str, times: int = 1) -> None:
        """Wait until the terminal has shown these words so often."""
        self._read(lambda: self.text.count(words) >= times)

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def finish(self) -> int:
        """Wait for the end."""
        self._read(lambda: self.process.poll() is not None and not self._ready(0.05))
        return self.process.wait(DEADLINE_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            os.close(self.master)

    def _ready(self, timeout_s: float) -> bool:
        return bool(select.select([self.master], [], [], timeout_s)[0])

    def _read(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not until():
            assert time.monotonic() < deadline, self.text
            if self._ready(0.05):
                try:
                    self.text += os.read(self.master, 65536).decode(errors="replace").replace("\r\n", "\n")
                except OSError:  # EIO: nobody has the terminal open any more
                    self.process.wait(DEADLINE_S)
                    return


def _own_terminal() -> None:
    import fcntl

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def session() -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def start(code: str, mode: str = "plain", wrapper: list[str] | None = None) -> Session:
        sessions.append(Session(mode, code, wrapper))
        return sessions[-1]

    yield start
    for each in sessions:
        each.close()


def test_the_program_has_the_terminal_and_gives_it_back(session: Callable[..., Session]) -> None:
    """It is the foreground group, can read what is typed, and afterwards the terminal is the supervisor's."""
    run = session("import os\nprint('fg', os.tcgetpgrp(0) == os.getpgrp() == os.getpid())\nprint('got', input())")
    run.expect("fg True")
    run.type(b"hello\n")
    run.finish()
    assert "got hello" in run.text
    assert "<status 0 foreground True echo True own 0 >" in run.text


def test_ctrl_c_reaches_the_program_once(session: Callable[..., Session]) -> None:
    """The program gets one SIGINT, the supervisor none, but it hears of it."""
    code = """
import os, signal, time
count = 0
def note(*_):
    global count
    count += 1
    os.write(1, b'INT %d\\n' % count)  # print is not reentrant
signal.signal(signal.SIGINT, note)
os.write(1, b'ready\\n')
deadline = time.monotonic() + 20
while count < 2 and time.monotonic() < deadline: time.sleep(0.01)
input()  # so that the second is heard of before the end is
os.write(1, b'end %d\\n' % count)
"""
    run = session(code)
    run.expect("ready")
    run.type(b"\x03")
    run.expect("INT 1")
    run.expect("<pressed 2 >")
    run.type(b"\x03")
    run.expect("<pressed 2 >", 2)
    run.type(b"\n")
    run.finish()
    assert "end 2" in run.text
    assert "INT 3" not in run.text
    assert run.text.count("<pressed 2 >") == 2
    assert "own 0 >" in run.text


def test_ctrl_c_ends_a_plain_program(session: Callable[..., Session]) -> None:
    """The status is that of a death by SIGINT."""
    run = session("import time\nprint('ready', flush=True)\ntime.sleep(100)")
    run.expect("ready")
    run.type(b"\x03")
    run.finish()
    assert "<status -2 foreground True" in run.text


def test_a_second_ctrl_c_can_force_the_end(session: Callable[..., Session]) -> None:
    """A program that ignores SIGINT can still be ended from the keyboard."""
    code = "import signal, time\nsignal.signal(2, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(100)"
    run = session(code, "twice")
    run.expect("ready")
    run.type(b"\x03")
    run.expect("<pressed 2 >")
    run.type(b"\x03")
    run.finish()
    assert "<killed True >" in run.text
    assert "<status -9 foreground True echo True" in run.text


def test_modes_come_back_after_a_killed_raw_program(session: Callable[..., Session]) -> None:
    """Echo and line editing are on again although the program had no chance to put them back."""
    code = """
import os, signal, termios
modes = termios.tcgetattr(0)
modes[3] &= ~(termios.ECHO | termios.ICANON)
termios.tcsetattr(0, termios.TCSANOW, modes)
os.kill(os.getpid(), signal.SIGKILL)
"""
    run = session(code)
    run.finish()
    assert "<status -9 foreground True echo True" in run.text


def test_a_command_that_cannot_run_does_not_keep_the_terminal(session: Callable[..., Session]) -> None:
    """The terminal is ours again at once, and the next program gets it."""
    run = session("import os\nprint('fg', os.tcgetpgrp(0) == os.getpgrp())", "refused")
    run.finish()
    assert "<refused 127 True >" in run.text
    assert "fg True" in run.text


def test_in_a_pipeline_the_terminal_is_lent_when_it_is_read(session: Callable[..., Session]) -> None:
    """A pager behind hrsup keeps the keyboard until the program itself reads from it."""
    code = "import os\nprint('fg', os.tcgetpgrp(0) == os.getpgrp(), flush=True)\nprint('got', input())"
    run = session(code, wrapper=["/bin/sh", "-c", '"$@" | cat', "sh"])
    run.expect("fg False")
    run.expect("<continued>")
    run.type(b"hello\n")
    run.finish()
    assert "got hello" in run.text


JOB_SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    if sys.argv[1] == "fg": os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[2], sys.argv[2:])
def say(text): os.write(2, text.encode() + b"\\n")
while True:
    _, status = os.waitpid(pid, os.WUNTRACED)
    if os.WIFEXITED(status): break
    os.tcsetpgrp(0, os.getpgrp())
    say("<shell: stopped>")
    sys.stdin.readline()
    os.tcsetpgrp(0, pid)
    os.killpg(pid, signal.SIGCONT)
"""


def test_ctrl_z_and_fg_stop_and_continue_everything(session: Callable[..., Session]) -> None:
    """Ctrl-Z gives the shell its terminal back; after fg the program has it again."""
    code = "import os\nprint('ready', flush=True)\nprint('got', input(), os.tcgetpgrp(0) == os.getpgrp())"
    run = session(code, wrapper=[PY, "-c", JOB_SHELL, "fg"])
    run.expect("ready")
    run.type(b"\x1a")
    run.expect("<shell: stopped>")
    run.type(b"fg\n")
    run.expect("<continued>")
    run.type(b"hello\n")
    run.finish()
    assert "got hello True" in run.text
    assert "<status 0 foreground True" in run.text


def test_a_background_job_does_not_take_the_terminal(session: Callable[..., Session]) -> None:
    """Started in the background, hrsup leaves the terminal to the shell; the program stops when it reads from it."""
    code = "import os\nprint('fg', os.tcgetpgrp(0) == os.getpgrp(), flush=True)\nprint('got', input())"
    run = session(code, wrapper=[PY, "-c", JOB_SHELL, "bg"])
    run.expect("fg False")
    run.expect("<shell: stopped>")
    run.type(b"fg\n")
    run.expect("<continued>")
    run.type(b"hello\n")
    run.finish()
    assert "got hello" in run.text


def test_the_program_is_told_of_a_hang_up(session: Callable[..., Session]) -> None:
    """When the terminal goes away nothing of the program or the guardian stays."""
    run = session(
        "import os, time\nprint('pid', os.getpid(), 'parent', os.getppid(), 'x', flush=True)\ntime.sleep(100)"
    )
    run.expect(" x")
    words = run.text.split()
    pids = [int(words[words.index("pid") + 1]), int(words[words.index("parent") + 1])]
    os.close(run.master)
    run.process.wait(DEADLINE_S)
    deadline = time.monotonic() + DEADLINE_S
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _lives(pid: int) -> bool:
    """Not gone, and not a zombie: whoever inherits it here may be slow to reap."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_sigint_from_elsewhere_is_not_taken_for_the_terminal(session: Callable[..., Session]) -> None:
    """A program that signals its own group is not reported as a key press."""
    code = """
import os, signal, time
signal.signal(signal.SIGINT, lambda *_: None)
os.killpg(0, signal.SIGINT)
print('done', flush=True)
"""
    run = session(code)
    run.finish()
    assert "done" in run.text
    assert "pressed" not in run.text
