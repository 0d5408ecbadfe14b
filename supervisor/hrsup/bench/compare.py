"""``make bench``: save to right result on the examples, hrsup against the usual restarters, in one go.

Runs as ``python -m hrsup.bench.compare``. Every tool supervises the same copy of the same example with the same
interpreter; an edit is one write; the clock stops at the first line that only the new version prints. It also measures
what hrsup adds to the start of a program.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click
import psutil
from rich.console import Console
from rich.table import Table

EXAMPLES = Path(__file__).parents[3] / "examples"
LIMIT_S = 30.0
HUPPER = "from hupper.cli import main; main()"
QUIET_S = 0.4  # without a line for so long, a program is taken to have settled
CHATTY_S = 2.0  # nor is one that never stops talking waited for any longer


@dataclass(frozen=True)
class Scene:
    """An edit of an example: version n of `path` makes the program print a line with `mark` of n. `files` are the
    program, if it is none of the examples."""

    name: str
    example: str
    script: str
    path: str
    version: Callable[[str, int], str]
    mark: Callable[[int], str]
    provoke: Callable[[Path, int], None] | None = None
    files: tuple[tuple[str, str], ...] = ()


# A service whose time to the first right result is that of its workers' imports, but for what can be kept of them.
_POOL_SERVICE = """
import time

from loky import get_reusable_executor

from score import score


