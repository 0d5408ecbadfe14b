"""Where every `hrsup` command begins, in the supervisor: `hrsup run`, in its usual form, without waiting for click.

Importing click takes as long as starting Python three times over, and the program waits for it. So the options of `run`
are a plain table (`hrsup.invocation`); a command line that can be read off it is run at once. Everything else (another
command, help, a mistake) goes to `hrsup.commands`, which makes click's options from the same table.
"""

from __future__ import annotations

import os
import sys

from hrsup.errors import HrsupError
from hrsup.invocation import FLAG, MANY, RUN_OPTIONS, run_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from hrsup.invocation import Values

_ABORTED = 128 + 2


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
