"""Files that the program named to a child of it, which may read them unseen. Runs in the supervisor.

Inside of the project every file is watched anyway, unless it is ignored (data often is). Elsewhere it counts as read by
the line that started the child, and so does what lies in a folder that was named.
"""
# ruff: noqa: PTH116 (paths are strings here)

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hrsup.link import Message

_MOST = 200  # files of one folder; a child that is given more is given a data lake


def uses(message: Message, is_watched: Callable[[str, bool], bool]) -> Iterator[Message]:
    """A message `handed` as the messages that say what it means: of readings and of a listing. `is_watched(path,
    is_folder)` says of one that it counts whether it is seen to be used or not."""
    path = message["path"]
    if is_watched(path, message["folder"]):
        return
    if not message["folder"]:
        yield {**message, "type": "read"}
        return
    yield {**message, "type": "listing"}
    for entry in _files(path):
        try:
            status = os.stat(entry)
        except OSError:
            continue
        # Changed since the child was started: what it has read is not known.
        mtime_ns = status.st_mtime_ns if status.st_ctime_ns < message["at_ns"] else 0
        times = {"mtime_ns": mtime_ns, "ctime_ns": status.st_ctime_ns}
        if stat.S_ISREG(status.st_mode):
            yield {**message, "type": "read", "path": entry, "size": status.st_size, **times}


def _files(folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in sorted(os.listdir(folder))[:_MOST]]  # noqa: PTH208
    except OSError:
        return []