def main():
    executor = get_reusable_executor(max_workers=2)
    while True:
        futures = [executor.submit(score, number) for number in range(4)]
        answers = set()
        for future in futures:
            answers.add(future.result())
        print(*sorted(answers), flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
"""
_POOL_SCORE = """
import time

import pandas


def score(number):
    time.sleep(0.01)  # long enough for both workers
    return "score-0-" + str(int(pandas.Series([number, 1]).size))
"""


def _score(text: str, number: int) -> str:
    return text.replace("score-0-", f"score-{number}-")


def _body(text: str, number: int) -> str:
    return text.replace('columns, target {TARGET}"', f'columns, target {{TARGET}}, v{number}"')


def _params(text: str, number: int) -> str:
    return text.replace("folds: 5", f"folds: {4 + number % 4}") + f"note: {number}\n"


def _worker(text: str, number: int) -> str:
    return text.replace('"name": path.stem', f'"name": path.stem + ":{number}"')


def _rule(text: str, number: int) -> str:
    return text.replace('return "express"', f'return "express{number}"')


def _order(root: Path, number: int) -> None:
    # Renamed into place, so that no tool and no program sees half an order.
    target = root / "inbox" / f"order-{number:06}-{time.monotonic_ns()}.json"
    temporary = root / f".order{os.getpid()}"
    temporary.write_text('{"express": true, "items": [{"price": 2.0, "count": 1}]}')
    temporary.replace(target)


SCENES = (
    Scene("body edit, batch (train)", "train", "pipeline.py", "report.py", _body, lambda n: f", v{n}\n"),
    Scene(
        "params edit, batch (train)", "train", "pipeline.py", "params.yaml", _params, lambda n: f"over {4 + n % 4} f"
    ),
    Scene("worker edit, batch (features)", "features", "main.py", "extract.py", _worker, lambda n: f":{n} "),
    Scene("body edit, service (service)", "service", "service.py", "rules.py", _rule, lambda n: f"express{n} ", _order),
    Scene(
        "worker edit, service (2 loky workers with pandas)",
        "pool",
        "service.py",
        "score.py",
        _score,
        lambda n: f"score-{n}-",
        files=(("service.py", _POOL_SERVICE), ("score.py", _POOL_SCORE)),
    ),
)


def tools(script: str, kinds: str = "all") -> dict[str, list[str]]:
    """The command line of each tool that is installed here; all of them run ``python SCRIPT`` in the current folder.

    `kinds` is watchfiles' filter: with "all", a service whose inbox lies in the tree is restarted by its own input.
    """
    python = sys.executable
    hrsup = [python, "-c", "from hrsup.cli import main; main()", "run", "--quiet", "--", python, script]
    commands = {"hrsup": hrsup}
    if find_spec("watchfiles"):
        commands["watchfiles"] = [python, "-m", "watchfiles", "--filter", kinds, f"{python} {script}", "."]
    if find_spec("watchdog"):
        patterns = ["--patterns", "*.py;*.yaml", "--recursive", "--directory", "."]
        commands["watchmedo"] = [python, "-m", "watchdog.watchmedo", "auto-restart", *patterns, "--", python, script]
    if find_spec("hupper"):
        commands["hupper"] = [python, "-c", HUPPER, "-w", "*.yaml", "-m", Path(script).stem]
    return commands


class Watched:
    """A tool with its program, and the text that has come out of it."""

    def __init__(self, command: Sequence[str], root: Path) -> None:
        self.text = ""
        # No .pyc: in a series of same-size edits the others would run old code, and lose by default.
        environment = dict(os.environ, PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1")
        self._process = subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        os.set_blocking(self._pipe, False)

    def until(self, mark: str, limit_s: float = LIMIT_S, meanwhile: Callable[[], None] | None = None) -> float | None:
        """When (monotonic, s) `mark` was in the text; None if it did not come."""
        deadline = time.monotonic() + limit_s
        while mark not in self.text:
            if time.monotonic() > deadline or not self._take(0.005):
                return None
            if meanwhile is not None:
                meanwhile()
        return time.monotonic()

    def settle(self) -> None:
        """Wait until nothing has come for a while: the run has ended, the tool is watching."""
        last, size = time.monotonic(), len(self.text)
        enough = last + CHATTY_S
        while time.monotonic() < min(last + QUIET_S, enough) and self._take(0.02):
            if len(self.text) != size:
                last, size = time.monotonic(), len(self.text)

    def forget(self) -> None:
        """Drop the text so far."""
        self.text = ""

    def end(self) -> None:
        """End the tool and all below it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            below = psutil.Process(self._process.pid).children(recursive=True)
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            for process in below:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _take(self, wait_s: float) -> bool:
        if select.select([self._pipe], [], [], wait_s)[0]:
            data = os.read(self._pipe, 65536)
            self.text += data.decode(errors="replace")
            return bool(data)
        return True


@contextlib.contextmanager
def running(command: Sequence[str], scene: Scene, examples: Path) -> Iterator[tuple[Watched, Path]]:
    """A tool that has started a copy of the example and shown its first result."""
    with tempfile.TemporaryDirectory(prefix="hrsup-compare-", ignore_cleanup_errors=True) as folder:
        root = Path(folder) / scene.example
        if scene.files:
            root.mkdir()
            for name, text in scene.files:
                (root / name).write_text(text)
        else:
            shutil.copytree(examples / scene.example, root, ignore=shutil.ignore_patterns("__pycache__", ".hrsup"))
        watched = Watched(command, root)
        try:
            watched.until("\n")
            watched.settle()
            yield watched, root
        finally:
            watched.end()


def measure(tool: str, scene: Scene, repeats: int, examples: Path = EXAMPLES) -> list[float]:
    """Milliseconds from the write to the first new line, `repeats` times; what never came is left out."""
    times: list[float] = []
    with running(tools(scene.script, "python" if scene.provoke else "all")[tool], scene, examples) as (watched, root):
        path = root / scene.path
        original = path.read_text()
        for number in range(1, repeats + 1):
            watched.forget()
            path.write_text(scene.version(original, number))
            saved = time.monotonic()
            seen = watched.until(scene.mark(number), meanwhile=_provoker(scene, root, number))
            if seen is not None:
                times.append((seen - saved) * 1000)
            watched.settle()
    return times


def _provoker(scene: Scene, root: Path, number: int) -> Callable[[], None] | None:
    """A service shows its version only when it has something to do: drop an order every 5 ms until it does."""
    if scene.provoke is None:
        return None
    provoke, last = scene.provoke, [0.0]

    def meanwhile() -> None:
        if time.monotonic() - last[0] > 0.005:
            last[0] = time.monotonic()
            provoke(root, number)

    return meanwhile


def start_overhead(repeats: int, console: Console) -> None:
    """Print what ``hrsup run --once`` adds to ``python`` for a program of one line."""
    with tempfile.TemporaryDirectory(prefix="hrsup-compare-") as folder:
        script = Path(folder) / "hello.py"
        script.write_text("print('hello')\n")
        plain = [sys.executable, str(script)]
        hrsup = [sys.executable, "-c", "from hrsup.cli import main; main()", "run", "--once", "--", *plain]
        first = _medians([[*plain], [*hrsup]], repeats, folder)
    table = Table(title="Start-up, ms to the first line (median)", title_justify="left")
    for column in ("python", "hrsup run --once", "added"):
        table.add_column(column, justify="right")
    table.add_row(*(f"{value:.0f}" for value in (*first, first[1] - first[0])))
    console.print(table)


def _medians(commands: Sequence[Sequence[str]], repeats: int, folder: str) -> list[float]:
    # Taken in turns, so that a noisy moment hits all alike.
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(repeats):
        for number, command in enumerate(commands):
            begin = time.monotonic()
            with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                assert process.stdout is not None
                process.stdout.readline()
                times[number].append((time.monotonic() - begin) * 1000)
                process.stdout.read()
    return [statistics.median(values) for values in times]


@click.command()
@click.option("-n", "repeats", default=7, show_default=True, help="Edits per tool and scene.")
@click.option("--tool", "wanted", multiple=True, help="Only this tool; repeatable.")
@click.option("--scene", "part", default="", help="Only the edits whose name has this in it.")
@click.option("--examples", default=EXAMPLES, type=click.Path(path_type=Path), help="Their folder.")
def main(repeats: int, wanted: tuple[str, ...], part: str, examples: Path) -> None:
    """Compare hrsup with watchfiles, watchmedo auto-restart and hupper on the examples."""
    if not examples.is_dir():
        raise click.UsageError("the examples are not part of the package: run this in a checkout, or give --examples")
    console = Console()
    names = [name for name in tools("main.py") if not wanted or name in wanted]
    table = Table(title=f"Save to right result, ms (median of {repeats}; least to most)", title_justify="left")
    table.add_column("edit")
    for name in names:
        table.add_column(name, justify="right")
    for scene in (scene for scene in SCENES if part in scene.name):
        row = []
        for name in names:
            console.print(f"{scene.name}: {name} ...", style="dim", end="\n")
            row.append(_cell(measure(name, scene, repeats, examples), repeats))
        table.add_row(scene.name, *row)
    console.print(table)
    start_overhead(max(5, repeats), console)


def _cell(times: list[float], repeats: int) -> str:
    if not times:
        return "never"
    lost = f", {repeats - len(times)} lost" if len(times) < repeats else ""
    return f"{statistics.median(times):.0f}  ({min(times):.0f} to {max(times):.0f}{lost})"


if __name__ == "__main__":
    main()
