"""The commands that `hrsup run` takes, and the folders that it runs in."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from running import Running, project

from hrsup.bench.cases.native import READER, WRAPPED, build

MAIN = "import helper\nprint('value', helper.f(), flush=True)\n"


def value(number: int) -> str:
    """A helper.py that gives this number."""
    return f"def f():\n    return {number}\n"


PYTHON = [
    (sys.executable, "main.py"),
    (sys.executable, "-m", "main"),
    (sys.executable, "-c", "import main"),
    (sys.executable, "-X", "dev", "-u", "main.py"),
    ("env", "X=1", sys.executable, "main.py"),
    ("./script",),
    (sys.executable, "folder"),
]


@pytest.mark.parametrize("command", PYTHON, ids=lambda command: " ".join(command[-2:]).replace("/", "_")[-30:])
def test_a_python_command_is_looked_into(tmp_path: Path, command: tuple[str, ...]) -> None:
    """However Python is started, a change of a module gives a new right result, not by a new start from nothing."""
    folder = project(tmp_path / "p", main=MAIN, helper=value(1))
    (folder / "script").write_text(f"#!{sys.executable}\n{MAIN}")
    (folder / "script").chmod(0o755)
    project(folder / "folder", __main__=MAIN, helper=value(1))
    with Running(folder, command=command) as run:
        run.line("value 1")
        run.event("run_finished")
        run.save("folder/helper.py" if command[-1] == "folder" else "helper.py", value(2))
        run.line("value 2")
        assert run.event("applied")["strategy"] != "respawn"
        assert run.ask("sync").returncode == 0


@pytest.mark.parametrize("command", [("main.py",), ("-m", "main")], ids=lambda words: words[0])
def test_third_party_modules_are_imported_beforehand(tmp_path: Path, command: tuple[str, ...]) -> None:
    """After an edit of the script they come out of the preloaded image, by whatever name the script was started."""
    library = project(tmp_path / "site-packages", heavy="import os, sys\nPID, FIRST = os.getpid(), sys.argv[0]\n")
    script = "import os\nimport heavy\nprint('{}', heavy.PID == os.getpid(), heavy.FIRST, flush=True)\n"
    folder = project(tmp_path / "p", main=script.format("old"))
    words = (sys.executable, *command)
    with Running(folder, "--verbose", command=words, environ={"PYTHONPATH": str(library)}) as run:
        first = run.line("old True")
        run.wait(lambda: "with heavy imported" in run.said(), "the preloaded image")
        run.save("main.py", script.format("new"))
        assert run.line("new") == first.replace("old True", "new False")


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_what_native_code_may_read_is_told_by_what_is_opened(tmp_path: Path) -> None:
    """A package whose library reads files unseen is imported beforehand too, and what it has read by itself counts."""
    library = project(tmp_path / "site-packages")
    (library / "reading").mkdir()
    (library / "reading/reader.so").write_bytes(build(READER, 0))
    (library / "reading/__init__.py").write_text(f"import os\n{WRAPPED}PID = os.getpid()\n")
    script = "import os\nimport reading, late\nprint('{}', reading.PID == os.getpid(), late.VALUE, flush=True)\n"
    folder = project(tmp_path / "p", main=script.format("old"), late="import reading\nVALUE = reading.first('x')\n")
    (folder / "x").write_text("1")
    words, environ = (sys.executable, "main.py"), {"PYTHONPATH": str(library)}
    with Running(folder, "--verbose", command=words, environ=environ) as run:
        run.line("old True 49")
        run.wait(lambda: "with reading imported" in run.said(), "the preloaded image")
        run.save("main.py", script.format("new"))
        run.line("new False 49")
        run.event("applied")
        run.save("x", "2")
        run.wait(lambda: run.lines()[-1].endswith(" 50"), "the new file's")


def test_a_program_of_the_library_is_run_again(tmp_path: Path) -> None:
    """As pytest is: its package is imported by `runpy`, which then looks for a module in it."""
    library = project(tmp_path / "site-packages")
    (library / "tool").mkdir()
    (library / "tool/__init__.py").write_text("import os, sys\nPID, FIRST = os.getpid(), sys.argv[0]\n")
    main = "import os, tool\nimport more, work\nprint(work.VALUE, tool.PID == os.getpid())\n"
    (library / "tool/__main__.py").write_text(main)
    (library / "more.py").write_text("import sys\nassert sys.argv[0].endswith('__main__.py')\n")
    folder = project(tmp_path / "p", work="VALUE = 1\n")
    words = (sys.executable, "-m", "tool")
    with Running(folder, "--verbose", command=words, environ={"PYTHONPATH": str(library)}) as run:
        run.line("1 True")
        run.wait(lambda: "with tool, more imported" in run.said(), "the preloaded image")
        for value in (2, 3):
            run.save("work.py", f"VALUE = {value}\n")
            run.line(f"{value} False")


def test_an_interpreter_of_another_environment_needs_no_hrsup(tmp_path: Path) -> None:
    """The program's environment has nothing of ours in it."""
    venv.create(tmp_path / "other", with_pip=False)
    python = str(tmp_path / "other" / "bin" / "python")
    assert subprocess.run([python, "-c", "import hrsup_agent"], capture_output=True, check=False).returncode == 1
    with Running(project(tmp_path / "p", main=MAIN, helper=value(1)), command=(python, "main.py")) as run:
        run.line("value 1")
        run.event("run_finished")
        run.save("helper.py", value(2))
        run.line("value 2")
        assert run.event("applied")["strategy"] != "respawn"


def test_a_command_that_is_not_python_is_started_again(tmp_path: Path) -> None:
    """It is said once that nothing can be seen, and every change of a file in the folder restarts it."""
    folder = project(tmp_path / "p")
    (folder / "words").write_text("one\n")
    with Running(folder, command=("sh", "-c", "cat words; exec sleep 1000")) as run:
        run.line("one")
        assert run.ask("sync").returncode == 0
        run.save("words", "two\n")
        run.line("two")
        assert run.event("applied")["strategy"] == "respawn"
        assert "not a Python program" in run.said()
        assert run.stop() == 143
        assert run.left() == []


def test_a_folder_that_cannot_be_written_costs_the_history_alone(tmp_path: Path) -> None:
    """Where .hrsup cannot be made there is a warning, and edits are handled as ever."""
    folder = project(tmp_path / "p", main=MAIN, helper=value(1))
    (folder / ".hrsup").write_text("in the way")
    with Running(folder) as run:
        run.line("value 1")
        run.event("run_finished")
        run.save("helper.py", value(2))
        run.line("value 2")
        run.event("applied")
        assert run.said().count("history is off") == 1
        assert run.stop() == 143


def test_a_broken_history_costs_the_history_alone(tmp_path: Path) -> None:
    """A history file that is no database is said in a line; the program is brought up to date all the same."""
    folder = project(tmp_path / "p", main=MAIN, helper=value(1))
    (folder / ".hrsup").mkdir()
    (folder / ".hrsup" / "history.sqlite3").write_text("no database " * 100)
    with Running(folder) as run:
        run.event("run_finished")
        run.save("helper.py", value(2))
        run.line("value 2")
        run.event("applied")
        assert run.said().count("history is off") == 1
        assert run.ask("stats").returncode == 2
