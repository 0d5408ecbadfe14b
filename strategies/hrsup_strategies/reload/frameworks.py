"""A web framework that is known, Flask: it keeps the functions that are registered, and calls these for requests alone.

Runs in the user's process. `@app.route("/")` gives the function back, and puts it into a table in which it is looked up
for each request; what it gives is sent out. So to register is not to call, and a function that changed in place is what
the table has. That holds as long as the program itself does not have requests answered (`test_client`, `wsgi_app`),
does not look into these tables, and gives no functions to templates, which compute with constants once and for all.
"""

from __future__ import annotations

import ast
import gc
import sys

from hrsup_strategies.reload import asgi
from hrsup_strategies.reload.descent import derived
from hrsup_strategies.reload.identifiers import called, last_name, positional
from hrsup_strategies.reload.known import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Flow, Store
    from hrsup_strategies.reload.names import ModuleNames

_VERBS = words("route get post put delete patch head")
_HOOKS = words("errorhandler before_request after_request teardown_request endpoint")
_OF_ALL = words("before_app_request after_app_request teardown_app_request app_errorhandler")
# Of the objects of these classes, the methods that register what they decorate.
_REGISTERING = {
    ("flask.app", "Flask"): _VERBS | _HOOKS,
    ("flask.blueprints", "Blueprint"): _VERBS | _HOOKS | _OF_ALL,
    **asgi.REGISTERING,
}
_AFTER = words("after_request after_app_request")
# Whoever spells one of these may have a request answered, or have the framework, or a template, keep a result.
_OTHERWISE = tuple(
    word.encode()
    for word in sorted(
        words("test_client test_cli_runner request_context dispatch_request preprocess_request process_response")
        | words("finalize_request make_default_options_response handle_exception handle_user_exception url_map")
        | words("handle_http_exception view_functions before_request_funcs after_request_funcs teardown_request_funcs")
        | words("error_handler_spec deferred_functions ensure_sync async_to_sync template_filter template_test")
        | words("template_global jinja TestClient werkzeug.test EnvironBuilder as_view view_class")
        | words("wsgi start_response REQUEST_METHOD")
    )
)
FLASK = "flask"
PACKAGES = (FLASK, asgi.PACKAGE)


def registers(closure: Closure, decorator: ast.expr, of: object) -> bool:
    """Does this decorator, a method of the object `of`, only register a function with the framework?"""
    target = called(decorator)
    kind = (type(of).__module__, type(of).__qualname__)
    if not isinstance(target, ast.Attribute) or target.attr not in _REGISTERING.get(kind, ()):
        return False
    is_plain = asgi.is_known if kind in asgi.REGISTERING else is_known
    known_to = is_plain(closure) and not closure.is_rebound(target.attr)
    return known_to and type(of) is getattr(sys.modules.get(kind[0]), kind[1], None) and target.attr not in vars(of)


def is_of_response(closure: Closure, flow: Flow, store: Store) -> bool:
    """Is what the flow changes the response to one request, in a function that is called for each (`after_request`)?"""
    unit, keepers = flow.unit, closure.keepers
    decorators = unit.node.decorator_list if unit is not None and unit.owner is None else []
    if unit is None or keepers is None or not decorators or flow.deferred:
        return False
    after = all(last_name(item) in _AFTER and keepers.is_framework(unit.path, item) for item in decorators)
    first = positional(unit.node.args)[:1]
    names = [item for item in ast.walk(unit.node) if isinstance(item, ast.Name) and item.id in first]
    bound = any(not isinstance(item.ctx, ast.Load) for item in names)
    stored = [item for item in ast.walk(unit.node) if isinstance(item, ast.Assign) and item.lineno == flow.line]
    targets = [target for item in stored for target in item.targets]
    return after and not bound and bool(targets) and all(_is_in(target, first, store.key) for target in targets)


def _is_in(target: ast.expr, names: list[str], attribute: str) -> bool:
    """Is it an item of this attribute of an object that goes by one of the names (``response.headers["X"]``)?"""
    place = target.value if isinstance(target, ast.Subscript) else target
    if not isinstance(place, ast.Attribute) or place.attr != attribute:
        return False
    return isinstance(place.value, ast.Name) and place.value.id in names


def ends_request(closure: Closure, module: ModuleNames, store: Store) -> bool:
    """Is this the call of the framework's function that raises what becomes the response?"""
    name = store.key[2:]
    return store.kind == "effect" and name == "abort" and module.origins.get(name) == FLASK and is_known(closure)


def has_responses() -> bool:
    """Is there a response under way, or one that somebody keeps?"""
    kind = getattr(sys.modules.get("werkzeug.sansio.response"), "Response", None)
    if kind is None:
        return True
    kinds = frozenset(derived([kind]))
    return any(map(kinds.__contains__, map(type, gc.get_objects())))


def known(closure: Closure) -> frozenset[str]:
    """The packages of which enough is known: they keep nothing of what they are given for a response."""
    found = frozenset((FLASK,)) if FLASK in closure.imports() and is_known(closure) else frozenset[str]()
    return found | (asgi.PACKAGES if asgi.is_known(closure) else frozenset())


def is_known(closure: Closure) -> bool:
    """Does the program use the framework as it is meant to be used, and nothing else of it?"""
    return not closure.has_any(_OTHERWISE)
