"""Waiting, inside the program, until it is seen to read its changed data again, and until its handlers were called.

Runs in the user's process. It owns one audit hook (Python has no way to remove one), which looks at nothing while
nothing is awaited. The program is not touched: hrsup only watches it open its files and list its folders.
"""

from __future__ import annotations

import os
import sys

from hrsup_strategies.base import DONE, FAILED, REFUSED, Outcome
from hrsup_strategies.data.calling import at_safe_point
from hrsup_strategies.data.keeping import keeper, running_functions, sources
from hrsup_strategies.data.lone import OneIteration, lone_sites
from hrsup_strategies.data.places import levels, lists_in_one_place, only_way, site_of, user_frames
from hrsup_strategies.data.unknown import unknown_use

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_strategies.base import Program

    Handlers = list[tuple[str, Callable[[], object]]]
    Replied = Callable[[Outcome], object]

_observers: list[Reread] = []
_hooked = False


def observe(
    files: list[dict[str, Any]], handlers: Handlers, program: Program, replied: Replied | None = None
) -> tuple[Outcome | None, Reread | None]:
    """Wait until the program is seen to read its files again; `replied` gets the answer, or else the supervisor."""
    unread: dict[str, set[str]] = {}
    unlisted: dict[str, str] = {}
    trees = sources(program)
    for file in files:
        path = file["path"]
        if file["last"] is not None:
            code, why = file["last"]
            return refused(code, why, path), None
        lines = set(program.uses(path, "opened"))
        listed = set(program.uses(os.path.dirname(path), "listed"))
        if file["presence"] and listed and _has_only_read_what_is_there(path, lines, program):
            lines.clear()  # it has arrived, and was taken in before this was asked
        if (kept := _kept(lines or listed, trees, program, not lines)) is not None:
            return refused("HR509", kept, path), None
        if lines:
            unread[path] = lines
        elif lists_in_one_place(program):
            unlisted[path] = os.path.dirname(path)
        else:
            return refused("HR508", "its folder is listed in several places", path), None
    waiting = Reread(unread, unlisted, handlers, program, replied=replied)
    if (outcome := waiting.start()) is not None:
        return outcome, None
    return None, waiting


def _has_only_read_what_is_there(path: str, lines: set[str], program: Program) -> bool:
    """Is the version on disk the only one that these lines have ever opened? It may have been opened in the very tick
    of the clock in which it came: another of the same length would have to have followed within that."""
    openings = [program.opening(path, site) for site in lines]
    return all(one is not None and one.versions == 1 and _is_last(path, one) for one in openings)


def _kept(lines: set[str], trees: dict[str, Any], program: Program, arrivals: bool) -> str | None:
    """Why what these lines read may be kept; None if it is not."""
    running = running_functions()
    if (place := keeper(lines, trees, running, arrivals)) is not None:
        return f"{place} may keep what was made of it"
    if (place := unknown_use(lines, program, running)) is not None:
        return f"what is done with it at {place} is not known"
    return None


