"""Reading command lines."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hrsup.command import OTHER, PYTHON, parse_command
from hrsup.interpreter import interpreter_version

PY = sys.executable


@pytest.mark.parametrize(
    ("argv", "with_agent"),
    [
        (f"{PY} a.py x y", f"{PY} B L -- a.py x y"),
        (f"{PY} -X dev -W error -m pkg x", f"{PY} -X dev -W error B L -- -m pkg x"),
        (f"{PY} -bBm mod x", f"{PY} -bB B L -- -m mod x"),
        (f"{PY} -mmod -x", f"{PY} B L -- -m mod -x"),
        (f"{PY} -Werror -Xdev -u a.py -u", f"{PY} -Werror -Xdev -u B L -- a.py -u"),
        (f"{PY} -bWerror a.py", f"{PY} -bWerror B L -- a.py"),
        (f"{PY} -bW error a.py", f"{PY} -bW error B L -- a.py"),
        (f"{PY} -c pass -c", f"{PY} B L -- -c pass -c"),
        (f"{PY} -Icpass", f"{PY} -I B L -- -c pass"),
        (f"{PY} -I -P -E -s -S -i a.py", f"{PY} -I -P -E -s -S -i B L -- a.py"),
        (f"{PY} -OO folder", f"{PY} -OO B L -- folder"),
        (f"{PY} -u -- -odd.py", f"{PY} -u B L -- -odd.py"),
        (f"{PY} --check-hash-based-pycs always a.py", f"{PY} --check-hash-based-pycs always B L -- a.py"),
        (f"env X=1 {PY} a.py", f"env X=1 {PY} B L -- a.py"),
        (f"env -i -u Y X=1 nice -n 5 {PY} a.py", f"env -i -u Y X=1 nice -n 5 {PY} B L -- a.py"),
        (f"/usr/bin/time -p {PY} a.py", f"/usr/bin/time -p {PY} B L -- a.py"),
        (f"taskset -c 0 {PY} a.py", f"taskset -c 0 {PY} B L -- a.py"),
        ("uv run python a.py", "uv run python B L -- a.py"),
        ("uv run --with rich -p python3.12 -- python -m x", "uv run --with rich -p python3.12 -- python B L -- -m x"),
        ("uv --quiet run --frozen python3 a.py", "uv --quiet run --frozen python3 B L -- a.py"),
        ("poetry run python a.py", "poetry run python B L -- a.py"),
        ("pdm run python a.py", "pdm run python B L -- a.py"),
        ("pipenv run python a.py", "pipenv run python B L -- a.py"),
        ("conda run -n e --live-stream python a.py", "conda run -n e --live-stream python B L -- a.py"),
        ("hatch run python a.py", "hatch run python B L -- a.py"),
        ("rye run python a.py", "rye run python B L -- a.py"),
    ],
)
def test_the_agent_goes_between_the_interpreter_and_what_it_runs(argv: str, with_agent: str) -> None:
    """Flags stay with the interpreter, the script, module or code and its arguments follow the agent."""
    command = parse_command(argv.split(" "))
    assert command.kind == PYTHON, command.reason
    assert command.with_agent("B", "L") == with_agent.split(" ")
    assert command.argv == tuple(argv.split(" "))


@pytest.mark.parametrize(
    "argv",
    [
        PY,
        f"{PY} -",
        f"{PY} -i",
        f"{PY} -V",
        f"{PY} -bV a.py",
        f"{PY} --version",
        f"{PY} --help-all",
        f"{PY} -h",
        f"{PY} -x a.py",
        f"{PY} -m",
        f"{PY} -Z a.py",
        "uv run script.py",
        "uv run pytest python",
        "uv run --frozen pytest python a.py",
        "uv run -m python a.py",
        "uv pip install python",
        "env -S python a.py",
        "grep python a.py",
        "taskset -cp python a.py",
        "sh -c python",
        "env X=1",
        "pypy3 a.py",
        "",
    ],
)
def test_where_we_cannot_be_sure_the_command_is_left_alone(argv: str) -> None:
    """Anything that is not certainly a Python program is "other", with a reason, and its argv is untouched."""
    command = parse_command(argv.split())
    assert command.kind == OTHER
    assert command.reason
    assert command.argv == tuple(argv.split())
    with pytest.raises(ValueError, match=r".+"):
        command.with_agent("B", "L")


def test_the_script_is_known_as_it_was_given() -> None:
    """`script` is the path of a script or folder, and None for -m and -c."""
    assert parse_command([PY, "-u", "sub/a.py"]).script == "sub/a.py"
    assert parse_command([PY, "-m", "pkg"]).script is None


def write_script(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("first_lines", "head"),
    [
        (f"#!{PY}\n", [PY]),
        (f"#!{PY} -sP\n", [PY, "-sP"]),
        (f"#!/bin/sh\n'''exec' {PY} \"$0\" \"$@\"\n' '''\n", [PY]),
        (f"#!/bin/sh\n'''exec' \"{PY}\" \"$0\" \"$@\"\n' '''\n", [PY]),
    ],
)
def test_a_console_script_runs_in_the_interpreter_it_names(tmp_path: Path, first_lines: str, head: list[str]) -> None:
    """A script found on PATH, pip's and uv's shell stubs included, is given to its interpreter by its full path."""
    path = write_script(tmp_path / "tool", first_lines + "import sys\n")
    command = parse_command(["tool", "-x", "1"], {"PATH": str(tmp_path)})
    assert command.with_agent("B", "L") == [*head, "B", "L", "--", path, "-x", "1"]
    assert command.script == path


def test_a_relocatable_stub_names_the_interpreter_beside_the_script(tmp_path: Path) -> None:
    """uv's relocatable stub resolves the script's own folder."""
    (tmp_path / "python").symlink_to(PY)
    stub = "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n"
    path = write_script(tmp_path / "tool", stub)
    command = parse_command([path, "x"])
    assert command.with_agent("B", "L") == [str(tmp_path / "python"), "B", "L", "--", path, "x"]


def test_env_in_the_first_line_is_looked_up(tmp_path: Path) -> None:
    """``#!/usr/bin/env python3`` means the first python3 on the PATH; -S may add flags."""
    (tmp_path / "python3").symlink_to(PY)
    plain = write_script(tmp_path / "a.py", "#!/usr/bin/env python3\n")
    split = write_script(tmp_path / "b.py", "#!/usr/bin/env -S python3 -u\n")
    environ = {"PATH": str(tmp_path)}
    found = str(tmp_path / "python3")
    assert parse_command([plain], environ).with_agent("B", "L") == [found, "B", "L", "--", plain]
    assert parse_command([split], environ).with_agent("B", "L") == [found, "-u", "B", "L", "--", split]


