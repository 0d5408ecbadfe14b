"""The results as tables on the terminal. Runs in the bench."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hrsup.bench.decision import BASELINE, EFFECTS, Decision, Figures, decide, figures
from hrsup.bench.driver import STANDINS
from hrsup.bench.model import CRASHED, FAILED, GOOD, HELD, RIGHT, TIMEOUT, Step

VERDICTS = {
    "edits": "edits",
    RIGHT: "right",
    HELD: "held",
    FAILED: "failed",
    "silent": "silent stale",
    CRASHED: "crashed",
    TIMEOUT: "timeout",
}
TIMES = ("p50 ms", "p90 ms", "p99 ms")


def print_report(console: Console, steps: Sequence[Step]) -> None:
    """Everything: by strategy, by group, what went wrong, and the decision."""
    table = figures(steps)
    for view in (_verdicts(table), _speed(table), _cost(table)):
        console.print(view)
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


def _view(title: str, columns: Sequence[str], words: int = 1) -> Table:
    """A table that fits into 80 columns; the first `words` columns are words, the others figures."""
    view = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for number, column in enumerate(columns):
        longest = max(map(len, column.split()))
        view.add_column(column, justify="left" if number < words else "right", min_width=longest, overflow="fold")
    return view


def _strategies(table: dict[tuple[str, str], Figures]) -> list[Figures]:
    return [row for (_, group), row in table.items() if group == "all"]


def _verdicts(table: dict[tuple[str, str], Figures]) -> Table:
    view = _view("What came of the edits", ("strategy", *VERDICTS.values()))
    for row in _strategies(table):
        counts = {**row.verdicts, "edits": row.edits, "silent": row.silent}
        view.add_row(row.strategy, *(str(counts.get(name, 0)) for name in VERDICTS))
    return view


def _speed(table: dict[tuple[str, str], Figures]) -> Table:
    view = _view("How reliable, and how fast", ("strategy", "reliability (95 %)", *TIMES, "code edits in place"))
    for row in _strategies(table):
        share, low, high = row.reliability
        times = [_ms(row.percentile(share)) for share in (0.5, 0.9, 0.99)]
        in_place = f"{row.in_place} of {row.code_edits}"
        view.add_row(row.strategy, f"{share:.1%} ({low:.1%} to {high:.1%})", *times, in_place)
    view.caption = "In place: of the services' code edits that came in, those for which no process was left."
    view.caption_justify = "left"
    return view


def _cost(table: dict[tuple[str, str], Figures]) -> Table:
    view = _view(
        "What it cost", ("strategy", "escalated", "needless runs", "imports repeated", "import side effects wrong")
    )
    for row in _strategies(table):
        wrong = _share(row.effects_wrong, row.effects)
        again = f"{sum(row.imported) / len(row.imported):.1f}" if row.imported else "not told"
        view.add_row(row.strategy, str(row.escalated.total()), str(row.needless_runs), again, wrong)
    view.caption = "Repeated: bodies of the program's modules that were executed again, for each code edit.\n"
    view.caption += f"Wrong: of the edits of the services in {EFFECTS}, those with an effect twice, or an old one."
    view.caption_justify = "left"
    return view


def _groups(table: dict[tuple[str, str], Figures]) -> Table:
    columns = ("group", "strategy", "edits", "good", "silent\nstale", "next\nrung", "in\nplace", *TIMES)
    view = _view("By group of hazards", columns, 2)
    for group in dict.fromkeys(group for _, group in table if group != "all"):
        for (strategy, other), row in table.items():
            if other == group:
                times = [_ms(row.percentile(share)) for share in (0.5, 0.9, 0.99)]
                counts = (row.edits, row.good, row.silent, row.escalated.total())
                in_place = f"{row.in_place / row.code_edits:.0%}" if row.code_edits else ""
                view.add_row(group, strategy, *map(str, counts), in_place, *times)
        view.add_section()
    return view


def _print_reasons(console: Console, table: dict[tuple[str, str], Figures]) -> None:
    for (strategy, group), row in table.items():
        if group == "all" and row.escalated:
            ways = ", ".join(f"{way} {count}" for way, count in row.escalated.most_common())
            console.print(f"[bold]{strategy}[/] escalated: {escape(ways)}")
            for reason, count in row.reasons.most_common(8):
                console.print(f"    {count:4}  {escape(reason)}")


def _decisions(decisions: Sequence[Decision]) -> Table:
    columns = ("strategy", "95 % reliable", "saves 100 ms", "failures detected", "impact minimal", "use it?")
    view = _view("The research note's question", columns, len(columns))
    for one in decisions:
        if one.strategy == BASELINE:
            saves, use = "is the baseline", "baseline"
        else:
            saves = "not measured" if one.saves is None else f"{_yes(one.saves)} ({one.saving_ms:+.0f} ms)"
            use = "open" if one.use is None else _yes(one.use)
        view.add_row(one.strategy, _yes(one.reliable), saves, _yes(one.detected), _yes(one.harmless), use)
    if any(one.saves is None for one in decisions if one.strategy != BASELINE):
        view.caption = f"Not measured: what it saves is told against --strategy {BASELINE} of the same run."
        view.caption_justify = "left"
    return view


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "none tried"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _ms(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if value < 1000 else f"{value:.0f}"
