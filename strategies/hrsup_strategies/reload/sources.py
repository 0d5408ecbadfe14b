"""The loaded modules' sources, parsed only where a change can reach. Runs in the user's process; pure.

The closure goes by spelled names, so a module whose text has none of the names in question cannot add anything to it.
That text is looked through before it is parsed: it is hundreds of times cheaper. A module is always parsed where its
text is not all there is: it looks names up at run time, or spells strings in a way that only the parser puts together.
"""

from __future__ import annotations

from hrsup_strategies.reload.callees import HOOKING
from hrsup_strategies.reload.quiet import CALLBACKS
from hrsup_strategies.reload.waiting import Selected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, KeysView
    from re import Pattern

    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.texts import Texts
    from hrsup_strategies.reload.version import Version


class Sources:
    """The loaded versions of the program's modules by path, each parsed by `parse` when it is asked for."""

    def __init__(self, texts: Texts, parse: Callable[[str, bytes], Version]) -> None:
        self._texts = texts
        self._parse = parse
        self._parsed: dict[str, Version] = {}
        self._selected: dict[str, Selected] = {}  # where parts wait to be asked for
        self._asked = 0  # how many of these have been
        self._searched: set[str] = set()
        self._take(texts.opaque)

    def __getitem__(self, path: str) -> Version:
        known = self._parsed.get(path)
        if known is None:
            known = self._parsed[path] = self._parse(path, self._texts.data[path])
            if any(part.waits for part in known.parts):
                self._selected[path] = Selected(known)
        return known

    def __contains__(self, path: object) -> bool:
        return path in self._texts.data

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts.data)

    def __len__(self) -> int:
        """How much has been looked at, of which it grows with every further module and part."""
        return len(self._parsed) + self._asked

    @property
    def parsed(self) -> list[Version]:
        """The versions parsed so far, in the order of the modules."""
        return [self._parsed[path] for path in sorted(self._parsed, key=self._texts.order.__getitem__)]

    @property
    def shown(self) -> list[ModuleNames]:
        """What is known of these modules, by the parts that have been asked for."""
        parsed, selected = self.parsed, self._selected
        return [selected[one.path].names if one.path in selected else one.names for one in parsed]

    def has_any(self, words: tuple[bytes, ...]) -> bool:
        """Is one of these in any source?"""
        return bool(self._texts.with_any(words))

    def has_match(self, pattern: Pattern[bytes]) -> bool:
        """Does it match somewhere in any source?"""
        return self._texts.has_match(pattern)

    def texts_with(self, word: str) -> list[bytes]:
        """The sources that have this word."""
        return [self._texts.data[path] for path in sorted(self._texts.with_word(word.encode()))]

    def opaque(self) -> list[bytes]:
        """The sources that look names up at run time, or do not spell every name that the parser finds in them."""
        return [self._texts.data[path] for path in sorted(self._texts.opaque)]

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
        for name in fresh if self._has_rest() else ():
            paths = self._texts.with_word(name.encode())
            self._take(paths)
            self._select(paths, Selected.mentioning, name)

    def defining(self, names: Iterable[str]) -> None:
        """Parse every module that may define a function or class with one of these names."""
        for name in names if self._has_rest() else ():
            paths = self._texts.defining(name)
            self._take(paths)
            self._select(paths, Selected.defining, name)

    def binding(self, name: str) -> None:
        """Parse every module that may bind this name to what is defined under another."""
        if self._has_rest():
            paths = self._texts.binding(name)
            self._take(paths)
            self._select(paths, Selected.binding, name)

    def binds(self, name: str) -> bool:
        """May a module bind this name, as its text says?"""
        return bool(self._texts.binding(name))

    def hooking(self) -> None:
        """Parse every module that may give the standard library something to call later."""
        if self._has_rest():
            for word in sorted(CALLBACKS):
                self._take(self._texts.binding(word))
            self._take(self._texts.with_any(tuple(word.encode() for word in sorted(HOOKING))))
            self._select(self._texts.data, lambda one: one.hooking(self._texts.defining))

    def all(self) -> None:
        """Parse every module."""
        self._take(self._texts.data)
        self._select(self._texts.data, Selected.all)

    def whole(self) -> None:
        """Look at all of the modules that have been parsed."""
        self._select(self._texts.data, Selected.all)

    def _has_rest(self) -> bool:
        return len(self._parsed) < len(self._texts.data) or bool(self._selected)

    def _select(self, paths: Collection[str], ask: Callable[..., int], *name: str) -> None:
        for path in [path for path in self._selected if path in paths]:
            self._asked += ask(self._selected[path], *name)
            if not self._selected[path].waits:
                del self._selected[path]

    def _take(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path not in self._parsed:
                self[path]
