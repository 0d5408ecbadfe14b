"""`hrsup run` read without click, and what is imported before the program is on its way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from hrsup import cli, commands, config, invocation

RUN = commands.main.commands["run"]


@pytest.mark.parametrize(
    "words",
    [
        ["python", "main.py"],
        ["--", "python", "main.py", "--once"],
        ["--once", "python", "main.py", "--quiet"],
        ["-s", "reload", "--no-escalate", "--", "python", "-m", "app"],
        ["--watch", "a", "--watch=b", "--ignore", "*.log", "--", "x"],
        ["--events", "-", "--stop-timeout=2.5", "--stop-signal", "INT", "--drain-timeout", "9", "--", "x"],
        ["--mode=batch", "--mode", "service", "--verbose", "--quiet", "x", "--", "y"],
        ["--watch", "", "x"],
    ],
)
def test_a_plain_command_line_is_read_as_click_reads_it(words: list[str]) -> None:
    """The short way and click agree on the options and on the command."""
    context = RUN.make_context("run", list(words))
    command = context.params.pop("command")
    given = {name.replace("_", "-"): value for name, value in context.params.items() if value not in (None, ())}
    assert cli.read_run(words) == (given, command)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--"],
        ["--once"],
        ["--help"],
        ["--onc", "x"],
        ["-sreload", "x"],
        ["--once=1", "x"],
        ["--mode"],
        ["--mode", "--once", "x"],
        ["-h"],
    ],
)
def test_what_is_not_plain_is_left_to_click(words: list[str]) -> None:
    """Help, mistakes and rare spellings are not read the short way."""
    assert cli.read_run(words) is None


def test_every_option_of_run_is_a_setting() -> None:
    """The table of options, click's options and the settings have the same names."""
    names = {option.names[0].removeprefix("--") for option in invocation.RUN_OPTIONS}
    assert names == {max(param.opts, key=len)[2:] for param in RUN.params if isinstance(param, click.Option)}
    assert names | {"escalate"} == set(config._OPTIONS)


AT_SPAWN = """
import json, sys
before = set(sys.modules)
from hrsup import child, cli
def spawn(*_, **__):
    print(json.dumps(sorted(set(sys.modules) - before)), flush=True)
    raise SystemExit(0)
child.Tree.spawn = spawn
sys.argv = ["hrsup", "run", *sys.argv[1:]]
cli.main()
"""

# Each of these costs milliseconds, or brings what does.
HEAVY = {"asyncio", "click", "ctypes", "inspect", "logging", "pathlib", "psutil", "re", "rich", "shutil", "socket"}
HEAVY |= {"sqlite3", "subprocess", "tempfile", "threading", "tomllib", "traceback", "typing", "watchfiles"}
LATER = {"hrsup.changes", "hrsup.classify", "hrsup.desk", "hrsup.history", "hrsup.snapshot", "hrsup.watching"}


@pytest.mark.parametrize("options", [[], ["--once"]])
def test_the_program_waits_for_no_heavy_import(options: list[str], tmp_path: Path) -> None:
    """When the program is spawned, nothing has been imported that could come later."""
    words = [sys.executable, "-c", AT_SPAWN, *options, "--", sys.executable, "-c", "pass"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path)
    assert not (HEAVY | LATER) & set(json.loads(done.stdout))
