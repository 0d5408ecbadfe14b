"""Files and directories that the program touches, and its effects on the outside, by one audit hook.

Runs in the user's process; owns what has been reported. The hook is called for every audit event of the process, so
everything that is not in its table costs one failed look-up. It speaks before the thing happens: a file that it says
was read may be missing a moment later, never the other way round.
"""

from __future__ import annotations

import os
import sys
import time
from _thread import get_ident

from hrsup_agent.hidden import hide
from hrsup_agent.observe import looks, natives, places, sites
from hrsup_agent.observe.opens import Opens
from hrsup_agent.observe.processes import Processes
from hrsup_agent.observe.uses import LISTED, LOOKED, MEASURED, OPENED, Uses
from hrsup_agent.observe.writes import Writes, of_descriptor
from hrsup_strategies.entries import entries_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType
    from typing import Any

    from hrsup_agent.agent import Agent
    from hrsup_agent.observe.loader import UserModules

_stat, _abspath, _fsdecode = os.stat, os.path.abspath, os.fsdecode
_O_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_O_WRITE_ONLY = os.O_WRONLY
_O_EMPTIES = os.O_TRUNC | os.O_EXCL
_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
_S_IFDIR, _S_IFMT = 0o040000, 0o170000
_MOST_ENTRIES = 10_000  # of a folder that is looked at once more when it is listed


def install(agent: Agent, modules: UserModules) -> FileWatch:
    """Add the audit hook; it cannot be removed, only silenced with `FileWatch.enabled`."""
    watch = FileWatch(agent, modules)
    table = watch.table

    @hide
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        handler = table.get(event)
        if handler is not None and watch.enabled:
            try:
                handler(arguments)
            except Exception as error:  # never the program's problem, but whoever decides must know
                watch.failed(event, error)
            except BaseException as error:  # Ctrl-C: the program's, and it happened in what the program was doing
                raise error.with_traceback(None)  # noqa: B904

    sys.addaudithook(hook)
    watch.looks = looks.install(watch.asked, watch.looked, watch.followed, watch.opaque)
    return watch


