"""What a listing of a folder shows that is no regular file: folders, links, sockets.

Runs in both processes: the program's says what it was shown, the supervisor compares. A regular file is known by its
content.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_lstat, _readlink, _scandir = os.lstat, os.readlink, os.scandir  # the agent replaces them by such as report

_FOLDER, _SPECIAL = "folder", "special"


def entries_of(folder: str, most: int | None = None) -> dict[str, str] | None:
    """What each of them is (`kind_of`), by name; none if there is no such folder. None if there are more than `most`
    names."""
    found: dict[str, str] = {}
    try:
        for number, entry in enumerate(_entries(folder)):
            if number == most:
                return None
            if not _is_regular(entry) and (kind := kind_of(entry.path)) is not None:
                found[entry.name] = kind
    except OSError:
        return {}
    return found


def kind_of(path: str) -> str | None:
    """A folder, a link to somewhere, something special; None: a regular file, or nothing."""
    try:
        mode = _lstat(path).st_mode
        if stat.S_ISLNK(mode):
            return link_to(_readlink(path))
    except OSError:
        return None
    if stat.S_ISREG(mode):
        return None
    return _FOLDER if stat.S_ISDIR(mode) else _SPECIAL


def link_to(target: str) -> str:
    """The kind of a link that leads there."""
    return f"link to {target}"


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with _scandir(folder) as found:
        yield from found


def _is_regular(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False
