"""Ordinary services and ordinary edits: what a user does all day. No hazard is looked for here.

Each program is written as such programs are, with its state made before its loop; each history is a sequence of small
edits of bodies, constants in bodies, messages, and new functions.
"""

from hrsup.bench.vocabulary import Group, edit, sub


group = Group("ordinary")

# -- a loop that polls a file and loads it into a database -----------------------------------------------------------
ETL = {
    "data/orders.csv": "number,region,count,price\n1,north,3,6.50\n2,south,1,18.00\n3,west,0,2.25\n4,north,12,1.10\n",
    "extract.py": '''
import csv
from pathlib import Path

SOURCE = Path(__file__).parent / "data" / "orders.csv"


def read_rows(path=SOURCE):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
''',
    "transform.py": '''
import logging

log = logging.getLogger(__name__)


def parse(row):
    return {"region": row["region"], "count": int(row["count"]), "price": float(row["price"])}


def is_valid(order):
    return order["count"] > 0


def amount(order):
    discount = 0.1 if order["count"] >= 10 else 0.0
    return round(order["count"] * order["price"] * (1 - discount), 2)


def transform(rows):
    orders = []
    for row in rows:
        order = parse(row)
        if not is_valid(order):
            log.debug("skipped %s", row)
            continue
        order["amount"] = amount(order)
        orders.append(order)
    log.debug("%d orders", len(orders))
    return orders
''',
    "store.py": '''
import sqlite3


class Store:
    """Keeps the last load."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path)
        self.connection.execute("create table if not exists sums (region text primary key, amount real)")

    def replace(self, orders):
        sums = {}
        for order in orders:
            sums[order["region"]] = sums.get(order["region"], 0) + order["amount"]
        with self.connection:
            self.connection.execute("delete from sums")
            self.connection.executemany("insert into sums values (?, ?)", sorted(sums.items()))

    def sums(self):
        return self.connection.execute("select region, amount from sums order by region").fetchall()
''',
    "main.py": '''
import time

from extract import read_rows
from store import Store
from transform import transform

INTERVAL = 0.005


def describe(sums):
    return ", ".join(f"{region} {amount:.2f}" for region, amount in sums)


def main():
    store = Store(":memory:")
    loads = 0
    while True:
        orders = transform(read_rows())
        store.replace(orders)
        loads += 1
        print(f"{loads}\\t{len(orders)} orders: {describe(store.sums())}", flush=True)
        time.sleep(INTERVAL)


if __name__ == "__main__":
    main()
''',
}
group.service("polling-etl", ETL,
    sub("transform.py", "0.1 if", "0.2 if"),
    sub("transform.py", ">= 10", ">= 3"),
    sub("transform.py", '["count"] > 0', '["count"] >= 0'),
    sub("transform.py", '"region": row["region"]', '"region": row["region"].title()'),
    sub("transform.py", "skipped %s", "left out %s"),
    edit(sub("transform.py", "def amount(order):", "def rate(order):\n    return 0.05 if order[\"region\"] == \"North\" else 0.0\n\n\ndef amount(order):"),
         sub("transform.py", "(1 - discount)", "(1 - discount - rate(order))")),
    sub("extract.py", "list(csv.DictReader(file))", "[row for row in csv.DictReader(file) if row[\"number\"]]"),
    sub("main.py", "{amount:.2f}", "{amount:.1f} EUR"))
group.service("polling-etl-store", ETL,
    sub("store.py", "order by region", "order by amount"),
    sub("store.py", '+ order["amount"]', '+ round(order["amount"], 1)'),
    sub("main.py", "} {amount:.2f}", "}={amount:.2f}"))

