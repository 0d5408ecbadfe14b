"""`data` in a service: a change counts as handled only when it was seen to be taken in."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hrsup_strategies.base import CODE, DATA, PROGRAM, SERVICE, Change, Facts, FileChange, Plan, ReadFact, Refused
from hrsup_strategies.data import CODES, Data

HARNESS = Path(__file__).parents[1] / "projects/rereading/harness.py"

POLLING = """
import json, time
def read():
    with open("params.json") as file:
        return json.load(file)
def main():
    while True:
        value = read()
        time.sleep(0.01)
print("up", flush=True)
main()
"""

SHARED_HELPER = """
import json, time
def read():
    with open("params.json") as file:
        return json.load(file)
def main():
    base = read()
    print("up", flush=True)
    while True:
        value = read()
        time.sleep(0.01)
main()
"""

RENAMED_HELPER = """
import json, time
def read():
    with open("params.json") as file:
        return json.load(file)
again = read
base = again()
def main():
    while True:
        value = again()
        time.sleep(0.01)
print("up", flush=True)
main()
"""

AT_START = """
import json, time
with open("params.json") as file:
    value = json.load(file)
print("up", flush=True)
while True:
    time.sleep(0.01)
"""

INBOX = """
import time
from pathlib import Path
def arrivals(seen):
    for path in sorted(Path("inbox").glob("*.txt")):
        if path.name not in seen:
            seen.add(path.name)
            yield path.read_text()
seen = set()
print("up", flush=True)
while True:
    for text in arrivals(seen):
        print(text, flush=True)
    time.sleep(0.01)
"""

TWO_LISTINGS = INBOX.replace("seen = set()", 'seen = set()\ncount = len(list(Path("inbox").glob("*")))')

HANDLER = """
import time
import hrsup
@hrsup.on_change("params.json")
def renew():
    global value
    value = open("params.json").read()
    if "bad" in value:
        raise ValueError(value)
    print("renewed", value, flush=True)
print("up", flush=True)
while True:
    hrsup.safe_point()
    time.sleep(0.01)
"""

HANDLER_WITHOUT_SAFE_POINT = (
    HANDLER.partition('print("up"')[0]
    + """
count = 0
while True:
    count += 1
    if count == 1:
        print("up", flush=True)
    time.sleep(0.01)
"""
)


class Service:
    """A program under the harness."""

    def __init__(self, folder: Path, source: str) -> None:
        (folder / "service.py").write_text(source)
        (folder / "params.json").write_text("1")
        (folder / "inbox").mkdir()
        self.params = str(folder / "params.json")
        self.line = source.splitlines().index('    with open("params.json") as file:') + 1 if "  with" in source else 3
        self.site = f"{folder / 'service.py'}:{self.line}"
        command = [sys.executable, "-c", HARNESS.read_text(), "service.py"]
        self.process = subprocess.Popen(command, cwd=folder, stdin=-1, stdout=-1, bufsize=0)
        assert self.next_line() == "up"

    def next_line(self, within_s: float = 10.0) -> str | None:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], within_s)[0]:
            return None
        return self.process.stdout.readline().decode().rstrip()

    def observe(self, path: str, sites: list[str]) -> None:
        """Wait for these lines to read the file again, whatever could be proved."""
        self._ask(path, sites, observe=True)

    def begin(self, path: str, sites: list[str], **rest: Any) -> None:
        """Bring the file in as the strategy does."""
        self._ask(path, sites, observe=False, **rest)

    def _ask(self, path: str, sites: list[str], observe: bool, **rest: Any) -> None:
        assert self.process.stdin is not None
        file = {"path": path, "sites": sites, "presence": False, "by_workers": {}, "code": None, "reason": None}
        request = {"observe": observe, "files": [{**file, "last": None, **rest}]}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.send_signal(signal.SIGUSR1)

    def outcome(self, within_s: float = 10.0) -> dict[str, Any] | None:
        """The next outcome that is final; None if none comes."""
        deadline = time.monotonic() + within_s
        while (line := self.next_line(max(0.0, deadline - time.monotonic()))) is not None:
            if line.startswith("@") and '"waiting"' not in line:
                outcome: dict[str, Any] = json.loads(line[1:])
                return outcome
        return None


@pytest.fixture
def start(tmp_path: Path) -> Any:
    services: list[Service] = []

    def start_service(source: str) -> Service:
        services.append(Service(tmp_path, source))
        return services[-1]

    yield start_service
    for service in services:
        service.process.kill()
        service.process.communicate()


def test_a_file_that_the_loop_reads_again_is_done(start: Any) -> None:
    """The one line that read the file reads it again: done, with the line as evidence."""
    service = start(POLLING)
    service.observe(service.params, [service.site])
    outcome = service.outcome()
    assert outcome["state"] == "done"
    assert outcome["evidence"]["reread"] == [f"{service.params} at {service.site}"]


@pytest.mark.parametrize("source", [SHARED_HELPER, RENAMED_HELPER])
def test_a_line_with_several_callers_proves_nothing(start: Any, source: str) -> None:
    """A helper that the start has called as well may have left an old value there: refused."""
    service = start(source)
    service.observe(service.params, [service.site])
    assert service.outcome()["code"] == "HR508"


def test_a_file_read_once_at_the_start_gets_no_answer(start: Any) -> None:
    """Nothing is claimed while the line is not seen again; the supervisor's deadline ends the wait."""
    service = start(AT_START)
    service.observe(service.params, [service.site])
    assert service.outcome(within_s=0.5) is None


def test_one_of_two_lines_is_not_enough(start: Any) -> None:
    """Every line that had read the file has to read it again."""
    service = start(POLLING)
    service.observe(service.params, [service.site, "/elsewhere/start.py:3"])
    assert service.outcome(within_s=0.5) is None


