"""The strategy `respawn`: the whole process tree is ended and the command is started again. Runs in the supervisor.

It is the last rung: right for every change, since nothing of the old program is left. Its work is done by the
supervisor's own process tree; the evidence is that the tree was empty and that the new program has said hello.
"""

from __future__ import annotations

from hrsup_strategies.base import REFUSED, SUPERVISOR, Outcome, Plan
from hrsup_strategies.targets import repeated_s, repeats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.base import Change, Facts, Program

CODES = {"HR451": "A program cannot start itself again after its own end; the supervisor does."}


class Respawn:
    """See the module."""

    name = "respawn"

    def assess(self, change: Change, facts: Facts) -> Plan:
        """Always possible."""
        return Plan(self.name, SUPERVISOR, notes=repeats(repeated_s(facts)))

    def perform(self, plan: Plan, program: Program) -> Outcome:
        """Never asked: the supervisor performs this plan."""
        return Outcome(REFUSED, "HR451", CODES["HR451"])

    def cancel(self, program: Program) -> None:
        """Nothing is ever prepared."""
