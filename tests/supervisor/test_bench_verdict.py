"""Verdicts as a table of histories: what was printed and said, and what must be made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrsup.bench.driver import Entry
from hrsup.bench.model import (
    BATCH,
    CRASHED,
    FAILED,
    HELD,
    MIXED,
    PARTIAL,
    RIGHT,
    SERVICE,
    STALE,
    TIMEOUT,
    Cold,
    Edit,
    FileEdit,
)
from hrsup.bench.oracle import Excuses, drift, start_cold
from hrsup.bench.verdict import difference, finished_runs, judge, unexplained

OLD, NEW = Cold("a\nold\n", 0), Cold("a\nnew\n", 0)
BROKEN = Cold("a\n", 1)
OLD_TICK, NEW_TICK, BROKEN_TICK = Cold("old", None), Cold("new", None), Cold("", 1, "SyntaxError")


def history(text: str) -> list[Entry]:
    """Entries from words: ``+x`` is a printed line, ``event:key=value,...`` an event; each a second after the last, but
    for those that ``&`` joins."""
    entries: list[Entry] = []
    for time, word in ((time, word) for time, words in enumerate(text.split()) for word in words.split("&")):
        if word.startswith("+"):
            entries.append(Entry(float(time), line=word[1:].replace("~", "\t")))
        else:
            name, _, fields = word.partition(":")
            pairs = dict(pair.split("=", 1) for pair in fields.split(",") if pair)
            entries.append(Entry(float(time), event={"event": name, **pairs}))
    return entries


ANSWERED = "change run_started +a +new run_finished:status=0 applied:strategy=reload"
HALF, REST = "change run_started", "run_started +new run_finished:status=0 applied:strategy=reload"
BATCHES = [
    ("a right run", ANSWERED, NEW, RIGHT),
    ("the old output again", "change run_started +a +old run_finished:status=0 applied:strategy=reload", NEW, STALE),
    ("ignored, though it matters", "change ignored", NEW, STALE),
    ("ignored, and rightly", "change ignored", OLD, RIGHT),
    ("something ignored in a run", "change run_started change ignored " + ANSWERED, NEW, RIGHT),
    ("nothing said", "", NEW, STALE),
    ("a change without an answer", "change", NEW, TIMEOUT),
    ("refused and failed", "change refused:code=HR1 failed:code=HR1", NEW, FAILED),
    ("only the end of the output", "change run_started +new run_finished:status=0 applied:strategy=data", NEW, PARTIAL),
    ("another status", "change run_started +a +new run_finished:status=3 applied:strategy=data", NEW, STALE),
    ("broken code shown as broken", "change run_started +a run_finished:status=1 held", BROKEN, HELD),
    ("held, though a cold start works", "change held", NEW, FAILED),
    ("the supervisor says crashed", "change crashed:status=139", NEW, CRASHED),
    ("an interrupted run before it", "change run_started +a " + ANSWERED, NEW, RIGHT),
    ("two answers, the last is right", "change ignored " + ANSWERED, NEW, RIGHT),
    ("a line read with the end before it", f"{HALF}&+a&run_finished:status=1 {REST}", NEW, RIGHT),
    ("a line read before the end before it", f"{HALF} +a run_finished:status=1 {REST}", NEW, PARTIAL),
    ("another line read with the end before it", f"{HALF}&+b&run_finished:status=1 {REST}", NEW, PARTIAL),
]
TICKS = "+9~new +10~new +11~new +12~new +13~new"
SERVICES = [
    ("a right commit", f"change +7~old applied:strategy=reload {TICKS}", NEW_TICK, RIGHT),
    ("old lines after applied", "change applied:strategy=reload +8~old +9~new", NEW_TICK, STALE),
    ("one of each", "change +7~old/new +8~new applied:strategy=reload +9~new", NEW_TICK, MIXED),
    ("strange after applied", "change applied:strategy=reload +8~strange", NEW_TICK, MIXED),
    ("held, old lines go on", "change +1~old held +2~old +3~old", BROKEN_TICK, HELD),
    ("applied, though broken", "change applied:strategy=reload +2~old", BROKEN_TICK, STALE),
    ("crashed as a cold start would", "change applied:strategy=reload crashed:status=1", BROKEN_TICK, HELD),
    ("crashed on its own account", "change crashed:status=1", NEW_TICK, CRASHED),
    ("no tick after the answer", "change applied:strategy=respawn", NEW_TICK, TIMEOUT),
    ("nothing said, but seen", "+1~old +2~new", NEW_TICK, RIGHT),
    ("nothing said, old goes on", "+1~old +2~old", NEW_TICK, STALE),
    ("failed, but another took over", f"change failed escalated applied:strategy=respawn {TICKS}", NEW_TICK, RIGHT),
    ("failed, and another is at it", "change failed escalated +7~old", NEW_TICK, TIMEOUT),
    ("torn by the end of a process", f"change +7~ol1~new applied:strategy=respawn {TICKS}", NEW_TICK, RIGHT),
    ("not ticks are no matter", f"change +starting... applied:strategy=respawn {TICKS}", NEW_TICK, RIGHT),
]


@pytest.mark.parametrize(("text", "cold", "verdict"), [row[1:] for row in BATCHES], ids=[row[0] for row in BATCHES])
def test_a_batch_is_judged_by_the_output_of_the_run_that_answers(text: str, cold: Cold, verdict: str) -> None:
    """Output and status must be a cold start's; what was said decides between failed and stale."""
    assert judge(history(text), BATCH, OLD, cold).verdict == verdict


