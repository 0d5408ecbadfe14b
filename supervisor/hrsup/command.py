"""Reading a command line: is it Python, and where is the agent put in?

Runs in the supervisor. `hrsup.prefixes` says where the command proper begins, `hrsup.interpreter` what it is. Where we
cannot be sure, the answer is "other": the program is then run as it is, and restarted after a change.
"""

from __future__ import annotations

import os

from hrsup.interpreter import find_executable, interpreter_of, interpreter_version, is_interpreter
from hrsup.lean import NamedTuple
from hrsup.prefixes import TRANSPARENT, skip_prefixes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PYTHON, OTHER = "python", "other"
MINIMUM_VERSION = (3, 11)

_FLAGS = frozenset("bBdEhiIOPqsStuvVx?")
_FLAGS_WITH_VALUE = frozenset("WX")


class Command(NamedTuple):
    """A command that was read. `kind` is ``python`` or ``other``; `reason` says why it is other; `script` is the path
    of the script, folder or zip file as it was given, if there is one.

    `head` is what stays before the agent (prefix, interpreter, its flags), `target` what the agent is to run.
    """

    kind: str
    argv: tuple[str, ...]
    script: str | None = None
    reason: str | None = None
    head: tuple[str, ...] = ()
    target: tuple[str, ...] = ()

    def with_agent(self, bootstrap: str, link: str) -> list[str]:
        """The argv that runs this command under the agent. Raises ValueError if it is not Python."""
        if self.kind != PYTHON:
            raise ValueError(self.reason)
        return [*self.head, bootstrap, link, "--", *self.target]


def parse_command(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> Command:
    """Read a command line; `environ` (by default ours) has the PATH that it would be looked up on."""
    environ = os.environ if environ is None else environ
    argv = tuple(argv)
    start = skip_prefixes(argv)
    if isinstance(start, str):
        return Command(OTHER, argv, reason=start)
    if is_interpreter(argv[start]):
        command = _parse_interpreter(argv, start)
        return command if command.kind == OTHER else _check_version(command, start, environ)
    if start:
        return Command(OTHER, argv, reason=f"{argv[start]} after {argv[0]} is not a Python interpreter")
    return _parse_executable(argv, environ)


def _parse_executable(argv: tuple[str, ...], environ: Mapping[str, str]) -> Command:
    path = find_executable(argv[0], environ)
    if path is None:
        return Command(OTHER, argv, reason=f"{argv[0]} was not found")
    head = interpreter_of(path, environ)
    if head is None:
        return Command(OTHER, argv, reason=f"{argv[0]} is not a Python program")
    command = _parse_interpreter((*head, path, *argv[1:]), 0)
    if command.kind == OTHER or command.script != path:
        return Command(OTHER, argv, reason=command.reason or f"the first line of {argv[0]} has options of its own")
    return _check_version(command._replace(argv=argv), 0, environ)


def _check_version(command: Command, start: int, environ: Mapping[str, str]) -> Command:
    if start and command.head[0].rpartition("/")[2] not in TRANSPARENT:
        return command
    path = find_executable(command.head[start], environ)
    version = None if path is None else interpreter_version(path)
    if version is not None and version < MINIMUM_VERSION:
        found = ".".join(map(str, version)) if version > (0, 0) else "something else"
        reason = f"{command.head[start]} is {found}; the agent needs CPython 3.11 or newer"
        return Command(OTHER, command.argv, script=command.script, reason=reason)
    return command


# -- the interpreter's own options ----------------------------------------------------------------------------------


def _parse_interpreter(argv: tuple[str, ...], start: int) -> Command:
    """`argv[start]` is an interpreter; its options are read as CPython's own getopt does."""
    at = start + 1
    while at < len(argv) and argv[at].startswith("-") and argv[at] != "-":
        token = argv[at]
        if token == "--":
            return _script(argv, argv[:at], at + 1)
        if token.startswith("--"):
            if token != "--check-hash-based-pycs":
                return Command(OTHER, argv, reason=f"{token} runs no program")
            at += 2
            continue
        flags, end, rest = _split_cluster(token[1:])
        if end in ("c", "m"):
            return _final_option(argv, at, flags, end, rest)
        if end in ("h", "V", "?", "x") or end not in ("", *_FLAGS_WITH_VALUE):
            reason = "-x would skip a line of the agent" if end == "x" else f"-{end} runs no program"
            return Command(OTHER, argv, reason=reason)
        at += 2 if end and not rest else 1
    return _script(argv, argv[:at], at)


def _split_cluster(cluster: str) -> tuple[str, str, str]:
    """The simple flags at the front of ``bBm``, the letter that ends them if any, and what follows that letter."""
    for index, letter in enumerate(cluster):
        if letter not in _FLAGS or letter in "hVx?":
            return cluster[:index], letter, cluster[index + 1 :]
    return cluster, "", ""


def _final_option(argv: tuple[str, ...], at: int, flags: str, letter: str, value: str) -> Command:
    head = argv[:at] + ((f"-{flags}",) if flags else ())
    rest = argv[at + 1 :] if not value else (value, *argv[at + 1 :])
    if not rest:
        return Command(OTHER, argv, reason=f"-{letter} needs a value")
    return Command(PYTHON, argv, head=head, target=(f"-{letter}", *rest))


def _script(argv: tuple[str, ...], head: tuple[str, ...], at: int) -> Command:
    if at >= len(argv) or argv[at] == "-":
        return Command(OTHER, argv, reason="the program comes from standard input")
    return Command(PYTHON, argv, script=argv[at], head=head, target=argv[at:])
