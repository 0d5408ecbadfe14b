"""What pools leave behind under edits: the bench's programs, for a moment."""

from __future__ import annotations

import random

import pytest

from hrsup.bench import leftovers


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("loky, service, busy", "SIGTERM"),
        ("joblib with arrays, batch, idle", "SIGKILL"),
        ("Pool with shared memory, service, idle", "SIGINT"),
    ],
)
def test_edits_of_programs_with_pools_leave_nothing_behind(name: str, end: str) -> None:
    """Ten edits, some of them while tasks are under way: each shows, and however hrsup is ended, no process, semaphore
    or folder of the program's is there afterwards."""
    scene = next((scene for scene in leftovers.scenes() if scene.name == name), None)
    if scene is None:
        pytest.skip("its library is not here")
    count = leftovers.Count()
    leftovers.play(scene, 10, end, random.Random(7), count)
    assert (count.edits, count.unseen, count.left) == (10, 0, [])
