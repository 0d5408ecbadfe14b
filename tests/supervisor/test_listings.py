"""What is noticed of listed folders and of links: `hrsup.listings`, through the snapshot."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hrsup.snapshot import Snapshot
from hrsup.watching.ignore import Ignore
from hrsup_strategies.entries import entries_of


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    folder = tmp_path / "parts"
    (folder / "old").mkdir(parents=True)
    (folder / "file").write_text("1")
    (folder / "link").symlink_to("file")
    return folder


def begun(root: Path) -> Snapshot:
    """A snapshot that knows every file, at the beginning of a run."""
    snapshot = Snapshot(str(root), Ignore(str(root)))
    while snapshot.work(1.0):
        pass
    snapshot.begin()
    return snapshot


@pytest.fixture
def snapshot(tmp_path: Path, parts: Path) -> Snapshot:
    snapshot = begun(tmp_path)
    snapshot.listed(str(parts), time.time_ns() + 1_000_000_000)
    return snapshot


def names(snapshot: Snapshot, *paths: Path) -> list[str]:
    return [Path(state.path).name for state in snapshot.dirty(map(str, paths))]


def test_nothing_has_changed(snapshot: Snapshot, parts: Path) -> None:
    assert names(snapshot, parts, parts / "old", parts / "link") == []


def test_an_empty_folder_comes_and_goes(snapshot: Snapshot, parts: Path) -> None:
    (parts / "new").mkdir()
    (parts / "old").rmdir()
    states = snapshot.dirty([str(parts / "new"), str(parts / "old")])
    assert [(Path(state.path).name, state.hash is None) for state in states] == [("new", False), ("old", True)]
    snapshot.accept(states)
    assert names(snapshot, parts) == []


def test_a_link_leads_elsewhere(snapshot: Snapshot, parts: Path) -> None:
    (parts / "link").unlink()
    (parts / "link").symlink_to("nowhere")
    assert names(snapshot, parts / "link") == ["link"]


def test_the_folder_itself_goes_and_comes_back(snapshot: Snapshot, parts: Path) -> None:
    moved = parts.rename(parts.with_name("elsewhere"))
    assert "parts" in names(snapshot, parts)
    moved.rename(parts)
    assert names(snapshot, parts) == []


def test_a_folder_above_leads_elsewhere(tmp_path: Path) -> None:
    for version in ("v1", "v2"):
        (tmp_path / version / "parts").mkdir(parents=True)
    current = tmp_path / "current"
    current.symlink_to("v1")
    snapshot = begun(tmp_path)
    snapshot.listed(str(current / "parts"), time.time_ns() + 1_000_000_000)
    current.unlink()
    current.symlink_to("v2")
    assert names(snapshot, current / "parts") == ["parts"]
    assert names(snapshot, current) == ["parts"]


def test_what_came_after_the_listing_was_not_seen(tmp_path: Path, parts: Path) -> None:
    """The message may be read late."""
    snapshot = begun(tmp_path)
    snapshot.listed(str(parts), parts.stat().st_mtime_ns - 1_000_000_000)
    assert {Path(path).name for path in snapshot.suspects()} >= {"parts"}
    assert names(snapshot, parts) == ["link", "old"]


def test_what_has_gone_since_the_listing_was_seen(tmp_path: Path, parts: Path) -> None:
    """The message says what the program was shown; what it has made itself meanwhile is no news to it."""
    snapshot = begun(tmp_path)
    snapshot.wrote(str(parts / "own"))
    shown = entries_of(str(parts))
    (parts / "own").mkdir()
    (parts / "old").rmdir()
    (parts / "new").mkdir()
    snapshot.listed(str(parts), time.time_ns() + 1_000_000_000, shown)
    assert {Path(path).name for path in snapshot.suspects()} >= {"parts"}
    states = snapshot.dirty([str(parts)])
    assert [(Path(state.path).name, state.own) for state in states] == [("new", False), ("old", False), ("own", True)]


def test_what_the_program_makes_itself_is_its_own(snapshot: Snapshot, parts: Path) -> None:
    snapshot.wrote(str(parts / "made"))
    (parts / "made").mkdir()
    (state,) = snapshot.dirty([str(parts / "made")])
    assert state.own


def test_a_link_whose_target_was_asked_for(tmp_path: Path, snapshot: Snapshot) -> None:
    link = tmp_path / "current"
    link.symlink_to("v1")
    snapshot.followed(str(link), "v1")
    assert names(snapshot, link) == []
    link.unlink()
    link.symlink_to("v2")
    states = snapshot.dirty([str(link)])
    assert [state.path for state in states] == [str(link)]
    snapshot.accept(states)
    assert names(snapshot, link) == []


def test_a_new_run_lists_afresh(snapshot: Snapshot, parts: Path) -> None:
    (parts / "new").mkdir()
    snapshot.begin()
    assert names(snapshot, parts) == []
