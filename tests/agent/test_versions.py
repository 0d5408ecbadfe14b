"""The coordinator's versions of modules, for its workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrsup_agent import versions
from hrsup_agent.agent import MAIN, WORKER, Agent
from hrsup_agent.versions import Versions


@pytest.fixture
def sources() -> dict[str, bytes]:
    return {"/p/a.py": b"a = 1\n", "/p/pkg/b.py": b""}


def coordinator(tmp_path: Path, sources: dict[str, bytes]) -> Versions:
    return Versions(Agent(f"{tmp_path}/link", MAIN), f"{tmp_path}/link", None, lambda: sources)


def worker(tmp_path: Path, of: Versions) -> Versions:
    return Versions(Agent(f"{tmp_path}/link", WORKER), f"{tmp_path}/link", of.name, dict)


def test_a_worker_finds_what_the_coordinator_runs(tmp_path: Path, sources: dict[str, bytes]) -> None:
    """What was loaded before the first worker and what is loaded later; an empty file is a version too."""
    main = coordinator(tmp_path, sources)
    main.publish("/p/a.py", b"nobody has asked yet")
    assert list(tmp_path.iterdir()) == []
    main.activate()
    found = worker(tmp_path, main)
    assert (found.find("/p/a.py"), found.find("/p/pkg/b.py"), found.find("/p/c.py")) == (b"a = 1\n", b"", None)
    main.publish("/p/c.py", b"c = 1\n")
    main.publish("/p/a.py", b"a = 2\n")
    assert (found.find("/p/a.py"), found.find("/p/c.py")) == (b"a = 2\n", b"c = 1\n")


def test_nobody_else_is_served(tmp_path: Path, sources: dict[str, bytes]) -> None:
    """A coordinator reads its files from disk; a worker publishes nothing, and hands the name on to its own workers."""
    main = coordinator(tmp_path, sources)
    main.activate()
    assert main.find("/p/a.py") is None
    below = worker(tmp_path, main)
    below.activate()
    below.publish("/p/a.py", b"a = 3\n")
    assert below.name == main.name
    assert below.find("/p/a.py") == b"a = 1\n"


def test_what_the_program_writes_is_withdrawn(tmp_path: Path, sources: dict[str, bytes]) -> None:
    """A file, or all below a folder that was moved or removed; it comes back when the coordinator loads it."""
    main = coordinator(tmp_path, sources)
    main.activate()
    found = worker(tmp_path, main)
    found.withdraw("/p/a.py")
    main.withdraw("/p/pkg")
    main.withdraw("/p/p")
    assert (found.find("/p/a.py"), found.find("/p/pkg/b.py")) == (None, None)
    main.publish("/p/a.py", b"a = 4\n")
    assert found.find("/p/a.py") == b"a = 4\n"


def test_a_folder_is_nobodys_but_its_makers(
    tmp_path: Path, sources: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A continuation, whose memory says that the folder of another process is its own, makes one of its own."""
    main = coordinator(tmp_path, sources)
    main.activate()
    found = worker(tmp_path, main)
    monkeypatch.setattr(versions, "_getpid", lambda: 1)
    main.publish("/p/a.py", b"not mine")
    main.activate()
    assert main.name not in (None, found.name)
    assert found.find("/p/a.py") == b"a = 1\n"
