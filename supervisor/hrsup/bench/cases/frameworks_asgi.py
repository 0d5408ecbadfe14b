"""Services of a framework that a server calls, FastAPI, asked by a thread of the same program: what is registered is
called for requests, and what it takes has been looked at before.

In most of them something else than a request has had the answer computed, has kept it, or knows more of the function
than the function itself.
"""

from hrsup.bench.cases.frameworks import ASKED as ASKED_OF_FLASK
from hrsup.bench.cases.servers import EDITS, PRICE
from hrsup.bench.cases.unforeseen import MAIN, WORK
from hrsup.bench.model import SERVICE
from hrsup.bench.vocabulary import Change, Group, case, edit, sub

group = Group("fastapi")
NEEDS = ("fastapi", "uvicorn", "pydantic")
HEAD = """
import asyncio
import functools
import socket
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

import uvicorn
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field, field_validator

import ask
import work

KEPT = []
"""
BASE = """

def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


{views}

if __name__ == "__main__":
    {before}
    port = free()
    ask.begin(port)
    uvicorn.run({served}, host="127.0.0.1", port=port, log_level="error")
"""
# What is shown is also an answer that is an error; who asks, a thread of the program, rests for most of the time.
ASKED = ASKED_OF_FLASK.replace("time.sleep(0.01)\n\n", "time.sleep(0.05)\n\n").replace("except OSError", "except HTTPError as error:\n            answer = error\n        except OSError").replace("from urllib", "from urllib.error import HTTPError\nfrom urllib", 1)
APP = "app = FastAPI()\n\n\n"
VIEW = '@app.get("/")\n{kind} index({takes}){gives}:\n    return {answer}\n'
LABEL = "work.label(4)"
COUNT = "def limit():\n    return 10\n\n\nLIMIT = 10\n"


def view(answer: str = LABEL, takes: str = "", gives: str = "", kind: str = "async def") -> str:
    """The function that answers."""
    return VIEW.format(kind=kind, takes=takes, gives=gives, answer=answer)


def service(
    name: str,
    views: str,
    *edits: Change,
    before: str = "pass",
    served: str = "app",
    head: str = HEAD,
    path: str = "",
) -> None:
    """A service with these views, that does something `before` it serves what is `served`, asked for a path."""
    text = head + BASE.replace("{views}", views).replace("{before}", before).replace("{served}", served)
    asked = ASKED.replace('{port}/"', f'{{port}}/{path}"')
    files = {WORK: PRICE + "\n\n" + COUNT, "ask.py": asked, MAIN: text}
    group.service(name, files, *(edits or EDITS), requires=NEEDS)