def arrive(folder: Path) -> None:
    """A file comes into the inbox in one step: one that is read half written is another case."""
    (folder / "one.part").write_text("one")
    (folder / "one.part").rename(folder / "inbox/one.txt")


def test_a_new_file_in_a_folder_that_is_listed_again_is_done(start: Any, tmp_path: Path) -> None:
    """An inbox needs no restart when something arrives."""
    service = start(INBOX)
    arrive(tmp_path)
    service.observe(str(tmp_path / "inbox/one.txt"), [])
    outcome = service.outcome()
    assert outcome["state"] == "done"
    assert outcome["evidence"]["listed"][0].startswith(str(tmp_path / "inbox/one.txt"))


def test_a_folder_listed_in_two_places_is_refused(start: Any, tmp_path: Path) -> None:
    """The other place may have listed it at the start only."""
    service = start(TWO_LISTINGS)
    arrive(tmp_path)
    service.observe(str(tmp_path / "inbox/one.txt"), [])
    assert service.outcome()["code"] == "HR508"


@pytest.mark.parametrize("source", [HANDLER, HANDLER_WITHOUT_SAFE_POINT])
def test_a_handler_is_called_at_a_safe_point(start: Any, source: str) -> None:
    """A handler answers for its file, even where nothing else could be proved: where the program says so, or at the
    iteration boundary of its loop.
    """
    service = start(source)
    service.begin(service.params, [], code="HR502", reason="it was read while config was imported")
    outcome = service.outcome()
    assert outcome["state"] == "done"
    assert outcome["evidence"]["handled"] == [f"{service.params} by renew"]


def test_a_handler_that_raises_has_failed(start: Any, tmp_path: Path) -> None:
    """The program may be half-way then, so the next strategy takes over; the place of the error is named."""
    service = start(HANDLER)
    (tmp_path / "params.json").write_text("bad")
    service.begin(service.params, [])
    outcome = service.outcome()
    assert (outcome["state"], outcome["code"], outcome["line"]) == ("failed", "HR506", 9)


def test_without_a_handler_the_reason_of_the_plan_refuses(start: Any) -> None:
    """What `assess` could not see (is there a handler?) is settled in the program."""
    service = start(POLLING)
    service.begin(service.params, [], code="HR502", reason="it was read while config was imported")
    assert service.outcome()["code"] == "HR502"


def _facts() -> Facts:
    facts = Facts()
    facts.mode, facts.agent, facts.running = SERVICE, True, True
    read = facts.reads["/p/params.json"] = ReadFact("/p/params.json", None)
    read.sites["/p/service.py:5"] = 1
    read.in_run = True
    facts.listings["/p/inbox"] = None
    return facts


def _assess(facts: Facts, path: str = "/p/params.json", kind: str = DATA, hash: str | None = "new") -> Plan | Refused:
    return Data().assess(Change([FileChange(path, kind, hash, "old")]), facts)


def test_the_plan_leaves_it_to_the_program_which_lines_used_the_file() -> None:
    """`assess` is pure, and the program's process knows all of its lines."""
    plan = _assess(_facts())
    assert isinstance(plan, Plan)
    assert plan.where == PROGRAM
    assert plan.detail["files"][0]["code"] is None
    assert not plan.detail["files"][0]["presence"]


def test_anything_but_data_is_refused() -> None:
    """HR501."""
    refused = _assess(_facts(), kind=CODE)
    assert isinstance(refused, Refused) and refused.code == "HR501"


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("HR504", lambda facts: facts.opaque.append("pyarrow reads files by itself")),
        ("HR505", lambda facts: facts.by_workers.update({"/p/params.json": {"": [2]}})),
    ],
)
def test_what_cannot_be_seen_is_named(code: str, spoil: Any) -> None:
    """Facts that make any proof worthless are in the plan, and refuse unless there is a handler."""
    facts = _facts()
    facts.pools[1] = [2]
    spoil(facts)
    plan = _assess(facts)
    assert isinstance(plan, Plan)
    assert plan.detail["files"][0]["code"] == code
    assert plan.notes


def test_workers_that_did_not_read_the_file_do_not_stand_in_the_way() -> None:
    """What workers have used is known, so a pool alone refuses nothing."""
    facts = _facts()
    facts.pools[1] = [2]
    plan = _assess(facts)
    assert isinstance(plan, Plan)
    assert plan.detail["files"][0]["code"] is None
    assert plan.detail["workers"] == [2]


@pytest.mark.parametrize(
    ("code", "path", "hash"),
    [("HR507", "/p/params.json", None), ("HR508", "/p/inbox", "entry:folder"), ("HR508", "/p/other.json", "new")],
)
def test_what_cannot_be_seen_read_again_is_not_waited_for(code: str, path: str, hash: str | None) -> None:
    """A file that is gone, a folder, a file of which no use is known: if nothing can be proved, that is all."""
    plan = _assess(_facts(), path=path, hash=hash)
    assert isinstance(plan, Plan)
    assert plan.detail["files"][0]["last"][0] == code


def test_a_new_file_in_a_listed_folder_is_waited_for() -> None:
    """It has no lines yet; the folder has."""
    plan = Data().assess(Change([FileChange("/p/inbox/2.json", DATA, "new", None)]), _facts())
    assert isinstance(plan, Plan)
    assert plan.detail["files"][0]["presence"]
    assert plan.detail["files"][0]["last"] is None


def test_every_code_has_its_sentence() -> None:
    """The page of codes is made from these."""
    assert all(code.startswith("HR5") and sentence.endswith(".") for code, sentence in CODES.items())