# -- a consumer of a queue, with classes -----------------------------------------------------------------------------
QUEUE = {
    "jobs.py": '''
class Job:
    kind = "job"

    def __init__(self, payload):
        self.payload = payload
        self.tries = 0

    def run(self):
        raise NotImplementedError


class Resize(Job):
    kind = "resize"

    def run(self):
        width, height = self.payload
        return f"{width // 2}x{height // 2}"


class Mail(Job):
    kind = "mail"

    def run(self):
        return f"to {self.address()}: hello"

    def address(self):
        return self.payload.strip().lower()


KINDS = {cls.kind: cls for cls in (Resize, Mail)}


def make(kind, payload):
    return KINDS[kind](payload)
''',
    "worker.py": '''
import logging
from collections import deque

from jobs import make

log = logging.getLogger("worker")


class Worker:
    def __init__(self, limit):
        self.queue = deque()
        self.limit = limit
        self.done = 0

    def submit(self, kind, payload):
        self.queue.append((kind, payload))

    def drain(self):
        results = []
        while self.queue and len(results) < self.limit:
            kind, payload = self.queue.popleft()
            results.append(self.handle(make(kind, payload)))
        return results

    def handle(self, job):
        try:
            result = job.run()
        except ValueError:
            log.exception("failed: %s", job.kind)
            return f"{job.kind} failed"
        self.done += 1
        log.info("%s done", job.kind)
        return f"{job.kind}: {result}"
''',
    "main.py": '''
import logging
import time

from worker import Worker


def incoming():
    return [("resize", (640, 480)), ("mail", " Ada@Example.org "), ("resize", (100, 50))]


def main():
    logging.basicConfig(level=logging.WARNING)
    worker = Worker(limit=10)
    rounds = 0
    while True:
        for kind, payload in incoming():
            worker.submit(kind, payload)
        results = worker.drain()
        rounds += 1
        print(f"{rounds}\\t{' | '.join(results)}", flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
''',
}
group.service("queue-consumer", QUEUE,
    sub("jobs.py", "hello", "good day"),
    sub("jobs.py", "width // 2", "width // 4"),
    sub("jobs.py", ".strip().lower()", ".strip()"),
    sub("worker.py", '"{job.kind}: {result}"', '"{job.kind} -> {result}"'),
    sub("worker.py", "%s done", "%s finished"),
    edit(sub("jobs.py", "    def address(self):", "    def greeting(self):\n        return \"dear customer\"\n\n    def address(self):"),
         sub("jobs.py", ": good day", ": {self.greeting()}")),
    sub("main.py", "(100, 50)", "(100, 80)"),
    sub("worker.py", '{job.kind} failed"', '{job.kind} did not work"'))

# -- a printer of metrics, with dataclasses --------------------------------------------------------------------------
METRICS = {
    "model.py": '''
from dataclasses import dataclass, field


@dataclass
class Sample:
    name: str
    values: list[float] = field(default_factory=list)

    @property
    def mean(self):
        return sum(self.values) / len(self.values)

    def spread(self):
        return max(self.values) - min(self.values)


@dataclass(frozen=True)
class Threshold:
    name: str
    limit: float

    def exceeded(self, sample):
        return sample.name == self.name and sample.mean > self.limit
''',
    "collect.py": '''
from model import Sample

UNIT = "ms"


def collect():
    return [Sample("cpu", [0.25, 0.5, 0.75]), Sample("disk", [12.0, 14.0]), Sample("net", [3.5])]


def smooth(values, factor=0.5):
    current = values[0]
    for value in values[1:]:
        current = factor * value + (1 - factor) * current
    return current
''',
    "show.py": '''
from collect import UNIT, smooth


def line(sample):
    return f"{sample.name:<5}{sample.mean:6.2f}{sample.spread():6.2f}{smooth(sample.values):7.3f} {UNIT}"


def warn(sample):
    return f"{sample.name} is high"


class Dashboard:
    def __init__(self, title, thresholds):
        self.title = title
        self.thresholds = thresholds
        self.pages = 0

    def page(self, samples):
        self.pages += 1
        rows = [line(sample) for sample in samples]
        rows += [warn(sample) for sample in samples if any(item.exceeded(sample) for item in self.thresholds)]
        return f"{self.title}: " + " / ".join(rows)
''',
    "main.py": '''
import time

from collect import collect
from model import Threshold
from show import Dashboard


def thresholds():
    return [Threshold("cpu", 0.4), Threshold("disk", 15)]


def main():
    dashboard = Dashboard("host a", thresholds())
    while True:
        page = dashboard.page(collect())
        print(f"{dashboard.pages}\\t{page}", flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
''',
}
group.service("metrics", METRICS,
    sub("model.py", "sum(self.values) / len(self.values)", "round(sum(self.values) / len(self.values), 1)"),
    sub("model.py", "max(self.values) - min(self.values)", "max(self.values)"),
    sub("collect.py", "factor * value", "2 * factor * value"),
    sub("collect.py", '"net", [3.5]', '"net", [4.5]'),
    sub("show.py", "is high", "is too high"),
    sub("show.py", ":7.3f", ":8.4f"),
    sub("model.py", "sample.mean > self.limit", "sample.mean >= self.limit - 2"),
    sub("collect.py", 'UNIT = "ms"', 'UNIT = "s"'),
    sub("show.py", '" / ".join', '" - ".join'),
    edit(sub("show.py", "def warn(sample):", "def bar(sample):\n    return \"#\" * int(sample.mean)\n\n\ndef warn(sample):"),
         sub("show.py", " {UNIT}\"", " {UNIT} {bar(sample)}\"")))

