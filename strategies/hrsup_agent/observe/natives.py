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
    }
)
# Of the standard library: these open what they are given in C.
_UNSEEN_LIBRARY = frozenset({"_dbm", "_gdbm", "_tkinter"})
# Commands that libraries run to look at the machine; none reads a file of the user's.
_HARMLESS_COMMANDS = frozenset(
    {"lscpu", "uname", "ldconfig", "sysctl", "nproc", "hostname", "stty", "tput", "true", "sleep"}
)


def judge(name: str, path: str) -> str | None:
    """Of an extension module `name` loaded from `path`: ``"native"`` if it is the user's own, a reason if it may read
    files unseen, None if neither."""
    top = name.partition(".")[0]
    kind = places.kind_of(path)
    if kind == places.USERS:
        return "native"
    if kind == places.FOREIGN and top not in _SEEN and "__mypyc" not in path:
        return f"{top} is native code and may read files by itself"
    if kind == places.LIBRARY and top in _UNSEEN_LIBRARY:
        return f"{top} opens files in C"
    return None


def may_read(command: str) -> bool:
    """May this program (a path or a name) read files of the user's?"""
    return command.rpartition("/")[2] not in _HARMLESS_COMMANDS
