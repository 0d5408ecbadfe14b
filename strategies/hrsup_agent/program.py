"""The user's process as a strategy sees it, and the answers to the supervisor's requests.

Runs in the user's process, mostly in the handler of the wake signal, on the main thread. The boundary of errors: what
goes wrong in a strategy becomes an answer, never an exception in the program.
"""

from __future__ import annotations

import builtins
import os
import sys

from hrsup_strategies.base import DONE, FAILED, REFUSED, Outcome, Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hrsup_agent.agent import Agent
    from hrsup_agent.observe.files import FileWatch
    from hrsup_agent.observe.loader import UserModules
    from hrsup_agent.observe.made import Made
    from hrsup_agent.observe.uses import Opening, Use
    from hrsup_agent.wire import Message
    from hrsup_strategies.base import Strategy

FAULT = "HR199"  # a fault of hrsup's own while a plan was performed


class Program:
    """Implements `hrsup_strategies.base.Program`. ``link.listen(program.answer)`` makes the process answer requests."""

    def __init__(self, agent: Agent, user_modules: UserModules, files: FileWatch, made: Made) -> None:
        self.agent = agent
        self._user_modules, self._files, self.made = user_modules, files, made
        self._strategies: dict[str, Strategy] = {}
        self._request: Any = None  # the id of what is being performed

    def answer(self, request: Message) -> None:
        """One request: `perform`, `cancel`, `observe` (field ``paths``), `warm` (``like``, ``groups``: start a worker
        image), `clusters` (evidence ``elsewhere``: the Dask schedulers that live on), `ping`.

        Raises only what ended the user's own code that a strategy called: KeyboardInterrupt and SystemExit.
        """
        try:
            outcome = self._do(request)
        except Exception as error:
            outcome = _fault(error)
        except BaseException as error:
            self._reply(request.get("id"), _fault(error))
            raise
        if outcome is not None:
            self._reply(request.get("id"), outcome)

    def modules(self) -> dict[str, Any]:
        """The loaded user modules by path; ``__main__`` included."""
        found: dict[str, Any] = {}
        for name, path in self._user_modules.paths().items():
            module = sys.modules.get(name)
            if module is not None:
                found[path] = module
        return found

    def source(self, path: str) -> bytes:
        """The bytes that the loaded version of this user module was compiled from. Raises KeyError if it is none."""
        return self._user_modules.source(path)

    def set_source(self, path: str, data: bytes) -> None:
        """Say that the loaded version of this user module now is `data`."""
        self._check_image(path, data)
        names = [name for name, own in self._user_modules.paths().items() if own == path]
        before = self._user_modules.sources().get(path)
        if before is not None and before != data:
            self._files.uses.moved(path, before, data)
        for name in names or [os.path.splitext(os.path.basename(path))[0]]:
            self._user_modules.loaded(name, path, data)

    def load_module(self, name: str) -> None:
        """Import a module of the user's, without a layer: that would be of a program half way between two versions."""
        before, self.agent.before_user_code = self.agent.before_user_code, _no_layer
        try:
            builtins.__import__(name)
        finally:
            self.agent.before_user_code = before

    def unload(self, path: str, instead: str | None) -> None:
        """Say that this module's file is not loaded any more; its name stands for the file `instead`, or for none."""
        self.drop_image()
        self._user_modules.unloaded(path, instead)

    def drop_image(self) -> None:
        """What new workers import may not be what a worker image has imported."""
        keeper = self.agent.shared.get("keeper")
        if keeper is not None:
            keeper.drop()

    def _check_image(self, path: str, data: bytes) -> None:
        keeper = self.agent.shared.get("keeper")
        if keeper is not None and keeper.has_image:
            from hrsup_agent.warm import skeleton

            if not skeleton.alike(self.source(path), data):
                keeper.drop()

    def uses(self, path: str, *uses: str) -> dict[str, Use]:
        """The lines (``file:line``) that made one of these uses of the path; see `hrsup_agent.observe.uses`."""
        return self._files.uses.sites(path, *uses)

    def reads_back(self) -> bool:
        """Has it looked at what it has made or emptied, and written, itself?"""
        return self._files.writes.read_back

    def hold_uses(self) -> None:
        """A commit executes statements that read files."""
        self._files.uses.hold()

    def reads_its_own(self) -> str | None:
        """What was read since `hold_uses`, though this process writes it itself."""
        return next((path for path in sorted(self._files.uses.held()) if self._files.writes.is_made(path)), None)

    def let_go_of_uses(self, keep: bool) -> None:
        """It is over: the sources are set, or it was taken back."""
        self._files.uses.let_go(keep)

    def tell_again(self, paths: Iterable[str]) -> None:
        """Report the next use of each of these paths as if it were the first."""
        self._files.tell_again(paths)

    def opening(self, path: str, site: str) -> Opening | None:
        """The last time that this line opened the file for reading."""
        return self._files.uses.opening(path, site)

    def reply(self, outcome: Outcome) -> None:
        """Answer the request that is being performed; a second answer to the same one goes nowhere."""
        request, self._request = self._request, None
        if request is not None:
            self._reply(request, outcome)

    def _do(self, request: Message) -> Outcome | None:
        operation = request.get("op")
        if operation == "perform":
            strategy = self._strategy(request["strategy"], request.get("file"))
            self._request = request["id"]
            outcome = strategy.perform(Plan(**request["plan"]), self)
            if outcome is not None:
                self._request = None
            return outcome
        if operation == "cancel":
            self._request = None
            self._strategy(request["strategy"], request.get("file")).cancel(self)
        elif operation == "observe":
            self._files.observe(request["paths"])
        elif operation == "warm":
            reason = self.agent.shared["keeper"].start_image(request["like"], request["groups"])
            return Outcome(REFUSED, None, reason) if reason is not None else Outcome(DONE)
        elif operation == "clusters":
            from hrsup_strategies.workers.finding import clusters_elsewhere

            return Outcome(DONE, evidence={"elsewhere": clusters_elsewhere()})
        elif operation != "ping":
            raise ValueError(f"unknown request {operation!r}")
        return Outcome(DONE)

    def _reply(self, to: Any, outcome: Outcome) -> None:
        importing = self._user_modules.importing() or _is_importing()
        self.agent.link.send({"type": "reply", "to": to, "outcome": outcome.as_dict(), "importing": importing})

    def _strategy(self, name: str, file: str | None) -> Strategy:
        if name not in self._strategies:
            self._strategies[name] = _from_file(name, file) if file else _built_in(name)
        return self._strategies[name]