# -- a small server over selectors -----------------------------------------------------------------------------------
SERVER = {
    "protocol.py": '''
import json


def parse(data):
    method, path, *_ = data.decode().split()
    return method, path


def response(status, body):
    text = json.dumps(body, sort_keys=True)
    return f"HTTP/1.0 {status}\\r\\nContent-Length: {len(text)}\\r\\n\\r\\n{text}".encode()
''',
    "pages.py": '''
def home(path):
    return {"page": "home", "links": ["/about"]}


def about(path):
    return {"page": "about", "text": "a small server"}


def missing(path):
    return {"error": f"no {path}"}


def find(path):
    if path == "/":
        return 200, home
    if path.startswith("/about"):
        return 200, about
    return 404, missing
''',
    "server.py": '''
import logging
import selectors
import socket

from pages import find
from protocol import parse, response

log = logging.getLogger("server")


class Server:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.requests = 0

    def add(self, connection):
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ)

    def serve_once(self, timeout):
        for key, _ in self.selector.select(timeout):
            self.answer(key.fileobj)

    def answer(self, connection):
        method, path = parse(connection.recv(4096))
        status, page = find(path)
        self.requests += 1
        log.info("%s %s %s", method, path, status)
        connection.sendall(response(status, page(path)))


def connect(server):
    ours, theirs = socket.socketpair()
    server.add(theirs)
    return ours
''',
    "main.py": '''
import time

from server import Server, connect


def ask(client, server, path):
    client.sendall(f"GET {path} HTTP/1.0".encode())
    server.serve_once(1)
    return client.recv(4096).decode().replace("\\r\\n", " ")


def main():
    server = Server()
    client = connect(server)
    shown = 0
    while True:
        answers = [ask(client, server, path) for path in ("/", "/about", "/x")]
        shown += 1
        print(f"{shown}\\t{' | '.join(answers)}", flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
''',
}
group.service("small-server", SERVER,
    sub("pages.py", "a small server", "a very small server"),
    sub("pages.py", '["/about"]', '["/about", "/help"]'),
    sub("pages.py", "no {path}", "nothing at {path}"),
    sub("protocol.py", "HTTP/1.0 {status}", "HTTP/1.1 {status}"),
    sub("protocol.py", "sort_keys=True", "sort_keys=True, indent=None"),
    edit(sub("pages.py", "def missing(path):", "def help(path):\n    return {\"page\": \"help\"}\n\n\ndef missing(path):"),
         sub("pages.py", "    return 404", "    if path == \"/x\":\n        return 200, help\n    return 404")),
    sub("server.py", "%s %s %s", "%s %s: %s"),
    sub("server.py", "find(path)\n", "find(path.lower())\n"))

