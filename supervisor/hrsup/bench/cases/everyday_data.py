"""Services that load, fit, transform and simulate, each as people write it, and ten ordinary edits of each. No hazard is
looked for here."""

from hrsup.bench.vocabulary import Group, edit, sub

group = Group("everyday-data")


ETL = {
    "main.py": '''
import time

from etl.load import Store
from etl.run import cycle

if __name__ == "__main__":
    store = Store(":memory:")
    tick = 0
    while True:
        tick += 1
        print(f"{tick}\\t{cycle(store)}", flush=True)
        time.sleep(0.02)
''',
    "etl/__init__.py": '''''',
    "etl/extract.py": '''
import io

import pandas as pd

RAW = """day,city,temp
1,Rome,20.5
1,Oslo,3.0
2,Rome,22.5
2,Oslo,
"""


def extract():
    return pd.read_csv(io.StringIO(RAW))
''',
    "etl/transform.py": '''
OFFSET = 0.0


def fahrenheit(celsius):
    return celsius * 9 / 5 + 32


def transform(frame):
    frame = frame.dropna(subset=["temp"]).copy()
    frame["temp"] = frame["temp"] + OFFSET
    frame["fahrenheit"] = frame["temp"].map(fahrenheit)
    return frame.groupby("city", as_index=False)[["temp", "fahrenheit"]].mean()
''',
    "etl/load.py": '''
import sqlite3

SCHEMA = "CREATE TABLE IF NOT EXISTS weather (city TEXT PRIMARY KEY, temp REAL, fahrenheit REAL)"


class Store:
    def __init__(self, path):
        self.connection = sqlite3.connect(path)
        self.connection.execute(SCHEMA)

    def save(self, frame):
        rows = [tuple(row) for row in frame.itertuples(index=False)]
        with self.connection:
            self.connection.execute("DELETE FROM weather")
            self.connection.executemany("INSERT INTO weather VALUES (?, ?, ?)", rows)

    def rows(self):
        return self.connection.execute("SELECT city, temp, fahrenheit FROM weather ORDER BY city").fetchall()
''',
    "etl/report.py": '''
def line(row):
    city, temp, fahrenheit = row
    return f"{city} {temp:.1f}C {fahrenheit:.1f}F"


def render(rows):
    return "; ".join(line(row) for row in rows)
''',
    "etl/run.py": '''
from etl.extract import extract
from etl.report import render
from etl.transform import transform


def cycle(store):
    store.save(transform(extract()))
    return render(store.rows())
''',
}
group.service(
    "etl",
    ETL,
    sub("etl/transform.py", 'celsius * 9 / 5 + 32', 'celsius * 9 / 5 + 32.5'),
    sub("etl/transform.py", 'OFFSET = 0.0', 'OFFSET = 1.0'),
    sub("etl/report.py", '{temp:.1f}C', '{temp:.2f} C'),
    sub("etl/transform.py", '.mean()', '.max()'),
    edit(sub("etl/report.py", 'def render(rows):', "def render(rows, joiner=' / '):"), sub("etl/report.py", '"; ".join', 'joiner.join')),
    sub("etl/extract.py", '2,Oslo,\n', '2,Oslo,5.0\n'),
    edit(sub("etl/transform.py", 'def transform(frame):\n', "def clean(frame):\n    return frame.dropna(subset=['temp']).copy()\n\n\ndef transform(frame):\n"), sub("etl/transform.py", 'frame.dropna(subset=["temp"]).copy()', 'clean(frame)')),
    sub("etl/load.py", 'ORDER BY city', 'ORDER BY temp'),
    edit(sub("etl/run.py", 'from etl.extract', 'import logging\n\nfrom etl.extract'), sub("etl/run.py", 'def cycle(store):\n', "def cycle(store):\n    logging.debug('cycle')\n")),
    edit(sub("etl/load.py", '    def rows(self):', '    def query(self, sql):\n        return self.connection.execute(sql).fetchall()\n\n    def rows(self):'), sub("etl/load.py", 'self.connection.execute("SELECT city, temp, fahrenheit FROM weather ORDER BY temp").fetchall()', 'self.query("SELECT city, temp, fahrenheit FROM weather ORDER BY temp DESC")')),
    edit(sub("etl/report.py", 'def line(row):', 'from textwrap import shorten\n\n\ndef line(row):'), sub("etl/report.py", 'return joiner.join(line(row) for row in rows)', 'return shorten(joiner.join(line(row) for row in rows), 40)')),
)

