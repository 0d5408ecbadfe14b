"""New defaults of a function whose signature changed, or whose defaults used what did. Runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import bare_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FunctionType
    from typing import Any


def merge_defaults(function: FunctionType, fresh: FunctionType, old: Any, new: Any, values: set[str]) -> None:
    """New defaults, except that a default whose expression and ingredients are the same stays the object it is."""

    def text(node: ast.expr) -> str | None:
        return None if bare_names(node) & values else ast.dump(node)

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
