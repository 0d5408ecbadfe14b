"""When paths are ready, as tables of what happens at which millisecond; no clock, no files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hrsup.watching import RESCAN
from hrsup.watching.probe import ABSENT, EMPTY, QUIET, UNKNOWN, WRITER
from hrsup.watching.settle import Settler


class World:
    """Files whose state changes at given times (ms), and a settler that is asked whenever it wants to be."""

    def __init__(self, states: dict[str, list[tuple[int, str]]] | None = None, locked_ms: int = 0) -> None:
        self.states, self.locked_ms, self.least_quiet_ms = states or {}, locked_ms, 0
        self.now_ms = 0.0

    def state(self, path: str) -> str:
        return [state for at, state in self.states.get(path, [(0, QUIET)]) if at <= self.now_ms][-1]

    def repository_busy(self, now: float) -> bool:
        return now * 1000 < self.locked_ms

    def repository_quiet_s(self) -> float:
        return self.least_quiet_ms / 1000

    def run(self, events: list[tuple[int, str]], **callbacks: Callable[[str], bool]) -> list[tuple[int, set[str]]]:
        """The moments (ms) at which paths were handed over, and which."""
        settler, handed = Settler(self, **callbacks), []
        events = sorted(events)
        wake_ms: float | None = None
        while events or settler.busy():
            due = [time for time in (events[0][0] if events else None, wake_ms) if time is not None]
            self.now_ms = max(min(due), self.now_ms)
            arrived = [path for at, path in events if at <= self.now_ms]
            events = events[len(arrived) :]
            if arrived:
                settler.hint(arrived, self.now_ms / 1000)
            ready, wake = settler.poll(self.now_ms / 1000)
            wake_ms = None if wake is None else wake * 1000
            if ready:
                handed.append((round(self.now_ms), ready))
        return handed


def test_a_single_save_is_handed_over_within_milliseconds() -> None:
    """One write, nobody has it open: ready after the short quiet."""
    assert World().run([(100, "a")]) == [(104, {"a"})]


def test_two_part_write() -> None:
    """An event within the quiet starts it anew; the path is handed over once."""
    assert World().run([(100, "a"), (103, "a"), (106, "a")]) == [(110, {"a"})]


def test_a_slow_writer_is_waited_for() -> None:
    """While somebody has the file open for writing, no pause between two chunks is the end."""
    world = World({"a": [(0, WRITER), (600, QUIET)]})
    [(at, ready)] = world.run([(at, "a") for at in range(100, 601, 50)])
    assert ready == {"a"}
    assert 600 <= at <= 610


def test_a_file_left_open_is_not_waited_for_forever() -> None:
    """A file that is quiet but stays open is looked at after all."""
    [(at, _)] = World({"a": [(0, WRITER)]}).run([(0, "a")])
    assert at == 2000


def test_a_file_written_without_end() -> None:
    """A file that never gets quiet is looked at every ten seconds."""
    handed = World().run([(at, "a") for at in range(0, 20_500, 2)])
    assert [at for at, _ in handed][:2] == pytest.approx([10_000, 20_000], abs=10)


@pytest.mark.parametrize(("state", "grace_ms"), [(ABSENT, 50), (EMPTY, 100)])
def test_between_two_steps_of_a_save(state: str, grace_ms: int) -> None:
    """Absent or empty is waited out if it was not so before, and only then."""
    world = World({"a": [(0, state)]})
    assert world.run([(0, "a")]) == [(grace_ms, {"a"})]
    assert World({"a": [(0, state)]}).run([(0, "a")], existed=lambda path: False) == [(4, {"a"})]
    back = World({"a": [(0, state), (30, QUIET)]})
    assert back.run([(0, "a"), (30, "a")]) == [(34, {"a"})]


def test_where_the_kernel_does_not_say() -> None:
    """Without knowledge of writers the quiet is longer."""
    assert World({"a": [(0, UNKNOWN)]}).run([(0, "a")]) == [(50, {"a"})]


def test_a_checkout_is_one_change() -> None:
    """While new paths keep arriving, all wait; the pauses may grow with the number of paths."""
    events = [(at, f"f{at}") for at in range(0, 60, 3)] + [(at, f"f{at}") for at in range(80, 2000, 20)]
    [(at, ready)] = World().run(events)
    assert len(ready) == len(events)
    assert at - events[-1][0] <= 60


def test_saved_together_is_handed_over_together() -> None:
    """A ready file waits for the other of its burst, but not for long."""
    assert World({"b": [(0, ABSENT)]}).run([(0, "a"), (1, "b")]) == [(51, {"a", "b"})]
    handed = World({"b": [(0, WRITER)]}).run([(0, "a"), (1, "b")])
    assert [ready for _, ready in handed] == [{"a"}, {"b"}]
    assert handed[0][0] <= 265


def test_nobody_waits_for_the_programs_own_output() -> None:
    """A log that the program keeps writing delays no edit."""
    world = World({"log": [(0, WRITER)]})
    events = [(at, "log") for at in range(0, 1000, 2)] + [(500, "a")]
    handed = world.run(events, output=lambda path: path == "log")
    assert next(at for at, ready in handed if "a" in ready) <= 510


def test_git_at_work() -> None:
    """While the index is locked nothing is handed over; between the steps of a rebase the quiet is longer."""
    [(at, _)] = World(locked_ms=700).run([(0, "a"), (300, "b")])
    assert 700 <= at <= 710
    world = World()
    world.least_quiet_ms = 100
    assert world.run([(0, "a"), (60, "b")]) == [(160, {"a", "b"})]


def test_rescan_is_handed_over_as_it_is() -> None:
    """The marker is no path: nobody asks for its state."""
    assert World({RESCAN: [(0, ABSENT)]}).run([(0, RESCAN)]) == [(4, {RESCAN})]
