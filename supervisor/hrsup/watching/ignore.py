"""What is not watched (supervisor process): version control, caches, environments, .gitignore and ``--ignore``.

An ignored file that the program is seen to use is watched all the same; that is the watcher's business, not ours.
pathspec would do the pattern part, at 50 ms of import time; git's rules fit below.
"""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH100, PTH112, PTH113, PTH120, PTH123

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

OWN_DIRECTORY = ".hrsup"

_DIRECTORIES = frozenset(
    f"""{OWN_DIRECTORY} .git .hg .svn .jj __pycache__ node_modules .tox .nox .eggs .mypy_cache .pytest_cache
    .ruff_cache .ipynb_checkpoints .idea .vscode .hypothesis __pypackages__""".split()
)

# What editors and desktops leave beside a file while it is edited; none of them is ever a change by itself.
_BYSTANDER = re.compile(
    r".*\.sw[a-z] | .*~ | \.\#.* | \#.*\# | .*___jb_(tmp|old|bak)___ | \.goutputstream-.* | \.~lock\..* | .*\.kate-swp"
    r" | .*\.py[co] | \.DS_Store | \.nfs[0-9a-f]{16,} | \.fuse_hidden.*",
    re.VERBOSE | re.DOTALL,
)


class Ignore:
    """Git's rules, ``--ignore`` globs in the same syntax (relative to `root`, strongest), and a short built-in list."""

    def __init__(self, root: str, globs: Iterable[str] = (), gitignore: bool = True) -> None:
        self.root = os.path.abspath(root)
        self._own_rules = _compile(globs)
        self._top = self._repository() if gitignore else None
        self._rules: dict[str, list[_Rule]] = {}
        self._directories: dict[str, bool] = {}
        if self._top is not None and self._root_is_ignored():
            self._top = self.root

    def directory(self, path: str) -> bool:
        """Is this directory below the root, and not to be descended into?"""
        known = self._directories.get(path)
        if known is None:
            known = self._directories[path] = self._judge(path)
        return known

    def file(self, path: str) -> bool:
        """Is this file, or a directory that it is in, ignored?"""
        parent, name = os.path.split(path)
        return self.directory(parent) or _BYSTANDER.fullmatch(name) is not None or self._matched(path, False)

    def forget(self) -> None:
        """A .gitignore or a pyvenv.cfg has changed: judge everything afresh."""
        self._rules.clear()
        self._directories.clear()

    def walk(self, top: str) -> Iterator[list[os.DirEntry[str]]]:
        """The files of `top` and of every directory below that is not ignored, links to directories left alone."""
        pending = [top]
        while pending:
            directory = pending.pop()
            if self.directory(directory):
                continue
            files = []
            for entry in entries(directory):
                if is_directory(entry):
                    pending.append(entry.path)
                elif not self.file(entry.path):
                    files.append(entry)
            yield files

    def _judge(self, path: str) -> bool:
        if path == self.root or not path.startswith(self.root.rstrip("/") + "/"):
            return False
        parent, name = os.path.split(path)
        return (
            self.directory(parent)
            or name in _DIRECTORIES
            or name.endswith(".egg-info")
            or os.path.isfile(f"{path}/pyvenv.cfg")
            or os.path.isdir(f"{path}/conda-meta")
            or self._matched(path, True)
        )

    def _matched(self, path: str, is_directory: bool) -> bool:
        verdict = _last_match(
            self._own_rules, os.path.relpath(path, self.root) if self._own_rules else "", is_directory
        )
        base = path
        while verdict is None and self._top is not None and base != self._top:
            base, previous = os.path.dirname(base), base
            if base == previous:
                return False
            rules = self._rules_of(base)
            if rules:
                verdict = _last_match(rules, path[len(base.rstrip("/")) + 1 :], is_directory)
        return bool(verdict)

    def _rules_of(self, directory: str) -> list[_Rule]:
        rules = self._rules.get(directory)
        if rules is None:
            lines = _lines(f"{directory}/.gitignore")
            if directory == self._top:
                lines = _lines(f"{directory}/.git/info/exclude") + lines
            rules = self._rules[directory] = _compile(lines)
        return rules

    def _repository(self) -> str:
        base = self.root
        while True:
            if os.path.lexists(f"{base}/.git"):
                return base
            base, previous = os.path.dirname(base), base
            if base == previous:
                return self.root

    def _root_is_ignored(self) -> bool:
        path = self.root
        while path != self._top:
            if self._matched(path, True):
                return True
            path = os.path.dirname(path)
        return False


def entries(directory: str) -> list[os.DirEntry[str]]:
    """What is in a directory; nothing if it is gone or closed to us."""
    try:
        with os.scandir(directory) as found:
            return list(found)
    except OSError:
        return []


def is_directory(entry: os.DirEntry[str]) -> bool:
    """Is it a directory itself, not a link to one? False if it is gone."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


class _Rule:
    __slots__ = ("anchored", "directories_only", "negated", "regex")

    def __init__(self, regex: re.Pattern[str], negated: bool, anchored: bool, directories_only: bool) -> None:
        self.regex, self.negated = regex, negated
        self.anchored, self.directories_only = anchored, directories_only


def _last_match(rules: list[_Rule], relative: str, is_directory: bool) -> bool | None:
    name = relative.rpartition("/")[2]
    for rule in reversed(rules):
        if rule.directories_only and not is_directory:
            continue
        if rule.regex.fullmatch(relative if rule.anchored else name):
            return not rule.negated
    return None


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except OSError:
        return []


def _compile(lines: Iterable[str]) -> list[_Rule]:
    return [rule for line in lines if (rule := _rule(line)) is not None]


def _rule(line: str) -> _Rule | None:
    """One line of a .gitignore (gitignore(5)), or None if it says nothing."""
    pattern = line if line.endswith("\\ ") else line.rstrip(" \r")
    negated = pattern.startswith("!")
    if negated:
        pattern = pattern[1:]
    elif pattern.startswith("#"):
        return None
    directories_only = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    if not pattern:
        return None
    anchored = "/" in pattern
    if re.search(r"(?<!\\)\[[^\]]*$", pattern):
        return None  # an open bracket matches nothing
    try:
        regex = re.compile(_translate(pattern.lstrip("/")), re.DOTALL)
    except re.error:
        return None
    return _Rule(regex, negated, anchored, directories_only)


_TOKENS = re.compile(
    r"(?P<any>(?<![^/])\*\*/) | (?P<below>(?<=/)\*\*$) | (?P<star>\*+) | (?P<one>\?)"
    r"| (?P<set>\[[!^]?\]?[^\]]*\]) | \\(?P<quoted>.) | (?P<char>.)",
    re.DOTALL | re.VERBOSE,
)


def _translate(pattern: str) -> str:
    return "".join(_translated(token) for token in _TOKENS.finditer(pattern))


def _translated(token: re.Match[str]) -> str:
    kind, text = token.lastgroup, token.group()
    if kind == "any":
        return "(?:.*/)?"
    if kind == "below":
        return ".+"
    if kind == "star":
        return "[^/]*"
    if kind == "one":
        return "[^/]"
    if kind == "set":
        inside = text[1:-1].replace("[", "\\[")
        return f"(?!/)[{'^' + inside[1:] if inside[0] in '!^' else inside}]"
    return re.escape(token.group("quoted") or text)