@pytest.mark.parametrize(("text", "cold", "verdict"), [row[1:] for row in SERVICES], ids=[row[0] for row in SERVICES])
def test_a_service_is_judged_by_its_ticks_after_the_answer(text: str, cold: Cold, verdict: str) -> None:
    """Every tick after the answer must show a cold start's state; no tick may show neither."""
    assert judge(history(text), SERVICE, OLD_TICK, cold).verdict == verdict


def test_half_written_files_excuse_strange_ticks_before_the_answer_only() -> None:
    """A save in parts may be run half-way; once it is said to be applied, it must be whole."""
    before = history(f"change +1~half applied:strategy=reload {TICKS}")
    assert judge(before, SERVICE, OLD_TICK, NEW_TICK, in_parts=True).verdict == RIGHT
    after = history("change applied:strategy=reload +1~half")
    assert judge(after, SERVICE, OLD_TICK, NEW_TICK, in_parts=True).verdict == MIXED


def test_the_first_of_two_files_may_be_a_change_of_its_own() -> None:
    """What a cold start shows between two saves is excused where two changes were announced, until the last answer."""
    halfway = Excuses(halfway=("new/old",))
    two = f"change +1~old +2~new/old applied:strategy=checkpoint change +3~new/old applied:strategy=reload {TICKS}"
    assert judge(history(two), SERVICE, OLD_TICK, NEW_TICK, excuses=halfway).verdict == RIGHT
    assert judge(history(two), SERVICE, OLD_TICK, NEW_TICK).verdict == MIXED
    one = f"change +1~old +2~new/old applied:strategy=reload {TICKS}"
    assert judge(history(one), SERVICE, OLD_TICK, NEW_TICK, excuses=halfway).verdict == MIXED
    late = f"change applied:strategy=checkpoint change applied:strategy=reload +3~new/old {TICKS}"
    assert judge(history(late), SERVICE, OLD_TICK, NEW_TICK, excuses=halfway).verdict == MIXED
    held = "change +1~new/old applied:strategy=reload change +2~new/old held +3~new/old +4~new/old"
    assert judge(history(held), SERVICE, OLD_TICK, BROKEN_TICK, excuses=halfway).verdict == HELD
    assert judge(history(held), SERVICE, OLD_TICK, BROKEN_TICK).verdict == MIXED
    one = "change +1~old held +3~new/old +4~new/old"
    assert judge(history(one), SERVICE, OLD_TICK, BROKEN_TICK, excuses=halfway).verdict == STALE


def test_a_verdict_is_settled_only_when_nothing_is_under_way() -> None:
    """A change without an answer, and a run without an end, may still turn out right."""
    assert judge(history(ANSWERED), BATCH, OLD, NEW).settled
    assert not judge(history(ANSWERED + " change"), BATCH, OLD, NEW).settled
    assert not judge(history(ANSWERED + " run_started"), BATCH, OLD, NEW).settled
    assert not judge(history("change applied:strategy=reload +9~new"), SERVICE, OLD_TICK, NEW_TICK).settled


def test_the_latency_ends_at_the_first_line_that_the_edit_has_changed() -> None:
    """Lines that were the same before the edit are no result of it."""
    assert judge(history(ANSWERED), BATCH, OLD, NEW).right_at == 3.0
    ticks = history(f"change +7~old {TICKS} applied:strategy=reload {TICKS}")
    assert judge(ticks, SERVICE, OLD_TICK, NEW_TICK).right_at == 2.0


def test_escalations_and_codes_are_collected() -> None:
    """The report can say what was refused, why, and what took over."""
    text = "change refused:code=HR101 escalated:from=reload,to=execv,code=HR101,reason=why applied:strategy=execv"
    judgement = judge(history(f"{text} {TICKS}"), SERVICE, OLD_TICK, NEW_TICK)
    assert judgement.escalations == [["reload", "execv", "HR101", "why"]]
    assert (judgement.codes, judgement.by) == (["HR101"], "execv")


def test_runs_are_told_apart_by_their_ends() -> None:
    """Each finished run has its own lines and status."""
    runs = finished_runs(history("run_started +a run_finished:status=0 run_started +b run_finished:status=1"))
    assert [(run.text, run.status) for run in runs] == [("a\n", 0), ("b\n", 1)]


def test_a_difference_names_the_first_line_or_field_that_differs() -> None:
    """A person sees at once what is wrong."""
    assert difference("a\nb\n", "a\nc\n") == "shown 'b', cold 'c'"
    assert difference("x | y", "x | z") == "shown 'y', cold 'z'"