BODIES = (*EDITS, sub(MAIN, LABEL, "work.label(5)"), sub(MAIN, "work.label(5)", "work.label(6)"))
service("one-view", APP + view(), *BODIES)
service("one-view-in-a-thread", APP + view(kind="def"), *BODIES)
service("a-service-object", APP + "class Shop:\n    def __init__(self):\n        self.sold = 0\n\n    def sell(self):\n        self.sold = 1\n        return work.label(4)\n\n\nshop = Shop()\n\n\n" + view("shop.sell()"), *BODIES)
service("a-constant", APP + view("(work.LIMIT, work.limit())"), sub(WORK, "LIMIT = 10", "LIMIT = 12"), sub(WORK, "return 10", "return 11"))
CURRENT = "def current():\n    return work.label(4)\n\n\n"
service("a-dependency", APP + CURRENT + view("who", "who: str = Depends(current)"), *BODIES)
service("a-dependency-of-a-dependency", APP + CURRENT + "async def both(who: str = Depends(current)):\n    return who + work.label(2)\n\n\n" + view("who", "who: str = Depends(both)"), *BODIES)
service("a-dependency-that-is-annotated", APP + CURRENT + view("who", "who: Annotated[str, Depends(current)]"), *BODIES)
service("a-dependency-with-a-name", APP + CURRENT + "Current = Annotated[str, Depends(current)]\n\n\n" + view("who", "who: Current"), *BODIES)
service("a-dependency-that-ends", APP + "def current():\n    who = work.label(4)\n    yield who\n\n\n" + view("who", "who: str = Depends(current)"), *BODIES)
service("a-dependency-of-all", "def current():\n    if work.price(2) > 3:\n        raise HTTPException(404, work.label(4))\n\n\napp = FastAPI(dependencies=[Depends(current)])\n\n\n" + view("1"), *BODIES)
service("a-dependency-that-keeps", APP + "@functools.lru_cache\ndef current():\n    return work.label(4)\n\n\n" + view("who", "who: str = Depends(current)"), *BODIES)
service("a-dependency-that-is-an-object", APP + "class Current:\n    def __init__(self):\n        self.kept = work.label(2)\n\n    def __call__(self):\n        return self.kept + work.label(4)\n\n\ncurrent = Current()\n\n\n" + view("who", "who: str = Depends(current)"), *BODIES)
service("a-dependency-of-the-programs-own", APP + "def Depends(function):\n    KEPT.append(function())\n    return None\n\n\n" + CURRENT + view("KEPT[0]", "who: str = Depends(current)"))
service("an-error-that-is-handled", APP + '@app.exception_handler(KeyError)\ndef missing(request, error):\n    return PlainTextResponse(work.label(4))\n\n\n@app.get("/")\ndef index():\n    return {}[work.label(5)]\n', *EDITS)
service("a-body-of-a-model", APP + 'class Item(BaseModel):\n    name: str\n    count: int = 4\n\n\n@app.post("/items")\ndef make(item: Item):\n    return work.label(item.count)\n\n\n' + view(), *BODIES[:2])
service("headers-for-others", APP + 'app.add_middleware(CORSMiddleware, allow_origins=["*"])\n\n\n' + view(), *BODIES)

