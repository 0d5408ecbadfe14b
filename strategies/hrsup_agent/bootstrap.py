"""Starts a program under the agent: ``python [flags] bootstrap.py LINK -- TARGET...``. Runs in every program process.

LINK is the path of the supervisor's socket, or ``-`` for none. TARGET is what came after the interpreter's own flags:
``script.py args``, ``-m module args``, ``-c code args``, a folder or a zip file. The interpreter may know nothing of
hrsup: the packages are loaded by path, and nothing is put on ``sys.path``.

The problem: this file is what the interpreter runs as ``__main__``, so its frame would lie below the user's for ever.
The solution: it ends, before the user's code begins. The last thing it does is to raise; the interpreter, with no
Python frame left on the stack, calls ``sys.excepthook``, and that runs the program. Once the program has ended, the
interpreter goes on as it does after any script: it flushes, waits for threads, runs atexit, and exits with what
`runner` and `ending` make it exit with (a SystemExit from a hook is obeyed like any other).
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Started(Exception):
    """Never seen: hands the stack over to the hook."""


def _load(name: str, folder: str) -> None:
    """Import a package from its folder; its submodules are found through its ``__path__``, when they are wanted."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import spec_from_file_location

    spec = spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[folder])
    module = module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules[name] = module
    spec.loader.exec_module(module)  # type: ignore[union-attr]


def _start() -> "Any":
    before = set(sys.modules)
    writes_nothing = sys.dont_write_bytecode
    sys.dont_write_bytecode = False  # about our files, see `importing`
    here = __file__.rpartition("/")[0]
    root = here.rpartition("/")[0]
    sys.path_importer_cache.pop(__file__, None)
    _load("hrsup_agent", here)
    _load("hrsup_strategies", root + "/hrsup_strategies")
    from hrsup_agent import importing

    runner: Any = importing.our_import("hrsup_agent.runner", fromlist=("prepare",))
    hook = runner.prepare(sys.argv[1], sys.argv[3:])
    sys.dont_write_bytecode = writes_nothing
    # Built-in modules are all that is left of what was imported for us; a program would have imported them itself.
    for name in set(sys.modules) - before:
        if not name.startswith("hrsup_"):
            del sys.modules[name]
    return hook


sys.excepthook = _start()
raise _Started
