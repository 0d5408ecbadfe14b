"""What is known of a framework that a server calls: who has its objects, what it was given to call, and when it
answers."""

from __future__ import annotations

import ast
import asyncio
import sys
from types import ModuleType
from typing import Any

import pytest

from hrsup_strategies.reload import asgi
from hrsup_strategies.reload.closure import Closure
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.served import Served
from hrsup_strategies.reload.sources import Sources
from hrsup_strategies.reload.strands import Moving
from hrsup_strategies.reload.texts import Texts
from hrsup_strategies.reload.version import Version

HEAD = "import uvicorn\nfrom fastapi import APIRouter, Depends, FastAPI\n"
PLAIN = "app = FastAPI()\n@app.get('/')\ndef index():\n    return 1\n"
MADE = "def make():\n    app = FastAPI()\n    return app\n"


def _closure(text: str) -> Closure:
    texts = Texts()
    texts.update({"/p/main.py": (HEAD + text).encode()})
    return Closure(Sources(texts, lambda path, data: Version(path, data, False)))


@pytest.fixture(autouse=True)
def _framework(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is loaded, whether it is installed or not."""
    monkeypatch.setitem(sys.modules, "fastapi", ModuleType("fastapi"))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN + "uvicorn.run(app, port=1)",
        PLAIN + "if __name__ == '__main__':\n    uvicorn.Server(uvicorn.Config(app)).run()",
        "part = APIRouter()\n" + PLAIN + "app.include_router(part)\napp.mount('/x', app)",
        MADE + "app = make()\nuvicorn.run(app)",
        "def set_up(one: FastAPI) -> None:\n    one.state.x = 1\n" + PLAIN + "set_up(app)",
        "class Program:\n    def __init__(self):\n        self.web = FastAPI()\n        uvicorn.run(self.web)\n",
        "app: FastAPI = FastAPI()\ndef of(request) -> FastAPI:\n    return request.app\n",
    ],
)
def test_objects_that_are_only_served(text: str) -> None:
    """They are asked for attributes, and given to servers, to each other, and to functions that do no more."""
    assert Served(_closure(text)).are_only_served and asgi.is_known(_closure(text))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN + "uvicorn.run(Cache(app))",
        PLAIN + "other = [app]",
        PLAIN + "async def f(a, b, c):\n    await app(a, b, c)",
        PLAIN + "def f(a, b, c):\n    return app(a, b, c)",
        PLAIN + "def set_up(one):\n    two = one\n    return Cache(two)\nset_up(app)",
        PLAIN + "def set_up(*all):\n    return all\nset_up(app)",
        MADE + "uvicorn.run(Cache(make()))",
        MADE + "other = make\nuvicorn.run(Cache(other()))",
        "uvicorn.run(Cache(FastAPI()))",
        "class Own(FastAPI):\n    pass\n",
        "from fastapi import FastAPI as Web\nuvicorn.run(Cache(Web()))",
        "class uvicorn:\n    def run(one):\n        return one(1, 2, 3)\n" + PLAIN + "def run(one): ...\nrun(app, app)",
        PLAIN + "def include_router(self, one): ...\napp.include_router(app)",
        PLAIN + "async def f(request):\n    await request.app(1, 2, 3)",
    ],
)
def test_objects_that_somebody_else_has(text: str) -> None:
    """Who has one may come between a request and its answer."""
    assert not Served(_closure(text)).are_only_served and not asgi.is_known(_closure(text))


@pytest.mark.parametrize(
    "text",
    [
        "from fastapi.testclient import TestClient",
        "x = app.routes",
        "@app.middleware('http')\nasync def f(request, answer): ...",
        "app.add_middleware(Timing)",
        "from starlette.middleware.base import BaseHTTPMiddleware",
        "app.openapi = print",
        "app = FastAPI(generate_unique_id_function=print)",
        "uvicorn.run(make, factory=True)",
        "def Depends(function):\n    return function()",
        "class CORSMiddleware: ...\napp.add_middleware(CORSMiddleware)",
    ],
)
def test_nothing_is_known_where_requests_are_answered_otherwise(text: str) -> None:
    """Who has a request answered, or looks at functions, has them called, or keeps something of them."""
    assert asgi.is_known(_closure(PLAIN)) and not asgi.is_known(_closure(PLAIN + text))


def test_known_middleware_keeps_nothing() -> None:
    """What the framework itself has for headers and the like."""
    text = "from fastapi.middleware.cors import CORSMiddleware\napp.add_middleware(CORSMiddleware, allow_origins=[])"
    assert asgi.is_known(_closure(PLAIN + text))


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("def f(a: str = Depends(who)): ...", {"who"}),
        ("def f(a: Annotated[str, Depends(work.who)]): ...", {"who", "work"}),
        ("Who = Annotated[str, Depends(who)]", {"who"}),
        ("app = FastAPI(dependencies=[Depends(who)])", {"who"}),
        ("def f(a=Depends(who), b=who()): ...", set()),
        ("def f(a=Depends(who())): ...", set()),
        ("def f(a=Depends(lambda: who())): ...", set()),
        ("def f(a):\n    return Depends(who)", set()),
    ],
)
def test_what_is_only_given_to_be_called_for_requests(text: str, given: set[str]) -> None:
    """Not what is called, or looked at, at once."""
    closure = _closure(PLAIN)
    closure.take_all()
    assert asgi.only_depended(closure, closure.modules[0], ast.parse(text).body[0]) == given


def _kind(monkeypatch: pytest.MonkeyPatch, call: Any) -> Any:
    kind = type("Starlette", (), {"__call__": call})
    module = ModuleType("starlette.applications")
    vars(module)["Starlette"] = kind
    monkeypatch.setitem(sys.modules, "starlette.applications", module)
    for name in ("fastapi.applications", "starlette.routing"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return kind()


async def _answer(self: object, scope: dict[str, str], receive: Any, send: Any) -> None:
    await asyncio.sleep(0)


_answer.__name__ = "__call__"
_answer.__code__ = _answer.__code__.replace(co_name="__call__")


@pytest.mark.parametrize(("kind", "moves"), [("http", True), ("websocket", True), ("lifespan", False)])
def test_nothing_changes_while_a_request_is_answered(monkeypatch: pytest.MonkeyPatch, kind: str, moves: bool) -> None:
    """Begun or not; what lasts as long as the server is none."""
    app = _kind(monkeypatch, _answer)
    under_way = app({"type": kind}, None, None)
    for _ in range(2):
        if moves:
            with pytest.raises(Moving):
                asgi.check_answering()
        else:
            asgi.check_answering()
        if under_way.cr_frame.f_lasti < 0 or not under_way.cr_suspended:
            under_way.send(None)
    under_way.close()
    del under_way
    asgi.check_answering()


def test_who_answers_in_another_way_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has put another function in the place of the framework's."""
    _kind(monkeypatch, lambda self, scope, receive, send: None)
    with pytest.raises(Refusal):
        asgi.check_answering()
