"""The strategy `checkpoint`: go back to a paused fork taken before the changed file was first used, and go on from
there.

`Checkpoint.assess` runs in the supervisor and is pure. The rest of this folder runs in the program's process and in the
layers forked from it:

    program ── layers.consider(point) ── worth it? faithful? ── fork twice ── goes on, unforked
                                                                   └── layer: canary, `layer` message, waits (paused)
                                                                         └── on `continue`: fork ── continuation

What the program does is never done in a fork, unless a layer's canary has shown that a fork survives there. A
continuation returns from the same `consider` as the program once did.
"""

from __future__ import annotations

from hrsup_strategies.base import REFUSED, Outcome, Plan, Refused
from hrsup_strategies.checkpoint.codes import CODES as LAYER_CODES
from hrsup_strategies.targets import CODES as TARGET_CODES
from hrsup_strategies.targets import plan_for_layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.base import Change, Facts, Program

__all__ = ["CODES", "Checkpoint"]

CODES = {**TARGET_CODES, **LAYER_CODES}


class Checkpoint:
    """See the module."""

    name = "checkpoint"

    def assess(self, change: Change, facts: Facts) -> Plan | Refused:
        """The deepest layer that precedes the first use of every changed file. Batch and service alike."""
        return plan_for_layer(self.name, change, facts)

    def perform(self, plan: Plan, program: Program) -> Outcome:
        """Never asked: a layer performs this plan."""
        return Outcome(REFUSED, "HR301", CODES["HR301"])

    def cancel(self, program: Program) -> None:
        """Nothing is ever prepared in the program."""
