"""Which Python interpreter a name, an executable or a script's first line stands for, and of which version it is.

Runs in the supervisor. At most one unknown interpreter is started, to ask for its version.
"""
# ruff: noqa: PTH109, PTH112, PTH113, PTH118, PTH119, PTH120, PTH123 (importing pathlib costs the program's start 3 ms)

from __future__ import annotations

import functools
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def is_interpreter(name: str) -> bool:
    """Is this the name of a CPython interpreter?"""
    name = name.rpartition("/")[2].removesuffix(".exe")
    version = name.removeprefix("python").removesuffix("d").removesuffix("t")
    return name.startswith("python") and (not version or _is_version(version))


def _is_version(text: str) -> bool:
    major, dot, minor = text.partition(".")
    return major.isdecimal() and (minor.isdecimal() or not dot)


# -- scripts that name their interpreter ----------------------------------------------------------------------------


def interpreter_of(path: str, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """The interpreter and flags in the first line of a script, as the kernel would take them."""
    try:
        with open(path, "rb") as file:
            first, second = file.readline(512), file.readline(512)
    except OSError:
        return None
    if not first.startswith(b"#!"):
        return None
    parts = os.fsdecode(first[2:]).strip().split(None, 1)
    if not parts:
        return None
    name = parts[0].rpartition("/")[2]
    if name == "env" and len(parts) == 2:
        words = parts[1].removeprefix("-S").split() if parts[1].startswith("-S") else [parts[1]]
        found = _which(words[0], environ.get("PATH")) if words and is_interpreter(words[0]) else None
        return (found, *words[1:]) if found is not None else None
    if name == "sh":
        found = _interpreter_of_stub(os.fsdecode(second), path)
        return (found,) if found is not None else None
    return tuple(parts) if is_interpreter(parts[0]) else None


def _interpreter_of_stub(line: str, path: str) -> str | None:
    """pip and uv write a shell line where a ``#!`` would be too long, or to make the environment relocatable."""
    import re

    match = re.match(r"""'''exec' (?P<q>"?)(?P<path>/.+?)(?P=q) "\$0" "\$@"$""", line.strip())
    if match:
        found = match["path"].replace("\\ ", " ")
    else:
        match = re.match(
            r"""'''exec' "\$\(dirname -- "\$\(realpath -- "\$0"\)"\)"/'(?P<name>[^']+)' "\$0" "\$@"$""", line
        )
        if not match:
            return None
        found = os.path.join(os.path.dirname(os.path.realpath(path)), match["name"])
    return found if is_interpreter(found) else None


def find_executable(name: str, environ: Mapping[str, str]) -> str | None:
    """The file that would be run, as it would be named to it; None if there is none."""
    if "/" in name:
        return name if os.access(name, os.X_OK) and os.path.isfile(name) else None
    return _which(name, environ.get("PATH", os.defpath))


def _which(name: str, path: str | None) -> str | None:
    """As ``shutil.which``, whose import would cost the program's start 5 ms."""
    if "/" in name:
        return name if os.access(name, os.X_OK) and not os.path.isdir(name) else None
    if path is None:
        path = os.environ.get("PATH") or os.defpath
    for folder in path.split(os.pathsep) if path else ():
        found = os.path.join(folder, name)
        if os.access(found, os.X_OK) and not os.path.isdir(found):
            return found
    return None


# -- versions -------------------------------------------------------------------------------------------------------


@functools.cache
def interpreter_version(path: str) -> tuple[int, int] | None:
    """(major, minor) of an interpreter; (0, 0) if it is not CPython; None if it cannot be told.

    Taken from the environment it belongs to, or from its name; else it is started once and asked.
    """
    try:
        folder = os.path.dirname(os.path.dirname(os.path.join(os.getcwd(), path)))
        with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        lines = []
    config = {key.strip().lower(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    if config.get("implementation", "CPython") != "CPython":
        return (0, 0)
    name = os.path.basename(os.path.realpath(path))
    known = config.get("version_info") or config.get("version") or name.removeprefix("python")
    return _version(known) or _ask_version(path)


def _version(text: str) -> tuple[int, int] | None:
    """What ``3.11`` or ``3.11.4`` or ``3.11-rc`` begins with."""
    major, dot, rest = text.partition(".")
    minor = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return (int(major), int(minor)) if major.isdecimal() and dot and minor else None


def _ask_version(path: str) -> tuple[int, int] | None:
    import re
    import subprocess

    code = "import sys; print('%s %d.%d' % ((sys.implementation.name,) + sys.version_info[:2]))"
    try:
        answer = subprocess.run(
            [path, "-I", "-S", "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"(\w+) (\d+)\.(\d+)", answer)
    if not match:
        return None
    return (int(match[2]), int(match[3])) if match[1] == "cpython" else (0, 0)
