"""New defaults of a function whose signature changed, or whose defaults used what did. Runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import bare_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FunctionType
    from typing import Any


def built_again(node: Any, reached: set[str]) -> set[str]:
    """The arguments whose defaults mention one of these names."""
    defaults = dict(zip(_with_default(node), node.args.defaults, strict=True))
    defaults |= {a.arg: d for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d is not None}
    return {name for name, default in defaults.items() if bare_names(default) & reached}


def defaults_of(function: FunctionType, node: Any) -> dict[str, Any]:
    """The defaults that a function has, by its arguments; `node` is what defines it."""
    return {
        **dict(zip(_with_default(node), function.__defaults__ or (), strict=False)),
        **(function.__kwdefaults__ or {}),
    }


def merge_defaults(function: FunctionType, fresh: FunctionType, old: Any, new: Any, reached: set[str]) -> None:
    """New defaults, except that a default whose expression and ingredients are the same stays the object it is;
    `reached` are names that stand for something else now, or whose code is other code."""

    def text(node: ast.expr) -> str | None:
        return None if bare_names(node) & reached else ast.dump(node)

    before = dict(zip(_with_default(old), function.__defaults__ or (), strict=True)) if old.args.defaults else {}
    texts_old = dict(zip(_with_default(old), map(text, old.args.defaults), strict=True))
    texts_new = dict(zip(_with_default(new), map(text, new.args.defaults), strict=True))
    merged = dict(zip(_with_default(new), fresh.__defaults__ or (), strict=True))
    for name in merged:
        if texts_new[name] is not None and texts_old.get(name) == texts_new[name] and name in before:
            merged[name] = before[name]
    function.__defaults__ = tuple(merged.values()) or None
    keywords = dict(fresh.__kwdefaults__ or {})
    kw_old = {a.arg: text(d) for a, d in zip(old.args.kwonlyargs, old.args.kw_defaults, strict=True) if d is not None}
    kw_new = {a.arg: text(d) for a, d in zip(new.args.kwonlyargs, new.args.kw_defaults, strict=True) if d is not None}
    for name in keywords:
        if (
            kw_new.get(name) is not None
            and kw_old.get(name) == kw_new.get(name)
            and name in (function.__kwdefaults__ or {})
        ):
            keywords[name] = (function.__kwdefaults__ or {})[name]
    function.__kwdefaults__ = keywords or None


def _with_default(node: Any) -> list[str]:
    arguments = [*node.args.posonlyargs, *node.args.args]
    return [item.arg for item in arguments[len(arguments) - len(node.args.defaults) :]]
