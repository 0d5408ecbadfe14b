"""Under the agent a program cannot tell the difference: the same probes under plain python and under the agent."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "strategies/hrsup_agent/bootstrap.py"
PROBES = ROOT / "tests/projects/fidelity"
DEADLINE_S = 40

# Differences that are known, and said in runner.py: one level of recursion, the raw stack of faulthandler, and what an
# audit-like tool (sys.monitoring, the C-call events of a profile function) sees of the agent's own functions.
KNOWN = {"rec.py", "fault.py", "mon.py", "mon2.py", "prof2.py"}
# Addresses, thread idents, times.
VOLATILE = re.compile(r"started \d+|0x[0-9a-f]{6,}|in 0\.\d+s|[\d.]+ [nu]?sec")

FLAGS = "-I|-S|-E|-P|-B|-OO|-Wd|-X dev|-u|-X utf8|-X frozen_modules=off|-I -S|-bb"
MODULES = """pkg|pkg.fails|pkg.syn|pkg.kbi|pkg.ex|pkg.nosuch|nosuch|badpkg.m|attrs|pkg.sub|json.tool|pdb -c c err.py
doctest doct.py|unittest -q ut|this|err|sigint|exitdel""".replace("\n", "|")
COMMANDS = [
    "import sys; print(sys.argv, sys.orig_argv[1:], sys.path[0]); 1/0",
    "def f(:",
    "print(1); raise KeyboardInterrupt",
    "import sys; print(1); sys.exit('a')",
    "def f():\n  1/0\nf()",
    "x='\\d'; import warnings; warnings.warn('a')",
    "  print(1)",
    "",
]
PATHS = "./attrs.py|sub/../attrs.py|sub/link.py|sub/link2.py|.//attrs.py|folder|folder/|emptyfolder|app.pyz|./folder"
PATHS += "|missing.py|sub/missing|missing/|pkg|.|comp.pyc|notpyc.pyc"
PROMPT = "print(x if 'x' in dir() else 0, '__file__' in dir(), __name__)\nimport sys; print(hasattr(sys, 'last_exc'))\n"


class Probe:
    """A command line after the interpreter: its flags, the target, and what is typed in."""

    def __init__(self, flags: str, target: list[str], typed: str = "") -> None:
        self.flags, self.target, self.typed = flags.split(), target, typed

    def __str__(self) -> str:
        return " ".join([*self.flags, *self.target])[:80]


def probes() -> list[Probe]:
    """All of them."""
    special = {"mp.py", "pdbs.py", "pdbexc.py"}
    found = [Probe("", [path.name]) for path in sorted(PROBES.glob("*.py")) if path.name not in KNOWN | special]
    found += [Probe(flags, ["attrs.py", "a", "-b", "--"]) for flags in FLAGS.split("|")]
    found += [Probe("", ["-m", *words.split()], "{}") for words in MODULES.split("|")]
    found += [Probe("", ["-c", code, "x", "-m"]) for code in COMMANDS]
    found += [Probe("", [path, "1"]) for path in PATHS.split("|")]
    found += [Probe("", ["-mpkg", "q"]), Probe("-P", ["-m", "pkg"]), Probe("-I", ["folder"]), Probe("", ["-cprint(5)"])]
    found += [Probe("", ["exitdel.py", code]) for code in ("sys.exit(3)", "1/0", "sys.exit()")]
    found += [Probe("", ["exitdel2.py", code]) for code in ("sys.exit(3)", "1/0")]
    found += [Probe("-i", [path], PROMPT) for path in ("err.py", "exit_3.py", "nonl.py", "syntax.py")]
    found += [Probe("-i", ["-c", "x=5"], PROMPT), Probe("-i", ["-m", "pkg"], PROMPT)]
    found += [Probe("", ["mp.py", "spawn", "forkserver", "fork"]), Probe("", ["-m", "mp", "spawn", "forkserver"])]
    stepping = ("n\n" * 6, "s\ns\ns\ns\ns\ns\nw\ns\ns\ns\ns\ns\ns\nc\n", "u\nw\nb 9\nc\np a\nq\n", "unt 9\nw\nr\n")
    found += [Probe("", ["pdbs.py"], typed) for typed in stepping]
    found += [Probe("", ["pdbexc.py"], typed) for typed in ("n\nn\nn\n", "c\n", "s\nn\ns\nw\nn\nn\n")]
    found += [Probe("", ["-"], "print(4)"), Probe("", [], "import sys; print(sys.argv)")]
    return [*found, Probe("", ["/dev/stdin"], "print(__file__); 1/0\n")]


def interpreters() -> list[str]:
    """This one, and one of each other supported version that is on this machine."""
    found = {sys.version_info[:2]: sys.executable}
    for minor in (11, 12, 13):
        names = [shutil.which(f"python3.{minor}")]
        names += [str(path) for path in sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))]
        for name in filter(None, names):
            asked = subprocess.run([name, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True)
            if asked.stdout.split() == [b"3", b"%d" % minor]:
                found.setdefault((3, minor), name)
    return list(found.values())


class Supervisor:
    """The other end of the channel: listens, and ends the layers when the main process has gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.messages: list[dict[str, object]] = []
        self._connections: list[socket.socket] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Drop every connection, which ends what still waits for us."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines, suppress(OSError):
            self.messages.extend(map(json.loads, lines))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The probes in a folder of their own, with what cannot be kept in a repository."""
    here = tmp_path_factory.mktemp("fidelity") / "p"
    shutil.copytree(PROBES, here)
    (here / "emptyfolder").mkdir()
    (here / "sub").mkdir()
    (here / "sub/link.py").symlink_to("../attrs.py")
    (here / "sub/link2.py").symlink_to("link.py")
    (here / "notpyc.pyc").write_text("print(1)")
    subprocess.run([sys.executable, "-m", "zipapp", here / "folder", "-o", here / "app.pyz"], check=True)
    return here


def run(command: list[str], typed: str, folder: Path, output: Path) -> tuple[int, str]:
    """Status, and both streams as they came. To a file: a layer keeps a pipe open after the program has ended."""
    with output.open("wb") as stream:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stream, stderr=stream, cwd=folder)
        assert child.stdin is not None
        try:
            child.stdin.write(typed.encode())
            child.stdin.close()
        except BrokenPipeError:
            pass
        try:
            status = child.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            status = -1000
    return status, VOLATILE.sub("@", output.read_text(errors="replace"))


def differences(python: str, found: list[Probe], folder: Path, place: Path, channel: bool) -> list[str]:
    """What differs between plain `python` and the agent, for each probe."""
    numbers = count()

    def compare(probe: Probe) -> str | None:
        name = place / f"{next(numbers)}"
        plain = run([python, *probe.flags, *probe.target], probe.typed, folder, name.with_suffix(".plain"))
        supervisor = Supervisor(name.with_suffix(".s")) if channel else None
        link = str(supervisor.path) if supervisor else "-"
        command = [python, *probe.flags, str(BOOTSTRAP), link, "--", *probe.target]
        agent = run(command, probe.typed, folder, name.with_suffix(".agent"))
        if supervisor:
            supervisor.close()
        if plain == agent:
            return None
        lines = difflib.unified_diff(plain[1].splitlines(), agent[1].splitlines(), "plain", "agent", n=1, lineterm="")
        return "\n".join([f"== {probe}: status {plain[0]}, {agent[0]}", *list(lines)[:12]])

    with ThreadPoolExecutor(2) as pool:
        return [text for text in pool.map(compare, found) if text is not None]


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: Path(path).parts[-3])
@pytest.mark.timeout(240)
def test_a_program_runs_as_under_plain_python(python: str, folder: Path, tmp_path: Path) -> None:
    """Standard output and error, byte for byte and in order, and the exit status are those of plain python."""
    code = "import py_compile; py_compile.compile('err.py', 'comp.pyc')"
    subprocess.run([python, "-c", code], cwd=folder, check=True)
    chosen = os.environ.get("HRSUP_PROBES", "")
    found = differences(python, [probe for probe in probes() if chosen in str(probe)], folder, tmp_path, True)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_a_program_runs_without_a_supervisor(folder: Path, tmp_path: Path) -> None:
    """With ``-`` in the place of the socket the program just runs."""
    few = ("err.py", "trace2.py", "badutf.py", "sigterm.py", "-m pkg", "folder 1")
    found = [probe for probe in probes() if str(probe) in few]
    assert len(found) == len(few)
    assert differences(sys.executable, found, folder, tmp_path, False) == []
