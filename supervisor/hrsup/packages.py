"""Installed packages that the program has imported: was their code changed? Runs in the supervisor.

An installer replaces a package while the program runs, and people put a print into a library to see what it does. The
files of what a data program imports are thousands, so they are not read: code files are compared by what stat says of
them, and a touch counts as a change. They are listed in the background, since nothing waits for it; a folder is watched
before it is listed, so what is missed is only what changes between its import and that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from .watching.ignore import entries, is_directory

_CODE = (".py", ".so", ".pyd", ".pth")
_NOT_RUN = frozenset({"__pycache__", "tests"})
_MOST_FOLDERS = 5000  # watches are not free, nor without limit
_INSTALLED = re.compile(r"(.*?/(?:site|dist)-packages)(?:/([^/]+))?")

Difference = tuple[str, str | None, str | None]
"""A path, its version now and the one before (None: it is not there)."""


class Packages:
    """The code files of imported packages, and those that lie beside the packages, by path with their versions."""

    def __init__(self) -> None:
        self._sites: set[str] = set()  # folders that packages are installed in
        self._tops: set[str] = set()  # the packages
        self._pending: list[str] = []  # folders to be listed
        self._folders = 0
        self._known: dict[str, str | None] = {}

    def imported(self, path: str) -> str | None:
        """A file of a package is executed. Returns the folder that the package is in, if it is to be watched now."""
        site, top = _placed(path)
        if top is None or top in self._tops:
            return None
        is_new = site not in self._sites
        if is_new:
            self._sites.add(site)
            self._known |= {path: _version(path) for path in _code_in(site)}
        self._tops.add(top)
        self._pending.append(top)
        return site if is_new else None

    def next_folder(self) -> str | None:
        """A folder that is to be watched, and then listed by `list_folder`; None if there is none left."""
        return self._pending.pop() if self.has_more() else None

    def has_more(self) -> bool:
        """Are there folders left to be listed?"""
        return bool(self._pending) and self._folders < _MOST_FOLDERS

    def list_folder(self, folder: str) -> None:
        """Remember the code files in it; the folders below come later."""
        self._folders += 1
        self._pending += _folders_in(folder)
        for path in _code_in(folder):
            self._known.setdefault(path, _version(path))

    def differences(self, paths: Iterable[str] | None) -> Iterator[Difference]:
        """What differs of these files, or at and below these folders; None: everywhere."""
        concerned = set(self._known) if paths is None else {file for path in paths for file in self._files(path)}
        for path in concerned:
            now, before = _version(path), self._known.get(path)
            if now != before:
                yield path, now, before

    def accept(self, path: str, version: str | None) -> None:
        """This difference was handled."""
        self._known[path] = version

    def has(self, path: str) -> bool:
        """Is it a code file that belongs to them?"""
        return path.endswith(_CODE) and self._concerns(path)

    def _files(self, path: str) -> set[str]:
        if self.has(path):
            return {path}
        if not self._concerns(path):
            return set()
        below, pending = {known for known in self._known if known.startswith(f"{path}/")}, [path]
        while pending:
            folder = pending.pop()
            pending += _folders_in(folder)
            below.update(_code_in(folder))
        return below

    def _concerns(self, path: str) -> bool:
        """Is it a package's that was imported, or one file beside the packages?"""
        site, top = _placed(path)
        return top is not None and (top in self._tops or (top == path and site in self._sites and top.endswith(_CODE)))


def _placed(path: str) -> tuple[str, str | None]:
    """The folder that packages are installed in, and the package or the file in it; None if the path is not there."""
    match = _INSTALLED.match(path)
    return (match[1], f"{match[1]}/{match[2]}") if match and match[2] else ("", None)


def _version(path: str) -> str | None:
    try:
        info = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return f"stat:{info.st_mtime_ns}:{info.st_size}:{info.st_ino}"


def _code_in(folder: str) -> list[str]:
    return [entry.path for entry in entries(folder) if entry.name.endswith(_CODE) and not is_directory(entry)]


def _folders_in(folder: str) -> list[str]:
    return [entry.path for entry in entries(folder) if is_directory(entry) and entry.name not in _NOT_RUN]
