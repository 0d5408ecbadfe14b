"""Modules are parsed only where a change can reach, and always where their text does not spell all their names."""

from __future__ import annotations

import ast
import functools
import random
import sched
import types
from pathlib import Path

import pytest

from hrsup_strategies.reload import kept
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import first_line
from hrsup_strategies.reload.prepare import prepare
from hrsup_strategies.reload.questions import Questions
from hrsup_strategies.reload.sources import Sources
from hrsup_strategies.reload.texts import Texts
from hrsup_strategies.reload.vacant import Vacant
from hrsup_strategies.reload.version import Version, inner
from hrsup_strategies.reload.work import Work

PLAIN = (
    b'"""Doc."""\nfrom other import helper\n\n\nclass Thing:\n    def run(self):\n        return helper("a", \'b\')\n'
)


def sources(*texts: bytes) -> Sources:
    known = Texts()
    known.update({f"/{n}.py": text for n, text in enumerate(texts)})
    return Sources(known, lambda path, data: Version(path, data, False))


def paths(found: Sources) -> list[str]:
    return [version.path for version in found.parsed]


def test_a_module_is_parsed_when_a_name_that_it_spells_is_asked_for() -> None:
    found = sources(PLAIN, b"value = 1\n")
    assert paths(found) == []
    found.mentioning(["nothing"])
    found.defining(["helper"])  # spelled, not defined
    assert paths(found) == []
    found.mentioning(["helper"])
    assert paths(found) == ["/0.py"]


@pytest.mark.parametrize(
    "text", [b"async def late(): pass\n", b"class  \\\n late: pass\n", b"def a():\n\tdef late(): pass\n"]
)
def test_definitions_are_found_however_they_are_laid_out(text: bytes) -> None:
    found = sources(PLAIN, text)
    found.defining(["late"])
    assert paths(found) == ["/1.py"]


@pytest.mark.parametrize(
    "text",
    [
        b"x = getattr(y, name)\n",
        b"x = globals()\n",
        b'x = f("he\\x6cper.run")\n',
        b'x = f("hel" "per.run")\n',
        b"x = f('hel'  # a word\n      'per.run')\n",
        b"x = f(\"hel\" r'per.run')\n",
        b'x = f("hel" "" "per.run")\n',
        b'x = f("hel\\\nper.run")\n',
        "x = \uff48elper\n".encode(),
        b"# -*- coding: utf-7 -*-\nx = 1\n",
    ],
)
def test_a_module_whose_text_is_not_all_is_always_parsed(text: bytes) -> None:
    assert paths(sources(PLAIN, text)) == ["/1.py"]


def test_a_flag_set_by_a_module_that_does_not_spell_what_changed_counts() -> None:
    user = b"import state\nfrom rules import rate\nROWS = []\ndef tick():\n    if not state.ready:\n        ROWS.append(rate())\n    return ROWS\ndef main():\n    print(tick())\n"
    setter = b"import state\ndef finish():\n    state.ready = True\n"
    old = sources(user, setter, b"def rate():\n    return 1\n", b"ready = False\n")
    modules = {path: types.ModuleType(path[1:-3]) for path in old}
    work = Work(modules, old, {"/2.py": Version("/2.py", b"def rate():\n    return 2\n", False, True, old["/2.py"])})
    prepare(work, None)
    with pytest.raises(Refusal) as refused:
        kept.check_stores(work, {}, Vacant(work.closure))
    assert refused.value.code == "HR122"
    assert "/1.py" in paths(old)


def test_texts_that_changed_one_by_one_are_searched_as_if_they_were_new() -> None:
    """Added, changed and removed, few and many at a time: every question has the answer that fresh texts give."""
    words = ["alpha", "beta", "gamma", "getattr", "exec(", "import *"]
    draw = random.Random(5)

    def text() -> bytes:
        chosen = [draw.choice(words) for _ in range(2)]
        return f"def {draw.choice(words[:3])}():\n    pass\n{chosen[0]} = '{chosen[1]}'\n".encode()

    kept, modules = Texts(), dict[str, bytes]()
    for _ in range(60):
        for number in draw.sample(range(40), draw.choice((1, 2, 30))):
            modules[f"/{number}.py"] = text()
        for path in draw.sample(sorted(modules), draw.choice((0, 0, 3)) % (len(modules) + 1)):
            del modules[path]
        kept.update(dict(modules))
        fresh = Texts()
        fresh.update(dict(modules))
        assert (kept.opaque, kept.starred, set(kept.order)) == (fresh.opaque, fresh.starred, set(modules))
        group = (b"exec(", b"gamma")
        assert (
            kept.with_any(group)
            == fresh.with_any(group)
            == {p for p, t in modules.items() if any(w in t for w in group)}
        )
        for word in words:
            assert sorted(kept.with_word(word.encode())) == sorted(p for p, t in modules.items() if word.encode() in t)
            assert kept.defining(word) == fresh.defining(word)


