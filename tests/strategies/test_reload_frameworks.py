"""What counts as a registration with a web framework: a method of an object of its own, and nothing that answers."""

from __future__ import annotations

import ast
import sys
from types import ModuleType
from typing import Any

import pytest

from hrsup_strategies.reload import frameworks


class _Sources:
    """Stands for a closure whose sources spell these words."""

    def __init__(self, text: bytes = b"", rebound: str = "") -> None:
        self._text, self._rebound = text, rebound

    def has_any(self, words: tuple[bytes, ...]) -> bool:
        return any(word in self._text for word in words)

    def is_rebound(self, name: str) -> bool:
        return name == self._rebound


@pytest.fixture
def flask(monkeypatch: pytest.MonkeyPatch) -> type:
    """A class that goes by the name of the framework's."""
    kind = type("Flask", (), {"__module__": "flask.app", "__qualname__": "Flask"})
    module = ModuleType("flask.app")
    vars(module)["Flask"] = kind
    monkeypatch.setitem(sys.modules, "flask.app", module)
    return kind


def _registers(of: object, text: str = "app.route('/')", sources: Any = None) -> bool:
    return frameworks.registers(sources or _Sources(), ast.parse(text, mode="eval").body, of)


def test_a_route_is_a_registration(flask: type) -> None:
    """Whether it is called with arguments or not, and whatever the object is called."""
    assert _registers(flask()) and _registers(flask(), "shop.bp.before_request")


def test_what_may_do_more_is_none(flask: type) -> None:
    """Another method, another class, one derived from it, and a method of the object's own."""
    own = flask()
    vars(own)["route"] = print
    others = [object(), type("Other", (flask,), {})(), own, type("Flask", (), {"__module__": "flask.app"})()]
    assert not any(map(_registers, others))
    assert not _registers(flask(), "app.teardown_appcontext") and not _registers(flask(), "route")


@pytest.mark.parametrize(
    "text", [b"app.test_client()", b"app.wsgi_app", b"app.view_functions", b"@app.template_filter()"]
)
def test_nothing_is_known_where_requests_are_answered_otherwise(flask: type, text: bytes) -> None:
    """Who has a request answered has the functions called."""
    assert not _registers(flask(), sources=_Sources(text)) and not frameworks.is_known(_Sources(text))  # type: ignore[arg-type]


def test_a_method_that_the_program_binds_is_unknown(flask: type) -> None:
    """It may be another one."""
    assert not _registers(flask(), sources=_Sources(rebound="route"))
