"""Runs a small service and reloads it while it runs: python reload_driver.py FOLDER SCRIPT REQUEST TICKS.

`time.sleep` is the service's clock. Before tick 3, 3 + TICKS, ... one edit of REQUEST (a JSON list of {file: text}) is
written and handed to the strategy in a signal handler; the service ends TICKS ticks after the last. What the service
prints goes to standard output between lines that begin with "@@": "@@ outcome {json}" for each edit.
"""

import json
import os
import re
import signal
import sys
import time
from importlib.machinery import SourceFileLoader
from types import ModuleType

folder, script, request, ticks = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "strategies"))

from hrsup_agent.wire import content_hash  # noqa: E402
from hrsup_strategies.base import Plan  # noqa: E402
from hrsup_strategies.reload import Reload  # noqa: E402

sys.path[0] = folder
edits = json.loads(open(request).read()) if request != "-" else []
sources: dict[str, bytes] = {}


class Loader(SourceFileLoader):
    def source_to_code(self, data, path, *, _optimization=-1):
        sources[path] = bytes(data)
        return compile(data, path, "exec", dont_inherit=True)


class Program:
    pending = False

    def modules(self):
        found = {}
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if path and path in sources:
                found[path] = module
        return found

    def source(self, path):
        return sources[path]

    def load_module(self, name):
        __import__(name)

    def reads_back(self):
        return False

    def hold_uses(self):
        pass

    def reads_its_own(self):
        return None

    def let_go_of_uses(self, keep):
        pass

    class made:
        def again(path, namespace, names):
            pass

    def unload(self, path, instead):
        sources.pop(path, None)

    def set_source(self, path, data):
        sources[path] = data

    def reply(self, outcome):
        Program.pending = False
        tree = {name: open(os.path.join(folder, name)).read() for name in os.listdir(folder) if name.endswith(".py")}
        if len(sys.argv) > 5:  # note the tree, and take back what was refused, as if the user had
            sys.stdout.write("@@ tree " + json.dumps(tree) + "\n")
            if outcome.state != "done":
                for path, text in before.items():
                    put(path, text)
        say(outcome)


def say(outcome):
    sys.stdout.write("@@ outcome " + json.dumps(outcome.as_dict()) + "\n")


def install():
    import importlib.machinery
    import sys as _sys

    finder = importlib.machinery.FileFinder
    hook = finder.path_hook((Loader, [".py"]))
    _sys.path_hooks.insert(0, lambda path: hook(path) if path.startswith(folder) else (_ for _ in ()).throw(ImportError()))
    _sys.path_importer_cache.clear()


reload = Reload()
program = Program()


def put(path, text):
    if text is None:
        os.remove(path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def edited(path, edit):
    """An edit is the new text (None: the file goes), or [n, number]: the nth number of the file becomes `number`."""
    if edit is None or isinstance(edit, str):
        return edit
    text = open(path).read()
    found = list(re.finditer(r"(?<![\w.\[-])\d+(?![\w.])", text))
    if not found:
        return text + "# nothing to change\n"
    place = found[edit[0] % len(found)]
    return text[: place.start()] + str(edit[1]) + text[place.end() :]


def on_signal(number, frame):
    global before
    edit = edits.pop(0)
    hashes = {}
    before = {}
    for name, change in edit.items():
        path = os.path.join(folder, name)
        before[path] = open(path).read() if os.path.exists(path) else None
        text = edited(path, change)
        put(path, text)
        hashes[path] = content_hash(text.encode()) if text is not None else None
    Program.pending = True
    outcome = reload.perform(Plan("reload", "program", detail={"hashes": hashes}), program)
    if outcome is not None:
        program.reply(outcome)


signal.signal(signal.SIGUSR1, on_signal)
count = 0
end = 3 if edits else 0
real_sleep = time.sleep


def sleep(seconds):
    global count, end
    count += 1
    if count > 400 or (count >= end + ticks and not edits):
        sys.stdout.write("@@ end\n" if not Program.pending else "@@ pending\n")
        sys.stdout.flush()
        os._exit(0)
    if edits and count == end:
        signal.raise_signal(signal.SIGUSR1)
        if edits:
            end += ticks


time.sleep = sleep
install()
main = os.path.join(folder, script)
module = ModuleType("__main__")
module.__file__ = main
module.__loader__ = SourceFileLoader("__main__", main)
module.__spec__ = None
data = open(main, "rb").read()
sources[main] = data
sys.modules["__main__"] = module
exec(compile(data, main, "exec", dont_inherit=True), vars(module))
sys.stdout.write("@@ returned\n")
