"""May what has run already have called what changed? Calls are followed by name, from mention to definition. Pure.

Runs in the user's process.
"""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload import asgi
from hrsup_strategies.reload.diff import FunctionNode, Statement
from hrsup_strategies.reload.identifiers import ANYTHING, arguments_of, bare_names, is_reference, last_name
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.known import HOLDERS
from hrsup_strategies.reload.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.units import ClassInfo, Unit

# What they keep is called for requests alone; the others of `HOLDERS` give or find something that the program may call.
_SERVERS = HOLDERS.keys() - {"partial", "register", "signal"}
# What making one of these calls of its own methods.
_SETTING_UP = frozenset(("server_bind", "server_activate", "server_close", "setup_environ", "set_app"))
_DERIVES = (b"Server)", b"Server,")
_MIXED_IN = frozenset(("ThreadingMixIn", "ForkingMixIn"))
_WRAPPERS = frozenset(("property", "staticmethod", "classmethod"))
# Of the standard library: they look at a class's fields and add methods, and call none of the class's own.
_CLASS_DECORATORS = frozenset(("dataclass", "total_ordering", "final", "runtime_checkable"))


def may_have_used(names: set[str], closure: Closure, running: set[int], roots: AbstractSet[str] = frozenset()) -> bool:
    """May code that mentions `names` have run what changed, or have looked at it?

    The closure also has what results may have been stored into since; that is no matter for what ran before. Here only
    calls are followed: a function that is called has been mentioned by whoever calls it, by whoever handed it over, or
    by an import-time statement, of which the name that it binds is a mention of all that it mentions. Methods that are
    called without a mention count as called once their class is mentioned. `running` are the ids of the top-level
    statements on the stack: what of them has run is among the `names`. `roots` are units that are running: they have
    not been called, but are still in that call.
    """
    changed = closure.functions | closure.values | {ANYTHING}
    seen: set[str] = set()
    handed, edges = _at_import(closure, running)
    todo = names | handed | {own for name, own in closure.private if name in names | handed}
    units = [unit for unit in closure.units if f"U:{unit.id}" in closure.tainted and unit.id not in roots]
    unseen = {unit.id for unit in units if _is_called_unseen(unit, closure)}
    while True:
        for unit in units:
            if unit.name in todo or (unit.id in unseen and (unit.owner is None or unit.owner in todo)):
                if unit.dynamic or unit.id in closure.changed_units:
                    return True
                todo |= unit.globals - _held_by(unit, closure)
                todo |= unit.binds | {name for name in unit.decorators if name}
        todo |= {own for name, own in closure.private if name in todo}
        todo |= {name for source in todo & edges.keys() for name in edges[source]}
        if not todo.isdisjoint(changed):
            return True
        if todo == seen:
            return False
        seen = set(todo)


def runs(node: ast.AST, name: str, closure: Closure) -> bool:
    """Does the node itself run what is called so, and not only hand it over? A coroutine runs when it is awaited, a
    generator not when it is made for a loop."""
    units = closure.units_of(name)
    if all(isinstance(unit.node, ast.AsyncFunctionDef) for unit in units):
        calls: list[ast.AST] = [item.value for item in walk(node) if isinstance(item, ast.Await)]
    else:
        calls = [item for item in walk(node) if isinstance(item, ast.Call)]
        if node in calls and all(unit.generates for unit in units):
            calls.remove(node)
    return any(isinstance(call, ast.Call) and last_name(call.func) == name for call in calls)


def uses_of(node: ast.AST, module: ModuleNames | None, closure: Closure) -> tuple[set[str], set[str], set[str]]:
    """What a statement that has run used, what it passed on, and of that what is only held since: a class of handlers
    that a server was given has not been called by it."""
    if isinstance(node, ast.stmt):
        out = ImportTime(Statement(node, False, True), True)
        uses, holds = out.uses, out.holds
    else:
        names = [item for item in walk(node) if isinstance(item, ast.Name)]
        bound = {item.id for item in names if isinstance(item.ctx, ast.Store)}
        read = {item.id for item in names if isinstance(item.ctx, ast.Load)}
        uses, holds = bare_names(node) - (bound - read), set()  # ``with open(path) as file`` uses no `file`
    for item in walk(node):  # what is made here may be called here too
        if isinstance(item, (*FunctionNode, ast.Lambda)):
            uses |= bare_names(item)
    held = _held(node, module, closure)
    return uses - held, holds - held, held


