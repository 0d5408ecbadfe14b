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
_AST = os.path.dirname(_LINECACHE) + "/ast.py"
_CTYPES = os.path.dirname(_LINECACHE) + "/ctypes/"
_SHUTIL = os.path.dirname(_LINECACHE) + "/shutil.py"
_INSPECT = os.path.dirname(_LINECACHE) + "/inspect.py"
_STRATEGIES = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + "/hrsup_strategies/"

# Who lists the folders of ``sys.path`` to find the metadata of installed packages, whose names have their own endings.
_METADATA = frozenset(
    {("importlib.metadata", "children"), ("importlib_metadata", "children"), ("pkg_resources", "safe_listdir")}
)
# Who looks where a function begins, to say so with an error (see ``asgi.forget_places``).
_PLACES = frozenset({("fastapi.routing", "_extract_endpoint_context")})

_users: dict[str, bool] = {}


def site_of(frame: FrameType | None) -> str:
    """The nearest line of the user's below `frame`, as ``file:line``; empty if there is none."""
    while frame is not None:
        name = frame.f_code.co_filename
        if _is_users(name) or (name == "<string>" and frame.f_globals.get("__name__") == "__main__"):
            return f"{_absolute(name)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def _absolute(name: str) -> str:
    return name if name[:1] in "/<" else os.path.abspath(name)


def _is_users(name: str) -> bool:
    known = _users.get(name)
    if known is None:
        known = _users[name] = places.is_users(name)
    return known


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Modules of the standard library, and packages, that open files for their callers and keep nothing of what is in them.
_DIRECT_MODULES = _words(
    """_compression _pyio base64 bz2 codecs configparser contextlib csv email fnmatch functools genericpath glob gzip
 hashlib importlib.resources io json lzma mmap os pathlib pickle plistlib posixpath shutil tarfile tokenize tomllib
 xml zipfile hrsup_agent abc typing encodings importlib.readers importlib.abc compression"""
)
_DIRECT_PACKAGES = _words("numpy orjson pandas simplejson toml tomli ujson yaml")


def is_direct(frame: FrameType | None) -> bool:
    """Is there only code that is known to keep nothing between `frame` and the nearest line of the user's?"""
    while frame is not None:
        name = frame.f_code.co_filename
        if _is_users(name) or name == "<string>":
            return True
        module = str(frame.f_globals.get("__name__", ""))
        top = module.partition(".")[0]
        if top not in _DIRECT_PACKAGES and top not in _DIRECT_MODULES:
            bare = ".".join(module.split(".")[:2])
            # The import system reads data through its loaders; what it imports meanwhile is not of this line.
            if bare not in _DIRECT_MODULES and not name.startswith("<frozen"):
                return False
        frame = frame.f_back
    return False


def stack_of(frame: FrameType | None) -> list[tuple[str, str, int, str]]:
    """The user's part of the stack, innermost first: file, function, line and the module's name of each level."""
    found = []
    while frame is not None:
        code = frame.f_code
        if _users.get(code.co_filename) or (code.co_filename not in _users and places.is_users(code.co_filename)):
            name = str(frame.f_globals.get("__name__", ""))
            found.append((os.path.abspath(code.co_filename), code.co_name, frame.f_lineno, name))
        frame = frame.f_back
    return found


def is_import(frame: FrameType) -> bool:
    """Is it the import system itself that opens or lists, to find or load a module or what is said of a package, or a
    strategy that looks at one?"""
    code = frame.f_code
    if code.co_filename == _AST and frame.f_back is not None:
        code = frame.f_back.f_code  # for the line of a syntax error the parser opens the file
    if code.co_filename != _IMPORTLIB:
        is_metadata = (frame.f_globals.get("__name__"), code.co_name) in _METADATA
        return is_metadata or code.co_filename.startswith(_STRATEGIES)
    # pkgutil.get_data and importlib.resources read data through the loader as well
    return code.co_name != "get_data" or (frame.f_back is not None and frame.f_back.f_code.co_name == "get_code")


def caller_of_ctypes(frame: FrameType | None) -> str:
    """The file of the code that has ctypes load something, of which `frame` is a part; "" if there is none."""
    while frame is not None and frame.f_code.co_filename.startswith(_CTYPES):
        frame = frame.f_back
    return "" if frame is None else _absolute(frame.f_code.co_filename)


def is_removal(frame: FrameType) -> bool:
    """Does ``shutil.rmtree`` open a folder (or what it takes for one), to remove what is in it?"""
    return frame.f_code.co_filename == _SHUTIL and frame.f_code.co_name.startswith("_rmtree_safe_fd")


def is_traceback(frame: FrameType | None) -> bool:
    """Is a source line fetched, or its number, to be shown with an error or a warning? ``inspect.getsource`` is the
    program's doing."""
    depth, found, inspected = 0, False, False
    while frame is not None and depth < 12:
        name = frame.f_code.co_filename
        if name == _LINECACHE:
            found = True
        elif name == _INSPECT and found:
            inspected = True
        elif inspected:
            return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _PLACES
        elif not found and depth > 3:
            return False
        frame, depth = frame.f_back, depth + 1
    return found and not inspected


def caller(depth: int) -> FrameType | None:
    """The frame `depth` above the caller's, or None."""
    try:
        return sys._getframe(depth + 1)
    except ValueError:
        return None


def is_script_of_worker(frame: FrameType | None) -> bool:
    """Does a worker that is a new interpreter look into the script, to run it as ``__mp_main__``? `module` says so."""
    while frame is not None and not _is_users(frame.f_code.co_filename):
        if frame.f_code.co_name == "_fixup_main_from_path":
            return True
        frame = frame.f_back
    return False
