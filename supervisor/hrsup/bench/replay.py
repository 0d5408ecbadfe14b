"""``hrsup bench --replay A..B -- COMMAND``: a project's own commits as edits of its running program.

Runs in the bench. The history is read with git and laid out in a copy; the user's own tree and index are not touched.
Each commit is one edit, written as a checkout writes it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import click
from rich.console import Console

from hrsup.bench.model import BATCH, SERVICE, Case, Edit, FileEdit, Step
from hrsup.bench.oracle import Oracle
from hrsup.bench.trial import Limits, run

LARGEST = 5_000_000  # bytes; a larger file is data that a cold start for each commit would not want to copy


def run_replay(
    console: Console, repository: Path, commits: str, command: Sequence[str], strategies: Sequence[str], limits: Limits
) -> list[Step]:
    """The results of each commit under each strategy. A program that keeps running for long is taken for a service only
    if it prints ticks (a counter, a tab, a state); other output of a service cannot be compared."""
    if not command:
        raise click.UsageError("--replay needs the command: hrsup bench --replay A..B -- python main.py")
    case = history_case(repository, commits, command)
    oracle = Oracle()
    console.print(f"{len(case.edits)} commits of {case.name}, run as a {case.kind}")
    steps: list[Step] = []
    for strategy in strategies:
        for part in _segments(case):
            steps += run(part, strategy, oracle, limits)
    return steps


def history_case(repository: Path, commits: str, command: Sequence[str]) -> Case:
    """The case that the history is: the tree of the first commit, then every later one as an edit."""
    first, _, last = commits.partition("..")
    names = _git(repository, "rev-list", "--reverse", "--first-parent", f"{first}..{last or 'HEAD'}").split()
    if not names:
        raise click.UsageError(f"no commits in {commits}")
    trees = [_tree(repository, name) for name in (first, *names)]
    edits = tuple(edit for before, after in pairwise(trees) if (edit := _edit(before, after)).files)
    kind = BATCH if _ends(trees[0], command) else SERVICE
    return Case(commits, "replay", kind, trees[0], edits, tuple(command))


def _segments(case: Case) -> list[Case]:
    """One case for each commit, from the tree before it: a commit that goes wrong must not hide the later ones."""
    parts, tree = list[Case](), dict(case.tree)
    for number, edit in enumerate(case.edits):
        parts.append(Case(f"{case.name}#{number}", "replay", case.kind, dict(tree), (edit,), case.command))
        tree = edit.applied_to(tree)
    return parts


def _ends(tree: dict[str, bytes], command: Sequence[str]) -> bool:
    try:
        Oracle().cold(tree, command, BATCH)
    except subprocess.TimeoutExpired:
        return False
    return True


def _tree(repository: Path, commit: str) -> dict[str, bytes]:
    lines = _git(repository, "ls-tree", "-r", "-l", "-z", commit).split("\0")
    tree: dict[str, bytes] = {}
    for line in filter(None, lines):
        about, _, path = line.partition("\t")
        mode, kind, name, size = about.split()
        if kind == "blob" and mode != "120000" and int(size) <= LARGEST:
            tree[path] = _blob(repository, name)
    return tree


def _edit(before: dict[str, bytes], after: dict[str, bytes]) -> Edit:
    changed = [FileEdit(path, content) for path, content in after.items() if before.get(path) != content]
    gone = [FileEdit(path, None) for path in before if path not in after]
    return Edit((*gone, *changed), save="checkout")


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def _blob(repository: Path, name: str) -> bytes:
    done = subprocess.run(["git", "cat-file", "blob", name], cwd=repository, capture_output=True, check=True)
    return done.stdout
