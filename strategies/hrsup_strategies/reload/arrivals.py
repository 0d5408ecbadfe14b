"""Modules of the user's that are not loaded and that a changed import names: they are imported as part of the commit.

Runs in the user's process. A module whose body only defines (functions, classes, values that are built and nothing
else, further imports) may be executed at any moment: it leaves the trace that it would leave at a cold start, wherever
in the order of imports that is. So it is executed in its turn, after the modules that it imports have been brought up
to date, and a rollback takes it out of ``sys.modules`` and of its package again. A body that does more is refused.
"""

from __future__ import annotations

import ast
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType

from hrsup_strategies.reload import bindings, blocks, classes, functions, imported_names, loading
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, is_block, undecorated
from hrsup_strategies.reload.import_statements import absolute, imports_of
from hrsup_strategies.reload.version import Version
from hrsup_strategies.reload.work import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Work

_INSTALLED = ("/site-packages/", "/dist-packages/")


def check(work: Work) -> None:
    """Make the steps for what the new import statements would load; refuse (HR114) what cannot be loaded in place."""
    for path, node in work.imports:
        _check(work, path, node)


def _check(work: Work, path: str, node: ast.stmt) -> None:
    package = work.package_of(path)
    if isinstance(node, ast.Import):
        for alias in node.names:
            need(work, alias.name, path, node.lineno)
        return
    assert isinstance(node, ast.ImportFrom)
    base = absolute(node, package)
    need(work, base, path, node.lineno)
    imported_names.check(work, path, node, work.path_of(base, old=True))
    for alias in node.names:
        if alias.name != "*" and not has(work, base, alias.name):
            name = f"{base}.{alias.name}"
            if _is_new(work, name) and isinstance(find(work, name), str):
                need(work, name, path, node.lineno)


def has(work: Work, name: str, attribute: str) -> bool:
    """Does this module have the attribute, or will it?"""
    path = work.path_of(name)
    if path is not None and path in work.new:
        return any(attribute in statement.names for statement in work.new[path].body)
    return attribute in getattr(sys.modules.get(name), "__dict__", {attribute: None})


def need(work: Work, name: str, by: str, line: int) -> None:
    """Make the steps for this module and its packages, as far as they are not loaded; it is imported by a module at
    this line."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        part = ".".join(parts[:end])
        loaded = part in sys.modules and part not in work.departures.values()
        if loaded or work.path_of(part) is not None or parts[0] in sys.stdlib_module_names:
            continue
        found = find(work, part)
        if not isinstance(found, str):
            raise Refusal("HR114", f"`{part}` is not loaded yet", by, line)
        arrive(work, part, found)


def _is_new(work: Work, name: str) -> bool:
    """Is this none of the modules that are loaded, or a name that another file takes?"""
    return name not in sys.modules or name in work.departures.values()


def find(work: Work, name: str) -> str | bool | None:
    """The source file of the user's that a module would be loaded from; True if it would be found elsewhere, or it is
    not known where; None if it would not be found."""
    parent = name.rpartition(".")[0]
    if parent and work.path_of(parent) is None:
        return True
    places: Any = sys.path if not parent else _search_path(work, parent)
    loading.invalidate_caches()
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find(name, places if parent else None) if find is not None else None
        if spec is not None:
            own = isinstance(spec.loader, SourceFileLoader) and isinstance(spec.origin, str)
            return spec.origin if own and not any(part in spec.origin for part in _INSTALLED) else True
    return None


def _search_path(work: Work, name: str) -> list[str]:
    return list(getattr(work.modules[work.path_of(name) or ""], "__path__", ()))


def arrive(work: Work, name: str, path: str) -> None:
    """Make the step for this module, which is not loaded, and those for what it imports."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise Refusal("HR114", f"`{name}` cannot be read: {error}", path) from None
    work.new[path] = Version(path, data, False, True)
    work.modules[path] = _placeholder(name, path)
    work.arrivals[path] = name
    for node in imports_of(work.new[path].tree):
        _check(work, path, node)
    _check_body(work, path, name)
    work.steps[path] = [Step("load", path, None, None)]


def _placeholder(name: str, path: str) -> ModuleType:
    """Stands for the module until it is loaded: what a name in it stands for is read off its source."""
    module = ModuleType(name)
    is_package = path.endswith("/__init__.py")
    module.__package__ = name if is_package else name.rpartition(".")[0]
    if is_package:
        module.__path__ = [path.rpartition("/")[0]]
    return module


def _check_body(work: Work, path: str, name: str) -> None:
    for statement in work.new[path].body:
        refusal = Refusal("HR114", f"importing `{name}` does more than define names", path, statement.node.lineno)
        if {"__getattr__", "__path__"} & set(statement.names):
            raise refusal
        _check_statement(work, path, statement, refusal)


def _check_statement(work: Work, path: str, statement: Statement, refusal: Refusal) -> None:
    """It is executed when the module is loaded; what it registers, once more after that (see ``entries``)."""
    node = statement.node
    registers = work.entries.touch(path, statement, False)
    if registers and statement.kind == "effect":
        return
    if isinstance(node, FunctionNode):
        functions.check_new_function(work, path, node, registers)
    elif isinstance(node, ast.ClassDef):
        classes.check_new_class(work, path, undecorated(node) if registers else node)
    elif statement.kind == "assign":
        bindings.check_value(work, path, statement, files=True)
    elif is_block(statement):
        blocks.check(work, path, statement, False, refusal)
    elif statement.kind not in ("doc", "inert", "import"):
        raise refusal
