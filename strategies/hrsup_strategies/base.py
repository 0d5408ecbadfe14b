"""What a strategy is: the words it is asked in and the words it answers in.

Runs in both processes. Everything here is plain data that survives JSON, so that a plan made in the supervisor can be
performed in the user's process.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from typing import Any, Protocol

# Where a plan is performed.
PROGRAM = "program"  # in the running main process, at a safe point
LAYER = "layer"  # by a paused layer, after the running tree was ended
SUPERVISOR = "supervisor"  # by the supervisor, after the running tree was ended

# Kinds of change (DESIGN section 2).
NOOP, OUTPUT, DATA, CODE, MAIN = "noop", "output", "data", "code", "main"
NATIVE, ENVIRONMENT, IRRELEVANT = "native", "environment", "irrelevant"

BATCH, SERVICE = "batch", "service"


class _Record:
    """Equality and repr for the slotted records below; ``dataclasses`` would cost the user's process 18 ms."""

    __slots__: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, nested records included."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.as_dict() == other.as_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({fields})"


def _plain(value: Any) -> Any:
    if isinstance(value, _Record):
        return value.as_dict()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


ENTRY = "entry:"  # how a version begins that says what a name in a listing was: a folder, a link, ...


def is_entry(version: str | None) -> bool:
    """Does this version say what a name in a listing was, rather than what was in a file?"""
    return version is not None and version.startswith(ENTRY)


class FileChange(_Record):
    """One file whose content on disk differs from what the program used.

    `hash` is the content hash on disk, or None if the file is gone; `old_hash` the used version, or None if it was not
    there (or never read). A refusal that concerns it names `path`.
    """

    __slots__ = ("path", "kind", "hash", "old_hash")

    def __init__(self, path: str, kind: str, hash: str | None, old_hash: str | None) -> None:
        self.path, self.kind, self.hash, self.old_hash = path, kind, hash, old_hash


class Change(_Record):
    """A change set: the files that changed together."""

    __slots__ = ("files",)

    def __init__(self, files: list[FileChange]) -> None:
        self.files = files

    @property
    def kinds(self) -> set[str]:
        """The kinds of its files."""
        return {file.kind for file in self.files}


class Refused(_Record):
    """A strategy cannot do this, and nothing was touched. `code` is stable (``HR101``); `line` may be None."""

    __slots__ = ("code", "reason", "file", "line")

    def __init__(self, code: str, reason: str, file: str | None = None, line: int | None = None) -> None:
        self.code, self.reason, self.file, self.line = code, reason, file, line


class Plan(_Record):
    """What a strategy intends. `where` says who performs it; `layer` which layer (with ``LAYER``); `detail` is the
    strategy's own, plain data; `notes` are sentences for a person ("imports of 2.1 s will be repeated").
    """

    __slots__ = ("strategy", "where", "layer", "detail", "notes")

    def __init__(
        self,
        strategy: str,
        where: str,
        layer: int | None = None,
        detail: dict[str, Any] | None = None,
        notes: list[str] | None = None,
    ) -> None:
        self.strategy, self.where, self.layer = strategy, where, layer
        self.detail, self.notes = detail or {}, notes or []


# What became of a plan.
DONE, REFUSED, FAILED, HELD = "done", "refused", "failed", "held"


class Outcome(_Record):
    """What became of a plan that was performed in the user's process.

    `state` is one of ``done``, ``refused`` (nothing was touched), ``failed`` (rolled back; the next rung must take
    over), ``held`` (the new code itself is broken; rolled back). `evidence` is what verification saw. For all but
    ``done``, `code`, `reason`, `file` and `line` say why.
    """

    __slots__ = ("state", "code", "reason", "file", "line", "evidence", "timings")

    def __init__(
        self,
        state: str,
        code: str | None = None,
        reason: str | None = None,
        file: str | None = None,
        line: int | None = None,
        evidence: dict[str, Any] | None = None,
        timings: dict[str, float] | None = None,
    ) -> None:
        self.state, self.code, self.reason, self.file, self.line = state, code, reason, file, line
        self.evidence, self.timings = evidence or {}, timings or {}


class ModuleFact(_Record):
    """A user module that the running generation has loaded. `layer` is the depth of the last layer taken before its
    source was read (None: before the image); `seconds` what its import cost, other modules' bodies left out; None while
    its body runs."""

    __slots__ = ("name", "path", "hash", "importer", "layer", "seconds")

    def __init__(
        self, name: str, path: str, hash: str, importer: str | None, layer: int | None, seconds: float | None
    ) -> None:
        self.name, self.path, self.hash, self.importer = name, path, hash, importer
        self.layer, self.seconds = layer, seconds


class ReadFact(_Record):
    """A data file the running generation has opened. `layer` is the depth of the last layer before the first read;
    `sites` are the user's lines that opened it, with how often each did (1 or more, counted only while observed);
    `modules` the user modules during whose import it was read (empty: in the run)."""

    __slots__ = ("path", "layer", "sites", "modules", "in_run")

    def __init__(self, path: str, layer: int | None) -> None:
        self.path, self.layer = path, layer
        self.sites: dict[str, int] = {}
        self.modules: list[str] = []
        self.in_run = False


class LayerFact(_Record):
    """A paused layer; `id` is its pid. Layers are ordered by `depth`: 0 is the image, of which there may be a second
    one that has imported the modules in `preloaded` beforehand. An unusable layer says why. `opened` has the files that
    may have been opened before it was taken, seen or not; None: none can have been unseen."""

    __slots__ = ("id", "pid", "depth", "point", "usable", "reason", "preloaded", "opened")

    def __init__(
        self,
        id: int,
        pid: int,
        depth: int,
        point: str,
        usable: bool,
        reason: str | None,
        preloaded: list[str],
        opened: Container[str] | None = None,
    ) -> None:
        self.id, self.pid, self.depth, self.point = id, pid, depth, point
        self.usable, self.reason, self.preloaded, self.opened = usable, reason, preloaded, opened


