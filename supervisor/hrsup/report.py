"""Every line a person reads from `hrsup run`: standard error, one calm line per change.

Runs in the supervisor.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hrsup_strategies.base import Change

_NAMES_SHOWN = 3


class Report:
    """Writes lines to standard error. When that is closed or full, lines are lost and the program is not touched."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._quiet, self._verbose = quiet, verbose
        self._colour = sys.stderr is not None and _wants_colour()

    def line(self, text: str, colour: str = "dim") -> None:
        """One line, unless quiet."""
        if not self._quiet:
            self._write(text, colour)

    def detail(self, text: str) -> None:
        """One line, only with --verbose."""
        if self._verbose:
            self._write(text, "dim")

    def warning(self, text: str) -> None:
        """One line, always: something the user should know or do."""
        self._write(text, "yellow")

    def layers(self, message: dict[str, Any]) -> None:
        """With --verbose, what the program says of its layers: taken, not taken, not usable."""
        if not self._verbose or message.get("type") not in ("layer", "no_layer"):
            return
        if message["type"] == "no_layer":
            self.detail(f"no layer {message['point']}: {message['reason']} ({message['code']})")
            return
        state = "ready" if message["usable"] else f"not usable: {message['reason']}"
        imported = f", with {', '.join(message['preloaded'])} imported" if message.get("preloaded") else ""
        left_out = f", without {message['left_out']}" if message.get("left_out") else ""
        self.detail(f"layer {message['depth']} {message['point']}: {state}{imported}{left_out}")

    def image(self, message: dict[str, Any]) -> None:
        """With --verbose, what the program says of its worker image."""
        if self._verbose and message.get("type") == "image":
            state = "ready" if message["usable"] else f"not usable: {message['reason']}"
            self.detail(f"worker image: {state}, with {', '.join(message['modules']) or 'nothing'} imported")

    def _write(self, text: str, colour: str) -> None:
        start, end = (f"\x1b[{_COLOURS[colour]}m", "\x1b[0m") if self._colour else ("", "")
        try:
            os.write(2, f"{start}hrsup: {text}{end}\n".encode(errors="backslashreplace"))
        except OSError:
            return


_COLOURS = {"dim": "2", "green": "32", "yellow": "33", "red": "31"}


def _wants_colour() -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        return os.isatty(2)
    except OSError:
        return False


def files(change: Change, project: str) -> str:
    """The changed files as a person names them: relative, at most three, then how many more."""
    names = [os.path.relpath(file.path, project) for file in change.files]
    far = [name.startswith("../..") for name in names]
    names = [file.path if is_far else name for name, file, is_far in zip(names, change.files, far, strict=True)]
    shown = ", ".join(names[:_NAMES_SHOWN])
    return shown if len(names) <= _NAMES_SHOWN else f"{shown} and {len(names) - _NAMES_SHOWN} more"


def place(file: str | None, line: int | None, project: str) -> str:
    """``features.py:12``, or nothing."""
    if file is None:
        return ""
    name = os.path.relpath(file, project) if file.startswith(project) else file
    return f"{name}:{line}" if line else name


def milliseconds(value: float) -> str:
    """``13 ms``, ``1.2 s``."""
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def why(reasons: Sequence[tuple[str, str]]) -> str:
    """The refusals on the way, shortest form: `` (not reload: features.py:3 reads a file at import)``."""
    if not reasons:
        return ""
    return " (" + "; ".join(f"not {strategy}: {reason}" for strategy, reason in reasons) + ")"
