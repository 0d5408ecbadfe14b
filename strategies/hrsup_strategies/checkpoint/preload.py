"""A second image, which has imported third-party modules beforehand. Runs in the image and in what it forks.

    image ── fork ── maker ── fork ── candidate: imports, silently; found wanting? ends, and the maker forks another one
                       └── ends as soon as one has succeeded: that is the new image, adopted by the supervisor

The modules are those that the program was seen to import, in its order. A module is left out, with all that came after
it, if its import prints, raises, reads or writes something of the user's, starts a thread, opens a descriptor or
changes more of the process than the environment and the warning filters. The image then puts the modules aside (see
`parking`), so that in a continuation they appear when the program imports them.
"""

from __future__ import annotations

import posix
import sys

from hrsup_strategies import execv
from hrsup_strategies.checkpoint import forking
from hrsup_strategies.checkpoint.parking import Group, Parking, surroundings, third_party

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.checkpoint.layers import Host

MAX_TRIES = 6
# What an import may not do: the supervisor would not hear of it in a continuation.
_OBSERVED = ("read", "listing", "missing", "write", "child", "thread", "opaque")


class _Unfit(Exception):
    """This module cannot be imported beforehand."""


def start(agent: Host, depth: int, modules: list[str]) -> bool:
    """In the image: begin to make the other one, and return False at once. True in a continuation of the new image."""
    if not execv.is_recorded() or not modules or not forking.fork_orphan():
        return False
    agent.link.close()
    wanted = list(modules)
    for _ in range(MAX_TRIES):
        reading, writing = posix.pipe()
        if forking.quiet_fork() == 0:
            posix.close(reading)
            return _candidate(agent, depth, wanted, writing)
        posix.close(writing)
        unfit = posix.read(reading, 4096).decode()
        posix.close(reading)
        if unfit not in wanted:
            break
        wanted = wanted[: wanted.index(unfit)]  # what came after it may have needed it
        if not wanted:
            break
    posix._exit(0)


def _candidate(agent: Host, depth: int, wanted: list[str], writing: int) -> bool:
    from hrsup_strategies.checkpoint.paused import Layer

    parking = Parking()
    for name in wanted:
        try:
            parking.groups += _import(agent, name)
        except BaseException:  # the boundary: whatever an import raises, SystemExit included
            posix.write(writing, name.encode())
            posix._exit(1)
    posix.write(writing, b"\n")
    posix.close(writing)
    parking.park()
    Layer(agent, depth, "before __main__", wanted).serve()
    return True


def _import(agent: Host, name: str) -> list[Group]:
    """Import one module. Raises _Unfit, or what the import raises."""
    if name in sys.modules:
        return []
    before, known, descriptors = surroundings(), set(sys.modules), posix.listdir("/proc/self/fd")
    observed: list[dict[str, Any]] = []
    files = agent.shared.get("files")
    agent.link.send = observed.append
    if files is not None:
        files.enabled = True
    try:
        printed = _silently(lambda: __import__(name))
    finally:
        if files is not None:
            files.enabled = False
        del agent.link.send
    after = surroundings()
    if printed or any(message["type"] in _OBSERVED for message in observed):
        raise _Unfit
    if before.fixed != after.fixed or posix.listdir("/proc/self/fd") != descriptors:
        raise _Unfit
    added = {other: sys.modules[other] for other in sys.modules if other not in known and third_party(other)}
    return [Group(name, added, before, after)]


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
