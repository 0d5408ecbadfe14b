"""What came of an edit, told from the history of lines and events alone. Pure. Runs in the bench.

The rule: what the program shows after the answer must be what a cold start shows. An answer is ``applied``,
``ignored``, ``held``, ``failed`` or ``crashed``. Whoever says that he has failed misleads nobody; whoever says
``applied`` or ``ignored``, or nothing at all, and shows something old, does.

A program that reads a data file again on every tick shows the new content before anybody has answered, beside what it
read at its start. That is its own doing only if the same program does the same under no supervisor; `drift` holds
what it shows then (``oracle.drift``). Of files that are saved one after the other, the first may have been announced,
and run, by itself: then, and only then, what a cold start of that shows is no fault before the answer to the last.
No other line is excused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import combinations, zip_longest

from hrsup.bench.driver import Entry
from hrsup.bench.model import (
    BATCH,
    CRASHED,
    FAILED,
    GOOD,
    HELD,
    MIXED,
    PARTIAL,
    RIGHT,
    STALE,
    TIMEOUT,
    Cold,
)
from hrsup.bench.oracle import NO_EXCUSES, Excuses, tick_state

ANSWERS = frozenset({"applied", "ignored", "held", "failed", "crashed"})
LINES_AFTER = 5  # ticks of a service that are looked at after the answer
MOST_CHANGES = 12  # that one edit is announced as; more of them never come to an end
FIELD = re.compile(r"[\s,|]+")  # between the values of a state
NEW_PROCESS = frozenset({"execv", "respawn", "checkpoint", "restart"})


@dataclass(frozen=True)
class Judgement:
    """The verdict so far. `under_way`: what was announced has not been answered, or a run has not ended. `settled`:
    nothing is under way any more, and enough has been seen to believe it."""

    verdict: str
    answered: bool
    settled: bool
    right_at: float | None = None
    said_at: float | None = None
    by: str | None = None
    detail: str = ""
    runs: int = 0
    imported: int | None = None
    escalations: list[list[str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    under_way: bool = False

    @property
    def good(self) -> bool:
        """Is this as it should be?"""
        return self.verdict in GOOD


@dataclass(frozen=True)
class Run:
    """One finished run of a batch; `starts` is more than one if an interrupted run's output precedes it. `doubtful` are
    lines that came together with the end of the run before it: of either, or of both."""

    lines: list[Entry]
    status: int
    starts: int
    doubtful: list[Entry] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it printed."""
        return _text(self.lines)

    def printed(self, expected: str) -> bool:
        """Can it have printed just this?"""
        whole = _text(self.doubtful) + self.text
        return whole.endswith(expected) and (self.starts > 1 or len(expected) >= len(self.text))


def judge(
    entries: Sequence[Entry],
    kind: str,
    shown: Cold,
    cold: Cold,
    in_parts: bool = False,
    excuses: Excuses = NO_EXCUSES,
    standing: bool = False,
) -> Judgement:
    """What came of an edit. `entries` is all that was seen since it began, `shown` what was shown before, `cold` what a
    cold start of the edited tree shows; with `in_parts`, half-written files may have been run on the way. With
    `standing`, what was saved before was held: of a further file it may be said that it has no influence."""
    at = _last_answer(entries)
    verdict, detail, right_at, enough = (
        _judge_batch(entries, at, shown, cold)
        if kind == BATCH
        else _judge_service(entries, at, shown, cold, in_parts, excuses, standing)
    )
    announced = _announced(entries)
    if announced > MOST_CHANGES and verdict in GOOD:
        verdict, detail = TIMEOUT, f"never at rest: one edit was announced {announced} times"
    answer = None if at is None else entries[at]
    under_way = _under_way(entries, kind)
    return Judgement(
        verdict,
        answer is not None,
        enough and not under_way,
        right_at,
        None if answer is None else answer.time,
        str(answer.event.get("strategy")) if answer and answer.event and answer.name == "applied" else None,
        detail,
        sum(entry.name == "run_started" for entry in entries),
        _imported(answer),
        [_escalation(entry) for entry in entries if entry.name == "escalated"],
        [str((entry.event or {}).get("code")) for entry in entries if entry.name in ("refused", "failed")],
        under_way,
    )


def finished_runs(entries: Sequence[Entry]) -> list[Run]:
    """The runs of a batch that ended, in order."""
    runs: list[Run] = []
    lines, doubtful = list[Entry](), list[Entry]()
    starts = 0
    for entry in entries:
        if entry.line is not None:
            lines.append(entry)
        starts += entry.name == "run_started"
        if entry.name == "run_finished" and entry.event is not None:
            runs.append(Run(lines, int(entry.event.get("status") or 0), starts, doubtful))
            lines, starts, doubtful = [], 0, [line for line in lines if line.time == entry.time]
    return runs


