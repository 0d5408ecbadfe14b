"""Commands that run another command: ``env``, ``nice``, ``uv run`` and the like, and where the other one begins.

Runs in the supervisor. Nothing is started; an option that is not in the table is taken to have no value, and a mistake
makes the command "other", which is safe.
"""

from __future__ import annotations

from hrsup.lean import NamedTuple

# These run what is named as it is; a runner puts its own environment's interpreter first on the PATH.
TRANSPARENT = frozenset({"nice", "nohup", "time", "ionice", "stdbuf", "taskset", "chrt"})


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


def skip_prefixes(argv: tuple[str, ...]) -> int | str:
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
