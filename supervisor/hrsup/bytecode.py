"""Stale .pyc files that a plain interpreter would believe. Runs in the supervisor.

A .pyc is validated by the whole second of its source's time of change, and by its size. Processes under the agent trust
none; but a program may start a plain ``python child.py``, and after a same-size edit within one second that child would
run old code. So such files are removed, those alone: any interpreter makes them anew.
"""
# ruff: noqa: PTH108, PTH116, PTH118, PTH123, PTH208 (importing pathlib costs the program's start 3 ms)

from __future__ import annotations

import contextlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_CHECKED_BY_TIME = b"\0\0\0\0"


def drop_believed(sources: Iterable[str]) -> None:
    """Remove the .pyc files of these changed sources that would be taken for up to date."""
    for source in sources:
        if source.endswith(".py"):
            with contextlib.suppress(OSError):
                _drop(source)


def _drop(source: str) -> None:
    folder, name = os.path.split(source)
    cache = os.path.join(folder, "__pycache__")
    status = os.stat(source)
    stamp = _four(int(status.st_mtime)) + _four(status.st_size)
    for entry in os.listdir(cache):
        if entry.startswith(f"{name[:-3]}.") and entry.endswith(".pyc"):
            path = os.path.join(cache, entry)
            with open(path, "rb") as file:
                head = file.read(16)
            if head[4:8] == _CHECKED_BY_TIME and head[8:16] == stamp:
                os.unlink(path)


def _four(number: int) -> bytes:
    return (number & 0xFFFFFFFF).to_bytes(4, "little")