def _text(lines: Sequence[Entry]) -> str:
    return "".join(f"{entry.line}\n" for entry in lines)


def unexplained(states: Sequence[str], own: Sequence[str], unordered: bool = False) -> list[str]:
    """The states that the program, as it was before the edit, does not come to by itself. `own` is what it shows
    unsupervised, in order, from before the edit on; one tick may be torn between two of these, where files were
    written after the tick had read some of its values and before it read the others. `unordered`: workers or
    threads read them, each as of when it began, so more than one tick may be torn."""
    strange = [state for state in states if state not in own]
    torn = set[int]()
    left = []
    spans = sorted((range(*pair) for pair in combinations(range(len(own)), 2)), key=len)
    for state in strange:
        untorn = (span for span in spans if torn.isdisjoint(span))
        span = next((one for one in untorn if _is_torn(state, own[one.start], own[one.stop], unordered)), None)
        if span is None:
            left.append(state)
        elif not unordered:
            torn.update(span)
    return left


def _is_torn(state: str, before: str, after: str, unordered: bool) -> bool:
    """Does `state` begin as `before` and end as `after`, field by field? A list may have become longer or shorter. With
    `unordered`, fields were read at the same time, and any of them may be the new one."""
    fields, old, new = (FIELD.split(text) for text in (state, before, after))
    if unordered and _is_chosen(fields, old, new):
        return True
    if not min(len(old), len(new)) <= len(fields) <= max(len(old), len(new)):
        return False
    pairs = [(old, new), (new, old)] if unordered else [(old, new)]
    rests = [(fields[_common(fields, one) :], other) for one, other in pairs]
    return any(not rest or rest == other[-len(rest) :] for rest, other in rests)


