"""What of this machine helps or hinders hrsup: `hrsup doctor`. Runs in a process of its own; changes nothing."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from hrsup.generation import bootstrap_path
from hrsup.watching.ignore import Ignore
from hrsup.watching.polling import is_remote, mount_types

GOOD, SLOW, BAD = "good", "slower", "missing"


class Finding(NamedTuple):
    """One thing that was looked at: `verdict` is GOOD, SLOW (it works, with a detour) or BAD (something will not)."""

    what: str
    verdict: str
    detail: str


def examine(project: Path) -> Iterator[Finding]:
    """Everything that is looked at, in order. Each check stands for itself: one that cannot be made says so."""
    for check in (_python, _system, _processes, _notification, _watches, _filesystem, _leases, _agent, _disk):
        try:
            yield check(project)
        except Exception as error:  # the boundary: a doctor does not die of a symptom
            name = check.__name__.strip("_")
            yield Finding(name, BAD, f"could not be examined: {type(error).__name__}: {error}")


def _python(project: Path) -> Finding:
    version = platform.python_version()
    known = (3, 11) <= sys.version_info[:2] <= (3, 13)
    more = "" if known else "; tested are 3.11 to 3.13"
    return Finding("python", GOOD if known else SLOW, f"{version} at {sys.executable}{more}")


def _system(project: Path) -> Finding:
    linux = sys.platform.startswith("linux")
    detail = f"{platform.system()} {platform.release()}"
    return Finding("system", GOOD if linux else SLOW, detail if linux else f"{detail}; tested is Linux")


def _processes(project: Path) -> Finding:
    missing = [name for name in ("fork", "pidfd_open", "waitid") if not hasattr(os, name)]
    if "fork" in missing:
        return Finding("processes", BAD, "no fork: no layers, and no way to hold a process tree")
    return Finding(
        "processes", SLOW if missing else GOOD, f"without {', '.join(missing)}" if missing else "fork, pidfd"
    )


def _notification(project: Path) -> Finding:
    if not sys.platform.startswith("linux"):
        return Finding("notification", SLOW, "files are looked at regularly; inotify is Linux's")
    return Finding("notification", GOOD, "inotify")


def _watches(project: Path) -> Finding:
    limit = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text())
    needed = sum(1 for _ in Ignore(str(project)).walk(str(project)))
    if needed > limit * 0.8:
        advice = f"sysctl fs.inotify.max_user_watches={needed * 4}"
        return Finding("watches", SLOW, f"{needed} folders, {limit} allowed: the rest is polled ({advice})")
    return Finding("watches", GOOD, f"{needed} folders to watch, {limit} allowed")


def _filesystem(project: Path) -> Finding:
    if is_remote(str(project), mount_types()):
        return Finding("filesystem", SLOW, f"{project} does not notify (network or FUSE): it is polled")
    return Finding("filesystem", GOOD, f"{project} is local")


def _leases(project: Path) -> Finding:
    """A read lease is refused while somebody has the file open for writing; that is how a half-written file is told."""
    with tempfile.NamedTemporaryFile(dir=project) as file:
        reading = os.open(file.name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.fcntl(reading, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            told = False  # it is open for writing right now, so this should have failed
        except BlockingIOError:
            told = True
        except OSError:
            told = False
        finally:
            os.close(reading)
    verdict = GOOD if told else SLOW
    return Finding("leases", verdict, "half-written files are told" if told else "half-written files are waited out")


def _agent(project: Path) -> Finding:
    argv = [sys.executable, bootstrap_path(), "-", "--", "-c", "print('ready')"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
    if done.stdout.strip() != "ready":
        return Finding("agent", BAD, f"it does not start: {done.stderr.strip()[-200:]}")
    return Finding("agent", GOOD, "a program starts under the agent")


def _disk(project: Path) -> Finding:
    free = shutil.disk_usage(project).free
    small = free < 50_000_000
    return Finding("disk", BAD if small else GOOD, f"{free // 1_000_000} MB free for the history")


def show(findings: Iterator[Finding], write: Callable[[str], object]) -> bool:
    """Write a line for each finding as it comes; is all of it usable?"""
    usable = True
    for finding in findings:
        write(f"{finding.what:14} {finding.verdict:8} {finding.detail}")
        usable = usable and finding.verdict != BAD
    return usable
