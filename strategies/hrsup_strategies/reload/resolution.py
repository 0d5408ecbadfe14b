"""What a global name stands for: the one statement that binds it, imports followed. Pure; user's process."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.binders import bound_alike, imported
from hrsup_strategies.reload.import_statements import absolute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import Work

    Place = tuple[str, Statement, str]


class Resolution:
    """Resolves names in the new versions of the modules, or with `old` in the loaded ones."""

    def __init__(self, work: Work, old: bool) -> None:
        self._work, self._old = work, old
        self._bound: dict[str, dict[str, list[Statement]]] = {}
        self._may_bind: dict[tuple[str, str], bool] = {}
        self._may_bind_of = work.extent

    def version(self, path: str) -> Version:
        """The version of a module that is asked about."""
        return self._work.version(path, self._old)

    def binding(self, path: str, name: str) -> Place | None:
        """The one top-level statement that binds a name, imports followed, with its module and its name there; None if
        there is none, or several."""
        for _ in range(20):
            one = self._one(path, name)
            if one is None:
                return None
            path, statement = one
            node = statement.node
            if not isinstance(node, ast.ImportFrom):
                return path, statement, name
            alias = next(item for item in node.names if (item.asname or item.name) == name)
            target = self._path_of(absolute(node, self._work.package_of(path)))
            if target is None or not self.is_bound(target, alias.name):  # elsewhere, or a module of the package
                return path, statement, name
            path, name = target, alias.name
        return None

    def of(self, path: str, node: ast.expr) -> Place | None:
        """The same for a name, or for an attribute of a module of the user's."""
        if isinstance(node, ast.Name):
            return self.binding(path, node.id)
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return None
        target = self.module(path, node.value.id)
        return self.binding(target, node.attr) if target is not None else None

    def is_bound(self, path: str, name: str) -> bool:
        """May the module bind this name?"""
        key = path, name
        if self._may_bind_of != self._work.extent:
            self._may_bind, self._may_bind_of = {}, self._work.extent
        if key not in self._may_bind:
            self._may_bind[key] = self._may_be_bound(path, name, set())
        return self._may_bind[key]

    def _may_be_bound(self, path: str, name: str, seen: set[str]) -> bool:
        """The same, but for the modules that are asked already: two may take all names of each other."""
        if name in self._bindings(path):
            return True
        seen.add(path)
        return bool(self._brought(path, name, seen))

    def is_loaded(self, path: str, node: ast.Import | ast.ImportFrom) -> bool:
        """Does this import statement only find modules that are loaded, or fail?"""
        if isinstance(node, ast.Import):
            return all(self._is_there(alias.name) for alias in node.names)
        base = absolute(node, self._work.package_of(path))
        return self._is_there(base) and all(
            self._has(base, alias.name) or self._is_there(f"{base}.{alias.name}") for alias in node.names
        )

    def _is_there(self, name: str) -> bool:
        """Is this module loaded, or one that is imported by this change? It is hidden from the loaded versions."""
        return name in sys.modules or name in self._work.arrivals.values()

    def _has(self, module: str, name: str) -> bool:
        place = self._work.path_of(module)
        if place is not None and place in self._work.arrivals and (not self._old or module not in sys.modules):
            return self._old or name in self._bindings(place)
        if not self._old and place in self._work.new:  # where there is no such name, and no module, it fails
            is_package = place.endswith("/__init__.py") or self.is_bound(place, "__getattr__")
            return self.is_bound(place, name) or not is_package
        return name in getattr(sys.modules.get(module), "__dict__", ())

    def _path_of(self, name: str) -> str | None:
        return self._work.path_of(name, self._old)

    def _brought(self, path: str, name: str, seen: set[str] | None = None) -> list[str]:
        """The paths of the modules from which the name may come by ``import *``; "" for one that is not the user's."""
        asked = seen if seen is not None else {path}
        found = []
        for node in self.version(path).stars:
            base = absolute(node, self._work.package_of(path))
            source = self._path_of(base)
            if name.startswith("_") and (source is None or "__all__" not in self._bindings(source)):
                continue
            if source is not None and source not in asked and self._may_be_bound(source, name, asked):
                found.append(source)
            elif source is None and (base not in sys.modules or hasattr(sys.modules[base], name)):
                found.append("")
        return found

    def _one(self, path: str, name: str) -> tuple[str, Statement] | None:
        """The one statement that binds a name in the module, or in the one from which it comes by ``import *``."""
        for _ in range(20):
            found, brought = self._found(path, name), self._brought(path, name)
            if found:
                same = len(found) == 1 and all(self._is_what(path, found[0], name, source) for source in brought)
                return (path, found[0]) if same else None
            if len(set(brought)) != 1 or not brought[0]:
                return None
            path = brought[0]
        return None

    def _is_what(self, path: str, statement: Statement, name: str, source: str) -> bool:
        """Does an import statement of this module bind what comes by ``import *`` from another?"""
        node = statement.node
        if not source or not isinstance(node, (ast.Import, ast.ImportFrom)):
            return False
        what = imported(node)[name]
        base = absolute(node, self._work.package_of(path)) if isinstance(node, ast.ImportFrom) else ""
        if what[2] == name and self._path_of(base) == source:
            return True
        return what[1] == 0 and bound_alike(name, self._bindings(source).get(name, [])) == what

    def module(self, path: str, name: str) -> str | None:
        """The path of the user's module that a name stands for."""
        one = self._one(path, name)
        if one is None:
            return None
        path, node = one[0], one[1].node
        if isinstance(node, ast.Import):
            alias = next((item for item in node.names if (item.asname or item.name) == name), None)
            return self._path_of(alias.name) if alias is not None else None
        if isinstance(node, ast.ImportFrom):
            alias = next(item for item in node.names if (item.asname or item.name) == name)
            return self._path_of(f"{absolute(node, self._work.package_of(path))}.{alias.name}")
        return None

    def origin(self, path: str, node: ast.expr) -> str | None:
        """The full name of what comes from elsewhere: ``functools.wraps``; of a builtin, its name."""
        if isinstance(node, ast.Name):
            if not self.is_bound(path, node.id):
                return node.id
            one = self._one(path, node.id)
            if one is not None and isinstance(one[1].node, ast.ImportFrom) and not one[1].node.level:
                alias = next(item for item in one[1].node.names if (item.asname or item.name) == node.id)
                return f"{one[1].node.module}.{alias.name}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            one = self._one(path, node.value.id)
            if one is not None and isinstance(one[1].node, ast.Import):
                names = [item.name for item in one[1].node.names if (item.asname or item.name) == node.value.id]
                return f"{names[0]}.{node.attr}" if names else None
        return None

    def _found(self, path: str, name: str) -> list[Statement]:
        """The statements that bind a name; one of them where they are imports of the same."""
        found = self._bindings(path).get(name, [])
        return found[-1:] if len(found) > 1 and bound_alike(name, found) is not None else found

    def _bindings(self, path: str) -> dict[str, list[Statement]]:
        if path not in self._bound:
            table: dict[str, list[Statement]] = {}
            version = self.version(path)
            for statement in version.body:
                for name in statement.names:
                    table.setdefault(name, []).append(statement)
            for item in version.globals:
                for name in item.names:
                    table.setdefault(name, []).append(version.body[0])
                    table[name].append(version.body[0])
            self._bound[path] = table
        return self._bound[path]
