"""Workers of every kind of pool run under the agent, and pools work as they do without it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hrsup_agent import children, wire

BOOTSTRAP = Path(children.__file__).with_name("bootstrap.py")

# The main process is the supervisor's socket, too: it needs no more than somebody who listens.
LISTEN = """
import json, os, shutil, socket, subprocess, sys, tempfile, threading
folder = tempfile.mkdtemp(); path = os.path.join(folder, "s"); found = []
server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen(64)
def read(connection):
    with connection.makefile("rb") as lines:
        for line in lines: found.append(json.loads(line))
def accept():
    while True: threading.Thread(target=read, args=(server.accept()[0],), daemon=True).start()
threading.Thread(target=accept, daemon=True).start()
with open(os.path.join(folder, "out"), "w+") as out:
    status = subprocess.call([sys.executable, sys.argv[1], path, "--", *sys.argv[2:]], stdout=out)
    out.seek(0)
    sys.stdout.write(out.read())
shutil.rmtree(folder)
print(sorted(m["role"] for m in found if m["type"] == "hello" and m["role"] != "layer"))
print(sorted({(m["name"], os.path.basename(m["path"])) for m in found if m["type"] == "module"}))
print([m["path"] for m in found if m["type"] == "read"])
os._exit(status)
"""

SCRIPTS = {
    "spawn": "ctx = multiprocessing.get_context('spawn')\n    pool = ProcessPoolExecutor(1, mp_context=ctx)",
    "forkserver": "ctx = multiprocessing.get_context('forkserver')\n    pool = ProcessPoolExecutor(1, mp_context=ctx)",
    "fork": "ctx = multiprocessing.get_context('fork')\n    pool = ProcessPoolExecutor(1, mp_context=ctx)",
    "loky": "from loky import get_reusable_executor\n    pool = get_reusable_executor(1)",
    "joblib": "from joblib.externals.loky import get_reusable_executor\n    pool = get_reusable_executor(1)",
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_workers_say_hello_and_load_verified_modules(kind: str, tmp_path: Path) -> None:
    """A worker connects as `worker`, computes what it should, and names the bytes of the user module it loaded."""
    (tmp_path / "stage.py").write_text("def double(x):\n    return 2 * x\n")
    body = """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    if __name__ == "__main__":
        import stage
    """
    main = textwrap.dedent(body) + f"    {SCRIPTS[kind]}\n    print(pool.submit(stage.double, 21).result())\n"
    (tmp_path / "main.py").write_text(main + "    pool.shutdown()\n")
    command = [sys.executable, "-c", LISTEN, str(BOOTSTRAP), "main.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stderr, done.returncode) == ("", 0)
    answer, roles, modules, read = done.stdout.splitlines()
    assert answer == "42"
    assert roles == str(["main", *["worker"] * (2 if kind == "forkserver" else 1)])
    assert "('stage', 'stage.py')" in modules
    assert ("__mp_main__" in modules) == (kind in ("spawn", "forkserver"))
    assert read == "[]"  # to find the script's code is no use of it as data


@pytest.mark.parametrize(
    "args",
    [
        ["python", "-c", "from multiprocessing.resource_tracker import main;main(3)"],
        ["python", "-s", "-c", "from loky.backend.resource_tracker import main; main(3, False)"],
        ["python", "-m", "http.server"],
        ["git", "-c", "core.pager=cat", "log"],
        ["ls", "-l"],
        [],
    ],
)
def test_other_commands_pass_unchanged(args: list[str]) -> None:
    """Only what a pool starts its workers with is changed."""
    assert children.with_agent(args, "/run/link") is args


@pytest.mark.parametrize("library", ["multiprocessing", "loky.backend", "joblib.externals.loky.backend"])
def test_a_resource_tracker_is_quiet_while_the_program_is_ended(library: str, tmp_path: Path) -> None:
    """Its warnings are those of plain Python, but for the time when all that the program had is left behind."""
    code = f"from {library}.resource_tracker import main; main(3)"
    args = children.quieter(["python", "-c", code], str(tmp_path / "link"))
    assert args[-1].endswith(code)
    warn = args[-1].replace(code, "warnings.warn('leaked')")
    for ending in (False, True):
        if ending:
            (tmp_path / wire.ENDING).touch()
        done = subprocess.run([sys.executable, "-c", warn], capture_output=True, text=True, timeout=60, check=True)
        assert ("leaked" in done.stderr) != ending
    for other in (["python", "-c", "print('from x.resource_tracker import main')"], ["python", "-m", "x"], []):
        assert children.quieter(other, "/run/link") is other


def test_bytes_stay_bytes() -> None:
    """loky hands over an encoded command, multiprocessing text."""
    added = [os.fsencode(BOOTSTRAP), b"/run/link", b"--"]
    args = [b"python", b"-m", b"loky.backend.popen_loky_posix", b"--pipe", b"3"]
    assert children.with_agent(args, "/run/link") == [args[0], *added, *args[1:]]
