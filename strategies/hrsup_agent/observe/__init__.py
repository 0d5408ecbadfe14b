"""What the program uses, as the agent sees it: user modules (`loader`), files and processes (`files`).

Runs in the user's process. All of it is reported over the link as it happens; nothing changes what the program does.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_agent.agent import Agent


def install(agent: Agent) -> None:
    """Observe from now on, and answer requests. `agent.link` is connected.

    Leaves in ``agent.shared``: ``modules`` (`loader.UserModules`), ``versions`` (`hrsup_agent.versions.Versions`),
    ``files`` (`files.FileWatch`), ``made`` (`made.Made`), ``program`` (`hrsup_agent.program.Program`).
    """
    from hrsup_agent.observe import errors, files, loader
    from hrsup_agent.observe.made import Made
    from hrsup_agent.program import Program

    modules = loader.install(agent)
    agent.loaded = modules.loaded
    agent.shared["versions"] = modules.versions
    agent.exception = errors.Reporter(agent)
    watch = files.install(agent, modules)
    made = Made(watch.uses)
    program = Program(agent, modules, watch, made)
    agent.shared.update(modules=modules, files=watch, made=made, program=program)
    agent.link.listen(program.answer)
