"""What worker pools leave behind under many edits: ``python -m hrsup.bench.leftovers -n 1000``.

Programs with pools of every library are edited again and again, at rest and in the middle of their tasks; every so many
edits hrsup is ended, in one of three ways, and the machine is searched: for processes of the program, resource trackers
among them, and for semaphores, shared memory and folders of arrays in /dev/shm. There should be none.

A process is the program's if a variable that only this bench sets is in its environment. A name in /dev/shm is the
program's if it has the prefix that the program was given, or (loky's, joblib's) the pid of one of its processes.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

SHM = Path("/dev/shm")
VARIABLE = "LEFTOVERS_MARK"
LIMIT_S = 60.0
GONE_S = 20.0  # after a SIGKILL to the supervisor; after any other end nothing may be left at once
ROUND = 25  # edits between two ends
ENDS = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT, "SIGKILL": signal.SIGKILL}

_WORK = '''
"""What the workers run."""
import os
import time


def work(value, seconds=0.0):
    time.sleep(seconds)
    return "version-0"


def total(array, seconds=0.0):
    time.sleep(seconds)
    return f"{work(0)} {int(array.sum())}"
'''
_MAIN = """
import multiprocessing
import os
import sys
import time

multiprocessing.current_process()._config["semprefix"] = "/" + os.environ["LEFTOVERS_MARK"]
{imports}

from work import total, work


def main():
{setup}
{again}{indent}seconds = 0.0 if {idle} else 0.3
{indent}print(*sorted(set({use})), flush=True)
{indent}time.sleep({pause})


if __name__ == "__main__":
    main()
"""


@dataclass(frozen=True)
class Scene:
    """A program with a pool. `busy`: its tasks take some time, so that most edits meet them."""

    name: str
    imports: str
    setup: str
    use: str
    service: bool
    busy: bool
    needs: tuple[str, ...] = ()

    def main(self) -> str:
        """The script."""
        return _MAIN.format(
            imports=self.imports,
            setup="".join(f"    {line}\n" for line in self.setup.splitlines()),
            again="    while True:\n" if self.service else "",
            indent=" " * (8 if self.service else 4),
            idle=not self.busy,
            use=self.use,
            pause=0.01 if self.service else 600 if self.busy else 0,
        )


_FUTURES = "from concurrent.futures import ProcessPoolExecutor"
_ARRAYS = "import numpy\nfrom joblib import Parallel, delayed"
_BIG = "data = numpy.arange(100_000)"
_SHARED = (
    "from multiprocessing import get_context, shared_memory",
    "context = get_context('spawn')\nlock = context.Lock()\n"
    "block = shared_memory.SharedMemory(f\"{os.environ['LEFTOVERS_MARK']}-{os.getpid()}\", True, 4096)\n"
    "pool = context.Pool(2)",
    "pool.starmap(work, [(n, seconds) for n in range(4)])",
)


def scenes() -> list[Scene]:
    """The programs whose libraries are here."""
    loky = ("from loky import get_reusable_executor", "pool = get_reusable_executor(max_workers=2)")
    many = "pool.map(work, range(4), [seconds] * 4)"
    joblib = "Parallel(2, max_nbytes=1000)(delayed(total)(data, seconds) for _ in range(4))"
    spawn = "pool = ProcessPoolExecutor(2, multiprocessing.get_context('{}'))"
    found = []
    for service in (True, False):
        for busy in (True, False):
            words = f"{'service' if service else 'batch'}, {'busy' if busy else 'idle'}"
            found += [
                Scene(f"loky, {words}", *loky, many, service, busy, ("loky",)),
                Scene(f"joblib with arrays, {words}", _ARRAYS, _BIG, joblib, service, busy, ("joblib", "numpy")),
                Scene(f"futures spawn, {words}", _FUTURES, spawn.format("spawn"), many, service, busy),
                Scene(f"futures forkserver, {words}", _FUTURES, spawn.format("forkserver"), many, service, busy),
                Scene(f"Pool with shared memory, {words}", *_SHARED, service, busy),
            ]
    return [scene for scene in found if all(find_spec(name) for name in scene.needs)]


@dataclass
class Count:
    """What became of one scene's edits, and what was found after its ends."""

    edits: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    unseen: int = 0  # edits that were waited for and never showed
    left: list[str] = field(default_factory=list)


