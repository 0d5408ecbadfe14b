"""When a service gets a worker image, and of which modules (`hrsup_agent.warm` in the program does the rest).

Runs in the supervisor; owns what the workers of the running generation have said of their third-party imports. Pure but
for the clock: the session asks what to do, and does it.
"""

from __future__ import annotations

import time

from hrsup.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

Message = dict[str, "Any"]

_QUIET_S = 0.3  # so long after a worker's last import nobody is starting any more
_WORTH_S = 0.03  # of imports that a new worker would be spared
_REMEMBERED = 16  # workers
_TRIES = 5  # in a row; a module that cannot be imported beforehand takes one


class Import(NamedTuple):
    """A third-party module that a worker has imported with nothing else done, and what the import had before it."""

    name: str
    path: list[str]
    argv: list[str]


class Wish(NamedTuple):
    """An image for workers that are started like the worker `like`, and what it imports."""

    like: int
    imports: list[Import]

    def groups(self) -> list[list[object]]:
        """As the request has it: search path, arguments, and the names that were imported with them, in order."""
        groups: list[list[Any]] = []
        for name, path, argv in self.imports:
            if not groups or groups[-1][:2] != [path, argv]:
                groups.append([path, argv, []])
            groups[-1][2].append(name)
        return groups


class Warming:
    """`off` says why there will be no image any more; `unfit` what a worker has said that cannot go on."""

    def __init__(self) -> None:
        self.off: str | None = None
        self.unfit: Message | None = None
        self._left_out: set[str] = set()  # modules that cannot be imported beforehand
        self.begin(0)

    def begin(self, coordinator: int) -> None:
        """A new generation, whose workers are children of this process (0: not known yet)."""
        self._coordinator = coordinator
        self._workers: dict[int, list[Import]] = {}
        self._seconds: dict[str, float] = {}
        self._image: int | None = None
        self._asked: list[str] = []  # what the last image was asked to import
        self._tries = 0
        self._last = 0.0  # when a worker imported something
        self.unfit = None

    def note(self, message: Message, pid: int, role: str) -> None:
        """A process of the program has said something."""
        kind = message.get("type")
        if role == "worker":
            self._on_worker(message, pid)
        elif role == "main" and kind == "hello" and pid != self._coordinator:
            self.begin(pid)
        elif role == "image" and kind == "image":
            self._on_image(message, pid)

    def _on_worker(self, message: Message, pid: int) -> None:
        kind = message.get("type")
        if kind == "hello" and message["ppid"] == self._coordinator:
            self._workers[pid] = []
            while len(self._workers) > _REMEMBERED:
                del self._workers[next(iter(self._workers))]
        elif kind == "foreign":
            self._last = time.monotonic()
            if message["pristine"] and pid in self._workers:
                self._workers[pid].append(Import(message["name"], message["sys_path"], message["argv"]))
        elif kind == "foreign_imported":
            self._seconds[message["name"]] = max(message["seconds"], self._seconds.get(message["name"], 0.0))
        elif kind == "unfit":
            self.unfit = message
            self.off = f"{message['module']}: {message['reason']}"

    def ended(self, pid: int) -> None:
        """A process of the program has ended."""
        if pid == self._image:
            self._image, self._asked = None, []

    def refused(self, like: int) -> None:
        """Workers are not started like this one any more."""
        self._workers.pop(like, None)
        self._asked = []

    def patience_s(self) -> float | None:
        """How long there is nothing to ask for; None: until a worker says something new."""
        if self._wish() is None:
            return None
        return max(0.0, self._last + _QUIET_S - time.monotonic())

    def wish(self) -> Wish | None:
        """The image that is wanted now and not there. To be asked for at once; it is not named again."""
        found = self._wish()
        if found is None or time.monotonic() < self._last + _QUIET_S:
            return None
        self._asked = [wanted.name for wanted in found.imports]
        self._tries += 1
        return found

    def _wish(self) -> Wish | None:
        if self.off is not None or self._tries >= _TRIES or not self._workers:
            return None
        like, imports = max(self._workers.items(), key=lambda item: len(self._fit(item[1])))
        imports = self._fit(imports)
        new = [wanted.name for wanted in imports if wanted.name not in self._asked]
        return Wish(like, imports) if self._worth(new) else None

    def _fit(self, imports: list[Import]) -> list[Import]:
        """Up to the first module that cannot be imported beforehand: what comes after may need it."""
        unfit = next((at for at, wanted in enumerate(imports) if wanted.name in self._left_out), len(imports))
        return imports[:unfit]

    def _worth(self, names: Sequence[str]) -> bool:
        return sum(self._seconds.get(name, 0.0) for name in names) > _WORTH_S

    def _on_image(self, message: Message, pid: int) -> None:
        if message["usable"]:
            self._image, self._tries = pid, 0
            return
        imported = message["modules"]
        culprit = next((name for name in self._asked if name not in imported), None)
        if culprit is not None:
            self._left_out.add(culprit)
        self._asked = []
