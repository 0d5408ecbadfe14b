"""The words in which cases are written. Pure; a case that does not fit its tree fails when the corpus is loaded.

batch("numbers", SHOP, sub("shop/limits.py", "= 10", "= 12"))           one edit
both("numbers", SHOP, edit(sub(...), sub(...), save="checkout"), sub(...))   two edits, the first of two files
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from textwrap import dedent

from hrsup.bench.model import BATCH, SERVICE, Case, Edit, FileEdit, Tree

Files = Mapping[str, str | bytes]
Change = Callable[[Tree], list[FileEdit]]


class Saved:
    """Changes that are saved together, in one way."""

    def __init__(self, changes: tuple[Change, ...], save: str, quiet: bool, running: bool) -> None:
        self.changes, self.save, self.quiet, self.running = changes, save, quiet, running

    def resolve(self, tree: Tree) -> Edit:
        """The edit, for the tree as it is now; later changes see what earlier ones made."""
        files: dict[str, FileEdit] = {}
        for change in self.changes:
            for file in change(tree):
                files[file.path] = file
                tree = Edit((file,)).applied_to(tree)
        return Edit(tuple(files.values()), self.save, self.quiet, self.running)


def edit(*changes: Change, save: str = "plain", quiet: bool = False, running: bool = False) -> Saved:
    """Several changes in one save."""
    return Saved(changes, save, quiet, running)


def sub(path: str, old: str, new: str, count: int = 1) -> Change:
    """Replace `old`, which must occur `count` times, by `new`."""

    def change(tree: Tree) -> list[FileEdit]:
        text = tree[path].decode()
        if text.count(old) != count:
            raise ValueError(f"{path} holds {old!r} {text.count(old)} times, not {count}")
        return [FileEdit(path, text.replace(old, new).encode())]

    return change


def put(path: str, text: str | bytes) -> Change:
    """A new file, or a wholly new content."""
    return lambda tree: [FileEdit(path, _content(text))]


def add(path: str, text: str) -> Change:
    """More text at the end."""
    return lambda tree: [FileEdit(path, tree[path] + _content(text))]


def delete(path: str) -> Change:
    """Remove a file."""

    def change(tree: Tree) -> list[FileEdit]:
        if path not in tree:
            raise ValueError(f"{path} is not there")
        return [FileEdit(path, None)]

    return change


def move(path: str, to: str) -> Change:
    """Rename a file."""
    return lambda tree: [FileEdit(to, tree[path]), FileEdit(path, None)]


def touch(path: str) -> Change:
    """The same bytes again."""
    return lambda tree: [FileEdit(path, tree[path])]


def case(
    group: str,
    name: str,
    kind: str,
    tree: Files,
    *steps: Change | Saved,
    command: Iterable[str] = ("python", "main.py"),
    requires: Iterable[str] = (),
) -> Case:
    """A case, its edits resolved one after another."""
    before = {path: _content(text) for path, text in tree.items()}
    now: Tree = before
    edits: list[Edit] = []
    for step in steps:
        saved = step if isinstance(step, Saved) else edit(step)
        try:
            edits.append(saved.resolve(now))
        except (KeyError, ValueError) as error:
            raise ValueError(f"{group}/{name}: {error}") from error
        now = edits[-1].applied_to(now)
    return Case(name, group, kind, before, tuple(edits), tuple(command), tuple(requires))


def _whole(kind: str, files: Files) -> Files:
    return files


class Group:
    """Collects the cases of one hazard; `program` makes the tree of a kind from the files a case adds. Without it they
    are all of the program."""

    def __init__(self, name: str, program: Callable[[str, Files], Files] = _whole) -> None:
        self.name, self.cases = name, list[Case]()
        self._program = program

    def both(self, name: str, files: Files, *steps: Change | Saved, requires: Iterable[str] = ()) -> None:
        """The same edits of a batch and of a service."""
        for kind in (BATCH, SERVICE):
            self._add(name, kind, files, steps, requires)

    def batch(self, name: str, files: Files, *steps: Change | Saved, requires: Iterable[str] = ()) -> None:
        """Edits of a batch."""
        self._add(name, BATCH, files, steps, requires)

    def service(self, name: str, files: Files, *steps: Change | Saved, requires: Iterable[str] = ()) -> None:
        """Edits of a service."""
        self._add(name, SERVICE, files, steps, requires)

    def _add(
        self,
        name: str,
        kind: str,
        files: Files,
        steps: tuple[Change | Saved, ...],
        requires: Iterable[str],
    ) -> None:
        self.cases.append(case(self.name, name, kind, self._program(kind, files), *steps, requires=requires))


def _content(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else dedent(text.removeprefix("\n")).encode()
