"""Modules that were imported beforehand, and appear when the program imports them. Runs in a preloaded image and its
continuations.

The problem: the script is what changes, so nobody knows what the new one does before its imports. It may set
``OMP_NUM_THREADS`` first, and numpy would have seen that. The solution: the modules are taken out of ``sys.modules``,
and what their import changed is undone. When the program imports the next of them, and everything that an import can
depend on is as it was then, module and changes are put in place. In any other case the process replaces itself by a
cold start.
"""

from __future__ import annotations

import posix
import sys
from _signal import getsignal, valid_signals  # type: ignore[import-not-found]
from _thread import _count as thread_count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from hrsup_strategies.checkpoint.layers import Host


class Surroundings:
    """What an import can depend on and change. `fixed`: what it may not change if it is to be done beforehand."""

    __slots__ = ("environment", "filters", "fixed")

    def __init__(self, environment: dict[str, str], filters: list[Any], fixed: tuple[Any, ...]) -> None:
        self.environment, self.filters, self.fixed = environment, filters, fixed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Surroundings) and (
            self.environment == other.environment and self.filters == other.filters and self.fixed == other.fixed
        )

    __hash__ = None  # type: ignore[assignment]

    def put(self) -> None:
        """Make the environment and the filters what they are here."""
        import os
        import warnings

        for name in set(os.environ) - set(self.environment):
            del os.environ[name]
        for name, value in self.environment.items():
            if os.environ.get(name) != value:
                os.environ[name] = value
        if warnings.filters != self.filters:
            warnings.filters[:] = self.filters  # type: ignore[index]
            warnings._filters_mutated()  # type: ignore[attr-defined]


def surroundings() -> Surroundings:
    """Those of this process, now."""
    import os
    import warnings
    from _locale import LC_ALL, setlocale

    umask = posix.umask(0o077)
    posix.umask(umask)
    try:
        folder = posix.getcwd()
    except OSError:
        folder = ""
    handlers = [getsignal(number) for number in sorted(valid_signals())]
    hooks = (sys.excepthook, sys.displayhook, sys.stdin, sys.stdout, sys.stderr, sys.gettrace(), sys.getprofile())
    fixed = (list(sys.path), list(sys.argv), folder, umask, setlocale(LC_ALL), thread_count(), handlers, hooks)
    return Surroundings(dict(os.environ), list(warnings.filters), fixed)


def third_party(name: str) -> bool:
    """Not of the standard library and not ours. The standard library's modules stay where they are."""
    top = name.partition(".")[0]
    return top not in sys.stdlib_module_names and not top.startswith(("hrsup_", "__main__", "__mp_main__"))


class Group:
    """A module that was imported, all that came with it, and the surroundings before and after. `says`: the messages
    about it that are due when it appears."""

    __slots__ = ("after", "before", "modules", "name", "says")

    def __init__(
        self,
        name: str,
        modules: dict[str, Any],
        before: Surroundings,
        after: Surroundings,
        says: list[dict[str, Any]],
    ) -> None:
        self.name, self.modules, self.before, self.after, self.says = name, modules, before, after, says

    def appear(self, link: Any) -> None:
        """Put the modules in place, and tell the supervisor what there is to be said of them."""
        for message in self.says:
            link.send(message)
        sys.modules.update(self.modules)
        for name, module in self.modules.items():
            if name.rpartition(".")[0] not in self.modules:
                _bind(name, module)


def put_aside(groups: list[Group]) -> None:
    """Take all groups out of the process, and take back what their import has changed."""
    for group in groups:
        for name, module in group.modules.items():
            if name.rpartition(".")[0] not in group.modules:  # its package appears earlier than it does
                _unbind(name, module)
    for group in groups:
        for name in group.modules:
            sys.modules.pop(name, None)
    if groups:
        groups[0].before.put()


def shadowed(loaded: dict[str, Any], path: list[str]) -> bool:
    """Would a cold start with this search path find one of these modules in a folder of the user's?"""
    library = f"{sys.base_prefix}/{sys.platlibdir}/python"
    for folder in path:
        if folder.startswith((library, f"{sys.base_prefix}/lib/python")):
            return False  # behind the standard library nothing takes the place of what was found
        for name in _offered(folder):
            if name in loaded and name != "__main__" and not _is_from(loaded[name], folder):
                return True
    return False


