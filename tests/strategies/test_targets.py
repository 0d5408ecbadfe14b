"""Which layer precedes a change: tables, without a process."""

from __future__ import annotations

import pytest

from hrsup_strategies.base import (
    BATCH,
    CODE,
    DATA,
    ENVIRONMENT,
    LAYER,
    MAIN,
    NATIVE,
    Change,
    Facts,
    FileChange,
    LayerFact,
    ModuleFact,
    Plan,
    ReadFact,
    Refused,
)
from hrsup_strategies.checkpoint import CODES, Checkpoint
from hrsup_strategies.targets import layer_before


def facts() -> Facts:
    facts = Facts()
    facts.mode, facts.agent, facts.main = BATCH, True, "/p/main.py"
    facts.modules = {
        "/p/main.py": ModuleFact("__main__", "/p/main.py", "m", None, 0, None),
        "/p/load.py": ModuleFact("load", "/p/load.py", "l", "__main__", 1, 0.1),
        "/p/model.py": ModuleFact("model", "/p/model.py", "o", "__main__", 3, 0.1),
        "/p/worker.py": ModuleFact("worker", "/p/worker.py", "w", None, None, 0.1),
    }
    facts.reads = {"/p/params.yaml": ReadFact("/p/params.yaml", 2), "/p/model.py": ReadFact("/p/model.py", 4)}
    facts.listings = {"/p/data": 3, "/p": 2}
    facts.missing = {"/p/local.yaml": 1}
    facts.layers = [
        LayerFact(100, 100, 0, "image", True, None, []),
        LayerFact(105, 105, 0, "image", True, None, ["pandas"]),
        LayerFact(101, 101, 1, "before load", True, None, []),
        LayerFact(102, 102, 2, "before params", False, "a trial hung", []),
        LayerFact(103, 103, 3, "before model", True, None, []),
    ]
    return facts


def changed(path: str, kind: str, old: str | None = "old", new: str | None = "new") -> FileChange:
    return FileChange(path, kind, new, old)


@pytest.mark.parametrize(
    ("files", "layer"),
    [
        ([changed("/p/model.py", CODE)], 103),
        ([changed("/p/load.py", CODE)], 101),
        ([changed("/p/params.yaml", DATA)], 101),  # layer 102 is not usable
        ([changed("/p/model.py", CODE), changed("/p/load.py", CODE)], 101),
        ([changed("/p/main.py", MAIN)], 105),  # the image that has imported most
        ([changed("/p/model.py", CODE), changed("/p/main.py", MAIN)], 105),
        ([changed("/p/never_seen.csv", DATA)], 105),
        ([changed("/p/worker.py", CODE)], 105),  # loaded by a worker, which knows of no layer
        ([changed("/p/new.py", CODE, old=None)], 105),
        ([changed("/p/model.py", CODE, new=None)], 105),  # its removal may change what an import finds
        ([changed("/p/data/new.csv", DATA, old=None)], 101),  # seen by listing /p/data at 3, and /p at 2
        ([changed("/p/local.yaml", DATA, old=None)], 101),  # was looked for and missing
        ([changed("/q/unseen.yaml", DATA, old=None)], 105),
        ([changed("/p/params.yaml", DATA, new=None)], 101),
    ],
)
def test_the_deepest_layer_before_every_first_use(files: list[FileChange], layer: int) -> None:
    """The layer is the deepest usable one that is not deeper than the first use of any of the files."""
    assert Checkpoint().assess(Change(files), facts()) == Plan(
        "checkpoint",
        LAYER,
        layer=layer,
        detail={item.id: {"depth": item.depth, "point": item.point} for item in facts().layers}[layer],
    )


@pytest.mark.parametrize(
    ("file", "layer"),
    [
        (changed("/p/params.yaml", DATA), 101),
        (changed("/p/late.csv", DATA), 101),
        (changed("/p/late.csv", DATA, new=None), 101),
        (changed("/p/model.py", CODE), 103),
    ],
)
def test_what_may_have_been_read_unseen_was_used_from_there_on(file: FileChange, layer: int) -> None:
    """A file that is seen to be read late may have been read by native code before; code comes by imports alone."""
    known = facts()
    del known.reads["/p/model.py"]
    known.reads["/p/late.csv"] = ReadFact("/p/late.csv", 3)
    known.opaque, known.opaque_from = ["parquet is native code and may read files by itself"], 1
    found = layer_before(Change([file]), known)
    assert isinstance(found, LayerFact)
    assert found.id == layer


