"""What only the kernel does: whose child an orphan becomes, and who dies with whom; descriptors over a socket.

Runs in the coordinator and in the worker image; owns nothing.
"""

from __future__ import annotations

import posix
import sys
from _signal import SIGKILL  # type: ignore[import-not-found]
from _socket import AF_UNIX, MSG_CMSG_CLOEXEC, SCM_RIGHTS, SOL_SOCKET
from _socket import CMSG_SPACE as _space

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_GET_CHILD_SUBREAPER = 1, 36, 37
MAX_DESCRIPTORS = 253  # SCM_MAX_FD
MAX_BYTES = 1 << 17
_F_DUPFD_CLOEXEC = 1030


def adopt_orphans(wanted: bool) -> bool:
    """From now on this process becomes (or no longer becomes) the parent of what its descendants orphan. Returns
    whether it did before. Raises OSError."""
    import _ctypes

    class Int(_ctypes._SimpleCData):  # type: ignore[type-arg]
        _type_ = "i"

    before = Int(0)
    if not _prctl(_PR_GET_CHILD_SUBREAPER, _ctypes.byref(before)) or not _prctl(_PR_SET_CHILD_SUBREAPER, int(wanted)):  # pyright: ignore
        raise OSError("this process cannot adopt")
    return bool(before.value)


def die_with_parent() -> bool:
    """Have the kernel kill this process as soon as the thread that has started it ends; not inherited by forks."""
    return _prctl(_PR_SET_PDEATHSIG, int(SIGKILL))


def _prctl(option: int, value: Any) -> bool:
    if sys.platform != "linux":
        return False
    import _ctypes  # the module `ctypes` would cost the program milliseconds

    call = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")  # type: ignore[arg-type]  # pyright: ignore
    return bool(_ctypes.call_cdeclfunction(call, (option, value, 0, 0, 0)) == 0)


def send(connection: Any, data: bytes, descriptors: tuple[int, ...] = ()) -> None:
    """One message, with descriptors. Raises OSError."""
    packed = b"".join(number.to_bytes(4, sys.byteorder) for number in descriptors)
    connection.sendmsg([data], [(SOL_SOCKET, SCM_RIGHTS, packed)] if packed else [])


def receive(connection: Any) -> tuple[bytes, list[int]]:
    """One message and its descriptors, which are closed on exec; empty when the other end is closed. Raises OSError."""
    data, ancillary, _, _ = connection.recvmsg(MAX_BYTES, _space(4 * MAX_DESCRIPTORS), MSG_CMSG_CLOEXEC)
    packed = b"".join(part for level, kind, part in ancillary if (level, kind) == (SOL_SOCKET, SCM_RIGHTS))
    return data, [int.from_bytes(packed[at : at + 4], sys.byteorder) for at in range(0, len(packed), 4)]


def moved(descriptor: int, first: int) -> int:
    """The same open file under a number from `first` on, closed on exec. Raises OSError if there is none."""
    from fcntl import fcntl

    number: int = fcntl(descriptor, _F_DUPFD_CLOEXEC, first)
    posix.close(descriptor)
    return number


def pair() -> tuple[Any, Any]:
    """Two ends of a connection that keeps messages apart, closed on exec, under high numbers. Raises OSError."""
    from _socket import SOCK_SEQPACKET, socket, socketpair

    from hrsup_agent.link import FIRST_DESCRIPTOR

    ends = [moved(end.detach(), FIRST_DESCRIPTOR) for end in socketpair(AF_UNIX, SOCK_SEQPACKET)]
    return socket(AF_UNIX, SOCK_SEQPACKET, 0, ends[0]), socket(AF_UNIX, SOCK_SEQPACKET, 0, ends[1])
