"""What of the library is known to keep what it is given, by the names that a source looks up."""

from __future__ import annotations

import ast

import pytest

from hrsup_strategies.reload.handed_on import keeps

ORIGINS = {
    **{"heapq": "heapq", "hq": "heapq", "heappush": "heapq", "push": "heapq", "signal": "signal"},
    **{"os": "os", "mine": "mine"},
}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rows.append", "append"),
        ("note.set", "set"),
        ("a.b[0].set_result", "set_result"),
        ("heapq.heappush", "heappush"),
        ("hq.heappush", "heappush"),
        ("heappush", "heappush"),
        ("push", "push"),  # imported under another name
        ("signal", "signal"),
        ("os.write", "write"),
        ("stream.write", None),  # what is written is looked at elsewhere
        ("mine.heappush", None),  # the program's own is followed
        ("insort", None),
        ("os.getpid", None),
        ("rows", None),
    ],
)
def test_a_method_is_known_by_its_name_and_a_function_by_its_module(text: str, name: str | None) -> None:
    """So nothing is said of a function of that name that comes from elsewhere."""
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, (ast.Name, ast.Attribute))
    assert keeps(node, ORIGINS, False) == name


def test_what_is_bound_is_not_looked_up() -> None:
    """An attribute that is set keeps nothing by its name."""
    statement = ast.parse("note.set = 1").body[0]
    assert isinstance(statement, ast.Assign)
    target = statement.targets[0]
    assert isinstance(target, ast.Attribute)
    assert keeps(target, ORIGINS, False) is None


def test_a_module_is_not_its_function() -> None:
    """``signal.SIGHUP`` looks into the module that has a function of its own name."""
    node = ast.parse("signal", mode="eval").body
    assert isinstance(node, ast.Name)
    assert keeps(node, ORIGINS, True) is None