class FileWatch:
    """What was seen. `enabled` is False in layers: the hook then does nothing."""

    def __init__(self, agent: Agent, modules: UserModules) -> None:
        self.enabled = True
        self._agent, self._modules = agent, modules
        self.uses = Uses()
        self.opens = Opens(agent)
        self.looks: looks.Looks | None = None
        self._known: set[tuple[str, str]] = set()  # path and line of every reading that was reported
        self._told: set[tuple[str, str]] = set()
        self._observed: set[str] = set()
        self._listing: set[int] = set()  # the threads in which we list a folder ourselves
        self._effects = 0
        self._first_effect: str | None = None
        self.writes = Writes(agent, self.effect, self._say_missing)
        self.processes = Processes(agent, self.effect, self.opaque, self.handed)
        self.table: dict[str, Callable[[tuple[Any, ...]], object]] = {
            "open": self._on_open,
            "import": self._on_import,
            "ctypes.dlopen": self._on_dlopen,
            "os.listdir": self._on_listing,
            "os.scandir": self._on_listing,
            "glob.glob": self._on_glob,
            "os.chdir": self._on_chdir,
            "sqlite3.connect": self._on_sqlite,
            **self.writes.table,
            **self.processes.table,
        }

    def begin_anew(self) -> None:
        """This process is a new worker, which has said nothing yet."""
        self.forked()
        self._observed.clear()
        self._effects, self._first_effect, self.enabled = 0, None, True

    def observe(self, paths: Iterable[str]) -> None:
        """Report every later open of these absolute paths, not only the first of each place in the code."""
        self._observed.update(paths)

    def forked(self) -> None:
        """This process is a worker now: what its parent has told, it has not."""
        self._told.clear()
        self._known.clear()
        if self.looks is not None:
            self.looks.forget(None)

    def tell_again(self, paths: Iterable[str]) -> None:
        """Report the next use of each of these paths as if it were the first: they are not what they were."""
        changed = {path for given in paths for path in (given, os.path.dirname(given))}
        self._told = {told for told in self._told if told[1] not in changed}
        self._known = {known for known in self._known if known[0] not in changed}
        if self.looks is not None:
            self.looks.forget(changed)

    def effects(self) -> tuple[int, str | None]:
        """External effects so far (files written, removed, renamed; sockets; child processes; databases; threads):
        how many, and the first one in words (None if there is none). Rising between two calls means: new ones."""
        return self._effects, self._first_effect

    def effect(self, what: str) -> None:
        """Something outside the process has changed, or is tied to it, that a fork cannot take back."""
        self._effects += 1
        if self._first_effect is None:
            self._first_effect = what

    def opaque(self, reason: str, child: bool = False, native: bool = False) -> None:
        """Something may read and write files unseen: this process itself, or a child of it. `native`: it has not done
        so, but a library that may from now on is loaded."""
        self._tell("opaque", reason, {"type": "opaque", "reason": reason, "child": child, "native": native})
        self.opens.need()

    def handed(self, words: list[str], folder: str | None) -> None:
        """The program names these words to a child that it starts in `folder`; files that it has made itself, which the
        child may write as well as read, are left out."""
        from hrsup_agent.observe.handed import named_paths

        for path in named_paths(words, folder):
            if not places.is_data(path) or self.writes.is_made(path):
                continue
            status = _stat(path)
            message: dict[str, Any] = {"type": "handed", "path": path, "site": sites.site_of(sys._getframe(1))}
            message |= {"module": self._modules.importing(), "folder": status.st_mode & _S_IFMT == _S_IFDIR}
            message |= _stamps(status) | {"at_ns": time.time_ns()}
            self._tell("handed", path, message)

    def asked(self, path: str, level: int, frame: FrameType | None) -> None:
        """The program asks about this file, for the first time or again; `frame` is that of whoever asks."""
        if self.enabled:
            use = MEASURED if level > looks.EXISTENCE else LOOKED
            self.uses.note(use, path, frame, self._modules.importing() is not None)

    def looked(self, path: str, level: int, status: os.stat_result | None) -> None:
        """The program has asked about this file; `level` as in `looks`, `status` None if it is not there."""
        if not self.enabled:
            return
        if status is None:
            self._say_missing(path)
            return
        self._agent.link.send(
            {
                "type": "look",
                "path": path,
                "level": level,
                "mode": status.st_mode,
                "module": self._modules.importing(),
                **_stamps(status),
            }
        )

    def followed(self, path: str, target: str) -> None:
        """The program has asked where this symbolic link leads, itself or on the way along a path."""
        if self.enabled:
            self._tell("link", path, {"type": "link", "path": path, "target": target})

    def failed(self, event: str, error: Exception) -> None:
        """A fault of ours: something was not seen."""
        self.opaque(f"hrsup: {event}: {type(error).__name__}: {error}")

    # Events. Each handler is called by the hook, which is called by the frame that did it.

    def _on_open(self, arguments: tuple[Any, ...]) -> None:
        name, mode, flags = arguments
        if isinstance(name, int) or name is None:
            return
        path = _fsdecode(name)
        reads, writes = _reads_and_writes(mode, flags)
        relative = not path.startswith("/")
        if relative or "/." in path or "//" in path or path.startswith("/proc/"):
            path = places.absolute(path)
        if not places.is_data(path):
            if writes and not path.startswith("/dev/"):
                self.writes.opened(path, places.kind_of(path) != places.LIBRARY and "/__pycache__/" not in path)
            return
        if writes:
            self.writes.opened(path, True, bool(flags & _O_EMPTIES))
        if reads:
            self.writes.looked_at(path)
            try:
                frame = sys._getframe(1)  # the hook's own frame is hidden
            except ValueError:  # the interpreter itself, with no code running: it shows an uncaught exception
                return
            if not sites.is_import(frame):
                self._read(path, frame, relative and mode is None, flags)

    def _read(self, path: str, frame: Any, by_descriptor: bool, flags: int) -> None:
        site = sites.site_of(frame)
        key = (path, site)
        try:
            status = _stat(path)
        except (OSError, ValueError):
            if sites.is_traceback(frame) or path.endswith(">"):  # "<string>": the source line of code without a file
                return
            if by_descriptor and sites.is_removal(frame):
                return
            if by_descriptor and not flags & _DIRECTORY:
                self.opaque("a file was opened relative to the descriptor of a folder")
            self.uses.note(OPENED, path, frame, self._modules.importing() is not None)
            self._say_missing(path)
            return
        known = key in self._known
        if known and path not in self._observed:
            self.uses.opened(path, status, frame, self._modules.importing() is not None)
            return
        if status.st_mode & _S_IFMT == _S_IFDIR:
            return
        if path.endswith((".py", ".pyc")) and self._is_about_source(path, frame):
            return
        self._known.add(key)
        module = self._modules.importing()
        self.uses.opened(path, status, frame, module is not None)
        self._agent.link.send(
            {
                "type": "read",
                "path": path,
                "site": site,
                "module": module,
                **_stamps(status),
            }
        )

    def _is_about_source(self, path: str, frame: Any) -> bool:
        if sites.is_traceback(frame) or sites.is_script_of_worker(frame):
            return True
        if "/__pycache__/" in path:
            # Another loader than Python's (pytest's, say) takes the user's code from there, by its time of change.
            self.opaque(f"{os.path.basename(path)} was read instead of its source")
            return True
        return False

    def _on_import(self, arguments: tuple[Any, ...]) -> None:
        name, path = arguments[0], arguments[1]
        if path is None:
            return
        path = _abspath(_fsdecode(path))
        if places.kind_of(path) == places.USERS:
            self._tell("native", path, {"type": "native", "name": name, "path": path})
        if (reason := natives.unseen(name, path)) is not None:
            self.opaque(reason, native=True)

    def _on_dlopen(self, arguments: tuple[Any, ...]) -> None:
        name = arguments[0]
        path = _fsdecode(name) if isinstance(name, (str, bytes)) else ""
        if "/" in path:
            path = _abspath(path)
            if places.is_data(path):
                self._tell("native", path, {"type": "native", "name": os.path.basename(path), "path": path})
        if (reason := natives.unseen_through_ctypes(path, sites.caller_of_ctypes(sys._getframe(1)))) is not None:
            self.opaque(reason, native=True)

    def _on_listing(self, arguments: tuple[Any, ...]) -> None:
        name = arguments[0]
        if isinstance(name, int):
            name = of_descriptor(name)
        path = places.absolute(_fsdecode(name if name is not None else "."))
        frame = sys._getframe(1)
        thread = get_ident()
        if thread in self._listing or not places.is_data(path + "/") or sites.is_import(frame):
            return
        module = self._modules.importing()
        self.uses.note(LISTED, path, frame, module is not None)
        self.writes.looked_at(f"{path}/")
        if ("listing", path) not in self._told:
            self._listing.add(thread)  # ours is none of the program's
            try:
                entries = entries_of(path, _MOST_ENTRIES)
            finally:
                self._listing.discard(thread)
            message = {"type": "listing", "path": path, "at_ns": time.time_ns(), "module": module, "entries": entries}
            self._tell("listing", path, message)

    def _on_glob(self, arguments: tuple[Any, ...]) -> None:
        """A pattern without a wildcard in its last part does not list: it only asks whether a path is there."""
        path = places.absolute(_fsdecode(arguments[0]))
        if not any(sign in path for sign in "*?["):
            self.uses.note(LOOKED, path, sys._getframe(1), self._modules.importing() is not None)
            if os.path.lexists(path):
                return
            self._say_missing(path)

    def _on_chdir(self, arguments: tuple[Any, ...]) -> None:
        if isinstance(arguments[0], int):
            return
        path = places.absolute(_fsdecode(arguments[0]))
        if not places.is_data(path + "/"):
            return
        try:
            _stat(path)
        except (OSError, ValueError):
            self._say_missing(path)

    def _on_sqlite(self, arguments: tuple[Any, ...]) -> None:
        name = arguments[0]
        path = _fsdecode(name)  # a str, bytes, or an object that stands for a path
        if path in (":memory:", ""):
            return
        how = ""
        if path.startswith("file:"):
            path, _, how = path[5:].partition("?")
        path = places.absolute(path)
        if "mode=ro" not in how and "immutable=1" not in how:
            self._tell("database", path, {"type": "database", "path": path})
        self.effect(f"{path} was opened as a database")
        # What is in it is read and written by SQLite itself, from now on and at any time.
        self._on_open((path, "rb", 0))
        self.opaque(f"{os.path.basename(path)} is a database, read by SQLite itself")

    def _say_missing(self, path: str) -> None:
        self._tell("missing", path, {"type": "missing", "path": path, "module": self._modules.importing()})

    def _tell(self, kind: str, what: str, message: dict[str, Any]) -> None:
        if (kind, what) not in self._told:
            self._told.add((kind, what))
            self._agent.link.send(message)


def _stamps(status: os.stat_result) -> dict[str, int]:
    return {"mtime_ns": status.st_mtime_ns, "ctime_ns": status.st_ctime_ns, "size": status.st_size}


def _reads_and_writes(mode: str | None, flags: int) -> tuple[bool, bool]:
    if mode is None:
        return not flags & _O_WRITE_ONLY, bool(flags & _O_WRITES)
    if "r" in mode and "+" not in mode:
        return True, False
    return "r" in mode or ("+" in mode and "a" in mode), True
