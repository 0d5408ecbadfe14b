"""The results as one self-contained HTML page with plots. Runs in the bench; needs plotly (``hrsup[bench]``)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any

from hrsup.bench.decision import decide, figures
from hrsup.bench.model import GOOD, VERDICTS, Step

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse; margin: 1em 0 } td, th { border-bottom: 1px solid #ccc; padding: .2em .7em }
td { text-align: right } td:first-child, th:first-child { text-align: left } code { font-size: 13px }
"""


def write_page(path: Path, steps: Sequence[Step], about: str = "") -> None:
    """Write the page, plotly.js included, so that it needs no network. Raises ImportError without plotly."""
    go: Any = import_module("plotly.graph_objects")
    charts = [_verdicts(go, steps), _latencies(go, steps), _groups(go, steps)]
    plots = [chart.to_html(full_html=False, include_plotlyjs=number == 0) for number, chart in enumerate(charts)]
    body = "\n".join(["<h1>hrsup bench</h1>", f"<p>{escape(about)}</p>", _table(steps), *plots, _faults(steps)])
    path.write_text(f"<!doctype html><meta charset=utf-8><title>hrsup bench</title><style>{STYLE}</style>{body}")


def _verdicts(go: Any, steps: Sequence[Step]) -> Any:
    strategies = list(dict.fromkeys(step.strategy for step in steps))
    chart = go.Figure()
    for verdict in VERDICTS:
        counts = [sum(step.strategy == name and step.verdict == verdict for step in steps) for name in strategies]
        if any(counts):
            chart.add_bar(name=verdict, x=strategies, y=counts)
    return chart.update_layout(barmode="stack", title="What came of each edit", yaxis_title="edits")


def _latencies(go: Any, steps: Sequence[Step]) -> Any:
    chart = go.Figure()
    for name in dict.fromkeys(step.strategy for step in steps):
        times = [step.latency_ms for step in steps if step.strategy == name and step.latency_ms is not None]
        if times:
            chart.add_box(name=name, y=times, boxpoints="outliers")
    return chart.update_layout(title="From the last write to the first right line", yaxis_title="ms", yaxis_type="log")


def _groups(go: Any, steps: Sequence[Step]) -> Any:
    table = figures(steps)
    strategies = list(dict.fromkeys(name for name, _ in table))
    groups = [group for group in dict.fromkeys(group for _, group in table) if group != "all"]
    shares = [
        [table[name, group].reliability[0] if (name, group) in table else None for name in strategies]
        for group in groups
    ]
    chart = go.Figure(go.Heatmap(x=strategies, y=groups, z=shares, zmin=0, zmax=1, colorscale="RdYlGn"))
    return chart.update_layout(title="Reliability by group of hazards", height=180 + 24 * len(groups))


def _table(steps: Sequence[Step]) -> str:
    table = figures(steps)
    head = ("strategy", "edits", "good", "silent stale", "reliability", "95 % interval", "p50", "p90", "p99", "use it?")
    rows = [f"<tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>"]
    uses = {one.strategy: one.use for one in decide(table, steps)}
    for (name, group), row in table.items():
        if group == "all":
            share, low, high = row.reliability
            times = [f"{time:.1f} ms" if time is not None else "" for time in map(row.percentile, (0.5, 0.9, 0.99))]
            cells = [name, row.edits, row.good, row.silent, f"{share:.1%}", f"{low:.1%} to {high:.1%}", *times]
            cells.append({True: "yes", False: "no", None: "open"}[uses[name]])
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _faults(steps: Sequence[Step]) -> str:
    faults = [step for step in steps if step.verdict not in GOOD]
    items = [
        f"<li>{step.verdict}, {step.strategy}, <code>{escape(step.case)}</code> edit {step.edit}: "
        f"<code>{escape(step.detail[:300])}</code></li>"
        for step in faults
    ]
    return f"<h2>What did not end well</h2><ul>{''.join(items)}</ul>" if items else ""
