"""One case under one strategy: start, edit, wait, judge. Runs in the bench, around a supervised program."""

from __future__ import annotations

import importlib.util
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hrsup.bench.driver import STANDINS, Entry, Session, supervised
from hrsup.bench.model import BATCH, CRASHED, FAILED, HELD, MIXED, SERVICE, STALE, TIMEOUT, Case, Cold, Edit, Step
from hrsup.bench.oracle import NO_EXCUSES, Excuses, Oracle, excuses, tick_state
from hrsup.bench.saving import IN_PARTS, changes_nothing, save, write_tree
from hrsup.bench.verdict import NEW_PROCESS, Judgement, judge


@dataclass(frozen=True)
class Limits:
    """How long is waited for what, in seconds."""

    start_s: float = 30.0
    answer_s: float = 20.0
    grace_s: float = 2.0  # after a wrong result: another answer may still be on its way
    quiet_s: float = 0.4  # for edits about which nothing need be said
    unsaid_s: float = 5.0  # what is shown is right, but nobody has said so


def missing(case: Case) -> str | None:
    """The first third-party module that the case needs and this interpreter has not."""
    return next((name for name in case.requires if importlib.util.find_spec(name) is None), None)


def run(case: Case, strategy: str, oracle: Oracle, limits: Limits | None = None, escalate: bool = True) -> list[Step]:
    """The results, one for each edit, up to the first that is not good."""
    return list(live(case, strategy, oracle, limits, escalate))


def live(
    case: Case,
    strategy: str,
    oracle: Oracle,
    limits: Limits | None = None,
    escalate: bool = True,
    same_is_quiet: bool = False,
) -> Iterator[Step]:
    """The results one by one. With `same_is_quiet`, nothing need be said about an edit after which a cold start shows
    what is shown already."""
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="hrsup-bench-", ignore_cleanup_errors=True) as folder:
        root, work = Path(folder, "tree"), Path(folder)
        write_tree(root, case.tree)
        command = supervised(strategy, case.command, work, case.kind, escalate)
        cold = oracle.cold(case.tree, case.command, case.kind)
        with Session(command, root, work, told=strategy in STANDINS) as session:
            started = _wait_for_start(session, case, cold, limits)
            if started is not None:
                yield _step(case, strategy, -1, started, None, Edit(()))
            else:
                yield from _edits(case, strategy, oracle, session, root, cold, limits, same_is_quiet)


def _wait_for_start(session: Session, case: Case, cold: Cold, limits: Limits) -> Judgement | None:
    """Wait until the program shows what it should before any edit; what is wrong, if it does not."""
    if case.edits and case.edits[0].running:
        ready = session.wait(lambda log: any(entry.line is not None for entry in log), limits.start_s)
    else:
        ready = session.wait(_has_shown(case.kind, cold), limits.start_s)
    if ready:
        return None
    verdict = CRASHED if session.ended else TIMEOUT
    tail = [entry.line for entry in session.log if entry.line is not None][-3:]
    return Judgement(verdict, False, True, detail=f"no start: {tail} {session.errors()[-600:]}")


def _apply(session: Session, root: Path, edit: Edit) -> tuple[int, float]:
    """Save `edit`; where the log stood before, and when (monotonic, s) the last write ended."""
    session.pump(0)
    begin = len(session.log)
    ended = save(root, edit)
    session.tell([str(root / file.path) for file in edit.files])
    return begin, ended


def _settle(
    session: Session,
    begin: int,
    case_kind: str,
    shown: Cold,
    cold: Cold,
    edit: Edit,
    limits: Limits,
    excused: Callable[[], Excuses] = Excuses,
    standing: bool = False,
) -> Judgement:
    """Wait until the edit has been answered and what is shown is right, or until it is clear that it will not be.

    `excused` runs the program under no supervisor, to tell what else it may show; it is asked only if the program
    shows something that is neither old nor new, or goes on to show something else while the edit is held.
    """
    start = time.monotonic()
    changed_at, size = start, begin
    own: Excuses | None = None
    while True:
        judgement = judge(
            session.log[begin:], case_kind, shown, cold, edit.save in IN_PARTS, own or NO_EXCUSES, standing
        )
        if own is None and case_kind == SERVICE and judgement.verdict in (MIXED, STALE) and judgement.answered:
            own = excused()
            continue
        now = time.monotonic()
        if len(session.log) != size and any(entry.event for entry in session.log[size:]):
            changed_at = now
        size = len(session.log)
        waited = now - (start if edit.quiet and not judgement.answered else changed_at)
        if judgement.good and judgement.settled and judgement.answered:
            return judgement
        unsaid = judgement.good and not judgement.answered and not judgement.under_way
        if unsaid and waited > (limits.quiet_s if edit.quiet else limits.unsaid_s):
            return judgement
        held = judgement.verdict == HELD and judgement.answered and not judgement.under_way
        if held and waited > limits.quiet_s:
            return judgement
        if judgement.answered and judgement.settled and waited > limits.grace_s:
            return judgement
        if now - start > limits.answer_s or (session.ended and waited > 0.2):
            return judgement
        session.pump()


