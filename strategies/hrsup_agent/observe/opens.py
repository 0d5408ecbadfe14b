"""Does the supervisor see which files are opened at all? Runs in the user's process; owns what it was told of that.

What this process cannot see, because native code or a child does it, the kernel tells the supervisor, from the moment
on when that has been asked to look. So before the first such thing is let go on, we wait until it does. From then on a
layer leaves a *mark* before it is forked: a name in a folder that the supervisor watches together with the project's.
"""

from __future__ import annotations

import os
import posix
import select
import time

from hrsup_agent import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_agent.agent import Agent

_TIMEOUT_S = 0.5
_TICK_S = 0.0005
_FOLDER = 0o040000  # S_IFDIR; a file in its place says that nobody will look

# Private copies: the program may replace the attributes of these modules, and we do.
_stat, _mkfifo, _select, _monotonic = posix.stat, posix.mkfifo, select.select, time.monotonic


class Opens:
    """`watched`: None as long as nothing has made it necessary."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._count = 0
        self.watched: bool | None = None

    def need(self) -> None:
        """Something is about to happen after which files may be opened unseen. Never raises."""
        if self.watched is None:
            self.watched = False  # an audit hook may call us again
            self.watched = self._wait()
            if not self.watched:
                self._agent.link.send({"type": "unwatched"})

    def mark(self) -> str | None:
        """Leave a mark, and give its name; None where that would say nothing."""
        if not self.watched:
            return None
        self._count += 1
        name = f"{os.getpid()}-{self._count}"
        try:
            _mkfifo(f"{self._folder()}/{name}")  # no audit event, nothing written, no descriptor
        except OSError:
            return None
        return name

    def _wait(self) -> bool:
        end = _monotonic() + _TIMEOUT_S
        while True:
            try:
                return bool(_stat(self._folder()).st_mode & _FOLDER)
            except OSError:
                if not self._agent.link.alive or _monotonic() > end:
                    return False
                _select([], [], [], _TICK_S)

    def _folder(self) -> str:
        return f"{self._agent.link.path.rpartition('/')[0]}/{wire.OPENS}"
