"""What may go by the name of a callee, beside what is defined under it. Pure; runs in the user's process.

A call is followed by the name that it spells. Where that name is bound to something that may be a function (an
attribute, a field, an alias), whoever is handed around may be called by it.
"""

from __future__ import annotations

import ast
import re
import sys

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import BUILDERS, DISPLAYS, bare_names, last_name
from hrsup_strategies.reload.known import ORDERING
from hrsup_strategies.reload.quiet import CALLBACKS
from hrsup_strategies.reload.trees import children, walk
from hrsup_strategies.reload.values import PURE_CALLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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
# Calls and attributes that give the standard library something to call later, whenever data passes through it.
HOOKING = frozenset(
    (
        "create_function", "create_aggregate", "create_window_function", "create_collation", "register_adapter",
        "register_converter", "set_trace_callback", "set_authorizer", "row_factory", "text_factory", "showwarning",
        "excepthook", "displayhook", "stdout", "stderr", "setLogRecordFactory", "setLoggerClass", "addFilter",
    )
)  # fmt: skip
_HOOKED = re.compile(
    rb"\blambda\b|\b(?:%s)\b\s*[=\\#]|%s"  # a keyword may stand apart from its sign
    % tuple("|".join(sorted(words)).encode() for words in (CALLBACKS, HOOKING))
)
LAMBDA = "lambda"  # stands for one that anybody may call


def rebound(node: ast.stmt, origins: dict[str, str]) -> set[str]:
    """The names that this top-level statement binds, beyond locals, to something that may be called. `origins` says
    which modules imported names come from."""
    return _rebound(node, origins, None)


def hooked(node: ast.stmt, text: bytes) -> set[str]:
    """The names in this top-level statement, of this `text`, that the standard library may have been given, to call
    them later; with `LAMBDA` if it makes one that is not only called for an order."""
    found: set[str] = set()
    if text.isascii() and _HOOKED.search(text) is None:  # not spelled in other letters
        return found
    nodes = list(walk(node))
    for item in nodes:
        if isinstance(item, ast.Call):
            given = [keyword.value for keyword in item.keywords if keyword.arg in CALLBACKS]
            given += item.args if last_name(item.func) in HOOKING else []
            found |= {name for value in given for name in bare_names(value)}
        elif isinstance(item, ast.Assign):
            hooks = [target for target in item.targets if isinstance(target, ast.Attribute) and target.attr in HOOKING]
            found |= bare_names(item.value) if hooks else set()
    lambdas = [item for item in nodes if isinstance(item, ast.Lambda)]
    if lambdas and not _only_order(nodes).issuperset(map(id, lambdas)):
        found.add(LAMBDA)
    return found


def _only_order(nodes: list[ast.AST]) -> set[int]:
    """The ids of what calls by these nodes of a statement call for an order alone (see ``callbacks``)."""
    names = ORDERING.difference(*map(_bound_by, nodes))
    calls = [item for item in nodes if isinstance(item, ast.Call) and last_name(item.func) in names]
    keywords = [
        item for call in calls for item in call.keywords if not any(isinstance(one, ast.Lambda) for one in call.args)
    ]
    others = CALLBACKS | {None}
    if any(item.arg in others and item.arg != "key" for item in keywords):
        return set()
    return {id(item.value) for item in keywords if item.arg == "key"}


def _bound_by(node: ast.AST) -> set[Any]:
    """What the node may bind, and what it gives by keyword."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return set()
    return {getattr(node, field, None) for field in ("id", "arg", "name", "asname", "rest")}


def _rebound(node: ast.AST, origins: dict[str, str], declared: frozenset[str] | None) -> set[str]:
    """`declared` are the names that the function around it binds elsewhere; None outside of functions."""
    found: set[str] = set()
    if isinstance(node, (*FunctionNode, ast.Lambda)):
        inner = (ast.Global, ast.Nonlocal)
        declared = frozenset(name for item in walk(node) if isinstance(item, inner) for name in item.names)
    elif isinstance(node, ast.ClassDef):
        declared = None
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        found |= {alias.asname for alias in node.names if alias.asname and alias.asname != alias.name}
    elif isinstance(node, ast.Call):
        found |= _by_call(node, origins)
    for target in _targets(node, origins):
        found |= _bound(target, declared)
    for child in children(node):
        found |= _rebound(child, origins, declared)
    return found


def _targets(node: ast.AST, origins: dict[str, str]) -> list[ast.expr]:
    """What the node itself binds to something that may be called."""
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        # Of a field the value is what the constructor is given.
        may_be = isinstance(node, ast.AnnAssign) and not _is_plain(node.annotation)
        may_be = may_be or (node.value is not None and _may_be_callable(node.value, origins))
        targets: list[ast.expr] = node.targets if isinstance(node, ast.Assign) else [node.target]
        return targets if may_be else []
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return [node.target]
    return [node.optional_vars] if isinstance(node, ast.withitem) and node.optional_vars is not None else []


def _by_call(call: ast.Call, origins: dict[str, str]) -> set[str]:
    name = last_name(call.func)
    found: set[str] = set()
    if name in _BY_KEYWORD:
        found = {item.arg for item in call.keywords if item.arg and _may_be_callable(item.value, origins)}
    elif name in _BY_TEXT:
        texts = [item.value for item in walk(call) if isinstance(item, ast.Constant)]
        found = {word for text in texts if isinstance(text, str) for word in text.replace(",", " ").split()}
    return found


def _bound(target: ast.AST, declared: frozenset[str] | None) -> set[str]:
    found = set()
    for item in walk(target):
        if isinstance(item, ast.Attribute) and not isinstance(item.ctx, ast.Load):
            found.add(item.attr)
        elif isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            found |= {item.id} if declared is None or item.id in declared else set()
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


def _is_plain(annotation: ast.expr) -> bool:
    """Does the annotation say that this is data of the interpreter's own?"""
    named = {item.id for item in walk(annotation) if isinstance(item, ast.Name)}
    named |= {item.attr for item in walk(annotation) if isinstance(item, ast.Attribute)}
    texts = any(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in walk(annotation))
    return named <= _PLAIN_ANNOTATIONS and not texts
