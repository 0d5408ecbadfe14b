"""The texts of all loaded modules, kept from one change to the next, to be searched. Runs in the user's process; pure.

Searching one long text for a name takes a call, and one for each place where it stands; asking a thousand modules takes
a thousand. So the texts lie end to end. One that changes is searched by itself, until there are too many of these.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise

from hrsup_strategies.reload.identifiers import BY_STRING, DYNAMIC
from hrsup_strategies.reload.parts import BUFFERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import KeysView

_MANY = 16
_FORGET_AFTER = 2000  # words, or changes; so that neither grows for ever
_TELLING = frozenset(word.encode() for word in DYNAMIC | BY_STRING | BUFFERS)
_UNSPELLED = frozenset(word.encode() for word in DYNAMIC | BUFFERS)
_NO_WORD = bytes(byte if bytes((byte,)).isalnum() or byte == 95 else 32 for byte in range(256))  # 95: underscore
_STARS = re.compile(rb"import(?:\s|\\)*\*")
_IMPORTED = re.compile(rb"\bfrom\s+(\w+)|\bimport\s+([^\n#;(]+)")
_FIRST_OF_EACH = re.compile(rb"(?:^|,)\s*(\w+)", re.ASCII)
# What is assigned, annotated or given by keyword, imported as something else, or in a string.
_BOUND = re.compile(rb"(\w+)[ \t]*(?:=(?!=)|:)|\bas[ \t]+(\w+)|[\"']([\w ,]*)[\"']")
_PRIVATE = re.compile(rb"\b_(?!_)\w*__\w*")
_CODING = re.compile(rb"coding[:=][ \t]*(?!utf-?8)", re.IGNORECASE)
# A character written as an escape, a line that goes on within a string, and literals side by side, which are one.
_ESCAPES = re.compile(rb"\\[xuUN0-7\r\n]")
_JOINTS = re.compile(rb"""["'](?<=\w.)(?:["'\s\\]|\#[^\n]*\n|[rRbBfFuU]{1,2}(?=["']))*["'](?=\w)""")