def _no_layer(name: str, path: str | None) -> None:
    pass


def _is_importing() -> bool:
    """Is the main thread in the middle of an import, of whatever module?"""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _fault(error: BaseException) -> Outcome:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    file, line = (step.tb_frame.f_code.co_filename, step.tb_lineno) if step is not None else (None, None)
    return Outcome(FAILED, FAULT, f"{type(error).__name__}: {error}", file, line)


def _built_in(name: str) -> Strategy:
    from hrsup_strategies.registry import STRATEGIES

    module, _, attribute = STRATEGIES[name].partition(":")
    __import__(module)
    strategy: Strategy = getattr(sys.modules[module], attribute)()
    return strategy


def _from_file(name: str, path: str) -> Strategy:
    """A plug-in, whose package the program's interpreter may not have: its one file is executed under no module's name.

    Its class is the one whose ``name`` is the strategy's.
    """
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    # Its imports are the program's: it may want to set the level of the program's logging.
    namespace: dict[str, Any] = {"__name__": f"hrsup_plug_in_{name}", "__file__": path, "__builtins__": builtins}
    exec(code, namespace)
    for value in namespace.values():
        if isinstance(value, type) and getattr(value, "name", None) == name:
            strategy: Strategy = value()
            return strategy
    raise LookupError(f"no class in {path} has the name {name!r}")
