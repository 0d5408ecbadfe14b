"""The harness on real processes, with the stand-ins in hrsup's place: saving, starting, judging, going on later."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from rich.console import Console

from hrsup.bench.cases import corpus
from hrsup.bench.cli import as_json, bench, select
from hrsup.bench.model import BATCH, RIGHT, SERVICE, STALE, Case, Edit, FileEdit, Step
from hrsup.bench.oracle import Oracle
from hrsup.bench.page import write_page
from hrsup.bench.random_edits import Wish, random_case, random_lives, write_case
from hrsup.bench.random_programs import random_program
from hrsup.bench.random_source import FORMS, KINDS, POOLS
from hrsup.bench.replay import run_replay
from hrsup.bench.report import print_report
from hrsup.bench.saving import IN_PARTS, WAYS, save, write_tree
from hrsup.bench.series import Job, Record, run_series
from hrsup.bench.shrink import shrink
from hrsup.bench.trial import Limits, run
from hrsup.bench.vocabulary import case, edit, sub

CONSTANT = {
    "limits.py": "LIMIT = 1\n",
    "use.py": "from limits import LIMIT\n\n\ndef show():\n    return LIMIT\n",
}
BATCH_CASE = case(
    "t", "batch", BATCH, {**CONSTANT, "main.py": "from use import show\n\nprint(show())\n"}, sub("limits.py", "1", "22")
)
LOOP = """
import time
from use import show

n = 0
while True:
    n += 1
    print(f"{n}\\t{show()}", flush=True)
    time.sleep(0.002)