def test_a_child_may_have_read_the_source_of_a_module_before_its_import() -> None:
    """It is as with data then: only a layer before which nobody had opened the source precedes its use."""
    known = facts()
    del known.reads["/p/model.py"]
    known.opaque = known.children = ["sh was started, and what it reads is not seen"]
    known.opaque_from = 1
    layers = []
    for opened in (None, ["/p/model.py"], []):
        known.layers[-1].opened = opened
        found = layer_before(Change([changed("/p/model.py", CODE)]), known)
        assert isinstance(found, LayerFact)
        layers.append(found.id)
    assert layers == [101, 101, 103]


@pytest.mark.parametrize(
    ("file", "layer"),
    [
        (changed("/p/late.csv", DATA), 103),
        (changed("/p/params.yaml", DATA), 101),  # read at 2
        (changed("/p/native.bin", DATA), 101),  # opened before layer 103, and never seen to be read
        (changed("/p/unused.txt", DATA), 103),
        (changed("/p/late.csv", DATA, new=None), 101),  # whether it is there can be known without opening it
        (changed("/p/new.csv", DATA, old=None), 101),
        (changed("/p/main.py", MAIN), 105),
    ],
)
def test_what_nobody_had_opened_was_not_read_unseen(file: FileChange, layer: int) -> None:
    """Where each opening is noticed, whoever does it, a layer precedes the use of what had not been opened yet."""
    known = facts()
    known.reads["/p/late.csv"] = ReadFact("/p/late.csv", 3)
    known.opaque, known.opaque_from = ["parquet is native code and may read files by itself"], 1
    for item in known.layers:
        item.opened = {103: ["/p/native.bin", "/p/params.yaml"], 101: []}.get(item.id)
    found = layer_before(Change([file]), known)
    assert isinstance(found, LayerFact)
    assert found.id == layer


def test_what_was_imported_beforehand_may_have_read_a_file_unseen() -> None:
    """Then the image that has imported nothing is the one, for data that were opened while the other was made."""
    known = facts()
    known.layers[1].opened = ["/p/native.bin"]
    for path, layer in (("/p/native.bin", 100), ("/p/other.bin", 105)):
        found = layer_before(Change([changed(path, DATA)]), known)
        assert isinstance(found, LayerFact)
        assert found.id == layer


@pytest.mark.parametrize(("kind", "code"), [(NATIVE, "HR302"), (ENVIRONMENT, "HR302")])
def test_what_every_layer_has_loaded_is_refused(kind: str, code: str) -> None:
    """Compiled code and the environment are in every layer."""
    refused = layer_before(Change([changed("/p/model.py", CODE), changed("/p/fast.so", kind)]), facts())
    assert isinstance(refused, Refused)
    assert (refused.code, refused.file) == (code, "/p/fast.so")


def test_no_usable_layer() -> None:
    """Without a usable layer that early, the refusal gives the canary's reason."""
    known = facts()
    known.layers = [LayerFact(102, 102, 0, "image", False, "a trial hung", [])]
    refused = layer_before(Change([changed("/p/main.py", MAIN)]), known)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == ("HR301", "a trial hung")


def test_no_agent() -> None:
    """A program that is not Python has no layers."""
    refused = layer_before(Change([changed("/p/main.py", MAIN)]), Facts())
    assert isinstance(refused, Refused)
    assert refused.code == "HR303"


def test_codes_are_sentences() -> None:
    """Every code of this strategy is of the form HR3xx and stands for one sentence."""
    assert all(code.startswith("HR3") and text.endswith(".") for code, text in CODES.items())


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ({}, 103),  # nothing is known: the deepest
        ({"pandas": (0.5, 0)}, 103),  # the deep layer has it already
        ({"pandas": (0.1, 3)}, 103),  # cheaper than the two modules that the image would have to import again
        ({"pandas": (0.5, 3)}, 105),  # the image has imported it beforehand
        ({"pandas": (0.5, None), "scipy": (0.9, 1)}, 103),
    ],
)
def test_the_layer_is_chosen_by_what_is_left_to_import(
    costs: dict[str, tuple[float, int | None]], expected: int
) -> None:
    """A shallow layer that has imported the expensive modules beforehand beats a deep one that has not."""
    known = facts()
    known.foreign_costs = costs
    layer = layer_before(Change([FileChange("/p/model.py", CODE, "n", "o")]), _without_reads(known))
    assert isinstance(layer, LayerFact)
    assert layer.id == expected


def _without_reads(facts: Facts) -> Facts:
    facts.reads = {}
    return facts
