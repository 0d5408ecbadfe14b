"""What a change of data costs over the part of the program that has to run again; `hrsup.bench.scale` prints it.

A batch imports libraries, reads a table, and builds what a run needs; then one function reads a file that is edited,
works on it and prints. The function says itself how long it took, so both figures are of the same run: the time from
the write to the first line that only the new data gives, and the part of it that any supervisor would have to spend.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click

from hrsup.bench.compare import Watched

START_S = 120.0
PAUSE_S = (0.6, 0.9)  # between a result and the next edit: what a run has built takes a while to be torn down

_PART = """
def part(prepared):
    began = time.monotonic()
    {read}
    {work}
    print("version-%d result %s took %.3f ms" % (version, result, (time.monotonic() - began) * 1e3), flush=True)
"""
_MAIN = """
{imports}
import time

import part

{prepare}
part.part(prepared)
"""
_READ = """with open("{path}") as file:
        params = {loads}(file)
    version, weight = params["version"], params["weight"]"""
_YAML_READ = _READ.format(path="params.yaml", loads="yaml.safe_load")
_JSON_READ = _READ.format(path="params.json", loads="json.load")
_CSV_READ = """table = pandas.read_csv("edited.csv")
    version, weight = int(table["version"].iloc[0]), 2"""
# What takes long enough to be worth keeping.
_COUNTED = "prepared = {number: len(str(number)) * number for number in range(2_000_000)}"
_TABLE = """prepared = pandas.DataFrame({"key": numpy.arange(3_000_000) % 97, "value": numpy.arange(3_000_000) * 0.5})
prepared = prepared.sort_values("value", ascending=False).groupby("key").head(2000)"""


@dataclass(frozen=True)
class Part:
    """A program, and the file of data that is edited: `text` of a version."""

    name: str
    path: str
    text: str
    imports: tuple[str, ...]
    read: str
    work: str
    prepare: str

    def write(self, root: Path) -> None:
        """Write the program into `root`."""
        imports = "\n".join(f"import {name}" for name in self.imports)
        (root / "part.py").write_text(imports + "\nimport time\n\n" + _PART.format(read=self.read, work=self.work))
        (root / "main.py").write_text(_MAIN.format(imports=imports, prepare=self.prepare))
        (root / self.path).write_text(self.version(0))

    def version(self, number: int) -> str:
        """The file's content."""
        return self.text.replace("NUMBER", str(number))


_GROUPED = 'result = round(float((prepared.groupby("key")["value"].mean() * weight).sum()), 3)'
PARTS = (
    Part(
        "params.json, a large dict",
        "params.json",
        '{"version": NUMBER, "weight": 2}',
        ("json",),
        _JSON_READ,
        "result = sum(prepared[number] for number in range(1000)) * weight",
        _COUNTED,
    ),
    Part(
        "params.yaml, pandas, a table grouped",
        "params.yaml",
        "version: NUMBER\nweight: 2\n",
        ("numpy", "pandas", "yaml"),
        _YAML_READ,
        _GROUPED,
        _TABLE,
    ),
    Part(
        "a CSV of 5,000 rows, pandas and scikit-learn, a fit",
        "edited.csv",
        "version,x,y\n" + "".join(f"NUMBER,{row},{row * row % 13}\n" for row in range(5000)),
        ("numpy", "pandas", "sklearn.linear_model"),
        _CSV_READ,
        'fit = sklearn.linear_model.LinearRegression().fit(table[["x"]], table["y"])\n'
        "    result = round(float(fit.coef_[0]) * weight, 6)",
        _TABLE,
    ),
)


@dataclass(frozen=True)
class Rerun:
    """One edit, in ms: from the write to the first new line, and what the part took of that."""

    total_ms: float
    part_ms: float


def measure(part: Part, edits: int, options: Sequence[str] = ()) -> list[Rerun | None]:
    """In order; None for an edit that never showed."""
    run = [sys.executable, "-c", "from hrsup.cli import main; main()", "run", "--quiet", *options]
    found: list[Rerun | None] = []
    with tempfile.TemporaryDirectory(prefix="hrsup-rerun-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        part.write(root)
        watched = Watched([*run, "--", sys.executable, "main.py"], root)
        try:
            if watched.until(" ms\n", START_S) is None:
                raise click.ClickException(f"{part.name}: the program never started")
            watched.settle()
            for number in range(1, edits + 1):
                watched.forget()
                (root / part.path).write_text(part.version(number))
                saved = time.monotonic()
                seen = watched.until(f"version-{number} ")
                found.append(None if seen is None else Rerun((seen - saved) * 1e3, _took(watched)))
                watched.until("\0", random.uniform(*PAUSE_S))
        finally:
            watched.end()
    return found


def _took(watched: Watched) -> float:
    watched.until(" ms\n", 1.0)
    match = re.search(r"took ([0-9.]+) ms", watched.text)
    return float(match[1]) if match else 0.0


def present(part: Part) -> bool:
    """Are the libraries here that it imports?"""
    return all(find_spec(name.partition(".")[0]) for name in part.imports)
