"""The import of modules that a change brings along, and its undoing. Runs in the user's process, within a commit."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.work import Work

_MISSING = object()


class Loading:
    """The `work.arrivals` of one commit."""

    def __init__(self, work: Work) -> None:
        self._work = work
        # By module: the namespace of its package, its name in there, and what that was.
        self._before: list[tuple[str, dict[str, Any], str, Any]] = []

    def begin(self) -> None:
        """Write down what is there."""
        for name in self._work.arrivals.values():
            parent, _, child = name.rpartition(".")
            space = vars(sys.modules[parent]) if parent in sys.modules else {}
            self._before.append((name, space, child, space.get(child, _MISSING)))

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
        """Take out what was imported."""
        for name, space, child, value in reversed(self._before):
            sys.modules.pop(name, None)
            if value is _MISSING:
                space.pop(child, None)
            else:
                space[child] = value
        self._before.clear()
