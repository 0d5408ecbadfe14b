"""The `data` strategy in a real session: services under `hrsup run` whose data files change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import Live

POLLING = """
import time
def read():
    with open("params.txt") as file:
        return file.read()
def main():
    while True:
        print(read(), flush=True)
        time.sleep(0.02)
main()
"""

AT_START = """
import time
with open("params.txt") as file:
    value = file.read()
while True:
    print(value, flush=True)
    time.sleep(0.02)
"""

IN_MAIN = """
import time
def main():
    with open("params.txt") as file:
        value = file.read()
    while True:
        print(value, flush=True)
        time.sleep(0.02)
main()
"""

PRINTING = """
import time
def load():
    print("loading", flush=True)
    return open("params.txt").read()
value = load()
while True:
    print(value, flush=True)
    time.sleep(0.02)
"""

AT_FIRST_USE = """
import time
value = None
def current():
    global value
    if value is None:
        with open("params.txt") as file:
            value = file.read()
    return value
while True:
    print(current(), flush=True)
    time.sleep(0.02)
"""

LOOKS_AT_TIMES = """
import os, time
value, seen = None, None
while True:
    now = os.stat("params.txt").st_mtime_ns
    if now != seen:
        with open("params.txt") as file:
            value, seen = file.read(), now
    print(value, flush=True)
    time.sleep(0.3)
"""

KEEPING = """
import time
kept = []
while True:
    with open("params.txt") as file:
        kept.append(file.read())
    print(kept[0], flush=True)
    time.sleep(0.02)
"""

AT_IMPORT = """
import time
import config
while True:
    print(config.VALUE, flush=True)
    time.sleep(0.02)
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
    time.sleep(0.02)
"""

APPENDING = """
import time
import appending
while True:
    print(appending.VALUE, flush=True)
    time.sleep(0.02)
"""

# As examples/service does.
COUNTING = """
import time
from collections import Counter
from pathlib import Path
def arrivals(seen):
    for path in sorted(Path("inbox").glob("*.txt")):
        if path.name not in seen:
            try:
                kind, _, number = path.read_text().partition(" ")
                value = int(number)
            except ValueError:
                continue
            seen.add(path.name)
            yield kind, value
def handle(kind, value, counts):
    counts[kind] += 1
    print(kind, value, flush=True)
def main():
    seen, counts = set(), Counter()
    print("up", flush=True)
    while True:
        for kind, value in arrivals(seen):
            handle(kind, value, counts)
        time.sleep(0.02)
main()
"""

HANDLER = """
import time
import config, hrsup
@hrsup.on_change("params.txt")
def renew():
    config.VALUE = open("params.txt").read()
while True:
    print(config.VALUE, flush=True)
    time.sleep(0.02)
