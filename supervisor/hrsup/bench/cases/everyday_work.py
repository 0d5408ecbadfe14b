"""Services that wait, consume, schedule and run plug-ins, each as people write it, and ten ordinary edits of each: a body, a
constant, a parameter, a helper, a method, a log line. No hazard is looked for here."""

from hrsup.bench.vocabulary import Group, edit, put, sub

group = Group("everyday-work")


ASYNCIO_WORKERS = {
    "main.py": '''
import asyncio
import contextlib

from config import WORKERS
from pipeline import consume, produce, report


async def main():
    jobs = asyncio.Queue(maxsize=10)
    results = asyncio.Queue()
    tasks = [asyncio.create_task(produce(jobs))]
    tasks += [asyncio.create_task(consume(number, jobs, results)) for number in range(WORKERS)]
    tasks.append(asyncio.create_task(report(results)))
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)


if __name__ == "__main__":
    asyncio.run(main())
''',
    "config.py": '''
WORKERS = 2
BATCH = 4
''',
    "jobs.py": '''
from dataclasses import dataclass


@dataclass
class Job:
    number: int
    text: str


def make_batch(size):
    return [Job(number, f"job-{number}") for number in range(size)]
''',
    "handlers.py": '''
FACTOR = 2


def score(job):
    return job.number * FACTOR


async def handle(job):
    return f"{job.text}={score(job)}"
''',
    "pipeline.py": '''
import asyncio

from config import BATCH
from handlers import handle
from jobs import make_batch


async def produce(jobs):
    while True:
        for job in make_batch(BATCH):
            await jobs.put(job)
        await jobs.join()
        await asyncio.sleep(0.02)


async def consume(number, jobs, results):
    while True:
        job = await jobs.get()
        try:
            await results.put(await handle(job))
        finally:
            jobs.task_done()


async def report(results):
    tick = 0
    while True:
        await asyncio.sleep(0.02)
        lines = set()
        while not results.empty():
            lines.add(results.get_nowait())
        if lines:
            tick += 1
            print(f"{tick}\\t{', '.join(sorted(lines))}", flush=True)
''',
}
group.service(
    "asyncio-workers",
    ASYNCIO_WORKERS,
    sub("handlers.py", 'job.number * FACTOR', 'job.number * FACTOR + 1'),
    sub("handlers.py", 'FACTOR = 2', 'FACTOR = 3'),
    sub("config.py", 'BATCH = 4', 'BATCH = 5'),
    sub("handlers.py", 'f"{job.text}={score(job)}"', 'f"{job.text}:{score(job)}"'),
    edit(sub("jobs.py", 'def make_batch(size):', "def make_batch(size, prefix='task'):"), sub("jobs.py", 'f"job-{number}"', 'f"{prefix}-{number}"')),
    edit(sub("handlers.py", 'async def handle', "def shown(job):\n    return f'{job.text}>{score(job)}'\n\n\nasync def handle"), sub("handlers.py", 'f"{job.text}:{score(job)}"', 'shown(job)')),
    edit(sub("handlers.py", 'FACTOR = 3', 'import logging\n\nFACTOR = 3\nlog = logging.getLogger(__name__)'), sub("handlers.py", 'async def handle(job):\n', "async def handle(job):\n    log.debug('handling %s', job)\n")),
    edit(sub("jobs.py", '    text: str\n', '    text: str\n\n    def title(self):\n        return self.text.upper()\n'), sub("handlers.py", '{job.text}>', '{job.title()}>')),
    edit(sub("jobs.py", '    text: str\n', '    text: str\n    weight: int = 2\n'), sub("handlers.py", 'job.number * FACTOR', 'job.number * FACTOR * job.weight')),
    edit(sub("handlers.py", 'def shown', 'def line'), sub("handlers.py", 'return shown(', 'return line(')),
)