TRAINING = {
    "main.py": '''
import time

from training.callbacks import History, Printer
from training.loop import Trainer
from training.model import build
from training.data import load

if __name__ == "__main__":
    trainer = Trainer(build, [History(), Printer()])
    x, y = load()
    while True:
        trainer.epoch(x, y)
        time.sleep(0.02)
''',
    "training/__init__.py": '''''',
    "training/data.py": '''
import numpy as np

ROWS = 60


def load():
    random = np.random.default_rng(7)
    x = random.normal(size=(ROWS, 3))
    y = (x[:, 0] + 0.5 * x[:, 1] > 0).astype(int)
    return x, y
''',
    "training/features.py": '''
import numpy as np

POWER = 2


def expand(x):
    return np.hstack([x, x ** POWER])
''',
    "training/model.py": '''
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

C = 1.0


def build():
    return make_pipeline(StandardScaler(), LogisticRegression(C=C))
''',
    "training/metrics.py": '''
def accuracy(y, predicted):
    return float((y == predicted).mean())


def summary(y, predicted):
    return {"accuracy": round(accuracy(y, predicted), 3)}
''',
    "training/callbacks.py": '''
class Callback:
    def on_epoch(self, number, metrics):
        raise NotImplementedError


class History(Callback):
    def __init__(self, limit=5):
        self.rows = []
        self.limit = limit

    def on_epoch(self, number, metrics):
        self.rows.append(number)
        del self.rows[: -self.limit]


class Printer(Callback):
    def on_epoch(self, number, metrics):
        text = " ".join(f"{key}={value}" for key, value in metrics.items())
        print(f"{number}\\t{text}", flush=True)
''',
    "training/loop.py": '''
from training.features import expand
from training.metrics import summary


class Trainer:
    def __init__(self, build, callbacks):
        self.build = build
        self.callbacks = callbacks
        self.number = 0

    def epoch(self, x, y):
        self.number += 1
        features = expand(x)
        model = self.build()
        model.fit(features, y)
        metrics = summary(y, model.predict(features))
        metrics["weight"] = round(float(abs(model[-1].coef_).sum()), 3)
        for callback in self.callbacks:
            callback.on_epoch(self.number, metrics)
''',
}
group.service(
    "training",
    TRAINING,
    sub("training/metrics.py", 'round(accuracy(y, predicted), 3)', 'round(accuracy(y, predicted), 2)'),
    sub("training/model.py", 'C = 1.0', 'C = 0.5'),
    sub("training/features.py", 'np.hstack([x, x ** POWER])', 'np.hstack([x, abs(x) ** POWER])'),
    sub("training/callbacks.py", 'f"{key}={value}"', 'f"{key}: {value}"'),
    sub("training/model.py", 'LogisticRegression(C=C)', 'LogisticRegression(C=C, fit_intercept=False)'),
    edit(sub("training/features.py", 'def expand(x):', 'def expand(x, power=POWER):'), sub("training/features.py", '** POWER', '** power')),
    sub("training/loop.py", 'metrics["weight"] = ', 'metrics["epochs"] = 1\n        metrics["weight"] = '),
    edit(sub("training/metrics.py", 'def summary', 'def positives(predicted):\n    return int(predicted.sum())\n\n\ndef summary'), sub("training/metrics.py", '{"accuracy":', '{"positives": positives(predicted), "accuracy":')),
    edit(sub("training/callbacks.py", 'class Printer(Callback):\n', "class Printer(Callback):\n    def line(self, metrics):\n        return ', '.join(f'{key}: {value}' for key, value in metrics.items())\n\n"), sub("training/callbacks.py", 'text = " ".join(f"{key}: {value}" for key, value in metrics.items())', 'text = self.line(metrics)')),
    sub("training/data.py", 'ROWS = 60', 'ROWS = 80'),
    edit(sub("training/loop.py", 'from training.features', 'import logging\n\nfrom training.features'), sub("training/loop.py", '        features = expand(x)\n', "        features = expand(x)\n        logging.debug('shape %s', features.shape)\n")),
)

