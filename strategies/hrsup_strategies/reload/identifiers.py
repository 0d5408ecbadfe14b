"""Names in pieces of syntax: which a piece mentions, which a function binds. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.trees import children, forget, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DYNAMIC = frozenset(
    (
        "globals",
        "vars",
        "eval",
        "exec",
        "__dict__",
        "getsource",
        "getsourcelines",
        "signature",
        "getfullargspec",
        "__code__",
        "__defaults__",
        "__kwdefaults__",
        "__annotations__",
        "__closure__",
        "__wrapped__",
        "get_type_hints",
        "getmembers",
        "dir",
        "currentframe",
        "_getframe",
        "__subclasses__",
        "get_objects",
        "reload",
        "modules",
        "pickle",
        "Unpickler",
        "shelve",
        "dill",
        "cloudpickle",
        "pydoc",
        "resolve_name",
        "getattr_static",
        "__getattribute__",
        "run_path",
        "run_module",
        "exec_module",
        "load_module",
        "runsource",
        "runcode",
        "testmod",
        "BaseConfigurator",
        "DictConfigurator",
        "EntryPoint",
        "entry_points",
        "timeit",
        "runctx",
    )
)
# What modules of these names have that looks nothing up.
_LOOKS_NOTHING_UP = frozenset(
    (
        "dump",
        "dumps",
        "Pickler",
        "PickleError",
        "PicklingError",
        "UnpicklingError",
        "HIGHEST_PROTOCOL",
        "DEFAULT_PROTOCOL",
    )
)
ANYTHING = "<anything>"  # stands for every name: code that looks names up at run time
LOOKED_UP = "U:*"  # the key of what is looked up so: whatever changed may be that
RAISED = "L:*"  # the key of what an ``except`` binds: it knows in which lines it was raised
STATE = frozenset(("__dict__", "__class__"))
BY_STRING = frozenset(
    (
        "getattr",
        "hasattr",
        "setattr",
        "delattr",
        "attrgetter",
        "methodcaller",
    )
)
BUILDERS = frozenset(
    (
        "dict",
        "list",
        "set",
        "bytearray",
        "deque",
        "defaultdict",
        "Counter",
        "OrderedDict",
        "SimpleNamespace",
        "StringIO",
    )
)
_AWAITED = frozenset(("acquire",))  # of what is awaited for its effect, what stays so: queues are looked at anyway
LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*FunctionNode, ast.ClassDef, ast.Lambda, *COMPREHENSIONS)
DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp)
LITERALS = (ast.Constant, ast.JoinedStr, ast.Tuple, *DISPLAYS)  # what these have is none of the program's


def bare_names(node: ast.AST) -> set[str]:
    """Every name below a node, lambdas included; names given as strings to ``getattr`` and the like too."""
    found: set[str] = set()
    for item in walk(node):
        if isinstance(item, ast.Name):
            found.add(item.id)
        elif isinstance(item, ast.Attribute):
            found.add(item.attr)
        elif isinstance(item, ast.alias):
            found.add(item.name.rpartition(".")[2])
        elif isinstance(item, ast.Call):
            found |= named_by_string(item)
        elif isinstance(item, ast.Constant):
            found |= named_in_text(item.value)
    if found & DYNAMIC:
        found.add(ANYTHING)
    return found


def looks_up(name: str, origins: Mapping[str, str]) -> bool:
    """Is what goes by this name imported from a module whose functions look names up at run time?"""
    origin = origins.get(name)
    return origin is not None and name not in _LOOKS_NOTHING_UP and not DYNAMIC.isdisjoint(origin.split("."))


def named_by_string(call: ast.Call) -> set[str]:
    """The names that a call looks up by string; `ANYTHING` if they are not written there."""
    name = last_name(call.func)
    if name not in BY_STRING:
        return set()
    arguments = call.args if name in ("attrgetter", "methodcaller") else call.args[1:2]
    found = {part for item in arguments if isinstance(item, ast.Constant) for part in str(item.value).split(".")}
    return found if arguments and isinstance(arguments[0], ast.Constant) else {ANYTHING}


def named_in_text(value: object) -> set[str]:
    """Names in a string that a library may look up: a dotted path, or the fields of a format."""
    if not isinstance(value, str) or len(value) > 2000:
        return set()
    if "{" in value:
        text = "".join(char if char.isalnum() or char == "_" else " " for char in value)
        return {word for word in text.split() if word.isidentifier()}
    parts = value.replace(":", ".").split(".")
    return set(parts) if len(parts) > 1 and all(part.isidentifier() for part in parts) else set()


def binds_state(node: ast.AST) -> bool:
    """Does the code set, or look at, what an object's attributes are kept in, or what class it is of?"""
    return any(isinstance(item, ast.Attribute) and item.attr in STATE for item in walk(node))