THREAD_POOL = {
    "main.py": '''
import logging
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

from intake import feed
from worker import Consumer

logging.basicConfig(level=logging.WARNING)


def main():
    inbox = queue.Queue(maxsize=50)
    threading.Thread(target=feed, args=(inbox,), daemon=True).start()
    with ThreadPoolExecutor(max_workers=3) as pool:
        Consumer(inbox, pool).run()


if __name__ == "__main__":
    main()
''',
    "intake.py": '''
import time

from orders import sample


def feed(inbox):
    while True:
        for order in sample():
            inbox.put(order)
        inbox.put(None)
        time.sleep(0.02)
''',
    "orders.py": '''
def sample():
    return [
        {"id": 1, "lines": [("pen", 2), ("ink", 1)]},
        {"id": 2, "lines": [("book", 1)]},
        {"id": 3, "lines": []},
    ]
''',
    "prices.py": '''
PRICES = {"pen": 3, "ink": 7, "book": 20}
DISCOUNT = 0


def price(name):
    return PRICES.get(name, 1) - DISCOUNT
''',
    "process.py": '''
from prices import price


class EmptyOrder(ValueError):
    pass


def total(lines):
    return sum(price(name) * count for name, count in lines)


def process(order):
    if not order["lines"]:
        raise EmptyOrder(order["id"])
    return order["id"], total(order["lines"])
''',
    "worker.py": '''
import logging
from concurrent.futures import as_completed

from process import EmptyOrder, process

log = logging.getLogger(__name__)


class Consumer:
    def __init__(self, inbox, pool):
        self.inbox = inbox
        self.pool = pool
        self.rounds = 0
        self.failures = 0

    def take(self):
        batch = []
        while (order := self.inbox.get()) is not None:
            batch.append(order)
        return batch

    def run(self):
        while True:
            self.round(self.take())

    def round(self, batch):
        futures = {self.pool.submit(process, order): order for order in batch}
        done = {}
        for future in as_completed(futures):
            try:
                number, amount = future.result()
            except EmptyOrder as error:
                self.failures += 1
                done[futures[future]["id"]] = f"empty {error}"
            else:
                done[number] = f"{amount:.2f}"
        self.rounds += 1
        print(f"{self.rounds}\\t{self.render(done)}", flush=True)

    def render(self, done):
        return "; ".join(f"#{number} {text}" for number, text in sorted(done.items()))
''',
}
group.service(
    "thread-pool",
    THREAD_POOL,
    sub("process.py", 'price(name) * count for', 'price(name) * count + 1 for'),
    sub("prices.py", 'DISCOUNT = 0', 'DISCOUNT = 1'),
    sub("worker.py", 'f"#{number} {text}"', 'f"order {number}: {text}"'),
    sub("prices.py", '"ink": 7', '"ink": 9'),
    edit(sub("prices.py", 'def price(name):', 'def price(name, discount=DISCOUNT):'), sub("prices.py", '- DISCOUNT', '- discount')),
    edit(sub("process.py", 'def total(lines):', 'def line_total(name, count):\n    return price(name) * count\n\n\ndef total(lines):'), sub("process.py", 'price(name) * count + 1 for', 'line_total(name, count) for')),
    edit(sub("process.py", 'from prices import price\n', 'import logging\n\nfrom prices import price\n\nlog = logging.getLogger(__name__)\n'), sub("process.py", 'def process(order):\n', "def process(order):\n    log.debug('order %s', order)\n")),
    edit(sub("worker.py", '    def render(self, done):\n', "    def line(self, number, text):\n        return f'[{number}] {text}'\n\n    def render(self, done):\n"), sub("worker.py", 'f"order {number}: {text}"', 'self.line(number, text)')),
    sub("process.py", 'class EmptyOrder(ValueError):\n    pass\n', "class EmptyOrder(ValueError):\n    def __str__(self):\n        return f'order {self.args[0]}'\n"),
    sub("orders.py", '("book", 1)', '("book", 2)'),
    edit(sub("process.py", 'import logging\n', 'import logging\nimport math\n'), sub("process.py", 'return sum(line_total', 'return math.fsum(line_total')),
)

