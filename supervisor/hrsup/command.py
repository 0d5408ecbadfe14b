"""Reading a command line: is it Python, and where is the agent put in?

Runs in the supervisor. Nothing is started but, at most, one unknown interpreter to ask for its version. Where we cannot
be sure, the answer is "other": the program is then run as it is, and restarted after a change.
"""
# ruff: noqa: PTH109, PTH112, PTH113, PTH118, PTH119, PTH120, PTH123 (importing pathlib costs the program's start 3 ms)

from __future__ import annotations

import functools
import os

from hrsup.lean import NamedTuple

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
    start = _skip_prefixes(argv)
    if isinstance(start, str):
        return Command(OTHER, argv, reason=start)
    if is_interpreter(argv[start]):
        command = _parse_interpreter(argv, start)
        return command if command.kind == OTHER else _check_version(command, start, environ)
    if start:
        return Command(OTHER, argv, reason=f"{argv[start]} after {argv[0]} is not a Python interpreter")
    return _parse_executable(argv, environ)


def is_interpreter(name: str) -> bool:
    """Is this the name of a CPython interpreter?"""
    name = name.rpartition("/")[2].removesuffix(".exe")
    version = name.removeprefix("python").removesuffix("d").removesuffix("t")
    return name.startswith("python") and (not version or _is_version(version))


def _is_version(text: str) -> bool:
    major, dot, minor = text.partition(".")
    return major.isdecimal() and (minor.isdecimal() or not dot)


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


# -- prefixes -------------------------------------------------------------------------------------------------------


class _Prefix(NamedTuple):
    """A command that runs another. `words`: subcommands that must follow; `values`: options that take the next token as
    their value; `skip`: how many plain arguments come before the command; `assigns`: NAME=VALUE may come before it;
    `chooses`: options after which we cannot tell what is run."""

    words: tuple[str, ...] = ()
    values: frozenset[str] = frozenset()
    skip: int = 0
    assigns: bool = False
    chooses: str | None = None


def _values(text: str) -> frozenset[str]:
    return frozenset(text.split())


_A_PID = r"-\w*p|--pid"
_CONDA = _Prefix(("run",), _values("-n --name -p --prefix --cwd"))
_PREFIXES = {
    "env": _Prefix(
        values=_values("-u --unset -C --chdir"), assigns=True, chooses=r"-[iv0]*S|--split-string|-C|--chdir"
    ),
    "nice": _Prefix(values=_values("-n --adjustment")),
    "nohup": _Prefix(),
    "time": _Prefix(values=_values("-f --format -o --output")),
    "ionice": _Prefix(values=_values("-c --class -n --classdata"), chooses=_A_PID),
    "taskset": _Prefix(skip=1, chooses=_A_PID),
    "chrt": _Prefix(skip=1, chooses=_A_PID),
    "stdbuf": _Prefix(values=_values("-i --input -o --output -e --error")),
    "uv": _Prefix(
        ("run",),
        _values(
            "--extra --no-extra --group --no-group --only-group --env-file --with --with-editable --with-requirements"
            " --package --index --default-index -i --index-url --extra-index-url -f --find-links -P --upgrade-package"
            " --reinstall-package --index-strategy --keyring-provider --resolution --prerelease --fork-strategy"
            " --exclude-newer -C --config-setting --no-build-isolation-package --link-mode --no-build-package"
            " --no-binary-package --refresh-package --cache-dir -p --python --directory --project --config-file"
            " --color --allow-insecure-host --python-platform -w --python-preference"
        ),
        chooses=r"(-m|--module|-s|--script|--gui-script)$",
    ),
    "poetry": _Prefix(("run",), _values("-C --directory -P --project")),
    "pdm": _Prefix(("run",), _values("-p --project --venv -c --config")),
    "pipenv": _Prefix(("run",), _values("--python --pypi-mirror")),
    "conda": _CONDA,
    "mamba": _CONDA,
    "micromamba": _Prefix(("run",), _values("-n --name -p --prefix --cwd -r --root-prefix -e --env -a --attach")),
    "hatch": _Prefix(("run",), _values("-e --env -p --project --data-dir --cache-dir --config")),
    "rye": _Prefix(("run",), _values("--pyproject")),
    "pixi": _Prefix(("run",), _values("-e --environment --manifest-path --color")),
}


def _skip_prefixes(argv: tuple[str, ...]) -> int | str:
    """The index of the command proper, or why it cannot be found."""
    at = 0
    while at < len(argv):
        prefix = _prefix(argv[at])
        if prefix is None:
            return at
        after = _skip_prefix(prefix, argv, at)
        if isinstance(after, str):
            return after
        at = after
    return f"there is no command after {argv[0]}" if argv else "there is no command"


def _skip_prefix(prefix: _Prefix, argv: tuple[str, ...], start: int) -> int | str:
    """An option that is not in the table is taken to have no value: a mistake makes the command "other", safe."""
    words, skip = list(prefix.words), prefix.skip
    at = start + 1
    while at < len(argv):
        token = argv[at]
        if prefix.chooses is not None and _matches(prefix.chooses, token):
            return f"with {token} {argv[start]} chooses the program by itself"
        if token == "--" and not words:
            return at + 1
        if token.startswith("-"):
            at += 2 if token in prefix.values else 1
        elif prefix.assigns and "=" in token:
            at += 1
        elif words:
            if token != words.pop(0):
                return f"{argv[start]} {token} is not known to run an interpreter"
            at += 1
        elif skip:
            skip -= 1
            at += 1
        else:
            return at
    return at


def _matches(pattern: str, token: str) -> bool:
    import re  # loaded only when there is a prefix; the program waits for us

    return re.match(pattern, token) is not None


def _prefix(name: str) -> _Prefix | None:
    return _PREFIXES.get(name.rpartition("/")[2])


# -- scripts that name their interpreter ----------------------------------------------------------------------------


def _parse_executable(argv: tuple[str, ...], environ: Mapping[str, str]) -> Command:
    path = find_executable(argv[0], environ)
    if path is None:
        return Command(OTHER, argv, reason=f"{argv[0]} was not found")
    head = _interpreter_of(path, environ)
    if head is None:
        return Command(OTHER, argv, reason=f"{argv[0]} is not a Python program")
    command = _parse_interpreter((*head, path, *argv[1:]), 0)
    if command.kind == OTHER or command.script != path:
        return Command(OTHER, argv, reason=command.reason or f"the first line of {argv[0]} has options of its own")
    return _check_version(command._replace(argv=argv), 0, environ)


def _interpreter_of(path: str, environ: Mapping[str, str]) -> tuple[str, ...] | None:
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


def _check_version(command: Command, start: int, environ: Mapping[str, str]) -> Command:
    if start and command.head[0].rpartition("/")[2] not in (
        "nice",
        "nohup",
        "time",
        "ionice",
        "stdbuf",
        "taskset",
        "chrt",
    ):
        return command  # a runner puts its own environment's interpreter first on the PATH
    path = find_executable(command.head[start], environ)
    version = None if path is None else interpreter_version(path)
    if version is not None and version < MINIMUM_VERSION:
        found = ".".join(map(str, version)) if version > (0, 0) else "something else"
        reason = f"{command.head[start]} is {found}; the agent needs CPython 3.11 or newer"
        return Command(OTHER, command.argv, script=command.script, reason=reason)
    return command


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
