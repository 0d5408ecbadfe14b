"""Linux's inotify (supervisor process): which names in which directories something happened to.

Called directly, because watchfiles cannot do what is needed here: it takes 45 ms to import, polls its queue (5 ms of
latency cost 200 wake-ups a second), drops an overflow in silence, descends into every ignored directory, and a running
instance accepts no further directory. inotify's descriptor goes into the supervisor's own selector.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

MODIFY, ATTRIB, CLOSE_WRITE, OPEN = 0x2, 0x4, 0x8, 0x20
MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x40, 0x80, 0x100, 0x200
UNMOUNT, OVERFLOW, IGNORED = 0x2000, 0x4000, 0x8000
IS_DIRECTORY = 0x40000000

# Names that come and go; and in addition what happens to the files behind the names.
STRUCTURE = MOVED_FROM | MOVED_TO | CREATE | DELETE
CONTENT = STRUCTURE | MODIFY | ATTRIB | CLOSE_WRITE

_ONLY_DIRECTORY, _EXCLUDE_UNLINKED, _MASK_ADD = 0x01000000, 0x04000000, 0x20000000
_HEADER = struct.Struct("iIII")
_BUFFER = 65536
_LARGEST = _HEADER.size + 256  # an event with the longest name


class Inotify:
    """One inotify instance. Raises OSError (EMFILE, ENOSPC: a limit of the machine is reached)."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)
        self._fd = self._checked(self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC), "inotify")

    def fileno(self) -> int:
        """Readable when there is something to `read`."""
        return self._fd

    def add(self, directory: str, mask: int) -> int:
        """Watch a directory (in addition to what is watched of it already); its watch descriptor."""
        flags = mask | _ONLY_DIRECTORY | _EXCLUDE_UNLINKED | _MASK_ADD
        return self._checked(self._library.inotify_add_watch(self._fd, os.fsencode(directory), flags), directory)

    def remove(self, descriptor: int) -> None:
        """Stop watching; nothing happens if the directory is gone already."""
        self._library.inotify_rm_watch(self._fd, descriptor)

    def read(self) -> list[tuple[int, int, str]]:
        """What happened since the last call: watch descriptor, mask, name (empty for the directory itself).

        What happens meanwhile may be left for the next call: who writes all the time would keep us here for ever.
        """
        events: list[tuple[int, int, str]] = []
        size = _BUFFER
        while size + _LARGEST > _BUFFER:  # else there was nothing more when it was read
            try:
                data = os.read(self._fd, _BUFFER)
            except BlockingIOError:
                return events
            size = len(data)
            offset = 0
            while offset < len(data):
                descriptor, mask, _, length = _HEADER.unpack_from(data, offset)
                offset += _HEADER.size
                events.append((descriptor, mask, os.fsdecode(data[offset : offset + length].rstrip(b"\0"))))
                offset += length
        return events

    def close(self) -> None:
        """Forget all watches."""
        os.close(self._fd)

    def _checked(self, result: int, subject: str) -> int:
        if result < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), subject)
        return result


def limit_reached(error: OSError) -> bool:
    """Is the machine out of watches or instances (and not the directory gone, or closed to us)?"""
    return error.errno in (errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
