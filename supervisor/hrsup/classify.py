"""What kind of change each dirty file is (supervisor process; pure).

The rule: a file is `irrelevant` only if the facts show that it had no influence; what is not known counts. Whether a
source edit is `noop` is decided in `hrsup.cosmetic`.
"""

# Paths are strings here: they are compared and joined by the thousand.
# ruff: noqa: PTH119, PTH120

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from hrsup_strategies.base import (
    CODE,
    DATA,
    ENVIRONMENT,
    IRRELEVANT,
    MAIN,
    NATIVE,
    NOOP,
    OUTPUT,
    Change,
    Facts,
    FileChange,
    is_entry,
)

from . import cosmetic
from .used import FileState

Sources = Callable[[str, str | None], bytes | None]

_PYTHON = (".py", ".pyw")
_BINARY = (".so", ".pyd", ".dylib", ".dll")
_BUILT_FROM = (
    *(".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh", ".cu", ".cuh", ".pyx", ".pxd", ".pxi"),
    *(".rs", ".go", ".f", ".f90", ".f95", ".pyf", ".zig", ".asm", ".s"),
)
# Third-party modules that compile C, C++ or Cython while the program runs.
_RUNTIME_COMPILERS = frozenset(
    ("pyximport", "cffi", "cppyy", "cppimport", "weave", "pythran", "triton", "pycuda", "cupy")
)

_ENVIRONMENT_NAMES = frozenset(
    """pyproject.toml setup.cfg pyvenv.cfg .python-version uv.lock uv.toml poetry.lock poetry.toml pdm.lock pylock.toml
    Pipfile Pipfile.lock pixi.toml pixi.lock environment.yml environment.yaml conda-lock.yml .env .tool-versions
    mise.toml sitecustomize.py usercustomize.py""".split()  # noqa: SIM905
)
_ENVIRONMENT_PATTERN = re.compile(r"(?:requirements|constraints)[^/]*\.(?:txt|in)|\.env\..+|pylock\..+\.toml|.+\.pth")
_DYNAMIC_IMPORT = re.compile(rb"import_module|__import__|spec_from_file|pkgutil|find_spec|runpy|entry_points")
_ASKS_STATE = re.compile(rb"\b(?:l?stat|fstat|statvfs|get[amc]time|getsize|st_[a-z]+|filecmp)\b")
_ASKS_EXISTENCE = re.compile(rb"\b(?:l?exists|is_?(?:file|dir|link|mount)|is_symlink|access|samefile|which)\b")
_MEASURES = re.compile(rb"\bst_\w+|\.stat\b")
_PACKAGES = re.compile(r"/(?:site|dist)-packages/|/conda-meta/|\.dist-info(?:/|$)")
# Tables of pyproject.toml that other tools than these read have no influence on a running program.
_INFLUENTIAL_TOOLS = frozenset({"uv", "poetry", "pdm", "hatch", "rye", "pixi", "setuptools", "hrsup", "flit"})


class Classified(NamedTuple):
    """The change, and for each path one line that says why it has its kind."""

    change: Change
    reasons: dict[str, str]


def classify(
    dirty: Iterable[FileState],
    facts: Facts,
    sources: Sources,
    project_root: str,
    traceback_shown: bool = False,
    former: Collection[str] = (),
) -> Classified:
    """The kind of every dirty file.

    `sources` gives the bytes of a version of a source file, or None. `traceback_shown`: the last run ended with an
    uncaught exception, so the text of source lines is part of what the user saw. `former`: the last run did not get to
    its end, and these paths are what earlier ones used.
    """
    judge = _Judge(facts, sources, project_root, traceback_shown, former)
    change, reasons = Change([]), {}
    for state in dirty:
        kind, reasons[state.path] = judge.kind(state)
        change.files.append(FileChange(state.path, kind, state.hash, state.old_hash))
    return Classified(change, reasons)


def measured_in_folders(dirty: Iterable[FileState], facts: Facts, sources: Sources) -> dict[str, int | None]:
    """The loaded modules of which the program may have asked for size or times when it listed their folder: that is not
    observed. Each with the depth of the listing."""
    loaded = [state.path for state in dirty if state.path in facts.modules or state.path == facts.main]
    listed = {path: facts.listings[folder] for path in loaded if (folder := os.path.dirname(path)) in facts.listings}
    return listed if listed and _measures_entries(facts, sources) else {}


Verdict = tuple[str, str]  # kind, reason


