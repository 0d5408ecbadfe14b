"""The few things that the agent's parts share. Runs in every program process; one `Agent` each.

The runner calls the functions of the table below; the observers and the checkpoint strategy put theirs in. Left alone
they do nothing, which is how a program runs when there is no supervisor.

    runner / import hook                      who answers
    before_user_code(name, path)       ->     layers: may fork; returns again in every continuation
    before_statement(path, line)       ->     layers: the same, between two top-level statements of the script
    loaded(name, path, source)         ->     observe: these bytes are what now runs under that name
    exception(error)                   ->     observe: this is about to end the process (never SystemExit)

Whoever calls user code, or is called from it and may raise, should be wrapped in `hidden.hide`: then the program cannot
see the frame.
"""

from __future__ import annotations

from hrsup_agent.hidden import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAIN, WORKER = "main", "worker"


class Agent:
    """What the parts of the agent know of each other."""

    __slots__ = (
        "address",
        "before_statement",
        "before_user_code",
        "coordinator",
        "exception",
        "kind",
        "link",
        "loaded",
        "own_fork",
        "path",
        "role",
        "shared",
        "wants_statements",
    )

    def __init__(self, address: str | None, role: str) -> None:
        self.address = address  # path of the supervisor's socket; None: there is no supervisor
        self.role = role  # MAIN or WORKER
        self.coordinator: str | None = None  # the folder of the versions that a worker gets, beside the socket
        self.link: Any = None  # hrsup_agent.link.Link, once connected
        self.kind = ""  # "script", "module", "command" or "folder"; set by the runner
        self.path: str | None = None  # the file that `__main__` comes from, absolute; set by the runner
        self.own_fork = False  # a fork under way is the agent's own (a layer): the child gets no worker's connection
        self.wants_statements = False  # set by the layers before `__main__` is compiled: call before_statement
        self.before_user_code: Callable[[str, str | None], object] = _nothing
        self.before_statement: Callable[[str, int], object] = _nothing
        self.loaded: Callable[[str, str, bytes], object] = _nothing
        self.exception: Callable[[BaseException], object] = _nothing
        self.shared: dict[str, Any] = {}  # what one part leaves for another, by the part's name


@hide
def _nothing(*_: object) -> None:
    pass