SCHED = {
    "main.py": '''
import sched
import time

from jobs import JOBS
from report import Report


def repeat(scheduler, job, report):
    report.add(job.name, job.run())
    scheduler.enter(job.every, job.priority, repeat, (scheduler, job, report))


def main():
    scheduler = sched.scheduler(time.monotonic, time.sleep)
    report = Report()
    for job in JOBS:
        scheduler.enter(0, job.priority, repeat, (scheduler, job, report))
    scheduler.enter(0.05, 9, report.show, (scheduler,))
    scheduler.run()


if __name__ == "__main__":
    main()
''',
    "jobs.py": '''
import tasks
from job import Job

JOBS = [
    Job("usage", tasks.usage, every=0.01),
    Job("backup", tasks.backup, every=0.02),
    Job("mail", tasks.mail, every=0.01, priority=2),
]
''',
    "job.py": '''
class Job:
    def __init__(self, name, function, every, priority=1):
        self.name = name
        self.function = function
        self.every = every
        self.priority = priority

    def run(self):
        return self.function()
''',
    "tasks.py": '''
import formats

FILES = ["a.txt", "b.txt", "c.log"]
QUOTA = 100


def usage():
    return formats.percent(42, QUOTA)


def backup():
    return len([name for name in FILES if name.endswith(".txt")])


def mail():
    return "sent to root"
''',
    "formats.py": '''
def percent(part, whole):
    return f"{100 * part // whole}%"
''',
    "report.py": '''
class Report:
    def __init__(self):
        self.latest = {}
        self.shown = 0

    def add(self, name, result):
        self.latest[name] = result

    def show(self, scheduler):
        if len(self.latest) > 2:
            self.shown += 1
            print(f"{self.shown}\\t{self.text()}", flush=True)
            self.latest = {}
        scheduler.enter(0.05, 9, self.show, (scheduler,))

    def text(self):
        return " ".join(f"{name}={self.latest[name]}" for name in sorted(self.latest))
''',
}
group.service(
    "sched",
    SCHED,
    sub("tasks.py", '"sent to root"', '"sent to admin"'),
    sub("tasks.py", 'QUOTA = 100', 'QUOTA = 200'),
    sub("formats.py", '{100 * part // whole}%', '{100 * part / whole:.1f}%'),
    sub("tasks.py", '"c.log"]', '"c.log", "d.txt"]'),
    edit(sub("formats.py", 'def percent(part, whole):', "def percent(part, whole, unit='%'):"), sub("formats.py", ':.1f}%', ':.1f}{unit}')),
    sub("report.py", '{name}={self', '{name}:{self'),
    sub("job.py", '        return self.function()\n', '        return str(self.function())[:20]\n'),
    edit(sub("tasks.py", 'import formats\n', 'import logging\n\nimport formats\n'), sub("tasks.py", 'def backup():\n', "def backup():\n    logging.debug('backup')\n")),
    sub("jobs.py", 'every=0.02)', 'every=0.01)'),
    edit(sub("tasks.py", 'def mail():', "def ping():\n    return 'pong'\n\n\ndef mail():"), sub("jobs.py", '    Job("mail"', '    Job("ping", tasks.ping, every=0.01),\n    Job("mail"')),
)

PLUGINS = {
    "main.py": '''
import time

from loader import load_plugins
from runner import run_all

if __name__ == "__main__":
    plugins = load_plugins()
    tick = 0
    while True:
        tick += 1
        print(f"{tick}\\t{run_all(plugins, {'text': 'Hello big World'})}", flush=True)
        time.sleep(0.02)
''',
    "loader.py": '''
import importlib
import pkgutil

import plugins


def load_plugins():
    found = {}
    for info in pkgutil.iter_modules(plugins.__path__):
        module = importlib.import_module(f"plugins.{info.name}")
        if hasattr(module, "run"):
            found[info.name] = module
    return found


def settings(module):
    return {name: value for name, value in vars(module).items() if name.isupper()}
''',
    "runner.py": '''
from loader import settings


def run_one(module, context):
    return getattr(module, "run")(context, settings(module))


def run_all(plugins, context):
    results = [f"{name}={run_one(module, context)}" for name, module in sorted(plugins.items())]
    return "; ".join(results)
''',
    "plugins/__init__.py": '''''',
    "plugins/count.py": '''
MIN = 4


def run(context, settings):
    return sum(1 for word in context["text"].split() if len(word) >= settings["MIN"])
''',
    "plugins/shout.py": '''
from plugins._common import words

MARK = "!"


def run(context, settings):
    return " ".join(word.upper() + settings["MARK"] for word in words(context))
''',
    "plugins/_common.py": '''
def words(context):
    return context["text"].split()
''',
    "plugins/title.py": '''
class Title:
    def __init__(self, text):
        self.text = text

    def render(self):
        return self.text.title()


def run(context, settings):
    return Title(context["text"]).render()
''',
}
group.service(
    "plugins",
    PLUGINS,
    sub("plugins/count.py", 'sum(1 for', '100 + sum(1 for'),
    sub("plugins/count.py", 'MIN = 4', 'MIN = 5'),
    sub("plugins/_common.py", 'context["text"].split()', 'sorted(context["text"].split())'),
    sub("plugins/title.py", 'self.text.title()', 'self.text.swapcase()'),
    edit(sub("plugins/shout.py", 'def run(', 'def loud(word, mark):\n    return word.upper() + mark\n\n\ndef run('), sub("plugins/shout.py", 'word.upper() + settings["MARK"] for', 'loud(word, settings["MARK"]) for')),
    edit(sub("plugins/count.py", 'MIN = 5\n', 'MIN = 5\nFACTOR = 2\n'), sub("plugins/count.py", 'return 100 + sum', 'return settings["FACTOR"] * sum')),
    sub("runner.py", '"; ".join', '" | ".join'),
    sub("plugins/title.py", '    def render(self):\n        return self.text.swapcase()', '    def cut(self):\n        return self.text[:9]\n\n    def render(self):\n        return self.cut().swapcase()'),
    edit(sub("runner.py", 'from loader import settings\n', 'import logging\n\nfrom loader import settings\n\nlog = logging.getLogger(__name__)\n'), sub("runner.py", 'def run_one(module, context):\n', "def run_one(module, context):\n    log.debug('run %s', module.__name__)\n")),
    edit(sub("plugins/_common.py", 'def words(context):', "def words(context, key='text'):"), sub("plugins/_common.py", 'context["text"]', 'context[key]')),
    put("plugins/vowels.py", "def run(context, settings):\n    return sum(letter in 'aeiou' for letter in context['text'])\n"),
)

