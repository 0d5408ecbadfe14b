"""Import statements that only look something up: of modules that are loaded, which have what is named. User's process.

To import reads files and runs the bodies of modules, and lets other threads run meanwhile. A module that has been
imported is only taken from `sys.modules`, in C, without letting go of the interpreter's lock.
"""

from __future__ import annotations

import ast
import builtins
import sys
from types import BuiltinFunctionType, ModuleType

from hrsup_strategies.reload.arrivals import has
from hrsup_strategies.reload.import_statements import absolute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.work import Step, Work


def only_looks_up(work: Work, step: Step) -> bool:
    """Does the import statement of this step find all that it names without reading or running anything?"""
    node = step.new.node if step.new is not None else None
    if step.action != "run" or work.arrivals or work.departures or not _imports_plainly(work.modules[step.path]):
        return False
    if isinstance(node, ast.Import):
        return all(_is_complete(alias.name) for alias in node.names)
    if not isinstance(node, ast.ImportFrom):
        return False
    name = absolute(node, work.package_of(step.path))
    return _is_complete(name) and all(alias.name != "*" and has(work, name, alias.name) for alias in node.names)


def _imports_plainly(module: ModuleType) -> bool:
    """Do its import statements call what the interpreter has set up for them?"""
    namespace = vars(module).get("__builtins__", builtins)
    found = (vars(namespace) if isinstance(namespace, ModuleType) else namespace).get("__import__")
    return type(found) is BuiltinFunctionType and found.__self__ is builtins and found.__name__ == "__import__"


def _is_complete(name: str) -> bool:
    """Are this module and its packages loaded, and plain modules, each an attribute of the one above?"""
    parts = name.split(".")
    above: ModuleType | None = None
    for end in range(1, len(parts) + 1):
        module = sys.modules.get(".".join(parts[:end]))
        if type(module) is not ModuleType or getattr(vars(module).get("__spec__"), "_initializing", True):
            return False
        if above is not None and vars(above).get(parts[end - 1]) is not module:
            return False
        above = module
    return True
