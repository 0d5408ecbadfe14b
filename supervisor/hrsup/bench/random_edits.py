"""``hrsup bench --random``: live sessions, many random edits, each compared with a cold start; failures shrink.

Runs in the bench. A program lives for `LIFE` edits under one session, since most of what can go wrong needs a history;
then the next program comes, and so it does after a failure, which is shrunk in the end.
"""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hrsup.bench.decision import percentile, wilson
from hrsup.bench.driver import STANDINS, Session, supervised
from hrsup.bench.model import BATCH, CRASHED, FAILED, GOOD, HELD, SERVICE, Case, Edit, Step, Tree
from hrsup.bench.oracle import Oracle, difference_of, excuses
from hrsup.bench.random_changes import random_edit
from hrsup.bench.random_programs import Program, random_program
from hrsup.bench.saving import changes_nothing, write_tree
from hrsup.bench.shrink import shrink
from hrsup.bench.trial import Limits, apply, last_shown, seen, settle, wait_for_start

LIFE = 60  # edits that one program lives through
SHRUNK = 3  # failures that are shrunk; the others are only written to files
WAYS = ("plain", "plain", "plain", "atomic", "vim", "checkout", "older", "two-part")


@dataclass(frozen=True)
class Life:
    """One program's life: it follows from the seed and the number alone."""

    seed: int
    number: int
    length: int

    def case(self) -> Case:
        """The program and its edits. Batches and services take turns."""
        kind = SERVICE if self.number % 2 == 0 else BATCH
        return random_case(Random(f"{self.seed}/{self.number}"), kind, f"seed-{self.seed}-{self.number}", self.length)


def run_random(console: Console, strategies: Sequence[str], edits: int, seed: int, jobs: int, folder: Path) -> int:
    """Do `edits` random edits under each strategy, `jobs` programs at a time; the exit status: 1 if any went wrong in
    silence. What failed is written to `folder`."""
    status = 0
    for strategy in strategies:
        steps, failures = list[Step](), list[tuple[Step, Case]]()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(f"{strategy}, seed {seed}", total=edits)
            for lived, failed in random_lives(strategy, edits, seed, jobs):
                steps += lived
                progress.update(task, advance=len(lived))
                if failed is not None:
                    failures.append((lived[-1], failed))
                    console.print(f"{lived[-1].verdict}: {failed.name} edit {lived[-1].edit}", highlight=False)
        _say(console, strategy, seed, steps)
        for number, (step, case) in enumerate(failures):
            status = 1
            _report(console, strategy, step, case, folder, small=number < SHRUNK)
    return status


def random_lives(
    strategy: str, edits: int, seed: int, jobs: int = 1, life: int = LIFE
) -> Iterator[tuple[list[Step], Case | None]]:
    """Each program's results, and its history where it went wrong, until there were `edits` edits."""
    number = 0
    if jobs == 1:
        while edits > 0:
            lived = live_on(Life(seed, number, min(life, edits)), strategy)
            edits, number = edits - max(1, len(lived[0])), number + 1
            yield lived
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        while edits > 0:
            lengths = [min(life, max(1, edits - n * life)) for n in range(min(8 * jobs, -(-edits // life)))]
            lives = [Life(seed, number + n, length) for n, length in enumerate(lengths)]
            number += len(lives)
            for lived in pool.map(partial(live_on, strategy=strategy), lives):
                edits -= max(1, len(lived[0]))
                yield lived


def live_on(life: Life, strategy: str) -> tuple[list[Step], Case | None]:
    """One program's results, and its history up to where it went wrong. A fault of the bench is a result too."""
    case, steps = life.case(), list[Step]()
    try:
        for step in live(case, strategy, Oracle()):
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


def live(case: Case, strategy: str, oracle: Oracle, limits: Limits | None = None) -> Iterator[Step]:
    """The results one by one, under one session, up to the first that is not good."""
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="hrsup-random-", ignore_cleanup_errors=True) as folder:
        root, work = Path(folder, "tree"), Path(folder)
        write_tree(root, case.tree)
        shown = oracle.cold(case.tree, case.command, case.kind)
        command = supervised(strategy, case.command, work, case.kind)
        with Session(command, root, work, told=strategy in STANDINS) as session:
            started = wait_for_start(session, case, shown, limits)
            if started is not None:
                yield Step(case.id, case.group, case.kind, strategy, -1, started.verdict, detail=started.detail)
                return
            tree: Tree = case.tree
            running, standing = tree, False
            for number, edit in enumerate(case.edits):
                quiet, disk = changes_nothing(tree, edit) or edit.quiet, tree
                tree = edit.applied_to(tree)
                cold = oracle.cold(tree, case.command, case.kind)
                begin, ended = apply(session, root, edit)
                judged = settle(
                    session,
                    begin,
                    case.kind,
                    shown,
                    cold,
                    Edit(edit.files, edit.save, quiet or cold == shown),
                    limits,
                    partial(excuses, oracle, running, disk, edit, case.command),
                    standing,
                )
                step = Step(case.id, case.group, case.kind, strategy, number, judged.verdict, judged.by)
                step.detail, step.codes, step.escalations = judged.detail, judged.codes, judged.escalations
                if judged.right_at is not None:
                    step.latency_ms = round((judged.right_at - ended) * 1000, 2)
                step.seen = [] if judged.good else seen(session, begin)
                yield step
                if not judged.good:
                    return
                standing = judged.verdict == HELD
                if judged.verdict != HELD or case.kind == BATCH:
                    shown, running = cold, tree
                else:
                    shown = last_shown(session, begin, shown)


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


def _report(console: Console, strategy: str, step: Step, case: Case, folder: Path, small: bool) -> None:
    path = folder / f"hrsup-{case.name}-{strategy}.json"
    write_case(path, case, step.seen)
    console.print(f"{step.verdict}: {step.detail}", markup=False, highlight=False)
    console.print(f"The whole history is in {path}", markup=False, highlight=False, soft_wrap=True)
    smallest = shrink(case, strategy, step.verdict) if small else None
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


def _say(console: Console, strategy: str, seed: int, steps: Sequence[Step]) -> None:
    counts = Counter(f"{step.verdict} by {step.by or 'nobody'}" for step in steps)
    what = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    times = [step.latency_ms for step in steps if step.latency_ms is not None]
    shares = [percentile(times, share) for share in (0.5, 0.9, 0.99)]
    latency = " / ".join("?" if share is None else f"{share:.0f}" for share in shares)
    low, high = wilson(sum(step.verdict in GOOD for step in steps), len(steps))
    console.print(
        f"{strategy}, seed {seed}: {len(steps)} edits: {what}; p50/p90/p99 {latency} ms; "
        f"good {low:.2%} to {high:.2%} (95 %)",
        highlight=False,
    )
    for step in steps:
        if step.verdict == FAILED:
            console.print(f"failed: {step.case} edit {step.edit}: {step.detail[:300]}", markup=False, highlight=False)
