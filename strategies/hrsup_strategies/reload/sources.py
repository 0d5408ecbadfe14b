"""The loaded modules' sources, parsed only where a change can reach. Runs in the user's process; pure.

The closure goes by spelled names, so a module whose text has none of the names in question cannot add anything to it.
That text is looked through before it is parsed: it is hundreds of times cheaper. A module is always parsed where its
text is not all there is: it looks names up at run time, or spells strings in a way that only the parser puts together.
"""

from __future__ import annotations

from hrsup_strategies.reload.callees import HOOKING
from hrsup_strategies.reload.quiet import CALLBACKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, KeysView
    from re import Pattern

    from hrsup_strategies.reload.texts import Texts
    from hrsup_strategies.reload.version import Version


class Sources:
    """The loaded versions of the program's modules by path, each parsed by `parse` when it is asked for."""

    def __init__(self, texts: Texts, parse: Callable[[str, bytes], Version]) -> None:
        self._texts = texts
        self._parse = parse
        self._parsed: dict[str, Version] = {}
        self._searched: set[str] = set()
        self._take(texts.opaque)

    def __getitem__(self, path: str) -> Version:
        known = self._parsed.get(path)
        if known is None:
            known = self._parsed[path] = self._parse(path, self._texts.data[path])
        return known

    def __contains__(self, path: object) -> bool:
        return path in self._texts.data

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts.data)

    def __len__(self) -> int:
        """How many have been parsed."""
        return len(self._parsed)

    @property
    def parsed(self) -> list[Version]:
        """The versions parsed so far, in the order of the modules."""
        return [self._parsed[path] for path in sorted(self._parsed, key=self._texts.order.__getitem__)]

    def has_any(self, words: tuple[bytes, ...]) -> bool:
        """Is one of these in any source?"""
        return bool(self._texts.with_any(words))

    def has_match(self, pattern: Pattern[bytes]) -> bool:
        """Does it match somewhere in any source?"""
        return self._texts.has_match(pattern)

    def imports(self) -> KeysView[str]:
        """The top-level names of what the sources import, and perhaps more."""
        return self._texts.imports()

    def private(self) -> set[str]:
        """The names that may be private ones of a class (``_Class__name``), spelled outside of it."""
        return self._texts.private()

    def starred(self) -> list[str]:
        """The paths of the modules that may say ``import *``."""
        return sorted(self._texts.starred)

    def mentioning(self, names: Iterable[str]) -> None:
        """Parse every module that may mention one of these bare names."""
        fresh = [name for name in set(names) if name not in self._searched]
        self._searched.update(fresh)
        if len(self._parsed) < len(self._texts.data):
            for name in fresh:
                self._take(self._texts.with_word(name.encode()))

    def defining(self, names: Iterable[str]) -> None:
        """Parse every module that may define a function or class with one of these names."""
        if len(self._parsed) < len(self._texts.data):
            for name in names:
                self._take(self._texts.defining(name))

    def binding(self, name: str) -> None:
        """Parse every module that may bind this name to what is defined under another."""
        if len(self._parsed) < len(self._texts.data):
            self._take(self._texts.binding(name))

    def binds(self, name: str) -> bool:
        """May a module bind this name, as its text says?"""
        return bool(self._texts.binding(name))

    def hooking(self) -> None:
        """Parse every module that may give the standard library something to call later."""
        if len(self._parsed) < len(self._texts.data):
            for word in sorted(CALLBACKS):
                self._take(self._texts.binding(word))
            self._take(self._texts.with_any(tuple(word.encode() for word in sorted(HOOKING))))

    def all(self) -> None:
        """Parse every module."""
        self._take(self._texts.data)

    def _take(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path not in self._parsed:
                self[path]
