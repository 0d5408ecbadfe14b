"""The functions of large modules are looked at only where a change can reach; the answers are those of a whole look."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest
from test_reload_sources import sources

from hrsup_strategies.reload import kept, thinking, waiting
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.prepare import prepare
from hrsup_strategies.reload.sources import Sources
from hrsup_strategies.reload.vacant import Vacant
from hrsup_strategies.reload.version import Version
from hrsup_strategies.reload.work import Work

FUNCTIONS = (
    b"LIMIT = 3\n\n\ndef rate():\n    return LIMIT\n\n\ndef cost(n):\n    return n * rate()\n\n\n"
    b"def other(rows):\n    for row in rows:\n        row.seen = True\n    return rows\n"
)


@pytest.fixture(autouse=True)
def every_module_is_large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if each of these modules were one of thousands of lines."""
    monkeypatch.setattr(waiting, "LARGE", 0)
    yield


def looked_at(found: Sources) -> list[str]:
    return [unit.name for module in found.shown for unit in module.units]


def prepared(old: Sources) -> Work:
    """A change of this module: a function that has returned 1 returns 2."""
    data = old["/0.py"].data.replace(b"return 1\n", b"return 2\n")
    work = Work({"/0.py": types.ModuleType("main")}, old, {"/0.py": Version("/0.py", data, False, True, old["/0.py"])})
    prepare(work, None)
    return work


def test_a_function_is_looked_at_when_a_name_that_it_spells_is_asked_for() -> None:
    found = sources(FUNCTIONS)
    assert not found["/0.py"].parts[1].walked
    assert looked_at(found) == []
    before = len(found)
    found.mentioning(["rate"])
    assert looked_at(found) == ["rate", "cost"]
    assert len(found) == before + 2
    found.defining(["other"])
    assert looked_at(found) == ["rate", "cost", "other"]


def test_a_function_that_binds_a_name_is_looked_at_if_that_may_be_called() -> None:
    found = sources(FUNCTIONS + b"def set_up(row, hook):\n    row.seen = hook\n")
    found.binding("seen")
    assert looked_at(found) == ["set_up"]


@pytest.mark.parametrize(
    ("text", "looked"),
    [
        (b"data.create_function('cost', 1, cost)", ["set_up"]),
        (b"data.create_function('cost', 1, other_one)", []),
        (b"data.register(lambda n: n)", ["set_up"]),
        (b"dumps(data, default=cost)", ["set_up"]),
        (b"sorted(data, key=lambda n: n)", []),
        (b"sorted(data, key=lambda n: n, reverse=True)", []),
        (b"sorted(map(lambda n: n, data), key=lambda n: n)", ["set_up"]),
        (b"min(data, key=lambda n: n, default=lambda: 1)", ["set_up"]),
        (b"data.sort(key=cost)", ["set_up"]),
    ],
)
def test_a_function_that_gives_the_library_something_to_call_is_looked_at(text: bytes, looked: list[str]) -> None:
    found = sources(FUNCTIONS + b"def set_up(data):\n    " + text + b"\n")
    assert not found["/0.py"].parts[-1].walked
    found.hooking()
    assert looked_at(found) == looked


def test_what_orders_is_not_taken_at_its_word_where_the_name_is_another() -> None:
    found = sources(FUNCTIONS + b"def set_up(data, sorted):\n    return sorted(data, key=lambda n: n)\n")
    found.hooking()
    assert looked_at(found) == ["set_up"]


def test_what_stands_outside_of_functions_is_known_at_once() -> None:
    found = sources(FUNCTIONS)
    module = found["/0.py"].names
    assert [top.statement.kind for top in found.shown[0].tops if found.shown] == ["assign", "def", "def", "def"]
    assert [unit.name for unit in module.units] == ["rate", "cost", "other"]  # who asks for all is given all


@pytest.mark.parametrize(
    "text",
    [
        b"def late(x):\n    return getattr(x, name)\n",
        b"def late(x):\n    return x('hel' 'per')\n",
        b"def late(x):\n    return x('he\\x6cper')\n",
        "def late(x):\n    return \uff48elper\n".encode(),
    ],
)
def test_a_function_whose_text_is_not_all_does_not_wait(text: bytes) -> None:
    version = Version("/0.py", FUNCTIONS + text, False)
    assert [part.walked for part in version.parts] == [True, False, False, False, True]


def test_what_was_not_looked_at_waits_in_the_next_version_too() -> None:
    first = Version("/0.py", FUNCTIONS, False)
    first.parts[1].look()
    second = Version("/0.py", b"# A line.\n" + FUNCTIONS.replace(b"row.seen", b"row.known"), False, before=first)
    assert [part.walked for part in second.parts] == [True, False, False, False]
    first.parts[2].look()
    assert [unit.node.lineno for unit in second.names.units] == [5, 9, 13]
    assert second.parts[2].flows[0].unit is second.parts[2].units[0]
    assert second.parts[2].known is first.parts[2].known


def test_a_function_that_there_was_no_time_to_look_at_has_not_been_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    version = Version("/0.py", FUNCTIONS, False)
    monkeypatch.setattr(thinking, "LIMIT_S", -1.0)
    with pytest.raises(Refusal), thinking.Thinking():
        version.parts[1].look()
    assert not version.parts[1].walked
    assert [unit.name for unit in version.names.units] == ["rate", "cost", "other"]


def test_one_change_does_not_see_what_another_has_asked_for() -> None:
    version = Version("/0.py", FUNCTIONS, False)
    for part in version.parts:
        part.look()
    selected = waiting.Selected(version)
    assert selected.names.units == []
    assert selected.defining("cost") == 1
    assert [unit.name for unit in selected.names.units] == ["cost"]
    assert selected.all() == 2
    assert selected.names is version.names


def test_a_flag_that_a_function_sets_which_does_not_spell_what_changed_counts() -> None:
    before = (
        b"ROWS = []\nready = False\n\n\ndef rate():\n    return 1\n\n\ndef tick():\n    if not ready:\n"
        b"        ROWS.append(rate())\n    return ROWS\n\n\ndef finish():\n    global ready\n    ready = True\n"
        b"\n\ndef main():\n    print(tick())\n"
    )
    work = prepared(sources(before))
    with pytest.raises(Refusal) as refused:
        kept.check_stores(work, {}, Vacant(work.closure))
    assert refused.value.code == "HR122"


def test_a_generator_that_does_not_spell_what_changed_is_found_where_it_lives_on() -> None:
    before = (
        b"def numbers():\n    yield 1\n    yield 2\n\n\nPOOL = numbers()\n\n\ndef low():\n    return 1\n\n\n"
        b"def tick():\n    if low() > 0:\n        return next(POOL)\n    return 0\n"
    )
    work = prepared(sources(before))
    with pytest.raises(Refusal) as refused:
        kept.check_stores(work, {}, Vacant(work.closure))
    assert refused.value.code == "HR122"


def test_a_function_that_another_puts_in_the_place_of_one_is_called() -> None:
    before = (
        b"KEPT = []\n\n\ndef keep(value):\n    return value\n\n\ndef swap(box):\n    global keep\n    keep = box\n\n\n"
        b"def rate():\n    return 1\n\n\ndef tick():\n    keep(rate())\n"
    )
    for waits in (True, False):
        old = sources(before)
        if not waits:
            old.whole()
        work = prepared(old)
        assert "P:*" in work.closure.tainted
