"""The coordinator's version of every user module, for its workers. Runs in every program process under a supervisor.

The problem: between a save and the moment when the coordinator is brought up to date (or for as long as a change is
held) the file on disk is newer than what the coordinator runs, and a worker that imports the module just then would be
ahead of it. So the coordinator puts the bytes that it has loaded into a folder of its own, beside the supervisor's
socket, before it starts its first worker, and keeps them as they are in its memory from then on; a worker that loads a
user module takes them from there. What the coordinator has not loaded, a worker reads from disk, as ever.

A file that the program itself writes is withdrawn: a program that generates modules for its workers gets what it wrote.
A folder's name is never used twice, so neither a continuation nor a process that has replaced itself is believed to be
another. Only workers look anything up.
"""

from __future__ import annotations

import os
import time
from _io import open as _open

from hrsup_agent import wire
from hrsup_agent.agent import WORKER
from hrsup_agent.observe import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_agent.agent import Agent

# Private copies: the program may replace the attributes of these modules.
_getpid, _mkdir, _replace, _unlink, _fsencode = os.getpid, os.mkdir, os.replace, os.unlink, os.fsencode
_monotonic_ns = time.monotonic_ns


class Versions:
    """Publishes in the coordinator, finds in its workers. `name` is that of the folder; None until there is one."""

    def __init__(self, agent: Agent, address: str, name: str | None, sources: Callable[[], dict[str, bytes]]) -> None:
        self.name = name
        self._agent, self._sources = agent, sources
        self._beside = address.rpartition("/")[0]
        self._publisher = 0  # pid of the process that publishes
        self._folder = ""
        if name is not None:
            self._use(name)

    def follow(self, name: str | None) -> None:
        """This process is a new worker, of the coordinator whose folder has this name."""
        self._publisher, self.name = 0, None
        if name is not None:
            self._use(name)

    def activate(self) -> None:
        """A worker is about to be started: from now on what this process loads is published. A worker's own workers get
        the coordinator's versions too."""
        if self._publisher == _getpid() or (self.name is not None and self._agent.role == WORKER):
            return
        name = f"{wire.VERSIONS}{_getpid()}-{_monotonic_ns()}"
        self._use(name)
        try:
            _mkdir(self._folder, 0o700)
        except OSError:
            return
        self._publisher = _getpid()
        for path, source in self._sources().items():
            self.publish(path, source)

    def publish(self, path: str, source: bytes) -> None:
        """This process now runs these bytes. Does nothing in any other than the coordinator."""
        if self._publisher != _getpid():
            return
        place = self._place(path)
        try:
            with _open(f"{place}.new", "wb", buffering=0) as file:
                file.write(source)
            _replace(f"{place}.new", place)
        except OSError:  # a full disk: better none than an older one
            self.withdraw(path)

    def withdraw(self, path: str) -> None:
        """The program has written this file, or moved or removed this folder: what is on disk is what it wants to be
        loaded."""
        if self.name is None:
            return
        if not path.endswith(".py"):
            for inside in [known for known in self._sources() if known.startswith(f"{path}/")]:
                self.withdraw(inside)
            return
        try:
            _unlink(self._place(path))
        except OSError:
            pass

    def find(self, path: str) -> bytes | None:
        """The coordinator's bytes, for a worker; None in the coordinator, and for what it has not loaded."""
        if self.name is None or self._agent.role != WORKER:
            return None
        try:
            with _open(self._place(path), "rb", buffering=0) as file:
                return file.readall()
        except OSError:
            return None

    def _use(self, name: str) -> None:
        self.name, self._folder = name, f"{self._beside}/{name}"
        places.own(self._beside, self._folder)

    def _place(self, path: str) -> str:
        return f"{self._folder}/{wire.content_hash(_fsencode(path))}"