"""
SERVICE_CASE = case("t", "service", SERVICE, {**CONSTANT, "main.py": LOOP}, sub("limits.py", "1", "22"))
QUICK = Limits(grace_s=0.2, answer_s=10)


@pytest.mark.parametrize("way", sorted(WAYS))
def test_every_way_of_saving_leaves_the_same_content(way: str, tmp_path: Path) -> None:
    """What differs is only what a watcher sees meanwhile."""
    before = b"old content\n" * 3
    after = before if way == "touch" else b"new content\n" * 3
    write_tree(tmp_path, {"a/b.py": before})
    save(tmp_path, Edit((FileEdit("a/b.py", after),), way))
    assert (tmp_path / "a" / "b.py").read_bytes() == after
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.py"]


def test_ways_in_parts_are_ways() -> None:
    """A misspelt name there would excuse nothing."""
    assert set(WAYS) >= IN_PARTS


def test_a_removed_file_takes_its_empty_folder_along(tmp_path: Path) -> None:
    """As with git: what is left would be a namespace package."""
    write_tree(tmp_path, {"pkg/mod.py": b"", "other.py": b""})
    (tmp_path / "pkg" / "__pycache__").mkdir()
    (tmp_path / "pkg" / "__pycache__" / "mod.cpython-312.pyc").write_bytes(b"")
    save(tmp_path, Edit((FileEdit("pkg/mod.py", None),)))
    assert [path.name for path in tmp_path.iterdir()] == ["other.py"]


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    """At least 150 cases; building them has checked that every edit fits its tree."""
    cases = corpus()
    assert len(cases) >= 150
    assert len({one.id for one in cases}) == len(cases)
    assert all(edit.save in WAYS for one in cases for edit in one.edits)


def test_cases_can_be_chosen_by_group_pattern_and_kind() -> None:
    """As on the command line."""
    chosen = select(corpus(), ["saving"], ["code-*"], SERVICE)
    assert chosen
    assert all(one.group == "saving" and one.name.startswith("code-") and one.kind == SERVICE for one in chosen)


@pytest.mark.parametrize("one", [BATCH_CASE, SERVICE_CASE], ids=["batch", "service"])
def test_a_restart_is_right(one: Case) -> None:
    """The baseline answers with the new value, and a latency."""
    (step,) = run(one, "restart", Oracle(), QUICK)
    assert (step.verdict, step.by) == (RIGHT, "restart")
    assert step.latency_ms is not None and step.latency_ms > 0


@pytest.mark.parametrize("one", [BATCH_CASE, SERVICE_CASE], ids=["batch", "service"])
def test_a_naive_reload_of_a_constant_is_found_to_be_stale(one: Case) -> None:
    """The oracle sees what ``importlib.reload`` of the changed module alone leaves behind."""
    (step,) = run(one, "naive", Oracle(), QUICK)
    assert step.verdict == STALE, step.detail


def test_what_a_touch_has_set_off_is_waited_for() -> None:
    """The result is the same, so that it would be right at any time; but the next edit must not meet its run."""
    main = "import time\nfrom use import show\n\nprint(show())\ntime.sleep(0.5)\n"
    touch = edit(sub("limits.py", "1", "1"), save="touch")
    one = case("t", "touched", BATCH, {**CONSTANT, "main.py": main}, touch, sub("limits.py", "1", "22"))
    steps = list(run(one, "restart", Oracle(), Limits(grace_s=0.2, quiet_s=0.05, answer_s=10)))
    assert [(step.verdict, step.by) for step in steps] == [(RIGHT, "restart")] * 2


def test_a_series_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """What is in the record is not run again; a torn last line is."""
    path = tmp_path / "record.jsonl"
    first = Record(path)
    run_series([Job(BATCH_CASE, "restart")], first, limits=QUICK)
    with path.open("a") as file:
        file.write('{"case": "torn')
    again, ran = Record(path), list[str]()
    jobs = [Job(BATCH_CASE, "restart"), Job(SERVICE_CASE, "restart")]
    run_series(jobs, again, 2, lambda job, _: ran.append(job.case.id), QUICK)
    assert ran == [SERVICE_CASE.id]
    assert [step.verdict for step in again.steps] == [RIGHT, RIGHT]


def test_the_command_reports_and_writes_json(tmp_path: Path) -> None:
    """The table names the strategy; the file holds figures, decisions and every step."""
    path = tmp_path / "out.json"
    arguments = ["--strategy", "restart", "--case", "body/one-function", "--kind", "batch", "--json", str(path)]
    result = CliRunner().invoke(bench, arguments)
    assert result.exit_code == 0, result.output
    assert "restart" in result.output
    data = json.loads(path.read_text())
    assert data["steps"][0]["verdict"] == RIGHT
    assert {row["group"] for row in data["figures"]} == {"body", "all"}


def test_reports_can_be_made_of_nothing_and_of_faults() -> None:
    """No figure is needed for the tables to be drawn."""
    console = Console(record=True, width=200)
    print_report(console, [])
    fault = Step("g/c[batch]", "g", "batch", "auto", 0, STALE, detail="shown [1], cold [2]")
    print_report(console, [fault])
    assert "shown [1], cold [2]" in console.export_text()
    assert as_json([fault], "")["decisions"]


def test_the_tables_can_be_read_in_80_columns() -> None:
    """No word is cut off, and no line is longer."""
    console = Console(record=True, width=80)
    everything = [
        Step(f"side-effects/c{n}[service]", "side-effects", "service", name, 0, RIGHT, name, 1234.5, code=True)
        for name in ("checkpoint", "restart")
        for n in range(1200)
    ]
    print_report(console, everything)
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    for word in ("reliability", "side-effects", "checkpoint", "escalated", "100.0% (99.7% to 100.0%)", "1200 of 1200"):
        assert word in text


def test_the_page_needs_no_network(tmp_path: Path) -> None:
    """One file, plotly.js in it."""
    pytest.importorskip("plotly")
    path = tmp_path / "page.html"
    write_page(path, [Step("g/c[batch]", "g", "batch", "auto", 0, RIGHT, latency_ms=3.0)])
    text = path.read_text()
    assert "plotly" in text.lower()
    assert 'src="http' not in text


def test_random_cases_follow_from_their_seed_and_start_cold() -> None:
    """The same seed gives the same programs; each can be started, and so can its versions but for those that an edit
    broke on purpose; every kind of definition, use and edit occurs."""
    oracle, broken = Oracle(), 0
    for seed in range(6):
        kind = BATCH if seed % 2 else SERVICE
        one = random_case(Random(seed), kind, "x", 5)
        assert one == random_case(Random(seed), kind, "x", 5)
        tree = dict(one.tree)
        assert not oracle.cold(tree, one.command, kind).broken
        for change in one.edits:
            tree = change.applied_to(tree)
            broken += oracle.cold(tree, one.command, kind).broken
    assert broken < 15


def test_random_definitions_and_uses_are_all_used() -> None:
    """What is written down as a way to define or to use something comes up, and compiles."""
    seen = set[str]()
    for seed in range(150):
        program = random_program(Random(seed), BATCH)
        seen |= {item.kind for module in program.modules for item in module.items}
        seen |= {use.form for module in program.modules for use in module.uses} | {program.pool}
        for name, content in program.tree().items():
            if name.endswith(".py"):
                compile(content, name, "exec")
    assert seen >= {*KINDS, *FORMS, *POOLS, ""}


def test_a_random_failure_is_found_and_shrinks(tmp_path: Path) -> None:
    """Naive reloads go wrong within a few random edits, and the reproduction is smaller than the history."""
    found = ((steps[-1], case) for steps, case in random_lives("naive", Wish(200, seed=3)) if case is not None)
    for step, failed in found:
        small = shrink(failed, "naive", step.verdict, budget_s=4)
        if small is not None:  # what a naive reload gets wrong may depend on the second of the save (a stale .pyc)
            break
    else:
        pytest.fail("nothing that happens again")
    assert len(small.edits) <= len(failed.edits)
    write_case(tmp_path / "case.json", small)
    assert json.loads((tmp_path / "case.json").read_text())["edits"]


def test_random_edits_are_reported_as_cases_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same tables and the same file, and an option that has no meaning there is no option that is ignored."""
    monkeypatch.chdir(tmp_path)
    words = ["--random", "3", "--seed", "8", "--kind", "service", "--strategy", "restart"]
    done = CliRunner().invoke(bench, [*words, "--json", "found.json"])
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "found.json").read_text())
    assert {(step["group"], step["kind"]) for step in found["steps"]} == {("random", SERVICE)}
    assert [row["edits"] for row in found["figures"] if row["group"] == "random"] == [3]
    assert any(step["code"] for step in found["steps"])
    refused = CliRunner().invoke(bench, [*words, "--case", "x", "--resume", "kept"])
    assert refused.exit_code == 2
    assert "--random does not take cases from the corpus: leave out --case, --resume" in refused.output


def test_a_history_is_replayed_commit_by_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each commit is an edit of its own; the repository's files are left alone."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)

    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-b", "main")
    for value in (1, 20, 300):
        (tmp_path / "mod.py").write_text(f"VALUE = {value}\n")
        (tmp_path / "main.py").write_text("from mod import VALUE\n\nprint(VALUE)\n")
        git("add", ".")
        git("commit", "-m", str(value))
    results = run_replay(Console(quiet=True), tmp_path, "HEAD~2..HEAD", ["python", "main.py"], ["restart"], QUICK)
    assert [(step.case, step.verdict) for step in results] == [
        ("replay/HEAD~2..HEAD#0[batch]", RIGHT),
        ("replay/HEAD~2..HEAD#1[batch]", RIGHT),
    ]


def test_edits_that_do_not_fit_are_refused_when_the_case_is_written() -> None:
    """A case that changes nothing would prove nothing."""
    with pytest.raises(ValueError, match=r"t/x: main\.py holds"):
        case("t", "x", BATCH, {"main.py": "a"}, edit(sub("main.py", "b", "c")))
