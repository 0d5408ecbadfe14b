"""Starting a command exactly as a shell would have: fork, own process group, terminal, dispositions, exec.

Runs in the guardian, which is single-threaded, so forking is safe there. ``subprocess`` is not used: it can neither
hand the terminal over nor put back ignored signals and the mask that hrsup itself was started with.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from hrsup.lean import NamedTuple, signal
from hrsup.process import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

_ALL = frozenset(signal.valid_signals())
_UNCATCHABLE = frozenset({signal.SIGKILL, signal.SIGSTOP})


class Inheritance(NamedTuple):
    """What the shell gave to hrsup and the program must find again."""

    ignored: frozenset[int]
    mask: frozenset[int]
    fds: tuple[int, ...]  # inheritable descriptors above standard error, such as a shell's process substitution

    @classmethod
    def capture(cls) -> Inheritance:
        """Read it off this process, before any handler is installed.

        Python itself ignores SIGPIPE and SIGXFSZ at its start, which hides what the shell did with them: default.
        """
        python_ignores = {int(signal.SIGPIPE), int(signal.SIGXFSZ)}
        ignored = {int(s) for s in _ALL if signal.getsignal(s) == signal.SIG_IGN} - python_ignores
        mask = frozenset(int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        return cls(frozenset(ignored), mask, tuple(fd for fd in open_fds() if fd > 2 and _inheritable(fd)))


class Order(NamedTuple):
    """A command to start. `stdio` holds descriptors for 0, 1 and 2; None: closed. `terminal`: hand it over on fd 0."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str | None
    terminal: bool
    stdio: tuple[int | None, int | None, int | None]


def launch(order: Order, inheritance: Inheritance) -> tuple[int, int]:
    """Start the command; returns its pid and 0, or 0 and the errno that exec ended with."""
    guardian = os.getpid()
    reader, writer = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)
    pid = os.fork()
    if pid == 0:
        _become(order, inheritance, guardian, writer)
    try:
        os.close(writer)
        with suppress(OSError):  # it may have done so itself, and run on
            os.setpgid(pid, pid)
        failure = os.read(reader, 16)
    finally:
        os.close(reader)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if failure:
        os.waitpid(pid, 0)
        return 0, int(failure)
    return pid, 0


def _become(order: Order, inheritance: Inheritance, guardian: int, writer: int) -> NoReturn:
    try:
        restore_signals(inheritance.ignored)  # all are blocked still: none is lost, and the default action follows
        os.setpgid(0, 0)
        kernel.die_with_parent(guardian)
        for target, fd in enumerate(order.stdio):
            if fd is None:
                os.close(target)
            else:
                os.dup2(fd, target)
        if order.terminal:
            with suppress(OSError):
                os.tcsetpgrp(0, os.getpid())
        if order.cwd is not None:
            os.chdir(order.cwd)
        signal.pthread_sigmask(signal.SIG_SETMASK, inheritance.mask)
        _exec(order.argv, order.env)
    except OSError as error:
        os.write(writer, str(error.errno or errno.EIO).encode())
    finally:
        os._exit(127)


def restore_signals(ignored: frozenset[int]) -> None:
    """Put every disposition to the default, but for those in `ignored`."""
    for signum in _ALL - _UNCATCHABLE:
        with suppress(OSError, ValueError):
            signal.signal(signum, signal.SIG_IGN if signum in ignored else signal.SIG_DFL)


def _exec(argv: tuple[str, ...], env: Mapping[str, str]) -> NoReturn:
    """As execvp(3) does, a file without a `#!` line being left to /bin/sh. Raises the OSError that says most."""
    worst = OSError(errno.ENOENT, "not found")
    for path in candidates(argv[0], env):
        try:
            os.execve(path, argv, env)
        except OSError as error:
            if error.errno == errno.ENOEXEC:
                os.execve("/bin/sh", ("/bin/sh", path, *argv[1:]), env)
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                worst = error
    raise worst


def candidates(name: str, env: Mapping[str, str]) -> list[str]:
    """The files that a command name may mean, in order."""
    if "/" in name:
        return [name]
    folders = env.get("PATH", os.defpath).split(os.pathsep)
    return [os.path.join(folder or ".", name) for folder in folders]  # noqa: PTH118 - runs between fork and exec


def open_fds() -> list[int]:
    """The descriptors of this process."""
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"  # noqa: PTH112
    return [int(name) for name in os.listdir(folder) if name.isdigit()]  # noqa: PTH208


def _inheritable(fd: int) -> bool:
    try:
        return os.get_inheritable(fd)
    except OSError:  # the listing's own descriptor
        return False
