"""Which files have been opened, by whomever: what the kernel says of real folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hrsup.opens import Opens, refuse
from hrsup.watching.ignore import Ignore
from hrsup.watching.watcher import Watcher
from hrsup_agent import wire
from hrsup_agent.observe import opens
from hrsup_agent.observe.opens import Opens as AgentOpens

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who opens what")


class Scene:
    """A project with files a, b and pkg/c, watched; `mark` does what a layer does before it is forked."""

    def __init__(self, folder: Path) -> None:
        self.root, self._marks = folder / "project", folder / "marks"
        (self.root / "pkg").mkdir(parents=True)
        for name in ("a", "b", "pkg/c"):
            (self.root / name).write_text(name)
        self.opens = Opens()
        self.watcher = Watcher(str(self.root), Ignore(str(self.root)), opens=self.opens)
        self.opens.catch_up, self.opens.covers = self.watcher.hints, self.watcher.sees_opens
        self.watcher.watch_opens(str(self._marks))

    def mark(self, name: str) -> str:
        os.mkfifo(self._marks / name)
        return name

    def opened(self, mark: str) -> list[str]:
        """The names of files that may have been opened before this mark."""
        before = self.opens.before(mark)
        names = [str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()]
        return sorted(name for name in names if str(self.root / name) in before)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.watcher.close()


def test_a_mark_divides_what_was_opened_before_from_what_was_opened_after(scene: Scene) -> None:
    """In the kernel's own order, however late it is read."""
    (scene.root / "a").read_text()
    first = scene.mark("1")
    (scene.root / "pkg/c").read_text()
    second = scene.mark("2")
    (scene.root / "b").read_text()
    assert scene.opened(first) == ["a"]
    assert scene.opened(second) == ["a", "pkg/c"]


def test_a_run_that_goes_on_from_a_layer_has_opened_what_the_layer_had(scene: Scene) -> None:
    """One from nothing has opened nothing."""
    (scene.root / "a").read_text()
    layer = scene.opens.before(scene.mark("1"))
    (scene.root / "b").read_text()
    scene.opens.begin(layer)
    assert scene.opened(scene.mark("2")) == ["a"]
    scene.opens.begin()
    assert scene.opened(scene.mark("3")) == []


def test_a_file_with_several_names_may_have_been_opened_by_another(scene: Scene) -> None:
    """A link leads to what was opened; of a file that is linked from elsewhere, and of what is not watched, nobody
    knows."""
    (scene.root / "link").symlink_to("a")
    os.link(scene.root / "b", scene.root.parent / "elsewhere")
    (scene.root.parent / "outside").write_text("")
    (scene.root / "out").symlink_to("../outside")
    mark = scene.mark("1")
    assert scene.opened(mark) == ["b", "out"]
    (scene.root / "link").read_text()
    assert scene.opened(scene.mark("2")) == ["a", "b", "link", "out"]


def test_what_came_with_a_folder_may_have_been_opened_before_the_folder_was_watched(scene: Scene) -> None:
    """And so may what is in a folder that is ignored."""
    (scene.root / "new").mkdir()
    (scene.root / "new/d").write_text("")
    (scene.root / "__pycache__").mkdir()
    (scene.root / "__pycache__/e").write_text("")
    assert scene.opened(scene.mark("1")) == ["__pycache__/e", "new/d"]


def test_what_is_not_known_may_be_any_file(scene: Scene) -> None:
    """Events that were lost, a mark that nobody has made, native code that came before the watch."""
    everything = ["a", "b", "pkg/c"]
    assert scene.opened("none") == everything
    lost = scene.mark("1")
    scene.opens.catch_up()
    scene.opens.lose()
    assert scene.opened(lost) == everything
    scene.opens.begin(scene.opens.before(scene.mark("2")))
    assert scene.opened(scene.mark("3")) == everything
    scene.opens.begin()
    assert scene.opened(scene.mark("4")) == []
    scene.opens.give_up()
    assert scene.opened(scene.mark("5")) == everything


def test_where_openings_cannot_be_seen_nobody_is_kept_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that loads native code learns at once that nobody looks, if all is polled, or with `--once`."""
    watcher = Watcher(str(tmp_path), Ignore(str(tmp_path)), polling=True)
    try:
        assert not watcher.watch_opens(str(tmp_path / "marks"))
    finally:
        watcher.close()
    link = SimpleNamespace(path=str(tmp_path / "link"), alive=True, send=lambda message: said.append(message["type"]))
    said: list[str] = []
    asking = AgentOpens(SimpleNamespace(link=link))  # type: ignore[arg-type]
    refuse(str(tmp_path / wire.OPENS))
    monkeypatch.setattr(opens, "_select", lambda *_: pytest.fail("it waits"))
    asking.need()
    assert (asking.watched, said, asking.mark()) == (False, ["unwatched"], None)
