"""Services that take functions into objects, tables and variables before their loop: what was only held is up to date, and
what was called there has left a result."""

from __future__ import annotations

from hrsup.bench.vocabulary import Change, Group, sub

group = Group("held")

STEPS = """
def clean(text):
    return text.strip()


def price(text):
    return f"{text}!"
"""
PIPE = """
class Pipeline:
    def __init__(self, steps):
        self.steps = steps

    def run(self, text):
        for step in self.steps:
            text = step(text)
        return text


class Bus:
    def __init__(self):
        self.listeners = {}

    def on(self, name, listener):
        self.listeners.setdefault(name, []).append(listener)

    def emit(self, name, text):
        return [listener(text) for listener in self.listeners[name]]


class Eager:
    def __init__(self, step):
        self.first = step("tea")


def make(step):
    return Pipeline([step])


def put(listed, step):
    listed.append(step)


def use(pipeline):
    return pipeline.run("tea")


def greeter(name):
    def greet():
        return f"hello {name}"

    return greet
"""
PRICE = sub("steps.py", "!", "?")


def held(name: str, before: str, shown: str, change: Change = PRICE, head: str = "") -> None:
    """A case of a program with the lines `before` in front of its loop, which shows an expression in every round."""
    lines = "".join(f"    {line}\n" for line in before.split("\n"))
    main = f"""import time
from functools import partial

from pipe import Bus, Eager, Pipeline, greeter, make, put, use
from steps import clean, price

{head}
def main():
    tick = 0
{lines}    while True:
        tick += 1
        text = {shown}
        print(f"{{tick}}\\t{{text}}", flush=True)
        time.sleep(0.005)


main()
"""
    group.service(name, {"steps.py": STEPS, "pipe.py": PIPE, "main.py": main}, change)


held("in-a-pipeline", "line = Pipeline([clean, price])", "line.run(' tea ')")
held("in-what-a-function-makes", "line = make(price)", "line.run('tea')")
held("by-a-bus", "bus = Bus()\nbus.on('sale', price)\nprint(0, 'ready')", "bus.emit('sale', 'tea')")
held("in-a-table", "table = {'clean': clean, 'price': price}", "[table[name](' tea ') for name in table]")
held("by-a-lambda", "both = lambda text: price(clean(text))", "both(' tea ')")
held("by-a-partial", "told = partial(price, 'tea')", "told()")
held("by-a-closure", "greet = greeter('Ada')", "greet()", sub("pipe.py", "hello", "good day"))
held("by-a-closure-that-was-called", "greet = greeter('Ada')\ntext = greet()", "text", sub("pipe.py", "hello", "good day"))
held("called-by-another-name", "told = price\nfirst = told('tea')", "first")
held("called-out-of-a-table", "table = {'price': price}\nfirst = table['price']('tea')", "first")
held("called-out-of-a-list", "listed = []\nlisted.append(price)\nfirst = listed[0]('tea')", "first")
held("called-out-of-a-list-that-was-given", "listed = []\nput(listed, price)\nfirst = listed[0]('tea')", "first")
held("a-partial-was-called", "told = partial(price, 'tea')\nfirst = told()", "first")
held("a-method-was-called", "made = make(price)\nrun = made.run\nfirst = run('tea')", "first")
held("a-pipeline-was-used", "line = Pipeline([price])\nfirst = use(line)", "first")
held("a-pipeline-was-used-in-a-block", "line = Pipeline([price])\nfor text in ('a', 'b'):\n    first = line.run(text)", "first")
held("a-constructor-calls-it", "eager = Eager(price)", "eager.first")
held(
    "setting-it-calls-it",
    "hooked = Hooked(price)",
    "hooked.first",
    head='class Hooked:\n    def __init__(self, step):\n        self.first = step\n\n    def __setattr__(self, name, value):\n        object.__setattr__(self, name, value("tea"))\n\n\n',
)
held("a-global-was-used", "global LINE\nLINE = Pipeline([price])\nfirst = ask()", "first", head="LINE = None\n\n\ndef ask():\n    return LINE.run('tea')\n\n")
held("the-class-means-something-else", "line = Line(price)", "line", head="class Line:\n    def __init__(self, step):\n        self.step = step\n\n\nLine = lambda step: step('tea')\n\n")

CASES = group.cases
