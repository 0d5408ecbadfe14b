"""The yardstick: a cold start of a tree, in a fresh copy where no .pyc can be. Runs in the bench."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from hrsup.bench.model import BATCH, Cold, Tree
from hrsup.bench.saving import write_tree

TICK = re.compile(r"\d+\t(.*)")
"""A service's tick: a counter, which a cold start cannot know; a tab; the state, which alone is compared."""

TICKS = 2
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


def start_cold(root: Path, command: Sequence[str], kind: str) -> Cold:
    """Start the program in `root` as nobody has before; a service is killed once it has shown its state."""
    argv = cold_command(command)
    environment = plain_environment() | {"PYTHONDONTWRITEBYTECODE": "1"}
    if kind == BATCH:
        done = subprocess.run(
            argv, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S
        )
        return Cold(done.stdout, shell_status(done.returncode), done.stderr[-2000:])
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


def _start_service(argv: list[str], root: Path, environment: dict[str, str]) -> Cold:
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
    killer = threading.Timer(LIMIT_S, process.kill)
    killer.start()
    try:
        states = _first_states(process)
    finally:
        killer.cancel()
        _end(process)
    if len(states) == TICKS:
        if len(set(states)) > 1:
            raise ValueError(f"the state differs from tick to tick, nothing can be compared: {states}")
        return Cold(states[0], None)
    error = process.stderr.read() if process.stderr else ""
    return Cold("", shell_status(process.returncode), error[-2000:])


def _first_states(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    states: list[str] = []
    for line in process.stdout:
        state = tick_state(line.rstrip("\n"))
        if state is not None:
            states.append(state)
            if len(states) == TICKS:
                return states
    process.wait()
    return states


def _end(process: subprocess.Popen[str]) -> None:
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
