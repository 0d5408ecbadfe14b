"""Classes that changed or are new: updated in place, or made anew. Runs in the user's process; pure."""

from __future__ import annotations

import ast

from hrsup_strategies.reload import abstract, bindings, functions, making, rebuild
from hrsup_strategies.reload.binders import bound_once
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, ModuleDiff, Statement, statements, undecorated
from hrsup_strategies.reload.identifiers import called
from hrsup_strategies.reload.known import AT_CLASS_CREATION
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_strategies.reload.work import Work


def change(work: Work, path: str, before: Statement, after: Statement) -> None:
    """Change a class in place, so that instances follow; or make it anew, which needs that there are none."""
    registers = work.entries.touch_class(path, before, after)
    or_rebuild(work, path, before, after, lambda: _in_place(work, path, before, after, registers))


def or_rebuild(work: Work, path: str, before: Statement, after: Statement, attempt: Callable[[], None]) -> None:
    """Make the steps of `attempt`; where it refuses, undo them and make the step that makes the class anew."""
    closure = work.closure
    lists: tuple[list[Any], ...] = (work.steps[path], work.functions, work.deferred)
    names = ("functions", "values", "tainted", "data", "changed_units", "noted_units", "stale_flows")
    sets = {name: set(getattr(closure, name)) for name in names}
    lengths = [len(items) for items in lists]
    try:
        attempt()
    except Refusal as refusal:
        for name, items in sets.items():
            setattr(closure, name, items)
        for found, length in zip(lists, lengths, strict=True):
            del found[length:]
        _rebuild(work, path, before, after, refusal)


def _rebuild(work: Work, path: str, before: Statement, after: Statement, refusal: Refusal) -> None:
    told = tuple(sorted(name.encode() for name in {"__subclasses__", *AT_CLASS_CREATION}))
    if work.old.has_any(told) or any(word in version.data for version in work.new.values() for word in told):
        raise refusal  # who lists classes, or is told of new ones, sees that it was made twice
    new = work.version(path, False)
    for version, statement in ((work.old[path], before), (new, after)):
        assert isinstance(statement.node, ast.ClassDef)
        making.check_source(work, version, statement.node, statement is before, refusal)
        for item in statement.node.body:
            work.closure.values |= {name for part in ast.walk(item) for name in rebuild.bound(part)}
            if isinstance(item, FunctionNode):
                method = statements([item])[0]
                work.functions.append((path, method, method))
                unit_id = f"{path}:{statement.names[0]}.{item.name}"
                work.closure.compare(work.old[path].names, new.names, unit_id, True)
    step = Step("rebuild", path, before, after)
    step.names = after.names
    work.steps[path].append(step)
    work.rebuilt.add(id(before))
    work.changes(set(after.names), path)


def _in_place(work: Work, path: str, before: Statement, after: Statement, registers: bool) -> None:
    old, new = before.node, after.node
    assert isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef)
    if registers:
        old, new = undecorated(old), undecorated(new)
    _body(work, path, (before, old), (after, new), new.name)


def _body(
    work: Work, path: str, before: tuple[Statement, ast.ClassDef], after: tuple[Statement, ast.ClassDef], cls: str
) -> None:
    """Change what the body of a class binds; `cls` is its qualified name. A class in there that stays a class is the
    same object afterwards, too."""
    old, new = before[1], after[1]
    if _class_head(old) != _class_head(new):
        raise Refusal("HR117", f"the bases or decorators of `{cls}` changed", path, new.lineno)
    diff = ModuleDiff(before[0].body, after[0].body)
    touched_old = [*diff.removed, *(first for first, _ in diff.changed)]
    touched_new = [*diff.added, *(second for _, second in diff.changed)]
    bound_once(path, touched_old, diff.old)
    bound_once(path, touched_new, diff.new)
    for first, second in diff.changed:
        if first.kind == "def":
            _method(work, path, new, first, second, cls)
        elif first.kind == "assign" or first.kind == "doc":
            attribute(work, path, new, first, second, cls)
        elif isinstance(first.node, ast.ClassDef) and isinstance(second.node, ast.ClassDef):
            if new.decorator_list or new.keywords or any(map(_special, new.bases)):
                text = f"the making of `{cls}` may have looked into `{second.node.name}`"
                raise Refusal("HR117", text, path, second.node.lineno)
            _body(work, path, (first, first.node), (second, second.node), f"{cls}.{second.node.name}")
        elif first.kind != "inert":
            raise Refusal("HR117", f"the body of `{cls}` changed", path, second.node.lineno)
    for first in diff.removed:
        attribute(work, path, new, first, None, cls)
    for second in diff.added:
        attribute(work, path, new, None, second, cls)