"""


class Session(Live):
    """A service that is one script, with a folder of arrivals, a parameter file, and a module that reads that."""

    def __init__(self, folder: Path, source: str) -> None:
        project = folder / "project"
        (project / "inbox").mkdir(parents=True)
        (project / "params.txt").write_text("old")
        (project / "config.py").write_text('VALUE = open("params.txt").read()\n')
        (project / "appending.py").write_text('open("params.txt", "a").close()\nVALUE = open("params.txt").read()\n')
        (project / "service.py").write_text(source)
        super().__init__(project, ["service.py"])


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[str], Session]]:
    sessions: list[Session] = []

    def start(source: str) -> Session:
        sessions.append(Session(tmp_path, source))
        return sessions[-1]

    yield start
    for session in sessions:
        session.end()


@pytest.mark.parametrize(
    ("source", "strategy", "code"),
    [
        (POLLING, "data", None),
        (HANDLER, "data", None),
        (KEEPING, "checkpoint", "HR509"),
        (AT_IMPORT, "data", None),
        (AT_START, "data", None),
        (PRINTING, "checkpoint", "HR503"),
        (APPENDING, "checkpoint", "HR510"),
    ],
)
def test_a_changed_file_reaches_the_service(
    run: Callable[[str], Session], source: str, strategy: str, code: str | None
) -> None:
    """In place where it is shown to be taken in; else the next strategy, with the reason."""
    session = run(source)
    session.until(lambda: session.lines()[-1:] == ["old"])
    session.save("params.txt", "new")
    session.until(lambda: session.events("applied"))
    assert session.events("applied")[0]["strategy"] == strategy, session.events("refused")
    assert [event["code"] for event in session.events("refused")] == ([code] if code else [])
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 2)
    assert set(session.lines()[said + 1 :]) == {"new"}


@pytest.mark.parametrize("source", [IN_MAIN, AT_FIRST_USE], ids=["in-main", "at-first-use"])
def test_a_file_read_only_once_is_no_hot_apply(run: Callable[[str], Session], source: str) -> None:
    """Where the running loop cannot come to the line, or did not in one whole iteration: refused, not waited for."""
    session = run(source)
    session.until(lambda: session.lines()[-1:] == ["old"])
    session.save("params.txt", "new")
    session.until(lambda: session.events("applied"))
    assert [event["code"] for event in session.events("refused")][:1] == ["HR503"]
    assert session.events("failed") == []
    assert session.events("applied")[0]["strategy"] != "data"
    session.until(lambda: session.lines()[-1:] == ["new"])


def test_a_service_that_looks_at_the_time_of_change_needs_nothing(run: Callable[[str], Session]) -> None:
    """Its line has read the file only once, but is seen to read it again in the next iteration."""
    session = run(LOOKS_AT_TIMES)
    session.until(lambda: len(session.lines()) > 5)
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said)  # it looks again in 0.3 s: not before its look is waited for
    session.save("params.txt", "new!")
    session.until(lambda: session.events("applied"))
    assert [event["strategy"] for event in session.events("applied")] == ["data"], session.events("refused")
    session.until(lambda: session.lines()[-1:] == ["new!"])
    assert len(session.events("run_started")) == 1


@pytest.mark.parametrize("source", [INBOX, COUNTING], ids=["shown", "counted"])
def test_an_arrival_in_the_inbox_restarts_nothing(run: Callable[[str], Session], source: str) -> None:
    """The service lists its folder again and again: it sees the new file by itself."""
    session = run(source)
    session.until(lambda: session.lines()[-1:] == ["up"])
    names: list[str] = []
    # One that the service takes in before hrsup has looked is nothing to speak of.
    while not (session.events("applied") or session.events("ignored")):
        names.append(f"number {len(names)}")
        arriving = session.folder.parent / "arriving.txt"  # one that is seen half written, or gone, is no clear case
        arriving.write_text(names[-1])
        arriving.rename(session.folder / "inbox" / f"{names[-1]}.txt")
        session.until(lambda: session.lines()[-1:] == names[-1:])
        assert len(names) < 50
    assert [(event["code"], event["reason"]) for event in session.events("refused")] == []
    assert {event["strategy"] for event in session.events("applied")} <= {"data"}
    assert len(session.events("run_started")) == 1
    assert session.lines() == ["up", *names]


POOL = """
import os, time
from concurrent.futures import ProcessPoolExecutor
def read():
    with open("params.txt") as file:
        return file.read()
def work(text):
    return f"{text} {os.getpid()}"
def in_worker():
    return work(read())
def main():
    with ProcessPoolExecutor(2) as pool:
        while True:
            print(pool.submit(TASK).result(), flush=True)
            time.sleep(0.02)
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("task", ["work, read()", "in_worker"], ids=["read-here", "read-in-each-task"])
def test_changed_data_leaves_every_worker_alive(run: Callable[[str], Session], task: str) -> None:
    """No worker keeps anything of the file, so all stay, which the evidence shows by their pids."""
    session = run(POOL.replace("TASK", task))
    session.until(lambda: session.lines()[-1:] and session.lines()[-1].startswith("old "))
    session.save("params.txt", "new")
    session.until(lambda: session.events("applied"))
    applied = session.events("applied")[0]
    assert applied["strategy"] == "data", session.events("refused")
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 2)
    assert {line.split()[0] for line in session.lines()[said + 1 :]} == {"new"}
    workers = {int(line.split()[1]) for line in session.lines() if line}
    assert workers <= set(applied["evidence"]["workers_kept"])


def test_data_that_is_broken_at_import_is_held(run: Callable[[str], Session]) -> None:
    """A start would fail too, so the service goes on with what it has."""
    session = run(AT_IMPORT)
    session.until(lambda: session.lines()[-1:] == ["old"])
    session.save("config.py", "VALUE = {'old': 'first', 'new': 'second'}[open('params.txt').read()]\n")
    session.until(lambda: session.lines()[-1:] == ["first"])
    session.save("params.txt", "new")
    session.until(lambda: session.lines()[-1:] == ["second"])
    session.save("params.txt", "neither")
    session.until(lambda: any("neither" in event["error"]["message"] for event in session.events("held")))
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 2)
    assert set(session.lines()[said:]) == {"second"}
