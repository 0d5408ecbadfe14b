"""Where processes listen for connections, as far as somebody chose the port. Runs in the supervisor; owns nothing.

Linux only; elsewhere nothing is found.
"""
# ruff: noqa: PTH110, PTH115, PTH123, PTH208 (a few hundred links are read, while somebody waits)

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTEN = "0A"  # TCP_LISTEN of the kernel's net/tcp_states.h


def listening(pids: Iterable[int]) -> frozenset[int]:
    """The TCP ports at which these processes listen. Those that the system gives to whoever asks for any are left out:
    a program that is started again gets others."""
    sockets = _chosen()
    if not sockets:
        return frozenset()
    return frozenset(sockets[inode] for pid in pids for inode in _open_sockets(pid) if inode in sockets)


def _chosen() -> dict[str, int]:
    """The port of every listening socket of the system, by inode."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range") as limits:
            first, last = map(int, limits.read().split())
        rows = [line.split() for table in _TABLES if os.path.exists(table) for line in _lines(table)]
    except (OSError, ValueError):
        return {}
    ports = {row[9]: int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == _LISTEN}
    return {inode: port for inode, port in ports.items() if not first <= port <= last}


def _lines(table: str) -> list[str]:
    with open(table) as lines:
        return lines.readlines()[1:]


def _open_sockets(pid: int) -> list[str]:
    """The inodes of the sockets that a process has open; none of one that is gone, or is not ours."""
    found = []
    try:
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            target = os.readlink(f"/proc/{pid}/fd/{descriptor}")
            if target.startswith("socket:["):
                found.append(target[8:-1])
    except OSError:
        pass
    return found
