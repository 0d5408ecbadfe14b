"""Modules that register something, or read what is registered, while they are imported: they come, go, and are imported
in another order."""

from hrsup.bench.cases.registrations import REGISTRY, WORK
from hrsup.bench.cases.unforeseen import loop
from hrsup.bench.vocabulary import Change, Group, Saved, delete, edit, put, sub

group = Group("import-order")

MORE = 'from registry import handles\n\n\n@handles("tray")\ndef tray(order):\n    return f"stack {order}"\n'
SHOWN = "[(kind, HANDLERS[kind](3)) for kind in HANDLERS]"
VIEW = "def shown():\n    return 0\n"
BOTH = "import work\nimport more\nfrom registry import HANDLERS"
SWAPPED = "import more\nimport work\nfrom registry import HANDLERS"


def program(imports: str, shown: str = SHOWN, registry: str = REGISTRY, **more: str) -> dict[str, str]:
    """A service that shows what its modules have registered."""
    modules = {"registry": registry, "work": WORK, "more": MORE, **more}
    return {"main.py": loop(imports, shown), **{f"{name}.py": text for name, text in modules.items()}}


def imports(before: str, after: str) -> Change:
    """An edit of the script."""
    return sub("main.py", before, after)


group.service("two-swapped-and-back", program(BOTH), imports(BOTH, SWAPPED), imports(SWAPPED, BOTH))
group.service(
    "one-goes-and-comes",
    program(BOTH),
    imports("import more\n", ""),
    imports("import work\n", "import more\nimport work\n"),
    edit(imports("import more\n", ""), delete("more.py")),
    edit(put("more.py", MORE), imports("import work\n", "import work\nimport more\n")),
)
group.service(
    "imported-by-another-first",
    program(f"import via\n{BOTH}", via="import time\n"),
    sub("via.py", "import time", "import time\nimport more"),
    sub("via.py", "import more", ""),
)
NO_TWICE = REGISTRY.replace("        HANDLERS[", "        if kind in HANDLERS:\n            raise ValueError(kind)\n        HANDLERS[")
NEW = 'from registry import handles\n\n\n@handles("pot")\ndef pot(order):\n    return f"scour {order}"\n'
COMES = edit(put("new.py", NEW), imports("import work\n", "import new\nimport work\n"))
LAST = edit(put("new.py", NEW), imports("import more\n", "import more\nimport new\n"))
for name, registry in (("plain", REGISTRY), ("no-key-twice", NO_TWICE)):
    group.service(f"new-one-registers-{name}", program(BOTH, registry=registry), COMES, sub("new.py", '"pot"', '"can"'))
    group.service(f"new-one-registers-last-{name}", program(BOTH, registry=registry), LAST, edit(delete("new.py"), imports("import new\n", "")))
group.service(
    "new-one-registers-a-class",
    program(BOTH),
    edit(put("new.py", NEW.replace("def pot(order):\n    return f\"scour {order}\"", "class Pot:\n    def __init__(self, order):\n        self.order = order\n\n    def __repr__(self):\n        return f'pot {self.order}'")), imports("import more\n", "import more\nimport new\n")),
)
group.service(
    "new-one-registers-by-a-call",
    program(BOTH, registry=REGISTRY + "\n\ndef register(kind, function):\n    HANDLERS[kind] = function\n"),
    edit(put("new.py", "from registry import register\n\n\ndef pot(order):\n    return order\n\n\nregister('pot', pot)\n"), imports("import more\n", "import more\nimport new\n")),
    edit(put("late.py", "from registry import HANDLERS\n\n\ndef can(order):\n    return order\n\n\nHANDLERS['can'] = can\n"), imports("import more\n", "import late\nimport more\n")),
    edit(put("odd.py", NEW.replace('@handles("pot")\n', "") + '\n\nhandles("box")(pot)\n'), imports("import more\n", "import more\nimport odd\n")),
)
group.service(
    "new-one-takes-a-key",
    program(BOTH),
    edit(put("new.py", NEW.replace('"pot"', '"tea"')), imports("import more\n", "import more\nimport new\n")),
    edit(imports("import more\nimport new\n", "import more\n"), imports("import work\n", "import new\nimport work\n")),
)
group.service(
    "new-one-registers-and-wraps",
    program(BOTH, registry=REGISTRY.replace("return function", "return lambda order: function(order) + '!'")),
    edit(put("new.py", NEW.replace("f\"scour", "pot.__name__ + f\"scour")), imports("import more\n", "import more\nimport new\n")),
)
OWN = "HANDLERS = {}\n\n\ndef handles(kind):\n    def register(function):\n        HANDLERS[kind] = function\n        return function\n\n    return register\n\n\n@handles('pot')\ndef pot(order):\n    return order\n"
OWN_BUS = "class Bus:\n    def __init__(self):\n        self.handlers = {}\n\n    def on(self, kind):\n        def register(function):\n            self.handlers[kind] = function\n            return function\n\n        return register\n\n\nbus = Bus()\n"
ON_BUS = "@bus.on('pot')\ndef pot(order):\n    return order\n"
for name, text, shown in (
    ("registry", OWN, "sorted(new.HANDLERS)"),
    ("bus", f"{OWN_BUS}\n\n{ON_BUS}", "sorted(new.bus.handlers)"),
):
    group.service(
        f"new-one-with-its-own-{name}",
        program(f"{BOTH}\nimport view", f"view.shown(), {SHOWN}", view=VIEW),
        edit(put("new.py", text), sub("view.py", VIEW, "import new\n\n\n" + VIEW.replace("0", shown))),
        sub("new.py", "('pot')", "('can')"),
    )