# -- what has been looked at when a function was registered ----------------------------------------------------------------
service("a-default", APP + view("work.label(count)", "count: int = 4"), sub(MAIN, "int = 4", "int = 5"))
service("a-default-that-is-a-constant", APP + view("work.label(count)", "count: int = work.LIMIT"), sub(WORK, "LIMIT = 10", "LIMIT = 12"))
service("a-default-of-a-dependency", APP + "def current(count: int = 4):\n    return work.label(count)\n\n\n" + view("who", "who: str = Depends(current)"), sub(MAIN, "int = 4", "int = 5"))
service("a-default-of-a-dependency-that-is-a-constant", APP + "def current(count: int = work.LIMIT):\n    return work.label(count)\n\n\n" + view("who", "who: str = Depends(current)"), sub(WORK, "LIMIT = 10", "LIMIT = 12"))
service("a-default-of-a-field", APP + "@dataclass\nclass Page:\n    count: int = work.LIMIT\n\n\n" + view("page.count", "page: Page = Depends()"), sub(WORK, "LIMIT = 10", "LIMIT = 12"), sub(MAIN, "work.LIMIT", "7"))
service("a-default-of-a-method", APP + "class Page:\n    def __call__(self, count: int = work.LIMIT):\n        return work.label(count)\n\n\npage = Page()\n\n\n" + view("who", "who: str = Depends(page)"), sub(WORK, "LIMIT = 10", "LIMIT = 12"), sub(MAIN, "work.LIMIT", "7"))
service("a-default-of-what-a-dependency-is-made-of", APP + "class Page:\n    def __init__(self, count: int = 4):\n        self.label = work.label(count)\n\n\n" + view("page.label", "page: Page = Depends()"), sub(MAIN, "int = 4", "int = 5"), sub(MAIN, "work.label(count)", "work.label(count + 1)"))
service("a-kind-of-dependency", APP + CURRENT + view("who", "who: str = Depends(current)"), sub(MAIN, "def current", "async def current"), sub(MAIN, "return work.label", "yield work.label"))
service("a-kind-of-view", APP + view(), sub(MAIN, "async def index", "def index"), sub(MAIN, "def index():", "def index() -> str:"))
service("what-is-returned", APP + view(kind="def", gives=" -> str"), sub(MAIN, "-> str", "-> list[str]"))
service("a-docstring", APP + '@app.get("/")\ndef index():\n    """One."""\n    return work.label(4)\n', sub(MAIN, "One.", "Two."), path="openapi.json")
service("a-path", APP + view() + '\n\n@app.get("/more")\ndef more():\n    return 1\n', sub(MAIN, '"/more"', '"/other"'), path="openapi.json")
service("a-new-view", APP + view(), sub(MAIN, "\n\nif __name__", '\n\n@app.get("/more")\ndef more():\n    return 1\n\n\nif __name__'), path="openapi.json")
service("a-view-that-goes", APP + '@app.get("/more")\ndef more():\n    return 1\n\n\n' + view(), sub(MAIN, '@app.get("/more")\ndef more():\n    return 1\n\n\n', ""), path="openapi.json")
service("a-field-of-a-model", APP + "class Item(BaseModel):\n    count: int = 4\n\n\n" + view("Item()", gives=" -> Item"), sub(MAIN, "count: int = 4", "count: int = 4\n    label: str = 'x'"))
service("a-method-of-a-model", APP + "class Item(BaseModel):\n    count: int = 4\n\n    @field_validator('count', mode='before')\n    @classmethod\n    def check(cls, value):\n        return work.price(value)\n\n\n" + view("Item(count=2)", gives=" -> Item"))
service("a-value-of-a-model", APP + "class Item(BaseModel):\n    label: str = work.label(4)\n    other: str = Field(default_factory=lambda: work.label(5))\n\n\n" + view("Item()"))
LATER = "from __future__ import annotations\n" + HEAD
service("an-annotation-with-a-constant", APP + view("work.label(count)", "count: Annotated[int, Query(le=work.LIMIT)] = 4"), sub(WORK, "LIMIT = 10", "LIMIT = 2"), head=LATER, path="?count=9")
service("an-annotation-with-a-call", APP + view("work.label(count)", "count: Annotated[int, Query(le=work.limit())] = 4"), sub(WORK, "return 10", "return 2"), head=LATER, path="?count=9")
service("an-annotation-in-a-string", APP + view("work.label(count)", 'count: "Annotated[int, Query(le=work.LIMIT)]" = 4'), sub(WORK, "LIMIT = 10", "LIMIT = 2"), path="?count=9")
service("an-annotation-with-a-name", APP + "Kind = Literal['9', '8']\n\n\n" + view("kind", "kind: Kind"), sub(MAIN, "'9', '8'", "'7', '8'"), head=LATER, path="?kind=9")
service("an-annotation-that-is-evaluated", APP + view("work.label(count)", "count: Annotated[int, Query(le=work.LIMIT)] = 4"), sub(WORK, "LIMIT = 10", "LIMIT = 2"), path="?count=9")
service("an-annotation-that-is-evaluated-with-a-name", APP + "Kind = Literal['9', '8']\n\n\n" + view("kind", "kind: Kind"), sub(MAIN, "'9', '8'", "'7', '8'"), path="?kind=9")
service("an-annotation-of-a-dependency-that-is-evaluated", APP + "Kind = Literal['9', '8']\n\n\ndef current(kind: Kind):\n    return kind\n\n\n" + view("who", "who: str = Depends(current)"), sub(MAIN, "'9', '8'", "'7', '8'"), path="?kind=9")
service("an-annotation-of-a-model", APP + "class Item(BaseModel):\n    count: Literal['9', '8'] = '9'\n\n    def shown(self) -> str:\n        return work.label(2)\n\n\n" + view("(item.count, item.shown())", "item: Item = Depends()"), *EDITS, sub(MAIN, "work.label(2)", "work.label(3)"), head=LATER, path="?count=9")
service("an-annotation-of-a-dependency", APP + "def current(count: Annotated[int, Query(le=work.limit())] = 4):\n    return count\n\n\n" + view("who", "who: int = Depends(current)"), sub(WORK, "return 10", "return 2"), head=LATER, path="?count=9")
service("a-name-by-which-it-is-known", "def named(route):\n    return work.label(4)\n\n\napp = FastAPI(generate_unique_id_function=named)\n\n\n" + view("1"), path="openapi.json")
service("a-description-that-is-computed", APP + '@app.get("/", description=work.label(4))\ndef index():\n    return 1\n', path="openapi.json")
service("a-schema-that-the-program-adds-to", APP + "class Item(BaseModel):\n    model_config = {'json_schema_extra': lambda schema: schema.update(title=work.label(4))}\n\n\n" + view("Item()", gives=" -> Item"), path="openapi.json")
service("a-line-that-is-shown-with-an-error", APP + '@app.exception_handler(Exception)\ndef failed(request, error):\n    return PlainTextResponse(f"{error.endpoint_line} {work.label(4)}", 200)\n\n\n' + view(gives=" -> int"), sub(MAIN, "KEPT = []", "KEPT = []\n"), sub(MAIN, "KEPT = []\n", "KEPT = []\n\n\nMORE = 2\n"))