STAGES = {
    "main.py": '''
import time

import stages
from engine import Pipeline
from source import records

if __name__ == "__main__":
    pipeline = Pipeline(["clean", "score", "rank"])
    tick = 0
    while True:
        tick += 1
        print(f"{tick}\\t{pipeline.run(records())}", flush=True)
        time.sleep(0.02)
''',
    "registry.py": '''
STAGES = {}


def stage(name, *, enabled=True):
    def register(function):
        if enabled:
            STAGES[name] = function
        return function
    return register


def get(name):
    return STAGES[name]
''',
    "models.py": '''
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Record:
    name: str
    value: float
    tags: tuple = ()

    def with_value(self, value):
        return replace(self, value=value)


@dataclass
class Result:
    records: list = field(default_factory=list)

    def text(self):
        return " ".join(f"{record.name}:{record.value:g}" for record in self.records)
''',
    "stages/__init__.py": '''
from stages import cleaning, scoring
''',
    "stages/cleaning.py": '''
from registry import stage


@stage("clean")
def clean(records):
    return [record for record in records if record.value >= 0]
''',
    "stages/scoring.py": '''
from registry import stage
from weights import weight


@stage("score")
def score(records):
    return [record.with_value(record.value * weight(record.name)) for record in records]


@stage("rank")
def rank(records):
    return sorted(records, key=by_value, reverse=True)


def by_value(record):
    return record.value
''',
    "weights.py": '''
WEIGHTS = {"a": 1.0, "b": 2.0}
DEFAULT = 0.5


def weight(name):
    return WEIGHTS.get(name, DEFAULT)
''',
    "source.py": '''
from models import Record


def records():
    return [Record("a", 4.0), Record("b", 3.0), Record("c", 10.0), Record("d", -1.0)]
''',
    "engine.py": '''
import registry
from models import Result


class Pipeline:
    def __init__(self, names):
        self.names = names

    def run(self, records):
        for name in self.names:
            records = registry.get(name)(records)
        return Result(records).text()
''',
}
group.service(
    "stages",
    STAGES,
    sub("stages/cleaning.py", 'record.value >= 0', 'record.value >= 3.5'),
    sub("weights.py", 'DEFAULT = 0.5', 'DEFAULT = 0.25'),
    sub("stages/scoring.py", '    return record.value\n', '    return -record.value\n'),
    sub("weights.py", '"b": 2.0', '"b": 3.0, "c": 9.0'),
    edit(sub("weights.py", 'def weight(name):', 'def weight(name, default=DEFAULT):'), sub("weights.py", '(name, DEFAULT)', '(name, default)')),
    sub("models.py", 'f"{record.name}:{record.value:g}"', 'f"{record.name}={record.value:.1f}"'),
    edit(sub("models.py", '    def with_value(self, value):', "    def line(self):\n        return f'{self.name} {self.value:.2f}'\n\n    def with_value(self, value):"), sub("models.py", 'f"{record.name}={record.value:.1f}"', 'record.line()')),
    sub("stages/cleaning.py", '@stage("clean")', '@stage("double")\ndef double(records):\n    return [record.with_value(record.value * 2) for record in records]\n\n\n@stage("clean")'),
    sub("stages/cleaning.py", '@stage("double")', '@stage("double", enabled=False)'),
    edit(sub("engine.py", 'import registry\n', 'import logging\n\nimport registry\n'), sub("engine.py", '        for name in self.names:\n', "        for name in self.names:\n            logging.debug('stage %s', name)\n")),
    edit(sub("models.py", '    tags: tuple = ()\n', "    tags: tuple = ()\n    unit: str = 'kg'\n"), sub("models.py", "{self.value:.2f}'", "{self.value:.2f}{self.unit}'")),
    sub("source.py", 'Record("a", 4.0),', 'Record("a", 4.0), Record("e", 5.0),'),
)

