"""The command ``hrsup bench``: arguments in, a series of trials, reports out. Runs in the bench."""

from __future__ import annotations

import fnmatch
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hrsup.bench.cases import corpus
from hrsup.bench.decision import decide, figures
from hrsup.bench.driver import STANDINS
from hrsup.bench.model import GOOD, Case, Step
from hrsup.bench.report import print_report
from hrsup.bench.series import Job, Record, run_series
from hrsup.bench.trial import Limits, missing

STRATEGIES = ("auto", "data", "reload", "workers", "checkpoint", "execv", "respawn", *STANDINS)


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--strategy", "strategies", multiple=True, help="One of hrsup's, or the baselines restart and naive.")
@click.option("--group", "groups", multiple=True, help="Only cases of this group; repeatable.")
@click.option("--case", "patterns", multiple=True, help="Only cases whose name matches this glob; repeatable.")
@click.option("--kind", type=click.Choice(["batch", "service"]), help="Only programs of this kind.")
@click.option("--no-escalate", is_flag=True, help="Measure each strategy alone, without the rungs after it.")
@click.option("--jobs", default=1, show_default=True, help="Trials at a time; more than one blurs the latencies.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write every result and figure here.")
@click.option("--html", "html_path", type=click.Path(path_type=Path), help="Write a page with plots here.")
@click.option("--resume", type=click.Path(path_type=Path), help="Keep results here, and go on where it stopped.")
@click.option("--list", "only_list", is_flag=True, help="Name the cases and end.")
@click.option("--timeout", default=20.0, show_default=True, help="Seconds to wait for an answer, or for a start.")
@click.option("--random", "random_edits", type=int, metavar="N", help="N random edits of random programs instead.")
@click.option("--seed", default=1, show_default=True, help="Where --random starts.")
@click.option("--replay", metavar="RANGE", help="Commits of this repository as edits: --replay A..B -- COMMAND.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def bench(
    strategies: tuple[str, ...],
    groups: tuple[str, ...],
    patterns: tuple[str, ...],
    kind: str | None,
    no_escalate: bool,
    jobs: int,
    json_path: Path | None,
    html_path: Path | None,
    resume: Path | None,
    only_list: bool,
    timeout: float,
    random_edits: int | None,
    seed: int,
    replay: str | None,
    command: tuple[str, ...],
) -> None:
    """Measure each strategy against a cold start: how often is it right, and how fast?

    Ends with 1 if a strategy of hrsup's presented an old result as current, crashed or said nothing.
    """
    console = Console(stderr=False)
    chosen: dict[str, object] = {"--group": groups, "--case": patterns, "--resume": resume}
    chosen |= {"--list": only_list, "--no-escalate": no_escalate}
    if random_edits is not None:
        from hrsup.bench.random_edits import Wish, run_random

        _without("--random", chosen)
        wish = Wish(random_edits, seed, kind)
        steps = run_random(console, strategies or ("auto",), wish, jobs, _limits(timeout))
    elif replay is not None:
        from hrsup.bench.replay import run_replay

        _without("--replay", chosen | {"--kind": kind})
        steps = run_replay(console, Path.cwd(), replay, command, strategies or ("auto",), _limits(timeout))
    else:
        cases = select(corpus(), groups, patterns, kind)
        if only_list:
            for case in cases:
                click.echo(f"{case.id}  {len(case.edits)}")
            return
        steps = _run(console, cases, strategies or STRATEGIES, jobs, resume, _limits(timeout), not no_escalate)
    _report(console, steps, json_path, html_path)
    sys.exit(1 if any(_is_fault(step) for step in steps) else 0)


def _without(mode: str, options: dict[str, object]) -> None:
    """Raises UsageError if one of these options was given, which choose among the cases of the corpus."""
    given = [name for name, value in options.items() if value]
    if given:
        raise click.UsageError(f"{mode} does not take cases from the corpus: leave out {', '.join(given)}")


def _limits(timeout_s: float) -> Limits:
    """Who gives an answer more time has programs that take longer to start, too."""
    return Limits(start_s=max(Limits.start_s, timeout_s), answer_s=timeout_s)


def select(
    cases: Sequence[Case], groups: Sequence[str], patterns: Sequence[str], kind: str | None = None
) -> list[Case]:
    """The cases of the named groups whose id, or id without the kind, matches a pattern, and that can run here."""
    unknown = set(groups) - {case.group for case in cases}
    if unknown:
        raise click.UsageError(f"no group {', '.join(sorted(unknown))}")
    return [
        case
        for case in cases
        if (not groups or case.group in groups)
        and (not patterns or any(_matches(case, pattern) for pattern in patterns))
        and (kind is None or case.kind == kind)
        and missing(case) is None
    ]


def _matches(case: Case, pattern: str) -> bool:
    # Brackets in an id would be a set to fnmatch.
    plain = f"{case.group}/{case.name}"
    return pattern == case.id or any(fnmatch.fnmatchcase(name, pattern) for name in (plain, case.name))


def _run(
    console: Console,
    cases: Sequence[Case],
    strategies: Sequence[str],
    parallel: int,
    resume: Path | None,
    limits: Limits,
    escalate: bool,
) -> list[Step]:
    jobs = [Job(case, strategy) for strategy in strategies for case in cases]
    record = Record(resume)
    columns = (TextColumn("{task.description:40.40}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(jobs), completed=sum(record.has(job) for job in jobs))

        def on_done(job: Job, steps: list[Step]) -> None:
            progress.update(task, advance=1, description=f"{job.strategy} {job.case.id}")
            for step in steps:
                if step.verdict not in GOOD and step.strategy not in STANDINS:
                    progress.console.print(f"{step.verdict}: {job.strategy} {job.case.id}", markup=False)

        run_series(jobs, record, parallel, on_done, limits, escalate)
    wanted = {(job.case.id, job.strategy) for job in jobs}
    return [step for step in record.steps if (step.case, step.strategy) in wanted]


def _report(console: Console, steps: list[Step], json_path: Path | None, html_path: Path | None) -> None:
    about = f"Python {platform.python_version()} on {platform.platform()}"
    print_report(console, steps)
    if json_path is not None:
        json_path.write_text(json.dumps(as_json(steps, about), indent=1))
    if html_path is not None:
        try:
            from hrsup.bench.page import write_page

            write_page(html_path, steps, about)
        except ImportError:
            raise click.ClickException('--html needs plotly: pip install "hrsup[bench]"') from None


def as_json(steps: list[Step], about: str) -> dict[str, object]:
    """Every result, the figures by strategy and group, and the decisions."""
    table = figures(steps)
    rows = [
        {
            "strategy": row.strategy,
            "group": row.group,
            "edits": row.edits,
            "verdicts": dict(row.verdicts),
            "escalated": dict(row.escalated),
            "reliability": row.reliability,
            "p50_ms": row.percentile(0.5),
            "p90_ms": row.percentile(0.9),
            "p99_ms": row.percentile(0.99),
            "needless_runs": row.needless_runs,
            "service_code_edits": row.code_edits,
            "in_place": row.in_place,
            "effects": row.effects,
            "effects_wrong": row.effects_wrong,
        }
        for row in table.values()
    ]
    decisions = [{**vars(one), "use": one.use} for one in decide(table, steps)]
    return {"about": about, "figures": rows, "decisions": decisions, "steps": [step.as_dict() for step in steps]}


def _is_fault(step: Step) -> bool:
    return step.strategy not in STANDINS and step.verdict not in (*GOOD, "failed")
