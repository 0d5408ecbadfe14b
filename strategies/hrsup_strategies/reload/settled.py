"""Whether what a statement reads while its module is imported is filled or bound meanwhile by others: if so, it counts
when that module is imported. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload import thinking
from hrsup_strategies.reload.diff import FunctionNode, is_block
from hrsup_strategies.reload.trees import walk
from hrsup_strategies.reload.values import PURE_CALLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.flows import Flow
    from hrsup_strategies.reload.import_time import ImportTime
    from hrsup_strategies.reload.purity import Purity
    from hrsup_strategies.reload.work import Work

_BUILDERS = PURE_CALLS | {"defaultdict", "deque", "Counter", "OrderedDict"}
_FIXED = (ast.Constant, ast.JoinedStr, ast.Lambda, ast.Compare)


class Settled:
    """Answers for the new versions of the modules, or for the loaded ones, of which `purity` judges."""

    def __init__(self, work: Work, purity: Purity) -> None:
        self._work, self._purity = work, purity
        self._grows: dict[tuple[str, str], bool] = {}

    def reads_only_what_stays(self, path: str, statement: Statement, nodes: Iterable[ast.AST]) -> bool:
        """Is all that the statement reads the same whenever it is executed? `nodes` are executed at import time."""
        names = self._purity.names
        for node in nodes:
            if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
                continue
            place = names.of(path, node)
            if place is None and self._is_bound_often(path, node):
                return False
            if place is None or place[1] is statement:
                continue
            if isinstance(place[1].node, FunctionNode) and not self._is_function_settled(path, statement):
                return False
            if self._may_grow(place[0], place[1], place[2]):
                return False
        return True

    def _is_bound_often(self, path: str, node: ast.Name | ast.Attribute) -> bool:
        """Is it a name of a module that more than one statement binds, or a function?"""
        names = self._purity.names
        if isinstance(node, ast.Name):
            return names.is_bound(path, node.id)
        target = names.module(path, node.value.id) if isinstance(node.value, ast.Name) else None
        return target is not None and names.is_bound(target, node.attr)

    def _is_function_settled(self, path: str, statement: Statement) -> bool:
        """The same of what the functions read that the statement calls."""
        if statement.kind == "class" or not self._purity.leaves_no_trace(path, statement):
            return _only_names_functions(statement)
        names = self._purity.names
        for read in sorted(self._purity.reads):
            found = names.binding(*read)
            if self._may_grow(*found) if found is not None else names.is_bound(*read):
                return False
        return True

    def _may_grow(self, path: str, statement: Statement, name: str) -> bool:
        key = (path, name)
        if key not in self._grows:
            self._grows[key] = self._is_filled(statement, name)
        return self._grows[key]

    def _is_filled(self, statement: Statement, name: str) -> bool:
        node = statement.node
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            return False
        thinking.check()
        self._work.old.mentioning([name])
        for module in self._work.old.shown:
            if any(_fills(flow, node, name) for flow in module.flows):
                return True
            if not _is_plain(node.value) and any(self._changes(module.path, top, node, name) for top in module.tops):
                return True
        return False

    def _changes(self, path: str, top: ImportTime, binding: ast.stmt, name: str) -> bool:
        """Does another statement call a method of what goes by this name, or hand it over, that may change it?"""
        statement = top.statement
        if statement.node is binding or statement.kind == "import" or name not in top.spelled:
            return False
        binds = statement.kind in ("def", "assign") or is_block(statement)
        return not binds or not self._work.before.leaves_no_trace(path, statement)


def _fills(flow: Flow, binding: ast.stmt, name: str) -> bool:
    """Does it put something into what goes by this name, bind the name anew, or give it to a call?"""
    if flow.unit is None and flow.top is binding:
        return False
    for store in flow.stores:
        if store.key == name and not (store.binds and store.kind == "plain"):
            return True
        if store.key.startswith("P:") and store.key[2:] not in _BUILDERS and name in flow.holds:
            return True
    return False


def _is_plain(value: ast.expr | None) -> bool:
    """Is it data of builtin types, in which nothing but a store can put something?"""
    if value is None:
        return True
    return all(
        not isinstance(item, ast.Call) or (isinstance(item.func, ast.Name) and item.func.id in _BUILDERS)
        for item in walk(value)
    )


def _only_names_functions(statement: Statement) -> bool:
    """Does it name functions without calling anybody?"""
    return not any(isinstance(item, ast.Call) for item in walk(statement.node))
