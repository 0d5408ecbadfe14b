"""Modules that the image has imported appear in a worker when the worker imports them. Runs in the image, which parks
them, and in workers, which take them.

The import system finds a module as ever, in the folders there are. Only the last step, loading, is answered with the
module that is there already: if it comes from the file that was found, and nothing is different that its import may
have looked at: the environment, the folders it would have found its own imports in. A worker where that is not so
cannot go on, since extension modules are not loaded twice in a process. It waits; the supervisor, told of it, starts
the program again, without an image from then on.
"""

from __future__ import annotations

import posix
import sys
from _signal import SIG_BLOCK, SIGINT, pthread_sigmask  # type: ignore[import-not-found]

from hrsup_agent.hidden import hide
from hrsup_strategies.checkpoint import parking, seeds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_agent.agent import Agent
    from hrsup_strategies.checkpoint.parking import Group


class Parked:
    """The groups of modules that were imported together, in order, and what they came from."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._groups: list[Group] = []
        self._names: list[str] = []
        self._paths: list[list[str]] = []  # sys.path at the import of each group
        self._stamps: dict[str, tuple[int, int]] = {}
        self._load: Any = None

    def add(self, name: str, groups: list[Group], path: list[str]) -> None:
        """This module was asked for, and these have just been imported for it."""
        self._names.append(name)
        self._groups += groups
        self._paths += [list(path) for _ in groups]
        for group in groups:
            for module in group.modules.values():
                origin = _origin(module)
                if origin is not None and origin.startswith("/"):
                    self._stamps[origin] = _stamp(origin)

    def notes_process(self) -> str | None:
        """The first module that has noted the number of this process: its forks are others."""
        own = posix.getpid()
        for group in self._groups:
            for name, module in group.modules.items():
                for value in list(getattr(module, "__dict__", {}).values()):
                    if type(value) is int and value == own:
                        return name
        return None

    def park(self) -> None:
        """Take them out of the process, and take back what their import has changed."""
        parking.put_aside(self._groups)

    def is_outdated(self) -> bool:
        """Has one of their files changed, or would a start find another module in their place? In a worker, before it
        has run anything."""
        try:
            if any(_stamp(path) != stamp for path, stamp in self._stamps.items()):
                return True
        except OSError:
            return True
        return any(self._shadowed(path) for path in {tuple(path): path for path in self._paths}.values())

    def hand_over_on_import(self) -> None:
        """From now on, in this worker, a parked module appears when it is imported."""
        if not self._groups:
            return
        frozen: Any = sys.modules["_frozen_importlib"]
        original = self._load = frozen._load_unlocked

        @hide
        def _load_unlocked(spec: Any) -> Any:
            return self._take(spec) if self._is_parked(spec.name) else original(spec)

        frozen._load_unlocked = _load_unlocked

    def _is_parked(self, name: str) -> bool:
        return any(name in group.modules for group in self._groups)

    def _take(self, spec: Any) -> Any:
        """The module, with all that had been imported before it in the image."""
        count = next(at for at, group in enumerate(self._groups, 1) if spec.name in group.modules)
        obstacle = self._obstacle(spec, count)
        if obstacle is not None:
            self._wait_for_the_end(spec.name, obstacle)
        for group in self._groups[:count]:
            group.appear(self._agent.link)
            _change_as(group)
        del self._groups[:count], self._paths[:count]
        if not self._groups:
            sys.modules["_frozen_importlib"]._load_unlocked = self._load  # type: ignore[attr-defined]
        seeds.restore(None, False)  # every fork has the generators of the image
        self._agent.shared["modules"].handed_over([name for name in self._names if name in sys.modules])
        return sys.modules[spec.name]

    def _obstacle(self, spec: Any, count: int) -> str | None:
        import os

        groups = self._groups[:count]
        if dict(os.environ) != groups[0].before.environment:
            return "the environment has been changed"
        if _origin_of(spec) != _origin(groups[-1].modules[spec.name]):
            return f"it is found in {spec.origin}"
        if any(name in sys.modules for group in groups for name in group.modules):
            return "a part of it was already there"
        if sys.path not in self._paths[:count] and self._shadowed(sys.path):
            return "another module would be found in its place"
        return None

    def _shadowed(self, path: list[str]) -> bool:
        loaded = dict(sys.modules)
        for group in self._groups:
            loaded.update(group.modules)
        return parking.shadowed(loaded, path)

    def _wait_for_the_end(self, name: str, reason: str) -> None:
        pthread_sigmask(SIG_BLOCK, {SIGINT})
        link = self._agent.link
        link.send({"type": "unfit", "module": name, "reason": reason})
        while link.wait() is not None:
            pass
        posix._exit(1)


def _change_as(group: Group) -> None:
    """Change the environment and the warning filters as the import did. Filters that the program has set meanwhile stay
    behind those that the modules have added."""
    import os
    import warnings

    before, after = group.before, group.after
    for name in set(before.environment) - set(after.environment):
        os.environ.pop(name, None)
    os.environ.update({name: value for name, value in after.environment.items() if os.environ.get(name) != value})
    added = [entry for entry in after.filters if entry not in before.filters]
    if added:
        warnings.filters[:] = [*added, *(entry for entry in warnings.filters if entry not in added)]  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]


def _origin(module: Any) -> str | None:
    return _origin_of(getattr(module, "__dict__", {}).get("__spec__"))


def _origin_of(spec: Any) -> str | None:
    origin = getattr(spec, "origin", None)
    return origin if isinstance(origin, str) else None


def _stamp(path: str) -> tuple[int, int]:
    status = posix.stat(path)
    return status.st_mtime_ns, status.st_size
