"""Names that the new source no longer has: whoever relied on them must notice now, not at the next cold start."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, delete, edit, sub

R, L = "shop/rules.py", "shop/limits.py"
group = Group("vanishing", shop)
group.both("function-with-fallback", {L: "def special():\n    return 'special'\n\n\ndef usual():\n    return 'usual'\n", R: rules("from shop import limits\n\n\ndef pick():\n    return getattr(limits, 'special', limits.usual)()\n", "pick()")}, sub(L, "def special():\n    return 'special'\n\n\n", ""))
group.both("constant-with-except", {L: "LIMIT = 3\nOTHER = 1\n", R: rules("from shop import limits\n\n\ndef pick():\n    try:\n        return limits.LIMIT\n    except AttributeError:\n        return 'no limit'\n", "pick()")}, sub(L, "LIMIT = 3\n", ""), sub(L, "OTHER = 1\n", "OTHER = 1\nLIMIT = 8\n"))
group.both("import-with-except", {L: "LIMIT = 3\nOTHER = 1\n", R: rules("try:\n    from shop.limits import LIMIT\nexcept ImportError:\n    LIMIT = 'none'\n", "LIMIT")}, sub(L, "LIMIT = 3\n", ""))
group.both("star-shrinks", {L: "LOW = 1\nHIGH = 9\n", R: rules("from shop.limits import *\n", "'HIGH' in globals()")}, sub(L, "HIGH = 9\n", ""))
group.both("all-shrinks", {L: "__all__ = ['LOW', 'HIGH']\nLOW = 1\nHIGH = 9\n", R: rules("HIGH = 'builtin high'\nfrom shop.limits import *\n", "HIGH")}, sub(L, "['LOW', 'HIGH']", "['LOW']"))
group.both("method-falls-back-to-base", {L: "class Base:\n    def name(self):\n        return 'base'\n\n\nclass Item(Base):\n    def name(self):\n        return 'item'\n", R: rules("from shop.limits import Item\n\nITEM = Item()\n", "ITEM.name()")}, sub(L, "    def name(self):\n        return 'item'", "    pass"))
group.both("class-attribute", {L: "class Item:\n    rate = 3\n    name = 'x'\n", R: rules("from shop.limits import Item\n\nITEM = Item()\n", "getattr(ITEM, 'rate', 'free')")}, sub(L, "    rate = 3\n", ""))
group.both("shadowing-of-a-builtin-ends", {L: "def len(value):\n    return 42\n\n\ndef size(value):\n    return len(value)\n", R: rules("from shop.limits import size\n", "size('abc')")}, sub(L, "def len(value):\n    return 42\n\n\n", ""))
group.both("plug-in-module-deleted", {"shop/plugins/__init__.py": "from importlib import import_module\nfrom pkgutil import iter_modules\n\nPLUGINS = {info.name: import_module(f'shop.plugins.{info.name}') for info in iter_modules(__path__)}\n", "shop/plugins/tea.py": "LABEL = 'Tea'\n", "shop/plugins/cup.py": "LABEL = 'Cup'\n", R: rules("from shop.plugins import PLUGINS\n", "[PLUGINS[name].LABEL for name in sorted(PLUGINS)]")}, delete("shop/plugins/cup.py"))
group.both("optional-module-deleted", {"shop/extra.py": "WORD = 'extra'\n", R: rules("try:\n    from shop.extra import WORD\nexcept ImportError:\n    WORD = 'plain'\n", "WORD")}, delete("shop/extra.py"))
group.both("registered-handler-removed", {"shop/registry.py": "KNOWN = []\n\n\ndef known(function):\n    KNOWN.append(function.__name__)\n    return function\n", "shop/handlers.py": "from shop.registry import known\n\n\n@known\ndef a():\n    pass\n\n\n@known\ndef b():\n    pass\n", R: rules("import shop.handlers\nfrom shop.registry import KNOWN\n", "KNOWN")}, sub("shop/handlers.py", "@known\ndef b():\n    pass\n", ""))
group.both("renamed-function", {}, edit(sub("shop/clean.py", "is_valid", "can_be_counted", 2), sub("shop/clean.py", "> 0", "> 3")))
group.both("renamed-across-modules", {}, edit(sub("shop/discounts.py", "def discount", "def rebate"), sub("shop/discounts.py", "0.12", "0.2"), sub("shop/pricing.py", "import discount", "import rebate"), sub("shop/pricing.py", "discount(order", "rebate(order")))
group.both("renamed-but-not-the-caller", {}, sub("shop/discounts.py", "def discount", "def rebate"), sub("shop/discounts.py", "def rebate", "def discount"))
group.both("deleted-method-of-instance-alive", {L: "class Item:\n    def __len__(self):\n        return 3\n\n    def name(self):\n        return 'n'\n", R: rules("from shop.limits import Item\n\nITEM = Item()\n", "[hasattr(ITEM, '__len__'), bool(ITEM), ITEM.name()]")}, sub(L, "    def __len__(self):\n        return 3\n\n", ""))
group.both("conditional-definition-off", {L: "FAST = True\n\nif FAST:\n    def how():\n        return 'fast'\n", R: rules("from shop import limits\n\n\ndef pick():\n    return limits.how() if hasattr(limits, 'how') else 'slow'\n", "pick()")}, sub(L, "FAST = True", "FAST = False"))

CASES = group.cases
