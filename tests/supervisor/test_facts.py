"""What the supervisor makes of the program's messages."""

from __future__ import annotations

from hrsup.facts import FactBook


def test_a_module_brought_up_to_date_in_place_keeps_its_first_use() -> None:
    """A layer taken between a module's import and its update in place holds the old version."""
    book = FactBook()
    message = {"type": "module", "name": "work", "path": "/work.py", "hash": "1", "depth": 1}
    book.note(message, 10, "main")
    book.note({"type": "imported", "name": "work", "self_seconds": 0.1}, 10, "main")
    book.note({**message, "hash": "2", "depth": 3}, 10, "main")
    fact = book.facts.modules["/work.py"]
    assert (fact.hash, fact.layer, fact.seconds) == ("2", 1, 0.1)


def test_what_a_worker_runs_is_not_the_program() -> None:
    """A pool's worker runs its library's command; the script stays the one whose edits are brought in."""
    book = FactBook()
    book.note({"type": "main", "path": "/main.py", "kind": "script", "argv": ["/main.py"]}, 10, "main")
    book.note({"type": "main", "path": None}, 11, "worker")
    assert book.facts.main == "/main.py"
