"""Services that are set up and then wait: threads, workers of queues, and tasks that were started one after the other."""

from hrsup.bench.vocabulary import Group, edit, put, sub

WORK, MAIN = "work.py", "main.py"

imports = Group("imports-beside-threads")
ERRORS = "class Odd(ValueError):\n    pass\n\n\ndef check(number):\n    if number % 2:\n        raise Odd(number)\n    return f'even {number}'\n"
THREADED = '''
import queue
import threading
import time

from work import Odd, check


def feed(inbox):
    while True:
        for number in (1, 2):
            inbox.put(number)
        inbox.join()
        time.sleep(0.003)


def main():
    inbox = queue.Queue()
    threading.Thread(target=feed, args=(inbox,), daemon=True).start()
    tick, texts = 0, []
    while True:
        number = inbox.get()
        try:
            text = check(number)
        except Odd as error:
            text = f"odd {error}"
        inbox.task_done()
        if number == 2:
            tick += 1
            print(f"{tick}\\t{text}", flush=True)


main()
'''
CONTENT = "    return f'even {number}'\n"
LOADED = (
    edit(sub(WORK, "class Odd", "import time\nfrom os import path\nimport logging.handlers as handlers\n\n\nclass Odd"), sub(WORK, CONTENT, "    return f'even {path.basename(str(number))}'\n")),
    sub(WORK, "    pass\n", "    def __str__(self):\n        return 'odd'\n"),
    sub(WORK, "f'even {path.", "f'Even {path."),
)
imports.service("of-what-is-loaded", {WORK: ERRORS, MAIN: "import logging.handlers\n" + THREADED}, *LOADED)
imports.service("of-what-is-not-loaded", {WORK: ERRORS, MAIN: THREADED}, edit(sub(WORK, "class Odd", "import colorsys\n\n\nclass Odd"), sub(WORK, CONTENT, "    return f'even {colorsys.ONE_THIRD:.1f}'\n")))
imports.service("of-a-module-that-comes", {WORK: ERRORS, MAIN: THREADED}, edit(put("more.py", "def shown(number):\n    return f'EVEN {number}'\n"), sub(WORK, "class Odd", "from more import shown\n\n\nclass Odd"), sub(WORK, CONTENT, "    return shown(number)\n")))
LAZY = "def __getattr__(name):\n    if name == 'LIMIT':\n        import time\n        time.sleep(0.02)\n        return 5\n    raise AttributeError(name)\n"
imports.service("of-a-name-that-is-made-when-it-is-looked-up", {"lazy.py": LAZY, WORK: "import lazy\n\n\n" + ERRORS, MAIN: THREADED}, edit(sub(WORK, "import lazy\n", "import lazy\nfrom lazy import LIMIT\n"), sub(WORK, CONTENT, "    return f'even {LIMIT}'\n")))
imports.service("of-a-name-that-comes-too", {"values.py": "A = 1\n", WORK: "import values\n\n\n" + ERRORS, MAIN: THREADED}, edit(sub("values.py", "A = 1\n", "A = 1\nB = 2\n"), sub(WORK, "import values\n", "from values import A, B\n"), sub(WORK, CONTENT, "    return f'even {A + B}'\n")))

