"""New code that is broken, a cold start of which fails too; and the save after it, which puts it right."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, add, delete, edit, put, sub

R, F = "shop/rules.py", "shop/features.py"
group = Group("broken", shop)
BODY, WORSE, BETTER = "+= order[\"total\"]", "+= order[\"total\"", "+= order[\"total\"] * 2"
group.both("syntax-then-fix", {}, sub(F, BODY, WORSE), sub(F, WORSE, BETTER))
group.both("syntax-then-back", {}, sub(F, BODY, WORSE), sub(F, WORSE, BODY))
group.both("indentation-then-fix", {}, sub(F, "    return dict", "  return dict"), sub(F, "  return dict(sorted(sums.items()))", "    return dict(sorted(sums.items(), reverse=True))"))
group.both("null-bytes-then-fix", {}, put(F, b"x = 1\0\n"), put(F, "def by_region(orders):\n    return {'all': sum(order['total'] for order in orders)}\n"))
group.both("not-utf-8-then-fix", {}, put("shop/texts.py", "A = 1\n"), sub("shop/report.py", "from shop import config", "from shop import config, texts"), put("shop/texts.py", b"A = '\xff'\n"), put("shop/texts.py", "A = 2\n"))
group.both("name-error-at-import-then-fix", {}, sub("shop/discounts.py", "BEST = max(", "BEST = maximum("), sub("shop/discounts.py", "BEST = maximum(", "BEST = min("))
group.both("missing-module-then-it-comes", {}, sub(F, "from collections import defaultdict", "from collections import defaultdict\n\nfrom shop.weights import WEIGHT"), put("shop/weights.py", "WEIGHT = 2\n"), sub(F, BODY, "+= order[\"total\"] * WEIGHT"))
group.both("missing-name-then-fix", {}, sub("shop/pricing.py", "import TAX", "import TAX, DUTY"), sub("shop/config.py", "TAX = 0.19", "TAX = 0.19\nDUTY = 1"))
group.both("name-gone-from-under-importer", {}, sub("shop/config.py", "TAX = 0.19\n", ""), sub("shop/config.py", 'CURRENCY = "EUR"', 'CURRENCY = "EUR"\nTAX = 0.2'))
group.both("module-deleted-then-back", {}, delete("shop/discounts.py"), put("shop/discounts.py", "BEST = 0\n\n\ndef discount(count):\n    return 0\n"))
group.both("runtime-error-then-fix", {}, sub(F, BODY, "+= order[\"sum\"]"), sub(F, "+= order[\"sum\"]", BETTER))
group.both("zero-division-at-import-then-fix", {}, sub("shop/config.py", "TAX = 0.19", "TAX = 1 / 0"), sub("shop/config.py", "1 / 0", "0.5"))
group.both("system-exit-at-import", {}, sub("shop/config.py", "TAX = 0.19", "raise SystemExit(3)"), sub("shop/config.py", "raise SystemExit(3)", "TAX = 0.3"))
group.both("second-of-two-fails", {}, edit(sub("shop/discounts.py", "(10, 0.05)", "(10, 0.09)"), sub(F, BODY, WORSE)), sub(F, WORSE, BODY))
group.both("second-of-two-fails-at-import", {}, edit(sub("shop/config.py", "TAX = 0.19", "TAX = 0.25"), sub("shop/discounts.py", "BEST = max(rate for _, rate in STEPS)", "BEST = STEPS[7]")), sub("shop/discounts.py", "STEPS[7]", "STEPS[2][1]"))
group.both("importer-of-the-changed-fails", {"shop/a.py": "VALUES = [1, 2, 3]\n", R: rules("from shop.a import VALUES\n\nTHIRD = VALUES[2]\n", "THIRD")}, sub("shop/a.py", "[1, 2, 3]", "[1, 2]"), sub("shop/a.py", "[1, 2]", "[1, 2, 33]"))
group.both("three-broken-saves-in-a-row", {}, sub(F, BODY, WORSE), sub(F, WORSE, "+= (order[\"total\"]"), sub(F, "+= (order[\"total\"]", "+= order["), sub(F, "+= order[", BETTER))
group.both("broken-in-one-fixed-with-another", {}, sub(F, BODY, WORSE), edit(sub(F, WORSE, BETTER), sub("shop/config.py", '"EUR"', '"NOK"')))
group.both("one-of-two-is-taken-back", {}, edit(sub(F, BODY, BETTER), sub("shop/config.py", '"EUR"', '"EUR')), sub("shop/config.py", '"EUR\n', '"EUR"\n'))
group.both("import-of-itself", {}, sub("shop/discounts.py", '"""Who gets how much off."""', '"""Who gets how much off."""\nfrom shop.discounts import STEPS'), sub("shop/discounts.py", "from shop.discounts import STEPS", "START = 1"))
group.both("cycle-that-cannot-be-imported", {}, sub("shop/config.py", "from pathlib import Path", "from pathlib import Path\n\nfrom shop.pricing import net"), sub("shop/config.py", "\n\nfrom shop.pricing import net", "\n\nimport shop.discounts"))
group.both("dead-code-is-no-error", {}, add(F, "\n\ndef never():\n    return undefined_name\n"), sub(F, BODY, BETTER))
group.both("warning-is-no-error", {}, sub(F, "\n\ndef by_region", "\n\nimport warnings\n\nwarnings.warn('old', stacklevel=1)\n\n\ndef by_region"))
group.both("empty-file-then-fix", {}, put(F, ""), put(F, "def by_region(orders):\n    return {'n': len(orders) * 1.0}\n"))
group.both("merge-conflict-then-resolved", {}, sub(F, BODY, "<<<<<<< HEAD\n" + BODY), sub(F, "<<<<<<< HEAD\n" + BODY, BETTER))
group.both("data-broken-then-fix", {}, edit(sub("data/orders.csv", "1004,west,tea,40", "1004,west,tea,forty"), save="atomic"), edit(sub("data/orders.csv", "forty", "41"), save="atomic"))
# What stands in the way may be a file that the running program has nothing to do with.
USED = sub(F, "from collections import defaultdict", "from collections import defaultdict\n\nfrom shop.weights import WEIGHT"), sub(F, BODY, "+= order[\"total\"] * WEIGHT")
group.both("unused-module-is-broken-used-then-fixed", {"shop/weights.py": "WEIGHT = (2\n"}, edit(*USED), put("shop/weights.py", "WEIGHT = 2\n"), put("shop/weights.py", "WEIGHT = 3\n"))
group.both("unused-module-raises-used-then-fixed", {"shop/weights.py": "WEIGHT = 1 / 0\n"}, edit(*USED, sub("shop/config.py", '"EUR"', '"NOK"')), edit(put("shop/weights.py", "WEIGHT = 2\n"), save="atomic"))
group.both("unused-module-is-broken-two-imports-away", {"shop/weights.py": "from shop.scale import WEIGHT\n", "shop/scale.py": "WEIGHT == 2\n"}, edit(*USED), put("shop/scale.py", "WEIGHT = = 2\n"), put("shop/scale.py", "WEIGHT = 2\n"))
group.both("unused-data-is-missing-then-it-comes", {}, sub("shop/config.py", "TAX = 0.19", 'TAX = float((Path(__file__).parent / "tax.txt").read_text())'), put("shop/tax.txt", "0.25\n"), put("shop/tax.txt", "0.5\n"))
group.both("unused-data-is-broken-then-fixed", {"shop/tax.txt": "none\n"}, sub("shop/config.py", "TAX = 0.19", 'TAX = float((Path(__file__).parent / "tax.txt").read_text())'), put("shop/tax.txt", "0.25\n"))

CASES = group.cases
