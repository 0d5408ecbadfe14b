"""Which expressions can be evaluated again without side effects, and whether a live value is still what its statement
built. Pure but for the evaluation itself; runs in the user's process."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

PURE_CALLS = frozenset(
    (
        "int",
        "float",
        "complex",
        "str",
        "bytes",
        "bool",
        "tuple",
        "list",
        "dict",
        "set",
        "frozenset",
        "len",
        "min",
        "max",
        "sum",
        "sorted",
        "range",
        "round",
        "abs",
        "divmod",
        "pow",
        "zip",
        "enumerate",
        "reversed",
        "any",
        "all",
        "ord",
        "chr",
        "hex",
        "oct",
        "bin",
        "repr",
    )
)
PURE_METHODS = frozenset(
    (
        "upper",
        "lower",
        "title",
        "capitalize",
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "rsplit",
        "splitlines",
        "join",
        "format",
        "replace",
        "startswith",
        "endswith",
        "items",
        "keys",
        "values",
        "copy",
        "get",
        "union",
        "intersection",
        "difference",
        "encode",
        "decode",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "removeprefix",
        "removesuffix",
        "casefold",
        "isdigit",
        "count",
        "index",
    )
)
PURE_IMPORTED = {
    ("re", "compile"),
    ("datetime", "timedelta"),
    ("decimal", "Decimal"),
    ("fractions", "Fraction"),
    ("pathlib", "Path"),
    ("pathlib", "PurePath"),
    ("math", "sqrt"),
    ("math", "log"),
    ("math", "exp"),
    ("operator", "itemgetter"),
    ("operator", "attrgetter"),
}
_NODES = (
    ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.BinOp, ast.UnaryOp, ast.BoolOp,
    ast.Compare, ast.IfExp, ast.JoinedStr, ast.FormattedValue, ast.Subscript, ast.Slice, ast.Starred, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Call, ast.keyword, ast.expr_context,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
_COMPARABLE = frozenset(
    (
        "re.Pattern",
        "datetime.timedelta",
        "decimal.Decimal",
        "fractions.Fraction",
        "pathlib.PosixPath",
        "pathlib.PurePosixPath",
        "pathlib._local.PosixPath",
        "pathlib._local.PurePosixPath",
    )
)
_MUTABLE_OK = (list, dict, set, bytearray)
_ATOMS = (type(None), bool, int, str, bytes, type(...))


def rebuildable(node: ast.AST | None, defined: Container[str], origins: dict[str, str]) -> bool:
    """Can this expression be evaluated again without side effects and without losing state?

    `defined` are the names of the user's own functions and classes, `origins` the modules that names come from.
    """
    if node is None:
        return True
    if isinstance(node, ast.Lambda):
        return all(rebuildable(item, defined, origins) for item in [*node.args.defaults, *node.args.kw_defaults])
    if not isinstance(node, _NODES):
        return False
    if isinstance(node, ast.Call) and not _pure_call(node.func, defined, origins):
        return False
    return all(rebuildable(child, defined, origins) for child in ast.iter_child_nodes(node))


def _pure_call(function: ast.expr, defined: Container[str], origins: dict[str, str]) -> bool:
    if isinstance(function, ast.Name):
        origin = origins.get(function.id)
        if origin is None:
            return function.id in PURE_CALLS and function.id not in defined
        return (origin, function.id) in PURE_IMPORTED
    if not isinstance(function, ast.Attribute):
        return False
    if isinstance(function.value, ast.Name) and function.value.id in origins:
        return (origins[function.value.id], function.attr) in PURE_IMPORTED
    return function.attr in PURE_METHODS and function.attr not in defined


def same(left: Any, right: Any, depth: int = 0) -> bool:
    """Are two values indistinguishable plain data? What is not known to be plain is only the same as itself."""
    if left is right:
        return True
    if type(left) is not type(right) or depth > 50:
        return False
    if type(left) in (float, complex):
        return repr(left) == repr(right)
    if type(left) in _ATOMS or type(left) in (range, bytearray):
        return bool(left == right)
    if type(left) in (list, tuple):
        return len(left) == len(right) and all(same(a, b, depth + 1) for a, b in zip(left, right, strict=True))
    if type(left) is dict:
        return same(list(left.items()), list(right.items()), depth + 1)
    if type(left) in (set, frozenset):
        return bool(left == right) and {type(item) for item in left} == {type(item) for item in right}
    if f"{type(left).__module__}.{type(left).__qualname__}" in _COMPARABLE:
        return bool(left == right)
    code = getattr(left, "__code__", None)
    if code is not None and getattr(left, "__name__", "") == "<lambda>":
        return bool(code == right.__code__ and same(left.__defaults__, right.__defaults__, depth + 1))
    return False
