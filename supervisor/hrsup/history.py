"""What happened so far in this project: every strategy's count, success, latency and reasons, in ``.hrsup/``.

Runs in the supervisor. The history is a convenience: when the disk is full or read-only it is switched off with one
warning, and nothing else changes. It holds no environment and no arguments, only a hash of the command.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from hrsup.experience import Vain

FOLDER = ".hrsup"
_FILE = "history.sqlite3"
_SCHEMA = """
create table if not exists attempt (
    time real not null, command text not null, strategy text not null, kinds text not null,
    state text not null, code text, reason text, total_ms real, saved_ms real);
create table if not exists command (
    command text primary key, ended_by_itself integer not null default 0, cold_ms real, last text);
create table if not exists vain (
    command text not null, strategy text not null, subject text not null, misses integer not null,
    cost_ms real not null, left_out integer not null, primary key (command, strategy, subject));
create table if not exists output (
    command text not null, path text not null, at_s real not null, primary key (command, path));
"""


class Attempt(NamedTuple):
    """One strategy tried for one change. `state`: applied, refused, failed, held."""

    strategy: str
    kinds: str
    state: str
    code: str | None = None
    reason: str | None = None
    total_ms: float | None = None
    saved_ms: float | None = None


class Summary(NamedTuple):
    """One row of `hrsup stats`."""

    strategy: str
    tried: int
    applied: int
    held: int
    refused: int
    failed: int
    p50_ms: float | None
    p99_ms: float | None
    saved_ms: float


class History:
    """The store of one project. All methods are safe to call when it is switched off."""

    def __init__(self, project: str, argv: Sequence[str], warn: Callable[[str], None]) -> None:
        self.command = hashlib.blake2b("\0".join(argv).encode(errors="surrogateescape"), digest_size=8).hexdigest()
        self._warn = warn
        self._database: sqlite3.Connection | None = None
        try:
            self._database = _open(folder(project) / _FILE)
        except (OSError, sqlite3.Error) as error:
            self._off(error)

    def close(self) -> None:
        """No more records."""
        if self._database is not None:
            self._database.close()
        self._database = None

    def record(self, attempt: Attempt) -> None:
        """Add one attempt."""
        self._execute(
            "insert into attempt values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (time.time(), self.command, *attempt),
        )

    def vain(self) -> list[Vain]:
        """What was tried in vain for this command lately."""
        rows = self._execute(
            "select strategy, subject, misses, cost_ms, left_out from vain where command = ?", (self.command,)
        )
        return [Vain(*row) for row in rows]  # type: ignore[arg-type]

    def note_vain(self, vain: Vain) -> None:
        """Remember it, or forget it if it has no misses any more."""
        if vain.misses:
            self._execute("insert or replace into vain values (?, ?, ?, ?, ?, ?)", (self.command, *vain))
        else:
            self._execute(
                "delete from vain where command = ? and strategy = ? and subject = ?",
                (self.command, vain.strategy, vain.subject),
            )

    def outputs(self) -> dict[str, float]:
        """The files that this command was found to write unseen, and how many seconds after its start."""
        rows = self._execute("select path, at_s from output where command = ?", (self.command,))
        return {str(path): float(at_s) for path, at_s in rows}  # type: ignore[arg-type]

    def note_output(self, path: str, at_s: float | None) -> None:
        """Remember it, or (None) forget it."""
        if at_s is None:
            self._execute("delete from output where command = ? and path = ?", (self.command, path))
        else:
            self._execute("insert or replace into output values (?, ?, ?)", (self.command, path, at_s))

    def ended_by_itself(self) -> bool:
        """Has this command's main ever ended by itself? Then it is a batch."""
        rows = self._execute("select ended_by_itself from command where command = ?", (self.command,))
        return bool(rows and rows[0][0])

    def note_run(self, *, ended_by_itself: bool, cold_ms: float | None) -> None:
        """Remember how a run of this command went; `cold_ms` is what a cold start took up to its end, if it was one."""
        self._execute(
            "insert into command (command, ended_by_itself, cold_ms) values (?, ?, ?) on conflict (command) do update "
            "set ended_by_itself = max(ended_by_itself, excluded.ended_by_itself), "
            "cold_ms = coalesce(excluded.cold_ms, cold_ms)",
            (self.command, int(ended_by_itself), cold_ms),
        )

    def note_state(self, text: str | None) -> None:
        """Remember why the running code differs from the files on disk, or None when it does not."""
        self._execute(
            "insert into command (command, last) values (?, ?) "
            "on conflict (command) do update set last = excluded.last",
            (self.command, text),
        )

    def _execute(self, statement: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        if self._database is None:
            return []
        try:
            with self._database:
                return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            self._off(error)
            return []

    def _off(self, error: Exception) -> None:
        self._database = None
        self._warn(f"history is off: {error}")


def folder(project: str) -> Path:
    """``.hrsup/`` of this project, made if it is missing; it ignores itself. Raises OSError."""
    path = Path(project) / FOLDER
    if not (path / ".gitignore").exists():
        path.mkdir(exist_ok=True)
        (path / ".gitignore").write_text("*\n")
    return path


def summarize(project: str) -> tuple[list[Summary], list[tuple[str, str, int]], list[str]]:
    """For `hrsup stats`: a row per strategy, the reasons of refusal and failure with their counts (strategy, reason,
    count; most frequent first), and why running code differs from the disk. Raises FileNotFoundError if there is no
    history, sqlite3.Error if it cannot be read."""
    path = Path(project) / FOLDER / _FILE
    if not path.exists():
        raise FileNotFoundError(path)
    database = _open(path)
    try:
        rows = database.execute("select strategy, state, total_ms, saved_ms from attempt").fetchall()
        reasons = database.execute(
            "select strategy, coalesce(code || ' ', '') || reason, count(*) from attempt "
            "where state in ('refused', 'failed') and reason is not null group by 1, 2 order by 3 desc limit 12"
        ).fetchall()
        different = [row[0] for row in database.execute("select last from command where last is not null")]
    finally:
        database.close()
    strategies = sorted({row[0] for row in rows})
    return [_summary(name, [row for row in rows if row[0] == name]) for name in strategies], reasons, different


def _summary(strategy: str, rows: list[tuple[str, str, float | None, float | None]]) -> Summary:
    states = [state for _, state, _, _ in rows]
    times = sorted(total for _, state, total, _ in rows if state == "applied" and total is not None)
    saved = sum(saved for _, _, _, saved in rows if saved is not None)
    return Summary(
        strategy,
        len(rows),
        states.count("applied"),
        states.count("held"),
        states.count("refused"),
        states.count("failed"),
        times[len(times) // 2] if times else None,
        times[min(len(times) - 1, len(times) * 99 // 100)] if times else None,
        saved,
    )


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=1.0)
    # A record is written between a save and its result, so it must not wait for the disk.
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = normal")
    database.executescript(_SCHEMA)
    return database
