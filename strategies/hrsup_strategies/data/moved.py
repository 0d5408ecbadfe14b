"""Where the lines of a module are after an edit. Pure; runs in the user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.diff import ModuleDiff, statements


def moved_lines(old: bytes, new: bytes, wanted: set[int]) -> dict[int, int]:
    """The new numbers of the lines `wanted`, as far as the statement that they are in is the same in both versions."""
    before, after = old.splitlines(), new.splitlines()
    shorter = min(len(before), len(after))
    start = next((index for index in range(shorter) if before[index] != after[index]), shorter)
    end = next((index for index in range(shorter - start) if before[-1 - index] != after[-1 - index]), shorter - start)
    found = {number: number for number in wanted if number <= start}
    found.update({number: number + len(after) - len(before) for number in wanted if number > len(before) - end})
    if len(found) == len(wanted):  # all of them above or below what was edited
        return found
    moved = _moved(ast.parse(old).body, ast.parse(new).body)
    return {number: line for number, line in moved.items() if number in wanted}


def _moved(old: list[ast.stmt], new: list[ast.stmt]) -> dict[int, int]:
    diff = ModuleDiff(statements(old), statements(new))
    found: dict[int, int] = {}
    for before, after in diff.kept:
        for one, two in zip(ast.walk(before.node), ast.walk(after.node), strict=True):
            for field in ("lineno", "end_lineno"):
                if hasattr(one, field):
                    found[getattr(one, field)] = getattr(two, field)
    for before, after in diff.changed:
        if isinstance(before.node, ast.ClassDef) and isinstance(after.node, ast.ClassDef):
            found.update(_moved(before.node.body, after.node.body))
    return found
