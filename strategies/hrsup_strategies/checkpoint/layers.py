"""Takes layers: decides at each point of the program's start-up whether one is worth it, and shows that it is faithful.

Runs in the program's main process; owns the record of what the process was like at its start. `install` is called
before any user code runs, so the first layer is the image. Where the image cannot be taken, none is: depth 0 always
means "no line of user code has run".

A layer costs the program two forks. The next one is taken when the run has lasted 25 times as long as all its layers
with this one will have cost, so layers cost at most about 4 %, and when enough work has been done since the last to be
worth keeping. What goes on from a layer may pay an eighth: a file that was edited once is likely to be edited again.
"""

from __future__ import annotations

from time import perf_counter

from hrsup_strategies.checkpoint import forking, paused, seeds
from hrsup_strategies.checkpoint.faithful import Start
from hrsup_strategies.checkpoint.unrepeatable import Search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from hrsup_strategies.checkpoint.faithful import Obstacle

    class Host(Protocol):
        """What of `hrsup_agent.agent.Agent` is used here."""

        kind: str
        link: Any
        own_fork: bool
        wants_statements: bool
        shared: dict[str, Any]
        before_user_code: Callable[[str, str | None], object]
        before_statement: Callable[[str, int], object]


MAX_LAYERS = 14
COST_FACTOR = 25.0
COST_FACTOR_AGAIN = 8.0  # in a continuation
SAVED_FACTOR = 5.0  # a layer must save so many times what it costs
LAYER_FORKS = 3.0  # so many times as long as a fork it takes to take a layer, about
_FEW = 8  # the first layers may lie close together, the rest must save a larger share of the run


def install(
    agent: Host, sources: Callable[[], dict[str, bytes]], effects: Callable[[], tuple[int, str | None]]
) -> Layers:
    """From now on the runner and the import hook ask for layers. Call it in the main process, once it is connected and
    observed. `sources`: the user modules read so far, by path; `effects`: `FileWatch.effects`."""
    layers = Layers(agent, sources, effects)
    agent.wants_statements = True
    agent.before_user_code = layers.before_user_code
    agent.before_statement = layers.before_statement
    return layers


class Layers:
    """The layers of this process. In a continuation it goes on from its layer."""

    def __init__(
        self, agent: Host, sources: Callable[[], dict[str, bytes]], effects: Callable[[], tuple[int, str | None]]
    ) -> None:
        self._agent, self._sources = agent, sources
        self._search = Search()
        self._began = self._last = perf_counter()
        self._next = 0.0  # no layer before this time
        self._cost_s = self._spent_s = 0.0  # of one layer, and of all since `_began`
        self._factor = COST_FACTOR
        self._start = Start(effects, agent.link.fileno)
        self.depth: int | None = None  # of the last layer; None: there is none
        self.refusal: Obstacle | None = None  # why the last attempt failed

    def before_user_code(self, name: str, path: str | None) -> None:
        """A user module is about to be read."""
        if perf_counter() >= self._next:
            self.consider(f"before {name}")

    def before_statement(self, path: str, line: int) -> None:
        """A top-level statement of the script is about to run."""
        if perf_counter() >= self._next:
            self.consider(f"{path.rpartition('/')[2]}:{line}", (path, line))

    def consider(self, point: str, next_line: tuple[str, int] | None = None) -> None:
        """Take a layer here if nothing stands against it. Returns in the program, and once more in every continuation.

        Never raises. `next_line`: the statement that is about to run, if that is where we are.
        """
        began = perf_counter()
        link = self._agent.link
        if link is None or not link.alive or link.role != "main":
            self._next = float("inf")
            return
        obstacle = self._obstacle(next_line)
        if obstacle is None:
            obstacle = self._take(point)
        now = perf_counter()
        if obstacle is None:
            self.refusal = None
            if began >= self._began:  # else this is a continuation, and the layer has waited since
                self._last, self._cost_s = now, now - began
                self._spent_s += self._cost_s if self.depth else 0.0  # the image is taken whatever it costs
            self._next = self._next_time()
            return
        self._note(obstacle, point)
        permanent = obstacle.lasting or self.depth is None
        self._next = float("inf") if permanent else now + COST_FACTOR * (now - began)

    def _obstacle(self, next_line: tuple[str, int] | None) -> Obstacle | None:
        try:
            # The image only needs a process that has done nothing; there are no sources to search yet.
            if self.depth is None:
                return self._start.obstacle()
            for path, source in self._sources().items():
                self._search.add(path, source)
            return self._start.obstacle(self._search, next_line)
        except (
            Exception
        ) as error:  # the boundary: an observation that fails is no layer, never an error of the program's
            from hrsup_strategies.checkpoint.faithful import Obstacle

            return Obstacle("HR324", f"{type(error).__name__}: {error}")

    def _take(self, point: str) -> Obstacle | None:
        """Fork a layer. In the layer itself this returns only in its continuations."""
        from hrsup_strategies.checkpoint.faithful import Obstacle

        depth = 0 if self.depth is None else self.depth + 1
        memory, mark = seeds.remember(), paused.leave_mark(self._agent)
        mask = forking.block_signals()
        self._agent.own_fork = True
        try:
            is_layer = forking.fork_orphan()
            if not is_layer:
                self.depth = self._agent.link.depth = depth
                return None
            self.depth = depth
            fork_s = paused.Layer(self._agent, depth, point, mark).serve()
            seeds.restore(memory, self._search.seeds)
            self._restart_clock(fork_s)
            return None
        except OSError as error:
            return Obstacle("HR322", str(error))
        finally:
            self._agent.own_fork = False
            forking.unblock_signals(mask)

    def _restart_clock(self, fork_s: float) -> None:
        """A continuation, which took so long to fork: measured from here, as far as the process is concerned."""
        self._start.again()
        self._began = self._last = perf_counter()
        self._cost_s, self._spent_s = max(self._cost_s, LAYER_FORKS * fork_s), 0.0
        self._factor = COST_FACTOR_AGAIN

    def _next_time(self) -> float:
        depth = self.depth or 0
        if depth + 1 >= MAX_LAYERS:
            return float("inf")
        share = 0.125 if depth < _FEW else 0.5
        paid_for = self._began + self._factor * (self._spent_s + self._cost_s)
        return max(paid_for, self._last + max(SAVED_FACTOR * self._cost_s, share * (self._last - self._began)))

    def _note(self, obstacle: Obstacle, point: str) -> None:
        """Tell the supervisor why there is no layer, once for each reason."""
        if self.refusal is None or self.refusal.code != obstacle.code:
            self._agent.link.send(
                {"type": "no_layer", "point": point, "code": obstacle.code, "reason": obstacle.reason}
            )
        self.refusal = obstacle
