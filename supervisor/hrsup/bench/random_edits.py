"""``hrsup bench --random``: live sessions, many random edits, each compared with a cold start; failures shrink.

Runs in the bench. A program lives for `LIFE` edits under one session, since most of what can go wrong needs a history;
then the next program comes, and so it does after a failure, which is shrunk in the end.
"""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice, pairwise
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hrsup.bench.model import BATCH, CRASHED, FAILED, GOOD, SERVICE, Case, Edit, Step
from hrsup.bench.oracle import Oracle, difference_of
from hrsup.bench.random_changes import random_edit
from hrsup.bench.random_programs import Program, random_program
from hrsup.bench.shrink import shrink
from hrsup.bench.trial import Limits, live

LIFE = 60  # edits that one program lives through
SHRUNK = 3  # failures that are shrunk; the others are only written to files
WAYS = ("plain", "plain", "plain", "atomic", "vim", "checkout", "older", "two-part")


@dataclass(frozen=True)
class Life:
    """One program's life: it follows from the seed and the number alone."""

    seed: int
    number: int
    length: int

    def kind(self) -> str:
        """Batches and services take turns."""
        return SERVICE if self.number % 2 == 0 else BATCH

    def case(self) -> Case:
        """The program and its edits."""
        rng = Random(f"{self.seed}/{self.number}")
        return random_case(rng, self.kind(), f"seed-{self.seed}-{self.number}", self.length)

    def cut(self, length: int) -> Life:
        """No longer than that."""
        return replace(self, length=min(self.length, length))


@dataclass(frozen=True)
class Wish:
    """What is asked for: so many edits, from a seed, of programs of one kind or of both."""

    edits: int
    seed: int = 1
    kind: str | None = None

    def lives(self) -> Iterator[Life]:
        """Without an end, each of them as long as may be."""
        for number in count():
            life = Life(self.seed, number, min(LIFE, self.edits))
            if self.kind in (None, life.kind()):
                yield life


def run_random(console: Console, strategies: Sequence[str], wish: Wish, jobs: int, limits: Limits) -> list[Step]:
    """The edits under each strategy, `jobs` programs at a time. What went wrong is written to the working folder, and
    printed after it was shrunk."""
    steps, failures = list[Step](), list[tuple[Step, Case]]()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for strategy in strategies:
            task = progress.add_task(f"{strategy}, seed {wish.seed}", total=wish.edits)
            for lived, failed in random_lives(strategy, wish, jobs, limits):
                steps += lived
                progress.update(task, advance=len(lived))
                if failed is not None:
                    failures.append((lived[-1], failed))
                    progress.console.print(f"{lived[-1].verdict}: {failed.name} edit {lived[-1].edit}", markup=False)
    for number, (step, case) in enumerate(failures):
        _report(console, step, case, small=number < SHRUNK)
    return steps


def random_lives(
    strategy: str, wish: Wish, jobs: int = 1, limits: Limits | None = None
) -> Iterator[tuple[list[Step], Case | None]]:
    """Each program's results, and its history where it went wrong, until there were as many edits as wished for."""
    lives, left = wish.lives(), wish.edits
    if jobs == 1:
        while left > 0:
            lived = live_on(next(lives).cut(left), strategy, limits)
            left -= max(1, len(lived[0]))
            yield lived
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        while left > 0:
            some = islice(lives, min(8 * jobs, -(-left // LIFE)))
            chosen = [life.cut(max(1, left - n * LIFE)) for n, life in enumerate(some)]
            for lived in pool.map(partial(live_on, strategy=strategy, limits=limits), chosen):
                left -= max(1, len(lived[0]))
                yield lived


def live_on(life: Life, strategy: str, limits: Limits | None = None) -> tuple[list[Step], Case | None]:
    """One program's results, and its history up to where it went wrong. A fault of the bench is a result too."""
    case, steps = life.case(), list[Step]()
    try:
        for step in live(case, strategy, Oracle(), limits, same_is_quiet=True):
            steps.append(step)
            if step.verdict not in (*GOOD, FAILED):
                return steps, until(case, step.edit)
    except Exception as error:
        detail = f"the bench failed: {type(error).__name__}: {error}"
        steps.append(Step(case.id, case.group, case.kind, strategy, len(steps), CRASHED, detail=detail))
        return steps, until(case, len(steps) - 1)
    return steps, None


def random_case(rng: Random, kind: str, name: str, length: int) -> Case:
    """A random program and `length` random edits of it, as a case."""
    program = random_program(rng, kind)
    if program.pool == "loky" and importlib.util.find_spec("loky") is None:
        program = random_program(rng, kind, "spawn")
    programs = [program]
    while len(programs) <= length:
        changed = random_edit(rng, programs[-1], programs)
        if changed.tree() != programs[-1].tree():
            programs.append(changed)
    return _as_case(name, programs, [rng.choice(WAYS) for _ in range(length)])


def until(case: Case, edit: int) -> Case:
    """The case up to and with its edit number `edit`."""
    return Case(case.name, case.group, case.kind, case.tree, case.edits[: edit + 1], case.command)


def print_case(console: Console, case: Case) -> None:
    """Everything that is needed to see it again, as a case for the corpus."""
    console.print(f"Minimal reproduction ({case.kind}, {len(case.tree)} files, {len(case.edits)} edits):")
    for name, content in case.tree.items():
        console.print(f"--- {name}", markup=False)
        _print_text(console, content)
    for number, edit in enumerate(case.edits):
        for file in edit.files:
            console.print(f"--- edit {number} ({edit.save}): {file.path}", markup=False)
            _print_text(console, file.content)


def write_case(path: Path, case: Case, log: Sequence[str] = ()) -> None:
    """The same as JSON, and what was seen of the last edit; null is a file that is removed."""
    files = {name: content.decode() for name, content in case.tree.items()}
    edits = [
        {
            "save": edit.save,
            "files": {one.path: None if one.content is None else one.content.decode() for one in edit.files},
        }
        for edit in case.edits
    ]
    whole = {"kind": case.kind, "command": case.command, "tree": files, "edits": edits, "seen": list(log)}
    path.write_text(json.dumps(whole, indent=1))


def _report(console: Console, step: Step, case: Case, small: bool) -> None:
    path = Path(f"hrsup-{case.name}-{step.strategy}.json").resolve()
    write_case(path, case, step.seen)
    console.print(f"{step.verdict}: {step.detail}", markup=False, highlight=False)
    console.print(f"The whole history is in {path}", markup=False, highlight=False, soft_wrap=True)
    smallest = shrink(case, step.strategy, step.verdict) if small else None
    if smallest is not None:
        print_case(console, smallest)
    elif small:
        console.print("It did not happen again when the same history was lived through once more.")


def _print_text(console: Console, content: bytes | None) -> None:
    text = "(removed)" if content is None else content.decode(errors="replace")
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _as_case(name: str, programs: Sequence[Program], ways: Sequence[str]) -> Case:
    trees = [program.tree() for program in programs]
    edits = []
    for (before, after), way in zip(pairwise(trees), ways, strict=True):
        files = tuple(difference_of(before, after))
        # A program that reads a data file over and over would itself trip over one that is half written.
        data = any(not file.path.endswith(".py") for file in files)
        edits.append(Edit(files, "atomic" if data else way))
    return Case(name, "random", programs[0].kind, trees[0], tuple(edits))
