"""Files of the user's that came or went and are not loaded. Runs in the user's process.

To a cold start such a file is one more, or one less, that an import may find. So who names it in an import, or in any
other way, has used what changed; an import that was tried in vain while modules were imported (in a ``try`` that only
binds names) is executed again, once the module has been imported as part of the commit; and an import in a function
finds, the next time, what is there.
"""

from __future__ import annotations

import ast
import os
import sys

from hrsup_strategies.reload import arrivals
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.import_statements import looked_up, taken
from hrsup_strategies.reload.imports import imports_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from hrsup_strategies.reload.work import Work


def check(work: Work) -> None:
    """Seed the closure with the names of these files, and make the steps for those that would be imported. Raises
    Refusal (HR103) where one takes the place of a module that is loaded, or of one of the standard library's."""
    for path in work.unloaded:
        if work.executed(path):
            raise Refusal("HR103", "the file was executed, and is no module that can be found by its name", path)
        names = _names(path)
        for name in names:
            taken = name in sys.modules and name not in (*work.departures.values(), *work.arrivals.values())
            if taken or name.partition(".")[0] in sys.stdlib_module_names:
                raise Refusal("HR103", f"the file may take the place of the module `{name}`", path)
        last = names[0].rpartition(".")[2]
        work.changes({last}, path)
        work.old.mentioning([last])
        for importer in [version.path for version in work.old.parsed if version.path not in work.departures]:
            _import(work, path, frozenset(names), importer)


def check_renewed(work: Work) -> None:
    """Refuse (HR103) if an import that may find something else than before is not executed again."""
    again = {id(step.new) for steps in work.steps.values() for step in steps}
    for path, statement in work.renewed:
        if id(statement) not in again and path not in work.arrivals:
            raise Refusal("HR103", "what is imported here came or went", path, statement.node.lineno)


def check_arrived(work: Work, paths: Collection[str]) -> None:
    """Refuse (HR103) if one of these files is not imported by this change."""
    for path in paths:
        if path not in work.arrivals:
            raise Refusal("HR103", "the file is not a module that the program has loaded", path)


def _import(work: Work, path: str, names: frozenset[str], importer: str) -> None:
    """Make the step for the file if the importer, as it will be, looks one of the names up while it is imported."""
    version = work.version(importer, False)
    package = work.package_of(importer)
    for one in [*work.old[importer].imports, *version.imports]:
        if not names.isdisjoint(looked_up(one, package)):
            work.changes(taken(one), path)
    found = [(statement, node) for statement in version.body for node in imports_in(statement)]
    for statement, node in found:
        for name in looked_up(node, package):
            if name not in names or _is_attribute(work, node, name):
                continue
            work.renewed.append((importer, statement))
            if path not in work.arrivals and arrivals.find(work, name) in (path, True):
                arrivals.need(work, name, importer, node.lineno)


def _is_attribute(work: Work, node: ast.stmt, name: str) -> bool:
    """Does ``from ... import`` find something else under this name, and no module?"""
    base, _, last = name.rpartition(".")
    return isinstance(node, ast.ImportFrom) and bool(base) and arrivals.has(work, base, last)


def _names(path: str) -> list[str]:
    """The names by which a file may be imported, the shortest first: any folder may be on the search path."""
    folder, _, file = path.rpartition("/")
    parts = [part for part in folder.split("/") if part]
    if file != "__init__.py":
        parts.append(os.path.splitext(file)[0])
    return [".".join(parts[-count:]) for count in range(1, len(parts) + 1)]
