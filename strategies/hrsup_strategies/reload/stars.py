"""``from a import *``: executed again where what `a` offers changed, or what the importing module binds by itself; what
is not offered any more goes. Runs in the user's process.

Who binds a name last has it (see ``offers``). So of what comes by the statement only those names are bound for which
no statement below it binds something else.
"""

from __future__ import annotations

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.cold import Loaded
from hrsup_strategies.reload.diff import is_star
from hrsup_strategies.reload.offers import Offers, source_of
from hrsup_strategies.reload.work import Brought, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

    Pair = tuple[Statement | None, Statement | None]


def spread(work: Work) -> bool:
    """Make the steps for the modules in which other names come by ``import *`` than before, or such as changed; was
    there a new one?"""
    found = False
    paths = {*work.old.starred(), *(path for path, version in work.new.items() if version.stars)}
    for path in sorted(paths - set(work.departures) - set(work.arrivals)):
        _check_nested(work, path)
        for before, after in _pairs(work, path):
            key = path, id(before), id(after)
            if key not in work.spread and _concerns(work, path, before, after):
                work.spread.add(key)
                _again(work, path, before, after)
                found = True
    return found


def _check_nested(work: Work, path: str) -> None:
    """Refuse where one that is concerned is within a block."""
    body = [item.node for item in work.old[path].body]
    for node in work.old[path].stars:
        if node not in body and source_of(work, path, node, True) in work.stars:
            raise _refusal(path, node.lineno)


def _pairs(work: Work, path: str) -> list[Pair]:
    """The ``import *`` of the loaded version of a module's body, each with that of the new one."""
    diff = work.diffs.get(path)
    if diff is None:
        return [(item, item) for item in work.old[path].body if is_star(item)]
    pairs: list[Pair] = [*diff.kept, *diff.changed, *((one, None) for one in diff.removed)]
    pairs += [(None, one) for one in diff.added]
    return [pair for pair in pairs if any(one is not None and is_star(one) for one in pair)]


def _concerns(work: Work, path: str, before: Statement | None, after: Statement | None) -> bool:
    """May other names come by the statement, have become others, or be bound elsewhere in the module, too?"""
    if before is None or after is None:
        return True
    diff = work.diffs.get(path)
    bound = diff is not None and any(one.names for one in (*diff.added, *diff.removed, *diff.moved))
    old, new = source_of(work, path, before.node, True), source_of(work, path, after.node, False)
    return old != new or new in work.stars or bound


def _again(work: Work, path: str, before: Statement | None, after: Statement | None) -> None:
    statement = after or before
    assert statement is not None
    refusal = _refusal(path, statement.node.lineno)
    loaded = Loaded(work)
    old, new = (Offers(work, path, is_old, refusal, loaded) for is_old in (True, False))
    names = old.brought_by(before) | new.brought_by(after)
    for offers, one in ((old, before), (new, after)):
        if one is not None:
            offers.check(one, names)
    had = {name for name in names if before is not None and old.last(name) is before}
    wins = {name for name in names if after is not None and new.last(name) is after}
    gone = {name for name in had if not new.binders(name)}
    made = {id(one) for one in work.diffs[path].added} if path in work.diffs else set[int]()
    for name in had - wins - gone:
        if old.origin(name) != new.origin(name) and id(new.last(name)) not in made:
            raise refusal  # it is what another statement binds, which is not executed again
    step = Step("star" if after is not None else "remove", path, before, after)
    step.names = tuple(sorted(gone))
    fresh = {name for name in wins if not old.binders(name)}
    step.brought = Brought(had, wins, fresh, new.every(after))
    work.steps.setdefault(path, []).append(step)
    work.changes(gone | {name for name in wins if old.origin(name) != new.origin(name)}, path)


def _refusal(path: str, line: int) -> Refusal:
    return Refusal("HR115", "names that come by `import *` changed", path, line)
