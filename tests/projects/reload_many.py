"""Reloads one function many times in one process and checks that neither objects nor memory pile up."""

import gc
import os
import sys
import tempfile
import types

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "strategies"))

from hrsup_agent.wire import content_hash  # noqa: E402
from hrsup_strategies.base import Plan  # noqa: E402
from hrsup_strategies.reload import Reload, activity, loaded  # noqa: E402

ROUNDS = 1000
folder = tempfile.mkdtemp()
path = os.path.join(folder, "mod.py")
template = "LIMIT = {n}\ndef f(x):\n    return x + {n} + LIMIT\nclass C:\n    def m(self):\n        return {n}\n"
loop = "def main(step):\n    while True:\n        if step():\n            return\n"
sources = {path: template.format(n=0).encode(), "/nowhere/loop.py": loop.encode()}
modules = {}
for place, name in ((path, "mod"), ("/nowhere/loop.py", "loop")):
    modules[place] = types.ModuleType(name)
    exec(compile(sources[place], place, "exec"), vars(modules[place]))


class Program:
    outcome = None

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
        Program.outcome = outcome


reload, program = Reload(), Program()
count, sizes = 0, []


def pages():
    return int(open("/proc/self/statm").read().split()[1])


def step():
    global count
    if Program.outcome is not None:
        assert Program.outcome.state == "done", Program.outcome
        assert modules[path].f(1) == 1 + 2 * count, (modules[path].f(1), count)
        assert modules[path].C().m() == count
        if count % 100 == 0:
            gc.collect()
            sizes.append((len(gc.get_objects()), pages()))
    if count == ROUNDS:
        return True
    count += 1
    data = template.format(n=count).encode()
    with open(path, "wb") as file:
        file.write(data)
    Program.outcome = None
    outcome = reload.perform(Plan("reload", "program", detail={"hashes": {path: content_hash(data)}}), program)
    assert outcome is None, outcome
    return False


modules["/nowhere/loop.py"].main(step)
os.remove(path)
os.rmdir(folder)
print(sizes)
objects = [size[0] for size in sizes]
assert objects[-1] - objects[1] < 50, sizes
kept = {name: len(getattr(loaded, name)) for name in ("_parsed", "_started_with", "_ids")}
assert kept == {"_parsed": 2, "_started_with": 1, "_ids": 2} and not activity._outdated, kept
assert len(loaded._texts.data) == 2 and len(loaded._texts._whole) < 1000
assert (sizes[-1][1] - sizes[1][1]) * os.sysconf("SC_PAGE_SIZE") < 2 * 1024 * 1024, sizes
