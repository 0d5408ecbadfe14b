"""Modules of the user's whose files are gone: they leave the program as part of the commit.

Runs in the user's process. To a cold start such a module is none of the program's, or its name stands for another file
(a module that became a package, say). So each of its statements counts as removed, with all that the removal of a
statement asks for; who names the module in an import has used what changed; and what its name stands for now is
imported in its turn. A module that is still imported by a statement that would fail is refused: the new code is broken
then, or was not all seen.
"""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload import arrivals, bindings
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import is_block
from hrsup_strategies.reload.import_statements import looked_up, taken
from hrsup_strategies.reload.imports import imports_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work


def check(work: Work) -> None:
    """Seed the closure with what names the modules that leave, and make the steps for what takes their places. Raises
    Refusal (HR103) where one cannot leave."""
    for path, name in sorted(work.departures.items(), key=lambda item: item[1]):  # packages first
        _check_family(work, path, name)
        _check_importers(work, path, name)


def check_state(work: Work) -> None:
    """What goes from one module and comes in another would begin anew there: refuse (HR112) where it cannot be asked
    whether it still is what its statement built; that is asked at the boundary."""
    if not work.departures:
        return
    arrived = {name for path in work.arrivals for statement in work.new[path].body for name in statement.names}
    arrived |= {name for diff in work.diffs.values() for statement in diff.added for name in statement.names}
    for path in work.departures:
        rebound = {name for node in work.old[path].globals for name in node.names}
        if rebound & arrived:
            raise Refusal("HR113", f"`{min(rebound & arrived)}` is bound again by the program", path)
        for step in work.steps[path]:
            if step.old is not None and step.old.kind == "assign" and not arrived.isdisjoint(step.names):
                bindings.check_value(work, path, step.old, old=True)
                step.check.append(step.old)


def _check_family(work: Work, path: str, name: str) -> None:
    """What is imported of a package goes with it; what its parent is must be known."""
    leaving = set(work.departures.values())
    left = next((other for other in list(sys.modules) if other.startswith(f"{name}.") and other not in leaving), None)
    if left is not None:
        raise Refusal("HR103", f"`{name}` is gone, and its module `{left}` is not", path)
    parent = name.rpartition(".")[0]
    if parent and work.path_of(parent, old=True) is None:
        raise Refusal("HR103", f"the file is gone, and `{parent}` is no package with a file of its own", path)


def _check_importers(work: Work, path: str, name: str) -> None:
    last = name.rpartition(".")[2]
    work.changes({last}, path)
    work.old.mentioning([last])
    for version in work.old.parsed:
        importer = version.path
        if importer in work.departures:
            continue
        new = work.version(importer, False)
        for node in [*version.imports, *new.imports]:
            if _names(work, importer, node, name):
                if node in new.stars:
                    text = f"all names of `{name}` are imported, and its file is gone"
                    raise Refusal("HR115", text, importer, node.lineno)
                work.changes(taken(node) - {"*"}, path)
        found = [
            statement
            for statement in work.version(importer, False).body
            if any(_names(work, importer, node, name) for node in imports_in(statement))
        ]
        if found:
            work.renewed += ((importer, statement) for statement in found)
            _replace(work, name, importer, found)


def _replace(work: Work, name: str, importer: str, found: list[Statement]) -> None:
    """The name is still imported, by these statements of the importer: what does it stand for now?"""
    if name in work.arrivals.values():
        return
    place = arrivals.find(work, name)
    if isinstance(place, str):
        arrivals.arrive(work, name, place)
        return
    plain = next((statement for statement in found if not is_block(statement)), None)
    if place is not None or plain is not None:
        line = (plain or found[0]).node.lineno
        raise Refusal("HR103", f"the file of `{name}` is gone, and it is still imported", importer, line)


def _names(work: Work, path: str, node: ast.stmt, name: str) -> bool:
    """May the import statement look this module up?"""
    return any(one == name or one.startswith(f"{name}.") for one in looked_up(node, work.package_of(path)))
