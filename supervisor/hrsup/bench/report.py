"""The results as tables on the terminal. Runs in the bench."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hrsup.bench.decision import Decision, Figures, decide, figures
from hrsup.bench.driver import STANDINS
from hrsup.bench.model import CRASHED, FAILED, GOOD, HELD, RIGHT, TIMEOUT, Step

COLUMNS = ("edits", "right", "held", "escalated", "failed", "silent stale", "crashed", "timeout", "reliability (95 %)")
TIMES = ("p50 ms", "p90 ms", "p99 ms")


def print_report(console: Console, steps: Sequence[Step], by_group: bool = True) -> None:
    """Everything: by strategy, by group, what went wrong, and the decision."""
    table = figures(steps)
    console.print(_summary(table))
    if by_group:
        console.print(_groups(table))
    _print_reasons(console, table)
    print_faults(console, steps)
    console.print(_decisions(decide(table, steps)))


def print_faults(console: Console, steps: Sequence[Step], most: int = 40) -> None:
    """Each edit that did not end well, with what was seen; `most` of a strategy, none of a baseline."""
    strategies = dict.fromkeys(step.strategy for step in steps if step.strategy not in STANDINS)
    for strategy in strategies:
        faults = [step for step in steps if step.strategy == strategy and step.verdict not in GOOD]
        for step in faults[:most]:
            where = f"{step.case} edit {step.edit}"
            console.print(f"[bold]{step.verdict}[/] {strategy} {escape(where)}: {escape(step.detail[:400])}")
        if len(faults) > most:
            console.print(f"... and {len(faults) - most} more of {strategy}")


def _summary(table: dict[tuple[str, str], Figures]) -> Table:
    view = Table(title="By strategy", title_justify="left")
    for column in ("strategy", *COLUMNS, *TIMES, "in process", "needless runs"):
        view.add_column(column, justify="left" if column == "strategy" else "right")
    for (strategy, group), row in table.items():
        if group == "all":
            stayed = row.services - row.left_process
            share = f"{stayed / row.services:.0%}" if row.services else ""
            view.add_row(strategy, *_cells(row), share, str(row.needless_runs))
    return view


def _groups(table: dict[tuple[str, str], Figures]) -> Table:
    view = Table(title="By group of hazards", title_justify="left")
    for column in ("group", "strategy", *COLUMNS, *TIMES):
        view.add_column(column, justify="left" if column in ("group", "strategy") else "right")
    for group in dict.fromkeys(group for _, group in table if group != "all"):
        for (strategy, other), row in table.items():
            if other == group:
                view.add_row(group, strategy, *_cells(row))
        view.add_section()
    return view


def _cells(row: Figures) -> list[str]:
    share, low, high = row.reliability
    verdicts = row.verdicts
    return [
        str(row.edits),
        str(verdicts[RIGHT]),
        str(verdicts[HELD]),
        str(row.escalated.total()),
        str(verdicts[FAILED]),
        str(row.silent),
        str(verdicts[CRASHED]),
        str(verdicts[TIMEOUT]),
        f"{share:.1%} ({low:.1%} to {high:.1%})",
        *(_ms(row.percentile(share)) for share in (0.5, 0.9, 0.99)),
    ]


def _print_reasons(console: Console, table: dict[tuple[str, str], Figures]) -> None:
    for (strategy, group), row in table.items():
        if group == "all" and row.escalated:
            ways = ", ".join(f"{way} {count}" for way, count in row.escalated.most_common())
            console.print(f"[bold]{strategy}[/] escalated: {escape(ways)}")
            for reason, count in row.reasons.most_common(8):
                console.print(f"    {count:4}  {escape(reason)}")


def _decisions(decisions: Sequence[Decision]) -> Table:
    view = Table(title="The research note's question", title_justify="left")
    for column in ("strategy", ">= 95 % reliable", "saves > 100 ms", "failures detected", "impact minimal", "use it?"):
        view.add_column(column)
    for one in decisions:
        saving = "" if one.saving_ms is None else f" ({one.saving_ms:+.0f} ms)"
        saves = "unknown" if one.saves is None else _yes(one.saves) + saving
        view.add_row(one.strategy, _yes(one.reliable), saves, _yes(one.detected), _yes(one.harmless), _yes(one.use))
    return view


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
