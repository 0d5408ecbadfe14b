"""Where in the user's code are we? Runs in the user's process, inside audit events; owns nothing.

These look at the live stack, for every file that is opened, so they are written for speed.
"""

from __future__ import annotations

import os
import sys

from hrsup_agent.observe import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_IMPORTLIB = "<frozen importlib._bootstrap_external>"
_LINECACHE = os.path.dirname(os.path.abspath(os.__file__)) + "/linecache.py"
_SHUTIL = os.path.dirname(_LINECACHE) + "/shutil.py"
_INSPECT = os.path.dirname(_LINECACHE) + "/inspect.py"
_STRATEGIES = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + "/hrsup_strategies/"

_users: dict[str, bool] = {}


def site_of(frame: FrameType | None) -> str:
    """The nearest line of the user's below `frame`, as ``file:line``; empty if there is none."""
    while frame is not None:
        name = frame.f_code.co_filename
        known = _users.get(name)
        if known is None:
            known = _users[name] = places.is_users(name)
        if known or (name == "<string>" and frame.f_globals.get("__name__") == "__main__"):
            return f"{name if name[0] in '/<' else os.path.abspath(name)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def is_import(frame: FrameType) -> bool:
    """Is it the import system itself that opens or lists, to find or load a module, or a strategy that looks at one?"""
    code = frame.f_code
    if code.co_filename != _IMPORTLIB:
        return code.co_filename.startswith(_STRATEGIES)
    # pkgutil.get_data and importlib.resources read data through the loader as well
    return code.co_name != "get_data" or (frame.f_back is not None and frame.f_back.f_code.co_name == "get_code")


def is_removal(frame: FrameType) -> bool:
    """Does ``shutil.rmtree`` open a folder (or what it takes for one), to remove what is in it?"""
    return frame.f_code.co_filename == _SHUTIL and frame.f_code.co_name.startswith("_rmtree_safe_fd")


def is_traceback(frame: FrameType | None) -> bool:
    """Is a source line fetched to be shown with an error or a warning? ``inspect.getsource`` is the program's doing."""
    depth, found = 0, False
    while frame is not None and depth < 12:
        name = frame.f_code.co_filename
        if name == _LINECACHE:
            found = True
        elif name == _INSPECT if found else depth > 3:
            return False
        frame, depth = frame.f_back, depth + 1
    return found


def caller(depth: int) -> FrameType | None:
    """The frame `depth` above the caller's, or None."""
    try:
        return sys._getframe(depth + 1)
    except ValueError:
        return None
