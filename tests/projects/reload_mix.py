"""A busy service reads two values from two modules in each tick, while a timer edits both: python reload_mix.py EDITS.

Prints the number of ticks and of mixed pairs, and the times from the request to the commit.
"""

import os
import signal
import sys
import tempfile
import time
import types

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "strategies"))

from hrsup_agent.wire import content_hash  # noqa: E402
from hrsup_strategies.base import Plan  # noqa: E402
from hrsup_strategies.reload import Reload  # noqa: E402

EDITS = int(sys.argv[1])
folder = tempfile.mkdtemp()
texts = {
    "one": "def value():\n    return {n}\n",
    "two": "VALUE = {n}\nclass Box:\n    @property\n    def value(self):\n        return {n}\n",
    "app": (
        "import one, two\nfrom two import VALUE as V\nbox = two.Box()\ndef main(write, go):\n    while go():\n"
        "        a = one.value()\n        b = a\n        for _ in range(3):\n            b = two.VALUE\n        c = box.value\n"
        "        write(a, b, c, V)\n"
    ),
}
sources, modules = {}, {}
for name, text in texts.items():
    path = os.path.join(folder, name + ".py")
    sources[path] = text.format(n=0).encode()
    modules[path] = sys.modules[name] = types.ModuleType(name)
    exec(compile(sources[path], path, "exec"), vars(modules[path]))

edits, ticks, mixed, times, pending = 0, 0, 0, [], 0.0
outcomes = []


class Program:
    def modules(self):
        return modules

    def source(self, where):
        return sources[where]

    def reads_back(self):
        return False

    def unload(self, path, instead):
        pass

    def load_module(self, name):
        __import__(name)

    def set_source(self, where, data):
        sources[where] = data

    def reply(self, outcome):
        global pending
        times.append(time.perf_counter() - pending)
        pending = 0.0
        outcomes.append(outcome)


def note(*values):
    global ticks, mixed
    ticks += 1
    mixed += len(set(values)) > 1


def go():
    return edits < EDITS or pending


def edit(number, frame):
    global edits, pending
    if pending or edits >= EDITS:
        return
    edits += 1
    pending = time.perf_counter()  # from here on the timer waits
    hashes = {}
    for name in ("one", "two"):
        path = os.path.join(folder, name + ".py")
        data = texts[name].format(n=edits).encode()
        with open(path, "wb") as file:
            file.write(data)
        hashes[path] = content_hash(data)
    pending = time.perf_counter()
    outcome = reload.perform(Plan("reload", "program", detail={"hashes": hashes}), program)
    if outcome is not None:
        program.reply(outcome)


reload, program = Reload(), Program()
signal.signal(signal.SIGALRM, edit)
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.00173)
modules[os.path.join(folder, "app.py")].main(note, go)
signal.setitimer(signal.ITIMER_REAL, 0)
bad = [outcome for outcome in outcomes if outcome.state != "done"]
times.sort()
print(f"edits {edits} done {len(outcomes) - len(bad)} ticks {ticks} mixed {mixed} trace {sys.gettrace()}")
print(f"p50 {times[len(times) // 2] * 1000:.2f} ms p99 {times[int(len(times) * 0.99)] * 1000:.2f} ms", bad[:2])