OWN = [
    ("its own doing", "+1~once:1,again:2 change applied:strategy=reload " + TICKS, RIGHT),
    ("a tick torn by the write", "+1~once:1,again:1,last:2 change applied:strategy=reload " + TICKS, MIXED),
    ("a state it never comes to", "+1~once:2,again:1 change applied:strategy=reload " + TICKS, MIXED),
    ("its own doing, but after the answer", "change applied:strategy=reload +1~once:1,again:2 " + TICKS, MIXED),
]


@pytest.mark.parametrize(("text", "verdict"), [row[1:] for row in OWN], ids=[row[0] for row in OWN])
def test_only_what_the_program_shows_by_itself_is_excused(text: str, verdict: str) -> None:
    """Whatever else is neither old nor new is a mix, and so is the program's own doing once hrsup has answered."""
    shown = Cold("once:1,again:1", None)
    assert judge(history(text), SERVICE, shown, NEW_TICK, excuses=Excuses(drift=("once:1,again:2",))).verdict == verdict


def test_what_goes_on_by_itself_while_an_edit_is_held_is_no_mix() -> None:
    """The old program reads the new file; that is what it would do without a supervisor."""
    entries = history("change held +1~once:1,again:2 +2~once:1,again:2")
    shown = Cold("once:1,again:1", None)
    assert judge(entries, SERVICE, shown, BROKEN_TICK, excuses=Excuses(drift=("once:1,again:2",))).verdict == HELD
    assert judge(entries, SERVICE, shown, BROKEN_TICK).verdict == STALE


def test_one_tick_may_be_torn_by_a_write() -> None:
    """Its first reader saw the old file and its second the new one; the other way about, or twice, is a mix."""
    own = ["a 1 1", "a 2 2"]
    assert unexplained(["a 1 1", "a 1 2", "a 2 2"], own) == []
    assert unexplained(["a 2 1"], own) == ["a 2 1"]
    assert unexplained(["a 1 3"], ["a 1 1", "a 2 1", "a 2 3"]) == []
    assert unexplained(["a 1 3", "a 1 3"], ["a 1 1", "a 2 1", "a 2 3"]) == ["a 1 3"]
    assert unexplained(["a 2 1"], own, unordered=True) == []
    assert unexplained(["a 2 3"], own, unordered=True) == ["a 2 3"]
    assert unexplained(["= 0, 3"], ["0, 3", "= 0, = 3"], unordered=True) == []
    assert unexplained(["= 0, 3"], ["0, 3", "= 0, = 3"]) == ["= 0, 3"]
    longer = ["[1, 1], 5, [1, 1]", "[2], 5, [2]"]
    assert unexplained(["[2], 5, [1, 1]"], longer, unordered=True) == []
    assert unexplained(["[2], 5, [3]"], longer, unordered=True) == ["[2], 5, [3]"]
    assert unexplained(["a 1 2", "a 1 2"], own) == ["a 1 2"]
    assert unexplained(["[x, y] b [x]"], ["[x, y] b [x, y]", "[x] b [x]"]) == []
    assert unexplained(["[x] b [x, y]"], ["[x, y] b [x, y]", "[x] b [x]"]) == ["[x] b [x, y]"]


def test_a_program_under_no_supervisor_tells_what_is_its_own_doing() -> None:
    """What it reads on every tick changes by itself, what it read at its start does not."""
    main = (
        "import time\n\nONCE = open('word').read()\nn = 0\nwhile True:\n    n += 1\n"
        "    print(f'{n}\\t{ONCE} {open(\"word\").read()}', flush=True)\n    time.sleep(0.002)\n"
    )
    before, after = {"main.py": main.encode(), "word": b"one"}, {"main.py": b"print()", "word": b"two"}
    edit = Edit((FileEdit("word", b"three"),))
    assert drift(before, after, edit, ("python", "main.py")) == ("one one", "one two", "one three")


def test_a_batch_that_hangs_when_started_cold_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker pools do so now and then; only a program that never ends has no answer."""
    monkeypatch.setattr("hrsup.bench.oracle.LIMIT_S", 8.0)
    (tmp_path / "main.py").write_text(
        "import os, time\n\nif not os.path.exists('been'):\n    open('been', 'w').close()\n    time.sleep(60)\n"
        "print('done')\n"
    )
    assert start_cold(tmp_path, ("python", "main.py"), BATCH).shown == "done\n"


def test_what_was_imported_again_is_taken_from_the_answer() -> None:
    """The evidence of hrsup's strategies tells; of a baseline nothing is known."""
    entries = history("change +new")
    for evidence, expected in (({"imported": 3}, 3), ({"old_code_held": 0}, 0), (None, None)):
        told = {} if evidence is None else {"evidence": evidence}
        answer = Entry(9.0, event={"event": "applied", "strategy": "checkpoint", **told})
        assert judge([*entries, answer], SERVICE, OLD_TICK, NEW_TICK).imported == expected
