"""What modules made of the data that they read while they were imported: a fingerprint of each value, taken before the
rest of the program could change it. Runs in the user's process.

Only for modules that used data while they were imported, and for the script's statements that did. The fingerprints
tell, when the data changes, whether a value is still what was read, so that reading it again loses nothing.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_agent.observe.uses import Uses

_LARGE_BYTES = 16 * 1024 * 1024


class Made:
    """Fingerprints by the file of the module and the name of the value."""

    def __init__(self, uses: Uses) -> None:
        self._uses = uses
        self._prints: dict[str, dict[str, tuple[int, str]]] = {}
        self._seen = 0  # of the script's uses

    def module(self, path: str, namespace: dict[str, Any]) -> None:
        """The body of a module has ended, and data was used meanwhile."""
        self._take(path, namespace)

    def statement(self, path: str) -> None:
        """A statement of the script is about to begin."""
        if self._uses.count != self._seen:
            self._seen = self._uses.count
            main = sys.modules.get("__main__")
            if main is not None:
                self._take(path, vars(main))

    def of(self, path: str, name: str, value: object) -> str | None:
        """The fingerprint that the value had when it was made; None if it is not known, or another value goes by that
        name."""
        identity, found = self._prints.get(path, {}).get(name, (0, None))
        return found if identity == id(value) else None

    def again(self, path: str, namespace: dict[str, Any], names: set[str]) -> None:
        """These names were given new values, made of new data."""
        for name in names:
            self._prints.get(path, {}).pop(name, None)
        self._take(path, {name: namespace[name] for name in names if name in namespace})

    def _take(self, path: str, namespace: dict[str, Any]) -> None:
        if self._uses.bytes > _LARGE_BYTES:  # looking at it again would cost the program's start too much
            return
        from hrsup_strategies.data.fingerprint import fingerprint

        prints = self._prints.setdefault(path, {})
        for name, value in list(namespace.items()):
            known = prints.get(name)
            if name.startswith("__") or (known is not None and known[0] == id(value)):
                continue
            found = fingerprint(value)
            if found is not None:
                prints[name] = id(value), found
            else:
                prints.pop(name, None)
