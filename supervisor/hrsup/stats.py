"""What `hrsup stats` prints. Runs in a process of its own, on the project's history."""

from __future__ import annotations

import sqlite3

from rich.console import Console
from rich.table import Table

from hrsup.errors import UsageError
from hrsup.history import Summary, summarize
from hrsup.report import milliseconds


def show(project: str) -> None:
    """Print the project's history. Raises UsageError if there is none."""
    try:
        rows, reasons, different = summarize(project)
    except FileNotFoundError:
        raise UsageError("there is no history in this folder yet: start a program with `hrsup run`") from None
    except sqlite3.Error as error:
        raise UsageError(f"the history cannot be read: {error}") from None
    console = Console(highlight=False, soft_wrap=True)
    for text in different:
        console.print(f"The running code differs from the files on disk: {text}", style="yellow", markup=False)
    console.print(_table(rows))
    if reasons:
        console.print()
    for strategy, reason, count in reasons:
        console.print(f"{count:5d}  {strategy}: {reason}", markup=False)


def _table(rows: list[Summary]) -> Table:
    table = Table("strategy", box=None, pad_edge=False)  # fits into 80 columns
    for name in ("tried", "applied", "held", "refused", "failed", "p50", "p99", "time saved"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        counts = (row.tried, row.applied, row.held, row.refused, row.failed)
        times = (milliseconds(value) if value is not None else "" for value in (row.p50_ms, row.p99_ms))
        table.add_row(row.strategy, *map(str, counts), *times, milliseconds(max(row.saved_ms, 0.0)))
    return table
