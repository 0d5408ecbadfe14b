"""What a case is and what came of it: plain records, no effects. Runs in the bench."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Tree = Mapping[str, bytes]
"""The files of a program: relative path (with ``/``) to content. A path that ends with ``/`` is an empty folder, and a
content that is a `Link` a symbolic link."""


class Link(bytes):
    """The content of a symbolic link: where it leads."""


def is_folder(path: str) -> bool:
    """Does this path of a tree name a folder?"""
    return path.endswith("/")


BATCH, SERVICE = "batch", "service"

# What came of one edit. The first two are good; "failed" was announced, so nobody was misled; the others are bugs.
RIGHT = "right"  # what the program prints is what a cold start prints
HELD = "held"  # the new code is broken, a cold start fails too, and this was said
FAILED = "failed"  # not brought in, and this was said
STALE = "stale"  # an old result, presented as current: the worst
MIXED = "mixed"  # a line that is neither the old version's nor the new one's
PARTIAL = "partial"  # a batch printed only the end of what a cold start prints
CRASHED = "crashed"  # the program or hrsup died where a cold start does not
TIMEOUT = "timeout"  # nothing was said in time, and what is shown is not right
VERDICTS = (RIGHT, HELD, FAILED, STALE, MIXED, PARTIAL, CRASHED, TIMEOUT)
GOOD = (RIGHT, HELD)


@dataclass(frozen=True)
class FileEdit:
    """The new content of one file; None removes it."""

    path: str
    content: bytes | None


@dataclass(frozen=True)
class Edit:
    """What a person saves in one go. `save` names the way of saving (``saving.WAYS``); with `quiet` the edit has no
    influence, so that nothing need be said about it; `running` saves it in the middle of a batch's first run."""

    files: tuple[FileEdit, ...]
    save: str = "plain"
    quiet: bool = False
    running: bool = False

    def applied_to(self, tree: Tree) -> dict[str, bytes]:
        """The tree after this edit."""
        after = dict(tree)
        for file in self.files:
            if file.content is None:
                after.pop(file.path, None)
            else:
                after[file.path] = file.content
        return after


@dataclass(frozen=True)
class Case:
    """A program, how it is started, and the edits it lives through. `requires` names third-party modules it needs."""

    name: str
    group: str
    kind: str
    tree: Tree = field(repr=False)
    edits: tuple[Edit, ...] = field(repr=False)
    command: tuple[str, ...] = ("python", "main.py")
    requires: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """``group/name[kind]``, unique in the corpus."""
        return f"{self.group}/{self.name}[{self.kind}]"


@dataclass(frozen=True)
class Cold:
    """What a cold start does. `shown` is the output of a batch, or the state in a service's tick; `status` is None for
    a service that keeps running; `error` the end of its standard error."""

    shown: str
    status: int | None
    error: str = ""

    @property
    def broken(self) -> bool:
        """Does a cold start fail?"""
        return self.status not in (0, None)


@dataclass
class Step:
    """The result of one edit of one case under one strategy. Latencies are from the end of the last write, in ms."""

    case: str
    group: str
    kind: str
    strategy: str
    edit: int
    verdict: str
    by: str | None = None
    latency_ms: float | None = None
    said_ms: float | None = None
    left_process: bool = False
    code: bool = False  # did it change code, so that something had to be brought in?
    needless_runs: int = 0
    imported: int | None = None  # bodies of the program's modules that were executed again; None: not known
    escalations: list[list[str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    detail: str = ""
    seen: list[str] = field(default_factory=list)  # lines and events since the edit began, where it was not right

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)
