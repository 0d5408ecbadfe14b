"""Which files a command names that the program starts. Runs in the user's process; looks at the paths, owns nothing.

What the child reads is not seen. Inside of the project that does no harm, since every file there is watched; a file
elsewhere is only watched if somebody names it, and here the program does. What the child finds by itself (a name in a
configuration, a default) stays unknown.
"""

from __future__ import annotations

import os
import re
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A shell's words, without what it makes of quotes, redirections and assignments.
_WORD = re.compile(r"""[^\s'"`;|&<>()=,]+""")
_WILD = re.compile(r"[*?\[]")
_LONGEST = 4096  # characters; no path has more


def named_paths(words: Iterable[str], folder: str | None) -> Iterator[str]:
    """The existing files that these words name, started in `folder` (None: the working folder), and the folders whose
    entries they name. A folder in which everybody writes names nothing."""
    for word in words:
        for part in {word, *_WORD.findall(word)}:
            if "/" not in part or "\0" in part or len(part) > _LONGEST:
                continue
            path = _top(os.path.abspath(os.path.join(folder or "", os.path.expanduser(part))))
            if path is not None:
                yield path


def _top(path: str) -> str | None:
    """What is there of this path, up to its first wildcard."""
    wild = _WILD.search(path)
    top = path if wild is None else path[: wild.start()].rpartition("/")[0]
    try:
        mode = os.stat(top).st_mode
    except OSError:
        return None
    names_all = stat.S_ISDIR(mode) and (mode & stat.S_ISVTX or top in ("", "/", os.path.expanduser("~")))
    return None if names_all else top
