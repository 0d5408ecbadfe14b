"""Services of web frameworks, asked by a thread of the same program: functions are registered, and called for requests.

In most of them something else than a request has had the answer computed, or has kept it.
"""

from hrsup.bench.cases.servers import ASK, EDITS, PRICE
from hrsup.bench.cases.unforeseen import MAIN, WORK
from hrsup.bench.vocabulary import Group, sub

group = Group("flask")
IMPORTS = """
import functools
import logging
import socket

import flask
import flask.cli
from flask import Blueprint, Flask, Response, abort, g, jsonify, render_template_string, request, url_for

import ask
import work
"""
BASE = """
logging.getLogger("werkzeug").setLevel(logging.ERROR)
flask.cli.show_server_banner = lambda *args: None
KEPT = []
app = Flask(__name__)


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


{views}

if __name__ == "__main__":
    {before}
    port = free()
    ask.begin(port)
    app.run(host="127.0.0.1", port=port)
"""
ASKED = ASK.replace("        with urlopen", "        try:\n            answer = urlopen").replace(
    '/") as answer:\n',
    '/")\n        except OSError:\n            time.sleep(0.01)\n            continue\n        with answer:\n',
)
VIEW = '@app.route("/")\ndef index():\n    return {answer}\n'


def service(name: str, views: str, before: str = "pass", answer: str = "", imports: str = IMPORTS) -> None:
    """A service with these views, that does something `before` it serves; or with one that gives this answer."""
    text = imports + BASE.replace("{views}", views + (VIEW.replace("{answer}", answer) if answer else "")).replace(
        "{before}", before
    )
    group.service(name, {WORK: PRICE, "ask.py": ASKED, MAIN: text}, *EDITS, requires=("flask",))


