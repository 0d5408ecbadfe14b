"""Which import-time statements may be executed again: `hrsup_strategies.data.repeatable`."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hrsup_strategies.data.repeatable import Repeatable
from hrsup_strategies.data.things import Effect

HEAD = """
import configparser, csv, json, os, pickle, tomllib
from dataclasses import dataclass
from pathlib import Path

SHARED = {"a": []}


@dataclass
class Settings:
    limit: int = 0

    @classmethod
    def load(cls, path):
        with open(path) as file:
            return cls(**json.load(file))


class Counted:
    made = 0

    def __init__(self):
        Counted.made += 1


def load(path, strict=False):
    found = {}
    with open(path, encoding="utf-8") as file:
        for row in csv.reader(file):
            found[row[0]] = row[1:]
    if strict and not found:
        raise ValueError(path)
    return found


def load_and_say(path):
    print("loading", path)
    return open(path).read()


def load_once(path, known=SHARED):
    if path not in known:
        known[path] = open(path).read()
    return known[path]
"""


def check(folder: Path, statement: str, anew: frozenset[str] = frozenset()) -> None:
    path = str(folder / "config.py")
    source = f"{HEAD}\n{statement}\n"
    module = ModuleType("config_under_test")
    module.__file__ = path
    sys.modules["config_under_test"] = module
    try:
        exec(compile(HEAD, path, "exec"), vars(module))
        tree = ast.parse(source)
        names = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        Repeatable({path: module}, lambda _: tree, names).check(path, tree.body[-1], set(anew))
    finally:
        del sys.modules["config_under_test"]


@pytest.mark.parametrize(
    "statement",
    [
        "X = json.load(open('f'))",
        "X = tomllib.loads(Path('f').read_text())['a']",
        "X = {path.stem: path.read_text().strip() for path in sorted(Path('conf.d').glob('*.txt'))}",
        "X = load(Path(__file__).parent / 'f', strict=True)",
        "X = Settings.load('f')",
        "with open('f', 'rb') as file:\n    X = pickle.load(file)",
        "try:\n    X = json.load(open('f'))\nexcept FileNotFoundError:\n    X = {}",
        "if os.path.exists('f'):\n    X = open('f').read()\nelse:\n    X = ''",
        "for name in os.listdir('.'):\n    X = name",
    ],
)
def test_what_reads_and_computes_is_repeatable(tmp_path: Path, statement: str) -> None:
    """Known readers, and functions and classes of the program's own that only fill what they make."""
    check(tmp_path, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "X = load_and_say('f')",
        "X = load_once('f')",
        "X = Counted()",
        "X = open('f', 'a')",
        "X = open('f', mode=os.environ.get('MODE', 'r'))",
        "X = os.remove('f')",
        "SHARED.update(json.load(open('f')))",
        "SHARED['a'].append(open('f').read())",
        "X = (lambda: print('loading'))()",
        "X = sorted(open('f'), key=load_and_say)",
        "os.environ['X'] = open('f').read()",
        "X = __import__('subprocess').run(['cat', 'f'])",
    ],
)
def test_what_does_more_is_not(tmp_path: Path, statement: str) -> None:
    """It prints, writes, counts, or changes what was not made by the statement itself."""
    with pytest.raises(Effect):
        check(tmp_path, statement)


def test_what_is_made_again_before_may_be_changed(tmp_path: Path) -> None:
    """A value that is filled step by step is made and filled again."""
    check(tmp_path, "SHARED.update(json.load(open('f')))", frozenset({"SHARED"}))
    with pytest.raises(Effect) as raised:
        check(tmp_path, "SHARED.update(json.load(open('f')))")
    assert raised.value.changes == "SHARED"


def test_a_function_that_only_bears_a_readers_name_is_none(tmp_path: Path) -> None:
    """Readers are known by what they are, not by how they are spelled."""
    with pytest.raises(Effect):
        check(tmp_path, "X = load_and_say.__call__('f')")
    source = "json = type('json', (), {'load': staticmethod(print)})\nX = json.load('f')"
    path = str(tmp_path / "config.py")
    module = ModuleType("config_under_test")
    module.__file__ = path
    exec(compile(source, path, "exec"), vars(module))
    tree = ast.parse(source)
    with pytest.raises(Effect):
        Repeatable({path: module}, lambda _: tree, set()).check(path, tree.body[-1], set())
