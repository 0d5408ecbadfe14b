"""Of the library, what is handed on where it is not called, and keeps what it is given, whoever calls it. Pure.

Runs in the user's process. A method goes by its name, since nobody knows whose it is; a function by its module as well.
"""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_METHODS = _words(
    "append appendleft add extend extendleft insert setdefault update put put_nowait __setitem__ __setattr__ "
    "set set_result set_exception setLevel seed add_note"
)
_FUNCTIONS = {
    "heapq": _words("heappush heapreplace heappushpop"),
    "bisect": _words("insort insort_left insort_right"),
    "operator": _words("setitem delitem iadd isub imul ior iand ixor iconcat"),
    "struct": _words("pack_into"),
    "os": _words(
        "write pwrite writev chdir fchdir putenv unsetenv umask truncate ftruncate mkdir makedirs rename renames "
        "replace symlink link utime chmod remove unlink rmdir setxattr removexattr"
    ),
    "shutil": _words("copy copy2 copyfile copyfileobj copytree move rmtree"),
    "random": _words("seed shuffle setstate"),
    "signal": _words("signal setitimer alarm pthread_sigmask"),
    "sys": _words("setrecursionlimit setswitchinterval settrace setprofile set_int_max_str_digits"),
    "threading": _words("settrace setprofile stack_size"),
    "locale": _words("setlocale"),
    "socket": _words("setdefaulttimeout"),
    "logging": _words("basicConfig disable addLevelName setLoggerClass setLogRecordFactory captureWarnings"),
    "warnings": _words("filterwarnings simplefilter"),
    "gc": _words("set_threshold"),
    "decimal": _words("setcontext"),
    "resource": _words("setrlimit"),
    "mimetypes": _words("add_type"),
    "codecs": _words("register register_error"),
    "csv": _words("register_dialect"),
    "copyreg": _words("pickle"),
    "sqlite3": _words("register_adapter register_converter"),
    "gettext": _words("textdomain bindtextdomain"),
}


def keeps(node: ast.Name | ast.Attribute, origins: Mapping[str, str]) -> str | None:
    """The name of what keeps something, if that is looked up here; None if it is nothing of that kind. `origins` says
    which modules imported names come from."""
    if not isinstance(node.ctx, ast.Load):
        return None
    if isinstance(node, ast.Name):
        return node.id if node.id in _FUNCTIONS.get(origins.get(node.id, ""), ()) else None
    if node.attr in _METHODS:
        return node.attr
    module = origins.get(node.value.id, "") if isinstance(node.value, ast.Name) else ""
    return node.attr if node.attr in _FUNCTIONS.get(module, ()) else None
