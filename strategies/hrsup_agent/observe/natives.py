"""Native code: which of it may read files that Python's audit events do not show. Pure but for the paths it looks at.

Runs in the user's process. An extension module opens files either through Python, which is seen, or by itself, which is
not. Which one cannot be told from outside, so only a list of packages that are known to go through Python is trusted.
"""

from __future__ import annotations

from hrsup_agent.observe import places

# Top-level packages whose extension modules read files through Python, or read none.
_SEEN = frozenset(
    {
        "numpy",
        "pandas",
        "scipy",
        "sklearn",
        "yaml",
        "_yaml",
        "joblib",
        "loky",
        "cloudpickle",
        "psutil",
        "markupsafe",
        "simplejson",
        "ujson",
        "orjson",
        "msgpack",
        "regex",
        "statsmodels",
        "patsy",
        "numexpr",
        "bottleneck",
        "matplotlib",
        "kiwisolver",
        "contourpy",
        "pydantic_core",
        "rpds",
        "watchfiles",
        "wrapt",
        "lazy_object_proxy",
        "coverage",
        "tornado",
        "multidict",
        "yarl",
        "frozenlist",
        "propcache",
        "aiohttp",
        "websockets",
        "httptools",
        "uvloop",
        "charset_normalizer",
        "greenlet",
        "zmq",
        "zstandard",
        "lz4",
        "brotli",
        "_brotli",
        "xxhash",
        "bcrypt",
        "sqlalchemy",
        "cython",
        "Cython",
        "tomli",
        "ruamel",
        "_ruamel_yaml",
        "jiter",
        "msgspec",
        "rapidfuzz",
        "Levenshtein",
        "hiredis",
        "skimage",
        "networkx",
        "threadpoolctl",
        "llvmlite",
        "numba",
        "distributed",
        "dask",
        "tqdm",
    }
)
# Of the standard library: these open what they are given in C.
_UNSEEN_LIBRARY = frozenset({"_dbm", "_gdbm", "_tkinter"})
# Commands that libraries run to look at the machine; none reads a file of the user's.
_HARMLESS_COMMANDS = frozenset(
    {"lscpu", "uname", "ldconfig", "sysctl", "nproc", "hostname", "stty", "tput", "true", "sleep"}
)


def unseen(name: str, path: str) -> str | None:
    """Why an extension module `name` loaded from `path` may read files unseen; None if it does not."""
    top, kind = name.partition(".")[0], places.kind_of(path)
    if kind == places.USERS:
        return _by_itself(name)
    if kind == places.FOREIGN and top not in _SEEN and "__mypyc" not in path:
        return _by_itself(top)
    if kind == places.LIBRARY and top in _UNSEEN_LIBRARY:
        return f"{top} opens files in C"
    return None


def unseen_through_ctypes(path: str, caller: str) -> str | None:
    """The same for a shared library that code of the file `caller` loads: from `path`, or by a name that the system's
    loader finds; "" is all that is loaded already."""
    if "/" in path and places.is_data(path):
        return _by_itself(path.rpartition("/")[2])
    kind = places.kind_of(path) if path.startswith("/") else places.USERS
    package = _package_of(path if kind == places.FOREIGN else caller)
    if kind in (places.LIBRARY, places.OWN) or package in _SEEN:
        return None
    if package is None and not places.is_users(caller):
        return None  # Python's own
    what = path.rpartition("/")[2] or "the C library"
    return f"{what} is called through ctypes{f' by {package}' if package else ''} and may read files by itself"


def _by_itself(what: str) -> str:
    return f"{what} is native code and may read files by itself"


def _package_of(path: str) -> str | None:
    """The top-level package of third party that a file belongs to; None if it belongs to none."""
    if places.kind_of(path) != places.FOREIGN:
        return None
    inside = path.replace("/dist-packages/", "/site-packages/").rpartition("/site-packages/")[2]
    return inside.partition("/")[0].removesuffix(".py").removesuffix(".libs")


def may_read(command: str) -> bool:
    """May this program (a path or a name) read files of the user's?"""
    return command.rpartition("/")[2] not in _HARMLESS_COMMANDS