# -- a loop of pandas ------------------------------------------------------------------------------------------------
PANDAS = {
    "data/values.csv": "site,value\na,1.5\nb,2.5\na,3.0\nb,9.0\n",
    "load.py": '''
from pathlib import Path

import pandas as pd

FILE = Path(__file__).parent / "data" / "values.csv"


def load():
    return pd.read_csv(FILE)
''',
    "features.py": '''
def add_features(frame):
    frame = frame.copy()
    frame["double"] = frame["value"] * 2
    frame["high"] = frame["value"] > 2.6
    return frame


def by_site(frame):
    return frame.groupby("site")["double"].mean()
''',
    "main.py": '''
import time

from features import add_features, by_site
from load import load


def show(means, high):
    return ", ".join(f"{site}: {value:.2f}" for site, value in means.items()) + f", {high} high"


def main():
    shown = 0
    while True:
        frame = add_features(load())
        shown += 1
        print(f"{shown}\\t{show(by_site(frame), int(frame['high'].sum()))}", flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
''',
}
group.service("pandas-loop", PANDAS,
    sub("features.py", "* 2", "* 3"),
    sub("features.py", "> 2.6", "> 1.6"),
    sub("features.py", ".mean()", ".max()"),
    sub("load.py", "pd.read_csv(FILE)", "pd.read_csv(FILE).dropna()"),
    sub("features.py", "    return frame\n", "    frame[\"double\"] += 1\n    return frame\n"),
    sub("main.py", " high\"", " are high\""),
    requires=["pandas"])

# -- a service that is one object ------------------------------------------------------------------------------------
MONITOR = {
    "checks.py": '''
import functools
import time


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        wrapper.seconds = time.perf_counter() - start
        return result

    return wrapper


@timed
def check_space(used, total):
    return "ok" if used / total < 0.9 else "full"


def check_load(load):
    if load > 4:
        return "busy"
    return "ok"


CHECKS = {"space": lambda host: check_space(host["used"], host["total"]), "load": lambda host: check_load(host["load"])}
''',
    "app.py": '''
import logging
import time

from checks import CHECKS

HOSTS = [{"name": "a", "used": 95, "total": 100, "load": 1}, {"name": "b", "used": 10, "total": 50, "load": 6}]


class App:
    def __init__(self, hosts):
        self.hosts = hosts
        self.log = logging.getLogger("app")
        self.rounds = 0
        self.last = None

    def check(self, host):
        return {name: check(host) for name, check in CHECKS.items()}

    def summary(self, results):
        bad = [name for name, result in results.items() if any(value != "ok" for value in result.values())]
        return f"{len(bad)} of {len(results)} have problems: {', '.join(bad)}"

    def step(self):
        results = {host["name"]: self.check(host) for host in self.hosts}
        self.last = results
        self.rounds += 1
        self.log.info("round %d", self.rounds)
        return self.summary(results) + " " + str(self.last)

    def run(self):
        while True:
            text = self.step()
            print(f"{self.rounds}\\t{text}", flush=True)
            time.sleep(0.005)
''',
    "main.py": '''
from app import HOSTS, App

if __name__ == "__main__":
    App(HOSTS).run()
''',
}
group.service("monitor", MONITOR,
    sub("checks.py", "< 0.9", "< 0.99"),
    sub("checks.py", "load > 4", "load > 8"),
    sub("checks.py", '"busy"', '"loaded"'),
    sub("app.py", "have problems", "are in trouble"),
    sub("app.py", "round %d", "round no. %d"),
    edit(sub("app.py", "    def step(self):", "    def worst(self, results):\n        return max(results)\n\n    def step(self):"),
         sub("app.py", "str(self.last)", "str(self.last) + self.worst(results)")))

CASES = group.cases
