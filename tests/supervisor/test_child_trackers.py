"""What a program has entrusted to a resource tracker is tidied up, however the program ends."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hrsup.child import Tree
from hrsup.process.sweep import is_tracker, sweep

DEADLINE_S = 20.0
# Its semaphores have names in /dev/shm, since processes that are spawned have to find them.
PROGRAM = """
import multiprocessing, os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
kept = [multiprocessing.get_context("spawn").Semaphore() for _ in range(200)]
with open(sys.argv[1] + ".new", "w") as file:
    file.write("\\n".join(one._semlock.name for one in kept))
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
"""
SUPERVISOR = """
import sys, time
from hrsup.child import Tree
tree = Tree.start()
tree.spawn([sys.executable, "-c", sys.argv[1], sys.argv[2]])
time.sleep(1000)
"""


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


def names_in(path: Path) -> list[Path]:
    wait_until(path.exists)
    return [Path("/dev/shm/sem." + name.lstrip("/")) for name in path.read_text().split()]


@pytest.mark.parametrize("hurry", [lambda: False, lambda: True], ids=["after the timeout", "at a second request"])
def test_a_tracker_outlives_a_program_that_is_killed(tmp_path: Path, hurry: Callable[[], bool]) -> None:
    """It gets no signal, not even the kill, and has unlinked every semaphore when `end` returns."""
    tree = Tree.start()
    try:
        tree.spawn([sys.executable, "-c", PROGRAM, str(tmp_path / "names")])
        names = names_in(tmp_path / "names")
        assert len([name for name in names if name.exists()]) == 200
        ended = tree.end(signal.SIGTERM, 0.2, hurry=hurry)
        assert [name for name in names if name.exists()] == []
        assert len(ended.killed) == 1
        assert tree.processes() == []
    finally:
        tree.close()


def test_a_tracker_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """The guardian lets it finish too."""
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, PROGRAM, str(tmp_path / "names")])
    names = names_in(tmp_path / "names")
    supervisor.kill()
    supervisor.wait(DEADLINE_S)
    wait_until(lambda: not any(name.exists() for name in names))


def test_what_only_looks_like_a_tracker_ends_too() -> None:
    """A process that does not end by itself is killed when the trackers' time is over."""
    parent = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import time; time.sleep(1000)  # resource%stracker import main" % "_"])
"""
    tree = Tree.start()
    try:
        child = tree.spawn([sys.executable, "-c", parent])
        wait_until(lambda: any(is_tracker(process.pid) and process.pid != child.pid for process in tree.processes()))
        killed, left = sweep(tree.guardian, frozenset, tree.listen, trackers_s=0.05)
        assert (child.pid in killed, len(killed), left) == (True, 2, [])
    finally:
        tree.close()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGUSR1], ids=["ends", "is killed"])
def test_a_semaphore_that_was_just_made_is_removed(tmp_path: Path, stop: signal.Signals) -> None:
    """Its maker had not come to telling the tracker of it. One that another process has open too stays."""
    code = """
import _multiprocessing, signal, sys, time
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
kept = [_multiprocessing.SemLock(0, 1, 1, "/mp-" + letter * 8, False) for letter in sys.argv[2:]]
open(sys.argv[1], "w")
time.sleep(1000)
"""
    letters = "ab" if stop == signal.SIGTERM else "cd"  # the two may run at the same time
    names = [Path(f"/dev/shm/sem.mp-{letter * 8}") for letter in letters]
    tree = Tree.start()
    try:
        tree.spawn([sys.executable, "-c", code, str(tmp_path / "made"), *letters])
        wait_until((tmp_path / "made").exists)
        with names[1].open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ):
            tree.end(stop, 0.2)
            assert [name.exists() for name in names] == [False, True]
    finally:
        tree.close()
        names[1].unlink(missing_ok=True)


def test_what_no_tracker_knows_of_is_removed(tmp_path: Path) -> None:
    """joblib may make a folder anew that it has forgotten; its name says whose it was. Another process's stays."""
    code = f"""
import os, time
for name in ("joblib_memmapping_folder_%d_1" % os.getpid(), "joblib_memmapping_folder_{os.getpid()}_1"):
    os.makedirs("/dev/shm/" + name + "/of-arrays")
print(os.getpid(), file=open({str(tmp_path / "pid")!r}, "w"), flush=True)
time.sleep(1000)
"""
    others = Path(f"/dev/shm/joblib_memmapping_folder_{os.getpid()}_1")
    tree = Tree.start()
    try:
        tree.spawn([sys.executable, "-c", code])
        wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
        own = Path(f"/dev/shm/joblib_memmapping_folder_{int((tmp_path / 'pid').read_text())}_1")
        assert own.is_dir()
        tree.end()
        assert not own.exists()
        assert others.is_dir()
    finally:
        tree.close()
        shutil.rmtree(others, ignore_errors=True)
