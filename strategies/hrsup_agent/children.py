"""Brings the workers of the program's pools under the agent. Runs in every program process that has a supervisor.

Every pool that starts its workers as new interpreters (multiprocessing's spawn and forkserver, concurrent.futures on
top of them, loky, joblib's copy of loky) ends in one C function, ``_posixsubprocess.fork_exec``. It is replaced when
the program first imports it; a command that starts a worker gets ``bootstrap.py LINK --`` put in, every other passes
unchanged. Nothing is imported before the program does so, and ``sys.meta_path`` stays as it is.

A resource tracker, which tidies up after the program, is left alone but for its warnings while the supervisor ends the
program (`quieter`).

Workers that are forked inherit the agent, and need only a connection of their own.

A worker that is a new interpreter runs the script again, as ``__mp_main__``, by ``runpy.run_path``. That reads it
behind the import system's back, so it is told from here which bytes those were.
"""

from __future__ import annotations

import builtins
import sys

from hrsup_agent import wire
from hrsup_agent.agent import MAIN, WORKER
from hrsup_agent.hidden import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hrsup_agent.agent import Agent
    from hrsup_agent.warm.keeper import Keeper

_WORKER_CODE = ("from multiprocessing.spawn import spawn_main", "from multiprocessing.forkserver import main")
_WORKER_MODULES = ("loky.backend.popen_loky_posix", "joblib.externals.loky.backend.popen_loky_posix")
_TRACKER = "resource_tracker import main"
# What a resource tracker tidies up because the supervisor has ended the program was not leaked by anybody.
_QUIET = """import os, warnings
show = warnings.showwarning
warnings.showwarning = lambda *a, **k: None if os.path.exists({path!r}) else show(*a, **k)
"""
_STARTER = "_posixsubprocess"
_RUN_PATH = "runpy"


def is_worker(words: Sequence[str]) -> bool:
    """Is this what a pool starts a worker (or the server that forks them) with: ``-c code`` or ``-m module``?"""
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
    posix.register_at_fork(before=state.before_fork, after_in_child=state.after_fork)


class _State:
    """`starting`: a command is being started, so a child that runs Python code for a moment is no worker."""

    __slots__ = ("agent", "awaited", "keeper", "starting")

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.keeper: Keeper | None = None
        self.awaited = {_STARTER, _RUN_PATH} if agent.role == WORKER else {_STARTER}
        self.starting = False

    @hide
    def on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import" and arguments[0] in self.awaited:
            # The event comes before the import takes its lock, so importing here is complete when the program's own
            # import goes on, and that one finds the module done.
            name = arguments[0]
            self.awaited.remove(name)
            module: Any = builtins.__import__(name)
            if name == _STARTER:
                module.fork_exec = self._starter(module.fork_exec)
            else:
                module._get_code_from_file = self._reader(module._get_code_from_file)

    @hide
    def before_fork(self) -> None:
        if not self.starting and not self.agent.own_fork:
            self.agent.shared["versions"].activate()

    @hide
    def after_fork(self) -> None:
        if self.keeper is not None:
            self.keeper.forget()
        if not self.starting and not self.agent.own_fork and self.agent.link is not None:
            self.agent.role = WORKER
            self.agent.link.forked = True
            self.agent.link.reconnect(WORKER)
            self.agent.shared["files"].forked()

    def _address(self) -> str | None:
        """What a worker that is about to be started is to connect to, and whose versions it gets."""
        versions = self.agent.shared["versions"]
        versions.activate()
        return self.agent.address if versions.name is None else f"{versions.name}::{self.agent.address}"

    def _keeper(self) -> Keeper:
        """Imported with the first worker: most programs start none."""
        if self.keeper is not None:
            return self.keeper
        from hrsup_agent.warm.keeper import Keeper

        # In one step: several threads may start workers at once.
        keeper: Keeper = self.agent.shared.setdefault("keeper", Keeper(self.agent, with_agent))
        self.keeper = keeper
        return keeper

    def _starter(self, fork_exec: Any) -> Any:
        @hide
        def start(args: Sequence[Any], *rest: Any) -> Any:
            self.starting = True
            try:
                if not starts_worker(args) or (link := self._address()) is None:
                    return fork_exec(quieter(args, self.agent.address), *rest)
                if self.agent.role != MAIN:
                    return fork_exec(with_agent(args, link), *rest)
                return self._keeper().start_worker(fork_exec, (args, *rest), link)
            finally:
                self.starting = False

        return start

    def _reader(self, get_code: Any) -> Any:
        @hide
        def verified(*arguments: Any) -> Any:
            import io

            path = _absolute(arguments[-1])
            source = self.agent.shared["versions"].find(path)
            if source is None:
                with io.open_code(path) as file:
                    source = file.read()
            try:
                code = compile(source, arguments[-1], "exec", dont_inherit=True)
            except (SyntaxError, ValueError):  # compiled code, or an error that has to come from there
                return get_code(*arguments)
            self.agent.shared["modules"].runs_main(code)
            self.agent.loaded("__mp_main__", path, source)
            return code if len(arguments) == 1 else (code, arguments[-1])

        return verified


def _absolute(path: Any) -> str:
    import os

    return os.path.abspath(os.fsdecode(path))


def quieter(args: Sequence[Any], address: str | None) -> Sequence[Any]:
    """The command `args`; a resource tracker is made to say nothing while the supervisor ends the program."""
    code = args[-1] if len(args) > 2 and args[-2] in ("-c", b"-c") else None
    if address is None or code is None:
        return args
    text = _text(code)
    if not text.startswith("from ") or _TRACKER not in text.partition("\n")[0]:
        return args
    quiet = _QUIET.format(path=f"{address.rpartition('/')[0]}/{wire.ENDING}")
    return [*args[:-1], _like(code, quiet + text)]


def starts_worker(args: Sequence[Any]) -> bool:
    """Does the command `args`, of str or bytes, start a worker?"""
    return with_agent(args, "") is not args


def with_agent(args: Sequence[Any], link: str) -> Sequence[Any]:
    """The command `args`, made to run under the agent, with this LINK, if it starts a worker; words may be str or
    bytes."""
    for at in range(1, len(args) - 1):
        if args[at] in ("-c", b"-c", "-m", b"-m"):
            if not is_worker([_text(word) for word in args[at:]]):
                return args
            added = [__file__.rpartition("/")[0] + "/bootstrap.py", link, "--"]
            return [*args[:at], *(_like(args[at], word) for word in added), *args[at:]]
    return args


def _text(word: Any) -> str:
    return word.decode("utf-8", "surrogateescape") if isinstance(word, bytes) else str(word)


def _like(sample: Any, text: str) -> Any:
    """The text as bytes if the sample is."""
    return text.encode("utf-8", "surrogateescape") if isinstance(sample, bytes) else text
