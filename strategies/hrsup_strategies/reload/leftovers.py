"""What the last round of a loop has left in its variables, and nobody will look at. Runs in the user's process.

A local that every round makes anew before it reads it, and that is read nowhere else, still holds its last value at the
boundary. That value may be an instance of a class that is made anew: the next round replaces it unseen.
"""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.identifiers import DYNAMIC, bare_names
from hrsup_strategies.reload.setup_phase import made_anew

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from hrsup_strategies.reload.active import Active

_LOOKS_AT_LOCALS = DYNAMIC | {"locals", "f_locals", "breakpoint"}


class Leftovers:
    """The leftovers in the frame of a loop (`looping`; None if there is none). It holds the frame until `clear`."""

    def __init__(self, looping: Active | None) -> None:
        self._frame: FrameType | None = None
        self._names: set[str] = set()
        if looping is not None and looping.unit is not None:
            self._names = unread(looping)
            self._frame = looping.frame

    def values(self) -> list[object]:
        """One entry for each variable."""
        if self._frame is None or not self._names:
            return []
        found = self._frame.f_locals
        return [found[name] for name in sorted(self._names) if name in found]

    def holders(self) -> list[object]:
        """What else holds them by our looking: until 3.12 the interpreter keeps a dict of all locals with the frame."""
        return [self._frame.f_locals] if self._frame is not None and sys.version_info < (3, 13) and self._names else []

    def clear(self) -> None:
        """Let go of the frame, and of what it keeps by our looking. In a trace function the interpreter writes that
        dict back into the variables afterwards, so nothing may be taken out of it but what nobody reads."""
        for found in self.holders():
            assert isinstance(found, dict)
            found.update((name, None) for name in self._names if name in found)
        self._frame = None


def unread(looping: Active) -> set[str]:
    """The variables that each round of its loop binds anew, and that nobody reads before."""
    assert looping.loop is not None
    code, body = looping.frame.f_code, looping.loop.body
    names = made_anew(looping) - set(code.co_cellvars) - set(code.co_freevars)
    if bare_names(looping.node) & _LOOKS_AT_LOCALS:
        return set()
    inside = {id(item) for node in body for item in ast.walk(node)}
    elsewhere = {item.id for item in ast.walk(looping.node) if isinstance(item, ast.Name) and id(item) not in inside}
    return (names & set(code.co_varnames)) - elsewhere