class Session:
    """One hrsup with a scene's program, in a folder of its own."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.mark = f"left{uuid.uuid4().hex[:12]}"
        self.folder = folder
        self._pids: set[int] = set()
        self._before = set(SHM.iterdir())  # a pid may have been somebody's before
        (folder / "main.py").write_text(scene.main())
        (folder / "work.py").write_text(_WORK)
        hrsup = [sys.executable, "-c", "from hrsup.cli import main; main()", "run", "--quiet", "--events", "events"]
        mode = "service" if scene.service else "batch"
        options = ["--mode", mode, "--drain-timeout", "0.2", "--", sys.executable, "main.py"]
        with (folder / "out").open("wb") as out, (folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                [*hrsup, *options],
                cwd=folder,
                env={**os.environ, VARIABLE: self.mark, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )

    def edit(self, number: int) -> None:
        """Save another version of what the workers run."""
        new = self.folder / "new"
        new.write_text(_WORK.replace("version-0", f"version-{number}"))
        new.replace(self.folder / "work.py")

    def shows(self, number: int) -> bool:
        """Does the program print this version, in time?"""
        return wait_until(lambda: f"version-{number}" in (self.folder / "out").read_text(), LIMIT_S)

    def look(self) -> None:
        """Note whose names in /dev/shm are the program's."""
        self._pids.update(pid for pid, _ in self.processes())
        self._pids.update(event["pid"] for event in self._events() if event["event"] == "run_started")

    def end(self, signum: int) -> list[str]:
        """End hrsup; what is left behind."""
        self.look()
        os.kill(self._process.pid, signum)
        try:
            self._process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return ["hrsup itself"]
        if signum == signal.SIGKILL:
            wait_until(lambda: not self.left(), GONE_S)
        return self.left()

    def left(self) -> list[str]:
        """Everything of the program's that there is."""
        marks = {self.mark, *(f"loky-{pid}-" for pid in self._pids), *(f"folder_{pid}_" for pid in self._pids)}
        new = [path for path in SHM.iterdir() if path not in self._before]
        names = [str(path) for path in new if any(mark in path.name for mark in marks)]
        return names + [f"process {pid}: {command}" for pid, command in self.processes()]

    def processes(self) -> list[tuple[int, str]]:
        """The living processes of the program, each with its command."""
        found = []
        wanted = f"{VARIABLE}={self.mark}".encode()
        for path in Path("/proc").iterdir():
            if path.name.isdigit() and int(path.name) != self._process.pid:
                try:
                    if wanted in (path / "environ").read_bytes().split(b"\0"):
                        command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                        found.append((int(path.name), command[:120]))
                except OSError:
                    continue  # it has ended, or is somebody else's
        return found

    def _events(self) -> list[dict[str, Any]]:
        path = self.folder / "events"
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]


def wait_until(condition: Callable[[], object], limit_s: float) -> bool:
    """Did it become true in time?"""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def play(scene: Scene, edits: int, end: str, chance: random.Random, count: Count) -> None:
    """One session of so many edits, and how it ends."""
    with tempfile.TemporaryDirectory(prefix="hrsup-left-", ignore_cleanup_errors=True) as folder:
        session = Session(scene, Path(folder))
        if not session.shows(0):
            session.end(signal.SIGKILL)
            raise click.ClickException(f"{scene.name}: {(session.folder / 'errors').read_text()}")
        for number in range(1, edits + 1):
            session.edit(number)
            count.edits += 1
            if chance.random() < 0.5 or number == edits:
                count.unseen += not session.shows(number)
            else:  # the next edit meets whatever is going on
                time.sleep(chance.uniform(0.0, 0.4))
            session.look()
        left = session.end(ENDS[end])
        count.ends[end] += 1
        count.left += [f"{scene.name}, {end}: {name}" for name in left]
        _clear(left)


def _clear(left: Sequence[str]) -> None:
    """Do not count it again in the next session."""
    for name in left:
        if match := re.fullmatch(r"process (\d+): .*", name):
            os.kill(int(match[1]), signal.SIGKILL)


def run(edits: int, only: str, seed: int, say: Callable[[str], None]) -> dict[str, Count]:
    """So many edits over all scenes; the counts by scene."""
    chance = random.Random(seed)
    chosen = [scene for scene in scenes() if only in scene.name]
    counts = {scene.name: Count() for scene in chosen}
    done = 0
    ends = list(ENDS)
    while done < edits:
        for index, scene in enumerate(chosen):
            share = min(ROUND, edits - done, max(1, edits // len(chosen)))
            if share > 0:
                end = ends[(index + sum(counts[scene.name].ends.values())) % len(ends)]
                play(scene, share, end, chance, counts[scene.name])
                done += share
                say(f"{done} of {edits}: {scene.name}, {end}; {sum(len(c.left) for c in counts.values())} left")
    return counts


@click.command()
@click.option("-n", "edits", default=1000, show_default=True, help="Edits over all programs.")
@click.option("--only", default="", help="Only the programs whose name has this in it.")
@click.option("--seed", default=1, show_default=True, help="When an edit waits for the one before.")
def main(edits: int, only: str, seed: int) -> None:
    """Edit programs with worker pools, busy and idle, and look for what is left behind. Ends with 1 if there is any."""
    console = Console()
    counts = run(edits, only, seed, lambda text: console.print(text, style="dim", highlight=False))
    table = Table(title=f"{sum(count.edits for count in counts.values())} edits", title_justify="left")
    for column in ("program", "edits", "ended by", "never shown", "left"):
        table.add_column(column, justify="left" if column == "program" else "right")
    for name, count in counts.items():
        ends = ", ".join(f"{number} {end}" for end, number in count.ends.items())
        table.add_row(name, str(count.edits), ends, str(count.unseen), str(len(count.left)))
    console.print(table)
    left = [line for count in counts.values() for line in count.left]
    for line in left:
        console.print(line, highlight=False, markup=False)
    sys.exit(1 if left or any(count.unseen for count in counts.values()) else 0)


if __name__ == "__main__":
    main()
