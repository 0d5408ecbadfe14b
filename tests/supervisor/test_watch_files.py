"""Watching real files: what editors, git and links do to them, and what is handed over for it."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hrsup.snapshot import Snapshot
from hrsup.watching import RESCAN, inotify
from hrsup.watching.ignore import Ignore
from hrsup.watching.polling import is_remote, mount_types
from hrsup.watching.probe import WRITER, Probe
from hrsup.watching.settle import Settler
from hrsup.watching.watcher import Watcher

DEADLINE_S = 20


class Eye:
    """Watcher, settler and snapshot, joined as the session joins them."""

    def __init__(self, root: Path, watcher: Watcher, ignore: Ignore) -> None:
        self.watcher, self.root = watcher, root
        probe = Probe(str(root))
        self.snapshot = Snapshot(str(root), ignore, lambda path: probe.state(path) == WRITER)
        while self.snapshot.work(1):
            pass
        self.snapshot.begin()
        self.settler = Settler(probe, self.snapshot.existed, self.snapshot.written)

    def next(self) -> set[str]:
        """The files of the next change, by path relative to the root."""
        deadline, wake = time.monotonic() + DEADLINE_S, None
        while time.monotonic() < deadline:
            pause = 0.05 if wake is None else max(min(wake - time.monotonic(), 0.05), 0)
            select.select([self.watcher], [], [], pause)
            now = time.monotonic()
            hints = self.watcher.hints() | self.snapshot.suspects()
            self.settler.hint(hints, now)
            ready, wake = self.settler.poll(now)
            states = self.snapshot.dirty(ready)
            self.snapshot.accept(states)
            if states:
                return {os.path.relpath(state.path, self.root) for state in states}
        raise AssertionError("no change within the deadline")

    def nothing(self) -> bool:
        """Was all that happened before this call nothing?"""
        (self.root / "sentinel").write_text(str(time.monotonic_ns()))
        return self.next() == {"sentinel"}


@contextmanager
def looking(root: Path, **options: object) -> Iterator[Eye]:
    ignore = Ignore(str(root))
    watcher = Watcher(str(root), ignore, **options)  # type: ignore[arg-type]
    try:
        yield Eye(root, watcher, ignore)
    finally:
        watcher.close()


@pytest.fixture(params=[False, True], ids=["inotify", "polling"])
def eye(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Eye]:
    root = tmp_path / "project"
    (root / "pkg").mkdir(parents=True)
    (root / "m.py").write_text("x = 1\n")
    (root / "pkg" / "n.py").write_text("y = 1\n")
    with looking(root, polling=request.param, interval_s=0.05) as made:
        yield made


# -- editors' ways of saving -----------------------------------------------------------------------------------------


def in_place(path: Path) -> None:
    path.write_text("x = 2\n")


def vim_rename(path: Path) -> None:  # backupcopy=no
    (path.parent / "4913").touch()
    (path.parent / "4913").unlink()
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    path.write_text("x = 2\n")
    backup.unlink()


def vim_copy(path: Path) -> None:  # backupcopy=yes
    (path.parent / ".m.py.swp").write_text("b0VIM")
    shutil.copy2(path, path.with_name(path.name + "~"))
    path.write_text("x = 2\n")
    path.with_name(path.name + "~").unlink()


def rename_over(path: Path) -> None:
    temporary = path.with_name("m.py.tmp.8231")
    temporary.write_text("x = 2\n")
    temporary.replace(path)


def emacs(path: Path) -> None:
    (path.parent / ".#m.py").symlink_to("user@host.1:1")
    (path.parent / "#m.py#").write_text("x = 2")
    path.rename(path.with_name("m.py~"))
    path.write_text("x = 2\n")
    (path.parent / "#m.py#").unlink()
    (path.parent / ".#m.py").unlink()


def jetbrains(path: Path) -> None:
    temporary, old = path.with_name("m.py___jb_tmp___"), path.with_name("m.py___jb_old___")
    temporary.write_text("x = 2\n")
    path.rename(old)
    temporary.rename(path)
    old.unlink()


def sed(path: Path) -> None:
    subprocess.run(["sed", "-i", "s/1/2/", path], check=True)


def delete_and_create(path: Path) -> None:
    path.unlink()
    path.write_text("x = 2\n")


def older(path: Path) -> None:
    in_place(path)
    os.utime(path, (1, 1))


@pytest.mark.parametrize(
    "save", [in_place, vim_rename, vim_copy, rename_over, emacs, jetbrains, sed, delete_and_create, older]
)
def test_a_save_is_one_change_of_one_file(eye: Eye, save: Callable[[Path], None]) -> None:
    """However an editor saves, exactly one change comes of it, and it names the right file alone."""
    save(eye.root / "m.py")
    assert eye.next() == {"m.py"}
    assert eye.nothing()


@pytest.mark.parametrize("how", ["touch", "same", "chmod", "passing"])
def test_no_change_of_content_is_nothing(eye: Eye, how: str) -> None:
    """Touch, the same bytes, other permissions, a file that comes and goes: nothing."""
    path = eye.root / "m.py"
    if how == "touch":
        path.touch()
    elif how == "same":
        path.write_bytes(path.read_bytes())
    elif how == "chmod":
        path.chmod(0o600)
    else:
        (eye.root / "passing.py").write_text("1")
        (eye.root / "passing.py").unlink()
    assert eye.nothing()


def test_slow_chunks(tmp_path: Path) -> None:
    """A file that is truncated and written in ten slow chunks is handed over once, complete."""
    path = tmp_path / "m.py"
    path.write_text("old")

    def write() -> None:
        with path.open("w") as file:
            for chunk in range(10):
                file.write(f"x = {chunk}\n")
                file.flush()
                time.sleep(0.05)  # the writer's own pace; nothing waits for it by the clock

    with looking(tmp_path) as eye:
        thread = threading.Thread(target=write)
        thread.start()
        assert eye.next() == {"m.py"}
        handed = path.read_text()
        thread.join()
        assert handed == path.read_text()
        assert eye.nothing()


def test_checkout_of_600_files(tmp_path: Path) -> None:
    """git switch to a branch that differs in 600 files is one change of them all."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=tmp_path, check=True)

    git("init", "-q", "-b", "main")
    for content in ("old", "new"):
        for number in range(600):
            (tmp_path / f"d{number % 20}").mkdir(exist_ok=True)
            (tmp_path / f"d{number % 20}" / f"f{number}.py").write_text(f"{content} {number}")
        git("add", ".")
        git("commit", "-q", "-m", content)
    git("branch", "later")
    git("reset", "-q", "--hard", "HEAD~1")
    with looking(tmp_path) as eye:
        git("checkout", "-q", "later")
        assert len(eye.next()) == 600
        assert eye.nothing()


