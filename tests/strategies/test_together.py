"""Code and data that are saved together, in a real session: both are brought in at once, or neither."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import Live

LOOP = """
import time
import words
{reading}
while True:
    print(words.spell(value()), flush=True)
    time.sleep(0.02)
"""
AT_IMPORT = """
import config
def value():
    return config.VALUE
"""
EVERY_TIME = """
def value():
    with open("params.txt") as file:
        return file.read()
"""
# It shows what came last, and what has come is read once.
ARRIVALS = """
from pathlib import Path
seen = {}
def value():
    for path in sorted(Path("inbox").glob("*.txt")):
        if path.name not in seen:
            seen[path.name] = path.read_text()
    return list(seen.values())[-1]
"""
AT_FIRST_USE = """
known = None
def value():
    global known
    if known is None:
        known = open("params.txt").read()
    return known
"""
HANDLER = """
import config, hrsup
@hrsup.on_change("params.txt")
def renew():
    config.VALUE = open("params.txt").read()
def value():
    return config.VALUE
"""
UPPER = "def spell(text):\n    return text.upper()\n"


class Session(Live):
    """A service that shows what it has read of a file, as another module spells it."""

    def __init__(self, folder: Path, reading: str) -> None:
        project = folder / "project"
        (project / "inbox").mkdir(parents=True)
        (project / "inbox" / "a.txt").write_text("old")
        (project / "params.txt").write_text("old")
        (project / "config.py").write_text('VALUE = open("params.txt").read()\n')
        (project / "words.py").write_text("def spell(text):\n    return text\n")
        (project / "service.py").write_text(LOOP.format(reading=reading))
        super().__init__(project, ["service.py"])

    def save_together(self, **texts: str) -> None:
        """Save these files so that hrsup sees them at once (a dot is spelled ``_``, a slash ``__``)."""
        os.kill(self.process.pid, signal.SIGSTOP)
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)  # it stops a moment after it was told to, and could see the first file alone
        try:
            for name, text in texts.items():
                self.save(name.replace("__", "/").replace("_", "."), text)
        finally:
            os.kill(self.process.pid, signal.SIGCONT)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[str], Session]]:
    sessions: list[Session] = []

    def start(reading: str) -> Session:
        sessions.append(Session(tmp_path, reading))
        # Some rounds later hrsup has heard what the service has imported; till then the two are seen one by one.
        sessions[-1].until(lambda: len(sessions[-1].lines()) > 20)
        assert set(sessions[-1].lines()) == {"old"}
        return sessions[-1]

    yield start
    for session in sessions:
        session.end()


@pytest.mark.parametrize(
    ("reading", "file", "strategy", "code"),
    [
        (AT_IMPORT, "params_txt", "reload", None),
        (EVERY_TIME, "params_txt", "reload", None),
        (ARRIVALS, "inbox__b_txt", "reload", None),
        (AT_FIRST_USE, "params_txt", "checkpoint", "HR102"),
        (HANDLER, "params_txt", "checkpoint", "HR102"),
    ],
    ids=["at-import", "every-time", "arrivals", "at-first-use", "handler"],
)
def test_code_and_data_are_one_change(
    run: Callable[[str], Session], reading: str, file: str, strategy: str, code: str | None
) -> None:
    """One change, in place where both halves are shown to be right; else the next strategy, with the reason."""
    session = run(reading)
    session.save_together(**{file: "new", "words_py": UPPER})
    session.until(lambda: session.events("applied"))
    assert [event["strategy"] for event in session.events("applied")] == [strategy], session.events("refused")
    assert [event["code"] for event in session.events("refused")] == ([code] if code else [])
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 2)
    assert set(session.lines()[said:]) == {"NEW"}
    if reading is AT_IMPORT:  # who reads by himself may do so at any time
        assert set(session.lines()) == {"old", "NEW"}


def test_data_is_taken_back_where_the_code_cannot_come(run: Callable[[str], Session]) -> None:
    """The new code raises when the new data is already there: the service goes on with what it had of both."""
    session = run(AT_IMPORT)
    session.save_together(params_txt="new", words_py=UPPER + "import config\nBROKEN = {'old': 1}[config.VALUE]\n")
    session.until(lambda: session.events("held"))
    assert "KeyError" in session.events("held")[0]["error"]["message"] + str(session.events("held")[0]["error"])
    said = len(session.lines())
    session.until(lambda: len(session.lines()) > said + 2)
    assert set(session.lines()) == {"old"}
    session.save("words.py", UPPER)
    session.until(lambda: session.events("applied"))
    assert [event["strategy"] for event in session.events("applied")] == ["reload"]
    session.until(lambda: session.lines()[-1:] == ["NEW"])
    assert set(session.lines()) == {"old", "NEW"}
