"""Web frameworks that are called by a server, FastAPI and what it is made of: what is known of their objects.

Runs in the user's process. `@app.get("/")` gives the function back, which is kept as the object that it is, and called
for requests alone; what it gives is sent out. What the function takes, how it is annotated and whether it is to be
awaited has been looked at then (``functions``). A request is answered in steps, by the functions that it depends
on first: so none may be under way when they change (``check_answering``).
"""

from __future__ import annotations

import ast
import gc
import os
import re
import sys
from itertools import compress

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.identifiers import arguments_of, bare_names, is_reference, last_name
from hrsup_strategies.reload.import_time import annotation_names, value_names
from hrsup_strategies.reload.known import words
from hrsup_strategies.reload.served import Served
from hrsup_strategies.reload.strands import Moving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.work import Work

PACKAGE = "fastapi"
PACKAGES = frozenset((PACKAGE, "starlette", "uvicorn"))
_VERBS = words("get post put delete patch head options trace api_route websocket")
REGISTERING = {
    ("fastapi.applications", "FastAPI"): _VERBS | words("exception_handler"),
    ("fastapi.routing", "APIRouter"): _VERBS,
}
_COMPOSING = words("include_router mount add_middleware")
_GIVEN = words("Depends Security")  # what these are given is called for requests
_KINDS = (("starlette.applications", "Starlette"), ("fastapi.applications", "FastAPI"), ("starlette.routing", "Router"))
_COROUTINE = 0x80  # code flag
_HANDLING = words("exception_handler")
_IDENTIFIERS = re.compile(r"[^\W\d]\w*")
_SERVERS = words("uvicorn.__main__ fastapi.__main__")
_SCOPED = words("http websocket")
# Whoever spells one of these may have a request answered, look at functions, or come between a request and its answer.
_OTHERWISE = re.compile(
    rb"TestClient|ASGI|asgi|httpx|call_next|\b_?scope\b|\b_?receive\b|query_string|\.routes\b|\bdependant\b|\.endpoint\b"
    rb"|route_class|route_handler|APIRoute\b|WSGI|wsgi|Jinja|jinja|templat|solve_dependencies|run_endpoint_function"
    rb"|get_dependant|get_request_handler|unique_id|openapi\b|middleware_stack|add_api|add_route|add_websocket"
    rb"|dependency_overrides|loaded_app|lifespan_context|app\.router\b|\bfactory\b"
    rb"|(?<!CORS)(?<!GZip)(?<!TrustedHost)(?<!HTTPSRedirect)Middleware|(?<!add_)(?<!\.)middleware"
    rb"|\.middleware(?!\.(?:cors|gzip|trustedhost|httpsredirect)\b)"
    rb"|add_middleware\(\s*(?!(?:CORS|GZip|TrustedHost|HTTPSRedirect)Middleware\b)"
)
_ALLOWED = words("CORSMiddleware GZipMiddleware TrustedHostMiddleware HTTPSRedirectMiddleware Depends Security")


def is_used(closure: Closure) -> bool:
    """Does the program import the framework?"""
    return PACKAGE in closure.imports() and PACKAGE in sys.modules


def is_known(closure: Closure) -> bool:
    """Does the program use the framework as it is meant to be used, and nothing else of it?"""
    if closure.asgi is None:
        closure.asgi = False  # while it is found out
        closure.asgi = is_used(closure) and not closure.has_match(_OTHERWISE) and _are_only_served(closure)
    return closure.asgi


def _are_only_served(closure: Closure) -> bool:
    own = any(closure.is_rebound(name) or closure.units_of(name) or closure.class_of(name) for name in sorted(_ALLOWED))
    return not own and Served(closure).are_only_served


def composes(closure: Closure, flow: Flow, store: Store) -> bool:
    """Is what is done there that objects of the framework are put together, with nothing that was computed?"""
    name = store.key[2:]
    if store.kind != "effect" or name not in _COMPOSING or flow.unit is None or not is_known(closure):
        return False
    found = [item for item in ast.walk(flow.unit.node) if isinstance(item, ast.Call) and item.lineno == flow.line]
    calls = [item for item in found if last_name(item.func) == name]
    plain = [is_reference(item.args[0]) for item in calls if isinstance(item.func, ast.Attribute) and item.args]
    rest = [part for item in calls for part in arguments_of(item)[1:]]
    return len(plain) == len(calls) > 0 and all(plain) and all(isinstance(part, ast.Constant) for part in rest)


