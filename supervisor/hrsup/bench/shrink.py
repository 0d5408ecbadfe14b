"""A failing case made smaller as long as it fails in the same way. Runs in the bench.

The pieces of a case are its edits, the files of each, the files of the tree, and the statements and list elements of
its modules; they are left out in chunks, large ones first (A. Zeller's delta debugging, without its complements).
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from hrsup.bench.model import Case, FileEdit, Tree
from hrsup.bench.oracle import Oracle
from hrsup.bench.trial import Limits, run

Piece = tuple[str, ...]
BUDGET_S = 120.0
TRIES = 3  # of the whole history, before it is said not to happen again


def shrink(case: Case, strategy: str, verdict: str, budget_s: float = BUDGET_S) -> Case | None:
    """The smallest case found within `budget_s` that still ends with `verdict`; None if it did not happen again."""
    end = time.monotonic() + budget_s
    if not any(_fails(case, strategy, verdict) for _ in range(TRIES)):
        return None
    size: Hashable = None
    while size != _size(case) and time.monotonic() < end:
        size = _size(case)
        for pieces in (_later_starts, _edits, _files, _code):
            case = _shrunk(case, pieces, lambda one: _fails(one, strategy, verdict), end)
    return case


def _shrunk(case: Case, find: Callable[[Case], Sequence[Piece]], fails: Callable[[Case], bool], end: float) -> Case:
    pieces = find(case)
    size = len(pieces)
    while size and time.monotonic() < end:
        for start in range(0, len(pieces), size):
            smaller = without(case, set(pieces[start : start + size]))
            if smaller != case and smaller.edits and time.monotonic() < end and fails(smaller):
                case = smaller
        size //= 2
    return case


def without(case: Case, pieces: set[Piece]) -> Case:
    """The case without these pieces. Edits that are left out at its start have been made before it begins."""
    tree: Tree = case.tree
    done = max((int(piece[1]) for piece in pieces if piece[0] == "start"), default=0)
    for edit in case.edits[:done]:
        tree = edit.applied_to(tree)
    edits = []
    for number, edit in list(enumerate(case.edits))[done:]:
        if ("edit", str(number)) not in pieces:
            files = [
                file for file in edit.files if not {("file", file.path), ("part", str(number), file.path)} & pieces
            ]
            edits.append(
                replace(edit, files=tuple(FileEdit(one.path, _cut(one.path, one.content, pieces)) for one in files))
            )
    left = {path: _cut(path, content, pieces) or b"" for path, content in tree.items() if ("file", path) not in pieces}
    return replace(case, tree=left, edits=tuple(edit for edit in edits if edit.files))


def _later_starts(case: Case) -> list[Piece]:
    return [("start", str(number)) for number in range(len(case.edits) - 1, 0, -1)]


def _edits(case: Case) -> list[Piece]:
    return [("edit", str(number)) for number in range(len(case.edits))]


def _files(case: Case) -> list[Piece]:
    parts = [("part", str(number), file.path) for number, edit in enumerate(case.edits) for file in edit.files]
    return [*parts, *(("file", path) for path in case.tree if path != "main.py")]


def _code(case: Case) -> list[Piece]:
    """Statements, and what is in a list: what a module shows. Imports of a module go with what uses it."""
    found: dict[Piece, None] = {}
    contents = [*case.tree.items(), *((file.path, file.content) for edit in case.edits for file in edit.files)]
    for path, content in contents:
        module = _parsed(path, content)
        for node in ast.walk(module) if module is not None else ():
            for one in _removable(node):
                found["code", path, ast.unparse(one)] = None
    return list(found)


def _removable(node: ast.AST) -> Sequence[ast.AST]:
    if isinstance(node, ast.List):
        return node.elts
    if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
        return node.body
    return ()


class _Cut(ast.NodeTransformer):
    def __init__(self, texts: set[str]) -> None:
        self._texts = texts

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.List):
            node.elts = [one for one in node.elts if ast.unparse(one) not in self._texts]
        elif isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            kept = [one for one in node.body if ast.unparse(one) not in self._texts]
            node.body = kept or ([] if isinstance(node, ast.Module) else [ast.Pass()])
        return super().generic_visit(node)


def _cut(path: str, content: bytes | None, pieces: set[Piece]) -> bytes | None:
    texts = {piece[2] for piece in pieces if piece[:2] == ("code", path)}
    module = _parsed(path, content) if texts else None
    if module is None:
        return content
    return (ast.unparse(ast.fix_missing_locations(_Cut(texts).visit(module))) + "\n").encode()


def _parsed(path: str, content: bytes | None) -> ast.Module | None:
    if content is None or not path.endswith(".py"):
        return None
    try:
        return ast.parse(content)
    except SyntaxError:  # broken on purpose: left as it is
        return None


def _fails(case: Case, strategy: str, verdict: str) -> bool:
    oracle = Oracle()
    try:
        if oracle.cold(case.tree, case.command, case.kind).broken:
            return False
        steps = run(case, strategy, oracle, Limits(answer_s=10, grace_s=0.6))
    except Exception:  # a case that cannot even start cold is no reproduction
        return False
    return bool(steps) and steps[-1].verdict == verdict and steps[-1].edit == len(case.edits) - 1


def _size(case: Case) -> Hashable:
    return len(case.edits), len(case.tree), sum(map(len, case.tree.values()))
