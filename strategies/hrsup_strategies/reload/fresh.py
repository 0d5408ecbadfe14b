"""Objects that a function makes on the spot, so that what is stored into them was not there before. Pure; runs in the
user's process.

What made an object is noted by a token: None for a display or a builtin container, ``name`` for a call of that name,
and ``.name`` for a method or a module's function of that name. Whether that makes a new object is for `kept` to see.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import BUILDERS, DISPLAYS, own_nodes
from hrsup_strategies.reload.trees import walk

Made = str | None
# Methods and functions of the standard library, of pandas and of numpy that give a new object at every call. What is
# put in it is put nowhere else.
MAKING = frozenset(
    (
        "copy", "deepcopy", "read_csv", "read_json", "read_excel", "read_parquet", "loads", "concat", "assign", "merge",
        "reset_index", "sort_values", "sort_index", "dropna", "fillna", "rename", "drop", "drop_duplicates", "zeros",
        "ones", "full", "arange", "linspace", "to_dict", "tolist", "to_frame", "md5", "sha1", "sha256", "sha512",
        "blake2b", "deque", "Counter", "defaultdict", "OrderedDict", "StringIO", "BytesIO",
        "sum", "mean", "std", "count", "agg", "aggregate", "pivot_table", "melt", "explode",
    )
)  # fmt: skip
# What is set through one of these of a frame is set in the frame.
WINDOWS = frozenset(("loc", "iloc", "at", "iat"))
# Builtins that look at what they are given, and neither keep it nor give it back.
LOOKING = frozenset(
    (
        "len", "sum", "min", "max", "any", "all", "sorted", "str", "repr", "print", "isinstance", "list", "dict", "set",
        "tuple", "enumerate", "zip", "reversed", "iter", "round", "float", "int", "bool",
    )
)  # fmt: skip


def fresh_locals(body: list[ast.stmt], parameters: list[str], names: set[str]) -> dict[str, Made]:
    """Locals that are only ever bound to an object made on the spot, with its token. A parameter counts if the body
    binds it before it does anything else with it. `names` are all locals: who is called by one, nobody knows."""
    fresh: dict[str, Made] = {}
    spoilt = {name for name in parameters if not _is_bound_first(body, name)}
    good_targets = set()
    for statement in body:
        for item in [statement, *own_nodes(statement)]:
            for value, target in _assignments(item):
                made = made_here(value)
                if made is None or made[0] in names or (target.id in fresh and fresh[target.id] != made[0]):
                    spoilt.add(target.id)
                else:
                    fresh[target.id] = made[0]
                    good_targets.add(id(target))
            if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load) and id(item) not in good_targets:
                spoilt.add(item.id)
            elif isinstance(item, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and item.name:
                spoilt.add(item.name)
    return {name: made for name, made in fresh.items() if name not in spoilt}


def sized_locals(body: list[ast.stmt], fresh: dict[str, Made]) -> set[str]:
    """Of these, the builtin containers of which no inner function knows."""
    later = (*FunctionNode, ast.Lambda, ast.ClassDef)
    inner = [item for statement in body for item in walk(statement) if isinstance(item, later)]
    known = {name.id for item in inner for name in walk(item) if isinstance(name, ast.Name)}
    return {name for name, made in fresh.items() if made is None} - known


def gives(node: ast.FunctionDef | ast.AsyncFunctionDef, fresh: dict[str, Made]) -> frozenset[str] | None:
    """The tokens of what a call of this function gives back; None if that may be something that was there before."""
    if isinstance(node, ast.AsyncFunctionDef):
        return None
    tokens: set[str] = set()
    for item in own_nodes(node):
        if isinstance(item, (ast.Yield, ast.YieldFrom)):
            return None
        if isinstance(item, ast.Return) and item.value is not None:
            given = _given(node, item.value, fresh)
            if given is None:
                return None
            tokens |= given
    return frozenset(tokens)


def _given(node: ast.FunctionDef | ast.AsyncFunctionDef, value: ast.expr, fresh: dict[str, Made]) -> set[str] | None:
    if isinstance(value, (ast.Constant, ast.JoinedStr, ast.Tuple, ast.Compare)):
        return set()
    if isinstance(value, ast.IfExp):
        first, second = _given(node, value.body, fresh), _given(node, value.orelse, fresh)
        return first | second if first is not None and second is not None else None
    if isinstance(value, ast.Name):
        made = fresh.get(value.id, "")
        of_library = made is not None and made.startswith(".")
        if made == "" or is_handed_on(node, value.id, made is None or of_library, of_library):
            return None
        return {made} if made else set()
    made_now = made_here(value)
    return None if made_now is None else {made_now[0]} if made_now[0] else set()


def _is_looked_into(part: ast.Subscript | ast.Attribute, views: bool) -> bool:
    """Is a part of it set, or looked at without being the same memory?"""
    if not isinstance(part.ctx, ast.Load):
        return True
    return isinstance(part, ast.Subscript) and not (views and _may_be_view(part.slice))


def _may_be_view(index: ast.expr) -> bool:
    """May what an array has there be the array's own memory? A column has a name, and what a condition picks is new."""
    return not isinstance(index, ast.Compare) and not (isinstance(index, ast.Constant) and isinstance(index.value, str))


def is_handed_on(node: ast.AST, name: str, methods: bool, views: bool = False) -> bool:
    """May another than the caller come to have what this local of a function is? Its own methods do not pass it on if
    `methods`; parts of it are the same memory if `views`."""
    harmless: set[int] = set()
    for item in walk(node):
        if isinstance(item, (ast.Subscript, ast.Attribute)) and _is_looked_into(item, views):
            harmless.add(id(item.value))
        elif isinstance(item, ast.Call):
            if isinstance(item.func, ast.Name) and item.func.id in LOOKING:
                harmless |= {id(argument) for argument in item.args}
            elif isinstance(item.func, ast.Attribute) and methods:
                harmless.add(id(item.func.value))
        elif isinstance(item, (ast.Return, ast.FormattedValue)):
            harmless.add(id(item.value))
        elif isinstance(item, (ast.For, ast.comprehension)):
            harmless.add(id(item.iter))
        elif isinstance(item, ast.Compare):
            harmless |= {id(part) for part in (item.left, *item.comparators)}
        elif isinstance(item, (ast.If, ast.While)):
            harmless.add(id(item.test))
    mentions = [item for item in walk(node) if isinstance(item, ast.Name) and item.id == name]
    return any(isinstance(item.ctx, ast.Load) and id(item) not in harmless for item in mentions)


def made_here(value: ast.expr) -> tuple[Made] | None:
    """The token of what an expression makes; None if it may give what was there before."""
    if isinstance(value, DISPLAYS):
        return (None,)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return (None,) if value.func.id in BUILDERS else (value.func.id,)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in MAKING:
        return (f".{value.func.attr}",)
    return None


def _is_bound_first(body: list[ast.stmt], name: str) -> bool:
    for statement in body:
        if any(isinstance(item, ast.Name) and item.id == name for item in walk(statement)):
            return any(target.id == name for _, target in _assignments(statement))
    return False


def _assignments(node: ast.AST) -> list[tuple[ast.expr, ast.Name]]:
    """The values that a statement binds to plain names, each with its name: ``found, seen = [], set()`` are two."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return [(node.value, node.target)]
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return []
    target, value = node.targets[0], node.value
    pairs = [(value, target)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        pairs = list(zip(value.elts, target.elts, strict=True))
    if any(isinstance(part, ast.Starred) for pair in pairs for part in pair):
        return []
    return [(one, place) for one, place in pairs if isinstance(place, ast.Name)]
