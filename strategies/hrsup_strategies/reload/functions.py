"""Functions and methods that changed or are new. Runs in the user's process; pure."""

from __future__ import annotations

import ast

from hrsup_strategies.reload import asgi
from hrsup_strategies.reload.bindings import check_values
from hrsup_strategies.reload.codemap import is_same_shell
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.decorators import is_standard, registers_with_object
from hrsup_strategies.reload.diff import FunctionNode, generates
from hrsup_strategies.reload.identifiers import bare_names
from hrsup_strategies.reload.notes import only_notes
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import FunctionDef, Work


_SIGNATURES = (
    "__defaults__", "__kwdefaults__", "__annotations__", "__signature__", "__text_signature__", "signature",
    "getfullargspec", "getcallargs", "get_annotations", "get_type_hints",
)  # fmt: skip
_OF_METHODS = frozenset(("super", "__class__"))  # who spells one of these has the class as well
_CODES = ("__code__", "getsource", "getsourcelines", "getclosurevars", "get_instructions")


def needs_new_object(one: FunctionDef, two: FunctionDef) -> bool:
    """Can a function not become the other by getting its code, since it begins to be a generator, or to use ``super()``
    as a method, or ends to?"""
    kinds = [(type(node), generates(node), bool(bare_names(node) & _OF_METHODS)) for node in (one, two)]
    return kinds[0] != kinds[1]


def function(
    work: Work, path: str, before: Statement, after: Statement, cls: str | None, registered: bool = False
) -> None:
    """The step for a function or method (of the class `cls`) that changed; its decorators do no more than to register
    it if it is `registered` anew."""
    old, new = before.node, after.node
    assert isinstance(old, FunctionNode) and isinstance(new, FunctionNode)
    decorators = [[ast.dump(item) for item in node.decorator_list] for node in (old, new)]
    takes_the_same = _signature(old) == _signature(new) and generates(old) == generates(new)
    if not takes_the_same and asgi.is_used(work.closure):
        text = f"a framework may have looked at what `{new.name}` takes, and at how it is called"
        raise Refusal("HR118", text, path, new.lineno)
    if decorators[0] != decorators[1] and not registered:
        make_anew(work, path, before, after, cls, f"the decorators of `{new.name}` changed")
        return
    if cls is None and not registered and needs_new_object(old, new):
        make_anew(work, path, before, after, cls, f"`{new.name}` changed in a way that needs a new object")
        return
    if getattr(old, "type_params", None) or getattr(new, "type_params", None):
        raise Refusal("HR117", f"`{new.name}` has type parameters", path, new.lineno)
    step = Step("function", path, before, after)
    step.cls, step.names = cls, after.names
    step.signature = _signature(old) != _signature(new)
    plain = registered or all(
        ast.unparse(d) in ("staticmethod", "classmethod", "abstractmethod")
        or (not asgi.is_used(work.closure) and registers_with_object(work.closure, work.old[path].names, d))
        for d in old.decorator_list
    )
    documented = ast.get_docstring(old, False) != ast.get_docstring(new, False)
    if not plain and (step.signature or documented):
        text = f"a decorator may have looked at the signature or the docstring of `{new.name}`"
        make_anew(work, path, before, after, cls, text)
        return
    if step.signature:
        check_defaults(work, path, new)
    if new.decorator_list and not registered:
        work.deferred.append((work.old[path].names, old))
    work.steps[path].append(step)
    work.functions.append((path, before, after))
    unit_id = f"{path}:{cls and cls.rpartition('.')[2]}.{new.name}"  # by the bare name of its class
    if not documented and only_notes(work, path, old, new):
        work.closure.noted_units.add(unit_id)
    else:
        work.closure.functions.add(new.name)
        work.closure.compare(work.old[path].names, work.new[path].names, unit_id, step.signature)
    work.closure.values |= looks_at(step.signature, documented, body=True)
    if is_same_shell(old, new):
        work.closure.shells.add(unit_id)


def looks_at(signature: bool, documented: bool, body: bool) -> frozenset[str]:
    """The names by which a program looks at a function itself, where what they tell has changed: the function stays the
    object that it is, so it is these names that have another value."""
    return frozenset().union(
        _SIGNATURES if signature else (), ("__doc__", "getdoc") if documented else (), _CODES if body else ()
    )


def make_anew(work: Work, path: str, before: Statement, after: Statement, cls: str | None, why: str) -> None:
    """The step for a function whose decorators are applied again: its name stands for another object then. Refuses
    (HR118) `why` it would have to, where a decorator may do more than wrap what it is given."""
    old, new = before.node, after.node
    assert isinstance(old, FunctionNode) and isinstance(new, FunctionNode)
    for node, is_old in ((old, True), (new, False)):
        values = [*node.args.defaults, *node.args.kw_defaults]
        try:
            check_values(work, path, values, new.name, new.lineno, old=is_old, inner=(), decorators=node.decorator_list)
        except Refusal as refusal:
            raise Refusal("HR118" if refusal.code == "HR112" else refusal.code, why, path, new.lineno) from None
    if cls is not None:
        raise Refusal("HR118", why, path, new.lineno)
    step = Step("run", path, before, after)
    step.names = after.names
    step.check.append(before)
    work.steps[path].append(step)
    work.changes(set(after.names), path)
    work.rebuilt.add(id(before))
    work.made_anew.add(id(old))
    if before.dump != after.dump:
        work.functions.append((path, before, after))
        work.closure.compare(work.old[path].names, work.new[path].names, f"{path}:{cls}.{new.name}", True)


def check_new_function(work: Work, path: str, node: FunctionDef, registered: bool = False) -> None:
    """Refuse (HR118, HR112) if defining this function may do more than define it, and to register it if it is
    `registered`."""
    if not registered and any(
        not is_standard(work.closure, work.new[path].names, item) for item in node.decorator_list
    ):
        text = f"a new function is decorated, which may do more than wrap it: `@{ast.unparse(node.decorator_list[0])}`"
        values = [*node.args.defaults, *node.args.kw_defaults]
        try:
            check_values(work, path, values, node.name, node.lineno, decorators=node.decorator_list)
        except Refusal as refusal:
            raise Refusal("HR118" if refusal.code == "HR112" else refusal.code, text, path, node.lineno) from None
    check_defaults(work, path, node)
    if getattr(node, "type_params", None):
        raise Refusal("HR117", f"`{node.name}` has type parameters", path, node.lineno)


def check_defaults(work: Work, path: str, node: FunctionDef, old: bool = False) -> None:
    """Refuse (HR112) if a default of this function, as it is in the new (or the `old`) version, cannot be built
    again."""
    defaults = [*node.args.defaults, *node.args.kw_defaults]
    check_values(work, path, defaults, f"the defaults of {node.name}", node.lineno, old=old)


def _signature(node: FunctionDef) -> str:
    return ast.dump(node.args) + (ast.dump(node.returns) if node.returns else "") + type(node).__name__
