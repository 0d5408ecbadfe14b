"""A layer: a paused fork that waits, and forks continuations. Runs in the layer's own process, and owns it.

To fork a large program takes as long as many a change takes in all. So a layer can be asked to fork beforehand: that
process, the spare, is the same as the layer in everything, and waits as it does, but goes on itself when it is told to.

It never runs user code. Every signal stays blocked in it (the terminal's Ctrl-C reaches the whole process group), so
only SIGKILL, ``end`` or the end of its connection ends it. It keeps standard input and output open and never touches
them.
"""

from __future__ import annotations

import posix
import select
from time import perf_counter

from hrsup_strategies.checkpoint import canary, continuation, forking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.checkpoint.layers import Host


class Layer:
    """This process as a layer. `mark` was left before it was forked (see `hrsup_agent.observe.opens`). `preloaded`
    names third-party modules that it has imported beforehand, `left_out` the first that could not be, and why."""

    def __init__(
        self,
        agent: Host,
        depth: int,
        point: str,
        mark: str | None,
        preloaded: list[str] | None = None,
        left_out: str | None = None,
    ) -> None:
        self._agent, self._link = agent, agent.link
        self.depth, self._point, self._mark = depth, point, mark
        self._preloaded, self._left_out = preloaded or [], left_out
        self._pid = posix.getpid()
        self._continuation: tuple[int, int] | None = None  # pid, pidfd
        self._order: int | None = None  # the request that it was forked for
        self._fork_s = 0.0  # in a continuation: how long its fork has taken

    def serve(self) -> float:
        """Introduce this layer and wait. Returns only in a continuation: how many seconds its fork has taken; the layer
        itself ends by ``os._exit``."""
        try:
            self._observe(False)
            self._link.reconnect("layer", self.depth)
            self._introduce()
            while True:
                if self._continuation is not None:
                    self._watch_continuation()
                messages = self._link.wait(0 if self._continuation is not None else None)
                if messages is None:
                    posix._exit(0)
                for message in messages:
                    if self._handle(message):
                        return self._fork_s
        except BaseException:  # the boundary: nothing of a layer's may run user code, whatever happened
            if posix.getpid() == self._pid:
                posix._exit(1)
            raise

    def _introduce(self) -> None:
        reason = canary.hazard()
        self._link.send(
            {
                "type": "layer",
                "id": self._pid,
                "pid": self._pid,
                "point": self._point,
                "depth": self.depth,
                "mark": self._mark,
                "preloaded": self._preloaded,
                "left_out": self._left_out,
                "usable": reason is None,
                "reason": reason,
            }
        )
        if reason is not None:
            posix._exit(0)

    def _handle(self, message: dict[str, Any]) -> bool:
        """True: this process is a continuation now."""
        kind = message.get("type")
        if kind == "end":
            posix._exit(0)
        if kind == "continue":
            return self._continue(message.get("id"))
        if kind == "spare":
            return self._split_off()
        if kind == "canary":
            from hrsup_strategies.checkpoint import trial

            self._link.send({"type": "reply", "to": message["id"], **trial.imports(self._link, message["code"])})
        if kind == "preload":
            from hrsup_strategies.checkpoint import preload

            made = preload.start(self._agent, dict(message["modules"]))
            if made is not None:  # this process is the new image now; it returns from `serve` in its continuations
                mark = leave_mark(self._agent)
                self._fork_s = Layer(self._agent, self.depth, "before __main__", mark, *made).serve()
                return True
        return False

    def _continue(self, order: int | None) -> bool:
        if self._continuation is not None:  # the supervisor ends the old one first; never two at a time
            self._link.send({"type": "exit", "to": order, "status": 1, "signal": None})
            return False
        began = perf_counter()
        try:
            pid = forking.quiet_fork()
        except OSError:
            self._link.send({"type": "exit", "to": order, "status": 1, "signal": None})
            return False
        if pid == 0:
            self._fork_s = perf_counter() - began
            return self._go_on()
        self._continuation, self._order = (pid, posix.pidfd_open(pid)), order
        return False

    def _split_off(self) -> bool:
        """Fork a spare. Returns in it once it is told to go on."""
        began, layer = perf_counter(), self._pid
        try:
            if not forking.fork_orphan():
                return False
        except OSError:  # the supervisor does without
            return False
        self._fork_s = perf_counter() - began
        self._pid = posix.getpid()
        self._link.reconnect("spare", self.depth)
        self._link.send({"type": "spare", "of": layer})
        while (messages := self._link.wait()) is not None:
            if any(message.get("type") == "continue" for message in messages):
                forking.forget_pending()
                return self._go_on()
        posix._exit(0)

    def _go_on(self) -> bool:
        """This process is a continuation now."""
        self._pid = 0
        self._observe(True)
        continuation.begin(self._agent, self.depth)
        return True

    def _observe(self, enabled: bool) -> None:
        """What a layer itself opens or imports is nothing that the program uses."""
        files = self._agent.shared.get("files")
        if files is not None:
            files.enabled = enabled

    def _watch_continuation(self) -> None:
        """Block until the continuation has ended or the supervisor says something."""
        assert self._continuation is not None
        pid, descriptor = self._continuation
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        poller.register(self._link.fileno(), select.POLLIN)
        if any(number == descriptor for number, _ in poller.poll()):
            status = forking.wait(pid)
            posix.close(descriptor)
            self._continuation = None
            ended = {"status": None, "signal": -status} if status < 0 else {"status": status, "signal": None}
            self._link.send({"type": "exit", "to": self._order, "pid": pid, **ended})


def leave_mark(agent: Host) -> str | None:
    """Where the supervisor sees which files are opened: the name of a mark that divides them in two."""
    files = agent.shared.get("files")
    return files.opens.mark() if files is not None else None
