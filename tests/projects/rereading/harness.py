"""Runs SCRIPT as a service, and begins a data change when a line with its plan arrives on standard input.

`python -c "$(cat harness.py)" SCRIPT`, so that its own frames are none of the user's; every outcome is printed as one line of JSON that starts with "@".
"""

import json
import os
import signal
import sys

import hrsup_agent.api  # noqa: F401 - as under the agent
from hrsup_strategies.data.apply import begin
from hrsup_strategies.data.reread import observe


class Program:
    made = None

    def __init__(self, files):
        self.lines = {file["path"]: file["sites"] for file in files}

    def modules(self):
        return {
            os.path.abspath(module.__file__): module
            for module in list(sys.modules.values())
            if getattr(module, "__file__", None) and module.__file__.startswith(FOLDER)
        }

    def source(self, path):
        with open(path, "rb") as file:
            return file.read()

    def reads_back(self):
        return False

    def unload(self, path, instead):
        pass

    def load_module(self, name):
        __import__(name)

    def uses(self, path, *uses):
        return {site: (2, False, True) for site in self.lines.get(path, ())}

    def opening(self, path, site):
        return None

    def tell_again(self, paths):
        pass

    def reply(self, outcome):
        say(outcome.as_dict())


def say(answer):
    print("@" + json.dumps(answer), flush=True)


def woken(signum, frame):
    request = json.loads(sys.stdin.readline())
    files = request["files"]
    refused, _ = observe(files, [], Program(files)) if request["observe"] else begin({"files": files}, Program(files))
    if refused is not None:
        say(refused.as_dict())
    else:
        say({"state": "waiting"})


script = os.path.abspath(sys.argv[1])
FOLDER = os.path.dirname(script)
signal.signal(signal.SIGUSR1, woken)
sys.path[0] = FOLDER
main = type(sys)("__main__")
main.__file__ = script
sys.modules["__main__"] = main
with open(script, "rb") as source:
    exec(compile(source.read(), script, "exec"), main.__dict__)
