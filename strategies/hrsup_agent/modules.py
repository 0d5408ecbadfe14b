"""Runs ``python -m module``, a folder or a zip file. Runs in the program's processes; owns nothing.

Plain python does this with `runpy`, whose frames belong to its tracebacks, so `runpy` does it here too. Only the code
object is exchanged on the way: it is compiled from bytes that were read and hashed, never taken from a .pyc file.
"""

from __future__ import annotations

import builtins

from hrsup_agent.hidden import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_agent.agent import Agent
    from hrsup_agent.runner import Entry


def entry(agent: Agent, name: str | None) -> Entry:
    """The function, and its arguments, that runs the module `name`, or with None the `__main__` of ``sys.path[0]``."""
    runpy: Any = builtins.__import__("runpy")  # the program's own
    details: Any = runpy._get_module_details

    @hide
    def verified(*arguments: Any) -> Any:
        runpy._get_module_details = details
        found, spec, code = details(*arguments)
        if agent.link is not None and _is_users(spec):
            code = load(agent, spec.origin)
        return found, spec, code

    runpy._get_module_details = verified
    run: Any = runpy._run_module_as_main
    return run, (name or "__main__", name is not None)


def _is_users(spec: Any) -> bool:
    """A source file of the user's own. A member of a zip file has an origin that only looks like a path."""
    from hrsup_agent.observe import places

    return hasattr(spec.loader, "path_stats") and spec.origin.endswith(".py") and places.is_users(spec.origin)


@hide
def load(agent: Agent, path: str) -> Any:
    """The code of `__main__` from the source at `path`. Raises what reading and compiling raise."""
    from hrsup_agent import script

    agent.path = path
    agent.before_user_code("__main__", path)
    source = script.read(agent, path)
    code = script.compile_script(agent, path, source)
    agent.loaded("__main__", path, source)
    return code