# -- what answers without a request, or comes between it and the answer --------------------------------------------------
service("a-view-keeps-the-first", APP + '@app.get("/")\ndef index():\n    if not KEPT:\n        KEPT.append(work.label(4))\n    return KEPT[0]\n')
service("a-view-keeps-in-the-state", APP + '@app.get("/")\ndef index(request: Request):\n    if not hasattr(request.app.state, "label"):\n        request.app.state.label = work.label(4)\n    return request.app.state.label\n')
service("a-view-keeps-a-model", APP + 'class Item(BaseModel):\n    label: str\n\n\n@app.get("/")\ndef index():\n    if not KEPT:\n        KEPT.append(Item(label=work.label(4)))\n    return KEPT[0]\n')
service("a-view-is-called-before", APP + view("f'{work.label(4)} {KEPT}'", kind="def"), before="KEPT.append(index())")
service("a-view-is-looked-up-before", APP + view("KEPT or 1", kind="def") + CURRENT.replace("def current", '\n\n@app.get("/x")\ndef current'), before="KEPT.extend(route.endpoint() for route in app.routes if route.path == '/x')")
SCOPE = '{"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}'
CALLS = "async def call():\n    async def take():\n        return {'type': 'http.request'}\n\n    async def give(message):\n        KEPT.append(message.get('body'))\n\n    await app(" + SCOPE + ", take, give)\n\n\n"
service("the-application-is-called-before", APP + view("str(KEPT) if KEPT else work.label(4)") + "\n\n" + CALLS, before="asyncio.run(call())")
CACHE = "class Cache:\n    def __init__(self, inner):\n        self.inner = inner\n\n    async def __call__(self, one, two, three):\n        if one['type'] != 'http':\n            return await self.inner(one, two, three)\n        if not KEPT:\n            async def keep(message):\n                KEPT.append(message)\n\n            await self.inner(one, two, keep)\n        for message in KEPT:\n            await three(message)\n\n\n"
service("answers-are-kept-by-what-is-around", CACHE + APP + view(), served="Cache(app)")
service("answers-are-kept-by-what-is-added", CACHE + APP + "app.add_middleware(Cache)\n\n\n" + view())
service("answers-are-kept-by-what-takes-its-name", CACHE + "app = FastAPI()\ninner = app\n\n\n" + view() + "\n\napp = Cache(inner)\n")
service("answers-are-kept-by-a-function-around", APP + view() + "\n\ndef around(inner):\n    outer = Cache(inner)\n    return outer\n\n\n" + CACHE, served="around(app)")
service("answers-are-kept-by-a-function", APP + '@app.middleware("http")\nasync def keep(request, answer):\n    if not KEPT:\n        response = await answer(request)\n        KEPT.append([part async for part in response.body_iterator])\n    return Response(b"".join(KEPT[0]))\n\n\n' + view())
service("a-view-is-wrapped-in-a-memo", APP + 'def kept(function):\n    @functools.wraps(function)\n    def wrapper():\n        if not KEPT:\n            KEPT.append(function())\n        return KEPT[0]\n\n    return wrapper\n\n\n@app.get("/")\n@kept\ndef index():\n    return work.label(4)\n')
service("a-view-is-registered-by-a-call", APP + 'def index():\n    return work.label(4)\n\n\napp.add_api_route("/", index)\n', *BODIES)
OWN = "class Own:\n    def get(self, path):\n        return lambda function: (KEPT.append(function()), function)[1]\n\n\n"
service("an-object-of-the-programs-goes-by-that-name-first", OWN + 'app = Own()\n\n\n@app.get("/")\ndef first():\n    return work.label(4)\n\n\n' + APP + view("KEPT[0]"))
service("the-framework-was-given-another-method", "def get(self, path):\n    return lambda function: (KEPT.append(function()), self.add_api_route(path, function), function)[2]\n\n\nFastAPI.get = get\n" + APP + view("KEPT[0] if KEPT else work.label(4)", kind="def"))
service("an-application-of-its-own", "class Api(FastAPI):\n    def __init__(self):\n        super().__init__()\n        self.label = work.label(4)\n\n\napp = Api()\n\n\n" + view("app.label"))

