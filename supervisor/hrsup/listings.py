"""What the program saw in the folders that it listed, regular files left out, and where links led (supervisor process).

A file that comes or goes is noticed by its content (`hrsup.snapshot`). An empty folder, a link and a socket have none,
and a listing shows their names all the same. So of every listed folder this remembers where it leads, and each name in
it that is no regular file. What Python and hrsup make themselves (``__pycache__``, ``.hrsup``) is no part of it.
"""

# Paths are strings here: they are compared with those of the agent.
# ruff: noqa: PTH112, PTH114, PTH115

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from hrsup_strategies.base import ENTRY, is_entry
from hrsup_strategies.entries import entries_of, kind_of, link_to

from .watching.ignore import OWN_DIRECTORY, entries

_OURS = frozenset({OWN_DIRECTORY, "__pycache__"})
_TICK_NS = 20_000_000  # stamps of files lag behind the clock by a tick, at most 10 ms

Difference = tuple[str, str | None, str | None]
"""A path, what it is now and what it was (None: it is not there, or it is a regular file)."""


class Listings:
    """The listed folders, each with its entries by name; the empty name stands for the folder itself."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, str]] = {}
        self._links: dict[str, str] = {}

    def keep(self, folders: Iterable[str]) -> None:
        """Forget all but these."""
        kept = set(folders)
        self._seen = {folder: seen for folder, seen in self._seen.items() if folder in kept}
        self._links = {path: link for path, link in self._links.items() if path in kept}

    def listed(self, folder: str, at_ns: int, shown: Mapping[str, str] | None, written: Callable[[str], bool]) -> bool:
        """The program listed this folder at `at_ns` (real time), and was `shown` these entries, if that is known. What
        has come since then, and the program has not made itself (`written`), it has not seen; is there such a thing, or
        has something gone?"""
        if folder in self._seen:
            return True
        now = _scan(folder)
        self._seen[folder] = seen = {} if shown is None else _versions(shown)
        for name, value in now.items():
            path = f"{folder}/{name}"
            if not name or written(path) or (shown is None and not _is_younger(path, at_ns - _TICK_NS)):
                seen[name] = value
        return seen != now

    def followed(self, path: str, target: str) -> bool:
        """The program was told that this link leads there; does it lead elsewhere by now?"""
        seen = self._links.setdefault(path, _link(target))
        return seen != _leads(path)

    def differences(self, paths: set[str]) -> Iterator[Difference]:
        """What differs in the folders and links that changes to `paths` concern."""
        for path in self._links.keys() & paths:
            link = _leads(path)
            if link != self._links[path]:
                yield path, link, self._links[path]
        for folder in self._concerned(paths):
            seen, now = self._seen[folder], _scan(folder)
            if seen.get("") != now.get(""):
                yield folder, now.get(""), seen.get("")
            for name in seen.keys() | now.keys() if "" in now else ():
                if name and seen.get(name) != now.get(name):
                    yield f"{folder}/{name}", now.get(name), seen.get(name)

    def differs(self, path: str) -> bool:
        """Is this folder, link or name in a listed folder something else than it was, or gone?"""
        folder, _, name = path.rpartition("/")
        if path in self._links and _leads(path) != self._links[path]:
            return True
        if path in self._seen and _place(path) != self._seen[path].get(""):
            return True
        return folder in self._seen and name not in _OURS and _kind(path) != self._seen[folder].get(name)

    def all(self) -> set[str]:
        """Every folder and link that is known."""
        return self._seen.keys() | self._links.keys()

    def accept(self, path: str, version: str | None) -> None:
        """This difference was handled; another version than that of an entry is a file's, and its name counts as it is
        now."""
        exact = version is None or is_entry(version)
        place = exact and (version is None or version.startswith(f"{ENTRY}/"))  # of a folder, or gone
        kind = exact and (version is None or not place)  # of a name in a folder, or gone
        folder, _, name = path.rpartition("/")
        if path in self._links:
            _put(self._links, path, version if kind else _leads(path))
        if path in self._seen:
            _put(self._seen[path], "", version if place else _place(path))
        if folder in self._seen and name not in _OURS:
            _put(self._seen[folder], name, version if kind else _kind(path))

    def _concerned(self, paths: Iterable[str]) -> set[str]:
        found: set[str] = set()
        if not self._seen:
            return found
        for path in paths:
            found |= {path, path.rpartition("/")[0]} & self._seen.keys()
            if os.path.isdir(path) or not os.path.lexists(path):  # a folder above may have come, gone or moved
                prefix = path.rstrip("/") + "/"
                found |= {folder for folder in self._seen if folder.startswith(prefix)}
        return found


def _put(seen: dict[str, str], name: str, version: str | None) -> None:
    if version is None:
        seen.pop(name, None)
    else:
        seen[name] = version


def _scan(folder: str) -> dict[str, str]:
    """What a listing would show now; empty if there is no such folder."""
    place = _place(folder)
    if place is None:
        return {}
    return {"": place, **_versions(entries_of(folder) or {})}


def _versions(kinds: Mapping[str, str]) -> dict[str, str]:
    return {name: f"{ENTRY}{kind}" for name, kind in kinds.items() if name not in _OURS}


def _place(folder: str) -> str | None:
    """Where the folder leads."""
    return f"{ENTRY}{os.path.realpath(folder)}" if os.path.isdir(folder) else None


def _kind(path: str) -> str | None:
    kind = kind_of(path)
    return None if kind is None else f"{ENTRY}{kind}"


def _link(target: str) -> str:
    return f"{ENTRY}{link_to(target)}"


def _leads(path: str) -> str | None:
    try:
        return _link(os.readlink(path))
    except OSError:
        return None


def _is_younger(path: str, moment_ns: int) -> bool:
    """Did it come after this moment? A folder with something in it may only have been written to since, and what is in
    it is noticed by itself."""
    try:
        if os.lstat(path).st_ctime_ns <= moment_ns:
            return False
        return os.path.islink(path) or not entries(path)
    except OSError:
        return False
