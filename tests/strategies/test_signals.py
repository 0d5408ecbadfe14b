"""Signal handlers of the program's, while an update is under way on the main thread."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from live import Live

from hrsup_strategies import signals

SERVICE = """
import signal, time
import high, low

mixed = 0


def look(number, frame):
    global mixed
    if low.value() != high.value():
        mixed += 1


signal.signal(signal.SIGALRM, look)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
while True:
    print(low.value(), high.value(), mixed, flush=True)
    time.sleep(0.005)
"""
# Many functions, so that putting them in place takes longer than the timer's interval.
MANY = "".join(f"def other{n}():\n    return {{0}} + {n}\n\n\n" for n in range(60)) + "def value():\n    return {0}\n"
EDITS = 12


def test_a_handler_never_sees_half_an_update(tmp_path: Path) -> None:
    """A timer that looks at two modules all the time, while both are saved again and again, sees two of a kind."""
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "main.py").write_text(SERVICE)
    for name in ("high", "low"):
        (folder / f"{name}.py").write_text(MANY.format(0))
    session = Live(folder, ["main.py"], ["--mode", "service"])
    try:
        session.until(lambda: "0 0 0" in session.lines())
        for number in range(1, EDITS + 1):
            for name in ("high", "low"):
                session.save(f"{name}.py", MANY.format(number))
            session.until(lambda number=number: any(line.startswith(f"{number} {number} ") for line in session.lines()))
        assert any(event["strategy"] == "reload" for event in session.events("applied"))
        shown = session.lines()[-1].split()
        assert shown[2] == "0"
    finally:
        session.end()


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The numbers for which a handler of the program's has been called."""
    found: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: found.append(number))
    yield found
    signal.signal(signal.SIGUSR1, before)


def test_what_arrives_meanwhile_is_handled_afterwards(handled: list[int]) -> None:
    """Once, as the system itself puts signals together that are waiting."""
    own = signal.getsignal(signal.SIGUSR1)
    held = signals.hold()
    assert held and not signals.hold()
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGUSR1)
    assert handled == []
    with signals.Released():
        assert handled == [signal.SIGUSR1]
        assert signal.getsignal(signal.SIGUSR1) is own
    os.kill(os.getpid(), signal.SIGUSR1)
    assert len(handled) == 1
    signals.release(held)
    assert len(handled) == 2
    assert signal.getsignal(signal.SIGUSR1) is own


def test_what_a_handler_raises_then_is_the_program_s() -> None:
    """A time-out that came meanwhile is raised where the program goes on, with every handler back in its place."""

    def out_of_time(number: int, frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGUSR1, out_of_time)
    try:
        held = signals.hold()
        os.kill(os.getpid(), signal.SIGUSR1)
        with pytest.raises(TimeoutError):
            signals.release(held)
        assert signal.getsignal(signal.SIGUSR1) is out_of_time
    finally:
        signal.signal(signal.SIGUSR1, before)
