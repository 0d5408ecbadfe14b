"""What making a class does: whether executing its statement makes a class and does nothing else. Runs in the user's
process; looks at classes of the standard library that are loaded, and touches nothing.

A base or a metaclass may run code of its own (``__init_subclass__``, ``__prepare__``), and so may a decorator, what is
bound in the body (``__set_name__``), and an enumeration's own methods. Where none of these can be, a class statement
binds a name and leaves no other trace than that its bases know it.
"""

from __future__ import annotations

import ast
import builtins
import sys

from hrsup_strategies.reload import order
from hrsup_strategies.reload.diff import FunctionNode, statements
from hrsup_strategies.reload.known import AT_CLASS_CREATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from hrsup_strategies.reload.codes import Refusal
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.resolution import Resolution
    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import Work

_BASES = frozenset(
    f"{module}.{name}"
    for module, names in (
        ("enum", "Enum IntEnum StrEnum Flag IntFlag"),
        ("typing", "NamedTuple TypedDict Protocol Generic"),
        ("abc", "ABC"),
    )
    for name in names.split()
)
_ENUMERATIONS = frozenset(name for name in _BASES if name.startswith("enum."))
_DECORATORS = frozenset(
    ("dataclasses.dataclass", "enum.unique", "typing.final", "typing.runtime_checkable", "functools.total_ordering")
)
_METHOD_DECORATORS = frozenset(("property", "staticmethod", "classmethod"))
_MEMBER_CALLS = frozenset(("dataclasses.field", "enum.auto"))
_METACLASSES = frozenset(
    ("builtins.type", "abc.ABCMeta", "enum.EnumType", "typing._ProtocolMeta", "typing.NamedTupleMeta")
)
_MACHINERY = frozenset(("builtins", "typing", "enum", "abc"))


def check_source(work: Work, version: Version, node: ast.ClassDef, old: bool, refusal: Refusal) -> None:
    """Raise `refusal` if executing this class statement, of the new version or the `old`, may do more than make a class
    that could be made a second time."""
    # A lambda in here would be held by the old class, which the audit of old code would find.
    values = _checked(work, version, node, old, refusal)
    if any(isinstance(item, ast.Lambda) for value in values for item in ast.walk(value)):
        raise refusal
    for item in node.body:
        if isinstance(item, FunctionNode):
            found = (_is_plain_method(one, version.names.origins, work.closure.defined) for one in item.decorator_list)
            if not all(found):
                raise refusal
    _check_reads(work, version, node, values, old, refusal)


def check_new(work: Work, version: Version, node: ast.ClassDef, refusal: Refusal) -> None:
    """Raise `refusal` if executing this statement of a new class may do more than make it. Its methods are left out."""
    _check_reads(work, version, node, _checked(work, version, node, False, refusal), False, refusal)


def bound_in(node: ast.ClassDef) -> set[str]:
    """The names that the body of a class binds."""
    return {name for statement in statements(node.body) for name in statement.names}


def _checked(work: Work, version: Version, node: ast.ClassDef, old: bool, refusal: Refusal) -> list[ast.expr]:
    origins, defined = version.names.origins, work.closure.defined
    if getattr(node, "type_params", None) or any(name in defined for name in AT_CLASS_CREATION):
        raise refusal
    if any(name.encode() in one.data for one in work.new.values() for name in AT_CLASS_CREATION):
        raise refusal
    for keyword in node.keywords:
        if keyword.arg != "metaclass" or origin_of(keyword.value, origins, defined) != "abc.ABCMeta":
            raise refusal
    names = (work.before if old else work.after).names
    if not all(_is_plain_base(work, names, version.path, base, origins, defined) for base in node.bases):
        raise refusal
    if not all(_is_plain_decorator(item, origins, defined) for item in node.decorator_list):
        raise refusal
    enumerates = any(origin_of(base, origins, defined) in _ENUMERATIONS for base in node.bases)
    found: list[ast.expr] = []
    for statement in statements(node.body):
        values = _values(statement, enumerates, origins, defined)
        if values is None:
            raise refusal
        found += values
    return found