group.service(
    "new-one-registers-with-an-object",
    {"bus.py": OWN_BUS, "work.py": f"from bus import bus\n\n\n{ON_BUS.replace('pot', 'tea')}", "main.py": loop("import work\nfrom bus import bus", "list(bus.handlers)")},
    edit(put("new.py", f"from bus import bus\n\n\n{ON_BUS}"), sub("main.py", "import work", "import new\nimport work")),
    sub("new.py", "('pot')", "('can')"),
)
group.service(
    "new-one-is-counted",
    program(BOTH + ", counted", f"counted(), {SHOWN}", registry="COUNT = 0\n" + REGISTRY.replace("        HANDLERS[", "        global COUNT\n        COUNT += 1\n        HANDLERS[") + "\n\ndef counted():\n    return COUNT\n"),
    LAST,
)
group.service(
    "what-was-registered-at-run-time-stays",
    {**program(BOTH), "main.py": loop(BOTH, SHOWN, before="HANDLERS['late'] = str")},
    LAST,
    imports("import more\n", ""),
)
group.service(
    "new-one-and-a-reader",
    program(f"{BOTH}\nimport listing", f"listing.SORTED, {SHOWN}", listing="from registry import HANDLERS\n\nSORTED = sorted(HANDLERS)\n"),
    LAST,
    imports("import work\n", ""),
)
group.service(
    "new-one-reads",
    program(f"{BOTH}\nimport view", f"view.shown(), {SHOWN}", view=VIEW),
    edit(put("new.py", NEW.replace("import handles", "import HANDLERS, handles") + "\n\nKNOWN = len(HANDLERS)\n"), sub("view.py", VIEW, "import new\n" + VIEW.replace("0", "new.KNOWN"))),
)
group.service(
    "new-one-with-a-class-that-reads",
    program(f"{BOTH}\nimport view", f"view.shown(), {SHOWN}", view=VIEW),
    edit(put("new.py", NEW.replace("import handles", "import HANDLERS, handles") + "\n\nclass Known:\n    count = len(HANDLERS)\n"), sub("view.py", VIEW, "import new\n" + VIEW.replace("0", "new.Known.count"))),
)
group.service(
    "new-one-with-a-default-that-reads",
    program(f"{BOTH}\nimport view", f"view.shown(), {SHOWN}", view=VIEW),
    edit(put("new.py", NEW.replace("import handles", "import HANDLERS, handles") + "\n\ndef known(count=len(HANDLERS)):\n    return count\n"), sub("view.py", VIEW, "import new\n" + VIEW.replace("0", "new.known()"))),
)

# Readers that are imported before what they read is filled, or after.
READERS = {
    "value": ("from registry import HANDLERS\n\nSEEN = sorted(HANDLERS)\n", "listing.SEEN"),
    "alias": ("from registry import HANDLERS as H\n\nSEEN = list(H)\n", "listing.SEEN"),
    "module": ("import registry\n\nSEEN = len(registry.HANDLERS)\n", "listing.SEEN"),
    "function": ("from registry import HANDLERS\n\n\ndef count():\n    return len(HANDLERS)\n\n\nSEEN = count()\n", "listing.SEEN"),
    "default": ("from registry import HANDLERS\n\n\ndef count(known=len(HANDLERS)):\n    return known\n", "listing.count()"),
    "class": ("from registry import HANDLERS\n\n\nclass Known:\n    count = len(HANDLERS)\n", "listing.Known.count"),
    "key-function": ("from registry import HANDLERS\n\n\ndef rank(kind):\n    return len(HANDLERS)\n\n\nSEEN = [rank(kind) for kind in 'ab']\n", "listing.SEEN"),
    "block": ("from registry import HANDLERS\n\nif HANDLERS:\n    SEEN = 'some'\nelse:\n    SEEN = 'none'\n", "listing.SEEN"),
    "star": ("from registry import *\n\nSEEN = [*HANDLERS]\n", "listing.SEEN"),
    "nothing": ("from registry import HANDLERS\n\n\ndef count():\n    return len(HANDLERS)\n", "listing.count()"),
}
for name, (text, shown) in READERS.items():
    ahead, behind = "import listing\nimport work\nimport more", "import work\nimport more\nimport listing"
    group.service(f"reader-moves-{name}", program(behind, shown, listing=text), imports(behind, ahead))
    group.service(f"reader-moves-back-{name}", program(ahead, shown, listing=text), imports(ahead, behind))
    group.service(
        f"reader-is-imported-by-another-{name}",
        program(f"import via\n{behind}", shown, listing=text, via="import time\n"),
        sub("via.py", "import time", "import time\nimport listing"),
    )
