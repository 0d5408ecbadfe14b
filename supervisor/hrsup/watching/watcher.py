"""Which directories are watched, and what an event in one of them means (supervisor process).

A `Watcher` is made before the program starts. It owns the inotify instance, the poller that stands in where inotify
cannot serve, and the map from directories to the paths that depend on them:

* the project's folder (and each ``--watch`` folder) with every directory below that is not ignored: any name counts;
* for a path outside, or an ignored one, that the program used or looked for: every directory that its resolution goes
  through, links included, with just the one name that matters there. So a swapped link, a renamed ancestor and a
  directory that does not exist yet need no code of their own.

All it ever says is a hint: "look at this path again". When it is asked to, it also notes every opening of a file of
the project (`hrsup.opens`).
"""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH100, PTH102, PTH104, PTH112, PTH115

from __future__ import annotations

import contextlib
import errno
import os
import select
import sys
from collections.abc import Callable, Iterable

from hrsup.opens import Opens

from . import RESCAN, inotify
from .ignore import OWN_DIRECTORY, Ignore, entries, is_directory
from .polling import INTERVAL_S, Poller, is_remote, mount_types

_MAX_LINKS = 40


class _Directory:
    """A watched directory: does every name in it count, whose listing is it, and who depends on which name."""

    __slots__ = ("descriptor", "ignore", "listed", "mask", "names", "path", "polled")

    def __init__(self, path: str) -> None:
        self.path = path
        self.mask = 0
        self.descriptor: int | None = None
        self.polled = False
        self.ignore: Ignore | None = None
        self.listed: set[str] = set()
        self.names: dict[str, set[str]] = {}


