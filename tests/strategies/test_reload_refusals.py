"""What the reload strategy refuses beside the cases of test_reload_cases: each code once, by the state that causes it."""

from __future__ import annotations

import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from loaded import Loaded

from hrsup_agent.wire import content_hash
from hrsup_strategies.base import (
    CODE,
    DATA,
    NOOP,
    SERVICE,
    Change,
    Facts,
    FileChange,
    ModuleFact,
    Outcome,
    Plan,
    ReadFact,
    Refused,
)
from hrsup_strategies.reload import Reload, loaded, thinking
from hrsup_strategies.reload.codes import CODES, Refusal

LOOP = "def main(step):\n    while True:\n        if step():\n            return\n"


def facts(**more: Any) -> Facts:
    """A running service that has loaded one module."""
    made = Facts()
    made.mode, made.running, made.agent, made.main = SERVICE, True, True, "/p/main.py"
    made.modules = {"/p/a.py": ModuleFact("a", "/p/a.py", "1", None, None, 0.1)}
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("file", "known", "code"),
    [
        (FileChange("/p/a.py", CODE, "2", "1"), facts(), None),
        (FileChange("/p/a.py", CODE, "2", "1"), facts(agent=False), "HR101"),
        (FileChange("/p/a.py", CODE, "2", "1"), facts(running=False), "HR101"),
        (FileChange("/p/a.py", CODE, "2", "1"), facts(pools={1: [2]}), "HR102"),
        (FileChange("/p/a.csv", DATA, "2", "1"), facts(), "HR102"),
        (FileChange("/p/b.py", CODE, "2", "1"), facts(), "HR103"),
        (FileChange("/p/b.py", CODE, "2", None), facts(), None),
        (FileChange("/p/b.py", CODE, "2", None), facts(opaque=["a child"]), "HR103"),
        (FileChange("/p/b.py", CODE, "2", None), facts(listings={"/p": 0}), "HR103"),
        (FileChange("/p/b.py", CODE, "2", None), facts(looked={"/p/b.py": 0}), "HR103"),
        (FileChange("/p/a.py", CODE, "2", "1"), facts(opaque=["native code"]), None),
        (FileChange("/p/a.py", CODE, "2", "1"), facts(opaque=["a child"], children=["a child"]), "HR103"),
        (FileChange("/p/a.py", CODE, "2", "1"), facts(reads={"/p/a.py": ReadFact("/p/a.py", 0)}), "HR103"),
        (FileChange("/p/a.py", NOOP, "2", "1"), facts(measured={"/p/a.py": 0}), "HR103"),
        (FileChange("/p/a.py", CODE, None, "1"), facts(), None),
        (FileChange("/p/a.py", CODE, None, "1"), facts(listings={"/p": 0}), "HR103"),
        (FileChange("/p/a.py", CODE, None, "1"), facts(main="/p/a.py"), "HR103"),
    ],
)
def test_assess_says_at_once_what_cannot_be_reloaded(file: FileChange, known: Facts, code: str | None) -> None:
    """A plan for loaded modules of a running service, otherwise a refusal with its code."""
    answer = Reload().assess(Change([file]), known)
    assert (answer.code if isinstance(answer, Refused) else None) == code


class World(Loaded):
    """One module and one loop in this process, and a program that shows them to the strategy."""

    def __init__(self, folder: Path, text: str) -> None:
        super().__init__()
        self.path = str(folder / "mod.py")
        self.module = types.ModuleType("mod")
        self.loop = types.ModuleType("loop")
        self.load(self.path, text, self.module)
        self.load("/nowhere/loop.py", LOOP, self.loop)

    def change(self, text: str, hash: str | None = None, steps: int = 10) -> Outcome:
        """Reload `text` from within the loop."""
        Path(self.path).write_text(text)
        plan = Plan("reload", "program", detail={"hashes": {self.path: hash or content_hash(text.encode())}})
        reload, count = Reload(), 0

        def step() -> bool:
            nonlocal count
            count += 1
            if count == 2 and (outcome := reload.perform(plan, self)) is not None:
                self.outcome = outcome
            return self.outcome is not None or count >= steps

        self.loop.main(step)
        assert self.outcome is not None
        assert sys.gettrace() is None
        return self.outcome


FUNCTION = "def f():\n    return 1\n"