# -- folders and links -----------------------------------------------------------------------------------------------


def test_a_deep_folder_filled_at_once(eye: Eye) -> None:
    """Files in directories that are younger than the watch are seen, and so are later edits of them."""
    deep = eye.root / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "m.py").write_text("1")
    assert eye.next() == {"a/b/c/m.py"}
    (deep / "m.py").write_text("2")
    assert eye.next() == {"a/b/c/m.py"}


def test_a_folder_renamed_in_and_out(eye: Eye, tmp_path: Path) -> None:
    """A folder moved into the project brings its files, and moved out it takes them away."""
    (tmp_path / "outside" / "sub").mkdir(parents=True)
    (tmp_path / "outside" / "sub" / "m.py").write_text("1")
    (tmp_path / "outside").rename(eye.root / "inside")
    assert eye.next() == {"inside/sub/m.py"}
    (eye.root / "inside").rename(eye.root / "renamed")
    assert eye.next() == {"inside/sub/m.py", "renamed/sub/m.py"}
    (eye.root / "renamed" / "sub" / "m.py").write_text("2")
    assert eye.next() == {"renamed/sub/m.py"}
    shutil.rmtree(eye.root / "renamed")
    assert eye.next() == {"renamed/sub/m.py"}


def test_the_root_deleted_and_made_again(eye: Eye) -> None:
    """The project's folder may vanish and return; afterwards everything is seen as before."""
    shutil.rmtree(eye.root)
    assert eye.next() == {"m.py", "pkg/n.py"}
    eye.root.mkdir()
    (eye.root / "m.py").write_text("x = 3\n")
    assert eye.next() == {"m.py"}
    (eye.root / "m.py").write_text("x = 4\n")
    assert eye.next() == {"m.py"}


