"""`workers`: the coordinator is reloaded, and every worker that may hold old code is replaced.

`assess` runs in the supervisor, `perform` in the user's process. Stale results of a pool do not come from a cache of
pickled functions: a function that can be imported is pickled as its name, and each worker looks that name up in its own
``sys.modules``. So a reload of the coordinator alone changes nothing for workers that live already.

A batch goes back to a layer, which ends its pools with everything else.
"""

from __future__ import annotations

from hrsup_strategies.base import BATCH, CODE, LAYER, MAIN, PROGRAM, Change, Facts, Outcome, Plan, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.base import Program

CODES = {
    "HR201": "The program has no worker pool, so there is nothing that `reload` would not do.",
    "HR202": "Tasks in a worker pool were not finished before the deadline.",
    "HR203": "The change is not one of code.",
    "HR204": "A process that belongs to no known pool may hold old code.",
    "HR205": "The fork server has preloaded modules and would give old code to new workers.",
    "HR206": "Workers of this kind, or on this system, cannot be replaced and proved gone.",
    "HR207": "A task was handed to a pool while the code was changing.",
    "HR208": "An old worker did not end before the deadline.",
}
