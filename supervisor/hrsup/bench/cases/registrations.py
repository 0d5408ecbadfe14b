"""What is registered while modules are imported, by decorators, calls and items, comes, goes and moves; and programs that
keep something of what was registered."""

from hrsup.bench.cases.programs import shown_by_main
from hrsup.bench.cases.unforeseen import loop
from hrsup.bench.vocabulary import Group, edit, sub

group = Group("registrations")

REGISTRY = """
HANDLERS = {}


def handles(kind):
    def register(function):
        HANDLERS[kind] = function
        return function

    return register
"""
WORK = """
from registry import handles


@handles("tea")
def tea(order):
    return f"steep {order}"


@handles("cup")
def cup(order):
    return f"wash {order}"
"""
SHOWN = "[(kind, HANDLERS[kind](3)) for kind in HANDLERS]"


def program(
    shown: str = SHOWN,
    before: str = "",
    inside: str = "",
    work: str = WORK,
    registry: str = REGISTRY,
    imports: str = "from registry import HANDLERS",
    **more: str,
) -> dict[str, str]:
    """See `shown_by_main`."""
    return {"registry.py": registry, "work.py": work, **shown_by_main(shown, before, inside, imports, **more)}


ADDED = sub(
    "work.py", '@handles("cup")', '@handles("pot")\ndef pot(order):\n    return f"scour {order}"\n\n\n@handles("cup")'
)
GONE = sub("work.py", '@handles("tea")\ndef tea(order):\n    return f"steep {order}"\n', "")
RENAMED = sub("work.py", '@handles("cup")', '@handles("mug")')

group.service("come-go-and-are-renamed", program(), ADDED, RENAMED, GONE)
group.service(
    "a-key-and-a-body-at-once",
    program(),
    sub(
        "work.py",
        '@handles("cup")\ndef cup(order):\n    return f"wash',
        '@handles("mug")\ndef cup(order):\n    return f"rinse',
    ),
)
group.service(
    "no-key-twice",
    program(
        registry=REGISTRY.replace(
            "        HANDLERS", "        if kind in HANDLERS:\n            raise ValueError(kind)\n        HANDLERS"
        )
    ),
    ADDED,
    RENAMED,
    GONE,
    sub("work.py", '@handles("mug")', '@handles("pot")'),
)
group.service("the-registrar-changes", program(), sub("registry.py", "HANDLERS[kind] =", "HANDLERS[kind.upper()] ="))
group.service(
    "of-two-modules",
    program(
        more='from registry import handles\n\n\n@handles("tray")\ndef tray(order):\n    return order\n',
        imports="import more\nfrom registry import HANDLERS",
    ),
    ADDED,
    sub("more.py", '"tray"', '"box"'),
)
group.service(
    "many-under-one-key",
    program(
        "[(kind, [function(3) for function in HANDLERS[kind]]) for kind in HANDLERS]",
        registry=REGISTRY.replace("HANDLERS[kind] = function", "HANDLERS.setdefault(kind, []).append(function)"),
    ),
    RENAMED,
    sub("work.py", '@handles("mug")', '@handles("tea")'),
)
group.service(
    "classes",
    program(
        "[made().name() for made in PLUGINS]",
        registry="PLUGINS = []\n\n\ndef plugin(cls):\n    PLUGINS.append(cls)\n    return cls\n",
        work="from registry import plugin\n\n\n@plugin\nclass Tea:\n    def name(self):\n        return 'tea'\n",
        imports="from registry import PLUGINS",
    ),
    sub(
        "work.py",
        "@plugin\nclass Tea",
        "@plugin\nclass Pot:\n    def name(self):\n        return 'pot'\n\n\n@plugin\nclass Tea",
    ),
)
LISTED = "from registry import STEPS\n\n\ndef boil(text):\n    return text + '!'\n\n\ndef pour(text):\n    return text * 2\n\n\nSTEPS.append(boil)\nSTEPS.append(pour)\n"
group.service(
    "steps-in-a-list",
    program(
        "[step('tea') for step in STEPS]", registry="STEPS = []\n", work=LISTED, imports="from registry import STEPS"
    ),
    sub("work.py", "STEPS.append(boil)\nSTEPS.append(pour)", "STEPS.append(pour)\nSTEPS.append(boil)"),
    sub("work.py", "STEPS.append(pour)\n", ""),
)
group.service(
    "by-a-call",
    program(
        registry="HANDLERS = {}\n\n\ndef register(kind, function):\n    HANDLERS[kind] = function\n",
        work="from registry import register\n\n\ndef tea(order):\n    return order\n\n\nregister('tea', tea)\n",
    ),
    sub("work.py", "register('tea', tea)", "register('tea', tea)\nregister('chai', tea)"),
)
# What was registered has been looked into, or filled by somebody else.
group.service(
    "copied-before-the-loop",
    program("[(kind, table[kind](3)) for kind in table]", before="    table = dict(HANDLERS)"),
    ADDED,
)
group.service(
    "copied-by-another-module",
    program(
        "SORTED",
        imports="from registry import HANDLERS\nfrom listing import SORTED",
        listing="from registry import HANDLERS\n\nSORTED = sorted(HANDLERS)\n",
    ),
    ADDED,
    GONE,
)
group.service(
    "counted-by-a-default",
    program(
        "count()",
        imports="from listing import count",
        listing="from registry import HANDLERS\n\n\ndef count(known=len(HANDLERS)):\n    return known\n",
    ),
    ADDED,
)
group.service(
    "results-are-kept",
    program(
        "known",
        before="    known = {}",
        inside="        for kind in HANDLERS:\n            if kind not in known:\n                known[kind] = HANDLERS[kind](3)",
    ),
    ADDED,
)
group.service(
    "one-handler-is-kept",
    program(
        "seller.sell()",
        before="    seller = Seller()",
        imports="from seller import Seller",
        seller="from registry import HANDLERS\n\n\nclass Seller:\n    handler = None\n\n    def sell(self):\n        if self.handler is None:\n            self.handler = HANDLERS['tea']\n        return self.handler(3)\n",
    ),
    edit(
        sub("work.py", '@handles("tea")', '@handles("pot")'),
        sub("work.py", '@handles("cup")', '@handles("tea")'),
    ),
)
group.service("filled-before-the-loop", program(before="    HANDLERS['tray'] = str"), ADDED)
group.service("filled-in-the-loop", program(inside="        HANDLERS.setdefault('tray', str)"), ADDED)
group.service(
    "filled-by-a-loop-of-a-module",
    program(work=WORK + "\n\nfrom registry import HANDLERS\n\nfor kind in ('a', 'b'):\n    HANDLERS[kind] = tea\n"),
    ADDED,
)
group.service(
    "what-is-registered-wraps",
    program(
        registry=REGISTRY.replace(
            "        HANDLERS[kind] = function\n        return function",
            "        def twice(order):\n            return function(order) * 2\n\n        HANDLERS[kind] = twice\n        return twice",
        )
    ),
    ADDED,
)
group.service(
    "a-name-that-means-another-container",
    program(
        "[keep(kind, HANDLERS[kind]) for kind in HANDLERS]",
        imports="from registry import HANDLERS\nfrom kept import keep",
        kept="HANDLERS = {}\n\n\ndef keep(kind, function):\n    if kind not in HANDLERS:\n        HANDLERS[kind] = function(3)\n    return HANDLERS[kind]\n",
    ),
    sub(
        "work.py",
        '@handles("cup")\ndef cup(order):\n    return f"wash',
        '@handles("mug")\ndef cup(order):\n    return f"rinse',
    ),
)

