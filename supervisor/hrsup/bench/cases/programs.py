"""The programs that the cases are built from: a shop's weekly figures, as a batch and as a service, and a pandas one."""

from __future__ import annotations

from collections.abc import Mapping

from hrsup.bench.model import BATCH

Files = Mapping[str, "str | bytes"]

SHOP = {
    "data/orders.csv": """
number,region,sku,count,price
1001,north,tea,3,6.50
1002,south,pot,1,18.00
1003,north,cup,12,2.25
1004,west,tea,40,6.10
1005,south,cup,0,2.25
1006,east,tray,2,31.00
1007,west,pot,5,17.50
1008,,tea,1,6.50
""",
    "shop/__init__.py": '"""The figures of a small shop."""\n',
    "shop/config.py": '''
"""Numbers that change often."""

from pathlib import Path

DATA = Path(__file__).parent.parent / "data"
TAX = 0.19
CURRENCY = "EUR"
REGIONS = ["north", "south", "east", "west"]
''',
    "shop/load.py": '''
"""Reads the orders."""

import csv

from shop.config import DATA


def load_orders(path=DATA / "orders.csv"):
    with open(path, newline="") as file:
        return [parse(row) for row in csv.DictReader(file)]


def parse(row):
    return {**row, "number": int(row["number"]), "count": int(row["count"]), "price": float(row["price"])}
''',
    "shop/clean.py": '''
"""Throws away what cannot be counted."""

from shop import config


def is_valid(order):
    return order["count"] > 0 and order["region"] in config.REGIONS


def clean(orders):
    return [order for order in orders if is_valid(order)]
''',
    "shop/discounts.py": '''
"""Who gets how much off."""

STEPS = [(0, 0.0), (10, 0.05), (30, 0.12)]
BEST = max(rate for _, rate in STEPS)


def discount(count):
    return max(rate for least, rate in STEPS if count >= least)
''',
    "shop/pricing.py": '''
"""What an order costs."""

from shop.config import TAX
from shop.discounts import discount


def net(order):
    return order["count"] * order["price"] * (1 - discount(order["count"]))


def gross(order, tax=TAX):
    return round(net(order) * (1 + tax), 2)


def price_orders(orders):
    return [{**order, "total": gross(order)} for order in orders]
''',
    "shop/features.py": '''
"""Sums by region."""

from collections import defaultdict


def by_region(orders):
    sums = defaultdict(float)
    for order in orders:
        sums[order["region"]] += order["total"]
    return dict(sorted(sums.items()))
''',
    "shop/report.py": '''
"""Puts the figures into words."""

from shop import config
from shop.discounts import BEST


def money(amount):
    return f"{amount:.2f} {config.CURRENCY}"


def render(orders, sums):
    lines = [f"{len(orders)} orders, {money(sum(order['total'] for order in orders))}, at best {BEST:.0%} off"]
    lines += [f"{region}: {money(amount)}" for region, amount in sums.items()]
    return lines
''',
    "shop/rules.py": '''
"""Remarks below the figures."""


def start():
    return None


def describe(orders, context):
    return []
''',
}

BATCH_MAIN = '''
"""Weekly figures."""

from shop import rules
from shop.clean import clean
from shop.features import by_region
from shop.load import load_orders
from shop.pricing import price_orders
from shop.report import render


def main():
    orders = price_orders(clean(load_orders()))
    for line in render(orders, by_region(orders)):
        print(line)
    for line in rules.describe(orders, rules.start()):
        print(line)


if __name__ == "__main__":
    main()
'''

SERVICE_MAIN = '''
"""Figures on a screen by the door, for ever."""

import time

from shop import rules
from shop.clean import clean
from shop.features import by_region
from shop.load import load_orders
from shop.pricing import price_orders
from shop.report import render


def main():
    shown = 0
    context = rules.start()
    while True:
        orders = price_orders(clean(load_orders()))
        lines = render(orders, by_region(orders)) + rules.describe(orders, context)
        shown += 1
        print(f"{shown}\\t{' | '.join(map(str, lines))}", flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
'''

WINES = {
    "data/measurements.csv": "site,kind,value\n" + "".join(
        f"{'abc'[n % 3]},{'xy'[n % 2]},{(n * 37) % 101 / 10}\n" for n in range(60)
    ),
    "params.json": '{"threshold": 2.5, "folds": 3}\n',
    "load.py": '''
"""Reads the measurements."""

import pandas as pd

from settings import DATA, SITES


def load():
    frame = pd.read_csv(DATA / "measurements.csv")
    return frame[frame["site"].isin(SITES)]
''',
    "settings.py": '''
from pathlib import Path

DATA = Path(__file__).parent / "data"
SITES = ["a", "b", "c"]
DIGITS = 3
''',
    "features.py": '''
import numpy as np


def add_features(frame, threshold):
    frame = frame.copy()
    frame["log"] = np.log1p(frame["value"])
    frame["high"] = frame["value"] > threshold
    return frame
''',
    "report.py": '''
from settings import DIGITS


def show(frame):
    table = frame.groupby(["site", "kind"])[["value", "log"]].mean().round(DIGITS)
    return table.to_string().splitlines() + [f"{int(frame['high'].sum())} of {len(frame)} are high"]
''',
    "main.py": '''
import json
from pathlib import Path

from features import add_features
from load import load
from report import show


def main():
    params = json.loads(Path(__file__).with_name("params.json").read_text())
    for line in show(add_features(load(), params["threshold"])):
        print(line)


main()
''',
}


def shop(kind: str, files: Files) -> Files:
    """The shop with `files` put over it."""
    return {**SHOP, "main.py": BATCH_MAIN if kind == BATCH else SERVICE_MAIN, **files}


def wines(kind: str, files: Files) -> Files:
    """The pandas program with `files` put over it; a batch only."""
    return {**WINES, **files}


def shown_by_main(shown: str, before: str, inside: str, imports: str, **more: str) -> dict[str, str]:
    """The script of a service that imports `work` and shows an expression in every round; `before` the loop and
    `inside` of it are lines of `main`. `more` are other modules by their names."""
    main = [
        "import time",
        "",
        "import work",
        imports,
        "",
        "",
        "def main():",
        "    tick = 0",
        before,
        "    while True:",
        "        tick += 1",
        inside,
        f"        text = {shown}",
        '        print(f"{tick}\\t{text}", flush=True)',
        "        time.sleep(0.005)",
        "",
        "",
        "main()",
        "",
    ]
    return {"main.py": "\n".join(main), **{f"{name}.py": text for name, text in more.items()}}