SIMULATION = {
    "main.py": '''
import time

from game.world import World

if __name__ == "__main__":
    world = World.create(seed=3)
    while True:
        world.update()
        print(f"{world.tick}\\t{world.describe()}", flush=True)
        time.sleep(0.02)
''',
    "game/__init__.py": '''''',
    "game/rules.py": '''
from enum import Enum

ARMOUR = 1
WIDTH = 20


class Kind(Enum):
    ORC = "orc"
    ELF = "elf"


def damage(attacker, target):
    return max(0, attacker.strength - ARMOUR)


def bonus(kind):
    return 2 if kind is Kind.ELF else 0
''',
    "game/entities.py": '''
from dataclasses import dataclass

from game.rules import WIDTH, Kind, bonus


@dataclass
class Entity:
    name: str
    kind: Kind
    strength: int
    x: int = 0
    hp: int = 100

    def step(self):
        self.x = (self.x + 1) % WIDTH

    @property
    def power(self):
        return self.strength + bonus(self.kind)

    def label(self):
        return f"{self.name}({self.kind.value}) {self.power}"
''',
    "game/combat.py": '''
from game.rules import damage


def fight(left, right):
    hits = {}
    for attacker, target in ((left, right), (right, left)):
        hit = damage(attacker, target)
        target.hp = max(1, target.hp - hit)
        hits[attacker.name] = hit
    return hits
''',
    "game/world.py": '''
import random

from game.combat import fight
from game.entities import Entity
from game.rules import Kind


class World:
    def __init__(self, entities):
        self.entities = entities
        self.tick = 0
        self.hits = {}

    @classmethod
    def create(cls, seed):
        rng = random.Random(seed)
        return cls([Entity("Ugh", Kind.ORC, rng.randint(3, 9)), Entity("Lia", Kind.ELF, rng.randint(3, 9))])

    def update(self):
        self.tick += 1
        for entity in self.entities:
            entity.step()
        self.hits = fight(*self.entities)

    def describe(self):
        parts = [f"{entity.label()} hits {self.hits[entity.name]}" for entity in self.entities]
        return ", ".join(parts)
''',
}
group.service(
    "simulation",
    SIMULATION,
    sub("game/rules.py", 'attacker.strength - ARMOUR', 'attacker.strength * 2 - ARMOUR'),
    sub("game/rules.py", 'ARMOUR = 1', 'ARMOUR = 2'),
    sub("game/entities.py", '{self.name}({self.kind.value})', '{self.name}/{self.kind.value}'),
    sub("game/entities.py", 'return self.strength + bonus(self.kind)', 'return self.strength * 10 + bonus(self.kind)'),
    edit(sub("game/rules.py", 'def bonus(kind):', 'def bonus(kind, elf=2):'), sub("game/rules.py", 'return 2 if', 'return elf + 1 if')),
    edit(sub("game/combat.py", 'def fight(', 'def strike(attacker, target):\n    hit = damage(attacker, target) + 1\n    target.hp = max(1, target.hp - hit)\n    return hit\n\n\ndef fight('), sub("game/combat.py", '        hit = damage(attacker, target)\n        target.hp = max(1, target.hp - hit)\n        hits[attacker.name] = hit\n', '        hits[attacker.name] = strike(attacker, target)\n')),
    edit(sub("game/entities.py", '    def label(self):', '    def title(self):\n        return self.name.upper()\n\n    def label(self):'), sub("game/entities.py", '{self.name}/', '{self.title()}/')),
    sub("game/world.py", '", ".join(parts)', '" | ".join(parts)'),
    edit(sub("game/rules.py", 'WIDTH = 20', 'WIDTH = 20\nCRITICAL = 3'), sub("game/rules.py", 'return max(0, attacker.strength * 2 - ARMOUR)', 'return max(CRITICAL, attacker.strength - ARMOUR)')),
    edit(sub("game/combat.py", 'from game.rules import damage\n', 'import logging\n\nfrom game.rules import damage\n\nlog = logging.getLogger(__name__)\n'), sub("game/combat.py", '    hits = {}\n', "    hits = {}\n    log.debug('%s fights %s', left, right)\n")),
    edit(sub("game/rules.py", '    ELF = "elf"\n', '    ELF = "elf"\n    DWARF = "dwarf"\n'), sub("game/rules.py", 'kind is Kind.ELF', 'kind in (Kind.ELF, Kind.DWARF)')),
)

CASES = group.cases
