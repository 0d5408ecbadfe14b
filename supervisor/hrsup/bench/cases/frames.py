"""Longer programs: a batch that is edited while it runs, one that takes a while, histories of many saves."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import BATCH_MAIN, shop
from hrsup.bench.vocabulary import Group, edit, sub

SLOW_MAIN = BATCH_MAIN.replace("    orders = price", "    print('begin', flush=True)\n    time.sleep(0.3)\n    orders = price").replace("from shop import rules", "import time\n\nfrom shop import rules")
running = Group("while-running", shop)
for name, change in {
    "module-of-the-first-run": sub("shop/clean.py", "> 0", "> 1"),
    "constant-of-the-first-run": sub("shop/config.py", "0.19", "0.07"),
    "data-of-the-first-run": sub("data/orders.csv", "tea,40", "tea,41"),
    "main-of-the-first-run": sub("main.py", "        print(line)\n    for", "        print('-', line)\n    for"),
    "broken-then": sub("shop/features.py", "sums = ", "sums == "),
}.items():
    running.batch(name, {"main.py": SLOW_MAIN}, edit(change, running=True), sub("shop/report.py", "at best", "up to"))

stages = Group("stages", shop)
PRINTS = BATCH_MAIN.replace("    orders = price_orders(clean(load_orders()))", "    raw = load_orders()\n    print(len(raw), 'read')\n    valid = clean(raw)\n    print(len(valid), 'valid')\n    orders = price_orders(valid)")
stages.batch("prints-between", {"main.py": PRINTS}, sub("shop/features.py", "+=", "-="), sub("shop/load.py", 'int(row["count"])', 'int(row["count"]) + 1'), sub("shop/pricing.py", "2)", "1)"))
TOP = "from shop.load import load_orders\n\nraw = load_orders()\nprint('read', len(raw))\n\nfrom shop.clean import clean\n\nvalid = clean(raw)\nprint('valid', len(valid))\n\nfrom shop.pricing import price_orders\n\norders = price_orders(valid)\nprint('sum', round(sum(order['total'] for order in orders), 2))\n"
stages.batch("top-level-script", {"main.py": TOP}, sub("shop/pricing.py", "2)", "1)"), sub("shop/clean.py", "> 0", "> 2"), sub("shop/load.py", 'int(row["count"])', 'int(row["count"]) + 1'), sub("main.py", "'sum'", "'total'"), sub("data/orders.csv", "tea,40", "tea,44"))
stages.batch("notebook-like", {"main.py": "# %%\nimport json\nfrom pathlib import Path\n\nlimits = {'low': 2, 'high': 30}\n\n# %%\nfrom shop.load import load_orders\n\norders = [order for order in load_orders() if limits['low'] < order['count'] < limits['high']]\n\n# %%\nfor order in orders:\n    print(json.dumps(order, sort_keys=True))\n"}, sub("main.py", "'low': 2", "'low': 4"), sub("main.py", "sort_keys=True", "indent=None"), sub("shop/load.py", '"price": float', '"cost": float'))
stages.batch("writes-then-reads-its-own-file", {"main.py": "import json\nfrom pathlib import Path\n\nfrom shop.load import load_orders\nfrom shop.report import money\n\ncache = Path('cache.json')\ncache.write_text(json.dumps(load_orders()))\norders = json.loads(cache.read_text())\nprint(money(sum(order['price'] for order in orders)))\n"}, sub("shop/report.py", ".2f", ".3f"), sub("data/orders.csv", "tray,2,31.00", "tray,2,32.00"))
stages.both("twelve-saves", {"shop/rules.py": rules("FACTOR = 0\n\n\ndef value():\n    return FACTOR\n", "value()")}, *(sub("shop/rules.py", f"FACTOR = {n}\n", f"FACTOR = {n + 1}\n") for n in range(12)))
stages.both("edits-wander-through-the-program", {}, sub("shop/config.py", "0.19", "0.20"), sub("shop/load.py", 'float(row["price"])', 'float(row["price"]) * 2'), sub("shop/clean.py", "> 0", "> 1"), edit(sub("data/orders.csv", "1001,north,tea,3", "1001,north,tea,6"), save="atomic"), sub("shop/discounts.py", "(10, 0.05)", "(10, 0.07)"), sub("shop/pricing.py", "2)", "0)"), sub("shop/features.py", "+=", "-="), sub("shop/report.py", ".2f", ".1f"))

CASES = [*running.cases, *stages.cases]
