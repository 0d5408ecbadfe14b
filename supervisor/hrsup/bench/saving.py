"""The ways in which editors and tools put new content on the disk. Runs in the bench.

Each way leaves the same content behind; what differs is what a watcher sees on the way there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from hrsup.bench.model import Edit, FileEdit, Link, Tree, is_folder

PAUSE_S = 0.012  # between the parts of a save in several parts: longer than a careless watcher waits


def save(root: Path, edit: Edit) -> float:
    """Carry out `edit` below `root`; the monotonic time in seconds right after the last write."""
    way = WAYS[edit.save]
    for file in edit.files:
        path = root / file.path
        if file.content is None and is_folder(file.path):
            path.rmdir()
        elif file.content is None:
            path.unlink()
            remove_empty(path.parent, root)
        elif is_folder(file.path):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            (_link if isinstance(file.content, Link) else way)(path, file.content)
    return time.monotonic()


def write_tree(root: Path, tree: Tree) -> None:
    """Lay out `tree` below `root`."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if is_folder(name):
            path.mkdir(exist_ok=True)
        elif isinstance(content, Link):
            path.symlink_to(os.fsdecode(content))
        else:
            path.write_bytes(content)


def changes_nothing(tree: Tree, edit: Edit) -> bool:
    """Does every file have the same bytes afterwards?"""
    return all(_same(tree, file) for file in edit.files)


def _same(tree: Tree, file: FileEdit) -> bool:
    return tree.get(file.path) == file.content


def remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder that nothing is left in, and those above it."""
    # Git does the same; a folder that stays behind would go on to exist as a namespace package.
    while folder != root:
        for cache in folder.glob("__pycache__/*.pyc"):
            cache.unlink()
        if (folder / "__pycache__").is_dir() and not any((folder / "__pycache__").iterdir()):
            (folder / "__pycache__").rmdir()
        if any(folder.iterdir()):
            return
        folder.rmdir()
        folder = folder.parent


def _link(path: Path, target: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp{os.getpid()}")
    temporary.symlink_to(os.fsdecode(target))
    temporary.replace(path)


def _plain(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _atomic(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)


def _truncate(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        time.sleep(PAUSE_S / 4)
        file.write(data)


def _two_part(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(data[: len(data) // 2])
        time.sleep(PAUSE_S)
        file.write(data[len(data) // 2 :])


def _slow(path: Path, data: bytes) -> None:
    size = len(data) // 6 + 1
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(data), size):
            file.write(data[start : start + size])
            time.sleep(PAUSE_S)


def _vim(path: Path, data: bytes) -> None:
    backup = path.with_name(path.name + "~")
    if path.exists():
        path.replace(backup)
    path.write_bytes(data)
    backup.unlink(missing_ok=True)


def _older(path: Path, data: bytes) -> None:
    before = path.stat().st_mtime if path.exists() else time.time()
    path.write_bytes(data)
    os.utime(path, (before - 3600, before - 3600))


def _same_mtime(path: Path, data: bytes) -> None:
    before = path.stat() if path.exists() else None
    path.write_bytes(data)
    if before is not None:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _touch(path: Path, data: bytes) -> None:
    assert path.read_bytes() == data, "a touch changes nothing"
    os.utime(path)


def _checkout(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def _burst(path: Path, data: bytes) -> None:
    for size in (len(data) // 3, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        time.sleep(0.001)
    path.write_bytes(data)


WAYS: dict[str, Callable[[Path, bytes], None]] = {
    "plain": _plain,
    "atomic": _atomic,
    "truncate": _truncate,
    "two-part": _two_part,
    "slow": _slow,
    "vim": _vim,
    "older": _older,
    "same-mtime": _same_mtime,
    "touch": _touch,
    "checkout": _checkout,
    "burst": _burst,
}

# With these, something that is neither the old nor the new content lies on the disk for a while, and may be run.
IN_PARTS = frozenset({"truncate", "two-part", "slow", "burst"})