def calls_for_effect(node: ast.expr) -> list[ast.Call]:
    """The calls of an expression whose value nobody uses: itself, or what it comes to (``x and f()``)."""
    if isinstance(node, ast.Call):
        return [node]
    if isinstance(node, ast.Await):
        return [call for call in calls_for_effect(node.value) if last_name(call) in _AWAITED]
    if isinstance(node, ast.IfExp):
        return [*calls_for_effect(node.body), *calls_for_effect(node.orelse)]
    if isinstance(node, ast.BoolOp):
        return [call for value in node.values for call in calls_for_effect(value)]
    if isinstance(node, (ast.ListComp, ast.SetComp)):
        return calls_for_effect(node.elt)
    return []


def called(node: ast.expr) -> ast.expr:
    """What is called, of a call; of anything else, itself."""
    return node.func if isinstance(node, ast.Call) else node


def last_name(node: ast.expr) -> str | None:
    """The identifier that an expression ends in: `c` of `a.b.c`, of `c(...)` and of `c[...]`."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def first_name(node: ast.expr) -> str:
    """The name that an expression begins with: `a` of `a.b.c`, of `a(...)` and of `a[...]`; empty if there is none."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_reference(node: ast.expr) -> bool:
    """Does the expression only pass an object on?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def params_of(args: ast.arguments) -> list[str]:
    """The names of all parameters."""
    everything = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return [item.arg for item in everything if item is not None]


def positional(args: ast.arguments) -> list[str]:
    """The names of the parameters that may be given by place."""
    return [item.arg for item in [*args.posonlyargs, *args.args]]


def arguments_of(call: ast.Call) -> list[ast.expr]:
    """What a call gives, by place and by keyword."""
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def own_nodes(node: ast.AST) -> list[ast.AST]:
    """The nodes of a function that belong to its own scope (nested functions and classes by their name alone)."""
    found: list[ast.AST] = []
    pending = children(node)[::-1]
    while pending:
        child = pending.pop()
        found.append(child)
        if not isinstance(child, _SCOPES):
            pending += children(child)[::-1]
    return found


def binds_otherwise(item: ast.AST, name: str) -> bool:
    """Does this node bind the name by something else than a `Name` or a parameter?"""
    if isinstance(item, ast.alias):
        return name in (item.asname, item.name.partition(".")[0])
    if isinstance(item, ast.MatchMapping):
        return item.rest == name
    return isinstance(item, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and item.name == name


def locals_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The names that a function binds in its own scope."""
    names = set(params_of(node.args))
    hidden: set[str] = set()
    for statement in node.body:
        for item in [statement, *own_nodes(statement)]:
            if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
                names.add(item.id)
            elif isinstance(item, (*FunctionNode, ast.ClassDef)):
                names.add(item.name)
            elif isinstance(item, ast.alias):
                names.add(item.asname or item.name.partition(".")[0])
            elif isinstance(item, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and item.name:
                names.add(item.name)
            elif isinstance(item, ast.MatchMapping) and item.rest:
                names.add(item.rest)
            elif isinstance(item, ast.NamedExpr):
                names.add(item.target.id)
            elif isinstance(item, (ast.Global, ast.Nonlocal)):
                hidden |= set(item.names)
    return names - hidden


def shell_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
    """A copy of a function in which the bodies of the functions that it makes are empty, but for their docstrings."""
    from copy import deepcopy

    copy = deepcopy(node)
    for item in list(own_nodes(copy)):
        if isinstance(item, FunctionNode):
            forget(item)
            item.body = [ast.Pass()] if ast.get_docstring(item, False) is None else item.body[:1]
    return copy


def inner_names_of(node: ast.AST) -> set[str]:
    """Parameters of lambdas and targets of comprehensions."""
    found: set[str] = set()
    for item in walk(node):
        if isinstance(item, ast.Lambda):
            found |= set(params_of(item.args))
        elif isinstance(item, ast.comprehension):
            found |= {name.id for name in walk(item.target) if isinstance(name, ast.Name)}
    return found
