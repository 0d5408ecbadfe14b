"""Installed packages that were imported: which of their files have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hrsup.packages import Packages


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with two packages and a module."""
    site = tmp_path / "site-packages"
    for name in ("dep/__init__.py", "dep/deep/under.py", "dep/tests/test_it.py", "dep/table.csv", "other/__init__.py"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("1")
    (site / "single.py").write_text("1")
    return site


@pytest.fixture
def packages(site: Path) -> Packages:
    """`dep` was imported, and is listed."""
    packages = Packages()
    assert packages.imported(str(site / "dep/__init__.py")) == str(site)
    assert packages.imported(str(site / "dep/__init__.py")) is None
    while (folder := packages.next_folder()) is not None:
        packages.list_folder(folder)
    return packages


def changed(packages: Packages, site: Path, *paths: str) -> list[str]:
    """What differs of these paths (none: everywhere)."""
    asked = [str(site / path) for path in paths] or None
    return sorted(os.path.relpath(path, site) for path, _, _ in packages.differences(asked))


def test_code_of_what_was_imported_counts(packages: Packages, site: Path) -> None:
    """Code in the package, at any depth, and single files beside it; not its data and tests, and no other package."""
    assert changed(packages, site) == []
    names = ("dep/deep/under.py", "dep/new.py", "dep/tests/test_it.py", "dep/table.csv", "other/__init__.py", "x.pth")
    for name in names:
        (site / name).write_text("22")
    assert changed(packages, site) == ["dep/deep/under.py"]
    assert changed(packages, site, "dep", "other/__init__.py", "x.pth") == ["dep/deep/under.py", "dep/new.py", "x.pth"]


def test_what_was_handled_is_no_difference(packages: Packages, site: Path) -> None:
    """A version that was accepted is the one to compare with from then on."""
    (site / "dep/__init__.py").write_text("22")
    [(path, now, _)] = packages.differences([str(site / "dep/__init__.py")])
    packages.accept(path, now)
    assert changed(packages, site) == []


def test_a_package_replaced_as_a_whole(packages: Packages, site: Path) -> None:
    """An installer moves the folder away and another one in: the folder's name is enough to find what differs."""
    (site / "dep").rename(site / "~ep")
    assert changed(packages, site, "dep") == ["dep/__init__.py", "dep/deep/under.py"]
    (site / "dep").mkdir()
    (site / "dep/__init__.py").write_text("22")
    (site / "dep/more.py").write_text("22")
    assert changed(packages, site, "dep") == ["dep/__init__.py", "dep/deep/under.py", "dep/more.py"]


def test_what_is_no_package_is_not_concerned(packages: Packages, tmp_path: Path) -> None:
    """A project's file is none of ours."""
    assert packages.imported(str(tmp_path / "main.py")) is None
    assert not packages.has(str(tmp_path / "main.py"))