def test_a_swapped_link_on_the_way(eye: Eye, tmp_path: Path) -> None:
    """A file used through a link changes with the link and with its target, after a swap with the new one."""
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "data.csv").write_text(version)
    link = tmp_path / "current"
    link.symlink_to("v1")
    path = link / "data.csv"
    info = path.stat()
    eye.watcher.add([str(path)])
    eye.snapshot.read(str(path), info.st_mtime_ns, info.st_size, info.st_ctime_ns)
    for change in (
        lambda: (tmp_path / "v1" / "data.csv").write_text("edited"),
        lambda: ((tmp_path / "next").symlink_to("v2"), (tmp_path / "next").replace(link)),
        lambda: (tmp_path / "v2" / "data.csv").write_text("edited more"),
    ):
        change()
        assert eye.next() == {"../current/data.csv"}


def test_links_in_a_circle(eye: Eye) -> None:
    """A link to itself, or to a folder above, ends no look."""
    (eye.root / "loop").symlink_to("loop")
    (eye.root / "up").symlink_to("..")
    eye.watcher.add([f"{eye.root}/loop/x", f"{eye.root}/up/project/m.py"])
    (eye.root / "m.py").write_text("x = 9\n")
    assert "m.py" in eye.next()


def test_what_was_looked_for(eye: Eye, tmp_path: Path) -> None:
    """A file that was missing is seen when it appears, even if several folders above it appear with it."""
    path = tmp_path / "not" / "yet" / "there.json"
    eye.watcher.add([str(path)])
    eye.snapshot.missed(str(path))
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    assert eye.next() == {"../not/yet/there.json"}


# -- ignored, and used all the same ----------------------------------------------------------------------------------


