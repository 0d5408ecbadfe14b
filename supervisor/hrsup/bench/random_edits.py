"""``hrsup bench --random``: one live session, many random edits, each compared with a cold start; failures shrink.

Runs in the bench. A program lives for `LIFE` edits under one session, since most of what can go wrong needs a history;
then the next program comes. What fails is tried again with fewer edits and fewer modules as long as it still fails.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hrsup.bench.decision import percentile
from hrsup.bench.driver import STANDINS, Session, supervised
from hrsup.bench.model import BATCH, FAILED, GOOD, HELD, SERVICE, Case, Cold, Edit, FileEdit, Step, Tree
from hrsup.bench.oracle import Oracle, drift
from hrsup.bench.random_programs import Program, random_edit, random_program
from hrsup.bench.saving import changes_nothing, write_tree
from hrsup.bench.trial import Limits, apply, last_shown, run, settle, wait_for_start

LIFE = 100  # edits that one program lives through
SHRINK_TRIES = 60
WAYS = ("plain", "plain", "plain", "atomic", "vim", "checkout", "older", "two-part")


def run_random(console: Console, strategies: Sequence[str], edits: int, seed: int) -> int:
    """Do `edits` random edits under each strategy; the exit status: 1 if any went wrong in silence."""
    status = 0
    for strategy in strategies:
        counts, times = Counter[str](), list[float]()
        failed: tuple[Case, Step] | None = None
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(f"{strategy}, seed {seed}", total=edits)
            for step, case in random_steps(strategy, edits, seed):
                counts[f"{step.verdict} by {step.by or 'nobody'}"] += 1
                times += [step.latency_ms] if step.latency_ms is not None else []
                progress.update(task, advance=1)
                if case is not None:
                    failed = case, step
                    break
        _say(console, strategy, seed, counts, times)
        if failed is not None:
            status = 1
            console.print(f"{failed[1].verdict}: {failed[1].detail}", markup=False, highlight=False)
            print_case(console, shrink(failed[0], strategy))
    return status


def random_steps(strategy: str, edits: int, seed: int, life: int = LIFE) -> Iterator[tuple[Step, Case | None]]:
    """Each edit's result, and the case up to here where it went wrong. Batches and services take turns."""
    oracle, left, number = Oracle(), edits, 0
    while left > 0:
        rng = Random(f"{seed}/{number}")
        kind = SERVICE if number % 2 == 0 else BATCH
        length = min(life, left)
        case = random_case(rng, kind, f"seed-{seed}-{number}", length)
        left, number = left - length, number + 1
        for step in live(case, strategy, oracle):
            wrong = step.verdict not in (*GOOD, FAILED)
            yield step, _until(case, step.edit) if wrong else None


def random_case(rng: Random, kind: str, name: str, length: int) -> Case:
    """A random program and `length` random edits of it, as a case."""
    program = random_program(rng, kind)
    programs = [program]
    for _ in range(length):
        programs.append(random_edit(rng, programs[-1]))
    return _as_case(name, programs, [rng.choice(WAYS) for _ in range(length)])


def live(case: Case, strategy: str, oracle: Oracle, limits: Limits | None = None) -> Iterator[Step]:
    """The results one by one, under one session; a change that failed is followed by the next, not the end."""
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
            yield from _live(case, strategy, oracle, session, root, shown, limits)


def shrink(case: Case, strategy: str, tries: int = SHRINK_TRIES) -> Case:
    """A smaller case that still goes wrong in silence under `strategy`; `case` itself if it did so only once."""
    for _ in range(tries):
        smaller = next((one for one in _smaller(case) if _fails(one, strategy)), None)
        if smaller is None:
            return case
        case = smaller
    return case


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


def _print_text(console: Console, content: bytes | None) -> None:
    text = "(removed)" if content is None else content.decode(errors="replace")
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _live(
    case: Case, strategy: str, oracle: Oracle, session: Session, root: Path, shown: Cold, limits: Limits
) -> Iterator[Step]:
    tree: Tree = case.tree
    running = tree
    for number, edit in enumerate(case.edits):
        quiet = Edit(edit.files, edit.save, quiet=changes_nothing(tree, edit) or edit.quiet)
        tree = edit.applied_to(tree)
        cold = oracle.cold(tree, case.command, case.kind)
        quiet = Edit(quiet.files, quiet.save, quiet.quiet or (cold == shown))
        begin, ended = apply(session, root, edit)
        judged = settle(
            session, begin, case.kind, shown, cold, quiet, limits, partial(drift, running, tree, case.command)
        )
        step = Step(case.id, case.group, case.kind, strategy, number, judged.verdict, judged.by, detail=judged.detail)
        if judged.right_at is not None:
            step.latency_ms = round((judged.right_at - ended) * 1000, 2)
        yield step
        if not judged.good:
            return
        if judged.verdict != HELD or case.kind == BATCH:
            shown, running = cold, tree
        else:
            shown = last_shown(session, begin, shown)


def _as_case(name: str, programs: Sequence[Program], ways: Sequence[str]) -> Case:
    trees = [program.tree() for program in programs]
    edits = []
    for before, after, way in zip(trees, trees[1:], ways, strict=False):
        files = tuple(FileEdit(path, after[path]) for path in after if before.get(path) != after[path])
        if files:
            # A program that reads a data file over and over would itself trip over one that is half written.
            data = any(file.path.endswith(".json") for file in files)
            edits.append(Edit(files, "atomic" if data else way))
    return Case(name, "random", programs[0].kind, trees[0], tuple(edits))


def _until(case: Case, edit: int) -> Case:
    return Case(case.name, case.group, case.kind, case.tree, case.edits[: edit + 1], case.command)


def _smaller(case: Case) -> Iterator[Case]:
    """Cases with fewer edits: from a later start, or with one left out."""
    edits = case.edits
    for cut in (len(edits) // 2, len(edits) // 4, 1):
        if 0 < cut < len(edits):
            tree: Tree = case.tree
            for edit in edits[:cut]:
                tree = edit.applied_to(tree)
            yield Case(case.name, case.group, case.kind, tree, edits[cut:], case.command)
    if len(edits) == 1:
        for name in [name for name in case.tree if name not in {file.path for file in edits[0].files}]:
            tree = {path: content for path, content in case.tree.items() if path != name}
            main = tree.get("main.py", b"").replace(f"import {name[:-3]}\n".encode(), b"")
            main = main.replace(f"{name[:-3]}, ".encode(), b"").replace(f"{name[:-3]},".encode(), b"")
            yield Case(case.name, case.group, case.kind, {**tree, "main.py": main}, edits, case.command)


def _fails(case: Case, strategy: str) -> bool:
    oracle = Oracle()
    try:
        if oracle.cold(case.tree, case.command, case.kind).broken:
            return False
        steps = run(case, strategy, oracle, Limits(answer_s=10, grace_s=0.6))
    except Exception:  # a case that cannot even start cold is no reproduction
        return False
    return any(step.verdict not in (*GOOD, FAILED) for step in steps)


def _say(console: Console, strategy: str, seed: int, counts: Counter[str], times: list[float]) -> None:
    shares = [percentile(times, share) for share in (0.5, 0.9, 0.99)]
    latency = " / ".join("?" if share is None else f"{share:.0f}" for share in shares)
    what = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    console.print(f"{strategy}, seed {seed}: {counts.total()} edits: {what}; p50/p90/p99 {latency} ms", highlight=False)
