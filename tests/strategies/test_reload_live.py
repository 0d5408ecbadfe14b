"""What a reload brings along in a whole session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Live

MAIN = """import time
import work

while True:
    print(work.text(), flush=True)
    time.sleep(0.02)
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Live]:
    """A service that prints what `work` says."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    (folder / "work.py").write_text(
        "from __future__ import annotations\n\nimport os\n\n\ndef text():\n    return 'old'\n"
    )
    live = Live(folder, ["main.py"], ["--mode", "service"])
    live.until(lambda: "old" in live.lines())
    yield live
    live.end()


def test_a_new_module_is_imported_in_place_and_is_the_programs_from_then_on(service: Live) -> None:
    """The process goes on, and the next edit of that module is brought in by the same strategy."""
    (service.folder / "more.py").write_text("def word():\n    return 'new'\n")
    service.save(
        "work.py", "from __future__ import annotations\n\nfrom more import word\n\n\ndef text():\n    return word()\n"
    )
    service.until(lambda: service.events("applied"))
    service.save("more.py", "def word():\n    return 'newer'\n")
    service.until(lambda: len(service.events("applied")) == 2)
    assert [event["strategy"] for event in service.events("applied")] == ["reload", "reload"], service.events("refused")
    service.until(lambda: "newer" in service.lines())
