"""Names in /dev/shm that ended processes of the program have left there.

Runs in the supervisor and in the guardian, after the last process of the program has ended. Resource trackers unlink
what they were told of; what a process had just made when it was killed, and joblib's folders that were made anew after
they had been forgotten, nobody knows of. loky and joblib put the pid of the maker into the name.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_FOLDER = "/dev/shm"
_MADE_BY = re.compile(r"(?:sem\.loky-|joblib_memmapping_folder_)(\d+)[-_]")


def unlink_left(pids: Collection[int]) -> None:
    """Remove what these processes have left, unless there is a process with such a pid."""
    names: list[str] = []
    with suppress(OSError):
        names = os.listdir(_FOLDER)  # noqa: PTH208 (importing pathlib costs the program's start 3 ms)
    for name in names:
        made_by = _MADE_BY.match(name)
        if made_by is not None and int(made_by[1]) in pids and not os.path.exists(f"/proc/{made_by[1]}"):  # noqa: PTH110
            _remove(f"{_FOLDER}/{name}")


def _remove(path: str) -> None:
    try:
        os.unlink(path)  # noqa: PTH108
    except IsADirectoryError:
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    except OSError:
        pass  # somebody else's
