"""Files, directories, processes and native libraries that the program touches, by one audit hook."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_agent.link import Link
    from hrsup_agent.observe.loader import UserModules


def install(link: Link, modules: UserModules) -> FileWatch:
    """Add the audit hook; it cannot be removed, only silenced with `FileWatch.enabled`."""
    raise NotImplementedError


class FileWatch:
    """What was seen. `enabled` is False in layers: the hook then does nothing."""

    enabled = True

    def observe(self, paths: Iterable[str]) -> None:
        """Report every later open of these absolute paths, not only the first of each place in the code."""

    def effects(self) -> tuple[int, str | None]:
        """External effects so far (files written, removed, renamed; sockets; child processes; databases; threads):
        how many, and the first one in words (None if there is none). Rising between two calls means: new ones."""
        return (0, None)