class Texts:
    """By path, the source of every module, as `update` was last told.

    `opaque` are the paths of modules whose text does not spell every name that the parser finds in it, or which look
    names up at run time; `starred` are those that may say ``import *``; `order` has each path's place among all.
    """

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self.opaque: set[str] = set()
        self.starred: set[str] = set()
        self.order: dict[str, int] = {}
        self._defining: dict[bytes, set[str]] = {}
        self._found: dict[bytes, tuple[int, set[str]]] = {}  # by a word, where it was found, after how many changes
        self._changed: list[str] = []
        self._imports: dict[str, frozenset[str]] = {}
        self._importing: dict[str, set[str]] = {}
        self._matched: dict[re.Pattern[bytes], dict[str, bool]] = {}  # and by the path, whether it is there
        self._private: dict[str, list[str]] = {}  # where there are any
        self._bound: dict[str, frozenset[bytes]] = {}
        self._binding: dict[bytes, set[str]] = {}
        self._alone: dict[str, bytes] = {}  # not among what lies end to end in the version that is there
        self._whole, self._starts, self._paths = b"", list[int](), list[str]()

    def update(self, modules: dict[str, bytes]) -> None:
        """These are all modules."""
        data = self.data
        if len(data) != len(modules) or data.keys() != modules.keys():
            for path in data.keys() - modules.keys():
                self._forget(path)
                del data[path]
        changed = [path for path, text in modules.items() if data.get(path) is not text and data.get(path) != text]
        for path in changed:
            self._forget(path)
            self._take(path, modules[path])
        if self.order.keys() != data.keys():
            self.order = {path: place for place, path in enumerate(modules)}
        if len(self._alone) > _MANY:
            self._lay_out()
        if len(self._changed) > _FORGET_AFTER or len(self._found) > _FORGET_AFTER:
            self._found.clear()
            self._changed.clear()

    def with_any(self, words: tuple[bytes, ...]) -> set[str]:
        """The paths of the modules that have one of these in their text."""
        return set().union(*map(self.with_word, words))

    def with_word(self, word: bytes) -> set[str]:
        """The paths of the modules that have this in their text. An edit asks for the same words as the one before it,
        when one text is another."""
        changes, found = self._found.get(word) or (len(self._changed), set(self._search(word)))
        for path in self._changed[changes:]:
            (found.add if word in self.data.get(path, b"") else found.discard)(path)
        self._found[word] = len(self._changed), found
        return found

    def _search(self, word: bytes) -> list[str]:
        found = [path for path, text in self._alone.items() if word in text]
        position = self._whole.find(word)
        while position >= 0:
            index = bisect_right(self._starts, position) - 1
            path = self._paths[index]
            if path in self.data and path not in self._alone:
                found.append(path)
            if index + 1 == len(self._starts):
                break
            position = self._whole.find(word, self._starts[index + 1])
        return found

    def defining(self, name: str) -> set[str]:
        """The paths of the modules that may define a function or class of this name."""
        return self._defining.get(name.encode(), set())

    def binding(self, name: str) -> set[str]:
        """The paths of the modules that may bind this name otherwise than by defining it."""
        if len(self._bound) < len(self.data):
            for path in self.data.keys() - self._bound.keys():
                found = bound_in(self.data[path])
                self._bound[path] = found
                for word in found:
                    self._binding.setdefault(word, set()).add(path)
        return self._binding.get(name.encode(), set())

    def has_match(self, pattern: re.Pattern[bytes]) -> bool:
        """Does it match somewhere in a text?"""
        known = self._matched.setdefault(pattern, {})
        for path, text in self.data.items() if len(known) < len(self.data) else ():
            if path not in known:
                known[path] = pattern.search(text) is not None
        return any(known.values())

    def imports(self) -> KeysView[str]:
        """The top-level names of what the modules import, and perhaps more."""
        if len(self._imports) < len(self.data):
            for path in self.data.keys() - self._imports.keys():
                self._imports[path] = found = _imports_of(self.data[path])
                for name in found:
                    self._importing.setdefault(name, set()).add(path)
        return self._importing.keys()

    def private(self) -> set[str]:
        """The names that may be private ones of a class (``_Class__name``), spelled outside of it."""
        return set().union(*self._private.values())

    def _forget(self, path: str) -> None:
        text = self.data.get(path)
        if text is None:
            return
        for name in _definitions(_words(text)):
            self._defining[name].discard(path)
            if not self._defining[name]:
                del self._defining[name]
        self._changed.append(path)
        for word in self._bound.pop(path, ()):
            self._binding[word].discard(path)
        for module in self._imports.pop(path, ()):
            self._importing[module].discard(path)
            if not self._importing[module]:
                del self._importing[module]
        for group in (self.opaque, self.starred):
            group.discard(path)
        for known in (self._alone, self._private):
            known.pop(path, None)
        for matched in self._matched.values():
            matched.pop(path, None)

    def _take(self, path: str, text: bytes) -> None:
        self._changed.append(path)
        self.data[path] = self._alone[path] = text
        words = _words(text)
        for name in _definitions(words):
            self._defining.setdefault(name, set()).add(path)
        private = [word.decode() for word in set(_PRIVATE.findall(text)) if word[-2:] != b"__"]
        if private:
            self._private[path] = private
        if not _is_plain(text) or not _TELLING.isdisjoint(words):
            self.opaque.add(path)
        if _STARS.search(text):
            self.starred.add(path)

    def _lay_out(self) -> None:
        self._alone.clear()
        self._paths = list(self.data)
        self._whole = b"\n".join(self.data.values())
        start, starts = 0, []
        for text in self.data.values():
            starts.append(start)
            start += len(text) + 1
        self._starts = starts


def tells_all(text: bytes) -> bool:
    """Does the text spell every name that the parser finds in it, and look none up at run time?"""
    return _is_plain(text) and _TELLING.isdisjoint(_words(text))


def spells_all(text: bytes) -> bool:
    """Does the text spell every name that the parser finds in it, those included that it looks up by a text?"""
    return _is_plain(text) and _UNSPELLED.isdisjoint(_words(text))


def bound_in(text: bytes) -> frozenset[bytes]:
    """The names that the text may bind otherwise than by defining them."""
    return frozenset(b" ".join(map(b" ".join, _BOUND.findall(text))).split())


def defined_in(text: bytes) -> set[bytes]:
    """The names of the functions and classes that the text may define."""
    return _definitions(_words(text))


def _words(text: bytes) -> list[bytes]:
    return text.translate(_NO_WORD).split()


def _definitions(words: list[bytes]) -> set[bytes]:
    """The names of the functions and classes, and perhaps more."""
    return {second for first, second in pairwise(words) if first in (b"def", b"class")}


def _imports_of(text: bytes) -> frozenset[str]:
    words = {word for pair in _IMPORTED.findall(text) for word in pair}
    return frozenset(name.decode() for word in words for name in _FIRST_OF_EACH.findall(word))


def _is_plain(text: bytes) -> bool:
    return text.isascii() and not (_ESCAPES.search(text) or _JOINTS.search(text) or _CODING.search(text[:500]))