def only_composed(closure: Closure, module: ModuleNames, node: ast.AST) -> set[str]:
    """The names of what a statement only puts together (``app.include_router(users.router)``)."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not is_reference(call.func.value):
        return set()
    if call.func.attr not in _COMPOSING or not is_known(closure) or closure.units_of(call.func.attr):
        return set()
    parts = [call.func, *(item for item in call.args[:1] if is_reference(item))]
    own = {id(part) for item in parts for part in ast.walk(item)}
    others = [part for part in ast.walk(node) if isinstance(part, (ast.Name, ast.Attribute)) and id(part) not in own]
    return {name for item in parts for name in bare_names(item)} - {last_name(item) for item in others}


def only_depended(closure: Closure, module: ModuleNames, node: ast.AST) -> set[str]:
    """The names of what a statement only gives to be called for requests (``Depends(current)``)."""
    found = _outside(node) if is_used(closure) else ()
    calls = [item for item in found if isinstance(item, ast.Call) and last_name(item.func) in _GIVEN]
    if not calls or not is_known(closure):
        return set()
    given: list[ast.AST] = []
    for call in calls:
        origin = module.origins.get(ast.unparse(call.func), "")
        if origin.partition(".")[0] == PACKAGE:
            given += [part for item in arguments_of(call)[:1] if is_reference(item) for part in ast.walk(item)]
    parts = [item for item in _outside(node) if isinstance(item, (ast.Name, ast.Attribute))]
    others = {last_name(item) for item in parts if not any(item is one for one in given)}
    return {name for item in parts for name in [last_name(item)] if name} - others


def feed(closure: Closure) -> None:
    """What a function depends on, as a default or an annotation says, comes to it as an argument where no call is
    spelled; so does the error that one handles."""
    for unit in closure.units if closure.tainted and is_used(closure) else ():
        if unit.params <= closure.data:
            continue
        named = closure.depended.get(id(unit.node))
        if named is None:
            named = closure.depended[id(unit.node)] = _named_outside(unit.node)
        if not named.isdisjoint(closure.tainted) or not _HANDLING.isdisjoint(unit.decorators):
            closure.reach_unit(unit)
            closure.tainted |= unit.params
            closure.data |= unit.params


def _named_outside(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    found = bare_names(node.args)
    for item in ast.walk(node.args):
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            found |= set(_IDENTIFIERS.findall(item.value))
    return found


def check_annotations(work: Work) -> None:
    """Refuse (HR120) if what changed is used by an annotation or a default: the framework has read what came of it, of
    whichever functions it was given, and evaluated what the definition has not."""
    closure = work.closure
    for module in closure.modules if is_used(closure) else ():
        for unit in module.units:
            given = only_depended(closure, module, unit.node)
            for node, says in _read(unit.node):
                uses: set[str] = set()
                holds: set[str] = set()
                says(node, uses, holds)
                names = ((uses & closure.tainted) | ((uses | holds) & closure.values)) - given
                if names:
                    text = f"{closure.in_words(names)}, which the signature of `{unit.name}` uses, changed"
                    raise Refusal("HR120", text, module.path, unit.node.lineno)


def _read(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.expr, Callable[..., None]]]:
    """The defaults and annotations, with what sorts the names of each."""
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if default is not None:
            yield default, value_names
    for found in [*(one.annotation for one in every if one is not None), node.returns]:
        if found is not None:
            yield found, annotation_names
        for item in ast.walk(found) if found is not None else ():
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                try:
                    yield ast.parse(item.value, mode="eval").body, annotation_names
                except SyntaxError:
                    continue  # it is what something is called, or described by


def _outside(node: ast.AST) -> Iterator[ast.AST]:
    """What of a statement is executed when the module is imported: of a function, all but its body."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for part in (node.args, *node.decorator_list, *([node.returns] if node.returns else ())):
            yield from ast.walk(part)
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)):
        yield from ast.walk(node)


# -- what runs before requests do, and while they are answered ---------------------------------------------------------


def is_served(work: Work) -> bool:
    """Was a server started as a program, which calls what is the user's for requests alone, but for what it begins
    with?"""
    name = getattr(getattr(sys.modules.get("__main__"), "__spec__", None), "name", None)
    return name in _SERVERS and is_known(work.closure)


def begun_with(work: Work) -> set[str]:
    """The names of what a server may have called before it came to its loop, where nothing is spelled: the objects that
    are called, which begin and end with the server, and whatever its command may name."""
    if not is_used(work.closure):
        return set()
    kinds = _kinds()
    found = {
        name for module in work.modules.values() for name, value in vars(module).items() if isinstance(value, kinds)
    }
    said = [*sys.argv[1:], *(value for key, value in os.environ.items() if key.startswith(("UVICORN", "FASTAPI")))]
    return found.union(*(_IDENTIFIERS.findall(text) for text in said))


def check_answering() -> None:
    """Raise Moving (HR123) while a request is being answered."""
    codes = frozenset(map(_code, _kinds()))
    everything = gc.get_objects() if codes else []
    coroutines = frozenset((_coroutine_type(),))
    for item in compress(everything, map(coroutines.__contains__, map(type, everything))):
        frame = item.cr_frame if item.cr_code in codes else None
        scope = frame.f_locals.get("scope") if frame is not None else None
        if frame is not None and not (isinstance(scope, dict) and scope.get("type") not in _SCOPED):
            raise Moving("HR123", "a request is being answered")


def forget_places() -> None:
    """Have the framework look once more where functions begin, which it says with an error."""
    known = getattr(sys.modules.get("fastapi.routing"), "_endpoint_context_cache", None)
    if type(known) is dict:
        known.clear()


def _kinds() -> tuple[type, ...]:
    """The classes of what a server calls, or what it calls goes on to."""
    found = [getattr(sys.modules.get(module), name, None) for module, name in _KINDS]
    return tuple(kind for kind in found if isinstance(kind, type))


def _code(kind: type) -> CodeType:
    code: CodeType | None = getattr(vars(kind).get("__call__"), "__code__", None)
    if code is None or code.co_name != "__call__" or not code.co_flags & _COROUTINE:
        raise Refusal("HR123", f"requests to `{kind.__name__}` are answered in another way than its own")
    return code


def _coroutine_type() -> type:
    async def coroutine() -> None: ...

    one = coroutine()
    one.close()
    return type(one)
