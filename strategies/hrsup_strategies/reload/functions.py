"""Functions and methods that changed or are new. Runs in the user's process; pure."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.values import rebuildable
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import FunctionDef, Work


def function(work: Work, path: str, before: Statement, after: Statement, cls: str | None) -> None:
    """The step for a function or method (of the class `cls`) that changed."""
    old, new = before.node, after.node
    assert isinstance(old, FunctionNode) and isinstance(new, FunctionNode)
    if [ast.dump(d) for d in old.decorator_list] != [ast.dump(d) for d in new.decorator_list]:
        raise Refusal("HR118", f"the decorators of `{new.name}` changed", path, new.lineno)
    if getattr(old, "type_params", None) or getattr(new, "type_params", None):
        raise Refusal("HR117", f"`{new.name}` has type parameters", path, new.lineno)
    step = Step("function", path, before, after)
    step.cls, step.names = cls, after.names
    step.signature = _signature(old) != _signature(new)
    plain = all(ast.unparse(d) in ("staticmethod", "classmethod", "abstractmethod") for d in new.decorator_list)
    documented = ast.get_docstring(old, False) != ast.get_docstring(new, False)
    if not plain and (step.signature or documented):
        raise Refusal("HR118", f"a decorator may have looked at the signature of `{new.name}`", path, new.lineno)
    if step.signature:
        for default in [*new.args.defaults, *new.args.kw_defaults]:
            if not rebuildable(default, work.closure.defined, work.new[path].names.origins):
                raise Refusal("HR112", f"a default of `{new.name}` has side effects", path, new.lineno)
    if new.decorator_list:
        work.deferred.append((work.old[path].names, old))
    work.steps[path].append(step)
    work.functions.append((path, before, after))
    work.closure.functions.add(new.name)
    unit_id = f"{path}:{cls}.{new.name}"
    work.closure.compare(work.old[path].names, work.new[path].names, unit_id, step.signature)


def check_new_function(work: Work, path: str, node: FunctionDef) -> None:
    """Refuse (HR118, HR112) if defining this function may do more than define it."""
    names = work.new[path].names
    for decorator in node.decorator_list:
        text = ast.unparse(decorator)
        if text not in ("property", "staticmethod", "classmethod") and not text.endswith((".setter", ".deleter")):
            raise Refusal("HR118", f"a new function is decorated by `@{text}`", path, node.lineno)
    arguments = node.args
    for default in [*arguments.defaults, *arguments.kw_defaults]:
        if not rebuildable(default, work.closure.defined, names.origins):
            raise Refusal("HR112", f"a default of `{node.name}` has side effects", path, node.lineno)
    if getattr(node, "type_params", None):
        raise Refusal("HR117", f"`{node.name}` has type parameters", path, node.lineno)


def _signature(node: FunctionDef) -> str:
    return ast.dump(node.args) + (ast.dump(node.returns) if node.returns else "") + type(node).__name__
