"""Containers that a function makes on the spot, with items that were all made for them. Pure.

Runs in the user's process.

``grouped = defaultdict(list)``, filled by ``grouped[key].append(row)``: what is stored into such an item is stored into
nothing that was there before, as what is stored into the container itself (``fresh``). That holds if the container
begins empty, or with new items, and if nobody else can put one of his there: so every mention of its name is one that
only looks or takes, or that puts in what is made in that very place and gets no other name there. Who comes to have
such an item later has it by the container's name, and names are followed.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.fresh import LOOKING, Made, made_here
from hrsup_strategies.reload.identifiers import BUILDERS
from hrsup_strategies.reload.known import READING, REMOVING
from hrsup_strategies.reload.trees import walk

_LATER = (*FunctionNode, ast.Lambda, ast.ClassDef)
_PUTTING = frozenset(("setdefault", "append", "appendleft", "add", "insert"))
_EMPTY = frozenset(("dict", "list", "set", "deque", "OrderedDict", "Counter"))
_BY_INDEX = (ast.List, ast.ListComp)


def own_items(body: list[ast.stmt], fresh: dict[str, Made], names: set[str]) -> dict[str, str]:
    """Of the `fresh` locals of a function, the containers whose items are all its own, each with a token that is true
    (``kept``) if the builtins that this rests on are the interpreter's own. `names` are all locals."""
    nodes = [item for statement in body for item in walk(statement)]
    if any(isinstance(item, (ast.Yield, ast.YieldFrom, ast.Await)) for item in nodes):
        return {}
    later = {name.id for item in nodes if isinstance(item, _LATER) for name in walk(item) if isinstance(name, ast.Name)}
    found = {name: _Container(name, nodes) for name, made in fresh.items() if made is None and name not in later}
    own = {name: one.builtins for name, one in found.items() if one.is_own()}
    return {name: f"={' '.join(sorted(builtins))}" for name, builtins in own.items() if names.isdisjoint(builtins)}


def item_of(base: ast.expr) -> str | None:
    """The name of the container of which `base` is an item: ``d`` of ``d[key]`` and of ``d.setdefault(key, [])``."""
    if isinstance(base, ast.Call) and isinstance(base.func, ast.Attribute) and base.func.attr == "setdefault":
        base = base.func
    if isinstance(base, (ast.Subscript, ast.Attribute)) and isinstance(base.value, ast.Name):
        return base.value.id if isinstance(base, ast.Subscript) or base.attr == "setdefault" else None
    return None


class _Container:
    """A local called `name`, in a function of these `nodes`. `builtins` are the names of those that have made
    something, or looked at it."""

    def __init__(self, name: str, nodes: list[ast.AST]) -> None:
        self.name, self.nodes = name, nodes
        self.builtins: set[str] = set()
        self._by_key = True

    def is_own(self) -> bool:
        """Is everything in it made by the function, for it?"""
        safe: set[int] = set()
        for item in self.nodes:
            if isinstance(item, (ast.Assign, ast.AnnAssign)) and not self._begins_well(item):
                return False
        for item in self.nodes:
            safe |= {id(part) for part in self._looked_at(item) if self._is_it(part)}
        mentions = [item for item in self.nodes if self._is_it(item)]
        return all(
            id(item) in safe for item in mentions if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load)
        )

    def _is_it(self, node: ast.AST | None) -> bool:
        return isinstance(node, ast.Name) and node.id == self.name

    def _begins_well(self, node: ast.Assign | ast.AnnAssign) -> bool:
        """If it is bound here, is that to a new container without items, or with new ones?"""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            else:
                pairs = [(target, node.value)] if node.value is not None else []
            if not all(self._has_new(value) for one, value in pairs if self._is_it(one)):
                return False
        return True

    def _has_new(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Dict):
            return None not in value.keys and all(map(self._is_new, value.values))
        self._by_key &= not isinstance(value, _BY_INDEX)
        if isinstance(value, (ast.List, ast.Set)):
            return all(map(self._is_new, value.elts))
        if isinstance(value, (ast.ListComp, ast.SetComp)):
            return self._is_new(value.elt)
        if isinstance(value, ast.DictComp):
            return self._is_new(value.value)
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name) or value.keywords:
            return False
        self.builtins.add(value.func.id)
        self._by_key &= value.func.id not in ("list", "deque")
        if value.func.id == "defaultdict":
            return len(value.args) <= 1 and all(map(self._makes_new, value.args))
        return value.func.id in _EMPTY and not value.args

    def _makes_new(self, factory: ast.expr) -> bool:
        if isinstance(factory, ast.Name):
            self.builtins.add(factory.id)
            return factory.id in BUILDERS
        return False

    def _is_new(self, value: ast.expr) -> bool:
        """Is it made here, with no other name?"""
        if isinstance(value, ast.Constant):
            return True
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            self.builtins.add(value.func.id)
        return made_here(value) == (None,)

    def _looked_at(self, node: ast.AST) -> list[ast.expr | None]:
        """The parts of a node that it does not keep, and to which it adds nothing but what is new."""
        if isinstance(node, ast.Subscript):
            return [node.value] if not isinstance(node.ctx, ast.Store) else []
        if isinstance(node, ast.Assign):
            part = node.targets[0]
            is_item = isinstance(part, ast.Subscript) and len(node.targets) == 1 and self._by_key
            return [part.value] if is_item and isinstance(part, ast.Subscript) and self._is_new(node.value) else []
        if isinstance(node, ast.Call):
            return self._by_call(node)
        if isinstance(node, ast.Return):
            return [*node.value.elts] if isinstance(node.value, ast.Tuple) else [node.value]
        if isinstance(node, ast.FormattedValue):
            return [node.value]
        if isinstance(node, (ast.For, ast.comprehension)):
            return [node.iter]
        if isinstance(node, ast.Compare):  # by ``==`` it would be given to a method
            known = all(isinstance(item, (ast.In, ast.NotIn, ast.Is, ast.IsNot)) for item in node.ops)
            return [node.left, *node.comparators] if known else []
        if isinstance(node, (ast.If, ast.While, ast.IfExp)):
            return [node.test]
        return [node.operand] if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) else []

    def _by_call(self, call: ast.Call) -> list[ast.expr | None]:
        if isinstance(call.func, ast.Name):
            self.builtins |= {call.func.id} if any(map(self._is_it, call.args)) else set()
            return [*call.args] if call.func.id in LOOKING else []
        if not isinstance(call.func, ast.Attribute):
            return []
        if call.func.attr in _PUTTING:
            plain = call.args and not call.keywords and not isinstance(call.args[0], ast.Starred)
            return [call.func.value] if plain and self._is_new(call.args[-1]) else []
        return [call.func.value] if call.func.attr in READING | REMOVING else []