DAEMON = {
    "main.py": '''
from daemon.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
''',
    "daemon.ini": '''[daemon]
interval = 0.02
level = WARNING

[disk]
warn = 80
''',
    "daemon/__init__.py": '''''',
    "daemon/cli.py": '''
import argparse
import configparser
import logging
import signal

from daemon.service import Daemon


def build_parser():
    parser = argparse.ArgumentParser(prog="daemon")
    parser.add_argument("--config", default="daemon.ini")
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser


def main(argv=None):
    args = build_parser().parse_args(argv)
    config = configparser.ConfigParser()
    config.read(args.config)
    level = logging.DEBUG if args.verbose else config["daemon"]["level"]
    logging.basicConfig(level=level, format="%(levelname)s %(message)s")
    daemon = Daemon(config)
    signal.signal(signal.SIGHUP, daemon.on_hup)
    signal.signal(signal.SIGTERM, daemon.on_term)
    return daemon.run()
''',
    "daemon/service.py": '''
import logging
import time

from daemon import checks
from daemon.status import Status

log = logging.getLogger(__name__)


class Daemon:
    def __init__(self, config):
        self.config = config
        self.interval = config.getfloat("daemon", "interval")
        self.running = True
        self.status = Status()
        self.count = 0

    def on_hup(self, signum, frame):
        log.info("hup")

    def on_term(self, signum, frame):
        self.running = False

    def run(self):
        while self.running:
            self.step()
            time.sleep(self.interval)
        return 0

    def step(self):
        self.count += 1
        for name, check in checks.ALL.items():
            self.status.set(name, check(self.config))
        print(f"{self.count}\\t{self.status.text()}", flush=True)
''',
    "daemon/checks.py": '''
from daemon.probes import disk_usage, load_average


def disk(config):
    used = disk_usage("/")
    return "warn" if used > config.getint("disk", "warn") else "ok"


def load(config):
    return "busy" if load_average() > 4 else "idle"


ALL = {"disk": disk, "load": load}
''',
    "daemon/probes.py": '''
USED = {"/": 75}


def disk_usage(path):
    return USED.get(path, 0)


def load_average():
    return 1.5
''',
    "daemon/status.py": '''
class Status:
    def __init__(self):
        self.values = {}

    def set(self, name, value):
        if self.values.get(name) != value:
            self.values[name] = value

    def text(self):
        return ", ".join(f"{name}: {value}" for name, value in self.values.items())
''',
}
group.service(
    "daemon",
    DAEMON,
    sub("daemon/probes.py", 'return 1.5', 'return 5.5'),
    edit(sub("daemon/checks.py", '"warn" if', '"warning" if'), sub("daemon/checks.py", 'else "ok"', 'else "fine"')),
    sub("daemon/probes.py", 'USED = {"/": 75}', 'USED = {"/": 90}'),
    edit(sub("daemon/probes.py", 'def load_average():', 'def load_average(minutes=1):'), sub("daemon/probes.py", 'return 5.5', 'return 5.5 / minutes')),
    sub("daemon/status.py", '{name}: {value}', '{name}={value}'),
    sub("daemon/checks.py", 'ALL = {"disk": disk, "load": load}', 'def users(config):\n    return "none"\n\n\nALL = {"disk": disk, "load": load, "users": users}'),
    sub("daemon/service.py", '        self.count += 1\n', "        self.count += 1\n        log.debug('step %d', self.count)\n"),
    edit(sub("daemon/status.py", '    def text(self):\n', "    def line(self, name):\n        return f'{name}: {self.values[name]}'\n\n    def text(self):\n"), sub("daemon/status.py", 'f"{name}={value}" for name, value in self.values.items()', 'self.line(name) for name in self.values')),
    sub("daemon/service.py", 'log.info("hup")', 'log.warning("got a hup")'),
    sub("daemon/cli.py", '    return parser\n', '    parser.add_argument("--once", action="store_true")\n    return parser\n'),
    edit(sub("daemon/probes.py", 'def disk_usage', 'def disk_percent'), sub("daemon/checks.py", 'import disk_usage', 'import disk_percent'), sub("daemon/checks.py", 'used = disk_usage(', 'used = disk_percent(')),
)

CASES = group.cases