tasks = Group("tasks-that-were-begun")
WORDS = "FACTOR = 2\n\n\ndef word(number):\n    return f'{number} times {FACTOR} is {number * FACTOR}'\n\n\ndef limit():\n    return 5\n"
WORD_EDITS = (sub(WORK, "{number} times", "{number} by"), sub(WORK, "FACTOR = 2", "FACTOR = 3"))
SHOW = '''
async def show(results):
    tick = 0
    while True:
        await asyncio.sleep(0.004)
        lines = set()
        while not results.empty():
            lines.add(results.get_nowait())
        if lines:
            tick += 1
            print(f"{tick}\t{sorted(lines)}", flush=True)


'''
TASKS = '''
import asyncio

import work


async def feed(jobs):
    while True:
        for number in range(3):
            await jobs.put(number)
        await jobs.join()
        await asyncio.sleep(0.004)


async def consume(jobs, results):
    while True:
        number = await jobs.get()
        await results.put(work.word(number))
        jobs.task_done()

''' + SHOW + '''
async def main():
    jobs, results = asyncio.Queue(), asyncio.Queue()
    tasks = [asyncio.create_task(feed(jobs))]
    tasks += [asyncio.create_task(consume(jobs, results)) for _ in range(2)]
    tasks.append(asyncio.create_task(show(results)))
    await asyncio.gather(*tasks)


asyncio.run(main())
'''
tasks.service("in-a-list", {WORK: WORDS, MAIN: TASKS}, *WORD_EDITS)
tasks.service("in-a-list-of-somebody-else", {WORK: WORDS, MAIN: TASKS.replace("    tasks = [asyncio.create_task(feed(jobs))]\n", "    tasks = TASKS\n    tasks.append(asyncio.create_task(feed(jobs)))\n").replace("async def main", "TASKS = []\n\n\nasync def main")}, *WORD_EDITS)
FIRST = '''
import asyncio

import work


async def poll(results):
    while True:
        await results.put(work.word(4))
        await asyncio.sleep(0.003)


async def show(results, kept):
    tick = 0
    while True:
        await asyncio.sleep(0.004)
        lines = set()
        while not results.empty():
            lines.add(results.get_nowait())
        if lines:
            tick += 1
            print(f"{tick}\t{sorted(lines)} {kept[:1]}", flush=True)


async def main():
    results = asyncio.Queue(maxsize=1)
    kept = []
    first = asyncio.create_task(poll(results))
    {more}
    second = asyncio.create_task(show(results, kept))
    await asyncio.gather(first, second)


asyncio.run(main())
'''
for name, more in {
    "nothing-is-kept": "await asyncio.sleep(0)",
    "the-first-is-put-in-a-list": "kept.append(await results.get())",
    "the-first-is-put-in-a-list-by-its-name": "one = await results.get()\n    kept.append(one)",
    "the-first-is-in-a-list": "kept = [await results.get()]",
    "the-first-is-put-in-a-list-in-a-list": "kept.append([])\n    kept[0].append(await results.get())",
    "the-first-two-are-put-in-a-list": "for _ in range(2):\n        kept.append(await results.get())",
    "the-first-is-put-in-a-list-by-a-function-of-its-own": "def keep():\n        kept.append(results.get_nowait()) if not results.empty() else None\n\n    await asyncio.sleep(0)\n    asyncio.get_running_loop().call_soon(keep)\n    await asyncio.sleep(0)",
    "a-task-keeps-the-first": "kept = [asyncio.create_task(results.get())]\n    await kept[0]\n    kept = [kept[0].result()]",
}.items():
    tasks.service(name, {WORK: WORDS, MAIN: FIRST.replace("{more}", more)}, *WORD_EDITS)
DONE = '''
import asyncio

import work


async def once():
    return work.word(1)


async def again():
    while True:
        work.word(2)
        await asyncio.sleep(0.003)


async def ends(number):
    while number > 1:
        work.word(number)
        await asyncio.sleep(0.003)
    return work.word(number)


async def show(tasks):
    tick = 0
    while True:
        await asyncio.sleep(0.004)
        tick += 1
        if tick > 2:
            print(f"{tick}\t{work.word(3)} {shown(tasks)}", flush=True)


def shown(tasks):
    return {shown}


async def main():
    tasks = [{first}]
    tasks.append(asyncio.create_task(show(tasks)))
    await asyncio.Event().wait()


asyncio.run(main())
'''
for name, first, shown in (
    ("one-is-done", "asyncio.create_task(once())", "tasks[0].result()"),
    ("one-of-two-is-done", "asyncio.create_task(again()), asyncio.create_task(once())", "tasks[1].result()"),
    ("one-of-two-of-the-same-is-done", "asyncio.create_task(ends(1)), asyncio.create_task(ends(2))", "tasks[0].result()"),
    ("one-of-two-of-the-same-has-a-name", "asyncio.create_task(ends(2), name=work.word(1)), asyncio.create_task(ends(2))", "tasks[0].get_name()"),
    ("two-of-the-same", "asyncio.create_task(ends(2)), asyncio.create_task(ends(2))", "tasks[0].done()"),
    ("one-has-a-name", "asyncio.create_task(again(), name=work.word(5))", "tasks[0].get_name()"),
    ("one-has-no-name", "asyncio.create_task(again())", "tasks[0].done()"),
):
    tasks.service(name, {WORK: WORDS, MAIN: DONE.replace("{first}", first).replace("{shown}", shown)}, *WORD_EDITS)
