"""The loaded modules' sources, parsed only where a change can reach. Runs in the user's process; pure.

The closure goes by spelled names, so a module whose text has none of the names in question cannot add anything to it.
That text is looked through before it is parsed: it is hundreds of times cheaper. A module is always parsed where its
text is not all there is: it looks names up at run time, or spells strings in a way that only the parser puts together.
"""

from __future__ import annotations

import re

from hrsup_strategies.reload.identifiers import BY_STRING, DYNAMIC
from hrsup_strategies.reload.names import BUFFERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hrsup_strategies.reload.version import Version

_TELLING = frozenset(word.encode() for word in DYNAMIC | BY_STRING | BUFFERS)
_WORDS = re.compile(rb"\w+")
_DEFINITIONS = re.compile(rb"\b(?:def|class)\b(?:[ \t\f]|\\\r?\n)+(\w+)")
_STARS = re.compile(rb"import(?:\s|\\)*\*")
_IMPORTED = re.compile(rb"\bfrom\s+(\w+)|\bimport\s+([^\n#;(]+)")
_FIRST_OF_EACH = re.compile(rb"(?:^|,)\s*(\w+)", re.ASCII)
_KEEPS_FIRST = re.compile(
    rb"\bor\s+(?:ignore|abort|fail|rollback)\b|\bdo\s+nothing\b|\b(?:coalesce|ifnull|nullif|IntegrityError)\b"
    rb"|\bnot\s+exists\s*\(|\bis\s+null\b|\b(?:max|min)\s*\(\s*\w+\s*,\s*(?:\?|:\w|excluded)",
    re.IGNORECASE,
)
_CODING = re.compile(rb"coding[:=][ \t]*(?!utf-?8)", re.IGNORECASE)
# A character written as an escape, a line that goes on within a string, and literals side by side, which are one.
_ESCAPES = re.compile(rb"\\[xuUN0-7\r\n]")
_JOINTS = re.compile(rb"""["'](?<=\w.)(?:["'\s\\]|\#[^\n]*\n|[rRbBfFuU]{1,2}(?=["']))*["'](?=\w)""")


class _Text:
    """What is known of a source without parsing it: `definitions` are the names of its functions and classes (and
    perhaps more), `plain` says that every name that the parser finds in it is spelled in it."""

    __slots__ = ("_found", "_imports", "data", "definitions", "keeps_first", "plain", "stars")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._found: dict[tuple[bytes, ...], bool] = {}
        self._imports: set[str] | None = None
        self.definitions = frozenset(_DEFINITIONS.findall(data))
        self.plain = _is_plain(data)
        self.stars = _STARS.search(data) is not None
        self.keeps_first = _KEEPS_FIRST.search(data) is not None

    def has_any(self, words: tuple[bytes, ...]) -> bool:
        """Is one of these in the source?"""
        if words not in self._found:
            self._found[words] = any(word in self.data for word in words)
        return self._found[words]

    def imports(self) -> set[str]:
        """The top-level names of what it imports, and perhaps more."""
        if self._imports is None:
            words = {word for pair in _IMPORTED.findall(self.data) for word in pair}
            self._imports = {name.decode() for text in words for name in _FIRST_OF_EACH.findall(text)}
        return self._imports


class Sources:
    """The loaded versions of the program's modules by path, each parsed by `parse` when it is asked for. `wanted` are
    the paths that were, in the order in which the modules were given."""

    def __init__(self, modules: dict[str, bytes], parse: Callable[[str, bytes], Version]) -> None:
        self._texts = {path: _text(path, data) for path, data in modules.items()}
        self._parse = parse
        self._parsed: dict[str, Version] = {}
        self._rest = dict(self._texts)
        self._searched: set[str] = set()
        for path in [path for path, text in self._texts.items() if not text.plain]:
            self[path]

    def __getitem__(self, path: str) -> Version:
        known = self._parsed.get(path)
        if known is None:
            known = self._parsed[path] = self._parse(path, self._texts[path].data)
            self._rest.pop(path, None)
        return known

    def __contains__(self, path: object) -> bool:
        return path in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        """How many have been parsed."""
        return len(self._parsed)

    @property
    def parsed(self) -> list[Version]:
        """The versions parsed so far, in the order of the modules."""
        return [self._parsed[path] for path in self._texts if path in self._parsed]

    def has_any(self, words: tuple[bytes, ...]) -> bool:
        """Is one of these in any source?"""
        return any(text.has_any(words) for text in self._texts.values())

    def keeps_first(self) -> bool:
        """May a statement for a database be written so that what is there stays?"""
        return any(text.keeps_first for text in self._texts.values())

    def imports(self) -> set[str]:
        """The top-level names of what the sources import, and perhaps more."""
        return set().union(*(text.imports() for text in self._texts.values()))

    def starred(self) -> list[str]:
        """The paths of the modules that may say ``import *``."""
        return [path for path, text in self._texts.items() if text.stars]

    def mentioning(self, names: Iterable[str]) -> None:
        """Parse every module that may mention one of these bare names."""
        fresh = [name for name in set(names) if name not in self._searched]
        self._searched.update(fresh)
        for name in fresh:
            word = name.encode()
            for path in [path for path, text in self._rest.items() if word in text.data]:
                self[path]

    def defining(self, names: Iterable[str]) -> None:
        """Parse every module that may define a function or class with one of these names."""
        words = {name.encode() for name in names}
        for path in [path for path, text in self._rest.items() if not words.isdisjoint(text.definitions)]:
            self[path]

    def all(self) -> None:
        """Parse every module."""
        for path in list(self._rest):
            self[path]


_texts: dict[str, _Text] = {}  # by path, for the next change


def _text(path: str, data: bytes) -> _Text:
    known = _texts.get(path)
    if known is None or known.data != data:
        known = _texts[path] = _Text(data)
    return known


def _is_plain(data: bytes) -> bool:
    if not data.isascii() or _ESCAPES.search(data) or _JOINTS.search(data) or _CODING.search(data[:500]):
        return False
    return not any(word in data for word in _TELLING) or _TELLING.isdisjoint(_WORDS.findall(data))
