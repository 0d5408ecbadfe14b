"""What `hrsup run` is asked, and how it is begun: the same for both ways in. Runs in the supervisor."""
# ruff: noqa: PTH100, PTH109, PTH111, PTH112, PTH120 (importing pathlib costs the program 3 ms)

from __future__ import annotations

import os

from hrsup.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    Values = str | bool | tuple[str, ...]

FLAG, VALUE, MANY = "flag", "value", "many"


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
    Option(("--drain-timeout",), VALUE, "SECONDS", "How long a change waits for tasks in worker pools."),
    Option(("--polling",), FLAG, None, "Look at the files regularly instead of being notified."),
    Option(("--quiet",), FLAG, None, "Say nothing but warnings."),
    Option(("--verbose",), FLAG, None, "Say also what needed nothing."),
)


def run_command(options: dict[str, Values], command: tuple[str, ...]) -> int:
    """`hrsup run`: the exit status. Raises HrsupError."""
    from hrsup import config, session
    from hrsup.command import parse_command

    parsed = parse_command(command)
    project = project_of(parsed.script)
    return session.run(parsed, config.load(options, project, os.environ), project)


def project_of(script: str | None) -> str:
    """The folder that is watched and that keeps ``.hrsup/``: the current one, or the script's if that is elsewhere."""
    here = os.getcwd()
    if script is None:
        return here
    path = os.path.abspath(script)
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    is_below = os.path.commonpath((here, folder)) == here
    return here if is_below and here not in (os.path.expanduser("~"), "/") else folder