def _is_chosen(fields: list[str], old: list[str], new: list[str]) -> bool:
    """Is each part, of those in which `old` and `new` differ, the one or the other?"""
    ends = {0}  # how many of the fields may have been accounted for so far
    for _, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        one, other = old[i1:i2], new[j1:j2]
        single = [([a], [b]) for a, b in zip(one, other, strict=True)] if len(one) == len(other) else [(one, other)]
        for parts in single:
            ends = {end + len(part) for end in ends for part in parts if fields[end : end + len(part)] == part}
    return len(fields) in ends


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items both begin with."""
    shorter = min(len(one), len(other))
    return next((n for n in range(shorter) if one[n] != other[n]), shorter)


def difference(shown: str, cold: str) -> str:
    """The first place where the two differ: the line of a batch's output, the field of a service's state."""
    if "\n" not in shown + cold and " | " not in shown + cold:
        start = max(0, _common(shown, cold) - 60)
        return f"from character {start}: shown {shown[start : start + 240]!r}, cold {cold[start : start + 240]!r}"
    between = "\n" if "\n" in shown + cold else " | "
    pairs = zip_longest(shown.split(between), cold.split(between), fillvalue="(nothing)")
    here, there = next(((one, other) for one, other in pairs if one != other), (shown, cold))
    return f"shown {here[:200]!r}, cold {there[:200]!r}"


def _judge_batch(
    entries: Sequence[Entry], at: int | None, shown: Cold, cold: Cold
) -> tuple[str, str, float | None, bool]:
    runs = finished_runs(entries)
    text, status = (runs[-1].text, runs[-1].status) if runs else (shown.shown, shown.status)
    name = None if at is None else entries[at].name
    same = runs[-1].printed(cold.shown) if runs else text == cold.shown
    if same and status == cold.status:
        verdict = HELD if name == "held" or (cold.broken and name in ("failed", "crashed")) else RIGHT
        return verdict, "", _first_new_line(runs, shown, cold), True
    detail = f"{difference(text, cold.shown)}; status {status}, cold {cold.status}"
    if name in ("held", "failed"):
        return FAILED, f"{name}: {_reason(entries[at or 0])}; {detail}", None, True
    if name == "crashed":
        return CRASHED, detail, None, True
    if name is None and any(entry.event is not None for entry in entries):
        return TIMEOUT, detail, None, False
    if runs and text and text != shown.shown and cold.shown.endswith("\n" + text):
        return PARTIAL, detail, None, True
    return STALE, detail, None, name is not None


def _judge_service(
    entries: Sequence[Entry],
    at: int | None,
    shown: Cold,
    cold: Cold,
    in_parts: bool,
    excuses: Excuses,
    standing: bool,
) -> tuple[str, str, float | None, bool]:
    own = (shown.shown, *excuses.drift)
    halfway = excuses.halfway if _announced(entries) > 1 else ()
    right = {cold.shown, *halfway}
    before = _states(entries[: len(entries) if at is None else at])
    after = [] if at is None else _states(entries[at + 1 :])
    right_at = _first_state(entries, cold.shown) if cold.shown != shown.shown and not cold.broken else None
    strange = unexplained([state for state in before if state not in right], own, excuses.unordered)
    if strange and not in_parts:
        return MIXED, f"neither old nor new: {difference(strange[0], cold.shown)}", None, True
    if at is None:
        return (*_unanswered(entries, before, own, cold, standing), right_at, False)
    answer = entries[at]
    if cold.broken:
        return (
            *_broken(answer, after, (*own, *halfway), cold, standing),
            None,
            len(after) >= LINES_AFTER or answer.name == "crashed",
        )
    if answer.name in ("held", "failed"):
        return FAILED, f"{answer.name}: {_reason(answer)}", None, True
    if answer.name == "crashed":
        return CRASHED, f"crashed with {(answer.event or {}).get('status')}", None, True
    wrong = [state for state in after if state != cold.shown]
    if wrong:
        verdict = STALE if wrong[0] == shown.shown else MIXED
        return verdict, f"after {answer.name}: {difference(wrong[0], cold.shown)}", None, True
    return RIGHT if after else TIMEOUT, "" if after else "no tick after the answer", right_at, len(after) >= LINES_AFTER


def _unanswered(
    entries: Sequence[Entry], states: list[str], own: Sequence[str], cold: Cold, standing: bool
) -> tuple[str, str]:
    if any(entry.name == "change" for entry in entries):
        return TIMEOUT, "a change was announced, but never answered"
    if states and states[-1] == cold.shown:
        return RIGHT, "nothing was said"
    if cold.broken and standing and not unexplained(states, own):
        return HELD, "held since an earlier save"
    return STALE, f"nothing was said: {difference(states[-1] if states else own[0], cold.shown)}"


def _broken(answer: Entry, after: list[str], own: Sequence[str], cold: Cold, standing: bool) -> tuple[str, str]:
    if answer.name == "crashed":
        return HELD, "crashed, as a cold start does"
    kept = ("held", "failed", "ignored") if standing else ("held", "failed")
    if answer.name in kept and not unexplained(after, own):
        return HELD, _reason(answer)
    return STALE, f"{answer.name}, though a cold start ends with {cold.status}: {cold.error[-200:]!r}"


def _announced(entries: Sequence[Entry]) -> int:
    return sum(entry.name == "change" for entry in entries)


def _under_way(entries: Sequence[Entry], kind: str) -> bool:
    """Has a change not been answered yet, or a run of a batch not ended? That something was ignored ends no run."""
    last = {entry.name: index for index, entry in enumerate(entries) if entry.event is not None}
    answered = max(_answers(entries), default=-1)
    ended = max([last.get("run_finished", -1), *(at for at in _answers(entries) if entries[at].name != "ignored")])
    running = kind == BATCH and last.get("run_started", -1) > ended
    return running or max(last.get("change", -1), last.get("escalated", -1)) > answered


def _last_answer(entries: Sequence[Entry]) -> int | None:
    return max(_answers(entries), default=None)


def _answers(entries: Sequence[Entry]) -> list[int]:
    """Where the answers are. One strategy's failure is none if the next one takes over."""
    events = [(index, entry.name) for index, entry in enumerate(entries) if entry.event is not None]
    following = [name for _, name in events[1:]] + [None]
    return [
        index
        for (index, name), after in zip(events, following, strict=False)
        if name in ANSWERS and not (name == "failed" and after == "escalated")
    ]


def _states(entries: Sequence[Entry]) -> list[str]:
    states = (tick_state(entry.line) for entry in entries if entry.line is not None)
    return [state for state in states if state is not None]


def _first_state(entries: Sequence[Entry], state: str) -> float | None:
    return next((entry.time for entry in entries if entry.line is not None and tick_state(entry.line) == state), None)


def _first_new_line(runs: list[Run], shown: Cold, cold: Cold) -> float | None:
    """When the first line appeared that the edit has changed."""
    if not runs or not runs[-1].lines or shown.shown == cold.shown:
        return None
    old, new = shown.shown.splitlines(), cold.shown.splitlines()
    differing = next((n for n, line in enumerate(new) if n >= len(old) or old[n] != line), len(new) - 1)
    lines = runs[-1].lines[-len(new) :] or runs[-1].lines
    return lines[min(differing, len(lines) - 1)].time


def _imported(answer: Entry | None) -> int | None:
    """How many bodies of modules were executed again for this answer, if a strategy of hrsup's gave it."""
    event = (answer.event or {}) if answer is not None and answer.name == "applied" else {}
    return int(event["evidence"].get("imported", 0)) if "evidence" in event else None


def _escalation(entry: Entry) -> list[str]:
    event = entry.event or {}
    return [str(event.get(key)) for key in ("from", "to", "code", "reason")]


def _reason(entry: Entry) -> str:
    event = entry.event or {}
    return str(event.get("reason") or event.get("error") or "")
