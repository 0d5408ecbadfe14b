"""Where an exception may be caught before it ends the program. Pure; runs in the user's process.

What follows a call is done only if the call has not raised. That counts where the exception does not end the program:
in a ``try`` of the function's own, or of whoever calls it. The old version may have raised in every round.
"""

from __future__ import annotations

import ast
import re

from hrsup_strategies.reload.identifiers import last_name
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.taint import Taint

_ENDING = frozenset(("KeyboardInterrupt", "SystemExit", "GeneratorExit"))
# How a program may raise by itself what otherwise comes from outside. Beside ``except`` the name does not raise.
_RAISED = {
    "KeyboardInterrupt": re.compile(
        rb"(?m)^(?!.*\bexcept\b).*KeyboardInterrupt|(?:raise|\.throw\()\s*KeyboardInterrupt|KeyboardInterrupt\s*\("
        rb"|KeyboardInterrupt.*\bas\b|interrupt_main|raise_signal|default_int_handler|kill|alarm|setitimer|SetAsyncExc"
    ),
    "SystemExit": re.compile(
        rb"(?m)^(?!.*\bexcept\b).*SystemExit|(?:raise|\.throw\()\s*SystemExit|SystemExit\s*\(|SystemExit.*\bas\b"
        rb"|\bexit\b|\bquit\b|argparse|optparse|docopt|click|typer|\bfire\b|unittest|pytest|absl|SetAsyncExc|exec|eval|runpy"
    ),
}
_CATCHES = (b"except", b"suppress", b"ExitStack", b"__exit__", b"__aexit__")


def catches(handlers: Iterable[ast.ExceptHandler]) -> bool:
    """Does one of them keep an exception that is none of the program's end?"""
    return any(not _ends(handler) and not isinstance(handler.body[-1], ast.Raise) for handler in handlers)


def _ends(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(kind is not None and last_name(kind) in _ENDING for kind in kinds)


def outside_kinds(handler: ast.ExceptHandler) -> str:
    """The names of what alone it catches, if the user, or whoever else ends the program, raises that."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [kind.id for kind in kinds if isinstance(kind, ast.Name) and kind.id in _RAISED]
    return " ".join(names) if len(names) == len(kinds) else ""


def calls_in(node: ast.stmt) -> int:
    """How many calls there are in it."""
    return sum(isinstance(item, (ast.Call, ast.Await)) for item in walk(node))


class Caught:
    """Answers for one change, whose taint grows meanwhile: in which functions may a caller catch what is raised?"""

    def __init__(self, taint: Taint) -> None:
        self._taint = taint
        self._known: dict[str, bool] = {}

    def in_caller(self, name: str) -> bool:
        """May a function of this name run in somebody's ``try``?"""
        if name not in self._known:
            self._known[name] = self._look_up(name)
        return self._known[name]

    def raises_itself(self, kinds: str) -> bool:
        """May the program raise one of these itself?"""
        taint = self._taint
        return any(taint.has_match(_RAISED[kind]) or taint.is_rebound(kind) for kind in kinds.split())

    def _look_up(self, name: str) -> bool:
        taint = self._taint
        if not taint.has_any(_CATCHES):
            return False
        names, seen = [name], {name}
        while names:
            name = names.pop()
            taint.mention(name)
            if any(self._is_tried(module, name) for module in taint.modules):
                return True
            own = taint.units_of(name)
            if any(taint.may_be_called_unnamed(unit) or taint.is_called_in_passing(unit) for unit in own):
                return True
            found = {unit.name for unit in taint.units if name in unit.mentions} - seen
            seen |= found
            names += found
        return False

    def _is_tried(self, module: ModuleNames, name: str) -> bool:
        if name in module.tried:
            return True
        return any(name in inside and self._taint.swallows(manager) for manager, inside in module.swallowed)
