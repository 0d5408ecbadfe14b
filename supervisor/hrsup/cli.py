"""Where every `hrsup` command begins, in the supervisor: `hrsup run`, in its usual form, without waiting for click.

Importing click takes as long as starting Python three times over, and the program waits for it. So the options of `run`
are a plain table here; a command line that can be read off it is run at once. Everything else (another command, help, a
mistake) goes to `hrsup.commands`, which makes click's options from the same table.
"""
# ruff: noqa: PTH100, PTH109, PTH111, PTH112, PTH120 (importing pathlib costs the program 3 ms)

from __future__ import annotations

import os
import sys

from hrsup.errors import HrsupError
from hrsup.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    Values = str | bool | tuple[str, ...]

FLAG, VALUE, MANY = "flag", "value", "many"
_ABORTED = 128 + 2


class Option(NamedTuple):
    """An option of `hrsup run`. `kind`: FLAG, VALUE (one) or MANY (may be given again). The first of `names` is the
    long one, and without its dashes the name in `hrsup.config`."""

    names: tuple[str, ...]
    kind: str
    metavar: str | None
    help: str


RUN_OPTIONS = (
    Option(("--strategy", "-s"), VALUE, "NAME", "Try this strategy first: auto, data, reload, workers, ..."),
    Option(("--no-escalate",), FLAG, None, "A refused or failed strategy ends the change."),
    Option(("--mode",), VALUE, "MODE", "auto, batch (ends by itself) or service (keeps running)."),
    Option(("--watch",), MANY, "PATH", "Watch this too."),
    Option(("--ignore",), MANY, "GLOB", "Never react to these."),
    Option(("--once",), FLAG, None, "Run once, without watching; the program's own exit status."),
    Option(("--events",), VALUE, "FILE", "Write events as JSON Lines; - is standard error."),
    Option(("--stop-timeout",), VALUE, "SECONDS", "How long a program may take to stop before it is killed."),
    Option(("--stop-signal",), VALUE, "NAME", "The signal that asks it to stop (TERM)."),
    Option(("--polling",), FLAG, None, "Look at the files regularly instead of being notified."),
    Option(("--quiet",), FLAG, None, "Say nothing but warnings."),
    Option(("--verbose",), FLAG, None, "Say also what needed nothing."),
)


def main(prog_name: str | None = None) -> None:
    """The command `hrsup`; ends the process."""
    words = sys.argv[1:]
    read = read_run(words[1:]) if words[:1] == ["run"] and "_HRSUP_COMPLETE" not in os.environ else None
    if read is not None:
        _run_at_once(*read)
    from hrsup import commands

    commands.main(prog_name=prog_name)


def read_run(words: Sequence[str]) -> tuple[dict[str, Values], tuple[str, ...]] | None:
    """The options, by name, and the command of `hrsup run WORDS`; None if there is anything that is not plain."""
    options: dict[str, Values] = {}
    by_name = {name: option for option in RUN_OPTIONS for name in option.names}
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        name, equals, value = words[at].partition("=")
        option = by_name.get(name)
        at += 1
        if option is None or (equals and (option.kind == FLAG or not name.startswith("--"))):
            return None
        if option.kind != FLAG and not equals:
            if at == len(words) or (words[at].startswith("-") and words[at] != "-"):
                return None
            value = words[at]
            at += 1
        key = option.names[0].removeprefix("--")
        before = options.get(key, ())
        if option.kind == MANY:
            options[key] = (*before, value) if isinstance(before, tuple) else (value,)
        else:
            options[key] = option.kind == FLAG or value
    command = tuple(words[at + 1 :] if at < len(words) and words[at] == "--" else words[at:])
    return (options, command) if command else None


def run_command(options: dict[str, Values], command: tuple[str, ...]) -> int:
    """`hrsup run`: the exit status. Raises HrsupError."""
    from hrsup import config, session
    from hrsup.command import parse_command

    parsed = parse_command(command)
    project = project_of(parsed.script)
    return session.run(parsed, config.load(options, project, os.environ), project)


def _run_at_once(options: dict[str, Values], command: tuple[str, ...]) -> NoReturn:
    """The same boundary of errors as in `hrsup.commands`."""
    try:
        status = run_command(options, command)
    except HrsupError as error:
        print(f"hrsup: {error}", file=sys.stderr)
        status = error.exit_status
    except KeyboardInterrupt:
        status = _ABORTED
    sys.exit(status)


def project_of(script: str | None) -> str:
    """The folder that is watched and that keeps ``.hrsup/``: the current one, or the script's if that is elsewhere."""
    here = os.getcwd()
    if script is None:
        return here
    path = os.path.abspath(script)
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    is_below = os.path.commonpath((here, folder)) == here
    return here if is_below and here not in (os.path.expanduser("~"), "/") else folder
