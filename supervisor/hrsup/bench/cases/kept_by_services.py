"""Services that keep what they have made, in the ways in which people do: in a descriptor, a thread's own, a table of
tasks, a fitted model, a compiled template. Each edit is one of what they have kept, or of what they make each time."""

from hrsup.bench.cases.unforeseen import loop
from hrsup.bench.vocabulary import Group, sub

RULES = "rules.py"
WORK = """
def price(n):
    return n * 3


def label(n):
    return f"item {n}"


def limit():
    return 4


def rank(n):
    return -n


def is_good(n):
    return n > 1
"""
HEAD = """
from rules import is_good, label, limit, price, rank

ROWS = [1, 2, 3, 4]
"""
EDITS = (
    sub(RULES, "n * 3", "n * 5"),
    sub(RULES, "item {n}", "thing {n}"),
    sub(RULES, "return 4", "return 3"),
    sub(RULES, "return -n", "return n"),
)
ASYNC = "import asyncio\n\nimport engine\n\n\nasync def main():\n    shown = 0\n    while True:\n        state = await engine.step()\n        shown += 1\n        print(f'{shown}\\t{state}', flush=True)\n        await asyncio.sleep(0.005)\n\n\nasyncio.run(main())\n"

group = Group("kept-by-services")


def service(name: str, engine: str, requires: tuple[str, ...] = (), run: str = "engine.step()") -> None:
    """A service whose rounds are `engine`'s, and a change of each of the rules."""
    main = ASYNC if run.startswith("await") else loop("import engine", run)
    files = {RULES: WORK, "engine.py": f"{HEAD}{engine}", "main.py": main}
    group.service(name, files, *EDITS, requires=requires)


service(
    "coroutine-send",
    """
def averager():
    total = 0
    while True:
        n = yield total
        if n is not None:
            total = max(total, price(n))


AVERAGE = averager()
next(AVERAGE)


def step():
    for n in ROWS:
        best = AVERAGE.send(n)
    return best, label(2), limit()
""",
    
)

service(
    "descriptor",
    """
class Lazy:
    def __init__(self, make):
        self.make = make

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, obj, owner=None):
        if obj is None:
            return self
        value = obj.__dict__[self.name] = self.make(obj)
        return value


class Shop:
    best = Lazy(lambda self: max(ROWS, key=rank))
    text = Lazy(lambda self: label(self.best))


SHOP = Shop()


def step():
    return SHOP.text, price(SHOP.best), limit()
""",
    
)

service(
    "missing-method",
    """
class Prices(dict):
    def __missing__(self, n):
        self[n] = found = price(n)
        return found


PRICES = Prices()


def step():
    return {label(n): PRICES[n] for n in ROWS if is_good(n)}
""",
    
)

service(
    "ttl-cache",
    """
import time


class Ttl:
    def __init__(self, seconds):
        self.seconds, self.data = seconds, {}

    def get(self, key, make):
        now = time.monotonic()
        found = self.data.get(key)
        if found is None or found[0] < now:
            found = self.data[key] = (now + self.seconds, make(key))
        return found[1]


CACHE = Ttl(600)


def step():
    return [CACHE.get(n, label) for n in ROWS], price(1)
""",
    
)

service(
    "async-tasks-kept",
    """
import asyncio

TASKS = {}


async def fetch(n):
    await asyncio.sleep(0)
    return label(n)


async def step():
    for n in ROWS:
        if n not in TASKS:
            TASKS[n] = asyncio.create_task(fetch(n))
    return [await TASKS[n] for n in ROWS], price(1)
""",
    run="await engine.step()",
)

service(
    "executor-futures",
    """
from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(2)
FUTURES = {}


def step():
    for n in ROWS:
        if n not in FUTURES:
            FUTURES[n] = POOL.submit(price, n)
    return [FUTURES[n].result() for n in ROWS], label(1)
""",
    
)

service(
    "context-variable",
    """
import contextvars

LIMIT = contextvars.ContextVar("limit")


def current():
    try:
        return LIMIT.get()
    except LookupError:
        LIMIT.set(limit())
        return LIMIT.get()


def step():
    return current(), label(1), price(2)
""",
    
)

service(
    "sqlite-ignore",
    """
import sqlite3

DB = sqlite3.connect(":memory:")
DB.execute("create table if not exists prices (n integer primary key, value)")


def step():
    for n in ROWS:
        DB.execute("insert or ignore into prices values (?, ?)", (n, price(n)))
    return DB.execute("select * from prices").fetchall(), label(1)
""",
    
)

service(
    "log-filter",
    """
import io
import logging

OUT = io.StringIO()
log = logging.getLogger("shop")
log.addHandler(logging.StreamHandler(OUT))
log.propagate = False


class Once(logging.Filter):
    seen = set()

    def filter(self, record):
        new = record.getMessage() not in self.seen
        self.seen.add(record.getMessage())
        return new


log.addFilter(Once())


def step():
    for n in ROWS:
        log.warning("%s", label(n))
    return OUT.getvalue().splitlines(), price(1)
""",
    
)

service(
    "pandas-column-once",
    """
import pandas as pd

table = pd.DataFrame({"n": ROWS})


def step():
    if "price" not in table:
        table["price"] = table["n"].map(price)
    return table["price"].tolist(), label(1)
""",
    requires=("pandas",),
)

service(
    "sklearn-check-fitted",
    """
from sklearn.linear_model import LinearRegression

model = LinearRegression()


def step():
    if not hasattr(model, "coef_"):
        model.fit([[n] for n in ROWS], [price(n) for n in ROWS])
    return round(float(model.predict([[5]])[0]), 3), label(1)
""",
    requires=("sklearn",),
)

service(
    "jinja-filter",
    """
from jinja2 import DictLoader, Environment

env = Environment(loader=DictLoader({"page": "{{ 2|price }} {% for n in rows %}{{ n|label }},{% endfor %}"}))
env.filters["price"] = price
env.filters["label"] = label


def step():
    return env.get_template("page").render(rows=ROWS)
""",
    requires=("jinja2",),
)

service(
    "yaml-constructor",
    """
import yaml

yaml.SafeLoader.add_constructor("!price", lambda loader, node: price(int(loader.construct_scalar(node))))
documents = {}


def load(text):
    if text not in documents:
        documents[text] = yaml.safe_load(text)
    return documents[text]


def step():
    return load("a: !price 2"), label(1)
""",
    requires=("yaml",),
)

service(
    "iterator-class",
    """
class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return label(self.n)


DOWN = Countdown(3)
lines = []


def step():
    lines.extend(DOWN)
    return lines, price(1)
""",
    
)


CASES = group.cases