def test_what_would_take_too_long_to_find_out_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HR145: the program goes on as it was, and has not stood still for long; waiting for the loop does not count."""
    world = World(tmp_path, FUNCTION)
    monkeypatch.setattr(thinking, "LIMIT_S", -1.0)
    assert world.change(FUNCTION.replace("1", "2")).code == "HR145"
    assert world.module.f() == 1
    monkeypatch.undo()
    world.outcome = None
    assert world.change(FUNCTION.replace("1", "2")).state == "done"
    thinking.check()


def test_a_file_that_changed_again_fails(tmp_path: Path) -> None:
    """HR104: what is on disk is not what the plan was made for, so the next change takes over."""
    outcome = World(tmp_path, FUNCTION).change(FUNCTION.replace("1", "2"), hash="other")
    assert (outcome.state, outcome.code) == ("failed", "HR104")


def test_a_file_that_differs_in_nothing_that_matters_is_not_of_the_change(tmp_path: Path) -> None:
    """A comment was saved a moment ago, and needs nothing. Any other version of the file belongs to the change."""
    world = World(tmp_path, FUNCTION)
    commented = FUNCTION.replace("1", "1  # a note")
    Path(world.path).write_text(commented)
    behind: dict[str, str | None] = {world.path: content_hash(commented.encode())}
    loaded.check_disk(world, {}, {}, behind)
    with pytest.raises(Refusal, match="another file changed"):
        loaded.check_disk(world, {}, {}, {})
    Path(world.path).write_text(FUNCTION.replace("1", "2"))
    with pytest.raises(Refusal, match="another file changed"):
        loaded.check_disk(world, {}, {}, behind)


def test_a_loop_that_ends_first_fails(tmp_path: Path) -> None:
    """HR134: the loop was left before its next boundary."""
    outcome = World(tmp_path, FUNCTION).change(FUNCTION.replace("1", "2"), steps=2)
    assert (outcome.state, outcome.code) == ("failed", "HR134")


def test_code_that_is_not_what_the_source_says_is_refused(tmp_path: Path) -> None:
    """HR140: somebody has replaced a function's code."""
    world = World(tmp_path, FUNCTION)
    world.module.f.__code__ = compile("def g():\n    return 3\n", world.path, "exec").co_consts[0]
    assert world.change(FUNCTION.replace("1", "2")).code == "HR140"


def test_old_code_that_is_held_rolls_everything_back(tmp_path: Path) -> None:
    """HR141: the audit finds a holder, and the old version runs on."""
    world = World(tmp_path, FUNCTION)
    held = [world.module.f.__code__]
    outcome = world.change(FUNCTION.replace("1", "2"))
    assert (outcome.state, outcome.code) == ("failed", "HR141")
    assert world.module.f.__code__ is held[0]


def test_a_suspended_generator_of_what_changed_is_refused(tmp_path: Path) -> None:
    """HR123: a generator goes on with the code it was made with."""
    text = "def g():\n    while True:\n        yield 1\n"
    world = World(tmp_path, text)
    suspended = world.module.g()
    next(suspended)
    assert world.change(text.replace("yield 1", "yield 2")).code == "HR123"


def test_a_closure_of_the_old_version_is_refused(tmp_path: Path) -> None:
    """HR143: a closure that lives on captured what the old version of its function had computed."""
    text = "def make(n):\n    m = n * 2\n    def inner():\n        return m\n    return inner\n"
    world = World(tmp_path, text)
    held = world.module.make(1)
    assert world.change(text.replace("n * 2", "n * 3")).code == "HR143"
    assert held() == 2


def test_a_closure_follows_its_function_where_it_would_capture_the_same(tmp_path: Path) -> None:
    """Only what the closure does has changed, so the one that lives on does the new."""
    text = "def make(n):\n    def inner():\n        return n\n    return inner\n"
    world = World(tmp_path, text)
    held = world.module.make(1)
    assert world.change(text.replace("return n", "return n + 1")).state == "done"
    assert held() == 2


def test_two_values_of_two_modules_are_never_mixed() -> None:
    """A tick that reads changed values of two modules sees the old pair or the new, at any moment of an edit."""
    program = Path(__file__).parent.parent / "projects" / "reload_mix.py"
    done = subprocess.run(
        [sys.executable, "-S", str(program), "300"], capture_output=True, text=True, timeout=90, check=False
    )
    found = re.search(r"done (\d+) ticks (\d+) mixed (\d+) trace None", done.stdout)
    assert found, done.stdout + done.stderr
    assert int(found[3]) == 0
    assert int(found[1]) >= 290, done.stdout


def test_every_code_has_a_test() -> None:
    """No code can be added without a case that shows it."""
    folder = Path(__file__).parent
    shown = "".join(path.read_text() for path in folder.glob("test_*.py"))
    assert [code for code in CODES if f'"{code}"' not in shown and f"{code}:" not in shown] == []
