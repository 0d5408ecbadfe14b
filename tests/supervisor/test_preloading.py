"""When a second image is worth making, which has imported the program's libraries beforehand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hrsup import layers
from hrsup.facts import FactBook
from hrsup_strategies.base import LayerFact

IMAGE = 7


class Clock:
    """What stands for the time, in seconds."""

    now = 100.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


class Asked:
    """Takes the requests."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def send(self, peer: object, message: dict[str, Any]) -> int:
        """Note its kind."""
        self.kinds.append(message["type"])
        return len(self.kinds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(layers, "time", clock)
    return clock


def session() -> tuple[layers.Layers, FactBook, Asked]:
    """The layers of a program that has an image, and imports a library."""
    book, asked = FactBook(), Asked()
    link = SimpleNamespace(with_role=lambda role: [SimpleNamespace(pid=IMAGE)])
    book.facts.layers = [LayerFact(IMAGE, IMAGE, 0, "before __main__", True, None, [], None)]
    book.facts.foreign, book.imported_as = ["pandas"], {"pandas": "main.py"}
    return layers.Layers(None, link, book, asked), book, asked  # type: ignore[arg-type]


def test_it_is_made_at_once_and_once_a_run(clock: Clock) -> None:
    """Nobody has to wait for it."""
    program, _, asked = session()
    program.run_began()
    assert program.preload_in_s() == 0.0
    program.preload()
    program.preload()
    assert asked.kinds == ["preload"]
    assert program.preload_in_s() is None


def test_who_saves_faster_than_it_is_made_is_not_bothered_again_and_again(clock: Clock) -> None:
    """It waits for a pause that is longer than any in which it was not ready; once it was, it is made at once again."""
    program, book, asked = session()
    for expected in (0.0, 2.0, 4.0):
        program.run_began()
        assert program.preload_in_s() == expected
        clock.now += expected
        program.preload()
        clock.now += 1.0  # and the next change comes
    for _ in range(3):  # nothing is asked in shorter pauses, and none of them is forgotten
        program.run_began()
        clock.now += 1.0
        assert program.preload_in_s() == 7.0
        program.preload()
    assert asked.kinds == ["preload"] * 3
    image = book.facts.layers[0]
    book.facts.layers.append(LayerFact(8, 8, 0, "before __main__", True, None, ["pandas"], None))
    program.run_began()
    assert program.preload_in_s() is None
    book.facts.layers = [image]
    program.run_began()
    assert program.preload_in_s() == 0.0
