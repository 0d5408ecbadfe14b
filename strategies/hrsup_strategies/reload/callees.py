"""What may go by the name of a callee, beside what is defined under it. Pure; runs in the user's process.

A call is followed by the name that it spells. Where that name is bound to something that may be a function (an attribute,
a field, an alias), whoever is handed around may be called by it.
"""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import BUILDERS, DISPLAYS, last_name
from hrsup_strategies.reload.values import PURE_CALLS

_DATA = BUILDERS | PURE_CALLS | {"input", "open", "isinstance", "hash", "id", "type"}
_NO_CALLABLES = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Compare, ast.UnaryOp, ast.GeneratorExp, *DISPLAYS)
# Of the standard library, what makes something to be called.
_MAKE_CALLABLES = frozenset(("functools", "operator", "types", "importlib", "weakref", "unittest", "contextlib"))
_PLAIN_ANNOTATIONS = frozenset(
    (
        "int", "float", "complex", "str", "bytes", "bool", "list", "dict", "set", "tuple", "frozenset", "bytearray",
        "None", "Optional", "Union", "List", "Dict", "Set", "Tuple", "FrozenSet", "Sequence", "Mapping", "Iterable",
        "Path", "date", "datetime", "timedelta", "time", "Decimal", "Fraction", "deque", "Deque", "Counter",
        "defaultdict", "DefaultDict", "Literal", "ClassVar", "Final", "typing", "collections", "pathlib", "decimal",
    )
)  # fmt: skip
# Calls that bind attributes by the keywords, or by the strings, that they are given.
_BY_KEYWORD = frozenset(("SimpleNamespace", "Namespace", "update", "replace", "_replace", "setdefault"))
_BY_TEXT = frozenset(("namedtuple", "make_dataclass", "NamedTuple", "setattr", "type", "new_class", "__setattr__"))


def rebound(node: ast.stmt, origins: dict[str, str]) -> set[str]:
    """The names that this top-level statement binds, beyond locals, to something that may be called. `origins` says
    which modules imported names come from."""
    return _rebound(node, origins, None)


def _rebound(node: ast.AST, origins: dict[str, str], declared: frozenset[str] | None) -> set[str]:
    """`declared` are the names that the function around it binds elsewhere; None outside of functions."""
    found: set[str] = set()
    if isinstance(node, (*FunctionNode, ast.Lambda)):
        inner = (ast.Global, ast.Nonlocal)
        declared = frozenset(name for item in ast.walk(node) if isinstance(item, inner) for name in item.names)
    elif isinstance(node, ast.ClassDef):
        declared = None
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        found |= {alias.asname for alias in node.names if alias.asname and alias.asname != alias.name}
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        if _may_be_callable(node.value, origins) if node.value is not None else not _is_plain(node):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {name for target in targets for name in _bound(target, declared)}
        elif isinstance(node, ast.AnnAssign) and not _is_plain(node):
            found |= _bound(node.target, declared)  # the value of a field is what the constructor is given
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        found |= _bound(node.target, declared)
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        found |= _bound(node.optional_vars, declared)
    elif isinstance(node, ast.Call):
        found |= _by_call(node, origins)
    for child in ast.iter_child_nodes(node):
        found |= _rebound(child, origins, declared)
    return found


def _by_call(call: ast.Call, origins: dict[str, str]) -> set[str]:
    name = last_name(call.func)
    found: set[str] = set()
    if name in _BY_KEYWORD:
        found = {item.arg for item in call.keywords if item.arg and _may_be_callable(item.value, origins)}
    elif name in _BY_TEXT:
        texts = [item.value for item in ast.walk(call) if isinstance(item, ast.Constant)]
        found = {word for text in texts if isinstance(text, str) for word in text.replace(",", " ").split()}
    return found


def _bound(target: ast.AST, declared: frozenset[str] | None) -> set[str]:
    found = set()
    for item in ast.walk(target):
        if isinstance(item, ast.Attribute) and not isinstance(item.ctx, ast.Load):
            found.add(item.attr)
        elif isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            if declared is None or item.id in declared:
                found.add(item.id)
    return found


def _may_be_callable(value: ast.AST, origins: dict[str, str]) -> bool:
    if isinstance(value, (ast.Tuple, ast.BoolOp)):
        parts = value.elts if isinstance(value, ast.Tuple) else value.values
        return any(_may_be_callable(item, origins) for item in parts)
    if isinstance(value, ast.Call):
        root: ast.expr = value.func
        while isinstance(root, ast.Attribute):
            root = root.value
        origin = origins.get(root.id, "") if isinstance(root, ast.Name) else ""
        standard = origin.partition(".")[0] in sys.stdlib_module_names - _MAKE_CALLABLES
        return not standard and (last_name(value.func) not in _DATA or isinstance(value.func, ast.Attribute))
    return not isinstance(value, _NO_CALLABLES)


def _is_plain(node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> bool:
    """Does the annotation say that this is data of the interpreter's own?"""
    if not isinstance(node, ast.AnnAssign):
        return True
    named = {item.id for item in ast.walk(node.annotation) if isinstance(item, ast.Name)}
    named |= {item.attr for item in ast.walk(node.annotation) if isinstance(item, ast.Attribute)}
    texts = any(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in ast.walk(node.annotation))
    return named <= _PLAIN_ANNOTATIONS and not texts
