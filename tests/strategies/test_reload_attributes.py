"""An attribute keeps nothing only if nobody who lives on has it, or all that have it have an empty container there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import argparse
import types
from pathlib import Path

from hrsup_strategies.reload.attributes import Attributes
from hrsup_strategies.reload.closure import Closure
from hrsup_strategies.reload.sources import Sources
from hrsup_strategies.reload.texts import Texts
from hrsup_strategies.reload.version import Version

KEPT = []


class Order:
    wished = 3

    def __init__(self):
        self.ordered = []


class Slotted:
    __slots__ = ("mark",)


class Adding:
    def add(self, one):
        KEPT.append(one)


class Hooked:
    def __setattr__(self, name, value):
        KEPT.append(value)


def make(kind, **values):
    item = kind()
    for name, value in values.items():
        setattr(item, name, value)
    return item


def hold_nothing(name, empty=False):
    texts = Texts()
    texts.update({__file__: Path(__file__).read_bytes().replace(b"__setattr__", b"hook")})
    closure = Closure(Sources(texts, lambda path, data: Version(path, data, False)))
    closure.take_all()
    return Attributes(closure, []).hold_nothing(name, empty)


"""


def probe(tmp_path: Path, *lines: str) -> str:
    """What a program that does this says at its end."""
    script = tmp_path / "probe.py"
    script.write_text(PROBE + "\n".join(lines))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() or done.stderr


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["print(hold_nothing('noted'))"], "True"),
        (["make(Order, noted=1)", "print(hold_nothing('noted'))"], "True"),
        (["one = make(Order)", "one.noted = [one]", "del one", "print(hold_nothing('noted'))"], "True"),
        (["print(hold_nothing('wished'))"], "True"),
        (["Order.wished = 4", "print(hold_nothing('wished'))"], "False"),
        (["noted = 1", "print(hold_nothing('noted'))"], "False"),
        (["KEPT.append(make(Slotted, mark=1))", "print(hold_nothing('mark'))"], "False"),
        (["KEPT.append(make(Slotted))", "print(hold_nothing('mark'))"], "True"),
        (
            ["KEPT[:] = [Order(), Order()]", "print(hold_nothing('ordered'), hold_nothing('ordered', True))"],
            "False True",
        ),
        (["KEPT[:] = [Order(), make(Order, ordered=[1])]", "print(hold_nothing('ordered', True))"], "False"),
        (["KEPT.append(make(Order, ordered=open(__file__)))", "print(hold_nothing('ordered', True))"], "True"),
        (["KEPT.append(make(Order, ordered=Order()))", "print(hold_nothing('ordered', True))"], "True"),
        (["KEPT.append(make(Order, ordered=make(Adding)))", "print(hold_nothing('ordered', True))"], "False"),
        (["KEPT.append(make(Hooked))", "print(hold_nothing('noted'))"], "False"),
    ],
)
def test_what_lives_on_is_asked(tmp_path: Path, lines: list[str], said: str) -> None:
    assert probe(tmp_path, *lines) == said


@pytest.mark.parametrize(
    "kind",
    [
        "Order",
        "argparse.Namespace",
        "types.SimpleNamespace",
        "lambda: types.ModuleType('one')",
        "ValueError",
        "lambda: make",
    ],
)
def test_whoever_has_it_keeps_it(tmp_path: Path, kind: str) -> None:
    """An object of any kind may be meant, and nothing is something too."""
    assert probe(tmp_path, f"KEPT.append(make({kind}, noted=None))", "print(hold_nothing('noted'))") == "False"


@pytest.mark.parametrize("name", ["args", "prog", "gi_frame", "maxsize"])
def test_what_objects_of_the_library_have_is_not_known(tmp_path: Path, name: str) -> None:
    """They may work with what is set in them."""
    assert probe(tmp_path, "import queue", f"print(hold_nothing({name!r}))") == "False"