def _held_by(unit: Unit, closure: Closure) -> set[str]:
    """What a function, when it is called, only hands to servers that it makes."""
    if unit.mentions.isdisjoint(_SERVERS) and not closure.has_any(_DERIVES):
        return set()
    module = next((module for module in closure.modules if module.path == unit.path), None)
    return _held(unit.node, module, closure, _SERVERS)


def _held(
    node: ast.AST, module: ModuleNames | None, closure: Closure, holders: AbstractSet[str] = HOLDERS.keys()
) -> set[str]:
    kept: list[ast.expr] = []
    for item in walk(node):
        if isinstance(item, ast.Call) and module is not None and _holds(item, module, closure, holders):
            kept += [part for part in arguments_of(item) if is_reference(part)]
    if not kept:
        return set()
    inside = {id(part) for found in kept for part in walk(found)}
    others = {part.id for part in walk(node) if isinstance(part, ast.Name) and id(part) not in inside}
    others |= {part.attr for part in walk(node) if isinstance(part, ast.Attribute) and id(part) not in inside}
    return {name for found in kept for name in bare_names(found)} - others


def _holds(call: ast.Call, module: ModuleNames, closure: Closure, holders: AbstractSet[str]) -> bool:
    if _is_holder(call.func, module, holders):
        # The class of the server, which it may be given, is made one of at once.
        return last_name(call.func) != "make_server" or (len(call.args) < 4 and _is_given(call, "handler_class"))
    return isinstance(call.func, ast.Name) and makes_server(call.func.id, closure)


def makes_server(name: str, closure: Closure) -> bool:
    """Is this a class of the user's that is made as a server of the standard library is, and runs none of its code?"""
    info = closure.class_of(name) if name in closure.defined else None
    return info is not None and not closure.is_rebound(name) and _is_server(info, closure)


def _is_given(call: ast.Call, keyword: str) -> bool:
    """Is it given nothing by a keyword, or by this one alone?"""
    return all(item.arg == keyword for item in call.keywords) and not any(isinstance(i, ast.Starred) for i in call.args)


def _is_server(info: ClassInfo, closure: Closure) -> bool:
    if info.node.keywords or info.node.decorator_list or not all(map(_is_not_set_up, info.node.body)):
        return False
    for node, base in zip(info.node.bases, info.bases, strict=True):
        if base is None or (base not in _MIXED_IN and base not in _SERVERS):
            return False
        modules = HOLDERS.get(base, HOLDERS["TCPServer"])
        spelled = ast.unparse(node.value) if isinstance(node, ast.Attribute) else base
        if any(module.origins.get(spelled, modules[0]) not in modules for module in closure.modules):
            return False
        if closure.class_of(base) is not None or closure.is_rebound(base):
            return False
    return bool(info.bases)


def _is_not_set_up(item: ast.stmt) -> bool:
    """Does the server's constructor run nothing of this statement of its class?"""
    if isinstance(item, ast.FunctionDef):
        return not (item.decorator_list or item.name in _SETTING_UP or item.name.startswith("__"))
    if isinstance(item, (ast.Assign, ast.AnnAssign)):
        return (
            item.value is None or isinstance(item.value, ast.Constant) or ast.unparse(item.value).startswith("socket.")
        )
    return isinstance(item, ast.Pass) or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))


def _is_holder(function: ast.expr, module: ModuleNames, holders: AbstractSet[str]) -> bool:
    if isinstance(function, ast.Name):
        return function.id in holders and module.origins.get(function.id) in HOLDERS[function.id]
    if isinstance(function, ast.Attribute):
        base = ast.unparse(function.value)
        return function.attr in holders and module.origins.get(base) in HOLDERS[function.attr]
    return False


