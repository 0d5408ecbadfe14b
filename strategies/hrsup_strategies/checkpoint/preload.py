"""A second image, which has imported third-party modules beforehand. Runs in the image and in what it forks.

    image ── fork ── maker ── fork ── candidate: imports, silently; found wanting? ends, and the maker forks another one
                       └── ends as soon as one has succeeded: that is the new image, adopted by the supervisor

The modules are those that the program was seen to import, in its order. A module is left out, with all that came after
it, if its import prints, raises, reads or writes something of the user's, starts a thread, opens a descriptor or
changes more of the process than the environment and the warning filters. The image then puts the modules aside (see
`parking`), so that in a continuation they appear when the program imports them.
"""

from __future__ import annotations

import builtins
import posix
import sys

from hrsup_strategies import execv
from hrsup_strategies.checkpoint import forking
from hrsup_strategies.checkpoint.faithful import foreign_threads
from hrsup_strategies.checkpoint.parking import Group, Parking, surroundings, third_party

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.checkpoint.layers import Host

MAX_TRIES = 6
# What an import may not do: the supervisor would not hear of it in a continuation.
_OBSERVED = {
    "read": "it reads",
    "listing": "it lists",
    "missing": "it looks for",
    "write": "it writes",
    "child": "it starts a process:",
    "thread": "it starts the thread",
    "opaque": "not all that it does is seen:",
    "unwatched": "not all that it does is seen",
    "module": "it imports",
    "native": "it loads",
}


class _Unfit(Exception):
    """This module cannot be imported beforehand."""


def start(agent: Host, modules: dict[str, str]) -> tuple[list[str], str | None] | None:
    """In the image: begin to make the other one, and return None at once. In the new image: which modules it has
    imported, and why not more. Each of the `modules` comes with what ``sys.argv[0]`` was when the program imported it:
    `runpy` changes that on the way."""
    if not execv.is_recorded() or not modules or not forking.fork_orphan():
        return None
    agent.link.close()
    wanted, why = list(modules), None
    for _ in range(MAX_TRIES):
        reading, writing = posix.pipe()
        if forking.quiet_fork() == 0:
            posix.close(reading)
            _become_candidate(agent, {name: modules[name] for name in wanted}, writing)
            return wanted, why
        posix.close(writing)
        why = posix.read(reading, 4096).decode(errors="replace")
        posix.close(reading)
        unfit = why.partition(": ")[0]
        if unfit not in wanted:
            break
        wanted = wanted[: wanted.index(unfit)]  # what came after it may have needed it
        if not wanted:
            break
    posix._exit(0)


def _become_candidate(agent: Host, wanted: dict[str, str], writing: int) -> None:
    parking = Parking(agent)
    first = sys.argv[0]
    for name, seen in wanted.items():
        sys.argv[0] = seen
        try:
            parking.groups += import_groups(agent, name)
        except BaseException as error:  # the boundary: whatever an import raises, SystemExit included
            reason = str(error) if isinstance(error, _Unfit) else f"{type(error).__name__}: {error}"
            posix.write(writing, f"{name}: {reason}".encode(errors="replace")[:4000])
            posix._exit(1)
    posix.write(writing, b"\n")
    posix.close(writing)
    sys.argv[0] = first
    parking.park()


def import_groups(agent: Host, name: str) -> list[Group]:
    """Import one module, while nothing is observed: the group that has come with it, or none if it was there. Raises
    _Unfit, or what the import raises."""
    if name in sys.modules:
        return []
    before, known, descriptors = surroundings(), set(sys.modules), posix.listdir("/proc/self/fd")
    observed: list[dict[str, Any]] = []
    files = agent.shared.get("files")
    agent.link.send = lambda message: observed.append(message) if not _is_metadata(message) else None
    if files is not None:
        files.enabled = True
    try:
        printed = _silently(lambda: builtins.__import__(name))
    finally:
        if files is not None:
            files.enabled = False
        del agent.link.send
    after = surroundings()
    if printed:
        raise _Unfit("it prints")
    says = [message for message in observed if message.get("native")]  # it will be true where it appears
    for message in observed:
        if message["type"] in _OBSERVED and not message.get("native"):
            what = next((message[key] for key in ("path", "reason", "name", "argv") if key in message), "")
            raise _Unfit(f"{_OBSERVED[message['type']]} {' '.join(what) if isinstance(what, list) else what}")
    if before.fixed != after.fixed or posix.listdir("/proc/self/fd") != descriptors:
        raise _Unfit("it changes the process")
    if (obstacle := foreign_threads()) is not None:
        raise _Unfit(obstacle.reason)
    added = {other: sys.modules[other] for other in sys.modules if other not in known and third_party(other)}
    return [Group(name, added, before, after, says)]


def _is_metadata(message: dict[str, Any]) -> bool:
    """Is something looked for in search of installed distributions? Those are the environment, whose change no layer
    survives. Called while it happens, so whoever looks is on the stack."""
    frame = sys._getframe(1) if message["type"] in ("listing", "missing", "read") else None
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith(("importlib.metadata", "importlib_metadata")):
            return True
        frame = frame.f_back
    return False


def _silently(work: Any) -> bool:
    """Did it write to standard output or error?"""
    memory = posix.memfd_create("hrsup", posix.MFD_CLOEXEC)
    saved = [posix.dup(descriptor) for descriptor in (1, 2)]
    for descriptor in (1, 2):
        posix.dup2(memory, descriptor)
    try:
        work()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        return posix.fstat(memory).st_size > 0
    finally:
        for descriptor, copy in zip((1, 2), saved, strict=True):
            posix.dup2(copy, descriptor)
            posix.close(copy)
        posix.close(memory)
