"""Objects of third parties, whose code reload does not look at: they may keep what they are given under any name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_reload_cases import run

LIBRARY = """
class First(dict):
    def keep(self, value, key="k"):
        return self.setdefault(key, value)

    get = put = add = execute = post = append = publish = render = fit = write = info = join = keep
    __iadd__ = lambda self, value: self.keep(value) and self
    __contains__ = __or__ = __ror__ = __radd__ = __lt__ = __getitem__ = keep


def remember(value, known={}):
    return known.setdefault("k", value)


def call(function, known={}):
    return known.setdefault("k", function())


class Asking(dict):
    def ask(self):
        for found in (self.get("shop"), getattr(self, "shop", None)):
            if found is not None:
                return self.setdefault("k", getattr(found, "w" + "ord", found)())
"""
MAIN = """
import sys
import time
sys.path.append({folder!r})
import work
{head}

def main():
    {before}
    while True:
        {tick}
        print({shown})
        time.sleep(0.1)

main()
"""
WORK = "def word():\n    return 'v1'\n"
APP = "from first import First\nclass App:\n    def __init__(self):\n        self.known = First()\n    def step(self):\n        return self.known.get(work.word())\n"
MODEL = "from first import First\nclass Mine(First):\n    def step(self):\n        return super().publish(work.word(), 'm')\n"
GIVEN = "from first import First\ndef step(known):\n    return known.add(work.word())\n"


def beside_a_library(folder: Path, **parts: str) -> str:
    """The script of these parts, for which the third party's module is installed."""
    (folder / "site").mkdir()
    (folder / "site" / "first.py").write_text(LIBRARY)
    return MAIN.format(folder=str(folder / "site"), **parts)


def edited(folder: Path, main: str) -> Any:
    """What comes of an edit of `work`, and what is printed then."""
    return run(folder / "hot", {"main.py": main, "work.py": WORK}, [{"work.py": WORK.replace("v1", "v2")}])[1]


@pytest.mark.parametrize(
    ("head", "before", "tick", "shown"),
    [
        *(
            ("from first import First", "box = First()", f"box.{name}(work.word())", "box.get(0)")
            for name in ("get", "put", "add", "execute", "post", "append", "publish", "render", "fit", "write", "info")
        ),
        ("from first import First", "box = First()", "text = box.join(work.word())", "text"),
        ("from first import First", "box = First()", "box += work.word()", "box.get(0)"),
        *(
            ("from first import First", "box = First()", f"text = {text}", "box.get(0)")
            for text in ("work.word() in box", "box | work.word()", "work.word() + box", "box < work.word()")
        ),
        ("from first import First", "box = First()", "text = box[work.word()]", "text"),
        ("from first import First", "box = First()", "if work.word() in box: pass", "box.get(0)"),
        ("from first import First", "box = First()", "print(work.word() in box)", "box.get(0)"),
        ("import first", "pass", "text = first.remember(work.word())", "text"),
        ("from first import remember as put", "pass", "text = put(work.word())", "text"),
        ("import first", "pass", "text = first.call(work.word)", "text"),
        ("import importlib\nfirst = importlib.import_module('first')", "pass", "x = first.remember(work.word())", "x"),
        (APP, "app = App()", "text = app.step()", "text"),
        (MODEL, "app = Mine()", "text = app.step()", "text"),
        (GIVEN, "box = First()", "text = step(box)", "text"),
    ],
)
def test_what_a_third_party_keeps_is_not_known(head: str, before: str, tick: str, shown: str, tmp_path: Path) -> None:
    """A change whose results are given to an object or a function of a third party's is refused."""
    main = beside_a_library(tmp_path, head=head, before=before, tick=tick, shown=shown)
    outcome, _ = edited(tmp_path, main)
    assert outcome["state"] == "refused", outcome