NUMBERS = "OFFSET = 0\n\n\ndef number():\n    return 1 + OFFSET\n"
NUMBER_EDITS = (sub(WORK, "OFFSET = 0", "OFFSET = 7"),)
TAKEN = '''
import queue
import time

import work


def take(inbox):
    taken = []
    {take}
    return taken


def main():
    inbox = queue.Queue()
    {begin}
    tick = 0
    while True:
        inbox.put(work.number())
        taken = take(inbox)
        tick += 1
        if tick > 1:
            print(f"{tick}\t{taken}", flush=True)
        time.sleep(0.004)


main()
'''
for name, take, begin in (
    ("all-that-is-there", "while not inbox.empty():\n        taken.append(inbox.get_nowait())", "pass"),
    ("all-that-is-there-and-was-there-before", "while not inbox.empty():\n        taken.append(inbox.get_nowait())", "inbox.put(3)"),
    ("what-is-small", "while not inbox.empty() and inbox.queue[0] < 5:\n        taken.append(inbox.get_nowait())", "pass"),
    ("up-to-what-is-large", "while not inbox.empty():\n        one = inbox.get_nowait()\n        taken.append(one)\n        if one > 5:\n            break", "inbox.put(2)\n    inbox.put(2)"),
    ("as-many-as-are-large", "while not inbox.empty():\n        one = inbox.get()\n        if one > 5:\n            inbox.put(0)\n        taken.append(one)", "pass"),
):
    tasks.service(f"taken-{name}", {WORK: NUMBERS, MAIN: TAKEN.replace("{take}", take).replace("{begin}", begin)}, *NUMBER_EDITS)

looked = Group("looked-into-before-the-loop")
LOOKED = '''
import queue
import threading
import time

import work


def poll(results):
    while True:
        results.put(work.word(4))
        time.sleep(0.003)


class Poller:
    def __init__(self, results):
        self.results = results

    def run(self):
        poll(self.results)


def take(one):
    return one.get()


def show(results, kept):
    tick = 0
    while True:
        text = results.get()
        tick += 1
        print(f"{tick}\t{text} {kept}", flush=True)


def main():
    results = queue.Queue(maxsize=1)
    threading.Thread({poll}, daemon=True).start()
    {more}
    show(results, kept)


main()
'''
for name, more in {
    "nothing": "kept = []",
    "only-its-size": "kept = [results.maxsize]",
    "the-first": "kept = [results.get()]",
    "the-first-that-is-put-in-a-list": "kept = []\n    kept.append(results.get())",
    "the-first-by-a-function": "kept = [take(results)]",
    "the-first-by-a-name": "get = results.get\n    kept = [get()]",
    "the-first-where-another-is-called": "kept = [len(results.get())]",
    "the-first-in-a-loop": "for kept in [results.get()]:\n        pass",
    "the-first-in-a-with": "import contextlib\n    with contextlib.nullcontext(results.get()) as kept:\n        pass",
}.items():
    looked.service(name, {WORK: WORDS, MAIN: LOOKED.replace("{poll}", "target=poll, args=(results,)").replace("{more}", more)}, *WORD_EDITS)
for name, poll in {"of-a-method-of-its-own": "target=Poller(results).run", "of-a-lambda": "target=lambda: poll(results)", "of-a-partial": "target=functools.partial(poll, results)"}.items():
    looked.service(name, {WORK: WORDS, MAIN: "import functools\n" + LOOKED.replace("{poll}", poll).replace("{more}", "kept = [results.get()]")}, *WORD_EDITS)

CASES = [*imports.cases, *tasks.cases, *looked.cases]
