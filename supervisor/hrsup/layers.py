"""The program's layers, from outside: asked, forked beforehand, and ended when they cost more than they are worth.

Runs in the supervisor. A layer is a paused process: it hears its connection and SIGKILL, and has nothing to lose. What
each has used is in the facts; this owns when it was taken. `hrsup.budget` says which of them has to go.
"""

from __future__ import annotations

import contextlib
import os
import time
from functools import partial

from hrsup.budget import SHARE, Kept, least_useful, memory, part_of_memory, resident
from hrsup.facts import FactBook
from hrsup.lean import signal
from hrsup.link import Link, Message, Peer
from hrsup.loop import Loop
from hrsup.requests import Requests
from hrsup_strategies.base import LayerFact

_END_TIMEOUT_S = 10.0
_MOST_S = 30.0
_SPLIT_TIMEOUT_S = 2.0


class Layers:
    """`continued` is the pid of the layer whose continuation runs; 0: what runs continues none. `untrimmed`: they may
    hold more memory than when it was last looked at."""

    def __init__(self, loop: Loop, link: Link, book: FactBook, requests: Requests) -> None:
        self._loop, self._link, self._book, self._requests = loop, link, book, requests
        self.continued = 0
        self.untrimmed = False
        self._taken: dict[int, float] = {}  # a layer's pid -> how many seconds after the program's start it was taken
        self._preloading: int | None = None  # the image that was asked for a preloaded one
        self._asked_at_s = self._preload_at_s = 0.0  # monotonic: of the last one, and not before when the next
        self._rest_s = 0.0  # that long a run must stand until it is worth asking
        self._splitting = 0  # the layer that was asked for a spare, and has not made it yet; 0: none
        self._spare: tuple[int, Peer] | None = None  # the layer whose spare is ready, and the spare's connection

    def taken(self, pid: int, at_s: float) -> None:
        """A layer was taken, so many seconds after the program's start."""
        self._taken[pid] = at_s
        self.untrimmed = True

    def taken_at_s(self, pid: int) -> float:
        """What that layer had run through, in seconds from the program's start."""
        return self._taken.get(pid, 0.0)

    def run_began(self) -> None:
        """A new run has begun; an image that was not ready has been ended. Made anew each time, it would only be in the
        way of whoever saves faster than that: the next one waits for a pause in which there was time for it."""
        now = time.monotonic()
        if self._is_preloaded():
            self._rest_s = 0.0
        elif self._preloading is not None:
            self._rest_s = min(2 * max(now - self._asked_at_s, self._rest_s), _MOST_S)
        self._preload_at_s = now + self._rest_s
        self._preloading = None

    def peer(self, pid: int) -> Peer | None:
        """The connection of a layer; None if it is gone."""
        return next((peer for peer in self._link.with_role("layer") if peer.pid == pid), None)

    # -- asked ------------------------------------------------------------------------------------------------------

    def canary(self, layer: LayerFact, statements: str, timeout_s: float) -> Message | None:
        """Do these import statements succeed, in a throw-away fork of a layer? None: no answer."""
        peer = self.peer(layer.id)
        number = self._requests.send(peer, {"type": "canary", "code": statements}) if peer is not None else None
        return None if peer is None or number is None else self._requests.wait(peer, number, timeout_s)

    def preload_in_s(self) -> float | None:
        """In how many seconds `preload` has something to do, if nothing happens; None: it has nothing."""
        image = self._image()
        if image is None or not self._book.facts.foreign or image.id == self._preloading or self._is_preloaded():
            return None
        return max(0.0, self._preload_at_s - time.monotonic())

    def preload(self) -> None:
        """Once the program has shown what it imports, have the image make a second one with all of it imported, ready
        for the next change; it introduces itself. Asked for once a run."""
        image = self._image()
        if image is None or self.preload_in_s() != 0.0:
            return
        self._preloading, self._asked_at_s = image.id, time.monotonic()
        peer = self.peer(image.id)
        if peer is not None:
            modules = [(name, self._book.imported_as[name]) for name in self._book.facts.foreign]
            self._requests.send(peer, {"type": "preload", "modules": modules})

    def _image(self) -> LayerFact | None:
        return next((layer for layer in self._book.facts.layers if layer.depth == 0 and layer.usable), None)

    def _is_preloaded(self) -> bool:
        return any(layer.preloaded for layer in self._book.facts.layers)

    # -- forked beforehand ------------------------------------------------------------------------------------------

    def split(self) -> None:
        """The run has ended: have the layer that it continued make a spare, since the next change goes back to the same
        one more often than not. After the first run, it is the last that was taken."""
        peer = self.peer(self.continued or self._deepest())
        if peer is None or self._splitting or (self._spare is not None and self._spare[0] == peer.pid):
            return
        self._end_spare()
        if self._requests.send(peer, {"type": "spare"}) is not None:
            self._splitting = peer.pid

    def split_off(self, peer: Peer, layer: int) -> None:
        """A spare of this layer is ready."""
        self._splitting = 0
        self._spare = layer, peer

    def take_spare(self, layer: int) -> Peer | None:
        """The spare of this layer, which is one no more; None if it has none."""
        if self._spare is None or self._spare[0] != layer:
            return None
        _, peer = self._spare
        self._spare = None
        return None if peer.gone else peer

    def with_spare(self, layers: frozenset[int]) -> frozenset[int]:
        """These layers, and the spare if it is one of theirs. Waits for one that is being made."""
        if self._splitting:
            self._loop.pump(lambda: not self._splitting or self.peer(self._splitting) is None, _SPLIT_TIMEOUT_S)
            self._splitting = 0
        spare = self._spare
        return layers if spare is None or spare[0] not in layers else layers | {spare[1].pid}

    def _deepest(self) -> int:
        """The last layer, if it is more than an image; a fork of that costs nothing."""
        layers = [layer.id for layer in self._book.facts.layers if layer.usable and layer.depth > 0]
        return layers[-1] if layers else 0

    def _end_spare(self) -> None:
        if self._spare is not None and not self._spare[1].gone:
            _kill(self._spare[1].pid)
        self._spare = None

    # -- ended ------------------------------------------------------------------------------------------------------

    def end(self, keep: frozenset[int] = frozenset()) -> None:
        """End all but those in `keep`."""
        if self._spare is not None and self._spare[1].pid not in keep:
            self._end_spare()
        for peer in self._link.with_role("layer"):
            if peer.pid not in keep:
                _kill(peer.pid)

    def drop(self) -> None:
        """No layer is to be gone back to any more."""
        self.end()
        self._book.drop_layers()

    def trim(self) -> list[LayerFact]:
        """End the least useful until the rest are within the budget for their memory; those that were ended."""
        if not self.untrimmed:
            return []
        self.untrimmed = False
        budget = SHARE * memory()
        layers, ended = [layer for layer in self._book.facts.layers if layer.depth > 0], list[LayerFact]()
        if sum(resident(layer.id) for layer in layers) <= budget:
            return ended
        self._end_spare()  # or the memory of its layer would not be free
        while (pid := least_useful(self._kept(layers), budget)) is not None:
            _kill(pid)
            self._book.drop_process(pid)
            ended += [layer for layer in layers if layer.id == pid]
            layers = [layer for layer in layers if layer.id != pid]
            self._loop.pump(partial(self._is_gone, pid), _END_TIMEOUT_S)
        return ended

    def _kept(self, layers: list[LayerFact]) -> list[Kept]:
        """All but the one that has to tell how its continuation ends. `layers` are ordered by depth."""
        times = [0.0, *(self.taken_at_s(layer.id) for layer in layers)]
        return [
            Kept(layer.id, at_s - before_s, part_of_memory(layer.id))
            for layer, at_s, before_s in zip(layers, times[1:], times, strict=False)
            if layer.id != self.continued and self.peer(layer.id) is not None
        ]

    def _is_gone(self, pid: int) -> bool:
        return self.peer(pid) is None


def _kill(pid: int) -> None:
    """Its open connection proves that the pid is still its own."""
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
