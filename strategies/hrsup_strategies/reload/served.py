"""Who has the objects of a framework that a server calls (see ``asgi``). Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import last_name, positional
from hrsup_strategies.reload.known import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.names import ModuleNames

_MADE = words("FastAPI APIRouter Starlette Router")
# Who is given one of these objects, and has it called by a server, or puts it below another.
_SERVES = words("run Config Server")
_TAKES = words("include_router mount")


class Served:
    """Are the framework's objects, wherever they go, only asked for their attributes, and given to servers and to each
    other? Nobody comes between a request and its answer then. They are followed by name."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._names = {"app", "router"}  # of objects, or of attributes that are one
        self._makers = set(_MADE)  # of what gives one when it is called
        size = -1
        self.are_only_served = True
        while self.are_only_served and size != len(self._names) + len(self._makers):
            size = len(self._names) + len(self._makers)
            for name in sorted(self._names | self._makers):
                closure.mention(name)
            tops = [(module, top.statement.node) for module in closure.modules for top in module.tops]
            self.are_only_served = all(self._is_only_served(module, node) for module, node in tops)

    def _is_only_served(self, module: ModuleNames, top: ast.stmt) -> bool:
        functions: list[tuple[ast.AST, str]] = [(top, "")]
        while functions:
            node, function = functions.pop()
            for child in ast.iter_child_nodes(node):
                if not self._allows(module, node, child, function):
                    return False
                name = node.name if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else function
                functions.append((child, name))
        return True

    def _allows(self, module: ModuleNames, node: ast.AST, child: ast.AST, function: str) -> bool:
        """May the child stand in this place, if it is one of the objects, or makes one?"""
        if isinstance(child, ast.Call) and last_name(child.func) in self._makers and last_name(child.func):
            pass
        elif isinstance(child, (ast.Name, ast.Attribute)) and isinstance(child.ctx, ast.Load):
            name = last_name(child)
            if name in self._makers:
                annotates = isinstance(node, (ast.arg, ast.FunctionDef, ast.AsyncFunctionDef, ast.AnnAssign))
                called = isinstance(node, ast.Call) and child is node.func
                return called or isinstance(node, ast.Attribute) or (annotates and child is not _value_of(node))
            if name not in self._names:
                return True
        else:
            return not isinstance(child, ast.alias) or self._takes_alias(child)
        return self._goes_on(module, node, child, function)

    def _goes_on(self, module: ModuleNames, node: ast.AST, child: ast.AST, function: str) -> bool:
        if isinstance(node, ast.Attribute):
            return True
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            self._names |= {name for item in targets for name in [last_name(item)] if name}
            return child is node.value and all(isinstance(item, (ast.Name, ast.Attribute)) for item in targets)
        if isinstance(node, ast.Return):
            self._makers |= {function}
            return bool(function) and function not in self._names
        return isinstance(node, ast.Call) and child is not node.func and self._takes(module, node, child)

    def _takes_alias(self, alias: ast.alias) -> bool:
        name = alias.name.rpartition(".")[2]
        if alias.asname and name in self._names | self._makers:
            (self._names if name in self._names else self._makers).add(alias.asname)
        return True

    def _takes(self, module: ModuleNames, call: ast.Call, child: ast.AST) -> bool:
        """Does this call give the object to a server, to another of them, or to a function that is looked at, too?"""
        name, target = last_name(call.func) or "", call.func
        base = target.value if isinstance(target, ast.Attribute) else target
        origin = module.origins.get(base.id, "") if isinstance(base, ast.Name) else ""
        if name in _SERVES and origin.partition(".")[0] == "uvicorn":
            return True
        if name in _TAKES and isinstance(target, ast.Attribute):
            return not self._closure.units_of(name) and last_name(base) in self._names
        units = self._closure.units_of(name)
        if len(units) != 1 or units[0].owner is not None or self._closure.is_rebound(name) or units[0].decorators:
            return False
        places = positional(units[0].node.args)
        at = next(index for index, item in enumerate(call.args) if item is child)
        if at >= len(places) or any(isinstance(item, ast.Starred) for item in call.args):
            return False
        self._names.add(places[at])
        return True


def _value_of(node: ast.AST) -> ast.AST | None:
    return getattr(node, "value", None)
