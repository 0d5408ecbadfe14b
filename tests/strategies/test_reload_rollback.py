"""All or nothing: a failure at any step of a reload leaves the program as it was."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path

from loaded import Loaded

from hrsup_agent.wire import content_hash
from hrsup_strategies.base import Outcome, Plan
from hrsup_strategies.reload import Reload

BEFORE = {
    "conf": "RATE: int = 1\nNAMES = ['a']\ndef get(x, y=1):\n    return x + RATE\n"
    "import enum\nfrom dataclasses import dataclass\n@dataclass\nclass Row:\n    a: int = 1\n    def f(self):\n"
    "        return self.a\nclass Lane(enum.Enum):\n    FAST = 1\nSPEEDS = {Lane.FAST: 5}\n"
    "MEMO = {}\ndef cost(k):\n    if k not in MEMO:\n        MEMO[k] = k * RATE\n    return MEMO[k]\n"
    "STEPS = {}\ndef step(name):\n    def keep(f):\n        STEPS[name] = f\n        return f\n    return keep\n"
    "@step('one')\ndef one():\n    return 1\n@step('two')\ndef two():\n    return 2\n",
    "svc": (
        "'''Old.'''\nfrom conf import RATE, get\nimport json\nLIMIT = RATE * 2\nOLD = 5\nSTATE = {}\n"
        "class Svc:\n    size = 1\n    gone = 2\n    def tick(self):\n        return get(1) + self.size\n"
        "    @property\n    def p(self):\n        return 1\n    @staticmethod\n    def s():\n        return 1\n"
    ),
}
AFTER = {
    "conf": "RATE: int = 5\nNAMES = ['a', 'b']\ndef get(x, y=2, z=3):\n    return x + RATE + y\ndef extra():\n    return 1\n"
    "import enum\nfrom dataclasses import dataclass\n@dataclass\nclass Row:\n    a: int = 2\n    def f(self):\n"
    "        return -self.a\nclass Lane(enum.Enum):\n    FAST = 3\nSPEEDS = {Lane.FAST: 5}\n"
    "MEMO = {}\ndef cost(k):\n    if k not in MEMO:\n        MEMO[k] = k * RATE\n    return MEMO[k]\n"
    "STEPS = {}\ndef step(name):\n    def keep(f):\n        STEPS[name] = f\n        return f\n    return keep\n"
    "@step('three')\ndef two():\n    return 2\n@step('four')\ndef four():\n    return 4\n",
    "svc": (
        "'''New.'''\nfrom conf import RATE, get\nimport math\nimport arrived.deep\nLIMIT = RATE * 2\nSTATE = {}\nNEW = {'x': 1}\n"
        "class Svc:\n    size = 9\n    added = 3\n    def tick(self):\n        '''Doc.'''\n        return get(1) - self.size\n"
        "    @property\n    def p(self):\n        return 2\n    @staticmethod\n    def s():\n        return 2\n"
        "    def more(self):\n        return super().__repr__()\n"
    ),
}


class World(Loaded):
    """Two modules in this process, and a program that shows them to the strategy."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        sys.path[:] = [str(folder), *(path for path in sys.path if not path.startswith(str(folder.parent)))]
        for name in [name for name in sys.modules if name.startswith("arrived")]:
            del sys.modules[name]
        for name, text in BEFORE.items():
            path = str(folder / f"{name}.py")
            module = types.ModuleType(name)
            module.__file__ = path
            sys.modules[name] = module
            self.load(path, text, module)
        self.service = self.loaded[str(folder / "svc.py")]
        self.instance = self.service.Svc()
        self.service.STATE["n"] = 1
        self.loaded[str(folder / "conf.py")].cost(2)

    def edit(self) -> Plan:
        hashes = {}
        (self.folder / "arrived").mkdir()
        (self.folder / "arrived" / "__init__.py").write_text("from .deep import A\n")
        (self.folder / "arrived" / "deep.py").write_text("A = 3\n\ndef f():\n    return A\n")
        for path, module in self.loaded.items():
            data = AFTER[module.__name__].encode()
            Path(path).write_bytes(data)
            hashes[path] = content_hash(data)
        return Plan("reload", "program", detail={"hashes": hashes})

    def run(self, reload: Reload) -> Outcome:
        """Reload from within a loop of the modules' own."""
        plan = self.edit()
        main = types.ModuleType("loop_of_the_test")
        path = "/nowhere/loop_of_the_test.py"
        text = "def main(step):\n    while True:\n        if step():\n            return\n"
        exec(compile(text, path, "exec", dont_inherit=True), vars(main))
        self.loaded[path], self.sources[path] = main, text.encode()
        count = 0

        def step() -> bool:
            nonlocal count
            count += 1
            if count == 2:
                outcome = reload.perform(plan, self)
                if outcome is not None:
                    self.outcome = outcome
            return self.outcome is not None or count > 20

        main.main(step)
        assert self.outcome is not None
        return self.outcome