BUS = "class Bus:\n    def __init__(self):\n        self.names = []\n\n    def on(self, name):\n        self.names.append(name)\n\n    def known(self):\n        return len(self.names)\n\n\nbus = Bus()\n"
for name, text in (("attribute", "SEEN = list(bus.names)\n"), ("method", "SEEN = [bus.known()]\n")):
    ahead, behind = "import listing\nimport caller", "import caller\nimport listing"
    group.service(
        f"reader-of-an-object-moves-{name}",
        program(behind, "listing.SEEN", bus=BUS, caller="from bus import bus\n\nbus.on('tea')\n", listing=f"from bus import bus\n\n{text}"),
        imports(behind, ahead),
    )
TOTAL = "TOTAL = 0\n\n\ndef count():\n    global TOTAL\n    TOTAL += 1\n"
group.service(
    "reader-of-what-is-bound-again-moves",
    program("import caller\nimport listing", "listing.SEEN", total=TOTAL, caller="import total\n\ntotal.count()\n", listing="import total\n\nSEEN = total.TOTAL\n"),
    imports("import caller\nimport listing", "import listing\nimport caller"),
)

# New modules that take names from those that the program has changed.
BASE = "COUNT = 1\n\n\ndef count():\n    return COUNT\n"


def taking(before: str = "pass", **more: str) -> dict[str, str]:
    """A service that shows a name of a module, after it has done something to that `before` the loop."""
    modules = {"base": BASE, "view": "import base\n\n\ndef shown():\n    return base.count()\n", **more}
    files = {f"{name}.py": text for name, text in modules.items()}
    return {"main.py": loop("import base\nimport view", "view.shown()", before=before), **files}


def takes(text: str, shown: str) -> Saved:
    """A new module is shown instead."""
    return edit(
        put("new.py", text),
        sub("view.py", "import base", "import base\nimport new"),
        sub("view.py", "base.count()", shown),
    )


for name, text in (
    ("by-name", "from base import COUNT\n"),
    ("all", "from base import *\n"),
    ("by-module", "import base\n\nCOUNT = base.COUNT\n"),
):
    group.service(f"new-one-takes-{name}", taking(), takes(text, "new.COUNT"))
    group.service(f"new-one-takes-what-has-changed-{name}", taking("base.COUNT = 7"), takes(text, "new.COUNT"))
    group.service(
        f"new-one-takes-what-is-set-by-name-{name}", taking("setattr(base, 'COUNT', 7)"), takes(text, "new.COUNT")
    )
    group.service(
        f"new-one-takes-what-a-function-changes-{name}",
        taking("base.more()", base=f"{BASE}\n\ndef more():\n    global COUNT\n    COUNT = 7\n"),
        takes(text, "new.COUNT"),
    )
    group.service(
        f"new-one-takes-what-has-grown-{name}",
        taking("base.COUNT.append(7)", base=BASE.replace("= 1", "= [1]")),
        takes(text, "new.COUNT"),
    )
group.service(
    "new-one-takes-a-function-that-was-replaced",
    taking("setattr(base, 'count', str)"),
    takes("from base import count\n", "new.count()"),
)
group.service(
    "new-one-takes-what-an-alias-changes",
    taking("one = [base]\nfor each in one:\n    each.COUNT = 7"),
    takes("from base import COUNT\n", "new.COUNT"),
)
group.service(
    "new-one-takes-all-with-what-was-added",
    taking("base.EXTRA = 7"),
    takes("from base import *\n", "getattr(new, 'EXTRA', None)"),
)
group.service(
    "new-one-takes-all-of-two",
    taking(other="STEP = 2\n", view="import base\nimport other\n\n\ndef shown():\n    return base.count()\n"),
    takes("from base import *\nfrom other import *\n\nX = [COUNT, STEP]\n", "new.X"),
    sub("other.py", "= 2", "= 3"),
)
TRY = "try:\n    from {} import {} as chosen\nexcept ImportError:\n    chosen = None\n"
group.service(
    "new-one-tries", taking(), takes(TRY.format("base", "count"), "new.chosen()"), sub("base.py", "return COUNT", "return COUNT + 1")
)
group.service(
    "new-one-tries-what-is-not-there", taking(), takes(TRY.format("base", "more"), "new.chosen"), put("base.py", BASE + "\n\nmore = 5\n")
)
group.service(
    "new-one-tries-a-module-that-does-more",
    taking(loud="print('loud', flush=True)\ncount = 5\n"),
    takes(TRY.format("loud", "count"), "new.chosen"),
)
group.service(
    "tries-what-comes-with-it",
    {"base.py": BASE, "other.py": "X = 1\n", "work.py": TRY.format("base", "count"), "main.py": loop("import other\nimport work", "work.chosen()")},
    edit(put("base.py", "COUNT = 1\n"), put("other.py", "def count():\n    return 5\n"), sub("work.py", "base", "other")),
    sub("other.py", "return 5", "return 6"),
)
group.service(
    "last-one-goes-by-another",
    program(f"import via\n{BOTH}", via="import extra\n", extra=NEW),
    imports("import via\n", ""),
)

CASES = group.cases
