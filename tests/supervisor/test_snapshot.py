"""Dirty or not, decided by content, on real files."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from hrsup.clock import file_clock_ns
from hrsup.snapshot import Snapshot
from hrsup.used import FileState
from hrsup.watching import RESCAN
from hrsup.watching.ignore import Ignore
from hrsup_agent.wire import content_hash


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("a.py", "b.py", "data.csv", "sub/c.py"):
        (tmp_path / name).write_text(f"# {name}\n")
    return tmp_path


def made(root: Path, finished: bool = True) -> Snapshot:
    snapshot = Snapshot(str(root), Ignore(str(root)))
    while finished and snapshot.work(0.1):
        pass
    snapshot.begin()
    return snapshot


def names(states: list[FileState]) -> list[str]:
    return [Path(state.path).name for state in states]


def hash_of(path: Path) -> str:
    return content_hash(path.read_bytes())


def read(snapshot: Snapshot, path: Path) -> None:
    info = path.stat()
    snapshot.read(str(path), info.st_mtime_ns, info.st_size, info.st_ctime_ns)


def wait_for_the_clock(path: Path) -> None:
    """Until the clock that stamps files has gone past the file's own stamp."""
    while file_clock_ns() <= path.stat().st_ctime_ns:
        pass


def test_touch_and_chmod_are_nothing(root: Path) -> None:
    """Only content counts, of observed and of unobserved files."""
    snapshot = made(root)
    read(snapshot, root / "data.csv")
    for name in ("a.py", "data.csv"):
        (root / name).touch()
        (root / name).chmod(0o600)
    assert snapshot.dirty([str(root / "a.py"), str(root / "data.csv"), RESCAN]) == []


def test_a_to_b_to_a_is_nothing(root: Path) -> None:
    """A file that is back at the used version is clean, and dirty in between."""
    snapshot, path = made(root), root / "a.py"
    original = path.read_bytes()
    path.write_text("new")
    [state] = snapshot.dirty([str(path)])
    assert (state.hash, state.old_hash, state.unknown) == (content_hash(b"new"), content_hash(original), False)
    path.write_bytes(original)
    assert snapshot.dirty([str(path)]) == []