# -- what the server begins with -----------------------------------------------------------------------------------------
LIFE = "@asynccontextmanager\nasync def life(app):\n    app.state.label = work.label(4)\n    yield\n\n\n"
STATE = '@app.get("/")\ndef index(request: Request):\n    return request.app.state.label\n'
service("begins-with-a-result", LIFE + "app = FastAPI(lifespan=life)\n\n\n" + STATE)
service("begins-with-a-result-of-a-part", LIFE.replace("app.state.label =", "KEPT[:] =").replace("work.label(4)", "[work.label(4)]") + "part = APIRouter(lifespan=life)\n\n\n@part.get('/')\ndef index():\n    return KEPT[0]\n\n\n" + APP + "app.include_router(part)\n")
service("begins-with-a-result-by-name", LIFE + "app = FastAPI(lifespan=life)\n\n\n" + STATE, served='"__main__:app"')
service("begins-with-what-makes-it", LIFE + "def make():\n    KEPT.append(work.label(4))\n    app = FastAPI()\n    app.include_router(part)\n    return app\n\n\npart = APIRouter()\n\n\n@part.get('/')\ndef index():\n    return KEPT[0]\n", served='"__main__:make", factory=True')
service("begins-with-nothing-of-it", LIFE.replace("label = work.label(4)", "rate = 3") + "app = FastAPI(lifespan=life)\n\n\n" + view("(work.label(4), app.state.rate)"), *EDITS)
TASK = "async def poll():\n    while True:\n        KEPT[:] = [work.label(4)]\n        await asyncio.sleep(0.01)\n\n\n@asynccontextmanager\nasync def life(app):\n    task = asyncio.create_task(poll())\n    yield\n    task.cancel()\n\n\napp = FastAPI(lifespan=life)\n\n\n"
service("a-task-beside", TASK + view("(KEPT, work.label(4))"))

# -- what comes to a function without a call of it ------------------------------------------------------------------------
KEEPS = '@app.get("/")\ndef index(who: {who}):\n    KEPT[:] = KEPT or [who]\n    return KEPT[0]\n'
for name, who in {"by-default": "str = Depends(current)", "by-annotation": "Annotated[str, Depends(current)]", "by-name": "Current"}.items():
    service(f"what-it-depends-on-is-kept-{name}", APP + CURRENT + "Current = Annotated[str, Depends(current)]\n\n\n" + KEEPS.format(who=who))
service("what-it-depends-on-is-kept-of-a-class", APP + "class Page:\n    def __init__(self):\n        self.label = work.label(4)\n\n\n" + KEEPS.format(who="Page = Depends()").replace("[who]", "[who.label]"))
service("what-it-depends-on-is-kept-by-way-of-another", APP + CURRENT + "def other(one: str = Depends(current)):\n    return one\n\n\n" + KEEPS.format(who="str = Depends(other)"))
service("an-error-is-kept", APP + '@app.exception_handler(KeyError)\ndef missing(request, error):\n    if not KEPT:\n        KEPT.append(str(error))\n    return PlainTextResponse(KEPT[0])\n\n\n@app.get("/")\ndef index():\n    raise KeyError(work.label(5))\n')

