"""Services that poll, process a stream, and report, each as people write it, and ten ordinary edits of each. No hazard is
looked for here."""

from hrsup.bench.vocabulary import Group, edit, sub

group = Group("everyday-more")


POLLER = {
    "main.py": '''
import logging
import time

from poller.client import Client
from poller.config import load_config
from poller.service import Poller

logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")


def main():
    config = load_config()
    poller = Poller(config, Client(config.base_url))
    while True:
        poller.poll_once()
        time.sleep(config.interval)


if __name__ == "__main__":
    main()
''',
    "poller/__init__.py": '''
''',
    "poller/config.py": '''
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Endpoint:
    name: str
    path: str
    fields: tuple[str, ...]


@dataclass
class Config:
    base_url: str = "http://api.example"
    interval: float = 0.02
    endpoints: list[Endpoint] = field(default_factory=list)


def load_config():
    return Config(
        endpoints=[
            Endpoint("users", "/users", ("id", "name")),
            Endpoint("orders", "/orders", ("id", "total")),
        ]
    )
''',
    "poller/retry.py": '''
import functools
import logging

log = logging.getLogger(__name__)


class Unavailable(Exception):
    pass


def retry(times=3, errors=(Unavailable,)):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(1, times + 1):
                try:
                    return function(*args, **kwargs)
                except errors as error:
                    log.warning("attempt %d of %s failed: %s", attempt, function.__name__, error)
            return None

        return wrapper

    return decorate
''',
    "poller/client.py": '''
from poller.retry import Unavailable, retry

BODIES = {
    "/users": [{"id": 1, "name": "ann"}, {"id": 2, "name": "bob"}],
    "/orders": [{"id": 7, "total": 12.5}, {"id": 8, "total": 3}],
}


class Client:
    def __init__(self, base_url):
        self.base_url = base_url

    @retry(times=2)
    def get(self, path):
        if path not in BODIES:
            raise Unavailable(f"{self.base_url}{path}")
        return BODIES[path]
''',
    "poller/parse.py": '''
def clean(value):
    if isinstance(value, float):
        return round(value, 2)
    return value


def pick(row, fields):
    return {name: clean(row[name]) for name in fields if name in row}


def parse(rows, fields):
    return [pick(row, fields) for row in rows]
''',
    "poller/service.py": '''
import logging

from poller.parse import parse

log = logging.getLogger(__name__)
SEPARATOR = "; "


class Poller:
    def __init__(self, config, client):
        self.config = config
        self.client = client
        self.rounds = 0

    def poll_once(self):
        self.rounds += 1
        parts = []
        for endpoint in self.config.endpoints:
            rows = self.client.get(endpoint.path)
            if rows is None:
                log.error("nothing from %s", endpoint.name)
                continue
            parts.append(self.summary(endpoint, parse(rows, endpoint.fields)))
        print(f"{self.rounds}\\t{SEPARATOR.join(parts)}", flush=True)

    def summary(self, endpoint, rows):
        return f"{endpoint.name}: {rows}"
''',
}
group.service(
    "poller",
    POLLER,
    sub("poller/parse.py", 'round(value, 2)', 'round(value, 1)'),
    sub("poller/service.py", 'f"{endpoint.name}: {rows}"', 'f"{endpoint.name} ({len(rows)}): {rows}"'),
    sub("poller/service.py", 'SEPARATOR = "; "', 'SEPARATOR = " | "'),
    sub("poller/client.py", '"total": 12.5', '"total": 14.5'),
    edit(sub("poller/parse.py", 'def parse(rows, fields):', 'def parse(rows, fields, limit=10):'), sub("poller/parse.py", 'for row in rows]', 'for row in rows[:limit]]')),
    edit(sub("poller/parse.py", 'def pick(', "def shown(name):\n    return name.upper()\n\n\ndef pick("), sub("poller/parse.py", '{name: clean', '{shown(name): clean')),
    edit(sub("poller/service.py", '    def summary(self', "    def title(self, endpoint):\n        return endpoint.name.title()\n\n    def summary(self"), sub("poller/service.py", 'f"{endpoint.name} (', 'f"{self.title(endpoint)} (')),
    sub("poller/client.py", '        if path not in BODIES:', '        path = path.rstrip("/")\n        if path not in BODIES:'),
    sub("poller/retry.py", 'log.warning("attempt %d of %s failed: %s", attempt, function.__name__, error)', 'log.warning("%s failed (%d of %d): %s", function.__name__, attempt, times, error)'),
    edit(sub("poller/service.py", 'import logging\n', 'import logging\nfrom textwrap import shorten\n'), sub("poller/service.py", '): {rows}"', '): {shorten(str(rows), 40)}"')),
    sub("poller/config.py", 'Endpoint("orders", "/orders", ("id", "total"))', 'Endpoint("orders", "/orders", ("total",))'),
)

