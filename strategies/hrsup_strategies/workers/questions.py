"""What a scheduler or a worker of dask.distributed is asked, as functions that run there.

Made in the user's process from source text, under the name of no module, so that they are pickled by value: where they
run, hrsup need not be installed. They use the standard library only, and answer with plain data.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SCHEDULER = '''
def question(dask_scheduler):
    import os, pickletools, socket

    def is_own(plugin):
        """Is it a plugin of distributed itself, without any state?"""
        if not isinstance(plugin, bytes):
            return type(plugin).__module__.startswith("distributed.")
        words = [argument for _, argument, _ in pickletools.genops(plugin) if isinstance(argument, str)]
        return len(words) == 2 and words[0].startswith("distributed.")

    scheduler = dask_scheduler
    extensions = scheduler.extensions
    kept = ["variable " + str(name) for name in getattr(extensions.get("variables"), "variables", ())]
    kept += ["queue " + str(name) for name in getattr(extensions.get("queues"), "queues", ())]
    kept += ["dataset " + str(name) for name in getattr(extensions.get("publish"), "datasets", ())]
    plugins = (*scheduler.worker_plugins.items(), *scheduler.nanny_plugins.items(), *scheduler.plugins.items())
    return {
        "pid": os.getpid(),
        "tasks": len(scheduler.tasks),
        "clients": [str(name) for name in scheduler.clients],
        "plugins": [str(name) for name, plugin in plugins if not is_own(plugin)],
        "kept": kept,
        "nannies": {address: worker.nanny for address, worker in scheduler.workers.items()},
        "host": socket.gethostname(),
    }
'''
_FILES = '''
import hashlib, importlib.machinery, importlib.util, marshal, os, socket, sys


def source(name):
    """The path of the source that an import would load; None if there would be none."""
    search, spec = None, None
    for end in range(1, name.count(".") + 2):
        spec = importlib.machinery.PathFinder.find_spec(".".join(name.split(".")[:end]), search)
        if spec is None:
            return None
        search = spec.submodule_search_locations
    return spec.origin if spec.origin and spec.origin.endswith(".py") else None


def is_current(path, wanted):
    """Has the source this hash, and would no compiled file be loaded that was made of another?"""
    with open(path, "rb") as file:
        data = file.read()
    if hashlib.blake2b(data, digest_size=16).hexdigest() != wanted:
        return False
    try:
        with open(importlib.util.cache_from_source(path), "rb") as file:
            compiled = file.read()
    except (OSError, NotImplementedError):
        return True
    flags, seconds, size = (int.from_bytes(compiled[at : at + 4], "little") for at in (4, 8, 12))
    status = os.stat(path)
    of_another = flags == 0 and (seconds, size) != (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
    if compiled[:4] != importlib.util.MAGIC_NUMBER or of_another:
        return True
    return marshal.loads(compiled[16:]) == compile(data, path, "exec", dont_inherit=True)
'''
_SCHEDULER_FORGETS = (
    _FILES
    + """

def question(modules, dask_scheduler):
    for name, wanted in modules.items():
        path = getattr(sys.modules.get(name), "__file__", None)
        if path and is_current(path, wanted):
            del sys.modules[name]
    importlib.invalidate_caches()
    left = [name for name in modules if name in sys.modules]
    return left + [name for name, wanted in modules.items() if (path := source(name)) and not is_current(path, wanted)]
"""
)
_WORKER = (
    _FILES
    + """

def question(modules, dask_worker):
    def is_wrong(name, wanted):
        if name in sys.modules:  # who loaded it, and from what, is not known any more
            return True
        path = source(name)
        return path is not None and not is_current(path, wanted)

    importlib.invalidate_caches()
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "id": str(dask_worker.id),
        "tasks": len(dask_worker.state.tasks),
        "wrong": [name for name, wanted in modules.items() if is_wrong(name, wanted)],
    }
"""
)


_QUESTIONS = {"scheduler": _SCHEDULER, "forget": _SCHEDULER_FORGETS, "worker": _WORKER}


def question(to: str) -> Callable[..., Any]:
    """``scheduler``: who uses it and what it keeps. ``forget``: the scheduler drops these modules (hashes, by name),
    which it imports when it passes tasks on; which of them it still has, or would import in another version.
    ``worker``: who it is, what it has to do, and which of these modules it has, or would import in another version."""
    space: dict[str, Any] = {"__name__": "hrsup_question"}
    exec(_QUESTIONS[to], space)
    asked: Callable[..., Any] = space["question"]
    return asked
