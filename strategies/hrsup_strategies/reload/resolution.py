"""What a global name stands for: the one statement that binds it, imports followed. Pure; user's process."""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.binders import bound_alike
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

    def version(self, path: str) -> Version:
        """The version of a module that is asked about."""
        return self._work.version(path, self._old)

    def binding(self, path: str, name: str) -> Place | None:
        """The one top-level statement that binds a name, imports followed, with its module and its name there; None if
        there is none, or several."""
        for _ in range(20):
            found = self._found(path, name)
            if not found and (star := self._star(path)) is not None:
                path = star
                continue
            if len(found) != 1:
                return None
            node = found[0].node
            if not isinstance(node, ast.ImportFrom):
                return path, found[0], name
            alias = next(item for item in node.names if (item.asname or item.name) == name)
            target = self._path_of(absolute(node, self._work.package_of(path)))
            if target is None or alias.name not in self._bindings(target):  # elsewhere, or a module of the package
                return path, found[0], name
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
        if name in self._bindings(path):
            return True
        stars = self.version(path).stars
        star = self._star(path) if stars else None
        return bool(stars) and (star is None or self.is_bound(star, name))

    def is_loaded(self, path: str, node: ast.Import | ast.ImportFrom) -> bool:
        """Does this import statement only find modules that are loaded?"""
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
        return name in getattr(sys.modules.get(module), "__dict__", ())

    def _path_of(self, name: str) -> str | None:
        return self._work.path_of(name, self._old)

    def _star(self, path: str) -> str | None:
        """The one module of the user's of which all is imported."""
        stars = self.version(path).stars
        return self._path_of(absolute(stars[0], self._work.package_of(path))) if len(stars) == 1 else None

    def module(self, path: str, name: str) -> str | None:
        """The path of the user's module that a name stands for."""
        found = self._found(path, name)
        node = found[0].node if len(found) == 1 else None
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
            found = self._found(path, node.id)
            if not found:
                return node.id
            if len(found) == 1 and isinstance(found[0].node, ast.ImportFrom) and not found[0].node.level:
                alias = next(item for item in found[0].node.names if (item.asname or item.name) == node.id)
                return f"{found[0].node.module}.{alias.name}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = self._found(path, node.value.id)
            if len(found) == 1 and isinstance(found[0].node, ast.Import):
                names = [item.name for item in found[0].node.names if (item.asname or item.name) == node.value.id]
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
