"""What the layers may cost in memory. Runs in the supervisor; `least_useful` is pure.

A layer shares its pages with the program until either of them writes; what the program has thrown away or changed
since stays in the layers. Pages that several processes share count for each in part. All layers together are kept below
a part of the memory of the machine, or of the control group; whoever saves the least time for its memory goes first.
The image is never ended: every change that no layer precedes goes back to it.
"""
# ruff: noqa: PTH123 (importing pathlib costs the program's start 3 ms)

from __future__ import annotations

import os

from hrsup.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SHARE = 0.25  # of the memory that there is
_GROUP = "/sys/fs/cgroup/memory.max"
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Kept(NamedTuple):
    """A layer: its pid, how much later it was taken than the one before it, and its part of the memory in bytes."""

    pid: int
    saves_s: float
    size: int


def least_useful(layers: Sequence[Kept], budget: float) -> int | None:
    """The pid of the layer that is to end first, if all of them hold more than `budget` bytes."""
    if sum(layer.size for layer in layers) <= budget:
        return None
    return min(layers, key=lambda layer: layer.saves_s / max(layer.size, 1)).pid


def part_of_memory(pid: int) -> int:
    """The bytes of this process, those that it shares counted in part; 0 if that is not known."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as rollup:
            return next((int(line.split()[1]) * 1024 for line in rollup if line.startswith(b"Pss:")), 0)
    except OSError:
        return 0


def resident(pid: int) -> int:
    """The bytes of this process, all that it shares included: quickly known, and more than its part."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as numbers:
            return int(numbers.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def memory() -> int:
    """The bytes that this machine, or our control group, has."""
    total = os.sysconf("SC_PHYS_PAGES") * _PAGE
    try:
        with open(_GROUP) as limit:
            return min(total, int(limit.read()))
    except (OSError, ValueError):  # there is none, or "max"
        return total
