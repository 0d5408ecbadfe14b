"""Are the globals that a repeated statement reads what a cold start has there? Runs in the user's process.

Asked at the boundary, before anything is touched, of the loaded versions and the live objects. A value is built again
and compared, and so are its own ingredients; a value that cannot be built again must be data that nobody stores into.
"""

from __future__ import annotations

import ast
from collections import namedtuple
from enum import EnumType
from types import FunctionType, MemberDescriptorType, ModuleType

from hrsup_strategies.reload.calling import PLAIN_DECORATORS
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.definitions import is_dunder
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.live import attribute_name
from hrsup_strategies.reload.making import bound_in
from hrsup_strategies.reload.values import is_plain, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

    CheckLive = Callable[[str, Statement, Any], None]

_MISSING = object()
# What the library makes of slots, and of the fields of a named tuple.
_DESCRIPTORS = (MemberDescriptorType, type(vars(namedtuple("_One", "field"))["field"]))
OF_MODULES = frozenset(("__name__", "__file__", "__package__", "__spec__", "__path__"))


def check_definitions(work: Work) -> None:
    """Refuse (HR113) if a function or a class among them, or among what these are made of, is not what its statement
    made. Until that is known, nothing is built: whatever stands in its place may do anything."""
    check(work, lambda path, statement, scope: None)


def check(work: Work, check_live: CheckLive) -> None:
    """Refuse (HR113) if one of `work.reads` is not what its statement built; `check_live` builds one again."""
    pending = sorted(work.reads)
    done: set[tuple[str, str]] = set()
    while pending:
        path, name = read = pending.pop()
        if read not in done:
            done.add(read)
            pending += _check(work, path, name, check_live)


def _check(work: Work, path: str, name: str, check_live: CheckLive) -> set[tuple[str, str]]:
    """Check one, and give its own ingredients."""
    live = vars(work.modules[path]).get(name, _MISSING)
    if live is _MISSING or name in OF_MODULES:
        return set()  # a builtin, or bound by this very change
    found = work.before.names.binding(path, name)
    if found is None:
        raise Refusal("HR113", f"`{name}` is not bound by one statement", path)
    place, statement, origin = found
    space = vars(work.modules[place])
    line = statement.node.lineno
    if isinstance(live, ModuleType):
        if statement.kind != "import":
            raise Refusal("HR113", f"`{name}` is a module that is not imported by its name", place, line)
        return set()  # what it has was read by its name there
    if space.get(origin, _MISSING) is not live:
        raise Refusal("HR113", f"`{name}` was bound again by the program", path)
    return _check_statement(work, place, origin, statement, live, check_live)


def _check_statement(
    work: Work, path: str, name: str, statement: Statement, live: object, check_live: CheckLive
) -> set[tuple[str, str]]:
    node = statement.node
    if isinstance(node, FunctionNode):
        values = [*node.args.defaults, *node.args.kw_defaults]
        made = work.before.reads_of(path, values, decorators=node.decorator_list) if node.decorator_list else None
        if made is not None:
            check_live(path, statement, vars(work.modules[path]))
            return made
        given_back = all(work.before.gives_back(path, item) for item in node.decorator_list)
        if given_back and not _is_made_by(live, node.name, path):
            raise Refusal("HR113", f"`{name}` was replaced by the program", path, node.lineno)
    elif isinstance(node, ast.ClassDef):
        _check_class(work, path, node, live)
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        reads = work.before.reads_of(path, [node.value])
        if reads is not None:
            check_live(path, statement, vars(work.modules[path]))
            return reads
        _check_data(work, path, name, statement, live)
    elif statement.kind == "effect":
        _check_data(work, path, name, statement, live)
    return set()


def _is_made_by(live: object, name: str, path: str) -> bool:
    if not isinstance(live, FunctionType):
        return False
    code = live.__code__
    return (code.co_qualname, code.co_filename) == (name, path) and set(code.co_freevars) <= {"__class__"}


def _check_class(work: Work, path: str, node: ast.ClassDef, live: object) -> None:
    """The class's own methods are those of its statement, nobody stores into what its body binds, and what is asked of
    it nobody has added."""
    if not isinstance(live, type) or live.__qualname__ != node.name:
        raise Refusal("HR113", f"`{node.name}` was replaced by the program", path, node.lineno)
    looked = set() if isinstance(live, EnumType) else work.before.looked | work.after.looked
    for item in node.body:
        if isinstance(item, FunctionNode):
            plain = all(isinstance(one, ast.Name) and one.id in PLAIN_DECORATORS for one in item.decorator_list)
            method = vars(live).get(attribute_name(live, item.name))
            if plain and not _is_made_by(_undecorated(method), f"{node.name}.{item.name}", path):
                raise Refusal("HR113", f"`{node.name}.{item.name}` was replaced by the program", path, item.lineno)
        elif isinstance(item, ast.Assign) or (isinstance(item, ast.AnnAssign) and not node.decorator_list):
            for target in item.targets if isinstance(item, ast.Assign) else [item.target]:
                if isinstance(target, ast.Name) and item.value is not None:
                    _check_stores(work, target.id, item, path)
                    _check_attribute(work, path, live, target.id if target.id in looked else "", item)
    _check_added(work, path, node, live, looked)


def _check_added(work: Work, path: str, node: ast.ClassDef, live: type, looked: set[str]) -> None:
    """Refuse if somebody has given the class one of these attributes, or a method."""
    for name in sorted(set(vars(live)) - {attribute_name(live, name) for name in bound_in(node)}):
        value = vars(live)[name]
        own = isinstance(value, FunctionType) and value.__code__.co_filename in work.modules
        if own or (name in looked and not is_dunder(name) and type(value) not in _DESCRIPTORS):
            raise Refusal("HR113", f"`{node.name}.{name}` was set by the program", path, node.lineno)


def _undecorated(method: Any) -> object:
    return getattr(method, "fget" if isinstance(method, property) else "__func__", method)


def _check_attribute(work: Work, path: str, live: type, name: str, item: ast.Assign | ast.AnnAssign) -> None:
    """What is asked of a class, if it is by this name, is what its body has bound."""
    if not name:
        return
    value = vars(live).get(attribute_name(live, name), _MISSING)
    try:
        known = item.value is not None and same(value, ast.literal_eval(item.value))
    except ValueError:
        known = is_plain(value) and not work.old.has_any((b"setattr",))
    if not known and not isinstance(value, (FunctionType, type)) and type(value) not in _DESCRIPTORS:
        text = f"`{live.__qualname__}.{name}` is used, and may have changed since it was built"
        raise Refusal("HR113", text, path, item.lineno)


def _check_data(work: Work, path: str, name: str, statement: Statement, live: object) -> None:
    if not is_plain(live):
        raise Refusal(
            "HR113", f"`{name}` is used, and may have changed since it was built", path, statement.node.lineno
        )
    _check_stores(work, name, statement.node, path)


def _check_stores(work: Work, name: str, node: ast.stmt, path: str) -> None:
    work.old.mentioning([name])
    for module in work.old.shown:
        for flow in module.flows:
            if flow.top is node and flow.unit is None:
                continue
            if any(store.key == name and store.kind != "plain" for store in flow.stores):
                raise Refusal("HR113", f"`{name}` is stored into, and is used again", path, node.lineno)
