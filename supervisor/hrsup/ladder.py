"""Which strategies are tried for a change, in which order, and where they come from.

Runs in the supervisor. `rungs` is pure.
"""

from __future__ import annotations

from hrsup.errors import UsageError
from hrsup_strategies import base
from hrsup_strategies.registry import STRATEGIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from hrsup_strategies.base import Facts, Strategy

ORDER = ("data", "reload", "workers", "checkpoint", "execv", "respawn")
ENTRY_POINTS = "hrsup.strategies"


def rungs(kinds: Collection[str], facts: Facts, first: str = "auto") -> list[str]:
    """The strategies for a change of these kinds, cheapest first; the last one can do everything.

    `first`, unless ``auto``, is tried before all others; what stands above it on the ladder is left out.
    """
    if not facts.agent:
        return ["respawn"]
    usual = _usual(set(kinds), facts)
    if first == "auto":
        return usual
    if first not in ORDER:  # a plug-in stands above the whole ladder
        return [first, *usual]
    below = ORDER[ORDER.index(first) + 1 :]
    return [first, *(name for name in usual if name in below)]


def _usual(kinds: set[str], facts: Facts) -> list[str]:
    again = ["execv", "respawn"] if facts.running else ["respawn"]  # what has ended cannot replace itself
    if kinds & {base.NATIVE, base.ENVIRONMENT}:
        return again
    restart = ["checkpoint", *again]
    if kinds <= {base.DATA, base.NOOP}:
        return ["data", *restart]
    if any(facts.pools.values()) or facts.has_cluster:
        return ["workers", *restart]
    return ["reload", *restart]


def known_strategies() -> list[str]:
    """The names of all strategies, built in and added by entry points."""
    return [*STRATEGIES, *(name for name in _plug_ins() if name not in STRATEGIES)]


def load(name: str) -> Strategy:
    """The strategy of this name. Raises UsageError if there is none or it cannot be imported."""
    target = STRATEGIES.get(name) or _plug_ins().get(name)
    if target is None:
        raise UsageError(f"there is no strategy {name!r}")
    from importlib import import_module

    module, _, attribute = target.partition(":")
    try:
        strategy: Strategy = getattr(import_module(module), attribute)()
        return strategy
    except (ImportError, AttributeError) as error:
        raise UsageError(f"strategy {name!r} ({target}) cannot be loaded: {error}") from error


def plug_in_file(name: str) -> str | None:
    """The source file of a strategy that is not built in; the agent loads it from there."""
    if name in STRATEGIES:
        return None
    from importlib import import_module

    module = import_module(_plug_ins()[name].partition(":")[0])
    return module.__file__


def _plug_ins() -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
