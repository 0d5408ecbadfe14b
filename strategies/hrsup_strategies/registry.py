"""Which strategies there are, in ladder order, and where each lives. Runs in both processes; imports none of them."""

from __future__ import annotations

STRATEGIES: dict[str, str] = {
    "data": "hrsup_strategies.data:Data",
    "reload": "hrsup_strategies.reload:Reload",
    "workers": "hrsup_strategies.workers:Workers",
    "checkpoint": "hrsup_strategies.checkpoint:Checkpoint",
    "execv": "hrsup_strategies.execv:Execv",
    "respawn": "hrsup_strategies.respawn:Respawn",
}
