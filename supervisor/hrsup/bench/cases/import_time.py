"""Values that were fixed while a module was being imported: defaults, decorators, closures, partials, tables."""

from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, edit, sub

END = """

def start():
    return None


def describe(orders, context):
    return [{line}]
"""


def rules(body: str, line: str) -> str:
    return body + END.format(line=line)


KNOBS = {"shop/knobs.py": "STEP = 2\nNAMES = ['a', 'b']\n\n\ndef scale(value):\n    return value * STEP\n"}
NEW_STEP = sub("shop/knobs.py", "STEP = 2", "STEP = 7")
NEW_SCALE = sub("shop/knobs.py", "value * STEP", "value + STEP")

defaults = Group("defaults", shop)
defaults.both("own-constant", {"shop/rules.py": rules("FACTOR = 3\n\n\ndef times(value, factor=FACTOR):\n    return value * factor\n", "times(5)")}, sub("shop/rules.py", "FACTOR = 3", "FACTOR = 4"))
defaults.both("from-import", {**KNOBS, "shop/rules.py": rules("from shop.knobs import STEP\n\n\ndef times(value, step=STEP):\n    return value * step\n", "times(5)")}, NEW_STEP)
defaults.both("keyword-only", {**KNOBS, "shop/rules.py": rules("from shop import knobs\n\n\ndef times(value, *, step=knobs.STEP + 1):\n    return value * step\n", "times(5)")}, NEW_STEP)
defaults.both("function-as-default", {**KNOBS, "shop/rules.py": rules("from shop.knobs import scale\n\n\ndef apply(value, how=scale):\n    return how(value)\n", "apply(5)")}, NEW_SCALE, NEW_STEP)
defaults.both("mutable", {**KNOBS, "shop/rules.py": rules("from shop.knobs import NAMES\n\n\ndef names(extra, known=NAMES):\n    return known + [extra]\n", "names('z')")}, sub("shop/knobs.py", "'b'", "'b', 'c'"))
defaults.both("of-a-method", {**KNOBS, "shop/rules.py": rules("from shop.knobs import STEP\n\n\nclass Scale:\n    def of(self, value, step=STEP):\n        return value * step\n", "Scale().of(2)")}, NEW_STEP)
defaults.both("of-a-constructor-that-ran", {**KNOBS, "shop/rules.py": rules("from shop.knobs import STEP\n\n\nclass Scale:\n    def __init__(self, step=STEP):\n        self.step = step\n\n\nSCALE = Scale()\n", "SCALE.step")}, NEW_STEP)
defaults.both("of-a-function-whose-result-is-kept", {**KNOBS, "shop/rules.py": rules("from shop.knobs import NAMES\n\n\ndef names(known=NAMES):\n    return [*known]\n\n\nKEPT = {'names': names()}\n", "KEPT")}, sub("shop/knobs.py", "'b'", "'b', 'c'"))
defaults.both("looked-at-from-outside", {**KNOBS, "shop/rules.py": rules("from shop.knobs import STEP\n\n\ndef times(value, step=STEP):\n    return value * step\n\n\nDEFAULTS = times.__defaults__\n", "DEFAULTS")}, NEW_STEP)
defaults.both("of-a-lambda", {**KNOBS, "shop/rules.py": rules("from shop.knobs import STEP\n\ntimes = lambda value, step=STEP: value * step\n", "times(4)")}, NEW_STEP)
defaults.both("result-of-a-function", {**KNOBS, "shop/rules.py": rules("from shop.knobs import scale\n\n\ndef times(value, factor=scale(3)):\n    return value * factor\n", "times(5)")}, NEW_SCALE, NEW_STEP)
defaults.both("result-of-a-function-keyword-only", {**KNOBS, "shop/rules.py": rules("from shop import knobs\n\n\ndef times(value, *, factor=knobs.scale(3) + 1):\n    return value * factor\n", "times(5)")}, NEW_SCALE, NEW_STEP)
defaults.both("result-of-a-function-of-a-method", {**KNOBS, "shop/rules.py": rules("from shop.knobs import scale\n\n\nclass Scale:\n    def of(self, value, step=scale(3)):\n        return value * step\n\n    @staticmethod\n    def at(step=scale(4)):\n        return step\n", "(Scale().of(2), Scale.at())")}, NEW_SCALE)
defaults.both("object-of-a-class", {"shop/units.py": "class Unit:\n    def __init__(self):\n        self.size = 5\n", "shop/rules.py": rules("from shop.units import Unit\n\n\ndef size(unit=Unit()):\n    return unit.size\n", "size()")}, sub("shop/units.py", "= 5", "= 6"))
defaults.both("result-that-has-grown", {"shop/units.py": "def units():\n    return ['kg']\n", "shop/rules.py": rules("from shop.units import units\n\n\ndef known(names=units()):\n    if len(names) < 2:\n        names.append('m')\n    return names\n", "known()")}, sub("shop/units.py", "'kg'", "'lb'"))
defaults.both("only-the-default", {}, sub("shop/pricing.py", "tax=TAX", "tax=TAX / 2"))
defaults.both("removed", {"shop/rules.py": rules("def times(value, factor=3):\n    return value * factor\n", "times(5)")},
    edit(sub("shop/rules.py", "factor=3", "factor"), sub("shop/rules.py", "times(5)", "times(5, 9)")))

