"""The import of modules that a change brings along, the leaving of those whose files are gone, and the undoing of both.

Runs in the user's process, within a commit.
"""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from hrsup_strategies.reload.work import Work

_MISSING = object()


class Loading:
    """The `work.arrivals` and `work.departures` of one commit."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._order: list[str] = []
        # Of each module its name, what that stood for, and the namespace of its package with all that was in there.
        self._before: list[tuple[str, Any, dict[str, Any], dict[str, Any]]] = []
        self.departed: list[ModuleType] = []
        self._is_arranged = False

    def begin(self) -> None:
        """Write down what is there."""
        self._order = list(sys.modules)
        for name in dict.fromkeys((*self._work.departures.values(), *self._work.arrivals.values())):
            parent = name.rpartition(".")[0]
            space = vars(sys.modules[parent]) if parent in sys.modules else {}
            self._before.append((name, sys.modules.get(name, _MISSING), space, dict(space)))

    def hide(self) -> None:
        """What is to come must not be found while values are built as the loaded versions have built them."""
        for name in self._work.arrivals.values():
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]

    def show(self) -> None:
        """End what `hide` has begun."""
        for name in self._work.arrivals.values():
            if name in sys.modules and sys.modules[name] is None:
                del sys.modules[name]

    def leave(self) -> None:
        """Take out the modules whose files are gone: who imports them finds what a cold start finds."""
        for name, module, space, _ in self._before:
            if name in self._work.departures.values():
                self.departed.append(sys.modules.pop(name))
                child = name.rpartition(".")[2]
                if space.get(child) is module:
                    del space[child]
        if self._before or self._work.unloaded:
            invalidate_caches()

    def load(self, path: str) -> None:
        """Import a module, and its package first if that is new too; what they import has come before."""
        name = self._work.arrivals[path]
        parent = name.rpartition(".")[0]
        above = self._work.path_of(parent) if parent not in sys.modules else None
        if above is not None:
            self.load(above)
        if name not in sys.modules:
            self._work.load(name)
        self._work.modules[path] = sys.modules[name]

    def undo(self) -> None:
        """Take out what was imported, and put back what has left."""
        for path, name in self._work.arrivals.items():
            self._work.unload(path, self._work.path_of(name, old=True))
        for name, module, space, before in self._before:
            if module is _MISSING:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
            put_back(space, before)
        self._before.clear()
        if self.departed or self._is_arranged:
            self.departed.clear()
            put_in_order(self._order)

    def arrange(self) -> None:
        """The order of `sys.modules` is that in which modules were completed, and says so to the next reload: make it
        that of a cold start. Another thread could miss a module meanwhile."""
        names = [name for name in self._work.completion if name in sys.modules]
        if names and not _thread._count():
            places = set(names)
            following = iter(names)
            put_in_order([next(following) if name in places else name for name in sys.modules])
            self._is_arranged = True

    @property
    def own(self) -> list[object]:
        """What holds modules here."""
        return [self.departed, self._work.modules, *self._before, *(before for *_, before in self._before)]


def invalidate_caches() -> None:
    """What the import system knows of folders may be older than the files: a folder's times are coarse, and one that
    was not there is never looked for again."""
    finders: list[tuple[str, Any]] = list(sys.path_importer_cache.items())
    for entry, finder in finders:
        if finder is None:
            del sys.path_importer_cache[entry]
        elif hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()


def put_in_order(names: list[str]) -> None:
    """Make this the order of `sys.modules`."""
    names = [name for name in names if name in sys.modules]
    same = next((at for at, (one, two) in enumerate(zip(names, sys.modules, strict=False)) if one != two), len(names))
    for name in names[same:]:
        sys.modules[name] = sys.modules.pop(name)


def put_back(namespace: dict[str, Any], before: dict[str, Any]) -> None:
    """Make a namespace what it was, the order of its names included."""
    if list(namespace) != list(before) or any(namespace[name] is not before[name] for name in before):
        namespace.clear()
        namespace.update(before)
