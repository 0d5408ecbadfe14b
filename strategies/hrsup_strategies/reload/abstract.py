"""What abstract base classes remember of who is a subclass of theirs. Runs in the user's process.

The answers of ``__subclasshook__``, a protocol's members included, are remembered for good by the class that was asked.
Where a class gains or loses a method in place, or a hook changed, a cold start might answer otherwise. Which protocols
that concerns is for the closure to know; that nothing is remembered of before is for the commit.
"""

from __future__ import annotations

import ast
from abc import ABC, ABCMeta

from hrsup_strategies.reload.descent import derived
from hrsup_strategies.reload.identifiers import last_name
from hrsup_strategies.reload.rebuild import bound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

_CHECKED = "runtime_checkable"


class _Anybody(ABC):  # noqa: B024 (whose subclasses are of no account)
    pass


def protocols_of(work: Work, before: Statement | None, after: Statement | None) -> set[str]:
    """The names of the protocols that may be asked for a class that gains or loses a member by this change."""
    member = before if after is None else after if before is None else None
    if member is None or not work.old.has_any((_CHECKED.encode(),)):
        return set()
    work.closure.take_all()
    classes = work.closure.classes
    spelled = {name for info in classes if "Protocol" in info.bases for item in info.node.body for name in _binds(item)}
    checked = {info.name for info in classes if _CHECKED in map(last_name, info.node.decorator_list)}
    return checked if spelled.intersection(member.names) else set()


def has_hooks(work: Work) -> bool:
    """May what changed have a say in who counts as a subclass?"""
    return work.old.has_any((b"__subclasshook__",))


def forget_answers(work: Work) -> None:
    """Have every abstract base class ask again, and the generic functions that asked them."""
    for cls in derived([object]):
        if issubclass(type(cls), ABCMeta) and "_abc_impl" in vars(cls):
            ABCMeta._abc_caches_clear(cls)  # type: ignore[attr-defined]
    if work.old.has_any((b"singledispatch",)):
        _Anybody.register(type("Somebody", (), {}))  # these forget when somebody registers with anybody


def _binds(item: ast.stmt) -> set[str]:
    return {name for part in ast.walk(item) for name in bound(part)}