class Watcher:
    """Watches from the moment it is made. `warn` is called with one sentence, at most once, if limits are reached."""

    def __init__(
        self,
        root: str,
        ignore: Ignore,
        watch: Iterable[str] = (),
        polling: bool = False,
        warn: Callable[[str], None] = lambda sentence: None,
        interval_s: float = INTERVAL_S,
        opens: Opens | None = None,
    ) -> None:
        self._warn, self._warned = warn, False
        self._directories: dict[str, _Directory] = {}
        self._by_descriptor: dict[int, list[_Directory]] = {}
        self._roots: dict[str, Ignore] = {}
        self._opens = opens or Opens()
        self._content = inotify.CONTENT  # what counts in a folder of the project
        self._marks = -1  # the folder in which layers leave their marks
        self._listings: set[str] = set()
        self._plain: set[str] = set()  # directories whose way is watched and has no links
        self._hints: set[str] = set()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._poller = Poller(self._wake, interval_s)
        self._mounts = mount_types()
        self._inotify = None if polling or not sys.platform.startswith("linux") else self._open_inotify()
        self._ready = _Readiness([self._wake_read] + ([self._inotify.fileno()] if self._inotify else []))
        self._watch_root(os.path.abspath(root), ignore)
        for path in watch:
            self._watch_root(os.path.abspath(path), Ignore(path, gitignore=False))
        self._hints.clear()

    def fileno(self) -> int:
        """Readable when `hints` has something to give."""
        return self._ready.fileno()

    def add(self, paths: Iterable[str], entries: bool = True) -> None:
        """These were used, looked for or listed by the program: watch them wherever they are, ignored or not.

        With `entries`, a path that is a directory at this moment counts as listed: every name in it matters.
        """
        for path in paths:
            if entries and os.path.isdir(path):
                self._listings.add(path)
            self._follow(path)

    def hints(self) -> set[str]:
        """The paths to look at again since the last call; a directory stands for all below it, `RESCAN` for all."""
        try:
            while os.read(self._wake_read, 4096):
                pass
        except BlockingIOError:
            pass
        for directory, mask, name in self._poller.drain():
            record = self._directories.get(directory)
            if record is not None:
                self._on_event(record, mask, name)
        for descriptor, mask, name in self._inotify.read() if self._inotify else ():
            if mask & inotify.OVERFLOW:
                self._recover()
            if descriptor == self._marks and mask & inotify.CREATE:
                self._opens.mark(name)
            for record in list(self._by_descriptor.get(descriptor, ())):
                self._on_event(record, mask, name)
        hints, self._hints = self._hints, set()
        return hints

    def watch_opens(self, marks: str) -> bool:
        """From now on, note each opening of a file of the project; then the folder `marks` appears. False: it cannot be
        done."""
        if self._inotify is None:
            return False
        self._content |= inotify.OPEN
        try:
            for record in list(self._directories.values()):
                if record.ignore is not None:
                    self._watch(record.path, self._content)
            os.mkdir(f"{marks}.new", 0o700)
            self._marks = self._inotify.add(f"{marks}.new", inotify.CREATE)
            os.rename(f"{marks}.new", marks)
        except OSError:
            return False
        return True

    def sees_opens(self, path: str) -> bool:
        """Is each opening of this file noted? No link may be on the way."""
        record = self._directories.get(path.rpartition("/")[0])
        if record is None or record.ignore is None or record.polled:
            return False
        return bool(record.mask & inotify.OPEN)

    def sync(self) -> None:
        """After this, `hints` knows of every write that was made before. Blocks for one look at what is polled."""
        self._poller.scan()

    def directories(self) -> list[str]:
        """What is being watched, for `doctor` and for tests."""
        return sorted(self._directories)

    def close(self) -> None:
        """Watch nothing any more."""
        self._poller.close()
        self._ready.close()
        if self._inotify:
            self._inotify.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    # -- events ------------------------------------------------------------------------------------------------------

    def _on_event(self, directory: _Directory, mask: int, name: str) -> None:
        if mask & inotify.OPEN:
            if not mask & inotify.IS_DIRECTORY:
                self._opens.note(f"{directory.path.rstrip('/')}/{name}")
            return
        if not name:
            self._on_directory_itself(directory, mask)
            return
        if directory.ignore is not None:
            self._on_project_event(directory, directory.ignore, mask, name)
        for listed in directory.listed:
            self._hints.add(f"{listed}/{name}")
        dependents = directory.names.get(name, ())
        for path in list(dependents):
            self._hints.add(path)
            if mask & inotify.STRUCTURE:
                self._plain.clear()
                self._follow(path)
                if path in self._roots:
                    self._forget_tree(path)
                    self._watch_tree(path, self._roots[path])

    def _on_directory_itself(self, directory: _Directory, mask: int) -> None:
        """It is gone or unmounted; what that means for the paths in it, the events of its parent say too."""
        if mask & (inotify.IGNORED | inotify.UNMOUNT):
            self._detach(directory)
            directory.mask = 0
            self._plain.clear()
            self._hints.add(directory.path)

    def _on_project_event(self, directory: _Directory, ignore: Ignore, mask: int, name: str) -> None:
        path = f"{directory.path.rstrip('/')}/{name}"
        if mask & inotify.IS_DIRECTORY:
            if mask & (inotify.CREATE | inotify.MOVED_TO):
                self._forget_tree(path)
                self._watch_tree(path, ignore)
            elif mask & (inotify.DELETE | inotify.MOVED_FROM) and not ignore.directory(path):
                self._forget_tree(path)
                self._hints.add(path)
        elif not ignore.file(path):
            self._hints.add(path)
        if name in (".gitignore", "pyvenv.cfg"):
            ignore.forget()
            self._forget_tree(directory.path)
            self._watch_tree(directory.path, ignore)

    def _recover(self) -> None:
        """Events were lost, those that announce new directories too."""
        self._opens.lose()
        self._hints.add(RESCAN)
        self._plain.clear()
        for root, ignore in self._roots.items():
            self._watch_tree(root, ignore)
        records = list(self._directories.values())
        for path in {path for record in records for paths in record.names.values() for path in paths}:
            self._follow(path)

    # -- the project -------------------------------------------------------------------------------------------------

    def _watch_root(self, root: str, ignore: Ignore) -> None:
        self._roots[root] = ignore
        self._follow(root)
        self._watch_tree(root, ignore)

    def _watch_tree(self, top: str, ignore: Ignore) -> None:
        """Watch `top` and what is below; hint at all that is found, as it may be older than the watch."""
        pending = [top]
        while pending:
            path = pending.pop()
            if ignore.directory(path):
                continue
            record = self._watch(path, self._content)
            if record is None:
                continue
            record.ignore = ignore
            for entry in entries(path):
                if is_directory(entry):
                    pending.append(entry.path)
                    continue
                if self._content & inotify.OPEN:
                    self._opens.note(entry.path)  # perhaps before the folder was watched
                if not ignore.file(entry.path):
                    self._hints.add(entry.path)

    def _forget_tree(self, top: str) -> None:
        """No name at or below `top` counts any more for being there; what is used there stays watched."""
        prefix = f"{top}/"
        for path in [path for path in self._directories if path == top or path.startswith(prefix)]:
            record = self._directories[path]
            record.ignore = None
            self._detach(record)
            if record.names or record.listed:
                self._watch(path, record.mask)
            else:
                del self._directories[path]

    # -- single paths ------------------------------------------------------------------------------------------------

    def _follow(self, path: str) -> None:
        """Watch every name that the resolution of `path` depends on, up to the first that is missing."""
        parent, _, name = path.rpartition("/")
        if f"/{OWN_DIRECTORY}/" in f"{path}/":
            return
        if parent in self._plain:
            here, todo = parent, [name]
        else:
            here, todo = "", path.split("/")[1:]
        links = 0
        while todo and links <= _MAX_LINKS:
            name = todo.pop(0)
            if name == "..":
                here = here.rpartition("/")[0]
            if name in ("", ".", ".."):
                continue
            if not todo and not links:
                self._plain.add(here)
            self._depend(here or "/", name, path, inotify.STRUCTURE if todo else inotify.CONTENT)
            link = _link(f"{here}/{name}")
            if link is None:
                return  # it is missing, and its name is watched
            if link:
                links += 1
                here = "" if link.startswith("/") else here
                todo = link.split("/") + todo
            else:
                here = f"{here}/{name}"
        if path in self._listings and (record := self._watch(here or "/", inotify.STRUCTURE)) is not None:
            record.listed.add(path)

    def _depend(self, directory: str, name: str, path: str, mask: int) -> None:
        record = self._watch(directory, mask)
        if record is not None:
            record.names.setdefault(name, set()).add(path)

    # -- watches -----------------------------------------------------------------------------------------------------

    def _watch(self, path: str, mask: int) -> _Directory | None:
        """The record of a directory that is now watched for at least `mask`; None if there is no such directory."""
        record = self._directories.get(path) or _Directory(path)
        if record.polled or (
            record.descriptor is not None and record.mask | mask == record.mask and path in self._plain
        ):
            return record
        if self._inotify is None or is_remote(path, self._mounts):
            return self._poll(record, mask)
        try:
            descriptor = self._inotify.add(path, record.mask | mask)
        except OSError as error:
            if inotify.limit_reached(error):
                self._say_limit()
                return self._poll(record, mask)
            return None
        if descriptor != record.descriptor:
            self._detach(record)
            record.descriptor = descriptor
            self._by_descriptor.setdefault(descriptor, []).append(record)
        record.mask |= mask
        self._directories[path] = record
        return record

    def _poll(self, record: _Directory, mask: int) -> _Directory | None:
        if not os.path.isdir(record.path):
            return None
        record.polled, record.mask = True, record.mask | mask
        self._directories[record.path] = record
        self._poller.add(record.path)
        return record

    def _detach(self, record: _Directory) -> None:
        if record.polled:
            self._poller.remove(record.path)
            record.polled = False
        descriptor, record.descriptor = record.descriptor, None
        if descriptor is None:
            return
        sharers = self._by_descriptor.get(descriptor, [])
        if record in sharers:
            sharers.remove(record)
        if not sharers:
            self._by_descriptor.pop(descriptor, None)
            if self._inotify:
                self._inotify.remove(descriptor)

    def _open_inotify(self) -> inotify.Inotify | None:
        try:
            return inotify.Inotify()
        except OSError:
            self._say_limit()
            return None

    def _say_limit(self) -> None:
        if not self._warned:
            self._warned = True
            self._warn(
                "this machine's limit of inotify watches is reached; the rest is polled, which is slower "
                "(sysctl fs.inotify.max_user_watches and fs.inotify.max_user_instances raise it)"
            )

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it is readable already
            os.write(self._wake_write, b".")


def _link(path: str) -> str | None:
    """Where a link points; "" if this is no link, None if it is missing."""
    try:
        return os.readlink(path)
    except OSError as error:
        return "" if error.errno == errno.EINVAL else None


class _Readiness:
    """One descriptor that is readable when any of several is: the supervisor's selector wants a single one."""

    def __init__(self, descriptors: list[int]) -> None:
        self._epoll = select.epoll() if sys.platform.startswith("linux") else None
        self._only = descriptors[0]
        if self._epoll is not None:
            for descriptor in descriptors:
                self._epoll.register(descriptor, select.EPOLLIN)

    def fileno(self) -> int:
        return self._only if self._epoll is None else self._epoll.fileno()

    def close(self) -> None:
        if self._epoll is not None:
            self._epoll.close()
