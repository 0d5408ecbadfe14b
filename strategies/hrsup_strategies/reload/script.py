"""The script's statement that is being executed, and the variables of it that nobody else comes to. Pure; runs in the
user's process.

A script's names are globals, but no module is imported by them. Where no function of the script spells one, and nobody
comes to the script by other ways, it is what a local is to a function.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import bare_names
from hrsup_strategies.reload.trees import children, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.definitions import Definitions
    from hrsup_strategies.reload.work import Work

# By which the script's globals are found from other modules: it is none that is imported by its name.
_TO_THE_SCRIPT = (
    *(b"import __main__", b"from __main__", b"modules", b"import_module", b"__import__"),
    *(b"_globals", b"inspect", b"get_objects", b"get_referrers"),
)
_SCOPES = (*FunctionNode, ast.Lambda, ast.ClassDef)


class Script:
    """Of one change: `node` is the statement, None where the program is in none, or in that of an imported module."""

    def __init__(self, work: Work) -> None:
        self.node: ast.stmt | None = None
        for path, module in work.modules.items() if work.running is not None else ():
            if module.__name__ == "__main__" and path in work.old:
                found = [one.node for one in work.old[path].body if one.node is work.running]
                self.node = found[0] if found else None

    def variables(self, definitions: Definitions) -> set[str]:
        """What the script's statements bind for themselves alone, in these versions of the modules."""
        if self.node is None or not is_apart(definitions):
            return set()
        mine = [module for module in definitions.modules if self.node in [part.statement.node for part in module.parts]]
        if len(mine) != 1:
            return set()
        tops = [part.statement.node for part in mine[0].parts]
        names = [item for top in tops for item in walk(top) if isinstance(item, ast.Name)]
        bound = {item.id for item in names if isinstance(item.ctx, ast.Store)}
        return bound.difference(*map(_in_scopes, tops))


def is_apart(definitions: Definitions) -> bool:
    """Does nobody come to the script's globals but by its own functions?"""
    return not definitions.looks_up_anything() and not definitions.has_any(_TO_THE_SCRIPT)


def _in_scopes(node: ast.AST) -> set[str]:
    """The names that functions and classes in a statement spell."""
    if isinstance(node, _SCOPES):
        return bare_names(node)
    return set[str]().union(*map(_in_scopes, children(node)))
