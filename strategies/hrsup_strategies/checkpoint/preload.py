"""A second image, which has imported third-party modules beforehand. Runs in the image and in what it forks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.checkpoint.layers import Host


def start(agent: Host, depth: int, modules: list[str]) -> bool:
    """True in a continuation of the new image."""
    return False