# A loop over an enumeration may call anybody, who registers as well; it is seen late that nobody does but decorators.
COLOURS = "from enum import Enum\n\n\nclass Colour(Enum):\n    RED = 1\n    BLUE = 2\n"
OF_COLOURS = "[(kind, HANDLERS[kind](one.value)) for kind in HANDLERS for one in Colour]"
WITH_COLOURS = "from colours import Colour\nfrom registry import HANDLERS"
group.service(
    "beside-an-enumeration",
    program(OF_COLOURS, imports=WITH_COLOURS, colours=COLOURS),
    sub("colours.py", "BLUE = 2", "BLUE = 3"),
    sub("work.py", "steep", "pour"),
)
group.service(
    "beside-an-enumeration-and-in-the-loop",
    program(
        OF_COLOURS.replace("one.value", "0"),
        inside="        'first' in HANDLERS or handles('first')([one.value for one in Colour].__getitem__)",
        imports=WITH_COLOURS.replace("HANDLERS", "HANDLERS, handles"),
        colours=COLOURS,
    ),
    sub("colours.py", "RED = 1", "RED = 3"),
)

# -- a decorator that registers, and that nobody uses ------------------------------------------------------------------
unused = Group("registers-nothing")
HUB = "HANDLERS = {}\n\n\ndef handles(name):\n    def add(function):\n        HANDLERS[name] = function\n        return function\n\n    return add\n\n\ndef marked(text):\n    def wrap(function):\n        return lambda *args: f'{text}{function(*args)}'\n\n    return wrap\n"
MARKED = "from hub import marked\n\n\n@marked('m')\ndef price(x):\n    return x + 1\n\n\ndef show():\n    return price(8), 'v1'\n"
HANDLED = "work.show(), sorted((name, handler()) for name, handler in HANDLERS.items())"
V = sub("work.py", "'v1'", "'v2'"), sub("work.py", "x + 1", "x + 2")
for name, first, work in (
    ("at-all", "pass", MARKED),
    ("but-is-called-in-the-loop", "HANDLERS.clear() or hub.handles('now')(work.show)", MARKED),
    (
        "but-is-called-in-the-loop-by-a-variable",
        "make = getattr(hub, 'handles')\nmake('now')(lambda found=work.show(): found)",
        MARKED,
    ),
    ("but-is-called-once", "if not HANDLERS:\n    hub.handles('once')(lambda found=work.show(): found)", MARKED),
    ("but-is-handed-on", "for one in [hub.handles]:\n    one('now')(lambda found=work.show(): found)", MARKED),
    (
        "but-is-called-by-what-changed",
        "pass",
        MARKED.replace("return price", "hub.handles('k')(str)\n    return price").replace(
            "from hub", "import hub\nfrom hub"
        ),
    ),
):
    loop_text = loop("import hub\nimport work\nfrom hub import HANDLERS", HANDLED, "pass", first)
    unused.service(name, {"hub.py": HUB, "work.py": work, "main.py": loop_text}, *V)

CASES = group.cases + unused.cases
