"""A class that cannot be changed in place is made anew, where nobody but its module's name for it can tell. Runs in the
user's process.

Fields of data classes, members of enumerations and the like are worked into a class when it is made. Its statement is
executed again if making it does nothing else, if the class is still what the statement built (``check_untouched``), and
if afterwards nothing holds the old class or one of its instances (``outside_holder``).
"""

from __future__ import annotations

import ast
import gc
import sys
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.values import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from hrsup_strategies.reload.leftovers import Leftovers
    from hrsup_strategies.reload.work import Work

_HAS_GC = 1 << 14


def bound(node: ast.AST) -> set[str]:
    """The names that a node of a class's body binds, be it in the class or on an instance."""
    if isinstance(node, (*FunctionNode, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return {node.id}
    return {node.attr} if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) else set()


def check_untouched(work: Work, path: str, node: ast.ClassDef) -> None:
    """Refuse (HR113) if the class is not what its statement builds any more; what it keeps would be lost."""
    version, module = work.old[path], work.modules[path]
    cls = vars(module).get(node.name)
    if not isinstance(cls, type) or cls.__qualname__ != node.name or cls.__module__ != module.__name__:
        raise Refusal("HR117", f"`{node.name}` is no plain class", path, node.lineno)
    if not cls.__flags__ & _HAS_GC:
        raise Refusal("HR117", f"instances of `{node.name}` cannot be found", path, node.lineno)
    scope: dict[str, Any] = {}
    try:
        exec(version.code_of(node), vars(module), scope)
    except Exception as error:
        raise Refusal("HR113", f"`{node.name}` cannot be built again: {error!r}", path, node.lineno) from None
    twin = scope[node.name]
    if type(twin) is not type(cls) or set(vars(twin)) != set(vars(cls)):
        raise Refusal("HR113", f"`{node.name}` was changed by the program", path, node.lineno)
    for name, value in vars(cls).items():
        if not _alike(name, value, vars(twin)[name]):
            raise Refusal("HR113", f"`{node.name}.{name}` was changed by the program", path, node.lineno)


def outside_holder(
    before: dict[str, Any],
    name: str,
    own: set[int],
    snapshots: list[tuple[dict[str, Any], dict[str, Any]]],
    replaced: list[object],
    leftovers: Leftovers,
    anew: set[int],
) -> str | None:
    """Who, beside the parts of `before[name]` itself, holds it, or if it is a class an instance or a method of it, in
    words; None if nobody does.

    `own` are the ids of the containers of the commit, `before` included; `snapshots` are namespaces with what they were
    before: values that were replaced there may hold it, as long as nobody holds them, and so may those in `replaced`,
    the `leftovers` in the loop's variables, and the other classes that were made anew (their ids are in `anew`).
    References from where the collector does not look, such as the variables of running functions, show as a difference
    of reference counts; so nothing in here may keep it in a variable of its own, or in a closure.
    """
    missing = object()
    gone = [value for space, kept in snapshots for key, value in kept.items() if space.get(key, missing) is not value]
    left = leftovers.values()
    parts = parts_of(before[name], [space for pair in snapshots for space in pair], [*replaced, *gone, *left], anew)
    own = {*own, id(replaced), *map(id, leftovers.holders())}
    variables: dict[int, int] = {}
    for key in map(id, left):
        variables[key] = variables.get(key, 0) + 1
    gone.clear()
    left.clear()
    pending = tuple(_roots(parts, before[name]))
    seen = {id(item) for item in pending}
    while pending:
        counts = dict.fromkeys(map(id, pending), 0)
        holders = gc.get_referrers(*pending)
        following = []
        for holder in holders:
            key = id(holder)
            if holder is pending:
                continue  # the arguments themselves, from 3.13 on
            if key not in parts and key not in own and holder is not parts:
                return f"a {type(holder).__module__}.{type(holder).__qualname__}"
            _count(holder, counts)
            if key in parts and key not in seen:
                seen.add(key)
                following.append(holder)
        holders.clear()
        holder = None
        for item in pending:
            # `pending`, our variable and the call's argument
            if sys.getrefcount(item) - 3 - variables.get(id(item), 0) != counts[id(item)]:
                return "a running function"
        item = None
        pending = tuple(following)
        following.clear()
    return None


def _roots(parts: dict[int, object], value: object) -> list[object]:
    """The value, and of a class its own functions; who holds one of these would go on with the old version."""
    found = [value]
    if not isinstance(value, type):
        return found
    prefix = f"{value.__qualname__}."
    for item in parts.values():
        if type(item) is FunctionType and item.__module__ == value.__module__ and item.__qualname__.startswith(prefix):
            found.append(item)
    return found


def _count(holder: object, counts: dict[int, int]) -> None:
    for item in gc.get_referents(holder):
        if id(item) in counts:
            counts[id(item)] += 1


def _alike(name: str, value: Any, twin: Any) -> bool:
    if same(value, twin):
        return True
    if type(value) is FunctionType and type(twin) is FunctionType:
        equal = value.__code__ == twin.__code__ and same(value.__defaults__, twin.__defaults__)
        return equal and same(value.__kwdefaults__, twin.__kwdefaults__)
    if isinstance(value, (staticmethod, classmethod)) and type(value) is type(twin):
        return _alike(name, value.__func__, twin.__func__)
    if type(value) is property and type(twin) is property:
        pairs = ((value.fget, twin.fget), (value.fset, twin.fset), (value.fdel, twin.fdel))
        return all(_alike(name, one, two) for one, two in pairs)
    if type(type(value)).__name__ == "EnumType" and hasattr(value, "_value_"):
        return _alike(name, _state(value), _state(twin))
    # What the class statement puts there by itself: tables of members and fields, slots, and the like.
    made = name.startswith("_") and name.endswith("_")
    kind = type(value).__name__
    return type(value).__name__ == type(twin).__name__ and (
        made or kind in ("member_descriptor", "_tuplegetter", "property")
    )


def _state(member: Any) -> Any:
    return {name: value for name, value in vars(member).items() if name != "__objclass__"}


def parts_of(
    value: object, namespaces: list[dict[str, Any]], replaced: list[object], anew: Container[int] = ()
) -> dict[int, object]:
    """Everything reachable from the value, and from others that were replaced, by id, short of modules and other
    `namespaces`, and of classes but for those whose ids are in `anew`."""
    spaces = {id(vars(module)) for module in list(sys.modules.values()) if isinstance(module, ModuleType)}
    spaces |= set(map(id, namespaces))
    pending: list[object] = [value, *replaced]
    parts: dict[int, object] = {}
    while pending:
        item = pending.pop()
        if id(item) in parts or id(item) in spaces or (id(item) not in anew and _is_foreign(item, value)):
            continue
        parts[id(item)] = item
        pending += gc.get_referents(item)
    return parts


def _is_foreign(item: object, value: object) -> bool:
    if isinstance(item, type):  # a data class with slots is made twice
        name = (item.__module__, item.__qualname__)
        return not isinstance(value, type) or name != (value.__module__, value.__qualname__)
    if isinstance(item, BuiltinFunctionType):
        return item.__self__ is not value
    return isinstance(item, (ModuleType, CodeType, FrameType))