@pytest.mark.parametrize(
    ("head", "before", "tick", "shown"),
    [
        ("from first import First", "box = First()", "text = work.word()\n        box.put(1)", "text"),
        ("from first import First", "box = First()", "rows = []\n        rows.append(work.word())", "rows"),
        ("import first", "first.remember(1)", "text = ', '.join([work.word()])", "text"),
    ],
)
def test_a_third_party_that_is_given_nothing_is_no_matter(
    head: str, before: str, tick: str, shown: str, tmp_path: Path
) -> None:
    """Beside an object of a third party's, a change is brought in, and it shows what a cold start does."""
    main = beside_a_library(tmp_path, head=head, before=before, tick=tick, shown=shown)
    outcome, printed = edited(tmp_path, main)
    assert outcome["state"] == "done", outcome
    assert set(printed) == ({"['v2']"} if shown == "rows" else {"v2"})


SHOP = "from first import Asking\nclass Shop:\n    def word(self):\n        return work.word()\n"


@pytest.mark.parametrize(
    "before",
    [
        "box['shop'] = work.word",
        "box['shop'] = lambda: work.word()",
        "box['shop'] = work",
        "box.shop = Shop()",
        "box.setdefault('shop', Shop())",
        "box |= {'shop': Shop()}",
        "shops = [Shop()]\n    box['shop'] = shops[0]",
        "for shop in [Shop()]: box['shop'] = shop",
    ],
)
def test_what_a_third_party_was_given_may_be_called_by_it(before: str, tmp_path: Path) -> None:
    """A function, an object with methods, or a module is called where nothing is spelled, and the result kept."""
    before = f"box = Asking()\n    {before}"
    main = beside_a_library(tmp_path, head=SHOP, before=before, tick="text = box.ask()", shown="text")
    outcome, _ = edited(tmp_path, main)
    assert outcome["state"] == "refused", outcome


def test_an_object_that_is_not_given_to_a_third_party_is_no_matter(tmp_path: Path) -> None:
    """Not even if it has one of theirs, and gives it what is no object of the program's."""
    head = SHOP.replace("    def word", "    def __init__(self):\n        self.box = Asking()\n    def word")
    tick = "text = shop.word()\n        shop.box['n'] = 1"
    main = beside_a_library(tmp_path, head=head, before="shop = Shop()", tick=tick, shown="text")
    outcome, printed = edited(tmp_path, main)
    assert outcome["state"] == "done", outcome
    assert set(printed) == {"v2"}


@pytest.mark.parametrize(
    "statement", ["insert or ignore into t values (1, ?)", "insert into t values (1, ?) on conflict do nothing"]
)
def test_a_database_that_keeps_what_was_there(statement: str, tmp_path: Path) -> None:
    """A statement that leaves a row as it is keeps the old result."""
    main = f"""
import sqlite3
import time
import work

def main():
    data = sqlite3.connect(":memory:")
    data.execute("create table t (k primary key, v)")
    while True:
        data.execute({statement!r}, (work.word(),))
        print(data.execute("select v from t").fetchone())
        time.sleep(0.1)

main()
"""
    outcome, _ = edited(tmp_path, main)
    assert outcome["code"] == "HR122", outcome


@pytest.mark.parametrize(
    ("head", "before", "tick", "shown"),
    [
        ("", "rows = []", "rows.append(work.word())", "rows[0]"),
        ("class Rows(list):\n    def append(self, x):\n        if not self:\n            super().append(x)\n", "rows = Rows()", "rows.append(work.word())", "rows"),
    ],
    ids=["what came first", "a list of the user's"],
)  # fmt: skip
def test_what_came_first_is_no_accumulation(head: str, before: str, tick: str, shown: str, tmp_path: Path) -> None:
    """Of a container that grows, the first entry stays as it is."""
    main = MAIN.format(folder="", head=head, before=before, tick=tick, shown=shown)
    outcome, _ = edited(tmp_path, main)
    assert outcome["state"] == "refused", outcome
