"""How statements go on: what leaves a function or a round, and which conditions come true again. Pure; user's process.

A counter of rounds goes on by the same step for ever, so what it is modulo a number comes back: what is done under
``if n % 100 == 0`` is done again some rounds later, and is no thing that is done once.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import last_name
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Loop = ast.For | ast.AsyncFor | ast.While

_LEAVING = (ast.Return, ast.Continue, ast.Break)
_WITH = (ast.With, ast.AsyncWith)
_COUNTING = frozenset(("enumerate", "count"))
_NUMBERING = frozenset(("range", "zip", "cycle", "count"))


def leaves(nodes: Iterable[ast.AST]) -> bool:
    """May these statements leave the function, or a round of a loop, other than by raising?"""
    return any(isinstance(item, _LEAVING) for node in nodes for item in walk(node))


def ends_function(body: list[ast.stmt]) -> bool:
    """Does nobody come by behind these statements?"""
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Raise))


def only_tests(node: ast.stmt) -> bool:
    """Does nothing of a statement but its test decide whether what follows is reached, since who goes in leaves the
    function? Where an exception of it is not caught in the function itself."""
    if not isinstance(node, ast.If) or not ends_function(node.body) or leaves(node.orelse):
        return False
    inside = [item for statement in [*node.body, *node.orelse] for item in walk(statement)]
    return not any(isinstance(item, (ast.Continue, ast.Break, ast.Try, ast.TryStar, *_WITH)) for item in inside)


def passed_by(node: ast.stmt) -> list[ast.AST]:
    """The parts of a statement that whoever comes behind it may have come by."""
    if not isinstance(node, ast.If):
        return [node]
    parts: list[ast.AST] = [node.test]
    for body in (node.body, node.orelse):
        parts += [] if ends_function(body) else body
    return parts


def counters_of(loop: Loop) -> frozenset[str]:
    """The locals that a loop counts its rounds by: each goes up by the same whole number in each round that is not
    left early, or is counted by ``enumerate`` or ``count``, and is bound by nothing else in the loop."""
    steps = [node for node in loop.body if isinstance(node, ast.AugAssign) and _is_step(node)]
    found: dict[int, ast.expr] = {id(node.target): node.target for node in steps}
    if not isinstance(loop, ast.While) and isinstance(loop.iter, ast.Call) and last_name(loop.iter) in _COUNTING:
        first = loop.target.elts[0] if isinstance(loop.target, ast.Tuple) else loop.target
        found[id(first)] = first
    bound: dict[str, int] = {}
    for item in walk(loop):
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            bound[item.id] = bound.get(item.id, 0) + 1
    names = [target.id for target in found.values() if isinstance(target, ast.Name)]
    return frozenset(name for name in names if bound[name] == 1)


def counted_by(loop: Loop) -> frozenset[str]:
    """The locals that say which round of a loop it is."""
    if isinstance(loop, ast.While) or not isinstance(loop.iter, ast.Call) or last_name(loop.iter) not in _NUMBERING:
        return counters_of(loop)
    return frozenset(item.id for item in walk(loop.target) if isinstance(item, ast.Name))


def comes_again(test: ast.expr, counters: frozenset[str]) -> bool:
    """Is a condition over nothing but a counter modulo a number, and numbers?"""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return comes_again(test.operand, counters)
    if isinstance(test, ast.Compare):
        return comes_again(test.left, counters) and all(map(_is_number, test.comparators))
    is_modulo = isinstance(test, ast.BinOp) and isinstance(test.op, ast.Mod)
    if not isinstance(test, ast.BinOp) or not is_modulo or not _is_number(test.right):
        return False
    return isinstance(test.left, ast.Name) and test.left.id in counters


def _is_step(node: ast.AugAssign) -> bool:
    return isinstance(node.op, (ast.Add, ast.Sub)) and isinstance(node.target, ast.Name) and _is_number(node.value)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int
