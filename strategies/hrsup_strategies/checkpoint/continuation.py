"""What a fork of a layer does before it goes on as the program. Runs in the continuation."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.checkpoint.layers import Host


def begin(agent: Host, depth: int) -> None:
    """Become the main process: an own connection, and import caches that know nothing of the old files.

    Signals are unblocked and generators put right by whoever took the layer, on the way back into the program.
    """
    agent.own_fork = False
    agent.link.reconnect("main", depth)
    for finder in sys.meta_path:
        invalidate = getattr(finder, "invalidate_caches", None)
        if invalidate is not None:
            invalidate()
