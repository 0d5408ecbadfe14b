"""Objects of third parties that were given what changed, and have called it where nothing is spelled."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

given = Group("given")
PAGE, NEEDS = "pages/a.txt", ("jinja2",)
HEAD = "import jinja2\n\nimport work\n\nENV = jinja2.Environment(loader=jinja2.FileSystemLoader('pages'))\n"
SHOWN = "\n\ndef show():\n    return ENV.get_template('a.txt').render(x='x')\n"
LOUD = "def loud(text):\n    return text.upper()\n"
UTIL = "class Util:\n    def loud(self, text):\n        return text.upper()\n"
FOLDED, SET = "{{ 'abc'|loud }} {{ x }}\n", "{% set kept = util.loud('abc') %}\n"
TITLE = sub(WORK, "text.upper()", "text.title()")
# A template's filter is called while the template is made, with what is a constant there.
for name, place in {
    "a-table-of-its-own": "ENV.filters['loud'] = work.loud\n",
    "an-alias-of-the-table": "TABLE = ENV.filters\nTABLE['loud'] = work.loud\n",
    "by-a-lambda": "ENV.filters['loud'] = lambda text: work.loud(text)\n",
    "by-a-function": "def shout(text):\n    return work.loud(text)\n\n\nENV.filters['loud'] = shout\n",
    "by-update": "ENV.filters.update(loud=work.loud)\n",
}.items():
    given.service(
        name,
        {PAGE: FOLDED, WORK: LOUD, BASE: HEAD + place + SHOWN, MAIN: loop("import base", "base.show()")},
        TITLE,
        requires=NEEDS,
    )
given.service(
    "an-attribute",
    {
        PAGE: "{{ 'abc' }} {{ x }}\n",
        WORK: LOUD,
        BASE: HEAD + "ENV.finalize = work.loud\n" + SHOWN,
        MAIN: loop("import base", "base.show()"),
    },
    TITLE,
    requires=NEEDS,
)
given.service(
    "before-the-loop",
    {
        PAGE: FOLDED,
        WORK: LOUD,
        BASE: HEAD + SHOWN,
        MAIN: loop("import base\nimport work", "base.show()", "base.ENV.filters['loud'] = work.loud"),
    },
    TITLE,
    requires=NEEDS,
)
given.service(
    "a-decorator-that-stores",
    {
        PAGE: FOLDED,
        BASE: HEAD.replace("import work\n\n", "")
        + "\n\ndef to_pages(function):\n    ENV.filters[function.__name__] = function\n    return function\n"
        + SHOWN,
        WORK: "from base import to_pages\n\n\n@to_pages\n" + LOUD,
        MAIN: loop("import base\nimport work", "base.show()"),
    },
    TITLE,
    requires=NEEDS,
)
# A method of an object is spelled in the template alone; so is a function of a module.
for name, place, text in (
    ("a-method-of-an-object", "ENV.globals['util'] = work.Util()\n", UTIL),
    ("a-method-of-an-object-in-a-table", "UTIL = work.Util()\nENV.globals |= {'util': UTIL}\n", UTIL),
    (
        "an-object-that-a-function-makes",
        "def make():\n    util = work.Util()\n    return util\n\n\nENV.globals['util'] = make()\n",
        UTIL,
    ),
    ("an-object-in-a-list", "ALL = []\nALL.append(work.Util())\nENV.globals['util'] = ALL[0]\n", UTIL),
    (
        "an-object-by-a-parameter",
        "def install(space, util):\n    space['util'] = util\n\n\ninstall(ENV.globals, work.Util())\n",
        UTIL,
    ),
    (
        "an-object-in-a-data-class",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Tools:\n    util: object\n\n\nTOOLS = Tools(work.Util())\nENV.globals['util'] = TOOLS.util\n",
        UTIL,
    ),
    ("an-object-in-a-named-tuple", "from collections import namedtuple\n\nTools = namedtuple('Tools', 'util other')\nTOOLS = Tools(work.Util(), 1)\nENV.globals['util'] = TOOLS.util\n", UTIL),
    ("an-object-by-a-keyword", "from types import SimpleNamespace\n\nTOOLS = SimpleNamespace(util=work.Util())\nENV.globals['util'] = TOOLS.util\n", UTIL),
    ("an-object-by-a-match", "match work.Util():\n    case found:\n        ENV.globals['util'] = found\n", UTIL),
    ("an-object-by-a-comprehension", "[env.globals.update(util=found) for env in [ENV] for found in [work.Util()]]\n", UTIL),
    ("an-object-by-a-lambda", "put = lambda space, found: space.update(util=found)\nput(ENV.globals, work.Util())\n", UTIL),
    ("of-a-base-class", "class Mine(work.Util):\n    pass\n\n\nENV.globals['util'] = Mine()\n", UTIL),
    ("a-module", "ENV.globals['util'] = work\n", LOUD),
):
    files = {
        PAGE: SET,
        WORK: text,
        BASE: HEAD + place + "\n\ndef show():\n    return ENV.get_template('a.txt').module.kept\n",
        MAIN: loop("import base", "base.show()"),
    }
    given.service(name, files, TITLE, sub(WORK, "text.title()", "text"), requires=NEEDS)
SCALER = "class Scaler:\n    def fit(self, x, y=None):\n        return self\n\n    def transform(self, x):\n        return x * 2\n"
STEPS = "import numpy\nfrom sklearn.linear_model import LinearRegression\nfrom sklearn.pipeline import make_pipeline\n\nimport work\n\nX = numpy.arange(6.0).reshape(-1, 1)\nSTEPS = make_pipeline(work.Scaler(), LinearRegression())\n{}\n\ndef show():\n    {}\n    return round(float(STEPS[-1].coef_[0]), 3)\n"
given.service(
    "a-step-fitted-at-import",
    {
        WORK: SCALER,
        BASE: STEPS.format("STEPS.fit(X, X[:, 0] ** 2)\n", "pass"),
        MAIN: loop("import base", "base.show()"),
    },
    sub(WORK, "x * 2", "x ** 2"),
    requires=("sklearn",),
)
given.service(
    "a-step-fitted-once",
    {
        WORK: SCALER,
        BASE: STEPS.format("", "if not hasattr(STEPS[-1], 'coef_'):\n        STEPS.fit(X, X[:, 0] ** 2)"),
        MAIN: loop("import base", "base.show()"),
    },
    sub(WORK, "x * 2", "x ** 2"),
    requires=("sklearn",),
)
# What is given no object of a third party's, only what is made of it, is brought in at once.
given.service(
    "only-results-of-a-method",
    {
        PAGE: "{{ x }}\n",
        WORK: "class Shop:\n    def price(self, n):\n        return n * 2\n",
        BASE: "import jinja2\n\nTEXT = jinja2.Environment().from_string('a')\n",
        MAIN: loop("import base\nfrom work import Shop", "[base.TEXT.render(), shop.price(3)]", "shop = Shop()"),
    },
    sub(WORK, "n * 2", "n * 3"),
    requires=NEEDS,
)

CASES = given.cases