STREAM = {
    "main.py": '''
import time

from stream.pipeline import Pipeline
from stream.source import Source
from stream.steps import Drop, Enrich, Filter, Window

if __name__ == "__main__":
    source = Source(["cpu", "disk", "net"])
    pipeline = Pipeline([Filter(minimum=2), Drop("net"), Enrich(), Window(size=2)])
    number = 0
    while True:
        number += 1
        lines = [str(event) for event in pipeline.process(source.read())]
        print(f"{number}\\t{' '.join(lines)}", flush=True)
        time.sleep(0.02)
''',
    "stream/__init__.py": '''
from stream.events import Event

__all__ = ["Event"]
''',
    "stream/events.py": '''
from dataclasses import dataclass


@dataclass
class Event:
    name: str
    value: float
    unit: str = ""

    def __str__(self):
        return f"{self.name}={self.value:g}{self.unit}"
''',
    "stream/source.py": '''
from stream.events import Event


class Source:
    def __init__(self, names):
        self.names = names

    def read(self):
        for name in self.names:
            for value in range(4):
                yield Event(name, float(value))
''',
    "stream/steps.py": '''
from abc import ABC, abstractmethod

from stream import units
from stream.events import Event


class Step(ABC):
    @abstractmethod
    def apply(self, events):
        """Events in, events out."""


class Filter(Step):
    def __init__(self, minimum):
        self.minimum = minimum

    def apply(self, events):
        return (event for event in events if event.value >= self.minimum)


class Drop(Step):
    def __init__(self, *names):
        self.names = set(names)

    def apply(self, events):
        for event in events:
            if event.name not in self.names:
                yield event


class Enrich(Step):
    def apply(self, events):
        for event in events:
            event.unit = units.unit_of(event.name)
            yield event


class Window(Step):
    def __init__(self, size):
        self.size = size

    def apply(self, events):
        batch = []
        for event in events:
            batch.append(event)
            if len(batch) == self.size:
                yield self.mean(batch)
                batch = []

    def mean(self, batch):
        value = sum(event.value for event in batch) / len(batch)
        return Event(batch[0].name, value, batch[0].unit)
''',
    "stream/units.py": '''
UNITS = {"cpu": "%", "disk": "MB"}


def unit_of(name):
    return UNITS.get(name, "")
''',
    "stream/pipeline.py": '''
class Pipeline:
    def __init__(self, steps):
        self.steps = steps

    def process(self, events):
        for step in self.steps:
            events = step.apply(events)
        return list(events)
''',
}
group.service(
    "stream",
    STREAM,
    sub("stream/units.py", '"disk": "MB"', '"disk": "GB"'),
    sub("stream/events.py", '{self.name}={self.value:g}', '{self.name}:{self.value:.1f}'),
    sub("stream/steps.py", '/ len(batch)\n', '/ len(batch) + 1\n'),
    edit(sub("stream/units.py", 'def unit_of(name):', 'def unit_of(name, default=""):'), sub("stream/units.py", 'UNITS.get(name, "")', 'UNITS.get(name, default)')),
    sub("stream/steps.py", 'event.value >= self.minimum', 'event.value > self.minimum - 2'),
    edit(sub("stream/steps.py", '    def mean(self', "    def name(self, batch):\n        return '+'.join(sorted({event.name for event in batch}))\n\n    def mean(self"), sub("stream/steps.py", 'Event(batch[0].name,', 'Event(self.name(batch),')),
    sub("stream/source.py", 'range(4)', 'range(5)'),
    edit(sub("stream/steps.py", 'from abc import', 'import logging\nfrom abc import'), sub("stream/steps.py", '        batch = []\n        for event', '        logging.debug("window of %d", self.size)\n        batch = []\n        for event')),
    sub("stream/pipeline.py", '        for step in self.steps:\n', '        for step in filter(None, self.steps):\n'),
    edit(sub("stream/events.py", '    def __str__', '    def rounded(self):\n        return round(self.value, 1)\n\n    def __str__'), sub("stream/events.py", '{self.value:.1f}', '{self.rounded()}')),
    sub("stream/units.py", '"cpu": "%",', '"cpu": "%", "net": "kB",'),
)