def _method(work: Work, path: str, owner: ast.ClassDef, before: Statement, after: Statement, cls: str) -> None:
    assert isinstance(before.node, FunctionNode) and isinstance(after.node, FunctionNode)
    if functions.needs_new_object(before.node, after.node):
        attribute(work, path, owner, before, after, cls)
        work.rebuilt.add(id(before))
    else:
        functions.function(work, path, before, after, cls)


def attribute(
    work: Work,
    path: str,
    cls: ast.ClassDef,
    before: Statement | None,
    after: Statement | None,
    qualified: str | None = None,
) -> None:
    """The step for one statement of the body of a class that is changed in place; HR117 if its making saw it. The class
    has the `qualified` name, if that is not its own."""
    statement = after or before
    assert statement is not None
    if statement.kind == "inert":
        return
    line = statement.node.lineno
    refusal = Refusal("HR117", f"the body of `{cls.name}` changed in a way that its making may depend on", path, line)
    if statement.kind not in ("def", "assign", "doc"):
        raise refusal
    if statement.kind == "doc":
        step = Step("doc", path, before, after)
        step.cls = qualified or cls.name
        work.steps[path].append(step)
        work.closure.values.add("__doc__")
        return
    if any(name.startswith("__") and name.endswith("__") for name in statement.names):
        raise refusal
    if statement.kind == "assign":
        _check_value(work, path, cls, before, after, refusal)
    elif isinstance(statement.node, FunctionNode):
        _check_method(cls, statement.node, refusal)
        if after is not None:
            functions.check_new_function(work, path, statement.node)
        if before is not None:
            work.functions.append((path, before, before))  # nobody may be in the middle of it
    step = Step("attributes", path, before, after)
    step.cls, step.names = qualified or cls.name, statement.names
    if before is not None and before.kind == "assign":
        step.check.append(before)
    work.steps[path].append(step)
    work.closure.values |= {*statement.names, *abstract.protocols_of(work, before, after)}


def _check_value(
    work: Work, path: str, cls: ast.ClassDef, before: Statement | None, after: Statement | None, refusal: Refusal
) -> None:
    """Raise `refusal` if the making of the class may have looked at an attribute that comes, goes or changes."""
    if cls.decorator_list or cls.keywords or any(_special(base) for base in cls.bases):
        raise refusal
    for item, old in ((before, True), (after, False)):
        if item is not None:
            bindings.check_value(work, path, item, old, making.bound_in(cls))
    if before and after and _annotation(before.node) != _annotation(after.node):
        raise refusal
    alone = [item for item in (before, after) if item is not None]
    if len(alone) == 1 and isinstance(alone[0].node, ast.AnnAssign):
        raise refusal


def _check_method(cls: ast.ClassDef, node: ast.FunctionDef | ast.AsyncFunctionDef, refusal: Refusal) -> None:
    """Raise `refusal` if the making of the class may have looked at a method that comes, goes or is defined anew."""
    if cls.keywords or (cls.decorator_list and _decorator_names(cls) - {"dataclass"}):
        raise refusal
    if "abstractmethod" in {ast.unparse(d).rpartition(".")[2] for d in node.decorator_list}:
        raise refusal


def check_new_class(work: Work, path: str, node: ast.ClassDef) -> None:
    """Refuse (HR117) if making this new class may do more than make a class."""
    refusal = Refusal("HR117", f"making the new class `{node.name}` may do more than make a class", path, node.lineno)
    if work.old.has_any((b"__subclasses__",)):
        raise refusal  # who lists classes would see it out of its place
    making.check_new(work, work.new[path], node, refusal)
    for item in node.body:
        if isinstance(item, FunctionNode):
            functions.check_new_function(work, path, item)


def _class_head(node: ast.ClassDef) -> list[str]:
    parts = [*node.bases, *node.keywords, *node.decorator_list, *getattr(node, "type_params", [])]
    return [ast.dump(part) for part in parts]


def _annotation(node: ast.stmt) -> str | None:
    return ast.dump(node.annotation) if isinstance(node, ast.AnnAssign) else None


def _decorator_names(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(called(d)).rpartition(".")[2] for d in node.decorator_list}


def _special(base: ast.expr) -> bool:
    return (
        ast.unparse(base).rpartition(".")[2] not in ("object", "ABC", "Exception") and isinstance(base, ast.Attribute)
    ) or (
        isinstance(base, ast.Name)
        and base.id
        in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "NamedTuple", "TypedDict", "Protocol", "Structure")
    )
