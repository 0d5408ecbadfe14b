"""What a body edit of a running service costs as the program grows: ``python -m hrsup.bench.scale``.

The same service three times: with 10 modules, with many, and with 10 and the heap of pandas and scikit-learn. An edit
is one write of one function's body; the clock stops at the first line that only the new version prints. The first edit
of a session is given by itself, since it finds every cache cold.

A second table has changes of data in batches, and what they cost over the part that runs again (`hrsup.bench.rerun`).
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from hrsup.bench import rerun
from hrsup.bench.compare import Watched

START_S = 120.0
PAUSE_S = (0.05, 0.12)  # between edits, so that they meet the service's loop at any point of it

_MODULE = '''
"""Part {number} of a program of many parts."""

import json
from dataclasses import dataclass

from part{below:04} import limit{below:04}, Record{below:04}

TABLE{number:04} = {{"low": 1, "high": limit{below:04}({number})}}


@dataclass
class Record{number:04}:
    """What part {number} works on."""

    name: str
    amount: float = 0.0

    def total{number:04}(self, factor=2):
        total = self.amount
        for step in range(factor):
            if step % 2:
                total += self.parent{number:04}().amount
        return round(total, 2)

    def parent{number:04}(self):
        return Record{below:04}(self.name, self.amount / 2)


def limit{number:04}(value):
    if value > 10:
        return value - 10
    return value


def encode{number:04}(records):
    lines = []
    for record in records:
        lines.append(json.dumps({{"name": record.name, "total": record.total{number:04}()}}))
    return "\\n".join(lines)


def sample{number:04}(count):
    records = [Record{number:04}("r" + str(index), index * 1.5) for index in range(count)]
    return encode{number:04}(records)
'''
_LEAF = """
class Record0000:
    def __init__(self, name, amount=0.0):
        self.name, self.amount = name, amount


def limit0000(value):
    return value
"""
_ANSWER = """
from part{last:04} import limit{last:04}


def answer(number):
    value = limit{last:04}(number)
    return "version-0-" + str(value)
"""
_SERVICE = """
import time
{imports}
from answer import answer


def main():
    number = 0
    while True:
        number += 1
        print(answer(number), flush=True)
        time.sleep(0.001)


if __name__ == "__main__":
    main()
"""


@dataclass(frozen=True)
class Size:
    """A program to be measured: how many modules of the user's, and what else it imports."""

    modules: int
    imports: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """In words."""
        return " + ".join([f"{self.modules} modules", *self.imports])


def write_program(root: Path, size: Size) -> Path:
    """Write the program into `root`; the answer is the file to be edited. The script and the edited file count."""
    parts = size.modules - 2
    (root / "part0000.py").write_text(_LEAF)
    for number in range(1, parts):
        (root / f"part{number:04}.py").write_text(_MODULE.format(number=number, below=(number - 1) // 2))
    imports = [*size.imports, *(f"part{number:04}" for number in range(parts))]
    (root / "main.py").write_text(_SERVICE.format(imports="\n".join(f"import {name}" for name in imports)))
    edited = root / "answer.py"
    edited.write_text(_ANSWER.format(last=min(parts - 1, 5)))
    return edited


def measure(size: Size, edits: int, options: Sequence[str] = ()) -> list[float | None]:
    """Milliseconds from each write to the first new line, in order; None for an edit that never showed."""
    run = [sys.executable, "-c", "from hrsup.cli import main; main()", "run", "--quiet", *options]
    times: list[float | None] = []
    with tempfile.TemporaryDirectory(prefix="hrsup-scale-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        edited = write_program(root, size)
        text = edited.read_text()
        watched = Watched([*run, "--", sys.executable, "main.py"], root)
        try:
            if watched.until("version-0-", START_S) is None:
                raise click.ClickException(f"{size.name}: the program never started")
            _read_for(watched, 2.0)
            for number in range(1, edits + 1):
                watched.forget()
                edited.write_text(text.replace("version-0-", f"version-{number}-"))
                saved = time.monotonic()
                seen = watched.until(f"version-{number}-")
                times.append(None if seen is None else (seen - saved) * 1000)
                _read_for(watched, random.uniform(*PAUSE_S))
        finally:
            watched.end()
    return times


def _read_for(watched: Watched, seconds: float) -> None:
    """A service that nobody reads would stand still."""
    watched.until("\0", seconds)
    watched.forget()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, at least."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@click.command()
@click.option("-n", "edits", default=100, show_default=True, help="Body edits after the first, for each size.")
@click.option("--modules", default=1000, show_default=True, help="How many modules the large program has.")
@click.option("--only", default="", help="Only the programs whose name has this in it.")
def main(edits: int, modules: int, only: str) -> None:
    """Save to first right result of body edits in a service of 10 modules, of many, and with a large heap.

    And of changes of data in batches, over the cost of the part that runs again.
    """
    console = Console()
    sizes = [Size(10), Size(modules), Size(10, ("pandas", "sklearn.linear_model"))]
    if sizes := [size for size in sizes if only in size.name]:
        _bodies(console, sizes, edits)
    if parts := [part for part in rerun.PARTS if only in part.name and rerun.present(part)]:
        _data(console, parts, edits)


def _bodies(console: Console, sizes: Sequence[Size], edits: int) -> None:
    table = Table(title=f"Body edit in a service, ms ({edits} edits)", title_justify="left")
    for column in ("program", "first", "p50", "p90", "p99", "worst", "lost", "p50 / first row's"):
        table.add_column(column, justify="left" if column == "program" else "right")
    base = 0.0
    for size in sizes:
        console.print(f"{size.name} ...", style="dim")
        first, *later = measure(size, edits + 1)
        seen = [value for value in later if value is not None]
        middle = statistics.median(seen) if seen else 0.0
        base = base or middle
        cells = [middle, *(percentile(seen, share) for share in (0.9, 0.99, 1.0))] if seen else [0.0] * 4
        words = ["never" if first is None else f"{first:.0f}", *(f"{cell:.1f}" for cell in cells)]
        table.add_row(size.name, *words, str(len(later) - len(seen)), f"{middle / base:.1f}" if base else "")
    console.print(table)


def _data(console: Console, parts: Sequence[rerun.Part], edits: int) -> None:
    table = Table(title=f"Change of data in a batch, ms ({edits} edits)", title_justify="left")
    for column in ("program", "first", "p50", "the part", "over it: p50", "p90", "p99", "lost"):
        table.add_column(column, justify="left" if column == "program" else "right")
    for part in parts:
        console.print(f"{part.name} ...", style="dim")
        first, *later = rerun.measure(part, edits + 1)
        seen = [value for value in later if value is not None] or [rerun.Rerun(0.0, 0.0)]
        over = [value.total_ms - value.part_ms for value in seen]
        middles = [
            statistics.median(value.total_ms for value in seen),
            statistics.median(value.part_ms for value in seen),
        ]
        cells = [*middles, *(percentile(over, share) for share in (0.5, 0.9, 0.99))]
        words = ["never" if first is None else f"{first.total_ms:.0f}", *(f"{cell:.1f}" for cell in cells)]
        table.add_row(part.name, *words, str(later.count(None)))
    console.print(table)


if __name__ == "__main__":
    main()