def digest(world: World) -> str:
    """Everything that can be seen of the modules, down to code objects, with identities."""
    seen: list[object] = []

    def show(value: object, depth: int) -> object:
        if depth > 6:
            return "..."
        if isinstance(value, types.FunctionType):
            code = value.__code__
            parts = [
                id(value),
                id(code),
                value.__defaults__,
                value.__kwdefaults__,
                value.__doc__,
                str(value.__annotations__),
            ]
            return ["function", *map(str, parts), show(value.__dict__, depth + 1)]
        if isinstance(value, (staticmethod, classmethod)):
            return ["method", id(value), show(value.__func__, depth + 1)]
        if isinstance(value, property):
            return ["property", id(value), show(value.fget, depth + 1)]
        if isinstance(value, type):
            return ["class", id(value), [[k, show(v, depth + 1)] for k, v in sorted(vars(value).items())]]
        if isinstance(value, dict):
            return ["dict", id(value), [[str(k), show(v, depth + 1)] for k, v in value.items()]]
        if isinstance(value, (list, tuple)):
            return ["list", id(value), [show(v, depth + 1) for v in value]]
        seen.append(value)
        return [type(value).__name__, repr(value) if isinstance(value, (int, str)) else id(value)]

    skip = ("__builtins__", "__weakref__")
    everything = {
        path: [[k, show(v, 0)] for k, v in vars(module).items() if k not in skip]
        for path, module in world.loaded.items()
        if "loop" not in path and module.__name__ in sys.modules
    }
    return json.dumps(
        [everything, sorted((p, len(d)) for p, d in world.sources.items() if p in everything)], default=str
    )


class Injected(Exception):
    """The failure of a test."""


def steps_of(folder: Path) -> list[str]:
    """The names of all steps that the edit takes."""
    world = World(folder)
    reload, names = Reload(), list[str]()
    reload.fault = names.append
    outcome = world.run(reload)
    assert outcome.state == "done", outcome
    return names


def test_a_failure_at_every_single_step_leaves_no_difference(tmp_path: Path) -> None:
    """Whichever step of a commit raises, a deep digest of all modules is as before, and the answer is `failed`."""
    (tmp_path / "all").mkdir()
    names = steps_of(tmp_path / "all")
    assert len(names) > 10
    for number in range(len(names)):
        folder = tmp_path / str(number)
        folder.mkdir()
        world = World(folder)
        before = digest(world)
        reload = Reload()
        count = 0

        def fail(name: str, number: int = number) -> None:
            nonlocal count
            if count == number:
                raise Injected(name)
            count += 1

        reload.fault = fail
        outcome = world.run(reload)
        assert (outcome.state, outcome.code) == ("failed", "HR142"), names[number]
        assert digest(world) == before, names[number]
        assert not [name for name in sys.modules if name.startswith("arrived")], names[number]


def test_an_applied_edit_is_seen_by_everything_that_exists(tmp_path: Path) -> None:
    """Instances, state and holders go on with the new version; names that went away are gone."""
    world = World(tmp_path)
    held = world.loaded[str(tmp_path / "conf.py")].get
    outcome = world.run(Reload())
    assert outcome.state == "done", outcome
    service = world.service
    assert world.instance.tick() == (1 + 5 + 2) - 9
    assert (world.instance.p, world.instance.s(), world.instance.added) == (2, 2, 3)
    assert "object" in world.instance.more()
    assert held(1) == 8 and held(1, 1, 1) == 7
    assert service.STATE == {"n": 1} and service.NEW == {"x": 1} and service.LIMIT == 10
    assert not hasattr(service, "OLD") and not hasattr(service.Svc, "gone") and not hasattr(service, "json")
    assert (service.__doc__, service.Svc.tick.__doc__) == ("New.", "Doc.")
    conf = world.loaded[str(tmp_path / "conf.py")]
    assert (conf.Row().f(), conf.Lane.FAST.value, conf.SPEEDS) == (-2, 3, {conf.Lane.FAST: 5})
    assert conf.MEMO == {} and conf.cost(2) == 10
    assert {name: made() for name, made in conf.STEPS.items()} == {"three": 2, "four": 4}
    assert outcome.evidence["old_code_held"] == 0