# -- what is under way ---------------------------------------------------------------------------------------------------
SLOW = "async def first():\n    return work.label(4)\n\n\nasync def second():\n    await asyncio.sleep(0.03)\n\n\n"
service("two-steps-of-a-request", APP + SLOW + view("f'{one} {work.label(4)}'", "one: str = Depends(first), two: None = Depends(second)"), *EDITS)
service("two-steps-of-a-request-in-threads", APP + SLOW.replace("async def", "def").replace("await asyncio", "time") + view("f'{one} {work.label(4)}'", "one: str = Depends(first), two: None = Depends(second)", kind="def"), *EDITS)
service("an-answer-in-parts", APP + "async def parts():\n    yield work.label(4)\n    await asyncio.sleep(0.03)\n    yield work.label(4)\n\n\n" + view("StreamingResponse(parts())"), *EDITS)
service("work-after-the-answer", APP + 'def note(label):\n    KEPT[:] = [label, work.label(4)]\n\n\n@app.get("/")\ndef index(tasks: BackgroundTasks):\n    tasks.add_task(note, work.label(4))\n    return KEPT or [work.label(4), work.label(4)]\n')

SHOP = """
from fastapi import APIRouter, Depends

import work

router = APIRouter()


def who():
    return work.label(2)


@router.get("/")
def index(label: str = Depends(who)):
    return label + work.label(4)
"""
FACTORY = (
    "import socket\n\nimport uvicorn\nfrom fastapi import FastAPI\n\nimport ask\nimport shop\n"
    + BASE.replace("{views}", "def make() -> FastAPI:\n    app = FastAPI()\n    set_up(app)\n    return app\n\n\ndef set_up(app: FastAPI):\n    app.include_router(shop.router)\n").replace("{before}", "app = make()").replace("{served}", "app")
)
group.service("made-by-a-function", {WORK: PRICE, "ask.py": ASKED, "shop.py": SHOP, MAIN: FACTORY}, *EDITS, sub("shop.py", "return label", "return '=' + label"), sub("shop.py", "label(2)", "label(3)"), edit(sub("shop.py", "label(4)", "label(5)"), sub(WORK, "* 5", "* 6")), requires=NEEDS)
TOGETHER = FACTORY.replace("def make() -> FastAPI:\n    app = FastAPI()\n    set_up(app)\n    return app\n\n\ndef set_up(app: FastAPI):\n    app.include", "app = FastAPI()\napp.include").replace("app = make()", "pass")
group.service("put-together", {WORK: PRICE, "ask.py": ASKED, "shop.py": SHOP, MAIN: TOGETHER}, *EDITS, sub("shop.py", "return label", "return '=' + label"), requires=NEEDS)
group.service("put-together-with-a-result", {WORK: PRICE, "ask.py": ASKED.replace('{port}/"', '{port}/openapi.json"'), "shop.py": SHOP, MAIN: TOGETHER.replace("import shop", "import shop\nimport work").replace("shop.router)", "shop.router, tags=[work.label(4)])")}, *EDITS, requires=NEEDS)

# -- a server that is a program ------------------------------------------------------------------------------------------
LOCAL = """
import http.client
import socket
import threading
import time


class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("web.sock")


def ask():
    tick = 0
    while True:
        time.sleep(0.05)
        tick += 1
        client = Local("localhost")
        try:
            client.request("GET", "/")
        except OSError:
            continue
        print(f"{tick}\\t{client.getresponse().read().decode()}", flush=True)
        client.close()


def begin():
    threading.Thread(target=ask, daemon=True).start()
"""
ASKS = LIFE.replace("app.state.label = work.label(4)", "ask.begin()")
BY_COMMAND = {
    "nothing-of-it": ("app", ASKS + "app = FastAPI(lifespan=life)\n\n\n" + view()),
    "a-result": ("app", ASKS.replace("ask.begin()", "ask.begin()\n    app.state.label = work.label(4)") + "app = FastAPI(lifespan=life)\n\n\n" + STATE),
    "what-makes-it": ("make", ASKS + "def make():\n    app = FastAPI(lifespan=life)\n    app.state.label = work.label(4)\n    app.include_router(part)\n    return app\n\n\npart = APIRouter()\n\n\n" + STATE.replace("@app", "@part")),
}
for name, (served, views) in BY_COMMAND.items():
    options = ("--factory",) if served == "make" else ()
    command = ("python", "-m", "uvicorn", f"main:{served}", "--uds", "web.sock", "--log-level", "error", *options)
    files = {WORK: PRICE, "ask.py": LOCAL, MAIN: HEAD + "\n\n" + views}
    group.cases.append(case(group.name, f"a-command-begins-with-{name}", SERVICE, files, *EDITS, command=command, requires=NEEDS))

CASES = group.cases