REPORTS = {
    "main.py": '''
import time

from reports.build import ReportBuilder
from reports.data import Ledger


def run():
    builder = ReportBuilder(Ledger())
    number = 0
    while True:
        number += 1
        print(f"{number}\\t{builder.build()}", flush=True)
        time.sleep(0.02)


run()
''',
    "reports/__init__.py": '''
''',
    "reports/kinds.py": '''
from enum import Enum


class Status(Enum):
    OPEN = "open"
    PAID = "paid"
    LATE = "late"

    @property
    def label(self):
        return self.value.title()


class Level(Enum):
    LOW = 1
    HIGH = 2

    @classmethod
    def of(cls, amount):
        return cls.HIGH if amount > 100 else cls.LOW
''',
    "reports/data.py": '''
from collections import namedtuple
from decimal import Decimal

from reports.kinds import Status

Invoice = namedtuple("Invoice", "customer amount status")


class Ledger:
    def __init__(self):
        self.invoices = [
            Invoice("Ann", Decimal("120.50"), Status.PAID),
            Invoice("Bob", Decimal("80"), Status.OPEN),
            Invoice("Ann", Decimal("10"), Status.LATE),
        ]

    def by_customer(self):
        found = {}
        for invoice in self.invoices:
            found.setdefault(invoice.customer, []).append(invoice)
        return found
''',
    "reports/money.py": '''
CURRENCY = "EUR"


def money(amount):
    return f"{amount:.2f} {CURRENCY}"
''',
    "reports/templates.py": '''
from string import Template

ROW = Template("$customer: $total ($level) [$states]")
PAGE = "== {title} == {rows}"


def row(**values):
    return ROW.substitute(values)


def page(title, rows):
    return PAGE.format(title=title, rows=" / ".join(rows))
''',
    "reports/build.py": '''
from reports import templates
from reports.kinds import Level
from reports.money import money


class ReportBuilder:
    title = "Invoices"

    def __init__(self, ledger):
        self.ledger = ledger

    def total(self, invoices):
        return sum(invoice.amount for invoice in invoices)

    def states(self, invoices):
        return ",".join(sorted({invoice.status.label for invoice in invoices}))

    def row(self, customer, invoices):
        total = self.total(invoices)
        return templates.row(
            customer=customer,
            total=money(total),
            level=Level.of(total).name,
            states=self.states(invoices),
        )

    def build(self):
        rows = [self.row(customer, found) for customer, found in sorted(self.ledger.by_customer().items())]
        return templates.page(self.title, rows)
''',
}
group.service(
    "reports",
    REPORTS,
    sub("reports/money.py", '{amount:.2f} {CURRENCY}', '{CURRENCY} {amount:.2f}'),
    sub("reports/money.py", 'CURRENCY = "EUR"', 'CURRENCY = "USD"'),
    sub("reports/templates.py", '"$customer: $total', '"$customer owes $total'),
    sub("reports/templates.py", '== {title} == ', '# {title}: '),
    sub("reports/kinds.py", 'return self.value.title()', 'return self.value.upper()'),
    sub("reports/kinds.py", 'amount > 100', 'amount > 50'),
    edit(sub("reports/money.py", 'def money(amount):', 'def money(amount, digits=1):'), sub("reports/money.py", '{amount:.2f}', '{amount:.{digits}f}')),
    edit(sub("reports/build.py", '    def states(self', "    def count(self, invoices):\n        return f'{len(invoices)} invoices'\n\n    def states(self"), sub("reports/build.py", 'customer=customer,', "customer=f'{customer}, {self.count(invoices)}',")),
    sub("reports/build.py", 'title = "Invoices"', 'title = "All invoices"'),
    edit(sub("reports/build.py", 'from reports import templates\n', 'import logging\n\nfrom reports import templates\n'), sub("reports/build.py", '        total = self.total(invoices)\n', "        total = self.total(invoices)\n        logging.debug('%s: %s', customer, total)\n")),
    sub("reports/kinds.py", '    LATE = "late"\n', '    LATE = "late"\n    VOID = "void"\n'),
    edit(sub("reports/templates.py", 'def page(', "def line(rows):\n    return ' / '.join(rows)\n\n\ndef page("), sub("reports/templates.py", 'rows=" / ".join(rows)', 'rows=line(rows)')),
)

CASES = group.cases
