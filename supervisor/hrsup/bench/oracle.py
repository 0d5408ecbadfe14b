"""The yardstick: a cold start of a tree, in a fresh copy where no .pyc can be. Runs in the bench."""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path

from hrsup.bench.model import BATCH, SERVICE, Cold, Edit, FileEdit, Tree
from hrsup.bench.saving import remove_empty, save, write_tree

TICK = re.compile(r"\d+\t(.*)")
"""A service's tick: a counter, which a cold start cannot know; a tab; the state, which alone is compared."""

AT_ONCE = re.compile(rb"Executor|executor|Parallel|Pool|Process|Thread|distributed")
"""Where a source has one of these, what a tick shows may be read by several at once."""

TICKS = 2
DRIFT_TICKS = 3
ERRORS = ".cold-stderr.txt"  # a name with a dot, which no program of the corpus lists
SET_ASIDE = frozenset(
    f"PYTHON{name}" for name in ("UNBUFFERED", "DONTWRITEBYTECODE", "PYCACHEPREFIX", "HASHSEED", "OPTIMIZE", "WARNINGS")
)
LIMIT_S = 60.0


class Oracle:
    """Cold starts, each tree only once. May be used from several threads."""

    def __init__(self) -> None:
        self._known: dict[str, Cold] = {}
        self._lock = threading.Lock()

    def cold(self, tree: Tree, command: Sequence[str], kind: str) -> Cold:
        """What a cold start of `tree` shows. Raises TimeoutError if it shows nothing in time."""
        key = _key(tree, command, kind)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            with tempfile.TemporaryDirectory(prefix="hrsup-cold-") as folder:
                write_tree(Path(folder), tree)
                known = start_cold(Path(folder), command, kind)
            with self._lock:
                self._known[key] = known
        return known


@dataclass(frozen=True)
class Excuses:
    """What a service may show that is neither old nor new: `drift`, what it comes to by itself (see there), and
    `halfway`, what a cold start shows where only the first of the edit's files are saved; `unordered`, whether what it
    shows may be read by several at once."""

    drift: tuple[str, ...] = ()
    halfway: tuple[str, ...] = ()
    unordered: bool = False


NO_EXCUSES = Excuses()


def excuses(oracle: Oracle, tree: Tree, disk: Tree, edit: Edit, command: Sequence[str]) -> Excuses:
    """Those of a service that runs as `tree`, where `edit` is saved over `disk`."""
    trees = [Edit(edit.files[:count], edit.save).applied_to(disk) for count in range(1, len(edit.files))]
    colds = [oracle.cold(halfway, command, SERVICE) for halfway in trees]
    unordered = any(AT_ONCE.search(source) for source in tree.values())
    halfway = tuple(cold.shown for cold in colds if not cold.broken)
    data = tuple(file for file in edit.files if not file.path.endswith(".py"))
    states = drift(tree, disk, edit, command)
    if data and data != edit.files:  # a worker that begins then may load new code, or be ended by it, and another not
        states += drift(tree, disk, replace(edit, files=data), command)
    return Excuses(states, halfway, unordered)


def drift(tree: Tree, disk: Tree, edit: Edit, command: Sequence[str]) -> tuple[str, ...]:
    """What a service started cold from `tree` shows by itself when the files become those of `disk` (what was saved
    before and is held), then those of `edit`, one by one, and nobody restarts it: the state after each file, up to the
    one that ends it. What it read or imported at its start stays, what it reads again is new; a tick that shows this is
    no fault of a supervisor's."""
    with tempfile.TemporaryDirectory(prefix="hrsup-drift-") as folder:
        root = Path(folder)
        write_tree(root, tree)
        environment = plain_environment() | {"PYTHONDONTWRITEBYTECODE": "1"}
        with _service(cold_command(command), root, environment) as process:
            ticks = _Ticks(process)
            ticks.take(TICKS)
            states: list[str] = []
            for act in _acts(root, (*difference_of(tree, disk), *edit.files)):
                act()
                ticks.drop_waiting()
                recent = ticks.take(DRIFT_TICKS)  # the first may have begun before the write
                if len(recent) < DRIFT_TICKS:
                    break
                states.append(recent[-1])
            return tuple(states)


def _acts(root: Path, files: Sequence[FileEdit]) -> Iterator[Callable[[], object]]:
    """What saving these files does, one after the other: a file's folder is there before the file comes, and still
    there when it has gone."""
    for file in files:
        path = root / file.path
        if file.content is None and path.is_file():
            yield path.unlink
            yield partial(remove_empty, path.parent, root)
            continue
        if file.content is not None and not path.parent.exists():
            yield partial(path.parent.mkdir, parents=True)
        yield partial(save, root, Edit((file,), "atomic"))


