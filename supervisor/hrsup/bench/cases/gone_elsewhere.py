"""Objects that are gone, or not, in loops of other kinds than the main thread's `while`."""

from hrsup.bench.vocabulary import Group, sub

group = Group("gone-elsewhere")

TEXTS = 'def wording(n):\n    return f"text {n}"\n'
ITEMS = """
from texts import wording


class Item:
    def __init__(self, name):
        self.name = name
        self.note = None

    def settle(self):
        if self.note is None:
            self.note = wording(3)
"""
EDITS = (
    sub("texts.py", "text {n}", "the text {n}"),
    sub("texts.py", "{n}", "{n * 2}"),
    sub("items.py", "wording(3)", "wording(4)"),
)


def case(name: str, main: str) -> None:
    """The script shows what a method stores only where it is not stored yet."""
    group.service(name, {"main.py": main, "items.py": ITEMS, "texts.py": TEXTS}, *EDITS)


ASYNC = """
import asyncio

from items import Item


async def other():
    item = Item("x")
    item.settle()
    while True:
        await asyncio.sleep(0.003)
        other.note = item.note


async def main():
    OTHER
    tick = 0
    while True:
        tick += 1
        rows = [Item("a"), Item("b")]
        for row in rows:
            row.settle()
        print(f"{tick}\\t{[row.note for row in rows]}SHOWN", flush=True)
        await asyncio.sleep(0.005)


asyncio.run(main())
"""
case("a-coroutine", ASYNC.replace("    OTHER\n", "").replace("SHOWN", "").replace("other.note = item.note", "pass"))
BEGIN = "task = asyncio.create_task(other())\n    await asyncio.sleep(0.02)"
case("a-task-that-has-one", ASYNC.replace("OTHER", BEGIN).replace("SHOWN", "{other.note}"))

THREAD = """
import threading
import time

from items import Item

SHOWN = [""]


def work():
    BEFORE
    while True:
        INSIDE
        time.sleep(0.003)


def main():
    threading.Thread(target=work, daemon=True).start()
    time.sleep(0.02)
    tick = 0
    while True:
        tick += 1
        rows = [Item("a"), Item("b")]
        for row in rows:
            row.settle()
        text = [row.note for row in rows]
        print(f"{tick}\\t{text}{SHOWN}", flush=True)
        time.sleep(0.005)


main()
"""
case("a-thread", THREAD.replace("BEFORE", "pass").replace("INSIDE", 'item = Item("x")\n        item.settle()'))
SETTLES = "item.settle()\n        SHOWN[0] = item.note"
case("a-thread-that-has-one", THREAD.replace("BEFORE", 'item = Item("x")').replace("INSIDE", SETTLES))

OVER = """
import time
from itertools import cycle

from items import Item


def giving():
    item = Item("a")
    while True:
        yield GIVEN


def main():
    tick = 0
    for item in ITERATOR:
        tick += 1
        item.settle()
        print(f"{tick}\\t{item.note}", flush=True)
        time.sleep(0.005)


main()
"""
case("a-generator", OVER.replace("ITERATOR", "giving()").replace("GIVEN", 'Item("b")'))
case("a-generator-that-has-one", OVER.replace("ITERATOR", "giving()").replace("GIVEN", "item"))
case("a-cycle", OVER.replace("ITERATOR", 'cycle([Item("a"), Item("b")])').replace("GIVEN", "item"))
case(
    "a-class-that-keeps-the-first",
    """
import time

from items import Item


class First(Item):
    pool = {}

    def __init__(self, name):
        super().__init__(name)
        self.pool.setdefault(name, self)


def main():
    tick = 0
    while True:
        tick += 1
        item = First("a")
        item.settle()
        text = First.pool["a"].note
        print(f"{tick}\\t{text}", flush=True)
        time.sleep(0.005)


main()
""",
)
CASES = group.cases