def shown(version: Version) -> object:
    """Everything that a version says, nodes by their place and text."""

    def node(item: ast.AST | None) -> object:
        return None if item is None else (ast.dump(item), getattr(item, "lineno", None))

    def slots(item: object, *left_out: str) -> dict[str, object]:
        names = [name for name in type(item).__slots__ if name not in left_out]  # type: ignore[attr-defined]
        return {name: getattr(item, name) for name in names}

    names = version.names
    flows = [
        {
            **slots(flow, "unit", "top", "stores", "_mark"),
            "mark": flow.mark,
            "stores": [slots(store) for store in flow.stores],
            "top": node(flow.top),
        }
        | {"unit": flow.unit and names.units.index(flow.unit)}
        for flow in names.flows
    ]
    return {
        "body": [(one.dump, one.kind, one.names, node(one.node)) for one in version.body],
        "units": [{**slots(unit, "node"), "node": node(unit.node)} for unit in names.units],
        "classes": [{**slots(info, "node"), "node": node(info.node)} for info in names.classes],
        "flows": flows,
        "tops": [{**slots(top, "statement"), "statement": version.body.index(top.statement)} for top in names.tops],
        "questions": [[getattr(part.questions, slot) for slot in Questions.__slots__] for part in names.parts],
        "sets": (names.escapes, names.emptied, names.filled, names.buffers, names.origins),
        "calls": (names.rebound, names.hooked),
        "nodes": [[node(one) for one in group] for group in (version.globals, version.imports, version.stars)],
        "flags": (version.flags, version.suspends),
    }


CLASS = '''
import json
from tools import helper


class Shop:
    """A class."""

    rate = 3

    @property
    def total(self):
        return helper(self.rate) + self.extra

    def add(self, item, count=json):
        self.items.append(item)
        if count:
            return None

        class Inner:
            def deep(self):
                return lambda: helper(item)

        return [one for one in self.items if one]

    async def fetch(self):
        global CACHE
        CACHE = await helper("get_value")

    def same(self): return 1; helper()
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rate = 3", "rate = 4"),
        ("return helper(self.rate) + self.extra", "return helper(self.rate) * self.other"),
        ("self.items.append(item)", "self.items[item] = count"),
        ("    async def fetch", "\n\n    def more(self):\n        return self.items.pop()\n\n    async def fetch"),
        ("class Shop:", "class Other:"),
        ("import json\n", "from tools import json\n"),
        ("    @property\n", ""),
        ("    def same(self): return 1; helper()", "    def same(self): return 1; self.helper()"),
        ("return lambda: helper(item)", "return lambda: helper(items)"),
    ],
)
def test_what_is_taken_over_of_a_class_is_what_would_be_found_anew(old: str, new: str) -> None:
    """An edit of a class, or of the imports, looks again at whatever may now mean something else."""
    assert old in CLASS
    text = CLASS.replace(old, new).encode()
    before = Version("/shop.py", CLASS.encode(), False)
    once = Version("/shop.py", text, False, before=before)
    again = Version("/shop.py", b"# moved\n" + text, False, before=once)
    for found, data in ((once, text), (again, b"# moved\n" + text)):
        assert shown(found) == shown(Version("/shop.py", data, False))


@pytest.mark.parametrize("module", [functools, sched])
def test_what_is_taken_over_from_an_older_version_is_what_would_be_found_anew(module: types.ModuleType) -> None:
    """Lines that go, come and change places, one edit after the other."""
    data, draw = Path(str(module.__file__)).read_bytes(), random.Random(3)
    version, taken, stayed = Version("/m.py", data, False), 0, 0
    while taken < 5:
        lines = version.data.split(b"\n")
        place = draw.randrange(len(lines))
        edited = [
            [*lines[:place], *lines[place + draw.randint(1, 3) :]],
            [*lines[:place], b"global_value = 'caf\xc3\xa9'; other = global_value", *lines[place:]],
            [*lines[:place], lines[place].replace(b"1", b"12").replace(b"self", b"this"), *lines[place + 1 :]],
            [b"\xef\xbb\xbfimport argparse", *lines] if taken == 4 else [*lines, b"import json as sys"],
        ][draw.randrange(4)]
        try:
            after = Version("/m.py", b"\n".join(edited), False, True, version)
        except Refusal:  # it does not compile
            continue
        fresh = Version("/m.py", b"\n".join(edited), False)
        assert shown(after) == shown(fresh)
        for one, two in zip(after.body, fresh.body, strict=True):
            assert after.codes(one) == inner(fresh.code_of(two.node))
        stays, found = version.in_place(after), {first_line(one.node): one.node for one in version.body}
        for one in [one for one in after.body if id(one) in stays]:
            assert after.codes(one) == inner(version.code_of(found[first_line(one.node)]))
        version, taken, stayed = after, taken + 1, stayed + len(stays)
    assert stayed


def test_a_mark_at_the_beginning_of_a_file_hides_no_change() -> None:
    """The parser counts columns without it."""
    before = Version("/m.py", b"\xef\xbb\xbfVALUE = 123", False)
    after = Version("/m.py", b"\xef\xbb\xbfVALUE = 127", False, True, before)
    assert before.body[0].dump != after.body[0].dump


def test_the_same_bytes_in_another_encoding_are_looked_at_again() -> None:
    """A statement that did not change may be other text."""
    before = Version("/m.py", b"# latin\nX = 1\nNAME = '\xc3\xa9'\n", False)
    after = Version("/m.py", b"# coding: latin-1\nX = 1\nNAME = '\xc3\xa9'\n", False, True, before)
    assert before.body[1].dump != after.body[1].dump
