"""The program's sources as they will be once a change is brought in. Runs in the user's process; pure."""

from __future__ import annotations

from hrsup_strategies.reload.sources import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, KeysView
    from re import Pattern

    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.version import Version


class Renewed(Sources):
    """The loaded `sources`, with the `new` versions in the place of theirs, and without those that are `gone`."""

    def __init__(self, sources: Sources, new: dict[str, Version], gone: Collection[str]) -> None:
        self._sources, self._new, self._gone = sources, new, gone

    def __getitem__(self, path: str) -> Version:
        return self._new[path] if path in self._new else self._sources[path]

    def __len__(self) -> int:
        return len(self._sources)

    @property
    def parsed(self) -> list[Version]:
        """Those that came with the change are the last."""
        loaded = self._sources.parsed
        paths = dict.fromkeys([*(version.path for version in loaded), *self._new])
        known = {version.path: version for version in loaded}
        return [self._new.get(path) or known[path] for path in paths if path not in self._gone]

    @property
    def shown(self) -> list[ModuleNames]:
        """All of these modules."""
        return [version.names for version in self.parsed]

    def has_any(self, words: tuple[bytes, ...]) -> bool:
        """Is one of these in any source?"""
        return self._sources.has_any(words) or any(word in one.data for one in self._new.values() for word in words)

    def has_match(self, pattern: Pattern[bytes]) -> bool:
        """Does it match somewhere in a loaded source?"""
        return self._sources.has_match(pattern)

    def imports(self) -> KeysView[str]:
        """The top-level names of what the loaded sources import."""
        return self._sources.imports()

    def mentioning(self, names: Iterable[str]) -> None:
        """See `Sources`; what is new is parsed already."""
        self._sources.mentioning(names)

    def defining(self, names: Iterable[str]) -> None:
        """See `Sources`."""
        self._sources.defining(names)

    def binding(self, name: str) -> None:
        """See `Sources`."""
        self._sources.binding(name)

    def whole(self) -> None:
        """See `Sources`."""
        self._sources.whole()

    def all(self) -> None:
        """Parse every module."""
        self._sources.all()