def difference_of(before: Tree, after: Tree) -> list[FileEdit]:
    """The files that turn one tree into the other, in the order in which an edit saves them."""
    changed = [FileEdit(path, content) for path, content in after.items() if before.get(path) != content]
    return [FileEdit(path, None) for path in before if path not in after] + changed


def start_cold(root: Path, command: Sequence[str], kind: str) -> Cold:
    """Start the program in `root` as nobody has before; a service is killed once it has shown its state."""
    argv = cold_command(command)
    environment = plain_environment() | {"PYTHONDONTWRITEBYTECODE": "1"}
    if kind == BATCH:
        return _start_batch(argv, root, environment)
    return _start_service(argv, root, environment)


def plain_environment() -> dict[str, str]:
    """This environment without what would change the hazards: who sets these does not meet a stale .pyc, say."""
    return {name: value for name, value in os.environ.items() if name not in SET_ASIDE and name[:6] != "HRSUP_"}


def cold_command(command: Sequence[str]) -> list[str]:
    """`command` with this interpreter for ``python``, and no .pyc written."""
    python = [sys.executable, "-B"] if command[0] == "python" else [command[0]]
    return [*python, *command[1:]]


def shell_status(code: int) -> int:
    """A status as a shell gives it: 128+n for a death by signal n."""
    return code if code >= 0 else 128 - code


def tick_state(line: str) -> str | None:
    """The compared part of a service's tick, or None for any other line.

    A process that is ended between a line and its newline leaves a torn line, to which the next process adds its first:
    what counts is what follows the last tab.
    """
    match = TICK.fullmatch(line)
    return match[1].rpartition("\t")[2] if match else None


def _start_batch(argv: list[str], root: Path, environment: dict[str, str]) -> Cold:
    """A pool may hang at its end now and then, supervised or not: that is no result, and is tried again."""
    for limit_s in (LIMIT_S / 4, LIMIT_S):
        process = subprocess.Popen(
            argv,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            shown, errors = process.communicate(timeout=limit_s)
            return Cold(shown, shell_status(process.returncode), errors[-2000:])
        except subprocess.TimeoutExpired:
            _end(process)
            process.communicate()
    raise subprocess.TimeoutExpired(argv, LIMIT_S)


def _start_service(argv: list[str], root: Path, environment: dict[str, str]) -> Cold:
    with _service(argv, root, environment) as process:
        states = _Ticks(process).take(TICKS)
    if len(states) == TICKS:
        if len(set(states)) > 1:
            raise ValueError(f"the state differs from tick to tick, nothing can be compared: {states}")
        return Cold(states[0], None)
    return Cold("", shell_status(process.returncode), (root / ERRORS).read_text(errors="replace")[-2000:])


@contextlib.contextmanager
def _service(argv: list[str], root: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program that keeps running, killed in the end, or when it has shown nothing for too long."""
    with (root / ERRORS).open("wb") as errors:
        process = subprocess.Popen(
            argv,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    killer = threading.Timer(LIMIT_S, process.kill)
    killer.start()
    try:
        yield process
    finally:
        killer.cancel()
        _end(process)
        if process.stdout is not None:
            process.stdout.close()


class _Ticks:
    """The states of a service's ticks, as they come."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._process, self._pipe, self._rest = process, process.stdout.fileno(), b""
        self._waiting: list[str] = []

    def take(self, count: int) -> list[str]:
        """The next `count` states; fewer if the program ends first."""
        while len(self._waiting) < count and self._read():
            pass
        if len(self._waiting) < count:
            self._process.wait()
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def drop_waiting(self) -> None:
        """Forget what was printed before now."""
        while select.select([self._pipe], [], [], 0)[0] and self._read():
            pass
        self._waiting.clear()

    def _read(self) -> bool:
        data = os.read(self._pipe, 65536)
        *lines, self._rest = (self._rest + data).split(b"\n")
        states = (tick_state(line.decode(errors="replace")) for line in lines)
        self._waiting += [state for state in states if state is not None]
        return bool(data)


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 5
    if process.poll() is None:
        try:
            os.killpg(process.pid, 9)  # our own session: its pools end with it
        except ProcessLookupError:
            process.kill()
    process.wait(max(0.1, deadline - time.monotonic()))


def _key(tree: Tree, command: Sequence[str], kind: str) -> str:
    digest = blake2b(digest_size=16)
    for part in (kind, *command):
        digest.update(part.encode() + b"\0")
    for name, content in sorted(tree.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