def test_a_thousand_reloads_leave_nothing_behind() -> None:
    """Memory and the number of objects do not grow with the number of reloads."""
    program = Path(__file__).parent.parent / "projects" / "reload_many.py"
    done = subprocess.run(
        [sys.executable, "-S", str(program)], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


LEAVING = {
    "arrived/__init__.py": "",
    "arrived/deep.py": "A = 3\n",
    "arrived/word.py": "def say():\n    return 'old'\n",
    "user.py": "from arrived.deep import A\nfrom arrived.word import say\nTOLD = A * 2\ndef get():\n    return say(), TOLD\n",
}
LEFT = {
    "arrived/deep.py": None,
    "arrived/inner.py": "A = 4\n",
    "user.py": "from arrived.inner import A\nfrom arrived.word import say\nTOLD = A * 2\ndef get():\n    return say(), TOLD\n",
    "arrived/word.py": None,
    "arrived/word/__init__.py": "from arrived.word.spoken import say\n",
    "arrived/word/spoken.py": "def say():\n    return 'new'\n",
}


class Leaving(World):
    """A package of which modules go, and for one of which another file takes the name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        _write(folder, LEAVING)
        sys.modules.pop("user", None)
        for name in ("arrived", "arrived.deep", "arrived.word"):
            self.load_module(name)
        self.load_module("user")

    def load_module(self, name: str) -> None:
        importlib.import_module(name)
        for path in self._imported():
            self.sources[path] = Path(path).read_bytes()

    def modules(self) -> dict[str, types.ModuleType]:
        return {**self.loaded, **self._imported()}

    def _imported(self) -> dict[str, types.ModuleType]:
        """Nobody but `sys.modules` holds these."""
        return {str(one.__file__): one for name, one in sys.modules.items() if name.startswith(("arrived", "user"))}

    def edit(self) -> Plan:
        _write(self.folder, LEFT)
        hashes = {
            str(self.folder / name): content_hash(text.encode()) if text is not None else None
            for name, text in LEFT.items()
        }
        return Plan("reload", "program", detail={"hashes": hashes})

    def order(self) -> list[tuple[str, int]]:
        """What is imported, in its order, and what the package has of it."""
        found = [(name, id(module)) for name, module in sys.modules.items() if name.startswith(("arrived", "user"))]
        return found + [(name, id(value)) for name, value in vars(sys.modules["arrived"]).items()]


def _write(folder: Path, files: Mapping[str, str | None]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)


def test_a_failure_while_modules_leave_puts_them_back(tmp_path: Path) -> None:
    """Whichever step raises, the same modules are imported in the same order, and known to their packages; without a
    failure those whose files are gone are not."""
    (tmp_path / "all").mkdir()
    world, reload, names = Leaving(tmp_path / "all"), Reload(), list[str]()
    reload.fault = names.append
    outcome = world.run(reload)
    assert outcome.state == "done", outcome
    assert sys.modules["user"].get() == ("new", 8)
    assert sorted(name for name in sys.modules if name.startswith("arrived")) == [
        *("arrived", "arrived.inner", "arrived.word", "arrived.word.spoken"),
    ]
    assert not hasattr(sys.modules["arrived"], "deep")
    assert "leave" in names
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        folder.mkdir()
        world, reload, count = Leaving(folder), Reload(), iter(range(len(names)))
        before, order = digest(world), world.order()

        def fail(step: str, number: int = number, count: Iterator[int] = count) -> None:
            if next(count) == number:
                raise Injected(step)

        reload.fault = fail
        outcome = world.run(reload)
        assert (outcome.state, outcome.code) == ("failed", "HR142"), name
        assert (digest(world), world.order()) == (before, order), name
        assert sys.modules["user"].get() == ("old", 6), name
