"""The messages between supervisor and program processes, and their framing: one JSON object a line.

Runs in both processes. It avoids ``import json`` (8 ms in a bare interpreter, most of it ``re``): the C encoder and
scanner behind it are used directly, and a test holds them against ``json``.
"""

from __future__ import annotations

# `signal` would import enum, which costs the user's process milliseconds.
import _signal  # type: ignore[import-not-found]  # pyright: ignore
from _json import encode_basestring_ascii, make_encoder, make_scanner

from hrsup_strategies.content import content_hash as content_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Message = dict[str, Any]

PROTOCOL_VERSION = 1
VERSIONS = "versions-"  # how the name of a folder of versions begins; the coordinator's pid and "-" follow
OPENS = "opens"  # a folder beside the socket, there while the supervisor sees which files are opened; a file: it won't
ENDING = "ending"  # a file beside the socket, there while the supervisor ends the program
IMAGE = "image:"  # how the LINK of a worker image begins

# Programs use SIGUSR1/2 themselves; real-time signals have no customary use. SIGRTMIN+11 is free in glibc, musl and
# the JVM. macOS has none, so SIGINFO (no default action there) stands in.
WAKE_SIGNAL: int = _signal.SIGRTMIN + 11 if hasattr(_signal, "SIGRTMIN") else getattr(_signal, "SIGINFO", 16)


def encode(message: Message) -> bytes:
    """One message as a line of ASCII JSON, newline included. Raises TypeError for what JSON cannot hold."""
    return "".join(_encode(message, 0)).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The message in one line. Raises ValueError if it is not one JSON object."""
    try:
        value, end = _scan(line.decode("utf-8").strip(), 0)
    except (StopIteration, SystemError):  # 3.13 returns NULL while json.decoder, home of the error class, is not loaded
        raise ValueError(f"not JSON: {line[:80]!r}") from None
    if not isinstance(value, dict) or end < len(line.strip().decode("utf-8")):
        raise ValueError(f"not one JSON object: {line[:80]!r}")
    return value


class LineBuffer:
    """Collects bytes as they arrive and gives back whole messages."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Message]:
        """The messages completed by `data`, in order."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [decode(line) for line in lines if line.strip()]


class _ScannerContext:
    """What ``_json.make_scanner`` asks of a decoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    memo: dict[str, str] = {}  # noqa: RUF012 (typing would cost milliseconds)
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


def _refuse(value: object) -> object:
    raise TypeError(f"{type(value).__name__} cannot be sent")


_scan = make_scanner(_ScannerContext())  # type: ignore[arg-type]  # pyright: ignore
_encode = make_encoder(None, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, True)
