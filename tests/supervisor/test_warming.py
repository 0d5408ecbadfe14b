"""When a worker image is wanted, and of which modules: as a table of what workers say."""

from __future__ import annotations

from typing import Any

import pytest

from hrsup import warming
from hrsup.warming import Warming

MAIN, WORKER, OTHER, IMAGE = 10, 11, 12, 20


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "_QUIET_S", 0.0)


@pytest.fixture
def asked() -> Warming:
    """A service with one worker, which has imported something large."""
    asked = Warming()
    asked.note({"type": "hello"}, MAIN, "main")
    asked.note({"type": "hello", "ppid": MAIN}, WORKER, "worker")
    imported(asked, WORKER, "loky", 0.1, path=["/a"])
    imported(asked, WORKER, "pandas", 0.4)
    return asked


def imported(asked: Warming, pid: int, name: str, seconds: float, pristine: bool = True, path: Any = ("/b",)) -> None:
    where = {"sys_path": list(path), "argv": ["main.py"]} if pristine else {}
    asked.note({"type": "foreign", "name": name, "pristine": pristine, **where}, pid, "worker")
    asked.note({"type": "foreign_imported", "name": name, "seconds": seconds}, pid, "worker")


def ready(asked: Warming, *modules: str, usable: bool = True, reason: str | None = None) -> None:
    asked.note({"type": "image", "modules": list(modules), "usable": usable, "reason": reason}, IMAGE, "image")


def wished(asked: Warming) -> list[str] | None:
    wish = asked.wish()
    return None if wish is None else [wanted.name for wanted in wish.imports]


def test_it_is_asked_for_once(asked: Warming) -> None:
    """With path and arguments of each import, like the worker that had them; the request names equal ones once."""
    wish = asked.wish()
    assert wish is not None
    assert (wish.like, wish.groups()) == (WORKER, [[["/a"], ["main.py"], ["loky"]], [["/b"], ["main.py"], ["pandas"]]])
    assert asked.wish() is None
    ready(asked, "loky", "pandas")
    assert asked.wish() is None


def test_small_imports_are_not_worth_it() -> None:
    """Nor is what was imported after something else had been done, or by a worker's worker."""
    asked = Warming()
    asked.note({"type": "hello"}, MAIN, "main")
    asked.note({"type": "hello", "ppid": MAIN}, WORKER, "worker")
    asked.note({"type": "hello", "ppid": WORKER}, OTHER, "worker")
    imported(asked, WORKER, "cloudpickle", 0.01)
    imported(asked, WORKER, "pandas", 0.4, pristine=False)
    imported(asked, OTHER, "pandas", 0.4)
    assert asked.patience_s() is None
    assert asked.wish() is None


def test_more_imports_want_another_one(asked: Warming) -> None:
    """Once a worker has shown more, or the image has ended."""
    asked.wish()
    ready(asked, "loky", "pandas")
    imported(asked, WORKER, "sklearn", 0.5)
    assert wished(asked) == ["loky", "pandas", "sklearn"]
    ready(asked, "loky", "pandas", "sklearn")
    asked.ended(IMAGE)
    assert wished(asked) == ["loky", "pandas", "sklearn"]


def test_a_module_that_is_unfit_is_left_out(asked: Warming) -> None:
    """With all that came after it."""
    imported(asked, WORKER, "sklearn", 0.5)
    asked.wish()
    ready(asked, "loky", usable=False, reason="pandas: it prints")
    assert wished(asked) == ["loky"]


def test_an_image_that_fails_is_not_asked_for_for_ever(asked: Warming) -> None:
    """Nor one like a worker that is not started like that any more."""
    for _ in range(5):
        assert wished(asked)
        ready(asked, "loky", "pandas", usable=False, reason="hung")
    assert wished(asked) is None
    asked.begin(MAIN)
    asked.note({"type": "hello", "ppid": MAIN}, WORKER, "worker")
    imported(asked, WORKER, "pandas", 0.4)
    assert wished(asked)
    asked.refused(WORKER)
    assert wished(asked) is None


def test_after_a_worker_could_not_go_on_there_is_none(asked: Warming) -> None:
    """Not in the next generation either."""
    asked.note({"type": "unfit", "module": "pandas", "reason": "the environment has been changed"}, WORKER, "worker")
    assert asked.unfit is not None
    asked.begin(MAIN)
    asked.note({"type": "hello", "ppid": MAIN}, WORKER, "worker")
    imported(asked, WORKER, "pandas", 0.4)
    assert wished(asked) is None
