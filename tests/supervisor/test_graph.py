"""The import graph that `hrsup graph` shows."""

from __future__ import annotations

import pytest

from hrsup.graph import FORMATS, edges, render

SOURCES = {
    "__main__": b"import shop.cart\nfrom shop import tax as t\nimport json\n",
    "shop": b"from .cart import total\n",
    "shop.cart": b"def total():\n    from . import tax\n    from .. import outside\n",
    "shop.tax": b"import shop.cart\n",
    "broken": b"def (:\n",
}
PACKAGES = frozenset({"shop"})


def test_edges_are_what_the_sources_import() -> None:
    """Absolute, relative and lazy imports of loaded user modules count; a package counts with its modules."""
    assert edges(SOURCES, PACKAGES) == {
        "__main__": ["shop", "shop.cart", "shop.tax"],
        "shop": ["shop.cart"],
        "shop.cart": ["shop", "shop.tax"],
        "shop.tax": ["shop", "shop.cart"],
        "broken": [],
    }


@pytest.mark.parametrize("form", FORMATS)
def test_every_module_is_shown_in_every_format(form: str) -> None:
    """A cycle ends, and nothing is left out."""
    text = render(edges(SOURCES, PACKAGES), form)
    assert all(name in text for name in SOURCES)


def test_a_tree_unfolds_each_module_once() -> None:
    """What was shown already is named again with dots."""
    assert render({"a": ["b", "c"], "b": ["c"], "c": ["a"]}, "tree").splitlines() == [
        "a",
        "    b",
        "        c",
        "            a ...",
        "    c ...",
    ]
