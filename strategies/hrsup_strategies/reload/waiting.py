"""The functions of large modules, looked at only where a change can reach. Pure; runs in the user's process.

What holds of whole modules (see ``sources``) holds of the functions of one: the closure goes by spelled names, so a
function whose text has none of the names in question cannot add anything to it. To look at one costs a hundred times
what it costs to parse it. A function is always looked at where its text is not all there is; small modules are looked
at as a whole.
"""

from __future__ import annotations

from hrsup_strategies.reload.callees import LAMBDA
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.texts import bound_in, defined_in, tells_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.parts import Part
    from hrsup_strategies.reload.version import Version

LARGE = 1 << 16  # bytes


class Waiting:
    """Says of which statements of a module with the source `data` it is enough to look at them when they are asked
    for."""

    def __init__(self, data: bytes) -> None:
        self._is_large = len(data) >= LARGE and b"coding" not in data[:500]  # the text may be spelled in another way
        self._data = data
        self._tells: bool | None = None

    def allows(self, part: Part) -> bool:
        """May it wait?"""
        if not self._is_large or not isinstance(part.statement.node, FunctionNode):
            return False
        if self._tells is None:
            self._tells = tells_all(self._data)
        return self._tells or tells_all(part.text)


class Selected:
    """The parts of one version that one change has asked for, beside those that do not wait."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._waiting = {id(part): part for part in version.parts if part.waits}
        self._names: ModuleNames | None = None

    @property
    def waits(self) -> bool:
        """Has a part not been asked for yet?"""
        return bool(self._waiting)

    @property
    def names(self) -> ModuleNames:
        """What is known of the module by the parts that were asked for."""
        if not self._waiting:
            return self._version.names
        if self._names is None:
            seen = [part for part in self._version.parts if id(part) not in self._waiting]
            self._names = self._version.names.only(seen)
        return self._names

    def mentioning(self, name: str) -> int:
        """Ask for the parts that have the name in their text; how many are these?"""
        return self._take(self._spelling(name))

    def defining(self, name: str) -> int:
        """The same of those that may define a function or class of this name."""
        return self._take([part for part in self._spelling(name) if name.encode() in _defined(part)])

    def binding(self, name: str) -> int:
        """The same of those that bind this name to what may be called."""
        word = name.encode()
        return self._take([part for part in self._spelling(name) if word in _bound(part) and name in part.rebound])

    def hooking(self, defines: Callable[[str], object]) -> int:
        """The same of those that may give the standard library something to call: what the program `defines`, or what
        is made on the spot."""
        return self._take(
            [part for part in self._waiting.values() if LAMBDA in part.hooked or any(map(defines, part.hooked))]
        )

    def all(self) -> int:
        """Ask for all."""
        return self._take(self._waiting.values())

    def _spelling(self, name: str) -> list[Part]:
        return [part for part in self._waiting.values() if part.spells(name)]

    def _take(self, parts: Iterable[Part]) -> int:
        taken = [id(part) for part in parts if id(part) in self._waiting]
        for key in taken:
            del self._waiting[key]
        if taken:
            self._names = None
        return len(taken)


def _defined(part: Part) -> set[bytes]:
    if part.known.defined is None:
        part.known.defined = defined_in(part.text)
    return part.known.defined


def _bound(part: Part) -> frozenset[bytes]:
    if part.known.bound is None:
        part.known.bound = bound_in(part.text)
    return part.known.bound
