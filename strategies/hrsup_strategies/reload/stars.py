"""``from a import *``, where what `a` offers changed: it is executed again, and what is not offered any more goes. Runs
in the user's process.

The names are read off the sources of both versions. That suffices where every module on the way binds them by plain
statements, says at most a literal ``__all__``, and where the importing module does not bind one of them by itself, so
that it does not matter what comes first.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.identifiers import DYNAMIC, bare_names
from hrsup_strategies.reload.import_statements import absolute
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.work import Work


def spread(work: Work) -> bool:
    """Make the steps for the modules that import all of a module of which names changed; was there a new one?"""
    found = False
    for path in work.old.starred():
        for node in work.old[path].stars:
            source = _source(work, path, node)
            if source in work.stars and (path, id(node)) not in work.spread:
                work.spread.add((path, id(node)))
                _again(work, path, source, node)
                found = True
    return found


def _source(work: Work, path: str, node: ast.ImportFrom) -> str:
    package = work.package_of(path)
    return work.path_of(absolute(node, package)) or ""


def _again(work: Work, path: str, source: str, node: ast.ImportFrom) -> None:
    refusal = Refusal("HR115", "names that come by `import *` changed", path, node.lineno)
    before = next((item for item in work.old[path].body if item.node is node), None)
    after = work.pairs.get(id(before), before) if path in work.diffs else before
    if before is None or after is None or (path in work.diffs and id(before) not in work.pairs):
        raise refusal  # not a statement of the module's body, or one that changed
    old, new = _offers(work, source, True, refusal), _offers(work, source, False, refusal)
    version = work.version(path, False)
    own = {name for item in [*work.old[path].body, *version.body] for name in item.names}
    if own & (old | new) or len(version.stars) > 1 or len(work.old[path].stars) > 1:
        raise refusal
    at = version.body.index(after)
    above = {id(item.node) for item in version.body[:at]}
    changed = {id(step.new.node) for step in work.steps.get(path, []) if step.new is not None}
    if above & changed or any(item.kind == "effect" for item in version.body[:at]):
        raise refusal
    step = Step("star", path, before, after)
    step.names = tuple(sorted(old - new))
    work.steps.setdefault(path, []).append(step)
    work.changes(old ^ new, path)


def _offers(work: Work, path: str, old: bool, refusal: Refusal, depth: int = 0) -> set[str]:
    """The names that ``import *`` takes from a module."""
    if not path:
        raise refusal
    version = work.version(path, old)
    listed = [item for item in version.body if "__all__" in item.names]
    if listed:
        node = listed[0].node
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        elements = value.elts if isinstance(value, (ast.List, ast.Tuple)) else None
        if len(listed) > 1 or elements is None:
            raise refusal
        names = [item.value for item in elements if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        if len(names) != len(elements) or _mentions(version.tree, "__all__") > 1:
            raise refusal
        return set(names)
    if path.endswith("/__init__.py") or bare_names(version.tree) & DYNAMIC or depth > 20:
        raise refusal  # a package has its modules too, whoever imports them
    found: set[str] = set()
    for item in version.body:
        if item.kind == "effect" and item.names:
            raise refusal
        found |= {name for name in item.names if not name.startswith("_") and name != "*"}
    for node in version.stars:
        found |= _offers(work, _source(work, path, node), old, refusal, depth + 1)
    return found


def _mentions(tree: ast.Module, name: str) -> int:
    return sum(isinstance(item, ast.Name) and item.id == name for item in ast.walk(tree))
