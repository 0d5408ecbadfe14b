"""The one home of options and their defaults: ``[tool.hrsup]``, ``HRSUP_*``, command line, each over the one before.

Runs in the supervisor. A wrong name or value in any of the three is one clear line with the nearest right name.
"""

from __future__ import annotations

from hrsup.errors import UsageError
from hrsup.lean import NamedTuple, signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

MODES = ("auto", "batch", "service")


class Config(NamedTuple):
    """What `hrsup run` was asked to do. Times are in seconds."""

    strategy: str = "auto"
    escalate: bool = True
    mode: str = "auto"
    watch: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    once: bool = False
    events: str | None = None
    stop_timeout_s: float = 5.0
    stop_signal: int = int(signal.SIGTERM)
    drain_timeout_s: float = 5.0
    polling: bool = False
    quiet: bool = False
    verbose: bool = False


class _Option(NamedTuple):
    field: str
    convert: Any  # (value: object, where: str) -> converted value; raises UsageError


def load(command_line: Mapping[str, object], project: str, environ: Mapping[str, str]) -> Config:
    """The options in force for `project`.

    `command_line` holds only what was given there, by option name ("stop-timeout"). Raises UsageError for an unknown
    name or a wrong value, saying where it stands.
    """
    fields: dict[str, object] = {}
    for name, value in _pyproject(project).items():
        _set(fields, name, value, "[tool.hrsup] in pyproject.toml")
    for variable, value in environ.items():
        if variable.startswith("HRSUP_"):
            _set(fields, variable.removeprefix("HRSUP_").lower().replace("_", "-"), value, variable)
    for name, value in command_line.items():
        _set(fields, name, value, f"--{name}")
    return Config(**fields)  # type: ignore[arg-type]


def _set(fields: dict[str, object], name: str, value: object, where: str) -> None:
    option = _OPTIONS.get(name)
    if option is None:
        raise UsageError(f"{where}: there is no option {name!r}{_nearest(name, _OPTIONS)}")
    fields[option.field] = option.convert(value, where)


def _pyproject(project: str) -> dict[str, object]:
    path = f"{project}/pyproject.toml"
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (importing pathlib costs the program 3 ms)
            text = file.read()
    except OSError:
        return {}
    if b"hrsup" not in text:  # tomllib costs as much as the rest of this module
        return {}
    import tomllib

    try:
        table = tomllib.loads(text.decode()).get("tool", {}).get("hrsup", {})
    except (ValueError, AttributeError) as error:
        raise UsageError(f"{path}: {error}") from None
    if not isinstance(table, dict):
        raise UsageError(f"{path}: [tool.hrsup] is not a table")
    return table


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{where}: a name is expected, not {value!r}")
    return value


def _mode(value: object, where: str) -> str:
    if value not in MODES:
        raise UsageError(f"{where}: {value!r} is no mode{_nearest(str(value), MODES)}; one of {', '.join(MODES)}")
    return str(value)


def _strategy(value: object, where: str) -> str:
    from hrsup.ladder import known_strategies

    names = ("auto", *known_strategies())
    if value not in names:
        raise UsageError(f"{where}: {value!r} is no strategy{_nearest(str(value), names)}; one of {', '.join(names)}")
    return str(value)


def _flag(value: object, where: str) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if str(value).lower() not in words:
        raise UsageError(f"{where}: true or false is expected, not {value!r}")
    return words[str(value).lower()]


def _no_flag(value: object, where: str) -> bool:
    return not _flag(value, where)


def _seconds(value: object, where: str) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 86_400:  # also refuses nan
        raise UsageError(f"{where}: a number of seconds is expected, not {value!r}")
    return seconds


def _signal(value: object, where: str) -> int:
    from signal import Signals

    names = {name.removeprefix("SIG"): int(number) for name, number in Signals.__members__.items()}
    text = str(value).upper().removeprefix("SIG")
    if text.isdigit() and int(text) in names.values():
        return int(text)
    if text not in names:
        raise UsageError(f"{where}: {value!r} is no signal{_nearest(text, names)}")
    return names[text]


def _list(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part for part in value.split(":") if part)
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise UsageError(f"{where}: a list of texts is expected, not {value!r}")


def _nearest(name: str, names: Iterable[str]) -> str:
    import difflib

    found = difflib.get_close_matches(name, list(names), 1, 0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""


_OPTIONS = {
    "strategy": _Option("strategy", _strategy),
    "escalate": _Option("escalate", _flag),
    "no-escalate": _Option("escalate", _no_flag),
    "mode": _Option("mode", _mode),
    "watch": _Option("watch", _list),
    "ignore": _Option("ignore", _list),
    "once": _Option("once", _flag),
    "events": _Option("events", _text),
    "stop-timeout": _Option("stop_timeout_s", _seconds),
    "stop-signal": _Option("stop_signal", _signal),
    "drain-timeout": _Option("drain_timeout_s", _seconds),
    "polling": _Option("polling", _flag),
    "quiet": _Option("quiet", _flag),
    "verbose": _Option("verbose", _flag),
}
