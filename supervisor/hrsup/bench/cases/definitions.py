"""Data classes, enumerations and registries in services as people write them, and their look-alikes that must be refused."""

from hrsup.bench.vocabulary import Group, edit, put, sub

group = Group("definitions")

JOBS = {
    "model.py": """
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    NEW = "new"
    DONE = "done"


@dataclass
class Job:
    name: str
    state: State = State.NEW
""",
    "main.py": """
import time

import model

NAMES = ["tea", "cup"]


def load():
    return [model.Job(name) for name in NAMES]


def main():
    tick = 0
    while True:
        jobs = load()
        first, *rest = jobs
        text = f"{first} {len(rest)} {[state.name for state in model.State]}"
        tick += 1
        print(f"{tick}\\t{text}", flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
""",
}
FIELD = sub("model.py", "    state: State = State.NEW\n", "    state: State = State.NEW\n    tries: int = 3\n")
MEMBER = sub("model.py", '    DONE = "done"\n', '    DONE = "done"\n    LOST = "lost"\n')
SHOW = "        tick += 1\n"
group.service("fields-and-members", JOBS, FIELD, MEMBER, sub("model.py", 'NEW = "new"', 'NEW = "fresh"'))
group.service("an-instance-goes-on-to-the-next-round", {**JOBS, "main.py": JOBS["main.py"].replace("    tick = 0\n", "    tick = 0\n    last = None\n").replace(SHOW, "        last = last or first\n        text += f' {last}'\n        tick += 1\n")}, FIELD, MEMBER)
group.service("an-instance-in-a-list-elsewhere", {**JOBS, "main.py": JOBS["main.py"].replace('"cup"]\n', '"cup"]\nSEEN = []\n').replace(SHOW, "        SEEN[:] = SEEN or jobs\n        text += f' {SEEN[0]}'\n        tick += 1\n")}, FIELD, MEMBER)
group.service("an-instance-that-a-closure-holds", {**JOBS, "main.py": JOBS["main.py"].replace("    tick = 0\n", "    tick = 0\n    tell = []\n").replace(SHOW, "        if not tell:\n            tell.append(lambda job=first: str(job))\n        text += tell[0]()\n        tick += 1\n")}, FIELD)
group.service("locals-are-looked-at", {**JOBS, "main.py": JOBS["main.py"].replace(SHOW, "        text += str(locals()['first'])\n" + SHOW)}, FIELD)

SHOP = {
    "registry.py": """
HANDLERS = {}
PREFIX = "on"


def key(kind):
    return f"{PREFIX}-{kind}"


def handles(kind):
    def register(function):
        if key(kind) in HANDLERS:
            raise ValueError(kind)
        HANDLERS[key(kind)] = function
        return function

    return register
""",
    "handlers.py": """
from registry import handles

TEA = "tea"


@handles(TEA)
def tea(order):
    return f"steep {order}"


@handles("cup")
def cup(order):
    return f"wash {order}"
""",
    "main.py": """
import time

import handlers
import registry


def dispatch(kind, order):
    return registry.HANDLERS[kind](order)


def main():
    tick = 0
    while True:
        text = " ".join(map(str, [dispatch(kind, 3) for kind in sorted(registry.HANDLERS)]))
        tick += 1
        print(f"{tick}\\t{text}", flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
""",
}
STEEP = sub("handlers.py", "steep {order}", "brew {order}")
group.service("body-of-a-registered-handler", SHOP, STEEP, sub("handlers.py", "wash {order}", "rinse {order}"))
group.service("what-a-registration-uses", SHOP, sub("registry.py", 'PREFIX = "on"', 'PREFIX = "at"'), sub("registry.py", "{PREFIX}-", "{PREFIX}:"), sub("handlers.py", 'TEA = "tea"', 'TEA = "pot"'))
group.service("registrations-that-come-and-go", SHOP, sub("handlers.py", '@handles("cup")\ndef cup(order):\n    return f"wash {order}"\n', ""), sub("handlers.py", "@handles(TEA)\n", '@handles("pot")\ndef pot(order):\n    return "scour"\n\n\n@handles(TEA)\n'))
group.service("registered-in-the-loop-too", {**SHOP, "main.py": SHOP["main.py"].replace("        tick += 1\n", "        if 'on-first' not in registry.HANDLERS:\n            registry.handles('first')(lambda order, said=dispatch('on-tea', 1): said)\n        text = registry.HANDLERS['on-first'](0)\n        tick += 1\n")}, STEEP)
group.service("decorator-that-keeps-results-too", {**SHOP, "registry.py": SHOP["registry.py"].replace("        HANDLERS[key(kind)] = function\n        return function\n", "        def once(order):\n            if order not in SAID:\n                SAID[order] = function(order)\n            return SAID[order]\n\n        HANDLERS[key(kind)] = once\n        return once\n").replace("HANDLERS = {}\n", "HANDLERS = {}\nSAID = {}\n")}, STEEP)
group.service("called-by-another-name-in-the-loop", {**SHOP, "main.py": SHOP["main.py"].replace("def dispatch", "keep = registry.handles\n\n\ndef dispatch").replace("        tick += 1\n", "        if 'on-first' not in registry.HANDLERS:\n            keep('first')(lambda order, said=dispatch('on-tea', 1): said)\n        text = registry.HANDLERS['on-first'](0)\n        tick += 1\n")}, STEEP)

CASES = group.cases