def _check_reads(
    work: Work, version: Version, node: ast.ClassDef, values: list[ast.expr], old: bool, refusal: Refusal
) -> None:
    reads = (work.before if old else work.after).reads_of(version.path, values, bound_in(node))
    if reads is None:
        raise refusal
    work.reads |= reads
    if not old:
        order.check_reads(work, version.path, reads, node.lineno)


def _is_plain_base(
    work: Work, names: Resolution, path: str, base: ast.expr, origins: dict[str, str], defined: Container[str]
) -> bool:
    if isinstance(base, ast.Subscript):  # Generic[T], list[int]
        return _is_plain_base(work, names, path, base.value, origins, defined)
    found = names.of(path, base)
    if found is not None and isinstance(found[1].node, ast.ClassDef):
        live = vars(work.modules[found[0]]).get(found[2])
        return live is None or _runs_nothing(live)  # one that is new, too, is judged by itself
    if isinstance(base, ast.Name) and not names.is_bound(path, base.id):
        return isinstance(getattr(builtins, base.id, None), type)
    origin = origin_of(base, origins, defined)
    return origin is not None and (origin in _BASES or _has_no_hooks(origin))


def _has_no_hooks(origin: str) -> bool:
    """Is this a class of the standard library that runs nothing when it is derived from?"""
    module, _, name = origin.rpartition(".")
    if module.partition(".")[0] not in sys.stdlib_module_names:
        return False
    return _runs_nothing(getattr(sys.modules.get(module), name, None))


def _runs_nothing(cls: object) -> bool:
    """Does deriving from this class run nothing but what the standard library's own machinery does?"""
    if not isinstance(cls, type) or f"{type(cls).__module__}.{type(cls).__qualname__}" not in _METACLASSES:
        return False
    return all(base.__module__ in _MACHINERY or "__init_subclass__" not in vars(base) for base in cls.__mro__)


def _is_plain_decorator(item: ast.expr, origins: dict[str, str], defined: Container[str]) -> bool:
    if not isinstance(item, ast.Call):
        return origin_of(item, origins, defined) in _DECORATORS
    arguments = [*item.args, *(one.value for one in item.keywords)]
    known = origin_of(item.func, origins, defined) in _DECORATORS
    return known and all(isinstance(argument, ast.Constant) for argument in arguments)


def _is_plain_method(decorator: ast.expr, origins: dict[str, str], defined: Container[str]) -> bool:
    plain = isinstance(decorator, ast.Name) and decorator.id in _METHOD_DECORATORS
    return plain or origin_of(decorator, origins, defined) == "abc.abstractmethod"


def _values(
    statement: Statement, enumerates: bool, origins: dict[str, str], defined: Container[str]
) -> list[ast.expr] | None:
    """The expressions that this statement of a class's body evaluates; None if it does more than bind names."""
    node = statement.node
    if statement.kind in ("doc", "inert"):
        return []
    values: list[ast.expr | None]
    if isinstance(node, FunctionNode):
        if node.name.startswith("_generate") or (enumerates and node.name in ("__new__", "__init__")):
            return None  # run for each member while the enumeration is made
        values = [*node.args.defaults, *node.args.kw_defaults, node.returns]
        values += [item.annotation for item in ast.walk(node.args) if isinstance(item, ast.arg)]
    elif isinstance(node, (ast.Assign, ast.AnnAssign)) and statement.kind == "assign":
        values = [node.value, node.annotation if isinstance(node, ast.AnnAssign) else None]
        if isinstance(node.value, ast.Call) and origin_of(node.value.func, origins, defined) in _MEMBER_CALLS:
            values = [values[1], *node.value.args, *(one.value for one in node.value.keywords)]
    else:
        return None
    return [value for value in values if value is not None]


def origin_of(node: ast.expr, origins: dict[str, str], defined: Container[str]) -> str | None:
    """The full name of what a name or an attribute of an imported module stands for."""
    if isinstance(node, ast.Name) and node.id in origins and node.id not in defined:
        return f"{origins[node.id]}.{node.id}"
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in origins:
        return f"{origins[node.value.id]}.{node.attr}"
    return None
