"""Brings the workers of the program's pools under the agent. Runs in every program process that has a supervisor.

Every pool that starts its workers as new interpreters (multiprocessing's spawn and forkserver, concurrent.futures on top
of them, loky, joblib's copy of loky) ends in one C function, ``_posixsubprocess.fork_exec``. It is replaced when the
program first imports it; a command that starts a worker gets ``bootstrap.py LINK --`` put in, every other passes
unchanged. Nothing is imported before the program does so, and ``sys.meta_path`` stays as it is.

Workers that are forked inherit the agent, and need only a connection of their own.
"""

from __future__ import annotations

import sys

from hrsup_agent.agent import WORKER
from hrsup_agent.hidden import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hrsup_agent.agent import Agent

_WORKER_CODE = ("from multiprocessing.spawn import spawn_main", "from multiprocessing.forkserver import main")
_WORKER_MODULES = ("loky.backend.popen_loky_posix", "joblib.externals.loky.backend.popen_loky_posix")
_STARTER = "_posixsubprocess"


def is_worker(words: Sequence[str]) -> bool:
    """Whether this is what a pool starts its workers (or the server that forks them) with: ``-c code``, ``-m module``."""
    if len(words) < 2:
        return False
    if words[0] == "-c":
        return words[1].startswith(_WORKER_CODE)
    return words[0] == "-m" and words[1] in _WORKER_MODULES


def install(agent: Agent) -> None:
    """From now on new workers of the program connect to the supervisor too."""
    import posix

    state = _State(agent)
    sys.addaudithook(state.on_audit)
    posix.register_at_fork(after_in_child=state.after_fork)


class _State:
    """`starting`: a command is being started, so a child that runs Python code for a moment is no worker."""

    __slots__ = ("agent", "patched", "starting")

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.patched = False
        self.starting = False

    @hide
    def on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import" and arguments[0] == _STARTER and not self.patched:
            # The event comes before the import takes its lock, so importing here is complete when the program's own
            # import goes on, and that one finds the module done.
            self.patched = True
            starter = __import__(_STARTER)
            starter.fork_exec = self._wrap(starter.fork_exec)

    @hide
    def after_fork(self) -> None:
        if not self.starting and not self.agent.own_fork and self.agent.link is not None:
            self.agent.role = WORKER
            self.agent.link.reconnect(WORKER)

    def _wrap(self, fork_exec: Any) -> Any:
        @hide
        def start(args: Sequence[Any], *rest: Any) -> Any:
            self.starting = True
            try:
                return fork_exec(with_agent(args, self.agent.address), *rest)
            finally:
                self.starting = False

        return start


def with_agent(args: Sequence[Any], address: str | None) -> Sequence[Any]:
    """The command `args`, made to run under the agent if it starts a worker; words may be str or bytes."""
    for at in range(1, len(args) - 1):
        if args[at] in ("-c", b"-c", "-m", b"-m"):
            words = [word.decode("utf-8", "surrogateescape") if isinstance(word, bytes) else str(word) for word in args]
            if address is None or not is_worker(words[at:]):
                return args
            added = [__file__.rpartition("/")[0] + "/bootstrap.py", address, "--"]
            if isinstance(args[at], bytes):
                return [*args[:at], *(word.encode("utf-8", "surrogateescape") for word in added), *args[at:]]
            return [*args[:at], *added, *args[at:]]
    return args
