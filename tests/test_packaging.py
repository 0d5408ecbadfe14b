"""What is installed: the wheel and the editable install, as a stranger's project meets them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"hrsup": "supervisor", "hrsup_agent": "strategies", "hrsup_strategies": "strategies"}
DEADLINE_S = 100
CONSUMER = """
import hrsup
from hrsup_strategies.base import Outcome, DONE


@hrsup.on_change("params.yaml")
def read_again() -> None:
    hrsup.safe_point()


def made() -> int:
    return 1


reveal_type(hrsup.keep("number", made))
reveal_type(read_again)
reveal_type(hrsup.is_supervised())
reveal_type(Outcome(DONE).state)
"""
REVEALED = ["int", "def ()", "bool", "str"]

pytestmark = pytest.mark.timeout(DEADLINE_S + 20)


def call(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    """What a command prints; it must end with 0. `path` stands first on PATH."""
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    if path is not None:
        environ["PATH"] = f"{path}{os.pathsep}{environ['PATH']}"
    run = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=DEADLINE_S)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the project is built from."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    for folder in set(PACKAGES.values()):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", cwd=source)
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without hrsup, which borrows click, rich, psutil and the tools from this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    site = next(folder.glob("lib/python3*/site-packages"))
    for borrowed in Path(click_folder()).iterdir():
        if "hrsup" not in borrowed.name and borrowed.suffix != ".pth":
            (site / borrowed.name).symlink_to(borrowed)
    return folder


def click_folder() -> str:
    import click

    return str(Path(click.__file__).parents[1])


def python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def install(environment: Path, *what: str | Path) -> None:
    offline = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    call(sys.executable, "-m", "pip", "--python", python_of(environment), "install", *offline, *what, cwd=environment)


@pytest.fixture(params=["wheel", "editable"])
def installed(request: pytest.FixtureRequest, environment: Path, source: Path, wheel: Path) -> Path:
    """The environment with hrsup in it, in one way and in the other."""
    install(environment, "--force-reinstall", *([wheel] if request.param == "wheel" else ["--editable", source]))
    return environment


def test_the_wheel_holds_the_three_packages_and_nothing_else(wheel: Path) -> None:
    """Every module is in it, each package says that it is typed, and there is a licence; no tests, no examples."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, "hrsup-0.1.0.dist-info"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert "hrsup-0.1.0.dist-info/licenses/LICENSE" in names
    for package, folder in PACKAGES.items():
        modules = {str(path.relative_to(ROOT / folder)) for path in (ROOT / folder / package).rglob("*.py")}
        assert modules <= names


def test_an_installed_hrsup_runs_and_type_checks(installed: Path, tmp_path: Path) -> None:
    """Wheel or editable: `hrsup --version`, a program under the agent, and a consumer's mypy --strict are content."""
    assert "0.1.0" in call("hrsup", "--version", cwd=tmp_path, path=installed / "bin")
    (tmp_path / "main.py").write_text("import hrsup; print(hrsup.is_supervised(), hrsup.__file__)")
    ran = call("hrsup", "run", "--once", "--", "python", "main.py", cwd=tmp_path, path=installed / "bin")
    assert ran.startswith("True ") and str(ROOT) not in ran

    (tmp_path / "consumer.py").write_text(CONSUMER)
    checked = call(python_of(installed), "-m", "mypy", "--strict", "consumer.py", cwd=tmp_path)
    revealed = [line.split('"')[1] for line in checked.splitlines() if "Revealed type" in line]
    assert [text.removeprefix("builtins.") for text in revealed] == REVEALED


def test_a_program_s_own_environment_needs_no_hrsup(environment: Path, tmp_path: Path) -> None:
    """The program's interpreter is another environment's, where no package of hrsup can be imported."""
    other = tmp_path / "other"
    venv.EnvBuilder(symlinks=True, with_pip=False).create(other)
    (tmp_path / "main.py").write_text("import importlib.util as u, sys; print(u.find_spec('hrsup'), sys.prefix)")
    printed = call(sys.executable, "-m", "hrsup", "run", "--once", "--", python_of(other), "main.py", cwd=tmp_path)
    assert printed.split() == ["None", str(other)]


def test_the_runtime_dependencies_are_what_is_imported() -> None:
    """`hrsup run` needs click, rich and psutil of others, and pyproject.toml says so."""
    import ast
    import re
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[<>=\[]", text)[0] for text in project["dependencies"]}
    used = set()
    for path in (ROOT / "supervisor").rglob("*.py"):
        if "cases" in path.parts:  # the programs of the bench, as text
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            used |= {name.partition(".")[0] for name in names}
    assert used - set(sys.stdlib_module_names) - set(PACKAGES) == declared