def _at_import(closure: Closure, running: set[int]) -> tuple[set[str], dict[str, set[str]]]:
    """What import-time statements hand over to whoever, and what else they mention, by the names that they bind."""
    handed: set[str] = set()
    edges: dict[str, set[str]] = {}
    for module in closure.modules:
        for top in module.telling:
            node = top.statement.node
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    if alias.asname:
                        edges.setdefault(alias.asname, set()).add(alias.name.rpartition(".")[2])
            elif id(node) not in running:
                names = _bound(node, top, closure, module.path)
                given = asgi.only_depended(closure, module, node) | asgi.only_composed(closure, module, node)
                for name in names:
                    edges.setdefault(name, set()).update((top.uses | top.holds) - _only_wrapped(node) - given)
                if not names:
                    handed |= (top.uses | top.holds) - given
                    handed |= {node.name} if isinstance(node, ast.ClassDef) else set()  # by its decorator, or metaclass
    return handed, edges


def _only_wrapped(node: ast.stmt) -> set[str]:
    """The methods that making a class only puts into properties and the like, without calling them."""
    if not isinstance(node, ast.ClassDef):
        return set()
    methods = [item for item in node.body if isinstance(item, FunctionNode) and item.decorator_list]
    if not methods:
        return set()
    wrapped = {item.name for item in methods if all(_is_one_of(d, _WRAPPERS) for d in item.decorator_list)}
    return wrapped - {item.id for item in walk(node) if isinstance(item, ast.Name)}


def _is_one_of(decorator: ast.expr, names: frozenset[str]) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in names


def _bound(node: ast.stmt, top: ImportTime, closure: Closure, path: str) -> set[str]:
    """The names that a statement binds, by which alone one comes to what it mentions; none if there may be others."""
    keepers = closure.keepers
    if isinstance(node, FunctionNode) and all(
        keepers is not None and keepers.is_framework(path, item) for item in node.decorator_list
    ):
        return {node.name}
    plain = isinstance(node, ast.ClassDef) and all(
        last_name(item) in _CLASS_DECORATORS and last_name(item) not in closure.defined for item in node.decorator_list
    )
    methods = top.decorators - {name for item in getattr(node, "decorator_list", []) for name in bare_names(item)}
    only_wrapped = all(name in _WRAPPERS and not closure.is_rebound(name) for name in methods)
    if isinstance(node, ast.ClassDef) and plain and not node.keywords and only_wrapped:
        return {node.name} | {
            item.id for item in walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
        }
    return set(top.statement.names) if top.statement.kind == "assign" else set()


def _is_called_unseen(unit: Unit, closure: Closure) -> bool:
    if not closure.is_called_unseen(unit):
        return False
    info = closure.class_of(unit.owner)
    dunder = unit.name.startswith("__") and unit.name.endswith("__")
    return dunder or info is None or _bases_may_call(info, unit.name, closure)


def _bases_may_call(info: ClassInfo, name: str, closure: Closure, depth: int = 0) -> bool:
    """May one of the bases that are none of the user's call a method of this name?"""
    for node, base in zip(info.node.bases, info.bases, strict=True):
        known = closure.class_of(base)
        if base is None or depth > 20:
            return True
        if known is not None:
            if known is not info and _bases_may_call(known, name, closure, depth + 1):
                return True
            continue
        spelled = ast.unparse(node.value) if isinstance(node, ast.Attribute) else base
        origins = {module.origins[spelled] for module in closure.modules if spelled in module.origins}
        if any(_mentions(origin, base, name) for origin in origins) or (not origins and base != "object"):
            return True
    return False


def _mentions(origin: str, base: str, name: str) -> bool:
    """Does the code of a class of the standard library spell the name, or look names up?"""
    cls = getattr(sys.modules.get(origin), base, None)
    if not isinstance(cls, type) or origin.partition(".")[0] not in sys.stdlib_module_names:
        return True
    spelled: set[str] = set()
    for kind in cls.__mro__[:-1]:
        if kind.__module__.partition(".")[0] not in sys.stdlib_module_names:
            return True
        for function in vars(kind).values():
            code = getattr(function, "__code__", None)
            if code is not None:
                spelled |= {*code.co_names, *(text for text in code.co_consts if isinstance(text, str))}
            elif type(function).__name__ in ("method_descriptor", "wrapper_descriptor", "builtin_function_or_method"):
                return True  # written in C
    return name in spelled or "getattr" in spelled