LABEL = "work.label(4)"
service("one-view", "", answer=LABEL)
service("answers-in-json", "", answer="jsonify(label=work.label(4))")
service(
    "aborts",
    '@app.errorhandler(404)\ndef missing(error):\n    return work.label(5)\n\n\n@app.route("/")\ndef index():\n    if work.price(2) > 3:\n        abort(404)\n    return work.label(4)\n',
)
service(
    "a-function-before-each-request",
    "@app.before_request\ndef set_label():\n    g.label = work.label(3)\n\n\n",
    answer="g.label",
)
service(
    "headers-after-each-request",
    '@app.after_request\ndef mark(response):\n    response.headers["X-Label"] = work.label(3)\n    return response\n\n\n',
    answer=LABEL,
)
service(
    "headers-of-a-response-that-is-kept",
    'CACHED = Response("x")\n\n\n@app.after_request\ndef mark(response):\n    if "X-Label" not in response.headers:\n        response.headers["X-Label"] = work.label(3)\n    response.set_data(response.headers["X-Label"])\n    return response\n\n\n',
    answer="CACHED",
)
service(
    "headers-of-each-request-that-are-kept",
    '@app.after_request\ndef mark(response):\n    response.headers["X-Label"] = work.label(3)\n    KEPT.append(response)\n    response.set_data(KEPT[0].headers["X-Label"])\n    return response\n\n\n',
    answer=LABEL,
)
service(
    "an-answer-is-kept-after-each-request",
    "@app.after_request\ndef keep(response):\n    if not KEPT:\n        KEPT.append(response.get_data())\n    response.set_data(KEPT[0])\n    return response\n\n\n",
    answer=LABEL,
)
service(
    "an-error-is-kept",
    '@app.errorhandler(KeyError)\ndef missing(error):\n    if not KEPT:\n        KEPT.append(str(error))\n    return KEPT[0]\n\n\n@app.route("/")\ndef index():\n    raise KeyError(work.label(5))\n',
)
service(
    "a-view-keeps-the-first",
    '@app.route("/")\ndef index():\n    if not KEPT:\n        KEPT.append(work.label(4))\n    return KEPT[0]\n',
)
service(
    "a-view-keeps-in-the-configuration",
    '@app.route("/")\ndef index():\n    return app.config.setdefault("LABEL", work.label(4))\n',
)
service("a-view-is-called-before", "", "KEPT.append(index())", "f'{work.label(4)} {KEPT}' if KEPT else work.label(4)")
service(
    "a-client-asks-before", "", 'KEPT.append(app.test_client().get("/").text)', "KEPT[0] if KEPT else work.label(4)"
)
service(
    "a-client-of-the-library-asks-before",
    "",
    'from werkzeug.test import Client\n    KEPT.append(Client(app).get("/").text)',
    "KEPT[0] if KEPT else work.label(4)",
)
service(
    "the-application-is-called-before",
    'def call(environ):\n    return b"".join(app(environ, lambda *args: None)).decode()\n\n\n',
    "from wsgiref.util import setup_testing_defaults\n    environ = {}\n    setup_testing_defaults(environ)\n    KEPT.append(call(environ))",
    "KEPT[0] if KEPT else work.label(4)",
)
service(
    "a-view-is-looked-up-before", "", 'KEPT.append(app.view_functions["index"]())', "KEPT[0] if KEPT else work.label(4)"
)
service(
    "a-view-is-dispatched-before",
    "",
    'with app.test_request_context("/"):\n        KEPT.append(app.dispatch_request())',
    "KEPT[0] if KEPT else work.label(4)",
)
service(
    "a-view-is-wrapped-in-a-memo",
    'def kept(function):\n    @functools.wraps(function)\n    def wrapper():\n        if not KEPT:\n            KEPT.append(function())\n        return KEPT[0]\n\n    return wrapper\n\n\n@app.route("/")\n@kept\ndef index():\n    return work.label(4)\n',
)
service(
    "a-view-is-made-over-a-memo",
    'def kept(function):\n    @functools.wraps(function)\n    def wrapper():\n        if not KEPT:\n            KEPT.append(function())\n        return KEPT[0]\n\n    return wrapper\n\n\n@kept\n@app.route("/x")\ndef index():\n    return work.label(4)\n\n\napp.add_url_rule("/", "other", index)\n',
)
service(
    "a-filter-of-a-template",
    "@app.template_filter()\ndef label(number):\n    return work.label(number)\n\n\n",
    answer='render_template_string("{{ 4|label }}")',
)
service("a-value-of-a-template", "", answer='render_template_string("{{ label }}", label=work.label(4))')
service(
    "set-up-with-a-blueprint",
    'bp = Blueprint("bp", __name__)\n\n\n@bp.record_once\ndef set_up(state):\n    KEPT.append(work.label(4))\n\n\n@bp.route("/")\ndef index():\n    return KEPT[0]\n\n\napp.register_blueprint(bp)\n',
)
service(
    "a-context-that-ends-before",
    "@app.teardown_appcontext\ndef end(error):\n    KEPT.append(work.label(4)) if not KEPT else None\n\n\n",
    "with app.app_context():\n        pass",
    "KEPT[0]",
)
service(
    "a-context-that-ends-before-beside-a-view",
    '@app.teardown_appcontext\ndef end(error):\n    KEPT.append(shown()) if not KEPT else None\n\n\n@app.route("/shown")\ndef shown():\n    return work.label(4)\n\n\n',
    "with app.app_context():\n        pass",
    "KEPT[0]",
)
service(
    "links-before",
    '@app.url_defaults\ndef add(endpoint, values):\n    values["label"] = work.label(4)\n\n\n',
    'app.config["SERVER_NAME"] = "localhost"\n    with app.app_context():\n        KEPT.append(url_for("index"))\n    app.config["SERVER_NAME"] = None',
    "KEPT[0]",
)
service("set-up-with-a-result", "", 'app.config["LABEL"] = work.label(4)', 'app.config["LABEL"]')
OWN = "class Own:\n    def route(self, path):\n        return lambda function: (KEPT.append(function()), function)[1]\n\n\n"
service(
    "an-object-of-the-programs-goes-by-that-name-first",
    OWN
    + 'flask_app = app\napp = Own()\n\n\n@app.route("/")\ndef first():\n    return work.label(4)\n\n\napp = flask_app\n\n\n',
    answer="KEPT[0]",
)
service(
    "an-object-of-the-programs-goes-by-that-name-in-a-class",
    OWN + 'class Pages:\n    app = Own()\n\n    @app.route("/")\n    def first():\n        return work.label(4)\n\n\n',
    answer="KEPT[0]",
)
service(
    "an-object-of-the-programs-goes-by-that-name-in-a-function",
    OWN
    + 'def pages():\n    app = Own()\n\n    @app.route("/")\n    def first():\n        return work.label(4)\n\n\npages()\n\n\n',
    answer="KEPT[0]",
)
service(
    "the-framework-was-given-another-method",
    "def route(self, path):\n    return lambda function: (KEPT.append(function()), self.add_url_rule(path, view_func=function), function)[2]\n\n\nFlask.route = route\n\n\n",
    answer="KEPT[0] if KEPT else work.label(4)",
)
SHOP = """
from flask import Blueprint

import work

bp = Blueprint("shop", __name__)


@bp.route("/")
def index():
    return work.label(4)


@bp.after_request
def mark(response):
    response.headers["X-Price"] = str(work.price(1))
    return response
"""
FACTORY = (
    "import logging\nimport socket\n\nimport flask.cli\nfrom flask import Flask\n\nimport ask\nfrom shop import bp as shop_bp\n"
    + BASE.replace(
        "app = Flask(__name__)\n",
        "\n\ndef create_app():\n    app = Flask(__name__)\n    app.register_blueprint(shop_bp)\n    return app\n",
    )
    .replace("{views}", "")
    .replace("{before}", "app = create_app()")
)
group.service(
    "made-by-a-function",
    {WORK: PRICE, "ask.py": ASKED, "shop.py": SHOP, MAIN: FACTORY},
    *EDITS,
    sub("shop.py", "return work.label(4)", "return work.label(5)"),
    sub("shop.py", "work.price(1)", "work.price(2)"),
    requires=("flask",),
)

CASES = group.cases
