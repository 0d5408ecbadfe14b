"""The import statement of our own modules. Runs in every program process, before anything else of ours; owns the
private copies of standard modules.

The problem: a program may have a file ``select.py`` or ``ast.py`` beside its script, or on PYTHONPATH. Our ``import
select`` would find that, and run the user's code at a moment that the program did not choose; and where we come first,
the program's own ``import select`` would find the standard one. Neither ``sys.path`` nor ``sys.modules`` can be changed
for the time of an import: other threads import too.

The solution: an import statement calls the ``__import__`` of its module's builtins, so our modules get builtins of
their own. A standard module is taken from ``sys.modules`` if that has the real one, complete; else it is executed as a
copy for us, with the same builtins, and does not stay in ``sys.modules``. Ours are found by their packages' folders.
What is to be imported as the program would, to be looked at or changed, is asked of ``builtins.__import__``.
"""

from __future__ import annotations

import builtins
import sys
from _frozen_importlib import (  # type: ignore[attr-defined]
    _DeadlockError,  # pyright: ignore
    _ModuleLockManager,  # pyright: ignore
    module_from_spec,
)
from _frozen_importlib_external import PathFinder, SourceFileLoader, spec_from_file_location

from hrsup_agent.hidden import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

OURS = ("hrsup_agent", "hrsup_strategies")
_MISSING: Any = object()

_copies: dict[str, ModuleType] = {}
_folder: str = sys._stdlib_dir  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
# As the interpreter has set it up; the script's folder comes later. Compiled modules may lie elsewhere.
_path = [
    _folder,
    *(entry for entry in sys.path if entry.endswith(("/lib-dynload", ".zip")) and "-packages" not in entry),
]


@hide
def our_import(
    name: str, globals: object = None, locals: object = None, fromlist: Any = (), level: int = 0
) -> ModuleType:
    """What an import statement in our modules, and in the copies made for them, does. Raises what imports raise."""
    if type(fromlist) is list:  # no statement: C code that is called from us looks in `sys.modules` afterwards
        return builtins.__import__(name, globals, locals, fromlist, level)  # type: ignore[arg-type]
    if level:
        package = globals["__package__"]  # type: ignore[index]
        base = package.rsplit(".", level - 1)[0]
        name = f"{base}.{name}" if name else base
    module = _module(name)
    if not fromlist:
        return _module(name.partition(".")[0])
    if hasattr(module, "__path__"):
        for item in fromlist:
            if item != "*" and not hasattr(module, item):
                try:
                    _module(f"{name}.{item}")
                except ModuleNotFoundError:
                    pass  # the statement itself says what is missing
    return module


def private(module: ModuleType) -> None:
    """Make the import statements of a module that is about to be executed ours."""
    module.__dict__["__builtins__"] = _BUILTINS


@hide
def _module(name: str) -> ModuleType:
    if name.partition(".")[0] in OURS:
        module = sys.modules.get(name)
        return _our_own(name) if module is None or _is_under_way(module) else module
    known = sys.modules.get(name)
    if known is not None and _is_standard(known):
        return known
    copy = _copies.get(name)
    return _copy(name) if copy is None or _is_under_way(copy) else copy


def _our_own(name: str) -> ModuleType:
    """Imported, if it is not yet; another thread that is at it is waited for."""
    parent_name, _, last = name.rpartition(".")
    parent = _module(parent_name) if parent_name else None
    try:
        with _ModuleLockManager(name):
            return sys.modules.get(name) or _load(name, parent, last)
    except _DeadlockError:  # it imports, in another thread, what this one is importing
        return sys.modules[name]


def _load(name: str, parent: Any, last: str) -> ModuleType:
    path = f"{parent.__path__[0]}/{last}"
    spec = _source(name, f"{path}.py", None) or _source(name, f"{path}/__init__.py", [path])
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module = module_from_spec(spec)
    private(module)
    sys.modules[name] = module
    spec._initializing = True
    writes_nothing = sys.dont_write_bytecode
    sys.dont_write_bytecode = False  # about our files; compiling them each time would cost tens of milliseconds
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.dont_write_bytecode = writes_nothing
        spec._initializing = False
    setattr(parent, last, module)
    return module


def _source(name: str, path: str, folder: list[str] | None) -> Any:
    loader = SourceFileLoader(name, path)
    try:
        loader.path_stats(path)
    except OSError:
        return None
    return spec_from_file_location(name, path, loader=loader, submodule_search_locations=folder)


def _copy(name: str) -> ModuleType:
    """A copy for us, made if there is none yet; another thread that is at it is waited for."""
    if name in sys.builtin_module_names:
        return builtins.__import__(name)  # nothing on a path comes before these
    parent_name, _, last = name.rpartition(".")
    parent = _module(parent_name) if parent_name else None
    try:
        # Some look themselves up in sys.modules. Whoever else imports this name waits until it is put right again.
        with _ModuleLockManager(name):
            return _copies.get(name) or _load_copy(name, parent, last)
    except _DeadlockError:
        return _copies[name]


def _load_copy(name: str, parent: Any, last: str) -> ModuleType:
    spec: Any = PathFinder.find_spec(name, parent.__path__ if parent is not None else _path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module = module_from_spec(spec)
    private(module)
    before: Any = sys.modules.get(name, _MISSING)
    _copies[name] = sys.modules[name] = module
    spec._initializing = True
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del _copies[name]
        raise
    finally:
        spec._initializing = False
        if before is _MISSING:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = before
    if parent is not None and parent.__name__ in _copies:
        setattr(parent, last, module)
    return module


def _is_under_way(module: ModuleType) -> bool:
    return getattr(getattr(module, "__spec__", None), "_initializing", False)


@hide
def _is_standard(module: ModuleType) -> bool:
    spec = getattr(module, "__spec__", None)
    if spec is None or getattr(spec, "_initializing", False):
        return False
    origin = spec.origin
    return origin in ("built-in", "frozen") or (isinstance(origin, str) and _is_standard_path(origin))


@hide
def _is_standard_path(path: str) -> bool:
    return path.startswith(f"{_folder}/") and "-packages/" not in path[len(_folder) :]


_BUILTINS = {**vars(builtins), "__import__": our_import}
