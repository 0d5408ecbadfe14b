"""Names that stand for modules of the program: a call by one is a call of a function. Runs in the user's process; pure.

``load.store(rows)`` looks like a method that keeps its arguments in an object. Where `load` is a module of the program
and `store` a function that it defines, nothing is kept in the module by calling it: it is what ``store(rows)`` would be
after ``from load import store``, and what the body does with its arguments is followed from the call like any other.

What the name stands for, the running program says: the calls that were made went to what is bound there, since nothing
in the sources binds the name, or that of the function, a second time, to whatever.
"""

from __future__ import annotations

import ast
import os
import sys
from types import FunctionType, ModuleType

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import arguments_of, binds_otherwise, last_name
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.work import Work


def loaded_as(closure: Closure) -> set[str]:
    """The names under which the program's modules are loaded."""
    paths = {module.path for module in closure.modules}
    files = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
    return {name for name, file in files if type(file) is str and os.path.abspath(file) in paths}


class Namespaces:
    """Answers for one change, of the versions that are loaded."""

    def __init__(self, work: Work) -> None:
        self._work, self._closure = work, work.closure
        self._bound: dict[tuple[str, str], str | None] = {}
        self._defined: dict[tuple[str, str], bool] = {}

    def calls_function(self, module: ModuleNames, flow: Flow, store: Store) -> bool:
        """Is what the flow calls as a method of `store` a function that a module of the program defines?"""
        name, method = store.key, store.method
        if not method or not name.isidentifier() or any(_binds(top, name) for top in _tops(module, flow)):
            return False
        key = (module.path, name)
        if key not in self._bound:
            self._bound[key] = self._path_of(module, name)
        path = self._bound[key]
        if path is None:
            return False
        key = (path, method)
        if key not in self._defined:
            self._defined[key] = self._defines(path, method)
        return self._defined[key]

    def _path_of(self, module: ModuleNames, name: str) -> str | None:
        """The path of the user's module that the name stands for, in this one, since it was imported and for good."""
        modules = self._work.modules
        value: Any = vars(modules[module.path]).get(name) if module.path in modules else None
        paths = [path for path, one in modules.items() if one is value]
        if type(value) is not ModuleType or len(paths) != 1:
            return None
        return paths[0] if _is_bound_once(module, name, "import") and not self._is_set(name) else None

    def _defines(self, path: str, name: str) -> bool:
        """Does this module's name stand for a plain function of its own, whatever the program does?"""
        closure = self._closure
        if closure.looks_up_anything() or closure.is_rebound(name):
            return False
        units = [unit for unit in closure.units_of(name) if unit.path == path]
        found = [module for module in closure.modules if module.path == path]
        space = vars(self._work.modules[path])
        function = space.get(name)
        if len(units) != 1 or len(found) != 1 or units[0].owner is not None or units[0].decorators:
            return False
        is_own = type(function) is FunctionType and function.__globals__ is space and function.__name__ == name
        return is_own and _is_bound_once(found[0], name, "def") and not self._is_set(name)

    def _is_set(self, name: str) -> bool:
        """Is an attribute of this name set or deleted anywhere, or somebody told to do it? It may be the module's."""
        self._closure.mention(name)
        return any(
            self._sets(item, name)
            for module in self._closure.modules
            for part in module.parts
            if not part.text.isascii() or name.encode() in part.text
            for item in walk(part.statement.node)
        )

    def _sets(self, item: ast.AST, name: str) -> bool:
        if isinstance(item, ast.Attribute):
            return item.attr == name and not isinstance(item.ctx, ast.Load)
        if not isinstance(item, ast.Call):
            return False
        texts = [str(part.value) for part in arguments_of(item) if isinstance(part, ast.Constant)]
        if any(text.rpartition(".")[2] == name for text in texts):
            return True  # ``mock.patch("base.load", ...)``
        return any(word.arg == name for word in item.keywords) and last_name(item) not in self._closure.defined


def _is_bound_once(module: ModuleNames, name: str, kind: str) -> bool:
    """Is the name bound by one statement of the module's body, of this kind, and by no function?"""
    declared = any(name in node.names for part in module.parts for node in part.globals)
    binding = [part.statement.kind for part in module.parts if not {name, "*"}.isdisjoint(part.statement.names)]
    return not declared and binding == [kind]


def _tops(module: ModuleNames, flow: Flow) -> list[ast.stmt]:
    """The statement of the module's body that the flow is in, or those that it may be in."""
    unit = flow.unit
    if unit is None:
        return [flow.top] if flow.top is not None else [part.statement.node for part in module.parts]
    return [part.statement.node for part in module.parts if any(one.id == unit.id for one in part.units)]


def _binds(top: ast.stmt, name: str) -> bool:
    """Is the name bound in any scope of a statement?"""
    for item in walk(top):
        if isinstance(item, ast.Name):
            found = item.id == name and not isinstance(item.ctx, ast.Load)
        elif isinstance(item, ast.arg):
            found = item.arg == name
        else:
            found = isinstance(item, (*FunctionNode, ast.ClassDef)) and item.name == name
        if found or binds_otherwise(item, name):
            return True
    return False