class Reread:
    """One change that waits until its files are read again (`unread`: path -> lines), their folders are listed again
    (`unlisted`: path -> folder), and handlers have been called."""

    def __init__(
        self,
        unread: dict[str, set[str]],
        unlisted: dict[str, str],
        handlers: Handlers,
        program: Program,
        evidence: dict[str, Any] | None = None,
        replied: Replied | None = None,
    ) -> None:
        self._unread, self._unlisted, self._handlers = unread, unlisted, handlers
        self._program, self._replied = program, replied or program.reply
        self._forget: Callable[[], None] | None = None
        self._iteration: OneIteration | None = None
        self._evidence: dict[str, Any] = dict(evidence or {})
        self._over = False

    @property
    def is_waiting(self) -> bool:
        """Is the answer still to come?"""
        return not self._over

    @property
    def files(self) -> set[str]:
        """The paths of the modules with lines that have yet to read what they are to read."""
        return {site.rpartition(":")[0] for sites in self._unread.values() for site in sites}

    @property
    def is_tracing(self) -> bool:
        """Are the boundaries of the running loop watched?"""
        return self._iteration is not None

    def start(self) -> Outcome | None:
        """Begin to watch; a refusal if a line that read a file at the start cannot come to it again."""
        self._count_read()
        lone = lone_sites(self._unread, self._program)
        if lone:
            iteration = OneIteration(lone, self._program, lambda: self._not_read_again(lone))
            if iteration.unreachable is not None:
                path, site = iteration.unreachable
                return refused("HR503", f"{site} read it once, before the loop that is running", path)
            iteration.begin()
            self._iteration = iteration
        if self._unread or self._unlisted:
            _hook()
            _observers.append(self)
        if not self._handlers:
            self._answer_if_complete()
        else:
            self._forget = at_safe_point(self._call_handlers, self._program)
            if self._over:  # it was a safe point already
                self.stop()
        return None

    def _count_read(self) -> None:
        """What has read the new version before anybody watched need not do it again."""
        for path, sites in list(self._unread.items()):
            for site in list(sites):
                opening = self._program.opening(path, site)
                if opening is None or opening.versions < 2 or not opening.certain or not _is_last(path, opening):
                    continue
                if only_way(opening.stack, self._program):
                    self._note("reread", f"{path} at {site}")
                    sites.discard(site)
            if not sites:
                self._unread.pop(path)

    def stop(self) -> None:
        """Forget it all; no answer will be given any more."""
        self._over = True
        if self in _observers:
            _observers.remove(self)
        if self._iteration is not None:
            self._iteration.stop()
            self._iteration = None
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()

    def opened(self, path: str) -> None:
        """The program is about to open a file for reading, in the caller's caller's frame."""
        sites = self._unread.get(path)
        if sites is None or self._over:
            return
        frames = user_frames(sys._getframe(2))
        site = site_of(frames[0]) if frames else ""
        if site not in sites:
            return
        if not only_way(levels(frames), self._program):
            self._answer(refused("HR508", "other callers may have read it by the same line", path))
            return
        self._note("reread", f"{path} at {site}")
        sites.discard(site)
        if not sites:
            self._unread.pop(path, None)
            self._answer_if_complete()

    def listed(self, folder: str) -> None:
        """The program is about to list a folder, in the caller's caller's frame."""
        found = [path for path, parent in list(self._unlisted.items()) if parent == folder]
        if not found or self._over:
            return
        frames = user_frames(sys._getframe(2))
        if not frames or not only_way(levels(frames), self._program):
            self._answer(refused("HR508", "its folder may be listed in several ways", found[0]))
            return
        for path in found:
            self._unlisted.pop(path, None)
            self._note("listed", f"{path} at {site_of(frames[0])}")
        self._answer_if_complete()

    def _not_read_again(self, lone: dict[str, set[str]]) -> None:
        """A whole iteration has passed, and a line that has read its file once may have kept what it read."""
        for path, sites in lone.items():
            if left := sites & self._unread.get(path, set()):
                why = f"{min(left)} read it once, and not again in a whole iteration"
                self._answer(refused("HR503", why, path))
                return

    def _call_handlers(self) -> None:
        """At a safe point; of the several that were asked for, the first one does it."""
        handlers, self._handlers = self._handlers, []
        for path, handler in handlers:
            try:
                handler()
            except Exception as error:
                self._answer(_handler_failed(path, error))
                return
            self._note("handled", f"{path} by {getattr(handler, '__qualname__', handler)}")
        self._answer_if_complete()

    def _note(self, what: str, sentence: str) -> None:
        self._evidence.setdefault(what, []).append(sentence)

    def _answer_if_complete(self) -> None:
        if not (self._unread or self._unlisted or self._handlers):
            self._answer(Outcome(DONE, evidence=self._evidence))

    def _answer(self, outcome: Outcome) -> None:
        if not self._over:
            self.stop()
            self._replied(outcome)


def refused(code: str, reason: str, path: str) -> Outcome:
    """The answer that says so, and touches nothing."""
    return Outcome(REFUSED, code, reason, path)


def _is_last(path: str, opening: Any) -> bool:
    """Is the version that was opened last still the one on disk?"""
    try:
        status = os.lstat(path) if os.path.islink(path) else os.stat(path)
    except OSError:
        return False
    return bool(opening.identity == (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))


def _hook() -> None:
    global _hooked
    if not _hooked:
        _hooked = True
        sys.addaudithook(_audit)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not _observers or event not in ("open", "os.listdir", "os.scandir"):
        return
    try:
        path = args[0]
        if isinstance(path, int) or (event == "open" and _writes(args[2])):
            return
        path = os.path.abspath(os.fsdecode(path if path is not None else "."))
        for observer in list(_observers):
            (observer.opened if event == "open" else observer.listed)(path)
    except Exception:  # it would make the user's own open() fail; unseen reads end in the deadline
        return


def _writes(flags: object) -> bool:
    return isinstance(flags, int) and flags & os.O_ACCMODE == os.O_WRONLY


def _handler_failed(path: str, error: Exception) -> Outcome:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    file, line = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else (path, None)
    return Outcome(FAILED, "HR506", f"the handler for {path} raised {type(error).__name__}: {error}", file, line)
