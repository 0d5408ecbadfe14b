"""Function bodies, signatures, added functions: the everyday edit."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, add, edit, put, sub

body = Group("body", shop)
body.both("one-function", {}, sub("shop/pricing.py", "(1 - discount(order[\"count\"]))", "(1.01 - discount(order[\"count\"]))"))
body.both("leaf-used-by-two", {}, sub("shop/discounts.py", "count >= least)", "count * 4 >= least)"))
body.both("called-by-module-attribute", {}, sub("shop/report.py", "{amount:.2f} {config.CURRENCY}", "{config.CURRENCY} {amount:.3f}"))
body.both("comprehension", {}, sub("shop/clean.py", "if is_valid(order)]", "if is_valid(order) and order['sku'] != 'cup']"))
body.both("three-edits-in-a-row", {},
    sub("shop/features.py", "+= order[\"total\"]", "+= order[\"total\"] / 2"),
    sub("shop/features.py", "/ 2", "/ 4"),
    sub("shop/features.py", " / 4", ""))
body.both("there-and-back", {}, sub("shop/clean.py", "> 0", "> 2"), sub("shop/clean.py", "> 2", "> 0"))
body.both("new-helper", {},
    edit(sub("shop/features.py", "sums[order[\"region\"]]", "sums[label(order)]"),
         add("shop/features.py", "\n\ndef label(order):\n    return order['region'].upper()\n")))
body.both("helper-moves-to-new-module", {},
    edit(sub("shop/features.py", "from collections import defaultdict", "from collections import defaultdict\n\nfrom shop.labels import label"),
         sub("shop/features.py", "sums[order[\"region\"]]", "sums[label(order)]"),
         put("shop/labels.py", "def label(order):\n    return order['region'][:2]\n")))
body.both("two-modules-together", {},
    edit(sub("shop/clean.py", "> 0", "> 1"), sub("shop/report.py", "} orders, ", "} sales, ")))
body.both("signature-and-caller", {},
    edit(sub("shop/discounts.py", "def discount(count):", "def discount(count, bonus):"),
         sub("shop/discounts.py", "if count >= least)", "if count >= least) + bonus"),
         sub("shop/pricing.py", "(1 - discount(order[\"count\"]))", "(1 - discount(order[\"count\"], 0.01))")))
body.both("signature-keyword-only", {},
    edit(sub("shop/report.py", "def money(amount):", "def money(amount, *, sign='~'):"),
         sub("shop/report.py", "f\"{amount:.2f}", "f\"{sign}{amount:.2f}")))
body.both("becomes-lambda", {}, sub("shop/report.py", "def money(amount):\n    return f\"{amount:.2f} {config.CURRENCY}\"", "money = lambda amount: f\"{amount:.1f}\""))
body.both("becomes-class", {},
    sub("shop/report.py", "def money(amount):\n    return f\"{amount:.2f} {config.CURRENCY}\"",
        "class money(str):\n    def __new__(cls, amount):\n        return super().__new__(cls, f\"<{amount:.2f}>\")"))
body.both("becomes-generator", {}, sub("shop/clean.py", "    return [order for order in orders if is_valid(order)]", "    for order in orders:\n        if is_valid(order) or order['number'] == 1005:\n            yield order"))
R = "shop/rules.py"
TEETH = "def rows(count):\n    return [n for n in range(count)]\n"
TO_GENERATOR = sub("shop/teeth.py", "    return [n for n in range(count)]", "    for n in range(count):\n        yield n * 2")
FROM_GENERATOR = sub("shop/teeth.py", "    for n in range(count):\n        yield n * 2", "    return [n * 3 for n in range(count)]")
body.both("generator-in-a-table", {"shop/teeth.py": TEETH + "\n\nKINDS = {'rows': rows}\n", R: rules("from shop.teeth import KINDS\n", "list(KINDS['rows'](3))")}, TO_GENERATOR, FROM_GENERATOR)
body.both("generator-by-another-name", {"shop/teeth.py": TEETH, R: rules("from shop.teeth import rows as lines\n\nHELD = lines\n", "list(HELD(3))")}, TO_GENERATOR, FROM_GENERATOR)
body.both("kind-of-a-function-is-asked", {"shop/teeth.py": TEETH, R: rules("from inspect import isgeneratorfunction\n\nfrom shop.teeth import rows\n\nKIND = isgeneratorfunction(rows)\n", "[KIND, list(rows(3))]")}, TO_GENERATOR, FROM_GENERATOR)
body.both("generator-method-of-an-instance", {"shop/teeth.py": "class Comb:\n    " + TEETH.replace("(count)", "(self, count)", 1).replace("\n    ", "\n        ") + "\n\nCOMB = Comb()\n", R: rules("from shop.teeth import COMB\n", "list(COMB.rows(3))")}, sub("shop/teeth.py", "        return [n for n in range(count)]", "        for n in range(count):\n            yield n * 2"), sub("shop/teeth.py", "        for n in range(count):\n            yield n * 2", "        return [n * 3 for n in range(count)]"))
body.both("nested-function", {
    "shop/rules.py": """
def start():
    return None


def describe(orders, context):
    def biggest(rows, key):
        return max(rows, key=lambda row: row[key])

    def words(order):
        return f"{order['sku']} to {order['region']}"

    return [words(biggest(orders, "total"))]
"""}, sub("shop/rules.py", "} to {", "} for {"))
body.both("global-statement", {
    "shop/rules.py": """
LAST = "none"


def start():
    return None


def remember(orders):
    global LAST
    LAST = orders[-1]["sku"]


def describe(orders, context):
    remember(orders)
    return [f"last: {LAST}"]
"""}, sub("shop/rules.py", 'orders[-1]["sku"]', 'orders[0]["sku"]'))
body.both("recursion", {
    "shop/rules.py": """
def start():
    return None


def depth(value):
    return 0 if value < 2 else 1 + depth(value / 2)


def describe(orders, context):
    return [f"depth {depth(sum(order['total'] for order in orders))}"]
"""}, sub("shop/rules.py", "value / 2", "value / 3"))
body.both("doctest-like-constant-inside", {
    "shop/rules.py": """
def start():
    return None


def describe(orders, context):
    limit = 60
    names = {order["sku"] for order in orders if order["total"] > limit}
    return ["over limit: " + ", ".join(sorted(names))]
"""}, sub("shop/rules.py", "limit = 60", "limit = 90"))

CASES = body.cases
