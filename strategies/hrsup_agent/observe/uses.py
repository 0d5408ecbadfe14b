"""Which line of the program made which use of which file. Runs in the user's process; owns that memory.

The supervisor is told of each use once. That is enough to know that a file matters; to know what a change of it
reaches, a strategy in this process asks here for all the lines, and how often each came by.
"""

from __future__ import annotations

import time

from hrsup_agent.observe import sites

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from types import FrameType

# How a line uses a path: opens it for reading, lists the folder, asks whether it is there, asks for its size or times.
OPENED, LISTED, LOOKED, MEASURED = "opened", "listed", "looked", "measured"
Identity = tuple[int, int, int, int]
Use = tuple[int, bool, bool]  # how often, ever while a module was imported, always directly
Level = tuple[str, str, int, str]  # of a stack: file, function, line, and the module's name

# A file may be written twice within one tick of the clock that stamps it, without a trace.
_TICK_NS = 20_000_000


class _Line:
    """How often one line made one use of one path, and whether a module was being imported once. `direct`: between it
    and the file there is only what is known to keep nothing."""

    __slots__ = ("direct", "importing", "times")

    def __init__(self, direct: bool) -> None:
        self.times, self.importing, self.direct = 0, False, direct


class Opening:
    """The last time that one line opened one file: which version of it, the user's stack then, and how many versions it
    has opened so far. `certain`: the version cannot have been written to since without a trace."""

    __slots__ = ("certain", "identity", "stack", "versions")

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self.stack: list[Level] = []
        self.versions = 0
        self.certain = False


class Uses:
    """Of this process, and of the one that it was forked from."""

    def __init__(self) -> None:
        self.count = 0  # of all uses
        self.bytes = 0  # in all versions of files that were opened
        self._sites: dict[tuple[str, str], dict[str, _Line]] = {}
        self._by_file: dict[str, set[tuple[str, str]]] = {}  # which of these name a line of that source file
        self._openings: dict[tuple[str, str], Opening] = {}
        # While a commit executes statements: what it uses, and the line, which is one of the version to come.
        self._anew: list[tuple[str, str, str, bool]] | None = None

    def note(self, use: str, path: str, frame: FrameType | None, importing: bool) -> str:
        """The nearest line of the user's below `frame` makes this use of an absolute path; `importing` says that a
        module is being imported. The answer is that line (``file:line``; empty: there is none)."""
        site = sites.site_of(frame)
        self.count += 1
        if self._anew is not None:
            self._anew.append((use, path, site, sites.is_direct(frame)))
            return site
        found = self._sites.get((use, path), {})
        self._add(use, path, site, importing, site in found or sites.is_direct(frame))
        return site

    def _add(self, use: str, path: str, site: str, importing: bool, direct: bool) -> None:
        found = self._sites.setdefault((use, path), {})
        line = found.get(site)
        if line is None:
            line = found[site] = _Line(direct)
            self._by_file.setdefault(site.rpartition(":")[0], set()).add((use, path))
        line.times += 1
        line.importing = line.importing or importing

    def hold(self) -> None:
        """A commit executes statements from now on: what they use is used at import time, by lines of new versions."""
        self._anew = []

    def held(self) -> set[str]:
        """The paths of what has been used since `hold`."""
        return {path for _, path, _, _ in self._anew or ()}

    def let_go(self, keep: bool) -> None:
        """The modules are their new versions now, or (`keep` is false) what was done since `hold` was taken back."""
        held, self._anew = self._anew or [], None
        for use, path, site, direct in held if keep else ():
            self._add(use, path, site, True, direct)

    def opened(self, path: str, status: os.stat_result, frame: FrameType | None, importing: bool) -> None:
        """A file that is there is opened for reading, below `frame`."""
        site = self.note(OPENED, path, frame, importing)
        opening = self._openings.get((path, site))
        if opening is None:
            opening = self._openings[path, site] = Opening()
        identity, before = identity_of(status), opening.identity
        if identity != before:
            opening.identity = identity
            opening.versions += 1
            self.bytes += status.st_size
            opening.stack = sites.stack_of(frame)
        # A file that was put in the place of another was complete then.
        put = before is not None and before[3] != status.st_ino
        opening.certain = put or time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _TICK_NS

    def sites(self, path: str, *uses: str) -> dict[str, Use]:
        """The lines that made one of these uses of the path, as they are numbered in the loaded versions."""
        found: dict[str, Use] = {}
        for use in uses:
            for site, line in self._sites.get((use, path), {}).items():
                times, importing, direct = found.get(site, (0, False, True))
                found[site] = times + line.times, importing or line.importing, direct and line.direct
        return found

    def moved(self, file: str, old: bytes, new: bytes) -> None:
        """A module's source is another one from now on, so its lines have other numbers. What was noted of statements
        that changed is forgotten: they are executed again, and seen anew."""
        keys = self._by_file.get(file)
        if not keys:
            return
        from hrsup_strategies.data.moved import moved_lines

        lines = {site for key in keys for site in self._sites[key] if site.rpartition(":")[0] == file}
        numbers = {int(site.rpartition(":")[2]) for site in lines}
        table = moved_lines(old, new, numbers)
        for key in keys:
            noted = self._sites[key]
            here = {site: noted.pop(site) for site in lines & noted.keys()}
            for site, line in here.items():
                number = table.get(int(site.rpartition(":")[2]))
                if number is not None:
                    noted[f"{file}:{number}"] = line

    def opening(self, path: str, site: str) -> Opening | None:
        """The last time that this line opened the file; None: never."""
        return self._openings.get((path, site))


def identity_of(status: os.stat_result) -> Identity:
    """What tells one version of a file from the next, as far as the system says."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
