"""Of which class of the user's an object is, as far as its making shows: then its methods are known. Pure; runs in the
user's process.

An object has a kind if it is made on the spot (``Point(1)``, ``Point.origin()``), by a function all of whose results
have the same kind, or is bound to one of these once. In a method that is called on such an object, that is what its
first parameter is. Which of a class and its bases has the method that is called is not asked: all that have it count.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import binds_otherwise, called, own_nodes, params_of
from hrsup_strategies.reload.records import bound_in
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.calling import Calling
    from hrsup_strategies.reload.purity import Purity

    Function = ast.FunctionDef | ast.AsyncFunctionDef
    Classes = list[tuple[str, ast.ClassDef]]  # each with the path of its module

_PLAIN_BASES = frozenset(("object", "abc.ABC", "typing.NamedTuple", "typing.Protocol", "Exception", "ValueError"))
_PLAIN_DECORATORS = frozenset(("dataclasses.dataclass", "functools.total_ordering", "typing.final"))
_DEEPEST = 10


class Kind:
    """An instance of the class `node` of the module at `path`, or (`is_class`) the class. If it is not `exact`, it may
    be of one derived from that."""

    __slots__ = ("exact", "is_class", "node", "path")

    def __init__(self, path: str, node: ast.ClassDef, is_class: bool = False, exact: bool = True) -> None:
        self.path, self.node, self.is_class, self.exact = path, node, is_class, exact

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kind) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[int, bool, bool]:
        return id(self.node), self.is_class, self.exact


class Kinds:
    """What is known of objects, in the versions of which `purity` judges."""

    def __init__(self, purity: Purity) -> None:
        self._purity = purity
        self._depth = 0
        self._results: dict[tuple[int, Kind | None], Kind | None] = {}

    def begin(self) -> None:
        """Another question is asked."""
        self._results.clear()

    def hierarchy(self, path: str, node: ast.ClassDef, depth: int = 0) -> Classes | None:
        """The class and those of the user's that it is derived from; None if another than these may have a part in what
        its instances do."""
        names = self._purity.names
        if node.keywords or depth > _DEEPEST:
            return None
        if any(names.origin(path, called(item)) not in _PLAIN_DECORATORS for item in node.decorator_list):
            return None
        if any("__getattribute__" in bound_in(item) for item in node.body):
            return None
        found = [(path, node)]
        for base in node.bases:
            place = names.of(path, base)
            if place is not None and isinstance(place[1].node, ast.ClassDef):
                self._purity.reads.add((place[0], place[2]))
                above = self.hierarchy(place[0], place[1].node, depth + 1)
                if above is None:
                    return None
                found += above
            elif names.origin(path, base) not in _PLAIN_BASES:
                return None
        return found

    def definitions(self, kind: Kind, name: str) -> list[tuple[str, Function]] | None:
        """All definitions of this method by the classes of an exact kind; None if it may be something else there."""
        classes = self.hierarchy(kind.path, kind.node)
        found: list[tuple[str, Function]] = []
        for path, cls in classes or ():
            for item in cls.body:
                if name in bound_in(item):
                    if not isinstance(item, FunctionNode):
                        return None
                    found.append((path, item))
            if any(isinstance(item, ast.Attribute) and _is_set(item, name) for item in walk(cls)):
                return None
        return found if classes is not None else None

    def of(self, body: Calling, node: ast.expr | None) -> Kind | None:
        """The kind of what an expression in this body gives."""
        if self._depth > _DEEPEST:
            return None
        self._depth += 1
        try:
            if isinstance(node, ast.Call):
                return self._made(body, node)
            if isinstance(node, ast.Name) and node.id in body.locals:
                return body.owner if node.id == body.self else self.of(body, body.once.get(node.id))
            return self._bound(body, node) if node is not None and not _is_local(body, node) else None
        finally:
            self._depth -= 1

    def _bound(self, body: Calling, node: ast.expr) -> Kind | None:
        place = self._purity.names.of(body.path, node)
        if place is None:
            return None
        bound = place[1].node
        if isinstance(bound, ast.ClassDef):
            return Kind(place[0], bound, is_class=True)
        value = bound.value if isinstance(bound, (ast.Assign, ast.AnnAssign)) and len(place[1].names) == 1 else None
        return self.of(self._purity.body(place[0], None, None), value) if isinstance(value, ast.Call) else None

    def _made(self, body: Calling, call: ast.Call) -> Kind | None:
        function = call.func
        if isinstance(function, ast.Name) and function.id == "super":
            known = self._purity.names.origin(body.path, function) == "super" and not _is_local(body, function)
            return body.owner if known and not call.args else None
        kind = self.of(body, function)
        if kind is not None:
            return self._instance(kind)
        place = self._purity.names.of(body.path, function) if not _is_local(body, function) else None
        if place is not None:
            node = place[1].node
            return self._result(place[0], node, None) if isinstance(node, ast.FunctionDef) else None
        receiver = self.of(body, function.value) if isinstance(function, ast.Attribute) else None
        if receiver is None or not receiver.exact or not isinstance(function, ast.Attribute):
            return None
        found = self.definitions(receiver, function.attr) or []
        results = {self._result(path, item, bound_to(receiver, item)) for path, item in found}
        return results.pop() if len(results) == 1 else None

    def _instance(self, kind: Kind) -> Kind | None:
        """What a call of this class gives."""
        if not kind.is_class or not kind.exact or self.definitions(kind, "__new__") != []:
            return None
        return Kind(kind.path, kind.node)

    def _result(self, path: str, node: Function, owner: Kind | None) -> Kind | None:
        key = (id(node), owner)
        if key not in self._results:
            self._results[key] = None  # one that calls itself
            self._results[key] = self._of_results(path, node, owner)
        return self._results[key]

    def _of_results(self, path: str, node: Function, owner: Kind | None) -> Kind | None:
        inside = own_nodes(node)
        if not isinstance(node, ast.FunctionDef) or any(isinstance(i, (ast.Yield, ast.YieldFrom)) for i in inside):
            return None
        if not all(_is_plain(item) or self._purity.gives_back(path, item) for item in node.decorator_list):
            return None
        body = self._purity.body(path, node, owner)
        results = {self.of(body, item.value) for item in inside if isinstance(item, ast.Return)}
        return results.pop() if len(results) == 1 else None


def bound_to(kind: Kind, method: Function) -> Kind | None:
    """What the first parameter of a method is, if that is called on an object of this kind."""
    decorators = {item.id for item in method.decorator_list if isinstance(item, ast.Name)}
    if "staticmethod" in decorators:
        return None
    if "classmethod" in decorators or method.name == "__new__":
        return Kind(kind.path, kind.node, True, kind.exact)
    return None if kind.is_class else kind


def bound_once(node: Function) -> dict[str, ast.expr]:
    """The locals that a function binds by one assignment and nothing else, and to what."""
    stores: dict[str, int] = {}
    nodes = list(walk(node))
    for item in nodes:
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            stores[item.id] = stores.get(item.id, 0) + 1
    found = {
        item.targets[0].id: item.value
        for item in own_nodes(node)
        if isinstance(item, ast.Assign) and len(item.targets) == 1 and isinstance(item.targets[0], ast.Name)
    }
    taken = set(params_of(node.args)) | {item.name for item in nodes if isinstance(item, (*FunctionNode, ast.ClassDef))}
    return {
        name: value
        for name, value in found.items()
        if stores[name] == 1 and name not in taken and not any(binds_otherwise(item, name) for item in nodes)
    }


def binds(node: Function, name: str) -> bool:
    """Is a name bound anywhere in a function, but as its parameter?"""
    return any(
        (isinstance(item, ast.Name) and item.id == name and not isinstance(item.ctx, ast.Load))
        or (isinstance(item, (*FunctionNode, ast.ClassDef)) and item is not node and item.name == name)
        or binds_otherwise(item, name)
        for item in walk(node)
    )


def _is_plain(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in ("classmethod", "staticmethod")


def _is_set(item: ast.Attribute, name: str) -> bool:
    return item.attr == name and not isinstance(item.ctx, ast.Load)


def _is_local(body: Calling, node: ast.expr) -> bool:
    base = node.value if isinstance(node, ast.Attribute) else node
    return isinstance(base, ast.Name) and base.id in body.locals