class _Judge:
    def __init__(
        self, facts: Facts, sources: Sources, root: str, traceback_shown: bool, former: Collection[str]
    ) -> None:
        self.facts, self.sources = facts, sources
        self.root = root.rstrip("/")
        self.traceback_shown, self.former = traceback_shown, former

    def kind(self, state: FileState) -> Verdict:
        rules = (
            self._own,
            self._environment,
            self._loaded,
            self._native,
            self._entry,
            self._observed,
            self._unobserved,
        )
        return next(verdict for rule in rules if (verdict := rule(state)) is not None)

    def _own(self, state: FileState) -> Verdict | None:
        if state.own and state.path in self.facts.writes:
            return OUTPUT, "the program wrote it itself"
        return None

    def _environment(self, state: FileState) -> Verdict | None:
        path, name = state.path, os.path.basename(state.path)
        if _PACKAGES.search(path):
            return ENVIRONMENT, "it belongs to an installed package"
        if name not in _ENVIRONMENT_NAMES and not _ENVIRONMENT_PATTERN.fullmatch(name):
            return None
        if not self._governs(path) and path not in self.facts.reads:
            return None
        if name == "pyproject.toml" and self._is_other_tools(state):
            return IRRELEVANT, "only the settings of other tools changed"
        return ENVIRONMENT, f"{name} is part of the environment"

    def _governs(self, path: str) -> bool:
        """Is it in the project's folder, or in one above the script?"""
        directory = os.path.dirname(path)
        above_main = self.facts.main is not None and self.facts.main.startswith(f"{directory}/")
        return directory == self.root or above_main or not path.startswith(f"{self.root}/")

    def _is_other_tools(self, state: FileState) -> bool:
        if not self.facts.agent or state.path in self.facts.reads or self.facts.opaque:
            return False
        old = _influential(self.sources(state.path, state.old_hash))
        return old is not None and old == _influential(self.sources(state.path, state.hash))

    def _loaded(self, state: FileState) -> Verdict | None:
        path, facts = state.path, self.facts
        if path == facts.main:
            kind, what = MAIN, "it is the script"
        elif path in facts.modules:
            kind, what = CODE, f"module {facts.modules[path].name} is loaded"
        else:
            return None
        if state.hash is None:
            return kind, f"{what}, and its file is gone"
        if path in facts.reads:
            return kind, f"{what}, and the program reads its source as data"
        if path in facts.measured:
            return kind, f"{what}, and the program asked for its size or times"
        reason = self._not_cosmetic(state)
        return (NOOP, "only comments or layout changed") if reason is None else (kind, f"{what}; {reason}")

    def _not_cosmetic(self, state: FileState) -> str | None:
        """Why the edit counts as code; None if it has no effect that the program could see."""
        if state.unknown:
            return "the version in use is not known for certain"
        extent = cosmetic.extent(self.sources(state.path, state.old_hash), self.sources(state.path, state.hash))
        if extent == cosmetic.MEANING:
            return "its code changed"
        if self.facts.opaque:
            return f"a comment changed, but files may be read unseen ({self.facts.opaque[0]})"
        if self.traceback_shown:
            return "a comment changed, but the last run showed a traceback"
        loaded = (self.sources(fact.path, fact.hash) for fact in self.facts.modules.values())
        word = cosmetic.observer(extent, loaded, self.facts.foreign)
        return None if word is None else f"a comment changed, but the program may look at its own source ({word})"

    def _native(self, state: FileState) -> Verdict | None:
        path, facts = state.path, self.facts
        if path in facts.natives:
            return NATIVE, "it is a loaded extension"
        if path.endswith(_BINARY) and state.old_hash is None and (rival := self._rival(path)):
            return NATIVE, f"a cold start would import it as {rival}"
        compiled = any(native.startswith(f"{self.root}/") for native in facts.natives)
        if path.endswith(_BUILT_FROM) and (compiled or _RUNTIME_COMPILERS & set(facts.foreign)):
            return NATIVE, "a loaded extension may be built from it"
        return None

    def _entry(self, state: FileState) -> Verdict | None:
        """A folder, a link or the like, of which the program has seen the name or where it leads."""
        if not (is_entry(state.hash) or is_entry(state.old_hash)):
            return None
        if state.path in self.facts.listings or state.path in self.facts.looked:
            return DATA, "the program looked at what it is"
        return DATA, "it is in a folder that the program listed"

    def _observed(self, state: FileState) -> Verdict | None:
        """What the facts say about a file that is no loaded module."""
        path, facts = state.path, self.facts
        is_python = path.endswith(_PYTHON)
        kind = CODE if is_python else DATA
        if path in facts.reads:
            return DATA, f"the program read it ({_first_site(facts, path)})"
        if path in facts.missing or path in facts.left or self._may_complete(path):
            return kind, "the program looked for it when it was not there, or had loaded it before it was gone"
        if path in facts.measured:
            return kind, "the program asked for its size or times"
        came_or_went = state.hash is None or state.old_hash is None
        if came_or_went and path in facts.looked:
            return kind, "the program asked whether it is there"
        if came_or_went and (listed := self._listed(path)):
            return kind, f"the program listed {listed}"
        if os.path.dirname(path) in facts.listings and _measures_entries(facts, self.sources):
            return kind, "the program may have asked for its size or times when it listed the folder"
        if is_python and came_or_went:
            if state.hash is not None and (rival := self._rival(path)):
                return CODE, f"a cold start would import it as {rival}"
            if mention := self._mention(path):
                return CODE, f"it came or went, and {mention}"
        return None

    def _unobserved(self, state: FileState) -> Verdict:
        facts, is_python = self.facts, state.path.endswith(_PYTHON)
        kind = CODE if is_python else DATA
        if not facts.agent:
            if state.path.endswith(_BINARY + _BUILT_FROM):
                kind = NATIVE
            return kind, "it is not known what this program uses"
        if facts.opaque:
            return kind, f"it may be read unseen: {facts.opaque[0]}"
        came_or_went = state.hash is None or state.old_hash is None
        if probe := self._probe(state.path, came_or_went, is_folder="directory" in (state.hash, state.old_hash)):
            return kind, probe
        if state.path in self.former or os.path.dirname(state.path) in self.former:
            return kind, "an earlier run used it, and the last one has failed"
        return IRRELEVANT, "not imported so far" if is_python else "nothing has read it"

    def _probe(self, path: str, came_or_went: bool, is_folder: bool) -> str | None:
        """Why the program may know of a file that it has not opened: not every question about files is observed."""
        name = os.path.basename(path).encode(errors="surrogateescape")
        for fact in self.facts.modules.values():
            source = self.sources(fact.path, fact.hash)
            if source is None or _ASKS_STATE.search(source):
                return f"{fact.name} may look at its size or time"
            if came_or_went and _ASKS_EXISTENCE.search(source):
                return f"{fact.name} may look whether it exists"
            if came_or_went and not is_folder and name in source:  # an archive on sys.path, say
                return f"{fact.name} names it"
        return None

    def _listed(self, path: str) -> str | None:
        """The listed directory that the file is in, or below: it may have come with its directory."""
        directory = os.path.dirname(path)
        while directory not in self.facts.listings:
            directory, previous = os.path.dirname(directory), directory
            if directory == previous:
                return None
        return directory

    def _may_complete(self, path: str) -> bool:
        """Was a directory looked for, in vain, that this file makes exist?"""
        return any(path.startswith(f"{missing}/") for missing in self.facts.missing)

    def _mention(self, path: str) -> str | None:
        """Why the program may have tried to import this new module, in vain: which attempts failed is not observed."""
        word = re.compile(rb"\b" + re.escape(_module_name(path).encode()) + rb"\b")
        for fact in self.facts.modules.values():
            source = self.sources(fact.path, fact.hash)
            if source is None or word.search(source):
                return f"{fact.name} mentions its name"
            if _DYNAMIC_IMPORT.search(source):
                return f"{fact.name} imports by computed names"
        return None

    def _rival(self, path: str) -> str | None:
        """The module, loaded or looked for, whose place a new file might take; None if its name is nobody's.

        Which of two files wins depends on sys.path as it was at each import, so one name is enough.
        """
        name = _module_name(path)
        facts = self.facts
        if name in facts.foreign or name in sys.stdlib_module_names:
            return name
        for fact in facts.modules.values():
            if name in fact.name.split("."):
                return fact.name
        missed = (missing for missing in facts.missing if _module_name(missing) == name)
        return name if next(missed, None) is not None else None


def _measures_entries(facts: Facts, sources: Sources) -> bool:
    """Might the program look at the size or times of what it lists? ``DirEntry.stat`` is not observed."""
    found = (sources(fact.path, fact.hash) for fact in facts.modules.values())
    return any(source is None or _MEASURES.search(source) for source in found)


def _module_name(path: str) -> str:
    directory, name = os.path.split(path)
    stem = name.partition(".")[0]
    return os.path.basename(directory) if stem == "__init__" else stem


def _first_site(facts: Facts, path: str) -> str:
    site = next(iter(facts.reads[path].sites), "")
    return f"at {os.path.basename(site)}" if site else "unknown where"


def _influential(source: bytes | None) -> object:
    """A pyproject.toml without the tables of linters and the like; None if it cannot be read."""
    if source is None:
        return None
    import tomllib  # 10 ms, for this one file

    try:
        document = tomllib.loads(source.decode())
    except (ValueError, RecursionError):
        return None
    tools = document.pop("tool", {})
    return document, {name: table for name, table in tools.items() if name in _INFLUENTIAL_TOOLS}