def test_same_size_and_restored_mtime(root: Path) -> None:
    """A rewrite that leaves size and mtime as they were is noticed, by a hint and by a rescan."""
    snapshot, path = made(root), root / "a.py"
    before = path.stat()
    path.write_text("# A.PY\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert names(snapshot.dirty([str(path)])) == ["a.py"]
    assert names(snapshot.dirty([RESCAN])) == ["a.py"]


def test_older_mtime(root: Path) -> None:
    """An older file moved into place is a change."""
    snapshot, path = made(root), root / "a.py"
    (root / "sub" / "old").write_text("older")
    os.utime(root / "sub" / "old", (1, 1))
    (root / "sub" / "old").replace(path)
    assert names(snapshot.dirty([str(path)])) == ["a.py"]


def test_absence_is_a_state(root: Path) -> None:
    """New, deleted and missing files compare like any content; one that came and went is nothing."""
    snapshot = made(root)
    (root / "a.py").unlink()
    (root / "new.py").write_text("new")
    states = snapshot.dirty([str(root / name) for name in ("a.py", "new.py", "4913")])
    assert [(state.hash is None, state.old_hash is None) for state in states] == [(True, False), (False, True)]
    snapshot.missed("/nowhere/x.json")
    assert snapshot.dirty(["/nowhere/x.json"]) == []


def test_looked_for_and_then_made(tmp_path: Path, root: Path) -> None:
    """A file that the program missed is dirty once it is there, although nobody knew it before."""
    snapshot, path = made(root / "sub"), tmp_path / "late.json"
    snapshot.missed(str(path))
    path.write_text("{}")
    assert names(snapshot.dirty([str(path)])) == ["late.json"]


def test_used_versions_decide(root: Path) -> None:
    """A module compiled from newer bytes than we knew is clean; one compiled from older bytes is dirty, unhinted."""
    snapshot = made(root)
    (root / "a.py").write_text("newer")
    snapshot.used(str(root / "a.py"), hash_of(root / "a.py"))
    snapshot.used(str(root / "b.py"), content_hash(b"older"))
    assert names(snapshot.dirty(snapshot.suspects())) == ["b.py"]
    assert snapshot.suspects() == set()


def test_two_used_versions(root: Path) -> None:
    """A file that was read in two versions stays dirty until the change was handled."""
    snapshot, path = made(root), root / "data.csv"
    read(snapshot, path)
    path.write_text("second")
    read(snapshot, path)
    states = snapshot.dirty(snapshot.suspects() | {str(path)})
    assert [state.unknown for state in states] == [True]
    snapshot.accept(states)
    assert snapshot.dirty([str(path)]) == []


def test_read_of_a_version_that_is_gone(root: Path) -> None:
    """If the file was replaced after the program had opened it, it is dirty whatever is there now."""
    snapshot, path = made(root), root / "data.csv"
    info = path.stat()
    path.write_text("replaced")
    snapshot.read(str(path), info.st_mtime_ns - 5, info.st_size, info.st_ctime_ns)
    assert names(snapshot.dirty(snapshot.suspects())) == ["data.csv"]


def test_read_before_a_replacement_that_looks_the_same(root: Path) -> None:
    """Nor is it taken for what was read if the new one has the size and the modification time of the old one."""
    snapshot, path = made(root, finished=False), root / "data.csv"
    info = path.stat()
    wait_for_the_clock(path)
    path.write_text(path.read_text().upper())
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    snapshot.read(str(path), info.st_mtime_ns, info.st_size, info.st_ctime_ns)
    assert names(snapshot.dirty(snapshot.suspects())) == ["data.csv"]


def test_accept_takes_the_handled_version(root: Path) -> None:
    """An edit between the comparison and the end of the apply is not accepted with it."""
    snapshot, path = made(root), root / "a.py"
    snapshot.used(str(path), hash_of(path))
    path.write_text("first")
    states = snapshot.dirty([str(path)])
    path.write_text("other")
    snapshot.accept(states)
    [state] = snapshot.dirty([str(path)])
    assert state.old_hash == content_hash(b"first")


def test_unseen_readers(root: Path) -> None:
    """With unseen readers the version at the beginning counts, even of a file whose newer version was used."""
    snapshot, path = made(root), root / "data.csv"
    path.write_text("newer")
    read(snapshot, path)
    assert snapshot.dirty([str(path)]) == []
    assert names(snapshot.dirty([str(path)], unseen=True)) == ["data.csv"]


def test_a_new_generation(root: Path) -> None:
    """What the last generation used is forgotten, but for what a layer used."""
    snapshot, a, b = made(root), root / "a.py", root / "b.py"
    snapshot.used(str(a), content_hash(b"older"))
    snapshot.used(str(b), content_hash(b"older"))
    snapshot.begin(keep=[str(b)])
    assert names(snapshot.dirty([str(a), str(b)])) == ["b.py"]


def test_own_writes_and_foreign_edits(root: Path) -> None:
    """What the program wrote is its own, once; a later edit by somebody else is not."""
    snapshot, path = made(root), root / "out.csv"
    snapshot.wrote(str(path))
    path.write_text("1")
    states = snapshot.dirty([str(path)])
    assert [state.own for state in states] == [True]
    snapshot.accept(states)
    path.write_text("mine")
    assert [state.own for state in snapshot.dirty([str(path)])] == [False]


def test_a_writing_that_was_said_and_is_yet_to_come(root: Path) -> None:
    """A file that was written once and is about to be written again is the program's own until that has happened."""
    snapshot, path = made(root), root / "out.csv"
    snapshot.wrote(str(path), file_clock_ns())
    path.write_text("1")
    wait_for_the_clock(path)
    snapshot.wrote(str(path), file_clock_ns())
    for happens in (path.unlink, path.exists):
        states = snapshot.dirty([str(path)])
        assert [state.own for state in states] == [True]
        snapshot.accept(states)
        happens()
    deadline = file_clock_ns() + 60_000_000
    while file_clock_ns() < deadline:
        pass
    assert not snapshot.settle(str(path))
    path.write_text("mine")
    assert [state.own for state in snapshot.dirty([str(path)])] == [False]


def test_a_writing_that_never_came(root: Path) -> None:
    """The program has failed to open or to remove a file; who writes it later is somebody else."""
    snapshot, path = made(root), root / "out.csv"
    snapshot.wrote(str(path), file_clock_ns() - 60_000_000)
    assert not snapshot.settle(str(path))
    path.write_text("mine")
    assert [state.own for state in snapshot.dirty([str(path)])] == [False]


def test_a_listed_folder_that_the_program_makes_anew_is_its_own(root: Path) -> None:
    """A tool that clears its output folder first lists it and removes it: that this is looked at late, when it has been
    asked already what became of the removal, does not make it an edit."""
    snapshot, folder = made(root), root / "sub"
    wait_for_the_clock(folder)
    snapshot.listed(str(folder), file_clock_ns())
    snapshot.wrote(str(folder), file_clock_ns() - 60_000_000)
    shutil.rmtree(folder)
    assert not snapshot.settle(str(folder))
    assert [state.own for state in snapshot.dirty([str(folder)]) if Path(state.path) == folder] == [True]


def test_a_file_that_is_open_and_unchanged_is_asked_about_again(root: Path) -> None:
    """A log that was opened, and not written yet, is the program's as long as it has it open; a new file of that name
    is not."""
    is_open = True
    snapshot, path = Snapshot(str(root), Ignore(str(root)), lambda path: is_open), root / "log.txt"
    path.write_text("")
    while snapshot.work(0.1):
        pass
    snapshot.wrote(str(path), file_clock_ns())
    (root / "new").write_text("mine")
    assert snapshot.settle(str(path))
    is_open = False
    (root / "new").replace(path)
    assert [state.own for state in snapshot.dirty([str(path)])] == [False]


def test_what_an_ended_run_has_left_is_what_the_next_one_finds(root: Path) -> None:
    """A file that a run was about to remove when it was ended is no change of the next run."""
    snapshot, path = made(root), root / "scratch.txt"
    snapshot.wrote(str(path))
    path.write_text("left")
    snapshot.begin()
    assert snapshot.dirty([str(path)], unseen=True) == []


def test_own_folders_that_come_and_go(root: Path) -> None:
    """That a folder is gone is seen in two ways, one after the other: where its folder was listed, and where it was
    looked at itself. The program's own doing is its own in both."""
    snapshot, path = made(root), root / "sub"
    snapshot.listed(str(root), time.time_ns())
    stamp = path.stat()
    snapshot.looked(str(path), 1, (stamp.st_mtime_ns, stamp.st_mode), stamp.st_size, stamp.st_ctime_ns)
    snapshot.wrote(str(path))
    shutil.rmtree(path)
    for hinted in (root / "c.py", path):
        states = [state for state in snapshot.dirty([str(hinted)]) if state.path == str(path)]
        assert [state.own for state in states] == [True]
        snapshot.accept(states)
    path.mkdir()
    states = [state for state in snapshot.dirty([str(path)]) if state.path == str(path)]
    assert [state.own for state in states] == [False]


def test_a_log_held_open(root: Path) -> None:
    """While the program holds its log open every content is its own, except in another file of that name."""
    snapshot, path = Snapshot(str(root), Ignore(str(root)), lambda path: True), root / "log.txt"
    while snapshot.work(0.1):
        pass
    snapshot.wrote(str(path))
    for text in ("1", "12"):
        path.write_text(text)
        states = snapshot.dirty([str(path)])
        assert [state.own for state in states] == [True]
        snapshot.accept(states)
    (root / "tmp").write_text("edited")
    (root / "tmp").replace(path)
    assert [state.own for state in snapshot.dirty([str(path)])] == [False]


def test_directories_stand_for_all_below(root: Path) -> None:
    """A directory that is hinted because it was moved, made or deleted stands for the files in it."""
    snapshot = made(root)
    shutil.move(root / "sub", root / "moved")
    assert names(snapshot.dirty([str(root / "sub"), str(root / "moved")])) == ["c.py", "c.py"]


def test_a_file_that_is_just_being_saved_is_not_taken_for_its_directory(root: Path) -> None:
    """The save has emptied it, and its writing is yet to come: a look at its directory leaves it for later."""
    writing: set[str] = set()
    snapshot, path = Snapshot(str(root), Ignore(str(root)), writing.__contains__), root / "sub" / "c.py"
    while snapshot.work(0.1):
        pass
    path.write_text("")
    writing.add(str(path))
    assert snapshot.dirty([str(root / "sub")]) == []
    assert snapshot.suspects() == {str(path)}
    assert names(snapshot.dirty([str(path)])) == ["c.py"]  # it was waited for
    writing.clear()
    path.write_text("whole")
    assert names(snapshot.dirty([str(root / "sub")])) == ["c.py"]


def test_a_file_becomes_a_directory(root: Path) -> None:
    """A file replaced by a directory, and back, is a change and then none."""
    snapshot, path = made(root), root / "a.py"
    original = path.read_bytes()
    path.unlink()
    path.mkdir()
    (path / "x.py").write_text("x")
    assert names(snapshot.dirty([str(path)])) == ["a.py", "x.py"]
    shutil.rmtree(path)
    path.write_bytes(original)
    assert snapshot.dirty([str(path)]) == []


def test_changed_before_it_was_indexed(root: Path) -> None:
    """Of a file that changed between the start and its indexing, the used version is not known, so it counts."""
    snapshot = made(root, finished=False)
    (root / "a.py").write_text("changed")
    while snapshot.work(0.1):
        pass
    [state] = snapshot.dirty([str(root / "a.py")])
    assert state.unknown


def test_sources_are_kept(root: Path) -> None:
    """Old and new bytes of a source file can be had by hash, for the comparison of their meaning."""
    snapshot, path = made(root), root / "a.py"
    old = path.read_bytes()
    path.write_text("new")
    [state] = snapshot.dirty([str(path)])
    assert snapshot.source(str(path), state.old_hash) == old
    assert snapshot.source(str(path), state.hash) == b"new"
    assert snapshot.source(str(path), None) is None


def test_large_files_by_stat(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too large to hash at every change is compared by its stat."""
    monkeypatch.setattr("hrsup.reading.LARGE_BYTES", 4)
    snapshot, path = made(root), root / "data.csv"
    read(snapshot, path)
    assert snapshot.dirty([str(path)]) == []
    path.write_text("bigger than that")
    assert names(snapshot.dirty([str(path)])) == ["data.csv"]


def test_gone_between_the_question_and_the_first_look(root: Path) -> None:
    """A file that the program has found, deleted before we hear of it, is a suspect."""
    for finished in (True, False):
        path = root / f"{finished}.flag"
        path.touch()
        snapshot = made(root, finished)
        info = path.stat()
        path.unlink()
        snapshot.looked(str(path), 1, (info.st_mtime_ns, info.st_mode), 0, info.st_ctime_ns)
        assert names(snapshot.dirty({str(path), *snapshot.suspects()})) == [path.name]


def test_odd_files(root: Path) -> None:
    """Named pipes are never opened, dangling links are absent, names may be any bytes."""
    snapshot = made(root)
    os.mkfifo(root / "pipe")
    (root / "dangling").symlink_to("nowhere")
    odd = os.fsencode(root) + b"/new\nline\xff.csv"
    Path(os.fsdecode(odd)).write_text("x")
    paths = [str(root / "pipe"), str(root / "dangling"), os.fsdecode(odd)]
    assert len(snapshot.dirty(paths)) == 2


def test_replaced_between_the_read_and_the_first_look(root: Path) -> None:
    """A file that nothing was known of, replaced before we hear that the program has read it, is a suspect."""
    snapshot = made(root, finished=False)
    info = (root / "data.csv").stat()
    (root / "data.csv").write_text("# other\n")
    snapshot.read(str(root / "data.csv"), info.st_mtime_ns - 1, info.st_size, info.st_ctime_ns)
    assert names(snapshot.dirty(snapshot.suspects())) == ["data.csv"]
