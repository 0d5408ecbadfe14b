"""Which classes are derived from which, in the running process. Runs in the user's process."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def derived(roots: Iterable[type]) -> Iterator[type]:
    """These classes and all that are derived from them, each once. (A metaclass may have classes that have no hash.)"""
    pending, seen = list(roots), set[int]()
    while pending:
        cls = pending.pop()
        if id(cls) not in seen:
            seen.add(id(cls))
            pending += type.__subclasses__(cls)
            yield cls
