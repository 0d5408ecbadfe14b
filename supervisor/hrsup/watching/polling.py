"""Polling (supervisor process, a thread of its own): for filesystems that send no events, and beyond inotify's limits.

Each directory is listed and each file in it asked for its times, size and inode; what differs is said in inotify's
words. The change time is part of it, so a second save within one clock tick of a coarse mtime is not missed.
"""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH116, PTH123

from __future__ import annotations

import os
import re
import stat
import threading
import time
from collections.abc import Callable

from . import inotify
from .ignore import entries

INTERVAL_S = 0.3

# Filesystems on which another machine, or the host, can change a file without this kernel knowing.
_REMOTE = frozenset(
    """nfs nfs4 cifs smb3 smbfs 9p afs ceph glusterfs lustre beegfs vboxsf virtiofs drvfs prl_fs fuse acfs
    gpfs""".split()  # noqa: SIM905
)

Signature = tuple[int, int, int, int, int]
Event = tuple[str, int, str]  # directory, inotify mask, name


class Poller:
    """Looks at a growing set of directories; `wake` is called (in its thread) when `drain` has something to give."""

    def __init__(self, wake: Callable[[], None], interval_s: float = INTERVAL_S) -> None:
        self._wake, self._interval_s = wake, interval_s
        self._seen: dict[str, dict[str, Signature]] = {}
        self._events: list[Event] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, directory: str) -> None:
        """From now on, differences from what the directory holds at this moment are said."""
        with self._lock:
            if directory in self._seen:
                return
            self._seen[directory] = _signatures(directory)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hrsup-polling", daemon=True)
            self._thread.start()

    def remove(self, directory: str) -> None:
        """Look at it no more."""
        with self._lock:
            self._seen.pop(directory, None)

    def scan(self) -> bool:
        """Look now; True if something differs."""
        with self._lock:
            before = len(self._events)
            for directory, old in list(self._seen.items()):
                new = self._seen[directory] = _signatures(directory)
                if new != old:
                    self._events += _differences(directory, old, new)
            return len(self._events) > before

    def drain(self) -> list[Event]:
        """What was found since the last call."""
        with self._lock:
            events, self._events = self._events, []
        return events

    def close(self) -> None:
        """End the thread, within one look at all directories."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        pause_s = self._interval_s
        while not self._stop.wait(pause_s):
            started = time.monotonic()
            if self.scan():
                self._wake()
            # A slow mount must not be asked all the time.
            pause_s = max(self._interval_s, 3 * (time.monotonic() - started))


def is_remote(path: str, mounts: list[tuple[str, str]]) -> bool:
    """Is this path on a filesystem that other machines change? `mounts` as from `mount_types`."""
    kind = filesystem(path, mounts)
    return kind in _REMOTE or kind.startswith("fuse.")


def filesystem(path: str, mounts: list[tuple[str, str]]) -> str:
    """The type of the filesystem that this path is on; empty if that is not known."""
    real = os.path.realpath(path)
    inside = (kind for point, kind in mounts if real == point or real.startswith(point.rstrip("/") + "/"))
    return next(inside, "")


def mount_types(table: str = "/proc/self/mounts") -> list[tuple[str, str]]:
    """Mount points and filesystem types, the innermost (and of those the latest) first."""
    try:
        with open(table, encoding="utf-8", errors="surrogateescape") as file:
            rows = [line.split(" ") for line in file]
    except OSError:
        return []
    points = [(_unescaped(row[1]), row[2]) for row in reversed(rows) if len(row) > 2]
    return sorted(points, key=lambda point: -len(point[0]))


def _unescaped(point: str) -> str:
    r"""The kernel writes a space as \040, and the like."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point)


def _signatures(directory: str) -> dict[str, Signature]:
    found: dict[str, Signature] = {}
    for entry in entries(directory):
        try:
            info = os.stat(entry.path)
        except OSError:
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError:
                continue
        if stat.S_ISDIR(info.st_mode):
            found[entry.name] = (info.st_mode & 0o170000, info.st_ino, 0, 0, 0)
        else:
            found[entry.name] = (info.st_mode, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
    return found


def _differences(directory: str, old: dict[str, Signature], new: dict[str, Signature]) -> list[Event]:
    events: list[Event] = []
    for name in old.keys() | new.keys():
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if before is not None and (after is None or before[:2] != after[:2]):
            events.append((directory, inotify.DELETE | _flag(before), name))
        if after is not None:
            replaced = before is None or before[:2] != after[:2]
            events.append((directory, (inotify.CREATE if replaced else inotify.MODIFY) | _flag(after), name))
    return events


def _flag(signature: Signature) -> int:
    return inotify.IS_DIRECTORY if stat.S_ISDIR(signature[0]) else 0