def _edits(
    case: Case,
    strategy: str,
    oracle: Oracle,
    session: Session,
    root: Path,
    shown: Cold,
    limits: Limits,
    same_is_quiet: bool,
) -> Iterator[Step]:
    tree, running, standing = dict(case.tree), dict(case.tree), False
    for number, edit in enumerate(case.edits):
        same, disk = changes_nothing(tree, edit), tree
        tree = edit.applied_to(tree)
        cold = oracle.cold(tree, case.command, case.kind)
        quiet = replace(edit, quiet=edit.quiet or same or (same_is_quiet and cold == shown))
        begin, ended = _apply(session, root, edit)
        own = partial(excuses, oracle, running, disk, edit, case.command)
        judgement = _settle(session, begin, case.kind, shown, cold, quiet, limits, own, standing)
        if session.ended:
            judgement = _died(judgement, session)
        step = _step(case, strategy, number, judgement, ended, quiet)
        step.seen = [] if judgement.good else _seen(session, begin)
        yield step
        if not judgement.good:
            return
        standing = judgement.verdict == HELD
        if judgement.verdict != HELD or case.kind == BATCH:
            shown, running = cold, tree
        else:
            shown = _last_shown(session, begin, shown)


def _last_shown(session: Session, begin: int, shown: Cold) -> Cold:
    """What a service shows that goes on as it was: a file that it reads by itself may have changed."""
    states = (tick_state(entry.line) for entry in reversed(session.log[begin:]) if entry.line is not None)
    return next((Cold(state, None) for state in states if state is not None), shown)


def _seen(session: Session, begin: int) -> list[str]:
    """All that was seen since the edit began, in order, with the ms since the first of it, and what hrsup said last. Of
    ticks that show the same, the first."""
    entries = session.log[begin:]
    found, state = list[str](), None
    for entry in entries:
        if entry.line is None or tick_state(entry.line) != state:
            text = json.dumps(entry.event) if entry.line is None else entry.line
            found.append(f"{(entry.time - entries[0].time) * 1e3:.1f} {text}")
        state = None if entry.line is None else tick_state(entry.line)
    return found + session.errors().splitlines()[-20:]


def _died(judgement: Judgement, session: Session) -> Judgement:
    detail = f"the supervisor ended with {session.status}: {session.errors()[-600:]}"
    return Judgement(CRASHED, judgement.answered, True, detail=detail)


def _step(case: Case, strategy: str, number: int, judgement: Judgement, ended: float | None, edit: Edit) -> Step:
    step = Step(case.id, case.group, case.kind, strategy, number, judgement.verdict, judgement.by)
    if ended is not None:
        step.latency_ms = _since(ended, judgement.right_at)
        step.said_ms = _since(ended, judgement.said_at)
    step.left_process = case.kind == SERVICE and (judgement.by in NEW_PROCESS or judgement.runs > 0)
    step.code = not edit.quiet and any(file.path.endswith(".py") for file in edit.files)
    step.needless_runs = judgement.runs if edit.quiet else 0
    step.imported = judgement.imported
    step.escalations, step.codes = judgement.escalations, judgement.codes
    step.detail = judgement.detail if not judgement.good or judgement.verdict == FAILED else ""
    return step


def _since(start: float, moment: float | None) -> float | None:
    return None if moment is None else round((moment - start) * 1000, 2)


def _has_shown(kind: str, cold: Cold) -> Callable[[list[Entry]], bool]:
    def batch(log: list[Entry]) -> bool:
        return any(entry.name == "run_finished" for entry in log[-20:])

    def service(log: list[Entry]) -> bool:
        return any(entry.line is not None and tick_state(entry.line) == cold.shown for entry in log[-5:])

    return batch if kind == BATCH else service
