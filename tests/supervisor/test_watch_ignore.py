"""What is ignored: git's rules, checked against git itself, and the built-in list."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hrsup.watching.ignore import Ignore

RULES = (
    r"""
# a comment
*.log
!keep.log
/only-here.txt
build/
docs/*.html
deep/**/leaf
**/anywhere/x
all/**
a?c
set[0-9].txt
not[!a].txt
\#hash
\!bang
sub/dir/
*.tmp*
[ab
star*/end
"""
    + "trailing\\ \nspaces   \n"
)
PATHS = [
    *"""x.log keep.log sub/keep.log only-here.txt sub/only-here.txt build/x sub/build/x docs/a.html docs/sub/a.html
    deep/leaf deep/1/2/leaf anywhere/x 1/anywhere/x all/0 all/1/2 abc a/c set1.txt setx.txt nota.txt notb.txt #hash
    !bang spaces sub/dir/x x.tmp1 [ab star1/end star1/2/end nested/x.log nested/y.dat nested/down/z.dat
    nested/down/w.dat plain.py build.py trailing""".split(),  # noqa: SIM905
    "trailing ",
]


def test_as_git_does(tmp_path: Path) -> None:
    """For every rule and path of the table, git check-ignore and we agree."""
    (tmp_path / ".gitignore").write_text(RULES)
    for path in PATHS:
        target = tmp_path / path
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
    (tmp_path / "nested" / ".gitignore").write_text("!x.log\n*.dat\n!/down/w.dat\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("plain.*\n")
    found = subprocess.run(
        ["git", "-C", tmp_path, "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin"],
        input="\n".join(PATHS),
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    ignore = Ignore(str(tmp_path))
    files = [path for path in PATHS if (tmp_path / path).is_file()]
    assert [path for path in files if ignore.file(f"{tmp_path}/{path}")] == [path for path in files if path in found]


@pytest.mark.parametrize(
    "path",
    [".git/HEAD", ".hrsup/x", "a/__pycache__/m.pyc", "node_modules/m/i.js", "a.py~", ".a.py.swp", ".#a.py", "#a.py#"],
)
def test_built_in(tmp_path: Path, path: str) -> None:
    """Version control, caches and what editors leave beside a file are ignored without being told."""
    assert Ignore(str(tmp_path)).file(f"{tmp_path}/{path}")


def test_environments(tmp_path: Path) -> None:
    """A virtual environment is recognised by what is in it, whatever its name; the root itself is never ignored."""
    (tmp_path / "mine" / "lib").mkdir(parents=True)
    ignore = Ignore(str(tmp_path))
    assert not ignore.directory(f"{tmp_path}/mine/lib")
    for directory in (tmp_path / "mine", tmp_path):
        (directory / "pyvenv.cfg").touch()
    ignore.forget()
    assert ignore.directory(f"{tmp_path}/mine/lib")
    assert not ignore.directory(str(tmp_path))


def test_own_globs_win(tmp_path: Path) -> None:
    """--ignore is stronger than .gitignore, either way."""
    (tmp_path / ".gitignore").write_text("*.log\n!a.dat\n")
    ignore = Ignore(str(tmp_path), ["*.dat", "!b.log"])
    assert ignore.file(f"{tmp_path}/a.dat")
    assert not ignore.file(f"{tmp_path}/b.log")
    assert ignore.file(f"{tmp_path}/c.log")


def test_a_project_inside_an_ignored_directory(tmp_path: Path) -> None:
    """A project in a folder that the enclosing repository ignores is watched, by its own rules."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("/scratch/\n*.py\n")
    project = tmp_path / "scratch" / "project"
    project.mkdir(parents=True)
    (project / ".gitignore").write_text("*.log\n")
    ignore = Ignore(str(project))
    assert not ignore.file(f"{project}/a.py")
    assert ignore.file(f"{project}/a.log")


def test_rules_of_the_repository_above(tmp_path: Path) -> None:
    """In a part of a repository the rules of the folders above hold too."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.log\n/part/out/\n")
    (tmp_path / "part" / "out").mkdir(parents=True)
    ignore = Ignore(f"{tmp_path}/part")
    assert ignore.file(f"{tmp_path}/part/x.log")
    assert ignore.directory(os.fspath(tmp_path / "part" / "out"))
