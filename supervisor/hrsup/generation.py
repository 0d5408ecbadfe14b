"""One life of the program after the other: started, continued from a layer, asked for things, ended.

Runs in the supervisor. The process that runs main is not always our direct child, and its pid changes from one life to
the next; this is the one place that knows which process it is right now and how it ended.
"""
# ruff: noqa: PTH100, PTH118, PTH120 (importing pathlib costs the program's start 3 ms)

from __future__ import annotations

import os
import time

from hrsup.child import Child, Tree
from hrsup.command import Command
from hrsup.config import Config
from hrsup.facts import FactBook
from hrsup.layers import Layers
from hrsup.lean import signal
from hrsup.link import Link, Message, Peer, is_deaf, runs_agent
from hrsup.loop import Loop
from hrsup.process import kernel, sockets
from hrsup.requests import Requests
from hrsup_strategies.base import DONE, FAILED, REFUSED, LayerFact, Outcome, Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

NO_ANSWER = "HR901"
_HELLO_TIMEOUT_S = 10.0
_CANCEL_TIMEOUT_S = 0.5
_SILENCE_S = 0.5
_AT_REST_S = 2.0


class Generation:
    """`status` is None while the program runs, then its exit status (-n after signal n)."""

    def __init__(self, loop: Loop, link: Link, tree: Tree, book: FactBook, command: Command, config: Config) -> None:
        self._loop, self._link, self._tree, self._book = loop, link, tree, book
        self._command, self._config = command, config
        self._child: Child | None = None
        self._requests = Requests(loop)
        self.layers = Layers(loop, link, book, self._requests)
        self._before_s = 0.0  # what the layer had run through that the running continuation continues
        self._order = 0  # the request that the running continuation answers; 0: it is none
        self.peer: Peer | None = None  # the connection of the process that runs main
        self._main = 0  # its pid, also when the connection has ended; 0: it has not said hello yet
        self.executable: str | None = None  # the program's interpreter, once it has said so
        self.version: tuple[int, ...] | None = None
        self._greeted = False  # has this life's main process said hello?
        self._lost_at: float | None = None  # when its connection ended, while it ran on
        self.status: int | None = 0
        self.started_at = self.ended_at = 0.0  # monotonic seconds
        self.hurry: Callable[[], bool] = lambda: False  # must everything be ended at once?
        self.on_end: Callable[[int], None] = lambda status: None
        self._is_told = True  # has the beginning of this life been told?
        self._served: frozenset[int] = frozenset()  # the ports at which the life before it listened

    @property
    def running(self) -> bool:
        """Is the program running?"""
        return self.status is None

    # -- its beginnings ---------------------------------------------------------------------------------------------

    def start(self, bootstrap: str) -> None:
        """Start the command from nothing. Raises CommandNotFound or CommandNotExecutable."""
        self._book.start()
        python = self._command.kind == "python"
        address = f"once:{self._link.address}" if self._config.once else self._link.address
        argv = self._command.with_agent(bootstrap, address) if python else list(self._command.argv)
        self._begin()
        self._before_s, self.layers.continued = 0.0, 0
        try:
            self._child = self._tree.spawn(argv)
        except BaseException:
            self.status = 127
            raise
        self._loop.watch_process(self._child, self.check)

    def resume(self, layer: LayerFact) -> str | None:
        """Let a layer fork a continuation; None once it runs, or why it does not. The old tree must be gone."""
        peer = self.layers.peer(layer.id)
        if peer is None:
            return "the layer is gone"
        self._book.rewind(layer)
        self._begin()
        self._before_s, self.layers.continued = self.layers.taken_at_s(layer.id), layer.id
        self._tree.lend_terminal()
        spare = self.layers.take_spare(layer.id)
        if spare is None or not self._goes_on(spare):
            self._order = self._requests.send(peer, {"type": "continue"}) or 0
            if not self._order:
                self.status = 1
                return "the layer does not answer"
            if not self._loop.pump(lambda: self.peer is not None or not self.running, _HELLO_TIMEOUT_S):
                self.status = 1
                return "the layer did not fork"
        self._book.facts.running = self.running  # `main` was said before the layer was taken
        return None

    def _goes_on(self, spare: Peer) -> bool:
        """Let a spare become the program; False if it has come to its end meanwhile."""

        def settled() -> bool:
            return self.peer is not None or not self.running or kernel.read_process(spare.pid) is None

        sent = self._requests.send(spare, {"type": "continue"}) is not None
        return sent and self._loop.pump(settled, _HELLO_TIMEOUT_S) and (self.peer is not None or not self.running)

    def replace(self, plan: Plan, deadline_s: float) -> Outcome:
        """Have the process replace itself; done when the same pid says hello again. Children and layers are ended
        first: they would survive as strangers."""
        old, pid = self.peer, self.pid()
        if old is None or pid is None:
            return Outcome(REFUSED, "HR903", "there is no running process to replace")
        self.layers.end()
        self._served = self._listens()
        self._tree.end(0, 0.0, keep=frozenset({pid}))
        self._link.drain()
        request = {"op": "perform", "strategy": plan.strategy, "plan": plan.as_dict(), "file": None}
        number = self._requests.post(old, request)
        if number is None:
            return Outcome(FAILED, NO_ANSWER, "the program cannot be reached")
        self._loop.pump(lambda: old.gone or self._requests.answered(number) or not self.running, deadline_s)
        reply = self._requests.take(number)
        if reply is not None:
            return Outcome(**reply["outcome"])
        if not old.gone:
            return Outcome(FAILED, NO_ANSWER, f"the program did not answer within {deadline_s:g} s")
        self._book.start()
        self._greeted = self._is_told = False
        self.started_at = time.monotonic()
        self._loop.pump(lambda: self.peer is not None or not self.running, _HELLO_TIMEOUT_S)
        if self.peer is None:
            self.told()
            return Outcome(FAILED, NO_ANSWER, "the replaced program did not come back")
        return Outcome(DONE, evidence={"pid": self.peer.pid})

    @property
    def unreachable(self) -> bool:
        """Does a process run that once spoke to us and does not any more, since it has become another program?"""
        return self.running and self._lost_at is not None and time.monotonic() > self._lost_at + _SILENCE_S

    def _begin(self) -> None:
        self._greeted, self._lost_at = False, None
        self._is_told = False
        self._order = self._main = 0
        self._child = None
        self.peer = None
        self.status = None
        self.started_at = time.monotonic()

    # -- its end ----------------------------------------------------------------------------------------------------

    def end(self, keep: frozenset[int], interrupted: bool = False) -> bool:
        """End the whole process tree but the layers in `keep`; was anything running?

        `interrupted`: the terminal has sent it a Ctrl-C already, so it gets half of the stop timeout to end by itself:
        it may be tidying up, and a second signal would cut that short.
        """
        was_running = self.running
        if interrupted:
            self._loop.pump(lambda: not self.running or self.hurry(), self._config.stop_timeout_s / 2)
        keep = self.layers.with_spare(keep)
        self.layers.end(keep)
        main = self.pid()
        # Of a program that has ended nobody is served any more, and to ask the kernel takes 10 ms.
        self._served = self._listens() if was_running else frozenset()

        def hurry() -> bool:
            self._end_deaf(keep, main)
            return self.hurry()

        self._link.ending(True)
        self._tree.end(self._config.stop_signal, self._config.stop_timeout_s, keep=keep, main=main, hurry=hurry)
        self._link.ending(False)
        if self.running:
            self.status = -self._config.stop_signal
        self._loop.unwatch_process(self._child)
        self._child, self.peer = None, None
        self._link.drain()
        return was_running

    def _end_deaf(self, keep: frozenset[int], main: int | None) -> None:
        """Layers that are being made, and have not said hello yet, would be waited for until the stop timeout. A child
        that the program has just forked is deaf, too, until it is another program; a layer is nobody's child."""
        for process in self._tree.processes(keep):
            is_orphan = process.ppid == self._tree.guardian and process.pid != main
            if is_orphan and is_deaf(process.pid) and runs_agent(process.pid):
                kernel.send(process, signal.SIGKILL)

    def check(self) -> None:
        """Notice that our direct child has ended."""
        status = self._child.poll() if self._child is not None else None
        if status is not None:
            self._loop.unwatch_process(self._child)
            self._link.drain()  # its last words
            self._ended(status)

    def reaped(self, pid: int, status: int) -> None:
        """An orphan has ended: it may be main, if it was a spare, or its layer was ended before it (execv). The end of
        its connection may have been seen first."""
        if self._child is None and self.running and pid == self._main:
            self._link.drain()
            self._ended(status)

    def _ended(self, status: int) -> None:
        if self.running:
            self.status, self.ended_at = status, time.monotonic()
            self.peer = None
            self._book.facts.running = False
            if self._is_told:
                self.on_end(status)

    def told(self) -> None:
        """That this life has begun has been told, and its end may be. A short one can end before that, while the layer
        that it continues still answers."""
        was_told, self._is_told = self._is_told, True
        if not was_told and self.status is not None:
            self.on_end(self.status)

    def pid(self) -> int | None:
        """The process that runs main."""
        if self.peer is not None:
            return self.peer.pid
        return self._child.pid if self._child is not None and self.running else None

    def seconds(self) -> float:
        """How long this life has lasted, or lasted."""
        return (time.monotonic() if self.running else self.ended_at) - self.started_at

    def serves_again(self) -> bool:
        """Does it listen wherever the life before it did?"""
        return not self._served or self._served <= self._listens()

    def _listens(self) -> frozenset[int]:
        layers = [layer.id for layer in self._book.facts.layers]
        return sockets.listening(process.pid for process in self._tree.processes(layers))

    def rest_in_s(self) -> float:
        """In how many seconds the program will have run for long enough to have shown what it imports; 0 also once it
        has ended."""
        return max(0.0, _AT_REST_S - self.seconds()) if self.running else 0.0

    def preload_in_s(self) -> float | None:
        """In how many seconds an image may be made that has imported what the program has; None: it need not be."""
        wanted = self.layers.preload_in_s()
        return None if wanted is None else max(wanted, self.rest_in_s())

    def keep_layers(self) -> list[LayerFact]:
        """Have an image with all that the program imports, and a fork ready where the next run will begin; the layers
        that had to be ended for their memory."""
        if self.preload_in_s() == 0.0:
            self.layers.preload()
        ended = self.layers.trim()
        if not ended and not self.running:
            self.layers.split()
        return ended

    # -- talking ----------------------------------------------------------------------------------------------------

    def on_message(self, peer: Peer, message: Message | None) -> None:
        """Take note of what concerns the life of the process; None: the connection has ended."""
        if message is None:
            if peer is self.peer:
                self.peer, self._lost_at = None, time.monotonic()
            return
        kind = message.get("type")
        if kind == "hello" and peer.role == "main":
            if self._greeted and message.get("layer") is None:  # the process has started over by an exec of its own
                self._book.start()
                self.layers.end()
            self.peer, self._greeted, self._lost_at = peer, True, None
            self._main = peer.pid
            self.executable, self.version = message["executable"], tuple(message.get("python") or ()) or None
        elif kind == "exit" and message.get("to") == self._order:  # else an older continuation's, which we have ended
            self._ended(-message["signal"] if message.get("signal") else message["status"])
        elif kind == "layer":
            self.layers.taken(peer.pid, self._before_s + self.seconds())
        elif kind == "spare":
            self.layers.split_off(peer, message["of"])
        elif kind == "reply":
            self._requests.note(message)

    def perform(self, plan: Plan, plug_in: str | None, deadline_s: float) -> Outcome:
        """Have the program perform a plan; a missing answer is a failure, after which it may still be performed late,
        so that only strategies which end the process may follow."""
        request = {"op": "perform", "strategy": plan.strategy, "plan": plan.as_dict(), "file": plug_in}
        asked = time.monotonic()
        reply = self._requests.ask(self.peer, request, deadline_s)
        if reply is None and time.monotonic() < asked + deadline_s:
            return Outcome(FAILED, NO_ANSWER, "the program is ending, or listens no more")
        if reply is None:
            self._requests.ask(self.peer, {"op": "cancel", "strategy": plan.strategy}, _CANCEL_TIMEOUT_S)
            return Outcome(FAILED, NO_ANSWER, f"the program did not answer within {deadline_s:g} s")
        return Outcome(**reply["outcome"])

    def hear(self) -> None:
        """Take in what all processes of the program have said so far."""
        self._link.drain()

    def bytes_written(self) -> int | None:
        """How many bytes of files the process that runs main has written; None where that is not known."""
        pid = self.pid()
        return kernel.bytes_written(pid) if pid is not None else None

    def unseen_bytes_written(self) -> int | None:
        """How many bytes of files the program has written that its agents may not have seen; None where that is not
        known. If only its children write unseen, what the process that runs main has written itself does not count."""
        main = self.pid()
        if main is None:
            return None
        written = kernel.bytes_written(main)
        if written is not None and not self._book.facts.opaque_itself:
            written -= kernel.bytes_written_by_threads(main)
        layers = [layer.id for layer in self._book.facts.layers]
        others = [kernel.bytes_written(other.pid) or 0 for other in self._tree.processes((main, *layers))]
        return None if written is None else written + sum(others)

    def observe(self, paths: list[str]) -> None:
        """Ask the program to report every later opening of these files."""
        self._requests.ask(self.peer, {"op": "observe", "paths": paths}, 0.0)

    def ping(self, timeout_s: float) -> Message | None:
        """Is main's thread between two bytecodes, and is it importing?"""
        return self._requests.ask(self.peer, {"op": "ping"}, timeout_s)

    def clusters_elsewhere(self, timeout_s: float) -> list[str]:
        """The addresses of Dask schedulers that the program uses, and that live on with their workers when it ends."""
        reply = self._requests.ask(self.peer, {"op": "clusters"}, timeout_s)
        return [] if reply is None else list(reply["outcome"]["evidence"].get("elsewhere", ()))

    def warm(self, like: int, groups: list[list[object]]) -> int | None:
        """Have the program start a worker image, which introduces itself when it is ready. The request, for
        `refused`; None: the program cannot be reached."""
        request = {"op": "warm", "like": like, "groups": groups}
        return self._requests.post(self.peer, request) if self.peer is not None else None

    def refused(self, request: int) -> bool | None:
        """Was it refused? None: there is no answer yet; an answer is given once."""
        reply = self._requests.take(request)
        return None if reply is None else reply["outcome"]["state"] != DONE


def bootstrap_path() -> str:
    """The file that the program's interpreter is started with."""
    import hrsup_agent

    return os.path.join(os.path.dirname(os.path.abspath(hrsup_agent.__file__)), "bootstrap.py")
