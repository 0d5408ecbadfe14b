"""Of the library, what is handed on where it is not called, and keeps what it is given, whoever calls it. Pure.

Runs in the user's process. A method goes by its name, since nobody knows whose it is; a function by its module as well.
"""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload.known import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_METHODS = words(
    "append appendleft add extend extendleft insert setdefault update put put_nowait __setitem__ __setattr__ "
    "set set_result set_exception setLevel seed add_note"
)
_FUNCTIONS = {
    "heapq": words("heappush heapreplace heappushpop"),
    "bisect": words("insort insort_left insort_right"),
    "operator": words("setitem delitem iadd isub imul ior iand ixor iconcat"),
    "struct": words("pack_into"),
    "os": words(
        "write pwrite writev chdir fchdir putenv unsetenv umask truncate ftruncate mkdir makedirs rename renames "
        "replace symlink link utime chmod remove unlink rmdir setxattr removexattr"
    ),
    "shutil": words("copy copy2 copyfile copyfileobj copytree move rmtree"),
    "random": words("seed shuffle setstate"),
    "signal": words("signal setitimer alarm pthread_sigmask"),
    "sys": words("setrecursionlimit setswitchinterval settrace setprofile set_int_max_str_digits"),
    "threading": words("settrace setprofile stack_size"),
    "locale": words("setlocale"),
    "socket": words("setdefaulttimeout"),
    "logging": words("basicConfig disable addLevelName setLoggerClass setLogRecordFactory captureWarnings"),
    "warnings": words("filterwarnings simplefilter"),
    "gc": words("set_threshold"),
    "decimal": words("setcontext"),
    "resource": words("setrlimit"),
    "mimetypes": words("add_type"),
    "codecs": words("register register_error"),
    "csv": words("register_dialect"),
    "copyreg": words("pickle"),
    "sqlite3": words("register_adapter register_converter"),
    "gettext": words("textdomain bindtextdomain"),
}


def keeps(node: ast.Name | ast.Attribute, origins: Mapping[str, str], is_base: bool) -> str | None:
    """The name of what keeps something, if that is looked up here; None if it is nothing of that kind. `origins` says
    which modules imported names come from; `is_base`, that an attribute is looked up in it, as in a module."""
    if not isinstance(node.ctx, ast.Load):
        return None
    if isinstance(node, ast.Name) and is_base and origins.get(node.id) == node.id:
        return None
    if isinstance(node, ast.Name):
        module = origins.get(node.id, "")
        known = _FUNCTIONS.get(module, frozenset[str]())
        renamed = bool(known) and not is_base and not hasattr(sys.modules.get(module), node.id)
        return node.id if node.id in known or renamed else None
    if node.attr in _METHODS:
        return node.attr
    module = origins.get(node.value.id, "") if isinstance(node.value, ast.Name) else ""
    return node.attr if node.attr in _FUNCTIONS.get(module, ()) else None