def test_ignored_folders_are_not_watched_unless_used(tmp_path: Path) -> None:
    """An ignored folder costs no watch and says nothing, until the program is seen to use a file, or to list it."""
    (tmp_path / ".gitignore").write_text("data/\n*.log\n")
    for folder in ("data/raw", "node_modules/m", ".venv/lib"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    used, unused = tmp_path / "data" / "raw" / "used.csv", tmp_path / "data" / "raw" / "unused.csv"
    used.write_text("1")
    with looking(tmp_path) as eye:
        ours = [path for path in eye.watcher.directories() if path.startswith(str(tmp_path))]
        assert ours == [str(tmp_path)]
        used.write_text("2")
        (tmp_path / "x.log").write_text("1")
        assert eye.nothing()
        info = used.stat()
        eye.watcher.add([str(used)])
        eye.snapshot.read(str(used), info.st_mtime_ns, info.st_size, info.st_ctime_ns)
        unused.write_text("1")
        used.write_text("3")
        assert eye.next() == {"data/raw/used.csv"}
        eye.watcher.add([str(used.parent)])
        unused.write_text("22")
        new = used.with_name("new.csv")
        new.write_text("1")
        assert eye.next() >= {"data/raw/new.csv"}


def test_gitignore_edited(eye: Eye) -> None:
    """What a new rule excludes is silent at once; what it no longer excludes is seen again."""
    out = eye.root / "out"
    out.mkdir()
    (eye.root / ".gitignore").write_text("out/\n")
    assert eye.next() == {".gitignore"}
    (out / "x.csv").write_text("1")
    assert eye.nothing()
    (eye.root / ".gitignore").write_text("\n")
    assert eye.next() >= {".gitignore", "out/x.csv"}


# -- limits ----------------------------------------------------------------------------------------------------------


def test_overflow_is_a_rescan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When events are lost, everything is looked at, in directories too of which nobody was told."""
    with looking(tmp_path) as eye:
        real = inotify.Inotify.read

        def lost(self: inotify.Inotify) -> list[tuple[int, int, str]]:
            return [(-1, inotify.OVERFLOW, "")] if real(self) else []

        monkeypatch.setattr(inotify.Inotify, "read", lost)
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "m.py").write_text("1")
        assert eye.next() == {"new/m.py"}
        monkeypatch.setattr(inotify.Inotify, "read", real)
        (tmp_path / "new" / "m.py").write_text("2")
        assert eye.next() == {"new/m.py"}
        eye.watcher.hints()
        assert RESCAN not in eye.watcher.hints()


def test_a_file_that_is_written_all_the_time_keeps_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens while the events are read is left for the next time; what had happened is read whole."""
    watch = inotify.Inotify()
    watch.add(str(tmp_path), inotify.CONTENT)
    for number in range(3000):
        (tmp_path / f"a file of a somewhat longer name {number}").touch()
    real, reads = os.read, 0

    def written_meanwhile(descriptor: int, size: int) -> bytes:
        nonlocal reads
        reads += 1
        assert reads < 100
        data = real(descriptor, size)
        (tmp_path / f"another {reads}").touch()
        return data

    monkeypatch.setattr(os, "read", written_meanwhile)
    seen = {name for _, _, name in watch.read()}
    assert sum(name.startswith("a file") for name in seen) == 3000
    watch.close()


def test_beyond_the_limit_the_rest_is_polled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the machine has no watch left, there is one warning that names the sysctl, and no change is missed."""
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    real, warnings = inotify.Inotify.add, []

    def limited(self: inotify.Inotify, directory: str, mask: int) -> int:
        if directory.startswith(f"{tmp_path}/"):
            raise OSError(28, "No space left on device", directory)
        return real(self, directory, mask)

    monkeypatch.setattr(inotify.Inotify, "add", limited)
    with looking(tmp_path, warn=warnings.append, interval_s=0.05) as eye:
        for name in ("a/1", "b/2", "3"):
            (tmp_path / name).write_text("1")
            assert eye.next() == {name}
    assert len(warnings) == 1
    assert "fs.inotify.max_user_watches" in warnings[0]


def test_filesystems_that_send_no_events(tmp_path: Path) -> None:
    """Network and FUSE mounts are recognised from the mount table, the innermost mount deciding."""
    table = tmp_path / "mounts"
    table.write_text(
        f"/dev/sda / ext4 rw 0 0\nsrv:/x {tmp_path} nfs4 rw 0 0\n"
        f"tmpfs {tmp_path}/local tmpfs rw 0 0\nsshfs {tmp_path}/a\\040b fuse.sshfs rw 0 0\n"
    )
    mounts = mount_types(str(table))
    paths = ["/", tmp_path, tmp_path / "x", tmp_path / "local" / "y", tmp_path / "a b" / "z"]
    assert [is_remote(str(path), mounts) for path in paths] == [False, True, True, False, True]


def test_two_saves_of_one_size_while_polling(tmp_path: Path) -> None:
    """Polling notices a second save of the same size within the same second, and with its mtime put back."""
    path = tmp_path / "m.py"
    path.write_text("x = 1")
    with looking(tmp_path, polling=True, interval_s=0.05) as eye:
        before = path.stat()
        for digit in "23":
            path.write_text(f"x = {digit}")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            assert eye.next() == {"m.py"}


def test_names_of_any_bytes(eye: Eye) -> None:
    """Spaces, newlines, bytes that are not UTF-8 and 255 bytes of name arrive as they are."""
    names = {"a b.py", "new\nline.py", os.fsdecode(b"\xff\xfe.py"), "x" * 252 + ".py"}
    for name in names:
        (eye.root / name).write_text("1")
    seen: set[str] = set()
    while seen != names:
        seen |= eye.next()


def test_ignored_folders_are_not_even_listed(tmp_path: Path) -> None:
    """Starting to watch costs nothing for what is ignored, however much it is."""
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "m.py").write_text("1")
    asked: list[str] = []
    real = os.scandir

    def counting(path: str) -> object:
        asked.append(path)
        return real(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", counting)
        with looking(tmp_path):
            pass
    assert asked
    assert set(asked) == {str(tmp_path)}


def test_the_lease_sees_writers(tmp_path: Path) -> None:
    """A file that anybody, another process included, has open for writing is told from one that is only read."""
    path, probe = tmp_path / "m.py", Probe(str(tmp_path))
    path.write_text("1")
    with path.open("rb"):
        assert probe.state(str(path)) != WRITER
    script = f"exec 3>>{path}; echo ready; read done"
    with subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        assert writer.stdin
        writer.stdout.readline()
        assert probe.state(str(path)) == WRITER
        writer.stdin.close()
    assert probe.state(str(path)) != WRITER


def test_git_locks(tmp_path: Path) -> None:
    """A fresh index lock holds changes up, an old one does not, and a stopped rebase only asks for more quiet."""
    (tmp_path / ".git").mkdir()
    probe, lock = Probe(str(tmp_path)), tmp_path / ".git" / "index.lock"
    assert not probe.repository_busy(0)
    lock.touch()
    assert probe.repository_busy(0)
    assert not probe.repository_busy(61)
    os.utime(lock, (1, 1))
    assert not probe.repository_busy(0)
    lock.unlink()
    (tmp_path / ".git" / "rebase-merge").mkdir()
    assert not probe.repository_busy(0)
    assert probe.repository_quiet_s() > 0