def test_other_executables_are_other(tmp_path: Path) -> None:
    """A shell script, a binary and a missing command are not Python."""
    shell = write_script(tmp_path / "tool", "#!/bin/sh\necho\n")
    for name in (shell, "/bin/ls", "no-such-command"):
        assert parse_command([name]).kind == OTHER


def test_the_version_is_known_without_starting_the_interpreter(tmp_path: Path) -> None:
    """pyvenv.cfg, or else the name of the file behind the links, tells the version."""
    (tmp_path / "bin").mkdir()
    python = write_script(tmp_path / "bin" / "python", "")
    (tmp_path / "pyvenv.cfg").write_text("home = /x\nversion = 3.9.2\n")
    assert interpreter_version(python) == (3, 9)
    named = write_script(tmp_path / "python3.10", "")
    (tmp_path / "python").symlink_to(named)
    assert interpreter_version(str(tmp_path / "python")) == (3, 10)
    assert interpreter_version(PY) == sys.version_info[:2]


def test_an_unknown_interpreter_is_asked(tmp_path: Path) -> None:
    """A shim that says nothing by its place or name is started once."""
    shim = write_script(tmp_path / "python", f'#!/bin/sh\nexec {Path(PY).resolve()} "$@"\n')
    assert interpreter_version(shim) == sys.version_info[:2]


def test_an_old_interpreter_is_supervised_without_the_agent(tmp_path: Path) -> None:
    """Before 3.11 and outside CPython the command is "other", and the reason says so."""
    old = write_script(tmp_path / "python3.10", "")
    command = parse_command([old, "a.py"])
    assert command.kind == OTHER
    assert "3.10" in str(command.reason)
    (tmp_path / "bin").mkdir()
    pypy = write_script(tmp_path / "bin" / "python", "")
    (tmp_path / "pyvenv.cfg").write_text("implementation = PyPy\nversion_info = 3.11.1\n")
    assert parse_command([pypy, "a.py"]).kind == OTHER