class Facts(_Record):
    """All that is known of the running generation. What is not in here is not known, and counts as used."""

    __slots__ = (
        "mode",
        "running",
        "agent",
        "main",
        "modules",
        "reads",
        "listings",
        "missing",
        "left",
        "looked",
        "measured",
        "writes",
        "natives",
        "foreign",
        "foreign_costs",
        "layers",
        "pools",
        "forked",
        "by_workers",
        "worker_modules",
        "threads",
        "opaque",
        "opaque_from",
        "opaque_itself",
        "children",
        "argv",
        "is_module",
        "drain_s",
        "has_cluster",
    )

    def __init__(self) -> None:
        self.mode = SERVICE  # BATCH or SERVICE
        self.running = False  # user code is running right now
        self.agent = False  # the program runs under the agent (else it is not Python)
        self.main: str | None = None  # path of the script
        self.argv: list[str] = []  # of the program
        self.is_module = False  # was the script named as a module?
        self.modules: dict[str, ModuleFact] = {}  # by path
        self.reads: dict[str, ReadFact] = {}  # by path
        self.listings: dict[str, int | None] = {}  # directory -> depth, as above
        self.missing: dict[str, int | None] = {}  # path -> depth
        self.left: dict[str, int | None] = {}  # path of a module that is loaded no more -> depth, when it was
        self.looked: dict[str, int | None] = {}  # path -> depth: asked whether it is there
        self.measured: dict[str, int | None] = {}  # path -> depth: its size or times were asked for
        self.writes: set[str] = set()
        self.natives: dict[str, int | None] = {}  # path -> depth
        self.foreign: list[str] = []  # third-party modules that may be preloaded, in order of import
        # third-party module -> seconds, and the depth at which it was imported (None: it was there beforehand)
        self.foreign_costs: dict[str, tuple[float, int | None]] = {}
        self.layers: list[LayerFact] = []  # by depth
        self.pools: dict[int, list[int]] = {}  # owner's pid -> pids of its workers
        self.forked: list[int] = []  # pids of the workers that were forked, with all that their parent had in memory
        # path -> line (empty: none, or it was imported meanwhile) -> pids of the workers that used the path
        self.by_workers: dict[str, dict[str, list[int]]] = {}
        self.worker_modules: dict[int, dict[str, str]] = {}  # worker's pid -> path -> version that it has loaded
        self.threads: list[str] = []
        self.opaque: list[str] = []  # why unseen reads are possible
        self.opaque_from = 0  # the depth from which on they are
        self.opaque_itself = False  # not only by children, but by the process that runs main too
        self.children: list[str] = []  # of the reasons, those that are children
        self.drain_s = 5.0  # how long tasks in worker pools may take: the user's choice
        # It has imported dask.distributed: workers that are no processes of its own may run its code.
        self.has_cluster = False


if TYPE_CHECKING:

    class Program(Protocol):
        """The user's process, as a strategy sees it from inside."""

        made: Any  # what modules made of the data that they read: `hrsup_agent.observe.made.Made`

        def modules(self) -> dict[str, Any]:
            """The loaded user modules by path; ``__main__`` included."""
            ...

        def source(self, path: str) -> bytes:
            """The bytes that the loaded version of this user module was compiled from."""
            ...

        def set_source(self, path: str, data: bytes) -> None:
            """Say that the loaded version of this user module now is `data` (after a commit)."""

        def load_module(self, name: str) -> None:
            """Import a module of the user's as part of a commit. Raises what importing it raises."""

        def unload(self, path: str, instead: str | None) -> None:
            """Say that this file is no loaded module any more; its name stands for the file `instead`, or for none."""

        def drop_image(self) -> None:
            """Start no more workers from modules that were imported beforehand: what they import may have changed."""

        def uses(self, path: str, *uses: str) -> dict[str, tuple[int, bool, bool]]:
            """The lines (``file:line``) of this process that made one of these uses (``opened``, ``listed``,
            ``looked``, ``measured``) of the path: how often each did, whether a module was being imported once, and
            whether nothing that may keep its content stood between the line and the file."""
            ...

        def reads_back(self) -> bool:
            """Has it opened a file, or listed a folder, since it made or emptied that itself?"""
            ...

        def hold_uses(self) -> None:
            """From here on, what is used is used by statements of modules that are being brought in."""

        def reads_its_own(self) -> str | None:
            """What has been read since `hold_uses` although the program writes it itself; None: nothing."""
            ...

        def let_go_of_uses(self, keep: bool) -> None:
            """The modules have come, and their sources were set; or (`keep` is false) all was taken back."""

        def tell_again(self, paths: Iterable[str]) -> None:
            """Report the next use of each of these paths as if it were the first: they have changed."""

        def opening(self, path: str, site: str) -> Any:
            """The last time that this line opened the file for reading, or None."""
            ...

        def reply(self, outcome: Outcome) -> None:
            """Answer the request, for a strategy that finishes after `perform` has returned None."""

    class Strategy(Protocol):
        """One way to bring the program up to date: assess in the supervisor, perform where the plan says."""

        name: str

        def assess(self, change: Change, facts: Facts) -> Plan | Refused:
            """Can this strategy handle this change? Pure: touches nothing, asks nobody."""
            ...

        def perform(self, plan: Plan, program: Program) -> Outcome | None:
            """Do it, and verify it; None if the answer will come by ``program.reply`` (at a safe point, say)."""
            ...

        def cancel(self, program: Program) -> None:
            """The deadline has passed: forget what was prepared; afterwards the program is as before."""