decorators = Group("decorators", shop)
TRACE = {"shop/trace.py": """
import functools


def loud(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return f"<{function(*args, **kwargs)}>"

    return wrapper


def times(count):
    def decorate(function):
        def wrapper(*args):
            return " ".join([str(function(*args))] * count)

        return wrapper

    return decorate


class Counted:
    def __init__(self, function):
        self.function = function
        functools.update_wrapper(self, function)

    def __call__(self, *args):
        return f"[{self.function(*args)}]"
"""}
decorators.both("body-of-the-wrapper", {**TRACE, "shop/rules.py": rules("from shop.trace import loud\n\n\n@loud\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/trace.py", 'f"<{function(*args, **kwargs)}>"', 'f"<<{function(*args, **kwargs)}>>"'))
decorators.both("decorated-body", {**TRACE, "shop/rules.py": rules("from shop.trace import loud\n\n\n@loud\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/rules.py", "'tea'", "'pot'"))
decorators.both("argument", {**TRACE, "shop/rules.py": rules("from shop.trace import times\n\n\n@times(2)\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/rules.py", "@times(2)", "@times(3)"))
decorators.both("argument-from-import", {**TRACE, **KNOBS, "shop/rules.py": rules("from shop.knobs import STEP\nfrom shop.trace import times\n\n\n@times(STEP)\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/knobs.py", "STEP = 2", "STEP = 4"))
decorators.both("stacked", {**TRACE, "shop/rules.py": rules("from shop.trace import Counted, loud, times\n\n\n@loud\n@times(2)\n@Counted\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/trace.py", '" ".join', '"-".join'), sub("shop/rules.py", "'tea'", "'cup'"), sub("shop/trace.py", 'f"[{', 'f"(({'))
decorators.both("order-swapped", {**TRACE, "shop/rules.py": rules("from shop.trace import Counted, loud\n\n\n@loud\n@Counted\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/rules.py", "@loud\n@Counted", "@Counted\n@loud"))
decorators.both("added", {**TRACE, "shop/rules.py": rules("from shop.trace import loud\n\n\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/rules.py", "def name", "@loud\ndef name"))
decorators.both("removed", {**TRACE, "shop/rules.py": rules("from shop.trace import loud\n\n\n@loud\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/rules.py", "@loud\ndef name", "def name"))
decorators.both("class-as-decorator", {**TRACE, "shop/rules.py": rules("from shop.trace import Counted\n\n\n@Counted\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/trace.py", 'f"[{', 'f"#[{'), sub("shop/rules.py", "'tea'", "'tray'"))
decorators.both("on-a-method", {**TRACE, "shop/rules.py": rules("from shop.trace import loud\n\n\nclass Item:\n    @loud\n    def name(self):\n        return 'tea'\n\n    @staticmethod\n    @loud\n    def kind():\n        return 'drink'\n", "Item().name() + Item.kind()")}, sub("shop/trace.py", '"<{', '"<!{'), sub("shop/rules.py", "'drink'", "'leaf'"))
decorators.both("on-a-class", {"shop/trace.py": "def tagged(cls):\n    cls.tag = cls.__name__.lower()\n    return cls\n", "shop/rules.py": rules("from shop.trace import tagged\n\n\n@tagged\nclass Item:\n    pass\n", "Item.tag")}, sub("shop/trace.py", ".lower()", ".upper()"))
decorators.both("constant-captured", {"shop/trace.py": "MARK = '*'\n\n\ndef marked(function, mark=MARK):\n    return lambda: mark + function() + mark\n", "shop/rules.py": rules("from shop.trace import marked\n\n\n@marked\ndef name():\n    return 'tea'\n", "name()")}, sub("shop/trace.py", "'*'", "'+'"))
decorators.both("context-manager", {"shop/trace.py": "from contextlib import contextmanager\n\n\n@contextmanager\ndef frame(lines):\n    lines.append('(')\n    yield lines\n    lines.append(')')\n", "shop/rules.py": rules("from shop.trace import frame\n\n\ndef framed():\n    with frame([]) as lines:\n        lines.append('tea')\n    return ''.join(lines)\n", "framed()")}, sub("shop/trace.py", "'('", "'['"))
decorators.both("registers", {
    "shop/registry.py": "HANDLERS = {}\n\n\ndef handles(kind):\n    def register(function):\n        HANDLERS[kind] = function\n        return function\n\n    return register\n",
    "shop/handlers.py": "from shop.registry import handles\n\n\n@handles('tea')\ndef tea(order):\n    return 'steep'\n\n\n@handles('cup')\ndef cup(order):\n    return 'wash'\n",
    "shop/rules.py": rules("import shop.handlers\nfrom shop.registry import HANDLERS\n", "[f'{kind}:{HANDLERS[kind](None)}' for kind in sorted(HANDLERS)]"),
}, sub("shop/handlers.py", "'steep'", "'brew'"), sub("shop/handlers.py", "handles('cup')", "handles('mug')"), sub("shop/registry.py", "HANDLERS[kind] =", "HANDLERS[kind.upper()] ="))

closures = Group("closures", shop)
closures.both("factory", {"shop/make.py": "def adder(step):\n    def add(value):\n        return value + step\n\n    return add\n", "shop/rules.py": rules("from shop.make import adder\n\nadd_three = adder(3)\n", "add_three(4)")}, sub("shop/make.py", "value + step", "value - step"), sub("shop/rules.py", "adder(3)", "adder(5)"))
closures.both("captured-constant", {**KNOBS, "shop/make.py": "from shop.knobs import STEP\n\n\ndef make():\n    step = STEP\n    return lambda value: value * step\n", "shop/rules.py": rules("from shop.make import make\n\ntimes = make()\n", "times(4)")}, NEW_STEP)
closures.both("partial", {**KNOBS, "shop/rules.py": rules("from functools import partial\n\nfrom shop.knobs import scale\n\nscaled = partial(scale, 6)\n", "scaled()")}, NEW_SCALE, NEW_STEP)
closures.both("partial-argument", {**KNOBS, "shop/rules.py": rules("from functools import partial\n\nfrom shop import knobs\n\nround_to = partial(round, ndigits=knobs.STEP)\n", "round_to(1.23456789)")}, NEW_STEP)
closures.both("dispatch-table", {**KNOBS, "shop/rules.py": rules("from shop.knobs import scale\n\n\ndef keep(value):\n    return value\n\n\nTABLE = {'scale': scale, 'keep': keep}\n", "[name + str(TABLE[name](3)) for name in TABLE]")}, NEW_SCALE, sub("shop/rules.py", "    return value\n", "    return -value\n"))
closures.both("list-of-lambdas", {**KNOBS, "shop/rules.py": rules("from shop.knobs import NAMES\n\nSTEPS = [lambda name=name: name * 2 for name in NAMES]\n", "[step() for step in STEPS]")}, sub("shop/knobs.py", "'b'", "'bb'"), sub("shop/rules.py", "name * 2", "name * 3"))
closures.both("pipeline-steps-renamed", {"shop/steps.py": "def trim(text):\n    return text.strip()\n\n\ndef shout(text):\n    return text.upper()\n\n\nSTEPS = {'trim': trim, 'shout': shout}\n", "shop/rules.py": rules("from shop.steps import STEPS\n\n\ndef run(text):\n    for step in STEPS.values():\n        text = step(text)\n    return f'{list(STEPS)} {text}'\n", "run(' tea ')")}, edit(sub("shop/steps.py", "def shout(text):\n    return text.upper()", "def whisper(text):\n    return text.title()"), sub("shop/steps.py", "'shout': shout", "'whisper': whisper")))
closures.both("bound-method", {"shop/tools.py": "class Meter:\n    def __init__(self, unit):\n        self.unit = unit\n\n    def say(self, value):\n        return f'{value} {self.unit}'\n", "shop/rules.py": rules("from shop.tools import Meter\n\nsay = Meter('kg').say\n", "say(3)")}, sub("shop/tools.py", "{value} {self.unit}", "{self.unit} {value}"))
closures.both("operator-and-compiled-regex", {"shop/patterns.py": "import re\n\nPATTERN = re.compile('t.')\nfind = PATTERN.findall\n", "shop/rules.py": rules("from shop.patterns import find\n", "find('tea tray pot')")}, sub("shop/patterns.py", "'t.'", "'.t'"))
closures.both("computed-table", {}, sub("shop/discounts.py", "(30, 0.12)", "(30, 0.15)"))
closures.both("sorted-key", {"shop/keys.py": "def weight(name):\n    return len(name)\n", "shop/rules.py": rules("from shop.keys import weight\n\nORDER = sorted(['tray', 'cup', 'kettle'], key=weight)\n", "ORDER")}, sub("shop/keys.py", "len(name)", "-len(name)"))
closures.both("string-template", {"shop/texts.py": "HEAD = 'Dear {name}'\n", "shop/rules.py": rules("from shop.texts import HEAD\n\nhello = HEAD.format\n", "hello(name='Ada')")}, sub("shop/texts.py", "Dear", "Hello"))

CASES = [*defaults.cases, *decorators.cases, *closures.cases]