class Parking:
    """A meta path finder that knows the groups that are still put aside, in order."""

    def __init__(self, agent: Host) -> None:
        self._agent = agent
        self.groups: list[Group] = []

    def park(self) -> None:
        """Take all groups out of the process."""
        if not self.groups:
            return
        put_aside(self.groups)
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """Called for every module that is not in ``sys.modules``, by an import or by who only asks whether it is there:
        so nothing happens before the module is created."""
        module = next((group.modules[name] for group in self.groups if name in group.modules), None)
        return _spec_of(module, self.create) if module is not None else None

    def create(self, name: str) -> Any:
        """The module, put in place with all that came with it."""
        group = self.groups[0] if self.groups else None
        taken = group is None or any(other in sys.modules for other in group.modules)
        if group is None or taken or name != group.name or surroundings() != group.before or self.shadowed():
            self._start_cold()
        self._unpark(self.groups.pop(0))
        return group.modules[name]

    def shadowed(self) -> bool:
        """Would a cold start find a module of this process, put aside or not, in a folder of the user's?"""
        loaded = dict(sys.modules)
        for group in self.groups:
            loaded.update(group.modules)
        return shadowed(loaded, sys.path)

    def _unpark(self, group: Group) -> None:
        if not self.groups:
            sys.meta_path.remove(self)
        group.appear(self._agent.link)
        del sys.modules[group.name]  # the import system puts it there itself
        group.after.put()

    def _start_cold(self) -> NoReturn:
        """Right, if slow: the same process, from the beginning, without anything imported."""
        from hrsup_strategies import execv

        execv.start_again()  # unflushed text is dropped: the new start will write it again


def _offered(folder: str) -> list[str]:
    """The top-level modules and packages in this folder; a folder without ``__init__`` yields to a later entry."""
    try:
        names = posix.listdir(folder or ".")
    except OSError:
        return []
    found = []
    for name in names:
        stem, dot, suffix = name.partition(".")
        if (dot and suffix.endswith(("py", "pyc", "so"))) or (not dot and _is_package(f"{folder or '.'}/{name}")):
            found.append(stem)
    return found


def _is_package(folder: str) -> bool:
    try:
        return any(name.startswith("__init__.") for name in posix.listdir(folder))
    except OSError:
        return False


def _is_from(module: Any, folder: str) -> bool:
    origin = getattr(module.__dict__.get("__spec__"), "origin", None) if hasattr(module, "__dict__") else None
    return isinstance(origin, str) and origin.startswith(f"{folder}/")


def _unbind(name: str, module: Any) -> None:
    """A submodule is an attribute of its package only from its own import on."""
    package, _, child = name.rpartition(".")
    namespace = getattr(sys.modules.get(package), "__dict__", {}) if package else {}
    if namespace.get(child) is module:
        del namespace[child]


def _bind(name: str, module: Any) -> None:
    package, _, child = name.rpartition(".")
    namespace = getattr(sys.modules.get(package), "__dict__", {}) if package else {}
    namespace.setdefault(child, module)


def _spec_of(module: Any, create: Callable[[str], Any]) -> Any:
    """What a finder says of this module in a cold start, but for the loader, which has `create` make it."""
    from _frozen_importlib import ModuleSpec

    known = module.__spec__
    spec: Any = ModuleSpec(known.name, None, origin=known.origin, loader_state=known.loader_state)
    spec.submodule_search_locations = known.submodule_search_locations
    spec.cached = known.cached
    spec.has_location = known.has_location
    spec.loader = _Loader(known, create)
    return spec


class _Loader:
    """Hands over a module that is complete; all else is its own loader's."""

    def __init__(self, spec: Any, create: Callable[[str], Any]) -> None:
        self._spec, self._create = spec, create

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spec.loader, name)

    def create_module(self, spec: object) -> Any:
        return self._create(self._spec.name)

    def exec_module(self, module: Any) -> None:
        module.__spec__ = self._spec
